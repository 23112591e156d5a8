#include <string.h>

#include "base/str.h"
#include "check.h"
#include "planner/plan.h"
#include "sketch.h"

/*
 * A step as text: sections by `|`, each its statements by spaces, after the words `off` and `fk`
 * where it has these options; `?name` is a require, `!name` a verify, `<` makes it a downgrade.
 */
static void add_script(struct arena *arena, const char *text, struct revision *revision,
                       struct script *script)
{
    struct section *sections = arena_array(arena, strlen(text) + 1, sizeof(*sections));
    const struct section **list = arena_array(arena, strlen(text) + 1, sizeof(*list));
    struct statement *statements = arena_array(arena, strlen(text) + 1, sizeof(*statements));
    struct check *checks = arena_array(arena, strlen(text) + 1, sizeof(*checks));
    size_t count;
    const char **words = sketch_words(arena, text, &count);

    script->present = true;
    script->section_count = 1;
    for (size_t i = 0; i < count; i++) {
        const char *word = words[i];
        struct section *section = &sections[script->section_count - 1];

        if (strcmp(word, "|") == 0) {
            script->section_count++;
        } else if (strcmp(word, "off") == 0) {
            section->transaction_off = true;
        } else if (strcmp(word, "fk") == 0) {
            section->foreign_keys_off = true;
        } else if (*word == '?' || *word == '!') {
            checks[revision->check_count++] =
                (struct check){.name = word + 1, .verify = *word == '!', .engines = ENGINE_ALL};
        } else if (strcmp(word, "<") != 0) {
            statements[script->statement_count++] =
                (struct statement){word, strlen(word), 1, script->section_count - 1};
        }
    }
    for (size_t i = 0; i < script->section_count; i++) {
        sections[i].line = (int)i + 1;
        list[i] = &sections[i];
    }
    script->sections = list;
    script->statements = statements;
    revision->checks = checks;
}

static struct plan *sketch_plan(struct arena *arena, enum engine engine, const char *const *texts,
                                size_t count)
{
    static const struct row_change change = {ROW_INSERT, NULL, "x"};
    struct plan *plan = arena_alloc(arena, sizeof(*plan));
    struct plan_step *steps = arena_array(arena, count, sizeof(*steps));

    for (size_t i = 0; i < count; i++) {
        struct revision *revision = arena_alloc(arena, sizeof(*revision));
        bool stamp = strcmp(texts[i], "stamp") == 0, accept = strcmp(texts[i], "accept") == 0;
        enum direction direction = texts[i][0] == '<' ? DIRECTION_DOWNGRADE : DIRECTION_UPGRADE;

        steps[i].kind = stamp                              ? STEP_STAMP
                        : accept                           ? STEP_ACCEPT
                        : direction == DIRECTION_DOWNGRADE ? STEP_DOWNGRADE
                                                           : STEP_UPGRADE;
        steps[i].revision = revision;
        steps[i].changes = &change;
        steps[i].change_count = accept ? 0 : 1;
        if (!stamp && !accept) {
            steps[i].script = &revision->scripts[engine][direction];
            add_script(arena, texts[i], revision, &revision->scripts[engine][direction]);
        }
    }
    plan->engine = engine;
    plan->steps = steps;
    plan->step_count = count;
    return plan;
}

/* One word an operation; a new line after each COMMIT. "SESSION:2" is the second section's. */
static const char *describe(struct arena *arena, const struct plan *plan)
{
    struct str out = STR_INIT;
    const char *copy;
    size_t commits = 0;

    for (size_t i = 0; i < plan->operation_count; i++) {
        const struct operation *operation = &plan->operations[i];

        str_add(&out, operation_name(operation->kind));
        switch (operation->kind) {
        case OPERATION_SESSION:
            str_addf(&out, ":%d", operation->section ? operation->section->line : 0);
            break;
        case OPERATION_REQUIRE:
        case OPERATION_VERIFY:
            str_addf(&out, ":%s", operation->check->name);
            break;
        case OPERATION_STATEMENT:
        case OPERATION_STATEMENT_OFF:
            assert_non_null(operation->section);
            str_addf(&out, ":%zu", operation->statement);
            break;
        case OPERATION_MARK:
            str_addf(&out, ":%zu/%zu", operation->statement, operation->done);
            break;
        case OPERATION_HISTORY_START:
            if (operation->statement > 0) {
                str_addf(&out, ":%zu/%zu", operation->statement, operation->done);
                break;
            }
            /* fallthrough */
        case OPERATION_MARK_DONE:
            str_addf(&out, ":%zu", operation->done);
            break;
        case OPERATION_HISTORY_DONE:
            str_addf(&out, ":%zu%s", operation->done, operation->insert ? "+" : "");
            break;
        default:
            break;
        }
        commits += operation->kind == OPERATION_COMMIT;
        str_addc(&out, operation->kind == OPERATION_COMMIT ? '\n' : ' ');
    }
    assert_int_equal(plan->unit_count, commits);
    copy = arena_strdup(arena, out.text);
    str_release(&out);
    return copy;
}

