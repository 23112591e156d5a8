#include <string.h>

#include "base/bug.h"
#include "base/text.h"
#include "workers/life_internal.h"

static const struct operation *operation_at(const struct life *life, size_t at)
{
    const struct plan *plan = life->work->plan;

    return at < plan->operation_count ? &plan->operations[at] : NULL;
}

static bool is_concurrent(const struct life *life, const struct operation *operation)
{
    const struct statement *statement = operation && operation->kind == OPERATION_STATEMENT_OFF
                                            ? operation_statement(life, operation)
                                            : NULL;

    return statement &&
           dialect_is_concurrent(life->target->engine, statement->text, statement->length);
}

/* ---- MARK: what is about to be tried, and what is done, committed by itself */

/* SESSION, MARK or MARK_DONE from work->at on. */
static void add_forward(struct life *life)
{
    struct life_work *work = life->work;
    const struct operation *operation = operation_at(life, work->at);
    bool concurrent;

    work->until = work->at;
    if (operation->kind == OPERATION_SESSION) {
        concurrent = is_concurrent(life, operation_at(life, work->at + 2));
        prepare_add_section(life, operation, concurrent);
        operation = operation_at(life, ++work->until);
    }
    concurrent = is_concurrent(life, operation_at(life, work->until + 1));
    if (operation->kind == OPERATION_MARK) {
        if (concurrent) {
            request_add(life, DIALECT_INVALID, EXPECT_NOTHING, operation, 0, NULL);
        }
        batch_add_mark(life, operation, operation->statement, operation->statement - 1);
        work->known_done = operation->statement - 1;
    } else if (operation->kind == OPERATION_MARK_DONE) {
        batch_add_mark(life, operation, operation->done, operation->done);
        work->known_done = operation->done;
    } else {
        BUG("no mark at operation %zu", work->at);
    }
    work->known = true;
    work->until++;
}

void mark_enter(struct life *life, struct demand *demand)
{
    struct life_work *work = life->work;
    const char *seq;

    request_start(life);
    if (work->connection.in_transaction) { /* SQLite: of the lock */
        request_add(life, DIALECT_ROLLBACK, EXPECT_NOTHING, NULL, 0, NULL);
    }
    switch (work->mark) {
    case MARK_FORWARD:
        add_forward(life);
        break;
    case MARK_TAKE_BACK:
    case MARK_SETTLE:
        batch_add_mark(life, operation_at(life, work->at), work->known_done, work->known_done);
        break;
    case MARK_DELETE:
        seq = request_number(life, (long)work->open.seq);
        request_add(life, DIALECT_HISTORY_DELETE, EXPECT_ONE_ROW, NULL, 1, &seq);
        break;
    }
    request_submit(life, demand, request_patience_ms(life));
}

/* Marks must stand at once: the session is not outside a transaction any more. */
static void left_open(struct life *life, struct err *err)
{
    err_set(err, ERROR_INTERNAL,
            "the statement has begun a transaction, or switched autocommit "
            "off, and left it so");
    batch_place(life, operation_at(life, life->work->at), 0, err);
}

static void keep_invalid(struct life *life, const struct result *result)
{
    struct life_work *work = life->work;
    const char **names = arena_array(&life->arena, result->row_count, sizeof(*names));

    for (size_t i = 0; i < result->row_count; i++) {
        names[i] = arena_strdup(&life->arena, result->cells[i]);
    }
    work->invalid = names;
    work->invalid_count = result->row_count;
}

/* The row says again what stands; the statement's error goes on to its end. */
static void written_back(struct life *life)
{
    struct life_work *work = life->work;

    work->open.attempted = work->open.done = (int64_t)work->known_done;
    if (work->mark == MARK_DELETE) {
        work->open.seq = 0;
        life->outcome.open = NULL;
    }
    if (work->cancel) {
        work->failure = work->off_error ? work->off_error : work->failure;
        verdict_cancel(life);
    } else if (work->off_retries) {
        life_move(life, LIFE_STATE_CLOSE);
    } else {
        verdict_end(life, verdict_kind(life, OUTCOME_FAILED), work->off_error);
    }
}

