#!/bin/bash
# One database without any skein.yaml: --url and $DATABASE_URL, as people write them for SQLAlchemy and Heroku.
. "$ROOT/tests/support/lib.sh"

secret_free() { # what was printed last has no piece of a password
    check_has_not "no password is shown" "s[3]cret" "$SCRATCH/out"
    check_has_not "no password is shown" "s[3]cret" "$SCRATCH/err"
}

# ---- a project, and what needs no database at all
export DATABASE_URL=sqlite:///data/app.db
run 0 init
check_has "no example fleet hides the database" "No skein.yaml is needed: .DATABASE_URL names" "$SCRATCH/out"
check_equal "the files of the project" "./migrations/revision.sql" "$(find . -type f)"
run 2 init
check_has "once" "migrations already exists" "$SCRATCH/err"
mkdir other && cd other || exit 1
unset DATABASE_URL
run 0 init --format json --url sqlite:x.db
check_equal "the same by --url" 2 "$(json "len(d['created'])")"
check_equal "no skein.yaml" migrations "$(ls)"
cd .. || exit 1
run 0 revision -m "add users" --rev-id abcd00000001
run 0 revision -m "add mail" --rev-id abcd00000002
cat >migrations/versions/abcd00000001_add_users.sql <<'SQL'
-- add users
-- Revision ID: abcd00000001
-- Revises:
-- skein:upgrade
CREATE TABLE users (id integer PRIMARY KEY);
-- skein:downgrade
DROP TABLE users;
SQL
cat >migrations/versions/abcd00000002_add_mail.sql <<'SQL'
-- add mail
-- Revision ID: abcd00000002
-- Revises: abcd00000001
-- skein:upgrade
ALTER TABLE users ADD COLUMN mail varchar(320);
-- skein:downgrade
ALTER TABLE users DROP COLUMN mail;
SQL
for command in heads history "show head" branches; do
    # shellcheck disable=SC2086 # words of a command
    run 0 $command
done
run 0 heads
check_equal "heads" "abcd00000002 (head)" "$(cat "$SCRATCH/out")"
for command in "upgrade head" current status "history -i" targets validate "plan upgrade head"; do
    # shellcheck disable=SC2086
    run 2 $command
    check_has "$command needs one" "no database is named" "$SCRATCH/err"
    check_has "and says how" "DATABASE_URL names one" "$SCRATCH/err"
done
DATABASE_URL='' run 2 upgrade head
check_has "empty is unset" "no database is named" "$SCRATCH/err"

# ---- SQLite, by $DATABASE_URL
export DATABASE_URL=sqlite:///data/app.db
for command in "upgrade head" current "plan upgrade head"; do
    # shellcheck disable=SC2086
    run 1 $command
    check_has "$command: no folder" "data/app.db: its folder does not exist" "$SCRATCH/out"
    check_has "and what to do" "make the folder .*/data: " "$SCRATCH/out"
done
mkdir data
run 0 current
check_equal "base, and reading makes no file" "" "$(cat "$SCRATCH/out")$(ls data)"
run 0 status
check_has "status" "1 behind" "$SCRATCH/out"
run 3 plan upgrade head --check
run 0 targets
check_has "targets" "^app +sqlite +local +data/app.db" "$SCRATCH/out"
run 0 targets --ping
run 0 validate
check_equal "validate" "valid: 2 revisions, 1 target" "$(cat "$SCRATCH/out")"
run 0 upgrade head
check_has "the file is made" "1 succeeded \(2 steps\)" "$SCRATCH/out"
run 0 current
check_equal "current" "abcd00000002 (head)" "$(cat "$SCRATCH/out")"
run 0 history -i
check_has "history -i" "abcd00000002 \(head\) \(current\), add mail" "$SCRATCH/out"
run 0 downgrade -1
run 0 upgrade +1
run 2 upgrade +1
check_has "nothing above" "asks for 1 revision above" "$SCRATCH/err"
run 0 downgrade base
run 0 stamp head
run 0 plan downgrade -1
run 0 current --check-heads
run 0 resolve --applied --reason "nothing is open"
run 0 stamp --purge base
rm -r data

