# shellcheck shell=bash
# A PgBouncer before the PostgreSQL of lib.sh. To be read behind it.
as_owner() {
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

# start_pgbouncer [NAME=VALUE]…: sets POOLER_PORT, POOLER_LOG
start_pgbouncer() {
    local folder setting attempt
    folder=$(mktemp -d /tmp/skein-pooler.XXXXXX)
    POOLER_PORT=$(shuf -i 20000-32000 -n 1)
    while ss -Hltn "sport = :$POOLER_PORT" | grep -q .; do POOLER_PORT=$((POOLER_PORT + 1)); done
    printf '"postgres" ""\n"app" ""\n' >"$folder/users"
    {
        printf '[databases]\n* = host=127.0.0.1 port=%s\n[pgbouncer]\n' "$PG_PORT"
        printf 'listen_addr = 127.0.0.1\nlisten_port = %s\nunix_socket_dir =\nauth_type = trust\nauth_file = %s/users\n' "$POOLER_PORT" "$folder"
        printf 'admin_users = postgres\nlogfile = %s/log\npidfile = %s/pid\n' "$folder" "$folder"
        for setting; do echo "$setting"; done
    } >"$folder/pgbouncer.ini"
    chmod -R go+rX "$folder"
    [ "$(id -u)" != 0 ] || chown -R postgres "$folder"
    # shellcheck disable=SC2034 # for who reads this
    POOLER_LOG=$folder/log
    CLEANUP+=("stop_pgbouncer $folder")
    as_owner "$(command -v pgbouncer || echo /usr/sbin/pgbouncer)" -q -d "$folder/pgbouncer.ini" || fail "no PgBouncer"
    for attempt in $(seq 500); do
        "$PG_BIN/psql" -X -q "host=127.0.0.1 port=$POOLER_PORT user=postgres dbname=pgbouncer" -c 'SHOW VERSION' >/dev/null 2>&1 && return
    done
    cat "$folder/log"
    fail "PgBouncer does not answer after $attempt attempts"
}

stop_pgbouncer() {
    local pid
    pid=$(cat "$1/pid")
    kill -INT "$pid" && timeout 10 tail --pid="$pid" -f /dev/null
    rm -rf "$1"
}

# through DATABASE SQL [USER]: as another client of the pooler
through() {
    "$PG_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$POOLER_PORT" -U "${3-postgres}" -d "$1" -c "$2"
}
