/*
 * One request: its commands one after the other, each by the library's non-blocking calls. A call
 * that would wait gives back what for; then the loop waits.
 */
#include <mysql.h>
#include <string.h>

#include "base/bug.h"
#include "base/clock.h"
#include "workers/mysql_internal.h"

#define CALLS 500 /* before others get their turn */

static int64_t now_us(void)
{
    return clock_system.monotonic_us(clock_system.context);
}

static const struct command *current(const struct mysql_driver_request *own)
{
    return &own->request->commands[own->index];
}

static void expect(struct mysql_driver_request *own, enum mysql_driver_call call)
{
    own->call = call;
    own->begun = false;
}

static void begin_command(struct connection *connection)
{
    struct mysql_driver_request *own = &connection->request;

    mysql_driver_text(connection->mysql, current(own), &own->sql);
    own->kept = false;
    own->cells = (struct mysql_driver_rows){0};
    own->results[own->index].affected = -1;
    expect(own, MYSQL_DRIVER_QUERY);
}

void mysql_driver_request_begin(struct connection *connection, const struct request *request)
{
    struct mysql_driver_request *own = &connection->request;
    struct str sql = own->sql;

    *own = (struct mysql_driver_request){
        .request = request, .err = ERR_INIT(request->arena), .sql = sql};
    own->results = arena_array(request->arena, request->count, sizeof(*own->results));
    own->since_us = now_us();
    begin_command(connection);
}

/* A result half read would be read to its end, blocking: the connection is told that it has been.
 */
void mysql_driver_request_release(struct connection *connection)
{
    struct mysql_driver_request *own = &connection->request;

    if (own->rows) {
        connection->mysql->status = MYSQL_STATUS_READY;
        mysql_free_result(own->rows);
        own->rows = NULL;
    }
    str_release(&own->sql);
}

/* ---- calls of the library */

static int start_call(struct connection *connection)
{
    struct mysql_driver_request *own = &connection->request;
    MYSQL *mysql = connection->mysql;

    switch (own->call) {
    case MYSQL_DRIVER_QUERY:
        return mysql_real_query_start(&own->returned, mysql, own->sql.text, own->sql.length);
    case MYSQL_DRIVER_ROW:
        return mysql_fetch_row_start(&own->row, own->rows);
    case MYSQL_DRIVER_FREE:
        return mysql_free_result_start(own->rows);
    case MYSQL_DRIVER_NEXT:
        return mysql_next_result_start(&own->returned, mysql);
    }
    BUG("call %d", (int)own->call);
}

static int continue_call(struct connection *connection, int happened)
{
    struct mysql_driver_request *own = &connection->request;
    MYSQL *mysql = connection->mysql;

    switch (own->call) {
    case MYSQL_DRIVER_QUERY:
        return mysql_real_query_cont(&own->returned, mysql, happened);
    case MYSQL_DRIVER_ROW:
        return mysql_fetch_row_cont(&own->row, own->rows, happened);
    case MYSQL_DRIVER_FREE:
        return mysql_free_result_cont(own->rows, happened);
    case MYSQL_DRIVER_NEXT:
        return mysql_next_result_cont(&own->returned, mysql, happened);
    }
    BUG("call %d", (int)own->call);
}

/* ---- what they returned */

static void end_command(struct mysql_driver_request *own)
{
    struct result *result = &own->results[own->index];
    int64_t now = now_us();

    result->cells = own->cells.cells;
    result->column_count = own->cells.columns;
    result->row_count = own->cells.columns ? own->cells.count / own->cells.columns : 0;
    result->microseconds = now - own->since_us;
    own->since_us = now;
    own->index++;
}

/* KILL ends what a session does by an error that a statement may get for other reasons, too. */
static void fail(struct connection *connection)
{
    struct mysql_driver_request *own = &connection->request;

    own->failed = true;
    own->lost = !mysql_driver_error(connection->mysql, connection->engine, &own->err);
    if (!own->lost && own->err.class == ERROR_SYNTAX) {
        own->position = mysql_driver_position(own->err.message, own->sql.text, own->sql.length);
    }
    if (own->err.class == ERROR_CANCELLED && connection->cancel_asked) {
        own->err.retry = RETRY_CANCELLED;
    }
}

/* The end of one result; the command may have more. */
static void end_result(struct connection *connection)
{
    struct mysql_driver_request *own = &connection->request;

    own->rows = NULL;
    if (mysql_more_results(connection->mysql)) {
        expect(own, MYSQL_DRIVER_NEXT);
    } else {
        end_command(own);
    }
}

/* Also where no row follows. */
static void keep_columns(struct mysql_driver_request *own)
{
    const struct command *command = current(own);
    const MYSQL_FIELD *fields = mysql_fetch_fields(own->rows);
    const char **names;

    own->cells.columns = command->rows ? mysql_num_fields(own->rows) : 0;
    if (!command->names) {
        return;
    }
    names = arena_array(own->request->arena, own->cells.columns, sizeof(*names));
    for (size_t i = 0; i < own->cells.columns; i++) {
        names[i] = arena_strdup(own->request->arena, fields[i].name);
    }
    own->results[own->index].names = names;
}

