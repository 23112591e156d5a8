#include "planner/plan.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/str.h"
#include "check.h"
#include "sketch.h"

#define LINE "a b:a c:b"
#define FORK "a b:a c1:b#one c2:b#two m:c1,c2 n:m"
#define SIDE "a b:a#one x#lib y:x/b z:y" /* y needs b */

static const struct migrations migrations;

struct world {
    struct arena arena;
    struct graph graph;
    struct goal goal;
    struct planning planning;
};

static void prepare(struct world *world, const char *graph)
{
    memset(world, 0, sizeof(*world));
    sketch_graph(&world->arena, graph, &world->graph);
    world->planning = (struct planning){
        .graph = &world->graph, .migrations = &migrations, .goal = &world->goal, .each = true};
}

static struct plan *make(struct world *world, enum goal_kind kind, const char *identifiers,
                         const char *rows)
{
    struct err err = ERR_INIT(&world->arena);
    size_t count, row_count;
    const char **words = sketch_words(&world->arena, identifiers, &count);
    const char **row_words = sketch_words(&world->arena, rows, &row_count);
    bool purge = world->goal.purge;

    if (goal_resolve(&world->graph, &world->arena, kind, words, count, &world->goal, &err)) {
        fail_msg("%s", err.message);
    }
    world->goal.purge = purge;
    return plan_make(&world->arena, &world->planning, ENGINE_SQLITE, row_words, row_count);
}

static void add_list(struct str *out, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        str_addf(out, "%s%s", i > 0 ? " " : "", names[i]);
    }
}

/* "upgrade b: a>b = b; upgrade c: …": a>b updates, -a deletes, +b inserts. */
static const char *describe(struct world *world, const struct plan *plan)
{
    struct str out = STR_INIT;
    const char *copy;

    if (plan->refused) {
        assert_int_equal(plan->step_count, 0);
        return arena_printf(&world->arena, "! %s: %s -- %s", error_class_name(plan->refused->class),
                            plan->refused->message, plan->refused->hint ? plan->refused->hint : "");
    }
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];

        str_addf(&out, "%s%s %s:", i > 0 ? "; " : "", step_kind_name(step->kind),
                 step->revision ? step->revision->id : "base");
        for (size_t j = 0; j < step->change_count; j++) {
            const struct row_change *change = &step->changes[j];

            str_addf(&out, " %s%s%s", change->from ? change->from : "",
                     change->kind == ROW_UPDATE   ? ">"
                     : change->kind == ROW_DELETE ? "-"
                                                  : "+",
                     change->to ? change->to : "");
        }
        str_add(&out, " = ");
        add_list(&out, step->heads, step->head_count);
        assert_int_equal(strlen(step->applied_checksum), 32);
    }
    copy = arena_strdup(&world->arena, out.text);
    str_release(&out);
    return copy;
}

