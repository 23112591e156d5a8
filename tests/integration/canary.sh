#!/bin/bash
# A different secret in every place where one can stand. None of them appears in any output, log, error, JSON, history table, application_name,
# command line or environment of a child, or on the debug descriptor: with runs that succeed and that fail, with wrong YAML, with mistakes on the
# command line. Words that are no secret go the same ways and must be found there: else nothing was looked at.
. "$ROOT/tests/support/lib.sh"
: "${KILL_AT:?tests/support/kill_at}"
seen=$SCRATCH/seen
mkdir "$seen"
start_postgresql log_connections=on log_statement=all "log_line_prefix=%a %u " log_min_messages=debug1
start_mariadb log_warnings=9

# A role and a database for each place; the password is the canary of that place.
declare -A canary
: >"$SCRATCH/roles.sql"
for place in in_url text env file command variable fallback whole pgpass service tenant query_url database_url url; do
    canary[$place]=k$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
    cat >>"$SCRATCH/roles.sql" <<SQL
CREATE ROLE $place LOGIN PASSWORD '${canary[$place]}';
CREATE DATABASE $place OWNER $place;
SQL
done
for place in yaml argument tls_key option_file; do # places that are no password of a role of PostgreSQL
    canary[$place]=k$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
done
PGOPTIONS="-c log_statement=none" "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 "$PG_URL" -f "$SCRATCH/roles.sql" >/dev/null || fail roles
mariadb_do "" "CREATE USER option_file@'127.0.0.1' IDENTIFIED BY '${canary[option_file]}'; CREATE DATABASE option_file; GRANT ALL ON option_file.* TO option_file@'127.0.0.1'"
PGOPTIONS="-c log_statement=none" psql_do tenant "CREATE TABLE inventory (name text, url text); GRANT SELECT ON inventory TO tenant;
    INSERT INTO inventory VALUES ('control-inventory', 'postgresql://query_url:${canary[query_url]}@127.0.0.1:$PG_PORT/query_url')"

export ENV_PASSWORD=${canary[env]} URL_PASSWORD=${canary[variable]} FLEET_URL=postgresql://whole:${canary[whole]}@127.0.0.1:$PG_PORT/whole
export PGPASSFILE=$SCRATCH/pgpass PGSERVICEFILE=$SCRATCH/services PLAIN=control-environment HOME=$SCRATCH
umask 077
echo "127.0.0.1:$PG_PORT:*:pgpass:${canary[pgpass]}" >"$PGPASSFILE"
printf '[fleet]\nhost=127.0.0.1\nport=%s\nuser=service\npassword=%s\n' "$PG_PORT" "${canary[service]}" >"$PGSERVICEFILE"
printf '[client]\nno-such-option = x\nuser = option_file\npassword = "%s" # for all\n' "${canary[option_file]}" >"$SCRATCH/my.cnf"
echo "${canary[file]}" >password
printf -- '-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n' "${canary[tls_key]}" >key.pem
echo "${canary[command]}" >for-command
cat >ask <<SH
#!/bin/bash
# What everybody may see of a child and of skein, then the password.
cat /proc/\$\$/cmdline /proc/\$PPID/cmdline >>"$seen/cmdline"
cat /proc/\$\$/environ >>"$seen/environ"
echo x >>"$SCRATCH/calls"
cat for-command
SH
chmod +x ask
revision 1_a.sql <<'SQL'
-- a
--
-- Revision ID: aaaa00000001
-- Revises:

-- skein:upgrade
CREATE TABLE IF NOT EXISTS a (n integer);

-- skein:downgrade
DROP TABLE IF EXISTS a;
SQL
write_fleet() { # PORT
    local at=127.0.0.1:$1
    cat >skein.yaml <<YAML
retry: {attempts: 1}
rollout: {max_failures: 100%, max_unreachable: 100%, same_error: 0}
tenants:
  - {name: in_url, url: "postgresql://in_url:${canary[in_url]}@$at/in_url"}
  - {name: text, url: "postgresql://text@$at/text", password: "${canary[text]}"}
  - {name: env, url: "postgresql://env@$at/env", password: {env: ENV_PASSWORD}}
  - {name: file, url: "postgresql://file@$at/file", password: {file: password}}
  - {name: control-tenant, url: "postgresql://command@$at/command", password: {command: [./ask, control-argument]}}
  - {name: again, url: "postgresql://command@$at/command", schema: public, password: {command: [./ask, control-argument]}}
  - {name: variable, url: "postgresql://variable:\${URL_PASSWORD}@$at/variable"}
  - {name: fallback, url: "postgresql://fallback:\${NOWHERE:-${canary[fallback]}}@$at/fallback"}
  - {name: whole, url: "\${FLEET_URL}"}
  - {name: pgpass, url: "postgresql://pgpass@$at/pgpass"}
  - {name: service, url: "postgresql:///service?service=fleet"}
  - {name: tenant, server: s, database: tenant}
  - {name: option_file, url: "mariadb://127.0.0.1:$MARIADB_PORT/option_file?read_default_file=$SCRATCH/my.cnf"}
  - {discover: {server: s, database: tenant, query: "SELECT name, url FROM inventory"}}
  - {name: key, url: "postgresql://postgres@$at/postgres", connection: {tls: {cert: key.pem, key: key.pem}}}
servers:
  s: {url: "postgresql://tenant@$at", password: "${canary[tenant]}"}
YAML
}
write_fleet "$PG_PORT"

