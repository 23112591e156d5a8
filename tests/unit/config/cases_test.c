/*
 * Files of cases: a skein.yaml, a line "=>", what comes of it (targets or errors, loaded.h), a line
 * "%%". Every server answers with the same five names.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "loaded.h"

static const char *const answered[] = {"tenant_1", "tenant_2", "tenant_restore",
                                       "other",    "postgres", NULL};

static char **paths;

/* Cuts `text` at the next line that is `line`; what comes after it, or NULL. */
static char *cut_at(char *text, const char *line)
{
    size_t length = strlen(line);

    for (char *at = text; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, line, length) == 0 && (at[length] == '\n' || !at[length])) {
            if (at > text) {
                at[-1] = '\0';
            } else {
                *at = '\0';
            }
            return at[length] ? at + length + 1 : at + length;
        }
    }
    return NULL;
}

static void run_file(const char *path)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct loaded_case cases[100];
    struct file_text text;
    size_t count = 0;

    assert_int_equal(file_read(&arena, path, 1 << 20, &text, &err), 0);
    for (char *yaml = text.data; yaml && *yaml;) {
        char *expected = cut_at(yaml, "=>");
        char *next;

        assert_non_null(expected);
        next = cut_at(expected, "%%");
        assert_true(count < sizeof(cases) / sizeof(cases[0]));
        cases[count].yaml = yaml;
        cases[count++].expected = next ? arena_printf(&arena, "%s\n", expected) : expected;
        yaml = next;
    }
    assert_true(count > 3);
    loaded_cases(cases, count, answered);
    arena_release(&arena);
}

static void test_files(void **state)
{
    (void)state;
    for (size_t i = 0; paths[i]; i++) {
        run_file(paths[i]);
    }
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_files)};

    (void)count;
    paths = arguments + 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
