#!/bin/bash
# Bad input: one clear error that names the place and the way out, exit 2, nothing left behind.
. "$ROOT/tests/support/lib.sh"

check_untouched() { # no database was made
    check_equal "nothing was made" "" "$(find . -name '*.db*')"
}

run 2 upgrade head
check_has "no project" "there is no skein.yaml here" "$SCRATCH/err"
check_has "and the way out" "skein init" "$SCRATCH/err"
run 2 upgade head
check_has "a typing error" "unknown command upgade" "$SCRATCH/err"
check_has "the nearest" "did you mean skein upgrade" "$SCRATCH/err"
run 2 upgrade head --tenat x
check_has "the nearest option" "did you mean --tenant" "$SCRATCH/err"
run 2 upgrade
check_has "an operand is missing" "takes REV" "$SCRATCH/err"
run 2 history --tag x
check_has "another command's option" "has no option --tag" "$SCRATCH/err"
run 2 --format xml heads
run 2 upgrade head --format json
check_equal "JSON alone on stdout" "['error', 'schema_version']" "$(json 'sorted(d)')"

revision 1.sql <<'SQL'
-- one
-- Revision ID: abcd00000001
-- Revises:
-- skein:upgrade
CREATE TABLE one (id integer);
-- skein:downgrade
DROP TABLE one;
SQL

# Every error of the file at once, each with its place and the nearest key.
cat >skein.yaml <<'YAML'
limits: {concurency: 4}
connection: {lock_wait: soon}
tenants:
  - {name: a, url: "sqlite:a.db", create: true, lable: {x: y}}
  - {name: a, url: "sqlite:b.db", create: true}
YAML
run 2 upgrade head
check_has "unknown key with its place" "skein.yaml:1:10: .*concurency" "$SCRATCH/err"
check_has "the nearest key" "concurrency" "$SCRATCH/err"
check_has "the duration" "skein.yaml:2:[0-9]+: .*lock_wait" "$SCRATCH/err"
check_has "the tenant's key" "skein.yaml:4:[0-9]+: .*lable" "$SCRATCH/err"
check_untouched

printf 'tenants: [' >skein.yaml
run 2 upgrade head
check_has "broken YAML" "skein.yaml:[12]:[0-9]+: not valid YAML" "$SCRATCH/err"
printf 'tenants: &a [*a]\n' >skein.yaml
run 2 upgrade head
check_has "cyclic" "skein.yaml:1" "$SCRATCH/err"
head -c 100000 /dev/zero | tr '\0' '[' >skein.yaml
run 2 upgrade head
check_has "deeply nested" "skein.yaml:1:.*(deep|nest)" "$SCRATCH/err"
{
    printf 'tenants: ["'
    head -c 17000000 /dev/zero | tr '\0' 'x'
    printf '"]\n'
} >skein.yaml
run 2 upgrade head
check_has "gigantic" "skein.yaml.*(large|limit|16 MiB)" "$SCRATCH/err"
printf 'tenants: []\n' >skein.yaml
run 2 upgrade head
check_has "no tenants" "tenant|target" "$SCRATCH/err"

cat >skein.yaml <<'YAML'
tenants:
  - {name: a, url: "sqlite:a.db", create: true}
  - {name: b, url: "sqlite:b.db", create: true}
YAML
run 2 upgrade head -t nobody
check_has "a name that is not there" "nobody" "$SCRATCH/err"
run 2 upgrade head -l tier=gold
check_has "a label that is not there" "tier" "$SCRATCH/err"
run 2 upgrade nowhere
check_has "an unknown revision" "nowhere" "$SCRATCH/err"
run 2 upgrade head --expect-targets 3
check_has "the number expected" "expect-targets 3, but 2" "$SCRATCH/err"
run 2 upgrade head --tag "$(head -c 33 /dev/zero | tr '\0' x)"
check_has "a tag too long" "32 bytes" "$SCRATCH/err"
check_untouched

