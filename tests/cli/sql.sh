#!/bin/bash
# --sql from the files and skein.yaml alone: which tenants one script can serve, where it goes, and what is refused before anything is written.
. "$ROOT/tests/support/lib.sh"
revision 1.sql <<'SQL'
-- one
-- Revision ID: aaaa00000001
-- Revises:
-- skein:upgrade
CREATE TABLE one (a integer);
-- skein:downgrade
DROP TABLE one;
SQL
revision 2.sql <<'SQL'
-- two
-- Revision ID: aaaa00000002
-- Revises: aaaa00000001
-- Variables: region
-- skein:upgrade
INSERT INTO one VALUES ({{region|literal}});
-- skein:downgrade postgresql
DELETE FROM one;
SQL
# No server is there, no password is set, no file that would be discovered exists.
cat >skein.yaml <<'YAML'
servers:
  pg: {url: "postgresql://${NO_USER}:${NO_PASSWORD}@db.invalid", password: {env: NO_SECRET}}
  dead: {url: "postgresql://dead.invalid", password: {command: ["sh", "-c", "touch secret_was_read"]}}
tenants:
  - {name: acme, server: pg, database: acme, schema: acme, vars: {region: eu}, labels: {tier: gold}}
  - {name: globex, server: pg, database: shared, schema: globex, vars: {region: eu}}
  - {name: plain, server: dead, database: plain, vars: {region: us}}
  - {discover: {server: pg, databases: ["shop_*", "shoq_*"], exclude: ["*_old"], min: 100}, name: "{{server}}-{{database}}", vars: {region: eu}, labels: {tier: shop}}
  - {discover: {files: "data/*.db", min: 3}, name: "lite-{{database}}", vars: {region: eu}, labels: {tier: lite}}
YAML
sed -i 's/\${NO_USER}:\${NO_PASSWORD}@/${NO_USER}:${NO_SECRET}@/; s/, password: {env: NO_SECRET}//' skein.yaml

# refused PATTERN ARGUMENT…: exit 2, one error, nothing on stdout
refused() {
    local pattern=$1
    shift
    run 2 "$@"
    check_has "$*" "$pattern" "$SCRATCH/err"
    check_equal "nothing is printed" "" "$(cat "$SCRATCH/out")"
}

# several engines
refused 'need 2 scripts: postgresql, sqlite' upgrade aaaa00000001 --sql
check_has "the way out" "--sql-dir DIR" "$SCRATCH/err"
run 0 upgrade aaaa00000001 --sql -l tier=shop
check_has "a discover: entry stands for its engine" "^-- skein upgrade base:aaaa00000001 --sql for postgresql, 2 tenants" "$SCRATCH/out"
check_has "no database is asserted" "coalesce\(NULL, current_database" "$SCRATCH/out"
run 0 upgrade head --sql -t pg-shop_17
check_has "a name that it would find" "tenants pg-shop_\* " "$SCRATCH/out"
run 0 upgrade head --sql -t 'pg-shoq*'
check_has "a pattern, too" "tenants pg-shoq_\* " "$SCRATCH/out"
run 0 upgrade head --sql -l tier=shop --exclude pg-shop_17
check_has "one of many leaves the rest" "2 tenants" "$SCRATCH/out"
run 0 upgrade head --sql -l tier=shop --exclude 'pg-shop*'
check_has "a pattern excludes all" "tenants pg-shoq_\* " "$SCRATCH/out"
refused "matches no target" upgrade head --sql -t pg-other_17
run 0 upgrade head --sql -t lite-4
check_has "files are not looked for" "for sqlite, tenants lite-\*" "$SCRATCH/out"
check_equal "no secret was read" "" "$(ls secret_was_read 2>/dev/null)"
refused "NO_SECRET|NO_USER" upgrade head -t acme
rm -f secret_was_read

# files
refused "differ in schema" upgrade aaaa00000001 --sql-dir scripts --sql
check_equal "all or nothing" "" "$(ls scripts 2>/dev/null)"
run 0 upgrade aaaa00000001 --sql --sql-dir deep/scripts --exclude globex --exclude plain --exclude acme
check_equal "their names" "deep/scripts/postgresql.sql deep/scripts/sqlite.sql" "$(paste -sd' ' "$SCRATCH/out")"
check_has "psql's" '^.set ON_ERROR_STOP on' deep/scripts/postgresql.sql
check_has "sqlite3's" '^.bail on' deep/scripts/sqlite.sql
echo "-- approved" >>deep/scripts/sqlite.sql
refused "deep/scripts/sqlite.sql is there already" upgrade head --sql --sql-dir deep/scripts -t lite-4
check_equal "it stays" "-- approved" "$(tail -1 deep/scripts/sqlite.sql)"
: >file
refused "file" upgrade head --sql --sql-dir file -t lite-4
[ ! -e /dev/full ] || {
    "$SKEIN" upgrade head --sql -t lite-4 >/dev/full 2>"$SCRATCH/err"
    check_equal "a script that is cut off is an error" 2 "$?"
    check_has "it says so" "could not be written" "$SCRATCH/err"
}

