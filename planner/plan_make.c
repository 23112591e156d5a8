#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/str.h"
#include "planner/identifier.h"
#include "planner/making.h"
#include "planner/stamp.h"
#include "planner/walk.h"

/* Rows */

static int compare_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static const char **sorted_rows(struct arena *arena, const char *const *rows, size_t count)
{
    const char **sorted = arena_array(arena, count, sizeof(*sorted));

    for (size_t i = 0; i < count; i++) {
        sorted[i] = arena_strdup(arena, rows[i]);
    }
    qsort(sorted, count, sizeof(*sorted), compare_text);
    return sorted;
}

char *plan_key(struct arena *arena, enum engine engine, const char *const *rows, size_t row_count)
{
    const char **sorted = sorted_rows(arena, rows, row_count);
    struct str key = STR_INIT;
    char *copy;

    str_add(&key, engine_name(engine));
    for (size_t i = 0; i < row_count; i++) {
        str_addc(&key, i == 0 ? ':' : ',');
        str_add(&key, sorted[i]);
    }
    copy = arena_strdup(arena, key.text);
    str_release(&key);
    return copy;
}

/* The heads by id; a place for each head that may come. */
static void find_heads(struct making *making)
{
    struct graph_node **maximal;
    struct node_set set;

    making->head_count = graph_maximal(making->graph, &making->applied, making->arena, &maximal);
    making->heads = arena_array(making->arena, making->graph->count, sizeof(struct graph_node *));
    node_set_init(&set, making->graph, making->arena);
    for (size_t i = 0; i < making->head_count; i++) {
        node_set_add(&set, maximal[i]);
    }
    making->head_count = 0;
    for (size_t i = 0; i < making->graph->count; i++) {
        if (node_set_has(&set, making->graph->by_id[i])) {
            making->heads[making->head_count++] = making->graph->by_id[i];
        }
    }
}

/* What the rows say. False: refused. */
static bool read_rows(struct making *making)
{
    struct err err = ERR_INIT(making->arena);
    struct graph_node **nodes;
    const char **covered;
    size_t known = 0;

    if (identifier_rows(making->graph, making->arena, making->rows, making->row_count, &nodes,
                        &err) != 0 &&
        !making->goal.purge) {
        making->plan->refused = arena_alloc(making->arena, sizeof(err));
        *making->plan->refused = err;
        return false;
    }
    while (known < making->row_count && nodes[known]) {
        known++;
    }
    node_set_init(&making->applied, making->graph, making->arena);
    graph_add_ancestors(making->graph, &making->applied, nodes, known, false);
    find_heads(making);
    checksum_of(making->checksum, &making->applied, making->plan->applied_checksum);
    covered = arena_array(making->arena, known, sizeof(*covered));
    for (size_t i = 0; i < known; i++) {
        bool maximal = false;

        for (size_t j = 0; j < making->head_count; j++) {
            maximal = maximal || making->heads[j] == nodes[i];
        }
        if (!maximal) {
            covered[making->plan->not_maximal_count++] = nodes[i]->revision->id;
        }
    }
    making->plan->not_maximal = covered;
    return true;
}

/* Steps */

static void add_head(struct making *making, struct graph_node *node)
{
    size_t at = making->head_count++;

    for (; at > 0 && strcmp(making->heads[at - 1]->revision->id, node->revision->id) > 0; at--) {
        making->heads[at] = making->heads[at - 1];
    }
    making->heads[at] = node;
}

static void remove_head(struct making *making, const struct graph_node *node)
{
    for (size_t i = 0; i < making->head_count; i++) {
        if (making->heads[i] == node) {
            making->head_count--;
            memmove(making->heads + i, making->heads + i + 1,
                    (making->head_count - i) * sizeof(*making->heads));
            return;
        }
    }
}

static void apply(struct making *making, struct graph_node *node)
{
    node_set_add(&making->applied, node);
    for (size_t i = 0; i < node->down_count; i++) {
        remove_head(making, node->down[i]);
    }
    for (size_t i = 0; i < node->depends_on_count; i++) {
        remove_head(making, node->depends_on[i]);
    }
    add_head(making, node);
}

static bool any_applied(const struct making *making, struct graph_node *const *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (node_set_has(&making->applied, nodes[i])) {
            return true;
        }
    }
    return false;
}

