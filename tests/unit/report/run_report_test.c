/* A run of six targets with three kinds of trouble, as text and JSON; and one where all is well. */
#include "check.h"

#include <string.h>

#include "report/group.h"
#include "report/report.h"

#define TARGETS 6

static const struct server servers[] = {{"pg-a", "pg-a:5432", 0}, {"pg-b", "pg-b:5432", 0}};
static struct target targets[TARGETS];
static size_t selected[TARGETS];
static struct outcome outcomes[TARGETS];
static struct fleet fleet;
static struct err errors[TARGETS];
static struct arena arena;
static const char *const before[] = {"ae1027a6acf1"};
static const char *const after[] = {"9c41e07b22d1"};
static const struct outcome_step step = {STEP_UPGRADE, "9c41e07b22d1", 4000};

static const char *condition(enum engine engine, const char *code)
{
    (void)engine;
    return strcmp(code, "23502") == 0 ? "not_null_violation" : NULL;
}

static const struct report_style style = {.condition = condition, .again = "skein upgrade head"};

static void set_failure(size_t i, enum outcome_kind kind, enum error_class class, const char *code,
                        const char *message)
{
    errors[i] = (struct err)ERR_INIT(&arena);
    err_set(&errors[i], class, "%s", message);
    err_native(&errors[i], code, RETRY_NEVER);
    outcomes[i].kind = kind;
    outcomes[i].error = &errors[i];
    outcomes[i].step_count = 0;
    outcomes[i].after = before;
}

static struct run_result make_result(void)
{
    static const char *const names[] = {"acme", "globex", "initech", "umbrella", "hooli", "stark"};
    memset(outcomes, 0, sizeof(outcomes));
    for (size_t i = 0; i < TARGETS; i++) {
        targets[i] = (struct target){.name = names[i], .database = names[i], .server = i % 2};
        selected[i] = i;
        outcomes[i] = (struct outcome){.kind = OUTCOME_SUCCEEDED,
                                       .read = true,
                                       .before = before,
                                       .before_count = 1,
                                       .after = after,
                                       .after_count = 1,
                                       .steps = &step,
                                       .step_count = 1,
                                       .attempts = 1,
                                       .microseconds = 20000 + (int64_t)i};
    }
    fleet = (struct fleet){
        .servers = servers, .server_count = 2, .targets = targets, .target_count = TARGETS};
    return (struct run_result){
        .identity = {.id = "20261120T223000Z-5f3a9c", .actor = "eva@bastion-1", .tag = "2026.47"},
        .command = "upgrade",
        .goal = "head",
        .goal_text = "9c41e07b22d1 (head) \"users.email not null\"",
        .mode = "execute",
        .fleet = &fleet,
        .targets = selected,
        .outcomes = outcomes,
        .count = TARGETS,
        .started_wall_us = INT64_C(1795213800000000),
        .finished_wall_us = INT64_C(1795213802000000),
    };
}

static void test_all_well_is_four_lines(void **state)
{
    (void)state;
    struct str out = STR_INIT;
    struct run_result result = make_result();
    run_result_conclude(&result, false, false);
    report_run_text(&result, &style, &out);
    assert_string_equal(
        out.text, "skein upgrade head   run 20261120T223000Z-5f3a9c   tag 2026.47   eva@bastion-1\n"
                  "goal 9c41e07b22d1 (head) \"users.email not null\"\n"
                  "22:30:00 -> 22:30:02 UTC   2.0s   3.0 targets/s\n"
                  "  6 targets on 2 servers: 6 succeeded (6 steps)\n");
    str_release(&out);
}

static void check_texts(const char *text, const char *const *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(text, wanted[i]) == NULL)
            fail_msg("not in the report: %s\n%s", wanted[i], text);
}

