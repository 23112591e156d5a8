/*
 * discover.h: what a `discover:` entry stands for: databases, schemas or rows that a server gave,
 * or files that are there, filtered by its globs. What comes from outside is checked like what
 * stands in the file.
 */
#ifndef SKEIN_CONFIG_DISCOVER_H
#define SKEIN_CONFIG_DISCOVER_H

#include "config/entry.h"
#include "config/reader.h"

/* One tenant. What the entry itself says (server, labels …) is merged already. */
struct found {
    const char *name;            /* the tenant's */
    const char *database;        /* SQLite: the path, relative to skein.yaml where the glob is; NULL
                                    beside a URL, and where only the server's URL names it */
    const char *schema;          /* or NULL */
    const char *url;             /* instead of server and database; or NULL */
    struct server_entry *server; /* NULL: the local disk, or by `url` */
    struct pair_list labels, vars;
    size_t row; /* from 1, of what the server gave; 0: files */
};

/* "tenants[3].discover (server pg-a)"; in the inventory's arena. */
const char *discover_label(const struct inventory *inventory, const struct tenant_entry *tenant);

/* Whether a server has to be asked. */
bool discover_asks(const struct tenant_entry *tenant);
/* The SELECT that lists what such an entry is about on this engine, or the entry's own query. */
const char *discover_question(const struct tenant_entry *tenant, enum engine engine);

/* Runs the entry's command: its rows, in the inventory's arena. ERROR_CONFIGURATION where it fails,
 * is not done within a minute, prints more than 16 MiB, or something else than rows. */
int discover_command(const struct inventory *inventory, const struct tenant_entry *tenant,
                     struct config_rows *rows, struct err *err);

/* Whether it does not matter in which database that is asked. */
bool discover_anywhere(const struct tenant_entry *tenant, enum engine engine);

/* What the entry stands for, sorted by name, in the arena. `rows`: what its server answered (files:
 * none). Told: fewer than `min:`, a name that cannot be one, a column that means nothing, a folder
 * that cannot be read. */
void discover_find(struct reader *reader, const struct inventory *inventory,
                   const struct tenant_entry *tenant, const struct config_rows *rows,
                   struct found **found, size_t *count);

/* Offline: one for each of the entry's patterns, sorted; its name, and what is looked for, are
 * patterns. */
void discover_patterns(struct arena *arena, const struct tenant_entry *tenant, struct found **found,
                       size_t *count);

#endif
