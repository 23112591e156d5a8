/*
 * The cases of alembic_cases.jsonl, in memory: what Alembic's own tests say about identifiers,
 * ranges, the set and the order of steps, and the rows of the version table. Rules and fields:
 * README.md beside it.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "check.h"
#include "planner/plan.h"

struct world {
    struct arena arena;
    struct graph graph;
    struct err_list errors;
    bool loaded;
    const char **rows;
    size_t row_count;
    struct str steps;  /* "up:a down:b stamp:c " */
    struct str stdout; /* "id (mark) (mark)\n" */
};

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

static void load(struct world *world, const json_t *revisions)
{
    struct arena *arena = &world->arena;
    size_t count = json_array_size(revisions);
    struct revision **list = arena_array(arena, count, sizeof(struct revision *));

    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(revisions, i);
        struct revision *revision = arena_alloc(arena, sizeof(*revision));

        revision->id = arena_strdup(arena, json_string_value(json_object_get(item, "id")));
        revision->path = arena_printf(arena, "%s.sql", revision->id);
        revision->message = revision->id;
        revision->down = texts(arena, json_object_get(item, "down"), &revision->down_count);
        revision->depends_on =
            texts(arena, json_object_get(item, "depends_on"), &revision->depends_on_count);
        revision->labels = texts(arena, json_object_get(item, "labels"), &revision->label_count);
        revision->scripts[ENGINE_SQLITE][DIRECTION_UPGRADE].present = true;
        revision->scripts[ENGINE_SQLITE][DIRECTION_DOWNGRADE].present = true;
        list[i] = revision;
    }
    err_list_init(&world->errors, arena, 100);
    world->loaded = graph_build(&world->graph, arena, list, count, &world->errors) == 0;
}

static void add_labels(struct world *world, const struct graph_node *node)
{
    const char **labels;
    size_t count = graph_labels(&world->graph, node, &world->arena, &labels);

    for (size_t i = 0; i < count; i++) {
        str_addf(&world->stdout, "%s%s%s", i == 0 ? " (" : ", ", labels[i],
                 i + 1 == count ? ")" : "");
    }
}

static void add_marks(struct world *world, const struct graph_node *node)
{
    if (graph_is_head(node)) {
        str_add(&world->stdout, node->dependant_count > 0 ? " (effective head)" : " (head)");
    }
    str_add(&world->stdout, graph_is_branch_point(node) ? " (branchpoint)" : "");
    str_add(&world->stdout, graph_is_merge_point(node) ? " (mergepoint)" : "");
}

static int show(struct world *world, const char *identifier, struct err *err)
{
    struct graph_node **nodes;
    size_t count;
    int code = identifier_resolve(&world->graph, &world->arena, identifier, &nodes, &count, err);

    for (size_t i = 0; !code && i < count; i++) {
        str_add(&world->stdout, nodes[i]->revision->id);
        add_marks(world, nodes[i]);
        add_labels(world, nodes[i]);
        str_add(&world->stdout, "\n");
    }
    return code;
}

static int history(struct world *world, const char *range, struct err *err)
{
    struct graph_node **nodes;
    size_t count;
    int code = identifier_range(&world->graph, &world->arena, range, world->rows, world->row_count,
                                &nodes, &count, err);

    for (size_t i = 0; !code && i < count; i++) {
        str_add(&world->stdout, nodes[i]->revision->id);
        add_labels(world, nodes[i]);
        add_marks(world, nodes[i]);
        str_add(&world->stdout, "\n");
    }
    return code;
}

static const char *word_of(enum step_kind kind)
{
    return kind == STEP_UPGRADE ? "up" : kind == STEP_DOWNGRADE ? "down" : "stamp";
}

