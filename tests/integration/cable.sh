#!/bin/bash
# A cable is pulled: no FIN, no RST, nobody hears of the other any more. Within abandoned_after the server ends what a vanished skein held, in each state that a
# target's life can be in; a session without skein's settings keeps its lock meanwhile. And skein, at its end, comes to a clear outcome.   ENGINE=postgresql|mariadb
#
# The server is in a network of its own, skein in another one, with a cable between. That takes root; where it cannot be had the test says so and is skipped.
if [ -z "${CABLE_INSIDE:-}" ]; then
    if ! unshare -n true 2>/dev/null; then
        echo "skipped: no network namespace can be made here (root is needed)"
        exit 77
    fi
    CABLE_INSIDE=1 exec unshare -n bash "$0"
fi
PATH=$PATH:/usr/sbin:/sbin
. "$ROOT/tests/support/lib.sh"
: "${ENGINE:?}" "${KILL_AT:?}"
AFTER=2 # abandoned_after, seconds
SLACK=8 # of a busy machine

# ---- two machines and a cable
SERVER=10.99.0.1
ip link set lo up || fail "lo"
unshare -n sleep 600 &
elsewhere=$!
end_processes() {
    # shellcheck disable=SC2046 # numbers
    kill -KILL $elsewhere $(jobs -p)
}
CLEANUP+=(end_processes)
for _ in $(seq 100); do
    [ "$(readlink /proc/$elsewhere/ns/net)" = "$(readlink /proc/self/ns/net)" ] || break
    sleep 0.02
done
if ! ip link add cable0 type veth peer name cable1 2>"$SCRATCH/err"; then
    echo "skipped: $(cat "$SCRATCH/err")"
    exit 77
fi
away=(nsenter -t "$elsewhere" -n)
ip link set cable1 netns $elsewhere && ip addr add $SERVER/24 dev cable0 && ip link set cable0 up &&
    "${away[@]}" ip link set lo up && "${away[@]}" ip addr add 10.99.0.2/24 dev cable1 && "${away[@]}" ip link set cable1 up || fail "the cable"
# At skein's end: the server sees no carrier, and what skein's kernel says when it dies goes nowhere.
pull="${away[*]} ip link set cable1 down"
plug() {
    "${away[@]}" ip link set cable1 up && ip link set cable0 up || fail "the cable"
}

# ---- the server
case $ENGINE in
postgresql)
    start_postgresql "listen_addresses=$SERVER,127.0.0.1"
    data=$(psql_do postgres "SHOW data_directory")
    echo "host all postgres $SERVER/24 trust" >>"$data/pg_hba.conf"
    psql_do postgres "SELECT pg_reload_conf()" >/dev/null
    create_databases t_ 4
    url="postgresql://postgres@$SERVER:$PG_PORT"
    sleeps="SELECT pg_sleep(60)"
    sessions="FROM pg_stat_activity WHERE application_name LIKE 'skein%'"
    states="SELECT string_agg(state, ',') $sessions"
    running="SELECT count(*) $sessions AND state = 'active' AND query LIKE '%pg_sleep(60)%'"
    locked="SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid <> 4711"
    controlled="SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND granted"
    control="BEGIN; SELECT pg_advisory_lock(4711);"
    client=("$PG_BIN/psql" -X -q -h "$SERVER" -p "$PG_PORT" -U postgres -d postgres)
    words=("idle in transaction" idle active)
    ;;
mariadb)
    start_mariadb "bind-address=0.0.0.0"
    mariadb_do "" "CREATE USER root@'10.99.0.2'; GRANT ALL ON *.* TO root@'10.99.0.2'"
    create_mariadb_databases t_ 4
    url="mariadb://root@$SERVER:$MARIADB_PORT"
    sleeps="SELECT sleep(3)"
    sessions="FROM information_schema.processlist WHERE host LIKE '10.99.0.2%' AND db LIKE 't\_%'"
    states="SELECT group_concat(command) $sessions"
    running="SELECT count(*) $sessions AND state = 'User sleep'"
    locked="SELECT coalesce(sum(is_used_lock(concat('skein:', left(sha2(schema_name, 256), 56))) IS NOT NULL), 0) FROM information_schema.schemata WHERE schema_name LIKE 't\_%'"
    controlled="SELECT is_used_lock('control') IS NOT NULL"
    control="SELECT get_lock('control', 0);"
    client=("$MARIADB_BIN" --no-defaults -u root -h "$SERVER" -P "$MARIADB_PORT")
    words=(Sleep Sleep Query)
    ;;
