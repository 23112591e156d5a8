#!/bin/bash
# Servers that have far fewer connections than the run would like: 500 tenants where PostgreSQL has max_connections = 20, 40 where MariaDB has
# max_connections = 10, or the user a limit of its own. All succeed, and a refused connection costs no attempt.
. "$ROOT/tests/support/lib.sh"
DATABASES=25 SCHEMAS=20

for number in 1 2 3; do
    revision "$number.sql" <<SQL
-- revision $number
--
-- Revision ID: aaaa0000000$number
-- Revises: $([ "$number" = 1 ] || echo "aaaa0000000$((number - 1))")

-- skein:upgrade
CREATE TABLE t$number (id integer PRIMARY KEY);
SQL
done
all_at_the_first() { # COUNT
    check_equal "all succeed" "$1" "$(json 'd["counts"]["succeeded"]')"
    check_equal "at the first attempt" "[1]" "$(json 'sorted(set(t["attempts"] for t in d["targets"]))')"
}

# ---- PostgreSQL: tenants are schemas, twenty in a database and all of them at once, because 500 databases would take minutes to make.
start_postgresql max_connections=20 fsync=off autovacuum=off log_connections=off
psql_do postgres "CREATE ROLE migrator LOGIN PASSWORD 'secret-canary-1'" || fail role
psql_do postgres "CREATE DATABASE pattern TEMPLATE template0"
psql_do pattern "$(seq -f "CREATE SCHEMA t_%g AUTHORIZATION migrator;" 1 "$SCHEMAS")" || fail schemas
seq -f "CREATE DATABASE d%03g TEMPLATE pattern;" 1 "$DATABASES" |
    "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres -d postgres || fail databases
{
    echo "limits: {concurrency: 200, per_server: 200, per_database: $SCHEMAS}"
    echo "servers: {pg: {url: \"postgresql://migrator@127.0.0.1:$PG_PORT\", password: {env: SECRET}}}"
    echo "tenants:"
    for database in $(seq -f "d%03g" 1 "$DATABASES"); do
        for schema in $(seq "$SCHEMAS"); do
            echo "  - {name: $database-$schema, server: pg, database: $database, schema: t_$schema}"
        done
    done
} >skein.yaml
export SECRET=secret-canary-1
run 0 upgrade aaaa00000001 --format json
all_at_the_first $((DATABASES * SCHEMAS))
check_has "the server was full" "FATAL: .*(too many clients|connection slots)" "$PG_LOG"

# A role's own limit is such a refusal, too.
psql_do postgres "ALTER ROLE migrator CONNECTION LIMIT 3"
run 0 upgrade aaaa00000002 -t 'd001-*' --format json
all_at_the_first "$SCHEMAS"
check_has "the role had enough" "too many connections for role" "$PG_LOG"

# ---- MariaDB: the server's own limit, then the user's by the server, then by the account.
start_mariadb max_connections=10 max_user_connections=100 innodb_flush_log_at_trx_commit=0
create_mariadb_databases m 40
mariadb_do "" "CREATE USER migrator@'127.0.0.1' IDENTIFIED BY 'secret-canary-1'; GRANT ALL ON *.* TO migrator@'127.0.0.1'; REVOKE SUPER, CONNECTION ADMIN ON *.* FROM migrator@'127.0.0.1'"
cat >skein.yaml <<YAML
limits: {concurrency: 40, per_server: 40}
servers: {my: {url: "mariadb://migrator@127.0.0.1:$MARIADB_PORT", password: {env: SECRET}}}
tenants:
$(for n in $(seq -f "m%03g" 1 40); do echo "  - {name: $n, server: my, database: $n}"; done)
YAML
refused() { mariadb_do "" "SHOW GLOBAL STATUS LIKE '$1'" | cut -f 2; }
run 0 upgrade aaaa00000001 --format json
all_at_the_first 40
[ "$(refused Connection_errors_max_connections)" -gt 0 ] || fail "the server was never full"
mariadb_do "" "SET GLOBAL max_connections = 100; SET GLOBAL max_user_connections = 4"
before=$(refused Aborted_connects)
run 0 upgrade aaaa00000002 --format json
all_at_the_first 40
[ "$(refused Aborted_connects)" -gt "$before" ] || fail "the user was never refused"
mariadb_do "" "SET GLOBAL max_user_connections = 100; ALTER USER migrator@'127.0.0.1' WITH MAX_USER_CONNECTIONS 3"
before=$(refused Aborted_connects)
run 0 upgrade aaaa00000003 --format json
all_at_the_first 40
[ "$(refused Aborted_connects)" -gt "$before" ] || fail "the account was never refused"
