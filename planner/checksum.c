#include "planner/checksum.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/digest.h"
#include "base/str.h"
#include "planner/plan.h"
#include "planner/splitter.h"

/* "ID CHECKSUM\n" of every revision, in the order of ids, and a copy of the lines that are in. */
struct checksum {
    const struct graph *graph;
    struct str lines;
    size_t *ends; /* of the lines, by place in graph->by_id */
    char *chosen;
    struct digest *digest;
};

static void finish(struct digest *digest, char hex[CHECKSUM_SIZE])
{
    char whole[DIGEST_HEX_SIZE];

    digest_finish(digest, whole);
    memcpy(hex, whole, CHECKSUM_SIZE - 1);
    hex[CHECKSUM_SIZE - 1] = '\0';
}

struct checksum *checksum_new(const struct graph *graph, enum engine engine)
{
    struct checksum *checksum = xcalloc(1, sizeof(*checksum));

    checksum->graph = graph;
    checksum->digest = digest_new();
    checksum->ends = xcalloc(graph->count + 1, sizeof(*checksum->ends));
    str_init(&checksum->lines);
    for (size_t i = 0; i < graph->count; i++) {
        const struct revision *revision = graph->by_id[i]->revision;

        str_add(&checksum->lines, revision->id);
        str_addc(&checksum->lines, ' ');
        str_add(&checksum->lines, revision->checksum[engine]);
        str_addc(&checksum->lines, '\n');
        checksum->ends[i] = checksum->lines.length;
    }
    checksum->chosen = xmalloc(checksum->lines.length + 1);
    return checksum;
}

void checksum_free(struct checksum *checksum)
{
    digest_free(checksum->digest);
    str_release(&checksum->lines);
    free(checksum->ends);
    free(checksum->chosen);
    free(checksum);
}

void checksum_of(struct checksum *checksum, const struct node_set *applied, char hex[CHECKSUM_SIZE])
{
    const struct graph *graph = checksum->graph;
    size_t length = 0, begin = 0;

    for (size_t i = 0; i < graph->count; i++) {
        size_t end = checksum->ends[i];

        if (node_set_has(applied, graph->by_id[i])) {
            memcpy(checksum->chosen + length, checksum->lines.text + begin, end - begin);
            length += end - begin;
        }
        begin = end;
    }
    digest_add(checksum->digest, checksum->chosen, length);
    finish(checksum->digest, hex);
}

void plan_applied_checksum(const struct graph *graph, enum engine engine, const char *const *heads,
                           size_t count, char hex[CHECKSUM_SIZE])
{
    struct arena arena = ARENA_INIT;
    struct checksum *checksum = checksum_new(graph, engine);
    struct node_set applied;

    node_set_init(&applied, graph, &arena);
    for (size_t i = 0; i < count; i++) {
        struct graph_node *node = graph_find(graph, heads[i]);

        if (node) {
            graph_add_ancestors(graph, &applied, &node, 1, false);
        }
    }
    checksum_of(checksum, &applied, hex);
    checksum_free(checksum);
    arena_release(&arena);
}

void plan_done_checksum(enum engine engine, const struct script *script, size_t done,
                        char hex[CHECKSUM_SIZE])
{
    struct digest *digest = digest_new();
    struct str text = STR_INIT;

    if (done > script->statement_count) {
        BUG("%zu statements done of %zu", done, script->statement_count);
    }
    for (size_t i = 0; i < done; i++) {
        str_clear(&text);
        splitter_canonical(engine, script->statements[i].text, script->statements[i].length, &text);
        digest_add(digest, text.text, text.length);
    }
    finish(digest, hex);
    str_release(&text);
    digest_free(digest);
}