/* What stood just below becomes a head where nothing else stands above it. */
static void uncover(struct making *making, struct graph_node *const *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!any_applied(making, nodes[i]->children, nodes[i]->child_count) &&
            !any_applied(making, nodes[i]->dependants, nodes[i]->dependant_count)) {
            remove_head(making, nodes[i]); /* parent and dependency at once */
            add_head(making, nodes[i]);
        }
    }
}

static void take_down(struct making *making, struct graph_node *node)
{
    node_set_remove(&making->applied, node);
    remove_head(making, node);
    uncover(making, node->down, node->down_count);
    uncover(making, node->depends_on, node->depends_on_count);
}

/* Every revision must be able to go its way, before anything moves. */
static bool check_scripts(struct making *making, struct graph_node *const *nodes, size_t count,
                          enum direction direction)
{
    enum engine engine = making->plan->engine;

    for (size_t i = 0; i < count; i++) {
        const struct revision *revision = nodes[i]->revision;
        const char *irreversible = direction == DIRECTION_DOWNGRADE ? revision->irreversible : NULL;
        struct err *err;

        if (revision->scripts[engine][direction].present && !irreversible) {
            continue;
        }
        if (irreversible) {
            err = making_refuse(making, ERROR_PLAN, "%s is irreversible: %s", revision->id,
                                irreversible);
        } else {
            err = making_refuse(making, ERROR_PLAN, "%s has no %s section for %s", revision->id,
                                direction_name(direction), engine_name(engine));
        }
        if (direction == DIRECTION_UPGRADE) {
            err_hint(err, "add -- skein:upgrade %s to it", engine_name(engine));
        } else {
            err_hint(err, "downgrade no further than %s, or restore from a backup", revision->id);
        }
        err_at(err, revision->path, 0, 0);
        err->revision = revision->id;
        err->section = direction_name(direction);
        return false;
    }
    return true;
}

static void add_steps(struct making *making, struct graph_node *const *nodes, size_t count,
                      enum direction direction)
{
    if (!check_scripts(making, nodes, count, direction)) {
        return;
    }
    making->steps = arena_array(making->arena, count, sizeof(*making->steps));
    for (size_t i = 0; i < count; i++) {
        struct plan_step *step = &making->steps[i];
        const struct revision *revision = nodes[i]->revision;

        step->kind = direction == DIRECTION_UPGRADE ? STEP_UPGRADE : STEP_DOWNGRADE;
        step->revision = revision;
        step->script = &revision->scripts[making->plan->engine][direction];
        if (direction == DIRECTION_UPGRADE) {
            apply(making, nodes[i]);
        } else {
            take_down(making, nodes[i]);
        }
        making_record(making, step);
    }
    making->plan->steps = making->steps;
    making->plan->step_count = count;
}

static void upgrade_steps(struct making *making)
{
    struct graph_node **nodes;
    struct node_set set;
    size_t count;

    walk_upgrade(making->graph, &making->applied, making->goal.nodes, making->goal.node_count,
                 making->arena, &set);
    count = walk_order(making->graph, &set, making->arena, &nodes);
    for (size_t i = 0; i < count / 2; i++) {
        struct graph_node *node = nodes[i];

        nodes[i] = nodes[count - 1 - i];
        nodes[count - 1 - i] = node;
    }
    add_steps(making, nodes, count, DIRECTION_UPGRADE);
}

/* Nothing to take down for a revision. In a fleet it is well if the target is at it, or below it
 * in its own lineage; one by itself must stand at it, as with Alembic. */
static void check_below(struct making *making, struct graph_node *target)
{
    const char *standing;
    struct node_set below;
    struct graph_node **nodes;
    bool related = making->head_count == 0;
    size_t count;

    for (size_t i = 0; i < making->head_count; i++) {
        if (making->heads[i] == target) {
            return;
        }
    }
    node_set_init(&below, making->graph, making->arena);
    graph_add_ancestors(making->graph, &below, &target, 1, true);
    count = node_set_list(&below, making->graph, making->arena, &nodes);
    related = related || any_applied(making, nodes, count);
    if (related && !making->planning->fleet_of_one) {
        return;
    }
    standing = making->head_count == 0
                   ? "base"
                   : identifier_names(making->arena, making->heads, making->head_count);
    if (node_set_has(&making->applied, target)) {
        err_hint(making_refuse(making, ERROR_PLAN,
                               "nothing stands above %s in its own branch; the target is at %s",
                               target->revision->id, standing),
                 "name what is to go: a revision below what stands at %s", standing);
    } else {
        err_hint(making_refuse(making, ERROR_PLAN,
                               "%s is no ancestor of %s, where the target stands",
                               target->revision->id, standing),
                 "skein upgrade %s goes there", target->revision->id);
    }
}

