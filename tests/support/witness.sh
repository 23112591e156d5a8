# shellcheck shell=bash
# A fleet that counts what happened to it: after whatever went wrong, `converge` shows that every step stands exactly once. To be read behind lib.sh.
#
# ENGINE, FLEET (how many targets); WITNESS_PORT: where skein connects, by default the server's own.
: "${ENGINE:?}" "${FLEET:?}"
# Processes are killed here, no machine loses its power: without waiting for the disk all of it takes a third of the time.
case $ENGINE in
postgresql)
    start_postgresql max_connections=100 fsync=off
    WITNESS_PORT=$PG_PORT
    ;;
mariadb)
    start_mariadb innodb_flush_log_at_trx_commit=2
    WITNESS_PORT=$MARIADB_PORT
    ;;
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
-- two: inside a transaction and outside by turns
-- Revision ID: cccc00000002
-- Revises: cccc00000001
-- skein:upgrade
INSERT INTO witness VALUES ('2a');
-- skein:upgrade transaction=off
$off;
INSERT INTO witness VALUES ('2b');
-- skein:upgrade
INSERT INTO witness VALUES ('2c');
-- skein:upgrade transaction=off
INSERT INTO witness VALUES ('2d');
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
# fresh [LINE…]: a new fleet of the same shape; the lines are for skein.yaml
fresh() {
    local n url=
    number=$((number + 1))
    case $ENGINE in
    postgresql)
        create_databases "k${number}_" "$FLEET"
        url="postgresql://postgres@127.0.0.1:$WITNESS_PORT"
        ;;
    mariadb)
        create_mariadb_databases "k${number}_" "$FLEET"
        url="mariadb://root@127.0.0.1:$WITNESS_PORT"
        ;;
    esac
    {
        [ $# = 0 ] || printf '%s\n' "$@"
        [ -z "$url" ] || echo "servers: {a: {url: \"$url\"}}"
        echo "tenants:"
        for n in $(seq "$FLEET"); do
            if [ -n "$url" ]; then
                printf '  - {name: t%d, server: a, database: k%d_%03d}\n' "$n" "$number" "$n"
            else
                printf '  - {name: t%d, url: "sqlite:k%d_%03d.db", create: true}\n' "$n" "$number" "$n"
            fi
        done
    } >skein.yaml
}

ask() { # ask TENANT_NUMBER SQL
    local name
    name=$(printf 'k%d_%03d' "$number" "$1")
    case $ENGINE in
    postgresql) psql_do "$name" "$2" ;;
    mariadb) mariadb_do "$name" "$2" ;;
    sqlite) sqlite3 -batch "$name.db" "$2" ;;
    esac
}

# ask_each SQL: of one line; the answers in the targets' order
ask_each() {
    local n
    for n in $(seq "$FLEET"); do
        case $ENGINE in
        postgresql) printf '\\connect k%d_%03d\n%s;\n' "$number" "$n" "$1" ;;
        mariadb) printf 'USE k%d_%03d; %s;\n' "$number" "$n" "$1" ;;
        sqlite) sqlite3 -batch "$(printf 'k%d_%03d' "$number" "$n").db" "$1" ;;
        esac
    done | case $ENGINE in
    postgresql) "$PG_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PG_PORT" -U postgres -d postgres ;;
    mariadb) "$MARIADB_BIN" --no-defaults -N -B -u root -S "$MARIADB_SOCKET" ;;
    sqlite) cat ;;
    esac
}

case $ENGINE in
postgresql)
    gather="string_agg(%s, ',' ORDER BY %s)"
    index="SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('ix_data_value') AND indisvalid"
    ;;
mariadb)
    gather="group_concat(%s ORDER BY %s SEPARATOR ',')"
    index="SELECT count(*) FROM information_schema.statistics WHERE table_schema=database() AND index_name='ix_data_value'"
    ;;
sqlite)
    gather="group_concat(%s)"
    index="SELECT count(*) FROM sqlite_master WHERE name='ix_data_value'"
    ;;
esac
# shellcheck disable=SC2059 # formats
gathered() { # gathered COLUMN ORDER
    [ "$ENGINE" = sqlite ] && printf "$gather" "$1" || printf "$gather" "$1" "$2"
}
join=" || '  ' || "
[ "$ENGINE" != mariadb ] || join=", '  ', "
standing="(SELECT $(gathered what what) FROM (SELECT what FROM witness ORDER BY what) w)$join($index)$join(SELECT version_num FROM alembic_version)$join\
(SELECT $(gathered revision seq) FROM (SELECT revision, seq FROM skein_history WHERE state='done' AND direction='upgrade' ORDER BY seq) h)$join\
(SELECT count(*) FROM skein_history WHERE state<>'done')"
[ "$ENGINE" = mariadb ] && standing="SELECT concat($standing)" || standing="SELECT $standing"

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
        stands=$(ask "$1" "$index")
        [ "$stands" = 1 ] || [ "$ENGINE" != postgresql ] || ask "$1" "DROP INDEX IF EXISTS ix_data_value"
        ;;
    *" cccc00000002 3") stands=$(ask "$1" "SELECT count(*) FROM witness WHERE what='2b'") ;;
    *" cccc00000002 5") stands=$(ask "$1" "SELECT count(*) FROM witness WHERE what='2d'") ;;
    *) fail "tenant t$1 is partial at $open, which is inside a transaction" ;;
    esac
    run 0 resolve --done-to $((attempted - 1 + stands)) --reason "looked" -t "t$1"
}

if [ "$ENGINE" = mariadb ]; then
    outside='("cccc00000001", 1), ("cccc00000001", 2), ("cccc00000002", 2), ("cccc00000002", 3), ("cccc00000002", 5), ("cccc00000003", 1)'
else
    outside='("cccc00000002", 2), ("cccc00000002", 3), ("cccc00000002", 5)'
fi
partial_seen=0
# converge WHAT: after something went wrong
converge() {
    local what=$1 code n line attempts=0
    while :; do
        "$SKEIN" upgrade head --format json >"$SCRATCH/out" 2>"$SCRATCH/err"
        code=$?
        [ $code != 0 ] || break
        attempts=$((attempts + 1))
        [ $attempts -le 3 ] || { show_last; fail "$what: does not converge"; }
        [ $code = 5 ] || { show_last; fail "$what: exit $code"; }
        check_equal "$what: the statement is named" "True" "$(json 'all((t["error"]["revision"], t["error"]["statement"]) in ('"$outside"') for t in d["targets"] if t["outcome"]=="partial")')"
        for n in $(json '" ".join(t["name"][1:] for t in d["targets"] if t["outcome"]=="partial")'); do
            partial_seen=$((partial_seen + 1))
            settle "$n"
        done
    done
    n=0
    while read -r line; do
        n=$((n + 1))
        check_equal "$what: t$n: every statement once, the index, the version, the history that agrees, no open row" \
            "1,2a,2b,2c,2d,3  1  cccc00000003  cccc00000001,cccc00000002,cccc00000003  0" "$line"
    done < <(ask_each "$standing")
    check_equal "$what: all were asked" "$FLEET" "$n"
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
