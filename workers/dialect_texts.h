/*
 * dialect_texts.h: the table that scripts/embed-sql makes from workers/sql, for dialect.c alone.
 */
#ifndef SKEIN_WORKERS_DIALECT_TEXTS_H
#define SKEIN_WORKERS_DIALECT_TEXTS_H

#include "workers/dialect.h"

/* NULL where there is no such file. */
extern const char *const dialect_texts[ENGINE_COUNT][DIALECT_COUNT];

#endif