static void downgrade_steps(struct making *making)
{
    const struct goal *goal = &making->goal;
    struct graph_node *target = goal->node_count > 0 ? goal->nodes[0] : NULL, **nodes;
    struct node_set set;
    size_t count;

    if (!target && !goal->base) {
        return; /* head, where there are no revisions */
    }
    walk_downgrade(making->graph, &making->applied, target,
                   goal->lineage_count > 0 ? goal->lineages[0] : NULL, making->arena, &set);
    count = walk_order(making->graph, &set, making->arena, &nodes);
    if (count == 0 && target) {
        check_below(making, target);
    } else {
        add_steps(making, nodes, count, DIRECTION_DOWNGRADE);
    }
}

/* A change of a row must hit one: two equal ones cannot be told apart. */
static void check_repeated(struct making *making)
{
    const struct plan *plan = making->plan;

    for (size_t i = 1; i < plan->before_count && plan->step_count > 0; i++) {
        if (strcmp(plan->before[i - 1], plan->before[i]) == 0) {
            err_hint(making_refuse(making, ERROR_PLAN, "the version table holds %s twice",
                                   plan->before[i]),
                     "delete one of the two rows by hand");
            return;
        }
    }
}

static void make_steps(struct making *making)
{
    switch (making->goal.kind) {
    case GOAL_READ:
        break;
    case GOAL_UPGRADE:
        upgrade_steps(making);
        break;
    case GOAL_DOWNGRADE:
        downgrade_steps(making);
        break;
    case GOAL_STAMP:
        stamp_steps(making);
        break;
    case GOAL_ENSURE:
        BUG("rows do not matter where the version table is made");
    }
    check_repeated(making);
}

/* Whether the table is missing is not the plan's to know. */
static void ensure_step(struct making *making)
{
    making->steps = arena_array(making->arena, 1, sizeof(*making->steps));
    making->steps[0] = (struct plan_step){
        .kind = STEP_ENSURE, .heads = making->rows, .head_count = making->row_count};
    making->plan->steps = making->steps;
    making->plan->step_count = 1;
}

static bool make_absolute(struct making *making)
{
    const struct planning *planning = making->planning;
    struct err err = ERR_INIT(making->arena);

    if (planning->goal->relative && !planning->each) {
        BUG("a relative goal, \"%s\", for a fleet", planning->goal->text);
    }
    making->goal = *planning->goal;
    if (goal_absolute(making->graph, making->arena, planning->goal, making->rows, making->row_count,
                      &making->goal, &err) == 0) {
        return true;
    }
    making->plan->refused = arena_alloc(making->arena, sizeof(err));
    *making->plan->refused = err;
    return false;
}

struct plan *plan_make(struct arena *arena, const struct planning *planning, enum engine engine,
                       const char *const *rows, size_t row_count)
{
    struct plan *plan = arena_alloc(arena, sizeof(*plan));
    struct making making = {.arena = arena,
                            .planning = planning,
                            .graph = planning->graph,
                            .plan = plan,
                            .row_count = row_count,
                            .checksum = checksum_new(planning->graph, engine)};

    plan->engine = engine;
    plan->before = plan->after = making.rows = sorted_rows(arena, rows, row_count);
    plan->before_count = plan->after_count = row_count;
    if (planning->goal->kind == GOAL_ENSURE) {
        ensure_step(&making);
    } else if (make_absolute(&making) && read_rows(&making)) {
        make_steps(&making);
    }
    checksum_free(making.checksum);
    if (plan->refused) {
        plan->step_count = 0;
    }
    if (plan->step_count > 0) {
        plan->after = plan->steps[plan->step_count - 1].heads;
        plan->after_count = plan->steps[plan->step_count - 1].head_count;
        unit_compile(arena, plan, planning->migrations->transaction);
    }
    return plan;
}