# ---- the same database by every way to write it
mkdir data
here=$PWD
for url in sqlite:data/app.db sqlite:///data/app.db "sqlite:///$here/data/app.db" "sqlite:$here/data/app.db" sqlite+pysqlite:///data/app.db \
    sqlite+aiosqlite:///./data/app.db sqlite:///data%2Fapp.db; do
    run 0 upgrade +1 --url "$url"
    check_equal "$url" "abcd00000001" "$(sqlite3 data/app.db "SELECT version_num FROM alembic_version")"
    run 0 downgrade base --url "$url"
done
check_equal "one file" "app.db" "$(ls data)"
mkdir 'with space'
run 0 upgrade head --url 'sqlite:with%20space/a.db'
check_equal "an escaped space" a.db "$(ls 'with space')"
run 0 upgrade head --url sqlite:other.db # --url before $DATABASE_URL
check_equal "the one that was named" 0 "$(sqlite3 data/app.db "SELECT count(*) FROM alembic_version")"
echo 'tenants: [{name: file, url: "sqlite:fleet.db", create: true}]' >skein.yaml
run 0 upgrade head # skein.yaml before $DATABASE_URL
check_equal "the fleet's" 1 "$(sqlite3 fleet.db "SELECT count(*) FROM alembic_version")"
run 2 upgrade head -c skein.yaml --url sqlite:other.db
rm skein.yaml
unset DATABASE_URL

# ---- URLs that are wrong: one error, where it came from, no password, nothing made
bad() { # bad PATTERN URL
    run 2 upgrade head --url "$2"
    check_has "$2" "^skein: --url: .*$1" "$SCRATCH/err"
    secret_free
    DATABASE_URL=$2 run 2 current
    check_has "$2" "^skein: DATABASE_URL: .*$1" "$SCRATCH/err"
    secret_free
}
bad "no scheme that is known" "localhost/app"
bad "no scheme that is known" "mssql+pyodbc://u:s3cret@h/app"
bad "names no file" "sqlite:///:memory:"
bad "no host to name" "sqlite://data/app.db"
bad "unknown parameter .check_same_thread" "sqlite:///data/app.db?check_same_thread=False"
bad "more than one @" "postgresql://u:s3cret@s3cret@h/app"
bad "@ after the host" "postgresql://u:s3cret/s3cret@h/app"
bad "@ after the host" "postgresql://u:s3cret?s3cret@h/app"
bad "a # that is not escaped" "postgresql://u:s3cret#s3cret@h/app"
bad "a % that no two hex digits follow" "postgresql://u:s3cret%s3cret@h/app"
bad "white space" "postgresql://u:s3cret s3cret@h/app"
bad "port is no number" "postgresql://h:s3cret/app"
bad "not UTF-8" "postgresql://u:s3cret%ff@h/app"
bad "names no database" "postgresql://u:s3cret@h"
bad "names no database" "postgresql://u:s3cret@h/"
bad "sslmode is unknown" "postgresql://u:s3cret@h/app?sslmode=on"
bad "unknown parameter .password" "postgresql://u@h/app?password=s3cret"
check_has "what is allowed for PostgreSQL, and no more" "allowed: host, port, sslmode, .*service$" "$SCRATCH/err"
bad "variable NOBODY_SET is not set" 'postgresql://u:${NOBODY_SET}@h/app'

# A server that is not there: told without the password, also in what to type next.
odd='s3cret%40%2F%3F%23%25%3A%5B%20%22%27%24'
run 1 upgrade head --url "postgresql+psycopg2://u:$odd@127.0.0.1:1/app?connect_timeout=2"
check_has "unreachable" "1 unreachable" "$SCRATCH/out"
check_has "nothing of the URL" "skein upgrade head --url URL" "$SCRATCH/out"
secret_free
run 1 current --format json --url "postgresql+asyncpg://u:$odd@/my%20app?host=$SCRATCH/nowhere&application_name=x"
check_equal "the name of the database" "my app connection" "$(json "d['targets'][0]['database'] + ' ' + d['targets'][0]['error']['class']")"
secret_free
