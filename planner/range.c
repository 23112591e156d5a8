#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "planner/goal.h"
#include "planner/identifier.h"
#include "planner/walk.h"

/* -N and LABEL@-N without rows: so many below each head. */
static int below_heads(const struct graph *graph, struct arena *arena,
                       const struct identifier *identifier, struct graph_node ***nodes,
                       size_t *count, struct err *err)
{
    size_t head_count = identifier_heads(graph, arena, identifier, true, nodes);
    struct node_set met;

    *count = 0;
    node_set_init(&met, graph, arena);
    for (size_t i = 0; i < head_count; i++) {
        struct graph_node *node = (*nodes)[i];
        int code =
            identifier_walk(graph, arena, identifier, identifier->distance, false, &node, err);

        if (code) {
            return code;
        }
        if (node && !node_set_has(&met, node)) {
            node_set_add(&met, node);
            (*nodes)[(*count)++] = node;
        }
    }
    return 0;
}

int identifier_resolve(const struct graph *graph, struct arena *arena, const char *text,
                       struct graph_node ***nodes, size_t *count, struct err *err)
{
    struct identifier identifier;
    int code = identifier_parse(graph, arena, text, &identifier, err);

    if (code || identifier.symbol) {
        return code ? code : identifier_nodes(graph, arena, &identifier, false, nodes, count, err);
    }
    if (identifier.distance >= 0) {
        err_set(err, ERROR_PLAN, "\"%s\" is counted from where a target stands", text);
        err_hint(err, "name the revision to count from: ID+N");
        return ERROR_PLAN;
    }
    return below_heads(graph, arena, &identifier, nodes, count, err);
}

