#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/clock.h"
#include "workers/run_parts.h"

/* The name of a target being looked up. It outlives the attempt where that is over before the
 * answer comes. */
struct lookup {
    struct active *active; /* NULL: nobody waits any more */
};

static struct run *run_of(const struct active *active)
{
    return active->member->run;
}

void operation_timer(struct active *active, enum timer_purpose purpose, int64_t delay_us)
{
    active->purpose = purpose;
    run_of(active)->host->table->timer_set(active->timer, delay_us > 0 ? delay_us : 0);
}

void operation_timer_off(struct active *active)
{
    if (active->purpose != TIMER_OFF) {
        active->purpose = TIMER_OFF;
        run_of(active)->host->table->timer_stop(active->timer);
    }
}

/* Nothing is under way any more; what came of it becomes the event. */
static void completed(struct active *active, enum life_event_kind kind, struct life_event *event)
{
    bool opened = kind == LIFE_OPENED;
    bool opening = active->under_way == UNDER_WAY_OPEN;

    operation_timer_off(active);
    if (active->poll) {
        run_of(active)->host->table->poll_stop(active->poll);
    }
    active->under_way = UNDER_WAY_NOTHING;
    active->late = false;
    *event = (struct life_event){.kind = kind, .reply = &active->reply};
    if (opened) {
        active->opened =
            (struct opened){.weak_tls = active->reply.weak_tls, .session = active->reply.session};
    }
    if (kind == LIFE_FAILED) {
        event->err = &active->err;
    }
    bool broke = active->reused && kind == LIFE_FAILED && !active->reply.answered;
    active->reused = false;
    if (broke || active->reached != active->member->target) {
        return; /* as long as nothing was heard on it; another server, which nobody counts */
    }
    if (opening) {
        slots_credential(active->member, active->reply.answered, opened ? NULL : &active->err);
    }
    if (kind != LIFE_FAILED ||
        (active->reply.answered && !slots_not_yet(active->member->server, &active->err))) {
        slots_answered(active->member, opened);
        active->probe = false;
    } else if (active->err.class == ERROR_CONNECTION) {
        slots_unanswered(active->member, active->probe, &active->err);
        active->probe = false;
    }
}

/* Whoever waited has waited long enough: what the driver says of its being aborted is not why. */
static void set_late_error(struct active *active)
{
    const struct target *target = active->reached;
    const char *host = target->endpoint->host;
    char waited[CLOCK_TEXT_SIZE];

    if (active->under_way == UNDER_WAY_REQUEST) {
        duration_format(ABORT_WAIT_US, waited);
        err_set(&active->err, ERROR_CONNECTION,
                "the server said nothing within %s of being asked to cancel", waited);
    } else {
        duration_format(target->connection->connect_timeout_ms * 1000, waited);
        err_set(&active->err, ERROR_CONNECTION, "no connection to %s within %s",
                host ? host : target->database, waited);
    }
    err_native(&active->err, NULL, RETRY_TRANSIENT);
}

static void on_work_done(void *context);

/* Goes on with what is under way. True: it completed, *event says how. */
static bool drive(struct active *active, unsigned ready, struct life_event *event)
{
    struct run *run = run_of(active);
    struct want want = {.descriptor = -1};

    active->reply = (struct reply){0};
    active->err = (struct err)ERR_INIT(
        active->under_way == UNDER_WAY_OPEN ? &active->arena : active->request->arena);
    switch (active->life.driver->drive(active->connection, ready, &want, &active->reply,
                                       &active->err)) {
    case DRIVE_WAIT:
        run->host->table->poll_wait(active->poll, want.descriptor, want.events);
        return false;
    case DRIVE_WORK:
        active->working = true;
        run->host->table->work(run->host, &want.work, on_work_done, active);
        return false;
    case DRIVE_DONE:
        completed(active, active->under_way == UNDER_WAY_OPEN ? LIFE_OPENED : LIFE_REPLIED, event);
        return true;
    case DRIVE_FAIL:
        if (active->late && active->under_way == UNDER_WAY_OPEN && !active->reply.answered) {
            set_late_error(active);
        }
        completed(active, LIFE_FAILED, event);
        return true;
    }
    BUG("driver %s: unknown answer", active->life.driver->name);
}

static void driven(struct active *active, unsigned ready)
{
    struct run *run = run_of(active);
    struct life_event event;

    if (drive(active, ready, &event)) {
        run->happened(active, &event);
    }
}

