#!/bin/bash
# Ctrl-C: the first lets what runs finish, the second cancels on the server, the third exits; a killed server; a closed pipe.
. "$ROOT/tests/support/lib.sh"
start_postgresql max_connections=50
create_databases t_ 6
revision 1.sql <<'SQL'
-- slow
-- Revision ID: eeee00000001
-- Revises:
-- skein:upgrade
CREATE TABLE slow (id integer);
SELECT pg_sleep(1.5);
-- skein:downgrade
DROP TABLE slow;
SQL
fleet() { # fleet [LINE…]
    printf '%s\n' "limits: {concurrency: 1}" "servers: {a: {url: \"postgresql://postgres@127.0.0.1:$PG_PORT\"}}" "$@" "tenants:" \
        '  - {discover: {server: a, databases: "t_*"}, name: "{{database}}"}' >skein.yaml
}
fleet

start() { # until a session of skein sleeps
    begin "$@"
    until_equal "one of it sleeps" 1 psql_do postgres \
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state='active' AND application_name LIKE 'skein%'"
}

start upgrade head --format json
kill -INT $pid
finish 130
check_equal "what ran is finished, the rest not started" "1 5 interrupted interrupt" \
    "$(json '" ".join(str(x) for x in (d["counts"]["succeeded"], d["counts"]["not_started"], d["run"]["status"], d["run"]["stopped_by"]))')"
check_has "it says so" "stopping \(interrupt\)" "$SCRATCH/err"

start upgrade head --format json
kill -TERM $pid
sleep 0.2
kill -TERM $pid
finish 143
check_equal "the running one is cancelled" "1 cancelled 1" \
    "$(json '" ".join(str(x) for x in (d["counts"]["cancelled"], [t["error"]["class"] for t in d["targets"] if t["outcome"]=="cancelled"][0], d["counts"]["up_to_date"]+d["counts"]["succeeded"]))')"
check_equal "it left nothing" 1 "$(for n in 1 2 3 4 5 6; do psql_do t_00$n "SELECT count(*) FROM pg_tables WHERE tablename='slow'"; done | paste -sd+ | bc)"

start upgrade head --format json --drain-timeout 200ms
kill -INT $pid
finish 130
check_equal "the drain has an end" 1 "$(json 'd["counts"]["cancelled"]')"

start upgrade head
kill -HUP $pid
sleep 0.1
kill -HUP $pid
kill -HUP $pid
wait $pid
check_equal "the third exits at once" 129 $?

# The server is killed in the middle: unreachable or failed, never in doubt inside a transaction; afterwards it converges.
until_equal "its sessions end" 0 psql_do postgres "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'skein%'"
fleet "retry: {attempts: 2, initial: 50ms, max: 100ms}"
data=$(psql_do postgres "SHOW data_directory")
server=$(head -1 "$data/postmaster.pid")
start upgrade head --format json --keep-going
kill -QUIT "$server"
wait $pid
check_equal "exit 1: some could not be reached" 1 $?
check_equal "nobody is in doubt or partial" "0 0" "$(json 'str(d["counts"]["in_doubt"])+" "+str(d["counts"]["partial"])')"
run_as() { if [ "$(id -u)" = 0 ]; then (cd / && runuser -u "$(stat -c %U "$data")" -- "$@"); else "$@"; fi; }
run_as "$PG_BIN/pg_ctl" -D "$data" -l "$PG_LOG" -o "-p $PG_PORT" -w start >/dev/null || fail "restart"
run 0 upgrade head --concurrency 6 --format json
check_equal "converged" 6 "$(json 'd["counts"]["succeeded"]+d["counts"]["up_to_date"]')"

# A closed pipe never stops a run.
run 0 downgrade base --all -y
(
    "$SKEIN" upgrade head --concurrency 6 -v 2>&1
    echo $? >"$SCRATCH/code"
) | true
until_true "it ends" test -s "$SCRATCH/code"
check_equal "exit code with a closed pipe" 0 "$(cat "$SCRATCH/code")"
run 0 current
check_has "all moved" "6 targets +eeee00000001 \(head\)" "$SCRATCH/out"
