/*
 * target.h: one tenant's database or schema, resolved, and the server it is counted against. Plain
 * values, made by config/, immutable after.
 */
#ifndef SKEIN_MODEL_TARGET_H
#define SKEIN_MODEL_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/engine.h"

/* A label, a variable or a setting. Lists of them are sorted by key, keys are unique. */
struct pair {
    const char *key;
    const char *value;
};

struct pair_list {
    const struct pair *items;
    size_t count;
};

/* NULL where the key is not in the list. */
const char *pair_get(const struct pair_list *list, const char *key);
/* Both, the second one's values before the first one's. The array lies in the arena, the texts
 * where they were. `over` may be NULL. */
struct pair_list pair_merge(struct arena *arena, const struct pair_list *list,
                            const struct pair_list *over);

/* What stands between skein and a PostgreSQL server. */
enum pooler {
    POOLER_DETECT,  /* whatever is seen to be one counts as one by transaction */
    POOLER_SESSION, /* none, or one that keeps a client's session for it */
    POOLER_TRANSACTION,
};

struct tls {
    const char *mode; /* libpq's words, disable to verify-full; NULL: verify-full unless the host is
                         local */
    const char *ca, *cert, *key, *server_name; /* or NULL */
};

/* Whether traffic to a host, as written, stays on this machine: a socket's folder (or NULL, or
 * '@'), `localhost`, 127.0.0.0/8, ::1. Another name does not, wherever it leads today. */
bool host_is_local(const char *host);
/* The mode that counts: what was said, else verify-full unless the host is local. Never NULL. */
const char *tls_effective_mode(const char *said, const char *host);
/* Whether somebody on the way to the host could read or answer in its place. */
bool tls_is_weak(const char *mode, const char *host);

/* `connection:` of the contract, section 4, merged from the file's top, the server and the tenant.
 * Times in milliseconds, 0: none. */
struct connection_settings {
    int64_t connect_timeout_ms;
    int64_t lock_wait_ms;
    int64_t lock_timeout_ms;
    int64_t statement_timeout_ms;
    int64_t abandoned_after_ms;
    enum pooler pooler;
    struct tls tls;
    const char *role; /* or NULL */
    const char *const *search_path;
    size_t search_path_count;
    struct pair_list session;
};

/* What limits and breakers are counted against: host and port, or the local disk. */
struct server {
    const char *name;     /* of the `servers:` entry, else "host:port"; "local" for SQLite: what the
                             label `server` and the report say */
    const char *address;  /* "host:port", "local" */
    unsigned concurrency; /* its own limit, from 1; 0: the fleet's per_server */
};

/* Where and as whom to connect; shared by the targets of one server that have the same credentials.
 */
struct endpoint {
    const char *host;     /* name, address or (begins with '/') the socket's folder, for MySQL and
                             MariaDB the socket; NULL for SQLite, and where only `service` says it */
    const char *port;     /* decimal; or NULL beside such a service */
    const char *user;     /* or NULL: the library's default */
    const char *password; /* or NULL: .pgpass and the like. A secret: never printed */
    const char *service;  /* pg_service entry, or NULL */
    const char *application_name; /* from the URL, or NULL: skein's own */
    const char *options;          /* from the URL, or NULL */
};

struct target {
    const char *name; /* the tenant's, unique in the fleet */
    enum engine engine;
    size_t server;                   /* index into fleet->servers */
    const struct endpoint *endpoint; /* never NULL */
    const struct target *direct;     /* the same one, reached without its pooler; or NULL */
    const char *database;            /* database name; for SQLite the path as written */
    const char *schema;              /* PostgreSQL: `schema:`; else NULL */
    const char *path;                /* SQLite: absolute path of the file; else NULL */
    struct pair_list
        labels; /* without the built-in ones (engine, server, database, schema, version) */
    struct pair_list vars;
    const struct connection_settings *connection;
    bool create;     /* SQLite: a missing file is made */
    bool discovered; /* from a discover: entry */
    bool entry; /* offline: stands for such an entry, whatever it would find; `name` is a pattern */
};

#endif