static const struct {
    enum engine engine;
    enum transaction_cut cut;
    const char *steps[3];
    const char *operations;
} units[] = {
    /* one revision, one unit */
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"s s"},
     "BEGIN SESSION:1 STATEMENT:1 STATEMENT:2 VERSION HISTORY_DONE:2+ COMMIT\n"},
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {""},
     "BEGIN SESSION:0 VERSION HISTORY_DONE:0+ COMMIT\n"},
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"s | s s"},
     "BEGIN SESSION:1 STATEMENT:1 SESSION:2 STATEMENT:2 STATEMENT:3 VERSION HISTORY_DONE:3+ "
     "COMMIT\n"},
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"?r ?q s !v !w"},
     "BEGIN SESSION:1 REQUIRE:r REQUIRE:q STATEMENT:1 SESSION:0 VERIFY:v VERIFY:w VERSION "
     "HISTORY_DONE:1+ COMMIT\n"},
    /* checks are about the upgrade */
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"< ?r s !v"},
     "BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ COMMIT\n"},
    /* target does not cut, revision does */
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"s", "s"},
     "BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ SESSION:1 STATEMENT:1 VERSION "
     "HISTORY_DONE:1+ COMMIT\n"},
    {ENGINE_POSTGRESQL,
     TRANSACTION_REVISION,
     {"s", "s"},
     "BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ COMMIT\n"
     "BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ COMMIT\n"},
    /* transaction=off commits all before it; a new unit begins after it */
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"off s"},
     "BEGIN SESSION:0 HISTORY_START:0 COMMIT\n"
     "SESSION:1 MARK:1/0 STATEMENT_OFF:1 MARK_DONE:1 BEGIN SESSION:0 VERSION HISTORY_DONE:1 "
     "COMMIT\n"},
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"s | off s s | s"},
     "BEGIN SESSION:1 STATEMENT:1 HISTORY_START:1 COMMIT\n"
     "SESSION:2 MARK:2/1 STATEMENT_OFF:2 SESSION:2 MARK:3/2 STATEMENT_OFF:3 MARK_DONE:3 BEGIN "
     "SESSION:3 STATEMENT:4 VERSION HISTORY_DONE:4 COMMIT\n"},
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"off s | off s"},
     "BEGIN SESSION:0 HISTORY_START:0 COMMIT\n"
     "SESSION:1 MARK:1/0 STATEMENT_OFF:1 SESSION:2 MARK:2/1 STATEMENT_OFF:2 MARK_DONE:2 BEGIN "
     "SESSION:0 VERSION HISTORY_DONE:2 COMMIT\n"},
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"off s | s | off s"},
     "BEGIN SESSION:0 HISTORY_START:0 COMMIT\n"
     "SESSION:1 MARK:1/0 STATEMENT_OFF:1 MARK_DONE:1 BEGIN SESSION:2 STATEMENT:2 MARK_DONE:2 "
     "COMMIT\n"
     "SESSION:3 MARK:3/2 STATEMENT_OFF:3 MARK_DONE:3 BEGIN SESSION:0 VERSION HISTORY_DONE:3 "
     "COMMIT\n"},
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"?r s | off s !v"},
     "BEGIN SESSION:1 REQUIRE:r STATEMENT:1 HISTORY_START:1 COMMIT\n"
     "SESSION:2 MARK:2/1 STATEMENT_OFF:2 MARK_DONE:2 BEGIN SESSION:0 VERIFY:v VERSION "
     "HISTORY_DONE:2 COMMIT\n"},
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"off | s"}, /* an empty section cuts nothing */
     "BEGIN SESSION:2 STATEMENT:1 VERSION HISTORY_DONE:1+ COMMIT\n"},
    /* the one before is in the first unit, the next one waits for nothing of it */
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"s", "s | off s", "s"},
     "BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ SESSION:1 STATEMENT:1 HISTORY_START:1 "
     "COMMIT\n"
     "SESSION:2 MARK:2/1 STATEMENT_OFF:2 MARK_DONE:2 BEGIN SESSION:0 VERSION HISTORY_DONE:2 "
     "COMMIT\n"
     "BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ COMMIT\n"},
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"s", "?r off s"},
     "BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ SESSION:0 REQUIRE:r HISTORY_START:0 "
     "COMMIT\n"
     "SESSION:1 MARK:1/0 STATEMENT_OFF:1 MARK_DONE:1 BEGIN SESSION:0 VERSION HISTORY_DONE:1 "
     "COMMIT\n"},
    /* foreign_keys=off: a unit of its own */
    {ENGINE_SQLITE,
     TRANSACTION_TARGET,
     {"?r fk s s !v"},
     "FOREIGN_KEYS_OFF BEGIN SESSION:1 REQUIRE:r STATEMENT:1 STATEMENT:2 SESSION:0 VERIFY:v "
     "VERSION HISTORY_DONE:2+ FOREIGN_KEYS_CHECK COMMIT\n"
     "FOREIGN_KEYS_ON "},
    {ENGINE_POSTGRESQL,
     TRANSACTION_TARGET,
     {"fk s"}, /* SQLite's option only */
     "BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ COMMIT\n"},
    {ENGINE_SQLITE,
     TRANSACTION_TARGET,
     {"s", "fk s", "s"},
     "BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ COMMIT\n"
     "FOREIGN_KEYS_OFF BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ FOREIGN_KEYS_CHECK "
     "COMMIT\n"
     "FOREIGN_KEYS_ON BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ COMMIT\n"},
    {ENGINE_SQLITE,
     TRANSACTION_TARGET,
     {"s | fk s | fk s | s"},
     "BEGIN SESSION:1 STATEMENT:1 HISTORY_START:1 COMMIT\n"
     "FOREIGN_KEYS_OFF BEGIN SESSION:2 STATEMENT:2 MARK_DONE:2 FOREIGN_KEYS_CHECK COMMIT\n"
     "FOREIGN_KEYS_ON FOREIGN_KEYS_OFF BEGIN SESSION:3 STATEMENT:3 MARK_DONE:3 FOREIGN_KEYS_CHECK "
     "COMMIT\n"
     "FOREIGN_KEYS_ON BEGIN SESSION:4 STATEMENT:4 VERSION HISTORY_DONE:4 COMMIT\n"},
    {ENGINE_SQLITE,
     TRANSACTION_TARGET,
     {"fk s | s"},
     "FOREIGN_KEYS_OFF BEGIN SESSION:1 STATEMENT:1 HISTORY_START:1 FOREIGN_KEYS_CHECK COMMIT\n"
     "FOREIGN_KEYS_ON BEGIN SESSION:2 STATEMENT:2 VERSION HISTORY_DONE:2 COMMIT\n"},
    {ENGINE_SQLITE,
     TRANSACTION_TARGET,
     {"s | fk s"},
     "BEGIN SESSION:1 STATEMENT:1 HISTORY_START:1 COMMIT\n"
     "FOREIGN_KEYS_OFF BEGIN SESSION:2 STATEMENT:2 VERSION HISTORY_DONE:2 FOREIGN_KEYS_CHECK "
     "COMMIT\n"
     "FOREIGN_KEYS_ON "},
    {ENGINE_SQLITE,
     TRANSACTION_TARGET,
     {"off vacuum"},
     "BEGIN SESSION:0 HISTORY_START:0 COMMIT\n"
     "SESSION:1 MARK:1/0 STATEMENT_OFF:1 MARK_DONE:1 BEGIN SESSION:0 VERSION HISTORY_DONE:1 "
     "COMMIT\n"},
    /* DDL outside, the rest in transactions, a cut at each revision */
    {ENGINE_MYSQL,
     TRANSACTION_TARGET,
     {"INSERT(1) SELECT(1)", "update(t)"},
     "BEGIN SESSION:1 STATEMENT:1 STATEMENT:2 VERSION HISTORY_DONE:2+ COMMIT\n"
     "BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ COMMIT\n"},
    {ENGINE_MARIADB,
     TRANSACTION_TARGET,
     {"Insert(1) CREATE insertion WITH(a)"},
     "BEGIN SESSION:1 STATEMENT:1 HISTORY_START:1 COMMIT\n"
     "SESSION:1 MARK:2/1 STATEMENT_OFF:2 SESSION:1 MARK:3/2 STATEMENT_OFF:3 MARK_DONE:3 BEGIN "
     "SESSION:1 STATEMENT:4 VERSION HISTORY_DONE:4 COMMIT\n"},
    /* the unit that ends a step begins the next; MARK_DONE only where a VERIFY follows */
    {ENGINE_MARIADB,
     TRANSACTION_REVISION,
     {"create alter", "drop | alter", "create"},
     "BEGIN SESSION:1 HISTORY_START:1/0 COMMIT\n"
     "STATEMENT_OFF:1 SESSION:1 MARK:2/1 STATEMENT_OFF:2 BEGIN SESSION:0 VERSION HISTORY_DONE:2 "
     "SESSION:1 HISTORY_START:1/0 COMMIT\n"
     "STATEMENT_OFF:1 SESSION:2 MARK:2/1 STATEMENT_OFF:2 BEGIN SESSION:0 VERSION HISTORY_DONE:2 "
     "SESSION:1 HISTORY_START:1/0 COMMIT\n"
     "STATEMENT_OFF:1 BEGIN SESSION:0 VERSION HISTORY_DONE:1 COMMIT\n"},
    {ENGINE_MYSQL,
     TRANSACTION_TARGET,
     {"create !v", "create ?r", "update(t)"},
     "BEGIN SESSION:1 HISTORY_START:1/0 COMMIT\n"
     "STATEMENT_OFF:1 MARK_DONE:1 BEGIN SESSION:0 VERIFY:v VERSION HISTORY_DONE:1 COMMIT\n"
     "BEGIN SESSION:1 REQUIRE:r HISTORY_START:1/0 COMMIT\n"
     "STATEMENT_OFF:1 BEGIN SESSION:0 VERSION HISTORY_DONE:1 COMMIT\n"
     "BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ COMMIT\n"},
    /* what sets more than the session's variables is no part of a transaction */
    {ENGINE_MARIADB,
     TRANSACTION_TARGET,
     {"set@a=1 set+global+b=1 set/**/statement/**/c"},
     "BEGIN SESSION:1 STATEMENT:1 HISTORY_START:1 COMMIT\n"
     "SESSION:1 MARK:2/1 STATEMENT_OFF:2 SESSION:1 MARK:3/2 STATEMENT_OFF:3 BEGIN SESSION:0 "
     "VERSION HISTORY_DONE:3 COMMIT\n"},
    /* no script */
    {ENGINE_SQLITE,
     TRANSACTION_REVISION,
     {"stamp", "stamp"},
     "BEGIN VERSION HISTORY_DONE:0+ VERSION HISTORY_DONE:0+ COMMIT\n"},
    {ENGINE_MYSQL,
     TRANSACTION_TARGET,
     {"stamp", "stamp"},
     "BEGIN VERSION HISTORY_DONE:0+ VERSION HISTORY_DONE:0+ COMMIT\n"},
    {ENGINE_SQLITE, TRANSACTION_TARGET, {"accept"}, "BEGIN HISTORY_DONE:0+ COMMIT\n"},
    {ENGINE_SQLITE, TRANSACTION_TARGET, {NULL}, ""},
};

