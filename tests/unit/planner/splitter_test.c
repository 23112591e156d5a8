#include "planner/splitter.h"

#include <time.h>

#include "split_cases.h"

static void test_plain(void **state)
{
    static const struct split_case cases[] = {
        {ALL, "", ""},
        {ALL, " \n\t", ""},
        {ALL, ";", ""},
        {ALL, ";; ;", ""},
        {ALL, "-- only a comment", ""},
        {ALL, "-- a;\n/* b; */ ;", ""},
        {ALL, "SELECT 1", "SELECT 1"},
        {ALL, "SELECT 1;", "SELECT 1"},
        {ALL, " SELECT 1 ; SELECT 2 ", "SELECT 1 | SELECT 2"},
        {ALL, "-- before\nSELECT 1 -- after\n; -- more\nSELECT 2", "SELECT 1 | SELECT 2"},
        {ALL, "SELECT /* ; */ 1; -- ;\nSELECT 2", "SELECT /* ; */ 1 | SELECT 2"},
        {ALL, "SELECT ';', ''';'; SELECT 2", "SELECT ';', ''';' | SELECT 2"},
        {ALL, "SELECT \"a;\"\";b\" ; x", "SELECT \"a;\"\";b\" | x"},
        {MY | LITE, "SELECT `a;``;b` ; x", "SELECT `a;``;b` | x"},
        {LITE, "SELECT [a;'b] ; x", "SELECT [a;'b] | x"},
        {PG | MY, "SELECT a[1] ; x", "SELECT a[1] | x"},
        {PG, "SELECT a[1]; SELECT ']'", "SELECT a[1] | SELECT ']'"},
        {ALL, "INSERT INTO t VALUES ('\xc3\xa9;'); \xc3\xa9",
         "INSERT INTO t VALUES ('\xc3\xa9;') | \xc3\xa9"},
        {ALL, "a\f;\vb", "a | b"},
        {MY | LITE, "SELECT (1; SELECT 2", "SELECT (1 | SELECT 2"},
        {ALL, "SELECT 1 - -1; SELECT 2/3*4", "SELECT 1 - -1 | SELECT 2/3*4"},
        {ALL, "SAVEPOINT a; RELEASE SAVEPOINT a", "SAVEPOINT a | RELEASE SAVEPOINT a"},
    };

    (void)state;
    CHECK_CASES(cases);
}

