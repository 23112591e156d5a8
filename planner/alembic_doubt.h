/*
 * alembic_doubt.h: what can be wrong with one statement that Alembic rendered offline. Some of it
 * is silent in Alembic: op.get_bind().execute(text, parameters) loses the parameters and writes
 * NULL for them. Pure.
 */
#ifndef SKEIN_PLANNER_ALEMBIC_DOUBT_H
#define SKEIN_PLANNER_ALEMBIC_DOUBT_H

#include <stdbool.h>

#include "base/arena.h"
#include "model/engine.h"

#define ALEMBIC_PERCENT_EVEN 1u /* runs of an even number of % */
#define ALEMBIC_PERCENT_ODD  2u

struct alembic_doubt {
    const char *reason; /* why a person must look at it; NULL: by itself nothing is wrong */
    /* what only all statements together, or the revision's Python, can tell */
    unsigned percent; /* set of ALEMBIC_PERCENT: where all are even, env.py may double them */
    bool bare_null;   /* a NULL as a value */
};

/* Looks at one statement, without its end. The reason lies in the arena or is constant. */
struct alembic_doubt alembic_doubt_of(struct arena *arena, enum engine engine, const char *text,
                                      size_t length);

#endif
