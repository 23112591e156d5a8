#!/bin/bash
# --sql: one database is moved by skein, its twin by the scripts that skein prints, step by step; then both must be equal: schema, data, version
# rows, and history but for run, actor and times. ENGINE is postgresql, sqlite or mariadb.
. "$ROOT/tests/support/lib.sh"

columns="seq, revision, direction, state, total, attempted, done, checksum, done_checksum, applied_checksum, reason, tag, skein_version,
    started_at IS NULL, finished_at IS NULL, run_id IS NULL, actor"
case $ENGINE in
postgresql)
    start_postgresql max_connections=50 fsync=off
    query() { # on|off SQL
        psql_do "t_$1" "$2"
    }
    feed() { # on|off FILE [OPTION]…: its exit code
        local twin=$1 file=$2
        shift 2
        "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres "$@" -d "t_$twin" -f "$file" >"$SCRATCH/feed" 2>&1
    }
    dump() {
        "$PG_BIN/pg_dump" -h 127.0.0.1 -p "$PG_PORT" -U postgres --exclude-table-data='*.skein_history' "t_$1" | grep -vE '^\\(un)?restrict '
    }
    anew() {
        for twin in on off; do
            psql_do postgres "DROP DATABASE IF EXISTS t_$twin" 2>/dev/null
            psql_do postgres "CREATE DATABASE t_$twin TEMPLATE template0"
        done
    }
    url() {
        echo "postgresql://postgres@127.0.0.1:$PG_PORT/t_$1"
    }
    stopped=3
    begin_again='skein: the script begins at'
    ;;
sqlite)
    query() {
        sqlite3 "$1.db" "$2"
    }
    feed() {
        sqlite3 "$1.db" <"$2" >"$SCRATCH/feed" 2>&1
    }
    dump() {
        sqlite3 "$1.db" .dump | grep -v '^INSERT INTO skein_history'
    }
    anew() {
        rm -f on.db off.db
    }
    url() {
        echo "sqlite:$1.db"
    }
    stopped=1
    begin_again='skein: this database stands at other revisions'
    ;;
mariadb)
    start_mariadb
    query() {
        mariadb_do "t_$1" "$2" | tr '\t' '|'
    }
    feed() {
        "$MARIADB_BIN" --no-defaults --comments -u root -h 127.0.0.1 -P "$MARIADB_PORT" "t_$1" <"$2" >"$SCRATCH/feed" 2>&1
    }
    dump() {
        local options=(--no-defaults --skip-comments --skip-dump-date --routines -u root -S "$MARIADB_SOCKET")
        "${MARIADB_BIN}-dump" "${options[@]}" --ignore-table="t_$1.skein_history" "t_$1"
        query "$1" "SELECT column_name, column_type, is_nullable, column_key, collation_name FROM information_schema.columns
            WHERE table_schema = database() AND table_name = 'skein_history' ORDER BY ordinal_position"
    }
    anew() {
        for twin in on off; do
            mariadb_do "" "DROP DATABASE IF EXISTS t_$twin; CREATE DATABASE t_$twin"
        done
    }
    url() {
        echo "mariadb://root@127.0.0.1:$MARIADB_PORT/t_$1"
    }
    stopped=1
    begin_again='skein: the script begins at'
    ;;
esac
half=1 # the exit code where the second of a revision's statements fails
[ "$ENGINE" != mariadb ] || half=5

# project NAME [LINE]: a new folder with fresh twins; LINE goes to both tenants
project() {
    local create=
    mkdir -p "$SCRATCH/$1"
    cd "$SCRATCH/$1" || exit 1
    mkdir -p migrations/versions
    [ "$ENGINE" != sqlite ] || create=", create: true"
    {
        echo "tenants:"
        for twin in on off; do
            echo "  - {name: $twin, url: \"$(url $twin)\"$create${2:+, $2}}"
        done
    } >skein.yaml
    anew
}

history() { # on|off
    query "$1" "SELECT $columns FROM ${SCHEMA:+$SCHEMA.}skein_history ORDER BY seq"
}

compare() { # WHAT
    dump on >"$SCRATCH/dump_on"
    dump off >"$SCRATCH/dump_off"
    diff -u "$SCRATCH/dump_on" "$SCRATCH/dump_off" || fail "$1: the databases differ"
    check_equal "$1: history" "$(history on)" "$(history off)"
}

# script VERB A:B [OPTION]…: prints it for the twin
script() {
    run 0 "$@" --sql -t off
    cp "$SCRATCH/out" "$SCRATCH/script.sql"
}

