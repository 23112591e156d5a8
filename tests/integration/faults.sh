#!/bin/bash
# Servers and networks that misbehave, by a proxy between skein and the server (tests/support/fault_proxy.c): connections that end at every point of a target's
# life, silence, COMMITs that nobody answers, a server that is killed, a failover to one that takes no changes. Nobody is in doubt who could be asked again, and
# afterwards the fleet converges with nothing done twice.   ENGINE=postgresql|mariadb; scripts/soak: SWEEPS=10 HOLES=20
. "$ROOT/tests/support/lib.sh"
SWEEPS=${SWEEPS:-1}
HOLES=${HOLES:-4}
FLEET=${FLEET:-20}
: "${FAULT_PROXY:?tests/support/fault_proxy}"
. "$ROOT/tests/support/witness.sh"
coproc PROXY { exec "$FAULT_PROXY" "$WITNESS_PORT"; }
server_port=$WITNESS_PORT
read -r WITNESS_PORT <&"${PROXY[0]}"
# The COMMIT of a unit, as it stands in the protocol.
case $ENGINE in
postgresql) commit='\x00COMMIT\x00' ;;
mariadb) commit='\x07\x00\x00\x00\x03COMMIT' ;;
esac

fault() { # fault COMMAND…: tells the proxy; its answer is in $answer
    echo "$*" >&"${PROXY[1]}"
    read -r -t 60 answer <&"${PROXY[0]}" || fail "the proxy does not answer"
    [ "$answer" != "what?" ] || fail "the proxy does not know: $*"
}
# fleet [LINE…]: a fresh one, that tries often and soon
fleet() {
    fresh "connection: {connect_timeout: 5s, statement_timeout: 10s, lock_wait: 30s, abandoned_after: 2s}" \
        "retry: {attempts: ${TRIES:-10}, initial: ${FIRST:-10ms}, max: ${MOST:-500ms}}" "limits: {per_server: $FLEET}" "$@"
}
# started: skein runs with the fault; ended WHAT OUTCOMES [CODES]: by now, each target as one of the outcomes
started() {
    timeout -k 5 100 "$SKEIN" upgrade head --keep-going --format json >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null &
    run=$!
    SECONDS=0
}
ended() {
    local code
    wait "$run"
    code=$?
    echo "$1: $(json '" ".join("%d %s" % (n, kind) for kind, n in d["counts"].items() if n and kind != "targets")'), ${SECONDS} s"
    check_equal "$1: what the targets end as" "[]" "$(json "sorted({t['outcome'] for t in d['targets']} - set('$2'.split()))")"
    check_equal "$1: exit code $code" 1 "$(echo " ${3:-0 5} " | grep -c " $code ")"
}
# struck MINIMUM: how often the rule did it; then everything is well again
struck() {
    fault count
    CHECKS=$((CHECKS + 1))
    [ "${answer##* }" -ge "$1" ] || fail "it struck ${answer##* } times: this tested nothing"
    fault pass
}

# 1. A failover to a server that takes no changes: whoever had nothing under way is refused, nothing is half written, and back on the right one it converges.
all=$FLEET FLEET=6
[ "$ENGINE" != postgresql ] || start_replica
case $ENGINE in
postgresql) tries=3 ;;
mariadb) tries=8 ;; # some of them until it is switched over
esac
TRIES=$tries fleet
case $ENGINE in
postgresql)
    replica_follows
    fault rule reset sent "$commit" 4 all next "$REPLICA_PORT"
    started
    ;;
mariadb)
    fault rule reset sent "$commit" 4 all next refuse
    started
    fault wait 30
    mariadb_do "" "SET GLOBAL read_only = 1"
    fault listen
    ;;
esac
ended "failover" "succeeded up_to_date refused in_doubt partial failed" "1 5"
check_equal "refused are those that take no changes" True \
    "$(json "d['counts']['refused'] > 0 and all(t['error']['class'] == 'read_only' for t in d['targets'] if t['outcome'] == 'refused')")"
check_equal "nothing was tried on them" "[]" "$(json "[t['name'] for t in d['targets'] if t['outcome'] == 'refused' and t['steps']]")"
check_equal "the one in doubt was asked for again" "$tries" "$(json "max(t['attempts'] for t in d['targets'] if t['outcome'] == 'in_doubt')")"
case $ENGINE in
postgresql) fault server "$server_port" ;;
mariadb) mariadb_do "" "SET GLOBAL read_only = 0" ;;
esac
struck 1
converge "failover"
[ "$ENGINE" != postgresql ] || $REPLICA_STOP

# 2. The server is killed in the middle, and comes back.
FIRST=200ms MOST=2s fleet
fault rule hole client 6000 0 1 3
started
fault wait 30
case $ENGINE in
postgresql) $PG_RESTART || fail "restart" ;;
mariadb)
    kill -KILL "$(cat "$MARIADB_PID")"
    $MARIADB_RESTART || fail "restart"
    ;;
esac
struck 1
ended "killed and started again" "succeeded up_to_date partial"
converge "killed and started again"
FLEET=$all

