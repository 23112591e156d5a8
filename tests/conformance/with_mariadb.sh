#!/bin/bash
# Runs a program beside a throw-away MariaDB, and under variables of the client library that nobody may obey.
#
# usage: with_mariadb.sh ROOT PROGRAM [ARGUMENT]...     SKEIN_TEST_TLS=on: the server has TLS on
set -eu

root=$1
shift
folder=$(mktemp -d /tmp/skein-mariadb.XXXXXX)
certificates=$(mktemp -d /tmp/skein-mariadb-tls.XXXXXX)
MARIADB_STOP="rmdir $folder"
trap 'eval "$MARIADB_STOP" >/dev/null 2>&1; rm -rf "$certificates"' EXIT

settings=()
if [ -n "${SKEIN_TEST_TLS-}" ]; then
    for name in server stranger; do
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost" \
            -keyout "$certificates/$name.key" -out "$certificates/$name.crt" 2>/dev/null
    done
    chmod 755 "$certificates"
    chmod 644 "$certificates"/*
    settings=("ssl-cert=$certificates/server.crt" "ssl-key=$certificates/server.key")
fi
eval "$("$root/scripts/mariadb-server" start "$folder" "${settings[@]}")"

# shellcheck disable=SC2153 # MARIADB_PORT is mariadb-server's
export SKEIN_TEST_MARIADB_HOST=127.0.0.1 SKEIN_TEST_MARIADB_PORT=$MARIADB_PORT SKEIN_TEST_MARIADB_SOCKET=$MARIADB_SOCKET
export SKEIN_TEST_MARIADB_CERTIFICATES=$certificates
export MYSQL_HOST=203.0.113.1 MYSQL_TCP_PORT=1 MYSQL_UNIX_PORT=/nowhere MYSQL_PWD=s3cret-of-the-environment
"$@"
