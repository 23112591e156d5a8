/* Tables that have skein's names and not its shape: somebody else's, or mended by hand. */
#include <string.h>

#include "workers/life_internal.h"

/* A column is missing: of skein's own tables, for nothing else is read there. */
static bool misses_column(const struct life *life, const struct err *err)
{
    static const char *const codes[] = {"42703", "1054"};

    if (err->class != ERROR_MISSING_OBJECT || !err->message ||
        (life->state != LIFE_STATE_PEEK && life->state != LIFE_STATE_LOCK &&
         life->state != LIFE_STATE_READ)) {
        return false;
    }
    for (size_t i = 0; err->code && i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (strcmp(err->code, codes[i]) == 0) {
            return true;
        }
    }
    return life->target->engine == ENGINE_SQLITE && strstr(err->message, "no such column");
}

void shape_explain(const struct life *life, struct err *err)
{
    const struct dialect_names *names = &life->work->connection.names;

    if (err->hint || !misses_column(life, err)) {
        return;
    }
    if (strstr(err->message, "version_num")) {
        err_hint(err,
                 "%s is no version table: it must have the column version_num; rename it, or set "
                 "migrations: {version_table: NAME}",
                 names->version_table);
    } else {
        err_hint(
            err,
            "%s is no history of skein's: it must have the columns seq, revision, direction, "
            "state, total, attempted, done, checksum, done_checksum, applied_checksum, run_id, "
            "started_at, finished_at, actor, reason, tag, skein_version; rename it, or set "
            "migrations: {history_table: NAME}",
            names->history_table);
    }
}

int shape_check_rows(const struct life *life, struct err *err)
{
    const struct reading *reading = &life->work->connection.last;
    const struct dialect_names *names = &life->work->connection.names;
    const char *table = names->version_table;

    if (reading->missing) {
        err_set(
            err, ERROR_CORRUPT,
            "a row of the history has no %s: whether a revision stands half done cannot be told",
            reading->missing);
        err_hint(err,
                 "a copy of the table has lost its NOT NULL: look at SELECT * FROM %s WHERE %s IS "
                 "NULL, and UPDATE or DELETE what is there",
                 names->history_table, reading->missing);
        return ERROR_CORRUPT;
    }
    if (!reading->nameless) {
        return 0;
    }
    err_set(err, ERROR_UNKNOWN_REVISION, "a row of %s names no revision: its version_num is %s",
            table, reading->nameless);
    err_hint(err, "look where the target stands, then DELETE FROM %s WHERE version_num %s", table,
             strcmp(reading->nameless, "NULL") == 0 ? "IS NULL" : "= ''");
    return ERROR_UNKNOWN_REVISION;
}