static const struct split_case strings_and_comments[] = {
    /* backslashes */
    {MY, "SELECT 'a\\';b'; x", "SELECT 'a\\';b' | x"},
    {MY, "SELECT \"a\\\";b\"; x", "SELECT \"a\\\";b\" | x"},
    {MY, "SELECT `a\\`; x", "SELECT `a\\` | x"},
    {PG | LITE, "SELECT 'a\\'; x", "SELECT 'a\\' | x"},
    {PG, "SELECT E'a\\';b'; x", "SELECT E'a\\';b' | x"},
    {PG, "SELECT e'\\\\'; x", "SELECT e'\\\\' | x"},
    {PG, "SELECT E'a''\\';b'; x", "SELECT E'a''\\';b' | x"},
    {PG, "SELECT ame'a\\'; x", "SELECT ame'a\\' | x"},
    {PG, "SELECT U&'d\\0061;', U&\"d;\"; x", "SELECT U&'d\\0061;', U&\"d;\" | x"},
    {PG, "SELECT B'1', X'f', N';'; x", "SELECT B'1', X'f', N';' | x"},
    {PG, "SELECT E'a' -- c\n 'b\\';'; x", "SELECT E'a' -- c\n 'b\\';' | x"},
    {PG, "SELECT E'a', 'b\\'; x", "SELECT E'a', 'b\\' | x"},
    {PG, "SELECT E'a' 'b\\'; x", "SELECT E'a' 'b\\' | x"},
    {PG, "SELECT E'a'\n/* c */'b\\'; x", "SELECT E'a'\n/* c */'b\\' | x"},
    {PG, "SELECT \"a\\\"; x", "SELECT \"a\\\" | x"},
    /* dollar quotes */
    {PG, "DO $$ a; b $$; x", "DO $$ a; b $$ | x"},
    {PG, "DO $a$ ; $b$ ; $$ ; $a$; x", "DO $a$ ; $b$ ; $$ ; $a$ | x"},
    {PG, "DO $a_1\xc3\xa9$ ; $a_1$ ; $a_1\xc3\xa9$; x",
     "DO $a_1\xc3\xa9$ ; $a_1$ ; $a_1\xc3\xa9$ | x"},
    {PG, "SELECT $1; SELECT $2", "SELECT $1 | SELECT $2"},
    {PG, "SELECT a$b$; SELECT c$b$", "SELECT a$b$ | SELECT c$b$"},
    {PG, "SELECT $1$a$;$a$; x", "SELECT $1$a$;$a$ | x"},
    {PG, "SELECT $a b$; SELECT 2", "SELECT $a b$ | SELECT 2"},
    {MY | LITE, "SELECT $$ ; SELECT $$", "SELECT $$ | SELECT $$"},
    /* comments */
    {PG, "SELECT /* a /* ; */ ; */ 1; x", "SELECT /* a /* ; */ ; */ 1 | x"},
    {MY | LITE, "SELECT /* a /* ; */ 1; x", "SELECT /* a /* ; */ 1 | x"},
    {PG, "SELECT 1 /*/ ; /*/ +1; x", "1: a comment that opens here is never closed"},
    {MY | LITE, "SELECT 1 /*/ ; */ +1; x", "SELECT 1 /*/ ; */ +1 | x"},
    {MY, "SELECT 1 # ;\n+1; x", "SELECT 1 # ;\n+1 | x"},
    {PG, "SELECT 1 # 2; x", "SELECT 1 # 2 | x"},
    {MY, "SELECT 5--1; x", "SELECT 5--1 | x"},
    {PG | LITE, "SELECT 5--1; x", "SELECT 5"},
    {MY, "SELECT 5 --\t;\n; x", "SELECT 5 | x"},
    {PG, "SELECT 5 -- c\r; x", "SELECT 5 | x"},
    {MY | LITE, "SELECT 5 -- c\r; x", "SELECT 5"},
    {PG, "SELECT 2*/*;*/3; x", "SELECT 2*/*;*/3 | x"},
    /* hints and executable comments stay with their statement */
    {ALL, "/*+ h */ SELECT 1; x", "/*+ h */ SELECT 1 | x"},
    {ALL, "SELECT 1 /*+ h; */; x", "SELECT 1 /*+ h; */ | x"},
    {ALL, "/*+ h */; x", "x"},
    {MY, "/*!40101 SET NAMES utf8 */; x", "/*!40101 SET NAMES utf8 */ | x"},
    {MY, "/*!40101 SET a = '*/;' */; x", "/*!40101 SET a = '*/;' */ | x"},
    {MY, "/*!40101 a; b */; x", "/*!40101 a; b */ | x"},
    {MY, "SELECT /*! 1 /* c */ + 2 */; x", "SELECT /*! 1 /* c */ + 2 */ | x"},
    {PG | LITE, "/*!40101 SET NAMES utf8 */; x", "x"},
    {MA, "/*M!100100 SET a = ';' */; x", "/*M!100100 SET a = ';' */ | x"},
    {ENGINE_BIT(ENGINE_MYSQL), "/*M!100100 SET a = ';' */; x", "x"},
    {MY, "/* plain */ /*! SET a = 1 */", "/*! SET a = 1 */"},
    {PG, "SELECT '/*', '--', '$$'; x", "SELECT '/*', '--', '$$' | x"},
};

static void test_strings_and_comments(void **state)
{
    (void)state;
    CHECK_CASES(strings_and_comments);
}

static void test_delimiter(void **state)
{
    static const struct split_case cases[] = {
        {MY, "DELIMITER //\na; b//\nDELIMITER ;\nc; d", "a; b | c | d"},
        {MY, "delimiter $$\nCREATE PROCEDURE p() BEGIN a; END$$\nb$$",
         "CREATE PROCEDURE p() BEGIN a; END | b"},
        {MY, "DELIMITER ;;\na; b;;\n;;c", "a; b | c"},
        {MY, "SELECT 1;\n  DELIMITER | \n'|' ` | `; --  |\n| x", "SELECT 1 | '|' ` | `; | x"},
        {MY, "DELIMITER end\nselect 1 END end", "select 1 END"},
        {MY, "DELIMITER //\n/*!50003 a // b */ //\nc//", "/*!50003 a // b */ | c"},
        {MY, "DELIMITER //\na", "a"},
        {MY, "DELIMITER //\nCREATE PROCEDURE p() BEGIN IF\n//", "CREATE PROCEDURE p() BEGIN IF"},
        {MY, "x;\nDELIMITER\ny", "2: DELIMITER needs 1 to 16 signs on its line"},
        {MY, "DELIMITER 12345678901234567\ny", "1: DELIMITER needs 1 to 16 signs on its line"},
        {MY, "DELIMITER a'b\ny", "1: a delimiter cannot hold a quote or a backslash"},
        {PG | LITE, "DELIMITER //\na; b//", "DELIMITER //\na | b//"},
    };

    (void)state;
    CHECK_CASES(cases);
}

