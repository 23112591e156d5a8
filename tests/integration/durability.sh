#!/bin/bash
# skein never changes durability: the settings are read through a run's own connection and compared with those of a bare client.
. "$ROOT/tests/support/lib.sh"
start_postgresql max_connections=50
create_databases t_ 1
revision 1.sql <<'SQL'
-- settings
-- Revision ID: ffff00000001
-- Revises:
-- skein:upgrade postgresql
CREATE TABLE seen AS SELECT name, setting FROM pg_settings WHERE name IN ('synchronous_commit', 'fsync', 'full_page_writes');
-- skein:upgrade sqlite
CREATE TABLE seen AS SELECT 'synchronous' AS name, synchronous AS setting FROM pragma_synchronous
    UNION ALL SELECT 'journal_mode', journal_mode FROM pragma_journal_mode;
-- skein:downgrade
DROP TABLE seen;
SQL
sqlite3 wal.db "PRAGMA journal_mode=WAL" >/dev/null
sqlite3 plain.db "CREATE TABLE anything (x)"
cat >skein.yaml <<YAML
tenants:
  - {name: pg, url: "postgresql://postgres@127.0.0.1:$PG_PORT/t_001"}
  - {name: wal, url: "sqlite:wal.db"}
  - {name: plain, url: "sqlite:plain.db"}
YAML
run 0 upgrade head
check_equal "PostgreSQL" "$(psql_do t_001 "SELECT name, setting FROM pg_settings WHERE name IN ('synchronous_commit', 'fsync', 'full_page_writes') ORDER BY 1")" \
    "$(psql_do t_001 "SELECT name, setting FROM seen ORDER BY 1")"
for name in wal plain; do
    check_equal "SQLite $name" "journal_mode|$(sqlite3 $name.db "PRAGMA journal_mode")
synchronous|$(sqlite3 $name.db "PRAGMA synchronous")" "$(sqlite3 $name.db "SELECT name, setting FROM seen ORDER BY 1")"
done
