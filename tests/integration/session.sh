#!/bin/bash
# What a revision finds in its session: role, search_path, settings, timeouts, set again after whatever the revision before did; and edited files.
. "$ROOT/tests/support/lib.sh"
start_postgresql max_connections=50
create_databases t_ 1
psql_do t_001 "CREATE ROLE migrator; CREATE SCHEMA tenant; CREATE SCHEMA extra; CREATE TABLE extra.shared (a int);
    GRANT ALL ON SCHEMA tenant, extra TO migrator; GRANT ALL ON extra.shared TO migrator;
    ALTER DATABASE t_001 SET default_transaction_isolation = 'repeatable read'"

revision 1.sql <<'SQL'
-- one
-- Revision ID: bbbb00000001
-- Revises:
-- Variables: region
-- skein:require session expect=true
SELECT current_user = 'migrator' AND current_setting('work_mem') = '5MB' AND current_setting('search_path') = '"tenant", "extra"'
    AND current_setting('lock_timeout') = '3s' AND current_setting('statement_timeout') = '7s'
    AND current_setting('transaction_isolation') = 'read committed'
-- skein:upgrade
CREATE TABLE seen (what text);
INSERT INTO seen VALUES ({{region|literal}});
SELECT set_config('search_path', '', false);
-- skein:upgrade lock_timeout=1s statement_timeout=9s
INSERT INTO seen SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout');
INSERT INTO shared VALUES (1);
-- skein:upgrade transaction=off
INSERT INTO seen SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout');
CREATE INDEX CONCURRENTLY ix_seen ON seen (what);
-- skein:verify rows expect=true
SELECT count(*) = 3 FROM seen
-- skein:downgrade
DROP TABLE seen;
SQL
cat >skein.yaml <<YAML
tenants:
  - name: one
    url: "postgresql://postgres@127.0.0.1:$PG_PORT/t_001"
    schema: tenant
    vars: {region: "eu'x"}
    connection: {role: migrator, search_path: [extra], session: {work_mem: 5MB}, statement_timeout: 7s, lock_timeout: 3s}
YAML
run 0 upgrade head
check_equal "what was seen" "1s 9s|3s 7s|eu'x" "$(psql_do t_001 "SELECT string_agg(what, '|' ORDER BY what COLLATE \"C\") FROM tenant.seen")"
check_equal "the role owns all" "migrator" "$(psql_do t_001 "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'tenant'")"
check_equal "times of a step" "t" "$(psql_do t_001 "SELECT started_at < finished_at FROM tenant.skein_history")"

# Edited: found where nothing is pending, refused, accepted once.
sed -i 's/what text/what varchar/' migrations/versions/1.sql
run 2 upgrade head
check_has "the edited revision is named" "bbbb00000001" "$SCRATCH/err"
run 0 upgrade head --allow-changed bbbb00000001
run 0 upgrade head
check_equal "accepted by a row" "upgrade accept" "$(psql_do t_001 "SELECT string_agg(direction, ' ' ORDER BY seq) FROM tenant.skein_history")"
sed -i 's/what varchar/what char(20)/' migrations/versions/1.sql
run 0 downgrade base
check_equal "what is taken down need not be accepted" "0" "$(psql_do t_001 "SELECT count(*) FROM tenant.alembic_version")"

# A statement that ends its own session: nothing of the unit is left, and the error names the statement.
rm migrations/versions/*.sql
revision 2.sql <<'SQL'
-- ends its own session
-- Revision ID: bbbb00000002
-- Revises:
-- skein:upgrade
CREATE TABLE kept (id integer);
SELECT 1;

SELECT pg_terminate_backend(pg_backend_pid());
SQL
cat >skein.yaml <<YAML
retry: {attempts: 2, initial: 10ms}
tenants: [{name: two, url: "postgresql://postgres@127.0.0.1:$PG_PORT/t_001"}]
YAML
run 1 upgrade head --format json
check_equal "the place" "failed 57P01 bbbb00000002 8 3" \
    "$(json "' '.join(str(v) for t in d['targets'] for v in [t['outcome'], t['error']['code'], t['error']['revision'], t['error']['line'], t['error']['statement']])")"
check_equal "nothing is left" 0 "$(psql_do t_001 "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'")"