/* Plays the row changes on the rows; each must hit exactly one. */
static void change_rows(struct world *world, const struct plan_step *step)
{
    const char **rows =
        arena_array(&world->arena, world->row_count + step->change_count, sizeof(*rows));
    size_t count = world->row_count;

    if (count > 0) {
        memcpy(rows, world->rows, count * sizeof(*rows));
    }
    for (size_t i = 0; i < step->change_count; i++) {
        const struct row_change *change = &step->changes[i];
        size_t hits = 0;

        for (size_t j = 0; change->kind != ROW_INSERT && j < count; j++) {
            if (strcmp(rows[j], change->from) == 0) {
                rows[j] = change->kind == ROW_UPDATE ? change->to : rows[--count];
                hits++;
            }
        }
        assert_int_equal(hits, change->kind != ROW_INSERT);
        if (change->kind == ROW_INSERT) {
            rows[count++] = change->to;
        }
    }
    world->rows = rows;
    world->row_count = count;
}

static int move(struct world *world, enum goal_kind kind, const char *const *identifiers,
                size_t count, struct err *err)
{
    static const struct migrations migrations;
    struct goal goal;
    struct planning planning = {.graph = &world->graph,
                                .migrations = &migrations,
                                .goal = &goal,
                                .fleet_of_one = true,
                                .each = true};
    struct plan *plan;
    int code = goal_resolve(&world->graph, &world->arena, kind, identifiers, count, &goal, err);

    if (code) {
        return code;
    }
    plan = plan_make(&world->arena, &planning, ENGINE_SQLITE, world->rows, world->row_count);
    if (plan->refused) {
        err_copy(err, plan->refused);
        return (int)err->class;
    }
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];

        str_addf(&world->steps, "%s:%s ", word_of(step->kind),
                 step->revision ? step->revision->id : "base");
        change_rows(world, step);
        assert_int_equal(world->row_count, step->head_count);
    }
    return 0;
}

static int run(struct world *world, const char *command, struct err *err)
{
    const char *words[16];
    char *text = arena_strdup(&world->arena, command), *rest = text, *word;
    size_t count = 0;

    while ((word = strsep(&rest, " ")) != NULL) {
        assert_true(count < 16);
        words[count++] = word;
    }
    if (strcmp(words[0], "heads") == 0) {
        return show(world, "heads", err);
    }
    if (strcmp(words[0], "show") == 0) {
        return show(world, words[count - 1], err);
    }
    if (strcmp(words[0], "history") == 0) {
        return history(world, strchr(words[1], '=') + 1, err);
    }
    if (strcmp(words[0], "upgrade") == 0) {
        return move(world, GOAL_UPGRADE, words + 1, count - 1, err);
    }
    if (strcmp(words[0], "downgrade") == 0) {
        return move(world, GOAL_DOWNGRADE, words + 1, count - 1, err);
    }
    assert_string_equal(words[0], "stamp");
    return move(world, GOAL_STAMP, words + 1, count - 1, err);
}

/* What Alembic printed, as world->stdout has it. */
static void expected_history(const char *text, struct str *out)
{
    while (*text) {
        const char *arrow = strstr(text, " -> ") + 4, *comma = strchr(text, '\n');

        while (*comma != ',') {
            comma--;
        }
        str_addn(out, arrow, (size_t)(comma - arrow));
        str_add(out, "\n");
        text = strchr(text, '\n') + 1;
    }
}

