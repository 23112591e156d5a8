/*
 * offline_client.h: how a statement is written so that an engine's own client sends it to the
 * server, or to the library, exactly as it stands in its revision.
 */
#ifndef SKEIN_WORKERS_OFFLINE_CLIENT_H
#define SKEIN_WORKERS_OFFLINE_CLIENT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "model/engine.h"

struct offline_client {
    const char *name;   /* "psql" */
    const char *usage;  /* how a script is run */
    const char *schema; /* of skein's tables, as a script names it, quoted; NULL: by the database,
                           where the script is for one */
    bool delimiter; /* cuts a statement at each semicolon unless a DELIMITER line says otherwise */
    /* Adds the statement without its terminator. ERROR_REVISION where the client would change it;
     * err->line is counted from 1 at the statement's own first line. */
    int (*add)(struct str *out, const char *text, size_t length, struct err *err);
};

/* NULL: no scripts for this engine. */
const struct offline_client *offline_client(enum engine engine);

#endif
