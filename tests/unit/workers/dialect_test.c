#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "workers/dialect.h"
#include "workers/life.h"
#include "workers/offline.h"

static void test_names_are_put_in(void **state)
{
    struct arena arena = ARENA_INIT;
    const struct dialect_names names = {.version_table = "\"s\".\"v\"",
                                        .history_table = "\"s\".\"h\"",
                                        .version_key = "\"v_pkc\"",
                                        .local = "true"};
    (void)state;

    assert_string_equal(dialect_render(&arena, ENGINE_POSTGRESQL, DIALECT_VERSION_INSERT, &names),
                        "INSERT INTO \"s\".\"v\" (version_num) VALUES ($1)");
    assert_string_equal(dialect_render(&arena, ENGINE_SQLITE, DIALECT_COMMIT, &names), "COMMIT");
    assert_non_null(strstr(dialect_render(&arena, ENGINE_SQLITE, DIALECT_CREATE_VERSION, &names),
                           "CONSTRAINT \"v_pkc\" PRIMARY KEY"));
    assert_string_equal(dialect_render(&arena, ENGINE_POSTGRESQL, DIALECT_PATH, &names),
                        "SELECT pg_catalog.set_config('search_path', $1, true)");
    arena_release(&arena);
}

/* What every engine must have; the rest is PostgreSQL's or SQLite's own. */
static void test_every_engine_has_its_texts(void **state)
{
    static const enum dialect_purpose both[] = {
        DIALECT_LOCATE,         DIALECT_HEADS,          DIALECT_HEADS_VERSION,
        DIALECT_HEADS_HISTORY,  DIALECT_HISTORY_RUN,    DIALECT_HISTORY_SUMS,
        DIALECT_LOCK,           DIALECT_BEGIN,          DIALECT_COMMIT,
        DIALECT_ROLLBACK,       DIALECT_CREATE_VERSION, DIALECT_CREATE_HISTORY,
        DIALECT_VERSION_INSERT, DIALECT_VERSION_UPDATE, DIALECT_VERSION_DELETE,
        DIALECT_HISTORY_INSERT, DIALECT_HISTORY_MARK,   DIALECT_HISTORY_CLOSE,
        DIALECT_HISTORY_DELETE, DIALECT_HISTORY_SEEN,
    };
    (void)state;

    for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
        assert_non_null(dialect_text(ENGINE_POSTGRESQL, both[i]));
        assert_non_null(dialect_text(ENGINE_SQLITE, both[i]));
        assert_non_null(dialect_text(ENGINE_MYSQL, both[i]));
        assert_ptr_equal(dialect_text(ENGINE_MARIADB, both[i]),
                         dialect_text(ENGINE_MYSQL, both[i]));
    }
    assert_non_null(dialect_text(ENGINE_POSTGRESQL, DIALECT_SESSION));
    assert_non_null(dialect_text(ENGINE_SQLITE, DIALECT_VIOLATIONS));
    assert_non_null(dialect_text(ENGINE_SQLITE, DIALECT_HEADS_BRIEF));
    assert_non_null(dialect_text(ENGINE_MARIADB, DIALECT_PLAIN_TABLES));
    for (unsigned purpose = 0; purpose < DIALECT_COUNT; purpose++) {
        assert_non_null(dialect_purpose_name((enum dialect_purpose)purpose));
    }
}

static const char *written(struct arena *arena, enum engine engine, enum dialect_purpose purpose,
                           const struct dialect_value *values, size_t count)
{
    /* Names that look like parameters. */
    const struct dialect_names names = {"\"v$1?\"", "\"h?1{\"", "\"k\"", NULL, "false"};
    struct str out = STR_INIT;
    const char *text;

    dialect_write(&out, arena, engine, purpose, &names, values, count);
    text = arena_strdup(arena, out.text);
    str_release(&out);
    return text;
}

