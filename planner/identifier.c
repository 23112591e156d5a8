#include "planner/identifier.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

const char *identifier_names(struct arena *arena, struct graph_node *const *nodes, size_t count)
{
    struct str text = STR_INIT;
    const char *copy;

    for (size_t i = 0; i < count && i < IDENTIFIER_NAMES_SHOWN; i++) {
        str_addf(&text, "%s%s", i > 0 ? ", " : "", nodes[i]->revision->id);
    }
    if (count > IDENTIFIER_NAMES_SHOWN) {
        str_addf(&text, " and %zu more", count - IDENTIFIER_NAMES_SHOWN);
    }
    copy = arena_strdup(arena, text.text);
    str_release(&text);
    return copy;
}

size_t identifier_filter(const struct graph *graph, struct arena *arena,
                         const struct identifier *identifier, struct graph_node **nodes,
                         size_t count)
{
    struct node_set lineage;
    size_t kept = 0;

    if (!identifier->lineage) {
        return count;
    }
    node_set_init(&lineage, graph, arena);
    graph_add_lineage(graph, &lineage, identifier->lineage, arena, true);
    for (size_t i = 0; i < count; i++) {
        if (node_set_has(&lineage, nodes[i])) {
            nodes[kept++] = nodes[i];
        }
    }
    return kept;
}

/* Names */

static int refuse_unknown(const struct graph *graph, struct arena *arena, const char *name,
                          const struct identifier *identifier, struct err *err)
{
    static const char *const symbols[] = {"head", "heads", "base"};
    const size_t symbol_count = sizeof(symbols) / sizeof(symbols[0]);
    size_t count = graph->name_count + symbol_count;
    const char **candidates = arena_array(arena, count, sizeof(*candidates));
    const char *near;

    memcpy(candidates, symbols, sizeof(symbols));
    for (size_t i = 0; i < graph->name_count; i++) {
        candidates[symbol_count + i] = graph->names[i].name;
    }
    near = text_nearest(name, candidates, count);
    err_set(err, ERROR_PLAN, "there is no revision or branch \"%s\"%s%s", name,
            identifier->label ? " in the lineage of " : "",
            identifier->label ? identifier->label : "");
    if (near && strlen(name) > 3) {
        err_hint(err, "did you mean %s? skein history lists all", near);
    } else {
        err_hint(err, "skein history lists all");
    }
    return ERROR_PLAN;
}

static int refuse_ambiguous(const char *name, const struct graph_name *const *fitting, size_t count,
                            struct err *err)
{
    struct str text = STR_INIT;

    for (size_t i = 0; i < count && i < IDENTIFIER_NAMES_SHOWN; i++) {
        str_addf(&text, "%s%s", i > 0 ? ", " : "", fitting[i]->name);
    }
    err_set(err, ERROR_PLAN, "\"%s\" is ambiguous, %zu revisions or branches begin so: %s%s", name,
            count, text.text, count > IDENTIFIER_NAMES_SHOWN ? " …" : "");
    err_hint(err, "give more characters of one of them");
    str_release(&text);
    return ERROR_PLAN;
}

/* A name longer than three characters, as Alembic counts. */
static bool is_long(const char *name)
{
    size_t count = 0;

    for (; *name; name++) {
        count += ((unsigned char)*name & 0xc0) != 0x80;
    }
    return count > 3;
}

/* An exact id or label, else a prefix; within the lineage if there is one. */
static int look_up(const struct graph *graph, struct arena *arena, const char *name,
                   const struct identifier *identifier, struct graph_node **node, struct err *err)
{
    const struct graph_name **fitting;
    size_t first, count, kept = 0;

    *node = map_get(&graph->by_name, name);
    if (*node) {
        if (identifier_filter(graph, arena, identifier, node, 1) == 1) {
            return 0;
        }
        err_set(err, ERROR_PLAN, "%s is not in the lineage of %s", (*node)->revision->id,
                identifier->label);
        err_hint(err, "leave %s@ out, or name another branch", identifier->label);
        return ERROR_PLAN;
    }
    count = graph_prefix(graph, name, &first);
    fitting = arena_array(arena, count, sizeof(*fitting));
    for (size_t i = first; i < first + count; i++) {
        struct graph_node *candidate = graph->names[i].node;

        if (is_long(graph->names[i].name) &&
            identifier_filter(graph, arena, identifier, &candidate, 1) == 1) {
            fitting[kept++] = &graph->names[i];
        }
    }
    if (kept > 1) {
        return refuse_ambiguous(name, fitting, kept, err);
    }
    if (kept == 0) {
        return refuse_unknown(graph, arena, name, identifier, err);
    }
    *node = fitting[0]->node;
    return 0;
}

