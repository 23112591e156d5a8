#!/bin/bash
# Two `upgrade head` at the same moment over the same databases: every step happens exactly once (a witness without a unique key counts), nobody fails for
# it, and both were seen waiting for the other's lock.   scripts/soak: FLEET=100 ROUNDS=20.
. "$ROOT/tests/support/lib.sh"
FLEET=${FLEET:-16}
ROUNDS=${ROUNDS:-2}
start_postgresql max_connections=200

revision 1_base.sql <<'SQL'
-- base
-- Revision ID: bbbb00000001
-- Revises:
-- skein:upgrade
CREATE TABLE witness (what text);
CREATE TABLE data (id integer, value text);
INSERT INTO data SELECT n, 'v' || n FROM generate_series(1, 50) n;
INSERT INTO witness VALUES ('1');
-- skein:downgrade
DROP TABLE data;
DROP TABLE witness;
SQL
revision 2_slow.sql <<'SQL'
-- slow
-- Revision ID: bbbb00000002
-- Revises: bbbb00000001
-- skein:upgrade
SELECT pg_sleep(0.05);
INSERT INTO witness VALUES ('2');
-- skein:downgrade
SELECT 1;
SQL
revision 3_index.sql <<'SQL'
-- index
-- Revision ID: bbbb00000003
-- Revises: bbbb00000002
-- skein:upgrade transaction=off
CREATE INDEX CONCURRENTLY ix_data_value ON data (value);
-- skein:upgrade
INSERT INTO witness VALUES ('3');
-- skein:downgrade
DROP INDEX ix_data_value;
SQL
revision 4_last.sql <<'SQL'
-- last
-- Revision ID: bbbb00000004
-- Revises: bbbb00000003
-- skein:upgrade
ALTER TABLE data ADD COLUMN extra integer;
INSERT INTO witness VALUES ('4');
-- skein:downgrade
ALTER TABLE data DROP COLUMN extra;
SQL
cat >skein.yaml <<YAML
servers:
  a: {url: "postgresql://postgres@127.0.0.1:$PG_PORT"}
tenants:
  - discover: {server: a, databases: "t_*"}
    name: "{{database}}"
YAML

waits_first=0 waits_second=0
for round in $(seq "$ROUNDS"); do
    create_databases t_ "$FLEET"
    "$SKEIN" upgrade head --format json >"$SCRATCH/one.json" 2>"$SCRATCH/one.err" &
    first=$!
    "$SKEIN" upgrade head --format json >"$SCRATCH/two.json" 2>"$SCRATCH/two.err" &
    second=$!
    wait $first
    check_equal "round $round: exit of the first" 0 $?
    wait $second
    check_equal "round $round: exit of the second" 0 $?
    for n in $(seq -f %03g "$FLEET"); do
        check_equal "round $round: each step once in t_$n" "1 2 3 4|4|bbbb00000004|t" \
            "$(psql_do "t_$n" "SELECT (SELECT string_agg(what, ' ' ORDER BY what) FROM witness), (SELECT count(*) FROM skein_history WHERE state='done'), (SELECT version_num FROM alembic_version), (SELECT indisvalid FROM pg_index WHERE indexrelid='ix_data_value'::regclass)")"
    done
    cp "$SCRATCH/one.json" "$SCRATCH/out"
    waits_first=$((waits_first + $(json 'sum(t["lock_waits"] for t in d["targets"])')))
    cp "$SCRATCH/two.json" "$SCRATCH/out"
    waits_second=$((waits_second + $(json 'sum(t["lock_waits"] for t in d["targets"])')))
    seq -f "DROP DATABASE t_%03g WITH (FORCE);" 1 "$FLEET" | "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres postgres
done
echo "lock waits seen: $waits_first and $waits_second"
CHECKS=$((CHECKS + 1))
if [ "$waits_first" -lt 3 ] || [ "$waits_second" -lt 3 ]; then
    fail "the two runs hardly met: this tested nothing"
fi
