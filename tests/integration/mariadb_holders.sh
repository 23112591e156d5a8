#!/bin/bash
# MariaDB: who holds a lock that is not had, as far as the server tells it and nothing guessed; `unlock` ends a run that is dead, and nothing else.
. "$ROOT/tests/support/lib.sh"
start_mariadb max_connections=40
create_mariadb_databases t_ 3
mariadb_do "" "CREATE USER migrator@'127.0.0.1' IDENTIFIED BY 'secret'; CREATE USER metabase@localhost; GRANT ALL ON *.* TO metabase@localhost"
for database in t_001 t_002 t_003; do
    mariadb_do "$database" "CREATE TABLE users (id integer PRIMARY KEY, email varchar(20)); INSERT INTO users VALUES (1, ''); GRANT ALL ON $database.* TO migrator@'127.0.0.1'"
done
# configured ABANDONED_AFTER [USER:PASSWORD]
configured() {
    cat >skein.yaml <<YAML
connection: {lock_timeout: 1s, lock_wait: 3s, abandoned_after: $1}
retry: {attempts: 2, initial: 20ms, max: 50ms}
rollout: {max_failures: 100%, max_unreachable: 100%}
tenants:
  - {name: one, url: "mariadb://${2:-root}@127.0.0.1:$MARIADB_PORT/t_001"}
  - {name: two, url: "mariadb://migrator:secret@127.0.0.1:$MARIADB_PORT/t_002"}
  - {name: three, url: "mariadb://root@127.0.0.1:$MARIADB_PORT/t_003"}
YAML
}
configured 60s
revision 1.sql <<'SQL'
-- more room
-- Revision ID: bbbb00000001
-- Revises:
-- skein:upgrade
ALTER TABLE users MODIFY email varchar(30);
-- skein:downgrade
ALTER TABLE users MODIFY email varchar(20);
SQL
# client NAME DATABASE USER
client() {
    session "$1" "$MARIADB_BIN" --no-defaults -N -B -n --comments -u "$3" -S "$MARIADB_SOCKET" "$2"
}
# until_is WHAT EXPECTED QUERY
until_is() {
    until_equal "$1" "$2" mariadb_do "" "$3"
}

# 1. A table's lock, where the server cannot tell: nobody is named, though there is a transaction in this database; what would help is.
client metabase t_001 metabase
tell metabase 'BEGIN;\nSELECT id FROM users;\nSELECT 4710;\n'
until_equal "a transaction is open" "1 4710" paste -sd " " "$SCRATCH/metabase.out"
run 1 upgrade head -t one -t two
check_has "a lock timeout" "1205" "$SCRATCH/out"
check_has "what would let the server tell" "-> who held it, MariaDB tells with its plugin: INSTALL SONAME 'metadata_lock_info'" "$SCRATCH/out"
check_has_not "nobody is named" "held by" "$SCRATCH/out"

# 2. With the plugin: the one that holds this table, not another that holds something else here.
mariadb_do "" "INSTALL SONAME 'metadata_lock_info'"
client bystander t_001 metabase
tell bystander 'CREATE TABLE elsewhere (id integer);\nBEGIN;\nSELECT * FROM elsewhere;\nSELECT 4709;\n'
until_equal "two transactions are open" 4709 cat "$SCRATCH/bystander.out"
holder=$(mariadb_do "" "SELECT thread_id FROM information_schema.metadata_lock_info WHERE table_schema = 't_001' AND table_name = 'users'")
run 1 upgrade head
check_has "names who holds it" "one   held by pid $holder metabase  idle in transaction [0-9.]+m?s$" "$SCRATCH/out"
run 1 upgrade head --format json
check_equal "in JSON" "$holder None metabase idle in transaction None True" \
    "$(json '"{pid} {application} {user} {state} {query} {0}".format(d["targets"][0]["error"]["holder"]["since"].endswith("Z"), **d["targets"][0]["error"]["holder"])')"
check_equal "the others are there" "up_to_date up_to_date" "$(json 'd["targets"][1]["outcome"] + " " + d["targets"][2]["outcome"]')"

