#include "planner/graph.h"

#include <string.h>

#include "base/str.h"
#include "check.h"
#include "planner/revision_file.h"
#include "sketch.h"

#define MANY 10000

/* "file:line message -- hint" of each error, one a line. */
static const char *errors_of(struct arena *arena, const char *text)
{
    size_t count;
    struct revision **revisions = sketch_revisions(arena, text, &count);
    struct err_list errors;
    struct graph graph;
    struct str out = STR_INIT;
    const char *copy;
    int code;

    err_list_init(&errors, arena, 20);
    code = graph_build(&graph, arena, revisions, count, &errors);
    assert_int_equal(code, errors.total > 0 ? ERROR_REVISION : 0);
    for (size_t i = 0; i < errors.count; i++) {
        const struct err *err = &errors.items[i];

        assert_int_equal(err->class, ERROR_REVISION);
        str_addf(&out, "%s:%d %s%s%s\n", err->file, err->line, err->message,
                 err->hint ? " -- " : "", err->hint ? err->hint : "");
    }
    copy = arena_strdup(arena, out.text);
    str_release(&out);
    return copy;
}

/* The ways out. */
#define BRING       " -- bring its file back, or name another one in this line\n"
#define WHOLE       " -- write the whole id\n"
#define ELSEWHERE   " -- one of them must stand upon something else, or upon nothing: \"Revises:\"\n"
#define ONE_LABEL   " -- give one of the branches another label\n"
#define OTHER_LABEL " -- give the branch another label\n"
#define LETTERS     " -- use letters, digits and _, at most 64\n"

static const struct {
    const char *graph, *errors;
} refusals[] = {
    {"", ""},
    {"a b:a c:b", ""},
    {"a b:a;a:b",
     "a.sql:3 two files have the revision id \"a\"; the other is a.sql -- give one of them another "
     "id, or remove the copy\n"},
    {"a b:x", "b.sql:4 Revises: there is no revision \"x\"" BRING},
    {"1975ea83b712 b:1975ea83b721",
     "b.sql:4 Revises: there is no revision \"1975ea83b721\" -- did you mean 1975ea83b712?\n"},
    {"a b:a/x", "b.sql:5 Depends On: there is no revision \"x\"" BRING},
    {"abcd1 abcd2 x:abcd", "x.sql:4 Revises: \"abcd\" is ambiguous: abcd1, abcd2" WHOLE},
    {"a#one b:one",
     "b.sql:4 Revises: there is no revision \"one\"" BRING}, /* a label is no parent */
    {"a:a", "a.sql:4 a cycle of 1 revision: a revises a" ELSEWHERE},
    {"a:c b:a c:b d e:d",
     "a.sql:4 a cycle of 3 revisions: a revises c, c revises b, b revises a" ELSEWHERE},
    {"a/c b:a c:b d:c",
     "a.sql:4 a cycle of 3 revisions: a depends on c, c revises b, b revises a" ELSEWHERE},
    {"x a:x,b b:a c:b", "a.sql:4 a cycle of 2 revisions: a revises b, b revises a" ELSEWHERE},
    {"a#one b#one", "b.sql:6 the branch label \"one\" is used twice: by a and by b" ONE_LABEL},
    {"a b#a", "b.sql:6 the branch label \"a\" is also a revision's id" OTHER_LABEL},
    {"a b:a c:a,b",
     "c.sql:4 Revises: a is an ancestor of another parent of c already -- leave a out\n"},
    {"a b:a c:b d:c e:d,b",
     "e.sql:4 Revises: b is an ancestor of another parent of e already -- leave b out\n"},
    {"a b/a c:a,b", ""},     /* by a dependency it may be */
    {"a b:a/a c:b/a,a", ""}, /* and other edges may be redundant, or stand twice */
    {"a b c:a,b,a", ""},
    {"a-b", "a-b.sql:3 the revision id \"a-b\" has \"-\" in it, which command lines need" LETTERS},
    {"a@b+c",
     "a@b+c.sql:3 the revision id \"a@b+c\" has \"@\" in it, which command lines need" LETTERS},
    {"a\tb",
     "a\tb.sql:3 the revision id \"a\tb\" has white space or a control character in it" LETTERS},
    {"head", "head.sql:3 the revision id \"head\" is a word of the command line" LETTERS},
    {"a#base", "a.sql:6 the branch label \"base\" is a word of the command line" LETTERS},
    {"a#x@y", "a.sql:6 the branch label \"x@y\" has \"@\" in it, which command lines need" LETTERS},
    {"a#release-2", ""},
    {"a:x b:y c:d d:c", "a.sql:4 Revises: there is no revision \"x\"" BRING
                        "b.sql:4 Revises: there is no revision \"y\"" BRING
                        "c.sql:4 a cycle of 2 revisions: c revises d, d revises c" ELSEWHERE},
};

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct arena arena = ARENA_INIT;

        assert_string_equal(errors_of(&arena, refusals[i].graph), refusals[i].errors);
        arena_release(&arena);
    }
}

