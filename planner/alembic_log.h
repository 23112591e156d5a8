/*
 * alembic_log.h: what Alembic says on stderr: which engine it renders for, and why it failed. Pure.
 */
#ifndef SKEIN_PLANNER_ALEMBIC_LOG_H
#define SKEIN_PLANNER_ALEMBIC_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/engine.h"

/* The engine that "Context impl PostgresqlImpl." in Alembic's log tells; false where it tells none.
 * *name is then what stands there, or NULL. */
bool alembic_log_engine(struct arena *arena, const char *log, enum engine *engine,
                        const char **name);

/* How much of stdout is before "FAILED: …", which a call that fails writes there; all of it where
 * no such line is. */
size_t alembic_log_before_failure(const char *output, size_t length);

/* Why a call failed: what follows "FAILED: " on its stdout, else the end of a Python traceback on
 * its stderr, then with the line of the revision's file `path` (or NULL): "TypeError: … (line 12)".
 * In the arena. */
const char *alembic_log_failure(struct arena *arena, const char *output, const char *log,
                                const char *path);

#endif
