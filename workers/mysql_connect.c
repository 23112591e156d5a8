/*
 * Connecting, on a pool thread. The library's non-blocking connect is used there all the same:
 * while it waits for the network (and not in a TLS handshake, where it blocks by itself), the
 * thread also looks for an abort, and at its own deadline, which no slow peer can move.
 */
#include <errno.h>
#include <fcntl.h>
#include <mysql.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/bug.h"
#include "base/clock.h"
#include "workers/mysql_internal.h"

#define STACK_BYTES ((size_t)256 * 1024) /* of the library's coroutine: name services run on it */

/* Where the connection is not known to be safe, no plugin that sends the password in clear. */
#define SAFE_PLUGINS                                                                               \
    "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,parsec,"           \
    "auth_gssapi_client"

struct attempt {
    MYSQL *mysql;
    const struct mysql_driver_login *login;
    int64_t deadline_us; /* 0: none */
    bool gave_up;        /* told to, or out of time */
};

static int64_t now_us(void)
{
    return clock_system.monotonic_us(clock_system.context);
}

/* ---- what to connect with */

static bool verifies(const struct tls *tls)
{
    return tls->mode && strncmp(tls->mode, "verify-", 7) == 0;
}

static bool is_plain(const struct tls *tls)
{
    return !tls->mode || strcmp(tls->mode, "disable") == 0;
}

/* verify-full for a host that is not local; a socket is never encrypted. */
static const char *tls_mode(const struct target *target)
{
    if (target->endpoint->host && target->endpoint->host[0] == '/') {
        return "disable";
    }
    return tls_effective_mode(target->connection->tls.mode, target->endpoint->host);
}

int mysql_driver_login_init(struct mysql_driver_login *login, const struct open_options *options,
                            struct err *err)
{
    static const struct address_list none;
    const struct target *target = options->target;
    const struct endpoint *endpoint = target->endpoint;

    *login = (struct mysql_driver_login){
        .addresses = options->addresses ? *options->addresses : none,
        .host = endpoint->host,
        .port = endpoint->port ? (unsigned)strtoul(endpoint->port, NULL, 10) : 0,
        .user = endpoint->user,
        .password = endpoint->password,
        .database = target->database,
        .program = options->application_name,
        .tls = target->connection->tls,
        .timeout_ms = target->connection->connect_timeout_ms,
        .read_only = options->read_only,
    };
    login->tls.mode = tls_mode(target);
    if (login->tls.ca && strcmp(login->tls.ca, "system") == 0) {
        login->tls.ca = NULL; /* the library's default */
    }
    if (verifies(&login->tls) && login->tls.server_name &&
        (!login->host || strcmp(login->tls.server_name, login->host) != 0)) {
        err_set(err, ERROR_TLS,
                "server_name: MariaDB's client library checks the certificate "
                "against the host that it connects to, and no other name");
        err_hint(err, "write the certificate's name as the host of the URL");
        err_native(err, NULL, RETRY_AUTH);
        return ERROR_TLS;
    }
    return 0;
}

static void set_tls(MYSQL *mysql, const struct tls *tls)
{
    my_bool verify = verifies(tls);

    if (is_plain(tls)) {
        return;
    }
    mysql_ssl_set(mysql, tls->key, tls->cert, tls->ca, NULL, NULL);
    /* ENFORCE alone goes on in clear where the server has no TLS: see check_tls. */
    mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &verify);
    mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

static void set_options(MYSQL *mysql, const struct mysql_driver_login *login)
{
    static const size_t stack = STACK_BYTES;
    unsigned seconds = (unsigned)((login->timeout_ms + 999) / 1000);
    unsigned protocol =
        login->host && *login->host == '/' ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    unsigned off = 0;
    my_bool no = 0;

    mysql_options(mysql, MYSQL_OPT_NONBLOCK, &stack);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_options(mysql, MYSQL_OPT_RECONNECT, &no);
    mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol);
    if (seconds > 0) {
        mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    }
    if (login->program) {
        mysql_options4(mysql, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", login->program);
    }
    if (protocol == MYSQL_PROTOCOL_TCP && !verifies(&login->tls)) {
        mysql_options(mysql, MARIADB_OPT_RESTRICTED_AUTH, SAFE_PLUGINS);
    }
    set_tls(mysql, &login->tls);
}

