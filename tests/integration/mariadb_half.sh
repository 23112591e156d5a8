#!/bin/bash
# MariaDB: what stands half-way is named statement by statement, goes on by itself at a clean edge, and waits for `resolve` elsewhere; what is not whole, what
# knows no transactions, a session that a revision changes; locks, deadlocks, a full server.
. "$ROOT/tests/support/lib.sh"
start_mariadb max_connections=8
create_mariadb_databases t_ 8
for number in 1 2 3 4 5 6 7 8; do
    [ "$number" != 1 ] || echo "retry: {attempts: 3, initial: 20ms, max: 100ms}
connection: {lock_timeout: 1s}
tenants:"
    echo "  - {name: t$number, url: \"mariadb://root@127.0.0.1:$MARIADB_PORT/t_00$number\"}"
done >skein.yaml
history() { # DATABASE REVISION
    mariadb_do "$1" "SELECT group_concat(concat_ws(' ', direction, state, attempted, done) ORDER BY seq SEPARATOR ', ') FROM skein_history WHERE revision='$2'"
}
outcome() { # outcome NAME: "outcome class code statement"
    json "' '.join(str(x) for t in d['targets'] if t['name']=='$1' for x in (t['outcome'], (t['error'] or {}).get('class'), (t['error'] or {}).get('code'), (t['error'] or {}).get('statement')))"
}
revision 1.sql <<'SQL'
-- one
-- Revision ID: aaaa00000001
-- Revises:
-- skein:upgrade
CREATE TABLE data (id integer PRIMARY KEY, value integer) ENGINE=InnoDB;
INSERT INTO data VALUES (1, 1), (2, 1);
-- skein:downgrade
DROP TABLE data;
SQL
run 0 upgrade head
check_equal "a definition, then rows in a transaction" "upgrade done 2 2" "$(history t_001 aaaa00000001)"

# What drops several objects may have dropped some: nobody guesses.
revision 2.sql <<'SQL'
-- two
-- Revision ID: aaaa00000002
-- Revises: aaaa00000001
-- skein:upgrade
CREATE TABLE a (n integer);
DROP TABLE a, not_there;
CREATE TABLE b (n integer);
-- skein:downgrade
DROP TABLE b;
SQL
run 5 upgrade head -t 't[123]' --keep-going --format json
check_equal "partial at the second" "partial missing_object 1051 2" "$(outcome t1)"
check_equal "the row says that it was tried" "upgrade started 2 1" "$(history t_001 aaaa00000002)"
run 5 upgrade head -t t1
check_has "it waits for a person" "skein resolve --done-to 1 or --done-to 2" "$SCRATCH/out"
run 0 resolve --dry-run -t t1
check_has "the open row" "1 of 3 statements done; statement 2 was under way" "$SCRATCH/out"
check_has "what the catalogue says" "^    statement 1  CREATE TABLE a \(n integer\): table a is not there$" "$SCRATCH/out"
check_has "of each that it names" "^    statement 2  DROP TABLE a, not_there: table a is not there; table not_there is not there$" "$SCRATCH/out"
mariadb_do t_003 "CREATE TABLE not_there (n integer)"
run 0 resolve --dry-run -t 't[123]'
check_has "those that are alike" "^t1, t2   upgrade of aaaa00000002" "$SCRATCH/out"
check_has "and the other one" "table a is not there; table not_there is there$" "$SCRATCH/out"
check_has "all" "^3 of 3 targets have an open row" "$SCRATCH/out"
run 0 resolve --dry-run -t t3 --format json
check_equal "in JSON" "2 True drop table not_there True None" \
    "$(json '"{0[statement]} {0[whole]} {1[change]} {1[kind]} {1[name]} {1[there]} {1[valid]}".format(d["targets"][0]["open"]["statements"][1], d["targets"][0]["open"]["statements"][1]["objects"][1])')"