# what only a server knows
cp skein.yaml kept.yaml
cat >>skein.yaml <<'YAML'
  - {discover: {server: pg, database: shared, schemas: "t_*"}, vars: {region: eu}, labels: {tier: schema}}
  - {discover: {server: pg, database: catalog, query: "SELECT name, db AS database FROM customers"}, vars: {region: eu}, labels: {tier: row}}
YAML
refused "t_\* are found by schema: without a connection nobody knows their names" upgrade head --sql -l tier=schema
run 0 upgrade head --sql -l tier=row
check_has "a query stands for its server's engine" "^-- skein upgrade base:.* --sql for postgresql, tenants? \*" "$SCRATCH/out"
mv kept.yaml skein.yaml

# what differs
refused 'acme and globex: they differ in schema, "acme" and "globex"' upgrade aaaa00000001 --sql -t acme -t globex
refused 'they differ in the variable "region" of revision aaaa00000002' upgrade head --sql -t plain -l engine=postgresql -t 'pg-*'
run 0 upgrade head --sql -t plain -t 'pg-*' -x region=all
run 0 upgrade aaaa00000001 --sql -t plain -t 'pg-*'
run 0 upgrade head --sql -t acme
check_has "one tenant's database is asserted" "coalesce\('acme', current_database" "$SCRATCH/out"
sed -i 's/{name: plain,/{name: plain, connection: {lock_timeout: 1s, session: {work_mem: 1MB}},/' skein.yaml
refused 'differ in lock_timeout, "1000ms" and "5000ms"' upgrade aaaa00000001 --sql -t plain -t 'pg-*'

# where it begins and ends
refused "needs to be told where it begins" downgrade base --sql -t acme
refused "counted from where a target stands" upgrade +1 --sql -t acme
refused "counted from where a target stands" downgrade head:-1 --sql -t acme
refused "counted from where a target stands" upgrade -1:head --sql -t acme
refused "no range" upgrade a:b:c --sql -t acme
refused "no range" upgrade aaaa00000001: --sql -t acme
refused "nope" upgrade nope:head --sql -t acme
refused "no ancestor" downgrade aaaa00000001:aaaa00000002 --sql -t acme
refused "aaaa00000002 has no downgrade section for sqlite" downgrade head:base --sql -t lite-4
refused '"aaaa00000001:head" is a range' upgrade aaaa00000001:head -t acme
refused "goes with --sql" upgrade head --sql-dir x -t acme
refused "asks where the targets stand" upgrade head --sql --state behind
refused "asks where the targets stand" upgrade head --sql --check -t acme
refused "the label version" upgrade head --sql -l version=aaaa00000001
refused "--tag is longer" upgrade head --sql -t acme --tag "$(printf %040d 1)"
refused "has no option --sql" plan upgrade head --sql
run 2 upgrade head --sql -t acme --format json
check_has "JSON" '"--sql prints SQL, no JSON"' "$SCRATCH/out"
run 0 upgrade :head --sql -t acme
check_has "an empty A is base" "upgrade base:head" "$SCRATCH/out"
run 0 upgrade head:head --sql -t acme
check_has "nothing to do" "^-- nothing is to be done" "$SCRATCH/out"
check_has_not "is no script" "BEGIN" "$SCRATCH/out"
# --sql never asks
run 0 downgrade head:base --sql -l tier=shop
run 0 stamp aaaa00000001 --sql -l tier=shop
check_equal "nothing was touched" "" "$(find . -name '*.db*' -o -name secret_was_read)"

# MySQL and MariaDB
for engine in mysql mariadb; do
    run 0 upgrade aaaa00000001 --sql --url $engine://u:hunter2@db.invalid/shop
    check_has "how it is run" "^-- run it with: $engine --comments DATABASE < FILE" "$SCRATCH/out"
    check_has "the database is asserted" "BINARY 'shop' <> BINARY @skein_database" "$SCRATCH/out"
    check_has "its tables are named with it" "INSERT INTO .shop.\\..alembic_version" "$SCRATCH/out"
    check_has_not "no password is shown" "hunter2" "$SCRATCH/out"
done

# one database by URL
run 0 upgrade aaaa00000001 --sql --url sqlite:some.db
check_has_not "no password is shown" "hunter2" <("$SKEIN" upgrade aaaa00000001 --sql --url postgresql://u:hunter2@db.invalid/shop)
