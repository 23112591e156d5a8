#!/bin/bash
# MariaDB: interrupts, a server that is killed, a deadlock.
. "$ROOT/tests/support/lib.sh"
start_mariadb

# Interrupts: the first lets what runs finish, the second cancels on the server; what was announced and not sent is taken back.
create_mariadb_databases t_ 6
revision 1.sql <<'SQL'
-- slow
-- Revision ID: eeee00000001
-- Revises:
-- skein:upgrade
CREATE TABLE slow (id integer) ENGINE=InnoDB;
CREATE TABLE slower AS SELECT sleep(1.5) AS n;
-- skein:downgrade
DROP TABLE slower;
DROP TABLE slow;
SQL
fleet() { # fleet [LINE…]
    printf '%s\n' "limits: {concurrency: 1}" "servers: {a: {url: \"mariadb://root@127.0.0.1:$MARIADB_PORT\"}}" "$@" "tenants:" \
        '  - {discover: {server: a, databases: "t_*"}, name: "{{database}}"}' >skein.yaml
}
fleet
start() {
    begin "$@"
    until_equal "one of it sleeps" 1 mariadb_do "" "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'CREATE TABLE slower%'"
}
start upgrade head --format json
kill -INT $pid
finish 130
check_equal "what ran is finished, the rest not started" "1 5 interrupted interrupt" \
    "$(json '" ".join(str(x) for x in (d["counts"]["succeeded"], d["counts"]["not_started"], d["run"]["status"], d["run"]["stopped_by"]))')"
start upgrade head --format json
kill -TERM $pid
sleep 0.2
kill -TERM $pid
finish 5
check_equal "the running one is cancelled, and one statement of it stands" "partial cancelled 2" \
    "$(json '" ".join(str(x) for t in d["targets"] if t["outcome"] == "partial" for x in (t["outcome"], t["error"]["class"], t["error"]["statement"]))')"
run 0 upgrade head --concurrency 6 --format json
check_equal "it goes on by itself" 6 "$(json 'd["counts"]["succeeded"]+d["counts"]["up_to_date"]')"

# The server is killed in the middle of a statement outside a transaction: nobody knows, so a person looks. Before the server is there again it is in doubt.
run 0 downgrade base --all -y --concurrency 6
fleet "retry: {attempts: 2, initial: 50ms, max: 100ms}" "rollout: {max_unreachable: 100%, max_failures: 100%}"
start upgrade head --format json --keep-going
kill -KILL "$(cat "$MARIADB_PID")"
finish 5
check_equal "one in doubt, the others were not reached" "1 5" "$(json 'str(d["counts"]["in_doubt"])+" "+str(d["counts"]["unreachable"])')"
$MARIADB_RESTART || fail "restart"
run 5 upgrade head --concurrency 6 --format json
check_equal "partial at the statement that was under way" "eeee00000001 2" \
    "$(json '" ".join(str(x) for t in d["targets"] if t["outcome"] == "partial" for x in (t["error"]["revision"], t["error"]["statement"]))')"
who=$(json '[t["name"] for t in d["targets"] if t["outcome"] == "partial"][0]')
stands=$(mariadb_do "" "SELECT count(*) FROM information_schema.tables WHERE table_schema='$who' AND table_name='slower'")
run 0 resolve --done-to $((1 + stands)) --reason "looked" -t "$who"
run 0 upgrade head --concurrency 6
run 0 current
check_has "converged" "6 targets +eeee00000001 \(head\)" "$SCRATCH/out"

# A deadlock ends one transaction, which is tried again.
run 0 downgrade base --all -y --concurrency 6
rm migrations/versions/1.sql
mariadb_do t_001 "CREATE TABLE one (n integer PRIMARY KEY, m integer) ENGINE=InnoDB; CREATE TABLE two LIKE one; INSERT INTO one VALUES (1, 0); INSERT INTO two VALUES (1, 0)"
revision 1.sql <<'SQL'
-- deadlock
-- Revision ID: ffff00000001
-- Revises:
-- skein:upgrade
UPDATE one SET m = m + 1 WHERE n = 1;
SELECT sleep(1);
UPDATE two SET m = m + 1 WHERE n = 1;
SQL
begin upgrade head -t t_001 --format json
until_equal "it sleeps between the two" 1 mariadb_do "" "SELECT count(*) FROM information_schema.processlist WHERE state = 'User sleep'"
# This one has changed more, so that it is skein's transaction that the server ends.
mariadb_do t_001 "CREATE TABLE weight (n integer) ENGINE=InnoDB; BEGIN; INSERT INTO weight SELECT seq FROM seq_1_to_2000; UPDATE two SET m = m + 10 WHERE n = 1; UPDATE one SET m = m + 10 WHERE n = 1; COMMIT"
finish 0
check_equal "both stand, once" "11	11" "$(mariadb_do t_001 "SELECT (SELECT m FROM one), (SELECT m FROM two)")"
check_equal "tried twice" "2" "$(json 'd["targets"][0]["attempts"]')"
