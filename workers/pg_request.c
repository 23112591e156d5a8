/*
 * One request: several commands travel as a libpq pipeline with one Sync, a single one without, so
 * that what must stand outside a transaction block does. While commands are sent, results are read:
 * otherwise both sides could wait for the other to read.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <string.h>

#include "base/bug.h"
#include "base/clock.h"
#include "workers/pg_internal.h"

#define FLUSH_BYTES 65536 /* handed to libpq before the socket is asked to take them */
#define ROUNDS      64    /* reads before others get their turn */

/* First in every request that begins outside a transaction, and in one with what follows: nothing
 * of it stays behind, as a SET on a pooler's connection would. */
static const char read_only_sql[] = "SET transaction_read_only = on";

static int64_t now_us(void)
{
    return clock_system.monotonic_us(clock_system.context);
}

static void fail_at(struct pg_request *request, size_t index)
{
    request->failed = true;
    request->failed_at = index < request->prelude ? 0 : index - request->prelude;
}

void pg_request_begin(struct connection *connection, const struct request *request)
{
    struct pg_request *own = &connection->request;

    *own = (struct pg_request){.request = request, .err = ERR_INIT(request->arena)};
    own->resets = connection->used ? PG_RESETS : 0;
    connection->used = false;
    own->prelude =
        own->resets +
        (connection->read_only && PQtransactionStatus(connection->pg) == PQTRANS_IDLE ? 1 : 0);
    own->results = arena_array(request->arena, request->count, sizeof(*own->results));
    own->since_us = now_us();
    own->pipeline = own->prelude + request->count > 1;
    if (own->pipeline && !PQenterPipelineMode(connection->pg)) {
        own->lost = true;
    }
}

/* Prepared statements outlive a transaction, but not these words, wherever they stand. */
static bool may_drop_statements(const char *sql)
{
    return strcasestr(sql, "deallocate") || strcasestr(sql, "discard");
}

/* False with *kept NULL: as any other. False with it: libpq does not take it. */
static bool send_kept(struct connection *connection, const struct command *command,
                      const struct pg_statement **kept)
{
    struct pg_request *own = &connection->request;

    *kept = pg_statement_find(&connection->statements, command);
    if (!*kept && own->pipeline) {
        *kept = pg_statement_new(&connection->statements, command, own->sent);
        own->unflushed += command->length;
        if (*kept &&
            PQsendPrepare(connection->pg, (*kept)->name, connection->sql.text, 0, NULL) != 1) {
            return false;
        }
    }
    return *kept &&
           PQsendQueryPrepared(connection->pg, (*kept)->name, (int)command->parameter_count,
                               command->parameters, NULL, NULL, 0) == 1;
}

/* Returns false where libpq does not take it: the connection is gone, or the command cannot be
 * sent. */
static bool send_command(struct connection *connection, const struct command *command)
{
    const struct pg_statement *kept = NULL;
    bool sent;

    str_clear(&connection->sql);
    str_addn(&connection->sql, command->sql, command->length);
    if (command->repeated) {
        sent = send_kept(connection, command, &kept);
        if (kept) {
            connection->request.unflushed += sizeof(kept->name);
            return sent;
        }
    } else if (!command->own && may_drop_statements(connection->sql.text)) {
        pg_statements_forget(&connection->statements);
    }
    connection->request.unflushed += command->length;
    return PQsendQueryParams(connection->pg, connection->sql.text, (int)command->parameter_count,
                             NULL, command->parameters, NULL, NULL, 0) == 1;
}

static struct command next_command(const struct connection *connection)
{
    static const struct command read_only = {
        .sql = read_only_sql, .length = sizeof(read_only_sql) - 1, .own = true};
    const struct pg_request *own = &connection->request;

    if (own->sent < own->resets) {
        return pg_reset_command(connection, own->sent);
    }
    return own->sent < own->prelude ? read_only : own->request->commands[own->sent - own->prelude];
}

static void send_next(struct connection *connection)
{
    struct pg_request *own = &connection->request;
    size_t index = own->sent;
    struct command command = next_command(connection);

    if (send_command(connection, &command)) {
        own->sent++;
        own->synced = !own->pipeline;
        if (own->sent == own->resets && PQpipelineSync(connection->pg) != 1) {
            own->lost = true;
        }
        return;
    }
    pg_error_lost(PQerrorMessage(connection->pg), &own->err);
    fail_at(own, index);
    own->fatal = true;
    own->unusable = true;
}

static void flush(struct connection *connection)
{
    int status = PQflush(connection->pg);

    connection->request.unflushed = 0;
    connection->request.blocked = status == 1;
    if (status < 0) {
        connection->request.lost = true;
    }
}

