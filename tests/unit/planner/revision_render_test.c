/* What writes a new revision file: the template, the file's name. */
#include <string.h>

#include "base/str.h"
#include "check.h"
#include "planner/revision_file.h"

static const char *const two[] = {"b1", "c1"};

static const struct {
    struct revision_draft draft;
    const char *template_text, *expected; /* expected: NULL: an error */
} renders[] = {
    {{.id = "a1", .message = "Add users", .create_date = "now", .down = two, .down_count = 2},
     "-- {{message}}\n--\n-- Revision ID: {{id}}\n-- Revises: {{down}}\n-- Branch Labels: "
     "{{labels}}\n-- Depends On: {{depends_on}}\n"
     "-- Create Date: {{create_date}}\n\n-- skein:upgrade\nSELECT '{{x}}';",
     "-- Add users\n--\n-- Revision ID: a1\n-- Revises: b1, c1\n-- Create Date: now\n\n-- "
     "skein:upgrade\nSELECT '{{x}}';\n"},
    {{.id = "a1",
      .message = "One\nTwo: 2\r\n",
      .labels = two,
      .label_count = 2,
      .depends_on = two,
      .depends_on_count = 1},
     "-- {{message}}\r\n-- Revision ID: {{id}}\n-- Revises: {{down}}\n-- Branch Labels: "
     "{{labels}}\n-- Depends On: {{depends_on}}\n",
     "-- One\n-- Two: 2\n--\n-- Revision ID: a1\n-- Revises:\n-- Branch Labels: b1, c1\n-- "
     "Depends On: b1\n"},
    {{.id = "a1"},
     "-- {{message}}\n-- Revision ID: {{id}}\n-- Revises: {{down}}\n",
     "-- Revision ID: a1\n-- Revises:\n"},
    {{.id = "a1", .message = "m"}, "-- {{message}}\n-- Revision ID: {{id}}\n", NULL},
    {{.id = "a1", .message = "m"},
     "-- {{message}}\n-- Revision ID: 12\n-- Revises: {{down}}\n",
     NULL},
    {{.id = "a1", .message = "m", .down = two, .down_count = 1},
     "-- {{message}}\n-- Revision ID: {{id}}\n-- Revises:\n",
     NULL},
    {{.id = "a1", .message = "m", .labels = two, .label_count = 1},
     "-- m\n-- Revision ID: {{id}}\n-- Revises:\n",
     NULL},
    {{.id = "a-1", .message = "m"}, "-- {{message}}\n-- Revision ID: {{id}}\n-- Revises:\n", NULL},
    {{.id = "a1", .message = "skein:upgrade"},
     "-- {{message}}\n-- Revision ID: {{id}}\n-- Revises:\n",
     NULL},
    {{.id = "a1", .message = "m\nRevision ID: b"},
     "-- {{message}}\n-- Revision ID: {{id}}\n-- Revises:\n",
     NULL},
};

static void test_render(void **state)
{
    struct arena arena = ARENA_INIT;
    struct str out = STR_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof(renders) / sizeof(renders[0]); i++) {
        struct err err = ERR_INIT(&arena);
        int failed = revision_file_render(renders[i].template_text, &renders[i].draft, &out, &err);

        assert_int_equal(failed, renders[i].expected ? 0 : ERROR_CONFIGURATION);
        if (renders[i].expected) {
            assert_string_equal(out.text, renders[i].expected);
        } else {
            assert_non_null(err.hint);
        }
    }
    str_release(&out);
    arena_release(&arena);
}

static void test_template(void **state)
{
    struct revision_draft draft = {.id = "a1",
                                   .message = "m",
                                   .create_date = "now",
                                   .down = two,
                                   .down_count = 1,
                                   .labels = two,
                                   .label_count = 2,
                                   .depends_on = two + 1,
                                   .depends_on_count = 1};
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct str out = STR_INIT;
    struct file_text file = {.name = "a1_m.sql", .path = "a1_m.sql"};
    struct err_list errors;
    struct revision *revision;

    (void)state;
    assert_int_equal(revision_file_render(revision_file_template, &draft, &out, &err), 0);
    file.data = out.text;
    file.length = out.length;
    err_list_init(&errors, &arena, 5);
    revision = revision_file_parse(&arena, &file, ENGINE_ALL, &errors);
    assert_non_null(revision);
    assert_string_equal(revision->message, "m");
    assert_string_equal(revision->create_date, "now");
    for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
        for (unsigned direction = 0; direction < DIRECTION_COUNT; direction++) {
            assert_true(revision->scripts[engine][direction].present);
            assert_int_equal(revision->scripts[engine][direction].statement_count, 0);
        }
    }
    str_release(&out);
    arena_release(&arena);
}

static void test_name(void **state)
{
    static const struct {
        const char *id, *message, *name;
    } cases[] = {
        /* as alembic.script.base makes them */
        {"1975ea83b712", "Add users table", "1975ea83b712_add_users_table.sql"},
        {"a", "", "a_.sql"},
        {"a", NULL, "a_.sql"},
        {"a", "  -- Add, users' (table)! ", "a_add_users_table.sql"},
        {"a", "snake_case  MiXed 42", "a_snake_case_mixed_42.sql"},
        {"a", "Caf\xc3\xa9 \xc3\x89T\xc3\x89 \xe2\x82\xac 5",
         "a_caf\xc3\xa9_\xc3\xa9t\xc3\xa9_5.sql"},
        {"a", "0123456789 0123456789 0123456789 0123456",
         "a_0123456789_0123456789_0123456789_0123456.sql"},
        {"a", "0123456789 0123456789 0123456789 01234567",
         "a_0123456789_0123456789_0123456789_.sql"},
        {"a", "0123456789012345678901234567890123456789x",
         "a_0123456789012345678901234567890123456789_.sql"},
        {"../x/y", "m", "_._x_y_m.sql"},
    };
    struct arena arena = ARENA_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(revision_file_name(&arena, cases[i].id, cases[i].message),
                            cases[i].name);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_render),
        cmocka_unit_test(test_template),
        cmocka_unit_test(test_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
