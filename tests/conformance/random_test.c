/*
 * Random graphs against a naive model that knows only the rules: sets by a matrix of who is above
 * whom, the order by the list of heads, rows as maximal elements after every step.
 */
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "check.h"
#include "planner/plan.h"

#define NODES  14
#define GRAPHS 4000

struct model {
    struct arena arena;
    struct random random;
    size_t count;
    struct revision revisions[NODES];
    /* [a][b]: b stands just below a; an edge is either */
    bool parent[NODES][NODES], dependency[NODES][NODES], edge[NODES][NODES];
    bool lineage[NODES][NODES], below[NODES][NODES]; /* the same, all the way down */
    bool applied[NODES], labelled[NODES];
    struct graph graph;
};

static size_t pick(struct model *model, size_t bound)
{
    return (size_t)random_below(&model->random, bound);
}

static void close_matrix(size_t count, bool matrix[NODES][NODES])
{
    for (size_t k = 0; k < count; k++) {
        for (size_t i = 0; i < count; i++) {
            for (size_t j = 0; j < count; j++) {
                matrix[i][j] = matrix[i][j] || (matrix[i][k] && matrix[k][j]);
            }
        }
    }
}

/* Edges go to a node that came before; the load order is another one. */
static void draw_edges(struct model *model)
{
    size_t order[NODES];

    for (size_t i = 0; i < model->count; i++) {
        size_t at = pick(model, i + 1);

        order[i] = order[at];
        order[at] = i;
    }
    for (size_t i = 1; i < model->count; i++) {
        size_t parents = pick(model, 8) == 0 ? 0 : pick(model, 5) == 0 ? 2 : 1;

        for (size_t j = 0; j < parents; j++) {
            model->parent[order[i]][order[i - 1 - pick(model, i < 4 ? i : 4)]] = true;
        }
        if (pick(model, 5) == 0) { /* at most one, so that the order is a law */
            model->dependency[order[i]][order[pick(model, i)]] = true;
        }
    }
    memcpy(model->lineage, model->parent, sizeof(model->parent));
    close_matrix(model->count, model->lineage);
    for (size_t i = 0; i < model->count; i++) { /* a parent below another parent is refused */
        for (size_t j = 0; j < model->count; j++) {
            for (size_t k = 0; k < model->count; k++) {
                if (model->parent[i][j] && model->parent[i][k] && model->lineage[j][k]) {
                    model->parent[i][k] = false;
                }
            }
        }
    }
}

static const char **ids_of(struct model *model, const bool *row, size_t *count)
{
    const char **ids = arena_array(&model->arena, model->count, sizeof(*ids));

    for (size_t i = 0; i < model->count; i++) {
        if (row[i]) {
            ids[(*count)++] = model->revisions[i].id;
        }
    }
    return ids;
}

static void draw(struct model *model, uint64_t seed)
{
    struct revision *list[NODES];
    struct err_list errors;

    memset(model, 0, sizeof(*model));
    random_seed(&model->random, seed);
    model->count = 1 + pick(model, NODES);
    draw_edges(model);
    for (size_t i = 0; i < model->count; i++) {
        model->revisions[i].id =
            arena_printf(&model->arena, "%c%zu%c%zu", (int)('a' + pick(model, 3)), i % 3,
                         (int)('a' + pick(model, 3)), 100 + i);
    }
    for (size_t i = 0; i < model->count; i++) {
        struct revision *revision = &model->revisions[i];

        revision->message = "";
        model->labelled[i] = pick(model, 4) == 0;
        if (model->labelled[i]) {
            const char **label = arena_array(&model->arena, 1, sizeof(*label));

            label[0] = arena_printf(&model->arena, "l%02zu", i);
            revision->labels = label;
            revision->label_count = 1;
        }
        revision->down = ids_of(model, model->parent[i], &revision->down_count);
        revision->depends_on = ids_of(model, model->dependency[i], &revision->depends_on_count);
        revision->scripts[ENGINE_SQLITE][DIRECTION_UPGRADE].present = true;
        revision->scripts[ENGINE_SQLITE][DIRECTION_DOWNGRADE].present = true;
        list[i] = revision;
        for (size_t j = 0; j < model->count; j++) {
            model->edge[i][j] = model->dependency[i][j] || model->parent[i][j];
        }
    }
    memcpy(model->below, model->edge, sizeof(model->edge));
    close_matrix(model->count, model->below);
    for (size_t k = pick(model, 4); k > 0; k--) {
        size_t node = pick(model, model->count);

        for (size_t i = 0; i < model->count; i++) {
            model->applied[i] = model->applied[i] || i == node || model->below[node][i];
        }
    }
    err_list_init(&errors, &model->arena, 10);
    assert_int_equal(graph_build(&model->graph, &model->arena, list, model->count, &errors), 0);
}

