/*
 * sim_revisions.h: the revisions that simulated fleets go through. Every statement's text is its
 * own, so that the witness list tells them apart.
 */
#ifndef SKEIN_TESTS_SIM_REVISIONS_H
#define SKEIN_TESTS_SIM_REVISIONS_H

#include <stdbool.h>
#include <stddef.h>

struct sim_revisions {
    const char *name;
    const char *const *texts;
    size_t count;
    bool off; /* some statement runs outside a transaction */
};

#define SIM_FIRST  "aaaaaaaaaaa1"
#define SIM_SECOND "aaaaaaaaaaa2"
#define SIM_THIRD  "aaaaaaaaaaa3"

extern const struct sim_revisions sim_plain;   /* three in a row */
extern const struct sim_revisions sim_off;     /* the second wholly outside a transaction */
extern const struct sim_revisions sim_mixed;   /* the second inside, outside, inside */
extern const struct sim_revisions sim_checks;  /* with require and verify */
extern const struct sim_revisions sim_branch;  /* two branches and their merge */
extern const struct sim_revisions sim_rebuild; /* SQLite: with foreign keys off, in units */
extern const struct sim_revisions sim_turns;   /* each inside and outside by turns */

extern const struct sim_revisions *const sim_all_revisions[];
extern const size_t sim_all_revisions_count;

#endif