/* "git log … may find it; ", or nothing for a row that no shell should be given. */
static const char *search_of(struct arena *arena, const char *row)
{
    bool plain = row[0] && !row[strspn(row, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789_.")];

    return plain ? arena_printf(arena, "git log --all -- '*%s*' may find it; ", row) : "";
}

int identifier_rows(const struct graph *graph, struct arena *arena, const char *const *rows,
                    size_t row_count, struct graph_node ***nodes, struct err *err)
{
    struct str unknown = STR_INIT;
    size_t unknown_count = 0, count = 0;
    const char *first = NULL;

    *nodes = arena_array(arena, row_count, sizeof(struct graph_node *));
    for (size_t i = 0; i < row_count; i++) {
        struct graph_node *node = graph_find(graph, rows[i]);

        if (node) {
            (*nodes)[count++] = node;
        } else if (unknown_count++ < IDENTIFIER_NAMES_SHOWN) {
            first = first ? first : rows[i];
            str_addf(&unknown, "%s%s", unknown_count > 1 ? ", " : "", rows[i]);
        }
    }
    if (unknown_count > 0) {
        err_set(err, ERROR_UNKNOWN_REVISION, "the version table holds %s%s, which no file has",
                unknown.text, unknown_count > IDENTIFIER_NAMES_SHOWN ? " …" : "");
        err_hint(err,
                 "bring its file (%sskein status says when it was applied), or say where the "
                 "target stands: skein stamp --purge REV",
                 search_of(arena, first));
    }
    str_release(&unknown);
    return unknown_count > 0 ? ERROR_UNKNOWN_REVISION : 0;
}

/* One side of A:B. */
struct side {
    const char *text;
    bool current;
    struct identifier identifier; /* unless current */
    struct graph_node **nodes;    /* none: base */
    size_t count;
};

struct range {
    const struct graph *graph;
    struct arena *arena;
    struct side lower, upper;
    struct graph_node **whole; /* ends whose whole way down is in: A as -N went past the end */
    size_t whole_count;
};

static const char *trimmed(struct arena *arena, const char *text, size_t length,
                           const char *otherwise)
{
    while (length > 0 && isspace((unsigned char)*text)) {
        text++;
        length--;
    }
    while (length > 0 && isspace((unsigned char)text[length - 1])) {
        length--;
    }
    return length > 0 ? arena_strndup(arena, text, length) : otherwise;
}

static int parse_side(struct range *range, struct side *side, const char *const *rows,
                      size_t row_count, struct err *err)
{
    side->current = strcmp(side->text, "current") == 0;
    if (!side->current) {
        return identifier_parse(range->graph, range->arena, side->text, &side->identifier, err);
    }
    if (!rows) {
        err_set(err, ERROR_PLAN, "\"current\" needs a target to ask");
        err_hint(err, "select targets that stand at the same heads: -t NAME");
        return ERROR_PLAN;
    }
    side->count = row_count;
    return identifier_rows(range->graph, range->arena, rows, row_count, &side->nodes, err);
}

static int parse(struct range *range, const char *text, const char *const *rows, size_t row_count,
                 struct err *err)
{
    const char *colon = strchr(text, ':');
    int code;

    if (!colon || strchr(colon + 1, ':')) {
        err_set(err, ERROR_PLAN, "\"%s\" is no range", text);
        err_hint(err, "a range is A:B, A: or :B");
        return ERROR_PLAN;
    }
    range->lower.text = trimmed(range->arena, text, (size_t)(colon - text), "base");
    range->upper.text = trimmed(range->arena, colon + 1, strlen(colon + 1), "heads");
    code = parse_side(range, &range->lower, rows, row_count, err);
    return code ? code : parse_side(range, &range->upper, rows, row_count, err);
}

static bool is_relative(const struct side *side)
{
    return !side->current && !side->identifier.symbol;
}

static int refuse_side(const struct side *side, const char *what, const char *hint, struct err *err)
{
    err_set(err, ERROR_PLAN, "\"%s\" %s", side->text, what);
    err_hint(err, "%s", hint);
    return ERROR_PLAN;
}

static int resolve_absolute(struct range *range, struct side *side, struct err *err)
{
    if (side->current || is_relative(side)) {
        return 0;
    }
    return identifier_nodes(range->graph, range->arena, &side->identifier, true, &side->nodes,
                            &side->count, err);
}

/* :+N, above the lower end. */
static int resolve_upper(struct range *range, struct err *err)
{
    struct side *upper = &range->upper, *lower = &range->lower;
    struct graph_node *node;
    size_t count = lower->count;
    int code;

    if (upper->identifier.distance <= 0 || is_relative(lower)) {
        return refuse_side(upper, "has nothing to be counted from",
                           "the end of a range is absolute, or +N above its begin", err);
    }
    upper->nodes = arena_array(range->arena, count + 1, sizeof(struct graph_node *));
    if (count > 0) {
        memcpy(upper->nodes, lower->nodes, count * sizeof(struct graph_node *));
    }
    count = identifier_filter(range->graph, range->arena, &upper->identifier, upper->nodes, count);
    if (count > 1) {
        return refuse_side(upper, "is ambiguous: the range begins at several revisions",
                           "begin at one of them, or say LABEL@+N", err);
    }
    node = count == 1 ? upper->nodes[0] : NULL;
    code = identifier_walk(range->graph, range->arena, &upper->identifier,
                           upper->identifier.distance, true, &node, err);
    upper->nodes[0] = node;
    upper->count = node ? 1 : 0;
    return code;
}

/* -N:, below each of the upper ends. */
static int resolve_lower(struct range *range, struct err *err)
{
    struct side *upper = &range->upper, *lower = &range->lower;

    if (lower->identifier.distance >= 0) {
        return refuse_side(lower, "has nothing to be counted from",
                           "the begin of a range is absolute, or -N below its end", err);
    }
    lower->nodes = arena_array(range->arena, upper->count, sizeof(struct graph_node *));
    range->whole = arena_array(range->arena, upper->count, sizeof(struct graph_node *));
    for (size_t i = 0; i < upper->count; i++) {
        struct graph_node *node = upper->nodes[i];
        int code = identifier_walk(range->graph, range->arena, &lower->identifier,
                                   lower->identifier.distance, true, &node, err);

        if (code) {
            return code;
        }
        if (node) {
            lower->nodes[lower->count++] = node;
        } else {
            range->whole[range->whole_count++] = upper->nodes[i];
        }
    }
    return 0;
}

static int resolve(struct range *range, struct err *err)
{
    struct side *upper = &range->upper, *lower = &range->lower;
    int code = resolve_absolute(range, lower, err);

    code = code ? code : resolve_absolute(range, upper, err);
    if (!code && is_relative(upper)) {
        code = resolve_upper(range, err);
    }
    if (!code && !lower->current) { /* LABEL@ limits the other end */
        upper->count = identifier_filter(range->graph, range->arena, &lower->identifier,
                                         upper->nodes, upper->count);
    }
    if (!code && is_relative(lower)) {
        code = resolve_lower(range, err);
    }
    return code;
}

/* Everything up to the upper ends that is not below the lower ones, as far as it descends from
 * those by parents; the lower ends themselves. */
static int collect(struct range *range, struct node_set *set, struct err *err)
{
    const struct graph *graph = range->graph;
    const struct side *upper = &range->upper, *lower = &range->lower;
    struct node_set wanted, below, above, whole;
    struct graph_node **members;
    size_t count;

    node_set_init(&wanted, graph, range->arena);
    graph_add_ancestors(graph, &wanted, upper->nodes, upper->count, false);
    for (size_t i = 0; i < lower->count; i++) {
        if (!node_set_has(&wanted, lower->nodes[i])) {
            err_set(err, ERROR_PLAN, "%s is no ancestor of %s", lower->nodes[i]->revision->id,
                    upper->text);
            err_hint(err, "A:B goes from the older to the newer");
            return ERROR_PLAN;
        }
    }
    node_set_init(&below, graph, range->arena);
    graph_add_ancestors(graph, &below, lower->nodes, lower->count, false);
    node_set_init(&above, graph, range->arena);
    graph_add_descendants(graph, &above, lower->nodes, lower->count, true);
    node_set_init(&whole, graph, range->arena);
    graph_add_ancestors(graph, &whole, range->whole, range->whole_count, false);
    node_set_init(set, graph, range->arena);
    count = node_set_list(&wanted, graph, range->arena, &members);
    for (size_t i = 0; i < count; i++) {
        if (!node_set_has(&below, members[i]) &&
            (lower->count == 0 || node_set_has(&above, members[i]) ||
             node_set_has(&whole, members[i]))) {
            node_set_add(set, members[i]);
        }
    }
    for (size_t i = 0; i < lower->count; i++) {
        node_set_add(set, lower->nodes[i]);
    }
    return 0;
}

int identifier_range(const struct graph *graph, struct arena *arena, const char *text,
                     const char *const *rows, size_t row_count, struct graph_node ***nodes,
                     size_t *count, struct err *err)
{
    struct range range = {.graph = graph, .arena = arena};
    struct node_set set;
    int code = parse(&range, text, rows, row_count, err);

    code = code ? code : resolve(&range, err);
    code = code ? code : collect(&range, &set, err);
    if (!code) {
        *count = walk_order(graph, &set, arena, nodes);
    }
    return code;
}
