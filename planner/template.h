/*
 * template.h: declared variables of a revision, replaced per target: {{name|ident}} and
 * {{name|literal}} (contract, section 3).
 *
 * Only declared names are looked at; other braces are SQL. A value goes in as one token, quoted for
 * the engine: nothing is replaced in comments, and inside quotes a declared name is an error.
 * Inside $tag$...$tag$ it is replaced, but there a value with a quote, a backslash or a $ is
 * refused.
 */
#ifndef SKEIN_PLANNER_TEMPLATE_H
#define SKEIN_PLANNER_TEMPLATE_H

#include "base/arena.h"
#include "base/err.h"
#include "model/revision.h"
#include "model/target.h"

/* Renders one statement of `revision` for a target of `engine`; *out is the statement's own text
 * where nothing is to be replaced. `vars` hold the tenant's vars with those of -x already merged.
 * ERROR_PLAN, names revision, file and variable: a declared name without a value, a value that
 * cannot be an identifier of the engine (empty, too long). */
int template_render(struct arena *arena, const struct revision *revision, enum engine engine,
                    const struct pair_list *vars, const char *text, size_t length, const char **out,
                    size_t *out_length, struct err *err);

/* At load: a declared name without a filter or with an unknown one, or in a place where a value
 * cannot be put: inside quotes, inside an executable comment. ERROR_REVISION; err->line is counted
 * from 1 at the statement's own first line. */
int template_validate(const struct revision *revision, enum engine engine, const char *text,
                      size_t length, struct err *err);

/* Checks that every declared variable has a value; used before anything moves. ERROR_PLAN. */
int template_check(const struct revision *revision, const struct pair_list *vars, struct err *err);

/* Quotes for the engine: identifier "a""b" or `a``b`; literal 'it''s' (PostgreSQL: E'' where a
 * backslash is in it; MySQL: backslashes doubled). In the arena. */
char *quote_identifier(struct arena *arena, enum engine engine, const char *name);
char *quote_literal(struct arena *arena, enum engine engine, const char *value);

#endif