# 3. Slow, and otherwise well: what a life sends and hears.
fleet
fault delay 2
started
ended "delayed" succeeded 0
fault count
read -r _ _ _ sends _ hears _ <<<"$answer"
echo "a connection sends $sends bytes and hears $hears"
fault pass
converge "delayed"

# 4. Connections that end, each one a little later than the one before. What was sent outside a transaction may stand or not.
for action in cut reset; do
    for side in "client $sends" "server $hears"; do
        for sweep in $(seq "$SWEEPS"); do
            step=$((${side#* } / (FLEET - 1)))
            TRIES=30 MOST=200ms fleet
            fault rule $action "${side% *}" $((step * (sweep - 1) / SWEEPS + 1)) $step "$FLEET" first "$FLEET"
            started
            ended "$action ${side% *} $sweep" "succeeded up_to_date partial"
            struck $((FLEET / 2))
            converge "$action ${side% *} $sweep"
        done
    done
done

# 5. The connection ends when COMMIT was sent, with and without reaching the server: the target is asked.
for reached in sent unsent; do
    TRIES=30 fleet
    fault rule reset $reached "$commit" first "$FLEET"
    started
    ended "COMMIT $reached" "succeeded up_to_date" 0
    struck "$FLEET"
    converge "COMMIT $reached"
    # And nobody can be asked.
    TRIES=2 fleet
    fault rule reset $reached "$commit" 7 all next refuse
    started
    ended "COMMIT $reached, then nobody" "succeeded up_to_date in_doubt partial failed unreachable" 5
    check_equal "the one whose COMMIT it was is in doubt" True "$(json "d['counts']['in_doubt'] > 0")"
    check_equal "each says what it is in doubt about, and where" "[]" \
        "$(json "[t for t in d['targets'] if t['outcome'] == 'in_doubt' and not (t['error']['file'] and t['doubt']['steps'][-1]['revision'] == t['error']['revision'])]")"
    check_equal "the others are in doubt only where something was under way" True \
        "$(json "d['counts']['in_doubt'] + d['counts']['partial'] < $FLEET")"
    struck 1
    converge "COMMIT $reached, then nobody"
done

# A statement outside a transaction, and a COMMIT: the report says which one it was.
# in_doubt WHAT TEXT JSON LINE…: the connection is reset at the text, and nobody can be asked; in JSON, and as lines of the text
in_doubt() {
    local what=$1 text=$2 json=$3 line
    shift 3
    TRIES=2 fleet
    fault rule reset sent "$text" 1 all next refuse
    run 5 upgrade head --format json
    check_equal "$what" "$json" \
        "$(json "' '.join([d['targets'][0]['doubt']['what']] + [s['revision'] for s in d['targets'][0]['doubt']['steps']] + [str(d['targets'][0]['error'][k]) for k in ('revision', 'file', 'line', 'statement')])")"
    struck 1
    converge "$what"
    TRIES=2 fleet
    fault rule reset sent "$text" 1 all next refuse
    run 5 upgrade head
    for line; do
        check_has "$what" "^ +$line" "$SCRATCH/out"
    done
    struck 1
    converge "$what"
}
FLEET=1
in_doubt "a statement" 'ix_data_value\x20ON\x20data' "statement cccc00000002 cccc00000002 migrations/versions/2.sql 7 2" \
    "migrations/versions/2.sql:7  upgrade.*, statement 2   2 attempts$" "statement 2 of cccc00000002 was not answered: whether it stands is not known$"
case $ENGINE in
postgresql) in_doubt "a COMMIT" "$commit" "commit cccc00000001 cccc00000002 cccc00000002 migrations/versions/2.sql None None" \
    "migrations/versions/2.sql   2 attempts$" "the COMMIT of cccc00000001, cccc00000002 was not answered: whether it stands is not known$" ;;
mariadb) in_doubt "a COMMIT" "$commit" "commit cccc00000001 cccc00000001 migrations/versions/1.sql None None" \
    "migrations/versions/1.sql   2 attempts$" "the COMMIT of cccc00000001 was not answered: whether it stands is not known$" ;;
esac
FLEET=$all

# 6. Silence. A request that is never answered has an end, and what the server still holds for a client that is gone (the proxy keeps it connected) has one, too.
short="connection: {connect_timeout: 1s, statement_timeout: 1s, lock_wait: 30s, abandoned_after: 1s}"
fresh "$short" "retry: {attempts: 8, initial: 10ms, max: 500ms}" "limits: {per_server: $FLEET}"
fault rule hole client 1 $((sends / HOLES)) "$HOLES" first "$HOLES"
started
ended "silence" "succeeded up_to_date partial"
struck "$HOLES"
converge "silence"
# Of everything, from one moment on: the run ends, although not even a cancel can be sent.
fresh "$short" "retry: {attempts: 2, initial: 10ms, max: 20ms}" "limits: {per_server: $FLEET}"
fault rule hole unsent "$commit" 7 all next hole
started
ended "silence everywhere" "succeeded up_to_date in_doubt partial failed unreachable" "1 5"
CHECKS=$((CHECKS + 1))
[ $SECONDS -le 60 ] || fail "the run ended after $SECONDS s"
struck 1
converge "silence everywhere"
