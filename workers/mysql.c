#include <mysql.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/bug.h"
#include "workers/mysql_internal.h"

static int begin_open(struct connection *connection, const struct open_options *options,
                      enum engine engine, struct err *err)
{
    int class;

    connection->engine = engine;
    connection->err = (struct err)ERR_INIT(options->arena);
    str_init(&connection->request.sql);
    class = mysql_driver_login_init(&connection->login, options, err);
    connection->login.abort_descriptor = -1;
    if (class) {
        return class;
    }
    connection->login.abort_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (connection->login.abort_descriptor < 0) {
        err_set(err, ERROR_CAPACITY, "no descriptor is left for a connection");
        err_native(err, NULL, RETRY_HUMAN);
        return ERROR_CAPACITY;
    }
    connection->phase = MYSQL_DRIVER_BEGUN;
    return 0;
}

static int open_mysql(struct connection *connection, const struct open_options *options,
                      struct err *err)
{
    return begin_open(connection, options, ENGINE_MYSQL, err);
}

static int open_mariadb(struct connection *connection, const struct open_options *options,
                        struct err *err)
{
    return begin_open(connection, options, ENGINE_MARIADB, err);
}

static int submit(struct connection *connection, const struct request *request, struct err *err)
{
    (void)err;
    if (connection->phase != MYSQL_DRIVER_IDLE || !connection->mysql || request->count == 0) {
        BUG("submit in phase %d, %zu commands", (int)connection->phase, request->count);
    }
    connection->phase = MYSQL_DRIVER_REQUEST;
    mysql_driver_request_begin(connection, request);
    return 0;
}

static void connect_work(void *context)
{
    struct connection *connection = context;

    connection->mysql =
        mysql_driver_connect(&connection->login, &connection->err, &connection->answered);
}

static void drop_abort(struct connection *connection)
{
    if (connection->login.abort_descriptor >= 0) {
        close(connection->login.abort_descriptor);
        connection->login.abort_descriptor = -1;
    }
}

/* A mode that verifies checks the name as well. */
static const char *weak_tls(const struct mysql_driver_login *login)
{
    const char *mode = login->tls.mode;

    return mode && strncmp(mode, "verify-", 7) != 0 && tls_is_weak(mode, login->host) ? mode : NULL;
}

/* The work is done, or was not begun. */
static enum drive connected(struct connection *connection, struct reply *reply, struct err *err)
{
    bool given_up = atomic_load(&connection->given_up);

    drop_abort(connection);
    connection->phase = MYSQL_DRIVER_IDLE;
    *reply = (struct reply){.answered = connection->answered,
                            .connected = connection->mysql,
                            .session =
                                connection->mysql ? (int64_t)mysql_thread_id(connection->mysql) : 0,
                            .weak_tls = weak_tls(&connection->login)};
    if (connection->mysql && !given_up) {
        return DRIVE_DONE;
    }
    if (given_up) {
        *reply = (struct reply){0};
        err_set(err, ERROR_CANCELLED, "given up while connecting");
        err->retry = RETRY_CANCELLED;
    } else {
        err_copy(err, &connection->err);
    }
    return DRIVE_FAIL;
}

static enum drive drive(struct connection *connection, unsigned ready, struct want *want,
                        struct reply *reply, struct err *err)
{
    switch (connection->phase) {
    case MYSQL_DRIVER_BEGUN:
        if (atomic_load(&connection->given_up)) {
            return connected(connection, reply, err);
        }
        connection->phase = MYSQL_DRIVER_CONNECTING;
        *want =
            (struct want){.descriptor = -1, .work = {.run = connect_work, .context = connection}};
        return DRIVE_WORK;
    case MYSQL_DRIVER_CONNECTING:
        return connected(connection, reply, err);
    case MYSQL_DRIVER_REQUEST:
        return mysql_driver_request_drive(connection, ready, want, reply, err);
    default:
        BUG("drive with nothing under way");
    }
}

/* While connecting the pool thread is woken; it looks at nothing else but its own time. */
static int abort_it(struct connection *connection, struct work *work, struct err *err)
{
    static const uint64_t one = 1;

    (void)err;
    *work = (struct work){0};
    switch (connection->phase) {
    case MYSQL_DRIVER_BEGUN:
    case MYSQL_DRIVER_CONNECTING:
        atomic_store(&connection->given_up, true);
        if (write(connection->login.abort_descriptor, &one, sizeof(one)) < 0) {
            return err_set(err, ERROR_INTERNAL, "the thread that connects cannot be woken");
        }
        return 0;
    case MYSQL_DRIVER_REQUEST:
        connection->cancel_asked = true;
        *work = mysql_driver_kill(&connection->login, mysql_thread_id(connection->mysql));
        return 0;
    default:
        return 0;
    }
}

/* The goodbye is a few bytes; the socket does not block. */
static void close_it(struct connection *connection)
{
    drop_abort(connection);
    mysql_driver_request_release(connection);
    if (connection->mysql) {
        mysql_close(connection->mysql);
    }
    *connection = (struct connection){.phase = MYSQL_DRIVER_IDLE};
}

const struct driver driver_mysql = {
    .name = "mysql",
    .capabilities = CAPABILITY_SESSION_LOCK | CAPABILITY_CANCEL,
    .connection_size = sizeof(struct connection),
    .open = open_mysql,
    .submit = submit,
    .drive = drive,
    .abort = abort_it,
    .close = close_it,
};

const struct driver driver_mariadb = {
    .name = "mariadb",
    .capabilities = CAPABILITY_SESSION_LOCK | CAPABILITY_CANCEL,
    .connection_size = sizeof(struct connection),
    .open = open_mariadb,
    .submit = submit,
    .drive = drive,
    .abort = abort_it,
    .close = close_it,
};
