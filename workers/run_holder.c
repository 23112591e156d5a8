#include <string.h>

#include "workers/holders.h"
#include "workers/run_parts.h"

#define SEATS        2               /* at once on a server */
#define SEAT_WAIT_US INT64_C(100000) /* until it is tried again where all are taken */

static struct run *run_of(const struct active *active)
{
    return active->member->run;
}

static void set_timer(struct active *active, int64_t delay_us)
{
    run_of(active)->host->table->timer_set(active->watch_timer, delay_us);
}

static void drop(struct active *active)
{
    if (active->asker) {
        active->member->server->asking--;
        asker_drop(active->asker);
    }
}

/* Found: asked again before it can be too old. Else, and where nobody answered, ever more rarely.
 */
static void ask_again(struct active *active, bool found)
{
    const struct watch *watch = &active->watch;

    if (watch->kind == WATCH_NOTHING) {
        return;
    }
    active->watch_us = found ? watch->every_us : active->watch_us * 2;
    if (active->watch_us > watch->most_us) {
        active->watch_us = watch->most_us;
    }
    set_timer(active, active->watch_us);
}

static void on_answered(void *context);

static void begin(struct active *active, bool then)
{
    const struct watch *watch = &active->watch;

    arena_clear(&active->answers);
    active->asked = watch->kind;
    active->asked_then = then;
    active->asked_parameter = arena_strdup(&active->answers, watch->parameter);
    active->question = (struct question){.target = active->member->target,
                                         .sql = then ? watch->then_sql : watch->sql,
                                         .parameters = &active->asked_parameter,
                                         .parameter_count = 1,
                                         .purpose = then ? watch->then_purpose : watch->purpose,
                                         .application_name = "skein asks who holds a lock"};
    active->member->server->asking++;
    asker_start(&active->asker, run_of(active)->host, active->life.driver, &active->answers,
                &active->question, on_answered, active);
}

/* The server has no such table, or does not show it. */
static bool cannot_tell(const struct question *question)
{
    return !question->answered &&
           (question->err.class == ERROR_MISSING_OBJECT || question->err.class == ERROR_PRIVILEGE);
}

static void on_answered(void *context)
{
    struct active *active = context;
    const struct question *question = &active->question;
    struct life_event event = {.kind = LIFE_HOLDER, .watch = active->asked};
    bool answered = question->answered &&
                    (question->row_count == 0 || question->column_count >= HOLDER_COLUMNS);

    active->member->server->asking--;
    active->blind = cannot_tell(question) || (active->asked_then && active->blind);
    if (!active->asked_then && active->watch.kind == active->asked && active->watch.then_sql &&
        (active->blind || (answered && question->row_count == 0))) {
        begin(active, true);
        return;
    }
    if (!answered && !active->blind) {
        ask_again(active, false);
        return;
    }
    if (answered && question->row_count > 0) {
        event.holder = holders_read(&active->answers, question->cells);
    }
    event.blind = active->blind && !event.holder;
    ask_again(active, event.holder != NULL);
    run_of(active)->happened(active, &event);
}

static void on_watch_time(void *context)
{
    struct active *active = context;

    if (active->asker) {
        return; /* its answer sets the timer again */
    }
    if (active->member->server->asking >= SEATS) {
        set_timer(active, SEAT_WAIT_US);
        return;
    }
    begin(active, false);
}

void holder_watch(struct active *active, const struct watch *watch)
{
    struct host *host = run_of(active)->host;

    /* What a request waited for is no longer the question; who has skein's lock still is. */
    if (active->asked == WATCH_SESSION) {
        drop(active);
    }
    active->watch = *watch;
    active->watch_us = watch->every_us;
    if (watch->kind != WATCH_NOTHING) {
        if (!active->watch_timer) {
            active->watch_timer = host->table->timer_new(host, on_watch_time, active);
        }
        set_timer(active, watch->first_us);
    } else if (active->watch_timer) {
        host->table->timer_stop(active->watch_timer);
    }
}

void holder_drop(struct active *active)
{
    drop(active);
    if (active->watch_timer) {
        run_of(active)->host->table->timer_free(active->watch_timer);
    }
    arena_release(&active->answers);
}
