#!/bin/bash
# import alembic, against real Alembic: 50 revisions for PostgreSQL and SQLite with a branch, a merge, a root of its own, dependencies and what
# people write. The imported files lead an empty database to the schema, data and rows that Alembic leaves, go on from where Alembic had left a
# database, and go back as Alembic does; with --baseline too.
. "$ROOT/tests/support/lib.sh"
start_postgresql
project=("/usr/bin/python3" "$ROOT/tests/support/alembic_project.py")
check_equal "revisions" 50 "$("${project[@]}" make "$SCRATCH/alembic" "$PG_URL")"
folder=$SCRATCH/alembic

# What Alembic itself does, meanwhile.
"${project[@]}" states "$folder" postgresql "$PG_URL" 7 >"$SCRATCH/states" 2>"$SCRATCH/states.err" &
postgresql=$!
"${project[@]}" states "$folder" sqlite - 7 >/dev/null 2>"$SCRATCH/sqlite.err" &
sqlite=$!

run 0 import alembic -c "$folder/alembic.ini" --engine postgresql --engine sqlite
check_has "how many" "^imported 50 revisions into migrations/versions for postgresql, sqlite$" "$SCRATCH/out"
check_has_not "nothing is left to do" "not finished" "$SCRATCH/out"
check_equal "no copy of alembic.ini is left" "alembic alembic.ini states" "$(cd "$folder" && echo *)"
check_equal "nor a hidden one" 0 "$(find "$folder" -name '.skein*' | wc -l)"
wait $postgresql || fail "Alembic on PostgreSQL: $(tail -3 "$SCRATCH/states.err")"
wait $sqlite || fail "Alembic on SQLite: $(tail -3 "$SCRATCH/sqlite.err")"
mapfile -t states <"$SCRATCH/states"
check_equal "states" 7 "${#states[@]}"

# fleet PREFIX STATE…: skein.yaml of copies of Alembic's states, and an empty target on each engine
fleet() {
    local prefix=$1 state
    shift
    echo "migrations: {directory: $directory}" >skein.yaml
    echo "tenants:" >>skein.yaml
    mkdir -p "$prefix"
    for state in "$@"; do
        if [ "$state" = empty ]; then
            psql_do postgres "CREATE DATABASE ${prefix}_empty TEMPLATE template0" || fail "database"
        else
            psql_do postgres "CREATE DATABASE ${prefix}_$state TEMPLATE $state" || fail "database"
            cp "$folder/states/$state.db" "$prefix/$state.db"
        fi
        cat >>skein.yaml <<YAML
  - {name: pg_$state, url: "postgresql://postgres@127.0.0.1:$PG_PORT/${prefix}_$state"}
  - {name: lite_$state, url: "sqlite:$prefix/$state.db", create: true}
YAML
    done
}

# What stands: schema (offline, Alembic writes blanks for tabs, and SQLite keeps the text) and data without the two tables of versions, then the rows.
dump_postgresql() {
    "$PG_BIN/pg_dump" -h 127.0.0.1 -p "$PG_PORT" -U postgres --inserts -T skein_history -T alembic_version "$1" |
        sed -E "s/'20[0-9]{2}-[0-9-]+ [0-9:.]+'/NOW/; /^\\\\(un)?restrict /d" | sort
    psql_do "$1" "SELECT version_num FROM alembic_version ORDER BY 1"
}
dump_sqlite() {
    cp "$1" "$SCRATCH/copy.db"
    sqlite3 "$SCRATCH/copy.db" "DROP TABLE IF EXISTS skein_history; DROP TABLE alembic_version"
    sqlite3 "$SCRATCH/copy.db" .dump | sed -E "s/\t/    /g; s/'20[0-9]{2}-[0-9-]+ [0-9:.]+'/NOW/" | sort
    sqlite3 "$1" "SELECT version_num FROM alembic_version ORDER BY 1"
}

# same STATE PREFIX TARGET…: each is as Alembic's state
same() {
    local state=$1 prefix=$2 target
    shift 2
    dump_postgresql "$state" >"$SCRATCH/expected.pg"
    dump_sqlite "$folder/states/$state.db" >"$SCRATCH/expected.lite"
    for target in "$@"; do
        dump_postgresql "${prefix}_$target" >"$SCRATCH/actual"
        check_equal "pg_$target as $state" "" "$(diff "$SCRATCH/expected.pg" "$SCRATCH/actual" | head -20)"
        dump_sqlite "$prefix/$target.db" >"$SCRATCH/actual"
        check_equal "lite_$target as $state" "" "$(diff "$SCRATCH/expected.lite" "$SCRATCH/actual" | head -20)"
    done
}

directory=migrations
fleet first empty "${states[@]}"
run 0 validate
check_has "all are valid" "^valid: 50 revisions, 16 targets" "$SCRATCH/out"
run 0 heads
check_equal "heads and labels" "audit4 (audit, log) (effective head)
main38 (main, side) (head)" "$(sed 's/),.*/)/' "$SCRATCH/out" | sort)"
run 0 upgrade heads
check_equal "the comparison sees something" True "$([ "$(dump_postgresql "done" | wc -l)" -gt 300 ] && [ "$(dump_sqlite "$folder/states/done.db" | wc -l)" -gt 50 ] && echo True)"
same "done" first empty "${states[@]}"
check_equal "real Alembic reads it back" "audit4 (effective head)
main38 (head)" "$(cd "$folder" && sed "s|^sqlalchemy.url.*|sqlalchemy.url = sqlite:///$PWD/../work/first/empty.db|" alembic.ini >back.ini && alembic -c back.ini current 2>/dev/null | sort)"

# Back, as Alembic goes back, and to nothing.
run 0 downgrade main10 --all -y
same down first empty "${states[@]}"
run 0 downgrade base --all -y
for target in empty "${states[1]}"; do
    check_equal "nothing is left on PostgreSQL" "alembic_version skein_history 0" \
        "$(psql_do "first_$target" "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace = 'public'::regnamespace ORDER BY 1" | tr '\n' ' ')$(psql_do "first_$target" "SELECT count(*) FROM pg_proc p, pg_type t WHERE p.pronamespace = 'public'::regnamespace OR (t.typtype = 'e')")"
    check_equal "nothing is left on SQLite" "alembic_version skein_history " "$(sqlite3 "first/$target.db" "SELECT name FROM sqlite_master WHERE type <> 'index' ORDER BY 1" | tr '\n' ' ')"
done

# One file in place of all up to main32, which stands on all of the other root; main28 stands on a part of it.
directory=base
fleet second empty "${states[5]}" "${states[6]}"
run 2 import alembic -c "$folder/alembic.ini" --baseline main28
check_has "what branches off below" "revision audit3 stands on audit2, but not on the baseline main28" "$SCRATCH/err"
check_equal "nothing was written" False "$([ -e base ] && echo True || echo False)"
run 0 import alembic -c "$folder/alembic.ini" --baseline main32
check_has "how many with a baseline" "^imported 7 revisions into base/versions for postgresql, sqlite$" "$SCRATCH/out"
check_has "the baseline's labels and place" "^-- Branch Labels: main, side" "$(echo base/versions/main32_*)"
run 1 upgrade heads --keep-going
check_has "who stands below is refused" "no file has|unknown" "$SCRATCH/out"
same "done" second empty "${states[6]}"
run 0 downgrade base -t '*_empty' -y
check_equal "back to nothing over the baseline" "alembic_version skein_history " "$(sqlite3 second/empty.db "SELECT name FROM sqlite_master WHERE type <> 'index' ORDER BY 1" | tr '\n' ' ')"
