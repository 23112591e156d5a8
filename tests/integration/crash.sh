#!/bin/bash
# kill -9 of skein at every state of a target's life, and at random moments; then `upgrade head` converges, or ends `partial` naming the statement and converges after
# `resolve` with the truth. Every step exactly once, no lock left, history agrees with the version table.
#   ENGINE=postgresql|mariadb|sqlite, RANDOM_KILLS (scripts/soak: 50), AT_EACH (how often at each state)
. "$ROOT/tests/support/lib.sh"
ENGINE=${ENGINE:-sqlite}
RANDOM_KILLS=${RANDOM_KILLS:-4}
AT_EACH=${AT_EACH:-1}
FLEET=${FLEET:-3}
: "${KILL_AT:?tests/support/kill_at}"
case $ENGINE in
postgresql) start_postgresql max_connections=50 ;;
mariadb) start_mariadb ;;
esac

if [ "$ENGINE" = postgresql ]; then
    off="CREATE INDEX CONCURRENTLY ix_data_value ON data (value)"
else
    off="CREATE INDEX ix_data_value ON data (value)"
fi
revision 1.sql <<'SQL'
-- one
-- Revision ID: cccc00000001
-- Revises:
-- skein:upgrade
CREATE TABLE witness (what text);
CREATE TABLE data (id integer, value varchar(20));
INSERT INTO data VALUES (1, 'a');
INSERT INTO data VALUES (2, 'b');
INSERT INTO witness VALUES ('1');
-- skein:downgrade
DROP TABLE data;
DROP TABLE witness;
SQL
revision 2.sql <<SQL
-- two: inside, outside, inside a transaction
-- Revision ID: cccc00000002
-- Revises: cccc00000001
-- skein:upgrade
INSERT INTO witness VALUES ('2a');
-- skein:upgrade transaction=off
$off;
INSERT INTO witness VALUES ('2b');
-- skein:upgrade
INSERT INTO witness VALUES ('2c');
-- skein:downgrade
DROP INDEX ix_data_value;
SQL
revision 3.sql <<'SQL'
-- three
-- Revision ID: cccc00000003
-- Revises: cccc00000002
-- skein:upgrade
ALTER TABLE data ADD COLUMN extra integer;
INSERT INTO witness VALUES ('3');
-- skein:downgrade
ALTER TABLE data DROP COLUMN extra;
SQL

number=0
fresh() { # a new fleet of the same shape
    number=$((number + 1))
    if [ "$ENGINE" = postgresql ]; then
        create_databases "k${number}_" "$FLEET"
        {
            echo "servers: {a: {url: \"postgresql://postgres@127.0.0.1:$PG_PORT\"}}"
            echo "tenants:"
            for n in $(seq "$FLEET"); do
                printf '  - {name: t%d, server: a, database: k%d_%03d}\n' "$n" "$number" "$n"
            done
        } >skein.yaml
    elif [ "$ENGINE" = mariadb ]; then
        create_mariadb_databases "k${number}_" "$FLEET"
        {
            echo "servers: {a: {url: \"mariadb://root@127.0.0.1:$MARIADB_PORT\"}}"
            echo "tenants:"
            for n in $(seq "$FLEET"); do
                printf '  - {name: t%d, server: a, database: k%d_%03d}\n' "$n" "$number" "$n"
            done
        } >skein.yaml
    else
        {
            echo "tenants:"
            for n in $(seq "$FLEET"); do
                printf '  - {name: t%d, url: "sqlite:k%d_%03d.db", create: true}\n' "$n" "$number" "$n"
            done
        } >skein.yaml
    fi
}

ask() { # ask TENANT_NUMBER SQL
    local name
    name=$(printf 'k%d_%03d' "$number" "$1")
    if [ "$ENGINE" = postgresql ]; then
        psql_do "$name" "$2"
    elif [ "$ENGINE" = mariadb ]; then
        mariadb_do "$name" "$2"
    else
        sqlite3 -batch "$name.db" "$2"
    fi
}

has_index() {
    if [ "$ENGINE" = postgresql ]; then
        ask "$1" "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('ix_data_value') AND indisvalid"
    elif [ "$ENGINE" = mariadb ]; then
        ask "$1" "SELECT count(*) FROM information_schema.statistics WHERE table_schema=database() AND index_name='ix_data_value'"
    else
        ask "$1" "SELECT count(*) FROM sqlite_master WHERE name='ix_data_value'"
    fi
}

has_column() { # TENANT_NUMBER TABLE COLUMN: MariaDB, whose definitions are all outside transactions
    ask "$1" "SELECT count(*) FROM information_schema.columns WHERE table_schema=database() AND table_name='$2' AND column_name='$3'"
}