static void expected_show(const char *text, struct str *out)
{
    static const char rev[] = "Rev: ", names[] = "Branch names: ";
    const char *labels = NULL, *next;
    size_t length = 0;

    for (; *text; text = next) {
        next = strchr(text, '\n') + 1;
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

static void check_stdout(const struct world *world, const char *command, const json_t *expect)
{
    const char *text = json_string_value(json_object_get(expect, "stdout"));
    struct str expected = STR_INIT;

    if (!text || strncmp(command, "heads", 5) == 0) {
        return;
    }
    if (strncmp(command, "history", 7) == 0) {
        expected_history(text, &expected);
    } else {
        expected_show(text, &expected);
    }
    assert_string_equal(world->stdout.text, expected.text);
    str_release(&expected);
}

static void check_rows(struct world *world, const json_t *rows)
{
    size_t count;
    const char **expected;

    if (!json_is_array(rows)) {
        return;
    }
    expected = texts(&world->arena, rows, &count);
    assert_int_equal(world->row_count, count);
    for (size_t i = 0; i < count; i++) {
        bool found = false;

        for (size_t j = 0; j < count; j++) {
            found = found || strcmp(world->rows[j], expected[i]) == 0;
        }
        assert_true(found);
    }
}

static void check_steps(const struct world *world, const json_t *steps)
{
    struct str expected = STR_INIT;

    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);

        str_addf(&expected, "%s:%s ", json_string_value(json_array_get(step, 0)),
                 json_string_value(json_array_get(step, 1)));
    }
    assert_string_equal(world->steps.text, expected.text);
    str_release(&expected);
}

/* README.md: `-1` with several rows takes down whichever row Alembic reads first; here it is an
 * error that says how to name one. */
static bool depends_on_chance(const char *command, size_t row_count)
{
    return strncmp(command, "downgrade -", 11) == 0 && row_count > 1;
}

static void check_case(void **state)
{
    const json_t *item = *state, *expect = json_object_get(item, "expect");
    const json_t *commands = json_object_get(item, "commands"), *code;
    const char *last = "";
    struct world world = {.arena = ARENA_INIT};
    struct err err = ERR_INIT(&world.arena);
    bool failed, chance = false;

    str_init(&world.steps);
    str_init(&world.stdout);
    load(&world, json_object_get(item, "revisions"));
    world.rows = texts(&world.arena, json_object_get(item, "rows"), &world.row_count);
    failed = !world.loaded;
    for (size_t i = 0; !failed && i < json_array_size(commands); i++) {
        last = json_string_value(json_array_get(commands, i));
        chance = depends_on_chance(last, world.row_count);
        failed = run(&world, last, &err) != 0;
    }
    if (failed) {
        const struct err *told = world.loaded ? &err : &world.errors.items[0];

        assert_non_null(told->message);
        print_message("%s\n    %s\n", told->message, told->hint ? told->hint : "");
    }
    code = json_object_get(expect, "exit");
    if (chance) {
        assert_true(failed);
        assert_string_equal(world.steps.text, "");
        check_rows(&world, json_object_get(item, "rows"));
    } else {
        assert_int_equal(failed, !json_is_integer(code) || json_integer_value(code) != 0);
        check_steps(&world, json_object_get(expect, "steps"));
        check_rows(&world, json_object_get(expect, "rows"));
        check_stdout(&world, last, expect);
    }
    str_release(&world.steps);
    str_release(&world.stdout);
    arena_release(&world.arena);
}

int main(int argc, char **argv)
{
    struct CMUnitTest *tests;
    FILE *stream = argc > 1 ? fopen(argv[1], "re") : NULL;
    json_t *cases, *item;
    size_t count;
    int failed;

    if (!stream) {
        fprintf(stderr, "usage: %s CASES.jsonl\n", argv[0]);
        return 2;
    }
    cases = json_array();
    while ((item = json_loadf(stream, JSON_DISABLE_EOF_CHECK, NULL)) != NULL) {
        json_array_append_new(cases, item);
    }
    fclose(stream);
    count = json_array_size(cases);
    tests = calloc(count + 1, sizeof(*tests));
    for (size_t i = 0; i < count; i++) {
        item = json_array_get(cases, i);
        tests[i] = (struct CMUnitTest){json_string_value(json_object_get(item, "name")), check_case,
                                       NULL, NULL, item};
    }
    failed = count != 192; /* a case that cannot be read ends the list */
    failed += _cmocka_run_group_tests("alembic_cases", tests, count, NULL, NULL);
    free(tests);
    json_decref(cases);
    return failed;
}
