/*
 * bookkeeping.h: what skein writes into its own two tables for each operation of a plan: which of
 * the texts of dialect.h, with which values. The life of a target sends the values as parameters,
 * an offline script has them as literals; both take them from here, so that they leave the same
 * rows. Pure.
 */
#ifndef SKEIN_WORKERS_BOOKKEEPING_H
#define SKEIN_WORKERS_BOOKKEEPING_H

#include "model/fleet.h"
#include "model/plan.h"
#include "model/run.h"
#include "workers/dialect.h"

#define BOOKKEEPING_VALUES 16

/* What a row says beside its step. The texts are handed through as they are. */
struct bookkeeping {
    enum engine engine;
    const struct run_identity *identity;
    const char *seq;     /* of the row that is written */
    const char *applied; /* applied_checksum of the row before, or NULL: for a started row */
    const char *now;     /* SQLite: the time; elsewhere it is not looked at */
    size_t announced;    /* the statement that a started row says is tried, 0: none */
};

/* One command of skein's own. values[i] is parameter i + 1, NULL is SQL's NULL. */
struct own_command {
    enum dialect_purpose purpose;
    const char *values[BOOKKEEPING_VALUES];
    unsigned count;
};

/* The step's row: whole (state done), or as its first unit leaves it (state started), with `done`
 * statements. */
struct own_command bookkeeping_insert(const struct bookkeeping *book, struct arena *arena,
                                      const struct plan_step *step, size_t done, bool whole);
/* The started row becomes done. */
struct own_command bookkeeping_close(const struct bookkeeping *book, struct arena *arena,
                                     const struct plan_step *step, size_t done);
/* The started row counts. */
struct own_command bookkeeping_mark(const struct bookkeeping *book, struct arena *arena,
                                    const struct plan_step *step, size_t attempted, size_t done);
/* A row of the version table. */
struct own_command bookkeeping_change(const struct row_change *change);

/* Milliseconds: the section's own (NULL: none), else the connection's. */
void bookkeeping_timeouts(const struct connection_settings *settings, const struct section *section,
                          int64_t *lock_ms, int64_t *statement_ms);

/* MySQL, MariaDB: a lock's limit as their servers count it, in whole seconds; 0, none, is a year,
 * as much as lock_wait_timeout takes. */
int64_t bookkeeping_lock_seconds(int64_t ms);

/* search_path as a list of quoted names: the tenant's schema, then what is appended. NULL: as the
 * session has it. */
const char *bookkeeping_path(struct arena *arena, const struct target *target);

/* The tables' names in `schema`, which is quoted already; NULL: as they are found. What is set is
 * to last. */
struct dialect_names bookkeeping_names(struct arena *arena, enum engine engine, const char *schema,
                                       const struct migrations *migrations);

#endif
