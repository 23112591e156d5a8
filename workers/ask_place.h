/*
 * ask_place.h: what a question's connection needs to see a target as a life of it does: its role
 * and its search_path.
 */
#ifndef SKEIN_WORKERS_ASK_PLACE_H
#define SKEIN_WORKERS_ASK_PLACE_H

#include "workers/ask.h"
#include "workers/dialect.h"

/* Adds a command behind those before the question; nothing where `sql` is NULL. Copies no text. */
void ask_add_before(struct arena *arena, struct question *question, enum dialect_purpose purpose,
                    const char *sql, const char *const *parameters, unsigned count);

/* Adds the target's role and search_path, where it has them. */
void ask_add_place(struct arena *arena, struct question *question);

#endif