/* Hands over what the socket takes. After a failure the server skips the rest up to the Sync: it is
 * not sent. */
static void feed(struct connection *connection)
{
    struct pg_request *own = &connection->request;
    size_t total = own->prelude + own->request->count;

    flush(connection);
    while (!own->synced && !own->blocked && !own->lost && !own->unusable) {
        if (own->unflushed >= FLUSH_BYTES) {
            flush(connection);
        } else if (own->sent < total && !own->failed) {
            send_next(connection);
        } else if (PQpipelineSync(connection->pg) == 1) {
            own->synced = true;
        } else {
            own->lost = true;
        }
    }
    if (own->synced && !own->lost) {
        flush(connection);
    }
}

static bool readable(struct pg_conn *pg)
{
    struct pollfd poll_one = {.fd = PQsocket(pg), .events = POLLIN};

    return poll_one.fd >= 0 && poll(&poll_one, 1, 0) == 1;
}

static void consume(struct connection *connection)
{
    if (!PQconsumeInput(connection->pg)) {
        connection->request.lost = true;
    }
}

static const struct command *current(const struct pg_request *own)
{
    return own->ended < own->prelude || own->ended >= own->sent
               ? NULL
               : &own->request->commands[own->ended - own->prelude];
}

static void take_error(struct connection *connection, const PGresult *result)
{
    struct pg_request *own = &connection->request;

    if (own->failed) {
        return; /* the first says why */
    }
    pg_error_result(result, connection->cancel_asked, &own->err, &own->position, &own->fatal);
    fail_at(own, own->ended);
    if (own->ended < own->resets && !own->fatal) { /* whose session it is nobody knows */
        pg_error_lost("the session could not be made anew", &own->err);
        own->position = 0;
        own->fatal = true;
    }
    if (own->fatal) {
        own->lost = true;
    }
}

/* skein has no data for COPY FROM STDIN and no place for that of COPY TO STDOUT. Alone, it is ended
 * in an orderly way; a pipeline has none, so the connection is given up and the server rolls back.
 */
static void take_copy(struct connection *connection, ExecStatusType status)
{
    struct pg_request *own = &connection->request;

    if (!own->failed) {
        err_set(&own->err, ERROR_SYNTAX, "COPY %s needs a client that speaks it",
                status == PGRES_COPY_OUT ? "TO STDOUT" : "FROM STDIN");
        err_hint(&own->err, "write INSERT statements, or COPY from a file on the server");
        fail_at(own, own->ended);
    }
    if (status == PGRES_COPY_OUT && !own->pipeline) {
        own->draining = true;
    } else if (status != PGRES_COPY_IN || own->pipeline ||
               PQputCopyEnd(connection->pg, "skein has no data to send") != 1) {
        own->unusable = true;
    }
}

static void take(struct connection *connection, PGresult *result)
{
    struct pg_request *own = &connection->request;
    bool parsed = pg_statement_is_parsed(&connection->statements, own->ended);
    const struct command *command = parsed ? NULL : current(own);
    ExecStatusType status = PQresultStatus(result);

    switch (status) {
    case PGRES_SINGLE_TUPLE:
    case PGRES_TUPLES_OK:
        if (command && command->rows) {
            pg_rows_add(&own->rows, result, own->request->arena);
        }
        if (status == PGRES_SINGLE_TUPLE) {
            return;
        }
        /* fallthrough */
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        own->answered = true;
        if (command) {
            struct result *kept = &own->results[own->ended - own->prelude];

            pg_result_finish(result, kept, own->request->arena);
            kept->names = command->names ? pg_result_names(result, own->request->arena) : NULL;
        }
        return;
    case PGRES_PIPELINE_SYNC:
        if (own->resets > 0 && !own->reset && own->ended == own->resets) {
            own->reset = true;
            own->armed = false;
            return;
        }
        own->settled = own->ended == own->sent;
        own->lost = own->lost || !own->settled;
        return;
    case PGRES_PIPELINE_ABORTED:
        return;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        take_copy(connection, status);
        return;
    default:
        take_error(connection, result);
    }
}

/* Reads rows of COPY TO STDOUT away. Returns false where more must come first. */
static bool drain(struct connection *connection)
{
    char *row = NULL;
    int length;

    while ((length = PQgetCopyData(connection->pg, &row, 1)) > 0) {
        PQfreemem(row);
    }
    connection->request.draining = length == 0;
    return length != 0;
}

