#include "planner/goal.h"

#include <string.h>

#include "base/str.h"
#include "check.h"
#include "sketch.h"

/* A fork with labels, a merge of it, a second root with a dependency. */
#define FORK                                                                                       \
    "a000 b000:a000 c100:b000#one c110:c100 c200:b000#two c210:c200 "                              \
    "x000#lib x100:x000/c100 x200:x100"
#define MERGE "a000 b100:a000#left b200:a000 m000:b100,b200 n000:m000"

static const char *const no_rows[] = {NULL};

struct expectation {
    const char *graph;
    enum goal_kind kind;
    const char *identifiers;
    const char *rows;
    const char *result; /* "nodes | base | lineages", or "! message -- hint" */
};

static const char *describe(struct arena *arena, const struct goal *goal)
{
    return arena_printf(arena, "%s%s%s%s", sketch_names(arena, goal->nodes, goal->node_count),
                        goal->base ? " base" : "", goal->lineage_count > 0 ? " in " : "",
                        sketch_names(arena, goal->lineages, goal->lineage_count));
}

static const char *resolve(struct arena *arena, const struct expectation *row)
{
    struct err err = ERR_INIT(arena);
    struct graph graph;
    struct goal goal, absolute;
    size_t count, row_count;
    const char **identifiers = sketch_words(arena, row->identifiers, &count);
    const char **rows = sketch_words(arena, row->rows ? row->rows : "", &row_count);
    int code;

    sketch_graph(arena, row->graph, &graph);
    code = goal_resolve(&graph, arena, row->kind, identifiers, count, &goal, &err);
    if (!code) {
        assert_int_equal(goal.relative, row->rows != NULL);
        code = goal_absolute(&graph, arena, &goal, rows, row_count, &absolute, &err);
        assert_true(code || !absolute.relative);
    }
    if (code) {
        assert_int_equal(err.class, code);
        return arena_printf(arena, "! %s -- %s", err.message, err.hint ? err.hint : "");
    }
    return describe(arena, &absolute);
}

