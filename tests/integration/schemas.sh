#!/bin/bash
# Where skein's tables lie, by search_path of one schema and of several, and the lock's name, which all versions share.
. "$ROOT/tests/support/lib.sh"
start_postgresql
create_databases t_ 2

revision 1.sql <<'SQL'
-- one
-- Revision ID: eeee00000001
-- Revises:
-- skein:upgrade
CREATE TABLE one (id integer);
-- skein:downgrade
DROP TABLE one;
SQL
cat >skein.yaml <<YAML
connection: {lock_wait: 1s}
tenants:
  - {name: first, url: "postgresql://postgres@127.0.0.1:$PG_PORT/t_001"}
  - {name: odd, url: "postgresql://postgres@127.0.0.1:$PG_PORT/t_002", schema: 'we"ird, {one}'}
YAML
tables() { # DATABASE
    psql_do "$1" "SELECT string_agg(table_schema || '.' || table_name, ' ' ORDER BY 1)
        FROM (SELECT table_schema, table_name FROM information_schema.tables
               WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2) AS t"
}

# Several schemas: the version table says where; what somebody else keeps in the first one is not ours.
psql_do t_001 "CREATE SCHEMA a; CREATE SCHEMA b; ALTER DATABASE t_001 SET search_path = a, nowhere, b"
psql_do t_001 "CREATE TABLE b.alembic_version (version_num varchar(32) PRIMARY KEY)"
psql_do t_001 "CREATE TABLE a.skein_history (other integer)"
run 0 upgrade head -t first
check_equal "the history lies beside the version table, the work in the first schema" \
    "a.one a.skein_history b.alembic_version b.skein_history" "$(tables t_001)"
run 0 upgrade head -t first
check_has "and is found there" '1 up to date' "$SCRATCH/out"
check_equal "the other one is as it was" 0 "$(psql_do t_001 "SELECT count(*) FROM a.skein_history")"

# Nothing there yet: the first schema that exists.
psql_do t_001 "DROP SCHEMA a, b CASCADE; CREATE SCHEMA a; CREATE SCHEMA b"
run 0 upgrade head -t first
check_equal "the first schema" "a.alembic_version a.one a.skein_history" "$(tables t_001)"

# schema: is exactly that one.
run 1 upgrade head -t odd
check_has "a schema that is not there is said" 'schema "we"ird, \{one\}" is not in database' "$SCRATCH/out"
psql_do t_002 'CREATE SCHEMA "we""ird, {one}"'
run 0 upgrade head -t odd
check_equal "a name that must be quoted" 3 \
    "$(psql_do t_002 "SELECT count(*) FROM pg_class WHERE relnamespace = '\"we\"\"ird, {one}\"'::regnamespace AND relkind = 'r'")"

# The lock's name, as every version of skein makes it.
psql_do t_001 "DROP TABLE a.one, a.alembic_version, a.skein_history"
"$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres -d t_001 >"$SCRATCH/held" 2>&1 <<'SQL' &
SELECT pg_advisory_lock(('x'||left(encode(sha256(convert_to('skein:a','UTF8')),'hex'),16))::bit(64)::bigint);
SELECT pg_sleep(60);
SQL
holder=$!
for _ in $(seq 100); do
    [ "$(psql_do t_001 "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")" = 1 ] && break
    sleep 0.05
done
run 1 upgrade head -t first --format json
check_equal "another holds it" "blocked skein_lock" \
    "$(json "d['targets'][0]['outcome'] + ' ' + d['targets'][0]['error']['class']")"
psql_do t_001 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()" >/dev/null
wait "$holder"
run 0 upgrade head -t first