# step VERB A B [OPTION]…: the one online, its twin by script
step() {
    local verb=$1 from=$2 to=$3
    shift 3
    run 0 "$verb" "$to" -t on "$@"
    script "$verb" "$from:$to" "$@"
    feed off "$SCRATCH/script.sql" || {
        sed 's/^/  feed | /' "$SCRATCH/feed"
        fail "$verb $from:$to: the script failed"
    }
    compare "$verb $from:$to"
    CHECKS=$((CHECKS + 1))
}

up_to_date() {
    run 0 upgrade heads -t off
    check_has "skein finds it up to date" "1 up to date" "$SCRATCH/out"
}

# refused TWIN FILE PATTERN: it stops, and nothing is touched
refused() {
    local code
    dump "$1" >"$SCRATCH/dump_before"
    feed "$1" "$2"
    code=$?
    check_equal "it stops" "$stopped" "$code"
    check_has "it says why" "$3" "$SCRATCH/feed"
    dump "$1" >"$SCRATCH/dump_after"
    diff -u "$SCRATCH/dump_before" "$SCRATCH/dump_after" || fail "something was touched"
}

# ---- one after the other, with checks, empty directions and what needs quotes

project linear
revision 1.sql <<'SQL'
-- one
-- Revision ID: aaaa00000001
-- Revises:
-- skein:require nothing
SELECT 1 WHERE 1 = 0;
-- skein:upgrade
CREATE TABLE data (id integer PRIMARY KEY, name varchar(40) DEFAULT 'it''s; -- "so"');
INSERT INTO data (id) VALUES (1);
-- skein:downgrade
DROP TABLE data;
SQL
revision 2.sql <<'SQL'
-- two; "quoted" \gset :name 'x
-- Revision ID: aaaa00000002
-- Revises: aaaa00000001
-- skein:upgrade
-- skein:downgrade
SQL
revision 3.sql <<'SQL'
-- three
-- Revision ID: aaaa00000003
-- Revises: aaaa00000002
-- skein:upgrade
ALTER TABLE data ADD COLUMN "odd ""name" varchar(80);
UPDATE data SET "odd ""name" = 'a' || ';' /* ; ' */ -- ; '
    || 'b
.tables
\q
/
go
-- not a comment
';
CREATE INDEX ix_name ON data (name);
-- skein:verify there expect=true
SELECT count(*) = 1
    FROM data;
-- skein:downgrade
DROP INDEX ix_name;
ALTER TABLE data DROP COLUMN "odd ""name";
SQL
if [ "$ENGINE" = mariadb ]; then
    revision 3.sql <<'SQL'
-- three
-- Revision ID: aaaa00000003
-- Revises: aaaa00000002
-- skein:upgrade
ALTER TABLE data ADD COLUMN `odd ``"name` varchar(80); # don't; stop
UPDATE data SET `odd ``"name` = concat('a', ';' /* ; ' */, -- ; '
    "b\\\'; \" delimiter ''
source /dev/null
\\q
-- not a comment
/* nor this */"
) # delimiter; '
;
CREATE INDEX ix_name ON data (name) -- "open
;
-- skein:verify there expect=true
SELECT count(*) = 1
    FROM data;
-- skein:downgrade
DROP INDEX ix_name ON data;
ALTER TABLE data DROP COLUMN `odd ``"name`;
SQL
fi
script upgrade base:head
check_has "require is a comment" "^-- require nothing: no row" "$SCRATCH/script.sql"
check_has "verify is a comment" "^--   SELECT count" "$SCRATCH/script.sql"
step upgrade base aaaa00000001 --tag v1 --reason "it's \\ \"new\""
step upgrade aaaa00000001 head --actor "o'neil"
up_to_date
step downgrade head aaaa00000002
step upgrade aaaa00000002 aaaa00000003
step downgrade aaaa00000003 base
step upgrade base head
step stamp head aaaa00000001
step stamp aaaa00000001 base
step stamp base head
step downgrade head base
script upgrade head
check_has "A missing is base" "^-- skein upgrade base:head" "$SCRATCH/script.sql"

# What stands elsewhere is left alone.
feed off "$SCRATCH/script.sql" || fail "the script failed"
refused off "$SCRATCH/script.sql" "$begin_again"
script downgrade aaaa00000002:base
refused off "$SCRATCH/script.sql" "$begin_again"
query off "DELETE FROM alembic_version"
script stamp aaaa00000002:head
refused off "$SCRATCH/script.sql" "$begin_again"
run 0 stamp aaaa00000001 -t off

# A file that was edited after it was applied.
sed -i "s/VALUES (1)/VALUES (2)/" migrations/versions/1.sql
script upgrade aaaa00000001:head
refused off "$SCRATCH/script.sql" "were edited since"
script upgrade aaaa00000001:head --allow-changed aaaa00000001
check_has_not "an edited file that is allowed" "applied_checksum <>" "$SCRATCH/script.sql"