static const struct expectation absolute_goals[] = {
    {FORK, GOAL_UPGRADE, "c110", NULL, "c110"},
    {FORK, GOAL_UPGRADE, "c11", NULL, "c110"}, /* a prefix may be short, what it means not */
    {"abc abd:abc", GOAL_UPGRADE, "ab", NULL,
     "! there is no revision or branch \"ab\" -- skein history lists all"},
    {"abcd abce:abcd", GOAL_UPGRADE, "abc", NULL,
     "! \"abc\" is ambiguous, 2 revisions or branches begin so: abcd, abce -- give more characters "
     "of one of them"},
    {"abcd#abcl", GOAL_UPGRADE, "abc", NULL,
     "! \"abc\" is ambiguous, 2 revisions or branches begin so: abcd, abcl -- give more characters "
     "of one of them"},
    {"abc abcd:abc", GOAL_UPGRADE, "abc", NULL, "abc"}, /* exact goes first */
    {FORK, GOAL_UPGRADE, "heads", NULL, "c110 c210 x200"},
    {"a b/a", GOAL_UPGRADE, "heads", NULL, "b"}, /* a is depended on */
    {"a b/a", GOAL_UPGRADE, "head", NULL,
     "! \"head\" is ambiguous, there are 2 heads: a, b -- heads is all of them, LABEL@head or "
     "ID@head the one of a branch"},
    {"", GOAL_UPGRADE, "head", NULL, ""},
    {"", GOAL_UPGRADE, "heads", NULL, ""},
    {FORK, GOAL_UPGRADE, "two@head", NULL, "c210"},
    {FORK, GOAL_UPGRADE, "c1@head", NULL,
     "! \"c1\" is ambiguous, 2 revisions or branches begin so: c100, c110 -- give more characters "
     "of one of them"},
    {FORK, GOAL_UPGRADE, "b000@heads", NULL, "c110 c210"},
    {FORK, GOAL_UPGRADE, "two@c", NULL,
     "! \"c\" is ambiguous, 2 revisions or branches begin so: c200, c210 -- give more characters "
     "of one of them"},
    {FORK, GOAL_UPGRADE, "two@c100", NULL,
     "! c100 is not in the lineage of two -- leave two@ out, or name another branch"},
    {FORK, GOAL_UPGRADE, "lib", NULL, "x000"},
    {FORK, GOAL_UPGRADE, "nolib@head", NULL,
     "! there is no revision or branch \"nolib\" -- skein history lists all"},
    {FORK, GOAL_UPGRADE, "c111", NULL,
     "! there is no revision or branch \"c111\" -- did you mean c110? skein history lists all"},
    {FORK, GOAL_UPGRADE, "base", NULL, " base"},
    {FORK, GOAL_UPGRADE, "a000+1", NULL, "b000"},
    {FORK, GOAL_UPGRADE, "a000+0", NULL, "a000"},
    {FORK, GOAL_UPGRADE, "a000+2", NULL,
     "! \"a000+2\" is ambiguous: b000 has 2 children, c100, c200 -- name the revision itself, or a "
     "branch: LABEL@+N"},
    {FORK, GOAL_UPGRADE, "one@a000+2", NULL, "c100"},
    {FORK, GOAL_UPGRADE, "lib@base+2", NULL, "x100"},
    {FORK, GOAL_UPGRADE, "base+1", NULL,
     "! \"base+1\" is ambiguous: there are 2 roots, a000, x000 -- name the revision itself, or a "
     "branch: LABEL@+N"},
    {FORK, GOAL_UPGRADE, "c210-3", NULL, "a000"},
    {FORK, GOAL_UPGRADE, "two@head-1", NULL, "c200"},
    {FORK, GOAL_UPGRADE, "x200-2", NULL, "x000"}, /* parents only */
    {FORK, GOAL_UPGRADE, "c210-4", NULL,
     "! upgrade \"c210-4\": that is below the first revision -- the first is base+1"},
    {FORK, GOAL_UPGRADE, "c210-5", NULL,
     "! \"c210-5\" asks for 5 revisions below, there are only 4 -- base is as far as it goes"},
    {FORK, GOAL_UPGRADE, "x100+99999999999", NULL,
     "! \"x100+99999999999\" asks for 2147483647 revisions above, there is only 1 -- heads is as "
     "far as it goes"},
    {MERGE, GOAL_UPGRADE, "n000-2", NULL,
     "! \"n000-2\" is ambiguous: m000 has 2 parents, b100, b200 -- name the revision itself"},
    {FORK, GOAL_UPGRADE, "heads-1", NULL,
     "! \"heads-1\" is ambiguous, there are 3 heads: c110, c210, x200 -- count from one of them"},
    {"a#release-2 b:a", GOAL_UPGRADE, "release-2", NULL, "a"},
    {"a#release-2 b:a", GOAL_UPGRADE, "release-2+1", NULL, "b"},
    {FORK, GOAL_UPGRADE, "a000:b000", NULL,
     "! \"a000:b000\" is a range, one revision is needed here -- ranges are for skein history -r "
     "A:B"},
    {FORK, GOAL_UPGRADE, "@head", NULL,
     "! \"@head\" is no revision identifier -- an id, its first characters, head, heads, base, +N, "
     "-N, ID+N, ID-N or LABEL@ before one of them"},
    {FORK, GOAL_UPGRADE, "one two", NULL, "! upgrade takes one revision -- "},
    {FORK, GOAL_UPGRADE, "current", NULL,
     "! \"current\" is where a target stands, not a revision -- skein current shows it; +N and -N "
     "are counted from it"},
    {FORK, GOAL_UPGRADE, "-1", NULL,
     "! upgrade \"-1\": upgrade goes up, +N -- skein current shows where the targets stand, skein "
     "history what there is"},
    {FORK, GOAL_UPGRADE, "+0", NULL,
     "! upgrade \"+0\": that is no move -- skein current shows where the targets stand, skein "
     "history what there is"},
    {FORK, GOAL_DOWNGRADE, "+1", NULL,
     "! downgrade \"+1\": downgrade goes down, -N -- skein current shows where the targets stand, "
     "skein history what there is"},
    {FORK, GOAL_STAMP, "-1", NULL,
     "! stamp \"-1\": stamp needs to be told the revision itself -- skein current shows where the "
     "targets stand, skein history what there is"},
    {FORK, GOAL_DOWNGRADE, "b000", NULL, "b000"},
    {FORK, GOAL_DOWNGRADE, "one@b000", NULL, "b000 in c100"},
    {FORK, GOAL_DOWNGRADE, "base", NULL, " base"},
    {FORK, GOAL_DOWNGRADE, "lib@base", NULL, " base in x000"},
    {FORK, GOAL_DOWNGRADE, "one@head-1", NULL, "c100 in c100"},
    {FORK, GOAL_DOWNGRADE, "lib@x000-1", NULL, " base in x000"},
    {FORK, GOAL_DOWNGRADE, "x000-1", NULL, /* of all roots? */
     "! downgrade \"x000-1\": that is below the first revision -- say base for all, LABEL@base for "
     "one lineage"},
    {"a b:a", GOAL_DOWNGRADE, "head-2", NULL, " base"},
    {FORK, GOAL_DOWNGRADE, "heads", NULL,
     "! downgrade \"heads\" is ambiguous, there are 3 heads: c110, c210, x200 -- name one "
     "revision, "
     "or base"},
    {FORK, GOAL_STAMP, "one two@head one", NULL, "c100 c210"},
    {FORK, GOAL_STAMP, "heads", NULL, "c110 c210 x200"},
    {FORK, GOAL_STAMP, "one@base lib@base", NULL, " base in c100 x000"},
    {FORK, GOAL_STAMP, "one@base base", NULL, " base"},
    {FORK, GOAL_STAMP, "", NULL, "! stamp takes one revision or more -- "},
    {FORK, GOAL_READ, "", NULL, ""},
};

