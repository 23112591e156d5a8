/*
 * resolve.h: where and as whom to connect: a URL with its variables read, its password fetched, its
 * settings merged. The last step before a fleet; nobody is asked here.
 */
#ifndef SKEIN_CONFIG_RESOLVE_H
#define SKEIN_CONFIG_RESOLVE_H

#include "config/entry.h"

/* A URL in clear. */
struct resolved {
    struct endpoint endpoint;
    enum engine engine;
    const char *address;  /* "host:port" in lower case, "local": what limits are counted against */
    const char *database; /* in the URL, or NULL; SQLite: the path as written */
    const struct connection_settings *connection;
    const char *option_file, *option_group; /* MySQL: as the URL names them, or NULL */
    bool secret_read;                       /* endpoint.password is there, if there is one */
    bool told;                              /* err stands in a list of errors */
    struct err err;                         /* class not 0: it failed */
};

/* What a URL is merged with and where it stands. */
struct resolve_source {
    const char *url;
    const struct yaml_node *place;      /* of the URL, for errors; or NULL */
    const struct yaml_node *connection; /* `connection:` beside it, or NULL */
    const struct secret_source *password;
};

/* Everything but the secret, in the inventory's arena; never NULL: look at err. */
struct resolved *resolve_url(struct inventory *inventory, const struct resolve_source *source);

/* The same for an entry of `servers:`, once. */
struct resolved *resolve_server(struct inventory *inventory, struct server_entry *server);

/* A direct_url (`source`, whose password is NULL): who it is for and its password are `through`'s,
 * read already, where it names none. */
struct resolved *resolve_direct(struct inventory *inventory, const struct resolve_source *source,
                                const struct resolved *through);

/* The password, once; errors go into resolved->err. */
void resolve_secret(struct inventory *inventory, struct resolved *resolved,
                    const struct secret_source *password);

/* `base` with a `connection:` read over it; `base` itself where node is NULL. */
const struct connection_settings *resolve_connection(struct inventory *inventory,
                                                     const struct connection_settings *base,
                                                     const struct yaml_node *node);

/* Paths relative to skein.yaml become absolute. */
void resolve_tls(const struct inventory *inventory, struct tls *tls);

#endif
