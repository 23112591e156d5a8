#!/bin/bash
# Output that is closed, broken or full never stops a run, and nothing of it lands in a connection.
. "$ROOT/tests/support/lib.sh"
revision 1.sql <<'SQL'
-- one
-- Revision ID: aaaa00000001
-- Revises:
-- skein:upgrade
CREATE TABLE one (id integer);
-- skein:downgrade
DROP TABLE one;
SQL
cat >skein.yaml <<'YAML'
tenants:
  - {name: a, url: "sqlite:a.db", create: true}
  - {name: b, url: "sqlite:b.db", create: true}
YAML

ends() { # WHAT CODE: and both targets are at the head, whole
    check_equal "$1" 0 "$2"
    run 0 current --check-heads
    check_equal "$1: integrity" "ok ok" "$(python3 -c '
import sqlite3
print(*(sqlite3.connect(name).execute("PRAGMA integrity_check").fetchone()[0] for name in ("a.db", "b.db")))')"
    run 0 downgrade base --all -y
}

"$SKEIN" upgrade head >&- 2>&-
ends "stdout and stderr closed" $?
"$SKEIN" upgrade head <&- >&- 2>&-
ends "all closed" $?
"$SKEIN" upgrade head -v >&- 2>"$SCRATCH/err"
ends "stdout closed" $?
"$SKEIN" upgrade head -v >/dev/full 2>&1
ends "no room for output" $?
"$SKEIN" upgrade head -v 2>&1 | true
ends "a pipe that nobody reads" "${PIPESTATUS[0]}"

# A file that is not whole is told, and is no answer of a command that only reads; what a run did stands.
"$SKEIN" upgrade head >/dev/full 2>"$SCRATCH/full"
ends "a full disk below the report" $?
check_has "the report is not whole" "stdout did not take all" "$SCRATCH/full"
for command in status current history heads "targets --format csv" "history --format json"; do
    # shellcheck disable=SC2086 # words
    "$SKEIN" $command >/dev/full 2>"$SCRATCH/err"
    check_equal "$command on a full disk" 7 $?
    check_equal "$command: one line" 1 "$(wc -l <"$SCRATCH/err")"
done
"$SKEIN" history | true
check_equal "a reader that has seen enough" 0 "${PIPESTATUS[0]}"
"$SKEIN" upgrade base:head --sql -t a >/dev/full 2>"$SCRATCH/err"
check_equal "a script on a full disk" 2 $?
check_equal "told once" 1 "$(grep -c . "$SCRATCH/err")"

# Nothing left is one line.
for command in status current "upgrade head" "downgrade base"; do
    # shellcheck disable=SC2086
    run 0 $command --state partial
    check_equal "$command: one line" "skein: no target is left by the selection; nothing to do" "$(cat "$SCRATCH/out" "$SCRATCH/err")"
done

# A terminal that cannot move its cursor gets no live line and no colours; one that can is asked not to wrap that line.
on_terminal() { # TERM COMMAND…
    TERM=$1 python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' "$SKEIN" "${@:2}" >"$SCRATCH/out" 2>&1 </dev/null
}
{
    echo "tenants:"
    for number in $(seq 400); do
        echo "  - {name: t$number, url: \"sqlite:t$number.db\", create: true}"
    done
} >skein.yaml
on_terminal xterm upgrade head
check_has "a live line" $'\r\033\\[K\033\\[\\?7l[0-9]+ of 400 done.*\033\\[\\?7h' "$SCRATCH/out"
on_terminal dumb downgrade base --all -y
check_has_not "no escapes" $'\033' "$SCRATCH/out"
check_has "the report" "400 succeeded" "$SCRATCH/out"

# The password of a URL on the command line is not there for everybody who may type ps.
mkfifo started go
rm -rf migrations/versions
mkdir -p migrations/versions
cat >skein.yaml <<'YAML'
tenants:
  - {name: a, url: "postgresql://u@127.0.0.1:1/d", password: {command: [sh, -c, "echo >started; cat go"]}}
retry: {attempts: 1}
YAML
"$SKEIN" targets --ping -x "URL=postgresql://u:hunter2@h/d" >"$SCRATCH/out" 2>&1 &
pid=$!
timeout 30 cat started >/dev/null
tr '\0' ' ' <"/proc/$pid/cmdline" >"$SCRATCH/ps"
echo secret | timeout 30 tee go >/dev/null
wait "$pid"
check_has "ps shows skein" "targets --ping" "$SCRATCH/ps"
check_has_not "ps shows no password" "hunter2" "$SCRATCH/ps"