static const struct expectation relative_goals[] = {
    {FORK, GOAL_UPGRADE, "+1", "x000", "x100"},
    {FORK, GOAL_UPGRADE, "+2", "x000", "x200"},
    {"a b:a", GOAL_UPGRADE, "+2", "", "b"},
    {FORK, GOAL_UPGRADE, "+1", "",
     "! \"+1\" is ambiguous: there are 2 roots, a000, x000 -- name the revision itself, or a "
     "branch: LABEL@+N"},
    {FORK, GOAL_UPGRADE, "+1", "c100 c200",
     "! upgrade \"+1\" is ambiguous, the target stands at 2 revisions: c100, c200 -- say from "
     "which: c100+1, or LABEL@+1"},
    {FORK, GOAL_UPGRADE, "+1", "a000 b000 c100", "c110"}, /* rows that are covered do not count */
    {FORK, GOAL_UPGRADE, "two@+1", "c100 c200", "c210 in c200"},
    {FORK, GOAL_UPGRADE, "two@+1", "c100", "c200 in c200"}, /* from the fork */
    {FORK, GOAL_UPGRADE, "lib@+1", "c100", "x000 in x000"}, /* from base */
    {FORK, GOAL_UPGRADE, "+1", "x200",
     "! \"+1\" asks for 1 revision above, there is none -- heads is as far as it goes"},
    {FORK, GOAL_UPGRADE, "+1", "gone",
     "! the version table holds gone, which no file has -- bring its file (git log --all -- "
     "'*gone*' may find it; skein status says when it was applied), or say where the target "
     "stands: skein "
     "stamp --purge REV"},
    {FORK, GOAL_UPGRADE, "+1", "'|x",
     "! the version table holds '|x, which no file has -- bring its file (skein status says when "
     "it was applied), or say where the target stands: skein stamp --purge REV"},
    {FORK, GOAL_DOWNGRADE, "-1", "c110", "c100 in c110"},
    {FORK, GOAL_DOWNGRADE, "-4", "c110", " base in c110"},
    {FORK, GOAL_DOWNGRADE, "-5", "c110",
     "! \"-5\" asks for 5 revisions below, there are only 4 -- base is as far as it goes"},
    {FORK, GOAL_DOWNGRADE, "-1", "",
     "! downgrade \"-1\": nothing is applied -- skein current shows where the targets stand"},
    {FORK, GOAL_DOWNGRADE, "-1", "c110 c210",
     "! downgrade \"-1\" is ambiguous, the target stands at 2 revisions: c110, c210 -- say from "
     "which: c110@-1, or LABEL@-1"},
    {FORK, GOAL_DOWNGRADE, "one@-1", "c110 c210", "c100 in c100"},
    {FORK, GOAL_DOWNGRADE, "one@-1", "x200", "b000 in c100"}, /* one stands under x200 only */
    {FORK, GOAL_DOWNGRADE, "two@-1", "x000",
     "! downgrade \"two@-1\": nothing of that lineage is applied -- skein current shows where the "
     "targets stand"},
    {MERGE, GOAL_DOWNGRADE, "-1", "m000",
     "! \"-1\" is ambiguous: m000 has 2 parents, b100, b200 -- name the revision itself"},
};

