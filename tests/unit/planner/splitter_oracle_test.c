/*
 * The splitter beside those who know: PostgreSQL's own grammar (libpg_query) and SQLite. The texts
 * are the fuzzer's corpus, whole and in random orders of their pieces, and the SQL that PostgreSQL
 * itself is installed with, where it is there.
 */
#include <glob.h>
#include <pg_query.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/random.h"
#include "base/str.h"
#include "check.h"
#include "planner/lexer.h"
#include "planner/splitter.h"

#define LIMIT ((size_t)4 << 20)

static char *read_text(struct arena *arena, const char *path)
{
    struct file_text file;
    struct err err = ERR_INIT(arena);

    if (file_read(arena, path, LIMIT, &file, &err)) {
        fail_msg("%s", err.message);
    }
    return file.data;
}

static bool is_blank(enum engine engine, const char *text, size_t length)
{
    struct lexer lexer;
    struct token token;

    lexer_init(&lexer, engine, text, length);
    do {
        lexer_next(&lexer, &token);
    } while (token_is_blank(&token) || token.kind == TOKEN_KEPT || token.kind == TOKEN_TERMINATOR);
    return token.kind == TOKEN_END;
}

/* Returns false where PostgreSQL does not take the text at all, or where the splitter refuses what
 * it cuts alike. (libpg_query does not know that a comment may stand between the two parts of 'a'
 * <newline> 'b'; the server does.) */
static bool same_as_postgresql(const char *name, const char *text)
{
    PgQuerySplitResult result = pg_query_split_with_parser(text);
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct statement *statements;
    size_t count;
    bool taken = !result.error;

    if (taken && splitter_split(&arena, ENGINE_POSTGRESQL, text, strlen(text), 1, &statements,
                                &count, &err)) {
        taken = false;
        if (!strstr(err.message, "not allowed")) { /* END is a COMMIT */
            fail_msg("%s:%d: %s", name, err.line, err.message);
        }
    }
    if (taken && count != (size_t)result.n_stmts) {
        fail_msg("%s: %zu statements, PostgreSQL says %d in\n%s", name, count, result.n_stmts,
                 text);
    }
    for (size_t i = 0; taken && i < count; i++) {
        const char *start = text + result.stmts[i]->stmt_location,
                   *end = start + result.stmts[i]->stmt_len;
        const struct statement *ours = &statements[i];

        if (ours->text < start || ours->text + ours->length > end ||
            !is_blank(ENGINE_POSTGRESQL, start, (size_t)(ours->text - start)) ||
            !is_blank(ENGINE_POSTGRESQL, ours->text + ours->length,
                      (size_t)(end - ours->text) - ours->length)) {
            fail_msg("%s: statement %zu is\n%.*s\nPostgreSQL says\n%.*s", name, i + 1,
                     (int)ours->length, ours->text, (int)(end - start), start);
        }
    }
    pg_query_free_split_result(result);
    arena_release(&arena);
    return taken;
}

static void each_file(const char *pattern, void (*body)(const char *path, const char *text))
{
    struct arena arena = ARENA_INIT;
    glob_t found;

    if (!glob(pattern, 0, NULL, &found)) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            body(found.gl_pathv[i], read_text(&arena, found.gl_pathv[i]));
        }
        globfree(&found);
    }
    arena_release(&arena);
}

static void on_corpus(const char *path, const char *text)
{
    if (!same_as_postgresql(path, text)) {
        fail_msg("%s: PostgreSQL does not take it", path);
    }
}

static void test_postgresql(void **state)
{
    (void)state;
    each_file(SPLITTER_CORPUS "/postgresql_*.sql", on_corpus);
}

static size_t installed;

/* psql's commands and what stands for the extension's folder are none of the server's. */
static void on_installed(const char *path, const char *text)
{
    struct str sql = STR_INIT;

    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");

        if (*line != '\\') {
            str_addn(&sql, line, length);
        }
        str_addc(&sql, '\n');
        line += length + (line[length] == '\n');
    }
    if (!strstr(sql.text, "\nBEGIN;") && !strstr(sql.text, "\nCOMMIT;")) {
        installed += same_as_postgresql(path, sql.text);
    }
    str_release(&sql);
}

static void test_installed(void **state)
{
    (void)state;
    each_file("/usr/share/postgresql/*/extension/*.sql", on_installed);
    each_file("/usr/share/postgresql/*/*.sql", on_installed);
    print_message("%zu installed files\n", installed);
    if (!installed) {
        skip();
    }
}

