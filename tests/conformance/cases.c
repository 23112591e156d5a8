#include "cases.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

#define CASES 192

/* Alembic takes the row that the database happens to return first. */
static const char *const refused_cases[] = {
    "test_version_traversal.py::BranchedPathTest::test_downgrade_once_order_left#171",
    "test_version_traversal.py::BranchedPathTest::test_downgrade_once_order_left_unbalanced#173",
    "test_version_traversal.py::BranchedPathTest::test_downgrade_once_order_right#177",
    "test_version_traversal.py::BranchedPathTest::test_downgrade_once_order_right_unbalanced#179",
};

#define REFUSED (sizeof(refused_cases) / sizeof(refused_cases[0]))

struct reading {
    const json_t *item;
    void (*play)(struct arena *arena, const struct test_case *test_case, struct played *played);
};

static bool is_refused(const char *name)
{
    for (size_t i = 0; i < REFUSED; i++) {
        if (strcmp(refused_cases[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Reading */

/* Texts of a JSON array, a single text, or nothing. */
static const char **texts(struct arena *arena, const json_t *value, size_t *count)
{
    const char **list;

    *count = json_is_array(value) ? json_array_size(value) : json_is_string(value);
    list = arena_array(arena, *count, sizeof(*list));
    for (size_t i = 0; i < *count; i++) {
        const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;

        list[i] = arena_strdup(arena, json_string_value(item));
    }
    return list;
}

static struct revision *read_revision(struct arena *arena, const json_t *item)
{
    struct revision *revision = arena_alloc(arena, sizeof(*revision));

    revision->id = arena_strdup(arena, json_string_value(json_object_get(item, "id")));
    revision->message = revision->id;
    revision->down = texts(arena, json_object_get(item, "down"), &revision->down_count);
    revision->depends_on =
        texts(arena, json_object_get(item, "depends_on"), &revision->depends_on_count);
    revision->labels = texts(arena, json_object_get(item, "labels"), &revision->label_count);
    return revision;
}

static void read_case(struct arena *arena, const json_t *item, struct test_case *test_case)
{
    const json_t *revisions = json_object_get(item, "revisions");

    test_case->name = json_string_value(json_object_get(item, "name"));
    test_case->revision_count = json_array_size(revisions);
    test_case->revisions =
        arena_array(arena, test_case->revision_count, sizeof(*test_case->revisions));
    for (size_t i = 0; i < test_case->revision_count; i++) {
        test_case->revisions[i] = read_revision(arena, json_array_get(revisions, i));
    }
    test_case->rows = texts(arena, json_object_get(item, "rows"), &test_case->row_count);
    test_case->commands =
        texts(arena, json_object_get(item, "commands"), &test_case->command_count);
}

/* What is printed */

void case_history(const char *text, struct str *out)
{
    while (*text) {
        const char *arrow = strstr(text, " -> "), *end = strchr(text, '\n'), *comma = end;

        if (!arrow || !end || arrow > end) {
            fail_msg("no line of a history: %s", text);
            return;
        }
        while (*comma != ',' && comma > arrow) {
            comma--;
        }
        arrow += strlen(" -> ");
        str_addn(out, arrow, comma > arrow ? (size_t)(comma - arrow) : (size_t)(end - arrow));
        str_add(out, "\n");
        text = end + 1;
    }
}

void case_show(const char *text, struct str *out)
{
    static const char rev[] = "Rev: ", names[] = "Branch names: ";
    const char *labels = NULL, *next;
    size_t length = 0;

    for (; *text; text = next) {
        next = strchr(text, '\n');
        next = next ? next + 1 : text + strlen(text);
        if (strncmp(text, rev, strlen(rev)) == 0) {
            str_addn(out, text + strlen(rev), (size_t)(next - 1 - text) - strlen(rev));
            labels = NULL;
        } else if (strncmp(text, names, strlen(names)) == 0) {
            labels = text + strlen(names);
            length = (size_t)(next - 1 - labels);
        } else if (strncmp(text, "Path: ", 6) == 0) { /* the last line of each */
            if (labels) {
                str_addf(out, " (%.*s)", (int)length, labels);
            }
            str_add(out, "\n");
        }
    }
}

void case_stdout(const char *command, const char *text, struct str *out)
{
    if (strncmp(command, "history", 7) == 0) {
        case_history(text, out);
    } else if (strncmp(command, "show", 4) == 0) {
        case_show(text, out);
    } else {
        str_add(out, text);
    }
}

/* Comparing */

static void check_stdout(const struct test_case *test_case, const struct played *played,
                         const json_t *expect)
{
    const char *text = json_string_value(json_object_get(expect, "stdout"));
    struct str expected = STR_INIT;

    if (text) {
        case_stdout(test_case->commands[test_case->command_count - 1], text, &expected);
        assert_string_equal(played->stdout.text, expected.text);
        str_release(&expected);
    }
}

static void check_rows(const struct played *played, const char *const *expected, size_t count)
{
    assert_int_equal(played->row_count, count);
    for (size_t i = 0; i < count; i++) {
        bool found = false;

        for (size_t j = 0; j < count; j++) {
            found = found || strcmp(played->rows[j], expected[i]) == 0;
        }
        assert_true(found);
    }
}

static void check_steps(const struct played *played, const json_t *steps)
{
    struct str expected = STR_INIT;

    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);

        str_addf(&expected, "%s:%s ", json_string_value(json_array_get(step, 0)),
                 json_string_value(json_array_get(step, 1)));
    }
    assert_string_equal(played->steps.text, expected.text);
    str_release(&expected);
}

static void check_met(struct arena *arena, const struct test_case *test_case,
                      const struct played *played, const json_t *expect)
{
    const json_t *code = json_object_get(expect, "exit"), *rows = json_object_get(expect, "rows");
    size_t count;
    const char **expected = texts(arena, rows, &count);

    assert_int_equal(played->failed, !json_is_integer(code) || json_integer_value(code) != 0);
    check_steps(played, json_object_get(expect, "steps"));
    check_stdout(test_case, played, expect);
    if (json_is_array(rows)) {
        check_rows(played, expected, count);
    }
}

/* What was told names the rows and the way out; who takes it from the row that Alembic met first
 * gets what Alembic does. */
static void check_refusal(struct arena *arena, const struct reading *reading,
                          struct test_case test_case, const struct played *played)
{
    const char *way = arena_printf(arena, "downgrade %s@-1", test_case.rows[0]);
    struct played again = {0};

    assert_true(played->failed);
    assert_non_null(strstr(played->told, "@-1, or LABEL@-1"));
    for (size_t i = 0; i < test_case.row_count; i++) {
        assert_non_null(strstr(played->told, test_case.rows[i]));
    }
    test_case.commands = &way;
    str_init(&again.steps);
    str_init(&again.stdout);
    reading->play(arena, &test_case, &again);
    check_met(arena, &test_case, &again, json_object_get(reading->item, "expect"));
    str_release(&again.steps);
    str_release(&again.stdout);
}

static void check_case(void **state)
{
    const struct reading *reading = *state;
    struct arena arena = ARENA_INIT;
    struct test_case test_case = {0};
    struct played played = {0};

    str_init(&played.steps);
    str_init(&played.stdout);
    read_case(&arena, reading->item, &test_case);
    assert_int_equal(test_case.command_count, 1);
    reading->play(&arena, &test_case, &played);
    if (played.failed) { /* nothing has moved */
        assert_non_null(played.told);
        print_message("%s\n", played.told);
        assert_string_equal(played.steps.text, "");
        check_rows(&played, test_case.rows, test_case.row_count);
    }
    if (is_refused(test_case.name)) {
        check_refusal(&arena, reading, test_case, &played);
    } else {
        check_met(&arena, &test_case, &played, json_object_get(reading->item, "expect"));
    }
    str_release(&played.steps);
    str_release(&played.stdout);
    arena_release(&arena);
}

int cases_run(const char *path, void (*play)(struct arena *arena, const struct test_case *test_case,
                                             struct played *played))
{
    static struct reading readings[CASES];
    static struct CMUnitTest tests[CASES];
    FILE *stream = path ? fopen(path, "re") : NULL;
    json_t *cases = json_array(), *item;
    size_t count, refused = 0;
    int failed;

    while (stream && (item = json_loadf(stream, JSON_DISABLE_EOF_CHECK, NULL)) != NULL) {
        json_array_append_new(cases, item);
    }
    if (stream) {
        fclose(stream);
    }
    count = json_array_size(cases);
    if (count != CASES) { /* one that cannot be read ends the list */
        fprintf(stderr, "%s: %zu cases, not %d\n", path ? path : "no file", count, CASES);
        json_decref(cases);
        return 2;
    }
    for (size_t i = 0; i < count; i++) {
        readings[i] = (struct reading){json_array_get(cases, i), play};
        tests[i].name = json_string_value(json_object_get(readings[i].item, "name"));
        tests[i].test_func = check_case;
        tests[i].initial_state = &readings[i];
        refused += is_refused(tests[i].name);
    }
    failed =
        (refused != REFUSED) + _cmocka_run_group_tests("alembic_cases", tests, count, NULL, NULL);
    json_decref(cases);
    return failed;
}
