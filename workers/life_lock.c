#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/digest.h"
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

/* The first 64 bits of SHA-256 over "skein:" and the schema's name, as a signed number: the lock's
 * name in all versions. Made here, for the server would look up seven functions for it. */
static const char *lock_key(struct life *life)
{
    char *key = life->work->lock_key;
    const char *name = arena_printf(&life->request, "skein:%s", life->work->connection.schema);
    struct digest *digest = digest_new();
    char hex[DIGEST_HEX_SIZE];

    digest_add(digest, name, strlen(name));
    digest_finish(digest, hex);
    digest_free(digest);
    hex[16] = '\0';
    snprintf(key, sizeof(life->work->lock_key), "%lld", (long long)strtoull(hex, NULL, 16));
    return key;
}

/* A lock of the session's. MySQL makes its name of the database by itself. */
static void lock_session(struct life *life)
{
    bool keyed = life_is(life, ENGINE_POSTGRESQL);
    const char *key;

    read_add_preamble(life);
    batch_add_settings(life);
    key = keyed ? lock_key(life) : NULL;
    request_add(life, DIALECT_LOCK, EXPECT_NOTHING, NULL, keyed ? 1 : 0, &key);
    add_reading(life);
}

static void lock_sqlite(struct life *life)
{
    struct life_work *work = life->work;

    if (work->need_flock && !work->connection.locked) {
        request_add(life, DIALECT_LOCK, EXPECT_NOTHING, NULL, 0, NULL);
        return;
    }
    batch_add_settings(life);
    batch_add_begin(life, work->begin_off);
    add_reading(life);
}

void lock_enter(struct life *life, struct demand *demand)
{
    struct life_work *work = life->work;

    if (work->wait_us > 0) {
        demand->kind = DEMAND_WAIT;
        demand->delay_us = work->wait_us;
        holder_watch_lock(life, demand);
        return;
    }
    request_start(life);
    if (life_is(life, ENGINE_SQLITE)) {
        lock_sqlite(life);
    } else {
        lock_session(life);
    }
    request_submit(life, demand, request_patience_ms(life));
}

static void someone_else(struct life *life)
{
    struct err *err = life_err(life);

    if (life_is(life, ENGINE_POSTGRESQL)) {
        err_set(err, ERROR_SKEIN_LOCK, "another skein works on schema \"%s\" of this database",
                life->work->connection.schema);
    } else if (life_is_mysql(life)) {
        err_set(err, ERROR_SKEIN_LOCK, "another skein works on this database");
    } else {
        err_set(err, ERROR_LOCK_TIMEOUT, "another skein works on this file");
    }
    err_hint(err,
             "wait for the other run to end, or raise `lock_wait`; skein unlock shows who it is");
    verdict_busy(life, err);
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
        verdict_end(life, OUTCOME_REFUSED, err);
        return;
    }
    life_move(life, LIFE_STATE_READ);
}

static void lock_answered(struct life *life, const struct reply *reply)
{
    struct life_connection *connection = &life->work->connection;
    const struct result *tried = request_result(life, reply, DIALECT_LOCK);

    connection->in_transaction = reply->in_transaction;
    connection->prepared = true;
    if (tried) {
        if (tried->row_count != 1 || !cell_is_true(tried->cells[0])) {
            connection->settled |= !life_is(life, ENGINE_SQLITE);
            someone_else(life);
            return;
        }
        connection->locked = true;
        if (life_is(life, ENGINE_SQLITE)) {
            life_again(life);
            return;
        }
    }
    connection->settled = true;
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
        read_add_preamble(life);
        read_add_heads(life);
        return;
    }
    if (work->doubt != DOUBT_NONE && connection->history_table) {
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
    if (work->doubt != DOUBT_NONE) {
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
