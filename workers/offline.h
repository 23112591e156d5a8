/*
 * offline.h: a plan as a script for the engine's own client (psql, sqlite3): what a life would do,
 * written down instead of done. It walks the same operations (model/plan.h) and takes what skein
 * itself writes from the same texts and values (dialect.h, bookkeeping.h), so that it leaves what a
 * life leaves: schema, version rows, history rows but for run, actor and times. Pure.
 *
 * What a life reads and decides, the script asserts: it stops, with nothing of the unit left, where
 * the database stands elsewhere than the plan begins, an open row is there, another skein holds the
 * lock (PostgreSQL), a change of a row does not hit exactly one. Require and verify are comments.
 * It tries nothing again.
 *
 * An engine is its texts DIALECT_OFFLINE_… and a row of the table in offline_client.c.
 */
#ifndef SKEIN_WORKERS_OFFLINE_H
#define SKEIN_WORKERS_OFFLINE_H

#include "base/str.h"
#include "model/fleet.h"
#include "model/plan.h"
#include "model/run.h"

struct offline_order {
    const struct plan *plan; /* not refused; no steps: a script that says so */
    const struct migrations *migrations;
    const struct target *target;  /* one of those it is for; they do not differ in what matters */
    const char *database;         /* that the script is for, or NULL: any */
    const struct pair_list *vars; /* the tenant's with those of -x over them */
    const struct run_identity *identity;
    const char *title;  /* "upgrade base:head": for the first line */
    const char *serves; /* "tenant acme": likewise */
    bool purge;         /* stamp --purge: the version table is emptied, whatever it holds; the plan
                           begins at base */
    bool unchanged;     /* stop where files of applied revisions were edited */
};

/* Whether this build can write scripts for the engine. */
bool offline_supports(enum engine engine);

/* Adds the script; needs an engine that is supported. Errors name revision and line: ERROR_PLAN for
 * a variable without a usable value, ERROR_REVISION for a text that the client would not send as it
 * is. */
int offline_write(const struct offline_order *order, struct str *out, struct err *err);

#endif
