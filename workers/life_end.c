#include "base/bug.h"
#include "workers/life_internal.h"

/* ---- QUEUED: holds nothing */

void queued_enter(struct life *life, struct demand *demand)
{
    (void)life;
    demand->kind = DEMAND_QUEUE;
}

void queued_event(struct life *life, const struct life_event *event)
{
    if (event->kind != LIFE_ADMITTED) {
        BUG("QUEUED: event %u", (unsigned)event->kind);
    }
    if (life->work->admitted_us < 0) {
        life->work->admitted_us = event->now_us;
    }
    life_move(life, LIFE_STATE_CONNECT);
}

/* ---- CLOSE: everything is given back */

/* Whether what is left could do for another tenant. After a failure, a cancel, or behind a pooler
 * it is not asked. */
static bool is_healthy(const struct life *life)
{
    const struct life_work *work = life->work;
    const struct life_connection *connection = &work->connection;

    return connection->open && connection->direct && !connection->lost &&
           !connection->in_transaction && !work->failure && !work->cancel && !work->aborting;
}

void close_enter(struct life *life, struct demand *demand)
{
    demand->kind = DEMAND_CLOSE;
    demand->healthy = is_healthy(life);
}

void close_event(struct life *life, const struct life_event *event)
{
    struct life_connection *connection = &life->work->connection;

    if (event->kind != LIFE_CLOSED) {
        BUG("CLOSE: event %u", (unsigned)event->kind);
    }
    arena_release(&connection->arena);
    *connection = (struct life_connection){.open = false};
    switch (life->work->after) {
    case AFTER_END:
        life_move(life, LIFE_STATE_DONE);
        break;
    case AFTER_BACKOFF:
        life_move(life, LIFE_STATE_BACKOFF);
        break;
    case AFTER_QUEUE:
        life_move(life, LIFE_STATE_QUEUED);
        break;
    }
}

/* ---- BACKOFF: a timer, holding nothing */

void backoff_enter(struct life *life, struct demand *demand)
{
    demand->kind = DEMAND_BACKOFF;
    demand->delay_us = life->work->delay_us;
    demand->capacity = life->work->capacity;
    holder_watch_lock(life, demand);
}

void backoff_event(struct life *life, const struct life_event *event)
{
    if (event->kind != LIFE_TIMER) {
        BUG("BACKOFF: event %u", (unsigned)event->kind);
    }
    life_move(life, LIFE_STATE_QUEUED);
}

/* ---- DONE */

void done_enter(struct life *life, struct demand *demand)
{
    struct life_work *work = life->work;
    struct outcome *outcome = &life->outcome;

    outcome->kind = work->verdict;
    outcome->error = work->failure;
    outcome->deferred = work->deferred;
    if (work->admitted_us >= 0) {
        outcome->microseconds = work->now_us - work->admitted_us;
    }
    demand->kind = DEMAND_END;
}
