#include <string.h>

#include "base/bug.h"
#include "base/text.h"
#include "workers/life_internal.h"

/* ---- require and verify */

bool check_passes(const struct check *check, const struct result *result)
{
    if (check->expect_true) {
        return result->row_count == 1 && result->column_count == 1 &&
               cell_is_true(result->cells[0]);
    }
    return result->row_count == 0;
}

void check_describe(struct life *life, const struct operation *operation,
                    const struct result *result, struct err *err)
{
    const struct check *check = operation->check;

    err_set(err, check->verify ? ERROR_VERIFICATION : ERROR_REQUIREMENT, "%s %s: %zu %s where %s",
            check->verify ? "verify" : "require", check->name, result->row_count,
            result->row_count == 1 ? "row" : "rows",
            check->expect_true ? "one that says true must come" : "none may come");
    if (result->row_count > 0 && result->cells[0]) {
        err->detail = arena_printf(err->arena, "the first is: %s", result->cells[0]);
    }
    batch_place(life, operation, 0, err);
}

/* ---- EXECUTE, and CHECK where the request ends with one */

/* Milliseconds; 0: as long as it takes. */
static int64_t patience(const struct life *life)
{
    const struct life_work *work = life->work;
    int64_t sum_ms = 0;

    for (size_t i = 0; i < work->command_count; i++) {
        const struct operation *operation = work->sent[i].operation;
        int64_t timeout_ms = life->target->connection->statement_timeout_ms;
        if (work->sent[i].purpose != DIALECT_STATEMENT && work->sent[i].purpose != DIALECT_CHECK) {
            continue;
        }
        if (operation->section && operation->section->statement_timeout_ms >= 0) {
            timeout_ms = operation->section->statement_timeout_ms;
        }
        if (timeout_ms == 0) {
            return 0;
        }
        sum_ms += timeout_ms;
    }
    return sum_ms == 0              ? request_patience_ms(life)
           : request_is_timed(life) ? sum_ms + request_patience_ms(life)
                                    : sum_ms;
}

void execute_enter(struct life *life, struct demand *demand)
{
    struct life_work *work = life->work;
    struct err *err = life_err(life);

    request_start(life);
    if (batch_build(life, err)) {
        verdict_fail(life, err);
    } else if (work->command_count == 0) {
        work->at = work->until;
        walk_next(life);
    } else {
        request_submit(life, demand, patience(life));
    }
}

static bool inside(const struct life *life)
{
    const struct life_work *work = life->work;
    const struct operation *last = &work->plan->operations[work->until - 1];

    return last->kind != OPERATION_FOREIGN_KEYS_ON;
}

/* A unit that took the lock anew: the heads, and the open row, must be those that this life left.
 */
static bool take_unit(struct life *life, const struct reply *reply)
{
    struct life_work *work = life->work;
    const struct result *heads = read_heads_result(life, reply);
    const struct result *foreign_keys = request_result(life, reply, DIALECT_FOREIGN_KEYS);
    const struct reading *reading = &work->connection.last;

    if (!heads) {
        return true;
    }
    read_heads(life, heads);
    work->uncommitted_seq = work->seq;
    if (foreign_keys) {
        work->connection.foreign_keys =
            foreign_keys->row_count == 1 && cell_is_true(foreign_keys->cells[0]);
        batch_keep_violations(life, request_result(life, reply, DIALECT_VIOLATIONS));
    }
    return text_lists_equal(reading->rows, reading->row_count, work->heads, work->head_count) &&
           (reading->open ? reading->open->seq : 0) == work->open.seq;
}

/* The answers that decide. 0, or the error. */
static int judge(struct life *life, const struct reply *reply, struct err *err)
{
    const struct life_work *work = life->work;
    const struct operation *last = &work->plan->operations[work->until - 1];
    const struct operation *place = NULL;
    const char *table = NULL;
    int class = request_check(life, reply, &place, err);

    if (class) {
        batch_place(life, place, 0, err);
        return class;
    }
    if (inside(life) && !reply->in_transaction) {
        err_set(err, ERROR_INTERNAL, "the transaction has ended by itself");
        batch_place(life, last, 0, err);
        return err->class;
    }
    for (size_t i = 0; i < reply->completed; i++) {
        const struct operation *operation = work->sent[i].operation;
        const struct result *result = &reply->results[i];
        if (work->sent[i].purpose == DIALECT_CHECK && !check_passes(operation->check, result)) {
            check_describe(life, operation, result, err);
            return err->class;
        }
        if (work->sent[i].purpose == DIALECT_VIOLATIONS && operation &&
            batch_new_violation(life, result, &table)) {
            err_set(err, ERROR_CONSTRAINT, "foreign keys of \"%s\" are violated", table);
            err_native(err, "787", RETRY_NEVER);
            batch_place(life, operation, 0, err);
            return err->class;
        }
    }
    return 0;
}

/* Before the first step a requirement refuses the target; later it fails it. */
static void fail_judged(struct life *life, const struct err *err)
{
    const struct life_work *work = life->work;
    bool first = work->plan->operations[work->until - 1].step == 0 &&
                 life->outcome.step_count == 0 && work->open.seq == 0;

    if (err->class == ERROR_REQUIREMENT && first) {
        verdict_end(life, OUTCOME_REFUSED, err);
    } else {
        verdict_fail(life, err);
    }
}

