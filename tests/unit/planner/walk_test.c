#include "planner/walk.h"

#include <string.h>

#include "base/str.h"
#include "check.h"
#include "sketch.h"

static void applied_set(struct arena *arena, const struct graph *graph, const char *rows,
                        struct node_set *set)
{
    size_t count;
    const char **words = sketch_words(arena, rows, &count);

    node_set_init(set, graph, arena);
    for (size_t i = 0; i < count; i++) {
        struct graph_node *node = graph_find(graph, words[i]);

        assert_non_null(node);
        graph_add_ancestors(graph, set, &node, 1, false);
    }
}

static const char *ordered(struct arena *arena, const struct graph *graph,
                           const struct node_set *set)
{
    struct graph_node **nodes;
    size_t count = walk_order(graph, set, arena, &nodes);

    assert_int_equal(count, set->count);
    return sketch_names(arena, nodes, count);
}

#define TREE "a b:a c1:b#one c2:b#two d1:c1 d2:c2/d1 x y:x/c2"

/* Newest first, also for an upgrade. */
static void test_upgrade(void **state)
{
    static const struct {
        const char *graph, *rows, *targets, *order;
    } rows[] = {
        {TREE, "", "a", "a"},
        {TREE, "", "d2", "d2 c2 d1 c1 b a"},
        {TREE, "c1", "d2", "d2 c2 d1"},
        {TREE, "d2", "a", ""},
        {TREE, "d2", "y", "y x"},
        {TREE, "c1", "y d1", "d1 y x c2"}, /* heads in load order */
        {TREE, "", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena = ARENA_INIT;
        struct graph graph;
        struct node_set applied, set;
        struct graph_node *targets[4];
        size_t count;
        const char **words = sketch_words(&arena, rows[i].targets, &count);

        sketch_graph(&arena, rows[i].graph, &graph);
        applied_set(&arena, &graph, rows[i].rows, &applied);
        for (size_t j = 0; j < count; j++) {
            targets[j] = graph_find(&graph, words[j]);
        }
        walk_upgrade(&graph, &applied, targets, count, &arena, &set);
        assert_string_equal(ordered(&arena, &graph, &set), rows[i].order);
        arena_release(&arena);
    }
}

static void test_downgrade(void **state)
{
    static const struct {
        const char *rows, *target, *lineage, *order;
    } rows[] = {
        {"d1 c2", "b", NULL, "c2 d1 c1"},
        {"d1 c2", "b", "c1", "d1 c1"},
        {"d2", "b", "c1", "d2 d1 c1"}, /* d2 needs d1 */
        {"d2", "c1", NULL, "d2 d1"},
        {"d2 y", "c2", NULL, "d2"},
        {"d2 y", "b", "c2", "d2 y c2"},
        {"d2 y", NULL, "x", "y x"}, /* base of one lineage */
        {"d2 y", NULL, NULL, "d2 y x c2 d1 c1 b a"},
        {"a", "b", NULL, ""},
        {"", NULL, NULL, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena = ARENA_INIT;
        struct graph graph;
        struct node_set applied, set;

        sketch_graph(&arena, TREE, &graph);
        applied_set(&arena, &graph, rows[i].rows, &applied);
        walk_downgrade(&graph, &applied, rows[i].target ? graph_find(&graph, rows[i].target) : NULL,
                       rows[i].lineage ? graph_find(&graph, rows[i].lineage) : NULL, &arena, &set);
        assert_string_equal(ordered(&arena, &graph, &set), rows[i].order);
        arena_release(&arena);
    }
}

/* A set with a hole: what is above through the hole still comes first. */
static void test_order_over_a_hole(void **state)
{
    struct arena arena = ARENA_INIT;
    struct graph graph;
    struct node_set set;

    (void)state;
    sketch_graph(&arena, "a m:a z:m q", &graph);
    node_set_init(&set, &graph, &arena);
    node_set_add(&set, graph_find(&graph, "a"));
    node_set_add(&set, graph_find(&graph, "z"));
    node_set_add(&set, graph_find(&graph, "q"));
    assert_string_equal(ordered(&arena, &graph, &set), "z a q");
    arena_release(&arena);
}

/* A ladder: 5,000 rungs of two, each a merge of the two below, is as deep as it is wide. */
static void test_ladder(void **state)
{
    struct arena arena = ARENA_INIT;
    struct str text = STR_INIT;
    struct graph graph;
    struct node_set set;
    struct graph_node **nodes;

    (void)state;
    str_add(&text, "l0 r0");
    for (int i = 1; i < 5000; i++) {
        str_addf(&text, " l%d:l%d,r%d r%d:l%d,r%d", i, i - 1, i - 1, i, i - 1, i - 1);
    }
    sketch_graph(&arena, text.text, &graph);
    str_release(&text);
    node_set_init(&set, &graph, &arena);
    for (size_t i = 0; i < graph.count; i++) {
        node_set_add(&set, &graph.nodes[i]);
    }
    assert_int_equal(walk_order(&graph, &set, &arena, &nodes), 10000);
    assert_string_equal(nodes[0]->revision->id, "l4999");
    assert_string_equal(nodes[1]->revision->id, "r4999");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upgrade),
        cmocka_unit_test(test_downgrade),
        cmocka_unit_test(test_order_over_a_hole),
        cmocka_unit_test(test_ladder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