static size_t count_steps(const char *const *steps)
{
    size_t count = 0;

    while (count < 3 && steps[count]) {
        count++;
    }
    return count;
}

/* A COMMIT is of the step that it ends, or begins, and not of the one that comes behind it. */
static void check_commits(const struct plan *plan)
{
    for (size_t i = 1; i < plan->operation_count; i++) {
        if (plan->operations[i].kind == OPERATION_COMMIT) {
            assert_int_equal(plan->operations[i].step, plan->operations[i - 1].step);
        }
    }
}

static void test_units(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        struct arena arena = ARENA_INIT;
        struct plan *plan =
            sketch_plan(&arena, units[i].engine, units[i].steps, count_steps(units[i].steps));

        unit_compile(&arena, plan, units[i].cut);
        assert_string_equal(describe(&arena, plan), units[i].operations);
        check_commits(plan);
        assert_int_equal(plan->transaction_off, strstr(units[i].operations, "_OFF:") != NULL);
        arena_release(&arena);
    }
}

static const struct {
    enum engine engine;
    const char *steps[3];
    size_t done;
    const char *operations;
} rests[] = {
    {ENGINE_POSTGRESQL,
     {"?r s | off s s | s !v", "s"},
     1,
     "SESSION:2 MARK:2/1 STATEMENT_OFF:2 SESSION:2 MARK:3/2 STATEMENT_OFF:3 MARK_DONE:3 BEGIN "
     "SESSION:3 STATEMENT:4 SESSION:0 VERIFY:v VERSION HISTORY_DONE:4 COMMIT\n"
     "BEGIN SESSION:1 STATEMENT:1 VERSION HISTORY_DONE:1+ COMMIT\n"},
    {ENGINE_POSTGRESQL,
     {"s | off s s | s"},
     2,
     "SESSION:2 MARK:3/2 STATEMENT_OFF:3 MARK_DONE:3 BEGIN SESSION:3 STATEMENT:4 VERSION "
     "HISTORY_DONE:4 COMMIT\n"},
    {ENGINE_POSTGRESQL,
     {"s | off s s | s"},
     3,
     "BEGIN SESSION:3 STATEMENT:4 VERSION HISTORY_DONE:4 COMMIT\n"},
    {ENGINE_POSTGRESQL,
     {"s | off s s !v"},
     3, /* all is done but the end */
     "BEGIN SESSION:0 VERIFY:v VERSION HISTORY_DONE:3 COMMIT\n"},
    {ENGINE_POSTGRESQL,
     {"off s s"},
     0,
     "SESSION:1 MARK:1/0 STATEMENT_OFF:1 SESSION:1 MARK:2/1 STATEMENT_OFF:2 MARK_DONE:2 BEGIN "
     "SESSION:0 VERSION HISTORY_DONE:2 COMMIT\n"},
    /* resolve --done-to may lie inside what was a unit */
    {ENGINE_POSTGRESQL,
     {"s s s | off s"},
     1,
     "BEGIN SESSION:1 STATEMENT:2 STATEMENT:3 MARK_DONE:3 COMMIT\n"
     "SESSION:2 MARK:4/3 STATEMENT_OFF:4 MARK_DONE:4 BEGIN SESSION:0 VERSION HISTORY_DONE:4 "
     "COMMIT\n"},
    {ENGINE_POSTGRESQL,
     {"s s s"},
     1,
     "BEGIN SESSION:1 STATEMENT:2 STATEMENT:3 VERSION HISTORY_DONE:3 COMMIT\n"},
    {ENGINE_SQLITE,
     {"< fk s | fk s"},
     1,
     "FOREIGN_KEYS_OFF BEGIN SESSION:2 STATEMENT:2 VERSION HISTORY_DONE:2 FOREIGN_KEYS_CHECK "
     "COMMIT\n"
     "FOREIGN_KEYS_ON "},
};