static void on_ready(void *context, unsigned ready)
{
    driven(context, ready);
}

static void on_work_done(void *context)
{
    struct active *active = context;
    struct life_event event = {.kind = LIFE_CLOSED};

    active->working = false;
    if (active->close_after_work) {
        active->close_after_work = false;
        if (operation_close(active, &event)) {
            run_of(active)->happened(active, &event);
        }
        return;
    }
    driven(active, 0);
}

/* Asks the driver to stop what is under way. True: it completed at once. */
bool operation_abort(struct active *active, struct life_event *event)
{
    struct run *run = run_of(active);
    struct work work = {0};
    struct err ignored = ERR_INIT(&active->arena);

    if (active->under_way == UNDER_WAY_LOOKUP) {
        active->lookup->active = NULL;
        active->lookup = NULL;
        active->reply = (struct reply){0};
        active->err = (struct err)ERR_INIT(&active->arena);
        if (active->late) {
            set_late_error(active);
        } else {
            err_set(&active->err, ERROR_CANCELLED, "cancelled while connecting");
            err_native(&active->err, NULL, RETRY_CANCELLED);
        }
        completed(active, LIFE_FAILED, event);
        return true;
    }
    /* Where even the request to cancel cannot be sent, the wait below ends it. */
    (void)active->life.driver->abort(active->connection, &work, &ignored);
    if (work.run) {
        run->host->table->work(run->host, &work, NULL, NULL);
    }
    operation_timer(active, TIMER_ABORT, ABORT_WAIT_US);
    if (active->working) {
        return false;
    }
    run->host->table->poll_stop(active->poll);
    return drive(active, READY_TIMEOUT, event);
}

/* An abort brought nothing: the connection is given up without an answer. A pool thread cannot be
 * taken its connection away. */
bool operation_give_up(struct active *active, struct life_event *event)
{
    if (active->working) {
        return false;
    }
    active->reply = (struct reply){0};
    active->err = (struct err)ERR_INIT(&active->arena);
    set_late_error(active);
    completed(active, LIFE_FAILED, event);
    return true;
}

static struct open_options options_of(struct active *active, const struct address_list *addresses)
{
    const struct run *run = run_of(active);
    const struct target *target = active->reached;
    size_t length = strlen(run->order.identity->id);
    const char *tail = run->order.identity->id + (length > 6 ? length - 6 : 0);

    return (struct open_options){
        .target = target,
        .addresses = addresses,
        .application_name =
            arena_printf(&active->arena, "skein run=%s tenant=%s", tail, target->name),
        .read_only = active->read_only,
        .first = active->request,
        .arena = &active->arena,
    };
}

static bool begin_open(struct active *active, const struct address_list *addresses,
                       struct life_event *event)
{
    struct run *run = run_of(active);
    struct open_options options = options_of(active, addresses);

    active->under_way = UNDER_WAY_OPEN;
    active->reply = (struct reply){0};
    active->err = (struct err)ERR_INIT(&active->arena);
    active->connection = xcalloc(1, active->life.driver->connection_size);
    active->poll = run->host->table->poll_new(run->host, on_ready, active);
    if (active->life.driver->open(active->connection, &options, &active->err)) {
        completed(active, LIFE_FAILED, event);
        return true;
    }
    return drive(active, 0, event);
}

static void on_resolved(void *context, const struct address_list *addresses, const char *message)
{
    struct lookup *lookup = context;
    struct active *active = lookup->active;
    struct life_event event;
    struct run *run;
    bool done = true;

    free(lookup);
    if (!active) {
        return;
    }
    active->lookup = NULL;
    run = run_of(active);
    if (!message) {
        done = begin_open(active, addresses, &event);
    } else {
        active->reply = (struct reply){0};
        active->err = (struct err)ERR_INIT(&active->arena);
        err_set(&active->err, ERROR_CONNECTION, "the address of %s was not found: %s",
                active->reached->endpoint->host, message);
        err_native(&active->err, NULL, RETRY_TRANSIENT);
        completed(active, LIFE_FAILED, &event);
    }
    if (done) {
        run->happened(active, &event);
    }
}

static void deadline_start(struct active *active, int64_t deadline_us)
{
    if (deadline_us > 0) {
        operation_timer(active, TIMER_DEADLINE, deadline_us - run_now(run_of(active)));
    }
}

