/* What Alembic prints, as values, and the revision file that is made of it: alembic_history,
 * _script, _doubt, _log, _source, _ini, _file. The texts are real ones of Alembic 1.8.1, shortened.
 */
#include <string.h>

#include "base/str.h"
#include "check.h"
#include "planner/alembic_file.h"
#include "planner/alembic_history.h"
#include "planner/alembic_ini.h"
#include "planner/alembic_log.h"
#include "planner/alembic_source.h"

struct setting {
    struct arena arena;
    struct err err;
};

static int set_up(void **state)
{
    struct setting *setting = calloc(1, sizeof(*setting));

    assert_non_null(setting);
    setting->err.arena = &setting->arena;
    *state = setting;
    return 0;
}

static int tear_down(void **state)
{
    struct setting *setting = *state;

    arena_release(&setting->arena);
    free(setting);
    return 0;
}

/*
 * history -v
 */

static const char history[] = "Rev: m (head) (mergepoint)\n"
                              "Merges: b, c\n"
                              "Also depends on: x1, lab\n"
                              "Branch names: main, other\n"
                              "Path: /p/m.py\n"
                              "\n"
                              "    merge: both\n"
                              "    second\n"
                              "    \n"
                              "      Depends on: nothing\n"
                              "    skein:upgrade\n"
                              "    Revision ID: m\n"
                              "    Revises: b, c\n"
                              "    Create Date: 2026-01-02 03:04:05.6\n"
                              "\n"
                              "Rev: a (branchpoint)\n"
                              "Parent: <base>\n"
                              "Branches into: b, c\n"
                              "Path: /p/a b.py\n"
                              "\n"
                              "\n"
                              "\n";

static void test_history(void **state)
{
    struct setting *setting = *state;
    struct alembic_revision *revisions;
    const struct revision *m;
    size_t count;

    assert_int_equal(alembic_history_parse(&setting->arena, history, strlen(history), &revisions,
                                           &count, &setting->err),
                     0);
    assert_int_equal(count, 2);
    assert_string_equal(revisions[0].revision.id, "a");
    assert_string_equal(revisions[0].revision.message, "");
    assert_string_equal(revisions[0].revision.path, "/p/a b.py");
    assert_int_equal(revisions[0].revision.down_count, 0);
    m = &revisions[1].revision;
    assert_string_equal(m->message, "merge: both");
    assert_string_equal(m->notes, "second\n\n-   Depends on: nothing\n- skein:upgrade");
    assert_string_equal(m->create_date, "2026-01-02 03:04:05.6");
    assert_int_equal(m->down_count, 2);
    assert_string_equal(m->down[1], "c");
    assert_int_equal(m->depends_on_count, 2);
    assert_string_equal(m->depends_on[1], "lab");
    assert_int_equal(revisions[1].carried_count, 2);
    assert_string_equal(revisions[1].carried[0], "main");
}

static void test_history_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"loading\nRev: a\n",
         "line 1 of what alembic history -v prints is not understood: loading"},
        {"Rev: a\nParent: <base>\nSomething: new\n", "line 3 "},
        {"Rev: a\nPath: x\n\n", "line 3 "},
        {"Rev: a\nParent: <base>\nPath: x\n\n    doc\nnoise\n", "line 6 "},
        {"Rev: a\nParent: <base>\nPath: x", "line 3 of what alembic history -v prints is not "
                                            "understood: its end"},
    };
    struct setting *setting = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct alembic_revision *revisions;
        size_t count;

        assert_int_equal(alembic_history_parse(&setting->arena, cases[i].text,
                                               strlen(cases[i].text), &revisions, &count,
                                               &setting->err),
                         ERROR_REVISION);
        assert_ptr_equal(strstr(setting->err.message, cases[i].message), setting->err.message);
    }
}

/*
 * --sql
 */

/* "ID complete|open: STATEMENT|…" a line for each step; "!" before one outside a transaction,
 * "?REASON?" before one in doubt. */
