#!/bin/bash
# `unlock` shows who holds skein's own lock, and ends a run that is dead and nothing else: not a run that works, not one that has been silent for less
# than abandoned_after, not what is no run of skein's, not what it may not see.
. "$ROOT/tests/support/lib.sh"
start_postgresql max_connections=40
create_databases t_ 2
psql_do t_001 "CREATE ROLE migrator LOGIN PASSWORD 'secret'; CREATE ROLE app"

revision 1.sql <<'SQL'
-- gate
-- Revision ID: bbbb00000001
-- Revises:
-- skein:upgrade postgresql transaction=off
SELECT pg_advisory_xact_lock(4711);
-- skein:upgrade
CREATE TABLE done (id integer);
SQL
# configured ABANDONED_AFTER [USER:PASSWORD]
configured() {
    cat >skein.yaml <<YAML
connection: {lock_timeout: 0, lock_wait: 5s, abandoned_after: $1}
servers:
  a: {url: "postgresql://postgres@127.0.0.1:$PG_PORT"}
tenants:
  - {name: one, url: "postgresql://${2:-postgres}@127.0.0.1:$PG_PORT/t_001"}
  - {name: two, server: a, database: t_002}
  - {name: file, url: "sqlite:file.db", create: true}
YAML
}
# until_is WHAT EXPECTED DATABASE QUERY
until_is() {
    until_equal "$1" "$2" psql_do "$3" "$4"
}
SKEINS="FROM pg_stat_activity WHERE application_name LIKE 'skein run=%'"

# The gate: a psql holds 4711, and whatever else it is told to.
session gate "$PG_BIN/psql" -X -q -A -t -h 127.0.0.1 -p "$PG_PORT" -U postgres -d t_001
gate=${INPUT[gate]}
end_run() {
    [ -z "${RUN:-}" ] || kill -KILL "$RUN"
}
CLEANUP+=(end_run)

configured 60s
# 1. Nobody.
run 0 unlock -t one
check_has "nobody" "^one   nobody holds the lock$" "$SCRATCH/out"
run 1 unlock -t file -y
check_has "no file" "^file   could not be asked: " "$SCRATCH/out"
check_equal "none was made" no "$([ -e file.db ] && echo yes || echo no)"
run 2 unlock
check_has "which ones" "skein unlock would touch all 3 targets" "$SCRATCH/err"
run 0 unlock -t one -t two -y --format json
check_equal "in JSON" "free None free None" \
    "$(json '"{0[lock]} {0[holder]} {1[lock]} {1[error]}".format(*d["targets"])')"

# 2. A run that works.
echo "SELECT pg_advisory_lock(4711);" >&"$gate"
until_is "the gate is shut" 1 t_001 "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND granted"
"$SKEIN" upgrade head -t one >"$SCRATCH/run.out" 2>&1 &
RUN=$!
until_is "the run stands at the gate" active t_001 "SELECT state $SKEINS AND wait_event = 'advisory'"
run 0 unlock -t one
check_has "which run" "^one   held by skein run [0-9a-f]{6} of one  pid [0-9]+ postgres  running [0-9.]+m?s  SELECT pg_advisory_xact_lock\(4711\)$" "$SCRATCH/out"
run 1 unlock -t one -y
check_has "is not ended" "^    not known to be dead: it works" "$SCRATCH/out"
run 0 upgrade head -t file
run 1 unlock --all -y --format json
check_equal "by state" "live free free" "$(json '" ".join([t["lock"] for t in d["targets"]])')"
check_equal "it is still there" 1 "$(psql_do t_001 "SELECT count(*) $SKEINS")"