static bool is_maximal(const struct model *model, const bool *set, size_t node)
{
    for (size_t i = 0; i < model->count; i++) {
        if (set[i] && model->below[i][node]) {
            return false;
        }
    }
    return set[node];
}

static bool depends_below(const struct model *model, size_t node, size_t dependency)
{
    for (size_t i = 0; i < model->count; i++) {
        if (model->lineage[node][i] && model->dependency[i][dependency]) {
            return true;
        }
    }
    return false;
}

/* What stands just below, in the order that counts: parents as written, then a dependency that is
 * news. */
static size_t below_in_order(const struct model *model, size_t node, size_t *nodes)
{
    size_t count = 0;

    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < model->count; i++) {
            if (round == 0 ? model->parent[node][i]
                           : model->dependency[node][i] && !depends_below(model, node, i)) {
                nodes[count++] = i;
            }
        }
    }
    return count;
}

/* The order of a downgrade, by the rule. */
static size_t order_of(const struct model *model, const bool *set, size_t *order)
{
    size_t list[NODES * NODES], length = 0, current = 0, count = 0;
    bool todo[NODES];

    memcpy(todo, set, sizeof(todo));
    for (size_t i = 0; i < model->count; i++) {
        if (is_maximal(model, set, i)) {
            list[length++] = i;
        }
    }
    while (length > 0) {
        size_t node = list[current], below[NODES], added = 0, other = 0;

        while (other < length && !model->below[list[other]][node]) {
            other++;
        }
        if (other < length) {
            current = other;
            continue;
        }
        order[count++] = node;
        todo[node] = false;
        for (size_t i = 0, n = below_in_order(model, node, below); i < n; i++) {
            bool listed = !todo[below[i]];

            for (size_t j = 0; j < length; j++) {
                listed = listed || list[j] == below[i];
            }
            if (!listed) {
                list[added++ == 0 ? current : length++] = below[i];
            }
        }
        if (added == 0) {
            memmove(list + current, list + current + 1, (--length - current) * sizeof(*list));
            current -= current > 0;
        }
    }
    return count;
}

static bool in_lineage(const struct model *model, size_t node, size_t label)
{
    return node == label || model->lineage[node][label] || model->lineage[label][node];
}

static size_t index_of(const struct model *model, const char *id)
{
    return graph_find(&model->graph, id)->index;
}

/* Plays a step's changes; each must hit one row. */
static void change_rows(const struct model *model, const struct plan_step *step, bool *rows)
{
    for (size_t i = 0; i < step->change_count; i++) {
        const struct row_change *change = &step->changes[i];

        if (change->kind != ROW_INSERT) {
            assert_true(rows[index_of(model, change->from)]);
            rows[index_of(model, change->from)] = false;
        }
        if (change->kind != ROW_DELETE) {
            assert_false(rows[index_of(model, change->to)]);
            rows[index_of(model, change->to)] = true;
        }
    }
}

/* Rows after a step are the maximal elements, and the changes lead there. */
static void check_step(const struct model *model, const struct plan_step *step, const bool *applied,
                       bool *rows)
{
    size_t heads = 0;

    change_rows(model, step, rows);
    for (size_t i = 0; i < model->count; i++) {
        assert_int_equal(rows[i], is_maximal(model, applied, i));
        heads += rows[i];
    }
    assert_int_equal(step->head_count, heads);
    for (size_t i = 0; i < heads; i++) {
        assert_true(rows[index_of(model, step->heads[i])]);
    }
}

