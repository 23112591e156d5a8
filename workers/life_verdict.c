#include <string.h>

#include "base/clock.h"
#include "planner/retry.h"
#include "workers/life_internal.h"

/* ---- leaving */

static void leave(struct life *life)
{
    struct life_connection *connection = &life->work->connection;

    if (life->state == LIFE_STATE_QUEUED || life->state == LIFE_STATE_BACKOFF) {
        life_move(life, LIFE_STATE_DONE);
    } else if (connection->in_transaction && !connection->lost &&
               machine_allows(&life_machine, life->state, LIFE_STATE_ROLLBACK)) {
        life_move(life, LIFE_STATE_ROLLBACK);
    } else {
        life_move(life, LIFE_STATE_CLOSE);
    }
}

void verdict_end(struct life *life, enum outcome_kind kind, const struct err *err)
{
    struct life_work *work = life->work;

    work->after = AFTER_END;
    work->verdict = kind;
    work->failure = NULL;
    if (err) {
        work->failure = life_err(life);
        err_copy(work->failure, err);
    }
    if (kind == OUTCOME_IN_DOUBT) {
        doubt_tell(life);
    }
    leave(life);
}

void verdict_anew(struct life *life)
{
    life->work->after = AFTER_QUEUE;
    life->work->uncounted = true;
    leave(life);
}

void verdict_partial(struct life *life, const struct err *err)
{
    verdict_end(life, OUTCOME_PARTIAL, err);
}

bool verdict_note(struct life *life, const struct life_event *event)
{
    struct life_connection *connection = &life->work->connection;
    const struct reply *reply = event->reply;

    connection->lost = !reply || !reply->answered || !reply->connected;
    connection->in_transaction = !connection->lost && reply->in_transaction;
    return connection->lost;
}

/* ---- what stands */

bool life_under_way(const struct life *life)
{
    const struct life_work *work = life->work;

    if (life->order->mode == LIFE_READ || life->order->mode == LIFE_PLAN) {
        return false;
    }
    if (work->doubt || work->open.seq > 0 || life->outcome.step_count > 0) {
        return life->state != LIFE_STATE_DONE;
    }
    switch (life->state) {
    case LIFE_STATE_READ:
    case LIFE_STATE_CHECK:
    case LIFE_STATE_EXECUTE:
    case LIFE_STATE_MARK:
    case LIFE_STATE_OFF:
    case LIFE_STATE_COMMIT:
    case LIFE_STATE_ROLLBACK:
        return true;
    default:
        return false;
    }
}

/* The heads could not be read, or not again: nothing was being executed. */
static bool was_reading(const struct life *life)
{
    switch (life->state) {
    case LIFE_STATE_QUEUED:
    case LIFE_STATE_BACKOFF:
    case LIFE_STATE_CONNECT:
    case LIFE_STATE_PEEK:
    case LIFE_STATE_PLACE:
    case LIFE_STATE_LOCK:
    case LIFE_STATE_READ:
        return true;
    default:
        return !life->outcome.read || life->order->mode == LIFE_PLAN;
    }
}

/* Where nothing of a revision stands. A pooler that cannot be worked through has answered. */
static enum outcome_kind failed_kind(const struct life *life, const struct err *err)
{
    if (!was_reading(life)) {
        return OUTCOME_FAILED;
    }
    return err->class == ERROR_POOLER && life->order->mode != LIFE_READ ? OUTCOME_REFUSED
                                                                        : OUTCOME_UNREACHABLE;
}

enum outcome_kind verdict_kind(const struct life *life, enum outcome_kind otherwise)
{
    if (life->work->doubt) {
        return OUTCOME_IN_DOUBT;
    }
    return life->work->open.seq > 0 ? OUTCOME_PARTIAL : otherwise;
}

/* ---- another try */

static int64_t next_delay(struct life *life, int64_t *previous_us)
{
    *previous_us = retry_delay(life->order->retry, *previous_us, &life->random);
    return *previous_us;
}

/* A connection that is refused for want of memory is refused as one of a full server is: nothing of
 * the target's own was tried. */
static enum retry_class retry_of(const struct life *life, const struct err *err)
{
    return err->class == ERROR_CAPACITY && err->retry == RETRY_TRANSIENT &&
                   life->state == LIFE_STATE_CONNECT
               ? RETRY_CAPACITY
               : err->retry;
}

bool verdict_retries(struct life *life, const struct err *err)
{
    struct life_work *work = life->work;

    work->capacity = err->class == ERROR_CAPACITY;
    if (work->cancel) {
        return false;
    }
    switch (retry_of(life, err)) {
    case RETRY_TRANSIENT:
        if (++work->transient_failures >= life->order->retry->attempts) {
            return false;
        }
        work->delay_us = next_delay(life, &work->transient_delay_us);
        break;
    case RETRY_LOCK:
        if (++work->lock_failures >= LOCK_ATTEMPTS) {
            return false;
        }
        work->delay_us = next_delay(life, &work->lock_delay_us);
        break;
    case RETRY_CAPACITY:
        if (++work->capacity_failures >= CAPACITY_ATTEMPTS) {
            return false;
        }
        work->delay_us = next_delay(life, &work->transient_delay_us);
        work->uncounted = true;
        break;
    default:
        return false;
    }
    work->after = AFTER_BACKOFF;
    return true;
}

