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

#endif
