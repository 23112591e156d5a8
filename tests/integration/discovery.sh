#!/bin/bash
# Tenants that a server tells of: schemas, rows of an inventory's query; who is asked at all; tenants that appear during a run.
. "$ROOT/tests/support/lib.sh"
start_postgresql max_connections=60

create_databases app_ 2
psql_do app_001 "$(seq -f 'CREATE SCHEMA t_%03g;' 1 12) CREATE SCHEMA \"t_Odd \"\"name\"; CREATE SCHEMA t_restore; CREATE SCHEMA other"
psql_do postgres "CREATE TABLE customers (name text, shard text, db text, place text, tier text);
    INSERT INTO customers VALUES ('acme', 'a', 'app_002', NULL, 'gold'), ('zeta', NULL, 'app_001', 't_001', NULL), ('gone', 'a', 'nowhere', NULL, NULL)"

revision 1.sql <<'SQL'
-- one
-- Revision ID: aaaa00000001
-- Revises:
-- skein:upgrade
CREATE TABLE own (id integer);
-- skein:downgrade
DROP TABLE own;
SQL
cat >skein.yaml <<YAML
servers:
  a: {url: "postgresql://postgres@127.0.0.1:$PG_PORT"}
  down: {url: "postgresql://postgres@127.0.0.1:1"}
tenants:
  - {discover: {server: a, database: app_001, schemas: "t_*", exclude: "*_restore", min: 12}, labels: {kind: schema}}
YAML

run 0 targets
check_equal "every schema that the globs leave" 13 "$(grep -c app_001 "$SCRATCH/out")"
run 0 upgrade head --format json
check_equal "each moved" "13 13" "$(json 'd["counts"]["targets"], d["counts"]["succeeded"]' | tr -d '(),')"
tables() { psql_do app_001 "SELECT count(*) FROM pg_tables WHERE tablename='$1' AND schemaname $2"; }
check_equal "a table in each" 13 "$(tables own "LIKE 't\\_%'")"
check_equal "a version table in each" 13 "$(tables alembic_version "LIKE 't\\_%'")"
check_equal "and nowhere else" 0 "$(tables own "IN ('public', 'other', 't_restore')")"
run 0 upgrade head -t 't_Odd "name'
check_has "an odd name" "1 target on 1 server: 1 up to date" "$SCRATCH/out"

cat >>skein.yaml <<'YAML'
  - discover:
      server: a
      database: postgres
      query: SELECT name, shard AS server, db AS database, place AS schema, tier AS "labels.tier" FROM customers WHERE name <> 'gone'
    name: "customer-{{name}}"
    labels: {tier: free}
YAML
run 2 targets
check_has "a row that is a tenant of another entry" "customer-zeta: the tenant t_001 of line [0-9]+ has this database and schema already" "$SCRATCH/err"
psql_do postgres "UPDATE customers SET place = 'other' WHERE name = 'zeta'"
run 0 targets --format csv
check_equal "as a table" 'name,engine,server,database,schema,labels.kind,labels.tier
"t_Odd ""name",postgresql,a,app_001,"t_Odd ""name",schema,
customer-acme,postgresql,a,app_002,,,gold
customer-zeta,postgresql,a,app_001,other,,free' "$(tr -d '\r' <"$SCRATCH/out" | grep -E '^name|customer|Odd')"
run 2 heads --format csv
run 0 upgrade head -l tier=gold --format json
check_equal "a label of its row" "customer-acme app_002" "$(json 'd["targets"][0]["name"] + " " + d["targets"][0]["database"]')"
run 0 upgrade head
check_has "the others" "15 targets on 1 server: 1 succeeded \(1 step\), 14 up to date" "$SCRATCH/out"
check_equal "in the schema of its row" 1 "$(tables own "= 'other'")"
sed -i "s/name <> 'gone'/true/" skein.yaml
run 1 upgrade head --format json
check_equal "a row without a database" "customer-gone missing_database" "$(json '[t["name"] + " " + t["error"]["class"] for t in d["targets"] if t["error"]][0]')"
sed -i 's/SELECT name, /SELECT nam, /' skein.yaml
run 1 upgrade head
check_has "a query that fails is an entry that was not asked" 'not asked .*tenants\[1\].discover \(server a\): .*column "nam" does not exist' "$SCRATCH/out"
sed -i 's/SELECT nam, /SELECT name AS nam, /' skein.yaml
run 2 upgrade head
check_has "a column that means nothing" 'the column "nam" means nothing' "$SCRATCH/err"
check_has "the way out" "did you mean name\? allowed: name, server, database, schema, url, labels.KEY, vars.KEY" "$SCRATCH/err"
sed -i 's/SELECT name AS nam, .*/DELETE FROM customers RETURNING name/' skein.yaml
run 1 targets
check_has "discovery writes nothing" "read-only transaction" "$SCRATCH/err"
check_equal "indeed" 3 "$(psql_do postgres 'SELECT count(*) FROM customers')"

# A server that is down costs nothing where nobody asks for its tenants.
cat >skein.yaml <<YAML
servers:
  a: {url: "postgresql://postgres@127.0.0.1:$PG_PORT"}
  down: {url: "postgresql://postgres@127.0.0.1:1"}
tenants:
  - {discover: {server: a, databases: "app_*"}}
  - {discover: {server: down, databases: "app_*"}, name: "down-{{database}}"}
  - {name: own, server: a, database: app_001, schema: t_001}
YAML
run 1 status
check_has "asked" "tenants\[1\].discover \(server down\)" "$SCRATCH/out"
run 1 current -t "app_*" -t own
check_has "by all that read" "tenants\[1\].discover \(server down\)" "$SCRATCH/out"
run 1 targets --ping --format json
check_equal "and for programs" "tenants[1].discover (server down)" "$(json 'd["undiscovered"][0]["entry"]')"
run 0 status -l server=a
run 0 status -t own
run 2 status -l server=b
check_has "no such server" "server=b matches no target" "$SCRATCH/err"

# A tenant that is made while the run goes on.
cat >skein.yaml <<YAML
servers:
  a: {url: "postgresql://postgres@127.0.0.1:$PG_PORT"}
tenants:
  - {discover: {server: a, databases: "app_*"}}
YAML
revision 2.sql <<'SQL'
-- two
-- Revision ID: aaaa00000002
-- Revises: aaaa00000001
-- skein:upgrade
DO $$
BEGIN
    FOR i IN 1..1000 LOOP
        EXIT WHEN EXISTS (SELECT FROM pg_database WHERE datname = 'app_099');
        PERFORM pg_sleep(0.05);
    END LOOP;
END $$;
-- skein:downgrade
SQL
begin upgrade head
until_equal "it waits for the tenant" t psql_do postgres "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'DO %' AND state = 'active'"
psql_do postgres "CREATE DATABASE app_099 TEMPLATE template0"
kill -0 $pid || fail "the run was over before the tenant was made"
finish 0
check_has "it is named" "new       1 tenant appeared since [0-9:]+, not part of this run: app_099" "$SCRATCH/out"
