#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/str.h"
#include "workers/run_parts.h"

static struct run *run_of(const struct active *active)
{
    return active->member->run;
}

/* ---- places, waits, the queue */

static bool must_not_start(const struct active *active)
{
    const struct run *run = run_of(active);

    return (run->stopping || (active->group && active->group->stopped)) &&
           !life_under_way(&active->life);
}

static struct life_event stop_event(const struct active *active)
{
    const char *reason = run_of(active)->stopping;

    return (struct life_event){.kind = LIFE_STOPPED, .reason = reason ? reason : "same_error"};
}

static bool perform_place(struct active *active, struct life_event *event)
{
    struct run *run = run_of(active);

    groups_forget_invitation(active);
    active->group = groups_find(run, &active->life);
    if (must_not_start(active)) {
        *event = stop_event(active);
        return true;
    }
    if (!active->group || groups_take(active)) {
        *event = (struct life_event){.kind = LIFE_PLACED};
        return true;
    }
    groups_wait(active, false);
    operation_timer(active, TIMER_PLACE, PLACE_WAIT_US);
    return false;
}

static bool goes_no_further(struct active *active, struct life_event *event)
{
    if (must_not_start(active)) {
        *event = stop_event(active);
        return true;
    }
    if (active->member->server->over) {
        *event = (struct life_event){.kind = LIFE_GIVEN_UP, .err = &active->member->server->last};
        return true;
    }
    return false;
}

static bool perform_backoff(struct active *active, const struct demand *demand,
                            struct life_event *event)
{
    active->placed = false;
    if (demand->capacity) {
        company_make_room(active->member, true);
        slots_full(active->member);
    }
    if (goes_no_further(active, event)) {
        return true;
    }
    run_tell(run_of(active), EVENT_TARGET_WAITS, active->member, "backoff");
    operation_timer(active, TIMER_BACKOFF, demand->delay_us);
    return false;
}

static bool perform_queue(struct active *active, struct life_event *event)
{
    bool parked = active->no_place;

    active->placed = active->no_place = false;
    if (goes_no_further(active, event)) {
        return true;
    }
    if (parked && active->group) {
        groups_wait(active, true);
    } else {
        slots_enqueue(active->member, false);
    }
    return false;
}

static bool perform_wait(struct active *active, const struct demand *demand)
{
    groups_give_back(active);
    run_tell(run_of(active), EVENT_TARGET_WAITS, active->member, "lock");
    operation_timer(active, TIMER_WAIT, demand->delay_us);
    return false;
}

/* ---- the end */

static void free_active(struct member *member)
{
    struct active *active = member->active;

    operation_drop(active);
    holder_drop(active);
    run_of(active)->host->table->timer_free(active->timer);
    if (active->timeout) {
        run_of(active)->host->table->timer_free(active->timeout);
    }
    life_release(&active->life);
    free(active);
    member->active = NULL;
}

/* A budget is exceeded; NULL: none. */
static void stop_for(struct run *run, const char *reason)
{
    if (reason && !run->stopping) {
        run->stopping = run->stopped_by = reason;
        run->stop_changed = true;
        run_tell(run, EVENT_RUN_STOPPING, NULL, reason);
    }
}

/* Counts what ended and says whether the run must stop. */
static void count_ended(struct member *member, const char *group)
{
    struct run *run = member->run;
    const struct outcome *outcome = &run->outcomes[member->index];
    bool counted =
        outcome->kind == OUTCOME_UNREACHABLE && slots_outage_counted(member, outcome->error);
    const char *reason = rollout_ended(run->rollout, group, outcome, counted);

    member->ended = true;
    run->ended++;
    company_ended(member);
    slots_ended(member);
    run_tell(run, EVENT_TARGET_ENDED, member, NULL);
    if (outcome->error && outcome->error->revision && group &&
        groups_stop_revision(run, group, outcome->error->revision)) {
        run->stop_changed = true;
        if (!run->stopped_by) {
            run->stopped_by = "same_error";
            run_tell(run, EVENT_RUN_STOPPING, NULL, "same_error");
        }
    }
    stop_for(run, reason);
}

