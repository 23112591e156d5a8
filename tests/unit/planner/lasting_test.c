#include <string.h>

#include "check.h"
#include "planner/lasting.h"

static const struct {
    const char *sql;
    enum lasting lasting;
} statements[] = {
    /* settings, and variables of values that the text has */
    {"SET foreign_key_checks = 0", LASTING_SET},
    {"set names utf8mb4 COLLATE utf8mb4_bin", LASTING_SET},
    {"SET SESSION sql_mode = 'ANSI', @x := 1", LASTING_SET},
    {"SET @@session.sql_mode = DEFAULT", LASTING_SET},
    {"SET @n = @n + 1", LASTING_SET},
    {"/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */", LASTING_SET},
    {"/*!50003 SET character_set_client = utf8mb4 */", LASTING_SET},
    {"SET ROLE app", LASTING_SET},
    /* what is found, or differs each time */
    {"SET @x = (SELECT max(id) FROM a)", LASTING_MORE},
    {"SET @x = now()", LASTING_MORE},
    {"SET @x = CURRENT_TIMESTAMP", LASTING_MORE},
    {"SET @x = @@last_insert_id", LASTING_MORE},
    {"SET STATEMENT max_statement_time = 1 FOR SELECT 1", LASTING_MORE},
    {"SET GLOBAL max_connections = 10, sql_mode = ''", LASTING_MORE},
    {"SET sql_mode = '', GLOBAL max_connections = 10", LASTING_MORE},
    {"SET sql_mode = @@global.sql_mode", LASTING_MORE},
    /* not the session's */
    {"SET GLOBAL max_connections = 10", LASTING_NOTHING},
    {"SET @@global.max_connections = 10", LASTING_NOTHING},
    {"SET PERSIST max_connections = 10", LASTING_NOTHING},
    {"SET PASSWORD FOR a = 'b'", LASTING_NOTHING},
    {"SET TRANSACTION READ ONLY", LASTING_NOTHING},
    /* others that last */
    {"USE other", LASTING_MORE},
    {"CREATE TEMPORARY TABLE t (n integer)", LASTING_MORE},
    {"CREATE OR REPLACE TEMPORARY TABLE t SELECT 1", LASTING_MORE},
    {"/*!50001 CREATE TEMPORARY TABLE t (n integer) */", LASTING_MORE},
    {"PREPARE p FROM 'SELECT 1'", LASTING_MORE},
    {"LOCK TABLES a WRITE", LASTING_MORE},
    {"FLUSH TABLES WITH READ LOCK", LASTING_MORE},
    {"SELECT get_lock('a', 1)", LASTING_MORE},
    {"DO get_lock('a', 1), Release_Lock('a')", LASTING_NOTHING},
    {"DO release_lock('a'), get_lock('a', 1)", LASTING_MORE},
    {"DO GET_LOCK ('a', 1)", LASTING_MORE},
    {"SELECT @n := max(id) FROM a", LASTING_MORE},
    {"UPDATE a SET n = (@n := @n + 1)", LASTING_MORE},
    {"SELECT a, b INTO @a, @b FROM c", LASTING_MORE},
    {"BEGIN NOT ATOMIC SET @x = 1; END", LASTING_MORE},
    /* nothing */
    {"CREATE TABLE temporary_things (n integer)", LASTING_NOTHING},
    {"CREATE TABLE t (`temporary` integer COMMENT 'get_lock')", LASTING_NOTHING},
    {"CREATE PROCEDURE p() BEGIN SET @x := 1; CREATE TEMPORARY TABLE t (n int); END",
     LASTING_NOTHING},
    {"CREATE DEFINER = CURRENT_USER TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @x := 1",
     LASTING_NOTHING},
    {"ALTER TABLE a ADD COLUMN n integer", LASTING_NOTHING},
    {"INSERT INTO a SELECT @x FROM b", LASTING_NOTHING},
    {"UPDATE a SET n = 1", LASTING_NOTHING},
    {"-- SET sql_mode\nUNLOCK TABLES", LASTING_NOTHING},
    {"FLUSH TABLES", LASTING_NOTHING},
    {"DROP TEMPORARY TABLE t", LASTING_NOTHING},
    {"BEGIN NOT ATOMIC INSERT INTO a VALUES (1); END", LASTING_NOTHING},
    {"", LASTING_NOTHING},
};

static void test_statements(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        const char *sql = statements[i].sql;
        enum lasting found = lasting_of(ENGINE_MARIADB, sql, strlen(sql));

        if (found != statements[i].lasting) {
            fail_msg("%s: %d", sql, (int)found);
        }
        assert_int_equal(lasting_of(ENGINE_MYSQL, sql, strlen(sql)), found);
    }
}

/* Elsewhere a section, or a transaction, finds everything set anew. */
static void test_other_engines(void **state)
{
    static const char sql[] = "SET search_path = a";

    (void)state;
    assert_int_equal(lasting_of(ENGINE_POSTGRESQL, sql, strlen(sql)), LASTING_NOTHING);
    assert_int_equal(lasting_of(ENGINE_SQLITE, sql, strlen(sql)), LASTING_NOTHING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements),
        cmocka_unit_test(test_other_engines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
