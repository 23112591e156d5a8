#!/bin/bash
# `unlock` through PgBouncer, whose connections call themselves what their last client did: it names no session wrongly, ends nobody else's, looks at the
# schema that the target has and not at one that another client has set, and leaves nothing behind. By transaction and by session.
. "$ROOT/tests/support/lib.sh"
start_postgresql max_connections=60
. "$ROOT/tests/support/pgbouncer.sh"
create_databases t_ 1
psql_do t_001 "CREATE ROLE app; CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.alembic_version (version_num text)"

revision 1.sql <<'SQL'
-- gates
-- Revision ID: bbbb00000001
-- Revises:
-- skein:upgrade
SET idle_in_transaction_session_timeout = 0;
SELECT pg_advisory_xact_lock(4711);
CREATE TABLE one (id integer);
SQL
revision 2.sql <<'SQL'
-- outside
-- Revision ID: bbbb00000002
-- Revises: bbbb00000001
-- skein:upgrade postgresql transaction=off
SELECT pg_advisory_xact_lock(4711);
-- skein:upgrade
CREATE TABLE two (id integer);
SQL
# configured PORT ABANDONED_AFTER [SETTING]
configured() {
    printf 'connection: {connect_timeout: 5s, lock_timeout: 0, lock_wait: 5s, abandoned_after: %s%s}\n' "$2" "${3:+, $3}" >skein.yaml
    printf 'tenants:\n  - {name: one, url: "postgresql://postgres@127.0.0.1:%s/t_001"}\n' "$1" >>skein.yaml
}
# key SCHEMA: of skein's lock
key() {
    python3 -c 'import hashlib, sys; n = int(hashlib.sha256(b"skein:" + sys.argv[1].encode()).hexdigest()[:16], 16); print(n - (n >> 63 << 64))' "$1"
}
ALL="FROM pg_stat_activity WHERE datname = 't_001' AND pid <> pg_backend_pid()"
HOLDER="$ALL AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid <> 4711 AND granted)"
HELD="SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid <> 4711 AND granted"
silent() { # all sessions, for longer than a second
    until_equal "all are silent" t psql_do t_001 "SELECT coalesce(bool_and(clock_timestamp() - state_change > interval '1 second'), false) $ALL AND application_name <> 'gate'"
}
# nameless SQL: by a client that says not what it is
nameless() {
    "$PG_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 "host=127.0.0.1 port=$POOLER_PORT user=postgres dbname=t_001 application_name=''" -c "$1"
}
end_run() {
    [ -z "${RUN:-}" ] || kill -KILL "$RUN"
}
CLEANUP+=(end_run)

# The gate does not go through the pooler.
session gate "$PG_BIN/psql" -X -q -A -t "host=127.0.0.1 port=$PG_PORT user=postgres dbname=t_001 application_name=gate"
shut() {
    tell gate "SELECT pg_advisory_lock(4711);\n"
    until_equal "the gate is shut" 1 psql_do t_001 "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND granted"
}
# stopped REVISION: a run stands at the gate, is stopped, and the gate opens: its server waits for it
stopped() {
    shut
    "$SKEIN" upgrade "$1" >"$SCRATCH/run.out" 2>&1 &
    RUN=$!
    until_equal "the run stands at the gate" active psql_do t_001 "SELECT state $HOLDER AND wait_event = 'advisory'"
    run 0 unlock
    check_has "a run that works" "^one   held by skein run [0-9a-f]{6} of one  pid [0-9]+ postgres  running [0-9.]+m?s  SELECT pg_advisory_xact_lock" "$SCRATCH/out"
    kill -STOP $RUN
    tell gate "SELECT pg_advisory_unlock(4711);\n"
    until_equal "its server waits for it" 1 psql_do t_001 "SELECT count(*) $HOLDER AND state LIKE 'idle%'"
    silent
}
# goes_on CODE: the run that was taken for dead wakes up
goes_on() {
    kill -CONT $RUN
    wait $RUN
    check_equal "the run goes on" "$1" $?
    RUN=
}

echo "== by transaction"
start_pgbouncer pool_mode=transaction default_pool_size=2
configured "$POOLER_PORT" 1s
run 0 unlock -y
check_has "nobody" "^one   nobody holds the lock$" "$SCRATCH/out"
check_equal "nothing is left" "|none" "$(nameless "SELECT coalesce(current_setting('skein.schema', true), ''), current_setting('role')")"

