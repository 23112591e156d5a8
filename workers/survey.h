/*
 * survey.h: the heads of many schemas of one database, read together over one connection: what is
 * asked, and what an answer says of each schema. Two questions: which of the schemas are there,
 * with which tables, for a portion of them; then the heads of those, for some at a time. What is
 * not clear is not told, and whoever is concerned asks for itself. Pure. PostgreSQL only.
 *
 * Not here: who is asked about and when, the connection (run_survey.c); what follows for a target
 * (LIFE_TOLD).
 */
#ifndef SKEIN_WORKERS_SURVEY_H
#define SKEIN_WORKERS_SURVEY_H

#include "model/fleet.h"
#include "workers/ask.h"

#define SURVEY_PORTION 200
/* One command reads the heads of so many. PostgreSQL plans a UNION ALL of 200 schemas with both
 * tables in three times the time that four of 50 take, and each table is locked until its end. */
#define SURVEY_WIDTH 50

struct survey_item {
    const struct target *target;
    bool version_table, history_table;
    struct result located; /* as the life's LOCATE is answered; row_count 0: not known */
    struct result heads;   /* as its HEADS; row_count may be 0 */
};

struct survey_terms {
    const struct migrations *migrations;
    bool brief; /* only what `up_to_date` depends on is wanted */
};

/* Whether the target may be one of many: it has a schema of its own that is no special word, and
 * nothing is known to stand between skein and its server. */
bool survey_fits(const struct target *target);

/* Targets with equal keys have the same connection but for the schema; in the arena, with the
 * password. */
const char *survey_key(struct arena *arena, const struct target *target);

/* Makes the question which of the items are there, in the arena; item 0 says where to connect. */
void survey_ask_located(const struct survey_terms *terms, const struct survey_item *items,
                        size_t count, struct arena *arena, struct question *question);
/* Takes its answer in, which stays where it is. */
void survey_take_located(struct survey_item *items, size_t count, const struct question *question);

/* The heads of the items. False: none of them has a table, there is nothing to ask. */
bool survey_ask_heads(const struct survey_terms *terms, const struct survey_item *items,
                      size_t count, struct arena *arena, struct question *question);
/* Takes that answer in; heads lie in the arena, their cells where they were. */
void survey_take_heads(struct survey_item *items, size_t count, const struct question *question,
                       struct arena *arena);

#endif