static void take_result(struct connection *connection)
{
    struct mysql_driver_request *own = &connection->request;

    if (mysql_field_count(connection->mysql) == 0) {
        own->results[own->index].affected = (int64_t)mysql_affected_rows(connection->mysql);
        end_result(connection);
        return;
    }
    own->rows = mysql_use_result(connection->mysql);
    if (!own->rows) {
        fail(connection);
        return;
    }
    if (!own->kept) {
        keep_columns(own);
    }
    expect(own, MYSQL_DRIVER_ROW);
}

static void keep_row(struct mysql_driver_request *own)
{
    struct mysql_driver_rows *cells = &own->cells;
    const unsigned long *lengths = mysql_fetch_lengths(own->rows);
    size_t columns = mysql_num_fields(own->rows);
    struct arena *arena = own->request->arena;

    cells->cells = arena_grow(arena, cells->cells, sizeof(*cells->cells), &cells->capacity,
                              cells->count + columns);
    for (size_t i = 0; i < columns; i++) {
        cells->cells[cells->count++] =
            own->row[i] ? arena_strndup(arena, own->row[i], lengths[i]) : NULL;
    }
}

static void take_row(struct connection *connection)
{
    struct mysql_driver_request *own = &connection->request;

    if (own->row) {
        if (current(own)->rows && !own->kept) {
            keep_row(own);
        }
        expect(own, MYSQL_DRIVER_ROW);
    } else if (mysql_errno(connection->mysql)) {
        fail(connection);
        mysql_free_result(own->rows); /* nothing of it is left to be read */
        own->rows = NULL;
    } else {
        own->kept = true;
        expect(own, MYSQL_DRIVER_FREE);
    }
}

static bool is_empty(MYSQL *mysql)
{
    return mysql_errno(mysql) == 1065; /* a command of comments alone */
}

static void take(struct connection *connection)
{
    struct mysql_driver_request *own = &connection->request;

    switch (own->call) {
    case MYSQL_DRIVER_QUERY:
        if (own->returned == 0) {
            take_result(connection);
        } else if (is_empty(connection->mysql)) {
            end_command(own);
        } else {
            fail(connection);
        }
        break;
    case MYSQL_DRIVER_ROW:
        take_row(connection);
        break;
    case MYSQL_DRIVER_FREE:
        end_result(connection);
        break;
    case MYSQL_DRIVER_NEXT:
        if (own->returned == 0) {
            take_result(connection);
        } else {
            fail(connection);
        }
        break;
    }
}

/* ---- the drive */

static bool is_over(const struct mysql_driver_request *own)
{
    return own->failed || own->index == own->request->count;
}

/* The server's last word on it. Without autocommit a session is never outside a transaction. */
static bool in_transaction(MYSQL *mysql)
{
    unsigned status = mysql->server_status;

    return (status & SERVER_STATUS_IN_TRANS) || !(status & SERVER_STATUS_AUTOCOMMIT);
}

static enum drive finish(struct connection *connection, struct reply *reply, struct err *err)
{
    struct mysql_driver_request *own = &connection->request;

    *reply = (struct reply){
        .results = own->results,
        .completed = own->index,
        .answered = !own->lost,
        .connected = !own->lost,
        .in_transaction = !own->lost && in_transaction(connection->mysql),
        .position = own->position,
    };
    connection->phase = MYSQL_DRIVER_IDLE;
    if (own->failed) {
        err_copy(err, &own->err);
        return DRIVE_FAIL;
    }
    return DRIVE_DONE;
}

/* EXCEPT is of connecting alone; a limit in time is the caller's. */
static enum drive wait_for(struct connection *connection, unsigned events, struct want *want)
{
    *want = (struct want){.descriptor = mysql_get_socket(connection->mysql), .events = events};
    return DRIVE_WAIT;
}

static unsigned wanted(int status)
{
    return (status & MYSQL_WAIT_READ ? READY_READ : 0u) |
           (status & MYSQL_WAIT_WRITE ? READY_WRITE : 0u);
}

enum drive mysql_driver_request_drive(struct connection *connection, unsigned ready,
                                      struct want *want, struct reply *reply, struct err *err)
{
    struct mysql_driver_request *own = &connection->request;
    int happened =
        (ready & READY_READ ? MYSQL_WAIT_READ : 0) | (ready & READY_WRITE ? MYSQL_WAIT_WRITE : 0);

    if (own->begun && own->status) {
        happened &= own->status;
        if (happened) {
            own->status = continue_call(connection, happened);
        }
    }
    for (unsigned calls = 0; calls < CALLS; calls++) {
        if (!own->begun) {
            own->status = start_call(connection);
            own->begun = true;
        }
        if (own->status) {
            return wait_for(connection, wanted(own->status), want);
        }
        size_t before = own->index;
        take(connection);
        if (is_over(own)) {
            return finish(connection, reply, err);
        }
        if (own->index > before) {
            begin_command(connection);
        }
    }
    /* Rows may wait in the library: the socket can nearly always be written to. */
    return wait_for(connection, READY_READ | READY_WRITE, want);
}