static void test_values_become_literals(void **state)
{
    struct arena arena = ARENA_INIT;
    const struct dialect_value change[] = {{"it's \\ $2", false}, {"?1 {version_table}", false}};
    const struct dialect_value mark[] = {
        {"(SELECT 1)", true}, {"2", false}, {"1", false}, {NULL, false}, {"run", false}};
    (void)state;

    assert_string_equal(written(&arena, ENGINE_POSTGRESQL, DIALECT_VERSION_UPDATE, change, 2),
                        "UPDATE \"v$1?\" SET version_num = '?1 {version_table}' WHERE "
                        "version_num::pg_catalog.text = E'it''s \\\\ $2'");
    assert_string_equal(written(&arena, ENGINE_SQLITE, DIALECT_VERSION_UPDATE, change, 2),
                        "UPDATE \"v$1?\" SET version_num = '?1 {version_table}' WHERE version_num "
                        "= 'it''s \\ $2'");
    assert_string_equal(written(&arena, ENGINE_SQLITE, DIALECT_HISTORY_MARK, mark, 5),
                        "UPDATE \"h?1{\"\n"
                        "SET attempted = CAST('2' AS INTEGER), done = CAST('1' AS INTEGER), "
                        "done_checksum = NULL, run_id = 'run'\n"
                        "WHERE seq = CAST((SELECT 1) AS INTEGER) AND state = 'started'");
    arena_release(&arena);
}

/* An engine that has scripts has all that every script needs. */
static void test_what_a_script_needs(void **state)
{
    static const enum dialect_purpose both[] = {
        DIALECT_OFFLINE_HEAD,  DIALECT_OFFLINE_STANDS,  DIALECT_OFFLINE_UNCHANGED,
        DIALECT_OFFLINE_PURGE, DIALECT_OFFLINE_ONE,     DIALECT_OFFLINE_TRY,
        DIALECT_OFFLINE_NEXT,  DIALECT_OFFLINE_OPEN,    DIALECT_OFFLINE_FAILED,
        DIALECT_OFFLINE_TAIL,  DIALECT_OFFLINE_APPLIED,
    };
    (void)state;

    for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
        assert_non_null(dialect_text(ENGINE_POSTGRESQL, both[i]));
        assert_non_null(dialect_text(ENGINE_SQLITE, both[i]));
        assert_non_null(dialect_text(ENGINE_MARIADB, both[i]));
    }
    assert_true(offline_supports(ENGINE_POSTGRESQL));
    assert_true(offline_supports(ENGINE_SQLITE));
    assert_true(offline_supports(ENGINE_MARIADB));
    assert_true(offline_supports(ENGINE_MYSQL));
}

static void test_what_takes_no_parameter_is_quoted(void **state)
{
    struct arena arena = ARENA_INIT;
    (void)state;

    assert_string_equal(dialect_pragma(&arena, "cache_size", "it's"),
                        "PRAGMA \"cache_size\" = 'it''s'");
    assert_string_equal(dialect_role(&arena, ENGINE_MARIADB, "a`b"), "SET ROLE `a``b`");
    assert_string_equal(dialect_variable(&arena, "sql_mode", "it's\\"),
                        "SET SESSION `sql_mode` = 'it''s\\\\'");
    assert_string_equal(dialect_variable(&arena, "n", "12"), "SET SESSION `n` = 12");
    assert_string_equal(dialect_variable(&arena, "n", "1.5"), "SET SESSION `n` = 1.5");
    assert_string_equal(dialect_variable(&arena, "n", "1.5x"), "SET SESSION `n` = '1.5x'");
    assert_string_equal(dialect_variable(&arena, "n", "."), "SET SESSION `n` = '.'");
    assert_string_equal(dialect_variable(&arena, "n", ""), "SET SESSION `n` = ''");
    arena_release(&arena);
}

