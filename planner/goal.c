#include "planner/goal.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "planner/identifier.h"

static const char *command_of(enum goal_kind kind)
{
    return kind == GOAL_UPGRADE ? "upgrade" : kind == GOAL_DOWNGRADE ? "downgrade" : "stamp";
}

static void limit_to(struct arena *arena, struct goal *goal, struct graph_node *lineage)
{
    struct graph_node **both =
        arena_array(arena, goal->lineage_count + 1, sizeof(struct graph_node *));

    if (goal->lineage_count > 0) {
        memcpy(both, goal->lineages, goal->lineage_count * sizeof(struct graph_node *));
    }
    both[goal->lineage_count++] = lineage;
    goal->lineages = both;
}

/* Absolute forms */

/* What is relative to rows is only checked here: its direction must be the command's. */
static int resolve_relative(struct arena *arena, struct goal *goal,
                            const struct identifier *identifier, struct err *err)
{
    bool fits = goal->kind == GOAL_UPGRADE     ? identifier->distance > 0
                : goal->kind == GOAL_DOWNGRADE ? identifier->distance < 0
                                               : false;

    if (!fits) {
        err_set(err, ERROR_PLAN, "%s \"%s\": %s", command_of(goal->kind), identifier->text,
                goal->kind == GOAL_STAMP     ? "stamp needs to be told the revision itself"
                : identifier->distance == 0  ? "that is no move"
                : goal->kind == GOAL_UPGRADE ? "upgrade goes up, +N"
                                             : "downgrade goes down, -N");
        err_hint(err, "skein current shows where the targets stand, skein history what there is");
        return ERROR_PLAN;
    }
    goal->relative = true;
    goal->distance = identifier->distance;
    if (identifier->lineage) {
        limit_to(arena, goal, identifier->lineage);
    }
    return 0;
}

/* ID-N that ends at base means more than its own lineage where there are several roots. */
static int check_base_by_count(const struct graph *graph, const struct identifier *identifier,
                               const struct goal *goal, struct err *err)
{
    size_t roots = 0;

    for (size_t i = 0; i < graph->count; i++) {
        roots += graph_is_base(&graph->nodes[i]);
    }
    if (goal->kind == GOAL_DOWNGRADE && (identifier->lineage || roots <= 1)) {
        return 0;
    }
    err_set(err, ERROR_PLAN, "%s \"%s\": that is below the first revision", command_of(goal->kind),
            identifier->text);
    err_hint(err, goal->kind == GOAL_UPGRADE ? "the first is base+1"
                                             : "say base for all, LABEL@base for one lineage");
    return ERROR_PLAN;
}

static void add_nodes(struct arena *arena, struct goal *goal, struct graph_node *const *nodes,
                      size_t count)
{
    struct graph_node **all =
        arena_array(arena, goal->node_count + count, sizeof(struct graph_node *));

    if (goal->node_count > 0) {
        memcpy(all, goal->nodes, goal->node_count * sizeof(struct graph_node *));
    }
    for (size_t i = 0; i < count; i++) {
        bool repeated = false;

        for (size_t j = 0; j < goal->node_count; j++) {
            repeated = repeated || all[j] == nodes[i];
        }
        if (!repeated) {
            all[goal->node_count++] = nodes[i];
        }
    }
    goal->nodes = all;
}

static int resolve_one(const struct graph *graph, struct arena *arena, struct goal *goal,
                       const char *text, struct err *err)
{
    struct identifier identifier;
    struct graph_node **nodes = NULL;
    size_t count;
    int code = identifier_parse(graph, arena, text, &identifier, err);

    if (code) {
        return code;
    }
    if (!identifier.symbol) {
        return resolve_relative(arena, goal, &identifier, err);
    }
    code = identifier_nodes(graph, arena, &identifier, false, &nodes, &count, err);
    if (code) {
        return code;
    }
    if (count > 1 && goal->kind == GOAL_DOWNGRADE) {
        err_set(err, ERROR_PLAN, "downgrade \"%s\" is ambiguous, there are %zu heads: %s", text,
                count, identifier_names(arena, nodes, count));
        err_hint(err, "name one revision, or base");
        return ERROR_PLAN;
    }
    if (count == 0 && identifier.moved && identifier.distance != 0) {
        code = check_base_by_count(graph, &identifier, goal, err);
    }
    if (identifier.lineage && (goal->kind == GOAL_DOWNGRADE || count == 0)) {
        limit_to(arena, goal, identifier.lineage);
    }
    /* head and heads come to nothing where there are no revisions */
    goal->base =
        goal->base || (count == 0 && (identifier.moved || strcmp(identifier.symbol, "base") == 0));
    add_nodes(arena, goal, nodes, count);
    return code;
}

