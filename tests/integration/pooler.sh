#!/bin/bash
# Behind PgBouncer. By transaction: it is noticed, only what ends with a transaction is taken and set, nothing is left behind on its connections, what other
# clients left there is not seen, and a statement outside a transaction is refused unless direct_url: leads past it. By session: as without one.
. "$ROOT/tests/support/lib.sh"
start_postgresql max_connections=300
FLEET=20
. "$ROOT/tests/support/pgbouncer.sh"

# fleet URL_PORT [MORE LINES OF THE SERVER]…
fleet() {
    local port=$1 line
    shift
    {
        printf 'servers:\n  a:\n    url: "postgresql://postgres@127.0.0.1:%s"\n' "$port"
        for line; do echo "    $line"; done
        printf 'retry: {initial: 10ms}\ntenants:\n  - discover: {server: a, databases: "t_*"}\n    name: "{{database}}"\n'
    } >skein.yaml
}

# What the pooler's connections hold beyond their transactions; the parameters that PgBouncer keeps for each client itself do not count.
left="SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), (SELECT count(*) FROM pg_prepared_statements),
    coalesce(current_setting('skein.started_at', true), ''), current_setting('role'), pg_my_temp_schema(),
    (SELECT string_agg(name || '=' || setting, ' ') FROM pg_settings WHERE source = 'session' AND setting <> reset_val
        AND name NOT IN ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings', 'IntervalStyle'))"
nothing="0|0||none|0|"

check_nothing_left() {
    local n
    check_equal "$1: locks anywhere" 0 "$(psql_do postgres "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")"
    for n in $(seq -f %03g 1 5 "$FLEET"); do
        check_equal "$1: left behind in t_$n" "$nothing" "$(through "t_$n" "$left")"
    done
}

revision 1_base.sql <<'SQL'
-- base
-- Revision ID: aaaa00000001
-- Revises:
-- skein:upgrade
CREATE TABLE witness (what text);
INSERT INTO witness VALUES ('1');
-- skein:downgrade
DROP TABLE witness;
SQL
revision 2_dump.sql <<'SQL'
-- as a pg_dump, which sets its session
-- Revision ID: aaaa00000002
-- Revises: aaaa00000001
-- skein:upgrade
SET statement_timeout = '77s';
SET lock_timeout = '78s';
SELECT pg_catalog.set_config('search_path', '', false);
SET ROLE postgres;
INSERT INTO public.witness VALUES ('2');
-- skein:downgrade
DELETE FROM witness WHERE what = '2';
SQL
revision 3_slow.sql <<'SQL'
-- slow
-- Revision ID: aaaa00000003
-- Revises: aaaa00000002
-- skein:require there
SELECT 1 WHERE to_regclass('witness') IS NULL
-- skein:upgrade
SELECT pg_sleep(0.05);
INSERT INTO witness VALUES ('3');
-- skein:downgrade
DELETE FROM witness WHERE what = '3';
SQL
for n in 4 5 6 7 8 9; do
    revision "${n}_step.sql" <<SQL
-- step $n
-- Revision ID: aaaa0000000$n
-- Revises: aaaa0000000$((n - 1))
-- skein:upgrade
INSERT INTO witness VALUES ('$n');
-- skein:downgrade
DELETE FROM witness WHERE what = '$n';
SQL
done
all="SELECT (SELECT string_agg(what, ' ' ORDER BY what) FROM witness), (SELECT count(*) FROM skein_history WHERE state = 'done'), (SELECT version_num FROM alembic_version)"

echo "== by transaction: up, down, up"
start_pgbouncer pool_mode=transaction default_pool_size=3 max_db_connections=3
create_databases t_ "$FLEET"
fleet "$POOLER_PORT"
run 0 upgrade head --concurrency 8 --format json
check_equal "all of them" "$FLEET" "$(json 'd["counts"]["succeeded"]')"
check_nothing_left "upgrade"
run 0 upgrade head --concurrency 8 --format json
check_equal "nothing to do" "$FLEET" "$(json 'd["counts"]["up_to_date"]')"
run 0 current --check-heads
run 0 status
run 0 downgrade aaaa00000001 --all -y --concurrency 8
check_equal "down" "1|17|aaaa00000001" "$(psql_do t_007 "$all")"
run 3 plan upgrade head --check
run 0 upgrade head --concurrency 8
check_equal "up again" "1 2 3 4 5 6 7 8 9|25|aaaa00000009" "$(psql_do t_007 "$all")"
check_nothing_left "downgrade and upgrade"

# each_once WHAT: after two runs, whose output lies in one.json and two.json
each_once() {
    local n both=0
    for n in $(seq -f %03g "$FLEET"); do
        check_equal "$1: each step once in t_$n" "1 2 3 4 5 6 7 8 9|9|aaaa00000009" "$(psql_do "t_$n" "$all")"
    done
    for n in one two; do
        cp "$SCRATCH/$n.json" "$SCRATCH/out"
        both=$((both + $(json 'int(sum(t["lock_waits"] for t in d["targets"]) > 0)')))
    done
    check_equal "$1: both waited" 2 "$both"
    check_nothing_left "$1"
}

# again: the same databases, new
again() {
    seq -f "DROP DATABASE t_%03g WITH (FORCE);" 1 "$FLEET" | "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres postgres || fail "databases"
    create_databases t_ "$FLEET"
}

for transaction in target revision; do
    echo "== two runs at once, transaction: $transaction"
    again
    fleet "$POOLER_PORT"
    echo "migrations: {transaction: $transaction}" >>skein.yaml
    two_at_once "two runs, $transaction" upgrade head --concurrency 8 --format json
    each_once "two runs, $transaction"
done

echo "== killed"
for state in READ EXECUTE COMMIT; do
    psql_do postgres "DROP DATABASE t_001 WITH (FORCE)"
    create_databases t_ 1
    fleet "$POOLER_PORT"
    "$KILL_AT" $state 1 -- "$SKEIN" upgrade head -t t_001 >"$SCRATCH/out" 2>"$SCRATCH/err"
    check_equal "killed in $state" 0 $?
    # The pooler notices that its client has gone and drops the connection in the middle of its transaction.
    for attempt in $(seq 500); do
        held=$(psql_do t_001 "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        [ "$held" != 0 ] || break
    done
    check_equal "$state: the lock is gone (look $attempt)" 0 "$held"
    check_equal "$state: nothing is left" "$nothing" "$(through t_001 "$left")"
    run 0 upgrade head -t t_001
    check_equal "$state: then once" "1 2 3 4 5 6 7 8 9|9|aaaa00000009" "$(psql_do t_001 "$all")"
done

echo "== outside a transaction"
revision a_off.sql <<'SQL'
-- index
-- Revision ID: aaaa0000000a
-- Revises: aaaa00000009
-- skein:upgrade
INSERT INTO witness VALUES ('a');
-- skein:upgrade transaction=off
CREATE INDEX CONCURRENTLY ix_what ON witness (what);
-- skein:upgrade
INSERT INTO witness VALUES ('b');
-- skein:downgrade
DROP INDEX ix_what;
DELETE FROM witness WHERE what IN ('a', 'b');
SQL
for command in "upgrade head" "plan upgrade head"; do
    # shellcheck disable=SC2086 # words
    run 1 $command -t 't_00[23]' --format json
    check_equal "$command: refused" 2 "$(json 'd["counts"]["refused"]')"
    check_equal "$command: for the pooler" pooler "$(json 'd["targets"][0]["error"]["class"]')"
    check_has "$command: the way out" 'direct_url:.*pooler: session' "$SCRATCH/out"
done
check_equal "nothing was done" "1 2 3 4 5 6 7 8 9|9|aaaa00000009" "$(psql_do t_002 "$all")"
fleet "$POOLER_PORT" "direct_url: \"postgresql://127.0.0.1:$PG_PORT\""
run 0 plan upgrade head
run 0 upgrade head --concurrency 8 --format json
check_equal "by direct_url" "$FLEET" "$(json 'd["counts"]["succeeded"]')"
check_equal "all of it" "1 2 3 4 5 6 7 8 9 a b|10|aaaa0000000a" "$(psql_do t_002 "$all")"
check_nothing_left "direct_url"
run 0 downgrade aaaa00000009 --all -y
fleet "$POOLER_PORT" "direct_url: \"postgresql://127.0.0.1:1\""
run 1 upgrade head -t t_002 --format json
check_equal "the way past it is shut" connection "$(json 'd["targets"][0]["error"]["class"]')"
fleet "$POOLER_PORT" "direct_url: \"postgresql://127.0.0.1:$POOLER_PORT\""
run 1 upgrade head -t t_002
check_has "the way past it leads to it" 'behind direct_url too' "$SCRATCH/out"
rm migrations/versions/a_off.sql

echo "== what other clients left"
POOLED=$POOLER_PORT
start_pgbouncer pool_mode=transaction default_pool_size=1
psql_do postgres "CREATE ROLE app SUPERUSER LOGIN"
psql_do t_004 "CREATE SCHEMA elsewhere AUTHORIZATION app; CREATE TABLE elsewhere.alembic_version (version_num text); INSERT INTO elsewhere.alembic_version VALUES ('aaaa00000002')"
psql_do t_004 "DROP TABLE witness, alembic_version, skein_history"
fleet "$POOLER_PORT"
# One session after the other on one connection.
through t_004 "SET search_path = elsewhere; SET lock_timeout = '7s'; SET ROLE app; SET check_function_bodies = off"
check_equal "it is really there" elsewhere "$(through t_004 "SHOW search_path")"
run 0 current -t t_004
check_has_not "another's schema" aaaa00000002 "$SCRATCH/out"
run 0 upgrade head -t t_004
check_equal "in the right place, by the right role" "public postgres|public postgres" \
    "$(psql_do t_004 "SELECT string_agg(n.nspname || ' ' || r.rolname, '|') FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_roles r ON r.oid = relowner WHERE relname IN ('witness', 'skein_history')")"
check_equal "and nothing is left" "$nothing" "$(through t_004 "$left")"
fleet "$POOLER_PORT" "connection: {role: app, search_path: [elsewhere, public], session: {work_mem: 8MB}}"
psql_do t_005 "DROP TABLE witness, alembic_version, skein_history; CREATE SCHEMA elsewhere AUTHORIZATION app"
run 0 upgrade aaaa00000001 -t t_005
check_equal "role and search_path of its own" "elsewhere app" \
    "$(psql_do t_005 "SELECT n.nspname || ' ' || r.rolname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_roles r ON r.oid = relowner WHERE relname = 'witness'")"
check_equal "nor that" "$nothing" "$(through t_005 "$left")"

echo "== refusals of the pooler itself"
cat >skein.yaml <<YAML
tenants: [{name: one, url: "postgresql://postgres@127.0.0.1:$POOLER_PORT/t_004?options=-cwork_mem%3D4MB"}]
YAML
run 1 current --format json
check_equal "options" pooler "$(json 'd["targets"][0]["error"]["class"]')"
cat >skein.yaml <<YAML
tenants: [{name: one, url: "postgresql://postgres@127.0.0.1:$POOLER_PORT/t_nowhere"}]
YAML
run 1 current --format json
check_equal "no such database" missing_database "$(json 'd["targets"][0]["error"]["class"]')"
start_pgbouncer pool_mode=statement
fleet "$POOLER_PORT"
run 1 downgrade aaaa00000001 -t t_006 -y --format json
check_equal "by statement" pooler "$(json 'd["targets"][0]["error"]["class"]')"
start_pgbouncer pool_mode=transaction max_client_conn=3 default_pool_size=2
fleet "$POOLER_PORT"
run 0 downgrade aaaa00000008 --all -y --concurrency 8
start_pgbouncer pool_mode=transaction max_db_connections=1 query_wait_timeout=1 server_lifetime=1 query_timeout=0
fleet "$POOLER_PORT"
mkfifo "$SCRATCH/hold"
"$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$POOLER_PORT" -U postgres t_006 <"$SCRATCH/hold" >/dev/null &
exec 9>"$SCRATCH/hold"
echo "BEGIN; SELECT 1;" >&9
timeout 10 bash -c "until [ \"\$('$PG_BIN/psql' -X -A -t -h 127.0.0.1 -p $PG_PORT -U postgres -c \"SELECT count(*) FROM pg_stat_activity WHERE datname = 't_006' AND state = 'idle in transaction'\")\" = 1 ]; do :; done" || fail "nobody holds the connection"
printf 'retry: {attempts: 1, initial: 10ms}\nservers: {a: {url: "postgresql://postgres@127.0.0.1:%s"}}\ntenants: [{name: one, server: a, database: t_006}]\n' "$POOLER_PORT" >skein.yaml
"$SKEIN" current --check-heads >"$SCRATCH/out" 2>"$SCRATCH/err" 9>&- &
waits=$!
# shellcheck disable=SC2016 # for the other shell
timeout 20 bash -c 'until [ "$(grep -c query_wait_timeout "$1")" -ge 2 ]; do :; done' - "$POOLER_LOG" || fail "nobody was refused"
exec 9>&-
wait $waits
check_equal "query_wait_timeout costs no attempt" 3 $?

echo "== by session"
start_pgbouncer pool_mode=session default_pool_size=3 max_db_connections=3
cat >migrations/versions/a_off.sql <<'SQL'
-- index
-- Revision ID: aaaa0000000a
-- Revises: aaaa00000009
-- skein:upgrade transaction=off
CREATE INDEX CONCURRENTLY ix_what ON witness (what);
-- skein:downgrade
DROP INDEX ix_what;
SQL
fleet "$POOLER_PORT"
run 0 upgrade aaaa00000009 --concurrency 8
run 1 upgrade head -t t_007
fleet "$POOLER_PORT" 'connection: {pooler: session}'
run 0 upgrade head --concurrency 8 --format json
check_equal "as without a pooler" "$FLEET" "$(json 'd["counts"]["succeeded"]')"
fleet "$PG_PORT" 'connection: {pooler: transaction}'
run 0 downgrade aaaa00000008 --all -y
POOLER_PORT=$POOLED
check_nothing_left "by session"
