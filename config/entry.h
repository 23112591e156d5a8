/*
 * entry.h: what stands in skein.yaml, read but not resolved: nobody was asked, no variable and no
 * secret was read. The tables of config/schema.c fill these structs; config/inventory.c makes them,
 * config/resolve.c makes a fleet of them.
 */
#ifndef SKEIN_CONFIG_ENTRY_H
#define SKEIN_CONFIG_ENTRY_H

#include "base/map.h"
#include "config/rows.h"
#include "config/secret.h"
#include "config/yaml.h"
#include "model/fleet.h"

struct texts {
    const char *const *items;
    size_t count;
};

/* `migrations:` as written. */
struct migrations_entry {
    const char *directory;
    struct texts version_locations;
    const char *version_table, *version_table_schema, *history_table;
    enum transaction_cut transaction;
};

struct server_entry {
    const struct yaml_node *node; /* its value; node->key is the name */
    const char *name;
    const char *url, *direct_url;
    enum engine engine;
    struct secret_source password;
    unsigned concurrency;      /* 0: the fleet's per_server */
    struct resolved *resolved; /* config/resolve.c; NULL: not yet */
    struct resolved *direct;   /* likewise; stays NULL without direct_url */
};

/* Where the tenants of a `discover:` entry come from: the key that it has. */
enum discover_kind {
    DISCOVER_NOTHING, /* none of them: told */
    DISCOVER_DATABASES,
    DISCOVER_SCHEMAS,
    DISCOVER_FILES,
    DISCOVER_QUERY,
    DISCOVER_COMMAND,
    DISCOVER_KIND_COUNT
};

/* `discover:` */
struct discover_entry {
    enum discover_kind kind;
    const char *server, *database;
    struct texts databases, schemas, files, exclude;
    const char *query;
    struct texts command; /* argv; ends with NULL */
    unsigned min;
};

struct tenant_entry {
    const struct yaml_node *node;
    const char *name; /* a template where it discovers; NULL: discover_template() */
    const char *url, *direct_url, *server, *database, *schema;
    enum engine engine;
    bool engine_known; /* false: the URL is a variable that is not set here */
    bool create;
    struct secret_source password;
    struct pair_list labels, vars;
    struct discover_entry discover;
    struct server_entry *server_entry; /* of server: or discover: {server:}; or NULL */
    size_t question; /* index + 1 into the inventory's questions; 0: asks nobody */
};

/* What a server is asked for a `discover:` entry. */
struct question_entry {
    size_t tenant;
    bool answered;
    struct err err; /* class not 0: its command failed */
    bool unwanted;  /* the selection needs none of its tenants: not asked */
    struct config_rows rows;
};

struct inventory {
    struct arena *arena;
    const char *file;   /* as shown; NULL: a fleet of one by URL */
    const char *folder; /* absolute */
    const char *(*environment)(const char *name);
    const char *url; /* a fleet of one */
    struct migrations_entry migrations_entry;
    struct migrations migrations;
    struct connection_settings connection;
    struct limits limits;
    struct retry_policy retry;
    struct rollout_policy rollout;
    struct server_entry *servers;
    size_t server_count;
    struct map servers_by_name;
    struct tenant_entry *tenants;
    size_t tenant_count;
    struct hold *holds;
    size_t hold_count;
    struct question_entry *questions;
    size_t question_count;
    size_t *asked; /* index of a discovery -> of its question */
    size_t asked_count;
    struct secrets secrets;
    bool offline; /* nobody is asked and no secret read: see config_fleet_offline */
};

#endif