# ---- branches, merges, dependencies; several rows

project branches
for row in "bbbb00000001 - root" "bbbb00000002 bbbb00000001 left" "bbbb00000003 bbbb00000001 right" \
    "bbbb00000004 bbbb00000002,bbbb00000003 merge" "bbbb00000005 bbbb00000004 after" "cccc00000001 - other bbbb00000002"; do
    read -r id down message depends <<<"$row"
    revision "$id.sql" <<SQL
-- $message
-- Revision ID: $id
-- Revises: ${down#-}
${depends:+-- Depends On: $depends}
-- skein:upgrade
CREATE TABLE t_$id (a integer);
-- skein:downgrade
DROP TABLE t_$id;
SQL
done
sed -i '/^$/d' migrations/versions/*.sql
step upgrade base bbbb00000002
step upgrade bbbb00000002 bbbb00000003
step upgrade bbbb00000002,bbbb00000003 bbbb00000004
step upgrade bbbb00000004 heads
up_to_date
step downgrade heads bbbb00000004
step downgrade bbbb00000004,cccc00000001 base
step stamp base bbbb00000002
step stamp bbbb00000002 bbbb00000003
step upgrade bbbb00000003,bbbb00000002 heads
step stamp heads bbbb00000001
run 0 stamp bbbb00000002:bbbb00000003 cccc00000001 --sql -t off
run 2 stamp bbbb00000002:bbbb00000003 bbbb00000001:cccc00000001 --sql -t off
check_has "two begins" 'from "bbbb00000002" and from "bbbb00000001" at once' "$SCRATCH/err"

# ---- transaction: revision

project by_revision
sed -i '1i migrations: {transaction: revision, version_table: "odd ?1 $1 name", history_table: skein_history}' skein.yaml
for number in 1 2 3; do
    revision "$number.sql" <<SQL
-- number $number
-- Revision ID: dddd0000000$number
-- Revises: $([ $number = 1 ] || echo "dddd0000000$((number - 1))")
-- skein:upgrade
CREATE TABLE t$number (a integer);
-- skein:downgrade
DROP TABLE t$number;
SQL
done
step upgrade base head
up_to_date
step downgrade head base
sed -i 's/CREATE TABLE t3/CREATE TABLE t1/' migrations/versions/3.sql
run 1 upgrade head -t on
script upgrade head
feed off "$SCRATCH/script.sql"
check_equal "the third fails" "$stopped" "$?"
compare "two revisions stand"

# ---- a script that fails in the middle: nothing of its unit stands

project fails
revision 1.sql <<'SQL'
-- one
-- Revision ID: eeee00000001
-- Revises:
-- skein:upgrade
CREATE TABLE one (a integer);
-- skein:downgrade
SQL
revision 2.sql <<'SQL'
-- two
-- Revision ID: eeee00000002
-- Revises: eeee00000001
-- skein:upgrade
CREATE TABLE two (a integer);
INSERT INTO nowhere VALUES (1);
CREATE TABLE three (a integer);
-- skein:downgrade
SQL
step upgrade base eeee00000001
run $half upgrade head -t on
script upgrade eeee00000001:head
feed off "$SCRATCH/script.sql"
check_equal "the script fails" "$stopped" "$?"
compare "as before"
query off "INSERT INTO skein_history (seq, revision, direction, state, total, attempted, done) VALUES (9, 'x', 'upgrade', 'started', 2, 1, 0)"
refused off "$SCRATCH/script.sql" "stands half done here"

# ---- outside a transaction

project outside
revision 1.sql <<'SQL'
-- one
-- Revision ID: ffff00000001
-- Revises:
-- skein:upgrade
CREATE TABLE log (a integer);
-- skein:downgrade
DROP TABLE log;
SQL
revision 2.sql <<'SQL'
-- two
-- Revision ID: ffff00000002
-- Revises: ffff00000001
-- skein:upgrade
INSERT INTO log VALUES (1);
-- skein:upgrade transaction=off
INSERT INTO log VALUES (2);
VACUUM;
-- skein:upgrade
INSERT INTO log VALUES (3);
-- skein:downgrade transaction=off
DELETE FROM log;
SQL
revision 3.sql <<'SQL'
-- three
-- Revision ID: ffff00000003
-- Revises: ffff00000002
-- skein:upgrade transaction=off
INSERT INTO log VALUES (4);
INSERT INTO log_ VALUES (5);
INSERT INTO log VALUES (6);
-- skein:downgrade
SQL
revision 4.sql <<'SQL'
-- four
-- Revision ID: ffff00000004
-- Revises: ffff00000003
-- skein:upgrade transaction=off
INSERT INTO log_ VALUES (7);
-- skein:downgrade
SQL
[ "$ENGINE" != mariadb ] || sed -i "s/VACUUM/ALTER TABLE log COMMENT 'seen'/" migrations/versions/2.sql
step upgrade base ffff00000002
step downgrade ffff00000002 ffff00000001
step upgrade ffff00000001 ffff00000002
run 5 upgrade head -t on
script upgrade ffff00000002:head
feed off "$SCRATCH/script.sql"
check_equal "the statement fails" "$stopped" "$?"
check_equal "it is taken back" "ffff00000003|upgrade|started|3|1|1" \
    "$(query off "SELECT revision, direction, state, total, attempted, done FROM skein_history ORDER BY seq DESC LIMIT 1")"
compare "half a revision stands"
refused off "$SCRATCH/script.sql" "stands half done here"
sed -i 's/log_ VALUES (5)/log VALUES (5)/' migrations/versions/3.sql
run 1 upgrade head -t on
run 1 upgrade head -t off
compare "skein goes on where the script stopped"
run 0 downgrade ffff00000003 -t on
script upgrade ffff00000003:head
feed off "$SCRATCH/script.sql"
check_equal "the first statement fails" "$stopped" "$?"
compare "nothing of it stands"

# ---- variables

project variables "vars: {name: \"it's \\\\\\\\ so\", table: 'Odd \" table'}"
revision 1.sql <<'SQL'
-- one
-- Revision ID: abab00000001
-- Revises:
-- Variables: name, table
-- skein:upgrade
CREATE TABLE {{table|ident}} (a varchar(40) DEFAULT {{name|literal}});
INSERT INTO {{table|ident}} VALUES ({{name|literal}}), ('{{1,2},{3,4}}');
-- skein:downgrade
DROP TABLE {{table|ident}};
SQL
step upgrade base head
up_to_date
step downgrade head base
step upgrade base head -x name=$'a\\b:c' -x table=plain
run 2 upgrade head --sql -t nobody
run 0 upgrade head --sql
sed -i 's/\(.*name: off.*\)vars: {name: [^,]*,/\1vars: {name: other,/' skein.yaml
run 2 upgrade head --sql
check_has "they differ" 'the tenants on and off: they differ in the variable "name"' "$SCRATCH/err"
run 0 upgrade head --sql -x name=same
run 0 upgrade head --sql -t on
sed -i 's/vars: {name: other, /vars: {/' skein.yaml
run 2 upgrade head --sql -t off
check_has "no value" 'tenant off has no value for the variable "name"' "$SCRATCH/err"

# ---- what only one engine has

if [ "$ENGINE" = sqlite ]; then
    project rebuild 'connection: {session: {foreign_keys: "on", recursive_triggers: "on"}}'
    revision 1.sql <<'SQL'
-- one
-- Revision ID: 5a5a00000001
-- Revises:
-- skein:upgrade
CREATE TABLE parent (id integer PRIMARY KEY);
CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES parent (id) ON DELETE CASCADE);
INSERT INTO parent VALUES (1), (2);
INSERT INTO child VALUES (1, 1);
CREATE TABLE told (what "text" DEFAULT "double");
CREATE TRIGGER watch AFTER DELETE ON parent BEGIN
    INSERT INTO told (what) VALUES (CASE WHEN old.id = 1 THEN 'one;' ELSE 'more' END);
    SELECT 1;
END;
-- skein:downgrade
SQL
    revision 2.sql <<'SQL'
-- two
-- Revision ID: 5a5a00000002
-- Revises: 5a5a00000001
-- skein:upgrade
INSERT INTO parent VALUES (3);
-- skein:upgrade foreign_keys=off
CREATE TABLE parent_new (id integer PRIMARY KEY, name text);
INSERT INTO parent_new (id) SELECT id FROM parent;
DROP TABLE parent;
ALTER TABLE parent_new RENAME TO parent;
-- skein:upgrade
DELETE FROM parent WHERE id = 2;
-- skein:downgrade
SQL
    revision 3.sql <<'SQL'
-- three
-- Revision ID: 5a5a00000003
-- Revises: 5a5a00000002
-- skein:upgrade foreign_keys=off
DELETE FROM parent WHERE id = 1;
-- skein:downgrade
SQL
    step upgrade base 5a5a00000001
    step upgrade 5a5a00000001 5a5a00000002
    run 1 upgrade head -t on
    script upgrade 5a5a00000002:head
    refused off "$SCRATCH/script.sql" "skein: foreign keys are violated"
    compare "a new violation fails the step"
    sed -i 's/WHERE id = 1/WHERE id = 3/' migrations/versions/3.sql
    sed -i 's/, connection: {[^}]*}}//' skein.yaml
    step upgrade 5a5a00000002 head
    up_to_date

    project shell
    revision 1.sql <<'SQL'
-- one
-- Revision ID: 5b5b00000001
-- Revises:
-- skein:upgrade
CREATE VIEW v AS SELECT 10
/
2 AS
"
go
", '
/
' /* a
go
*/;
-- skein:downgrade
SQL
    run 2 upgrade head --sql -t off
    check_has "a line that ends a statement" "takes a line with nothing but" "$SCRATCH/err"
    check_has "where it is" "1.sql:6" "$SCRATCH/err"
    check_has "and the way out" "join it with the line before" "$SCRATCH/err"
    sed -i '/^CREATE VIEW/{N;s/\n/ /}' migrations/versions/1.sql
    step upgrade base head
elif [ "$ENGINE" = mariadb ]; then
    project bodies 'connection: {lock_timeout: 3s, session: {sort_buffer_size: 262144, time_zone: "+02:00"}}'
    revision 1.sql <<'SQL'
-- what the client would read
-- Revision ID: 5c5c00000001
-- Revises:
-- skein:upgrade
CREATE TABLE parent (id integer PRIMARY KEY, `delimiter` text) ENGINE=InnoDB;
CREATE TABLE told (what varchar(80) DEFAULT '$$ ; \\ ''') ENGINE=InnoDB;
DELIMITER //
CREATE TRIGGER watch AFTER DELETE ON parent FOR EACH ROW
BEGIN
    -- one; it's told $$
    INSERT INTO told (what) VALUES (CASE WHEN old.id = 1 THEN 'one;' ELSE "more\\n" END);
    INSERT INTO told VALUES (); /* the default; */
END //
CREATE PROCEDURE fill(n integer) BEGIN
    DECLARE i integer DEFAULT 0;
    # counts; $1$
    WHILE i < n DO SET i = i + 1; INSERT INTO parent (id) VALUES (i); END WHILE;
END //
DELIMITER ;
CALL fill(3);
DELETE FROM parent WHERE id < 3;
CREATE VIEW seen AS SELECT /* all of; it */ count(*) AS n, '-- "' AS `a;b` FROM told;
CREATE TABLE settings ENGINE=InnoDB AS SELECT @@sql_mode AS mode, @@time_zone AS zone, @@sort_buffer_size AS size, @@lock_wait_timeout AS wait,
    @@tx_isolation AS isolation, @@foreign_key_checks AS checks, @@collation_connection AS collation;
SET SESSION foreign_key_checks = 0, SESSION sql_mode = '', SESSION time_zone = '+05:00';
-- skein:upgrade lock_timeout=7s
INSERT INTO settings SELECT @@sql_mode, @@time_zone, @@sort_buffer_size, @@lock_wait_timeout, @@tx_isolation, @@foreign_key_checks, @@collation_connection;
/*M!100100 CREATE TABLE executable (a integer) */;
-- skein:downgrade
DROP TABLE executable;
DROP VIEW seen;
DROP PROCEDURE fill;
DROP TABLE settings, told, parent;
SQL
    revision 2.sql <<'SQL'
-- settings begin again
-- Revision ID: 5c5c00000002
-- Revises: 5c5c00000001
-- skein:upgrade
INSERT INTO settings SELECT @@sql_mode, @@time_zone, @@sort_buffer_size, @@lock_wait_timeout, @@tx_isolation, @@foreign_key_checks, @@collation_connection;
-- skein:downgrade
SQL
    step upgrade base head
    check_equal "what the trigger told" "1 1 2" "$(query off "SELECT concat_ws(' ', sum(what = 'one;'), sum(what = concat('more', char(92), 'n')),
        sum(what = concat('\$\$ ; ', char(92), ' ', char(39)))) FROM told")"
    check_equal "settings of each step and section" "3 2 3 7" "$(query off "SELECT concat_ws(' ', count(*), count(DISTINCT zone), min(wait), max(wait)) FROM settings")"
    up_to_date
    step downgrade head 5c5c00000001
    step downgrade 5c5c00000001 base

    # where it does not belong, or is not fed as it must be
    script upgrade head
    refused on "$SCRATCH/script.sql" "the script is for the database t_off, this is t_on"
    "$MARIADB_BIN" --no-defaults -u root -S "$MARIADB_SOCKET" t_off <"$SCRATCH/script.sql" >"$SCRATCH/feed" 2>&1
    check_equal "without --comments" 1 "$?"
    check_has "it says so" "run it with mariadb --comments" "$SCRATCH/feed"
    "$MARIADB_BIN" --no-defaults --comments -u root -S "$MARIADB_SOCKET" <"$SCRATCH/script.sql" >"$SCRATCH/feed" 2>&1
    check_has "without a database" "no database is chosen" "$SCRATCH/feed"
    mariadb_do "" "SET GLOBAL read_only = 1"
    refused off "$SCRATCH/script.sql" "this server is read_only"
    mariadb_do "" "SET GLOBAL read_only = 0"
    mkfifo "$SCRATCH/hold"
    "$MARIADB_BIN" --no-defaults -n -N -u root -S "$MARIADB_SOCKET" t_off <"$SCRATCH/hold" >"$SCRATCH/held" 2>&1 &
    holder=$!
    exec 9>"$SCRATCH/hold"
    echo "SELECT get_lock(concat('skein:', left(sha2('t_off', 256), 56)), 0);" >&9
    until_true "it is held" test -s "$SCRATCH/held"
    refused off "$SCRATCH/script.sql" "another skein is at work here"
    exec 9>&-
    wait "$holder"
    feed off "$SCRATCH/script.sql" || fail "the lock is free again"

    # a definition fails in the middle: skein goes on where the script stopped, as it does online
    project middle
    revision 1.sql <<'SQL'
-- one
-- Revision ID: 5d5d00000001
-- Revises:
-- skein:upgrade
CREATE TABLE one (a integer) ENGINE=InnoDB;
INSERT INTO one VALUES (1);
ALTER TABLE nowhere ADD COLUMN b integer;
CREATE TABLE two (a integer) ENGINE=InnoDB;
-- skein:downgrade
DROP TABLE two, one;
SQL
    run 5 upgrade head -t on
    script upgrade head
    feed off "$SCRATCH/script.sql"
    check_equal "the definition fails" "$stopped" "$?"
    check_has "it says why" "nowhere' doesn't exist" "$SCRATCH/feed"
    compare "two statements stand"
    sed -i 's/nowhere/one/' migrations/versions/1.sql
    run 0 upgrade head -t on
    run 0 upgrade head -t off
    compare "skein goes on where the script stopped"
    up_to_date

    # what no block may hold stays announced: a person looks
    revision 2.sql <<'SQL'
-- two
-- Revision ID: 5d5d00000002
-- Revises: 5d5d00000001
-- skein:upgrade
CREATE TRIGGER t BEFORE INSERT ON nowhere FOR EACH ROW SET @a = 1;
-- skein:downgrade
SQL
    script upgrade 5d5d00000001:head
    feed off "$SCRATCH/script.sql"
    check_equal "the trigger fails" "$stopped" "$?"
    check_equal "announced" "5d5d00000002|started|1|0" "$(query off "SELECT revision, state, attempted, done FROM skein_history ORDER BY seq DESC LIMIT 1")"
    run 5 upgrade head -t off
    check_has "the way out" "skein resolve" "$SCRATCH/out"

    # another database: a script for one tenant comes back, one for several is none
    project elsewhere
    mariadb_do "" "CREATE DATABASE elsewhere"
    revision 1.sql <<'SQL'
-- one
-- Revision ID: 5f5f00000001
-- Revises:
-- skein:require empty
SELECT 1 FROM dual WHERE false;
-- skein:upgrade
USE elsewhere;
CREATE TABLE IF NOT EXISTS there (a varchar(40)) ENGINE=InnoDB;
INSERT INTO there VALUES ('a;b');
-- skein:downgrade
SQL
    revision 2.sql <<'SQL'
-- two
-- Revision ID: 5f5f00000002
-- Revises: 5f5f00000001
-- skein:upgrade
CREATE TABLE here (a integer) ENGINE=InnoDB;
-- skein:downgrade
SQL
    step upgrade base head
    check_equal "here" 1 "$(query off "SELECT count(*) FROM information_schema.tables WHERE table_schema = 't_off' AND table_name = 'here'")"
    run 2 upgrade head --sql
    check_has "for several" "1.sql:7.*cannot come back" "$SCRATCH/err"

    # what the client would take for its own
    project client
    for text in "SELECT 1 AS delimiter" "CREATE TABLE t (Delimiter_ integer)" "/* x */ system ls" 'SELECT \! ls'; do
        printf '%s\n' "-- one" "-- Revision ID: 5e5e00000001" "-- Revises:" "-- skein:upgrade" "SELECT 1;" "$text;" "-- skein:downgrade" >migrations/versions/1.sql
        run 2 upgrade head --sql -t off
        check_has "refused: $text" "the mariadb client takes" "$SCRATCH/err"
        check_has "where it is" "1.sql:6" "$SCRATCH/err"
    done
else
    project psql
    awk 'BEGIN {
        print "-- long\n-- Revision ID: 5c5c00000000\n-- Revises:\n-- skein:upgrade"
        printf "CREATE TABLE long AS SELECT $$"
        for (i = 0; i < 300000; i++) printf "long %d;", i
        print "$$::text AS a;\n-- skein:downgrade\nDROP TABLE long;"
    }' >migrations/versions/0.sql
    revision 1.sql <<'SQL'
