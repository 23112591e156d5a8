/*
 * offline_run.h: upgrade, downgrade and stamp with --sql: from the files and skein.yaml alone to
 * scripts, one for each engine of the selected tenants. Nobody is asked, nothing is touched.
 */
#ifndef SKEIN_APP_OFFLINE_RUN_H
#define SKEIN_APP_OFFLINE_RUN_H

#include "app/app.h"

/* `identifiers`: as typed, with A: before them where the script does not begin at base. Returns the
 * exit code. */
int offline_run(struct app *app, enum goal_kind kind, const char *const *identifiers, size_t count);

#endif
