#!/bin/bash
# A server that dies in the middle, while another one still works: its targets wait, it counts as one outage, and once it is there again they are picked up.
# Where it stays away they end as unreachable when the rest has ended.
. "$ROOT/tests/support/lib.sh"

for number in 1 2; do
    revision "$number.sql" <<SQL
-- revision $number
--
-- Revision ID: aaaa0000000$number
-- Revises: $([ "$number" = 1 ] || echo aaaa00000001)

-- skein:upgrade
CREATE TABLE t$number (id integer PRIMARY KEY);

ALTER TABLE held ADD COLUMN c$number integer;
SQL
done
make_databases() { # PREFIX COUNT
    create_databases "$1" "$2"
    for name in $(seq -f "$1%03g" "$2"); do
        echo "\\c $name"
        echo "CREATE TABLE held (id integer);"
    done | "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres postgres >/dev/null
}
# wait_for WHAT COMMAND…: until it succeeds, a minute at most
wait_for() {
    local what=$1
    shift
    for _ in $(seq 600); do
        if "$@" >/dev/null 2>&1; then
            return
        fi
        sleep 0.1
    done
    fail "$what did not come"
}
lock() { # DATABASE: holds its table on this PostgreSQL until the descriptor is closed
    mkfifo "$SCRATCH/lock-$1"
    "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres -d "$1" <"$SCRATCH/lock-$1" >"$SCRATCH/locked-$1" 2>&1 &
    CLEANUP+=("kill $!")
    exec {LOCK}>"$SCRATCH/lock-$1"
    echo "BEGIN; LOCK TABLE held; SELECT 'locked';" >&"$LOCK"
    wait_for "the lock" grep -q locked "$SCRATCH/locked-$1"
}
on_a() { PG_PORT=$A_PORT psql_do "$@"; }
on_b() { PG_PORT=$B_PORT psql_do "$@"; }
waits() { # ON: a skein session waits for a lock there
    [ "$("$1" postgres "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'skein run=%' AND wait_event_type = 'Lock'")" = 1 ]
}
has_table() { # ON DATABASE TABLE
    [ "$("$1" "$2" "SELECT count(*) FROM pg_tables WHERE tablename = '$3'")" = 1 ]
}
kill_a() {
    local number
    number=$(head -n 1 "$A_FOLDER/data/postmaster.pid")
    kill -QUIT "$number"
    wait_for "the end of the server" eval "! kill -0 $number"
}

start_postgresql
A_PORT=$PG_PORT A_FOLDER=$PG_SOCKET
make_databases a 8
lock a002
start_postgresql
B_PORT=$PG_PORT
make_databases b 3
lock b003
cat >skein.yaml <<YAML
connection: {connect_timeout: 5s, lock_timeout: 120s}
retry: {attempts: 5, initial: 20ms, max: 200ms}
rollout: {order: file, max_unreachable: 1}
servers:
  a: {url: "postgresql://postgres@127.0.0.1:$A_PORT", concurrency: 1}
  b: {url: "postgresql://postgres@127.0.0.1:$B_PORT", concurrency: 1}
tenants:
$(for name in a001 b001 b002 b003 a002 a003 a004 a005 a006 a007 a008; do echo "  - {name: $name, server: ${name%00?}, database: $name}"; done)
YAML

# ---- it comes back
"$SKEIN" upgrade aaaa00000001 --format json >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null &
skein=$!
CLEANUP+=("kill $skein")
wait_for "the wait in a002" waits on_a
wait_for "the wait in b003" waits on_b
kill_a
# Somebody in its place who only counts: five failures, four probes, then its targets wait, and it is asked now and then.
python3 - "$A_PORT" "$SCRATCH/knocked" <<'PYTHON' &
import socket, sys
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen()
with open(sys.argv[2], "a") as knocked:
    while True:
        listener.accept()[0].close()
        print("knock", file=knocked, flush=True)
PYTHON
counter=$!
CLEANUP+=("kill $counter")
wait_for "a dozen connections" eval '[ "$(wc -l <"$SCRATCH/knocked")" -ge 12 ]'
check_equal "skein still runs" "yes" "$(kill -0 "$skein" && echo yes)"
kill "$counter"
wait "$counter" 2>/dev/null
"$ROOT/scripts/pg-server" restart "$A_FOLDER"
wait_for "the last tenant of a" has_table on_a a008 t1
check_equal "b003 still waits" "no" "$(has_table on_b b003 t1 && echo yes || echo no)"
echo "COMMIT;" >&"$LOCK"
wait "$skein"
check_equal "exit code" 0 $?
check_equal "all succeed" 11 "$(json 'd["counts"]["succeeded"]')"
check_equal "no budget was exceeded" None "$(json 'd["run"]["stopped_by"]')"
check_equal "whoever only waited was tried once" "[1]" "$(json 'sorted(set(t["attempts"] for t in d["targets"] if t["name"][0] == "b"))')"

# ---- it stays away
kill_a
run 1 upgrade aaaa00000002 --format json
check_equal "b goes on" 3 "$(json 'd["counts"]["succeeded"]')"
check_equal "all of a are unreachable" 8 "$(json 'd["counts"]["unreachable"]')"
check_equal "of one outage" "None 1" "$(json '"%s %d" % (d["run"]["stopped_by"], len(d["failures"]))')"
