#include "config/resolve.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config/check.h"
#include "config/option_file.h"
#include "config/reader.h"
#include "config/url.h"

/* A path relative to skein.yaml; "system" is libpq's word for the system's certificates. */
static const char *tls_path(const struct inventory *inventory, const char *path)
{
    if (!path || strcmp(path, "system") == 0) {
        return path;
    }
    return file_join(inventory->arena, inventory->folder, path);
}

void resolve_tls(const struct inventory *inventory, struct tls *tls)
{
    tls->ca = tls_path(inventory, tls->ca);
    tls->cert = tls_path(inventory, tls->cert);
    tls->key = tls_path(inventory, tls->key);
}

const struct connection_settings *resolve_connection(struct inventory *inventory,
                                                     const struct connection_settings *base,
                                                     const struct yaml_node *node)
{
    struct reader reader = {.arena = inventory->arena, .file = inventory->file};
    struct connection_settings *merged;
    struct err_list errors;

    if (!node) {
        return base;
    }
    /* Its errors were told when it was checked. */
    err_list_init(&errors, inventory->arena, 1);
    reader.errors = &errors;
    merged = arena_alloc(inventory->arena, sizeof(*merged));
    *merged = *base;
    reader_table(&reader, NULL, node, &schema_connection, merged);
    resolve_tls(inventory, &merged->tls);
    return merged;
}

/* What the URL itself says, over the file's connection. */
static const struct connection_settings *connection_of_url(struct inventory *inventory,
                                                           const struct url_value *value)
{
    struct connection_settings *merged;

    if (!value->tls_mode && !value->tls_ca && !value->tls_cert && !value->tls_key &&
        value->connect_timeout_ms < 0) {
        return &inventory->connection;
    }
    merged = arena_alloc(inventory->arena, sizeof(*merged));
    *merged = inventory->connection;
    if (value->connect_timeout_ms >= 0) {
        merged->connect_timeout_ms = value->connect_timeout_ms;
    }
    merged->tls.mode = value->tls_mode ? value->tls_mode : merged->tls.mode;
    merged->tls.ca = value->tls_ca ? value->tls_ca : merged->tls.ca;
    merged->tls.cert = value->tls_cert ? value->tls_cert : merged->tls.cert;
    merged->tls.key = value->tls_key ? value->tls_key : merged->tls.key;
    resolve_tls(inventory, &merged->tls);
    return merged;
}

/* As libpq finds a server that a URL does not name: $PGHOST, $PGPORT, else the local socket. Only
 * libpq knows where it was built to look, so the two usual folders are tried. */
static void default_host(const struct inventory *inventory, struct endpoint *endpoint)
{
    static const char *const folders[] = {"/var/run/postgresql", "/tmp"};
    const char *host = inventory->environment("PGHOST");
    const char *port = inventory->environment("PGPORT");

    endpoint->port = endpoint->port ? endpoint->port : port && *port ? port : "5432";
    endpoint->host = host && *host ? host : NULL;
    for (size_t i = 0; !endpoint->host && i < sizeof(folders) / sizeof(folders[0]); i++) {
        const char *path =
            arena_printf(inventory->arena, "%s/.s.PGSQL.%s", folders[i], endpoint->port);

        if (access(path, F_OK) == 0) {
            endpoint->host = folders[i];
        }
    }
    endpoint->host = endpoint->host ? endpoint->host : "localhost";
}

static void fill_endpoint(struct inventory *inventory, const struct url_value *value,
                          struct resolved *resolved)
{
    struct endpoint *endpoint = &resolved->endpoint;
    char *host;

    endpoint->host = value->host;
    endpoint->port = value->port;
    endpoint->user = value->user;
    endpoint->password = value->password;
    endpoint->service = value->service;
    endpoint->application_name = value->application_name;
    endpoint->options = value->options;
    resolved->option_file = value->option_file;
    resolved->option_group = value->option_group;
    resolved->database = value->database;
    if (value->engine == ENGINE_SQLITE) {
        *endpoint = (struct endpoint){0};
        resolved->address = "local";
        return;
    }
    if (endpoint->service && !endpoint->host) {
        resolved->address = arena_printf(inventory->arena, "service=%s", endpoint->service);
        return;
    }
    if (!endpoint->host && value->engine == ENGINE_POSTGRESQL) {
        default_host(inventory, endpoint);
    }
    if (!endpoint->port) {
        endpoint->port = value->engine == ENGINE_POSTGRESQL ? "5432" : "3306";
    }
    /* By the network: the client library's own default, a socket, lies where it was built to. */
    endpoint->host = endpoint->host ? endpoint->host : "localhost";
    host = arena_strdup(inventory->arena, endpoint->host);
    for (char *at = host; *host != '/' && *at; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    resolved->address = arena_printf(inventory->arena, strchr(host, ':') ? "[%s]:%s" : "%s:%s",
                                     host, endpoint->port);
}

static int read_url(struct inventory *inventory, const struct resolve_source *source,
                    struct resolved *resolved)
{
    struct arena *arena = inventory->arena;
    struct err *err = &resolved->err;
    const char *text = source->url;
    struct url_value value;
    struct url url;