/* libpq ends each command's results with NULL. A peer that ends it without one is no server. */
static void end_command(struct connection *connection)
{
    struct pg_request *own = &connection->request;

    if (own->ended == own->sent) {
        return;
    }
    if (!own->answered && !own->failed) {
        own->lost = true;
        return;
    }
    if (pg_statement_is_parsed(&connection->statements, own->ended)) {
        pg_statement_answered(&connection->statements, own->ended, !own->failed);
        own->answered = own->armed = false;
        return;
    }
    if (!own->failed && own->ended >= own->prelude) {
        pg_rows_finish(&own->rows, &own->results[own->ended - own->prelude]);
    }
    own->ended++;
    own->answered = own->armed = false;
    own->settled = own->settled || !own->pipeline;
}

static bool awaits(const struct pg_request *own)
{
    return !own->unusable && !own->settled && (own->ended < own->sent || own->synced);
}

/* Takes the results that have come. */
static void collect(struct connection *connection)
{
    struct pg_request *own = &connection->request;
    unsigned empty = 0; /* answers in a row that were none */

    while (awaits(own) && empty < 2 && !own->fatal) {
        PGresult *result;

        if (!own->armed) {
            /* Rows that are not kept shall not pile up in libpq; kept ones come in this way too. */
            PQsetSingleRowMode(connection->pg);
            own->armed = true;
        }
        if ((own->draining && !drain(connection)) || PQisBusy(connection->pg)) {
            return;
        }
        result = PQgetResult(connection->pg);
        if (result) {
            take(connection, result);
            PQclear(result);
            empty = 0;
        } else {
            end_command(connection);
            empty++;
        }
    }
}

/* The server buffers its answers: those that came together share the time since the last. */
static void share_time(struct pg_request *own)
{
    size_t completed = own->ended > own->prelude ? own->ended - own->prelude : 0;
    size_t count = completed - own->timed;
    int64_t now;

    if (count == 0) {
        return;
    }
    now = now_us();
    for (; own->timed < completed; own->timed++) {
        own->results[own->timed].microseconds = (now - own->since_us) / (int64_t)count;
    }
    own->since_us = now;
}

static bool is_over(const struct pg_request *own)
{
    return own->lost || own->fatal || own->unusable || own->settled;
}

static enum drive finish(struct connection *connection, struct reply *reply, struct err *err)
{
    struct pg_request *own = &connection->request;
    PGTransactionStatusType status;
    size_t completed = own->ended > own->prelude ? own->ended - own->prelude : 0;

    pg_statements_settle(&connection->statements);
    if (own->pipeline && own->settled && !PQexitPipelineMode(connection->pg)) {
        own->unusable = true;
    }
    if (!own->settled && !own->failed) {
        pg_error_lost(PQerrorMessage(connection->pg), &own->err);
        own->fatal = true;
        fail_at(own, own->ended);
    }
    status = PQtransactionStatus(connection->pg);
    *reply = (struct reply){
        .results = own->results,
        .completed = own->failed ? own->failed_at : completed,
        .answered = !own->fatal,
        .connected = own->settled && !own->unusable && PQstatus(connection->pg) == CONNECTION_OK,
        .position = own->position,
    };
    reply->in_transaction =
        reply->connected && (status == PQTRANS_INTRANS || status == PQTRANS_INERROR);
    connection->phase = PG_IDLE;
    if (own->failed) {
        err_copy(err, &own->err);
        return DRIVE_FAIL;
    }
    return DRIVE_DONE;
}

/* Sends what can be sent, takes what has come. */
static void work(struct connection *connection)
{
    struct pg_request *own = &connection->request;
    bool stopped;

    do { /* once more after a failure: the Sync, or the end of a COPY, is next */
        stopped = own->failed;
        feed(connection);
        collect(connection);
    } while (own->failed && !stopped && !is_over(own));
}

/* Under TLS a record may be read off the socket and only half of it handed over: then the socket is
 * quiet while data waits. So it is asked once more after the socket had nothing. What has come is
 * taken before that: libpq forgets the pipeline when it sees the end of the connection. */
static void work_on(struct connection *connection)
{
    bool again = PQsslInUse(connection->pg) == 1;

    for (unsigned round = 0; again && round < ROUNDS && !is_over(&connection->request); round++) {
        again = readable(connection->pg);
        consume(connection);
        work(connection);
    }
    connection->request.unread = again;
}

enum drive pg_request_drive(struct connection *connection, unsigned ready, struct want *want,
                            struct reply *reply, struct err *err)
{
    struct pg_request *own = &connection->request;

    if (ready & (READY_READ | READY_WRITE)) {
        consume(connection);
        work(connection);
        work_on(connection);
    } else {
        work(connection);
    }
    share_time(own);
    if (is_over(own)) {
        return finish(connection, reply, err);
    }
    /* What may wait unseen is read in the next turn: the socket can nearly always be written to. */
    *want = (struct want){.descriptor = PQsocket(connection->pg),
                          .events = READY_READ | (own->blocked || own->unread ? READY_WRITE : 0u)};
    return DRIVE_WAIT;
}
