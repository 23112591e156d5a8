#!/bin/bash
# Two `upgrade head` at the same moment over the same databases: every step happens exactly once (a witness without a unique key counts), nobody fails for
# it, and the other's lock was met.   ENGINE: postgresql, mariadb.   scripts/soak: FLEET=100 ROUNDS=20.
. "$ROOT/tests/support/lib.sh"
case $ENGINE in
postgresql)
    FLEET=${FLEET:-16}
    ROUNDS=${ROUNDS:-2}
    start_postgresql max_connections=200
    url="postgresql://postgres@127.0.0.1:$PG_PORT"
    gathered="string_agg(what, ' ' ORDER BY what)"
    index="FROM pg_index WHERE indexrelid = 'ix_data_value'::regclass AND indisvalid"
    create() { create_databases t_ "$FLEET"; }
    drop() { seq -f "DROP DATABASE t_%03g WITH (FORCE);" 1 "$FLEET" | "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres postgres; }
    ask() { psql_do "$1" "$2"; }
    ;;
mariadb)
    FLEET=${FLEET:-12}
    ROUNDS=${ROUNDS:-1}
    start_mariadb
    url="mariadb://root@127.0.0.1:$MARIADB_PORT"
    gathered="group_concat(what ORDER BY what SEPARATOR ' ')"
    index="FROM information_schema.statistics WHERE table_schema = database() AND index_name = 'ix_data_value'"
    create() { create_mariadb_databases t_ "$FLEET"; }
    drop() { seq -f "DROP DATABASE t_%03g;" 1 "$FLEET" | "$MARIADB_BIN" --no-defaults -u root -S "$MARIADB_SOCKET"; }
    ask() { mariadb_do "$1" "$2" | tr '\t' '|'; }
    ;;
esac

revision 1_base.sql <<'SQL'
-- base
-- Revision ID: bbbb00000001
-- Revises:
-- skein:upgrade
CREATE TABLE witness (what text);
CREATE TABLE data (id integer, value varchar(20));
-- skein:upgrade postgresql
INSERT INTO data SELECT n, 'v' || n FROM generate_series(1, 50) n;
-- skein:upgrade mariadb
INSERT INTO data SELECT seq, concat('v', seq) FROM seq_1_to_50;
-- skein:upgrade
INSERT INTO witness VALUES ('1');
-- skein:downgrade
DROP TABLE data;
DROP TABLE witness;
SQL
revision 2_slow.sql <<'SQL'
-- slow
-- Revision ID: bbbb00000002
-- Revises: bbbb00000001
-- skein:upgrade postgresql
SELECT pg_sleep(0.05);
-- skein:upgrade mariadb
SELECT sleep(0.05);
-- skein:upgrade
INSERT INTO witness VALUES ('2');
-- skein:downgrade
SELECT 1;
SQL
revision 3_index.sql <<'SQL'
-- index
-- Revision ID: bbbb00000003
-- Revises: bbbb00000002
-- skein:upgrade postgresql transaction=off
CREATE INDEX CONCURRENTLY ix_data_value ON data (value);
-- skein:upgrade mariadb
CREATE INDEX ix_data_value ON data (value);
-- skein:upgrade
INSERT INTO witness VALUES ('3');
-- skein:downgrade postgresql
DROP INDEX ix_data_value;
-- skein:downgrade mariadb
DROP INDEX ix_data_value ON data;
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
  a: {url: "$url"}
tenants:
  - discover: {server: a, databases: "t_*"}
    name: "{{database}}"
YAML

lock_waits() { # lock_waits FILE
    cp "$1" "$SCRATCH/out"
    json 'sum(t["lock_waits"] for t in d["targets"])'
}

# Which run is ahead is chance: where one met the other's lock too seldom there are more rounds.
waits_first=0 waits_second=0 round=0
met() { [ "$waits_first" -ge 3 ] && [ "$waits_second" -ge 3 ]; }
until [ $round -ge "$ROUNDS" ] && { met || [ $round -ge $((ROUNDS + 8)) ]; }; do
    round=$((round + 1))
    create
    two_at_once "round $round" upgrade head --format json
    for n in $(seq -f %03g "$FLEET"); do
        check_equal "round $round: each step once in t_$n" "1 2 3 4|4|bbbb00000004|1" \
            "$(ask "t_$n" "SELECT (SELECT $gathered FROM witness), (SELECT count(*) FROM skein_history WHERE state='done'), (SELECT version_num FROM alembic_version), (SELECT count(*) $index)")"
    done
    waits_first=$((waits_first + $(lock_waits "$SCRATCH/one.json")))
    waits_second=$((waits_second + $(lock_waits "$SCRATCH/two.json")))
    drop
done
echo "lock waits seen: $waits_first and $waits_second"
CHECKS=$((CHECKS + 1))
met || fail "the two runs hardly met: this tested nothing"
