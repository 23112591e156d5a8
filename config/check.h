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

/* An entry of holds: all of its keys are needed. */
void check_hold(struct reader *reader, const struct reader_path *path,
                const struct yaml_node *node);

/* By the key that says where the tenants of a `discover:` come from. */
enum discover_kind check_discover_kind(const struct yaml_node *discover);

/* What is wrong with a name of a tenant, or NULL: also for names that a server or folder gave. */
const char *check_tenant_name(const char *name);
/* What is wrong with a database's name on this engine, or NULL. */
const char *check_database_name(enum engine engine, const char *name);

/* What is wrong with a schema's name, or NULL. */
const char *check_schema_name(const char *name);
/* What is wrong with a label, or NULL: selectors must be able to name it. */
const char *check_label_name(const char *name);
const char *check_label_value(const char *value);

/* What {{name}}, {{database}}, {{schema}} and {{server}} stand for in a tenant's name; NULL: that
 * word is not to be had. */
struct check_words {
    const char *name, *database, *schema, *server;
};

/* Puts the words into a template; in the arena. NULL: it has another one, or one not to be had. */
char *check_expand(struct arena *arena, const char *template, const struct check_words *words);

#endif
