/* body.c by what the splitter makes of it. */
#include "planner/body.h"

#include "split_cases.h"

static void test_postgresql(void **state)
{
    static const struct split_case cases[] = {
        {PG, "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; x",
         "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END | x"},
        {PG,
         "create or replace procedure p()\nbegin /* c */ atomic\nselect case when a then b end; "
         "end; x",
         "create or replace procedure p()\nbegin /* c */ atomic\nselect case when a then b end; "
         "end | x"},
        {PG,
         "CREATE FUNCTION f() BEGIN ATOMIC SELECT (CASE a WHEN 1 THEN CASE b WHEN 2 THEN 3 END "
         "END); END; x",
         "CREATE FUNCTION f() BEGIN ATOMIC SELECT (CASE a WHEN 1 THEN CASE b WHEN 2 THEN 3 END "
         "END); END | x"},
        {PG,
         "CREATE FUNCTION f() BEGIN ATOMIC SELECT a AS end, t.end, CASE WHEN b THEN c END AS case; "
         "END; x",
         "CREATE FUNCTION f() BEGIN ATOMIC SELECT a AS end, t.end, CASE WHEN b THEN c END AS case; "
         "END | x"},
        {PG, "CREATE FUNCTION f() BEGIN ATOMIC END; x", "CREATE FUNCTION f() BEGIN ATOMIC END | x"},
        {PG, "CREATE FUNCTION begin() LANGUAGE sql AS 'a;'; x",
         "CREATE FUNCTION begin() LANGUAGE sql AS 'a;' | x"},
        {PG, "CREATE FUNCTION f() LANGUAGE plpgsql AS $$ BEGIN x; END; $$; y",
         "CREATE FUNCTION f() LANGUAGE plpgsql AS $$ BEGIN x; END; $$ | y"},
        {PG, "CREATE TABLE t (begin int, atomic int); x",
         "CREATE TABLE t (begin int, atomic int) | x"},
        {PG, "CREATE VIEW v AS SELECT 1 AS begin; x", "CREATE VIEW v AS SELECT 1 AS begin | x"},
        {PG, "CREATE RULE r AS ON INSERT TO t DO ALSO (a; b;); x",
         "CREATE RULE r AS ON INSERT TO t DO ALSO (a; b;) | x"},
        {PG, "SELECT 1); SELECT 2", "SELECT 1) | SELECT 2"},
        {PG, "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION begin(); x",
         "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION begin() | x"},
        {PG, "CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT 1; x",
         "CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT 1 | x"},
        {PG, "a;\nCREATE FUNCTION f()\nBEGIN ATOMIC SELECT 1;",
         "2: the body of the statement that starts here is never closed"},
        {PG, "a;\nSELECT (\n(1;\n", "2: a parenthesis that opens here is never closed"},
    };

    (void)state;
    CHECK_CASES(cases);
}

static void test_sqlite(void **state)
{
    static const struct split_case cases[] = {
        {LITE, "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = 1; DELETE FROM d; END; x",
         "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = 1; DELETE FROM d; END | x"},
        {LITE,
         "create temp trigger if not exists t after insert on a begin select case when 1 then 2 "
         "end; end ; x",
         "create temp trigger if not exists t after insert on a begin select case when 1 then 2 "
         "end; end | x"},
        {LITE,
         "CREATE TEMPORARY TRIGGER t BEFORE UPDATE OF x ON a FOR EACH ROW WHEN NEW.begin > 1 BEGIN "
         "SELECT end FROM e; END; x",
         "CREATE TEMPORARY TRIGGER t BEFORE UPDATE OF x ON a FOR EACH ROW WHEN NEW.begin > 1 BEGIN "
         "SELECT end FROM e; END | x"},
        {LITE, "CREATE TABLE trigger (begin, \"end\"); x",
         "CREATE TABLE trigger (begin, \"end\") | x"},
        {LITE, "\nCREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = 1;",
         "2: the body of the statement that starts here is never closed"},
        {LITE, "ATTACH 'a;' AS b; DETACH b", "ATTACH 'a;' AS b | DETACH b"},
    };

    (void)state;
    CHECK_CASES(cases);
}