static void test_causes(void **state)
{
    (void)state;
    struct str out = STR_INIT;
    struct run_result result = make_result();
    arena_init(&arena);
    for (size_t i = 0; i < 2; i++) {
        set_failure(i, OUTCOME_FAILED, ERROR_CONSTRAINT, "23502",
                    "column \"email\" contains null values");
        errors[i].revision = "9c41e07b22d1";
        errors[i].file = "migrations/versions/9c41e07b22d1_email.sql";
        errors[i].line = 14;
        errors[i].section = "upgrade";
        errors[i].statement = 2;
    }
    targets[3].name = "umbrella corp";
    set_failure(3, OUTCOME_UNREACHABLE, ERROR_AUTH, "28P01", "password authentication\nfailed");
    outcomes[3].read = false;
    run_result_conclude(&result, false, false);
    assert_int_equal(result.exit_code, 1);
    report_run_text(&result, &style, &out);
    static const char *const wanted[] = {
        "        6 targets on 2 servers\n",
        "        3 succeeded      3 steps\n",
        "        3 NEED YOU     2 failed   1 unreachable\n",
        " 1  2 failed       23502 not_null_violation: column \"email\" contains null values\n",
        "migrations/versions/9c41e07b22d1_email.sql:14  upgrade, statement 2   1 attempt\n",
        "stand at ae1027a6acf1 as before, nothing is left of this run\n",
        "acme pg-a, globex pg-b\n",
        "these tenants' data, not the revision (3 passed it)\n",
        " 2  1 unreachable  28P01 auth: password authentication failed\n",
        "  skein upgrade head -t acme -t globex -t 'umbrella corp'\n",
    };
    check_texts(out.text, wanted, sizeof(wanted) / sizeof(wanted[0]));
    str_release(&out);
    arena_release(&arena);
}

/* What an outcome in doubt is about; different doubts are different causes. */
static void test_doubts(void **state)
{
    (void)state;
    static const struct outcome_step few[] = {{STEP_UPGRADE, "9c41e07b22d1", 0},
                                              {STEP_UPGRADE, "aaaa00000001", 0}};
    static const struct outcome_step many[] = {{STEP_UPGRADE, "9c41e07b22d1", 0},
                                               {STEP_UPGRADE, "bbbb00000001", 0},
                                               {STEP_UPGRADE, "bbbb00000002", 0},
                                               {STEP_UPGRADE, "bbbb00000003", 0},
                                               {STEP_UPGRADE, "aaaa00000001", 0}};
    static const struct outcome_doubt about[] = {{DOUBT_COMMIT, few, 2},
                                                 {DOUBT_COMMIT, few, 2},
                                                 {DOUBT_COMMIT, many, 5},
                                                 {DOUBT_STATEMENT, few, 1},
                                                 {DOUBT_ROW, few, 1}};
    struct str out = STR_INIT;
    struct run_result result = make_result();
    arena_init(&arena);
    for (size_t i = 0; i < 5; i++) {
        bool commit = about[i].kind == DOUBT_COMMIT;
        set_failure(i, OUTCOME_IN_DOUBT, ERROR_CONNECTION, NULL, "nobody answers");
        errors[i].revision = commit ? "aaaa00000001" : "9c41e07b22d1";
        errors[i].file = commit ? "migrations/versions/a.sql" : "migrations/versions/9.sql";
        errors[i].line = commit ? 0 : 14;
        errors[i].section = commit ? NULL : "upgrade";
        errors[i].statement = commit ? 0 : 2;
        outcomes[i].doubt = &about[i];
    }
    run_result_conclude(&result, false, false);
    assert_int_equal(result.exit_code, 5);
    report_run_text(&result, &style, &out);
    static const char *const text[] = {
        " 1  2 in_doubt     connection: nobody answers\n"
        "                   migrations/versions/a.sql   1 attempt\n"
        "                   the COMMIT of 9c41e07b22d1, aaaa00000001 was not answered: whether it "
        "stands is not known\n"
        "                   acme pg-a, globex pg-b\n",
        "the COMMIT of 9c41e07b22d1 … aaaa00000001 (5 revisions) was not answered",
        "                   migrations/versions/9.sql:14  upgrade, statement 2   1 attempt\n"
        "                   statement 2 of 9c41e07b22d1 was not answered: whether it stands is not "
        "known\n",
        "statement 2 of 9c41e07b22d1 failed and left nothing: whether its row of the history is "
        "gone is not known\n",
    };
    check_texts(out.text, text, sizeof(text) / sizeof(text[0]));
    str_clear(&out);
    report_run_json(&result, &style, &out);
    static const char *const json[] = {
        "\"doubt\":{\"what\":\"commit\",\"steps\":[{\"direction\":\"upgrade\",\"revision\":"
        "\"9c41e07b22d1\"},{\"direction\":\"upgrade\",\"revision\":\"aaaa00000001\"}]}",
        "\"doubt\":{\"what\":\"statement\",\"steps\":[{\"direction\":\"upgrade\",\"revision\":"
        "\"9c41e07b22d1\"}]}",
        "\"doubt\":{\"what\":\"row\",",
    };
    check_texts(out.text, json, sizeof(json) / sizeof(json[0]));
    str_release(&out);
    arena_release(&arena);
}