mariadb_do t_001 "CREATE TABLE IF NOT EXISTS not_there (n integer); CREATE TABLE a (n integer)"
run 0 resolve --done-to 1 --reason "both made again" -t t1
check_has "shown before it is settled" "^    statement 2  DROP TABLE a, not_there: table a is there; table not_there is there$" "$SCRATCH/out"
run 0 upgrade head -t t1
check_equal "on at statement 2" "upgrade done 3 3, resolve done 0 0" "$(history t_001 aaaa00000002)"
mariadb_do t_002 "DROP TABLE IF EXISTS a, not_there; CREATE TABLE b (n integer)"
run 0 resolve --applied --reason "made by hand" -t t2
check_equal "applied" "aaaa00000002" "$(mariadb_do t_002 "SELECT version_num FROM alembic_version")"
mariadb_do t_003 "DROP TABLE IF EXISTS a, b, not_there"
run 0 resolve --reverted --reason "taken back by hand" -t t3
check_equal "reverted" "aaaa00000001" "$(mariadb_do t_003 "SELECT version_num FROM alembic_version")"

# A clean edge goes on only where the statements already done are unchanged.
revision 2.sql <<'SQL'
-- two
-- Revision ID: aaaa00000002
-- Revises: aaaa00000001
-- skein:upgrade
CREATE TABLE a (n integer);
ALTER TABLE a ADD COLUMN n integer;
-- skein:downgrade
DROP TABLE a;
SQL
run 5 upgrade head -t 't[45]' --keep-going --format json
check_equal "the error of an ALTER leaves nothing" "partial duplicate_object 1060 2" "$(outcome t4)"
check_equal "one of two stands" "upgrade started 1 1" "$(history t_004 aaaa00000002)"
sed -i 's/a (n integer)/a (other integer)/' migrations/versions/2.sql
run 5 upgrade head -t t4
check_equal "an edited file does not go on" "upgrade started 1 1" "$(history t_004 aaaa00000002)"
sed -i 's/a (other integer)/a (n integer)/; s/COLUMN n/COLUMN m/' migrations/versions/2.sql
run 0 upgrade head -t 't[45]'
check_equal "the rest may be mended" "upgrade done 2 2" "$(history t_004 aaaa00000002)"

# Tables that know no transactions: statement by statement, and an error is not guessed at.
revision 3.sql <<'SQL'
-- three
-- Revision ID: aaaa00000003
-- Revises: aaaa00000002
-- skein:upgrade
INSERT INTO data VALUES (10, 1);
INSERT INTO log VALUES (1), (1);
-- skein:downgrade
DELETE FROM data WHERE id = 10;
SQL
mariadb_do t_004 "CREATE TABLE log (n integer PRIMARY KEY) ENGINE=MyISAM"
mariadb_do t_005 "CREATE TABLE log (n integer PRIMARY KEY) ENGINE=InnoDB"
run 5 upgrade head -t 't[45]' --keep-going --format json
check_equal "half of it stands in a MyISAM table" "partial constraint 1062 2" "$(outcome t4)"
check_equal "and is named" "upgrade started 2 1" "$(history t_004 aaaa00000003)"
check_equal "all or nothing in InnoDB" "failed constraint 1062 2" "$(outcome t5)"
check_equal "nothing" "0" "$(mariadb_do t_005 "SELECT (SELECT count(*) FROM data WHERE id = 10) + (SELECT count(*) FROM log)")"
mariadb_do t_004 "DELETE FROM log"
run 0 resolve --done-to 1 --reason "emptied" -t t4
sed -i 's/(1), (1)/(1)/' migrations/versions/3.sql
run 0 upgrade head -t 't[45]'
check_equal "done" "upgrade done 2 2, resolve done 0 0" "$(history t_004 aaaa00000003)"
rm migrations/versions/3.sql migrations/versions/2.sql

