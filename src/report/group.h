/*
 * group.h: failures of a run, grouped by the same error (class, code, revision, statement), most
 * important first.
 */
#ifndef SKEIN_REPORT_GROUP_H
#define SKEIN_REPORT_GROUP_H

#include "model/run.h"

struct failure_group {
    enum outcome_kind kind;
    const struct outcome *first; /* its error speaks for all */
    size_t *members;             /* indices into result->targets */
    size_t count;
    unsigned attempts; /* the most of any member */
};

/* Whether an outcome needs a person. */
bool outcome_needs_person(enum outcome_kind kind);

/* In the arena; ordered by number of members within kind: failed, partial, in_doubt, unreachable,
 * blocked, refused, stale, cancelled. */
size_t failure_groups(const struct run_result *result, struct arena *arena,
                      struct failure_group **groups);

#endif
