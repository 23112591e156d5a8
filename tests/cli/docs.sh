#!/bin/bash
# README and docs say what the program does: their commands run, every command and option of --help stands in the reference.
. "$ROOT/tests/support/lib.sh"
reference=$ROOT/docs/reference.md

run 0 --help
commands=$(sed -n '/^Commands$/,/^$/s/^  \([a-z_]\+\) .*/\1/p' "$SCRATCH/out")
check_equal "the list of commands was found" True "$([ "$(echo "$commands" | wc -l)" -ge 15 ] && echo True)"
for command in $commands; do
    check_has "the reference has $command" "^### $command( |\$)" "$reference"
    run 0 "$command" --help
    sed -n 's/^  *\(-.*\)/\1/p' "$SCRATCH/out" | grep -oE -- '--[a-z-]+|^-[a-z]' | sort -u >"$SCRATCH/options"
    while read -r option; do
        check_has "the reference has $command $option" "\`([^\`]*, )?${option}[ \`,]|\`$option" "$reference"
    done <"$SCRATCH/options"
done
# and the other way round: no section for what does not exist
sed -n 's/^### \([a-z_]\+\).*/\1/p' "$reference" | while read -r command; do
    echo "$commands" | grep -qx "$command" || fail "the reference promises $command"
done || exit 1

# The README's first steps, as they stand there.
sed -n '/^## A fleet of your own$/,/^## /p' "$ROOT/README.md" | sed -n '/^```sh$/,/^```$/p' | grep '^skein ' | sed 's/ *#.*//' >"$SCRATCH/steps"
check_equal "the README's steps were found" 4 "$(wc -l <"$SCRATCH/steps")"
while read -r step; do
    CHECKS=$((CHECKS + 1))
    eval "\"\$SKEIN\" ${step#skein }" >"$SCRATCH/out" 2>"$SCRATCH/err" || {
        show_last
        fail "README: $step"
    }
done <"$SCRATCH/steps"
check_has "the last one moved the example tenant" "1 succeeded|1 target on 1 server: 1 succeeded" "$SCRATCH/out"

# The README's fleet and revision are valid.
sed -n '/^## A fleet of your own$/,/^## /p' "$ROOT/README.md" | sed -n '/^```yaml$/,/^```$/p' | sed '1d;$d' >skein.yaml
rm -f migrations/versions/*.sql
sed -n '/^## A fleet of your own$/,/^## /p' "$ROOT/README.md" | sed -n '/^```sql$/,/^```$/p' | sed '1d;$d' >migrations/versions/1.sql
export PG_A_PASSWORD=x
run 0 validate
check_has "README's project" "^valid: 1 revision, 1 target and those to be discovered" "$SCRATCH/out"
run 0 history
check_equal "README's revision" "<base> -> 1975ea83b712 (head), add users" "$(cat "$SCRATCH/out")"

# One database, in an empty folder, as it stands there.
mkdir "$SCRATCH/one" && cd "$SCRATCH/one" || exit 1
sed -n '/^## One database$/,/^## /p' "$ROOT/README.md" | sed -n '/^```sh$/,/^```$/p' | sed '1d;$d; s/ *#.*//' >"$SCRATCH/steps"
check_equal "these steps were found" 5 "$(wc -l <"$SCRATCH/steps")"
(
    set -e
    while read -r step; do
        eval "${step/#skein /\"\$SKEIN\" }"
    done <"$SCRATCH/steps"
) >"$SCRATCH/out" 2>"$SCRATCH/err" || fail "README: one database"
check_has "the last one shows the head" "^[0-9a-f]{12} \(head\)$" "$SCRATCH/out"
check_has "one file beside the project" "^app.db migrations $" <(find . -maxdepth 1 -mindepth 1 -printf '%P\n' | sort | tr '\n' ' ')