# note ARGUMENTS…: runs skein, keeps all that it says; the exit code is in $code
number=0
note() {
    number=$((number + 1))
    "$SKEIN" "$@" >"$seen/$number.out" 2>"$seen/$number.err" </dev/null
    code=$?
}
note upgrade head -v --reason control-reason
check_equal "every place is good for a password" "0" "$code"
check_equal "equal commands are called once" 1 "$(wc -l <"$SCRATCH/calls")"
everything() { # FORMAT…: what can be asked of a fleet
    for format; do
        note upgrade head --format "$format" -v
        note downgrade base --all -y --format "$format" -v
        note plan upgrade head -v --format "$format"
        note upgrade head --dry-run -v --format "$format"
        note stamp head --all -y --format "$format" --tag control-tag
        note downgrade base --all -y --format "$format"
        note current -v --format "$format"
        note status -v --format "$format"
        note targets --ping -v --format "$format"
        note targets -v --format "$format"
        note validate -v --format "$format"
        note history -i -v --format "$format"
        note resolve --all -y --applied --reason control-reason --format "$format" -v
        note upgrade base:head --sql -t in_url --format "$format"
        note current -t nobody --format "$format"
    done
}
everything text json
"$KILL_AT" count 0 -- "$SKEIN" upgrade head >"$seen/debug" 2>&1
python3 - "$SKEIN" "$seen" >"$seen/descriptor" <<'PY' # what skein itself writes there
import os, socket, subprocess, sys
ours, theirs = socket.socketpair()
skein = subprocess.Popen([sys.argv[1], "downgrade", "base", "--all", "-y"], pass_fds=[theirs.fileno()], stdout=open(sys.argv[2] + "/debug.out", "w"),
                         stderr=open(sys.argv[2] + "/debug.err", "w"), env=dict(os.environ, SKEIN_DEBUG_DESCRIPTOR=str(theirs.fileno())))
theirs.close()
while True:
    text = ours.recv(4096)
    if not text:
        break
    sys.stdout.write(text.decode())
    ours.sendall(b"\n" * text.count(b"\n"))
sys.exit(skein.wait())
PY
code=$?; cp "$seen/debug.out" "$SCRATCH/out"; cp "$seen/debug.err" "$SCRATCH/err"
check_equal "the run with a debug descriptor" 0 "$code"

# One database by URL: on the command line, in the environment; what others see of the command line
mv skein.yaml fleet.yaml
url=postgresql://url:${canary[url]}@127.0.0.1:$PG_PORT/url
for command in "upgrade head -v" "current -v" "status" "plan upgrade head -v" "downgrade base -y" "targets" "upgrade nowhere" "upgrade head -c fleet.yaml"; do
    # shellcheck disable=SC2086 # words
    note $command --url "$url"
    # shellcheck disable=SC2086
    note $command "--url=$url" --format json
    # shellcheck disable=SC2086
    DATABASE_URL=postgresql://database_url:${canary[database_url]}@127.0.0.1:$PG_PORT/database_url note $command
done
coproc SILENT_PEER { exec "${SILENT:?}"; }
read -r silent <&"${SILENT_PEER[0]}"
"$SKEIN" current --url "postgresql://url:${canary[url]}@127.0.0.1:$silent/url?connect_timeout=1" >"$seen/silent.out" 2>"$seen/silent.err" &
reader=$!
for _ in $(seq 1000); do # until it connects: its arguments were read by then
    ss -Htn state established "dport = :$silent" | grep -q . && break
done
cat "/proc/$reader/cmdline" >>"$seen/cmdline"
wait "$reader"
kill "$SILENT_PEER_PID"
mv fleet.yaml skein.yaml

# Runs that fail: another password, nobody there, a wrong database, a statement that fails, files that others can read
sed "s/PASSWORD '.*'/PASSWORD 'another'/; s/^CREATE ROLE/ALTER ROLE/; /^CREATE DATABASE/d" "$SCRATCH/roles.sql" |
    PGOPTIONS="-c log_statement=none" "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 "$PG_URL" -f - >/dev/null || fail roles
