#!/bin/bash
# A newcomer's way through every command, with the text they print.
. "$ROOT/tests/support/lib.sh"

run 0 --help
for command in list_templates init revision merge history heads branches show edit upgrade downgrade stamp ensure_version plan current status targets validate resolve; do
    check_has "--help lists $command" "^  $command " "$SCRATCH/out"
    "$SKEIN" $command --help >"$SCRATCH/page" 2>&1 || fail "$command --help"
    check_has "its own page" "^usage: skein $command" "$SCRATCH/page"
done
check_has_not "what comes later is not promised" "wave|journal|rehearse|autogenerate|rollback|resume" "$SCRATCH/out"
run 0 --version
check_has "version" "^skein [0-9]" "$SCRATCH/out"

run 0 init
run 2 init
check_has "never over what is there" "already exists and is not empty; nothing was written" "$SCRATCH/err"
run 0 revision -m "add users" --rev-id aaaaaaaaaaaa
check_has "Alembic's words" "Generating .*/migrations/versions/aaaaaaaaaaaa_add_users.sql \.\.\.  done" "$SCRATCH/out"
run 0 revision -m "add projects" --rev-id bbbbbbbbbbbb
run 0 heads
check_equal "heads" "bbbbbbbbbbbb (head)" "$(cat "$SCRATCH/out")"
run 0 history
check_equal "history" "aaaaaaaaaaaa -> bbbbbbbbbbbb (head), add projects
<base> -> aaaaaaaaaaaa, add users" "$(cat "$SCRATCH/out")"
run 2 revision -m "side" --head aaaaaaaaaaaa --rev-id cccccccccccc
check_has "not a head" "--splice" "$SCRATCH/err"
run 0 revision -m "side" --head aaaaaaaaaaaa --splice --rev-id cccccccccccc --branch-label side
run 0 branches
check_equal "branches" "aaaaaaaaaaaa (branchpoint)
             -> bbbbbbbbbbbb (head)
             -> cccccccccccc (side) (head)" "$(grep -v '^$' "$SCRATCH/out")"
run 2 upgrade head
check_has "several heads" "bbbbbbbbbbbb.*cccccccccccc|cccccccccccc.*bbbbbbbbbbbb" "$SCRATCH/err"
run 0 show side@head
check_has "show" "^Rev: cccccccccccc \(head\)" "$SCRATCH/out"
check_has "show its parent" "^Parent: aaaaaaaaaaaa" "$SCRATCH/out"
run 0 show aaaaaaaaaaaa --format json
check_equal "the checksum" 64 "$(json 'len(d["revisions"][0]["checksum"]["sqlite"])')"
rm migrations/versions/cccccccccccc*

revision aaaaaaaaaaaa_add_users.sql <<'SQL'
-- add users
--
-- Revision ID: aaaaaaaaaaaa
-- Revises:

-- skein:upgrade
CREATE TABLE users (id integer PRIMARY KEY, name text);

-- skein:downgrade
DROP TABLE users;
SQL
revision bbbbbbbbbbbb_add_projects.sql <<'SQL'
-- add projects
--
-- Revision ID: bbbbbbbbbbbb
-- Revises: aaaaaaaaaaaa
-- Irreversible: the rows are gone
-- Variables: region

-- skein:require users_named
SELECT id FROM users WHERE name IS NULL;

-- skein:upgrade
CREATE TABLE projects (id integer PRIMARY KEY, region text DEFAULT {{region|literal}});

-- skein:verify projects_there expect=true
SELECT count(*) FROM projects WHERE 1 = 0 HAVING count(*) = 0;
SQL
sed -i 's/expect=true$/expect=true/; s/HAVING count(\*) = 0;/;/' migrations/versions/bbbbbbbbbbbb*.sql
sed -i 's/^SELECT count(\*) FROM projects WHERE 1 = 0 ;/SELECT count(*) = 0 FROM projects;/' migrations/versions/bbbbbbbbbbbb*.sql
cat >skein.yaml <<'YAML'
tenants:
  - {name: acme, url: "sqlite:acme.db", create: true, labels: {tier: gold}, vars: {region: eu}}
  - {name: globex, url: "sqlite:globex.db", create: true, labels: {tier: free}, vars: {region: us}}
  - {name: initech, url: "sqlite:initech.db", create: true, labels: {tier: free}}
YAML
run 0 validate
check_has "validate" "^valid: 2 revisions, 3 targets" "$SCRATCH/out"
run 2 upgrade head
check_has "a variable without a value" "initech has no value for the variable \"region\"" "$SCRATCH/err"
check_equal "nothing moved" "" "$(find . -name '*.db' -size +0)"
run 3 plan upgrade head --check -x region=other
check_has "the plan" "3 targets   sqlite   <base> -> bbbbbbbbbbbb   2 steps" "$SCRATCH/out"
check_has "what cannot be undone is marked" "\[irreversible: the rows are gone\]" "$SCRATCH/out"
run 0 plan upgrade head -v -x region=other
check_has "the SQL" "CREATE TABLE projects" "$SCRATCH/out"
check_equal "a plan writes nothing" "" "$(find . -name '*.db' -size +0)"
run 0 upgrade head --dry-run --format json -x region=other
check_equal "planned" "3 dry-run" "$(json 'str(d["counts"]["planned"])+" "+d["run"]["mode"]')"

