/*
 * check.h: what entries of skein.yaml must be beyond the types of their keys: what belongs
 * together, what excludes each other, names. One rule a line where it can be.
 */
#ifndef SKEIN_CONFIG_CHECK_H
#define SKEIN_CONFIG_CHECK_H

#include "config/entry.h"
#include "config/reader.h"

/* `node->key` is a server's name. */
void check_server_name(struct reader *reader, const struct reader_path *path,
                       const struct yaml_node *node);
/* A server is asked by network. */
void check_server_engine(struct reader *reader, const struct reader_path *path,
                         const struct server_entry *server);
/* An entry of tenants; its name is added to `names` (name -> struct yaml_node of the entry). */
void check_tenant(struct reader *reader, const struct reader_path *path,
                  const struct inventory *inventory, const struct tenant_entry *tenant,
                  struct map *names);

/* What is wrong with a name of a tenant, or NULL: also for names that a server or folder gave. */
const char *check_tenant_name(const char *name);
/* What is wrong with a database's name on this engine, or NULL. */
const char *check_database_name(enum engine engine, const char *name);

/* Reads {{database}} and {{server}} in a tenant's name; in the arena. NULL: the template has
 * something else. */
const char *check_expand(struct arena *arena, const char *template, const char *database,
                         const char *server);

#endif