#define P "CREATE PROCEDURE p(IN a INT, b DECIMAL(1,2)) "

static void test_mysql_blocks(void **state)
{
    static const struct split_case cases[] = {
        {MY, P "BEGIN a; b; END; x", P "BEGIN a; b; END | x"},
        {MY, P "SELECT 1; x", P "SELECT 1 | x"},
        {MY, P "main: BEGIN LEAVE main; END main; x", P "main: BEGIN LEAVE main; END main | x"},
        {MY, P "BEGIN BEGIN a; END; b; END; x", P "BEGIN BEGIN a; END; b; END | x"},
        {MY, P "BEGIN IF a THEN b; ELSEIF c THEN d; ELSE IF e THEN f; END IF; END IF; END; x",
         P "BEGIN IF a THEN b; ELSEIF c THEN d; ELSE IF e THEN f; END IF; END IF; END | x"},
        {MY, P "BEGIN SELECT IF(a, b, c); DROP TABLE IF EXISTS t; END; x",
         P "BEGIN SELECT IF(a, b, c); DROP TABLE IF EXISTS t; END | x"},
        {MY,
         P "BEGIN CASE a WHEN 1 THEN b; WHEN 2 THEN IF c THEN d; END IF; ELSE BEGIN END; END CASE; "
           "e; END; x",
         P "BEGIN CASE a WHEN 1 THEN b; WHEN 2 THEN IF c THEN d; END IF; ELSE BEGIN END; END CASE; "
           "e; END | x"},
        {MY, P "BEGIN SELECT CASE WHEN a THEN IF(b, 1, 2) ELSE IF(c, 1, 2) END; END; x",
         P "BEGIN SELECT CASE WHEN a THEN IF(b, 1, 2) ELSE IF(c, 1, 2) END; END | x"},
        {MY, P "BEGIN IF CASE WHEN a THEN b END THEN IF c THEN d; END IF; END IF; END; x",
         P "BEGIN IF CASE WHEN a THEN b END THEN IF c THEN d; END IF; END IF; END | x"},
        {MY, P "BEGIN l: LOOP ITERATE l; LEAVE l; END LOOP l; REPEAT a; UNTIL b END REPEAT; END; x",
         P "BEGIN l: LOOP ITERATE l; LEAVE l; END LOOP l; REPEAT a; UNTIL b END REPEAT; END | x"},
        {MY,
         P "BEGIN REPEAT SET a = 1; UNTIL CASE a WHEN 1 THEN 2 END END REPEAT; SELECT REPEAT('x', "
           "3); END; x",
         P "BEGIN REPEAT SET a = 1; UNTIL CASE a WHEN 1 THEN 2 END END REPEAT; SELECT REPEAT('x', "
           "3); END | x"},
        {MY, P "BEGIN WHILE a DO IF b THEN c; END IF; DO SLEEP(1); END WHILE; END; x",
         P "BEGIN WHILE a DO IF b THEN c; END IF; DO SLEEP(1); END WHILE; END | x"},
        {MY,
         P "BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN a; END; DECLARE b INT DEFAULT CASE "
           "WHEN c THEN 1 END; d; END; x",
         P "BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN a; END; DECLARE b INT DEFAULT CASE "
           "WHEN c THEN 1 END; d; END | x"},
        {MY,
         P
         "BEGIN DECLARE EXIT HANDLER FOR SQLSTATE '02000', SQLWARNING SET a = IF(b, 1, 2); END; x",
         P "BEGIN DECLARE EXIT HANDLER FOR SQLSTATE '02000', SQLWARNING SET a = IF(b, 1, 2); END | "
           "x"},
        {MY, P "BEGIN START TRANSACTION; COMMIT; ROLLBACK; SET autocommit = 0; END; x",
         P "BEGIN START TRANSACTION; COMMIT; ROLLBACK; SET autocommit = 0; END | x"},
        {MY, P "BEGIN SELECT t.end, t.begin, @case FROM t; END; x",
         P "BEGIN SELECT t.end, t.begin, @case FROM t; END | x"},
    };

    (void)state;
    CHECK_CASES(cases);
}

