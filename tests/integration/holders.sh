#!/bin/bash
# Who holds a lock that is not had: named in the report by a second connection, also to a role that may not see much.
. "$ROOT/tests/support/lib.sh"
start_postgresql max_connections=40 superuser_reserved_connections=3
create_databases t_ 3
psql_do t_001 "CREATE ROLE migrator LOGIN PASSWORD 'secret'; CREATE ROLE metabase LOGIN SUPERUSER"
for database in t_001 t_002 t_003; do
    psql_do $database "CREATE TABLE users (id integer); ALTER TABLE users OWNER TO migrator; GRANT ALL ON SCHEMA public TO migrator"
done

revision 1.sql <<'SQL'
-- email
-- Revision ID: bbbb00000001
-- Revises:
-- skein:upgrade
ALTER TABLE users ADD COLUMN email text;
SQL
cat >skein.yaml <<YAML
connection: {lock_timeout: 400ms, lock_wait: 3s}
retry: {attempts: 2, initial: 20ms, max: 50ms}
rollout: {max_failures: 100%, max_unreachable: 100%}
servers:
  a: {url: "postgresql://postgres@127.0.0.1:$PG_PORT"}
tenants:
  - {name: one, server: a, database: t_001}
  - {name: two, url: "postgresql://migrator:secret@127.0.0.1:$PG_PORT/t_002"}
  - {name: three, server: a, database: t_003}
YAML

# psql_session NAME DATABASE USER: a psql with that application_name
psql_session() {
    PGAPPNAME=$1 session "$1" "$PG_BIN/psql" -X -q -A -t -h "$PG_SOCKET" -p "$PG_PORT" -U "$3" -d "$2"
}
# until_is WHAT EXPECTED DATABASE QUERY
until_is() {
    until_equal "$1" "$2" psql_do "$3" "$4"
}
HOLDS="SELECT count(*) FROM pg_locks WHERE relation = 'users'::regclass AND mode = 'AccessExclusiveLock' AND granted"

# 1. A table lock. The query is one line, cut, and its control characters do no harm.
psql_session metabase t_001 metabase
tell metabase 'BEGIN;\nLOCK TABLE users;\nSELECT \x27a\x1b[31m\x27,\n\n  count(*) FROM users WHERE \x27aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x27 > \x27b\x27;\n'
until_is "the table is held" 1 t_001 "$HOLDS"
# 2. The same, and skein's role may not see who it is.
psql_session backup t_002 metabase
tell backup 'BEGIN;\nLOCK TABLE users;\n'
until_is "the table is held" 1 t_002 "$HOLDS"
until_is "the query stands there" t t_001 "SELECT query LIKE '%count%' FROM pg_stat_activity WHERE application_name = 'metabase'"
holder=$(psql_do t_001 "SELECT pid FROM pg_stat_activity WHERE application_name = 'metabase'")
run 1 upgrade head
check_has "names who holds it" "one   held by pid $holder metabase/metabase  idle in transaction [0-9.]+m?s  SELECT 'a\\\\x1b\[31m', count\(\*\) FROM users WHERE 'aaaa.*\.\.\.$" "$SCRATCH/out"
check_has "what may not be seen" "two   held by pid [0-9]+ backup/metabase  \(its query is not visible to this role\)$" "$SCRATCH/out"
check_has "is a lock timeout" "2 failed +55P03" "$SCRATCH/out"
run 1 upgrade head --format json
check_equal "in JSON" "$holder metabase metabase idle in transaction" \
    "$(json '"{pid} {application} {user} {state}".format(**d["targets"][0]["error"]["holder"])')"
check_equal "since when, and what" "True True" \
    "$(json '"{} {}".format(d["targets"][0]["error"]["holder"]["since"].endswith("Z"), len(d["targets"][0]["error"]["holder"]["query"]) == 80)')"
check_equal "in JSON, not visible" "backup metabase None None None" \
    "$(json '"{application} {user} {since} {state} {query}".format(**d["targets"][1]["error"]["holder"])')"
check_equal "nobody held the third" "up_to_date None" "$(json 'd["targets"][2]["outcome"] + " " + str(d["targets"][2]["error"])')"

# 3. Where no second connection can be had, the report does not say, and the rest is as it was.
psql_do t_001 "ALTER ROLE migrator CONNECTION LIMIT 1"
run 1 upgrade head -t two --format json
check_equal "no second connection" "failed lock_timeout None" \
    "$(json '"{0[outcome]} {0[error][class]} {0[error][holder]}".format(d["targets"][0])')"
psql_do t_001 "ALTER ROLE migrator CONNECTION LIMIT -1"

# 4. skein's own lock, of a run that works: its session is known by its name.
key() {
    python3 -c 'import hashlib; n = int(hashlib.sha256(b"skein:public").hexdigest()[:16], 16); print(n - (n >> 63 << 64))'
}
psql_session other t_003 metabase
tell other "SET application_name = 'skein run=5f3a9c tenant=three';\nSELECT pg_advisory_lock(%s);\n" "$(key)"
until_is "the lock is held" 1 t_003 "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
psql_do t_003 "DROP TABLE alembic_version, skein_history"
run 1 upgrade head -t three
check_has "blocked, and by which run" "three   held by skein run 5f3a9c of three  pid [0-9]+ metabase  idle [0-9.]+m?s  SELECT pg_advisory_lock" "$SCRATCH/out"
run 1 upgrade head -t three --format json
check_equal "blocked, in JSON" "blocked skein_lock skein run=5f3a9c tenant=three idle" \
    "$(json '"{0[outcome]} {0[error][class]} {0[error][holder][application]} {0[error][holder][state]}".format(d["targets"][0])')"
tell other 'SELECT pg_advisory_unlock_all();\nALTER TABLE users DROP COLUMN email;\n'

# 5. Nobody waits: nobody is asked.
tell metabase 'ROLLBACK;\n'
tell backup 'ROLLBACK;\n'
until_is "let go" 0 t_001 "$HOLDS"
until_is "let go" 0 t_002 "$HOLDS"
psql_do t_001 "ALTER SYSTEM SET log_connections = on"
psql_do t_001 "SELECT pg_reload_conf()" >/dev/null
until_is "connections are logged" on t_001 "SHOW log_connections"
run 0 upgrade head
check_equal "a connection a target" 3 "$(grep -c 'application_name=skein' "$PG_LOG")"