# Two tables that the statement names are held: nobody can know for which it waits.
mkdir -p several/versions
cat >several/versions/1.sql <<'SQL'
-- both
-- Revision ID: cccc00000001
-- Revises:
-- skein:upgrade
RENAME TABLE users TO people, elsewhere TO nowhere;
SQL
sed '1i migrations: {directory: several, version_table: several_version, history_table: several_history}' skein.yaml >several.yaml
run 5 -c several.yaml upgrade head -t one
check_has "a lock timeout" "1205" "$SCRATCH/out"
check_has_not "nobody is named" "held by|plugin" "$SCRATCH/out"
tell metabase 'ROLLBACK;\n'
tell bystander 'ROLLBACK;\n'

# 3. A change of rows, shut out; and the role may not see whose session it is.
revision 2.sql <<'SQL'
-- rows
-- Revision ID: bbbb00000002
-- Revises: bbbb00000001
-- skein:upgrade
UPDATE users SET email = 'x' WHERE id = 1;
SQL
client backup t_002 metabase
tell backup 'LOCK TABLES users WRITE;\n'
until_is "the table is shut" 1 "SELECT count(*) FROM information_schema.metadata_lock_info WHERE table_schema = 't_002' AND lock_mode = 'MDL_SHARED_NO_READ_WRITE'"
run 1 upgrade head -t two
check_has "what may not be seen" "two   held by pid [0-9]+ \?  \(its query is not visible to this role\)$" "$SCRATCH/out"
tell backup 'UNLOCK TABLES;\n'

# 4. A row's lock: innodb_lock_waits tells, to who may see it.
client rows t_003 metabase
tell rows 'BEGIN;\nUPDATE users SET id = id;\nSELECT sleep(60);\n'
until_is "the row is held" 1 "SELECT count(*) FROM information_schema.processlist WHERE info = 'SELECT sleep(60)'"
run 1 upgrade head -t three
check_has "who holds the row" "three   held by pid [0-9]+ metabase  running [0-9.]+m?s  SELECT sleep\(60\)$" "$SCRATCH/out"
mariadb_do "" "KILL $(mariadb_do "" "SELECT id FROM information_schema.processlist WHERE info = 'SELECT sleep(60)'")"
until_is "the row is let go" 0 "SELECT count(*) FROM information_schema.processlist WHERE info = 'SELECT sleep(60)'"

# 5. A backup.
run 0 upgrade head
tell backup 'FLUSH TABLES WITH READ LOCK;\nSELECT 4712;\n'
until_equal "all is shut" 4712 cat "$SCRATCH/backup.out"
revision 3.sql <<'SQL'
-- an index
-- Revision ID: bbbb00000003
-- Revises: bbbb00000002
-- skein:upgrade
CREATE INDEX ix_users_email ON users (email);
SQL
run 1 upgrade head -t three --format json
check_equal "who holds all" "metabase idle" "$(json '"{user} {state}".format(**d["targets"][0]["error"]["holder"])')"
tell backup 'UNLOCK TABLES;\n'
run 0 upgrade head

# 6. skein's own lock: a run that works, by its mark; without any plugin or privilege.
mariadb_do "" "UNINSTALL SONAME 'metadata_lock_info'"
revision 4.sql <<'SQL'
-- gate
-- Revision ID: bbbb00000004
-- Revises: bbbb00000003
-- skein:upgrade
DO get_lock('gate', 600), release_lock('gate');
CREATE TABLE passed (id integer);
SQL
client gate t_001 root
tell gate "DO get_lock('gate', 0);\nSELECT 4711;\n"
until_equal "the gate is shut" 4711 cat "$SCRATCH/gate.out"
end_run() {
    [ -z "${RUN:-}" ] || kill -KILL "$RUN"
}
CLEANUP=(end_run "${CLEANUP[@]}")
SKEINS="FROM information_schema.processlist WHERE db = 't_001' AND host LIKE '127.0.0.1%' AND id <> connection_id()"
run 0 unlock -t one
check_has "nobody" "^one   nobody holds the lock$" "$SCRATCH/out"
"$SKEIN" upgrade head -t one >"$SCRATCH/run.out" 2>&1 &
RUN=$!
until_is "the run stands at the gate" 1 "SELECT count(*) $SKEINS AND state = 'User lock'"
run 1 upgrade head -t one --format json
check_equal "blocked, and by whom" "blocked skein_lock skein root active" \
    "$(json '"{0[outcome]} {0[error][class]} {0[error][holder][application]} {0[error][holder][user]} {0[error][holder][state]}".format(d["targets"][0])')"