-- what psql would read
-- Revision ID: 5c5c00000001
-- Revises: 5c5c00000000
-- skein:upgrade
CREATE TABLE list (n integer, "USER" integer, a integer[], b integer[], t text);
INSERT INTO list VALUES (2, 3, '{1,2,3,4,5}');
UPDATE list SET b = a[1:n] || a[n:"USER"] || a[:n]||a['1':'2']||a[1::int:n::int];
UPDATE list SET t = 'a:n :''n'' :"n" :{?n} \n' || $q$:n \n :'n' \q$q$ || E'\\ \'' || U&'d\0061t'
    -- :n \q
    || /* :n \q /* :'n' */ */ '\';
CREATE FUNCTION f(n integer DEFAULT 1) RETURNS integer LANGUAGE plpgsql AS $body$
DECLARE x integer := 2;
BEGIN
    x := n;
    -- \q :n
    RETURN x;
END $body$;
CREATE FUNCTION g(n integer) RETURNS integer[] LANGUAGE sql BEGIN ATOMIC SELECT a[1:n] FROM list; SELECT CASE WHEN n = 1 THEN a[:n] END FROM list; END;
CREATE RULE r AS ON DELETE TO list DO INSTEAD (SELECT 1; SELECT 2);
CREATE TABLE "a:b" (":n" integer CHECK (":n" > 1), CHECK (":n" <> ALL ('{1,2}'::integer[])));
SELECT set_config('search_path', '', false);
-- skein:upgrade
CREATE TABLE found (a integer);
-- skein:downgrade
DROP TABLE found, "a:b";
DROP FUNCTION f(integer);
DROP FUNCTION g(integer);
DROP TABLE list;
SQL
    step upgrade base head
    check_equal "slices" "{1,2,2,3,1,2,1,2,1,2}" "$(query off "SELECT b FROM list")"
    up_to_date
    step downgrade head base
    # whatever the user has set
    script upgrade base:head
    run 0 upgrade head -t on
    PSQLRC=$SCRATCH/psqlrc
    export PSQLRC
    printf '%s\n' '\set n 4' '\set USER 1' '\set AUTOCOMMIT off' '\set SINGLELINE on' '\set ON_ERROR_ROLLBACK on' '\set skein_path x' >"$PSQLRC"
    PGCLIENTENCODING=LATIN1 "$PG_BIN/psql" -q -h 127.0.0.1 -p "$PG_PORT" -U postgres -v q=1 -d t_off -f "$SCRATCH/script.sql" >"$SCRATCH/feed" 2>&1 ||
        fail "with settings of the user's: $(cat "$SCRATCH/feed")"
    compare "with settings of the user's"
    refused on "$SCRATCH/script.sql" "the script is for the database t_off, this is t_on"

    psql_do postgres "ALTER DATABASE t_off SET standard_conforming_strings = off"
    refused off "$SCRATCH/script.sql" "standard_conforming_strings is off"

    # what cannot run in a transaction
    project concurrently
    revision 1.sql <<'SQL'