esac
do_sql() {
    case $ENGINE in
    postgresql) psql_do postgres "$1" ;;
    mariadb) mariadb_do "" "$1" ;;
    esac
}
revision 1.sql <<SQL
-- one
-- Revision ID: aaaa00000001
-- Revises:
-- skein:upgrade
CREATE TABLE data (id integer);
-- skein:upgrade transaction=off
$sleeps;
-- skein:upgrade
INSERT INTO data VALUES (1);
-- skein:downgrade
DROP TABLE data;
SQL
{
    echo "connection: {connect_timeout: 2s, abandoned_after: ${AFTER}s, lock_wait: 20s, tls: {mode: disable}}"
    echo "retry: {attempts: 2, initial: 10ms, max: 20ms}"
    echo "tenants:"
    for n in 1 2 3; do
        echo "  - {name: t$n, url: \"$url/t_00$n\"}"
    done
    echo "  - {name: t4, url: \"$url/t_004\", connection: {statement_timeout: 1s}}"
} >skein.yaml

# until_is WHAT EXPECTED QUERY SECONDS
until_is() {
    local deadline=$(($(date +%s%N) / 1000000 + $4 * 1000)) got
    while got=$(do_sql "$3") && [ "$got" != "$2" ]; do
        [ "$(($(date +%s%N) / 1000000))" -lt $deadline ] || fail "$1: $got instead of $2 after $4 s"
        sleep 0.05
    done
}
# A session without skein's settings keeps what it holds.
mkfifo "$SCRATCH/control"
"${away[@]}" "${client[@]}" <"$SCRATCH/control" >/dev/null 2>&1 &
exec {input}>"$SCRATCH/control"
echo "$control" >&$input
until_is "the control holds its lock" 1 "$controlled" 20

# vanished WHAT STATE [SECONDS]: skein is gone behind a pulled cable; the statement goes on so long
vanished() {
    local since
    since=$(date +%s%N)
    check_equal "$1: what the server sees" "$2" "$(do_sql "$states")"
    check_equal "$1: skein's lock is held" 1 "$(do_sql "$locked")"
    until_is "$1: the session ends" 0 "SELECT count(*) $sessions" $((AFTER + ${3:-0} + SLACK))
    check_equal "$1: the lock is free" 0 "$(do_sql "$locked")"
    check_equal "$1: the control keeps its own" 1 "$(do_sql "$controlled")"
    echo "$1: the session ended after $((($(date +%s%N) - since) / 1000000)) ms"
    plug
}
# at STATE TENANT: skein is killed when it comes there, behind a pulled cable
at() {
    KILL_AT_HOOK=$pull "$KILL_AT" "$1" 1 -- "${away[@]}" "$SKEIN" upgrade head -t "$2" >"$SCRATCH/out" 2>&1 ||
        fail "not killed at $1: $(cat "$SCRATCH/out")"
}

# 1. Inside a transaction.
at COMMIT t1
vanished "in a transaction" "${words[0]}"
# 2. Between two units: nothing but skein's own lock.
at MARK t2
vanished "between two units" "${words[1]}"
# 3. While a statement runs. MariaDB does not look after its client meanwhile: it notices when the statement is done.
"${away[@]}" "$SKEIN" upgrade head -t t3 >"$SCRATCH/out" 2>&1 &
run=$!
until_is "it runs" 1 "$running" 20
$pull
kill -KILL $run
wait $run 2>/dev/null
vanished "while a statement runs" "${words[2]}" 3

# 4. The other end: the cable is pulled on the server's side, skein sends a statement and hears nothing any more. It says so, within its limits: of the statement and
# abandoned_after, five seconds to cancel, connect_timeout for each try.
since=$SECONDS
KILL_AT_SPARES=1 KILL_AT_HOOK="ip link set cable0 down" "$KILL_AT" OFF 1 -- "${away[@]}" "$SKEIN" upgrade head -t t4 --format json >"$SCRATCH/told" 2>"$SCRATCH/err"
sed '/^ended/d' "$SCRATCH/told" >"$SCRATCH/out"
check_has "its exit code" "^ended 5$" "$SCRATCH/told"
check_equal "a clear end" "in_doubt connection" "$(json "'{0[outcome]} {0[error][class]}'.format(d['targets'][0])")"
echo "skein ended after $((SECONDS - since)) s"
check_equal "within bounds" 1 "$((SECONDS - since <= 25))"