static const struct {
    const char *graph;
    enum goal_kind kind;
    const char *identifiers, *rows;
    bool one; /* a fleet of one */
    const char *plan;
} plans[] = {
    {LINE, GOAL_UPGRADE, "head", "", false,
     "upgrade a: +a = a; upgrade b: a>b = b; upgrade c: b>c = c"},
    {LINE, GOAL_UPGRADE, "head", "b", false, "upgrade c: b>c = c"},
    {LINE, GOAL_UPGRADE, "head", "c", true, ""},
    {LINE, GOAL_UPGRADE, "a", "c", true, ""},
    {LINE, GOAL_UPGRADE, "base", "c", true, ""},
    {LINE, GOAL_READ, "", "c", true, ""},
    {FORK, GOAL_UPGRADE, "c1 ", "b", false, "upgrade c1: b>c1 = c1"},
    {FORK, GOAL_UPGRADE, "m", "c1", false, "upgrade c2: +c2 = c1 c2; upgrade m: c1- c2>m = m"},
    {FORK, GOAL_DOWNGRADE, "c1", "m", false, "downgrade m: m>c1 +c2 = c1 c2"},
    {FORK, GOAL_DOWNGRADE, "b", "n", false,
     "downgrade n: n>m = m; downgrade m: m>c1 +c2 = c1 c2; downgrade c1: c1- = c2; downgrade c2: "
     "c2>b = b"},
    {SIDE, GOAL_UPGRADE, "heads", "b", false,
     "upgrade x: +x = b x; upgrade y: b- x>y = y; upgrade z: y>z = z"},
    {SIDE, GOAL_DOWNGRADE, "x", "z", false, "downgrade z: z>y = y; downgrade y: y>b +x = b x"},
    {SIDE, GOAL_DOWNGRADE, "a", "z", false,
     "downgrade z: z>y = y; downgrade y: y>b +x = b x; downgrade b: b>a = a x"},
    {SIDE, GOAL_DOWNGRADE, "one@base", "z", false,
     "downgrade z: z>y = y; downgrade y: y>b +x = b x; downgrade b: b>a = a x; downgrade a: a- = "
     "x"},
    {LINE, GOAL_DOWNGRADE, "base", "", true, ""},
    {LINE, GOAL_DOWNGRADE, "-1", "c", true, "downgrade c: c>b = b"},
    {LINE, GOAL_DOWNGRADE, "-3", "c", true,
     "downgrade c: c>b = b; downgrade b: b>a = a; downgrade a: a- = "},
    {LINE, GOAL_DOWNGRADE, "-4", "c", false,
     "! plan: \"-4\" asks for 4 revisions below, there are only 3 -- base is as far as it goes"},
    /* at it, below it, beside it */
    {LINE, GOAL_DOWNGRADE, "b", "b", true, ""},
    {LINE, GOAL_DOWNGRADE, "b", "a", false, ""},
    {LINE, GOAL_DOWNGRADE, "b", "", false, ""},
    {LINE, GOAL_DOWNGRADE, "b", "a", true,
     "! plan: b is no ancestor of a, where the target stands -- skein upgrade b goes there"},
    {LINE, GOAL_DOWNGRADE, "b", "", true,
     "! plan: b is no ancestor of base, where the target stands -- skein upgrade b goes there"},
    {SIDE, GOAL_DOWNGRADE, "b", "y", false, ""}, /* only a dependent stands above */
    {SIDE, GOAL_DOWNGRADE, "b", "y", true,
     "! plan: nothing stands above b in its own branch; the target is at y -- name what is to go: "
     "a revision below what stands at y"},
    {SIDE, GOAL_DOWNGRADE, "x", "b", false,
     "! plan: x is no ancestor of b, where the target stands -- skein upgrade x goes there"},
    /* rows that are covered are read as applied, and written right by the first step */
    {LINE, GOAL_UPGRADE, "head", "b a", false, "upgrade c: a- b>c = c"},
    {LINE, GOAL_UPGRADE, "head", "c a", false, ""},
    {LINE, GOAL_DOWNGRADE, "a", "a b", false, "downgrade b: b- = a"},
    {LINE, GOAL_STAMP, "b", "a b", false, "stamp b: a- = b"},
    {LINE, GOAL_UPGRADE, "head", "gone b old", false,
     "! unknown_revision: the version table holds gone, old, which no file has -- bring its file "
     "(git log --all -- '*gone*' may find it; skein status says when it was applied), or say where "
     "the target stands: skein stamp --purge REV"},
    {LINE, GOAL_UPGRADE, "head", "b b", false,
     "! plan: the version table holds b twice -- delete one of the two rows by hand"},
    {LINE, GOAL_UPGRADE, "head", "c c", false, ""},
    /* stamp */
    {LINE, GOAL_STAMP, "c", "", false, "stamp c: +c = c"},
    {LINE, GOAL_STAMP, "c", "a", false, "stamp c: a>c = c"},
    {LINE, GOAL_STAMP, "a", "c", false, "stamp a: c>a = a"},
    {LINE, GOAL_STAMP, "c", "c", false, ""},
    {LINE, GOAL_STAMP, "base", "c", false, "stamp base: c- = "},
    {LINE, GOAL_STAMP, "base", "", false, ""},
    {FORK, GOAL_STAMP, "c1 c2", "b", false, "stamp c1: b>c1 = c1; stamp c2: +c2 = c1 c2"},
    {FORK, GOAL_STAMP, "c1 c2", "m", false, "stamp c1: m>c1 = c1; stamp c2: +c2 = c1 c2"},
    {FORK, GOAL_STAMP, "c1 c2", "c1", false, "stamp c2: +c2 = c1 c2"},
    {FORK, GOAL_STAMP, "m", "c1 c2", false, "stamp m: c1- c2>m = m"},
    {FORK, GOAL_STAMP, "b m", "", false, "stamp m: +m = m"},
    {FORK, GOAL_STAMP, "b c1", "c2", false,
     "stamp c1: c2>c1 = c1"}, /* c2 is above what was named */
    {SIDE, GOAL_STAMP, "heads", "b x", false, "stamp z: b- x>z = z"},
    {SIDE, GOAL_STAMP, "lib", "z", false, "stamp x: z>x = x"},
    {SIDE, GOAL_STAMP, "b", "x", false, "stamp b: +b = b x"}, /* no relation: both */
    {SIDE, GOAL_STAMP, "one@base", "x b", false, "stamp base: b- = x"},
    {SIDE, GOAL_STAMP, "base x", "b", false, "stamp x: b>x = x"},
    {SIDE, GOAL_STAMP, "base", "x b", false, "stamp base: b- x- = "},
};