static void check_table(const struct expectation *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena arena = ARENA_INIT;

        print_message("%s\n", rows[i].identifiers);
        assert_string_equal(resolve(&arena, &rows[i]), rows[i].result);
        arena_release(&arena);
    }
}

static void test_absolute(void **state)
{
    (void)state;
    check_table(absolute_goals, sizeof(absolute_goals) / sizeof(absolute_goals[0]));
}

static void test_relative(void **state)
{
    (void)state;
    check_table(relative_goals, sizeof(relative_goals) / sizeof(relative_goals[0]));
}

static void test_identifiers(void **state)
{
    static const struct {
        const char *graph, *identifier, *names; /* names NULL: an error */
    } rows[] = {
        {FORK, "heads", "c110 c210 x200"},
        {FORK, "base", ""},
        {FORK, "two@base", ""},
        {FORK, "-1", "c100 c200 x100"},
        {FORK, "+1", NULL},
        {FORK, "one@-2", "b000"},
        {FORK, "two@-4", ""},
        {FORK, "-6", NULL},
        {FORK, "lib+2", "x200"},
        {MERGE, "-1", "m000"},
        {MERGE, "-2", NULL},
        {FORK, "", NULL},
        {FORK, "one@", NULL},
        {FORK, "@", NULL},
        {FORK, "+", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT(&arena);
        struct graph graph;
        struct graph_node **nodes;
        size_t count;
        int code;

        sketch_graph(&arena, rows[i].graph, &graph);
        code = identifier_resolve(&graph, &arena, rows[i].identifier, &nodes, &count, &err);
        assert_int_equal(code, rows[i].names ? 0 : ERROR_PLAN);
        if (rows[i].names) {
            assert_string_equal(sketch_names(&arena, nodes, count), rows[i].names);
        }
        arena_release(&arena);
    }
}

static const struct {
    const char *graph, *range, *rows, *names; /* "! message" */
} ranges[] = {
    {"a b:a c:b d:c", ":", NULL, "d c b a"},
    {"a b:a c:b d:c", "b:", NULL, "d c b"},
    {"a b:a c:b d:c", " b : c ", NULL, "c b"},
    {"a b:a c:b d:c", "-2:", NULL, "d c b"},
    {"a b:a c:b d:c", "-9:", NULL, "d c b a"},
    {"a b:a c:b d:c", ":+2", NULL, "b a"},
    {"a b:a c:b d:c", "b:+1", NULL, "c b"},
    {"a b:a c:b d:c", "b:+9", NULL, "d c b"},
    {"a b:a c:b d:c", "b+1:d-1", NULL, "c"},
    {"a b:a c:b d:c", "current:", "b", "d c b"},
    {"a b:a c:b d:c", ":current", "b", "b a"},
    {"a b:a c:b d:c", "current:+1", "b", "c b"},
    {"a b:a c:b d:c", "-1:current", "c", "c b"},
    {"a b:a c:b d:c", ":current", "", ""},
    {"a b:a c:b d:c", "current:", NULL, "! \"current\" needs a target to ask"},
    {"a b:a c:b d:c", "d:b", NULL, "! d is no ancestor of b"},
    {"a b:a c:b d:c", "b", NULL, "! \"b\" is no range"},
    {"a b:a c:b d:c", "a:b:c", NULL, "! \"a:b:c\" is no range"},
    {"a b:a c:b d:c", "-1:+1", NULL, "! \"+1\" has nothing to be counted from"},
    {"a b:a c:b d:c", "+1:", NULL, "! \"+1\" has nothing to be counted from"},
    {"a b:a c:b d:c", ":-1", NULL, "! \"-1\" has nothing to be counted from"},
    {FORK, "one@base:heads", NULL, "c110 c100 b000 a000"},
    {FORK, "two@-1:", NULL, "c210 c200"},
    {FORK, "lib@-1:", NULL, "x200 x100"},
    {FORK, "lib@base:", NULL, "x200 x100 x000 c100 b000 a000"}, /* with what it needs */
    {FORK, "base:two@+4", NULL, "c210 c200 b000 a000"},
    {FORK, "-3:", NULL, "c110 x200 x100 x000 c210 c200 c100 b000 a000"},
    {FORK, "b000:c110", NULL, "c110 c100 b000"},
};

static void test_ranges(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT(&arena);
        struct graph graph;
        struct graph_node **nodes;
        size_t count, row_count = 0;
        const char *const *standing = no_rows;

        print_message("%s\n", ranges[i].range);
        sketch_graph(&arena, ranges[i].graph, &graph);
        if (ranges[i].rows) {
            standing = sketch_words(&arena, ranges[i].rows, &row_count);
        }
        if (identifier_range(&graph, &arena, ranges[i].range, ranges[i].rows ? standing : NULL,
                             row_count, &nodes, &count, &err)) {
            assert_string_equal(arena_printf(&arena, "! %s", err.message), ranges[i].names);
            assert_non_null(err.hint);
        } else {
            assert_string_equal(sketch_names(&arena, nodes, count), ranges[i].names);
        }
        arena_release(&arena);
    }
}

