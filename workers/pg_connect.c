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

/*
 * libpq fills what is not given, or given empty, from PG* variables: a target would silently go
 * elsewhere, by PGHOSTADDR, PGOPTIONS, PGTZ, … So it is shown an environment without them. Those
 * that only say where files lie stay. Made once, for getenv in another thread may be reading it.
 */
static char **quiet_environment(void)
{
    static const char *const kept[] = {"PGPASSFILE=", "PGSERVICEFILE=", "PGSYSCONFDIR="};
    static char **quiet;
    size_t count = 0;

    if (quiet) {
        return quiet;
    }
    while (environ && environ[count]) {
        count++;
    }
    quiet = xcalloc(count + 1, sizeof(*quiet));
    count = 0;
    for (char **each = environ; each && *each; each++) {
        bool keep = strncmp(*each, "PG", 2) != 0;

        for (size_t i = 0; !keep && i < sizeof(kept) / sizeof(*kept); i++) {
            keep = strncmp(*each, kept[i], strlen(kept[i])) == 0;
        }
        if (keep) {
            quiet[count++] = *each;
        }
    }
    return quiet;
}

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

static void put_tls(struct keywords *keywords, const struct target *target)
{
    const struct tls *tls = &target->connection->tls;
    const char *mode = tls->mode;

    /* A service may bring its own host, and its own mode. */
    if (!mode && !target->endpoint->service) {
        mode = endpoint_is_local(target->endpoint) ? "prefer" : "verify-full";
    }
    put(keywords, "sslmode", mode);
    put(keywords, "sslrootcert", tls->ca);
    put(keywords, "sslcert", tls->cert);
    put(keywords, "sslkey", tls->key);
    put(keywords, "gssencmode", "disable");
}

static void put_session(struct keywords *keywords, const struct open_options *options)
{
    const struct endpoint *endpoint = options->target->endpoint;
    const char *name =
        endpoint->application_name ? endpoint->application_name : options->application_name;

    if (name) {
        size_t length = strlen(name);

        length = text_utf8_prefix(name, length < APPLICATION_NAME ? length : APPLICATION_NAME);
        put(keywords, "application_name", arena_strndup(options->arena, name, length));
    }
    put(keywords, "options", endpoint->options);
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
    put_tls(&keywords, target);
    put_session(&keywords, options);

    environ = quiet_environment();
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
    *reply = (struct reply){0};
    if (connection->given_up) {
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
    *reply = (struct reply){
        .answered = true, .connected = true, .session = PQbackendPID(connection->pg)};
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
    environ = quiet_environment();
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