static void test_plans(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        struct world world;

        prepare(&world, plans[i].graph);
        world.planning.fleet_of_one = plans[i].one;
        print_message("%s from %s\n", plans[i].identifiers, plans[i].rows);
        assert_string_equal(
            describe(&world, make(&world, plans[i].kind, plans[i].identifiers, plans[i].rows)),
            plans[i].plan);
        arena_release(&world.arena);
    }
}

static void test_purge_takes_unknown_rows(void **state)
{
    struct world world;
    struct plan *plan;

    (void)state;
    prepare(&world, LINE);
    world.goal.purge = true;
    plan = make(&world, GOAL_STAMP, "b", "gone a");
    assert_string_equal(describe(&world, plan), "stamp b: a- gone>b = b");
    plan = make(&world, GOAL_STAMP, "base", "gone");
    assert_string_equal(describe(&world, plan), "stamp base: gone- = ");
    arena_release(&world.arena);
}

/* Rows do not matter, known or not; nor is there anything for the history. */
static void test_ensure_is_the_table_alone(void **state)
{
    struct world world;
    struct plan *plan;

    (void)state;
    prepare(&world, LINE);
    plan = make(&world, GOAL_ENSURE, "", "gone");
    assert_null(plan->refused);
    assert_int_equal(plan->step_count, 1);
    assert_int_equal(plan->steps[0].kind, STEP_ENSURE);
    assert_int_equal(plan->steps[0].change_count, 0);
    assert_string_equal(plan->after[0], "gone");
    assert_int_equal(plan->operation_count, 3);
    assert_int_equal(plan->operations[0].kind, OPERATION_BEGIN);
    assert_int_equal(plan->operations[1].kind, OPERATION_VERSION_TABLE);
    assert_int_equal(plan->operations[2].kind, OPERATION_COMMIT);
    assert_int_equal(plan->unit_count, 1);
    arena_release(&world.arena);
}

static void test_before_and_after(void **state)
{
    struct world world;
    struct plan *plan;

    (void)state;
    prepare(&world, FORK);
    plan = make(&world, GOAL_UPGRADE, "m", "c2 b c1");
    assert_int_equal(plan->engine, ENGINE_SQLITE);
    assert_int_equal(plan->before_count, 3); /* as they are, sorted */
    assert_string_equal(plan->before[0], "b");
    assert_string_equal(plan->before[2], "c2");
    assert_int_equal(plan->not_maximal_count, 1);
    assert_string_equal(plan->not_maximal[0], "b");
    assert_int_equal(plan->after_count, 1);
    assert_string_equal(plan->after[0], "m");
    assert_int_equal(plan->unit_count, 1);
    assert_true(plan->operation_count > 0);
    plan = make(&world, GOAL_UPGRADE, "m", "m a");
    assert_int_equal(plan->step_count, 0);
    assert_int_equal(plan->after_count, 2); /* nothing is written, so nothing is mended */
    arena_release(&world.arena);
}