static const struct split_case refused[] = {
    {ALL, "a;\n\nBEGIN;", "3: BEGIN is not allowed in a revision"},
    {ALL, "begin transaction; x", "1: BEGIN is not allowed in a revision"},
    {ALL, "BEGIN WORK", "1: BEGIN is not allowed in a revision"},
    {ALL, "/* c */ Start /* c */ Transaction READ ONLY;",
     "1: START TRANSACTION is not allowed in a revision"},
    {ALL, "COMMIT", "1: COMMIT is not allowed in a revision"},
    {ALL, "commit prepared 'x'", "1: COMMIT is not allowed in a revision"},
    {ALL, "END;", "1: END is not allowed in a revision"},
    {ALL, "ROLLBACK;", "1: ROLLBACK is not allowed in a revision"},
    {ALL, "ROLLBACK WORK;", "1: ROLLBACK is not allowed in a revision"},
    {ALL, "ROLLBACK PREPARED 'x';", "1: ROLLBACK is not allowed in a revision"},
    {ALL, "ROLLBACK TO a; ROLLBACK WORK TO SAVEPOINT a; rollback transaction to a",
     "ROLLBACK TO a | ROLLBACK WORK TO SAVEPOINT a | rollback transaction to a"},
    {PG, "ABORT", "1: ABORT is not allowed in a revision"},
    {MY | LITE, "ABORT", "ABORT"},
    {PG, "DISCARD /* */ ALL",
     "1: DISCARD ALL releases skein's lock: it is not allowed in a revision"},
    {PG, "DISCARD TEMP; SELECT 'DISCARD ALL'", "DISCARD TEMP | SELECT 'DISCARD ALL'"},
    {PG, "SELECT 1,\n pg_catalog.PG_advisory_unlock_all()",
     "2: pg_advisory_unlock_all() releases skein's lock: it is not allowed in a revision"},
    {PG, "SELECT pg_advisory_unlock(1)", "SELECT pg_advisory_unlock(1)"},
    {PG, "PREPARE TRANSACTION 'x'", "1: PREPARE TRANSACTION is not allowed in a revision"},
    {PG, "PREPARE transaction_plan AS SELECT 1", "PREPARE transaction_plan AS SELECT 1"},
    {MY, "XA START 'x'", "1: XA is not allowed in a revision"},
    {MY, "LOCK TABLES t WRITE", "1: LOCK is not allowed in a revision"},
    {MY, "FLUSH TABLES a, b WITH READ LOCK",
     "1: FLUSH TABLES with a lock is not allowed in a revision"},
    {MY, "Flush Tables a For Export", "1: FLUSH TABLES with a lock is not allowed in a revision"},
    {MY, "FLUSH TABLES `lock`; SELECT 'flush', 1 AS locks",
     "FLUSH TABLES `lock` | SELECT 'flush', 1 AS locks"},
    {MY, "SELECT 1;\nDO Release_All_Locks()",
     "2: release_all_locks() releases skein's lock: it is not allowed in a revision"},
    {MY, "CREATE PROCEDURE p() DO release_all_locks()",
     "CREATE PROCEDURE p() DO release_all_locks()"},
    {MY, "SELECT 'release_all_locks', RELEASE_LOCK('a')",
     "SELECT 'release_all_locks', RELEASE_LOCK('a')"},
    {PG | LITE, "SELECT release_all_locks()", "SELECT release_all_locks()"},
    {MY, "/*! COMMIT */", "1: COMMIT is not allowed in a revision"},
    {MY, "START SLAVE", "START SLAVE"},
    {ENGINE_BIT(ENGINE_MYSQL), "BEGIN NOT ATOMIC a; END", "1: BEGIN is not allowed in a revision"},
    {ALL, "SET autocommit = 0", "1: SET autocommit is not allowed in a revision"},
    {MY, "SET @@autocommit = 0", "1: SET autocommit is not allowed in a revision"},
    {MY, "SET @@session.autocommit := 0", "1: SET autocommit is not allowed in a revision"},
    {MY, "SET SESSION `AutoCommit` = 0", "1: SET autocommit is not allowed in a revision"},
    {MY, "SET NAMES utf8, @a = 'x', GLOBAL autocommit = 1",
     "1: SET autocommit is not allowed in a revision"},
    {MY, "/*!40101 SET AUTOCOMMIT=0 */", "1: SET autocommit is not allowed in a revision"},
    {MY, "SET @autocommit = 0, @a = @@autocommit", "SET @autocommit = 0, @a = @@autocommit"},
    {ALL, "UPDATE t SET autocommit = 1", "UPDATE t SET autocommit = 1"},
    {ALL, "SELECT 1;\n\\i x.sql", "2: a client's backslash command is not allowed in a revision"},
    {PG, "SELECT 1 \\gexec", "1: a client's backslash command is not allowed in a revision"},
    {LITE, "SELECT 1;\n.read x",
     "2: a dot command of the sqlite3 shell is not allowed in a revision"},
    {PG, "COPY t FROM STDIN;\n1\\t2\n\\.",
     "1: COPY from or to the client is not allowed in a revision"},
    {PG, "COPY t (a, b) FROM stdin WITH CSV",
     "1: COPY from or to the client is not allowed in a revision"},
    {PG, "COPY (SELECT 1) TO STDOUT", "1: COPY from or to the client is not allowed in a revision"},
    {PG, "COPY t FROM '/stdin'; COPY stdin FROM 'x'", "COPY t FROM '/stdin' | COPY stdin FROM 'x'"},
    {PG | LITE, "SELECT 1;\n --skein:downgrade\nDROP",
     "2: this comment looks like a marker, but is none"},
    {ALL, "SELECT 1;\n -- Skein : downgrade\nDROP",
     "2: this comment looks like a marker, but is none"},
    {ALL, "SELECT '\n--skein:downgrade'; x", "SELECT '\n--skein:downgrade' | x"},
    {ALL, "-- skein is nice\n-- skeins: x\nx", "x"},
    {ALL, "SELECT\n 'a\n", "2: a string that opens here is never closed"},
    {PG, "SELECT $x$ a $$", "1: a dollar quote that opens here is never closed"},
    {PG | LITE, "SELECT \"a", "1: a quoted name that opens here is never closed"},
    {MY, "SELECT \"a\\\"", "1: a string that opens here is never closed"},
    {MY, "\n/*! a", "2: a comment that opens here is never closed"},
    {PG, "/* /* */", "1: a comment that opens here is never closed"},
};

