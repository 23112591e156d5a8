#!/bin/bash
# One bad tenant never stops, slows or harms the others: each kind ends as one outcome with its class, code and place.
. "$ROOT/tests/support/lib.sh"
start_postgresql max_connections=30 deadlock_timeout=100ms
: "${SILENT:?tests/support/silent}"
psql_do postgres "CREATE ROLE migrator LOGIN PASSWORD 'right' SUPERUSER"
create_databases t_ 12

revision 1.sql <<'SQL'
-- one
-- Revision ID: dddd00000001
-- Revises:
-- skein:upgrade
CREATE TABLE one (id integer);
-- skein:downgrade
DROP TABLE one;
SQL
revision 2.sql <<'SQL'
-- two
-- Revision ID: dddd00000002
-- Revises: dddd00000001
-- skein:upgrade
CREATE TABLE two (id integer);

ALTER TABLE held ADD COLUMN extra integer;
-- skein:downgrade
DROP TABLE two;
SQL
for n in $(seq -f %03g 12); do
    echo "\\c t_$n"
    echo "CREATE TABLE held (id integer);"
done | "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres postgres >/dev/null

# A peer that accepts and then says nothing, and a port where nobody is.
"$SILENT" >"$SCRATCH/silent.port" &
silent=$!
CLEANUP+=("kill $silent")
until_true "it listens" test -s "$SCRATCH/silent.port"
silent_port=$(cat "$SCRATCH/silent.port")

# Somebody holds a table lock for an hour (here: until the end of the test).
mkfifo "$SCRATCH/hold"
"$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres -d t_003 <"$SCRATCH/hold" >"$SCRATCH/held" 2>&1 &
holder=$!
CLEANUP+=("kill $holder")
exec 7>"$SCRATCH/hold"
echo "BEGIN; LOCK TABLE held; SELECT 'locked';" >&7
until_true "it is locked" grep -q locked "$SCRATCH/held"

cat >skein.yaml <<YAML
connection: {connect_timeout: 1s, lock_timeout: 100ms, lock_wait: 2s}
retry: {attempts: 2, initial: 20ms, max: 50ms}
rollout: {max_failures: 50%, max_unreachable: 50%}
servers:
  good: {url: "postgresql://migrator@127.0.0.1:$PG_PORT", password: {env: RIGHT}}
  silent: {url: "postgresql://migrator@127.0.0.1:$silent_port"}
  nobody: {url: "postgresql://migrator@127.0.0.1:1"}
tenants:
  - {name: good1, server: good, database: t_001}
  - {name: exists, server: good, database: t_002}
  - {name: locked, server: good, database: t_003}
  - {name: missing, server: good, database: no_such_database}
  - {name: password, url: "postgresql://migrator:wrong@127.0.0.1:$PG_PORT/t_004"}
  - {name: silent, server: silent, database: x}
  - {name: nobody, server: nobody, database: x}
  - {name: good2, server: good, database: t_005}
  - {name: good3, server: good, database: t_006}
  - {name: good4, server: good, database: t_007}
YAML
export RIGHT=right
psql_do t_002 "CREATE TABLE one (made_by text)"

run 1 upgrade head --format json
outcome() { # outcome NAME: "outcome class code"
    json "' '.join(str(x) for t in d['targets'] if t['name']=='$1' for x in (t['outcome'], (t['error'] or {}).get('class'), (t['error'] or {}).get('code')))"
}
for name in good1 good2 good3 good4; do
    check_equal "$name" "succeeded None None" "$(outcome $name)"
done
check_equal "a table that already exists" "failed duplicate_object 42P07" "$(outcome exists)"
check_equal "a lock held by somebody" "failed lock_timeout 55P03" "$(outcome locked)"
check_equal "a missing database" "unreachable missing_database 3D000" "$(outcome missing)"
check_equal "a wrong password" "unreachable auth 28P01" "$(outcome password)"
check_equal "a silent server" "unreachable connection None" "$(outcome silent)"
check_equal "nobody there" "unreachable connection None" "$(outcome nobody)"
check_equal "each has a message" "True" "$(json 'all(t["error"]["message"] for t in d["targets"] if t["outcome"]!="succeeded")')"
check_equal "the place of the lock" "dddd00000002 2 migrations/versions/2.sql 7" \
    "$(json '" ".join(str(x) for t in d["targets"] if t["name"]=="locked" for x in (t["error"]["revision"], t["error"]["statement"], t["error"]["file"], t["error"]["line"]))')"
check_equal "what was locked keeps nothing" 0 "$(psql_do t_003 "SELECT count(*) FROM pg_tables WHERE tablename IN ('one', 'two')")"

echo "COMMIT;" >&7
exec 7>&-
wait $holder
psql_do t_002 "DROP TABLE one"
run 0 upgrade head -t exists -t locked
check_has "the two go on" "2 succeeded" "$SCRATCH/out"

# A revision that fails everywhere touches at most three of a plan group.
revision 3.sql <<'SQL'
-- three
-- Revision ID: dddd00000003
-- Revises: dddd00000002
-- skein:upgrade
ALTER TABLE nowhere ADD COLUMN x integer;
SQL
run 4 upgrade head -l server=good --exclude missing --format json
check_equal "same_error stops it" "same_error" "$(json 'd["run"]["stopped_by"]')"
check_equal "three failed, the others were not started" "3 3 0" "$(json 'str(d["counts"]["failed"])+" "+str(d["counts"]["not_started"])+" "+str(d["counts"]["succeeded"])')"
rm migrations/versions/3.sql

# Fewer connections than targets at once: everybody gets through.
cat >skein.yaml <<YAML
limits: {concurrency: 40, per_server: 40}
retry: {initial: 20ms, max: 200ms}
servers:
  good: {url: "postgresql://limited@127.0.0.1:$PG_PORT", password: {env: RIGHT}}
tenants:
  - discover: {server: good, databases: "t_*"}
    name: "{{database}}"
YAML
psql_do postgres "CREATE ROLE limited LOGIN PASSWORD 'right' CONNECTION LIMIT 2"
for n in $(seq -f %03g 12); do
    echo "\\c t_$n"
    echo "GRANT ALL ON SCHEMA public TO limited; ALTER TABLE held OWNER TO limited;"
    echo "DROP TABLE IF EXISTS one, two, alembic_version, skein_history; ALTER TABLE held DROP COLUMN IF EXISTS extra;"
done | "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres postgres >/dev/null 2>&1
run 0 upgrade head --format json
check_equal "all twelve" 12 "$(json 'd["counts"]["succeeded"]')"