static void test_sections_must_be_there(void **state)
{
    struct world world;
    struct plan *plan;
    struct revision *c;

    (void)state;
    prepare(&world, LINE);
    c = graph_find(&world.graph, "c")->revision;
    c->scripts[ENGINE_SQLITE][DIRECTION_UPGRADE].present = false;
    plan = make(&world, GOAL_UPGRADE, "head", "");
    assert_string_equal(describe(&world, plan),
                        "! plan: c has no upgrade section for sqlite -- add "
                        "-- skein:upgrade sqlite to it");
    assert_string_equal(plan->refused->file, "c.sql");
    assert_string_equal(plan->refused->revision, "c");
    assert_string_equal(describe(&world, make(&world, GOAL_UPGRADE, "b", "")),
                        "upgrade a: +a = a; upgrade b: a>b = b");
    c->scripts[ENGINE_SQLITE][DIRECTION_DOWNGRADE].present = false;
    assert_string_equal(describe(&world, make(&world, GOAL_DOWNGRADE, "base", "c")),
                        "! plan: c has no downgrade section for sqlite -- downgrade no further "
                        "than c, or restore from a backup");
    c->irreversible = "the data is gone";
    c->scripts[ENGINE_SQLITE][DIRECTION_DOWNGRADE].present = true;
    assert_string_equal(describe(&world, make(&world, GOAL_DOWNGRADE, "b", "c")),
                        "! plan: c is irreversible: the data is gone -- downgrade no further than "
                        "c, or restore from a backup");
    assert_string_equal(describe(&world, make(&world, GOAL_STAMP, "b", "c")), "stamp b: c>b = b");
    arena_release(&world.arena);
}

static void relative_for_a_fleet(void *context)
{
    struct world *world = context;

    world->planning.each = false;
    make(world, GOAL_UPGRADE, "+1", "a");
}

static void test_a_relative_goal_needs_each(void **state)
{
    struct world world;

    (void)state;
    prepare(&world, LINE);
    check_aborts(relative_for_a_fleet, &world, "a relative goal");
    arena_release(&world.arena);
}

static void test_keys(void **state)
{
    static const char *const one[] = {"b", "a"}, *const two[] = {"a", "b"};
    struct arena arena = ARENA_INIT;

    (void)state;
    assert_string_equal(plan_key(&arena, ENGINE_SQLITE, one, 2), "sqlite:a,b");
    assert_string_equal(plan_key(&arena, ENGINE_SQLITE, two, 2), "sqlite:a,b");
    assert_string_equal(plan_key(&arena, ENGINE_POSTGRESQL, two, 0), "postgresql");
    assert_string_equal(one[0], "b"); /* left as it was */
    arena_release(&arena);
}

/* The first 128 bits of SHA-256, by its own way. */
static const char *sum(struct arena *arena, const char *text)
{
    char hex[DIGEST_HEX_SIZE];
    struct digest *digest = digest_new();

    digest_add(digest, text, strlen(text));
    digest_finish(digest, hex);
    digest_free(digest);
    return arena_strndup(arena, hex, 32);
}