static void test_refused(void **state)
{
    (void)state;
    CHECK_CASES(refused);
}

static void test_lines(void **state)
{
    static const char text[] = "-- c\n\nSELECT '\n\n';\n/* \n */ a; b;\nDO\n;";
    static const int lines[] = {12, 16, 16, 17};
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct statement *statements;
    size_t count;

    (void)state;
    assert_int_equal(
        splitter_split(&arena, ENGINE_SQLITE, text, strlen(text), 10, &statements, &count, &err),
        0);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(statements[i].line, lines[i]);
    }
    arena_release(&arena);
}

static void test_canonical(void **state)
{
    static const struct split_case cases[] = {
        {ALL, "SELECT 1", "SELECT 1;\n"},
        {ALL, "SELECT\n\t 1 ,\r\n2", "SELECT 1 , 2;\n"},
        {ALL, " SELECT 1 ", "SELECT 1;\n"},
        {ALL, "a/**/b", "a b;\n"},
        {ALL, "a /* c */ b -- d\n c", "a b c;\n"},
        {ALL, "a -- c", "a;\n"},
        {ALL, "-- c\na", "a;\n"},
        {ALL, "SELECT '  -- x /* y */ '", "SELECT '  -- x /* y */ ';\n"},
        {ALL, "SELECT \"a  b\"", "SELECT \"a  b\";\n"},
        {MY | LITE, "SELECT `a  b`", "SELECT `a  b`;\n"},
        {LITE, "SELECT [a  b]", "SELECT [a  b];\n"},
        {PG | MY, "SELECT [a  b]", "SELECT [a b];\n"},
        {PG, "DO $$ a  b -- c\n$$", "DO $$ a  b -- c\n$$;\n"},
        {PG, "SELECT E'a\\'  b'  c", "SELECT E'a\\'  b' c;\n"},
        {ALL, "SELECT /*+  a\n b */ 1", "SELECT /*+ a b */ 1;\n"},
        {ALL, "SELECT /*! a  b */ 1", "SELECT /*! a b */ 1;\n"},
        {ALL, "SELECT /*M!100100 a  b */ 1", "SELECT /*M!100100 a b */ 1;\n"},
        {MY, "/*!40101 SET  a = 'b  c' /* d */ */", "/*!40101 SET a = 'b  c' */;\n"},
        {MY, "a # c\nb", "a b;\n"},
        {PG, "a # c\nb", "a # c b;\n"},
        {MY, "a--b", "a--b;\n"},
        {PG, "CREATE FUNCTION f() BEGIN ATOMIC a ;  b; END",
         "CREATE FUNCTION f() BEGIN ATOMIC a ; b; END;\n"},
    };
    struct str out = STR_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
            if (cases[i].engines & ENGINE_BIT(engine)) {
                str_clear(&out);
                splitter_canonical((enum engine)engine, cases[i].text, strlen(cases[i].text), &out);
                assert_string_equal(out.text, cases[i].expected);
            }
        }
    }
    str_release(&out);
}

