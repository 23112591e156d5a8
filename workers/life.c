#include "workers/life.h"

#include "base/bug.h"
#include "workers/life_internal.h"

/* So many states may be entered in one step: each stands for operations without a command. */
#define ENTERED_MOST 100000

static const struct {
    void (*enter)(struct life *life, struct demand *demand);
    void (*event)(struct life *life, const struct life_event *event);
} handlers[LIFE_STATE_COUNT] = {
    [LIFE_STATE_QUEUED] = {queued_enter, queued_event},
    [LIFE_STATE_CONNECT] = {connect_enter, connect_event},
    [LIFE_STATE_PEEK] = {peek_enter, peek_event},
    [LIFE_STATE_PLACE] = {place_enter, place_event},
    [LIFE_STATE_LOCK] = {lock_enter, lock_event},
    [LIFE_STATE_READ] = {read_enter, read_event},
    [LIFE_STATE_CHECK] = {check_enter, check_event},
    [LIFE_STATE_EXECUTE] = {execute_enter, execute_event},
    [LIFE_STATE_MARK] = {mark_enter, mark_event},
    [LIFE_STATE_OFF] = {off_enter, off_event},
    [LIFE_STATE_COMMIT] = {commit_enter, commit_event},
    [LIFE_STATE_ROLLBACK] = {rollback_enter, rollback_event},
    [LIFE_STATE_CLOSE] = {close_enter, close_event},
    [LIFE_STATE_BACKOFF] = {backoff_enter, backoff_event},
    [LIFE_STATE_DONE] = {done_enter, NULL},
};

void life_init(struct life *life, const struct life_order *order, const struct target *target,
               const struct driver *driver, uint64_t seed)
{
    *life = (struct life){.order = order, .target = target, .driver = driver};
    random_seed(&life->random, seed);
    life->work = arena_alloc(&life->arena, sizeof(*life->work));
    life->work->admitted_us = life->work->lock_since_us = life->work->tries_since_us = -1;
}

void life_release(struct life *life)
{
    arena_release(&life->work->connection.arena);
    arena_release(&life->request);
    arena_release(&life->arena);
}

const char *life_group(const struct life *life)
{
    return life->work->group;
}

const struct plan *life_plan(const struct life *life)
{
    return life->work->plan;
}

/* ---- stop and cancel */

/* Nothing is under way in the state but a timer, a turn or a place. */
static bool waits(const struct life *life)
{
    switch (life->state) {
    case LIFE_STATE_QUEUED:
    case LIFE_STATE_PLACE:
    case LIFE_STATE_BACKOFF:
        return true;
    case LIFE_STATE_PEEK:
    case LIFE_STATE_LOCK:
        return life->work->wait_us > 0 && !life->work->connection.in_transaction;
    default:
        return false;
    }
}

static void on_stopped(struct life *life, const char *reason, struct demand *demand)
{
    struct life_work *work = life->work;

    if (life->state == LIFE_STATE_CLOSE || life_under_way(life)) {
        return;
    }
    work->stop = reason ? reason : "stopped";
    if (waits(life)) {
        verdict_stop(life);
    } else if (life->state == LIFE_STATE_CONNECT) {
        work->aborting = true;
        demand->kind = DEMAND_ABORT;
    }
}

static void on_cancel(struct life *life, const char *reason, struct demand *demand)
{
    struct life_work *work = life->work;

    if (life->state == LIFE_STATE_CLOSE || life->state == LIFE_STATE_DONE || work->cancel) {
        return;
    }
    work->cancel = reason ? reason : "cancelled";
    if (waits(life)) {
        verdict_cancel(life);
    } else {
        work->aborting = true;
        demand->kind = DEMAND_ABORT;
    }
}

/* Before a state begins something new. */
static bool begins_work(enum life_state state)
{
    return state != LIFE_STATE_ROLLBACK && state != LIFE_STATE_CLOSE && state != LIFE_STATE_DONE;
}

