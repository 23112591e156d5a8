/*
 * fleet.h: the fleet of a command: discovery, targets, the first half of the selection.
 */
#ifndef SKEIN_APP_FLEET_H
#define SKEIN_APP_FLEET_H

#include "app/app.h"

/* The configuration where it is not loaded yet, discovery, the fleet, -t, -l, --exclude: fills
 * app->fleet and app->targets. A server that does not answer does not stop the others: its entry is
 * kept in app->undiscovered and named in the report. 0, or an exit code with the error printed. */
int app_load_fleet(struct app *app);

/* The same without asking anybody: a `discover:` entry is one target. */
int app_load_fleet_offline(struct app *app);

/* Asks again who is there: names of tenants that are not in app->fleet, made while a run went on.
 * 0 where there are none, where nothing is discovered, or where what is there now cannot be read.
 */
size_t app_find_appeared(struct app *app, const char *const **names);

#endif