/* Bits of statements in random orders: the few that PostgreSQL takes are enough. */
static void test_random(void **state)
{
    static const char *const bits[] = {
        "SELECT ",
        "1",
        ";",
        "; ",
        " -- c;\n",
        "/* ; /* ; */ */",
        "'a;''b'",
        "E'\\';'",
        "$$;$$",
        "$x$ $$; $x$",
        "\"a;\"",
        ", ",
        " + ",
        "(",
        ")",
        "SELECT 1;",
        "SELECT 'x' ",
        "\n",
        " AS a",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ",
        "END;",
        " END ",
        "CASE WHEN true THEN 1 ",
        "ELSE 2 ",
        "DO $$ BEGIN END $$;",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (",
        "SELECT 2; ",
        "a$b$",
        "B'1'",
        "U&'\\0041'",
        " || ",
        "-",
        "*",
        "E'a'\n'\\'b'",
        "SELECT CASE a WHEN 1 THEN 2 END;",
        "begin",
    };
    struct random random;
    struct str text = STR_INIT;
    size_t taken = 0;

    (void)state;
    random_seed(&random, 7);
    for (int i = 0; i < 30000; i++) {
        str_clear(&text);
        str_add(&text, random_below(&random, 2) ? "SELECT " : "");
        for (uint64_t left = 1 + random_below(&random, 7); left; left--) {
            str_add(&text, bits[random_below(&random, sizeof(bits) / sizeof(bits[0]))]);
        }
        taken += !strstr(text.text, "begin") && same_as_postgresql("random", text.text);
    }
    print_message("%zu of 30000 random texts are SQL\n", taken);
    assert_true(taken > 1000);
    str_release(&text);
}

/* sqlite3_prepare says where a statement ends; it has to run before the next one can be read. */
static void on_sqlite(const char *path, const char *text)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct statement *statements;
    const char *rest = text;
    size_t count, next = 0;
    sqlite3 *database;

    assert_int_equal(
        splitter_split(&arena, ENGINE_SQLITE, text, strlen(text), 1, &statements, &count, &err), 0);
    assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
    while (*rest) {
        const char *start = rest;
        sqlite3_stmt *prepared;

        if (sqlite3_prepare_v2(database, start, -1, &prepared, &rest) != SQLITE_OK) {
            fail_msg("%s: %s in %s", path, sqlite3_errmsg(database), start);
        }
        if (!prepared) {
            assert_true(is_blank(ENGINE_SQLITE, start, (size_t)(rest - start)));
            continue;
        }
        assert_true(next < count);
        if (statements[next].text < start ||
            statements[next].text + statements[next].length > rest ||
            !is_blank(ENGINE_SQLITE, start, (size_t)(statements[next].text - start)) ||
            !is_blank(ENGINE_SQLITE, statements[next].text + statements[next].length,
                      (size_t)(rest - statements[next].text) - statements[next].length)) {
            fail_msg("%s: statement %zu is\n%.*s\nSQLite says\n%.*s", path, next + 1,
                     (int)statements[next].length, statements[next].text, (int)(rest - start),
                     start);
        }
        next++;
        while (sqlite3_step(prepared) == SQLITE_ROW) {
        }
        assert_int_equal(sqlite3_finalize(prepared), SQLITE_OK);
    }
    assert_int_equal(next, count);
    sqlite3_close(database);
    arena_release(&arena);
}

static void test_sqlite(void **state)
{
    (void)state;
    each_file(SPLITTER_CORPUS "/sqlite_*.sql", on_sqlite);
}

/* sqlite3_complete on ever longer texts: the first that is complete is the first statement. */
static void check_complete(const char *text)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct statement *statements;
    struct str piece = STR_INIT;
    size_t count, next = 0;

    if (!splitter_split(&arena, ENGINE_SQLITE, text, strlen(text), 1, &statements, &count, &err)) {
        for (const char *at = text; *at; at++) {
            str_addc(&piece, *at);
            if (*at != ';' || !sqlite3_complete(piece.text)) {
                continue;
            }
            if (!is_blank(ENGINE_SQLITE, piece.text, piece.length)) {
                if (next == count || statements[next].text + statements[next].length > at ||
                    statements[next].text < at + 1 - piece.length) {
                    fail_msg("%s\nSQLite ends a statement with\n%s", text, piece.text);
                }
                next++;
            }
            str_clear(&piece);
        }
        if (next != count &&
            (next + 1 != count || is_blank(ENGINE_SQLITE, piece.text, piece.length))) {
            fail_msg("%s\n%zu statements, SQLite ends %zu", text, count, next);
        }
    }
    str_release(&piece);
    arena_release(&arena);
}

static void test_sqlite_complete(void **state)
{
    static const char *const bits[] = {
        "CREATE TRIGGER t BEGIN x;",
        "CREATE TEMP TRIGGER /* ; */ BEGIN x; ",
        "create temporary trigger x begin y; ",
        "SELECT 1;",
        "END;",
        " END ;",
        "; ",
        ";",
        "'a;'",
        "\"b;\"",
        "[c;]",
        "`d;`",
        "-- e;\n",
        "/* f; */",
        "CASE WHEN 1 THEN 2 END",
        "CREATE TABLE t",
        " x ",
        "x'ab'",
        "''",
        "(",
        ")",
    };
    struct random random;
    struct str text = STR_INIT;

    (void)state;
    random_seed(&random, 11);
    for (int i = 0; i < 20000; i++) {
        str_clear(&text);
        for (uint64_t left = 1 + random_below(&random, 12); left; left--) {
            str_add(&text, bits[random_below(&random, sizeof(bits) / sizeof(bits[0]))]);
        }
        check_complete(text.text);
    }
    str_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_postgresql),      cmocka_unit_test(test_installed),
        cmocka_unit_test(test_random),          cmocka_unit_test(test_sqlite),
        cmocka_unit_test(test_sqlite_complete),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    pg_query_exit();
    return failed;
}
