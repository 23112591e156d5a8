#!/bin/bash
# A wrong password costs its user three refusals and not one for each of its tenants, so that no server locks it out; the tenants of other users go on, and what
# was not tried says why. Counted in the servers' own logs.
. "$ROOT/tests/support/lib.sh"
COUNT=20
export WRONG=secret-canary-2 RIGHT=secret-canary-1

revision 1.sql <<'SQL'
-- one
--
-- Revision ID: aaaa00000001
-- Revises:

-- skein:upgrade
CREATE TABLE one (id integer PRIMARY KEY);
SQL
fleet() { # ENGINE PORT: a server whose password is wrong, and three tenants of another user
    local number
    cat <<YAML
limits: {concurrency: 16, per_server: 16}
servers:
  server: {url: "$1://migrator@127.0.0.1:$2", password: {env: WRONG}}
tenants:
YAML
    for number in $(seq -f %03g "$COUNT"); do
        echo "  - {name: t$number, server: server, database: d$number}"
    done
    for number in 1 2 3; do
        echo "  - {name: other$number, url: \"$1://other:\${RIGHT}@127.0.0.1:$2/o00$number\"}"
    done
}
check_run() { # CODE: of the refusals
    run 1 upgrade head --format json
    check_equal "the others succeed" "other1 other2 other3" "$(json '" ".join(t["name"] for t in d["targets"] if t["outcome"]=="succeeded")')"
    check_equal "all the rest is unreachable, of one cause" "$COUNT auth $1 1" \
        "$(json '" ".join(str(x) for x in (d["counts"]["unreachable"], d["failures"][0]["class"], d["failures"][0]["code"], len(d["failures"])))')"
    check_equal "no budget is exceeded by one cause" None "$(json 'd["run"]["stopped_by"]')"
    check_equal "three were tried" 3 "$(json 'sum(t["attempts"] for t in d["targets"] if t["outcome"]=="unreachable")')"
    run 1 upgrade head
    check_has "the report says why" "-> .*not tried, for three targets in a row were refused with this user and password" "$SCRATCH/out"
    check_has_not "no secret" "secret-canary" "$SCRATCH/out"
}

# ---- PostgreSQL
start_postgresql fsync=off
psql_do postgres "CREATE ROLE migrator LOGIN PASSWORD 'secret-canary-1' SUPERUSER; " || fail role
psql_do postgres "CREATE ROLE other LOGIN PASSWORD 'secret-canary-1' SUPERUSER" || fail role
create_databases d "$COUNT"
create_databases o 3
fleet postgresql "$PG_PORT" >skein.yaml
check_run 28P01
check_equal "the server's log, of two runs" 6 "$(grep -c 'FATAL: *password authentication failed for user "migrator"' "$PG_LOG")"
WRONG=$RIGHT run 0 upgrade head

# ---- MariaDB
start_mariadb log_warnings=2 innodb_flush_log_at_trx_commit=0
create_mariadb_databases d "$COUNT"
create_mariadb_databases o 3
mariadb_do "" "CREATE USER migrator@'127.0.0.1' IDENTIFIED BY 'secret-canary-1'; GRANT ALL ON *.* TO migrator@'127.0.0.1'"
mariadb_do "" "CREATE USER other@'127.0.0.1' IDENTIFIED BY 'secret-canary-1'; GRANT ALL ON *.* TO other@'127.0.0.1'"
fleet mariadb "$MARIADB_PORT" >skein.yaml
check_run 1045
check_equal "the server's log, of two runs" 6 "$(grep -c "Access denied for user 'migrator'" "$MARIADB_LOG")"
WRONG=$RIGHT run 0 upgrade head