static void check_plan(struct model *model, enum goal_kind kind, const char *identifier,
                       const bool *set)
{
    static const struct migrations migrations;
    bool up = kind == GOAL_UPGRADE, applied[NODES], rows[NODES], table[NODES];
    const char **before;
    size_t order[NODES], count = order_of(model, set, order), row_count = 0;
    struct err err = ERR_INIT(&model->arena);
    struct goal goal;
    struct planning planning = {
        .graph = &model->graph, .migrations = &migrations, .goal = &goal, .each = true};
    const struct plan *plan;

    for (size_t i = 0; i < model->count; i++) {
        rows[i] = is_maximal(model, model->applied, i);
    }
    memcpy(table, rows, sizeof(table));
    if (pick(model, 4) == 0) { /* a row that is covered, too, as others leave behind */
        size_t extra = pick(model, model->count);

        table[extra] = table[extra] || model->applied[extra];
    }
    before = ids_of(model, table, &row_count);
    assert_int_equal(goal_resolve(&model->graph, &model->arena, kind, &identifier, 1, &goal, &err),
                     0);
    plan = plan_make(&model->arena, &planning, ENGINE_SQLITE, before, row_count);
    if (plan->refused) { /* not an ancestor: nothing to do either */
        assert_int_equal(count, 0);
        return;
    }
    assert_int_equal(plan->step_count, count);
    memcpy(applied, model->applied, sizeof(applied));
    for (size_t i = 0; i < count; i++) {
        size_t node = order[up ? count - 1 - i : i];

        assert_string_equal(plan->steps[i].revision->id, model->revisions[node].id);
        applied[node] = up;
        check_step(model, &plan->steps[i], applied, table);
    }
}

static void check_upgrade(struct model *model, size_t target)
{
    bool set[NODES] = {false}, heads = target == model->count;

    for (size_t i = 0; i < model->count; i++) {
        set[i] = !model->applied[i] && (heads || i == target || model->below[target][i]);
    }
    check_plan(model, GOAL_UPGRADE, heads ? "heads" : model->revisions[target].id, set);
}

static void check_downgrade(struct model *model, size_t target, size_t label)
{
    bool set[NODES] = {false}, base = target == model->count, limited = label < model->count;
    const char *id = base ? "base" : model->revisions[target].id;

    if (limited && !base && !in_lineage(model, target, label)) {
        return;
    }
    for (size_t root = 0; root < model->count; root++) {
        bool is_root = true;

        for (size_t i = 0; i < model->count; i++) {
            is_root = is_root && !model->parent[root][i];
        }
        if ((base ? is_root : model->parent[root][target]) &&
            (!limited || in_lineage(model, root, label))) {
            for (size_t i = 0; i < model->count; i++) {
                set[i] = set[i] || (model->applied[i] && (i == root || model->below[i][root]));
            }
        }
    }
    check_plan(model, GOAL_DOWNGRADE,
               limited ? arena_printf(&model->arena, "%s@%s", model->revisions[label].id, id) : id,
               set);
}

/* A prefix of exactly one id (all are longer than three characters). */
static void check_prefix(struct model *model)
{
    const char *id = model->revisions[pick(model, model->count)].id;
    char *prefix = arena_strndup(&model->arena, id, 1 + pick(model, strlen(id)));
    struct err err = ERR_INIT(&model->arena);
    struct graph_node **nodes;
    size_t count, fitting = 0, last = 0;
    int code = identifier_resolve(&model->graph, &model->arena, prefix, &nodes, &count, &err);

    for (size_t i = 0; i < model->count; i++) {
        if (strncmp(model->revisions[i].id, prefix, strlen(prefix)) == 0) {
            fitting++;
            last = i;
        }
    }
    assert_int_equal(code == 0, fitting == 1);
    if (code == 0) {
        assert_int_equal(count, 1);
        assert_int_equal(nodes[0]->index, last);
    }
}

