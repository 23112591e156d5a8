#!/bin/bash
# SQLite: sections outside a transaction, table rebuilds with foreign_keys=off, verify, a half-done revision and resolve.
. "$ROOT/tests/support/lib.sh"
revision 1.sql <<'SQL'
-- parents and children
-- Revision ID: 111100000001
-- Revises:
-- skein:upgrade
CREATE TABLE parent (id integer PRIMARY KEY, name text);
CREATE TABLE child (id integer PRIMARY KEY, parent integer NOT NULL REFERENCES parent (id) ON DELETE CASCADE);
INSERT INTO parent VALUES (1, 'a');
INSERT INTO child VALUES (1, 1);
-- skein:downgrade
DROP TABLE child;
DROP TABLE parent;
SQL
revision 2.sql <<'SQL'
-- rebuild the parent
-- Revision ID: 111100000002
-- Revises: 111100000001
-- skein:upgrade sqlite foreign_keys=off
CREATE TABLE new_parent (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO new_parent SELECT id, name FROM parent;
DROP TABLE parent;
ALTER TABLE new_parent RENAME TO parent;
-- skein:downgrade
SELECT 1;
SQL
cat >skein.yaml <<'YAML'
connection: {session: {foreign_keys: "on"}}
tenants:
  - {name: a, url: "sqlite:a.db", create: true}
YAML
run 0 upgrade head
check_equal "the children survive the rebuild" 1 "$(sqlite3 a.db "SELECT count(*) FROM child")"
check_has "the new shape" "NOT NULL" <(sqlite3 a.db ".schema parent")

revision 3.sql <<'SQL'
-- lose the parents
-- Revision ID: 111100000003
-- Revises: 111100000002
-- skein:upgrade sqlite foreign_keys=off
DELETE FROM parent;
-- skein:downgrade
SELECT 1;
SQL
run 1 upgrade head --format json
check_equal "a new violation fails the step" "failed constraint" "$(json 'd["targets"][0]["outcome"]+" "+d["targets"][0]["error"]["class"]')"
check_equal "and leaves nothing" 1 "$(sqlite3 a.db "SELECT count(*) FROM parent")"
rm migrations/versions/3.sql

revision 3.sql <<'SQL'
-- off and on
-- Revision ID: 111100000003
-- Revises: 111100000002
-- skein:upgrade
CREATE TABLE log (what text);
INSERT INTO log VALUES ('1');
-- skein:upgrade transaction=off
INSERT INTO log VALUES ('2');
VACUUM;
INSERT INTO nowhere VALUES ('3');
INSERT INTO log VALUES ('4');
-- skein:upgrade
INSERT INTO log VALUES ('5');
-- skein:downgrade
DROP TABLE log;
SQL
run 5 upgrade head --format json
check_equal "partial, with the statement" "partial missing_object 5 10" \
    "$(json '" ".join(str(x) for x in (d["targets"][0]["outcome"], d["targets"][0]["error"]["class"], d["targets"][0]["error"]["statement"], d["targets"][0]["error"]["line"]))')"
check_equal "k of n" "started 7 4 4" "$(sqlite3 -separator ' ' a.db "SELECT state, total, attempted, done FROM skein_history ORDER BY seq DESC LIMIT 1")"
run 5 upgrade head
check_has "the report says how far" "plus 4 of 7 statements" "$SCRATCH/out"
run 0 status
check_has "status" "1 partial" "$SCRATCH/out"
run 0 resolve --dry-run
check_has "resolve shows it" "upgrade of 111100000003: 4 of 7" "$SCRATCH/out"
check_has "and what is there" "^    statement 1  CREATE TABLE log \(what text\): table log is there$" "$SCRATCH/out"
check_has "and what nobody can see" "^    statement 4  VACUUM: not known from the catalogue$" "$SCRATCH/out"
run 2 resolve --applied
check_has "a reason is needed" "reason" "$SCRATCH/err"

# The clean edge goes on by itself, if what is done is unchanged.
sed -i "s/VALUES ('1')/VALUES ('one')/" migrations/versions/3.sql
run 5 upgrade head
check_equal "a changed statement waits" 2 "$(sqlite3 a.db "SELECT count(*) FROM log")"
sed -i "s/VALUES ('one')/VALUES ('1')/; s/nowhere/log/" migrations/versions/3.sql
run 0 upgrade head
check_equal "each statement once" "1 2 3 4 5" "$(sqlite3 a.db "SELECT what FROM log" | paste -sd' ')"
check_equal "the row is closed" "done 7 7 7" "$(sqlite3 -separator ' ' a.db "SELECT state, total, attempted, done FROM skein_history ORDER BY seq DESC LIMIT 1")"
check_equal "no lock file is left" "" "$(find . -name '*-skein')"

# A statement of which nobody knows whether it stands: only resolve decides.
run 0 downgrade -1
sqlite3 a.db "CREATE TABLE log (what text); INSERT INTO log VALUES ('1'), ('2')"
sqlite3 a.db "INSERT INTO skein_history (seq, revision, direction, state, total, attempted, done, checksum, done_checksum, applied_checksum, run_id, started_at, actor, skein_version)
    SELECT max(seq) + 1, '111100000003', 'upgrade', 'started', 7, 4, 3, 'x', 'y', (SELECT applied_checksum FROM skein_history ORDER BY seq DESC LIMIT 1), 'dead', '2026-01-01T00:00:00Z', 'x', '0' FROM skein_history"
run 5 upgrade head --format json
check_equal "partial" "partial 4" "$(json 'd["targets"][0]["outcome"]+" "+str(d["targets"][0]["error"]["statement"])')"
run 5 stamp head
run 0 resolve --reverted --reason "dropped by hand"
check_has "the row's file is another" "^    the file was edited since" "$SCRATCH/out"
check_equal "closed as if it had not been" "done 0 0" "$(sqlite3 -separator ' ' a.db "SELECT state, attempted, done FROM skein_history WHERE direction <> 'resolve' ORDER BY seq DESC LIMIT 1")"
sqlite3 a.db "DROP TABLE log"
run 0 upgrade head
check_equal "and done anew" "1 2 3 4 5" "$(sqlite3 a.db "SELECT what FROM log" | paste -sd' ')"
run 0 resolve --applied --reason "again"
check_has "nothing open is up to date" "up to date" "$SCRATCH/out"