# Revision files: each refusal with file and line.
bad() { # bad NAME PATTERN: stdin is migrations/versions/2.sql
    cat >migrations/versions/2.sql
    run 2 upgrade head
    check_has "$1" "migrations/versions/2.sql(:[0-9]+)?: .*$2|$2.*2.sql" "$SCRATCH/err"
    check_untouched
}
printf -- '-- two\n-- Revision ID: abcd00000001\n-- Revises:\n-- skein:upgrade\nSELECT 1;\n' | bad "a duplicate id" "abcd00000001"
printf -- '-- two\n-- Revision ID: abcd00000002\n-- Revises: abcd00000009\n-- skein:upgrade\nSELECT 1;\n' | bad "an unknown parent" "abcd00000009"
printf -- '-- two\n-- Revision ID: abcd00000002\n-- Revises: abcd00000001\n-- skein:upgrad\nSELECT 1;\n' | bad "an unknown marker" "upgrad"
printf -- '-- two\n-- Revision ID: abcd00000002\n-- Revises: abcd00000001\n-- skein:upgrade\nSELECT 1; COMMIT;\n' | bad "COMMIT" "COMMIT"
printf -- '-- two \xff\n-- Revision ID: abcd00000002\n-- Revises: abcd00000001\n-- skein:upgrade\nSELECT 1;\n' | bad "not UTF-8" "UTF-8"
printf -- '-- two\n-- Revision ID: abcd00000002\n-- Revises: abcd00000002\n-- skein:upgrade\nSELECT 1;\n' | bad "a cycle" "abcd00000002"
printf -- '-- two\nSELECT 1;\n' | bad "no header" "Revision ID"
rm migrations/versions/2.sql
ln -s /etc/passwd migrations/versions/link.sql
run 2 upgrade head
check_has "a link that leads out" "link.sql" "$SCRATCH/err"
rm migrations/versions/link.sql
check_untouched

# Database files that are none, or missing: one outcome, the others go on.
echo "this is not a database, but it is long enough to look at: $(seq 200)" >c.db
cat >skein.yaml <<'YAML'
rollout: {max_unreachable: 100%}
tenants:
  - {name: a, url: "sqlite:a.db", create: true}
  - {name: text, url: "sqlite:c.db"}
  - {name: missing, url: "sqlite:d.db"}
YAML
run 1 upgrade head --format json
check_equal "three outcomes" "a succeeded None, text unreachable corrupt, missing unreachable missing_database" \
    "$(json '", ".join(t["name"]+" "+t["outcome"]+" "+str((t["error"] or {}).get("class")) for t in d["targets"])')"
check_equal "no file was made" "False" "$([ -e d.db ] && echo True || echo False)"

# A project folder that cannot be written.
if [ "$(id -u)" = 0 ]; then
    mkdir -m 555 locked
    chown nobody locked
    cd locked || exit 1
    CHECKS=$((CHECKS + 1))
    (cd /tmp && setpriv --reuid nobody --clear-groups "$SKEIN" init "$SCRATCH/work/locked" >"$SCRATCH/out" 2>"$SCRATCH/err")
    [ $? = 2 ] || [ ! -x "$SKEIN" ] || [ ! -r "$SCRATCH" ] || check_has "a folder that cannot be written" "ermission denied" "$SCRATCH/err"
    cd ..
fi

# A URL in the wrong place was shown with its password.
while IFS= read -r line; do
    printf '%b\n' "$line" >skein.yaml
    for format in text json; do
        run 2 targets --format $format
        check_has_not "no password of: $line" "hunter2" "$SCRATCH/err"
        check_has_not "nor on stdout" "hunter2" "$SCRATCH/out"
    done
done <<'LINES'
servers: {a: "postgresql://u:hunter2@h"}
tenants: "postgresql://u:hunter2@h/d"
tenants: ["postgresql://u:hunter2@h/d"]
tenants: ["host=h user=u password=hunter2"]
tenants:\n  - {name: a, server: "postgresql://u:hunter2@h/d", database: d}
tenants:\n  - {name: a, "postgresql://u:hunter2@h/d": x}
tenants:\n  - {name: a, url: "postgresql://u:hunter2@h/d", create: "postgresql://u:hunter2@h/d"}
tenants:\n  - {name: a, url: "postgresql://u:hunter2@h/d", "postgresql://u:hunter2@h/d": 1, "postgresql://u:hunter2@h/d": 1}
LINES

# A function of PostgreSQL's in a section that names no engine: END is not what is wrong.
cat >skein.yaml <<'YAML'
tenants:
  - {name: a, url: "sqlite:a.db", create: true}
YAML
revision 2.sql <<'SQL'
-- two
-- Revision ID: abcd00000002
-- Revises: abcd00000001
-- skein:upgrade
CREATE FUNCTION f() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    RETURN 1;
END;
$$;
SQL
run 2 validate
check_has "which engine reads it so" "2.sql:8: END is not allowed in a revision, as sqlite reads it" "$SCRATCH/err"
check_has "and what to write" "name that on the marker: -- skein:upgrade postgresql" "$SCRATCH/err"
