#!/bin/bash
# MariaDB: the rest of a revision on another connection, in the same run and in a later one. What plain SETs have left in the session is set again; where a
# statement that stands has left more there, nobody goes on, and the report says which one and the way out.
. "$ROOT/tests/support/lib.sh"
start_mariadb
create_mariadb_databases t_ 4
printf 'retry: {attempts: 3, initial: 20ms, max: 200ms}\nconnection: {lock_timeout: 1s}\ntenants:\n' >skein.yaml
for n in 1 2 3 4; do
    echo "  - {name: t$n, url: \"mariadb://root@127.0.0.1:$MARIADB_PORT/t_00$n\"}" >>skein.yaml
    mariadb_do "t_00$n" "CREATE TABLE held (n integer PRIMARY KEY) ENGINE=InnoDB; INSERT INTO held VALUES (1)"
done
# sets STATEMENTS: a revision that sets what its last statement needs; its last reads `held` with a lock
sets() {
    revision 1.sql <<SQL
-- sets
-- Revision ID: aaaa00000001
-- Revises:
-- skein:upgrade
$1
CREATE TABLE "a" (n varchar(40)) ENGINE=InnoDB;
INSERT INTO "a" SELECT concat(@who, @@session.div_precision_increment) FROM held WHERE n = 1 FOR UPDATE;
-- skein:downgrade
DROP TABLE a;
SQL
}
plain="/*!40101 SET @OLD=@@SQL_MODE, SQL_MODE='ANSI_QUOTES' */; SET @who = 'me', div_precision_increment = 7;"
row() {
    mariadb_do "$1" "SELECT n FROM a"
}
session holder "$MARIADB_BIN" --no-defaults -n -N -B -u root -S "$MARIADB_SOCKET"
hold() { # hold DATABASE
    tell holder "USE %s; BEGIN; SELECT count(*) FROM held FOR UPDATE; SELECT 'held', '%s';\n" "$1" "$1"
    until_equal "the row is held" 1 grep -c "held.$1" "$SCRATCH/holder.out"
}

echo "== in the same run"
sets "$plain"
hold t_001
"$SKEIN" upgrade head -t t1 --format json >"$SCRATCH/out" 2>"$SCRATCH/err" &
run=$!
until_equal "tried once in vain" 1 mariadb_do "" "SELECT count(*) FROM information_schema.global_status WHERE variable_name = 'INNODB_ROW_LOCK_WAITS' AND variable_value >= 2"
tell holder "ROLLBACK;\n"
wait $run
check_equal "exit code" 0 $?
check_equal "again, on another connection" True "$(json 'd["targets"][0]["attempts"] > 1')"
check_equal "with all that was set" me7 "$(row t_001)"

echo "== in a later one"
mariadb_do t_002 "RENAME TABLE held TO away"
run 5 upgrade head -t t2 --format json
check_equal "half done" "partial 4" "$(json '"{0[outcome]} {0[error][statement]}".format(d["targets"][0])')"
mariadb_do t_002 "RENAME TABLE away TO held"
run 0 upgrade head -t t2
check_equal "goes on with all that was set" me7 "$(row t_002)"

echo "== what cannot be set again"
sets "$plain CREATE TEMPORARY TABLE mine (n integer);"
hold t_003
run 5 upgrade head -t t3 --format json
check_equal "in the same run" "partial plan aaaa00000001 migrations/versions/1.sql 5 3" \
    "$(json '" ".join(str(x) for x in [d["targets"][0]["outcome"]] + [d["targets"][0]["error"][k] for k in ("class", "revision", "file", "line", "statement")])')"
check_has "why" "stands to statement 4 of 5, and cannot go on in another session: what statement 3 made is gone with its own, which ended \(Lock wait timeout" "$SCRATCH/out"
check_has "the way out" "undo by hand what stands, or do the rest, then: skein resolve --reverted \(or --applied\) -t t3 --reason TEXT" "$SCRATCH/out"
tell holder "ROLLBACK;\n"
run 5 upgrade head -t t3
check_has "nor later" "what statement 3 made is gone with its own$" "$SCRATCH/out"
check_equal "nothing was done" "" "$(row t_003)"
mariadb_do t_003 "DROP TABLE a"
run 0 resolve --reverted --reason "undone by hand" -t t3
run 0 upgrade head -t t3
check_equal "from the beginning" me7 "$(row t_003)"
sets "SET @who = (SELECT 'me'), sql_mode = 'ANSI_QUOTES';"
mariadb_do t_004 "RENAME TABLE held TO away"
run 5 upgrade head -t t4
mariadb_do t_004 "RENAME TABLE away TO held"
run 5 upgrade head -t t4
check_has "what a query has found" "cannot go on in another session: what statement 1 made is gone" "$SCRATCH/out"
mariadb_do t_004 "INSERT INTO a VALUES ('by hand')"
run 0 resolve --applied --reason "done by hand" -t t4
run 0 upgrade head -t t4 --format json
check_equal "done" up_to_date "$(json 'd["targets"][0]["outcome"]')"
