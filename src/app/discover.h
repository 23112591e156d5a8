/*
 * discover.h: asks servers for the tenants of `discover:` entries. A server that does not answer
 * does not stop the others: its entry is kept in app->undiscovered and named in the report.
 */
#ifndef SKEIN_APP_DISCOVER_H
#define SKEIN_APP_DISCOVER_H

#include "app/app.h"

int discover(struct app *app);

/* The loop, made at its first use. */
struct host *app_host(struct app *app);

#endif