# A revision that lets its transaction idle for ever, as pg_dump's do: the server does not end it.
stopped bbbb00000001
run 0 unlock
check_has "dead" "^    dead: its client has said nothing for" "$SCRATCH/out"
run 0 unlock -y
check_has "ended" "^one   ended skein run [0-9a-f]{6} of one " "$SCRATCH/out"
until_equal "the lock is free" 0 psql_do t_001 "$HELD"
goes_on 0
check_equal "once" "1 bbbb00000001" "$(psql_do t_001 "SELECT (SELECT count(*) FROM skein_history), version_num FROM alembic_version" | tr '|' ' ')"

# A lock that some client has left with a connection of the pooler's, which calls itself a run since one has used it: it is nobody's to end.
start_pgbouncer pool_mode=transaction default_pool_size=1
configured "$POOLER_PORT" 1s
run 0 current
nameless "SELECT pg_advisory_lock($(key public))" >/dev/null
check_equal "it has a run's name" 1 "$(psql_do t_001 "SELECT count(*) $HOLDER AND application_name LIKE 'skein run=%'")"
silent
run 1 unlock -y
check_has "the connection that answers" "^one   held by pid [0-9]+ postgres$" "$SCRATCH/out"
check_has "whose name says nothing" "^    no run through this pooler keeps it outside a transaction" "$SCRATCH/out"
start_pgbouncer pool_mode=transaction default_pool_size=1 # another pool: it answers by another connection
configured "$POOLER_PORT" 1s
silent
run 1 unlock -y --format json
check_equal "by another connection, when an unlock was its last client" "other None postgres None" "$(json '"{0[lock]} {0[holder][application]} {0[holder][user]} {0[quiet_seconds]}".format(d["targets"][0])')"
check_equal "it is still there" 1 "$(psql_do t_001 "$HELD")"
# Who holds it by hand and has a name is told by it.
psql_do t_001 "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid <> 4711" >/dev/null
until_equal "the lock is free" 0 psql_do t_001 "$HELD"
session hand "$PG_BIN/psql" -X -q -A -t "host=127.0.0.1 port=$PG_PORT user=postgres dbname=t_001 application_name=hand"
tell hand "SELECT pg_advisory_lock(%s);\n" "$(key public)"
until_equal "held by hand" 1 psql_do t_001 "$HELD"
# Another client's search_path is not the target's.
nameless "SET search_path = elsewhere; SET ROLE app"
check_equal "it is really there" "elsewhere app" "$(nameless "SELECT current_setting('search_path') || ' ' || current_setting('role')")"
silent
run 1 unlock -y
check_has "the target's schema" "^one   held by pid [0-9]+ hand/postgres  idle [0-9.]+m?s  SELECT pg_advisory_lock" "$SCRATCH/out"
check_has "whose name says something" "^    no run of skein's by its application_name" "$SCRATCH/out"
check_equal "what others have set stays theirs" "elsewhere app" "$(nameless "SELECT current_setting('search_path') || ' ' || current_setting('role')")"
tell hand "SELECT pg_advisory_unlock(%s);\n" "$(key public)"
until_equal "the lock is free" 0 psql_do t_001 "$HELD"

echo "== by session"
start_pgbouncer pool_mode=session default_pool_size=4
configured "$POOLER_PORT" 60s "pooler: session" # else the server ends it by itself
stopped bbbb00000002
configured "$POOLER_PORT" 1s "pooler: session"
check_equal "outside a transaction" idle "$(psql_do t_001 "SELECT state $HOLDER")"
run 0 unlock -y --format json
check_equal "ended" "ended idle" "$(json '"{0[lock]} {0[holder][state]}".format(d["targets"][0])')"
until_equal "the lock is free" 0 psql_do t_001 "$HELD"
goes_on 0
check_equal "each once" "2 bbbb00000002" "$(psql_do t_001 "SELECT (SELECT count(*) FROM skein_history WHERE state = 'done'), version_num FROM alembic_version" | tr '|' ' ')"
run 0 unlock -y
check_has "nobody" "^one   nobody holds the lock$" "$SCRATCH/out"
