/*
 * classify.h: (engine, native code) -> error class and retry class, as data, tested row by row.
 *
 * Not here: what depends on more than the code: whether skein itself asked for the cancel, whether
 * a COMMIT was under way (the drivers and the life of a target).
 */
#ifndef SKEIN_PLANNER_CLASSIFY_H
#define SKEIN_PLANNER_CLASSIFY_H

#include "base/err.h"
#include "model/engine.h"

/* Sets err->class and err->retry from the native code: an SQLSTATE, a MySQL errno or an SQLite
 * (extended) result code as decimal text. Codes not listed go by their SQLSTATE class or primary
 * code, else ERROR_INTERNAL, RETRY_NEVER. err->message must be set; the code is copied into it.
 * `hint` gets a default where the table has one. */
void classify(struct err *err, enum engine engine, const char *code);

/* The condition's name as the engine's manual has it ("not_null_violation"), or NULL. */
const char *classify_condition(enum engine engine, const char *code);

#endif
