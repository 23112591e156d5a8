/*
 * The cases of alembic_cases.jsonl, in memory: what Alembic's own tests say about identifiers,
 * ranges, the set and the order of steps, and the rows of the version table. Rules and fields:
 * README.md beside it.
 */
#include <string.h>

#include "base/str.h"
#include "cases.h"
#include "check.h"
#include "planner/plan.h"

struct world {
    struct arena *arena;
    struct graph graph;
    struct err_list errors;
    bool loaded;
    struct played *played;
};

static void load(struct world *world, const struct test_case *test_case)
{
    struct arena *arena = world->arena;

    for (size_t i = 0; i < test_case->revision_count; i++) {
        struct revision *revision = test_case->revisions[i];

        revision->path = arena_printf(arena, "%s.sql", revision->id);
        revision->scripts[ENGINE_SQLITE][DIRECTION_UPGRADE].present = true;
        revision->scripts[ENGINE_SQLITE][DIRECTION_DOWNGRADE].present = true;
    }
    err_list_init(&world->errors, arena, 100);
    world->loaded = graph_build(&world->graph, arena, test_case->revisions,
                                test_case->revision_count, &world->errors) == 0;
}

static void add_labels(struct world *world, const struct graph_node *node)
{
    const char **labels;
    size_t count = graph_labels(&world->graph, node, world->arena, &labels);

    for (size_t i = 0; i < count; i++) {
        str_addf(&world->played->stdout, "%s%s%s", i == 0 ? " (" : ", ", labels[i],
                 i + 1 == count ? ")" : "");
    }
}

static void add_marks(struct world *world, const struct graph_node *node)
{
    if (graph_is_head(node)) {
        str_add(&world->played->stdout,
                node->dependant_count > 0 ? " (effective head)" : " (head)");
    }
    str_add(&world->played->stdout, graph_is_branch_point(node) ? " (branchpoint)" : "");
    str_add(&world->played->stdout, graph_is_merge_point(node) ? " (mergepoint)" : "");
}

static int show(struct world *world, const char *identifier, struct err *err)
{
    struct graph_node **nodes;
    size_t count;
    int code = identifier_resolve(&world->graph, world->arena, identifier, &nodes, &count, err);

    for (size_t i = 0; !code && i < count; i++) {
        str_add(&world->played->stdout, nodes[i]->revision->id);
        add_marks(world, nodes[i]);
        add_labels(world, nodes[i]);
        str_add(&world->played->stdout, "\n");
    }
    return code;
}

static int history(struct world *world, const char *range, struct err *err)
{
    struct graph_node **nodes;
    size_t count;
    int code = identifier_range(&world->graph, world->arena, range, world->played->rows,
                                world->played->row_count, &nodes, &count, err);

    for (size_t i = 0; !code && i < count; i++) {
        str_add(&world->played->stdout, nodes[i]->revision->id);
        add_labels(world, nodes[i]);
        add_marks(world, nodes[i]);
        str_add(&world->played->stdout, "\n");
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
        arena_array(world->arena, world->played->row_count + step->change_count, sizeof(*rows));
    size_t count = world->played->row_count;

    if (count > 0) {
        memcpy(rows, world->played->rows, count * sizeof(*rows));
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
    world->played->rows = rows;
    world->played->row_count = count;
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
    int code = goal_resolve(&world->graph, world->arena, kind, identifiers, count, &goal, err);

    if (code) {
        return code;
    }
    plan = plan_make(world->arena, &planning, ENGINE_SQLITE, world->played->rows,
                     world->played->row_count);
    if (plan->refused) {
        err_copy(err, plan->refused);
        return (int)err->class;
    }
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];

        str_addf(&world->played->steps, "%s:%s ", word_of(step->kind),
                 step->revision ? step->revision->id : "base");
        change_rows(world, step);
        assert_int_equal(world->played->row_count, step->head_count);
    }
    return 0;
}

static int run(struct world *world, const char *command, struct err *err)
{
    const char *words[16];
    char *text = arena_strdup(world->arena, command), *rest = text, *word;
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

static void play(struct arena *arena, const struct test_case *test_case, struct played *played)
{
    struct world world = {.arena = arena, .played = played};
    struct err err = ERR_INIT(arena);
    const struct err *told = &err;

    load(&world, test_case);
    played->rows = test_case->rows;
    played->row_count = test_case->row_count;
    played->failed = !world.loaded;
    if (!world.loaded) {
        told = &world.errors.items[0];
    }
    for (size_t i = 0; !played->failed && i < test_case->command_count; i++) {
        played->failed = run(&world, test_case->commands[i], &err) != 0;
    }
    if (played->failed) {
        assert_non_null(told->message);
        played->told =
            arena_printf(arena, "%s\n    %s", told->message, told->hint ? told->hint : "");
    }
}

int main(int argc, char **argv)
{
    return cases_run(argc > 1 ? argv[1] : NULL, play);
}
