#!/bin/bash
# The commands that write the project's files: init, list_templates, revision, merge, edit; several version locations; and
# ensure_version, which writes the version table alone.
. "$ROOT/tests/support/lib.sh"
unset VISUAL EDITOR

# A new project
run 0 list_templates
check_has "templates" "^fleet - Many tenant databases" "$SCRATCH/out"
check_has "as in Alembic" "Templates are used via the 'init' command, e.g.:" "$SCRATCH/out"
run 0 init
check_has "Alembic's words" "Creating directory .*/work/migrations/versions \.\.\.  done" "$SCRATCH/out"
check_has "what to do next" "skein revision -m" "$SCRATCH/out"
run 0 validate
sed -i -E 's/^( *)# ((- )?[a-z{].*|  [a-z].*)$/\1\2/' skein.yaml
check_has "the comments were taken in" "^limits: " skein.yaml
check_has "all of them" "^  pg-a: " skein.yaml
check_has "tenants too" "^  - \{name: acme" skein.yaml
PG_A_PASSWORD=x run 0 validate
check_has "what the comments show is valid" "^valid: 0 revisions, 3 targets and those to be discovered" "$SCRATCH/out"
run 2 init
check_has "a folder in use" "Directory migrations already exists and is not empty; nothing was written" "$SCRATCH/err"
check_has "the way out" "skein init OTHER" "$SCRATCH/err"
before=$(cat skein.yaml)
run 0 init "db/my migrations"
check_has "skein.yaml stays" "skein.yaml already exists, skipping" "$SCRATCH/out"
check_equal "as it was" "$before" "$(cat skein.yaml)"
mkdir inner && cd inner || exit 1
mkdir "empty one"
run 0 init --template generic "empty one"
run 0 revision -m "here"
check_equal "the folder as typed" 1 "$(find "empty one/versions" -name '*_here.sql' | wc -l)"
run 0 init -c ../other.yaml elsewhere --format json
check_equal "what was made" "versions,revision.sql,other.yaml" "$(json '",".join(p.rsplit("/", 1)[1] for p in d["created"])')"
run 0 validate -c ../other.yaml
run 2 init --template multidb third
check_has "a template that is not there" "No such template 'multidb'" "$SCRATCH/err"
check_equal "nothing was made" "" "$(find . -name third)"
cd .. && rm -rf ./* || exit 1

# Revisions: parents, slugs, messages, labels
run 0 init --template generic
check_has_not "nothing to be read in the way" "too" "$SCRATCH/err"
run 0 revision --rev-id aaaa0001
check_equal "without a message, as Alembic names it" "migrations/versions/aaaa0001_.sql" "$(ls migrations/versions/*)"
run 0 history
check_equal "empty message" "<base> -> aaaa0001 (head), empty message" "$(cat "$SCRATCH/out")"
run 0 revision --rev-id bbbb0002 -m $'add users\n\nbecause they asked\nfor it'
check_equal "a message of several lines" "-- add users
--
-- because they asked
-- for it
--
-- Revision ID: bbbb0002
-- Revises: aaaa0001" "$(sed -n 1,7p migrations/versions/bbbb0002_add_users_because_they_asked_for_it.sql)"
run 0 show bbbb0002
check_has "show has all of it" "^    because they asked$" "$SCRATCH/out"
run 0 revision --rev-id cccc0003 -m other --head base --branch-label other
run 0 revision --rev-id dddd0004 -m more --head other@head --depends-on other --depends-on bbbb
check_has "a label stays, a prefix becomes the id" "^-- Depends On: other, bbbb0002$" migrations/versions/dddd0004_more.sql
run 2 revision -m x
run 2 merge heads -m "join all"
check_has "one head that nothing depends on is no merge" "there is only dddd0004" "$SCRATCH/err"
run 0 revision --rev-id ffff0006 -m side --head bbbb --splice
run 0 merge dddd ffff -m "join all" --rev-id eeee0005 --branch-label joined
check_has "the parents" "^-- Revises: dddd0004, ffff0006$" migrations/versions/eeee0005_join_all.sql
run 0 heads
check_equal "one head" "eeee0005 (joined, other) (head)" "$(cat "$SCRATCH/out")"
run 0 revision -m "JSON" --format json
check_equal "the path" "$(ls "$PWD"/migrations/versions/*_json.sql)" "$(json 'd["path"]')"
rm migrations/versions/*_json.sql

# Edit: $VISUAL, then $EDITOR, with arguments of their own; the project is checked afterwards.
run 2 edit heads --format json
check_has "an editor needs the terminal" "needs the terminal" "$SCRATCH/out"
EDITOR=false VISUAL="sed -i 's/^-- join all/-- join them all/'" run 0 edit head
check_has "edited" "^-- join them all" migrations/versions/eeee0005_join_all.sql
EDITOR="sed -i s/Revises:/Revizes:/" run 2 edit eeee
check_has "what is wrong now" "eeee0005_join_all.sql:4: unknown key \"Revizes:\"" "$SCRATCH/err"
sed -i s/Revizes/Revises/ migrations/versions/eeee0005_join_all.sql
EDITOR=false run 2 edit eeee
check_has "an editor that fails" "the editor false ended with status 1" "$SCRATCH/err"
EDITOR=false run 2 edit base
check_has "nothing to edit" "names no revision file" "$SCRATCH/err"
run 0 stamp bbbb
EDITOR="sed -i 's/^-- add users/-- add all users/'" run 0 edit current
check_has "where the target stands" "^-- add all users" migrations/versions/bbbb0002*.sql
rm -f app.db

# The version table alone, where it is missing
cat >skein.yaml <<'YAML'
tenants:
  - {name: acme, url: "sqlite:acme.db", create: true}
  - {name: globex, url: "sqlite:globex.db", create: true}
YAML
sqlite3 globex.db "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL); INSERT INTO alembic_version VALUES ('of another')"
run 0 ensure_version --dry-run
check_has "a dry run says for whom" "1 planned|acme" "$SCRATCH/out"
check_equal "and makes nothing" "" "$(find . -name acme.db -size +0)"
run 0 ensure_version --format json
check_equal "made where it was missing" "succeeded up_to_date" "$(json '" ".join(t["outcome"] for t in d["targets"])')"
check_equal "and nothing else" "alembic_version" "$(sqlite3 acme.db "SELECT group_concat(name) FROM sqlite_master WHERE type = 'table'")"
check_equal "what was there stays" "of another" "$(sqlite3 globex.db "SELECT version_num FROM alembic_version")"
run 0 ensure_version --format json
check_equal "once" "up_to_date up_to_date" "$(json '" ".join(t["outcome"] for t in d["targets"])')"
run 0 upgrade aaaa -t acme
check_equal "the next run makes its own" "aaaa0001 1" "$(sqlite3 -separator ' ' acme.db "SELECT version_num, (SELECT count(*) FROM skein_history) FROM alembic_version")"

# Operands that begin with a minus
run 0 downgrade -1 -t acme
check_equal "back" 0 "$(sqlite3 acme.db "SELECT count(*) FROM alembic_version")"
run 0 upgrade aaaa+1 -t acme
run 0 downgrade -t acme -- -1
run 0 downgrade -t acme -1
check_equal "back again" 0 "$(sqlite3 acme.db "SELECT count(*) FROM alembic_version")"
run 0 stamp bbbb0002 cccc0003 -t acme
check_equal "several" "bbbb0002,cccc0003" "$(sqlite3 acme.db "SELECT group_concat(version_num) FROM (SELECT * FROM alembic_version ORDER BY 1)")"
run 0 stamp --purge aaaa -t globex
check_equal "purged first" "aaaa0001" "$(sqlite3 globex.db "SELECT group_concat(version_num) FROM alembic_version")"

# Rows that another one implies are told
sqlite3 acme.db "DELETE FROM alembic_version; INSERT INTO alembic_version VALUES ('aaaa0001'), ('bbbb0002')"
run 0 current -t acme
check_equal "as in Alembic" "bbbb0002" "$(cat "$SCRATCH/out")"
run 0 current -t acme -v
check_equal "of whom" "Current revision(s) for sqlite:///acme.db:" "$(head -1 "$SCRATCH/out")"
check_has "and what the table holds besides" "^aaaa0001: rows that another row implies" "$SCRATCH/out"

# Several version locations
rm -rf ./* && mkdir -p core billing/versions conf core/inner
cat >skein.yaml <<'YAML'
migrations: {version_locations: [core, billing/versions]}
tenants: [{name: app, url: "sqlite:app.db", create: true}]
YAML
run 2 revision -m first
check_has "which?" "--version-path FOLDER names one of them: core, billing/versions" "$SCRATCH/err"
run 0 revision -m first --rev-id aaaa0001 --version-path ./core/
run 0 revision -m bill --rev-id bbbb0002 --version-path "$PWD/billing/versions" --head base --branch-label billing
run 0 revision -m more --rev-id cccc0003 --head billing@head
check_equal "beside its parent" "billing/versions/cccc0003_more.sql" "$(find . -name 'cccc*' -printf '%P')"
run 0 history
check_equal "all of them, by file name" "<base> -> aaaa0001 (head), first
bbbb0002 -> cccc0003 (billing) (head), more
<base> -> bbbb0002 (billing), bill" "$(cat "$SCRATCH/out")"
(cd conf && run 0 revision -c ../skein.yaml -m aside --head aaaa --version-path core --rev-id dddd0004) || exit 1
check_equal "relative to skein.yaml" "core/dddd0004_aside.sql" "$(ls core/dddd*)"
cp core/aaaa0001_first.sql billing/versions/
run 2 upgrade heads
check_has "one id in two folders" "core/aaaa0001_first.sql:.* two files have the revision id \"aaaa0001\"; the other is billing/versions/aaaa0001_first.sql" "$SCRATCH/err"
rm billing/versions/aaaa0001_first.sql
location_error() { # location_error LOCATIONS WHAT HINT
    echo "migrations: {version_locations: [$1]}" >skein.yaml
    echo 'tenants: [{name: app, url: "sqlite:app.db", create: true}]' >>skein.yaml
    run 2 upgrade heads
    check_has "$1" "$2" "$SCRATCH/err"
    check_has "$1: the way out" "^  -> .*$3" "$SCRATCH/err"
    check_equal "two lines" 2 "$(wc -l <"$SCRATCH/err")"
    check_equal "nothing was made" "" "$(find . -name '*.db*')"
}
ln -s core linked
location_error "core, missing" "missing: No such file or directory|missing.*No such" "make the folder, or take it out"
location_error "core, ./core/" "names one folder twice: core and ./core" "name it once"
location_error "core, linked" "names one folder twice: core and linked" "name it once"
location_error "core, core/inner" "one folder is inside the other: core and core/inner" "side by side"