run 1 unlock -t one -y
check_has "a run that works" "^one   held by pid [0-9]+ skein/root  running [0-9.]+m?s  DO get_lock\('gate', 600\), release_lock\('gate'\)$" "$SCRATCH/out"
check_has "is not ended" "^    not known to be dead: it works" "$SCRATCH/out"
configured 60s migrator:secret
run 1 unlock -t one -y
check_has "not to be seen" "^one   held by pid [0-9]+ skein/\?  \(its query is not visible" "$SCRATCH/out"
configured 60s
check_equal "it is still there" 1 "$(mariadb_do "" "SELECT count(*) $SKEINS")"

# 7. The same run, stopped.
kill -STOP $RUN
tell gate "DO release_lock('gate');\n"
until_is "its server waits for it" Sleep "SELECT command $SKEINS"
run 1 unlock -t one -y
check_has "not silent for long enough" "^    not known to be dead: silent for [0-9.]+m?s, dead after 1m" "$SCRATCH/out"
configured 0
run 1 unlock -t one -y
check_has "nobody is dead" "silent for .*, and abandoned_after is 0" "$SCRATCH/out"
configured 1s
until_is "long enough" 1 "SELECT time_ms > 1000 $SKEINS"
run 0 unlock -t one
check_has "dead" "^    dead: its client has said nothing for [0-9.ms]+ \(abandoned_after: 1" "$SCRATCH/out"
check_equal "it is still there" 1 "$(mariadb_do "" "SELECT count(*) $SKEINS")"
run 0 unlock -t one --yes --format json
check_equal "ended" "ended skein True" "$(json '"{0[lock]} {0[holder][application]} {1}".format(d["targets"][0], d["targets"][0]["quiet_seconds"] > 1)')"
until_is "it is gone" 0 "SELECT count(*) $SKEINS"
# Whoever was taken for dead and wakes up finds its connection lost, and goes on from what stands.
configured 60s
kill -CONT $RUN
wait $RUN
check_equal "the run goes on" 0 $?
RUN=
check_equal "once" 1 "$(mariadb_do t_001 "SELECT count(*) FROM skein_history WHERE revision = 'bbbb00000004' AND state = 'done'")"

# 8. No run of skein's: a script's lock, or somebody's hand.
configured 1s
tell gate "DO get_lock(concat('skein:', left(sha2(lower(database()), 256), 56)), 0);\nSELECT 4713;\n"
until_equal "held by hand" "4711 4713" paste -sd " " "$SCRATCH/gate.out"
until_is "long enough" 1 "SELECT max(time_ms) > 1000 FROM information_schema.processlist WHERE db = 't_001' AND user = 'root' AND host = 'localhost' AND command = 'Sleep'"
run 1 unlock -t one -y
check_has "who" "^one   held by pid [0-9]+ root  idle [0-9.]+m?s$" "$SCRATCH/out"
check_has "is not ended" "^    no run of skein's by its locks: skein does not end it" "$SCRATCH/out"

# 9. Where the server keeps what its sessions call themselves, a run is named.
tell gate "DO release_all_locks();\n"
$MARIADB_STOP
start_mariadb performance_schema=ON
create_mariadb_databases t_ 1
mariadb_do t_001 "CREATE TABLE users (id integer PRIMARY KEY, email varchar(20))"
configured 60s
client gates t_001 root
tell gates "DO get_lock('gate', 0);\nSELECT 4714;\n"
until_equal "the gate is shut" 4714 cat "$SCRATCH/gates.out"
"$SKEIN" upgrade head -t one >"$SCRATCH/run.out" 2>&1 &
RUN=$!
until_is "the run stands at the gate" 1 "SELECT count(*) $SKEINS AND state = 'User lock'"
run 1 unlock -t one -y
check_has "which run" "^one   held by skein run [0-9a-f]{6} of one  pid [0-9]+ root  running [0-9.]+m?s  DO get_lock" "$SCRATCH/out"
tell gates "DO release_lock('gate');\n"
wait $RUN
check_equal "the run ends well" 0 $?
RUN=
