/*
 * views.h: revisions of the graph as report/revisions.h wants them.
 */
#ifndef SKEIN_APP_VIEWS_H
#define SKEIN_APP_VIEWS_H

#include "app/app.h"
#include "report/revisions.h"

/* One view a node, in the order given; in the app's arena. */
struct revision_view *views_make(const struct app *app, struct graph_node *const *nodes,
                                 size_t count);

/* The revisions that an identifier of the command line names; `current` is where the selected
 * targets stand. Returns 0 or an exit code with the error printed; *code is 1 where a target could
 * not be read. */
int revisions_named(struct app *app, const char *identifier, struct graph_node ***nodes,
                    size_t *count, int *code);

#endif
