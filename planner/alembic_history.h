/*
 * alembic_history.h: what `alembic history -v` prints, as values. Pure: text in, values out.
 * Strict: a line that it does not know is an error, never passed over.
 */
#ifndef SKEIN_PLANNER_ALEMBIC_HISTORY_H
#define SKEIN_PLANNER_ALEMBIC_HISTORY_H

#include "base/arena.h"
#include "base/err.h"
#include "model/revision.h"

struct alembic_revision {
    /* id, message (its first line, "" where it has none), notes, down, depends_on (as written),
     * create_date, path (of the Python file); nothing else is set. Labels: see below. */
    struct revision revision;
    /* The labels that it carries: its own and what Alembic hands on to it. Which of them are its
     * own `alembic show LABEL` tells. */
    const char *const *carried;
    size_t carried_count;
};

/* Oldest first: each stands after its parents; none is no error. All lies in the arena.
 * ERROR_REVISION names the line that was not understood. */
int alembic_history_parse(struct arena *arena, const char *text, size_t length,
                          struct alembic_revision **revisions, size_t *count, struct err *err);

#endif
