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