/* ---- waiting on the pool's thread */

/* Milliseconds that poll(2) may take; -1: any. */
static int poll_limit(struct attempt *attempt, int status)
{
    int64_t left_ms = -1;

    if (attempt->deadline_us > 0) {
        left_ms = (attempt->deadline_us - now_us() + 999) / 1000;
        left_ms = left_ms > 0 ? left_ms : 0;
    }
    if (status & MYSQL_WAIT_TIMEOUT) {
        int64_t own_ms = mysql_get_timeout_value_ms(attempt->mysql);
        left_ms = left_ms < 0 || own_ms < left_ms ? own_ms : left_ms;
    }
    return (int)left_ms;
}

static int happened_of(short events, int status)
{
    return (events & POLLIN ? MYSQL_WAIT_READ : 0) | (events & POLLOUT ? MYSQL_WAIT_WRITE : 0) |
           (events & POLLPRI ? MYSQL_WAIT_EXCEPT : 0) |
           (events & (POLLERR | POLLHUP | POLLNVAL) ? status & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE)
                                                    : 0);
}

/* Waits for what a call of the library wants. 0: given up. */
static int wait_for(struct attempt *attempt, int status)
{
    struct pollfd polls[] = {
        {.fd = mysql_get_socket(attempt->mysql),
         .events = (short)((status & MYSQL_WAIT_READ ? POLLIN : 0) |
                           (status & MYSQL_WAIT_WRITE ? POLLOUT : 0) |
                           (status & MYSQL_WAIT_EXCEPT ? POLLPRI : 0))},
        {.fd = attempt->login->abort_descriptor, .events = POLLIN},
    };
    int happened = 0;

    while (!happened && !attempt->gave_up) {
        int count = poll(polls, 2, poll_limit(attempt, status));

        if (count > 0) {
            happened = happened_of(polls[0].revents, status);
            attempt->gave_up = polls[1].revents != 0;
        } else if (attempt->deadline_us > 0 && now_us() >= attempt->deadline_us) {
            attempt->gave_up = true;
        } else if (count == 0) {
            happened = MYSQL_WAIT_TIMEOUT;
        }
    }
    return attempt->gave_up ? 0 : happened;
}

static bool log_in(struct attempt *attempt, const char *address)
{
    const struct mysql_driver_login *login = attempt->login;
    bool socket = address && *address == '/';
    /* NULL would be $MYSQL_PWD: a password for every server alike. */
    const char *password = login->password ? login->password : "";
    MYSQL *done = NULL;
    int status = mysql_real_connect_start(
        &done, attempt->mysql, socket ? NULL : address, login->user, password, login->database,
        login->port, socket ? address : NULL,
        CLIENT_FOUND_ROWS | CLIENT_MULTI_RESULTS | CLIENT_REMEMBER_OPTIONS);

    while (status) {
        int happened = wait_for(attempt, status);
        if (!happened) {
            return false;
        }
        status = mysql_real_connect_cont(&done, attempt->mysql, happened);
    }
    return done != NULL;
}

static bool query(struct attempt *attempt, const char *sql)
{
    int returned = 0;
    int status = mysql_real_query_start(&returned, attempt->mysql, sql, strlen(sql));

    while (status) {
        int happened = wait_for(attempt, status);
        if (!happened) {
            return false;
        }
        status = mysql_real_query_cont(&returned, attempt->mysql, happened);
    }
    return returned == 0;
}

/* ---- one address */

