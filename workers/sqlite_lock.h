/*
 * sqlite_lock.h: the lock of a SQLite target that outlives transactions: flock on the file
 * `<real path>-skein` beside the database. It is removed by its holder before it is let go; what a
 * killed holder leaves behind is taken by the next. Advice among skeins, nothing that SQLite knows.
 * Not thread-safe.
 */
#ifndef SKEIN_WORKERS_SQLITE_LOCK_H
#define SKEIN_WORKERS_SQLITE_LOCK_H

#include <stdbool.h>

#include "base/err.h"

struct sqlite_lock {
    const char *database; /* path of the database's file, which exists; NULL: there is none, nothing
                             to lock */
    char *path;           /* of the lock's file while it is held; own */
    int descriptor;       /* -1: not held */
};

void sqlite_lock_init(struct sqlite_lock *lock, const char *database);

/* Never waits. *got: held now (also where it was before). Errors: ERROR_DISK, ERROR_PRIVILEGE,
 * ERROR_CAPACITY. */
int sqlite_lock_take(struct sqlite_lock *lock, bool *got, struct err *err);

/* Whether nobody else holds it. Makes no file. Errors as above. */
int sqlite_lock_probe(const struct sqlite_lock *lock, bool *is_free, struct err *err);

/* Removes the file that a killed holder left behind; where there is none, that costs one look.
 * For a moment it holds the lock itself. Says nothing where it cannot. */
void sqlite_lock_sweep(const struct sqlite_lock *lock);

/* Whether it was held. */
bool sqlite_lock_give(struct sqlite_lock *lock);

/* What skein says for errno of a file that it opens: sets class, code stays unset. */
int sqlite_lock_error(struct err *err, int number, const char *path);

#endif