/* 64 characters, however many bytes. */
static void test_id_limit(void **state)
{
    struct arena arena = ARENA_INIT;
    struct str id = STR_INIT;

    (void)state;
    for (int i = 0; i < GRAPH_ID_LIMIT; i++) {
        str_add(&id, "é");
    }
    assert_string_equal(errors_of(&arena, id.text), "");
    str_add(&id, "x");
    assert_non_null(strstr(errors_of(&arena, id.text), "has more than 64 characters"));
    str_release(&id);
    arena_release(&arena);
}

/* From the files' own bytes: the place of an error is the header's line. */
static void test_lines_of_files(void **state)
{
    static char text[] = "-- One\n--\n-- Revision ID: aa11\n-- Revises:\n"
                         "-- Branch Labels: head\n-- Depends On: bb22\n\n-- skein:upgrade\n";
    struct file_text file = {"a.sql", "versions/a.sql", text, sizeof(text) - 1};
    struct arena arena = ARENA_INIT;
    struct err_list errors;
    struct revision *revisions[2];
    struct graph graph;

    (void)state;
    err_list_init(&errors, &arena, 10);
    revisions[0] = revisions[1] =
        revision_file_parse(&arena, &file, ENGINE_BIT(ENGINE_SQLITE), &errors);
    assert_non_null(revisions[0]);
    assert_int_equal(graph_build(&graph, &arena, revisions, 2, &errors), ERROR_REVISION);
    assert_int_equal(errors.items[0].line, 3); /* the id, twice */
    assert_string_equal(errors.items[0].file, "versions/a.sql");
    assert_int_equal(errors.items[1].line, 5);                /* the label */
    assert_int_equal(errors.items[errors.count - 1].line, 6); /* the dependency */
    arena_release(&arena);
}

static void test_partial_ids_become_full(void **state)
{
    struct arena arena = ARENA_INIT;
    struct graph graph;
    struct graph_node *node;

    (void)state;
    sketch_graph(&arena, "1975ea83b712 ae1027a6acf1:1975#accounts 77aa:1975,1975ea8/acc", &graph);
    node = graph_find(&graph, "77aa");
    assert_int_equal(node->revision->down_count, 1);
    assert_string_equal(node->revision->down[0], "1975ea83b712");
    assert_string_equal(node->revision->depends_on[0], "ae1027a6acf1");
    assert_null(graph_find(&graph, "accounts"));
    assert_null(graph_find(&graph, "1975"));
    arena_release(&arena);
}

static void test_ten_thousand(void **state)
{
    struct arena arena = ARENA_INIT;
    struct str text = STR_INIT;
    struct graph graph;
    struct graph_node **nodes, *last;
    struct node_set set;
    size_t first;

    (void)state;
    for (int i = 0; i < MANY; i++) { /* the newest is loaded first */
        str_addf(&text, i + 1 < MANY ? "r%05d:r%05d " : "r%05d", MANY - i, MANY - i - 1);
    }
    sketch_graph(&arena, text.text, &graph);
    str_release(&text);
    last = graph_find(&graph, "r10000");
    assert_int_equal(last->index, 0);
    assert_int_equal(last->depth, MANY - 1);
    assert_true(graph_is_head(last));
    assert_string_equal(graph.oldest_first[0]->revision->id, "r00001");
    assert_ptr_equal(graph.oldest_first[MANY - 1], last);
    assert_int_equal(graph_prefix(&graph, "r00", &first), 999);
    assert_string_equal(graph.names[first].name, "r00001");
    assert_int_equal(graph_prefix(&graph, "s", &first), 0);
    node_set_init(&set, &graph, &arena);
    graph_add_ancestors(&graph, &set, &last, 1, false);
    assert_int_equal(set.count, MANY);
    assert_int_equal(graph_maximal(&graph, &set, &arena, &nodes), 1);
    assert_ptr_equal(nodes[0], last);
    arena_release(&arena);
}

static void check_set(struct arena *arena, const struct graph *graph, const struct node_set *set,
                      const char *expected)
{
    struct graph_node **nodes;
    size_t count = node_set_list(set, graph, arena, &nodes);

    assert_int_equal(count, set->count);
    assert_string_equal(sketch_names(arena, nodes, count), expected);
}

static void test_relations(void **state)
{
    static const char text[] = "a b:a c:a d:b,c x y:x/b z:y";
    static const struct {
        const char *node, *below, *below_parents, *above, *above_parents, *lineage;
    } rows[] = {
        {"a", "a", "a", "a b c d y z", "a b c d", "a b c d"},
        {"b", "a b", "a b", "b d y z", "b d", "a b d"},
        {"y", "a b x y", "x y", "y z", "y z", "x y z"},
        {"d", "a b c d", "a b c d", "d", "d", "a b c d"},
    };
    struct arena arena = ARENA_INIT;
    struct graph graph;

    (void)state;
    sketch_graph(&arena, text, &graph);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct graph_node *node = graph_find(&graph, rows[i].node);
        const char *expected[] = {rows[i].below, rows[i].below_parents, rows[i].above,
                                  rows[i].above_parents};

        for (int j = 0; j < 4; j++) {
            struct node_set set;

            node_set_init(&set, &graph, &arena);
            if (j < 2) {
                graph_add_ancestors(&graph, &set, &node, 1, j == 1);
            } else {
                graph_add_descendants(&graph, &set, &node, 1, j == 3);
            }
            check_set(&arena, &graph, &set, expected[j]);
        }
        struct node_set lineage;

        node_set_init(&lineage, &graph, &arena);
        graph_add_lineage(&graph, &lineage, node, &arena, true);
        check_set(&arena, &graph, &lineage, rows[i].lineage);
    }
    assert_true(graph_is_branch_point(graph_find(&graph, "a")));
    assert_false(graph_is_branch_point(graph_find(&graph, "b"))); /* y only depends on it */
    assert_true(graph_is_merge_point(graph_find(&graph, "d")));
    assert_false(graph_is_merge_point(graph_find(&graph, "y")));
    arena_release(&arena);
}

