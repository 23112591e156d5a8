/*
 * plan.h: what one group of targets has to do, as values: made by planner/plan.c, executed by workers/, shown by report/.
 * All targets with the same engine and the same heads share one plan (a plan group).
 */
#ifndef SKEIN_MODEL_PLAN_H
#define SKEIN_MODEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/revision.h"

/* How the version table changes; each change must hit exactly one row. */
enum row_change_kind {
    ROW_INSERT, /* `to` */
    ROW_DELETE, /* `from` */
    ROW_UPDATE  /* `from` becomes `to` */
};

struct row_change {
    enum row_change_kind kind;
    const char *from, *to;
};

/* A word of skein_history.direction. */
enum step_kind {
    STEP_UPGRADE,
    STEP_DOWNGRADE,
    STEP_STAMP,
    STEP_ACCEPT,  /* --allow-changed: applied_checksum anew */
    STEP_RESOLVE,
};

const char *step_kind_name(enum step_kind kind);

struct plan_step {
    enum step_kind kind;
    const struct revision *revision; /* NULL: base (stamp) */
    const struct script *script;     /* NULL for stamp, accept */
    const struct row_change *changes;
    size_t change_count;
    const char *const *heads; /* rows after the step, sorted */
    size_t head_count;
    char applied_checksum[33]; /* after the step (contract, section 8) */
};

/*
 * One thing to do, in order; a plan compiled for its engine (planner/unit.c). The life of a target walks this list, and
 * several operations in a row may go to the server in one message where nothing between them needs an answer first.
 */
enum operation_kind {
    OPERATION_BEGIN,       /* a unit begins */
    OPERATION_SESSION,     /* search_path set and asserted, timeouts of the section: before each revision and section */
    OPERATION_REQUIRE,     /* check: alone, its answer decides */
    OPERATION_STATEMENT,   /* of the revision's script, inside the transaction */
    OPERATION_VERIFY,      /* check: alone, its answer decides */
    OPERATION_HISTORY_START, /* the history row of a revision of several units, state started; carries attempted, done */
    OPERATION_HISTORY_DONE,  /* the history row whole (one unit) or its update to done (several) */
    OPERATION_VERSION,       /* the rows of the version table, by the step's changes */
    OPERATION_COMMIT,        /* the unit ends */
    OPERATION_MARK,          /* outside a transaction: attempted := statement (and done := statement - 1), committed by itself */
    OPERATION_STATEMENT_OFF, /* a statement outside a transaction, alone */
    OPERATION_MARK_DONE,     /* attempted = done := statement; written with the next mark where one follows at once */
    OPERATION_FOREIGN_KEYS_OFF,   /* SQLite: the pragma, before its BEGIN */
    OPERATION_FOREIGN_KEYS_CHECK, /* SQLite: before its COMMIT */
    OPERATION_FOREIGN_KEYS_ON,    /* SQLite: restored after it */
};

struct operation {
    enum operation_kind kind;
    size_t step;      /* index into the plan's steps */
    size_t statement; /* number from 1 where the kind has one; for HISTORY_START and MARKs: attempted */
    size_t done;      /* for HISTORY_START, HISTORY_DONE, MARKs: done after it */
    const struct check *check;     /* REQUIRE, VERIFY */
    const struct section *section; /* STATEMENT*, SESSION: the section it lies in; NULL: none */
    bool insert; /* HISTORY_DONE: the row is new (one unit); else the started row is updated */
};

struct plan {
    enum engine engine;
    const char *const *before; /* heads as read, sorted: the group's key */
    size_t before_count;
    const struct plan_step *steps;
    size_t step_count; /* 0: up to date */
    const char *const *after; /* heads at the end */
    size_t after_count;
    const struct operation *operations;
    size_t operation_count;
    size_t unit_count; /* more than 1: some work stands before all does */
    bool transaction_off;   /* some statement runs outside a transaction */
    struct err *refused; /* not NULL: targets of this group are `refused` with this */
    const char *const *not_maximal; /* rows found that are not maximal: read as applied, written right by the next step */
    size_t not_maximal_count;
};

#endif