static void test_applied_checksum(void **state)
{
    static const char *const heads[] = {"y", "gone"};
    struct world world;
    struct plan *plan;
    char hex[33];

    (void)state;
    prepare(&world, SIDE);
    for (size_t i = 0; i < world.graph.count; i++) {
        struct revision *revision = world.graph.nodes[i].revision;

        snprintf(revision->checksum[ENGINE_SQLITE], 65, "%c1", revision->id[0]);
        snprintf(revision->checksum[ENGINE_POSTGRESQL], 65, "%c2", revision->id[0]);
    }
    plan_applied_checksum(&world.graph, ENGINE_SQLITE, heads, 2, hex);
    assert_string_equal(hex, sum(&world.arena, "a a1\nb b1\nx x1\ny y1\n"));
    plan_applied_checksum(&world.graph, ENGINE_POSTGRESQL, heads, 0, hex);
    assert_string_equal(hex, sum(&world.arena, ""));
    plan = make(&world, GOAL_UPGRADE, "heads", "x");
    assert_int_equal(plan->step_count, 4);
    assert_string_equal(plan->applied_checksum, sum(&world.arena, "x x1\n"));
    assert_string_equal(plan->steps[0].applied_checksum, sum(&world.arena, "a a1\nx x1\n"));
    assert_string_equal(plan->steps[2].applied_checksum,
                        sum(&world.arena, "a a1\nb b1\nx x1\ny y1\n"));
    plan = make(&world, GOAL_STAMP, "b", "z"); /* over what stands then, not over the rest */
    assert_string_equal(plan->steps[0].applied_checksum, sum(&world.arena, "a a1\nb b1\n"));
    arena_release(&world.arena);
}

static void test_done_checksum(void **state)
{
    static const struct statement statements[] = {{"SELECT  1 -- one", 16, 1, 0},
                                                  {"SELECT 'a  b'", 13, 2, 0}};
    struct script script = {.present = true, .statements = statements, .statement_count = 2};
    struct arena arena = ARENA_INIT;
    char hex[33];

    (void)state;
    plan_done_checksum(ENGINE_SQLITE, &script, 0, hex);
    assert_string_equal(hex, sum(&arena, ""));
    plan_done_checksum(ENGINE_SQLITE, &script, 1, hex);
    assert_string_equal(hex, sum(&arena, "SELECT 1;\n"));
    plan_done_checksum(ENGINE_SQLITE, &script, 2, hex);
    assert_string_equal(hex, sum(&arena, "SELECT 1;\nSELECT 'a  b';\n"));
    arena_release(&arena);
}

/* The place of the i-th revision among all by id: out of order. */
static int place(int i)
{
    return i * 7919 % 1000;
}

/* From nothing through a thousand, and back. */
static void test_a_thousand_steps(void **state)
{
    struct str text = STR_INIT;
    struct world world;
    struct plan *plan;
    char last[6], up[33], down[33];

    (void)state;
    str_addf(&text, "r%04d", place(0));
    for (int i = 1; i < 1000; i++) {
        str_addf(&text, " r%04d:r%04d", place(i), place(i - 1));
    }
    prepare(&world, text.text);
    str_release(&text);
    plan = make(&world, GOAL_UPGRADE, "head", "");
    assert_int_equal(plan->step_count, 1000);
    assert_int_equal(plan->unit_count, 1);
    memcpy(up, plan->steps[499].applied_checksum, sizeof(up));
    for (size_t i = 0; i < 1000; i += 37) { /* each as if it were asked for alone */
        char hex[33];

        plan_applied_checksum(&world.graph, ENGINE_SQLITE, &plan->steps[i].revision->id, 1, hex);
        assert_string_equal(plan->steps[i].applied_checksum, hex);
    }
    snprintf(last, sizeof(last), "r%04d", place(999));
    plan = make(&world, GOAL_DOWNGRADE, "base", last);
    assert_int_equal(plan->step_count, 1000);
    memcpy(down, plan->steps[499].applied_checksum, sizeof(down));
    assert_string_equal(up, down); /* the 500th is the head after both */
    assert_int_equal(plan->after_count, 0);
    arena_release(&world.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plans),
        cmocka_unit_test(test_purge_takes_unknown_rows),
        cmocka_unit_test(test_ensure_is_the_table_alone),
        cmocka_unit_test(test_before_and_after),
        cmocka_unit_test(test_sections_must_be_there),
        cmocka_unit_test(test_a_relative_goal_needs_each),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_applied_checksum),
        cmocka_unit_test(test_done_checksum),
        cmocka_unit_test(test_a_thousand_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
