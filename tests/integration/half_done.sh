#!/bin/bash
# Statements outside a transaction that fail: what stands is named, what left nothing is forgotten, and `resolve` settles the rest. And a rebuilt table in SQLite.
. "$ROOT/tests/support/lib.sh"
start_postgresql max_connections=50
create_databases t_ 4

revision 1.sql <<'SQL'
-- one
-- Revision ID: aaaa00000001
-- Revises:
-- skein:upgrade
CREATE TABLE data (id integer, value integer);
INSERT INTO data VALUES (1, 1), (2, 1);
-- skein:downgrade
DROP TABLE data;
SQL
revision 2.sql <<'SQL'
-- two
-- Revision ID: aaaa00000002
-- Revises: aaaa00000001
-- skein:upgrade transaction=off
CREATE INDEX CONCURRENTLY ix_id ON data (id);
CREATE UNIQUE INDEX CONCURRENTLY ix_value ON data (value);
-- skein:downgrade
DROP INDEX ix_id, ix_value;
SQL
for number in 1 2 3 4; do
    [ "$number" != 1 ] || echo "tenants:"
    echo "  - {name: t$number, url: \"postgresql://postgres@127.0.0.1:$PG_PORT/t_00$number\"}"
done >skein.yaml
history() { # DATABASE
    psql_do "$1" "SELECT string_agg(direction || ' ' || state || ' ' || attempted || ' ' || done, ', ' ORDER BY seq)
        FROM skein_history WHERE revision = 'aaaa00000002'"
}
heads() {
    psql_do "$1" "SELECT string_agg(version_num, ' ') FROM alembic_version"
}

run 0 upgrade aaaa00000001
run 5 upgrade head -t 't[1-3]' --keep-going
check_has "what to type is what goes on there" "^  skein resolve .* of 3 partial" "$SCRATCH/out"
check_has_not "not what does nothing there" "^  skein upgrade" "$SCRATCH/out"
check_has "the index is named" "ix_value is left behind and is not valid" "$SCRATCH/out"
check_equal "one statement stands" "upgrade started 2 1" "$(history t_001)"
run 5 downgrade aaaa00000001 -t t1
check_equal "nobody else goes on" "upgrade started 2 1" "$(history t_001)"

# A person looks, and says what is true.
run 0 resolve --dry-run -t t1
check_has "what stands" "^    statement 1  CREATE INDEX CONCURRENTLY ix_id ON data \(id\): index ix_id on data is there$" "$SCRATCH/out"
check_has "what only seems to" "^    statement 2  CREATE UNIQUE INDEX .*: index ix_value on data is there, and not valid$" "$SCRATCH/out"
run 0 resolve --dry-run -t t1 --format json
check_equal "in JSON" "True False" "$(json '"{there} {valid}".format(**d["targets"][0]["open"]["statements"][1]["objects"][0])')"
psql_do t_001 "DROP INDEX ix_value; UPDATE data SET value = id"
run 0 resolve --done-to 1 --reason "the index was dropped" -t t1
run 0 upgrade head -t t1
check_equal "it goes on at statement 2" "upgrade done 2 2, resolve done 0 0" "$(history t_001)"
psql_do t_002 "DROP INDEX ix_value; UPDATE data SET value = id; CREATE UNIQUE INDEX ix_value ON data (value)"
run 0 resolve --applied --reason "built by hand" -t t2
check_equal "applied" "aaaa00000002" "$(heads t_002)"
psql_do t_003 "DROP INDEX ix_value; DROP INDEX ix_id; UPDATE data SET value = id"
run 0 resolve --reverted --reason "taken back by hand" -t t3
check_equal "reverted" "aaaa00000001" "$(heads t_003)"
run 0 upgrade head -t t3
check_equal "and done again" "aaaa00000002" "$(heads t_003)"

# An error that leaves nothing: the row goes, the target is as it was.
revision 2.sql <<'SQL'
-- two
-- Revision ID: aaaa00000002
-- Revises: aaaa00000001
-- skein:upgrade transaction=off
VACUUM nothing_there;
-- skein:downgrade
SQL
run 1 upgrade head -t t4
check_has "failed" "1 failed +42P01" "$SCRATCH/out"
check_equal "no row" "" "$(history t_004)"

# SQLite: a table is rebuilt with foreign keys off; a new violation fails the step.
mkdir -p lite/versions
cat >lite/versions/1.sql <<'SQL'
-- one
-- Revision ID: cccc00000001
-- Revises:
-- skein:upgrade
CREATE TABLE parent (id integer PRIMARY KEY);
CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES parent (id));
INSERT INTO parent VALUES (1);
INSERT INTO child VALUES (1, 1);
SQL
cat >lite/versions/2.sql <<'SQL'
-- two
-- Revision ID: cccc00000002
-- Revises: cccc00000001
-- skein:upgrade foreign_keys=off
CREATE TABLE parent_new (id integer PRIMARY KEY, name text);
INSERT INTO parent_new (id) SELECT id FROM parent;
DROP TABLE parent;
ALTER TABLE parent_new RENAME TO parent;
-- skein:upgrade
INSERT INTO parent (id) VALUES (2);
SQL
cat >lite/versions/3.sql <<'SQL'
-- three
-- Revision ID: cccc00000003
-- Revises: cccc00000002
-- skein:upgrade foreign_keys=off
DELETE FROM parent WHERE id = 1;
SQL
cat >lite.yaml <<YAML
migrations: {directory: lite}
tenants: [{name: lite, url: "sqlite:lite.db", create: true, connection: {session: {foreign_keys: "on"}}}]
YAML
run 0 -c lite.yaml upgrade cccc00000002
run 1 -c lite.yaml upgrade head
check_has "the violation" 'foreign keys of "child" are violated' "$SCRATCH/out"
check_equal "nothing of it stands" "cccc00000002|2" "$(sqlite3 lite.db "SELECT version_num, (SELECT count(*) FROM parent) FROM alembic_version")"
