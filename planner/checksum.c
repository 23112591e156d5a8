#include "planner/checksum.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/digest.h"
#include "base/str.h"
#include "planner/plan.h"
#include "planner/splitter.h"

#define CHUNK 64 /* lines from one mark to the next */

/* "ID CHECKSUM\n" of every revision, in the order of ids. A plan asks for sets that differ in one
 * revision: the digest goes on from the last mark before it. */
struct checksum {
    const struct graph *graph;
    struct str lines;
    size_t *ends;          /* of the lines, by place in graph->by_id */
    bool *chosen;          /* by place, as it was the last time */
    struct digest **marks; /* of what is chosen before every CHUNKth place */
    size_t mark_count;     /* those that are made: the first ones */
    struct digest *digest;
};

static size_t mark_room(const struct graph *graph)
{
    return graph->count / CHUNK + 1;
}

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
    checksum->chosen = xcalloc(graph->count + 1, sizeof(*checksum->chosen));
    checksum->marks = xcalloc(mark_room(graph), sizeof(struct digest *));
    return checksum;
}

void checksum_free(struct checksum *checksum)
{
    for (size_t i = 0; i < mark_room(checksum->graph); i++) {
        digest_free(checksum->marks[i]);
    }
    digest_free(checksum->digest);
    str_release(&checksum->lines);
    free(checksum->ends);
    free(checksum->chosen);
    free(checksum->marks);
    free(checksum);
}

/* Takes over which are chosen; the first place where that differs from the last time. */
static size_t choose(struct checksum *checksum, const struct node_set *applied)
{
    size_t count = checksum->graph->count, first = count;

    for (size_t i = count; i-- > 0;) {
        bool chosen = node_set_has(applied, checksum->graph->by_id[i]);

        first = chosen == checksum->chosen[i] ? first : i;
        checksum->chosen[i] = chosen;
    }
    return first;
}

static void set_mark(struct checksum *checksum, size_t mark)
{
    if (!checksum->marks[mark]) {
        checksum->marks[mark] = digest_new();
    }
    digest_copy(checksum->marks[mark], checksum->digest);
    checksum->mark_count = mark + 1;
}

void checksum_of(struct checksum *checksum, const struct node_set *applied, char hex[CHECKSUM_SIZE])
{
    size_t mark = choose(checksum, applied) / CHUNK, place = 0;

    if (checksum->mark_count > 0) {
        mark = mark < checksum->mark_count ? mark : checksum->mark_count - 1;
        digest_copy(checksum->digest, checksum->marks[mark]);
        place = mark * CHUNK;
    }
    for (; place < checksum->graph->count; place++) {
        size_t begin = place > 0 ? checksum->ends[place - 1] : 0;

        if (place % CHUNK == 0) {
            set_mark(checksum, place / CHUNK);
        }
        if (checksum->chosen[place]) {
            digest_add(checksum->digest, checksum->lines.text + begin,
                       checksum->ends[place] - begin);
        }
    }
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
