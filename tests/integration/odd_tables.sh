#!/bin/bash
# Tables that have the names of skein's and not their shape, rows that name nothing, times as a server writes them: on each engine told in one clear way.
. "$ROOT/tests/support/lib.sh"
start_postgresql
start_mariadb
create_databases t_ 4
create_mariadb_databases t_ 4
revision 1.sql <<'SQL'
-- one
-- Revision ID: aaaa00000001
-- Revises:
-- skein:upgrade
CREATE TABLE one (id integer);
-- skein:downgrade
DROP TABLE one;
SQL
{
    echo "rollout: {max_failures: 100%, max_unreachable: 100%}"
    echo "tenants:"
    for number in 1 2 3 4; do
        echo "  - {name: postgresql$number, url: \"postgresql://postgres@127.0.0.1:$PG_PORT/t_00$number\"}"
        echo "  - {name: mariadb$number, url: \"mariadb://root@127.0.0.1:$MARIADB_PORT/t_00$number\"}"
        echo "  - {name: sqlite$number, url: \"sqlite:t_00$number.db\", create: true}"
    done
} >skein.yaml
# everywhere DATABASE SQL: on each engine
everywhere() {
    psql_do "$1" "$2" >/dev/null && mariadb_do "$1" "$2" && sqlite3 "$1.db" "$2" || fail "$2"
}
# each EXPRESSION: of each target t, in the order of skein.yaml
each() {
    json "'|'.join(str($1) for t in d['targets'])"
}

# 1. Somebody else's history table, and version table. The heads could not be read; the hint names the table and what is expected.
everywhere t_001 "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)"
everywhere t_001 "CREATE TABLE skein_history (id integer, note varchar(20))"
everywhere t_002 "CREATE TABLE alembic_version (version varchar(32))"
for command in "upgrade head" "status"; do
    # shellcheck disable=SC2086 # words
    run 1 $command -t '*1' --format json
    check_equal "$command: the history" "missing_object missing_object missing_object" "$(json "' '.join(t['error']['class'] for t in d['targets'])")"
    check_equal "$command: each hint names it" "True" "$(json "str(all('skein_history' in t['error']['hint'] and 'no history of' in t['error']['hint'] and 'seq, revision, direction' in t['error']['hint'] for t in d['targets']))")"
    # shellcheck disable=SC2086
    run 1 $command -t '*2' --format json
    check_equal "$command: the version table" "True" "$(json "str(all('alembic_version' in t['error']['hint'] and 'must have the column version_num' in t['error']['hint'] for t in d['targets']))")"
done
run 1 upgrade head -t '*1' --format json
check_equal "unreachable: the heads could not be read" "unreachable|unreachable|unreachable" "$(each "t['outcome']")"
check_equal "nothing was made" 0 "$(psql_do t_001 "SELECT count(*) FROM pg_tables WHERE tablename = 'one'")"

# 2. Rows that name no revision: shown as what they are, refused by whatever would write, and with the way out.
everywhere t_003 "CREATE TABLE alembic_version (version_num varchar(32))"
everywhere t_003 "INSERT INTO alembic_version VALUES (NULL)"
everywhere t_004 "CREATE TABLE alembic_version (version_num varchar(32))"
everywhere t_004 "INSERT INTO alembic_version VALUES ('')"
run 0 current -t '*3'
check_has "NULL" "\(NULL\) +\(unknown" "$SCRATCH/out"
run 0 current -t '*4'
check_has "empty" "\(empty\) +\(unknown" "$SCRATCH/out"
for command in "upgrade head" "stamp head -y" "plan upgrade head" "downgrade base -y"; do
    # shellcheck disable=SC2086
    run 1 $command -t '*3' --format json
    check_equal "$command: refused" "refused unknown_revision|refused unknown_revision|refused unknown_revision" "$(each "t['outcome'] + ' ' + t['error']['class']")"
    check_equal "$command: the row, and the way out" "True" \
        "$(json "str(all('version_num is NULL' in t['error']['message'] and 'WHERE version_num IS NULL' in t['error']['hint'] for t in d['targets']))")"
done
run 1 upgrade head -t '*4' --format json
check_equal "empty is told, too" "True" "$(json "str(all('version_num is empty' in t['error']['message'] and \"version_num = ''\" in t['error']['hint'] for t in d['targets']))")"
everywhere t_003 "DELETE FROM alembic_version WHERE version_num IS NULL"
everywhere t_004 "DELETE FROM alembic_version WHERE version_num = ''"
run 0 upgrade head -t '*3' -t '*4'

# 3. A copy of the history that has lost its NOT NULL, and a NULL in it: it is that target's error, not the end of skein, and nothing is guessed.
run 0 upgrade head -t '*4'
everywhere t_004 "CREATE TABLE kept AS SELECT NULLIF(seq, -1) AS seq, NULLIF(revision, '') AS revision, NULLIF(direction, '') AS direction,
    NULLIF(state, '') AS state, NULLIF(total, -1) AS total, NULLIF(attempted, -1) AS attempted, NULLIF(done, -1) AS done, checksum, done_checksum,
    applied_checksum, run_id, started_at, finished_at, actor, reason, tag, skein_version FROM skein_history"
for column in revision direction state total attempted "done"; do
    everywhere t_004 "DROP TABLE skein_history"
    everywhere t_004 "CREATE TABLE skein_history AS SELECT * FROM kept"
    everywhere t_004 "UPDATE skein_history SET $column = NULL"
    run 1 downgrade base -y -t '*4' --format json
    check_equal "no $column" "refused corrupt|refused corrupt|refused corrupt" "$(each "t['outcome'] + ' ' + t['error']['class']")"
    check_equal "no $column: the row, and the way out" "True" \
        "$(json "str(all('has no $column' in t['error']['message'] and 'skein_history' in t['error']['hint'] and 'WHERE $column IS NULL' in t['error']['hint'] for t in d['targets']))")"
done
everywhere t_004 "UPDATE skein_history SET state = NULL"
for command in status current "targets --ping"; do
    # shellcheck disable=SC2086
    run 1 $command -t '*4' --format json
    check_equal "$command: nothing is known of it" "unreachable corrupt|unreachable corrupt|unreachable corrupt" "$(each "t['state'] + ' ' + t['error']['class']")"
done
run 1 upgrade head -t '*4' -t '*3' --format json
check_equal "the others go on" "up_to_date up_to_date up_to_date" "$(json "' '.join(t['outcome'] for t in d['targets'] if t['name'].endswith('3'))")"
check_equal "nothing to do is not said either" "refused refused refused" "$(json "' '.join(t['outcome'] for t in d['targets'] if t['name'].endswith('4'))")"
everywhere t_004 "UPDATE skein_history SET state = 'done', done = total"
run 0 upgrade head -t '*4'

# 4. When an open row began, in UTC, whatever the server's time zone.
psql_do postgres "ALTER DATABASE t_003 SET timezone = 'Asia/Kolkata'"
everywhere t_003 "UPDATE skein_history SET state = 'started', finished_at = NULL, started_at = '2026-11-20 10:30:00.5'"
psql_do t_003 "UPDATE skein_history SET started_at = '2026-11-20 10:30:00.5+00'"
sqlite3 t_003.db "UPDATE skein_history SET started_at = '2026-11-20T10:30:00.5Z'"
run 0 current -t '*3' --format json
check_equal "RFC 3339" "2026-11-20T10:30:00.5Z|2026-11-20T10:30:00.500000Z|2026-11-20T10:30:00.5Z" "$(each "t['open']['started_at']")"
