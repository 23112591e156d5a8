#!/bin/bash
# Databases that take no changes: a streaming replica, and one closed by a default. Reading works, whatever
# would write is refused before it begins, and says why.
. "$ROOT/tests/support/lib.sh"
start_postgresql
create_databases t_ 2

revision 1.sql <<'SQL'
-- one
-- Revision ID: eeee00000001
-- Revises:
-- skein:upgrade
CREATE TABLE one (id integer);
-- skein:require nothing_in_the_way
SELECT 1 WHERE false;
-- skein:downgrade
DROP TABLE one;
SQL
on() { # PORT DATABASE: sets DATABASE_URL
    export DATABASE_URL="postgresql://postgres@127.0.0.1:$1/$2"
}
refused() { # WORDS: of a fleet of one, by each command that writes
    local words=$1 command
    for command in "upgrade head" "downgrade base" "stamp head" "stamp --purge base"; do
        # shellcheck disable=SC2086 # words of a command
        run 2 $command
        check_has "$command is refused" "$words" "$SCRATCH/err"
    done
    run 2 upgrade head --format json
    check_equal "its class" read_only "$(json "d['error']['class']")"
}

# A replica that streams: what the primary does is read there.
start_replica
on "$REPLICA_PORT" t_001
refused "the server is a replica: it takes no changes"
check_has "and the way out" "give the primary's address" "$SCRATCH/out"
run 0 plan upgrade head
check_has "a plan can be made there" 'eeee00000001' "$SCRATCH/out"
run 3 plan upgrade head --check
on "$PG_PORT" t_001
run 0 upgrade head --tag v1
replica_follows
on "$REPLICA_PORT" t_001
run 0 current
check_equal "current" "eeee00000001 (head)" "$(cat "$SCRATCH/out")"
run 0 current --check-heads
run 0 status
check_has "status" "1 head" "$SCRATCH/out"
run 0 targets --ping
check_has "targets --ping" " ok$" "$SCRATCH/out"
run 0 plan upgrade head --check
run 0 plan downgrade base
check_has "with the step down" 'eeee00000001' "$SCRATCH/out"
run 0 history -i
check_has "history" "eeee00000001 \(head\) \(current" "$SCRATCH/out"
run 0 resolve --applied --reason none --dry-run
mv migrations/versions/1.sql .
run 0 status
check_has "a row that no file has, from the replica's history" "unknown: .*last upgraded .*, tag v1\)" "$SCRATCH/out"
mv 1.sql migrations/versions/
unset DATABASE_URL

# In a fleet the others go on.
cat >skein.yaml <<YAML
tenants:
  - {name: behind, url: "postgresql://postgres@127.0.0.1:$REPLICA_PORT/t_002"}
  - {name: file, url: "sqlite:one.db", create: true}
YAML
run 1 upgrade head --format json
check_equal "one is refused, the other succeeds" "refused read_only succeeded None" \
    "$(json "' '.join(t['outcome'] + ' ' + str((t['error'] or {}).get('class')) for t in d['targets'])")"
check_equal "nothing came to the primary" 0 "$(psql_do t_002 "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")"
rm skein.yaml

# Closed by a default of the database: not written to behind its owner's back.
psql_do t_002 "ALTER DATABASE t_002 SET default_transaction_read_only = on"
on "$PG_PORT" t_002
refused "the database takes no changes from this role: default_transaction_read_only is on"
check_has "and the way out" "ALTER DATABASE .*t_002.* RESET default_transaction_read_only" "$SCRATCH/out"
for command in current status "plan upgrade head" "targets --ping" "history -i"; do
    # shellcheck disable=SC2086 # words of a command
    run 0 $command
done
check_equal "nothing was made" 0 "$(PGOPTIONS='' psql_do t_002 "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")"

# Who says otherwise for a tenant or in the URL gets it, also outside a transaction.
revision 2.sql <<'SQL'
-- two
-- Revision ID: eeee00000002
-- Revises: eeee00000001
-- skein:upgrade postgresql transaction=off
CREATE INDEX CONCURRENTLY one_id ON one (id);
-- skein:upgrade sqlite
CREATE INDEX one_id ON one (id);
-- skein:downgrade
DROP INDEX one_id;
SQL
export DATABASE_URL="postgresql://postgres@127.0.0.1:$PG_PORT/t_002?options=-c%20default_transaction_read_only%3Doff"
run 0 upgrade head
unset DATABASE_URL
cat >skein.yaml <<YAML
tenants:
  - name: open
    url: "postgresql://postgres@127.0.0.1:$PG_PORT/t_002"
    connection: {session: {default_transaction_read_only: "off"}}
YAML
run 0 downgrade base
run 0 upgrade head
check_has "both steps" "1 succeeded \(2 steps\)" "$SCRATCH/out"
