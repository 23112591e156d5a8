#include <libpq-fe.h>
#include <string.h>

#include "base/bug.h"
#include "workers/pg_internal.h"

/* DISCARD ALL comes first, for it must not stand inside a transaction. It knows no role that a
 * login brings with it (ALTER ROLE … SET role), RESET ROLE does. */
static const char *const reset_texts[PG_RESETS] = {
    "DISCARD ALL", "RESET ROLE", "SELECT pg_catalog.set_config('application_name', $1, false)"};

struct command pg_reset_command(const struct connection *connection, size_t index)
{
    bool names = index + 1 == PG_RESETS;

    return (struct command){.sql = reset_texts[index],
                            .length = strlen(reset_texts[index]),
                            .parameters = names ? &connection->name : NULL,
                            .parameter_count = names,
                            .own = true};
}

/* A cancel that was asked for may arrive later than what it was meant for. A server that has closed
 * the connection has said so. */
bool pg_reuse(struct connection *connection, const struct open_options *options)
{
    struct pg_conn *pg = connection->pg;

    if (connection->phase != PG_IDLE || !pg || connection->cancel_asked ||
        connection->read_only != options->read_only || !PQconsumeInput(pg) ||
        PQstatus(pg) != CONNECTION_OK || PQtransactionStatus(pg) != PQTRANS_IDLE) {
        return false;
    }
    pg_statements_forget(&connection->statements);
    connection->target = options->target;
    connection->name = pg_application_name(options);
    connection->used = true;
    return true;
}