static void test_is_query(void **state)
{
    static const struct {
        const char *text;
        bool query;
    } cases[] = {
        {"SELECT 1", true},
        {"(SELECT 1) UNION (SELECT 2)", true},
        {"/*+ h */ select into_the FROM t", true},
        {"VALUES (1)", true},
        {"WITH a AS (SELECT 1) SELECT * FROM a", true},
        {"WITH a (b) AS MATERIALIZED (SELECT 1), c AS (VALUES (1)) VALUES (2)", true},
        {"(WITH a AS (SELECT 1) SELECT * FROM a)", true},
        {"SELECT replace(a, 'b', 'c'), \"update\" FROM t WHERE d = 'INSERT'", true},
        {"WITH a AS (SELECT 1) SELECT replace(a, 'b', 'c') FROM a FOR UPDATE", true},
        {"", false},
        {"UPDATE t SET a = 1", false},
        {"WITH a AS (SELECT 1) UPDATE t SET b = 1", false},
        {"WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", false},
        {"WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a", false},
        {"WITH a AS NOT MATERIALIZED (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM a",
         false},
        {"WITH a AS (SELECT 1) REPLACE INTO t SELECT * FROM a", false},
        {"SELECT 1 INTO t", false},
        {"SELECT a INTO OUTFILE 'x' FROM t", false},
        {"EXPLAIN SELECT 1", false},
        {"CALL p()", false},
        {"DROP TABLE t", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
            if (splitter_is_query((enum engine)engine, cases[i].text, strlen(cases[i].text)) !=
                cases[i].query) {
                fail_msg("%s: %s", engine_name((enum engine)engine), cases[i].text);
            }
        }
    }
}

static double seconds_for(enum engine engine, const char *pattern, size_t length)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct statement *statements;
    struct timespec before, after;
    size_t count, step = strlen(pattern);
    char *text = malloc(length);

    assert_non_null(text);
    for (size_t i = 0; i < length; i++) {
        text[i] = pattern[i % step];
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    splitter_split(&arena, engine, text, length, 1, &statements, &count, &err);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    free(text);
    arena_release(&arena);
    return (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
}

static const char *const patterns[] = {
    "'",
    "\"",
    "`",
    "[",
    "(",
    ")",
    "((",
    "/*",
    "/*/",
    "*/",
    "$",
    "$a",
    "$a$",
    "$a$b$",
    "--",
    "-",
    "#",
    ";",
    "a;",
    "E'",
    "E''\n",
    "E'' ",
    "\\",
    "/*!",
    "/*! ",
    "/*+*/",
    "CASE ",
    "BEGIN ",
    "$$ ",
    "DELIMITER a\n",
    "a",
    "1",
    ".",
    " ",
    "\n",
    "/* */",
    "$a$;$b$",
    "DELIMITER aaaaaaaaaaaaaab\naaaaaaaaaaaaaaaa",
    "CREATE PROCEDURE p() BEGIN IF a THEN ",
    "CREATE FUNCTION f() BEGIN ATOMIC CASE ",
    "BEGIN NOT ATOMIC LOOP ",
    "CREATE TRIGGER t BEGIN ;",
    "SET a,",
    "COPY x FROM ",
};

/* What would be quadratic takes seconds at 128 KiB; what is linear milliseconds, sanitizers
 * and all. */
static void test_linear(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
            double seconds = seconds_for((enum engine)engine, patterns[i], (size_t)128 << 10);

            if (seconds > 0.5) {
                fail_msg("%s: 128 KiB of \"%s\" took %.1f s", engine_name((enum engine)engine),
                         patterns[i], seconds);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),     cmocka_unit_test(test_strings_and_comments),
        cmocka_unit_test(test_delimiter), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_lines),     cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_is_query),  cmocka_unit_test(test_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