static const char *show(struct setting *setting, const struct alembic_script *script)
{
    struct str out = STR_INIT;
    const char *kept;

    for (size_t i = 0; i < script->count; i++) {
        const struct alembic_step *step = &script->steps[i];

        str_addf(&out, "%s %s:", step->revision, step->complete ? "complete" : "open");
        for (size_t j = 0; j < step->count; j++) {
            const struct alembic_statement *statement = &step->statements[j];

            str_addf(&out, " %s%s%.20s%s%.*s |", statement->outside ? "!" : "",
                     statement->doubt.reason ? "?" : "",
                     statement->doubt.reason ? statement->doubt.reason : "",
                     statement->doubt.reason ? "? " : "", (int)statement->length, statement->text);
        }
        str_addc(&out, '\n');
    }
    kept = arena_strdup(&setting->arena, out.text);
    str_release(&out);
    return kept;
}

#define VERSION "UPDATE v SET version_num='b' WHERE v.version_num = 'a';\n\n"
#define UP      "-- Running upgrade a -> b\n\n"

static const struct {
    enum engine engine;
    enum direction direction;
    const char *text, *expected, *table;
} scripts[] = {
    /* the first one, with its table; a step back to base */
    {ENGINE_POSTGRESQL, DIRECTION_UPGRADE,
     "BEGIN;\n\nCREATE TABLE s.\"V\" (\n    version_num VARCHAR(32) NOT NULL, \n    CONSTRAINT "
     "v_pkc PRIMARY KEY (version_num)\n);\n\n-- Running upgrade  -> a\n\nCREATE TABLE t (a "
     "int);\n\nINSERT INTO s.\"V\" (version_num) VALUES ('a') RETURNING "
     "s.\"V\".version_num;\n\nCOMMIT;\n\n",
     "a complete: CREATE TABLE t (a int) |\n", "s.\"V\""},
    {ENGINE_SQLITE, DIRECTION_DOWNGRADE,
     "-- Running downgrade a -> \n\nDROP TABLE t;\n\nDELETE FROM v WHERE v.version_num = "
     "'a';\n\nDROP TABLE v;\n\n",
     "a complete: DROP TABLE t |\n", "v"},
    {ENGINE_SQLITE, DIRECTION_UPGRADE,
     "-- Running upgrade  -> a\n\nINSERT INTO v (version_num) VALUES ('a') RETURNING "
     "version_num;\n\n",
     "a complete:\n", "v"},
    /* autocommit_block, a merge, several steps, transaction_per_migration */
    {ENGINE_POSTGRESQL, DIRECTION_UPGRADE,
     "BEGIN;\n\n" UP "A x;\n\nCOMMIT;\n\nB x;\n\nBEGIN;\n\nC x;\n\n" VERSION
     "-- Running upgrade b, c -> m\n\nDELETE FROM v WHERE v.version_num = 'c';\n\nUPDATE v SET "
     "version_num='m' WHERE v.version_num = 'b';\n\nCOMMIT;\n\n",
     "b complete: A x | !B x | C x |\nm complete:\n", "v"},
    {ENGINE_POSTGRESQL, DIRECTION_UPGRADE,
     "BEGIN;\n\n" UP VERSION "COMMIT;\n\nBEGIN;\n\n-- Running upgrade b -> c\n\nX y;\n\n",
     "b complete:\nc open: X y |\n", "v"},
    {ENGINE_POSTGRESQL, DIRECTION_DOWNGRADE,
     "BEGIN;\n\n-- Running downgrade m -> b, c\n\nINSERT INTO v (version_num) VALUES "
     "('b');\n\nUPDATE v SET version_num='c' WHERE v.version_num = 'm';\n\nCOMMIT;\n\n",
     "m complete:\n", "v"},
    /* strings, comments, two semicolons, a name that is like the version's column */
    {ENGINE_POSTGRESQL, DIRECTION_UPGRADE,
     "BEGIN;\n\n" UP "-- note\nINSERT INTO t VALUES ('a;\n\n" UP "');;\n\nINSERT INTO w "
     "(version_num) SELECT 1;\n\n" VERSION,
     "b complete: -- note\nINSERT INTO t VALUES ('a;\n\n-- Running upgrade a -> b\n\n') | "
     "INSERT INTO w (version_num) SELECT 1 |\n",
     "v"},
    /* a comment swallowed the end: sure before Alembic's own words, a doubt before others */
    {ENGINE_POSTGRESQL, DIRECTION_UPGRADE, "BEGIN;\n\n" UP "X 1 -- one;\n\n" VERSION,
     "b complete: X 1 |\n", "v"},
    {ENGINE_POSTGRESQL, DIRECTION_UPGRADE, "BEGIN;\n\n" UP "X 1 -- one;\n\nY 2;\n\n" VERSION,
     "b complete: ?a comment at the end? X 1 | -- one;\n\nY 2 |\n", "v"},
    /* what the loader refuses, and what comes where nothing should come */
    {ENGINE_POSTGRESQL, DIRECTION_UPGRADE,
     "BEGIN;\n\n" UP "ROLLBACK;\n\nBEGIN;\n\n" VERSION "Z;\n\n",
     "b complete: ?ROLLBACK is not allo? ROLLBACK | ?BEGIN is not allowed? BEGIN | ?it was "
     "written after? Z |\n",
     "v"},
    {ENGINE_SQLITE, DIRECTION_UPGRADE, UP "COMMIT;\n\nVACUUM;\n\n" VERSION,
     "b complete: ?COMMIT is not allowe? COMMIT | !VACUUM |\n", "v"},
    /* what cannot be cut */
    {ENGINE_POSTGRESQL, DIRECTION_UPGRADE, "BEGIN;\n\n" UP "X 'open;\n\n" VERSION,
     "b open: ?a string that opens ? \nX 'open;\n\n" VERSION " |\n", NULL},
};

