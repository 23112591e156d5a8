#!/bin/bash
# A PostgreSQL fleet found by discovery: one database with a conflicting table, one without CONNECT. The others succeed, the two are named; after
# mending, the same command touches only those two.   FLEET=300 is the size of scripts/soak.
. "$ROOT/tests/support/lib.sh"
FLEET=${FLEET:-40}
start_postgresql max_connections=50
psql_do postgres "CREATE ROLE migrator LOGIN PASSWORD 'secret-canary-1'" || fail role
create_databases tenant_ "$FLEET"
seq -f "ALTER DATABASE tenant_%03g OWNER TO migrator;" 1 "$FLEET" | "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres postgres
seq -f "tenant_%03g" 1 "$FLEET" | while read -r name; do
    echo "\\c $name"
    echo "GRANT ALL ON SCHEMA public TO migrator;"
done | "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres postgres >/dev/null

revision 1_users.sql <<'SQL'
-- add users
--
-- Revision ID: aaaa00000001
-- Revises:

-- skein:upgrade
CREATE TABLE users (id integer PRIMARY KEY, email varchar(320));
CREATE INDEX ix_users_email ON users (email);

-- skein:downgrade
DROP TABLE users;
SQL
revision 2_audit.sql <<'SQL'
-- add audit
--
-- Revision ID: aaaa00000002
-- Revises: aaaa00000001

-- skein:upgrade
ALTER TABLE users ADD COLUMN name text;

CREATE TABLE user_audit (id integer PRIMARY KEY);

-- skein:downgrade
DROP TABLE user_audit;
ALTER TABLE users DROP COLUMN name;
SQL
cat >skein.yaml <<YAML
servers:
  pg-a: {url: "postgresql://migrator@127.0.0.1:$PG_PORT", password: {env: PG_A_PASSWORD}}
tenants:
  - discover: {server: pg-a, databases: "tenant_*"}
    name: "{{database}}"
    labels: {tier: free}
YAML
export PG_A_PASSWORD=secret-canary-1

psql_do tenant_007 "CREATE TABLE user_audit (hand_made text)"
psql_do postgres "REVOKE CONNECT ON DATABASE tenant_009 FROM PUBLIC; ALTER DATABASE tenant_009 OWNER TO postgres"

run 1 upgrade head --format json
cp "$SCRATCH/out" "$SCRATCH/first.json"
check_equal "succeeded" $((FLEET - 2)) "$(json 'd["counts"]["succeeded"]')"
check_equal "failed" 1 "$(json 'd["counts"]["failed"]')"
check_equal "unreachable" 1 "$(json 'd["counts"]["unreachable"]')"
check_equal "the conflict is named" "tenant_007 duplicate_object 42P07 aaaa00000002 2 9" \
    "$(json '" ".join(str(x) for t in d["targets"] if t["outcome"]=="failed" for x in (t["name"], t["error"]["class"], t["error"]["code"], t["error"]["revision"], t["error"]["statement"], t["error"]["line"]))')"
check_equal "the refused one is named" "tenant_009 42501" \
    "$(json '" ".join(str(x) for t in d["targets"] if t["outcome"]=="unreachable" for x in (t["name"], t["error"]["code"]))')"
check_equal "nothing of the failed unit is left" "0" "$(psql_do tenant_007 "SELECT count(*) FROM pg_tables WHERE schemaname='public' AND tablename IN ('users','alembic_version','skein_history')")"
check_equal "exit code in the document" 1 "$(json 'd["run"]["exit_code"]')"

run 1 upgrade head
check_has "the report names the tenant" "tenant_007" "$SCRATCH/out"
check_has "the report names code and condition" "42P07 duplicate_table: relation \"user_audit\" already exists" "$SCRATCH/out"
check_has "the report names the line" "2_audit.sql:9 +upgrade, statement 2" "$SCRATCH/out"
check_has "the report names who lacks CONNECT" "42501.*permission denied for database" "$SCRATCH/out"
check_has "the rest is up to date" " $((FLEET - 2)) up to date" "$SCRATCH/out"
check_has "what to type next" "skein upgrade head -t tenant_007 -t tenant_009" "$SCRATCH/out"

psql_do tenant_007 "DROP TABLE user_audit"
psql_do postgres "GRANT CONNECT ON DATABASE tenant_009 TO PUBLIC"
run 0 upgrade head --format json
check_equal "only the two are touched" "tenant_007 tenant_009" "$(json '" ".join(t["name"] for t in d["targets"] if t["outcome"]=="succeeded")')"
check_equal "the rest is up to date" $((FLEET - 2)) "$(json 'd["counts"]["up_to_date"]')"

# The history table: narrow, no TOAST, no index; one row a step.
check_equal "no TOAST table, no index" "0|f" "$(psql_do tenant_001 "SELECT reltoastrelid, relhasindex FROM pg_class WHERE relname='skein_history'")"
check_equal "one row a step" "1|aaaa00000001|upgrade|done|2|2|2
2|aaaa00000002|upgrade|done|2|2|2" "$(psql_do tenant_001 "SELECT seq,revision,direction,state,total,attempted,done FROM skein_history ORDER BY seq")"
check_equal "who" "tester" "$(psql_do tenant_001 "SELECT DISTINCT actor FROM skein_history")"

# Steps back across the fleet.
run 2 downgrade -1 --all
check_has "needs a yes" "needs -y" "$SCRATCH/err"
run 0 downgrade -1 --all -y --format json
check_equal "one step each" "$FLEET" "$(json 'sum(1 for t in d["targets"] if [s["revision"] for s in t["steps"]]==["aaaa00000002"])')"
run 3 plan upgrade head --check
check_has "one group" "$FLEET targets +postgresql +aaaa00000001 -> aaaa00000002" "$SCRATCH/out"
run 0 upgrade head
run 0 current
check_has "all at head" "$FLEET targets +aaaa00000002 \(head\)" "$SCRATCH/out"
check_equal "no lock and no session is left" "0" "$(psql_do postgres "SELECT (SELECT count(*) FROM pg_locks WHERE locktype='advisory') + (SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'skein%')")"
for file in "$SCRATCH"/*.json "$SCRATCH/out" "$SCRATCH/err"; do
    check_has_not "no secret in $file" "secret-canary" "$file"
done
