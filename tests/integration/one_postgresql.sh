#!/bin/bash
# One PostgreSQL database without any skein.yaml, by the URLs that applications have, with a password that is hard to write.
. "$ROOT/tests/support/lib.sh"
start_postgresql ssl=off
create_databases t_ 1
psql_do postgres "CREATE DATABASE \"my app\" TEMPLATE template0"
password="s3cret@/?#%:[ \"'\$&+=\\"
psql_do postgres "CREATE ROLE app LOGIN PASSWORD '${password//\'/\'\'}'"
psql_do t_001 "GRANT ALL ON SCHEMA public TO app"
psql_do "my app" "GRANT ALL ON SCHEMA public TO app"
escaped=$(/usr/bin/python3 -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.argv[1], safe=""))' "$password")
quoted_plus=$(/usr/bin/python3 -c 'import sys, urllib.parse; print(urllib.parse.quote_plus(sys.argv[1]).replace("+", "%20"))' "$password")

revision 1.sql <<'SQL'
-- add users
-- Revision ID: abcd00000001
-- Revises:
-- skein:upgrade
CREATE TABLE users (id integer PRIMARY KEY);
-- skein:downgrade
DROP TABLE users;
SQL
secret_free() {
    check_has_not "no password is shown" "s[3]cret" "$SCRATCH/out"
    check_has_not "no password is shown" "s[3]cret" "$SCRATCH/err"
}
address=127.0.0.1:$PG_PORT

# Every command, by $DATABASE_URL.
export DATABASE_URL="postgresql://app:$escaped@$address/t_001"
run 0 current
check_equal "base" "" "$(cat "$SCRATCH/out")"
run 0 validate
run 0 targets --ping
check_has "targets" "^t_001 +postgresql +127.0.0.1:$PG_PORT +t_001 +ok" "$SCRATCH/out"
secret_free
run 0 upgrade head --tag one
run 0 current
check_equal "current" "abcd00000001 (head)" "$(cat "$SCRATCH/out")"
run 0 status --format json
secret_free
run 0 history -i
check_has "history -i" "abcd00000001 \(head\) \(current\)" "$SCRATCH/out"
run 3 plan downgrade -1 --check
run 0 downgrade -1
run 0 stamp head
run 0 resolve --applied --reason "nothing is open"
run 0 stamp base
check_equal "written by the role of the URL" "app" "$(psql_do t_001 "SELECT tableowner FROM pg_tables WHERE tablename = 'alembic_version'")"
unset DATABASE_URL

# Every way to write it.
for url in "postgres://app:$escaped@$address/t_001" "postgresql+psycopg2://app:$escaped@$address/t_001?sslmode=prefer" \
    "postgresql+psycopg://app:$quoted_plus@$address/t_001?connect_timeout=5&application_name=migrate" \
    "postgresql+asyncpg://app:$escaped@/t_001?host=127.0.0.1&port=$PG_PORT" \
    "postgresql://postgres@/t_001?host=$PG_SOCKET&port=$PG_PORT" \
    "postgresql://app:$escaped@$address/t_001?options=-c%20statement_timeout%3D60000"; do
    run 0 upgrade head --url "$url"
    check_has "one step" "1 succeeded \(1 step\)" "$SCRATCH/out"
    secret_free
    run 0 downgrade -1 --url "$url"
done
export DB_PASSWORD=$password
run 0 upgrade head --url "postgresql://app:\${DB_PASSWORD}@$address/t_001" # a variable's value needs no escaping
run 0 upgrade head --url "postgresql://app:$escaped@$address/my%20app"
check_equal "a name with a space" abcd00000001 "$(psql_do "my app" "SELECT version_num FROM alembic_version")"
run 1 current --url "postgresql://app@$address/t_001"
check_has "no password" "auth: .*no password supplied" "$SCRATCH/out"
(umask 077 && printf '127.0.0.1:%s:t_001:app:%s\n' "$PG_PORT" "$(printf '%s' "$password" | sed 's/[\\:]/\\&/g')" >pgpass)
PGPASSFILE=$PWD/pgpass run 0 current --url "postgresql://app@$address/t_001"

# What fails is told without it.
for url in "postgresql://app:s3cret@$address/t_001" "postgresql://app:$escaped@$address/nowhere" \
    "postgresql://app:$escaped@$address/t_001?sslmode=require"; do
    run 1 upgrade head --url "$url" -v
    check_has "unreachable" "1 unreachable" "$SCRATCH/out"
    secret_free
    run 1 status --format json --url "$url" -v
    secret_free
done

# A history that is longer than what is read of it at first, its last row behind all others.
url="postgresql://postgres@$address/my%20app"
psql_do "my app" "INSERT INTO skein_history SELECT h.* FROM skein_history h, generate_series(1, 100);
    UPDATE skein_history SET applied_checksum = repeat('0', 32);
    INSERT INTO skein_history (seq, revision, direction, state, total, attempted, done, checksum, applied_checksum, started_at, finished_at)
        SELECT 2, revision, direction, state, total, attempted, done, checksum, '$(psql_do "my app" "SELECT applied_checksum FROM skein_history")', now(), now()
        FROM skein_history LIMIT 1"
run 0 upgrade head --url "$url"
check_has "the last row was seen" "1 up to date" "$SCRATCH/out"
psql_do "my app" "UPDATE skein_history SET state = 'started', finished_at = NULL WHERE seq = 2"
run 5 upgrade head --url "$url"
check_has "the open row was seen" "1 partial" "$SCRATCH/out"
