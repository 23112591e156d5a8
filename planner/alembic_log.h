/*
 * alembic_log.h: what Alembic says on stderr: which engine it renders for, and why it failed. Pure.
 */
#ifndef SKEIN_PLANNER_ALEMBIC_LOG_H
#define SKEIN_PLANNER_ALEMBIC_LOG_H

#include <stdbool.h>

#include "base/arena.h"
#include "model/engine.h"

/* The engine that "Context impl PostgresqlImpl." in Alembic's log tells; false where it tells none.
 * *name is then what stands there, or NULL. */
bool alembic_log_engine(struct arena *arena, const char *log, enum engine *engine,
                        const char **name);

/* The end of a Python traceback, or the line after "FAILED: ": "TypeError: … (line 12)". `path` is
 * the revision's file, whose line is told. In the arena. */
const char *alembic_log_failure(struct arena *arena, const char *log, const char *path);

#endif
