/*
 * object.h: what a statement makes or drops, by its words: tables, views, columns, indexes,
 * constraints. For a person who has to find out whether a statement stands.
 *
 * It is no parser of SQL. What it does not recognise for certain it leaves out, and says so; it
 * never guesses a name: a statement with a variable in a name's place, a temporary table, an index
 * that the server names, all that stands behind PREPARE or in a body are not recognised.
 */
#ifndef SKEIN_PLANNER_OBJECT_H
#define SKEIN_PLANNER_OBJECT_H

#include "base/arena.h"
#include "model/inspection.h"

/* The objects of one statement, in its order, `found` OBJECT_UNKNOWN; they and their names lie in
 * the arena. *whole: there is nothing else that it does. Returns how many. */
size_t objects_of(struct arena *arena, enum engine engine, const char *sql, size_t length,
                  struct object **objects, bool *whole);

#endif
