#!/bin/bash
# One server by two names is one for limits: never more connections than per_server allows, whatever name they came by. Where the role may not ask which
# server it is, each name counts for itself.
. "$ROOT/tests/support/lib.sh"
export SECRET=secret-canary-1
COUNT=16

revision 1.sql <<'SQL'
-- how many are here
--
-- Revision ID: aaaa00000001
-- Revises:

-- skein:upgrade postgresql
CREATE TABLE seen1 AS SELECT count(*) AS connections FROM pg_stat_activity WHERE application_name LIKE 'skein run=%';

-- skein:upgrade mariadb
CREATE TABLE seen1 AS SELECT count(*) AS connections FROM information_schema.processlist WHERE user = 'migrator';
SQL
revision 2.sql <<'SQL'
-- how many are here, once there are more than two, or for a second
--
-- Revision ID: aaaa00000002
-- Revises: aaaa00000001

-- skein:upgrade postgresql
DO $$
BEGIN
    FOR try IN 1 .. 100 LOOP
        EXIT WHEN (SELECT count(*) > 2 FROM pg_stat_activity WHERE application_name LIKE 'skein run=%');
        PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
    END LOOP;
END
$$;
CREATE TABLE seen2 AS SELECT count(*) AS connections FROM pg_stat_activity WHERE application_name LIKE 'skein run=%';

-- skein:upgrade mariadb
SELECT 1;
SQL
fleet() { # ENGINE PORT: databases by turns under each of the names
    local number
    cat <<YAML
limits: {concurrency: 12, per_server: 2}
rollout: {order: file}
servers:
  by-number: {url: "$1://migrator@127.0.0.1:$2", password: {env: SECRET}}
  by-name: {url: "$1://migrator@localhost:$2", password: {env: SECRET}}
tenants:
YAML
    for number in $(seq -f %03g "$COUNT"); do
        echo "  - {name: t$number, server: $([ $((10#$number % 2)) = 0 ] && echo by-number || echo by-name), database: d$number}"
    done
}

# ---- PostgreSQL
start_postgresql fsync=off
psql_do postgres "CREATE ROLE migrator LOGIN PASSWORD 'secret-canary-1'" || fail role
create_databases d "$COUNT"
for database in $(seq -f "d%03g" "$COUNT"); do
    echo "\\c $database"
    echo "GRANT ALL ON SCHEMA public TO migrator;"
done | "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres postgres >/dev/null
fleet postgresql "$PG_PORT" >skein.yaml
most() { # TABLE: the most connections that a tenant has seen
    for database in $(seq -f "d%03g" "$COUNT"); do
        psql_do "$database" "SELECT connections FROM $1"
    done | sort -n | tail -n 1
}
run 0 upgrade aaaa00000001 --format json
check_equal "all succeed" "$COUNT" "$(json 'd["counts"]["succeeded"]')"
check_equal "two connections in all" 2 "$(most seen1)"

for database in $(seq -f "d%03g" "$COUNT"); do
    echo "\\c $database"
    echo "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC;"
done | "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres postgres >/dev/null
run 0 upgrade aaaa00000002 --format json
check_equal "all succeed" "$COUNT" "$(json 'd["counts"]["succeeded"]')"
[ "$(most seen2)" -gt 2 ] || fail "two names that may not be asked were taken for one"

# ---- MariaDB. What asked which server it is may still be there when the first tenants look.
start_mariadb innodb_flush_log_at_trx_commit=0
create_mariadb_databases d "$COUNT"
mariadb_do "" "CREATE USER migrator@'127.0.0.1' IDENTIFIED BY 'secret-canary-1'; GRANT ALL ON *.* TO migrator@'127.0.0.1'"
fleet mariadb "$MARIADB_PORT" >skein.yaml
run 0 upgrade aaaa00000001 --format json
check_equal "all succeed" "$COUNT" "$(json 'd["counts"]["succeeded"]')"
most=$(for database in $(seq -f "d%03g" 9 "$COUNT"); do mariadb_do "$database" "SELECT connections FROM seen1"; done | sort -n | tail -n 1)
check_equal "two connections in all" 2 "$most"