static void mark_replied(struct life *life, const struct reply *reply)
{
    struct life_work *work = life->work;
    const struct result *invalid = request_result(life, reply, DIALECT_INVALID);
    const struct operation *place = NULL;
    struct err *err = life_err(life);

    work->connection.in_transaction = reply->in_transaction;
    if (request_check(life, reply, &place, err)) {
        batch_place(life, place, 0, err);
        verdict_fail(life, err);
        return;
    }
    if (reply->in_transaction) { /* what was written does not stand */
        left_open(life, err);
        verdict_fail(life, err);
        return;
    }
    if (work->mark != MARK_FORWARD) {
        written_back(life);
        return;
    }
    if (invalid) {
        keep_invalid(life, invalid);
    }
    const struct operation *mark = operation_at(life, work->until - 1);
    work->open.done = (int64_t)work->known_done;
    work->open.attempted =
        mark->kind == OPERATION_MARK ? (int64_t)mark->statement : work->open.done;
    work->at = work->until;
    walk_next(life);
}

void mark_event(struct life *life, const struct life_event *event)
{
    struct life_work *work = life->work;

    switch (event->kind) {
    case LIFE_REPLIED:
        mark_replied(life, event->reply);
        break;
    case LIFE_FAILED:
        if (verdict_note(life, event) && work->mark == MARK_DELETE) {
            doubt_begin(life, DOUBT_ROW, event->err);
            verdict_fail(life, event->err);
        } else if (work->mark == MARK_FORWARD || work->off_retries) {
            verdict_fail(life, event->err);
        } else {
            verdict_partial(life, work->off_error ? work->off_error : event->err);
        }
        break;
    default:
        BUG("MARK: event %u", (unsigned)event->kind);
    }
}

/* ---- OFF: the statement, alone; then, for CONCURRENTLY, whether it left an index behind, and for
 * changes of rows that failed, whether their tables know transactions */

void off_enter(struct life *life, struct demand *demand)
{
    struct life_work *work = life->work;
    const struct operation *operation = operation_at(life, work->at);
    int64_t timeout_ms = life->target->connection->statement_timeout_ms;
    struct err *err = life_err(life);

    request_start(life);
    if (work->phase > 0) {
        request_add(life, is_concurrent(life, operation) ? DIALECT_INVALID : DIALECT_PLAIN_TABLES,
                    EXPECT_NOTHING, operation, 0, NULL);
        request_submit(life, demand, request_patience_ms(life));
        return;
    }
    if (batch_add_statement(life, DIALECT_STATEMENT, operation,
                            operation_statement(life, operation), err)) {
        batch_place(life, operation, 0, err);
        verdict_fail(life, err);
        return;
    }
    if (operation->section && operation->section->statement_timeout_ms >= 0) {
        timeout_ms = operation->section->statement_timeout_ms;
    }
    if (timeout_ms > 0 && request_is_timed(life)) {
        timeout_ms += request_patience_ms(life);
    }
    work->known = false;
    work->off_error = NULL;
    request_submit(life, demand, timeout_ms);
}

/* It stands. */
static void off_done(struct life *life)
{
    struct life_work *work = life->work;

    work->known = true;
    work->known_done = operation_at(life, work->at)->statement;
    work->at++;
    walk_next(life);
}

/* It left nothing: the row says so before anything else happens. */
static void take_back(struct life *life)
{
    struct life_work *work = life->work;

    work->known = true;
    work->known_done = operation_at(life, work->at)->statement - 1;
    work->off_retries = verdict_retries(life, work->off_error);
    work->mark = work->off_retries || work->known_done > 0 ? MARK_TAKE_BACK : MARK_DELETE;
    life_move(life, LIFE_STATE_MARK);
}

/* Only a person can say what it left. */
static void end_unknown(struct life *life)
{
    struct life_work *work = life->work;
    int64_t statement = (int64_t)operation_at(life, work->at)->statement;

    decide_hint(life, statement - 1, statement, work->off_error);
    verdict_partial(life, work->off_error);
}