/* One line, by mode and server, below the counts. */
static void test_weak_tls(void **state)
{
    (void)state;
    struct str out = STR_INIT;
    struct run_result result = make_result();
    outcomes[0].weak_tls = outcomes[2].weak_tls = "require";
    outcomes[1].weak_tls = "require";
    outcomes[5].weak_tls = "disable";
    run_result_conclude(&result, false, false);
    report_run_text(&result, &style, &out);
    assert_non_null(strstr(out.text,
                           "6 succeeded (6 steps)\n  tls weaker than verify-full: disable "
                           "on pg-b; require on pg-a, pg-b\n"));
    str_clear(&out);
    report_run_json(&result, &style, &out);
    assert_non_null(strstr(out.text,
                           "\"weak_tls\":[{\"mode\":\"disable\",\"server\":\"pg-b\",\"targets\":1},"
                           "{\"mode\":\"require\",\"server\":\"pg-a\",\"targets\":2},"
                           "{\"mode\":\"require\",\"server\":\"pg-b\",\"targets\":1}]"));
    str_release(&out);
}

static void test_json(void **state)
{
    (void)state;
    struct str out = STR_INIT;
    struct run_result result = make_result();
    arena_init(&arena);
    set_failure(4, OUTCOME_PARTIAL, ERROR_SYNTAX, "42601", "syntax error");
    err_at(&errors[4], "x.sql", 3, 0);
    errors[4].detail = "secret of a customer";
    run_result_conclude(&result, false, false);
    report_run_json(&result, &style, &out);
    static const char *const wanted[] = {
        "\"run\":{\"id\":\"20261120T223000Z-5f3a9c\",\"command\":\"upgrade\",\"goal\":\"head\","
        "\"status\":\"failed\",\"mode\":\"execute\",\"exit_code\":5,\"stopped_by\":null",
        "\"started_at\":\"2026-11-20T22:30:00.000000Z\"",
        "\"seconds\":2}",
        "\"counts\":{\"targets\":6,\"not_started\":0,\"succeeded\":5",
        "\"partial\":1",
        "\"class\":\"syntax\",\"code\":\"42601\"",
        "\"file\":\"x.sql\",\"line\":3",
        "\"before\":[\"ae1027a6acf1\"],\"after\":[\"9c41e07b22d1\"]",
        "\"steps\":[{\"direction\":\"upgrade\",\"revision\":\"9c41e07b22d1\",\"seconds\":0.004}]",
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (strstr(out.text, wanted[i]) == NULL)
            fail_msg("not in the document: %s\n%s", wanted[i], out.text);
    assert_null(strstr(out.text, "secret of a customer"));
    str_release(&out);
    arena_release(&arena);
}

/* The same code at different statements are two causes; the larger comes first. */
static void test_groups(void **state)
{
    (void)state;
    struct run_result result = make_result();
    arena_init(&arena);
    for (size_t i = 0; i < 5; i++) {
        set_failure(i, OUTCOME_FAILED, ERROR_DATA, "22003", "out of range");
        errors[i].statement = i == 0 ? 1 : 2;
    }
    struct failure_group *groups;
    assert_int_equal(failure_groups(&result, &arena, &groups), 2);
    assert_int_equal(groups[0].count, 4);
    assert_int_equal(groups[0].members[0], 1);
    assert_int_equal(groups[1].count, 1);
    arena_release(&arena);
}

/* Without a statement the words tell causes apart, but neither names nor numbers do. */
static void test_groups_before_any_statement(void **state)
{
    (void)state;
    struct run_result result = make_result();
    arena_init(&arena);
    set_failure(0, OUTCOME_UNREACHABLE, ERROR_DATA, "22023", "role \"a1\" does not exist");
    set_failure(1, OUTCOME_UNREACHABLE, ERROR_DATA, "22023", "invalid value for \"a\": \"b\"");
    set_failure(2, OUTCOME_UNREACHABLE, ERROR_DATA, "22023", "role \"b 27\" does not exist");
    struct failure_group *groups;
    assert_int_equal(failure_groups(&result, &arena, &groups), 2);
    assert_int_equal(groups[0].count, 2);
    assert_int_equal(groups[0].members[1], 2);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_well_is_four_lines),
        cmocka_unit_test(test_causes),
        cmocka_unit_test(test_doubts),
        cmocka_unit_test(test_weak_tls),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_groups_before_any_statement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