void perform_outage(struct run_server *server)
{
    struct run *run = server->run;

    groups_forget_invitations(server);
    if (!server->counted) {
        server->counted = true;
        stop_for(run, rollout_outage(run->rollout));
    }
}

static void perform_end(struct active *active)
{
    struct member *member = active->member;
    struct run *run = member->run;
    enum outcome_kind kind = active->life.outcome.kind;
    const char *group = life_group(&active->life);

    keep_outcome(run, &run->outcomes[member->index], &active->life.outcome);
    groups_ended(active, kind);
    count_ended(member, group);
    free_active(member);
}

void perform_end_untried(struct member *member, enum outcome_kind kind, const struct err *err)
{
    struct run *run = member->run;
    struct outcome outcome = {.kind = kind};
    struct err error;

    if (err) {
        error = *err;
        outcome.error = &error;
    }
    keep_outcome(run, &run->outcomes[member->index], &outcome);
    list_remove(&member->node);
    count_ended(member, NULL);
}

/* ---- the step */

static void show_state(const struct active *active, unsigned state)
{
    int descriptor = run_of(active)->options.debug_descriptor;
    struct str line = STR_INIT;
    ssize_t got;
    char byte;

    str_addf(&line, "%s %s\n", life_machine.states[state].name, active->member->target->name);
    if (write(descriptor, line.text, line.length) == (ssize_t)line.length) {
        do {
            got = read(descriptor, &byte, 1);
        } while (got < 0 && errno == EINTR);
    }
    str_release(&line);
}

/* The crash tests kill skein here, at each state by its name, also at those that a step only
 * passed. */
static void show_moves(const struct active *active)
{
    const struct life *life = &active->life;

    if (run_of(active)->options.debug_descriptor < 0 || !life->passed) {
        return;
    }
    for (unsigned state = 0; state < life_machine.count; state++) {
        if (state != life->state && (life->passed & MACHINE_TO(state))) {
            show_state(active, state);
        }
    }
    show_state(active, life->state);
}

static void tell_passed(struct active *active)
{
    const struct outcome *outcome = &active->life.outcome;
    const char *group = life_group(&active->life);

    for (; active->steps_seen < outcome->step_count; active->steps_seen++) {
        rollout_passed(run_of(active)->rollout, group, outcome->steps[active->steps_seen].revision);
    }
}

/* What a new demand replaces: a wait for a place, a lock, a timer, a turn. An operation under way
 * stays. */
static void leave_queues(struct active *active)
{
    list_remove(&active->member->node);
    if (active->under_way == UNDER_WAY_NOTHING) {
        operation_timer_off(active);
    }
}

/* Performs one demand. True: its answer is there already, in *event. */
static bool perform(struct active *active, const struct demand *demand, struct life_event *event)
{
    switch (demand->kind) {
    case DEMAND_NOTHING:
        return false;
    case DEMAND_OPEN:
        return operation_open(active, demand, event);
    case DEMAND_SUBMIT:
        return operation_submit(active, demand, event);
    case DEMAND_PLACE:
        return perform_place(active, event);
    case DEMAND_WAIT:
        return perform_wait(active, demand);
    case DEMAND_ABORT:
        return operation_abort(active, event);
    case DEMAND_CLOSE:
        active->healthy = demand->healthy;
        return operation_close(active, event);
    case DEMAND_BACKOFF:
        return perform_backoff(active, demand, event);
    case DEMAND_QUEUE:
        return perform_queue(active, event);
    case DEMAND_END:
        break;
    }
    BUG("demand %u is not to be performed", (unsigned)demand->kind);
}

/* Gives the event to the life, and goes on as long as answers are there at once. The member may
 * have ended afterwards. */