    if (url_is_variable(text) && url_variable(text, inventory->environment, arena, &text, err)) {
        return ERROR_CONFIGURATION;
    }
    if (url_split(text, &url, err)) {
        return ERROR_CONFIGURATION;
    }
    resolved->engine = url.engine;
    if (inventory->offline) {
        url.user = url.password = (struct url_part){0};
    }
    if (url_resolve(&url, inventory->environment, arena, &value, err)) {
        return ERROR_CONFIGURATION;
    }
    if (value.database && check_database_name(value.engine, value.database)) {
        return err_set(err, ERROR_CONFIGURATION, "the URL: %s",
                       check_database_name(value.engine, value.database));
    }
    if (value.password && source->password && source->password->kind != SECRET_NONE) {
        return err_set(err, ERROR_CONFIGURATION,
                       "the password stands twice: in the URL and beside it");
    }
    fill_endpoint(inventory, &value, resolved);
    resolved->connection =
        resolve_connection(inventory, connection_of_url(inventory, &value), source->connection);
    if (resolved->connection->tls.server_name && value.service && !value.host) {
        err_set(err, ERROR_CONFIGURATION, "tls: server_name beside a service that says the host");
        err_hint(err, "write the host into the URL, or the certificate's name into the service");
        return ERROR_CONFIGURATION;
    }
    return 0;
}

struct resolved *resolve_url(struct inventory *inventory, const struct resolve_source *source)
{
    struct resolved *resolved = arena_alloc(inventory->arena, sizeof(*resolved));

    resolved->err.arena = inventory->arena;
    if (read_url(inventory, source, resolved)) {
        const struct yaml_node *place = source->place;

        err_at(&resolved->err, inventory->file, place ? place->line : 0, place ? place->column : 0);
    }
    return resolved;
}

struct resolved *resolve_server(struct inventory *inventory, struct server_entry *server)
{
    if (!server->resolved) {
        struct resolve_source source = {
            .url = server->url,
            .place = yaml_get(server->node, "url"),
            .connection = yaml_get(server->node, "connection"),
            .password = &server->password,
        };

        server->resolved = resolve_url(inventory, &source);
    }
    return server->resolved;
}

struct resolved *resolve_direct(struct inventory *inventory, const struct resolve_source *source,
                                const struct resolved *through)
{
    struct resolved *direct = resolve_url(inventory, source);
    struct endpoint *endpoint = &direct->endpoint;

    if (direct->err.class) {
        err_prefix(&direct->err, "direct_url");
    } else if (direct->engine != ENGINE_POSTGRESQL || through->engine != ENGINE_POSTGRESQL) {
        err_set(&direct->err, ERROR_CONFIGURATION,
                "direct_url: only PostgreSQL is reached past a pooler");
        err_at(&direct->err, inventory->file, source->place->line, source->place->column);
    } else if (!endpoint->user || !through->endpoint.user ||
               strcmp(endpoint->user, through->endpoint.user) == 0) {
        endpoint->user = endpoint->user ? endpoint->user : through->endpoint.user;
        endpoint->password = endpoint->password ? endpoint->password : through->endpoint.password;
    }
    return direct;
}

/* User and password from the client's option file, where nothing else names the password. */
static int read_option_file(struct inventory *inventory, struct resolved *resolved)
{
    struct endpoint *endpoint = &resolved->endpoint;
    const char *home = inventory->environment("HOME");
    struct option_file options = {.mariadb = resolved->engine == ENGINE_MARIADB,
                                  .group = resolved->option_group};

    if (resolved->option_file) {
        options.path =
            file_join(inventory->arena, inventory->secrets.folder, resolved->option_file);
    } else if (home && *home) {
        options.path = file_join(inventory->arena, home, ".my.cnf");
        options.optional = true;
    } else {
        return 0;
    }
    if (option_file_read(inventory->arena, &options, endpoint->user, &resolved->err)) {
        return ERROR_CONFIGURATION;
    }
    endpoint->user = endpoint->user ? endpoint->user : options.user;
    endpoint->password = options.password;
    return 0;
}

void resolve_secret(struct inventory *inventory, struct resolved *resolved,
                    const struct secret_source *password)
{
    const char *value;

    if (resolved->secret_read || resolved->err.class || inventory->offline) {
        return;
    }
    resolved->secret_read = true;
    if (secret_read(&inventory->secrets, password, &value, &resolved->err)) {
        err_prefix(&resolved->err, "password");
        err_at(&resolved->err, inventory->file, password->line, password->column);
    } else if (value) {
        resolved->endpoint.password = value;
    } else if (!resolved->endpoint.password &&
               (resolved->engine == ENGINE_MYSQL || resolved->engine == ENGINE_MARIADB) &&
               read_option_file(inventory, resolved)) {
        err_at(&resolved->err, inventory->file, password->line, password->column);
    }
}
