#include "base/bug.h"
#include "workers/life_internal.h"

/* Before anything is done all of it is read with the lock, so less of it is enough here. */
static bool reads_briefly(const struct life *life, bool blindly)
{
    const struct life_connection *connection = &life->work->connection;
    bool both = !connection->located || (connection->version_table && connection->history_table);

    if (life->order->mode != LIFE_EXECUTE) {
        return false;
    }
    return blindly || (life_is(life, ENGINE_POSTGRESQL) && both && !connection->long_history);
}

/* PEEK's request. SQLite is asked for the heads alone at first: to look for the tables would cost a
 * lock of the file and a statement more, and where one is missing the answer says so. */
static void ask(struct life *life)
{
    struct life_work *work = life->work;
    bool blindly = life_is(life, ENGINE_SQLITE) && work->phase == 0;

    request_start(life);
    prepare_add_preamble(life);
    if (!work->connection.located && !blindly) {
        read_add_locate(life);
    }
    if (reads_briefly(life, blindly)) {
        read_add_heads_brief(life);
    } else {
        read_add_heads(life);
    }
}

/* ---- CONNECT: with what will be asked first, so that a driver can take both at once */

void connect_enter(struct life *life, struct demand *demand)
{
    struct life_work *work = life->work;
    int64_t timeout_ms = life->target->connection->connect_timeout_ms;

    if (!work->uncounted) {
        life->outcome.attempts++;
    }
    work->uncounted = false;
    work->ended_by = work->failure ? work->failure : work->ended_by;
    work->failure = NULL;
    work->sums_read = false;
    work->tries_since_us = -1;
    work->wait_us = 0;
    work->aborting = false;
    work->deadline_us = timeout_ms > 0 ? work->now_us + timeout_ms * 1000 : 0;
    ask(life);
    work->asked = true;
    demand->kind = DEMAND_OPEN;
    demand->request = request_made(life);
    demand->deadline_us = work->deadline_us;
    demand->by_direct_url = work->by_direct_url;
    demand->read_only = life_only_reads(life);
}

void connect_event(struct life *life, const struct life_event *event)
{
    struct life_connection *connection = &life->work->connection;

    life->outcome.weak_tls = event->reply ? event->reply->weak_tls : NULL;
    switch (event->kind) {
    case LIFE_OPENED:
        connection->open = true;
        connection->reused = event->reused;
        connection->session = event->reply ? event->reply->session : 0;
        life_move(life, LIFE_STATE_PEEK);
        break;
    case LIFE_FAILED:
        verdict_note(life, event);
        verdict_fail(life, event->err);
        break;
    default:
        BUG("CONNECT: event %u", (unsigned)event->kind);
    }
}

/* ---- PEEK: tables, identity, heads and open rows, in one request where the tables are there */

void peek_enter(struct life *life, struct demand *demand)
{
    struct life_work *work = life->work;

    if (work->wait_us > 0) {
        demand->kind = DEMAND_WAIT;
        demand->delay_us = work->wait_us;
        return;
    }
    if (!work->asked && !unknown_ask(life)) {
        ask(life);
    }
    work->asked = false;
    request_submit(life, demand, life->target->connection->connect_timeout_ms);
}

static bool has_tables(const struct life_connection *connection)
{
    return connection->version_table || connection->history_table;
}

/* The heads were asked for, and not where they are. */
static bool asked_blindly(const struct life *life)
{
    return life_is(life, ENGINE_SQLITE) && !life->work->connection.located &&
           request_find(life, DIALECT_LOCATE) == life->work->command_count;
}

/* Not all tables are there, or their schema must be asked for: there is something else to ask. */
static bool asks_again(struct life *life, const struct life_event *event)
{
    const struct life_connection *connection = &life->work->connection;
    bool whole = connection->located && connection->version_table && connection->history_table;
    bool told = read_locate_result(life, event->reply) != NULL || asked_blindly(life);

    if (!told || whole || life->work->phase++ > 2) {
        return false;
    }
    return event->kind == LIFE_REPLIED || event->err->class == ERROR_MISSING_OBJECT;
}