static void test_scripts(void **state)
{
    struct setting *setting = *state;

    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct alembic_script script;

        alembic_script_parse(&setting->arena, scripts[i].engine, scripts[i].direction,
                             scripts[i].text, strlen(scripts[i].text), &script);
        assert_string_equal(show(setting, &script), scripts[i].expected);
        assert_int_equal(script.version_table != NULL, scripts[i].table != NULL);
        if (scripts[i].table) {
            assert_string_equal(script.version_table, scripts[i].table);
        }
    }
}

static void test_preamble(void **state)
{
    static const char text[] = "SET search_path  TO x;\n\nBEGIN;\n\n" UP VERSION;
    struct setting *setting = *state;
    struct alembic_script script;

    alembic_script_parse(&setting->arena, ENGINE_POSTGRESQL, DIRECTION_UPGRADE, text, strlen(text),
                         &script);
    assert_string_equal(script.preamble, "SET search_path TO x");
    assert_non_null(alembic_script_find(&script, "b"));
    assert_null(alembic_script_find(&script, "a"));
}

static void test_doubts(void **state)
{
    static const struct {
        enum engine engine;
        const char *text, *reason; /* its beginning; NULL: none */
        unsigned percent;
        bool bare_null;
    } cases[] = {
        {ENGINE_POSTGRESQL, "INSERT INTO t (id) VALUES (:id::INTEGER)", "a value is missing", 0,
         false},
        {ENGINE_POSTGRESQL, "UPDATE t SET a=%(a)s::INTEGER", "a value is missing",
         ALEMBIC_PERCENT_ODD, false},
        {ENGINE_MYSQL, "UPDATE t SET a=%s", "a value is missing", ALEMBIC_PERCENT_ODD, false},
        {ENGINE_SQLITE, "UPDATE t SET a=?", "a value is missing", 0, false},
        {ENGINE_POSTGRESQL, "UPDATE t SET a = b ? 'x', c = d::text, e = f[1:g], h = ':i'", NULL, 0,
         false},
        {ENGINE_SQLITE, "PRAGMA foreign_keys = OFF", "in a transaction", 0, false},
        {ENGINE_SQLITE, "PRAGMA user_version = 1", NULL, 0, false},
        {ENGINE_POSTGRESQL, "SELECT id FROM t", "offline nobody reads", 0, false},
        {ENGINE_POSTGRESQL, "SELECT setval('s', max(id)) FROM t", NULL, 0, false},
        {ENGINE_POSTGRESQL, "SELECT 1", NULL, 0, false},
        {ENGINE_POSTGRESQL, "INSERT INTO t VALUES ('a\\\\b')", "is this backslash", 0, false},
        {ENGINE_POSTGRESQL, "INSERT INTO t VALUES (E'a\\\\b', 'c\\d')", NULL, 0, false},
        {ENGINE_MYSQL, "INSERT INTO t VALUES ('a\\\\b')", NULL, 0, false},
        {ENGINE_POSTGRESQL, "UPDATE t SET a=NULL WHERE b IS NULL", NULL, 0, true},
        {ENGINE_POSTGRESQL, "UPDATE t SET a='%%' WHERE b IS NOT NULL", NULL, ALEMBIC_PERCENT_EVEN,
         false},
        {ENGINE_POSTGRESQL, "ALTER TABLE t ADD b int DEFAULT NULL", NULL, 0, false},
        {ENGINE_POSTGRESQL, "COMMENT ON TABLE t IS NULL", NULL, 0, false},
        {ENGINE_POSTGRESQL, "COPY t FROM STDIN", "COPY from or to the client", 0, false},
    };
    struct setting *setting = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct alembic_doubt doubt = alembic_doubt_of(&setting->arena, cases[i].engine,
                                                      cases[i].text, strlen(cases[i].text));

        assert_int_equal(doubt.reason != NULL, cases[i].reason != NULL);
        if (doubt.reason) {
            assert_ptr_equal(strstr(doubt.reason, cases[i].reason), doubt.reason);
        }
        assert_int_equal(doubt.percent, cases[i].percent);
        assert_int_equal(doubt.bare_null, cases[i].bare_null);
    }
}

