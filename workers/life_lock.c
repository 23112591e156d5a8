#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "workers/life_internal.h"

/* ---- PLACE: connected, waits for a place in its plan group */

void place_enter(struct life *life, struct demand *demand)
{
    (void)life;
    demand->kind = DEMAND_PLACE;
}

void place_event(struct life *life, const struct life_event *event)
{
    switch (event->kind) {
    case LIFE_PLACED:
        life_move(life, LIFE_STATE_LOCK);
        break;
    case LIFE_NO_PLACE:
        verdict_anew(life);
        break;
    default:
        BUG("PLACE: event %u", (unsigned)event->kind);
    }
}

/* ---- LOCK: only tried; the heads are read behind it in the same request */

static void add_reading(struct life *life)
{
    const struct life_connection *connection = &life->work->connection;

    if (!connection->version_table || !connection->history_table) {
        read_add_locate(life);
    }
    read_add_heads(life);
}

static void add_lock(struct life *life)
{
    struct life_work *work = life->work;

    if (life_is(life, ENGINE_SQLITE) && work->need_flock && !work->connection.locked) {
        request_add(life, DIALECT_LOCK, EXPECT_NOTHING, NULL, 0, NULL);
        return;
    }
    prepare_add_lock(life, work->begin_off);
    add_reading(life);
}

void lock_enter(struct life *life, struct demand *demand)
{
    struct life_work *work = life->work;

    request_start(life);
    if (work->wait_us > 0 && work->connection.in_transaction) {
        /* Behind a pooler: nothing is open while another's lock is waited for. */
        request_add(life, DIALECT_ROLLBACK, EXPECT_NOTHING, NULL, 0, NULL);
    } else if (work->wait_us > 0) {
        demand->kind = DEMAND_WAIT;
        demand->delay_us = work->wait_us;
        holder_watch_lock(life, demand);
        return;
    } else {
        add_lock(life);
    }
    request_submit(life, demand, request_patience_ms(life));
}

/* What was read with the lock: a table that has appeared since PEEK is to be read now. */
static int take_reading(struct life *life, const struct reply *reply, struct err *err)
{
    struct life_connection *connection = &life->work->connection;
    const struct result *located = read_locate_result(life, reply);
    bool version = connection->version_table, history = connection->history_table;
    int class = 0;

    if (located) {
        class = read_locate(life, located, err);
    }
    if (!class) {
        connection->reread =
            connection->version_table != version || connection->history_table != history;
        read_heads(life, read_heads_result(life, reply));
    }
    return class;
}

static void lock_had(struct life *life, const struct reply *reply)
{
    struct life_work *work = life->work;
    struct life_connection *connection = &work->connection;
    const struct result *foreign_keys = request_result(life, reply, DIALECT_FOREIGN_KEYS);
    struct err *err = life_err(life);

    work->lock_since_us = -1;
    if (foreign_keys) {
        connection->foreign_keys =
            foreign_keys->row_count == 1 && cell_is_true(foreign_keys->cells[0]);
        batch_keep_violations(life, request_result(life, reply, DIALECT_VIOLATIONS));
    }
    if (take_reading(life, reply, err)) {
        verdict_refuse(life, err);
        return;
    }
    life_move(life, LIFE_STATE_READ);
}

static void lock_answered(struct life *life, const struct reply *reply)
{
    struct life_connection *connection = &life->work->connection;
    bool flocked = life_is(life, ENGINE_SQLITE) && request_result(life, reply, DIALECT_LOCK);
    bool lasts = !connection->pooled;
    struct err *err = life_err(life);

    connection->in_transaction = reply->in_transaction;
    if (life->work->wait_us > 0) { /* rolled back: now it waits */
        life_again(life);
        return;
    }
    connection->prepared = lasts;
    connection->settled = lasts && !flocked;
    if (prepare_check_lock(life, reply, err)) {
        verdict_busy(life, err);
        return;
    }
    connection->locked |= flocked || !prepare_locks_by_transaction(life);
    if (flocked) {
        life_again(life);
        return;
    }
    lock_had(life, reply);
}

void lock_event(struct life *life, const struct life_event *event)
{
    switch (event->kind) {
    case LIFE_TIMER:
        life->work->wait_us = 0;
        life_move(life, LIFE_STATE_PLACE);
        break;
    case LIFE_REPLIED:
        lock_answered(life, event->reply);
        break;
    case LIFE_FAILED:
        verdict_note(life, event);
        verdict_fail(life, event->err);
        break;
    default:
        BUG("LOCK: event %u", (unsigned)event->kind);
    }
}

/* ---- READ: what else must be known before anything is written */

/* What a transaction of the plan's own statements could leave behind. */
static bool wants_plain_tables(const struct life *life)
{
    const struct plan *plan = life->work->plan;

    if (!life_is_mysql(life) || life->work->connection.plain_read || !plan) {
        return false;
    }
    for (size_t i = 0; i < plan->operation_count; i++) {
        if (plan->operations[i].kind == OPERATION_STATEMENT) {
            return true;
        }
    }
    return false;
}

static void add_questions(struct life *life)
{
    struct life_work *work = life->work;
    struct life_connection *connection = &work->connection;
    const char *run_id = life->order->identity->id;

    if (connection->reread) {
        prepare_add_preamble(life);
        read_add_heads(life);
        return;
    }
    if (work->doubt && connection->history_table) {
        request_add(life, DIALECT_HISTORY_RUN, EXPECT_NOTHING, NULL, 1, &run_id);
    }
    if (!work->sums_read && connection->history_table && changed_suspected(life)) {
        request_add(life, DIALECT_HISTORY_SUMS, EXPECT_NOTHING, NULL, 0, NULL);
    }
    width_ask(life);
    if (wants_plain_tables(life)) {
        request_add(life, DIALECT_PLAIN_TABLES, EXPECT_NOTHING, NULL, 0, NULL);
    }
}

void read_enter(struct life *life, struct demand *demand)
{
    struct life_work *work = life->work;

    request_start(life);
    decide_prepare(life);
    add_questions(life);
    if (work->command_count > 0) {
        request_submit(life, demand, request_patience_ms(life));
        return;
    }
    if (work->doubt) {
        walk_settle_doubt(life, NULL);
    }
    decide_read(life);
}

static void read_answered(struct life *life, const struct reply *reply)
{
    struct life_work *work = life->work;
    struct life_connection *connection = &work->connection;
    const struct result *run = request_result(life, reply, DIALECT_HISTORY_RUN);
    const struct result *sums = request_result(life, reply, DIALECT_HISTORY_SUMS);
    const struct result *plain = request_result(life, reply, DIALECT_PLAIN_TABLES);

    if (connection->reread) {
        connection->reread = false;
        read_heads(life, read_heads_result(life, reply));
    }
    if (run) {
        walk_settle_doubt(life, run);
    }
    if (sums) {
        changed_read(life, sums);
    }
    width_answered(life, reply);
    if (plain) {
        connection->plain_read = true;
        connection->plain = plain->row_count > 0;
    }
    life_again(life);
}

void read_event(struct life *life, const struct life_event *event)
{
    switch (event->kind) {
    case LIFE_REPLIED:
        read_answered(life, event->reply);
        break;
    case LIFE_FAILED:
        verdict_note(life, event);
        verdict_fail(life, event->err);
        break;
    default:
        BUG("READ: event %u", (unsigned)event->kind);
    }
}
