/*
 * lasting.h: what a statement of MySQL or MariaDB leaves in its session, as far as its words tell:
 * whoever goes on behind it in another session has to have it there, too. It does not know what a
 * routine or a trigger that the statement calls leaves there, nor what LAST_INSERT_ID() and the
 * like remember of it.
 */
#ifndef SKEIN_PLANNER_LASTING_H
#define SKEIN_PLANNER_LASTING_H

#include <stddef.h>

#include "model/engine.h"

enum lasting {
    LASTING_NOTHING,
    LASTING_SET,  /* a SET of values that the text itself has, or settings of before: done again in
                     a new session, after those before it, it leaves the same */
    LASTING_MORE, /* a temporary table, a lock, a prepared statement, what a query found …: it
                     cannot be made again without doing more */
};

/* Of other engines: LASTING_NOTHING, for there each section, or transaction, begins anew. */
enum lasting lasting_of(enum engine engine, const char *text, size_t length);

#endif