/* Where a script begins. */
static void test_rows_of_a_script(void **state)
{
    static const struct {
        const char *graph, *identifiers, *rows;
    } rows[] = {
        {FORK, "base", ""},
        {FORK, "c110", "c110"},
        {FORK, "c11", "c110"},
        {FORK, "heads", "c110 c210 x200"},
        {FORK, "c210,c110", "c110 c210"},
        {FORK, "a000,c210", "c210"}, /* what is covered is no row */
        {FORK, "x000,c100", "c100 x000"},
        {FORK, "c100+1", "c110"},
        {MERGE, "b200,b100", "b100 b200"},
        {FORK, "-1", "! \"-1\" is counted from where a target stands"},
        {FORK, "two@-1", "! \"two@-1\" is counted from where a target stands"},
        {FORK, "c110,+1", "! \"+1\" is counted from where a target stands"},
        {FORK, "c110,nope", "! there is no revision or branch \"nope\""},
        {FORK, "c110,", "! \"\" is no revision identifier"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT(&arena);
        struct graph graph;
        const char *const *found;
        size_t count;
        struct str text = STR_INIT;

        sketch_graph(&arena, rows[i].graph, &graph);
        if (goal_rows(&graph, &arena, rows[i].identifiers, &found, &count, &err)) {
            str_addf(&text, "! %s", err.message);
        } else {
            for (size_t k = 0; k < count; k++) {
                str_addf(&text, "%s%s", k > 0 ? " " : "", found[k]);
            }
        }
        assert_string_equal(text.text, rows[i].rows);
        str_release(&text);
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_absolute),         cmocka_unit_test(test_relative),
        cmocka_unit_test(test_identifiers),      cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_rows_of_a_script),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