/*
 * The log, the Python, the ini
 */

static void test_log(void **state)
{
    static const char traceback[] =
        "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.\nINFO more\n"
        "Traceback (most recent call last):\n  File \"/a/env.py\", line 3, in <module>\n"
        "  File \"/p/versions/c.py\", line 6, in upgrade\n    for row in x:\n"
        "TypeError: 'NoneType' object is not iterable\n(more)\n";
    struct setting *setting = *state;
    enum engine engine;
    const char *name, *failed = "A;\n\n  FAILED: no\nway\n";

    assert_true(alembic_log_engine(&setting->arena, traceback, &engine, &name));
    assert_int_equal(engine, ENGINE_POSTGRESQL);
    assert_false(alembic_log_engine(&setting->arena, "Context impl OracleImpl.", &engine, &name));
    assert_string_equal(name, "OracleImpl");
    assert_false(alembic_log_engine(&setting->arena, "nothing", &engine, &name));
    assert_null(name);
    assert_string_equal(alembic_log_failure(&setting->arena, "A;\n\n", traceback, "versions/c.py"),
                        "TypeError: 'NoneType' object is not iterable (line 6)");
    assert_string_equal(alembic_log_failure(&setting->arena, "", "", NULL), "it does not say why");
    assert_string_equal(alembic_log_failure(&setting->arena, failed, traceback, NULL), "no way");
    assert_int_equal(alembic_log_before_failure(failed, strlen(failed)), 4);
    assert_int_equal(alembic_log_before_failure("A;\n", 3), 3);
}

static void test_source(void **state)
{
    static const char text[] = "def helper():\n    op.get_bind()\n\n"
                               "def upgrade() -> None:\n    \"\"\"Nothing.\"\"\"\n\n    # no\n    "
                               "pass\n\n\ndef downgrade():\n    pass\n    op.execute('a')\n";

    (void)state;
    assert_true(alembic_source_passes(text, "upgrade"));
    assert_false(alembic_source_passes(text, "downgrade"));
    assert_false(alembic_source_passes(text, "other"));
    assert_false(alembic_source_passes("def upgrade():\n    op.x()\n", "upgrade"));
    assert_true(alembic_source_connects(text));
    assert_false(alembic_source_connects("op.execute('a')"));
    assert_false(alembic_source_has_tab("def f():\n\tpass\n"));
    assert_true(alembic_source_has_tab("x('a\tb')"));
    assert_true(alembic_source_has_tab("x('a\\tb')"));
}