/* Parsing */

/* Where a trailing +N or -N begins; NULL if there is none. */
static const char *move_of(const char *text)
{
    const char *end = text + strlen(text), *at = end;

    while (at > text && isdigit((unsigned char)at[-1])) {
        at--;
    }
    return at < end && at > text && (at[-1] == '+' || at[-1] == '-') ? at - 1 : NULL;
}

static int refuse_form(const char *text, struct err *err)
{
    err_set(err, ERROR_PLAN, "\"%s\" is no revision identifier", text);
    err_hint(err, "an id, its first characters, head, heads, base, +N, -N, ID+N, ID-N or "
                  "LABEL@ before one of them");
    return ERROR_PLAN;
}

int identifier_parse(const struct graph *graph, struct arena *arena, const char *text,
                     struct identifier *identifier, struct err *err)
{
    const struct identifier anywhere = {.text = text};
    const char *at = strchr(text, '@'), *rest = at ? at + 1 : text, *move;
    int code;

    *identifier = anywhere;
    if (!*rest || at == text) {
        return refuse_form(text, err);
    }
    if (strchr(text, ':')) {
        err_set(err, ERROR_PLAN, "\"%s\" is a range, one revision is needed here", text);
        err_hint(err, "ranges are for skein history -r A:B");
        return ERROR_PLAN;
    }
    if (at) {
        identifier->label = arena_strndup(arena, text, (size_t)(at - text));
        code = look_up(graph, arena, identifier->label, &anywhere, &identifier->lineage, err);
        if (code) {
            return code;
        }
    }
    move = map_get(&graph->by_name, rest) ? NULL : move_of(rest); /* a label may end with -2 */
    if (move) {
        long distance = strtol(move, NULL, 10);

        identifier->moved = true;
        identifier->distance = distance > INT_MAX    ? INT_MAX
                               : distance < -INT_MAX ? -INT_MAX
                                                     : (int)distance;
        identifier->symbol = move > rest ? arena_strndup(arena, rest, (size_t)(move - rest)) : NULL;
    } else {
        identifier->symbol = rest;
    }
    if (identifier->symbol && strcmp(identifier->symbol, "current") == 0) {
        err_set(err, ERROR_PLAN, "\"current\" is where a target stands, not a revision");
        err_hint(err, "skein current shows it; +N and -N are counted from it");
        return ERROR_PLAN;
    }
    return 0;
}

/* Walking */

static int refuse_fork(struct arena *arena, const struct identifier *identifier,
                       const struct graph_node *node, struct graph_node *const *next, size_t count,
                       bool up, struct err *err)
{
    const char *names = identifier_names(arena, next, count);

    if (!node) {
        err_set(err, ERROR_PLAN, "\"%s\" is ambiguous: there are %zu roots, %s", identifier->text,
                count, names);
    } else {
        err_set(err, ERROR_PLAN, "\"%s\" is ambiguous: %s has %zu %s, %s", identifier->text,
                node->revision->id, count, up ? "children" : "parents", names);
    }
    err_hint(err,
             up ? "name the revision itself, or a branch: LABEL@+N" : "name the revision itself");
    return ERROR_PLAN;
}

static int refuse_end(const struct identifier *identifier, int distance, int made, struct err *err)
{
    const char *side = distance > 0 ? "above" : "below";

    if (made == 0) {
        err_set(err, ERROR_PLAN, "\"%s\" asks for %d revision%s %s, there is none",
                identifier->text, abs(distance), abs(distance) == 1 ? "" : "s", side);
    } else {
        err_set(err, ERROR_PLAN, "\"%s\" asks for %d revisions %s, there %s only %d",
                identifier->text, abs(distance), side, made == 1 ? "is" : "are", made);
    }
    err_hint(err, distance > 0 ? "heads is as far as it goes" : "base is as far as it goes");
    return ERROR_PLAN;
}