/* A statement outside a transaction that took effect is written down first. */
static bool settles(struct life *life)
{
    struct life_work *work = life->work;

    if (life->state != LIFE_STATE_MARK) {
        return false;
    }
    if (work->mark == MARK_FORWARD && work->known && (int64_t)work->known_done > work->open.done) {
        work->mark = MARK_SETTLE;
        work->at--; /* the statement's own operation again, for its step */
    }
    return work->mark != MARK_FORWARD;
}

/* A statement that was announced and not sent: the row says so before the life ends. */
static bool takes_back(struct life *life)
{
    struct life_work *work = life->work;

    if (life->state != LIFE_STATE_OFF || work->phase > 0 || !work->known || work->open.seq == 0) {
        return false;
    }
    work->mark = work->known_done > 0 ? MARK_TAKE_BACK : MARK_DELETE;
    work->off_retries = false;
    work->off_error = NULL;
    life_move(life, LIFE_STATE_MARK);
    return true;
}

/* The last statement of a step took effect, and the unit that says so has not begun. */
static bool owes(const struct life *life)
{
    const struct life_work *work = life->work;

    return (life->state == LIFE_STATE_EXECUTE || life->state == LIFE_STATE_COMMIT) && work->known &&
           work->open.seq > 0 && (int64_t)work->known_done > work->open.done;
}

static bool ends_now(struct life *life)
{
    struct life_work *work = life->work;

    if (!begins_work(life->state)) {
        return false;
    }
    if (work->cancel && takes_back(life)) {
        return true;
    }
    if (work->cancel && !settles(life) && !owes(life)) {
        verdict_cancel(life);
        return true;
    }
    if (work->stop && !life_under_way(life)) {
        verdict_stop(life);
        return true;
    }
    return false;
}

/* ---- the one entry */

static void give_up(struct life *life, const struct err *err)
{
    if (life->state != LIFE_STATE_QUEUED && life->state != LIFE_STATE_BACKOFF) {
        BUG("given up in %s", life_machine.states[life->state].name);
    }
    verdict_give_up(life, err);
}

/* What is not enough to end by is forgotten: a life that has its own connection reads all itself.
 */
static void told(struct life *life, const struct life_event *event)
{
    const struct life old = *life;

    if (life->state != LIFE_STATE_QUEUED || life->work->admitted_us >= 0) {
        BUG("told in %s", life_machine.states[life->state].name);
    }
    if (!peek_told(life, event)) {
        life_release(life);
        life_init(life, old.order, old.target, old.driver, 0);
        life->random = old.random;
    }
}

static void dispatch(struct life *life, const struct life_event *event, struct demand *demand)
{
    switch (event->kind) {
    case LIFE_TOLD:
        told(life, event);
        break;
    case LIFE_STOPPED:
        on_stopped(life, event->reason, demand);
        break;
    case LIFE_CANCEL:
        on_cancel(life, event->reason, demand);
        break;
    case LIFE_GIVEN_UP:
        give_up(life, event->err);
        break;
    case LIFE_HOLDER:
        holder_heard(life, event);
        break;
    default:
        if (!handlers[life->state].event) {
            BUG("%s: event %u", life_machine.states[life->state].name, (unsigned)event->kind);
        }
        handlers[life->state].event(life, event);
        break;
    }
}

void life_step(struct life *life, const struct life_event *event, struct demand *demand)
{
    *demand = (struct demand){.kind = DEMAND_NOTHING};
    life->passed = 0;
    life->work->now_us = event->now_us;
    life->work->wall_us = event->wall_us;
    dispatch(life, event, demand);
    for (unsigned entered = 0; life->work->entering; entered++) {
        if (entered > ENTERED_MOST) {
            BUG("%s does not end", life_machine.states[life->state].name);
        }
        life->work->entering = false;
        if (!ends_now(life)) {
            handlers[life->state].enter(life, demand);
        }
    }
}
