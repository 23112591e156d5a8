#include <libpq-fe.h>
#include <stdlib.h>

#include "workers/pg_internal.h"

void pg_rows_add(struct pg_rows *rows, const PGresult *from, struct arena *arena)
{
    int columns = PQnfields(from), count = PQntuples(from);
    size_t needed = rows->count + (size_t)columns * (size_t)count;

    rows->columns = (size_t)columns;
    rows->cells = arena_grow(arena, rows->cells, sizeof(*rows->cells), &rows->capacity, needed);
    for (int row = 0; row < count; row++) {
        for (int column = 0; column < columns; column++) {
            const char *text = NULL;

            if (!PQgetisnull(from, row, column)) {
                text = arena_strndup(arena, PQgetvalue(from, row, column),
                                     (size_t)PQgetlength(from, row, column));
            }
            rows->cells[rows->count++] = text;
        }
    }
}

const char *const *pg_result_names(const PGresult *from, struct arena *arena)
{
    int count = PQnfields(from);
    const char **names = arena_array(arena, (size_t)count, sizeof(*names));

    for (int i = 0; i < count; i++) {
        names[i] = arena_strdup(arena, PQfname(from, i));
    }
    return names;
}

void pg_rows_finish(struct pg_rows *rows, struct result *result)
{
    result->cells = rows->cells;
    result->column_count = rows->columns;
    result->row_count = rows->columns ? rows->count / rows->columns : 0;
    *rows = (struct pg_rows){0};
}

void pg_result_finish(PGresult *from, struct result *result, struct arena *arena)
{
    const char *tuples = PQcmdTuples(from);

    result->tag = arena_strdup(arena, PQcmdStatus(from));
    result->affected = *tuples ? strtoll(tuples, NULL, 10) : -1;
}
