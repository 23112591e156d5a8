/*
 * discover.h: what a `discover:` entry stands for: names that a server gave, or files that are
 * there, filtered by its globs. Names from outside are checked like those in the file.
 */
#ifndef SKEIN_CONFIG_DISCOVER_H
#define SKEIN_CONFIG_DISCOVER_H

#include "config/entry.h"
#include "config/reader.h"

/* All databases that can be connected to. One text column. */
#define DISCOVER_DATABASES_SQL                                                                     \
    "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate "         \
    "ORDER BY datname"

struct found {
    const char *name;     /* the tenant's */
    const char *database; /* SQLite: the path, relative to skein.yaml where the glob is */
};

/* "tenants[3].discover (server pg-a)"; in the inventory's arena. */
const char *discover_label(const struct inventory *inventory, const struct tenant_entry *tenant);

/* What the entry stands for, sorted by name, in the arena. `names`: what its server answered
 * (files: none). Told: fewer than `min:`, a name that cannot be one, a folder that cannot be read.
 */
void discover_find(struct reader *reader, const struct inventory *inventory,
                   const struct tenant_entry *tenant, const struct texts *names,
                   struct found **found, size_t *count);

/* Offline: a name for each of the entry's patterns, as a pattern, sorted. */
void discover_patterns(struct arena *arena, const struct tenant_entry *tenant, struct found **found,
                       size_t *count);

#endif
