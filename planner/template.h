/*
 * template.h: declared variables of a revision, replaced per target: {{name|ident}} and {{name|literal}} (contract, section 3).
 */
#ifndef SKEIN_PLANNER_TEMPLATE_H
#define SKEIN_PLANNER_TEMPLATE_H

#include "base/arena.h"
#include "base/err.h"
#include "model/revision.h"
#include "model/target.h"

/* Renders one statement of `revision` for a target of `engine`; *out is the statement's own text where nothing is to be replaced. `vars`
 * hold the tenant's vars with those of -x already merged. Errors: a declared name without a value (ERROR_PLAN, names revision, line, variable). */
int template_render(struct arena *arena, const struct revision *revision, enum engine engine, const struct pair_list *vars,
                    const char *text, size_t length, const char **out, size_t *out_length, struct err *err);

/* Checks that every declared variable has a value; used before anything moves. */
int template_check(const struct revision *revision, const struct pair_list *vars, struct err *err);

/* Quotes for the engine: identifier "a""b" or `a``b`; literal 'it''s' (PostgreSQL: E'' where a backslash is in it; MySQL: backslashes doubled). */
char *quote_identifier(struct arena *arena, enum engine engine, const char *name);
char *quote_literal(struct arena *arena, enum engine engine, const char *value);

#endif