int goal_resolve(const struct graph *graph, struct arena *arena, enum goal_kind kind,
                 const char *const *identifiers, size_t count, struct goal *goal, struct err *err)
{
    bool all = false;

    *goal = (struct goal){.kind = kind, .text = count > 0 ? identifiers[0] : ""};
    if (kind == GOAL_READ || kind == GOAL_ENSURE) {
        return 0;
    }
    if (count == 0 || (count > 1 && kind != GOAL_STAMP)) {
        err_set(err, ERROR_PLAN, "%s takes %s", command_of(kind),
                kind == GOAL_STAMP ? "one revision or more" : "one revision");
        return ERROR_PLAN;
    }
    for (size_t i = 0; i < count; i++) {
        int code = resolve_one(graph, arena, goal, identifiers[i], err);

        if (code) {
            return code;
        }
        goal->text =
            i == 0 ? identifiers[0] : arena_printf(arena, "%s %s", goal->text, identifiers[i]);
        all = all || strcmp(identifiers[i], "base") == 0;
    }
    if (all) {
        goal->lineage_count = 0; /* stamp base LABEL@base */
    }
    return 0;
}

static int add_row_nodes(const struct graph *graph, struct arena *arena, const char *text,
                         struct goal *goal, struct err *err)
{
    struct identifier identifier;
    struct graph_node **nodes;
    size_t count;
    int code = identifier_parse(graph, arena, text, &identifier, err);

    if (!code && !identifier.symbol) {
        err_set(err, ERROR_PLAN, "\"%s\" is counted from where a target stands", text);
        err_hint(err, "a script begins at a revision that is named");
        code = ERROR_PLAN;
    }
    code = code ? code : identifier_nodes(graph, arena, &identifier, false, &nodes, &count, err);
    if (!code) {
        add_nodes(arena, goal, nodes, count);
    }
    return code;
}

static int compare_rows(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

int goal_rows(const struct graph *graph, struct arena *arena, const char *identifiers,
              const char *const **rows, size_t *count, struct err *err)
{
    struct goal named = {0};
    struct graph_node **heads;
    struct node_set applied;
    const char **ids;

    for (const char *at = identifiers; at; at = strchr(at, ',')) {
        at += *at == ',';
        const char *text = arena_strndup(arena, at, strcspn(at, ","));
        int code = add_row_nodes(graph, arena, text, &named, err);

        if (code) {
            return code;
        }
    }
    node_set_init(&applied, graph, arena);
    graph_add_ancestors(graph, &applied, named.nodes, named.node_count, false);
    *count = graph_maximal(graph, &applied, arena, &heads);
    ids = arena_array(arena, *count, sizeof(*ids));
    for (size_t i = 0; i < *count; i++) {
        ids[i] = heads[i]->revision->id;
    }
    if (*count > 0) {
        qsort(ids, *count, sizeof(*ids), compare_rows);
    }
    *rows = ids;
    return 0;
}

/* Relative forms */

struct standing {
    const struct graph *graph;
    struct arena *arena;
    struct node_set applied;
    struct graph_node **heads; /* maximal of `applied` */
    size_t head_count;
    struct identifier identifier; /* the goal's, for what it is limited to and for messages */
};

static int refuse_several(const struct standing *standing, const struct goal *goal,
                          struct graph_node *const *nodes, size_t count, struct err *err)
{
    err_set(err, ERROR_PLAN, "%s \"%s\" is ambiguous, the target stands at %zu revisions: %s",
            command_of(goal->kind), goal->text, count,
            identifier_names(standing->arena, nodes, count));
    /* ID-1 would take others that fork below it down as well, ID@-1 keeps to its line */
    err_hint(err, "say from which: %s%s%+d, or LABEL@%+d", nodes[0]->revision->id,
             goal->distance > 0 ? "" : "@", goal->distance, goal->distance);
    return ERROR_PLAN;
}

/* The members that no member has as parent or as a dependency of news. */
static size_t tips(const struct standing *standing, struct graph_node **nodes, size_t count)
{
    struct node_set below;
    size_t kept = 0;

    node_set_init(&below, standing->graph, standing->arena);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < nodes[i]->down_count; j++) {
            node_set_add(&below, nodes[i]->down[j]);
        }
        for (size_t j = 0; j < nodes[i]->new_depends_on_count; j++) {
            node_set_add(&below, nodes[i]->new_depends_on[j]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!node_set_has(&below, nodes[i])) {
            nodes[kept++] = nodes[i];
        }
    }
    return kept;
}