everything json
note status
check_has "they do fail" "password authentication failed" "$seen/$number.out"
for url in "$url" "postgresql://url:${canary[url]}@127.0.0.1:1/url" "postgresql://url:${canary[url]}@127.0.0.1:$PG_PORT/nowhere"; do
    mv skein.yaml fleet.yaml
    note upgrade head -v --url "$url"
    DATABASE_URL=$url note upgrade head --format json
    mv fleet.yaml skein.yaml
done
write_fleet 1
note status -v
note upgrade head -v --format json
write_fleet "$PG_PORT"
sed "s/^CREATE ROLE/ALTER ROLE/; /^CREATE DATABASE/d" "$SCRATCH/roles.sql" | PGOPTIONS="-c log_statement=none" "$PG_BIN/psql" -X -q "$PG_URL" -f - >/dev/null || fail roles
sed -i 's/^CREATE TABLE.*/& SELECT control_statement();/' migrations/versions/1_a.sql
note upgrade head -v
note upgrade head --format json -v
for file in password pgpass services my.cnf; do
    [ "$file" = password ] && file=$PWD/password || file=$SCRATCH/$file
    chmod 644 "$file"
    note status -v
    cat "$seen/$number.out" "$seen/$number.err" >"$SCRATCH/open"
    check_has "$file is refused" "others may read or write the (password|service|option) file $file|no password supplied|password file .* has group or world access" "$SCRATCH/open"
    chmod 600 "$file"
done
chmod 644 key.pem
note status -v
chmod 600 key.pem

# Wrong YAML: a secret is in or beside what is complained about
bad=${canary[yaml]}
while IFS= read -r line; do
    cp skein.yaml right.yaml
    printf '%b\n' "${line//SECRET/$bad}" >skein.yaml
    for format in text json; do
        note validate --format "$format" -v
        check_equal "refused: $line" 2 "$code"
        note upgrade head --format "$format" -v
    done
    mv right.yaml skein.yaml
