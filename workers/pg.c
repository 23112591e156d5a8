#include <libpq-fe.h>

#include "base/bug.h"
#include "workers/pg_internal.h"

static int pg_open(struct connection *connection, const struct open_options *options,
                   struct err *err)
{
    (void)err; /* also what fails at once comes by drive(), with a reply */
    str_init(&connection->sql);
    connection->phase = PG_CONNECTING;
    pg_connect_begin(connection, options);
    return 0;
}

static int pg_submit(struct connection *connection, const struct request *request, struct err *err)
{
    (void)err;
    if (connection->phase != PG_IDLE || !connection->pg || request->count == 0) {
        BUG("submit in phase %d, %zu commands", (int)connection->phase, request->count);
    }
    connection->phase = PG_REQUEST;
    pg_request_begin(connection, request);
    return 0;
}

static enum drive pg_drive(struct connection *connection, unsigned ready, struct want *want,
                           struct reply *reply, struct err *err)
{
    switch (connection->phase) {
    case PG_CONNECTING:
        return pg_connect_drive(connection, ready, want, reply, err);
    case PG_REQUEST:
        return pg_request_drive(connection, ready, want, reply, err);
    default:
        BUG("drive with nothing under way");
    }
}

static void cancel_run(void *context)
{
    char text[256]; /* why it did not arrive: it is only asked for */

    PQcancel(context, text, sizeof(text));
}

static void cancel_free(void *context)
{
    PQfreeCancel(context);
}

/* libpq 15's PQcancel connects on its own, and blocks: it runs beside, with copies of all it needs.
 */
static int pg_abort(struct connection *connection, struct work *work, struct err *err)
{
    PGcancel *cancel;

    *work = (struct work){0};
    if (connection->phase == PG_CONNECTING) {
        connection->given_up = true;
        return 0;
    }
    if (connection->phase != PG_REQUEST) {
        return 0;
    }
    cancel = PQgetCancel(connection->pg);
    if (!cancel) {
        return err_set(err, ERROR_CONNECTION, "nobody to send a cancel to: the connection is lost");
    }
    connection->cancel_asked = true;
    *work = (struct work){.run = cancel_run, .context = cancel, .free = cancel_free};
    return 0;
}

static void pg_close(struct connection *connection)
{
    PQfinish(connection->pg);
    str_release(&connection->sql);
    pg_statements_release(&connection->statements);
    *connection = (struct connection){0};
}

const struct driver driver_postgresql = {
    .name = "postgresql",
    .capabilities = CAPABILITY_TRANSACTIONAL_DDL | CAPABILITY_SESSION_LOCK | CAPABILITY_BATCH |
                    CAPABILITY_CANCEL,
    .connection_size = sizeof(struct connection),
    .open = pg_open,
    .submit = pg_submit,
    .drive = pg_drive,
    .abort = pg_abort,
    .reuse = pg_reuse,
    .close = pg_close,
};