static void execute_replied(struct life *life, const struct reply *reply)
{
    struct life_work *work = life->work;
    struct err *err = life_err(life);

    work->connection.in_transaction = reply->in_transaction;
    batch_measure(life, reply);
    if (prepare_check_lock(life, reply, err)) {
        verdict_busy(life, err);
    } else if (!take_unit(life, reply)) {
        verdict_anew(life);
    } else if (judge(life, reply, err)) {
        fail_judged(life, err);
    } else {
        work->at = work->until;
        walk_next(life);
    }
}

/* What a server says of skein's own statements reads as if the revision had failed. */
static void say_own(enum dialect_purpose purpose, struct err *err)
{
    switch (purpose) {
    case DIALECT_COMMIT:
        err_prefix(err, "at COMMIT");
        return;
    case DIALECT_CREATE_VERSION:
    case DIALECT_CREATE_HISTORY:
        err_prefix(err, "while skein makes its tables");
        return;
    case DIALECT_VERSION_INSERT:
    case DIALECT_VERSION_UPDATE:
    case DIALECT_VERSION_DELETE:
    case DIALECT_HISTORY_INSERT:
    case DIALECT_HISTORY_CLOSE:
        err_prefix(err, "while skein writes its tables");
        if (!err->hint) {
            err_hint(err, "a revision of this run, or somebody else, has changed skein's own "
                          "tables, or put a trigger on them");
        }
        return;
    default:
        return;
    }
}

/* The error with the place of the command that failed: also where the server ended the session with
 * it, but not where the connection just broke. */
static struct err *placed(struct life *life, const struct life_event *event)
{
    const struct life_work *work = life->work;
    const struct reply *reply = event->reply;
    struct err *err = life_err(life);

    err_copy(err, event->err);
    if (reply && (reply->answered || err->code) && reply->completed < work->command_count) {
        say_own(work->sent[reply->completed].purpose, err);
        batch_place(life, work->sent[reply->completed].operation, reply->position, err);
    }
    return err;
}

void execute_event(struct life *life, const struct life_event *event)
{
    switch (event->kind) {
    case LIFE_REPLIED:
        execute_replied(life, event->reply);
        break;
    case LIFE_FAILED:
        verdict_note(life, event);
        verdict_fail(life, placed(life, event));
        break;
    default:
        BUG("EXECUTE: event %u", (unsigned)event->kind);
    }
}

/* ---- COMMIT: after every answer was read, alone but for what tidies up behind it */

void commit_enter(struct life *life, struct demand *demand)
{
    request_start(life);
    request_add(life, DIALECT_COMMIT, EXPECT_NOTHING, &life->work->plan->operations[life->work->at],
                0, NULL);
    prepare_add_tidy(life);
    request_submit(life, demand, request_patience_ms(life));
}

/* COMMIT was answered. What came behind it may have failed: only a lost connection matters then,
 * and only where it is still needed (lost: why). */
static void commit_replied(struct life *life, const struct reply *reply, const struct err *lost)
{
    struct life_work *work = life->work;
    const char *tag = reply->results[0].tag;

    if (life_is(life, ENGINE_POSTGRESQL) && (!tag || strcmp(tag, "COMMIT") != 0)) {
        struct err *err = life_err(life);
        err_set(err, ERROR_INTERNAL, "COMMIT was answered by %s", tag ? tag : "nothing");
        batch_place(life, &work->plan->operations[work->at], 0, err);
        verdict_fail(life, err);
        return;
    }
    if (reply->in_transaction) { /* MySQL: without autocommit there is another at once */
        struct err *err = life_err(life);
        err_set(err, ERROR_INTERNAL,
                "the session is in a transaction after COMMIT: a statement "
                "has switched autocommit off");
        batch_place(life, &work->plan->operations[work->at], 0, err);
        walk_committed(life);
        verdict_fail(life, err);
        return;
    }
    walk_committed(life);
    work->unit_at = ++work->at;
    if (work->connection.lost && (work->at < work->plan->operation_count || work->next_plan)) {
        verdict_fail(life, lost);
    } else {
        walk_next(life);
    }
}

/* Codes by which a server says itself that it does not know. */
static bool is_doubt(const struct err *err)
{
    return err->code && (strcmp(err->code, "40003") == 0 || strcmp(err->code, "08007") == 0);
}

static void commit_failed(struct life *life, const struct life_event *event)
{
    bool unknown = verdict_note(life, event);

    if (event->reply && event->reply->completed > 0) {
        commit_replied(life, event->reply, event->err);
        return;
    }
    if (unknown || is_doubt(event->err)) {
        walk_doubt(life, event->err);
    }
    verdict_fail(life, placed(life, event));
}

void commit_event(struct life *life, const struct life_event *event)
{
    switch (event->kind) {
    case LIFE_REPLIED:
        life->work->connection.in_transaction = event->reply->in_transaction;
        commit_replied(life, event->reply, NULL);
        break;
    case LIFE_FAILED:
        commit_failed(life, event);
        break;
    default:
        BUG("COMMIT: event %u", (unsigned)event->kind);
    }
}

/* ---- ROLLBACK: so that nothing is left when the life ends */

void rollback_enter(struct life *life, struct demand *demand)
{
    request_start(life);
    request_add(life, DIALECT_ROLLBACK, EXPECT_NOTHING, NULL, 0, NULL);
    request_submit(life, demand, life->target->connection->connect_timeout_ms);
}

void rollback_event(struct life *life, const struct life_event *event)
{
    switch (event->kind) {
    case LIFE_REPLIED:
        life_move(life, LIFE_STATE_CLOSE);
        break;
    case LIFE_FAILED:
        verdict_note(life, event);
        life_move(life, LIFE_STATE_CLOSE);
        break;
    default:
        BUG("ROLLBACK: event %u", (unsigned)event->kind);
    }
}
