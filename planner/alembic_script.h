/*
 * alembic_script.h: what `alembic upgrade A:B --sql` and `downgrade B:A --sql` print, taken apart:
 * the revisions' own statements, without the version table's, BEGIN and COMMIT. Pure: text in,
 * values out.
 *
 * What Alembic renders offline is not always what it would do online: alembic_doubt.h.
 */
#ifndef SKEIN_PLANNER_ALEMBIC_SCRIPT_H
#define SKEIN_PLANNER_ALEMBIC_SCRIPT_H

#include "base/arena.h"
#include "base/err.h"
#include "model/engine.h"
#include "model/revision.h"
#include "planner/alembic_doubt.h"

struct alembic_statement {
    const char *text; /* with the comments before it, without its end; not NUL-terminated */
    size_t length;
    bool outside; /* of a transaction */
    struct alembic_doubt doubt;
};

/* What stands behind one "-- Running upgrade …". */
struct alembic_step {
    const char *revision;
    struct alembic_statement *statements;
    size_t count, capacity;
    bool complete; /* the version table's own statement is there: its function came to its end */
};

struct alembic_script {
    struct alembic_step *steps; /* in their order */
    size_t count, capacity;
    const char *version_table; /* as written, with its schema; NULL: not seen */
    const char *preamble;      /* the first statement that env.py itself wrote; or NULL */
};

/* Never fails: what cannot be cut into statements is one statement in doubt. All lies in the arena
 * or points into the text. */
void alembic_script_parse(struct arena *arena, enum engine engine, enum direction direction,
                          const char *text, size_t length, struct alembic_script *script);

/* The step of a revision, or NULL. */
struct alembic_step *alembic_script_find(const struct alembic_script *script, const char *revision);

#endif