/* Maximal over the whole graph, also where what lies between is not in the set. */
static void test_maximal(void **state)
{
    static const struct {
        const char *members, *maximal;
    } rows[] = {
        {"", ""},       {"a", "a"},     {"a d", "d"},           {"a z", "z"},
        {"b c", "b c"}, {"c z", "c z"}, {"a b c d x y", "d y"}, {"x d", "d x"},
    };
    struct arena arena = ARENA_INIT;
    struct graph graph;

    (void)state;
    sketch_graph(&arena, "a b:a c:a d:b,c x y:x/b z:y", &graph);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct graph_node **nodes;
        struct node_set set;
        size_t count;
        const char **members = sketch_words(&arena, rows[i].members, &count);

        node_set_init(&set, &graph, &arena);
        for (size_t j = 0; j < count; j++) {
            node_set_add(&set, graph_find(&graph, members[j]));
        }
        count = graph_maximal(&graph, &set, &arena, &nodes);
        assert_string_equal(sketch_names(&arena, nodes, count), rows[i].maximal);
    }
    arena_release(&arena);
}

static void test_sets(void **state)
{
    struct arena arena = ARENA_INIT;
    struct graph graph;
    struct node_set set;
    struct graph_node *b;

    (void)state;
    sketch_graph(&arena, "a b:a c:b", &graph);
    b = graph_find(&graph, "b");
    node_set_init(&set, &graph, &arena);
    node_set_add(&set, b);
    node_set_add(&set, b);
    assert_int_equal(set.count, 1);
    assert_true(node_set_has(&set, b));
    assert_false(node_set_has(&set, graph_find(&graph, "a")));
    node_set_remove(&set, b);
    node_set_remove(&set, b);
    assert_int_equal(set.count, 0);
    arena_release(&arena);
}

static void test_labels(void **state)
{
    static const struct {
        const char *graph, *node, *labels;
    } rows[] = {
        {"a b:a c:b", "b", ""},
        {"a b:a#one c:b", "a", "one"}, /* down a line */
        {"a b:a#one c:b", "c", "one"},
        {"a b:a#one c:a", "a", ""}, /* not past a fork */
        {"a b:a#one c:a", "c", ""},
        {"a b:a#one x/a", "a", ""},     /* of whatever edge */
        {"a b:a#one c:b d:b", "a", ""}, /* nor from below one */
        {"a b:a#one c:b x/c y/c", "a", ""},
        {"a b:a#one x c:b,x", "a", ""}, /* nor from below a merge */
        {"a#t b:a#two,one c:a d:b,c#x", "d", "one t two x"},
        {"a#t b:a#two,one c:a d:b,c#x", "c", "t"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena = ARENA_INIT;
        struct graph graph;
        struct str text = STR_INIT;
        const char **labels;
        size_t count;

        sketch_graph(&arena, rows[i].graph, &graph);
        count = graph_labels(&graph, graph_find(&graph, rows[i].node), &arena, &labels);
        for (size_t j = 0; j < count; j++) {
            str_addf(&text, "%s%s", j > 0 ? " " : "", labels[j]);
        }
        assert_string_equal(text.text, rows[i].labels);
        str_release(&text);
        arena_release(&arena);
    }
}

/* A dependency that an ancestor by parents has too is no news; two that stand side by side are. */
static void test_new_dependencies(void **state)
{
    struct arena arena = ARENA_INIT;
    struct graph graph;

    (void)state;
    sketch_graph(&arena, "x a b:a/x c:b d:c/x e:a/x f:a,x/x", &graph);
    assert_int_equal(graph_find(&graph, "b")->new_depends_on_count, 1);
    assert_int_equal(graph_find(&graph, "d")->new_depends_on_count, 0);
    assert_int_equal(graph_find(&graph, "d")->depends_on_count, 1);
    assert_int_equal(graph_find(&graph, "e")->new_depends_on_count, 1);
    assert_int_equal(graph_find(&graph, "f")->new_depends_on_count, 1);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),       cmocka_unit_test(test_id_limit),
        cmocka_unit_test(test_lines_of_files), cmocka_unit_test(test_partial_ids_become_full),
        cmocka_unit_test(test_ten_thousand),   cmocka_unit_test(test_relations),
        cmocka_unit_test(test_maximal),        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_labels),         cmocka_unit_test(test_new_dependencies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
