#!/bin/bash
# The example of the README: 200 SQLite tenants up, nothing to do, a step down, the round trip leaves equal schemas.
. "$ROOT/tests/support/lib.sh"
cp -r "$ROOT/examples/quickstart/." .
rm -f data/*.db

run 0 upgrade head --format json
check_equal "200 succeeded" 200 "$(json 'd["counts"]["succeeded"]')"
revisions=$(find migrations/versions -name '*.sql' | wc -l)
check_equal "each took every step" "$revisions" "$(json 'sorted(set(len(t["steps"]) for t in d["targets"]))[0]')"
check_equal "status" "succeeded execute 0" "$(json '" ".join(str(d["run"][k]) for k in ("status","mode","exit_code"))')"

run 0 upgrade head
check_equal "four lines where all is well" 4 "$(wc -l <"$SCRATCH/out")"
goal=$(sed -n 's/^goal //p' "$ROOT/README.md")
check_equal "the README's goal" "goal $goal" "$(sed -n 2p "$SCRATCH/out")"
check_has "nothing to do" "200 targets on 1 server: 200 up to date" "$SCRATCH/out"

database=$(find . -name '*.db' | sort | head -1)
schema() { sqlite3 "$1" "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"; }
schema "$database" >"$SCRATCH/before"

run 2 downgrade -1 --all
check_has "needs a yes" "needs -y where nobody can be asked" "$SCRATCH/err"
run 2 downgrade -1
check_has "needs a selection" "say which" "$SCRATCH/err"
run 0 downgrade -1 --all -y --format json
check_equal "one step each" "200" "$(json 'sum(len(t["steps"])==1 and t["steps"][0]["direction"]=="downgrade" for t in d["targets"])')"
run 0 status --format json
check_equal "all went back" 200 "$(json 'd["counts"]["back"]')"
run 0 downgrade base --all -y
check_has "all succeeded" "200 succeeded" "$SCRATCH/out"
check_equal "only skein's tables are left" "alembic_version skein_history" \
    "$(sqlite3 "$database" "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%' ORDER BY 1" | paste -sd' ')"
run 0 upgrade head
schema "$database" >"$SCRATCH/after"
check_equal "the schema after the round trip" "$(cat "$SCRATCH/before")" "$(cat "$SCRATCH/after")"
run 0 current
check_has "one group at head" "200 targets .*\(head\)" "$SCRATCH/out"
check_equal "nothing is written outside the targets" "" "$(find . -name '.skein' -o -name '*-skein' -o -name '*-journal')"