static void off_failed(struct life *life, const struct life_event *event)
{
    struct life_work *work = life->work;
    const struct operation *operation = operation_at(life, work->at);
    const struct statement *statement = operation_statement(life, operation);
    bool unknown = verdict_note(life, event);

    work->off_error = life_err(life);
    err_copy(work->off_error, event->err);
    holder_explain(life, work->off_error);
    batch_place(life, operation, event->reply ? event->reply->position : 0, work->off_error);
    if (unknown) {
        doubt_begin(life, DOUBT_STATEMENT, work->off_error);
        verdict_fail(life, work->off_error);
    } else if (is_concurrent(life, operation) ||
               dialect_changes_rows(life->target->engine, statement->text, statement->length)) {
        work->phase = 1;
        life_again(life);
    } else if (dialect_is_whole(life->target->engine, statement->text, statement->length)) {
        take_back(life);
    } else {
        end_unknown(life);
    }
}

static void name_invalid(struct life *life, const char *name)
{
    struct life_work *work = life->work;

    if (!work->off_error) {
        work->off_error = life_err(life);
        err_set(work->off_error, ERROR_VERIFICATION, "index %s is left behind and is not valid",
                name);
        batch_place(life, operation_at(life, work->at), 0, work->off_error);
    } else {
        work->off_error->message =
            arena_printf(&life->arena, "%s; index %s is left behind and is not valid",
                         work->off_error->message, name);
    }
    err_hint(work->off_error,
             "DROP INDEX CONCURRENTLY %s, then: skein resolve --done-to %zu -t %s --reason TEXT",
             name, operation_at(life, work->at)->statement - 1, life->target->name);
}

/* CONCURRENTLY is not of the kind that is done wholly or not at all: after an error only a person
 * can say what it left. */
static void off_looked_index(struct life *life, const struct result *invalid)
{
    const struct life_work *work = life->work;

    for (size_t i = 0; i < invalid->row_count; i++) {
        if (!text_is_among(invalid->cells[i], work->invalid, work->invalid_count)) {
            name_invalid(life, invalid->cells[i]);
            verdict_partial(life, work->off_error);
            return;
        }
    }
    if (work->off_error) {
        end_unknown(life);
    } else {
        off_done(life);
    }
}

/* Rows were changed and then an error came: a table without transactions keeps the changes. */
static void off_looked_rows(struct life *life, const struct result *plain)
{
    const struct life_work *work = life->work;
    const struct statement *statement = operation_statement(life, operation_at(life, work->at));

    for (size_t i = 0; i < plain->row_count; i++) {
        if (dialect_names(life->target->engine, statement->text, statement->length,
                          plain->cells[i])) {
            err_hint(work->off_error,
                     "table %s knows no transactions, and may keep a part of it: look, then: skein "
                     "resolve --done-to %zu -t %s --reason TEXT",
                     plain->cells[i], operation_at(life, work->at)->statement - 1,
                     life->target->name);
            verdict_partial(life, work->off_error);
            return;
        }
    }
    take_back(life);
}

static void off_looked(struct life *life, const struct reply *reply)
{
    if (is_concurrent(life, operation_at(life, life->work->at))) {
        off_looked_index(life, &reply->results[0]);
    } else {
        off_looked_rows(life, &reply->results[0]);
    }
}

static void off_replied(struct life *life, const struct reply *reply)
{
    struct life_work *work = life->work;

    batch_measure(life, reply);
    if (reply->in_transaction) {
        work->off_error = life_err(life);
        left_open(life, work->off_error);
        verdict_partial(life, work->off_error);
    } else if (is_concurrent(life, operation_at(life, work->at))) {
        work->phase = 1;
        life_again(life);
    } else {
        off_done(life);
    }
}

void off_event(struct life *life, const struct life_event *event)
{
    struct life_work *work = life->work;

    if (event->kind != LIFE_REPLIED && event->kind != LIFE_FAILED) {
        BUG("OFF: event %u", (unsigned)event->kind);
    }
    if (work->phase > 0) {
        if (event->kind == LIFE_REPLIED) {
            off_looked(life, event->reply);
            return;
        }
        verdict_note(life, event);
        verdict_fail(life, event->err);
    } else if (event->kind == LIFE_FAILED) {
        off_failed(life, event);
    } else {
        off_replied(life, event->reply);
    }
}