/* The heads by parents of what is applied: for a lineage that stands below a dependent only. */
static size_t heads_by_parents(struct graph_node **nodes, size_t count,
                               const struct node_set *applied)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        bool covered = false;

        for (size_t j = 0; j < nodes[i]->child_count; j++) {
            covered = covered || node_set_has(applied, nodes[i]->children[j]);
        }
        if (!covered) {
            nodes[kept++] = nodes[i];
        }
    }
    return kept;
}

/* Where the goal's lineage (or everything) stands: several are ambiguous, none is base. */
static size_t starts(const struct standing *standing, const struct goal *goal,
                     struct graph_node ***nodes)
{
    const struct graph *graph = standing->graph;
    size_t count = standing->head_count;

    *nodes = arena_array(standing->arena, count, sizeof(struct graph_node *));
    if (count > 0) {
        memcpy(*nodes, standing->heads, count * sizeof(struct graph_node *));
    }
    count = identifier_filter(graph, standing->arena, &standing->identifier, *nodes, count);
    if (count > 0) {
        return count;
    }
    count = node_set_list(&standing->applied, graph, standing->arena, nodes);
    if (goal->distance < 0) {
        count = heads_by_parents(*nodes, count, &standing->applied);
    }
    count = identifier_filter(graph, standing->arena, &standing->identifier, *nodes, count);
    return goal->distance < 0 ? count : tips(standing, *nodes, count);
}

static int count_down(const struct standing *standing, const struct goal *goal,
                      struct graph_node *start, struct goal *absolute, struct err *err)
{
    struct graph_node *node = start;
    int code;

    if (!start) {
        err_set(err, ERROR_PLAN, "downgrade \"%s\": nothing%s is applied", goal->text,
                goal->lineage_count > 0 ? " of that lineage" : "");
        err_hint(err, "skein current shows where the targets stand");
        return ERROR_PLAN;
    }
    code = identifier_walk(standing->graph, standing->arena, &standing->identifier, goal->distance,
                           false, &node, err);
    if (code) {
        return code;
    }
    absolute->base = !node;
    if (goal->lineage_count == 0) {
        limit_to(standing->arena, absolute, start); /* others that fork below stay */
    }
    add_nodes(standing->arena, absolute, &node, node ? 1 : 0);
    return 0;
}

static int count_up(const struct standing *standing, const struct goal *goal,
                    struct graph_node *start, struct goal *absolute, struct err *err)
{
    struct graph_node *node = start;
    int code = identifier_walk(standing->graph, standing->arena, &standing->identifier,
                               goal->distance, false, &node, err);

    if (code) {
        return code;
    }
    add_nodes(standing->arena, absolute, &node, 1);
    return 0;
}

int goal_absolute(const struct graph *graph, struct arena *arena, const struct goal *goal,
                  const char *const *rows, size_t row_count, struct goal *absolute, struct err *err)
{
    struct standing standing = {.graph = graph, .arena = arena};
    struct graph_node **nodes, **from;
    size_t count;
    int code;

    *absolute = *goal;
    if (!goal->relative) {
        return 0;
    }
    code = identifier_rows(graph, arena, rows, row_count, &nodes, err);
    if (code) {
        return code;
    }
    node_set_init(&standing.applied, graph, arena);
    graph_add_ancestors(graph, &standing.applied, nodes, row_count, false);
    standing.head_count = graph_maximal(graph, &standing.applied, arena, &standing.heads);
    standing.identifier = (struct identifier){
        .text = goal->text, .lineage = goal->lineage_count > 0 ? goal->lineages[0] : NULL};
    count = starts(&standing, goal, &from);
    if (count > 1) {
        return refuse_several(&standing, goal, from, count, err);
    }
    absolute->relative = false;
    return goal->distance < 0 ? count_down(&standing, goal, count ? from[0] : NULL, absolute, err)
                              : count_up(&standing, goal, count ? from[0] : NULL, absolute, err);
}
