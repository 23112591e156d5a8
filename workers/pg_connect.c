#include <libpq-fe.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/text.h"
#include "workers/pg_internal.h"

#define KEYWORDS         32
#define APPLICATION_NAME 63 /* bytes; the server cuts what is longer */

struct keywords {
    const char *names[KEYWORDS + 1];
    const char *values[KEYWORDS + 1];
    size_t count;
};

/* Without a value: libpq's default. */
static void put(struct keywords *keywords, const char *name, const char *value)
{
    if (!value || !*value) {
        return;
    }
    if (keywords->count == KEYWORDS) {
        BUG("more than %d keywords", KEYWORDS);
    }
    keywords->names[keywords->count] = name;
    keywords->values[keywords->count++] = value;
}

/* `item` as often as there are addresses, or the addresses themselves, apart by commas. */
static const char *join(struct arena *arena, const struct address_list *list, const char *item)
{
    struct str str = STR_INIT;
    const char *text;

    for (size_t i = 0; i < list->count; i++) {
        str_addf(&str, "%s%s", i > 0 ? "," : "", item ? item : list->items[i]);
    }
    text = arena_strdup(arena, str.text);
    str_release(&str);
    return text;
}

/* Certificates are checked against the name, .pgpass is searched for it; the addresses say where to
 * go. */
static void put_host(struct keywords *keywords, const struct open_options *options)
{
    const struct endpoint *endpoint = options->target->endpoint;
    const char *name = options->target->connection->tls.server_name;
    const struct address_list *list = options->addresses;

    if (!endpoint->host) {
        return;
    }
    if (list && list->count > 0) {
        put(keywords, "host", join(options->arena, list, name ? name : endpoint->host));
        put(keywords, "hostaddr", join(options->arena, list, NULL));
    } else {
        put(keywords, "host", endpoint->host);
    }
}

/* One of libpq's words, for as long as the program runs; NULL: none of them. */
static const char *lasting_mode(const char *mode)
{
    static const char *const modes[] = {"disable", "allow",     "prefer",
                                        "require", "verify-ca", "verify-full"};

    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        if (strcmp(modes[i], mode) == 0) {
            return modes[i];
        }
    }
    return NULL;
}

/* "system": the system's authorities. libpq knows the word from 16 on, and only beside modes that
 * verify; before, the bundle is looked for where distributions have it. */