static void test_mysql_headers(void **state)
{
    static const struct split_case cases[] = {
        {MY, P "IF a THEN b; END IF; x", P "IF a THEN b; END IF | x"},
        {MY, P "CASE a WHEN 1 THEN b; END CASE; x", P "CASE a WHEN 1 THEN b; END CASE | x"},
        {MY,
         "CREATE FUNCTION f(a INT) RETURNS SET('x') CHARACTER SET utf8 DETERMINISTIC BEGIN RETURN "
         "1; END; x",
         "CREATE FUNCTION f(a INT) RETURNS SET('x') CHARACTER SET utf8 DETERMINISTIC BEGIN RETURN "
         "1; END | x"},
        {MY, "CREATE FUNCTION f(a INT) RETURNS INT RETURN CASE a WHEN 1 THEN 2 END; x",
         "CREATE FUNCTION f(a INT) RETURNS INT RETURN CASE a WHEN 1 THEN 2 END | x"},
        {MY, "CREATE DEFINER = `r`@`%` PROCEDURE IF NOT EXISTS p() BEGIN a; END; x",
         "CREATE DEFINER = `r`@`%` PROCEDURE IF NOT EXISTS p() BEGIN a; END | x"},
        {MY, "CREATE OR REPLACE DEFINER=CURRENT_USER() FUNCTION f() RETURNS INT BEGIN a; END; x",
         "CREATE OR REPLACE DEFINER=CURRENT_USER() FUNCTION f() RETURNS INT BEGIN a; END | x"},
        {MY, "CREATE DEFINER=procedure@h SQL SECURITY DEFINER VIEW v AS SELECT 1 AS begin; x",
         "CREATE DEFINER=procedure@h SQL SECURITY DEFINER VIEW v AS SELECT 1 AS begin | x"},
        {MY, "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW FOLLOWS b BEGIN c; END; x",
         "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW FOLLOWS b BEGIN c; END | x"},
        {MY,
         "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW IF NOT EXISTS (SELECT 1) THEN b; END "
         "IF; x",
         "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW IF NOT EXISTS (SELECT 1) THEN b; END IF "
         "| x"},
        {MY,
         "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.b = CASE WHEN c THEN 1 END; x",
         "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.b = CASE WHEN c THEN 1 END | x"},
        {MY, "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN a; b; END; x",
         "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN a; b; END | x"},
        {MY, "ALTER EVENT e DO BEGIN a; b; END; x", "ALTER EVENT e DO BEGIN a; b; END | x"},
        {MY, "CREATE TABLE event (begin INT); x", "CREATE TABLE event (begin INT) | x"},
        {MY, "ALTER TABLE t ADD begin INT; x", "ALTER TABLE t ADD begin INT | x"},
        {MY,
         "/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`h`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR "
         "EACH ROW BEGIN b; END */; x",
         "/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`h`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR "
         "EACH ROW BEGIN b; END */ | x"},
        {MY, "a;\n" P "BEGIN IF a THEN b; END",
         "2: the body of the statement that starts here is never closed"},
        {MA, "BEGIN NOT ATOMIC DECLARE a INT; b; END; x",
         "BEGIN NOT ATOMIC DECLARE a INT; b; END | x"},
        {MA, "IF a THEN b; END IF; x", "IF a THEN b; END IF | x"},
        {MA, "FOR i IN 1..3 DO a; END FOR; x", "FOR i IN 1..3 DO a; END FOR | x"},
        {MA, P "BEGIN FOR i IN (SELECT 1) DO IF a THEN b; END IF; END FOR; END; x",
         P "BEGIN FOR i IN (SELECT 1) DO IF a THEN b; END IF; END FOR; END | x"},
    };

    (void)state;
    CHECK_CASES(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_postgresql),
        cmocka_unit_test(test_sqlite),
        cmocka_unit_test(test_mysql_blocks),
        cmocka_unit_test(test_mysql_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