/* Heads and open rows are known: one more question where not all of a long history was seen, or a
 * row has no file. */
static void heads_known(struct life *life, const struct result *result)
{
    struct life_connection *connection = &life->work->connection;
    const struct reading *reading = &connection->last;

    read_heads(life, result);
    if (life_is(life, ENGINE_POSTGRESQL) && reading->brief &&
        reading->history_count >= DIALECT_BRIEF_ROWS) {
        connection->long_history = true;
        life_again(life);
    } else if (unknown_find(life)) {
        life_again(life);
    } else {
        decide_peek(life);
    }
}

static void peek_answered(struct life *life, const struct life_event *event)
{
    struct life_connection *connection = &life->work->connection;
    const struct result *located = read_locate_result(life, event->reply);
    bool failed = event->kind == LIFE_FAILED;
    bool lasts = connection->direct || !life_is(life, ENGINE_POSTGRESQL);
    bool pooled = connection->pooled;
    struct err *err = life_err(life);

    if (located && read_locate(life, located, err)) {
        verdict_refuse(life, err);
        return;
    }
    if (connection->pooled != pooled) {
        life_again(life); /* whatever others have set there may have answered */
        return;
    }
    if (!failed && asked_blindly(life)) {
        connection->located = connection->version_table = connection->history_table = true;
    }
    connection->prepared = lasts && !failed;
    if (!failed && connection->located) {
        heads_known(life, read_heads_result(life, event->reply));
    } else if (!asks_again(life, event)) {
        err_set(err, ERROR_INTERNAL, "skein's tables change their place while they are looked for");
        verdict_fail(life, failed ? event->err : err);
    } else if (connection->located && !has_tables(connection)) {
        heads_known(life, NULL);
    } else {
        life_again(life);
    }
}

/* What another has left had broken meanwhile: no attempt was made. */
static bool goes_anew(struct life *life)
{
    struct life_work *work = life->work;
    bool reused = work->connection.reused;

    work->connection.reused = false;
    return reused && work->connection.lost && !work->cancel && !work->stop;
}

bool peek_told(struct life *life, const struct life_event *event)
{
    struct life_connection *connection = &life->work->connection;
    struct err *err = life_err(life);

    life->outcome.attempts = 1; /* it was asked, whoever asked */
    life->outcome.weak_tls = event->reply->weak_tls;
    connection->session = event->reply->session;
    if (read_locate(life, event->located, err)) {
        verdict_end(life, OUTCOME_REFUSED, err);
        return true;
    }
    if (connection->pooled || !connection->located || (has_tables(connection) && !event->heads)) {
        return false;
    }
    read_heads(life, event->heads);
    if (unknown_find(life)) {
        return false;
    }
    return decide_ends(life) || (life->order->mode == LIFE_PLAN && check_told(life));
}

/* A table that is not there is an answer to go on with; without the connection it says nothing of
 * the target. */
static void peek_lost(struct life *life, const struct life_event *event)
{
    struct err *err;

    if (event->err->class != ERROR_MISSING_OBJECT) {
        verdict_fail(life, event->err);
        return;
    }
    err = life_err(life);
    err_set(err, ERROR_CONNECTION, "the connection was lost while the heads were read");
    err_native(err, NULL, RETRY_TRANSIENT);
    verdict_fail(life, err);
}

void peek_event(struct life *life, const struct life_event *event)
{
    switch (event->kind) {
    case LIFE_TIMER:
        life->work->wait_us = 0;
        /* Whoever was busy with the file may have made the tables. */
        life->work->connection.located = has_tables(&life->work->connection);
        life_again(life);
        break;
    case LIFE_REPLIED:
        life->work->connection.reused = false;
        if (unknown_answered(life, event->reply)) {
            decide_peek(life);
        } else {
            peek_answered(life, event);
        }
        break;
    case LIFE_FAILED:
        verdict_note(life, event);
        if (goes_anew(life)) {
            verdict_anew(life);
        } else if (life->work->connection.lost) {
            peek_lost(life, event);
        } else {
            peek_answered(life, event);
        }
        break;
    default:
        BUG("PEEK: event %u", (unsigned)event->kind);
    }
}
