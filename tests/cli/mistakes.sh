#!/bin/bash
# Every mistake with revisions: exit 2 (a target's rows in a larger fleet: `refused`, exit 1), one line that says what, with the
# candidates, one with the way out, and nothing created or changed: no file, no database, no version table, no row.
. "$ROOT/tests/support/lib.sh"
unset VISUAL EDITOR

file() { # file ID PARENTS [HEADER LINE]…
    local id=$1 down=$2
    shift 2
    {
        printf -- '-- make %s\n-- Revision ID: %s\n-- Revises: %s\n' "$id" "$id" "$down"
        [ $# = 0 ] || printf -- '-- %s\n' "$@"
        printf -- '\n-- skein:upgrade\nCREATE TABLE t%s (id integer);\n\n-- skein:downgrade\nDROP TABLE t%s;\n' "$id" "$id"
    } | revision "$id.sql"
}

#   a111 -> a112 (left)  -> a114 -> a115      b221 (other) depends on a112 -> b222
#        -> a113 (right) ->
mkdir -p work/empty
cd work || exit 1
file a1110000 ''
file a1120000 a1110000 'Branch Labels: left'
file a1130000 a1110000 'Branch Labels: right'
file a1140000 'a1120000, a1130000'
file a1150000 a1140000
file b2210000 '' 'Branch Labels: other' 'Depends On: a1120000'
file b2220000 b2210000
cat >skein.yaml <<'YAML'
tenants:
  - {name: one, url: "sqlite:one.db", create: true}
YAML

stamp_rows() { # stamp_rows DATABASE ROW…: as another program left it
    local database=$1
    shift
    rm -f "$database"
    [ "$1" = none ] || {
        sqlite3 "$database" "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        for row in "$@"; do
            [ "$row" = base ] || sqlite3 "$database" "INSERT INTO alembic_version VALUES ('$row')"
        done
    }
}

state() { # all that there is, and what the databases hold
    find . -type f -o -type d | sort
    for database in *.db; do
        [ ! -e "$database" ] || sqlite3 "$database" .dump
    done
    cat migrations/versions/*.sql
}

# check_two_lines WHAT HINT: all that was said
check_two_lines() {
    CHECKS=$((CHECKS + 1))
    [ ! -s "$SCRATCH/out" ] && [ "$(wc -l <"$SCRATCH/err")" = 2 ] || {
        show_last
        fail "not one line and one way out: $1"
    }
    sed -n 1p "$SCRATCH/err" >"$SCRATCH/what"
    sed -n 2p "$SCRATCH/err" >"$SCRATCH/hint"
    check_has "what: $1" "^skein: .*$1" "$SCRATCH/what"
    check_has "the way out: $1" "^  -> .*$2" "$SCRATCH/hint"
}

# What of rows is only known of one target is a matter of a fleet of one here; the fleet comes below.
while IFS='|' read -r rows command what hint; do
    [ "${rows#\#}" = "$rows" ] || continue
    what=$(echo "$what" | sed 's/^ *//; s/ *$//') hint=$(echo "$hint" | sed 's/^ *//; s/ *$//')
    read -ra words <<<"$command"
    read -ra given <<<"${rows//,/ }"
    stamp_rows one.db "${given[@]}"
    before=$(state)
    run 2 "${words[@]}"
    check_two_lines "$what" "$hint"
    check_equal "nothing was changed by: $command" "$before" "$(state)"
    [ "${hint#skein}" = "$hint" ] || continue # one of the same kind is enough
    run 2 "${words[@]}" --format json
    check_equal "as JSON: $command" "error,schema_version" "$(json '",".join(sorted(d))')"
    check_equal "and it has the way out: $command" True "$(json 'len(d["error"]["hint"]) > 0')"
    check_equal "nothing was changed by: $command" "$before" "$(state)"
done <<'TABLE'
# Can't locate revision
none | upgrade nowhere                           | there is no revision or branch "nowhere"             | skein history lists all
none | upgrade a1160000                          | there is no revision or branch "a1160000"            | did you mean a11[0-9]0000\?
none | upgrade a11                               | "a11" is ambiguous, 5 revisions or branches begin so | give more characters
none | downgrade nowhere                         | there is no revision or branch "nowhere"             | skein history lists all
none | stamp nowhere                             | there is no revision or branch "nowhere"             | skein history lists all
none | stamp a1150000 nowhere                    | there is no revision or branch "nowhere"             | skein history lists all
none | show nowhere                              | there is no revision or branch "nowhere"             | skein history lists all
none | edit nowhere                              | there is no revision or branch "nowhere"             | skein history lists all
none | history -r nowhere:                       | there is no revision or branch "nowhere"             | skein history lists all
none | history -r :nowhere                       | there is no revision or branch "nowhere"             | skein history lists all
none | revision -m x --head nowhere              | there is no revision or branch "nowhere"             | skein history lists all
none | revision -m x --head other@head --depends-on nowhere | there is no revision or branch "nowhere"  | skein history lists all
none | merge nowhere other@head -m x             | there is no revision or branch "nowhere"             | skein history lists all
none | plan upgrade nowhere                      | there is no revision or branch "nowhere"             | skein history lists all
none | upgrade nowhere@head                      | there is no revision or branch "nowhere"             | skein history lists all
none | upgrade other@a1130000                    | a1130000 is not in the lineage of other              | leave other@ out
none | upgrade a1150000 --allow-changed nowhere  | there is no revision or branch "nowhere"             | skein history lists all
none | upgrade left@                             | "left@" is no revision identifier                    | an id, its first characters, head
none | upgrade current                           | "current" is where a target stands                   | skein current shows it
# several heads
none | upgrade head                              | "head" is ambiguous, there are 2 heads: a1150000, b2220000 | heads is all of them, LABEL@head
none | downgrade heads                           | "heads" is ambiguous, there are 2 heads: a1150000, b2220000 | name one revision, or base
none | stamp head                                | there are 2 heads: a1150000, b2220000                | heads is all of them, LABEL@head
none | show head                                 | there are 2 heads: a1150000, b2220000                | heads is all of them, LABEL@head
none | edit heads                                | several files, one at a time is edited: a1150000, b2220000 | name one
none | history -r :head                          | there are 2 heads: a1150000, b2220000                | heads is all of them, LABEL@head
none | revision -m x                             | several heads to go on from: a1150000, b2220000      | --head REV says from which; skein merge heads
none | upgrade heads-1                           | "heads-1" is ambiguous, there are 2 heads            | count from one of them
# parents of new files
none | revision -m x --head a1130000             | a1130000 is not a head, a1140000 stands upon it      | --splice
none | revision -m x --head a1150000 --head a1150000 | a1150000 is named twice                          | name each parent once
none | merge a1150000 -m x                       | joins two heads or more, there is only a1150000      | skein heads lists them
none | merge base -m x                           | joins two heads or more, there is none               | skein heads lists them
none | merge a1130000 a1150000 -m x              | a1130000 is not a head                               | merge joins heads; skein revision --splice
none | revision -m x --head a1150000 --rev-id a1130000 | there is a revision a1130000 already: migrations/versions/a1130000.sql | --rev-id
none | revision -m x --head a1150000 --rev-id a-b | cannot hold @ - \+ : ,: .?a-b                       | use letters, digits
none | revision -m x --head a1150000 --branch-label left | "left" is used twice: by a1120000           | another label
none | revision -m x --head a1150000 --branch-label a1130000 | "a1130000" is also a revision's id      | another label
none | revision -m x --head a1150000 --depends-on heads | --depends-on heads names 2 revisions         | once for each
none | revision -m x --head a1150000 --version-path elsewhere | elsewhere is none of the version locations: migrations/versions | name one of them
# overlapping: one is an ancestor of the other
none | revision -m x --splice --head a1120000 --head a1150000 | the parents overlap: a1120000 is an ancestor of a1150000 | name a1150000 alone
# relative, out of range
none | upgrade other@+9                          | "other@\+9" asks for 9 revisions above, there are only 2 | heads is as far as it goes
none | upgrade a1140000+2                        | "a1140000\+2" asks for 2 revisions above, there is only 1 | heads is as far as it goes
none | downgrade a1110000-2                      | "a1110000-2" asks for 2 revisions below, there is only 1 | base is as far as it goes
a1150000 | upgrade +1                            | "\+1" asks for 1 revision above, there is none       | heads is as far as it goes
a1110000 | downgrade -3                          | "-3" asks for 3 revisions below, there is only 1     | base is as far as it goes
none | downgrade -1                              | downgrade "-1": nothing is applied                   | skein current shows
base | downgrade -1                              | downgrade "-1": nothing is applied                   | skein current shows
none | upgrade -1                                | upgrade "-1": upgrade goes up, \+N                   | skein current shows
none | downgrade +1                              | downgrade "\+1": downgrade goes down, -N             | skein current shows
none | upgrade +0                                | upgrade "\+0": that is no move                       | skein current shows
none | stamp +1                                  | stamp "\+1": stamp needs to be told the revision     | skein current shows
none | upgrade a1110000-1                        | that is below the first revision                     | the first is base\+1
# an ambiguous walk
none | upgrade +1                                | "\+1" is ambiguous: there are 2 roots, a1110000, b2210000 | name the revision itself, or a branch
a1110000 | upgrade +1                            | "\+1" is ambiguous: a1110000 has 2 children, a1120000, a1130000 | name the revision itself, or a branch
none | upgrade a1110000+1                        | a1110000 has 2 children, a1120000, a1130000          | name the revision itself, or a branch
a1150000 | downgrade -2                          | "-2" is ambiguous: a1140000 has 2 parents, a1120000, a1130000 | name the revision itself
a1120000,a1130000 | downgrade -1                 | the target stands at 2 revisions: a1120000, a1130000 | say from which: a1120000@-1, or LABEL@-1
a1120000,a1130000 | upgrade +1                   | the target stands at 2 revisions: a1120000, a1130000 | say from which: a1120000\+1, or LABEL@\+1
# not an ancestor
a1120000 | downgrade a1130000                    | a1130000 is no ancestor of a1120000                  | skein upgrade a1130000 goes there
a1110000 | downgrade a1150000                    | a1150000 is no ancestor of a1110000                  | skein upgrade a1150000 goes there
base | downgrade a1110000                        | a1110000 is no ancestor of base                      | skein upgrade a1110000 goes there
# a wrong range
none | upgrade haed                              | there is no revision or branch "haed"                | did you mean head\?
none | upgrade a1110000:a1120000                 | "a1110000:a1120000" is a range: every target begins     | A:B is for --sql
none | downgrade a1120000:a1110000               | "a1120000:a1110000" is a range: every target begins     | A:B is for --sql
none | stamp a1120000:a1110000                   | "a1120000:a1110000" is a range: every target begins     | A:B is for --sql
none | show a1110000:a1120000                    | "a1110000:a1120000" is a range, one revision         | ranges are for
none | history -r a1110000                       | "a1110000" is no range                               | a range is A:B, A: or :B
none | history -r a:b:c                          | "a:b:c" is no range                                  | a range is A:B, A: or :B
none | history -r a1150000:a1110000              | a1150000 is no ancestor of a1110000                  | from the older to the newer
none | history -r a1120000:a1130000              | a1120000 is no ancestor of a1130000                  | from the older to the newer
none | history -r +1:                            | "\+1" has nothing to be counted from                 | -N below its end
none | history -r :-1                            | "-1" has nothing to be counted from                  | \+N above its begin
# an unknown row
ffffffff | upgrade heads                         | the version table holds ffffffff, which no file has  | skein stamp --purge
ffffffff | downgrade base                        | the version table holds ffffffff, which no file has  | skein stamp --purge
ffffffff | stamp a1110000                        | the version table holds ffffffff, which no file has  | skein stamp --purge
ffffffff | history -r current:                   | the version table holds ffffffff, which no file has  | skein stamp --purge
ffffffff | show current                          | the version table holds ffffffff, which no file has  | skein stamp --purge
# words of the command line
none | revision -m x --tag y                     | skein revision has no option --tag                   | skein revision --help
none | merge                                     | skein merge takes REV…                               | skein merge --help
none | show                                      | skein show takes REV                                 | skein show --help
TABLE

# What makes the files no graph: every command that reads them says the same, and where.
commands='history
heads
branches
show heads
edit a1110000
revision -m x
merge heads -m x
upgrade heads
downgrade base
stamp heads
plan upgrade heads
current
status
ensure_version
validate'
bad_files() { # bad_files WHAT HINT: the files are as they must not be
    local before command
    stamp_rows one.db base
    before=$(state)
    while read -r command; do
        read -ra words <<<"$command"
        run 2 "${words[@]}"
        check_two_lines "$1" "$2"
        check_equal "nothing was changed by: $command" "$before" "$(state)"
    done <<<"$commands"
    commands='history
upgrade heads' # all of them read the files by the same function
    cp good/* migrations/versions/
    rm -f migrations/versions/extra.sql
}
versions=migrations/versions
mkdir good && cp $versions/* good/
sed 's/make a1130000/copied/' good/a1130000.sql >$versions/extra.sql
bad_files "$versions/extra.sql:2: two files have the revision id \"a1130000\"; the other is $versions/a1130000.sql" 'give one of them another id'
sed -i 's/^-- Revises: *$/-- Revises: a1150000/' $versions/a1110000.sql
bad_files 'a cycle of 4 revisions: .*a1110000 revises a1150000, a1150000 revises a1140000' 'one of them must stand upon something else'
sed -i 's/^-- Depends On: .*/-- Depends On: b2220000/' $versions/b2210000.sql
bad_files 'a cycle of 2 revisions: .*b2210000 depends on b2220000' 'one of them must stand'
rm $versions/a1130000.sql
bad_files "$versions/a1140000.sql:3: Revises: there is no revision \"a1130000\"" 'did you mean a11[0-9]0000'
sed -i 's/^-- Depends On: .*/-- Depends On: 77/' $versions/b2210000.sql
bad_files "$versions/b2210000.sql:5: Depends On: there is no revision \"77\"" 'bring its file back'
sed -i 's/^-- Revises: .*/-- Revises: a11/' $versions/b2220000.sql
bad_files "$versions/b2220000.sql:3: Revises: \"a11\" is ambiguous: a1110000, a1120000, a1130000, a1140000, a1150000" 'write the whole id'
sed -i 's/^-- Branch Labels: .*/-- Branch Labels: left/' $versions/a1130000.sql
bad_files "$versions/a1130000.sql:4: the branch label \"left\" is used twice: by a1120000 and by a1130000" 'another label'
sed -i 's/^-- Branch Labels: .*/-- Branch Labels: a1150000/' $versions/a1130000.sql
bad_files "$versions/a1130000.sql:4: the branch label \"a1150000\" is also a revision's id" 'another label'
sed -i 's/^-- Branch Labels: .*/-- Branch Labels: heads/' $versions/a1130000.sql
bad_files "$versions/a1130000.sql:4: the branch label \"heads\" is a word of the command line" 'use letters'
sed -i 's/^-- Revises: .*/-- Revises: a1140000, a1130000/' $versions/a1150000.sql
bad_files "$versions/a1150000.sql:3: Revises: a1130000 is an ancestor of another parent of a1150000" 'leave a1130000 out'
sed -i 's/^-- Revision ID: .*/-- Revision ID: a-1/' $versions/b2220000.sql
bad_files "$versions/b2220000.sql:2: a revision id cannot hold @ - \\+ : ,: .*a-1" 'use letters'
run 0 history
check_equal "the good ones are back" 7 "$(wc -l <"$SCRATCH/out")"

# In a larger fleet what hangs on one target's rows concerns that one: `refused`, exit 1; the others go on.
cat >skein.yaml <<'YAML'
rollout: {max_failures: 100%}
tenants:
  - {name: one, url: "sqlite:one.db", create: true}
  - {name: two, url: "sqlite:two.db", create: true}
  - {name: bad, url: "sqlite:bad.db", create: true}
YAML
fleet() { # fleet OUTCOME_OF_OTHERS OTHER_ROWS BAD_ROWS CLASS WHAT HINT COMMAND…
    local outcome=$1 class=$4 what=$5 hint=$6 before database table
    local other bad
    read -ra other <<<"${2//,/ }"
    read -ra bad <<<"${3//,/ }"
    shift 6
    stamp_rows bad.db "${bad[@]}"
    before=$(sqlite3 bad.db .dump)
    for database in one.db two.db; do
        stamp_rows "$database" "${other[@]}"
        for table in ta1110000 ta1120000; do # what downgrades take back
            sqlite3 "$database" "CREATE TABLE $table (id integer)"
        done
    done
    run 1 "$@" --format json
    check_equal "$*: refused alone" "$outcome $outcome refused $class" \
        "$(json '" ".join([t["outcome"] for t in d["targets"]] + [d["targets"][2]["error"]["class"]])')"
    json 'd["targets"][2]["error"]["message"]' >"$SCRATCH/what"
    json 'd["targets"][2]["error"]["hint"]' >"$SCRATCH/hint"
    check_has "$*: what" "$what" "$SCRATCH/what"
    check_has "$*: the way out" "$hint" "$SCRATCH/hint"
    check_equal "$*: untouched" "$before" "$(sqlite3 bad.db .dump)"
}
yes="--all -y"
# shellcheck disable=SC2086 # two words
{
    fleet succeeded a1110000 ffffffff unknown_revision 'holds ffffffff, which no file has' 'skein' downgrade base $yes
    fleet succeeded a1110000 ffffffff unknown_revision 'holds ffffffff, which no file has' 'skein' stamp a1120000 $yes
    fleet succeeded a1120000 a1110000 plan '"-2" asks for 2 revisions below, there is only 1' 'base is as far as it goes' downgrade -2 --each $yes
    fleet succeeded a1120000 a1120000,a1130000 plan 'stands at 2 revisions: a1120000, a1130000' 'say from which' downgrade -1 --each $yes
    fleet succeeded a1140000 a1110000 plan 'a1110000 has 2 children, a1120000, a1130000' 'name the revision itself' upgrade +1 --each
}
