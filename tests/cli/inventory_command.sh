#!/bin/bash
# discover: {command: …}: a program of the user's tells the tenants, as CSV or JSON lines; what it prints is checked like the file.
. "$ROOT/tests/support/lib.sh"

revision 1.sql <<'SQL'
-- one
-- Revision ID: aaaa00000001
-- Revises:
-- skein:upgrade
CREATE TABLE own (id integer);
-- skein:downgrade
DROP TABLE own;
SQL
printf '#!/bin/sh\ncat "$1"\n' >tenants
chmod 755 tenants
fleet() { # fleet: stdin is what the command prints
    cat >printed
    printf 'tenants:\n  - {name: own, url: "sqlite:own.db", create: true}\n  - {discover: {command: [./tenants, printed]%s}, labels: {tier: free}}\n' "${1-}" >skein.yaml
}
refused() { # refused WHAT PATTERN, stdin is what the command prints
    fleet
    run 2 targets
    check_has "$1" "skein.yaml:3:[0-9]+: tenants\[1\].discover[,:] $2" "$SCRATCH/err"
}
for name in acme 'o,dd "one"' zeta; do sqlite3 "$name.db" 'CREATE TABLE x (y)'; done

printf 'name,url,labels.tier\r\nacme,sqlite:acme.db,gold\r\n"o,dd ""one""","sqlite:o,dd%%20""one"".db",\r\n\r\n' | fleet
run 0 upgrade head --format json
check_equal "CSV" "[('acme', 'gold'), ('o,dd \"one\"', 'free'), ('own', None)]" "$(json 'sorted((t["name"], t["labels"].get("tier")) for t in d["targets"])')"
check_equal "all moved" 3 "$(json 'd["counts"]["succeeded"]')"
fleet <<'JSON'
{"name": "acme", "url": "sqlite:acme.db", "labels": {"tier": "gold", "size": 3}, "vars": {"live": true}}

{"url": "sqlite:zeta.db", "name": "zeta", "labels.tier": null}
JSON
run 0 targets --format csv
check_equal "JSON lines" 'acme,sqlite,local,acme.db,,3,gold
zeta,sqlite,local,zeta.db,,,free' "$(tr -d '\r' <"$SCRATCH/out" | grep -E '^(acme|zeta)')"
run 0 upgrade head -l size=3
check_has "a label of its own" "1 target on 1 server: 1 up to date" "$SCRATCH/out"
cp printed kept
fleet ', exclude: "z*"' <kept
run 0 targets
check_has_not "exclude" zeta "$SCRATCH/out"
fleet ', min: 3' <kept
run 2 targets
check_has "min" "found 2, fewer than min: 3" "$SCRATCH/err"
: | fleet
run 0 targets
check_has "nobody" "^1 target" "$SCRATCH/out"
run 0 validate

refused "JSON" "what the command ./tenants prints: line 2: it is no JSON" <<<'{"name": "a", "url": "sqlite:a.db"}
{"name": '
refused "no object" "what the command ./tenants prints: line 2: it is no object of JSON" <<<'{"name": "a", "url": "sqlite:a.db"}
[1]'
refused "a list" "what the command ./tenants prints: line 1: a value must be a text" <<<'{"name": ["a"]}'
refused "twice" "what the command ./tenants prints: line 1: it is no JSON" <<<'{"name": "a", "name": "b"}'
refused "too few cells" "what the command ./tenants prints: line 3: 1 cells, and the head line has 2" <<<'name,url
a,sqlite:a.db
b'
refused "a quote" 'what the command ./tenants prints: line 2: a quote is not closed' <<<'name,url
"a,sqlite:a.db'
refused "a quote inside" 'what the command ./tenants prints: line 2: a quote stands inside of a cell' <<<'name,url
a"b,sqlite:a.db'
refused "a column" 'the column "nam" means nothing' <<<'nam,url
a,sqlite:a.db'
refused "a variable" 'row 1: a URL that comes from outside must not have a variable' <<<'name,url
a,sqlite:${HOME}'
printf 'name\nx\0y\n' | refused "a NUL" "what the command ./tenants prints: line 2: it is not UTF-8, or has a NUL"
printf 'name,url\n\xff,sqlite:a.db\n' | refused "UTF-8" "what the command ./tenants prints: line 2: it is not UTF-8, or has a NUL"
rm printed
run 2 targets
check_has "a command that fails" "tenants\[1\].discover: the command ./tenants failed with exit 1" "$SCRATCH/err"
run 0 targets -t own
check_has "not called for a tenant of the file" "^1 target" "$SCRATCH/out"