static size_t roots_of(const struct graph *graph, struct graph_node **nodes)
{
    size_t count = 0;

    for (size_t i = 0; i < graph->count; i++) {
        if (graph_is_base(&graph->nodes[i])) {
            nodes[count++] = &graph->nodes[i];
        }
    }
    return count;
}

int identifier_walk(const struct graph *graph, struct arena *arena,
                    const struct identifier *identifier, int distance, bool clamp,
                    struct graph_node **node, struct err *err)
{
    for (int made = 0; made < abs(distance); made++) {
        bool up = distance > 0;
        size_t room = !*node ? graph->count : up ? (*node)->child_count : (*node)->down_count;
        struct graph_node **next = arena_array(arena, room, sizeof(*next));
        size_t count = room;

        if (!*node) {
            count = up ? roots_of(graph, next) : 0;
        } else if (room > 0) {
            memcpy(next, up ? (*node)->children : (*node)->down, room * sizeof(*next));
        }
        if (up) {
            count = identifier_filter(graph, arena, identifier, next, count);
        } else if (*node && !up && count == 0) {
            *node = NULL;
            continue; /* base is one step below a root */
        }
        if (count > 1) {
            return refuse_fork(arena, identifier, *node, next, count, up, err);
        }
        if (count == 0) {
            return clamp ? 0 : refuse_end(identifier, distance, made, err);
        }
        *node = next[0];
    }
    return 0;
}

/* Symbols */

size_t identifier_heads(const struct graph *graph, struct arena *arena,
                        const struct identifier *identifier, bool all, struct graph_node ***nodes)
{
    size_t count = 0;

    *nodes = arena_array(arena, graph->count, sizeof(struct graph_node *));
    for (size_t i = 0; i < graph->count; i++) {
        struct graph_node *node = &graph->nodes[i];

        if (graph_is_head(node) && (!all || identifier->lineage || node->dependant_count == 0)) {
            (*nodes)[count++] = node;
        }
    }
    return identifier_filter(graph, arena, identifier, *nodes, count);
}

static int symbol_nodes(const struct graph *graph, struct arena *arena,
                        const struct identifier *identifier, struct graph_node ***nodes,
                        size_t *count, struct err *err)
{
    static const struct identifier anywhere;
    const char *symbol = identifier->symbol;
    /* L@rev+N walks up into L; rev itself may stand beside it */
    const struct identifier *within = identifier->distance > 0 ? &anywhere : identifier;

    *count = 0;
    if (strcmp(symbol, "base") == 0) {
        return 0;
    }
    if (strcmp(symbol, "heads") == 0) {
        *count = identifier_heads(graph, arena, identifier, true, nodes);
        return 0;
    }
    if (strcmp(symbol, "head") == 0) {
        *count = identifier_heads(graph, arena, identifier, false, nodes);
        if (*count > 1) {
            err_set(err, ERROR_PLAN, "\"%s\" is ambiguous, there are %zu heads: %s",
                    identifier->text, *count, identifier_names(arena, *nodes, *count));
            err_hint(err, "heads is all of them, LABEL@head or ID@head the one of a branch");
            return ERROR_PLAN;
        }
        return 0;
    }
    *nodes = arena_array(arena, 1, sizeof(struct graph_node *));
    *count = 1;
    return look_up(graph, arena, symbol, within, *nodes, err);
}

int identifier_nodes(const struct graph *graph, struct arena *arena,
                     const struct identifier *identifier, bool clamp, struct graph_node ***nodes,
                     size_t *count, struct err *err)
{
    struct graph_node *node;
    int code = symbol_nodes(graph, arena, identifier, nodes, count, err);

    if (code || !identifier->moved) {
        return code;
    }
    if (*count > 1) {
        err_set(err, ERROR_PLAN, "\"%s\" is ambiguous, there are %zu heads: %s", identifier->text,
                *count, identifier_names(arena, *nodes, *count));
        err_hint(err, "count from one of them");
        return ERROR_PLAN;
    }
    node = *count == 1 ? (*nodes)[0] : NULL;
    code = identifier_walk(graph, arena, identifier, identifier->distance, clamp, &node, err);
    *nodes = arena_array(arena, 1, sizeof(struct graph_node *));
    (*nodes)[0] = node;
    *count = node ? 1 : 0;
    return code;
}
