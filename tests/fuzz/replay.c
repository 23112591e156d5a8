/*
 * replay.c: a fuzz target without libFuzzer, for the normal test run: the files of its corpus as
 * they are, then so many mutations of them by a seed, the same in each run.
 *
 *   replay FOLDER [MUTATIONS [SEED]]
 */
#include <string.h>

#include "base/file.h"
#include "base/random.h"
#include "base/str.h"
#include "fuzz.h"

#define FILE_LIMIT  ((size_t)1 << 20)
#define CHANGES_MAX 4 /* of one mutation */

/* A copy of exactly its size, so that the sanitizers see a byte read beyond it. */
static void try_bytes(const char *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    if (!copy) {
        abort();
    }
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static const char *random_word(struct random *random)
{
    size_t count = 0;

    while (fuzz_words[count]) {
        count++;
    }
    return count ? fuzz_words[random_below(random, count)] : "";
}

/* Copies input to out with one change at a random place. */
static void change(struct random *random, const struct str *input, struct str *out)
{
    size_t at = (size_t)random_below(random, input->length + 1);
    size_t left = input->length - at;
    size_t some = (size_t)random_below(random, left < 40 ? left + 1 : 40);

    str_clear(out);
    str_addn(out, input->text, at);
    switch (random_below(random, 6)) {
    case 0: /* cut off */
        break;
    case 1: /* without some bytes */
        str_addn(out, input->text + at + some, left - some);
        break;
    case 2: /* some bytes twice */
        str_addn(out, input->text + at, some);
        str_addn(out, input->text + at, left);
        break;
    case 3: /* another byte */
        str_addc(out, (char)random_below(random, 256));
        str_addn(out, input->text + at + (left > 0), left - (left > 0));
        break;
    default: /* a word in between */
        str_add(out, random_word(random));
        str_addn(out, input->text + at, left);
        break;
    }
}

static void mutate(const struct file_text *corpus, size_t count, unsigned long mutations,
                   uint64_t seed)
{
    struct str input = STR_INIT, out = STR_INIT;
    struct random random;

    random_seed(&random, seed);
    for (unsigned long i = 0; i < mutations; i++) {
        const struct file_text *text = &corpus[random_below(&random, count)];
        uint64_t changes = 1 + random_below(&random, CHANGES_MAX);

        str_clear(&input);
        str_addn(&input, text->data, text->length);
        while (changes-- > 0) {
            struct str swap = input;

            change(&random, &input, &out);
            input = out;
            out = swap;
        }
        try_bytes(input.text, input.length);
    }
    str_release(&input);
    str_release(&out);
}

int main(int count, char **arguments)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    unsigned long mutations = count > 2 ? strtoul(arguments[2], NULL, 10) : 0;
    uint64_t seed = count > 3 ? strtoull(arguments[3], NULL, 10) : 1;
    struct file_text *corpus;
    size_t files;

    if (count < 2) {
        fprintf(stderr, "replay FOLDER [MUTATIONS [SEED]]\n");
        return 2;
    }
    if (file_read_folder(&arena, arguments[1], "", FILE_LIMIT, &corpus, &files, &err) || !files) {
        fprintf(stderr, "no corpus: %s\n", err.message ? err.message : arguments[1]);
        return 1;
    }
    for (size_t i = 0; i < files; i++) {
        try_bytes(corpus[i].data, corpus[i].length);
    }
    mutate(corpus, files, mutations, seed);
    printf("%zu files, %lu mutations\n", files, mutations);
    arena_release(&arena);
    return 0;
}