static const struct {
    enum engine engine;
    const char *sql;
    bool whole, concurrent;
} kinds[] = {
    {ENGINE_POSTGRESQL, "CREATE INDEX i ON t (a)", true, false},
    {ENGINE_POSTGRESQL, "create index concurrently i ON t (a)", false, true},
    {ENGINE_POSTGRESQL, "DROP INDEX /* x */ CONCURRENTLY i", false, true},
    {ENGINE_POSTGRESQL, "REFRESH MATERIALIZED VIEW CONCURRENTLY v", false, true},
    {ENGINE_POSTGRESQL, "INSERT INTO t VALUES ('CONCURRENTLY')", true, false},
    {ENGINE_POSTGRESQL, "CREATE TABLE \"concurrently\" (a int)", true, false},
    {ENGINE_POSTGRESQL, "SELECT $$ CONCURRENTLY $$", true, false},
    {ENGINE_POSTGRESQL, "SELECT $x$ $$ CONCURRENTLY $x$", true, false},
    {ENGINE_POSTGRESQL, "VACUUM t -- CONCURRENTLY", true, false},
    {ENGINE_POSTGRESQL, "CREATE TABLE concurrently_built (a int)", true, false},
    {ENGINE_POSTGRESQL, "CALL p()", false, false},
    {ENGINE_POSTGRESQL, "/* c */ do $$ begin end $$", false, false},
    {ENGINE_POSTGRESQL, "INSERT INTO t SELECT 1 ON CONFLICT DO NOTHING", true, false},
    {ENGINE_POSTGRESQL, "SELECT 'unterminated", true, false},
    {ENGINE_POSTGRESQL, "", true, false},
    {ENGINE_SQLITE, "VACUUM", true, false},
    {ENGINE_SQLITE, "CREATE TABLE t (concurrently)", true, false},
    {ENGINE_MARIADB, "ALTER TABLE t ADD a int, ADD b int", true, false},
    {ENGINE_MARIADB, "CREATE INDEX i ON t (a, b)", true, false},
    {ENGINE_MARIADB, "create /* x */ or replace table t (a int)", false, false},
    {ENGINE_MARIADB, "/*!50001 CREATE OR REPLACE VIEW v AS SELECT 1 */", false, false},
    {ENGINE_MYSQL, "DROP TABLE a", true, false},
    {ENGINE_MYSQL, "DROP TABLE IF EXISTS `a,b`", true, false},
    {ENGINE_MYSQL, "drop table a, b", false, false},
    {ENGINE_MYSQL, "DROP DATABASE d", false, false},
    {ENGINE_MYSQL, "DROP FUNCTION f", true, false},
    {ENGINE_MYSQL, "RENAME TABLE a TO b", true, false},
    {ENGINE_MYSQL, "RENAME TABLE a TO b, b TO c", false, false},
    {ENGINE_MYSQL, "CALL p(1)", false, false},
    {ENGINE_MYSQL, "DO f(1)", false, false},
    {ENGINE_MARIADB, "BEGIN NOT ATOMIC SELECT 1; END", false, false},
    {ENGINE_MARIADB, "SET STATEMENT max_statement_time = 1 FOR DROP TABLE a, b", false, false},
    {ENGINE_MARIADB, "SET STATEMENT max_statement_time = 1 FOR ALTER TABLE a ADD b int", true,
     false},
    {ENGINE_MYSQL, "EXECUTE s", false, false},
    {ENGINE_MYSQL, "", true, false},
};

static void test_kinds_of_statements(void **state)
{
    (void)state;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t length = strlen(kinds[i].sql);
        if (dialect_is_whole(kinds[i].engine, kinds[i].sql, length) != kinds[i].whole ||
            dialect_is_concurrent(kinds[i].engine, kinds[i].sql, length) != kinds[i].concurrent) {
            fail_msg("%s", kinds[i].sql);
        }
    }
}