/* ID+N, ID-N: parents only, one way at each step. */
static void check_walk(struct model *model)
{
    size_t node = pick(model, model->count), steps = 1 + pick(model, 4), count, left = steps;
    bool up = pick(model, 2) == 0, base = false, fails = false;
    const char *text =
        arena_printf(&model->arena, "%s%c%zu", model->revisions[node].id, up ? '+' : '-', steps);
    struct err err = ERR_INIT(&model->arena);
    struct graph_node **nodes;
    int code = identifier_resolve(&model->graph, &model->arena, text, &nodes, &count, &err);

    for (; left > 0 && !fails; left--) {
        size_t ways = 0, way = 0;

        for (size_t i = 0; i < model->count && !base; i++) {
            if (up ? model->parent[i][node] : model->parent[node][i]) {
                ways++;
                way = i;
            }
        }
        fails = ways > 1 || (ways == 0 && (up || base));
        base = base || (ways == 0 && !up);
        node = way;
    }
    assert_int_equal(code != 0, fails);
    if (!fails) {
        assert_int_equal(count, base ? 0 : 1);
        assert_true(base || nodes[0]->index == node);
    }
}

/* Up or down by parents from a node, or from base (model->count), one way at each step; upwards
 * only in the lineage of `label`, if it is a node. False where there is none or there are several.
 */
static bool walk(const struct model *model, size_t *node, int distance, size_t label)
{
    for (int made = 0; made < abs(distance); made++) {
        bool up = distance > 0, base = *node == model->count;
        size_t ways = 0, way = model->count;

        for (size_t i = 0; i < model->count && (up || !base); i++) {
            bool next = !up ? model->parent[*node][i] : !base && model->parent[i][*node];

            if (up && base) {
                next = !memchr(model->parent[i], true, model->count);
            }
            if (next && (!up || label == model->count || in_lineage(model, i, label))) {
                ways++;
                way = i;
            }
        }
        if (ways > 1 || (ways == 0 && (up || base))) {
            return false;
        }
        *node = way;
    }
    return true;
}

/* The plan must be refused, and have no steps. */
static void check_refused(struct model *model, enum goal_kind kind, const char *identifier,
                          const bool *rows)
{
    static const struct migrations migrations;
    struct err err = ERR_INIT(&model->arena);
    struct goal goal;
    struct planning planning = {
        .graph = &model->graph, .migrations = &migrations, .goal = &goal, .each = true};
    const struct plan *plan;
    size_t count = 0;
    const char **before = ids_of(model, rows, &count);

    assert_int_equal(goal_resolve(&model->graph, &model->arena, kind, &identifier, 1, &goal, &err),
                     0);
    plan = plan_make(&model->arena, &planning, ENGINE_SQLITE, before, count);
    assert_non_null(plan->refused);
    assert_non_null(plan->refused->hint);
    assert_int_equal(plan->step_count, 0);
}

/* +N, -N, LABEL@+N, LABEL@-N from the one row of the lineage, or from base where nothing is
 * applied; several are refused. */
static void check_relative(struct model *model, int distance, size_t label)
{
    bool rows[NODES], set[NODES] = {false}, limited = label < model->count;
    enum goal_kind kind = distance > 0 ? GOAL_UPGRADE : GOAL_DOWNGRADE;
    const char *text =
        limited ? arena_printf(&model->arena, "%s@%+d", model->revisions[label].id, distance)
                : arena_printf(&model->arena, "%+d", distance);
    size_t start = model->count, starts = 0, node;

    for (size_t i = 0; i < model->count; i++) {
        rows[i] = is_maximal(model, model->applied, i);
        if (rows[i] && (!limited || in_lineage(model, i, label))) {
            start = i;
            starts++;
        }
    }
    if (limited && starts == 0) {
        return; /* counted from what others stand on: unit tests have that */
    }
    node = start;
    if (starts > 1 || (starts == 0 && distance < 0) || !walk(model, &node, distance, label)) {
        check_refused(model, kind, text, rows);
        return;
    }
    for (size_t i = 0; i < model->count; i++) {
        bool root = node == model->count ? !memchr(model->parent[i], true, model->count)
                                         : model->parent[i][node];

        if (distance > 0) {
            set[i] = !model->applied[i] && (i == node || model->below[node][i]);
        } else if (root && in_lineage(model, i, limited ? label : start)) {
            for (size_t j = 0; j < model->count; j++) {
                set[j] = set[j] || (model->applied[j] && (j == i || model->below[j][i]));
            }
        }
    }
    check_plan(model, kind, text, set);
}

