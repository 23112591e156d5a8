#!/bin/bash
# A MariaDB fleet found by discovery: one database with a conflicting table, one that the user may not enter. The others succeed, the two are named, what
# stands half-way is partial with its statement; after mending, the same command touches only those two.   FLEET=200 is the size of scripts/soak.
. "$ROOT/tests/support/lib.sh"
FLEET=${FLEET:-40}
start_mariadb
create_mariadb_databases tenant_ "$FLEET"
mariadb_do "" "CREATE USER migrator@'127.0.0.1' IDENTIFIED BY 'secret-canary-1'"
seq -f "GRANT ALL ON tenant_%03g.* TO migrator@'127.0.0.1';" 1 "$FLEET" | "$MARIADB_BIN" --no-defaults -u root -S "$MARIADB_SOCKET"

revision 1_users.sql <<'SQL'
-- add users
--
-- Revision ID: aaaa00000001
-- Revises:

-- skein:upgrade
CREATE TABLE users (id integer PRIMARY KEY, email varchar(320)) ENGINE=InnoDB;
CREATE INDEX ix_users_email ON users (email);

-- skein:downgrade
DROP TABLE users;
SQL
revision 2_audit.sql <<'SQL'
-- add audit
--
-- Revision ID: aaaa00000002
-- Revises: aaaa00000001

-- skein:upgrade
ALTER TABLE users ADD COLUMN name text;

CREATE TABLE user_audit (id integer PRIMARY KEY) ENGINE=InnoDB;

-- skein:downgrade
DROP TABLE user_audit;
ALTER TABLE users DROP COLUMN name;
SQL
revision 3_rows.sql <<'SQL'
-- two rows, all or nothing
--
-- Revision ID: aaaa00000003
-- Revises: aaaa00000002

-- skein:upgrade mysql
SELECT this_section_is_not_for_mariadb;

-- skein:upgrade mariadb
INSERT INTO users (id, email) VALUES (1, 'a');
INSERT INTO users (id, email) VALUES (2, 'b');

-- skein:downgrade
DELETE FROM users WHERE id IN (1, 2);
SQL
cat >skein.yaml <<YAML
servers:
  my-a: {url: "mariadb://migrator@127.0.0.1:$MARIADB_PORT", password: {env: MY_A_PASSWORD}}
tenants:
  - discover: {server: my-a, databases: "tenant_*"}
    name: "{{database}}"
YAML
export MY_A_PASSWORD=secret-canary-1
count() { # DATABASE TABLE…: how many of the tables are there
    local database=$1
    shift
    mariadb_do "" "SELECT count(*) FROM information_schema.tables WHERE table_schema='$database' AND table_name IN ($(printf "'%s'," "$@" | sed 's/,$//'))"
}
history() { # DATABASE REVISION
    mariadb_do "$1" "SELECT group_concat(concat_ws(' ', direction, state, attempted, done) ORDER BY seq SEPARATOR ', ') FROM skein_history WHERE revision='$2'"
}

mariadb_do tenant_007 "CREATE TABLE user_audit (hand_made text)"
mariadb_do tenant_008 "CREATE TABLE users (id integer PRIMARY KEY, email text) ENGINE=InnoDB; INSERT INTO users (id) VALUES (2)"
mariadb_do "" "REVOKE ALL ON tenant_009.* FROM migrator@'127.0.0.1'"

run 5 upgrade head --keep-going --format json
check_equal "the one that may not be entered is not even found" $((FLEET - 1)) "$(json 'd["counts"]["targets"]')"
check_equal "succeeded" $((FLEET - 3)) "$(json 'd["counts"]["succeeded"]')"
check_equal "the conflict is partial, and named" "tenant_007 duplicate_object 1050 aaaa00000002 2 9" \
    "$(json '" ".join(str(x) for t in d["targets"] if t["outcome"]=="partial" for x in (t["name"], t["error"]["class"], t["error"]["code"], t["error"]["revision"], t["error"]["statement"], t["error"]["line"]))')"
check_equal "a first statement that fails leaves nothing" "tenant_008 1050 aaaa00000001 1" \
    "$(json '" ".join(str(x) for t in d["targets"] if t["outcome"]=="failed" for x in (t["name"], t["error"]["code"], t["error"]["revision"], t["error"]["statement"]))')"
check_equal "a clean edge: one of two stands" "upgrade started 1 1" "$(history tenant_007 aaaa00000002)"
check_equal "no row where nothing stands" "NULL" "$(history tenant_008 aaaa00000001)"
check_equal "the sections of MariaDB" "2" "$(mariadb_do tenant_001 "SELECT count(*) FROM users")"

# Explicit tenants: who may not enter is told.
cat >>skein.yaml <<YAML
  - {name: locked_out, server: my-a, database: tenant_009}
  - {name: not_there, server: my-a, database: tenant_999}
  - {name: wrong, url: "mariadb://migrator:wrong@127.0.0.1:$MARIADB_PORT/tenant_010x"}
  - {name: engine, url: "mysql://root@127.0.0.1:$MARIADB_PORT/tenant_011"}
