#!/bin/bash
# What a revision leaves in its session does not reach the next one, what a database sets for itself does not change what is stored, and
# what somebody put before pg_catalog is not called.
. "$ROOT/tests/support/lib.sh"
start_postgresql max_connections=50
create_databases t_ 2
psql_do t_001 "CREATE ROLE app; GRANT ALL ON SCHEMA public TO app; ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO app; ALTER DATABASE t_001 SET standard_conforming_strings = off"

# As a pg_dump does, and worse.
revision 1.sql <<'SQL'
-- dump
-- Revision ID: bbbb00000001
-- Revises:
-- skein:upgrade
SET statement_timeout = 0;
SET lock_timeout = 0;
SET client_encoding = 'LATIN1';
SELECT pg_catalog.set_config('search_path', '', false);
GRANT ALL ON ALL TABLES IN SCHEMA public TO app;
SET ROLE app;
SQL
revision 2.sql <<'SQL'
-- seen
-- Revision ID: bbbb00000002
-- Revises: bbbb00000001
-- skein:upgrade
CREATE TABLE seen AS SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout') || ' ' || current_user
    || ' ' || length('ü') || ' ' || length('\') || ' ' || current_schema AS what;
-- skein:upgrade transaction=off
SET lock_timeout = '2s';
SET ROLE app;
CREATE TABLE within AS SELECT current_setting('lock_timeout') || ' ' || current_user AS what;
-- skein:upgrade transaction=off lock_timeout=4s
CREATE TABLE after AS SELECT current_setting('lock_timeout') || ' ' || current_user AS what;
SQL
cat >skein.yaml <<YAML
connection: {lock_timeout: 3s, statement_timeout: 7s}
tenants:
  - {name: one, url: "postgresql://postgres@127.0.0.1:$PG_PORT/t_001"}
YAML
run 0 upgrade head
check_equal "nothing was left behind" "3s 7s postgres 1 1 public" "$(psql_do t_001 "SELECT what FROM seen")"
check_equal "within a section it stays, also outside a transaction" "2s app" "$(psql_do t_001 "SELECT what FROM within")"
check_equal "after it no more" "4s postgres" "$(psql_do t_001 "SELECT what FROM after")"

# A schema that comes before pg_catalog: its functions would run with the rights of skein's role, and let two runs in at once.
psql_do t_002 "CREATE SCHEMA evil; CREATE TABLE evil.called (what text); ALTER DATABASE t_002 SET search_path = evil, public, pg_catalog"
for function in "set_config(text, text, boolean) RETURNS text" "pg_try_advisory_lock(bigint) RETURNS boolean" "clock_timestamp() RETURNS timestamptz" \
    "to_regclass(text) RETURNS regclass" "current_setting(text) RETURNS text"; do
    name=${function%%(*}
    psql_do t_002 "CREATE FUNCTION evil.$function LANGUAGE plpgsql AS \$\$ BEGIN INSERT INTO evil.called VALUES ('$name'); RETURN NULL; END \$\$"
done
sed -i 's/t_001/t_002/' skein.yaml
rm migrations/versions/2.sql
sed -i '/GRANT\|ROLE/d' migrations/versions/1.sql
run 0 upgrade head
check_equal "nothing of it was called" "" "$(psql_do t_002 "SELECT DISTINCT what FROM evil.called")"