-- one
-- Revision ID: 5d5d00000001
-- Revises:
-- skein:upgrade
CREATE TABLE data (id integer, value integer);
INSERT INTO data VALUES (1, 1), (2, 1);
-- skein:upgrade transaction=off lock_timeout=2s statement_timeout=10s
CREATE INDEX CONCURRENTLY ix_id ON data (id);
-- skein:upgrade
CREATE TABLE seen AS SELECT current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement;
-- skein:downgrade transaction=off
DROP INDEX CONCURRENTLY ix_id;
-- skein:downgrade
DROP TABLE data, seen;
SQL
    revision 2.sql <<'SQL'
-- two
-- Revision ID: 5d5d00000002
-- Revises: 5d5d00000001
-- skein:upgrade transaction=off
CREATE UNIQUE INDEX CONCURRENTLY ix_value ON data (value);
-- skein:downgrade
SQL
    step upgrade base 5d5d00000001
    step downgrade 5d5d00000001 base
    step upgrade base 5d5d00000001
    run 5 upgrade head -t on
    script upgrade 5d5d00000001:head
    feed off "$SCRATCH/script.sql"
    check_equal "the index cannot be built" "$stopped" "$?"
    compare "what it left is for a person"
    run 5 upgrade head -t off

    psql_do postgres "CREATE ROLE owner"

    # a schema each, a role, a search_path, settings; another skein's lock
    SCHEMA=tenant
    project schema 'schema: tenant, connection: {role: owner, search_path: [shared, "Odd, name"], session: {work_mem: 5MB}}'
    for twin in on off; do
        query $twin "CREATE SCHEMA tenant; CREATE SCHEMA shared; CREATE SCHEMA \"Odd, name\"; GRANT ALL ON SCHEMA tenant, shared TO owner;
            CREATE TABLE shared.alembic_version (version_num varchar(64)); INSERT INTO shared.alembic_version VALUES ('not mine')"
    done
    revision 1.sql <<'SQL'
