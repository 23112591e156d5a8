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
until_equal "it is held" 1 psql_do t_001 "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
run 1 upgrade head -t first --format json
check_equal "another holds it" "blocked skein_lock" \
    "$(json "d['targets'][0]['outcome'] + ' ' + d['targets'][0]['error']['class']")"
psql_do t_001 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()" >/dev/null
wait "$holder"
run 0 upgrade head -t first

# A thousand schemas of one database: their heads are read together.
sessions() { # which the server has begun in the database, but for ours
    psql_do postgres "SELECT pg_stat_clear_snapshot(); SELECT sessions FROM pg_stat_database WHERE datname = '$1'" | tail -1
}
many_of() { # COUNT: schemas m0001 … as tenants
    {
        echo "limits: {per_database: 4}"
        echo "tenants:"
        seq -f m%04g 1 "$1" | sed "s|.*|  - {name: &, url: 'postgresql://postgres@127.0.0.1:$PG_PORT/many', schema: &}|"
    } >many.yaml
}
psql_do postgres "CREATE DATABASE many TEMPLATE template0"
seq -f "CREATE SCHEMA m%04g;" 1 1000 | "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres -d many
many_of 1000
run 0 current -c many.yaml --format json
check_equal "all of them stand at base" "1000" "$(json "sum(1 for t in d['targets'] if t['heads'] == [] and not t['error'])")"
many_of 300
run 0 upgrade head -c many.yaml
before=$(sessions many)
run 0 upgrade head -c many.yaml --format json
check_equal "nothing to do" "300 1" "$(json "str(d['counts']['up_to_date']) + ' ' + str(max(t['attempts'] for t in d['targets']))")"
after=$(sessions many)
check_equal "by a handful of connections" yes "$([ $((after - before)) -le 6 ] && echo yes || echo $((after - before)))"

# A mixture: each ends as it does by itself.
revision 2.sql <<'SQL'
-- two
-- Revision ID: eeee00000002
-- Revises: eeee00000001
-- skein:upgrade
CREATE TABLE two (id integer);
-- skein:downgrade
DROP TABLE two;
SQL
run 0 upgrade head -c many.yaml --exclude m0002
psql_do many "SET client_min_messages = warning;
    INSERT INTO m0003.skein_history SELECT 9, 'eeee00000002', 'downgrade', 'started', 1, 1, 0, checksum, checksum, applied_checksum, 'x', now()
        FROM m0003.skein_history WHERE seq = 2;
    UPDATE m0004.alembic_version SET version_num = 'ffff00000001';
    DROP SCHEMA m0005 CASCADE;
    DROP TABLE m0006.alembic_version, m0006.skein_history, m0006.one, m0006.two;
    DROP TABLE m0007.skein_history;
    ALTER TABLE m0008.skein_history RENAME COLUMN seq TO other;
    DROP TABLE m0009.alembic_version; CREATE VIEW m0009.alembic_version AS SELECT 'eeee00000002'::varchar AS version_num"
before=$(sessions many)
run 5 upgrade head -c many.yaml --keep-going --format json
check_equal "and the few that are not clear ask for themselves" yes "$([ $(($(sessions many) - before)) -le 16 ] && echo yes || echo $(($(sessions many) - before)))"
check_equal "behind, half done, unknown, not there, without tables, without history, with another's history, with a view" \
    "succeeded partial refused refused succeeded up_to_date unreachable up_to_date" \
    "$(json "' '.join(t['outcome'] for t in d['targets'][1:9])")"
check_equal "the others are up to date" 294 "$(json "d['counts']['up_to_date']")"
run 1 current -c many.yaml --format json
check_equal "and they are told alike" "head partial unknown unreachable head head unreachable head" \
    "$(json "' '.join(t['state'] for t in d['targets'][1:9])")"

# A table that somebody changes is waited for by its own schema alone.
"$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres -d many >"$SCRATCH/held" 2>&1 <<'SQL' &
BEGIN; LOCK TABLE m0020.alembic_version; SELECT pg_sleep(60);
SQL
holder=$!
until_equal "it is held" t psql_do many "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'm0020.alembic_version'::regclass AND granted"
echo "connection: {connect_timeout: 2s}" >>many.yaml
run 1 current -c many.yaml -t 'm001*' -t 'm002*' --format json
check_equal "nineteen are read" "19 m0020" "$(json "str(sum(1 for t in d['targets'] if t['state'] == 'head')) + ' ' + ' '.join(t['name'] for t in d['targets'] if t['error'])")"
psql_do many "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()" >/dev/null
wait "$holder"
run 0 current -c many.yaml -t m0020
check_has "and read when it is let go" 'eeee00000002 \(head\)' "$SCRATCH/out"

# Who comes next takes the connection, and finds nothing of who was there before.
revision 3.sql <<'SQL'
-- three
-- Revision ID: eeee00000003
-- Revises: eeee00000002
-- skein:upgrade
CREATE TABLE three AS SELECT current_setting('work_mem') AS memory, to_regclass('pg_temp.left_behind')::text AS temporary, current_user::text AS role,
    current_setting('application_name') LIKE '%tenant=' || current_schema AS named;
CREATE TEMP TABLE left_behind (id integer);
SET SESSION work_mem = '7MB';
SET SESSION ROLE left_behind;
-- skein:downgrade
DROP TABLE three;
SQL
psql_do many "CREATE ROLE left_behind SUPERUSER"
many_of 300
before=$(sessions many)
run 5 upgrade head -c many.yaml --keep-going --format json
check_equal "all but those five" 295 "$(json "d['counts']['succeeded']")"
after=$(($(sessions many) - before))
check_equal "by few connections" yes "$([ "$after" -le 24 ] && echo yes || echo "$after")"
found=$(psql_do many "SELECT string_agg(format('SELECT * FROM %I.three', nspname), ' UNION ALL ') FROM pg_namespace
    WHERE to_regclass(quote_ident(nspname) || '.three') IS NOT NULL")
check_equal "each as on a session of its own" "295|4MB||postgres|t" \
    "$(psql_do many "SELECT count(*), min(memory), min(temporary), min(role), bool_and(named) FROM ($found) AS found HAVING min(memory) = max(memory) AND min(role) = max(role)")"