static void step(struct active *active, struct life_event event)
{
    struct host *host = run_of(active)->host;
    bool answered = true;

    while (answered) {
        struct demand demand = {.kind = DEMAND_NOTHING};

        event.now_us = host->table->now_us(host);
        event.wall_us = host->table->wall_us(host);
        life_step(&active->life, &event, &demand);
        show_moves(active);
        tell_passed(active);
        if (demand.kind == DEMAND_END) {
            perform_end(active);
            return;
        }
        if (demand.kind != DEMAND_NOTHING) {
            leave_queues(active);
            holder_watch(active, &demand.watch);
        }
        answered = perform(active, &demand, &event);
    }
}

static void on_timer(void *context)
{
    struct active *active = context;
    struct run *run = run_of(active);
    enum timer_purpose purpose = active->purpose;
    struct life_event event = {.kind = LIFE_TIMER};
    bool happened = true;

    active->purpose = TIMER_OFF;
    switch (purpose) {
    case TIMER_OFF:
        return;
    case TIMER_DEADLINE:
        active->late = true;
        happened = operation_abort(active, &event);
        break;
    case TIMER_ABORT:
        happened = operation_give_up(active, &event);
        break;
    case TIMER_PLACE:
        list_remove(&active->member->node);
        active->no_place = true;
        event.kind = LIFE_NO_PLACE;
        break;
    case TIMER_WAIT:
    case TIMER_BACKOFF:
        break;
    }
    if (happened) {
        step(active, event);
    }
    run->pump(run);
}

static void on_timeout(void *context)
{
    struct active *active = context;
    struct run *run = run_of(active);

    if (!active->cancel_told) {
        perform_event(active->member, LIFE_CANCEL, "target_timeout", NULL);
    }
    run->pump(run);
}

/* A callback of the host brought an event. */
static void on_happened(struct active *active, const struct life_event *event)
{
    struct run *run = run_of(active);

    step(active, *event);
    run->pump(run);
}

void perform_init(struct run *run)
{
    run->happened = on_happened;
}

static struct active *active_new(struct member *member)
{
    struct run *run = member->run;
    struct active *active = xcalloc(1, sizeof(*active));
    const struct driver *driver = run->options.driver_for(member->target->engine);

    if (!driver) {
        BUG("no driver for %s", engine_name(member->target->engine));
    }
    active->member = member;
    active->timer = run->host->table->timer_new(run->host, on_timer, active);
    if (run->order.target_timeout_us > 0) {
        active->timeout = run->host->table->timer_new(run->host, on_timeout, active);
        run->host->table->timer_set(active->timeout, run->order.target_timeout_us);
    }
    life_init(&active->life, &run->order, member->target, driver, random_next(&run->random));
    return active;
}

bool perform_told(struct member *member, const struct life_event *event)
{
    struct host *host = member->run->host;
    struct life_event told = *event;
    struct demand demand = {.kind = DEMAND_NOTHING};

    told.kind = LIFE_TOLD;
    told.now_us = host->table->now_us(host);
    told.wall_us = host->table->wall_us(host);
    member->active = active_new(member);
    life_step(&member->active->life, &told, &demand);
    show_moves(member->active);
    if (demand.kind != DEMAND_END) {
        free_active(member); /* most of a fleet waits without a life */
        return false;
    }
    run_tell(member->run, EVENT_TARGET_STARTED, member, NULL);
    perform_end(member->active);
    return true;
}

void perform_admitted(struct member *member, bool probe)
{
    if (!member->active) {
        member->active = active_new(member);
        run_tell(member->run, EVENT_TARGET_STARTED, member, NULL);
    }
    member->active->slot = true;
    company_busy(member, true);
    member->active->probe = probe;
    step(member->active, (struct life_event){.kind = LIFE_ADMITTED});
}

void perform_event(struct member *member, enum life_event_kind kind, const char *reason,
                   const struct err *err)
{
    if (!member->active || member->active->close_after_work) {
        return; /* ended, or about to: nothing is left to be told */
    }
    if (kind == LIFE_CANCEL) {
        member->active->cancel_told = true;
    }
    if (kind == LIFE_PLACED) {
        operation_timer_off(member->active);
    }
    step(member->active, (struct life_event){.kind = kind, .reason = reason, .err = err});
}

void perform_drop(struct member *member)
{
    if (member->active) {
        free_active(member);
    }
}
