#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/str.h"
#include "base/text.h"
#include "planner/graph.h"
#include "planner/inherit.h"

#define NAMES_SHOWN 5

/* What building needs besides the graph. */
struct building {
    struct graph *graph;
    struct err_list *errors;
    size_t begun; /* errors->total before */
};

static struct err *refuse(struct building *building, const struct graph_node *node, int line,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));

static struct err *refuse(struct building *building, const struct graph_node *node, int line,
                          const char *format, ...)
{
    struct err *err = err_list_add(building->errors);
    va_list arguments;

    va_start(arguments, format);
    err_set(err, ERROR_REVISION, "%s", arena_vprintf(err->arena, format, arguments));
    va_end(arguments);
    err_at(err, node->revision->path, line, 0);
    err->revision = arena_strdup(err->arena, node->revision->id);
    return err;
}

/* Names */

static size_t characters(const char *text)
{
    size_t count = 0;

    for (; *text; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return count;
}

static bool is_reserved(const char *name)
{
    static const char *const words[] = {"head", "heads", "base", "current"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(name, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The first character that `name` must not have, or 0. */
static char forbidden(const char *name, const char *set)
{
    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;

        if (strchr(set, c) || isspace(c) || c < 0x20 || c == 0x7f) {
            return *name;
        }
    }
    return '\0';
}

static void check_name(struct building *building, const struct graph_node *node, const char *name,
                       bool label)
{
    const char *what = label ? "branch label" : "revision id";
    int line = label ? node->revision->lines.labels : node->revision->lines.id;
    char found = forbidden(name, label ? "@:,+" : "@-+:,");
    struct err *err = NULL;

    if (!*name) {
        err = refuse(building, node, line, "the %s is empty", what);
    } else if (characters(name) > GRAPH_ID_LIMIT) {
        err = refuse(building, node, line, "the %s \"%s\" has more than %d characters", what, name,
                     GRAPH_ID_LIMIT);
    } else if (found && isgraph((unsigned char)found)) {
        err = refuse(building, node, line,
                     "the %s \"%s\" has \"%c\" in it, which command lines need", what, name, found);
    } else if (found) {
        err = refuse(building, node, line,
                     "the %s \"%s\" has white space or a control character in it", what, name);
    } else if (is_reserved(name)) {
        err =
            refuse(building, node, line, "the %s \"%s\" is a word of the command line", what, name);
    }
    if (err) {
        err_hint(err, "use letters, digits and _, at most %d", GRAPH_ID_LIMIT);
    }
}

static void add_ids(struct building *building, struct revision *const *revisions)
{
    struct graph *graph = building->graph;

    for (size_t i = 0; i < graph->count; i++) {
        struct graph_node *node = &graph->nodes[i], *other;

        node->revision = revisions[i];
        node->index = i;
        graph->by_id[i] = node;
        check_name(building, node, node->revision->id, false);
        other = map_get(&graph->by_name, node->revision->id);
        if (other) {
            struct err *err =
                refuse(building, node, node->revision->lines.id,
                       "two files have the revision id \"%s\"; the other is %s", node->revision->id,
                       other->revision->path ? other->revision->path : "not a file");

            err_hint(err, "give one of them another id, or remove the copy");
            continue;
        }
        map_set(&graph->by_name, node->revision->id, node);
    }
}

static void add_labels(struct building *building)
{
    struct graph *graph = building->graph;

    for (size_t i = 0; i < graph->count; i++) {
        struct graph_node *node = &graph->nodes[i], *other;

        for (size_t j = 0; j < node->revision->label_count; j++) {
            const char *label = node->revision->labels[j];

            check_name(building, node, label, true);
            other = map_get(&graph->by_name, label);
            if (!other) {
                map_set(&graph->by_name, label, node);
            } else if (other != node && strcmp(other->revision->id, node->revision->id) == 0) {
                continue; /* a copy, which is told already */
            } else if (strcmp(other->revision->id, label) == 0) {
                err_hint(refuse(building, node, node->revision->lines.labels,
                                "the branch label \"%s\" is also a revision's id", label),
                         "give the branch another label");
            } else {
                err_hint(refuse(building, node, node->revision->lines.labels,
                                "the branch label \"%s\" is used twice: by %s and by %s", label,
                                other->revision->id, node->revision->id),
                         "give one of the branches another label");
            }
        }
    }
}

static int compare_names(const void *left, const void *right)
{
    const struct graph_name *a = left, *b = right;

    return strcmp(a->name, b->name);
}

static int compare_ids(const void *left, const void *right)
{
    const struct graph_node *const *a = left, *const *b = right;

    return strcmp((*a)->revision->id, (*b)->revision->id);
}

static void sort_names(struct graph *graph)
{
    graph->name_count = graph->by_name.count;
    graph->names = arena_array(graph->arena, graph->name_count, sizeof(*graph->names));
    for (size_t i = 0; i < graph->name_count; i++) {
        graph->names[i].name = graph->by_name.entries[i].key;
        graph->names[i].node = graph->by_name.entries[i].value;
    }
    qsort(graph->names, graph->name_count, sizeof(*graph->names), compare_names);
    qsort(graph->by_id, graph->count, sizeof(struct graph_node *), compare_ids);
}

size_t graph_prefix(const struct graph *graph, const char *prefix, size_t *first)
{
    size_t low = 0, high = graph->name_count, length = strlen(prefix), end;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(graph->names[middle].name, prefix) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *first = low;
    for (end = low; end < graph->name_count; end++) {
        if (strncmp(graph->names[end].name, prefix, length) != 0) {
            break;
        }
    }
    return end - low;
}

/* Edges */

static void hint_nearest(const struct graph *graph, struct err *err, const char *name)
{
    const char **candidates = arena_array(graph->arena, graph->name_count, sizeof(*candidates));
    const char *near;

    for (size_t i = 0; i < graph->name_count; i++) {
        candidates[i] = graph->names[i].name;
    }
    near = text_nearest(name, candidates, graph->name_count);
    if (near && strlen(name) > 3) {
        err_hint(err, "did you mean %s?", near);
    } else {
        err_hint(err, "bring its file back, or name another one in this line");
    }
}

/* What a name in a header stands for: an exact id (or label, of a dependency), else a prefix of
 * exactly one that is longer than three characters. NULL: an error was added. */
static struct graph_node *edge_target(struct building *building, const struct graph_node *node,
                                      const char *name, bool dependency)
{
    const struct graph *graph = building->graph;
    int line = dependency ? node->revision->lines.depends_on : node->revision->lines.down;
    const char *key = dependency ? "Depends On" : "Revises";
    struct graph_node *found = map_get(&graph->by_name, name);
    struct str candidates = STR_INIT;
    size_t first, count, fitting = 0;

    if (found && (dependency || strcmp(found->revision->id, name) == 0)) {
        return found;
    }
    count = graph_prefix(graph, name, &first);
    for (size_t i = first; *name && i < first + count; i++) {
        const struct graph_name *candidate = &graph->names[i];
        bool label = strcmp(candidate->node->revision->id, candidate->name) != 0;

        if (characters(candidate->name) > 3 && (dependency || !label)) {
            found = candidate->node;
            if (fitting++ < NAMES_SHOWN) {
                str_addf(&candidates, "%s%s", fitting > 1 ? ", " : "", candidate->name);
            }
        }
    }
    if (fitting > 1) {
        err_hint(refuse(building, node, line, "%s: \"%s\" is ambiguous: %s%s", key, name,
                        candidates.text, fitting > NAMES_SHOWN ? " …" : ""),
                 "write the whole id");
    } else if (fitting == 0) {
        hint_nearest(graph,
                     refuse(building, node, line, "%s: there is no revision \"%s\"", key, name),
                     name);
    }
    str_release(&candidates);
    return fitting == 1 ? found : NULL;
}

/* Resolves a header's list; writes the full ids back. */
static size_t resolve_edges(struct building *building, struct graph_node *node, bool dependency,
                            const char *const **names, size_t *name_count, struct graph_node ***out)
{
    struct arena *arena = building->graph->arena;
    struct graph_node **targets = arena_array(arena, *name_count, sizeof(struct graph_node *));
    const char **ids = arena_array(arena, *name_count, sizeof(*ids));
    size_t count = 0;

    for (size_t i = 0; i < *name_count; i++) {
        struct graph_node *target = edge_target(building, node, (*names)[i], dependency);
        bool repeated = !target;

        for (size_t j = 0; j < count; j++) {
            repeated = repeated || targets[j] == target;
        }
        if (!repeated) {
            targets[count] = target;
            ids[count++] = target->revision->id;
        }
    }
    *names = ids;
    *name_count = count;
    *out = targets;
    return count;
}

static void add_backward(struct arena *arena, struct graph *graph)
{
    for (size_t i = 0; i < graph->count; i++) {
        struct graph_node *node = &graph->nodes[i];

        for (size_t j = 0; j < node->down_count; j++) {
            node->down[j]->child_count++;
        }
        for (size_t j = 0; j < node->depends_on_count; j++) {
            node->depends_on[j]->dependant_count++;
        }
    }
    for (size_t i = 0; i < graph->count; i++) {
        struct graph_node *node = &graph->nodes[i];

        node->children = arena_array(arena, node->child_count, sizeof(struct graph_node *));
        node->dependants = arena_array(arena, node->dependant_count, sizeof(struct graph_node *));
        node->child_count = node->dependant_count = 0;
    }
    for (size_t i = 0; i < graph->count; i++) { /* so both lists are in load order */
        struct graph_node *node = &graph->nodes[i], *below;

        for (size_t j = 0; j < node->down_count; j++) {
            below = node->down[j];
            below->children[below->child_count++] = node;
        }
        for (size_t j = 0; j < node->depends_on_count; j++) {
            below = node->depends_on[j];
            below->dependants[below->dependant_count++] = node;
        }
    }
}

static void add_edges(struct building *building)
{
    struct graph *graph = building->graph;

    for (size_t i = 0; i < graph->count; i++) {
        struct graph_node *node = &graph->nodes[i];
        struct revision *revision = node->revision;

        node->down_count = resolve_edges(building, node, false, &revision->down,
                                         &revision->down_count, &node->down);
        node->depends_on_count = resolve_edges(building, node, true, &revision->depends_on,
                                               &revision->depends_on_count, &node->depends_on);
    }
    add_backward(graph->arena, graph);
}

/* Order and cycles */

/* What is below a node that never became ready, and did not either: there is always one. */
static struct graph_node *waiting_below(const struct graph_node *node, const size_t *waiting,
                                        const char **edge)
{
    for (size_t i = 0; i < node->down_count; i++) {
        if (waiting[node->down[i]->index]) {
            *edge = "revises";
            return node->down[i];
        }
    }
    for (size_t i = 0; i < node->depends_on_count; i++) {
        if (waiting[node->depends_on[i]->index]) {
            *edge = "depends on";
            return node->depends_on[i];
        }
    }
    BUG("%s waits for nothing", node->revision->id);
}

/* Names one cycle: whoever goes down among the nodes that wait meets one of them twice. */
static void refuse_cycle(struct building *building, const size_t *waiting)
{
    struct graph *graph = building->graph;
    struct graph_node *node = graph->nodes, *begin;
    bool *met = xcalloc(graph->count, sizeof(*met));
    size_t length = 0;
    const char *edge;
    struct str text = STR_INIT;

    while (!waiting[node->index]) {
        node++;
    }
    for (; !met[node->index]; node = waiting_below(node, waiting, &edge)) {
        met[node->index] = true;
    }
    begin = node;
    do {
        struct graph_node *below = waiting_below(node, waiting, &edge);

        if (length++ < 2 * NAMES_SHOWN) {
            str_addf(&text, "%s%s %s %s", length > 1 ? ", " : "", node->revision->id, edge,
                     below->revision->id);
        }
        node = below;
    } while (node != begin);
    err_hint(refuse(building, node, node->revision->lines.down, "a cycle of %zu revision%s: %s%s",
                    length, length == 1 ? "" : "s", text.text,
                    length > 2 * NAMES_SHOWN ? " …" : ""),
             "one of them must stand upon something else, or upon nothing: \"Revises:\"");
    str_release(&text);
    free(met);
}

/* Fills oldest_first; false where there is a cycle. */
static bool sort_by_edges(struct building *building)
{
    struct graph *graph = building->graph;
    struct graph_node **order = arena_array(graph->arena, graph->count, sizeof(*order));
    size_t *waiting = xcalloc(graph->count + 1, sizeof(*waiting)), ready = 0;

    for (size_t i = 0; i < graph->count; i++) {
        waiting[i] = graph->nodes[i].down_count + graph->nodes[i].depends_on_count;
        if (waiting[i] == 0) {
            order[ready++] = &graph->nodes[i];
        }
    }
    for (size_t i = 0; i < ready; i++) {
        struct graph_node *node = order[i];

        for (size_t j = 0; j < node->child_count; j++) {
            if (--waiting[node->children[j]->index] == 0) {
                order[ready++] = node->children[j];
            }
        }
        for (size_t j = 0; j < node->dependant_count; j++) {
            if (--waiting[node->dependants[j]->index] == 0) {
                order[ready++] = node->dependants[j];
            }
        }
    }
    if (ready < graph->count) {
        refuse_cycle(building, waiting);
    }
    graph->oldest_first = order;
    free(waiting);
    return ready == graph->count;
}

/* What hangs on the order */

static void measure_depths(struct graph *graph)
{
    for (size_t i = 0; i < graph->count; i++) {
        struct graph_node *node = graph->oldest_first[i];

        for (size_t j = 0; j < node->down_count; j++) {
            if (node->depth <= node->down[j]->depth) {
                node->depth = node->down[j]->depth + 1;
            }
        }
    }
}

/* Looks below the parents of one merge, no deeper than its lowest parent, for a parent. */
static void check_merge(struct building *building, struct graph_node *merge, size_t *seen,
                        struct graph_node **stack)
{
    size_t lowest = merge->depth;

    for (size_t i = 0; i < merge->down_count; i++) {
        lowest = merge->down[i]->depth < lowest ? merge->down[i]->depth : lowest;
    }
    for (size_t i = 0; i < merge->down_count; i++) {
        size_t stacked = 0;

        stack[stacked++] = merge->down[i];
        while (stacked > 0) {
            const struct graph_node *node = stack[--stacked];

            for (size_t j = 0; j < node->down_count; j++) {
                struct graph_node *below = node->down[j];

                if (below->depth >= lowest && seen[below->index] != merge->index + 1) {
                    seen[below->index] = merge->index + 1;
                    stack[stacked++] = below;
                }
            }
        }
    }
    for (size_t i = 0; i < merge->down_count; i++) {
        if (seen[merge->down[i]->index] == merge->index + 1) {
            err_hint(refuse(building, merge, merge->revision->lines.down,
                            "Revises: %s is an ancestor of another parent of %s already",
                            merge->down[i]->revision->id, merge->revision->id),
                     "leave %s out", merge->down[i]->revision->id);
        }
    }
}

static void check_merges(struct building *building)
{
    struct graph *graph = building->graph;
    size_t *seen = xcalloc(graph->count + 1, sizeof(*seen));
    struct graph_node **stack = xcalloc(graph->count + 1, sizeof(struct graph_node *));

    for (size_t i = 0; i < graph->count; i++) {
        if (graph_is_merge_point(&graph->nodes[i])) {
            check_merge(building, &graph->nodes[i], seen, stack);
        }
    }
    free(stack);
    free(seen);
}

int graph_build(struct graph *graph, struct arena *arena, struct revision *const *revisions,
                size_t count, struct err_list *errors)
{
    struct building building = {.graph = graph, .errors = errors, .begun = errors->total};

    *graph = (struct graph){.arena = arena, .count = count};
    graph->nodes = arena_array(arena, count, sizeof(*graph->nodes));
    graph->by_id = arena_array(arena, count, sizeof(struct graph_node *));
    map_init(&graph->by_name, arena);
    add_ids(&building, revisions);
    add_labels(&building);
    sort_names(graph);
    add_edges(&building);
    if (sort_by_edges(&building)) {
        measure_depths(graph);
        check_merges(&building);
    }
    if (errors->total > building.begun) {
        return ERROR_REVISION;
    }
    inherit_labels(graph);
    inherit_dependencies(graph);
    return 0;
}
