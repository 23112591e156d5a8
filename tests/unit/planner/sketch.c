#include "sketch.h"

#include <string.h>

#include "base/str.h"
#include "check.h"

static const char **split(struct arena *arena, const char *text, size_t length, const char *between,
                          size_t *count)
{
    char *copy = arena_strndup(arena, text, length), *word;
    const char **words = arena_array(arena, length + 1, sizeof(*words));

    *count = 0;
    while ((word = strsep(&copy, between)) != NULL) {
        if (*word) {
            words[(*count)++] = word;
        }
    }
    return words;
}

const char **sketch_words(struct arena *arena, const char *text, size_t *count)
{
    return split(arena, text, strlen(text), " ;", count);
}

static struct revision *sketch_revision(struct arena *arena, const char *word)
{
    struct revision *revision = arena_alloc(arena, sizeof(*revision));
    size_t length = strcspn(word, ":/#");

    revision->id = arena_strndup(arena, word, length);
    revision->path = arena_printf(arena, "%s.sql", revision->id);
    revision->message = "";
    revision->lines = (struct revision_lines){3, 4, 5, 6, 1};
    for (word += length; *word; word += length) {
        char kind = *word++;

        length = strcspn(word, ":/#");
        if (kind == ':') {
            revision->down = split(arena, word, length, ",", &revision->down_count);
        } else if (kind == '/') {
            revision->depends_on = split(arena, word, length, ",", &revision->depends_on_count);
        } else {
            revision->labels = split(arena, word, length, ",", &revision->label_count);
        }
    }
    for (int engine = 0; engine < ENGINE_COUNT; engine++) {
        revision->scripts[engine][DIRECTION_UPGRADE].present = true;
        revision->scripts[engine][DIRECTION_DOWNGRADE].present = true;
    }
    return revision;
}

struct revision **sketch_revisions(struct arena *arena, const char *text, size_t *count)
{
    const char **words = sketch_words(arena, text, count);
    struct revision **revisions = arena_array(arena, *count, sizeof(struct revision *));

    for (size_t i = 0; i < *count; i++) {
        revisions[i] = sketch_revision(arena, words[i]);
    }
    return revisions;
}

void sketch_graph(struct arena *arena, const char *text, struct graph *graph)
{
    size_t count;
    struct revision **revisions = sketch_revisions(arena, text, &count);
    struct err_list errors;

    err_list_init(&errors, arena, 10);
    if (graph_build(graph, arena, revisions, count, &errors)) {
        fail_msg("%s", errors.items[0].message);
    }
}

const char *sketch_names(struct arena *arena, struct graph_node *const *nodes, size_t count)
{
    struct str text = STR_INIT;
    const char *copy;

    for (size_t i = 0; i < count; i++) {
        str_addf(&text, "%s%s", i > 0 ? " " : "", nodes[i]->revision->id);
    }
    copy = arena_strdup(arena, text.text);
    str_release(&text);
    return copy;
}
