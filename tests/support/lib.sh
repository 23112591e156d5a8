# shellcheck shell=bash
# What the shell tests share: a scratch folder, checks that say what they expected, a throw-away server.
#
# The environment gives SKEIN (the program under test), KILL_AT, ROOT (of the source tree).
set -u

: "${SKEIN:?the program under test}" "${ROOT:?the source tree}"
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/skein-test.XXXXXX")
export LC_ALL=C.UTF-8 SKEIN_ACTOR=tester
unset DATABASE_URL SKEIN_CONFIG
CHECKS=0
CLEANUP=()

on_exit() {
    local code=$?
    for command in "${CLEANUP[@]}"; do
        $command >/dev/null 2>&1
    done
    rm -rf "$SCRATCH"
    if [ "$code" = 0 ] && [ "$CHECKS" = 0 ]; then
        echo "FAIL: the test checked nothing"
        exit 1
    fi
    [ "$code" != 0 ] || echo "ok, $CHECKS checks"
    exit "$code"
}
trap on_exit EXIT

fail() {
    echo "FAIL: $* (line ${BASH_LINENO[1]:-?} of ${BASH_SOURCE[2]:-$0})"
    exit 1
}

# check_equal WHAT EXPECTED ACTUAL
check_equal() {
    CHECKS=$((CHECKS + 1))
    [ "$2" = "$3" ] || {
        printf 'expected: %s\nactual:   %s\n' "$2" "$3"
        show_last
        fail "$1"
    }
}

# check_has WHAT PATTERN FILE: a line matches the extended regular expression
check_has() {
    CHECKS=$((CHECKS + 1))
    grep -qE -- "$2" "$3" || {
        echo "expected a line like: $2"
        show_last
        [ "$3" = "$SCRATCH/out" ] || [ "$3" = "$SCRATCH/err" ] || sed 's/^/  | /' "$3"
        fail "$1"
    }
}

check_has_not() {
    CHECKS=$((CHECKS + 1))
    if grep -nE -- "$2" "$3"; then
        show_last
        fail "$1"
    fi
}

show_last() {
    [ ! -e "$SCRATCH/out" ] || head -c 4000 "$SCRATCH/out" | sed 's/^/  out | /' 
    [ ! -e "$SCRATCH/err" ] || head -c 4000 "$SCRATCH/err" | sed 's/^/  err | /' 
}

# run EXPECTED_EXIT ARGUMENTS…: runs skein, keeps stdout and stderr in $SCRATCH/out and /err
run() {
    local expected=$1 code
    shift
    "$SKEIN" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null
    code=$?
    CHECKS=$((CHECKS + 1))
    [ "$code" = "$expected" ] || {
        echo "skein $* ended with $code, expected $expected"
        show_last
        fail "exit code"
    }
}

# begin ARGUMENTS…: as `run`, but beside the test; sets pid
begin() {
    "$SKEIN" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null &
    pid=$!
}

# finish EXPECTED_EXIT: waits for what was begun last
finish() {
    wait "$pid"
    check_equal "exit code" "$1" $?
}

# two_at_once WHAT ARGUMENTS…: two runs at the same moment, which both must end well; $SCRATCH/one.json, two.json are what they say
two_at_once() {
    local what=$1 first second
    shift
    "$SKEIN" "$@" >"$SCRATCH/one.json" 2>"$SCRATCH/one.err" &
    first=$!
    "$SKEIN" "$@" >"$SCRATCH/two.json" 2>"$SCRATCH/two.err" &
    second=$!
    wait $first
    check_equal "$what: exit of the first" 0 $?
    wait $second
    check_equal "$what: exit of the second" 0 $?
}

# json FILTER: of the last output, by jq's little brother: python's json
json() {
    python3 -c '
import json, sys
document = json.load(open(sys.argv[1]))
print(eval(sys.argv[2], {"d": document, "sorted": sorted, "len": len}))' "$SCRATCH/out" "$1"
}

# until_equal WHAT EXPECTED COMMAND…: runs it until that is what it prints, for at most 20 s
until_equal() {
    local what=$1 expected=$2 deadline=$((SECONDS + 20)) got
    shift 2
    until got=$("$@"); [ "$got" = "$expected" ]; do
        [ $SECONDS -lt $deadline ] || fail "$what: $got instead of $expected"
        read -rt 0.02 <> <(:) || true
    done
}

