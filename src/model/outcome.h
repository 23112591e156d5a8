/*
 * outcome.h: how one target ended, as a value. The words are the contract's, section 6.
 */
#ifndef SKEIN_MODEL_OUTCOME_H
#define SKEIN_MODEL_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "model/plan.h"

enum outcome_kind {
    OUTCOME_NOT_STARTED, /* also: not ended yet */
    OUTCOME_SUCCEEDED,
    OUTCOME_UP_TO_DATE,
    OUTCOME_PLANNED,
    OUTCOME_HELD,
    OUTCOME_STALE,
    OUTCOME_ROLLED_BACK,
    OUTCOME_FAILED,
    OUTCOME_PARTIAL,
    OUTCOME_CANCELLED,
    OUTCOME_REFUSED,
    OUTCOME_BLOCKED,
    OUTCOME_UNREACHABLE,
    OUTCOME_IN_DOUBT,
    OUTCOME_COUNT
};

const char *outcome_name(enum outcome_kind kind);

/* A row of skein_history with state `started`: half a revision, or the latest row. Strings live as
 * long as the outcome. */
struct history_row {
    int64_t seq;
    const char *revision;
    const char *direction; /* as in the table */
    const char *state;     /* "started", "done" */
    int64_t total, attempted, done;
    const char *checksum, *done_checksum, *applied_checksum;
    const char *run_id;
    const char *started_at;
};

/* A row of the version table that no revision file has, with the last row of the history that names
 * it: what a person needs to find the missing file. */
struct unknown_row {
    const char *revision;
    bool seen;             /* the history names it; else the rest is NULL */
    const char *direction; /* as in the table */
    const char *at;        /* RFC 3339, UTC */
    const char *run_id, *actor, *tag;
    const char *checksum;      /* of the file's upgrade sections, its first 128 bits in hex */
    const char *skein_version; /* that wrote the row */
};

/* A step that stands (dry run: that is planned). */
struct outcome_step {
    enum step_kind kind;
    const char *revision; /* "base" where a stamp only removes */
    int64_t microseconds;
};

/* What was not answered and could not be asked for again. */
enum doubt_kind {
    DOUBT_COMMIT,    /* of a unit: all of it stands, or nothing */
    DOUBT_STATEMENT, /* one outside a transaction */
    DOUBT_ROW,       /* the statement left nothing; whether skein's row of it is gone */
};

/* "commit", "statement", "row". */
const char *doubt_kind_name(enum doubt_kind kind);

/* What an outcome `in_doubt` is about. Where in a file, the outcome's error says. */
struct outcome_doubt {
    enum doubt_kind kind;
    const struct outcome_step *steps; /* COMMIT: those that the unit has a part of; else one */
    size_t step_count;
};

struct outcome {
    enum outcome_kind kind;
    bool read; /* the heads were read at least once: before and after say something */
    const char *const *before; /* heads when first read, sorted */
    size_t before_count;
    const char *const *after; /* heads when last read or written */
    size_t after_count;
    const struct outcome_step *steps;
    size_t step_count;
    const struct plan *plan;        /* of a plan or dry run; else NULL */
    const struct history_row *open; /* the open row found, or NULL */
    const struct history_row
        *latest; /* the latest row, or NULL where there is none or no history table */
    const struct unknown_row *unknown; /* of `after`, in its order */
    size_t unknown_count;
    const struct outcome_doubt *doubt; /* of in_doubt; else NULL */
    const char *deferred; /* plan: names of require checks that wait for an earlier pending
                             revision, or NULL */
    const char *weak_tls; /* the mode of its last connection, where that was weaker than verify-full
                             to a host that is not local; or NULL */
    unsigned attempts;
    unsigned lock_waits;  /* times that another skein's lock was met */
    int64_t microseconds; /* from first admitted to done */
    int64_t slowest_us;   /* its longest statement */
    const char *slowest_revision;
    int slowest_statement;
    struct err *error; /* NULL where nothing went wrong */
};

/* "last upgraded 2026-11-20T10:30:00Z by eva@laptop, run 20261120T103000Z-5f3a9c, tag v1.4", or
 * that the history does not know it. Added as it is in the table: to be made safe by who prints it.
 */
void unknown_row_describe(const struct unknown_row *row, struct str *out);

#endif