-- one
-- Revision ID: 5e5e00000001
-- Revises:
-- skein:upgrade
CREATE TABLE data AS SELECT current_setting('search_path') AS path, current_setting('work_mem') AS memory, current_user AS who;
-- skein:downgrade
DROP TABLE data;
SQL
    step upgrade base head
    up_to_date
    check_equal "in its schema" 'tenant, shared, "Odd, name"' "$(query off "SELECT replace(path, '\"tenant\", \"shared\"', 'tenant, shared') FROM tenant.data")"
    step downgrade head base
    script upgrade head
    query off "ALTER SCHEMA tenant RENAME TO gone"
    SCHEMA=gone refused off "$SCRATCH/script.sql" "no such schema here"
    query off "ALTER SCHEMA gone RENAME TO tenant"
    mkfifo "$SCRATCH/hold"
    "$PG_BIN/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U postgres -d t_off <"$SCRATCH/hold" >"$SCRATCH/held" 2>&1 &
    exec 9>"$SCRATCH/hold"
    printf '%s' 'SELECT pg_advisory_lock((' "'x'" '||left(encode(sha256(convert_to(' "'skein:tenant'" ',' "'UTF8'" ')),' "'hex'" '),16))::bit(64)::bigint);' >&9
    echo >&9
    until_equal "it is held" 1 query off "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    refused off "$SCRATCH/script.sql" "another skein is at work here"
    exec 9>&-
    wait
    sed -i '/name: off/s/schema: tenant/schema: other/' skein.yaml
    run 2 upgrade head --sql
    check_has "they differ" 'on and off: they differ in schema, "tenant" and "other"' "$SCRATCH/err"
    unset SCHEMA

    # a role that may not create anything, where nothing is to be created
    project rights 'connection: {role: owner}'
    revision 1.sql <<'SQL'