/* A server that vanished without a word is noticed within a minute. */
static void set_socket(MYSQL *mysql)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},          {IPPROTO_TCP, TCP_KEEPIDLE, 30},
        {IPPROTO_TCP, TCP_KEEPINTVL, 10},       {IPPROTO_TCP, TCP_KEEPCNT, 3},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, 30000},
    };
    int descriptor = mysql_get_socket(mysql);

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        /* Not possible on a Unix socket, and not needed there. */
        (void)setsockopt(descriptor, options[i].level, options[i].name, &options[i].value,
                         sizeof(options[i].value));
    }
    /* After a TLS handshake the library leaves it blocking. */
    (void)fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

/* What was wanted and is not there: the library goes on in clear without a word. */
static bool is_protected(const struct attempt *attempt)
{
    const char *mode = attempt->login->tls.mode;

    return is_plain(&attempt->login->tls) || strcmp(mode, "prefer") == 0 ||
           strcmp(mode, "allow") == 0 || mysql_get_ssl_cipher(attempt->mysql);
}

static void fail_given_up(const struct attempt *attempt, struct err *err)
{
    err_set(err, ERROR_CONNECTION, "no connection to %s in time", attempt->login->host);
    err_native(err, NULL, RETRY_TRANSIENT);
}

static bool prepare(struct attempt *attempt, struct err *err, bool *answered)
{
    if (!is_protected(attempt)) {
        err_set(err, ERROR_TLS, "the server has no TLS");
        err_native(err, NULL, RETRY_AUTH);
        err_hint(err, "switch TLS on at the server, or, on a network that you trust, write tls: "
                      "{mode: disable}");
        *answered = true;
        return false;
    }
    const struct mysql_driver_login *login = attempt->login;
    set_socket(attempt->mysql);
    if ((login->read_only && !query(attempt, "SET SESSION TRANSACTION READ ONLY")) ||
        (login->command && !query(attempt, login->command))) {
        if (attempt->gave_up) {
            fail_given_up(attempt, err);
        } else {
            *answered = mysql_driver_error(attempt->mysql, ENGINE_MARIADB, err);
        }
        return false;
    }
    return true;
}

/* NULL where it failed. */
static MYSQL *try_address(struct attempt *attempt, const char *address, struct err *err,
                          bool *answered)
{
    attempt->mysql = mysql_init(NULL);
    if (!attempt->mysql) {
        BUG("the client library has no memory for a connection");
    }
    set_options(attempt->mysql, attempt->login);
    if (!log_in(attempt, address)) {
        if (attempt->gave_up) {
            fail_given_up(attempt, err);
        } else {
            *answered = mysql_driver_error(attempt->mysql, ENGINE_MARIADB, err) ||
                        err->class == ERROR_TLS || err->class == ERROR_AUTH;
        }
    } else if (prepare(attempt, err, answered)) {
        *answered = true;
        return attempt->mysql;
    }
    mysql_close(attempt->mysql);
    return NULL;
}

static void init_library(void)
{
    if (mysql_library_init(0, NULL, NULL)) {
        BUG("the client library does not start");
    }
}

MYSQL *mysql_driver_connect(const struct mysql_driver_login *login, struct err *err, bool *answered)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct attempt attempt = {.login = login};
    bool by_name = verifies(&login->tls) || login->addresses.count == 0;
    size_t count = by_name ? 1 : login->addresses.count;
    MYSQL *mysql = NULL;

    pthread_once(&once, init_library);
    *answered = false;
    if (login->timeout_ms > 0) {
        attempt.deadline_us = now_us() + login->timeout_ms * 1000;
    }
    /* Whoever answers has answered for all addresses. */
    for (size_t i = 0; i < count && !mysql && !*answered && !attempt.gave_up; i++) {
        mysql =
            try_address(&attempt, by_name ? login->host : login->addresses.items[i], err, answered);
    }
    return mysql;
}