static void test_ini(void **state)
{
    static const char text[] = "[DEFAULT]\nsqlalchemy.url = d\n[alembic]\n# sqlalchemy.url = c\n"
                               "SQLAlchemy.URL: driver://\n   goes/on\n\nscript_location = x\n"
                               "[logger_alembic]\nlevel=WARN";
    static const struct alembic_ini_change changes[] = {
        {"alembic", "sqlalchemy.url", "sqlite://", true},
        {"alembic", "revision_environment", "false", false},
        {"logger_alembic", "level", "INFO", false},
        {"more", "key", "value", true},
        {"alembic", "also", "this", true},
    };
    struct str out = STR_INIT;

    (void)state;
    alembic_ini_change(text, strlen(text), changes, 5, &out);
    assert_string_equal(out.text, "[DEFAULT]\nsqlalchemy.url = d\n[alembic]\n# sqlalchemy.url = c\n"
                                  "sqlalchemy.url = sqlite://\n\nscript_location = x\nalso = this\n"
                                  "[logger_alembic]\nlevel = INFO\n\n[more]\nkey = value\n");
    str_release(&out);
}

/*
 * The file
 */

static struct alembic_statement statement(const char *text, bool outside, const char *reason)
{
    return (struct alembic_statement){
        .text = text, .length = strlen(text), .outside = outside, .doubt = {.reason = reason}};
}

static void test_file(void **state)
{
    struct alembic_statement first[] = {statement("A 1", true, NULL), statement("B 2", false, NULL),
                                        statement("C\n3", false, NULL)};
    struct alembic_statement other[] = {statement("D", false, "why?\nso"),
                                        statement("", false, "no way")};
    struct alembic_part up[] = {{ENGINE_POSTGRESQL, first, 3}, {ENGINE_SQLITE, first, 3}};
    struct alembic_part back[] = {{ENGINE_POSTGRESQL, other, 2}, {ENGINE_SQLITE, NULL, 0}};
    struct alembic_file file = {
        .draft = {.id = "a1", .message = "Add\n\nnote"},
        .parts = {up, back},
        .part_counts = {2, 2},
    };
    struct setting *setting = *state;
    struct str out = STR_INIT;
    const char *at, *reason;
    int line = 1;

    assert_int_equal(alembic_file_render(&file, &out, &setting->err), 0);
    assert_string_equal(out.text,
                        "-- Add\n--\n-- note\n--\n-- Revision ID: a1\n-- Revises:\n\n"
                        "-- skein:upgrade postgresql,sqlite transaction=off\nA 1;\n\n"
                        "-- skein:upgrade postgresql,sqlite\nB 2;\n\nC\n3;\n\n"
                        "-- skein:downgrade postgresql\n-- skein:unfinished why? so\nD;\n\n"
                        "-- skein:unfinished no way\n\n-- skein:downgrade sqlite\n");
    at = out.text;
    assert_int_equal(alembic_file_unfinished(&setting->arena, &at, &line, &reason), 18);
    assert_string_equal(reason, "why? so");
    assert_int_equal(alembic_file_unfinished(&setting->arena, &at, &line, &reason), 21);
    assert_int_equal(alembic_file_unfinished(&setting->arena, &at, &line, &reason), 0);
    file.irreversible = "nobody\nknows";
    file.part_counts[DIRECTION_DOWNGRADE] = 0;
    assert_int_equal(alembic_file_render(&file, &out, &setting->err), 0);
    assert_non_null(strstr(out.text, "-- Revises:\n-- Irreversible: nobody knows\n\n-- skein:up"));
    assert_null(strstr(out.text, "skein:downgrade"));
    str_release(&out);
}

/* What would not be read as it was written. */
static void test_file_refused(void **state)
{
    struct alembic_statement two = statement("A 1; B 2", false, NULL);
    struct alembic_statement marked = statement("A '\n-- skein:upgrade\n'", false, NULL);
    struct alembic_part part = {ENGINE_POSTGRESQL, &two, 1};
    struct alembic_file file = {
        .draft = {.id = "a1", .message = "m"}, .parts = {&part, NULL}, .part_counts = {1, 0}};
    struct setting *setting = *state;
    struct str out = STR_INIT;

    assert_int_equal(alembic_file_render(&file, &out, &setting->err), ERROR_REVISION);
    part.statements = &marked;
    assert_int_equal(alembic_file_render(&file, &out, &setting->err), ERROR_REVISION);
    file.draft.id = "a@1";
    assert_int_equal(alembic_file_render(&file, &out, &setting->err), ERROR_CONFIGURATION);
    str_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_history, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_history_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_scripts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_preamble, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_doubts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_log, set_up, tear_down),
        cmocka_unit_test(test_source),
        cmocka_unit_test(test_ini),
        cmocka_unit_test_setup_teardown(test_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_file_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