# until_true WHAT COMMAND…: likewise, until it ends well
until_true() {
    local what=$1 deadline=$((SECONDS + 20))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || fail "$what: never"
        read -rt 0.02 <> <(:) || true
    done
}

# session NAME COMMAND…: a client of a database, which runs what `tell NAME` prints to it; ended with the test
SESSIONS=()
declare -A INPUT
session() {
    local name=$1 descriptor
    shift
    [ ${#SESSIONS[@]} -gt 0 ] || CLEANUP=(end_sessions "${CLEANUP[@]}")
    mkfifo "$SCRATCH/$name"
    "$@" <"$SCRATCH/$name" >"$SCRATCH/$name.out" 2>&1 &
    SESSIONS+=($!)
    exec {descriptor}>"$SCRATCH/$name"
    INPUT[$name]=$descriptor
}

# tell NAME FORMAT [ARGUMENT]…
tell() {
    local input=${INPUT[$1]}
    shift
    # shellcheck disable=SC2059
    printf "$@" >&"$input"
}

end_sessions() {
    for pid in "${SESSIONS[@]}"; do
        kill "$pid"
    done
}

# start_postgresql [NAME=VALUE]…: sets PG_PORT, PG_SOCKET, PG_URL, PG_BIN
start_postgresql() {
    local folder
    folder=$(mktemp -d /tmp/skein-pg.XXXXXX)
    eval "$("$ROOT/scripts/pg-server" start "$folder" "$@")"
    [ -n "${PG_PORT:-}" ] || fail "no PostgreSQL"
    CLEANUP+=("$PG_STOP")
}

# start_replica: a streaming replica of that server; sets REPLICA_PORT, REPLICA_STOP
start_replica() {
    local folder variables
    folder=$(mktemp -d /tmp/skein-pg.XXXXXX)
    variables=$("$ROOT/scripts/pg-server" replica "$folder" "$PG_SOCKET")
    REPLICA_PORT=$(echo "$variables" | sed -n "s/^PG_PORT='\(.*\)'/\1/p")
    [ -n "$REPLICA_PORT" ] || fail "no replica"
    REPLICA_STOP="$ROOT/scripts/pg-server stop $folder"
    CLEANUP+=("$REPLICA_STOP")
}

# replica_follows: until it has all that the server has written
replica_follows() {
    local written
    written=$(psql_do postgres "SELECT pg_current_wal_lsn()")
    until_equal "the replica has followed" t "$PG_BIN/psql" -X -q -A -t -h 127.0.0.1 -p "$REPLICA_PORT" -U postgres -d postgres \
        -c "SELECT pg_last_wal_replay_lsn() >= '$written'"
}

# psql_do DATABASE SQL: unaligned, tuples only
psql_do() {
    "$PG_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PG_PORT" -U postgres -d "$1" -c "$2"
}

# create_databases PREFIX COUNT: PREFIX001 …
create_databases() {
    seq -f "CREATE DATABASE $1%03g TEMPLATE template0;" 1 "$2" |
        "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PG_PORT" -U postgres -d postgres >/dev/null || fail "databases"
}

# start_mariadb [NAME=VALUE]…: sets MARIADB_PORT, MARIADB_SOCKET, MARIADB_URL, MARIADB_BIN, MARIADB_PID; and HOME, for ~/.my.cnf is read
start_mariadb() {
    local folder
    export HOME=$SCRATCH
    folder=$(mktemp -d /tmp/skein-mariadb.XXXXXX)
    eval "$("$ROOT/scripts/mariadb-server" start "$folder" "$@")"
    [ -n "${MARIADB_PORT:-}" ] || fail "no MariaDB"
    CLEANUP+=("$MARIADB_STOP")
}

# mariadb_do DATABASE SQL: tab-separated, rows only; "" is no database
mariadb_do() {
    "$MARIADB_BIN" --no-defaults -N -B -u root -S "$MARIADB_SOCKET" ${1:+"$1"} -e "$2"
}

# create_mariadb_databases PREFIX COUNT: PREFIX001 …
create_mariadb_databases() {
    seq -f "CREATE DATABASE $1%03g;" 1 "$2" | "$MARIADB_BIN" --no-defaults -u root -S "$MARIADB_SOCKET" || fail "databases"
}

# revision FILE: writes stdin to migrations/versions/FILE
revision() {
    mkdir -p migrations/versions
    cat >"migrations/versions/$1"
}

cd "$SCRATCH" || exit 1
mkdir work
cd work || exit 1
