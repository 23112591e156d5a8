#!/bin/bash
# scripts/embed-sql: what a text includes stands in the table; what cannot be included ends the build with words.
. "$ROOT/tests/support/lib.sh"

SQL=$SCRATCH/sql/mysql
mkdir -p "$SQL/parts" "$SCRATCH/sql/sqlite"

# text NAME LINE…
text() {
    local name=$1
    shift
    printf '%s\n' "$@" >"$SQL/$name.sql"
}

# embed EXPECTED_EXIT: the table of all files
embed() {
    local files=("$SCRATCH"/sql/sqlite/*.sql "$SQL"/*.sql "$SQL"/parts/*.sql)
    run "$1" "$SCRATCH/table.c" "${files[@]}"
}

# refused WHAT MESSAGE: PATH in it is of the texts
refused() {
    embed 1
    check_equal "$1" "embed-sql: ${2//PATH/$SQL}" "$(cat "$SCRATCH/err")"
    check_equal "$1: no table is left" "" "$(find "$SCRATCH" -name table.c)"
}

printf 'BEGIN\n' >"$SCRATCH/sql/sqlite/begin.sql"
text begin 'START'
text heads 'SELECT {include parts/columns}, c,' '       {include parts/columns}' '  FROM {version_table}' '({include begin})'
text parts/columns 'a,' '       {include parts/quoted} AS b'
text parts/quoted "'\\s\"'"
embed 0
cat >"$SCRATCH/expected" <<'END'
/* made by scripts/embed-sql from workers/sql */
#include "workers/dialect_texts.h"

const char *const dialect_texts[ENGINE_COUNT][DIALECT_COUNT] = {
    [ENGINE_SQLITE][DIALECT_BEGIN] =
        "BEGIN",
    [ENGINE_MYSQL][DIALECT_BEGIN] =
        "START",
    [ENGINE_MYSQL][DIALECT_HEADS] =
        "SELECT a,\n"
        "'\\s\"' AS b, c,\n"
        "a,\n"
        "'\\s\"' AS b\n"
        "FROM {version_table}\n"
        "(START)",
};
END
check_equal "parts, whole texts, parts of parts" "$(cat "$SCRATCH/expected")" "$(cat "$SCRATCH/table.c")"

text parts/quoted 'one' 'two {include parts/other}'
refused "a part that is not there" \
    'PATH/parts/quoted.sql:2: there is no mysql/parts/other.sql among the files that are given'
text parts/quoted '{include parts/quoted}'
refused "a part that includes itself" \
    'PATH/parts/quoted.sql:1: a text cannot include itself: mysql/heads -> mysql/parts/columns -> mysql/parts/quoted -> mysql/parts/quoted'
text parts/quoted 'one' '{include heads}'
refused "two that include each other" \
    'PATH/parts/quoted.sql:2: a text cannot include itself: mysql/heads -> mysql/parts/columns -> mysql/parts/quoted -> mysql/heads'
text parts/quoted '{include parts/columns'
refused "no closing brace" 'PATH/parts/quoted.sql:1: "{include parts/columns" is not {include NAME}'
text parts/quoted '{include }'
refused "no name" 'PATH/parts/quoted.sql:1: "{include }" is not {include NAME}'
text parts/quoted 'x'
text parts/spare 'y'
refused "a part that nothing needs" 'PATH/parts/spare.sql: no text includes it'
