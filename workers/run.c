#include "workers/run.h"

#include <stdlib.h>

#include "base/bug.h"
#include "workers/run_parts.h"

/* ---- the pump: each stage answers whether it did something */

static void tell_stop(struct member *member)
{
    struct run *run = member->run;
    struct active *active = member->active;

    if (!active) {
        if (run->stopping) {
            perform_end_untried(member, OUTCOME_NOT_STARTED, NULL);
        }
    } else if (run->cancelling) {
        if (!active->cancel_told) {
            perform_event(member, LIFE_CANCEL, run->cancelling, NULL);
        }
    } else if (run->stopping) {
        if (!active->stop_told) {
            active->stop_told = true;
            perform_event(member, LIFE_STOPPED, run->stopping, NULL);
        }
    } else if (active->group && active->group->stopped && !life_under_way(&active->life) &&
               (!active->slot || active->purpose == TIMER_PLACE)) {
        perform_event(member, LIFE_STOPPED, "same_error", NULL);
    }
}

static bool tell_stops(struct run *run)
{
    if (!run->stop_changed) {
        return false;
    }
    run->stop_changed = false;
    if (run->stopping) {
        survey_drop_all(run);
    }
    for (size_t i = 0; i < run->options.count; i++) {
        if (!run->members[i].ended) {
            tell_stop(&run->members[i]);
        }
    }
    return true;
}

/* Nobody tries it (again). */
static void give_up(struct member *member, const struct err *err)
{
    if (member->active) {
        perform_event(member, LIFE_GIVEN_UP, NULL, err);
    } else {
        perform_end_untried(member, OUTCOME_UNREACHABLE, err);
    }
}

/* Whoever waits behind a server whose outage is over ends with the error of the last probe. */
static bool tell_down(struct run *run)
{
    struct run_server *server = down_next(run);

    if (!server) {
        return down_rest_ended(run);
    }
    if (!server->over) {
        perform_outage(server);
        return true;
    }
    for (size_t i = 0; i < server->member_count; i++) {
        struct member *member = server->members[i];

        if (member->ended || (member->active && member->active->slot)) {
            continue;
        }
        give_up(member, &server->last);
    }
    return true;
}

static bool hand_out_places(struct run *run)
{
    struct member *member = groups_next_placed(run);

    if (!member) {
        return false;
    }
    perform_event(member, LIFE_PLACED, NULL, NULL);
    return true;
}

static bool admit(struct run *run)
{
    bool probe = false;
    const struct err *refused = NULL;
    struct member *member = slots_next(run, &probe, &refused);

    if (!member) {
        return false;
    }
    if (refused) {
        give_up(member, refused);
    } else if (!survey_begin(member, probe)) {
        perform_admitted(member, probe);
    }
    return true;
}

/* Aborts that still run beside their connections are not waited for: the host owns them. */
static void finish(struct run *run)
{
    if (!run->finished) {
        run->finished = true;
        survey_drop_all(run);
        run_tell(run, EVENT_RUN_ENDED, NULL, run->stopped_by);
        run->host->table->stop(run->host);
    }
}

/* What is down ends as unreachable, also where the run stops. Stops come before places and
 * admissions: once a budget has tripped nothing new is started. */
static void pump(struct run *run)
{
    bool busy;

    if (run->pumping || !run->started) {
        return;
    }
    run->pumping = true;
    do {
        busy = tell_down(run) || tell_stops(run) || hand_out_places(run) || admit(run);
    } while (busy);
    companies_close_kept(run);
    run->pumping = false;
    if (run->ended == run->options.count) {
        finish(run);
    }
}

/* ---- the outside */

static void init_members(struct run *run)
{
    run->members = arena_array(&run->arena, run->options.count, sizeof(*run->members));
    run->outcomes = arena_array(&run->arena, run->options.count, sizeof(*run->outcomes));
    for (size_t i = 0; i < run->options.count; i++) {
        struct member *member = &run->members[i];

        list_init(&member->node);
        member->run = run;
        member->index = i;
        member->target = &run->options.fleet->targets[run->options.targets[i]];
    }
}

struct run *run_new(struct host *host, const struct run_options *options)
{
    struct run *run = xcalloc(1, sizeof(*run));
    bool reads_only;

    run->host = host;
    run->options = *options;
    run->options.limits.concurrency += options->limits.concurrency == 0;
    run->options.limits.per_server += options->limits.per_server == 0;
    run->options.limits.per_database += options->limits.per_database == 0;
    run->order = options->order;
    run->order.plan_for = groups_plan_for;
    run->order.plan_context = run;
    run->pump = pump;
    random_seed(&run->random, options->seed);
    map_init(&run->kept_texts, &run->arena);
    map_init(&run->kept_lists, &run->arena);
    /* What only reads is to read all that can be read. */
    reads_only = run->order.mode == LIFE_READ || run->order.mode == LIFE_PLAN;
    run->rollout = rollout_new(&run->arena, &run->options.rollout, options->count,
                               options->keep_going || reads_only);
    init_members(run);
    perform_init(run);
    slots_init(run);
    companies_init(run);
    groups_init(run);
    list_init(&run->surveys);
    return run;
}

void run_free(struct run *run)
{
    survey_drop_all(run);
    for (size_t i = 0; i < run->options.count; i++) {
        perform_drop(&run->members[i]);
    }
    companies_close_kept(run);
    identity_release(run);
    down_release(run);
    slots_release(run);
    arena_release(&run->scratch);
    arena_release(&run->plans);
    arena_release(&run->arena);
    free(run);
}

struct turn {
    uint64_t hash;
    struct member *member;
};

static int compare_turns(const void *left, const void *right)
{
    const struct turn *a = left, *b = right;

    if (a->hash != b->hash) {
        return a->hash < b->hash ? -1 : 1;
    }
    return a->member->index < b->member->index ? -1 : 1;
}

/* By a stable hash of the name, so that neighbours in the file, which are often alike, are spread;
 * or as they stand. */
static void enqueue_all(struct run *run)
{
    struct turn *turns = xcalloc(run->options.count + 1, sizeof(*turns));

    for (size_t i = 0; i < run->options.count; i++) {
        struct member *member = &run->members[i];

        turns[i] = (struct turn){.hash = map_hash(member->target->name), .member = member};
    }
    if (!run->options.rollout.order_file) {
        qsort(turns, run->options.count, sizeof(*turns), compare_turns);
    }
    for (size_t i = 0; i < run->options.count; i++) {
        companies_join(turns[i].member);
        slots_enqueue(turns[i].member, false);
    }
    free(turns);
}

void run_start(struct run *run)
{
    run_tell(run, EVENT_RUN_STARTED, NULL, NULL);
    enqueue_all(run);
    identity_begin(run);
    run->started = true;
    pump(run);
}

void run_drain(struct run *run, const char *reason)
{
    if (run->stopping || run->finished) {
        return;
    }
    run->stopping = run->stopped_by = reason;
    run->stop_changed = true;
    run_tell(run, EVENT_RUN_STOPPING, NULL, reason);
    pump(run);
}

void run_cancel(struct run *run, const char *reason)
{
    if (run->cancelling || run->finished) {
        return;
    }
    run_drain(run, reason);
    run->cancelling = reason;
    run->stop_changed = true;
    pump(run);
}

const struct outcome *run_outcomes(const struct run *run)
{
    return run->outcomes;
}

const char *run_stopped_by(const struct run *run)
{
    return run->stopped_by;
}