/* stamp A B: what is above or below one that was named goes, the maximal of them come. */
static void check_stamp(struct model *model)
{
    static const struct migrations migrations;
    bool named[NODES] = {false}, kept[NODES], table[NODES], applied[NODES];
    const char *identifiers[3], **before;
    size_t count = 1 + pick(model, 3), row_count = 0;
    struct err err = ERR_INIT(&model->arena);
    struct goal goal;
    struct planning planning = {.graph = &model->graph, .migrations = &migrations, .goal = &goal};
    const struct plan *plan;

    for (size_t i = 0; i < count; i++) {
        size_t node = pick(model, model->count);

        named[node] = true;
        identifiers[i] = model->revisions[node].id;
    }
    for (size_t i = 0; i < model->count; i++) {
        table[i] = kept[i] = is_maximal(model, model->applied, i);
        for (size_t j = 0; j < model->count; j++) {
            kept[i] =
                kept[i] && !(named[j] && (i == j || model->below[i][j] || model->below[j][i]));
        }
    }
    before = ids_of(model, table, &row_count);
    assert_int_equal(
        goal_resolve(&model->graph, &model->arena, GOAL_STAMP, identifiers, count, &goal, &err), 0);
    plan = plan_make(&model->arena, &planning, ENGINE_SQLITE, before, row_count);
    assert_null(plan->refused);
    for (size_t i = 0; i < plan->step_count; i++) {
        change_rows(model, &plan->steps[i], table);
        memcpy(applied, table, sizeof(applied));
        for (size_t j = 0; j < model->count; j++) {
            assert_int_equal(is_maximal(model, applied, j), table[j]);
        }
    }
    for (size_t i = 0; i < model->count; i++) {
        assert_int_equal(table[i], kept[i] || is_maximal(model, named, i));
    }
}

/* More than one revision stands just above, or several just below by parents. */
static bool is_crossing(const struct model *model, size_t node)
{
    size_t above = 0, parents = 0;

    for (size_t i = 0; i < model->count; i++) {
        above += model->edge[i][node];
        parents += model->parent[node][i];
    }
    return above > 1 || parents > 1;
}

/* Labels: of ancestors by parents; of what stands above too, if from here to the head there is no
 * crossing. */
static void check_labels(struct model *model, size_t node)
{
    bool expected[NODES], crossing = is_crossing(model, node);
    const char **labels;
    size_t count = graph_labels(&model->graph, graph_find(&model->graph, model->revisions[node].id),
                                &model->arena, &labels),
           wanted = 0;

    for (size_t i = 0; i < model->count; i++) {
        crossing = crossing || (model->lineage[i][node] && is_crossing(model, i));
    }
    for (size_t i = 0; i < model->count; i++) {
        expected[i] = model->labelled[i] && (i == node || model->lineage[node][i] ||
                                             (model->lineage[i][node] && !crossing));
        if (expected[i]) {
            assert_true(wanted < count);
            assert_string_equal(labels[wanted++], model->revisions[i].labels[0]);
        }
    }
    assert_int_equal(count, wanted);
}

static void test_random_graphs(void **state)
{
    static struct model model;

    (void)state;
    for (uint64_t seed = 1; seed <= GRAPHS; seed++) {
        draw(&model, seed);
        check_upgrade(&model, model.count);
        check_upgrade(&model, pick(&model, model.count));
        check_downgrade(&model, model.count, model.count);
        check_downgrade(&model, pick(&model, model.count), model.count);
        check_downgrade(&model, pick(&model, model.count + 1), pick(&model, model.count));
        check_relative(&model, 1 + (int)pick(&model, 2), model.count);
        check_relative(&model, -1 - (int)pick(&model, 3), model.count);
        check_relative(&model, 1 + (int)pick(&model, 2), pick(&model, model.count));
        check_relative(&model, -1 - (int)pick(&model, 3), pick(&model, model.count));
        check_stamp(&model);
        check_labels(&model, pick(&model, model.count));
        check_prefix(&model);
        check_walk(&model);
        arena_release(&model.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_graphs)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