done <<'LINES'
tenants: [{name: a, url: "postgresql://u:SECRET@h:99999/d"}]
tenants: [{name: a, url: "postgresql://u:SEC@SECRET@h/d"}]
tenants: [{name: a, url: "postgresql://u:SECRET/x@h/d"}]
tenants: [{name: a, url: "postgresql://u:SECRET#@h/d"}]
tenants: [{name: a, url: "postgresql://u:SECRET%zz@h/d"}]
tenants: [{name: a, url: "postgresql://u:SECRET ${@h/d"}]
tenants: [{name: a, url: "postgresql://u:SECRET@h/d?nonsense=1"}]
tenants: [{name: a, url: "postgresql://u:SECRET@h/d?password=SECRET"}]
tenants: [{name: a, url: "postgresql://h/d?user=u&password=SECRET"}]
tenants: [{name: a, url: "postgresql://u:SECRET@h,i/d"}]
tenants: [{name: a, url: "http://u:SECRET@h/d"}]
tenants: [{name: a, url: "u:SECRET@h/d"}]
tenants: [{name: a, url: "oracle+SECRET://u@h/d"}]
tenants: [{name: a, url: "postgresql://u:SECRET@h/d", password: "SECRET"}]
tenants: [{name: a, url: "postgresql://u:SECRET@h"}]
tenants: [{name: a, url: ["postgresql://u:SECRET@h/d"]}]
tenants: [{name: a, ulr: "postgresql://u:SECRET@h/d"}]
tenants: [{name: a, url: "postgresql://u@h/d", password: [SECRET]}]
tenants: [{name: a, url: "postgresql://u@h/d", password: {text: SECRET}}]
tenants: [{name: a, url: "postgresql://u@h/d", password: {command: SECRET}}]
tenants: [{name: a, url: "postgresql://u@h/d", password: {env: A, text: "SECRET"}}]
tenants: [{name: a, url: "postgresql://u@h/d", pasword: "SECRET"}]
tenants: [{name: a, url: "postgresql://u@h/d", password: "SECRET", password: "SECRET"}]
tenants: [{name: a, url: "postgresql://u@h/d", password: "SECRET}]
tenants: [{name: a, url: "postgresql://u@h/d", password: *SECRET}]
tenants: [{name: a, url: "postgresql://u@h/d", password: !SECRET x}]
tenants: [{name: a, url: "postgresql://u@h/d", password: &SECRET x}]
tenants: [{name: a, url: "postgresql://u@h/d", password: "\\qSECRET"}]
tenants: [{name: a, url: "postgresql://u@h/d", password: SECRET: x}]
tenants: [{name: a, url: "sqlite:x.db", password: "SECRET"}]
tenants: [{name: a, server: "postgresql://u:SECRET@h/d", database: d}]
tenants: [{name: a, server: s, database: d}]\nservers: {s: "postgresql://u:SECRET@h/d"}
tenants: [{name: a, server: s, database: d}]\nservers: {s: {url: "postgresql://u:SECRET@h:x"}}
tenants: [{name: a, server: s, database: d}]\nservers: {s: {url: "postgresql://u@h", password: {value: SECRET}}}
tenants: [{name: a, server: s, database: d, password: "SECRET"}]\nservers: {s: {url: "postgresql://u@h"}}
tenants: "postgresql://u:SECRET@h/d"
tenants: ["postgresql://u:SECRET@h/d"]
tenants: [{name: a, url: "postgresql://u@h/d"}]\njournal: "postgresql://u:SECRET@h/d"
tenants: [{name: a, url: "postgresql://u@h/d"}]\nscratch: {postgresql: "postgresql://u:SECRET@h/d"}
tenants: [{name: a, url: "postgresql://u@h/d"}]\nconnection: {connect_timeout: "postgresql://u:SECRET@h/d"}
tenants: [{name: a, url: "postgresql://u@h/d"}]\nconnection: {tls: {mode: "postgresql://u:SECRET@h/d"}}
tenants: [{name: a, url: "postgresql://u@h/d"}]\nlimits: {concurrency: "postgresql://u:SECRET@h/d"}
postgresql://u:SECRET@h/d
\tSECRET
LINES

# Mistakes on the command line
stray=postgresql://u:${canary[argument]}@h/d
while IFS= read -r words; do
    # shellcheck disable=SC2086 # words
    note ${words//URL/$stray}
    # shellcheck disable=SC2086
    note ${words//URL/$stray} --format json
    check_equal "refused: $words" 2 "$code"
done <<'LINES'
URL
upgrade URL
upgrade head URL
--ulr=URL upgrade head
--URL upgrade head
-URL
upgrade head -t URL
upgrade head --exclude URL
upgrade head -l URL
upgrade head -l server=URL
upgrade head -c URL
upgrade head --color URL
upgrade head --concurrency URL
upgrade head --max-failures URL
upgrade head --drain-timeout URL
upgrade head --shard URL
upgrade head --limit URL
upgrade head --state URL
upgrade head --allow-changed URL
upgrade head -x URL
upgrade head --tag URL-which-is-much-longer-than-thirty-two-bytes
downgrade URL
stamp URL
show URL
history -r URL
edit URL
merge URL heads
revision --head URL
plan URL head
current --check-heads URL
upgrade head --url http:URL
upgrade head --url=x@URL
upgrade head --url URL/x
upgrade head --url URL?x=1
LINES
note upgrade head --format "$stray"
note upgrade head --url "u:${canary[argument]}@h/d"
SKEIN_CONFIG=$stray note upgrade head

# Where all of it may have gone
cat "$PG_LOG" "$MARIADB_LOG" >"$seen/server.log"
for database in in_url command service query_url; do
    psql_do "$database" "SELECT * FROM skein_history" >>"$seen/history"
    psql_do "$database" "SELECT * FROM alembic_version" >>"$seen/history"
done
find . -path ./migrations -prune -o -type f -newer "$PGPASSFILE" -name '.skein*' -print0 | xargs -0r cat >>"$seen/history"

# The same search finds what is no secret, in each of these places …
found() { # WORD: where it is, as file names
    grep -rlaF -- "$1" "$seen" | sed "s|$seen/||; s|^[0-9]*\\.||" | sort -u | tr '\n' ' '
}
check_has_words() { # WORD PLACE…
    local places
    places=$(found "$1")
    for place in "${@:2}"; do
        CHECKS=$((CHECKS + 1))
        case " $places" in
        *" $place "*) ;;
        *) fail "the search does not find $1 in $place, but in: $places" ;;
        esac
    done
}
check_has_words control-reason history server.log
mariadb_do option_file "SELECT * FROM skein_history; SELECT * FROM alembic_version" >>"$seen/history"
check_has_words control-tenant out server.log descriptor
check_has_words control-inventory out server.log descriptor
check_has_words control-argument cmdline
check_has_words control-environment environ
check_has_words control_statement out server.log
check_has_words nowhere out err
check_has_words xxxxxxxx cmdline
check_equal "a canary that is planted is found" "planted.out " "$(echo "x${canary[env]}x" >"$seen/planted.out" && found "${canary[env]}")"
rm "$seen/planted.out"

# … and of the canaries not even a half of one.
leaks=0
for place in "${!canary[@]}"; do
    for part in "${canary[$place]:0:12}" "${canary[$place]:13}"; do
        CHECKS=$((CHECKS + 1))
        if grep -rnaF -m2 -- "$part" "$seen" >"$SCRATCH/leak"; then
            head -n 5 "$SCRATCH/leak" | cut -c1-300
            echo "the secret of place $place was shown"
            leaks=$((leaks + 1))
        fi
    done
done
check_equal "secrets that were shown" 0 "$leaks"