# What a revision sets is its own, and does not reach the next one or skein's rows; the server's own defaults neither.
mariadb_do "" "SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES', GLOBAL autocommit = 0, GLOBAL tx_isolation = 'READ-UNCOMMITTED'"
mkdir -p session/versions
cat >session/versions/1.sql <<'SQL'
-- sets
-- Revision ID: bbbb00000001
-- Revises:
-- skein:upgrade
SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES', foreign_key_checks = 0;
CREATE TABLE "parent" (id integer PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE child (id integer, FOREIGN KEY (id) REFERENCES "parent" (id)) ENGINE=InnoDB;
INSERT INTO child VALUES (7);
CREATE DATABASE IF NOT EXISTS elsewhere;
USE elsewhere;
SQL
cat >session/versions/2.sql <<'SQL'
-- is as ever
-- Revision ID: bbbb00000002
-- Revises: bbbb00000001
-- skein:upgrade
CREATE TABLE modes AS SELECT @@sql_mode AS mode, @@foreign_key_checks AS keys_checked, @@autocommit AS auto, @@tx_isolation AS isolation, 'a\'b' AS text;
SQL
cat >session.yaml <<YAML
migrations: {directory: session}
connection: {session: {max_join_size: "12345", tmp_table_size: "20000"}}
tenants: [{name: t6, url: "mariadb://root@127.0.0.1:$MARIADB_PORT/t_006"}]
YAML
mariadb_do t_006 "DROP TABLE data, alembic_version, skein_history"
run 0 -c session.yaml upgrade head --actor "o'Brien \\"
check_equal "its own settings" "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION	1	1	READ-COMMITTED	a'b" "$(mariadb_do t_006 "SELECT * FROM modes")"
check_equal "who, whatever the mode" "o'Brien \\\\" "$(mariadb_do t_006 "SELECT DISTINCT actor FROM skein_history")"
mariadb_do "" "SET GLOBAL sql_mode = DEFAULT, GLOBAL autocommit = DEFAULT, GLOBAL tx_isolation = DEFAULT"

# A table lock: lock_timeout, and it left nothing.
mkfifo "$SCRATCH/hold"
"$MARIADB_BIN" --no-defaults -N -n -u root -S "$MARIADB_SOCKET" t_007 <"$SCRATCH/hold" >"$SCRATCH/held" 2>&1 &
holder=$!
CLEANUP+=("kill $holder")
exec 7>"$SCRATCH/hold"
echo "BEGIN; UPDATE data SET value = 5 WHERE id = 1; SELECT 'locked';" >&7
until_true "it is locked" grep -q locked "$SCRATCH/held"
cat >migrations/versions/2.sql <<'SQL'
-- two
-- Revision ID: aaaa00000012
-- Revises: aaaa00000001
-- skein:upgrade
ALTER TABLE data ADD COLUMN extra integer;
SQL
sed 's/lock_timeout: 1s/lock_timeout: 1s, statement_timeout: 0/; s/attempts: 3/attempts: 1/' skein.yaml >hurry.yaml
timeout 60 "$SKEIN" -c hurry.yaml upgrade head -t t7 --format json >"$SCRATCH/out" 2>"$SCRATCH/err"
check_equal "a lock held by somebody" "failed lock_timeout 1205 1" "$(outcome t7)"
check_equal "it left nothing" "NULL" "$(history t_007 aaaa00000012)"
echo "COMMIT;" >&7
exec 7>&-
wait $holder
run 0 upgrade head -t t7

# More targets at once than connections: everybody gets through.
mkdir -p many/versions
cat >many/versions/1.sql <<'SQL'
-- many
-- Revision ID: cccc00000001
-- Revises:
-- skein:upgrade
CREATE TABLE many (n integer);
DO sleep(0.2);
SQL
create_mariadb_databases m_ 24
cat >many.yaml <<YAML
migrations: {directory: many}
limits: {concurrency: 24, per_server: 24}
retry: {initial: 20ms, max: 200ms}
servers: {a: {url: "mariadb://u@127.0.0.1:$MARIADB_PORT"}}
tenants: [{discover: {server: a, databases: "m_*"}}]
YAML
mariadb_do "" "CREATE USER u@'127.0.0.1'; GRANT ALL ON \`m\_%\`.* TO u@'127.0.0.1'"
run 0 -c many.yaml upgrade head --format json
check_equal "all of them" 24 "$(json 'd["counts"]["succeeded"]')"