run 0 upgrade +1
run 0 upgrade head -t acme
check_equal "the variable is quoted for the engine" "CREATE TABLE projects (id integer PRIMARY KEY, region text DEFAULT 'eu')" \
    "$(sqlite3 acme.db "SELECT sql FROM sqlite_master WHERE name='projects'")"
sqlite3 globex.db "INSERT INTO users VALUES (1, NULL)"
run 1 upgrade head -t globex -t acme --format json
check_equal "a requirement refuses that target alone" "up_to_date refused requirement" \
    "$(json '" ".join([d["targets"][0]["outcome"], d["targets"][1]["outcome"], d["targets"][1]["error"]["class"]])')"
run 1 upgrade head -t globex -t acme
check_has "it is named" "users_named" "$SCRATCH/out"
run 0 current
check_has "where they stand" "2 targets +aaaaaaaaaaaa" "$SCRATCH/out"
check_has "and who is ahead" "1 target +bbbbbbbbbbbb \(head\)" "$SCRATCH/out"
run 3 current --check-heads
run 0 current -t acme
check_equal "one target reads as in Alembic" "bbbbbbbbbbbb (head)" "$(cat "$SCRATCH/out")"
run 0 status
check_has "status" "2 behind" "$SCRATCH/out"
run 2 upgrade +1
check_has "a relative revision needs equal heads" "equal heads" "$SCRATCH/err"
check_has "and says --each" "--each" "$SCRATCH/err"
run 1 downgrade -1 --each --all -y --format json
check_equal "irreversible there, the others go" "refused succeeded succeeded" "$(json '" ".join(t["outcome"] for t in d["targets"])')"
run 0 history -i -t acme
check_has "current marks" "bbbbbbbbbbbb \(head\) \(current\)" "$SCRATCH/out"

run 0 stamp head -t globex
check_equal "stamped" "bbbbbbbbbbbb" "$(sqlite3 globex.db "SELECT version_num FROM alembic_version")"
check_equal "the history says so" "stamp done 0 0 0" "$(sqlite3 -separator ' ' globex.db "SELECT direction, state, total, attempted, done FROM skein_history ORDER BY seq DESC LIMIT 1")"
run 0 stamp base --purge -t globex
check_equal "purged" 0 "$(sqlite3 globex.db "SELECT count(*) FROM alembic_version")"

# Selection
run 0 targets -l tier=free --format json
check_equal "by label" "globex initech" "$(json '" ".join(t["name"] for t in d["targets"])')"
run 0 targets -t '*e*' --exclude 'glob*' --format json
check_equal "by glob" "acme initech" "$(json '" ".join(t["name"] for t in d["targets"])')"
run 0 status --state head --format json
check_equal "by state" "acme" "$(json '" ".join(t["name"] for t in d["targets"])')"
run 0 upgrade head --state partial
check_has "nothing left is no error" "no target is left" "$SCRATCH/err"
first=$("$SKEIN" targets --shard 1/2 --format json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["targets"]))')
second=$("$SKEIN" targets --shard 2/2 --format json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["targets"]))')
check_equal "shards add up" 3 $((first + second))
run 0 targets --limit 1 --format json
check_equal "limit" 1 "$(json 'len(d["targets"])')"

# Edited after it was applied
sed -i 's/name text/name varchar(80)/' migrations/versions/aaaaaaaaaaaa*.sql
run 1 upgrade head -t acme -t initech -x region=eu --format json
check_equal "changed files are refused by name" "changed_file aaaaaaaaaaaa" \
    "$(json '" ".join([d["targets"][0]["error"]["class"], "aaaaaaaaaaaa" if "aaaaaaaaaaaa" in d["targets"][0]["error"]["message"] else "?"])')"
run 0 upgrade head -t acme --allow-changed aaaaaaaaaaaa
check_equal "accepted once" "accept" "$(sqlite3 acme.db "SELECT direction FROM skein_history ORDER BY seq DESC LIMIT 1")"
run 0 upgrade head -t acme

# A fleet of one by URL
mkdir one && cp -r migrations one/ && cd one || exit 1
rm migrations/versions/bbbb*
run 0 upgrade head --url sqlite:app.db
check_equal "made and moved" "aaaaaaaaaaaa" "$(sqlite3 app.db "SELECT version_num FROM alembic_version")"
export DATABASE_URL=sqlite:app.db
run 0 current
check_equal "DATABASE_URL" "aaaaaaaaaaaa (head)" "$(cat "$SCRATCH/out")"
sqlite3 app.db "UPDATE alembic_version SET version_num = 'dddddddddddd'"
run 2 upgrade head
check_has "an unknown row" "dddddddddddd" "$SCRATCH/err"
