/*
 * inventory.h: reads skein.yaml (or one URL) and checks all that can be checked without asking
 * anybody: keys, values, URLs' shapes, what refers to what, names that stand twice. Variables and
 * secrets are not read, so that `skein history` needs none of them.
 */
#ifndef SKEIN_CONFIG_INVENTORY_H
#define SKEIN_CONFIG_INVENTORY_H

#include "config/entry.h"
#include "config/reader.h"

/* One of path and url, or neither; `name`: what errors call it. Adds all errors; 0 or
 * ERROR_CONFIGURATION. */
int inventory_load(struct arena *arena, const char *path, const char *url, const char *name,
                   const char *(*environment)(const char *name), struct inventory **inventory,
                   struct err_list *errors);

/* Set of ENGINE_BIT of the tenants and servers; of a URL in a variable that is not set: none. */
unsigned inventory_engines(const struct inventory *inventory);

#endif