static const char *authorities(const char *ca, const char *mode)
{
    static const char *const bundles[] = {"/etc/ssl/certs/ca-certificates.crt",
                                          "/etc/pki/tls/certs/ca-bundle.crt",
                                          "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

    if (!ca || strcmp(ca, "system") != 0) {
        return ca;
    }
    if (strncmp(mode, "verify-", 7) != 0) {
        return NULL;
    }
    for (size_t i = 0; PQlibVersion() < 160000 && i < sizeof(bundles) / sizeof(*bundles); i++) {
        if (access(bundles[i], R_OK) == 0) {
            return bundles[i];
        }
    }
    return ca;
}

/* A service may bring its own host, and its own mode. */
static int put_tls(struct connection *connection, struct keywords *keywords,
                   const struct open_options *options)
{
    const struct endpoint *endpoint = options->target->endpoint;
    const struct tls *tls = &options->target->connection->tls;
    const char *host = endpoint->host, *mode = tls->mode;

    if (endpoint->service) {
        struct pg_service service;

        if (pg_service_look(endpoint->service, options->arena, &service, &connection->refused)) {
            return connection->refused.class;
        }
        host = host ? host : service.host;
        mode = mode ? mode : service.mode;
    }
    mode = tls_effective_mode(mode, host);
    connection->weak_tls = tls_is_weak(mode, host) ? lasting_mode(mode) : NULL;
    put(keywords, "sslmode", mode);
    put(keywords, "sslrootcert", authorities(tls->ca, mode));
    put(keywords, "sslcert", tls->cert);
    put(keywords, "sslkey", tls->key);
    put(keywords, "gssencmode", "disable");
    return 0;
}

const char *pg_application_name(const struct open_options *options)
{
    const struct endpoint *endpoint = options->target->endpoint;
    const char *name =
        endpoint->application_name ? endpoint->application_name : options->application_name;
    size_t length = name ? strlen(name) : 0;

    if (!name) {
        return NULL;
    }
    length = text_utf8_prefix(name, length < APPLICATION_NAME ? length : APPLICATION_NAME);
    return arena_strndup(options->arena, name, length);
}

static void put_session(struct keywords *keywords, const struct open_options *options)
{
    put(keywords, "application_name", pg_application_name(options));
    put(keywords, "options", options->target->endpoint->options);
    put(keywords, "client_encoding", "UTF8");
    /* A server that vanished without a word is noticed within a minute. */
    put(keywords, "keepalives", "1");
    put(keywords, "keepalives_idle", "30");
    put(keywords, "keepalives_interval", "10");
    put(keywords, "keepalives_count", "3");
    put(keywords, "tcp_user_timeout", "30000");
}

/* Notices are nobody's yet; libpq would write them to stderr. */
static void drop_notice(void *context, const PGresult *notice)
{
    (void)context;
    (void)notice;
}

void pg_connect_begin(struct connection *connection, const struct open_options *options)
{
    const struct target *target = options->target;
    struct keywords keywords = {.count = 0};
    char **environment = environ;

    put(&keywords, "service", target->endpoint->service);
    put_host(&keywords, options);
    put(&keywords, "port", target->endpoint->port);
    put(&keywords, "dbname", target->database);
    put(&keywords, "user", target->endpoint->user);
    put(&keywords, "password", target->endpoint->password);
    put_session(&keywords, options);
    connection->refused = (struct err)ERR_INIT(options->arena);
    if (put_tls(connection, &keywords, options)) {
        return;
    }

    environ = pg_environment(NULL, NULL);
    connection->pg = PQconnectStartParams(keywords.names, keywords.values, 0);
    environ = environment;
    connection->target = target;
    connection->read_only = options->read_only;
    connection->events = READY_WRITE; /* as if PQconnectPoll had said so */
    if (connection->pg) {
        PQsetErrorVerbosity(connection->pg, PQERRORS_VERBOSE); /* for the SQLSTATE in its text */
        PQsetNoticeReceiver(connection->pg, drop_notice, NULL);
    }
}

static enum drive fail(struct connection *connection, struct reply *reply, struct err *err)
{
    *reply = (struct reply){.weak_tls = connection->weak_tls};
    if (connection->refused.class) {
        err_copy(err, &connection->refused);
        reply->answered = true; /* nobody was asked, and it is not the server's fault */
    } else if (connection->given_up) {
        err_set(err, ERROR_CANCELLED, "given up while connecting");
        err->retry = RETRY_CANCELLED;
    } else if (!connection->pg) {
        err_set(err, ERROR_CAPACITY, "no memory for a connection");
        err->retry = RETRY_HUMAN;
    } else {
        pg_error_connect(PQerrorMessage(connection->pg), err, &reply->answered);
    }
    connection->phase = PG_IDLE;
    return DRIVE_FAIL;
}

static enum drive wait_for(struct connection *connection, struct want *want)
{
    *want = (struct want){.descriptor = PQsocket(connection->pg), .events = connection->events};
    return DRIVE_WAIT;
}

static enum drive connected(struct connection *connection, struct reply *reply)
{
    *reply = (struct reply){.answered = true,
                            .connected = true,
                            .weak_tls = connection->weak_tls,
                            .session = PQbackendPID(connection->pg)};
    connection->phase = PG_IDLE;
    return DRIVE_DONE;
}

enum drive pg_connect_drive(struct connection *connection, unsigned ready, struct want *want,
                            struct reply *reply, struct err *err)
{
    char **environment = environ;
    PostgresPollingStatusType status;

    if (connection->given_up || !connection->pg || PQstatus(connection->pg) == CONNECTION_BAD) {
        return fail(connection, reply, err);
    }
    if (!(ready & (READY_READ | READY_WRITE))) {
        return wait_for(connection, want);
    }
    environ = pg_environment(NULL, NULL);
    status = PQconnectPoll(connection->pg);
    environ = environment;
    switch (status) {
    case PGRES_POLLING_READING:
        connection->events = READY_READ;
        return wait_for(connection, want);
    case PGRES_POLLING_WRITING:
        connection->events = READY_WRITE;
        return wait_for(connection, want);
    case PGRES_POLLING_OK:
        if (PQsetnonblocking(connection->pg, 1) == 0) {
            return connected(connection, reply);
        }
        break;
    default:
        break;
    }
    return fail(connection, reply, err);
}