YAML
run 5 upgrade head --keep-going --format json
check_equal "each has its class" "engine wrong_target None, locked_out privilege 1044, not_there privilege 1044, wrong auth 1045" \
    "$(json '", ".join(sorted(" ".join(str(x) for x in (t["name"], t["error"]["class"], t["error"]["code"])) for t in d["targets"] if t["name"] in ("engine","locked_out","not_there","wrong")))')"

run 5 upgrade head --keep-going
check_has "the report names code and condition" "1050 ER_TABLE_EXISTS_ERROR: Table 'user_audit' already exists" "$SCRATCH/out"
check_has "the report names the line" "2_audit.sql:9 +upgrade, statement 2" "$SCRATCH/out"
check_has "the engine is told" "the URL says mysql, and the server is MariaDB" "$SCRATCH/out"

# Pure changes of rows are one transaction: the second fails, the first does not stand.
mariadb_do tenant_008 "DROP TABLE users; CREATE TABLE users (id integer PRIMARY KEY, email text, name text) ENGINE=InnoDB; INSERT INTO users (id) VALUES (2)"
run 0 stamp aaaa00000002 -t tenant_008
run 1 upgrade head -t tenant_008
check_equal "nothing of the failed unit is left" "2" "$(mariadb_do tenant_008 "SELECT group_concat(id) FROM users")"
check_has "the value is no part of the message" "Duplicate entry '…' for key 'PRIMARY'" "$SCRATCH/out"

# Mended, each goes on where it stands.
mariadb_do tenant_007 "DROP TABLE user_audit"
mariadb_do tenant_008 "DELETE FROM users"
mariadb_do "" "GRANT ALL ON tenant_009.* TO migrator@'127.0.0.1'"
run 0 upgrade head -t 'tenant_*' -t locked_out --format json
check_equal "only those are touched" "locked_out tenant_007 tenant_008" "$(json '" ".join(sorted(t["name"] for t in d["targets"] if t["outcome"]=="succeeded"))')"
check_equal "on at statement 2" "upgrade done 2 2" "$(history tenant_007 aaaa00000002)"

# The history: InnoDB, a primary key, times in UTC.
check_equal "the table" "InnoDB	utf8mb4_bin" "$(mariadb_do "" "SELECT engine, table_collation FROM information_schema.tables WHERE table_schema='tenant_001' AND table_name='skein_history'")"
check_equal "times of the server, in order" "1" "$(mariadb_do tenant_001 "SELECT min(started_at <= finished_at AND abs(timestampdiff(SECOND, finished_at, utc_timestamp(6))) < 600) FROM skein_history")"

# Steps back across the fleet; checks, plan, status.
run 0 downgrade aaaa00000001 -t 'tenant_0[1-3]*' -y --format json
check_equal "two steps each" "True" "$(json 'all([s["revision"] for s in t["steps"]]==["aaaa00000003","aaaa00000002"] for t in d["targets"])')"
run 3 plan upgrade head --check -t 'tenant_*'
check_has "one group" "mariadb +aaaa00000001 -> aaaa00000003" "$SCRATCH/out"
run 0 upgrade head -t 'tenant_*'
run 0 current -t 'tenant_*'
check_has "all at head" "$((FLEET - 2)) targets +aaaa00000003 \(head\)" "$SCRATCH/out"
check_equal "no lock and no session is left" "0" "$(mariadb_do "" "SELECT count(*) FROM information_schema.processlist WHERE user='migrator'")"

# What is read only stays so: a replica takes no changes, and can be looked at.
mariadb_do "" "SET GLOBAL read_only = 1"
run 2 upgrade head --url "mariadb://migrator:secret-canary-1@127.0.0.1:$MARIADB_PORT/tenant_001"
check_has "refused" "read_only: a replica takes no changes" "$SCRATCH/err"
run 0 current -t tenant_001
mariadb_do "" "SET GLOBAL read_only = 0"

# The client's own option file, for what the URL leaves open, unless others may read it.
printf '[mysqld]\npassword=wrong\n[client]\nunknown-option\nuser=migrator\npassword="secret-canary-1" # all\n' >"$HOME/.my.cnf"
chmod 600 "$HOME/.my.cnf"
at=127.0.0.1:$MARIADB_PORT/tenant_001
run 0 current --url "mariadb://$at"
run 0 current --url "mariadb://migrator@$at"
run 1 current --url "mariadb://somebody@$at"
check_has "the password goes to nobody else" "1045" "$SCRATCH/out"
check_has "and is none" "using password: NO" "$SCRATCH/out"
chmod 640 "$HOME/.my.cnf"
run 2 current --url "mariadb://$at"
check_has "refused" "others may read or write the option file $HOME/.my.cnf" "$SCRATCH/err"
check_has "the way out" "-> chmod 600 $HOME/.my.cnf" "$SCRATCH/err"
run 0 current --url "mariadb://migrator:secret-canary-1@$at"
mv "$HOME/.my.cnf" "$HOME/other.cnf"
chmod 600 "$HOME/other.cnf"
run 0 current --url "mariadb://$at?read_default_file=$HOME/other.cnf"
run 2 current --url "mariadb://$at?read_default_file=nowhere.cnf"
check_has "named, and not there" "nowhere.cnf" "$SCRATCH/err"
for file in "$SCRATCH/out" "$SCRATCH/err"; do
    check_has_not "no secret in $file" "secret-canary" "$file"
done
