/*
 * words.h: the small phrases of reports: counts with thousands commas, lists of names that are cut
 * visibly, heads as one word.
 */
#ifndef SKEIN_REPORT_WORDS_H
#define SKEIN_REPORT_WORDS_H

#include "base/str.h"
#include "model/fleet.h"
#include "model/plan.h"

/* 4971 -> "4,971", right-aligned to `width` columns. */
void words_count(struct str *out, size_t value, int width);
/* "1 step", "2 steps". */
void words_plural(struct str *out, size_t value, const char *noun);
/* " and N more" of `count` where only `most` are shown; nothing where all are. */
void words_more(struct str *out, size_t count, size_t most);
/* Foreign text on one line, control characters made visible, visibly cut at 1,000 bytes. */
void words_safe(struct str *out, const char *text);
/* A word of a command line to type again: in single quotes where a shell would read more in it. */
void words_shell(struct str *out, const char *text);
/* Rows of a version table: "<base>", "1975ea83b712", "a1, b2"; at most eight. */
void words_heads(struct str *out, const char *const *heads, size_t count);
/* Names of targets, comma separated, at most `most` of them, then "and N more". members: indices
 * into targets. */
void words_names(struct str *out, const struct fleet *fleet, const size_t *targets,
                 const size_t *members, size_t count, size_t most);

/* Marks of a step for a plan: "outside a transaction", "irreversible: REASON", "no downgrade"; ""
 * where none. */
void words_step_marks(struct str *out, const struct plan *plan, const struct plan_step *step);
bool step_outside_transaction(const struct plan_step *step);
bool step_irreversible(const struct plan *plan, const struct plan_step *step);

#endif