# Tells skein the truth about a partial target: whether the statement that was under way stands.
settle() {
    local open attempted stands
    open=$(ask "$1" "SELECT concat(revision, ' ', attempted) FROM skein_history WHERE state='started'" 2>/dev/null ||
        ask "$1" "SELECT revision || ' ' || attempted FROM skein_history WHERE state='started'")
    attempted=${open##* }
    case "$ENGINE $open" in
    "mariadb cccc00000001 1") stands=$(has_column "$1" witness what) ;;
    "mariadb cccc00000001 2") stands=$(has_column "$1" data value) ;;
    "mariadb cccc00000003 1") stands=$(has_column "$1" data extra) ;;
    *" cccc00000002 2") # the index; a half-built one is dropped first
        stands=$(has_index "$1")
        [ "$stands" = 1 ] || [ "$ENGINE" != postgresql ] || ask "$1" "DROP INDEX IF EXISTS ix_data_value"
        ;;
    *" cccc00000002 3") stands=$(ask "$1" "SELECT count(*) FROM witness WHERE what='2b'") ;;
    *) fail "tenant t$1 is partial at $open, which is inside a transaction" ;;
    esac
    run 0 resolve --done-to $((attempted - 1 + stands)) --reason "looked" -t "t$1"
}

if [ "$ENGINE" = mariadb ]; then
    outside='("cccc00000001", 1), ("cccc00000001", 2), ("cccc00000002", 2), ("cccc00000002", 3), ("cccc00000003", 1)'
else
    outside='("cccc00000002", 2), ("cccc00000002", 3)'
fi
partial_seen=0
converge() { # after a kill
    local what=$1 code n attempts=0
    while :; do
        "$SKEIN" upgrade head --format json >"$SCRATCH/out" 2>"$SCRATCH/err"
        code=$?
        [ $code != 0 ] || break
        attempts=$((attempts + 1))
        [ $attempts -le 3 ] || { show_last; fail "$what: does not converge"; }
        [ $code = 5 ] || { show_last; fail "$what: exit $code"; }
        for n in $(json '" ".join(t["name"][1:] for t in d["targets"] if t["outcome"]=="partial")'); do
            partial_seen=$((partial_seen + 1))
            check_equal "$what: the statement is named" "True" "$(json 'all((t["error"]["revision"], t["error"]["statement"]) in ('"$outside"') for t in d["targets"] if t["outcome"]=="partial")')"
            cp "$SCRATCH/out" "$SCRATCH/kept"
            settle "$n"
            cp "$SCRATCH/kept" "$SCRATCH/out"
        done
    done
    for n in $(seq "$FLEET"); do
        check_equal "$what: every statement exactly once in t$n" "1,2a,2b,2c,3" "$(ask "$n" "SELECT what FROM witness ORDER BY what" | paste -sd,)"
        check_equal "$what: the index stands in t$n" 1 "$(has_index "$n")"
        check_equal "$what: the version of t$n" "cccc00000003" "$(ask "$n" "SELECT version_num FROM alembic_version")"
        check_equal "$what: the history of t$n agrees" "cccc00000001,cccc00000002,cccc00000003" \
            "$(ask "$n" "SELECT revision FROM skein_history WHERE state='done' AND direction='upgrade' ORDER BY seq" | paste -sd,)"
        check_equal "$what: no open row in t$n" 0 "$(ask "$n" "SELECT count(*) FROM skein_history WHERE state<>'done'")"
    done
    if [ "$ENGINE" = postgresql ]; then
        check_equal "$what: no lock is left" 0 "$(psql_do postgres "SELECT count(*) FROM pg_locks WHERE locktype='advisory'")"
    elif [ "$ENGINE" = mariadb ]; then
        check_equal "$what: no session is left" 0 "$(mariadb_do "" "SELECT count(*) FROM information_schema.processlist WHERE db LIKE 'k%'")"
    else
        # A killed holder leaves its file; the lock on it is gone with the process.
        for file in ./*-skein; do
            [ ! -e "$file" ] || check_equal "$what: no lock is left" free "$(flock -n "$file" echo free)"
        done
    fi
}

fresh
"$KILL_AT" count 0 -- "$SKEIN" upgrade head -q >"$SCRATCH/states" 2>&1
cat "$SCRATCH/states"
killed=0
while read -r seen state; do
    [ -n "$state" ] && [ "$seen" != ended ] || continue
    for round in $(seq "$AT_EACH"); do
        # early, in the middle, late
        at=$(((seen * (2 * round - 1) + 2 * AT_EACH - 1) / (2 * AT_EACH)))
        fresh
        if "$KILL_AT" "$state" "$at" -- "$SKEIN" upgrade head -q >"$SCRATCH/kill" 2>&1; then
            killed=$((killed + 1))
        elif [ "$state" != DONE ] && [ "$state" != ROLLBACK ]; then
            echo "note: not killed at $state $at: $(head -1 "$SCRATCH/kill")"
        fi
        converge "killed at $state $at"
    done
done <"$SCRATCH/states"
CHECKS=$((CHECKS + 1))
[ "$killed" -ge 8 ] || fail "killed only $killed times"

start=$(date +%s%N)
fresh
"$SKEIN" upgrade head -q || fail "an untouched run"
span=$((($(date +%s%N) - start) / 1000))
for round in $(seq "$RANDOM_KILLS"); do
    fresh
    delay=$((span * (RANDOM % 1000) / 1000))
    "$KILL_AT" after "$delay" -- "$SKEIN" upgrade head -q >"$SCRATCH/kill" 2>&1
    converge "killed after ${delay}us"
done
echo "$killed kills at states, $RANDOM_KILLS at random moments, $partial_seen partial targets settled"
