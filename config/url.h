/*
 * url.h: a database URL of the contract (section 4), strictly: split first, then ${NAME} and
 * ${NAME:-default} are read from the environment part by part, so that values need no escaping.
 *
 * No message ever holds a piece of the URL but the name of a parameter: a URL has passwords.
 */
#ifndef SKEIN_CONFIG_URL_H
#define SKEIN_CONFIG_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/engine.h"

enum url_parameter {
    URL_HOST,
    URL_PORT,
    URL_SSLMODE,
    URL_SSLROOTCERT,
    URL_SSLCERT,
    URL_SSLKEY,
    URL_CONNECT_TIMEOUT,
    URL_APPLICATION_NAME,
    URL_OPTIONS,
    URL_SERVICE,
    URL_UNIX_SOCKET,
    URL_CHARSET,
    URL_SSL_CA,
    URL_OPTION_FILE,
    URL_OPTION_GROUP,
    URL_PARAMETER_COUNT
};

/* libpq's words for sslmode; ends with NULL. */
extern const char *const url_tls_modes[];

/* A piece of the text, not yet read for escapes and variables; text NULL: not there. */
struct url_part {
    const char *text;
    size_t length;
};

/* Pieces of the URL's text, which must live as long. */
struct url {
    enum engine engine;
    struct url_part user, password, host, port;
    struct url_part database; /* SQLite: the path */
    struct url_part parameters[URL_PARAMETER_COUNT];
};

/* The parts in clear, in the arena; NULL: not there. Parameters that have a field of their own are
 * in it (host, port, ssl_ca as sslrootcert, unix_socket as host); charset is only checked. */
struct url_value {
    enum engine engine;
    const char *user, *password;
    const char *host; /* without brackets; begins with '/': a socket's folder, MySQL: a socket */
    const char *port; /* decimal, 1 to 65535 */
    const char *database;
    const char *tls_mode, *tls_ca, *tls_cert, *tls_key;
    int64_t connect_timeout_ms; /* -1: not there */
    const char *application_name, *options, *service;
    const char *option_file, *option_group; /* MySQL: read_default_file, read_default_group */
};

/* True where the whole text is one ${NAME} or ${NAME:-default}: then the variable holds the URL. */
bool url_is_variable(const char *text);
/* Reads that variable. ERROR_CONFIGURATION where it is not set. */
int url_variable(const char *text, const char *(*environment)(const char *name),
                 struct arena *arena, const char **value, struct err *err);

/* ERROR_CONFIGURATION with what is wrong and a hint; the place is the caller's to add. */
int url_split(const char *text, struct url *url, struct err *err);
int url_resolve(const struct url *url, const char *(*environment)(const char *name),
                struct arena *arena, struct url_value *value, struct err *err);

#endif