void verdict_refuse(struct life *life, const struct err *err)
{
    const struct life_work *work = life->work;
    bool tried = life->outcome.step_count > 0 || work->doubt || work->open.seq > 0;
    struct err *again = life_err(life);

    err_copy(again, err);
    again->retry = RETRY_TRANSIENT;
    if (tried && !work->stop && verdict_retries(life, again)) {
        leave(life);
    } else {
        verdict_end(life, verdict_kind(life, tried ? OUTCOME_FAILED : OUTCOME_REFUSED), err);
    }
}

/* An abort that nobody asked for but the deadline. */
static bool ran_out_of_time(const struct life *life, const struct err *err)
{
    const struct life_work *work = life->work;

    return err->retry == RETRY_CANCELLED && !work->aborting && work->deadline_us > 0 &&
           work->now_us >= work->deadline_us;
}

static void say_timeout(const struct life *life, struct err *err)
{
    bool reading = was_reading(life);

    err->class = ERROR_STATEMENT_TIMEOUT;
    err->retry = reading ? RETRY_TRANSIENT : RETRY_NEVER;
    if (reading) {
        err_prefix(err, "no answer in time while the heads were read");
    }
}

/* Something on the way to the server drops prepared statements, or does not pass them on: tried
 * once more without. */
static void keep_nothing(struct life *life, struct err *err)
{
    struct life_work *work = life->work;

    if (work->keeps && !work->keeps_nothing && err->code && strcmp(err->code, "26000") == 0) {
        work->keeps_nothing = true;
        err->retry = RETRY_TRANSIENT;
    }
}

void verdict_fail(struct life *life, const struct err *err)
{
    struct life_work *work = life->work;
    struct err *failure = life_err(life);

    err_copy(failure, err);
    holder_explain(life, failure);
    shape_explain(life, failure);
    if (ran_out_of_time(life, err)) {
        say_timeout(life, failure);
    }
    keep_nothing(life, failure);
    work->failure = failure;
    if (work->cancel) {
        verdict_cancel(life);
    } else if (work->stop && !life_under_way(life)) {
        verdict_stop(life);
    } else if (life_is(life, ENGINE_SQLITE) && failure->retry == RETRY_LOCK) {
        verdict_busy(life, failure);
    } else if (verdict_retries(life, failure)) {
        leave(life);
    } else {
        verdict_end(life, verdict_kind(life, failed_kind(life, failure)), failure);
    }
}

void verdict_give_up(struct life *life, const struct err *err)
{
    verdict_end(life, verdict_kind(life, OUTCOME_UNREACHABLE), err);
}

void verdict_cancel(struct life *life)
{
    struct life_work *work = life->work;
    bool timeout = work->cancel && strcmp(work->cancel, "target_timeout") == 0;
    struct err *err = life_err(life);

    err_set(err, ERROR_CANCELLED, timeout ? "target_timeout is over" : "cancelled by skein");
    if (work->failure) {
        err_copy(err, work->failure);
        err->class = ERROR_CANCELLED;
    }
    verdict_end(life, verdict_kind(life, timeout ? OUTCOME_FAILED : OUTCOME_CANCELLED), err);
}

void verdict_stop(struct life *life)
{
    verdict_end(life, verdict_kind(life, OUTCOME_NOT_STARTED), NULL);
}

/* ---- another's lock */

/* A random part keeps two runs from trying in step. */
static int64_t grown(struct life *life, int64_t first_us, int64_t most_us, unsigned times)
{
    int64_t wait_us = first_us;

    while (times-- > 0 && wait_us < most_us) {
        wait_us *= 2;
    }
    wait_us = wait_us < most_us ? wait_us : most_us;
    return wait_us / 2 + (int64_t)random_below(&life->random, (uint64_t)(wait_us / 2) + 1);
}

static void end_blocked(struct life *life, const struct err *err)
{
    struct err *blocked = life_err(life);
    char waited[CLOCK_TEXT_SIZE];

    duration_format(life->target->connection->lock_wait_ms * 1000, waited);
    err_copy(blocked, err);
    err_prefix(blocked, "gave up after %s", waited);
    holder_explain(life, blocked);
    if (!blocked->hint) {
        err_hint(blocked, "somebody else writes to it: wait for them, or raise `lock_wait`");
    }
    verdict_end(life, verdict_kind(life, OUTCOME_BLOCKED), blocked);
}

void verdict_busy(struct life *life, const struct err *err)
{
    struct life_work *work = life->work;
    int64_t lock_wait_us = life->target->connection->lock_wait_ms * 1000;
    bool stays = life->state == LIFE_STATE_PEEK || life->state == LIFE_STATE_LOCK;

    life->outcome.lock_waits++;
    if (work->lock_since_us < 0) {
        work->lock_since_us = work->now_us;
        work->rounds = 0;
    }
    if (work->tries_since_us < 0) {
        work->tries_since_us = work->now_us;
        work->tries = 0;
    }
    int64_t left_us = work->lock_since_us + lock_wait_us - work->now_us;
    if (left_us <= 0) {
        end_blocked(life, err);
        return;
    }
    if (stays && work->now_us - work->tries_since_us < WAIT_OPEN_US) {
        work->wait_us = grown(life, WAIT_FIRST_US, WAIT_MOST_US, work->tries++);
        work->wait_us = work->wait_us < left_us ? work->wait_us : left_us;
        life_again(life);
        return;
    }
    work->delay_us = grown(life, AWAY_FIRST_US, AWAY_MOST_US, work->rounds++);
    work->delay_us = work->delay_us < left_us ? work->delay_us : left_us;
    work->uncounted = true;
    work->capacity = false;
    work->after = AFTER_BACKOFF;
    leave(life);
}