/* As if it had been opened now. */
static bool takes_over(struct active *active, struct life_event *event)
{
    struct run *run = run_of(active);
    struct open_options options = options_of(active, NULL);

    if (active->reached != active->member->target || !company_reuse(active, &options)) {
        return false;
    }
    active->poll = run->host->table->poll_new(run->host, on_ready, active);
    active->reused = true;
    active->reply = (struct reply){.answered = true,
                                   .connected = true,
                                   .weak_tls = active->opened.weak_tls,
                                   .session = active->opened.session};
    *event = (struct life_event){.kind = LIFE_OPENED, .reply = &active->reply, .reused = true};
    return true;
}

bool operation_open(struct active *active, const struct demand *demand, struct life_event *event)
{
    static const struct address_list none;
    struct run *run = run_of(active);
    const struct target *target = active->member->target;
    const struct endpoint *endpoint;

    active->reached = demand->by_direct_url ? target->direct : target;
    endpoint = active->reached->endpoint;
    active->read_only = demand->read_only;
    active->request = demand->request;
    if (takes_over(active, event)) {
        return true;
    }
    company_make_room(active->member, false);
    deadline_start(active, demand->deadline_us);
    if (target->engine == ENGINE_SQLITE || !endpoint->host || endpoint->host[0] == '/') {
        return begin_open(active, &none, event);
    }
    active->under_way = UNDER_WAY_LOOKUP;
    active->lookup = xcalloc(1, sizeof(*active->lookup));
    active->lookup->active = active;
    run->host->table->resolve(run->host, endpoint->host, endpoint->port, on_resolved,
                              active->lookup);
    return false;
}

bool operation_submit(struct active *active, const struct demand *demand, struct life_event *event)
{
    active->under_way = UNDER_WAY_REQUEST;
    active->request = demand->request;
    active->reply = (struct reply){0};
    active->err = (struct err)ERR_INIT(demand->request->arena);
    if (active->life.driver->submit(active->connection, demand->request, &active->err)) {
        completed(active, LIFE_FAILED, event);
        return true;
    }
    deadline_start(active, demand->deadline_us);
    return drive(active, 0, event);
}

/* Frees all that hangs on the connection. No pool thread may have it. */
void operation_drop(struct active *active)
{
    operation_timer_off(active);
    if (active->poll) {
        run_of(active)->host->table->poll_free(active->poll);
        active->poll = NULL;
    }
    if (active->connection) {
        active->life.driver->close(active->connection);
        free(active->connection);
        active->connection = NULL;
    }
    if (active->lookup) {
        active->lookup->active = NULL;
        active->lookup = NULL;
    }
    arena_release(&active->arena);
    active->under_way = UNDER_WAY_NOTHING;
    active->late = active->finish_asked = active->reused = active->healthy = false;
    groups_forget_invitation(active);
    groups_give_back(active);
    if (active->slot) {
        active->slot = false;
        company_busy(active->member, false);
        slots_give_back(active->member, active->probe);
        active->probe = false;
    }
}

/* Where closing may block it is done by a pool thread. */
static bool finish_begins(struct active *active)
{
    const struct driver *driver = active->life.driver;
    struct work work = {0};

    if (!active->connection || !driver->finish || active->finish_asked ||
        active->under_way != UNDER_WAY_NOTHING) {
        return false;
    }
    active->finish_asked = true;
    if (!driver->finish(active->connection, &work)) {
        return false;
    }
    active->working = true;
    run_of(active)->host->table->work(run_of(active)->host, &work, on_work_done, active);
    return true;
}

bool operation_close(struct active *active, struct life_event *event)
{
    operation_timer_off(active);
    if (active->working) { /* the thread that has the connection is waited for */
        struct work work = {0};
        struct err ignored = ERR_INIT(&active->arena);

        (void)active->life.driver->abort(active->connection, &work, &ignored);
        if (work.run) {
            run_of(active)->host->table->work(run_of(active)->host, &work, NULL, NULL);
        }
        active->close_after_work = true;
        return false;
    }
    if (finish_begins(active)) {
        active->close_after_work = true;
        return false;
    }
    if (active->poll) {
        run_of(active)->host->table->poll_stop(active->poll);
    }
    (void)company_keep(active);
    operation_drop(active);
    *event = (struct life_event){.kind = LIFE_CLOSED};
    return true;
}