static void test_changes_of_rows(void **state)
{
    static const char insert[] = "INSERT INTO `Log` SELECT 'plain' FROM d.t";
    (void)state;

    assert_true(dialect_changes_rows(ENGINE_MYSQL, insert, strlen(insert)));
    assert_true(dialect_changes_rows(ENGINE_MARIADB, "load data infile 'x' into table t", 33));
    assert_false(dialect_changes_rows(ENGINE_MARIADB, "ALTER TABLE t ADD a int", 23));
    assert_false(dialect_changes_rows(ENGINE_POSTGRESQL, insert, strlen(insert)));
    assert_true(dialect_chooses_database(ENGINE_MARIADB, "/* c */ use d", 13));
    assert_false(dialect_chooses_database(ENGINE_MARIADB, insert, strlen(insert)));
    assert_false(dialect_chooses_database(ENGINE_SQLITE, "use d", 5));
    assert_true(dialect_names(ENGINE_MYSQL, insert, strlen(insert), "log"));
    assert_true(dialect_names(ENGINE_MYSQL, insert, strlen(insert), "T"));
    assert_false(dialect_names(ENGINE_MYSQL, insert, strlen(insert), "plain"));
    assert_false(dialect_names(ENGINE_MYSQL, insert, strlen(insert), "lo"));
}

static void test_what_a_block_may_hold(void **state)
{
    static const struct {
        enum engine engine;
        const char *sql;
        bool fits;
    } rows[] = {
        {ENGINE_MARIADB, "ALTER TABLE t ADD a int", true},
        {ENGINE_MARIADB, "/* c */ create /* c */ unique index i ON t (a)", true},
        {ENGINE_MYSQL, "DROP TABLE a", true},
        {ENGINE_MARIADB, "INSERT INTO t VALUES (1)", true},
        {ENGINE_MARIADB, "RENAME TABLE a TO b", true},
        {ENGINE_MARIADB, "ALTER EVENT e DISABLE", false},
        {ENGINE_MARIADB, "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @a = 1", false},
        {ENGINE_MARIADB, "CREATE DEFINER=a PROCEDURE p() SELECT 1", false},
        {ENGINE_MARIADB, "LOAD DATA INFILE 'x' INTO TABLE t", false},
        {ENGINE_MARIADB, "USE other", false},
        {ENGINE_MARIADB, "", false},
        {ENGINE_POSTGRESQL, "CREATE FUNCTION f() RETURNS int", true},
        {ENGINE_SQLITE, "VACUUM", true},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (dialect_fits_block(rows[i].engine, rows[i].sql, strlen(rows[i].sql)) != rows[i].fits) {
            fail_msg("%s", rows[i].sql);
        }
    }
}

/* Who gets as many rows as the text asks for knows that there may be more. */
static void test_a_brief_answer_has_the_limit_that_is_looked_for(void **state)
{
    char limit[32];
    (void)state;

    snprintf(limit, sizeof(limit), "LIMIT %d)", DIALECT_BRIEF_ROWS);
    assert_non_null(strstr(dialect_text(ENGINE_POSTGRESQL, DIALECT_HEADS_BRIEF), limit));
}

/* docs/design.md shows the states as the machine prints itself. */
static void test_the_states_are_documented(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct file_text file;
    struct str printed = STR_INIT;
    (void)state;

    assert_int_equal(file_read(&arena, DESIGN_PATH, 1 << 20, &file, &err), 0);
    machine_print(&life_machine, &printed);
    if (!strstr(file.data, printed.text)) {
        fail_msg("docs/design.md has other states than:\n%s", printed.text);
    }
    str_release(&printed);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_put_in),
        cmocka_unit_test(test_a_brief_answer_has_the_limit_that_is_looked_for),
        cmocka_unit_test(test_every_engine_has_its_texts),
        cmocka_unit_test(test_values_become_literals),
        cmocka_unit_test(test_what_a_script_needs),
        cmocka_unit_test(test_what_takes_no_parameter_is_quoted),
        cmocka_unit_test(test_kinds_of_statements),
        cmocka_unit_test(test_changes_of_rows),
        cmocka_unit_test(test_what_a_block_may_hold),
        cmocka_unit_test(test_the_states_are_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