-- one
-- Revision ID: 5f5f00000001
-- Revises:
-- skein:upgrade
INSERT INTO data VALUES (1);
-- skein:downgrade
DELETE FROM data;
SQL
    for twin in on off; do
        query $twin "CREATE TABLE data (a integer); GRANT ALL ON SCHEMA public TO owner"
    done
    step stamp base head
    step stamp head base
    for twin in on off; do
        query $twin "REVOKE ALL ON SCHEMA public FROM owner, PUBLIC; GRANT USAGE ON SCHEMA public TO owner; GRANT ALL ON ALL TABLES IN SCHEMA public TO owner"
    done
    step upgrade base head
    check_has_not "nothing to say" "NOTICE" "$SCRATCH/feed"

    # tables that are not in the first schema of the search_path
    project second 'connection: {search_path: [first, second]}'
    for twin in on off; do
        query $twin "CREATE SCHEMA first; CREATE SCHEMA second; CREATE TABLE second.alembic_version (version_num varchar(32) PRIMARY KEY)"
    done
    cp ../schema/migrations/versions/1.sql migrations/versions/
    SCHEMA=second step upgrade base head
    up_to_date
fi

# ---- stamp over whatever is there

project purge
cp ../linear/migrations/versions/*.sql migrations/versions/
step upgrade base aaaa00000001
query on "INSERT INTO alembic_version VALUES ('junk')"
query off "INSERT INTO alembic_version VALUES ('junk')"
run 0 stamp head --purge -t on
run 0 stamp head --purge --sql -t off
cp "$SCRATCH/out" "$SCRATCH/script.sql"
feed off "$SCRATCH/script.sql" || fail "purge"
compare "purge"
run 2 stamp base --purge --sql -t off
run 2 stamp aaaa00000001:head --purge --sql -t off

# A script that serves many asks for no database's name.
run 0 upgrade head --sql
anew
feed on "$SCRATCH/out" || fail "a script for both"
feed off "$SCRATCH/out" || fail "a script for both"
compare "a script for both"
