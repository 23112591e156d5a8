/*
 * plan.h: what one group of targets has to do, as values: made by planner/plan.c, executed by
 * workers/, shown by report/. All targets with the same engine and the same heads share one plan (a
 * plan group).
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
    STEP_ACCEPT, /* --allow-changed: applied_checksum anew */
    STEP_RESOLVE,
    STEP_ENSURE, /* the version table is created where it is missing; no history row is written */
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
 * One thing to do, in order; a plan compiled for its engine (planner/unit.c). The life of a target
 * walks this list, and several operations in a row may go to the server in one message where
 * nothing between them needs an answer first. The shapes, by unit:
 *
 *   one unit      BEGIN SESSION REQUIRE… STATEMENT… VERIFY… VERSION HISTORY_DONE COMMIT
 *   shared        … HISTORY_DONE, SESSION STATEMENT… VERSION HISTORY_DONE, … COMMIT
 *   several units
 *     the first   BEGIN SESSION REQUIRE… STATEMENT… HISTORY_START COMMIT
 *     between     BEGIN SESSION STATEMENT… MARK_DONE COMMIT
 *     outside     SESSION MARK STATEMENT_OFF, SESSION MARK STATEMENT_OFF, … MARK_DONE
 *     the last    BEGIN SESSION STATEMENT… VERIFY… VERSION HISTORY_DONE COMMIT
 *   foreign keys  FOREIGN_KEYS_OFF BEGIN … FOREIGN_KEYS_CHECK COMMIT FOREIGN_KEYS_ON
 *   joined        … VERSION HISTORY_DONE, SESSION HISTORY_START COMMIT STATEMENT_OFF, SESSION MARK
 *                 STATEMENT_OFF, … : without transactional DDL the last unit of a step begins the
 *                 row of the next, with its first statement announced; MARK_DONE is left out where
 *                 the last unit follows at once and has no VERIFY
 *   stamp         BEGIN VERSION HISTORY_DONE, VERSION HISTORY_DONE, … COMMIT
 *   ensure        BEGIN VERSION_TABLE COMMIT
 *
 * SESSION stands before the first statement of each section, again after each BEGIN (its settings
 * may end with a transaction), before each MARK and before the first VERIFY. REQUIRE and VERIFY
 * are of upgrades only. What a life must not infer: whether it is inside a transaction is said by
 * BEGIN and COMMIT alone.
 */
enum operation_kind {
    OPERATION_BEGIN,     /* a unit begins */
    OPERATION_SESSION,   /* search_path set and asserted; timeouts of `section`, of the connection
                            where it is NULL */
    OPERATION_REQUIRE,   /* a check: alone, its answer decides; in its step's first unit, before any
                            statement of the step */
    OPERATION_STATEMENT, /* of the step's script, inside the transaction */
    OPERATION_VERIFY,    /* a check: alone, its answer decides; in its step's last unit, after
                            all statements, before VERSION */
    OPERATION_HISTORY_START, /* inserts the row of a step of several units, state started; attempted
                                = done = the statements of this first unit, 0 where it has none;
                                with `statement`: attempted = statement, for its STATEMENT_OFF that
                                follows the COMMIT without a MARK */
    OPERATION_HISTORY_DONE,  /* the row whole (insert), or its update to done; attempted = done =
                                total */
    OPERATION_VERSION,       /* the rows of the version table, by the step's changes, in order; not
                                there where there are none */
    OPERATION_VERSION_TABLE, /* creates the version table, and that only; the unit makes no other
                                table, as all others do that write */
    OPERATION_COMMIT,        /* the unit ends */
    OPERATION_MARK, /* outside a transaction, committed by itself: attempted := statement, done :=
                       statement - 1; so it also says that the one before is done */
    OPERATION_STATEMENT_OFF, /* a statement outside a transaction, alone; its MARK just before, or
                                the COMMIT of a HISTORY_START that announces it */
    OPERATION_MARK_DONE, /* attempted = done := done: committed by itself after the last of several
                            STATEMENT_OFF in a row, or with its unit where it stands inside one */
    OPERATION_FOREIGN_KEYS_OFF,   /* SQLite: the pragma, before its BEGIN; the violations there are
                                     now count as old */
    OPERATION_FOREIGN_KEYS_CHECK, /* SQLite: before its COMMIT, a new violation fails the step */
    OPERATION_FOREIGN_KEYS_ON,    /* SQLite: the pragma restored, after COMMIT (and, by the life,
                                     after a ROLLBACK of that unit) */
    OPERATION_COUNT
};

struct operation {
    enum operation_kind kind;
    size_t step;      /* index into the plan's steps */
    size_t statement; /* STATEMENT, STATEMENT_OFF, MARK, HISTORY_START: its number, from 1; else 0
                       */
    size_t done;      /* statements done once it is: HISTORY_START, HISTORY_DONE, MARK, MARK_DONE */
    const struct check *check;     /* REQUIRE, VERIFY */
    const struct section *section; /* STATEMENT, STATEMENT_OFF, SESSION: the section; NULL: none */
    bool insert; /* HISTORY_DONE: the row is new (one unit); else the started row is updated */
};

struct plan {
    enum engine engine;
    const char *const *before; /* heads as read, sorted: the group's key */
    size_t before_count;
    char applied_checksum[33]; /* of `before`: what the latest history row must say; "" where the
                                  plan is refused for unknown rows */
    const struct plan_step *steps;
    size_t step_count;        /* 0: up to date */
    const char *const *after; /* heads at the end */
    size_t after_count;
    const struct operation *operations;
    size_t operation_count;
    size_t unit_count;              /* COMMITs; more than 1: some work stands before all does */
    bool transaction_off;           /* some statement runs outside a transaction */
    bool all_outside;               /* by unit_outside */
    struct err *refused;            /* not NULL: targets of this group are `refused` with this */
    const char *const *not_maximal; /* rows found that are not maximal: read as applied, written
                                       right by the next step */
    size_t not_maximal_count;
};

#endif
