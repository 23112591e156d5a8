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
. "$ROOT/tests/support/witness.sh"

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
