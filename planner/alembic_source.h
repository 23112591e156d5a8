/*
 * alembic_source.h: the little that is read of a revision's Python file: what its SQL does not
 * tell. No parser of Python: where it cannot tell, it says what is safe. Pure.
 */
#ifndef SKEIN_PLANNER_ALEMBIC_SOURCE_H
#define SKEIN_PLANNER_ALEMBIC_SOURCE_H

#include <stdbool.h>

/* It may use a connection of its own, whose parameters are lost offline. */
bool alembic_source_connects(const char *text);

/* It has a tab in a text, for which Alembic writes blanks offline. */
bool alembic_source_has_tab(const char *text);

/* The function `upgrade` or `downgrade` holds nothing but `pass`, comments and a docstring of one
 * line: what a merge looks like. */
bool alembic_source_passes(const char *text, const char *function);

#endif
