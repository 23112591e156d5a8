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

#endif