# 3. The same run, stopped: its server has nothing to do but wait for it.
kill -STOP $RUN
echo "SELECT pg_advisory_unlock(4711);" >&"$gate"
until_is "its server waits for it" idle t_001 "SELECT state $SKEINS"
run 1 unlock -t one -y
check_has "not silent for long enough" "^    not known to be dead: silent for [0-9.]+m?s, dead after 1m" "$SCRATCH/out"
configured 0
run 1 unlock -t one -y
check_has "nobody is dead" "silent for .*, and abandoned_after is 0" "$SCRATCH/out"
configured 1s migrator:secret
until_is "long enough" t t_001 "SELECT clock_timestamp() - state_change > interval '1 second' $SKEINS"
run 1 unlock -t one -y
check_has "what may not be seen is not ended" "not known to be dead: it works, or this role may not see" "$SCRATCH/out"
configured 1s
sed -i 's/t_001"}/t_001", connection: {role: app}}/' skein.yaml # it sees nothing; who connected does
run 0 unlock -t one
check_has "shown" "^one   held by skein run" "$SCRATCH/out"
check_has "dead" "^    dead: its client has said nothing for [0-9.ms]+ \(abandoned_after: 1" "$SCRATCH/out"
check_has "how to end it" "-y ends what is dead; nothing was touched" "$SCRATCH/err"
check_equal "it is still there" 1 "$(psql_do t_001 "SELECT count(*) $SKEINS")"
run 0 unlock -t one --yes --format json
check_equal "ended" "ended idle True" "$(json '"{0[lock]} {0[holder][state]} {1}".format(d["targets"][0], d["targets"][0]["quiet_seconds"] > 1)')"
until_is "it is gone" 0 t_001 "SELECT count(*) $SKEINS"
run 0 unlock -t one -y
check_has "nobody" "nobody holds the lock" "$SCRATCH/out"
# Whoever was taken for dead and wakes up finds its connection lost, and goes on from what stands.
kill -CONT $RUN
wait $RUN
check_equal "the run goes on" 0 $?
RUN=
check_equal "once" "1 bbbb00000001" "$(psql_do t_001 "SELECT (SELECT count(*) FROM skein_history), version_num FROM alembic_version" | tr '|' ' ')"

# 4. No run of skein's.
# key SCHEMA
key() {
    python3 -c 'import hashlib, sys; n = int(hashlib.sha256(b"skein:" + sys.argv[1].encode()).hexdigest()[:16], 16); print(n - (n >> 63 << 64))' "$1"
}
echo "SET application_name = 'by hand'; SELECT pg_advisory_lock($(key public));" >&"$gate"
until_is "held by hand" 1 t_001 "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
until_is "long enough" t t_001 "SELECT clock_timestamp() - state_change > interval '1 second' FROM pg_stat_activity WHERE application_name = 'by hand'"
run 1 unlock -t one -y
check_has "who" "^one   held by pid [0-9]+ by hand/postgres  idle [0-9.]+m?s  SELECT pg_advisory_lock" "$SCRATCH/out"
check_has "is not ended" "^    no run of skein's by its application_name" "$SCRATCH/out"
check_equal "it is still there" 1 "$(psql_do t_001 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'by hand'")"

# The lock is that of the schema where skein's tables are, or would be.
psql_do t_001 "CREATE SCHEMA \"Öl\"; GRANT USAGE ON SCHEMA \"Öl\" TO app"
echo "SELECT pg_advisory_lock($(key Öl));" >&"$gate"
until_is "held twice" 2 t_001 "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
echo "SELECT pg_advisory_unlock($(key public));" >&"$gate"
until_is "held once" 1 t_001 "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
run 0 unlock -t one
check_has "not here" "^one   nobody holds the lock" "$SCRATCH/out"
configured 1s
sed -i 's|t_001"}|t_001", schema: "Öl"}|' skein.yaml
run 1 unlock -t one -y
check_has "the tenant's schema" "^one   held by pid" "$SCRATCH/out"
configured 1s
sed -i 's|t_001"}|t_001", connection: {role: app, search_path: ["Öl"]}}|' skein.yaml
run 1 unlock -t one -y
check_has "the role's search_path" "^one   held by pid" "$SCRATCH/out"

# 5. Who cannot be asked.
sed -i 's/t_002/nowhere/' skein.yaml
run 1 unlock -t two
check_has "why" "^two   could not be asked: missing_database: " "$SCRATCH/out"
run 1 unlock --all -y
check_has "all in one" "^3 targets: 1 unknown, 1 free, 1 other$" "$SCRATCH/out"

# 6. A file: what a killed run left is nobody's; a lock that is held has a process that lives.
touch file.db-skein
run 0 unlock -t file
check_has "nobody" "^file   nobody holds the lock" "$SCRATCH/out"
check_equal "only shown" yes "$([ -e file.db-skein ] && echo yes || echo no)"
exec {lock}>file.db-skein
flock -n $lock
run 1 unlock -t file -y
check_has "a process" "^file   held by a process that lives: the lock of a file ends with its process" "$SCRATCH/out"
check_equal "it stays" yes "$([ -e file.db-skein ] && echo yes || echo no)"
exec {lock}>&-
run 0 unlock -t file -y
check_equal "what nobody holds is removed" no "$([ -e file.db-skein ] && echo yes || echo no)"
