/* What docs/revision-files.md shows as whole files can be loaded, and what it shows as refused is.
 */
#include <string.h>

#include "base/str.h"
#include "check.h"
#include "planner/revision_file.h"

#define WHOLE   "<!-- whole file -->\n```sql\n"
#define REFUSED "<!-- refused: "

static struct arena arena = ARENA_INIT;

static struct revision *parse(const char *text, size_t length, struct err_list *errors)
{
    struct file_text file = {.name = "docs.sql", .path = "docs.sql", .length = length};

    file.data = arena_strndup(&arena, text, length);
    err_list_init(errors, &arena, 5);
    return revision_file_parse(&arena, &file, ENGINE_ALL, errors);
}

static const char *read_docs(void)
{
    struct err err = ERR_INIT(&arena);
    struct file_text file;

    if (file_read(&arena, REVISION_DOCS, (size_t)1 << 20, &file, &err)) {
        fail_msg("%s", err.message);
    }
    return file.data;
}

static void test_whole(void **state)
{
    const char *at = read_docs();
    int count = 0;

    (void)state;
    while ((at = strstr(at, WHOLE))) {
        const char *end = strstr(at += strlen(WHOLE), "```");
        struct err_list errors;

        assert_non_null(end);
        if (!parse(at, (size_t)(end - at), &errors)) {
            fail_msg("line %d: %s in\n%.*s", errors.items[0].line, errors.items[0].message,
                     (int)(end - at), at);
        }
        count++;
    }
    assert_true(count >= 6);
}

static void test_refused(void **state)
{
    const char *at = read_docs();
    int count = 0;

    (void)state;
    while ((at = strstr(at, REFUSED))) {
        const char *message = at + strlen(REFUSED), *start = strstr(at, "```sql\n"), *end;
        struct err_list errors;

        assert_non_null(start);
        start += strlen("```sql\n");
        end = strstr(start, "```");
        assert_non_null(end);
        assert_null(parse(start, (size_t)(end - start), &errors));
        assert_memory_equal(
            message,
            arena_printf(&arena, "%d: %s -->", errors.items[0].line, errors.items[0].message),
            strcspn(message, "\n"));
        at = end;
        count++;
    }
    assert_true(count >= 1);
}

static int release(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, release);
}
