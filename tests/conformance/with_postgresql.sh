#!/bin/bash
# Runs a program beside a throw-away PostgreSQL, and under PG* variables that nobody may obey.
#
# usage: with_postgresql.sh ROOT PROGRAM [ARGUMENT]...     SKEIN_TEST_TLS=on: the server has TLS on
set -eu

root=$1
shift
folder=$(mktemp -d /tmp/skein-pg.XXXXXX)
passwords=$(mktemp /tmp/skein-pgpass.XXXXXX)
PG_STOP="rmdir $folder"
trap 'eval "$PG_STOP" >/dev/null 2>&1; rm -f "$passwords"' EXIT
echo '127.0.0.1:*:*:passfile:fromfile' >"$passwords"
eval "$("$root/scripts/pg-server" start "$folder")"

# The server's certificate, for when a test switches TLS on.
for name in server stranger; do
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=database.example" \
        -keyout "$folder/$name.key" -out "$folder/$name.crt" 2>/dev/null
    chmod 600 "$folder/$name.key"
    chmod 644 "$folder/$name.crt"
    chown --reference="$folder" "$folder/$name.key"
done
PG_STOP="rm -f $folder/server.key $folder/server.crt $folder/stranger.key $folder/stranger.crt; $PG_STOP"
export SKEIN_TEST_PG_CERTIFICATE=$folder/server.crt SKEIN_TEST_PG_KEY=$folder/server.key
export SKEIN_TEST_PG_STRANGER=$folder/stranger.crt
if [ -n "${SKEIN_TEST_TLS-}" ]; then
    "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 "$PG_URL" -o /dev/null \
        -c "ALTER SYSTEM SET ssl_cert_file = '$folder/server.crt'" \
        -c "ALTER SYSTEM SET ssl_key_file = '$folder/server.key'" \
        -c "ALTER SYSTEM SET ssl = on" -c "SELECT pg_reload_conf()"
fi

# shellcheck disable=SC2153 # PG_PORT is pg-server's
export SKEIN_TEST_PG_HOST=127.0.0.1 SKEIN_TEST_PG_PORT=$PG_PORT SKEIN_TEST_PG_SOCKET=$PG_SOCKET
export PGHOST=203.0.113.1 PGHOSTADDR=203.0.113.1 PGPORT=1 PGDATABASE=nowhere PGUSER=nobody
export PGPASSWORD=s3cret-of-the-environment PGOPTIONS='-c work_mem=123kB' PGAPPNAME=elsewhere
export PGSSLMODE=verify-full PGSSLROOTCERT=/nowhere PGSERVICE=nowhere PGCLIENTENCODING=LATIN1
export PGTZ=Asia/Tokyo PGDATESTYLE='German' PGTARGETSESSIONATTRS=standby PGREQUIREPEER=nobody
export PGPASSFILE=$passwords
"$@"