static void test_resume(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
        struct arena arena = ARENA_INIT;
        struct plan *plan =
            sketch_plan(&arena, rests[i].engine, rests[i].steps, count_steps(rests[i].steps));
        const struct plan *rest;
        const char *whole;

        unit_compile(&arena, plan, TRANSACTION_TARGET);
        whole = describe(&arena, plan);
        rest = unit_resume(&arena, plan, TRANSACTION_TARGET, rests[i].done);
        assert_string_equal(describe(&arena, rest), rests[i].operations);
        assert_string_equal(describe(&arena, plan), whole); /* shared, and left as it was */
        assert_ptr_equal(rest->steps, plan->steps);
        arena_release(&arena);
    }
}

static void resume_too_far(void *context)
{
    struct arena arena = ARENA_INIT;

    unit_resume(&arena, context, TRANSACTION_TARGET, 2);
}

static void test_resume_beyond_the_end_is_a_bug(void **state)
{
    static const char *const steps[] = {"s"};
    struct arena arena = ARENA_INIT;
    struct plan *plan = sketch_plan(&arena, ENGINE_SQLITE, steps, 1);

    (void)state;
    check_aborts(resume_too_far, plan, "cannot go on after 2 statements");
    arena_release(&arena);
}

/* Every kind has a name, and no two the same. */
static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < OPERATION_COUNT; i++) {
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(operation_name((enum operation_kind)i),
                                    operation_name((enum operation_kind)j));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_resume_beyond_the_end_is_a_bug),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
