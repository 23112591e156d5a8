#include "workers/offline_client.h"

#include <string.h>

#include "check.h"

/* What the client is given, or "! message" with the line. */
static const char *written(struct arena *arena, enum engine engine, const char *sql)
{
    struct err err = ERR_INIT(arena);
    struct str out = STR_INIT;
    const char *text;

    if (offline_client(engine)->add(&out, sql, strlen(sql), &err)) {
        text = arena_printf(arena, "! %d", err.line);
        assert_int_equal(err.class, ERROR_REVISION);
        assert_non_null(err.hint);
    } else {
        text = arena_strdup(arena, out.text);
    }
    str_release(&out);
    return text;
}

static void test_psql_keeps_its_variables_away(void **state)
{
    static const struct {
        const char *sql, *script;
    } rows[] = {
        {"SELECT a[1:n]", "SELECT a[1\\:n]"},
        {"SELECT a[:n]", "SELECT a[\\:n]"},
        {"SELECT a[n:\"N\"], a['1':'2']", "SELECT a[n\\:\"N\"], a['1'\\:'2']"},
        {"SELECT a[1:2]", "SELECT a[1\\:2]"},
        {"SELECT a[1: n], a[:]", "SELECT a[1: n], a[:]"},
        {"SELECT a::text, a[1::int:n::int]", "SELECT a::text, a[1::int\\:n::int]"},
        {"SELECT a :: text", "SELECT a :: text"},
        {"CALL p(n:=1, m := 2)", "CALL p(n:=1, m := 2)"},
        {"SELECT :{?n}", "SELECT \\:{?n}"},
        {"SELECT a[1:\xc3\xa4]", "SELECT a[1\\:\xc3\xa4]"},
        {"SELECT ':n \\q', \":n\", $$:n$$, $x$:n$x$, E'\\':n'",
         "SELECT ':n \\q', \":n\", $$:n$$, $x$:n$x$, E'\\':n'"},
        {"SELECT 1 -- :n\n/* :n */ + 1", "SELECT 1 -- :n\n/* :n */ + 1"},
        {"SELECT a[1:", "SELECT a[1:"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena = ARENA_INIT;
        assert_string_equal(written(&arena, ENGINE_POSTGRESQL, rows[i].sql), rows[i].script);
        arena_release(&arena);
    }
}

static void test_sqlite3_ends_no_statement_early(void **state)
{
    static const struct {
        const char *sql;
        int line; /* of the error; 0: it is written as it is */
    } rows[] = {
        {"SELECT 10\n/\n2", 2},
        {"SELECT 10 AS\n  Go \t\n, 2", 2},
        {"SELECT 1,\n10 -- a\n/ -- b\n2", 3},
        {"SELECT 1 AS\ngo", 2},
        {"SELECT 10\n/ 2", 0},
        {"SELECT 10 AS\ngone", 0},
        {"SELECT '\n/\n', \"\ngo\n\", `\n/\n`, [\n/\n]", 0},
        {"SELECT 'a\r\nb'", 1},
        {"SELECT 'a\rb'", 0},
        {"SELECT 'a:b', :n, ?1, '.tables\n.quit'", 0},
        {"", 0},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena = ARENA_INIT;
        assert_string_equal(written(&arena, ENGINE_SQLITE, rows[i].sql),
                            rows[i].line ? arena_printf(&arena, "! %d", rows[i].line)
                                         : rows[i].sql);
        arena_release(&arena);
    }
}

static void test_mariadb_is_given_no_command(void **state)
{
    static const struct {
        const char *sql;
        int line; /* of the error; 0: it is written as it is */
    } rows[] = {
        {"SELECT 1 AS\ndelimiter", 2},
        {"CREATE TABLE t (a int,\n Delimiter_2 int)", 2},
        {"SELECT a.delimiter FROM a", 1},
        {"SELECT `delimiter`, 'delimiter', \"delimiter\" -- delimiter\n/* delimiter */", 0},
        {"/* a */ system ls", 1},
        {"-- a\nQUIT", 2},
        {"SELECT status FROM source", 0},
        {"SELECT\n\\! ls", 2},
        {"SELECT '\\! ls', \"\\q\" -- \\q", 0},
        {"USE other", 0},
        {"CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN SET @a = ';'; END", 0},
        {"SELECT 'a\r\nb'", 1},
        {"", 0},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena = ARENA_INIT;
        assert_string_equal(written(&arena, ENGINE_MARIADB, rows[i].sql),
                            rows[i].line ? arena_printf(&arena, "! %d", rows[i].line)
                                         : rows[i].sql);
        arena_release(&arena);
    }
}

static void test_every_engine_has_a_client(void **state)
{
    (void)state;
    assert_string_equal(offline_client(ENGINE_MYSQL)->name, "mysql");
    assert_string_equal(offline_client(ENGINE_MARIADB)->name, "mariadb");
    assert_string_equal(offline_client(ENGINE_POSTGRESQL)->name, "psql");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_psql_keeps_its_variables_away),
        cmocka_unit_test(test_sqlite3_ends_no_statement_early),
        cmocka_unit_test(test_mariadb_is_given_no_command),
        cmocka_unit_test(test_every_engine_has_a_client),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
