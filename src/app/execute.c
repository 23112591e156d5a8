#include "app/execute.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "planner/plan.h"
#include "report/progress.h"
#include "workers/loop.h"

#define ACTOR_SIZE  96 /* bytes, cut: skein_history.actor */
#define REASON_SIZE 100
#define TAG_SIZE    32
#define TICK_US     INT64_C(1000000)

/* What the handlers of signals and timers share while a run goes. */
struct session {
    struct run *run;
    struct host *host;
    struct progress *progress;
    struct host_timer *tick, *drain;
    int64_t drain_us;
    unsigned interrupts;
    int signal; /* the first one */
};

/* 128 + signal, as shells have it. */
static void on_signal(void *context, int number)
{
    struct session *session = context;
    session->interrupts++;
    if (session->interrupts == 1) {
        session->signal = number;
        run_drain(session->run, "interrupt");
        session->host->table->timer_set(session->drain, session->drain_us);
    } else if (session->interrupts == 2) {
        progress_clear(session->progress);
        fprintf(stderr, "skein: cancelling what runs; once more exits at once\n");
        run_cancel(session->run, "interrupt");
    } else {
        fprintf(stderr, "\nskein: exiting at once; the next run finds out what stands\n");
        _exit(128 + number);
    }
}

static void on_drain_timeout(void *context)
{
    struct session *session = context;
    if (session->interrupts == 1) {
        session->interrupts = 2;
        run_cancel(session->run, "interrupt");
    }
}

static void on_tick(void *context)
{
    struct session *session = context;
    progress_tick(session->progress, session->host->table->now_us(session->host));
    session->host->table->timer_set(session->tick, TICK_US);
}

/* The run ended: without its timers the loop has nothing left to wait for. */
struct ending {
    struct observer observer;
    struct session *session;
};

static void on_event(struct observer *observer, const struct event *event)
{
    struct session *session = ((struct ending *)observer)->session;
    if (event->kind != EVENT_RUN_ENDED)
        return;
    session->host->table->timer_stop(session->tick);
    session->host->table->timer_stop(session->drain);
    session->host->table->stop(session->host);
}

static char *default_actor(const struct app *app)
{
    const char *actor = getenv("SKEIN_ACTOR");
    if (actor != NULL && actor[0] != '\0')
        return arena_strdup(app->arena, actor);
    char host[256] = "localhost";
    const char *user = getenv("USER");
    gethostname(host, sizeof(host) - 1);
    if (user == NULL || user[0] == '\0')
        user = getuid() == 0 ? "root" : "unknown";
    return arena_printf(app->arena, "%s@%s", user, host);
}

static void make_run_id(char id[33])
{
    char time[CLOCK_TEXT_SIZE];
    clock_format(clock_system.wall_us(clock_system.context), 0, time);
    /* 2026-11-20T10:30:00Z -> 20261120T103000Z */
    size_t at = 0;
    for (const char *from = time; *from != '\0'; from++)
        if (*from != '-' && *from != ':')
            id[at++] = *from;
    snprintf(id + at, 33 - at, "-%06llx", (unsigned long long)(random_entropy() & 0xffffff));
}

/* Cut to `size` bytes, not inside a character. */
static const char *cut(struct arena *arena, const char *text, size_t size)
{
    size_t length = strlen(text);
    if (length <= size)
        return text;
    while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
        size--;
    return arena_strndup(arena, text, size);
}

int job_identity(const struct app *app, struct run_identity *identity, struct err *err)
{
    const char *actor = option_value(app->options, OPTION_ACTOR);
    memset(identity, 0, sizeof(*identity));
    make_run_id(identity->id);
    identity->actor = cut(app->arena, actor != NULL ? actor : default_actor(app), ACTOR_SIZE);
    identity->reason = option_value(app->options, OPTION_REASON);
    identity->tag = option_value(app->options, OPTION_TAG);
    if (identity->tag != NULL && strlen(identity->tag) > TAG_SIZE)
        return err_set(err, ERROR_USAGE, "--tag is longer than %d bytes", TAG_SIZE);
    if (identity->reason != NULL && strlen(identity->reason) > REASON_SIZE)
        return err_set(err, ERROR_USAGE, "--reason is longer than %d bytes", REASON_SIZE);
    return 0;
}

/* "5" or "1%" */
static int parse_amount(const char *text, struct amount *amount, struct err *err)
{
    char *end;
    double value = strtod(text, &end);
    bool percent = *end == '%' && end[1] == '\0';
    if (text[0] < '0' || text[0] > '9' || (*end != '\0' && !percent) || value < 0 || value > 1e9)
        return err_set(err, ERROR_USAGE,
                       "--max-failures needs a number or a percentage such as 5 or 1%%, not \"%s\"",
                       text);
    *amount = (struct amount){.value = value, .percent = percent};
    return 0;
}

static int read_limits(const struct app *app, struct run_options *options, struct err *err)
{
    uint64_t concurrency = app->fleet->limits.concurrency,
             per_server = app->fleet->limits.per_server;
    int failed = option_number(app->options, OPTION_CONCURRENCY, 10000, &concurrency, err);
    if (!failed)
        failed = option_number(app->options, OPTION_PER_SERVER, 10000, &per_server, err);
    if (failed)
        return failed;
    options->limits = app->fleet->limits;
    options->limits.concurrency = (unsigned)concurrency;
    options->limits.per_server = (unsigned)per_server;
    options->rollout = app->fleet->rollout;
    options->keep_going = option_given(app->options, OPTION_KEEP_GOING);
    const char *failures = option_value(app->options, OPTION_MAX_FAILURES);
    return failures != NULL ? parse_amount(failures, &options->rollout.max_failures, err) : 0;
}

/* --allow-changed REV… as full ids. */
static int read_allow_changed(const struct app *app, struct life_order *order, struct err *err)
{
    const struct option_values *given = &app->options->values[OPTION_ALLOW_CHANGED];
    const char **ids = arena_array(app->arena, given->count, sizeof(char *));
    for (size_t i = 0; i < given->count; i++) {
        struct graph_node **nodes;
        size_t count;
        int failed =
            identifier_resolve(&app->graph, app->arena, given->items[i], &nodes, &count, err);
        if (failed)
            return failed;
        if (count != 1)
            return err_set(err, ERROR_USAGE, "--allow-changed %s: names %zu revisions, not one",
                           given->items[i], count);
        ids[i] = nodes[0]->revision->id;
    }
    order->allow_changed = ids;
    order->allow_changed_count = given->count;
    return 0;
}

static int debug_descriptor(void)
{
    const char *text = getenv("SKEIN_DEBUG_DESCRIPTOR");
    return text != NULL && text[0] >= '0' && text[0] <= '9' ? (int)strtol(text, NULL, 10) : -1;
}

static int drain_timeout(const struct app *app, int64_t *microseconds, struct err *err)
{
    const char *text = option_value(app->options, OPTION_DRAIN_TIMEOUT);
    int64_t milliseconds = duration_parse(text != NULL ? text : "25s");
    if (milliseconds < 0)
        return err_set(err, ERROR_USAGE,
                       "--drain-timeout needs a duration such as 250ms, 25s, 10m, not \"%s\"",
                       text);
    *microseconds = milliseconds * 1000;
    return 0;
}

/* Targets that `holds:` keep out are not even connected to, but where heads are only read: the run
 * goes over the others, `moving`. */
struct moving {
    size_t *targets;
    size_t count;
};

static struct moving leave_held(const struct app *app, const struct job *job, int64_t wall_us)
{
    struct moving moving = {arena_array(app->arena, app->target_count, sizeof(size_t)), 0};
    char day[FLEET_DAY_SIZE];

    fleet_day(wall_us, day);
    for (size_t i = 0; i < app->target_count; i++)
        if (job->mode == LIFE_READ ||
            fleet_hold(app->fleet, &app->fleet->targets[app->targets[i]], day) == NULL)
            moving.targets[moving.count++] = app->targets[i];
    return moving;
}

/* Outcomes of all selected targets: those of the run, in its order, and `held` between them. */
static const struct outcome *with_held(const struct app *app, const struct moving *moving,
                                       const struct outcome *ended)
{
    struct outcome *outcomes;
    if (moving->count == app->target_count)
        return ended;
    outcomes = arena_array(app->arena, app->target_count, sizeof(*outcomes));
    for (size_t i = 0, at = 0; i < app->target_count; i++)
        outcomes[i] = at < moving->count && moving->targets[at] == app->targets[i]
                          ? ended[at++]
                          : (struct outcome){.kind = OUTCOME_HELD};
    return outcomes;
}

static int fill_options(struct app *app, const struct job *job, const struct moving *moving,
                        const struct planning *planning, const struct run_identity *identity,
                        struct run_options *options, struct err *err)
{
    *options = (struct run_options){
        .fleet = app->fleet,
        .targets = moving->targets,
        .count = moving->count,
        .driver_for = driver_for,
        .seed = random_entropy(),
        .debug_descriptor = debug_descriptor(),
    };
    options->order = (struct life_order){
        .mode = job->mode,
        .planning = planning,
        .identity = identity,
        .retry = &app->fleet->retry,
        .target_timeout_us = app->fleet->limits.target_timeout_ms * 1000,
        .extra_vars = &app->variables,
        .relative = job->relative,
        .resolution = job->resolution,
        .done_to = job->done_to,
    };
    int failed = read_limits(app, options, err);
    return failed ? failed : read_allow_changed(app, &options->order, err);
}

/* Runs the loop until the run has ended, with signals, a tick for the progress and the drain's
 * timeout. */
static int drive(struct app *app, struct run_options *options, struct progress *progress,
                 int64_t drain_us, struct job_result *out)
{
    struct host *host = app_host(app);
    struct session session = {.host = host, .progress = progress, .drain_us = drain_us};
    struct ending ending = {.observer = {on_event}, .session = &session};
    struct observer *observers[] = {&progress->observer, &ending.observer};
    options->observers = observers;
    options->observer_count = 2;
    session.tick = host->table->timer_new(host, on_tick, &session);
    session.drain = host->table->timer_new(host, on_drain_timeout, &session);
    session.run = out->run = run_new(host, options);
    loop_on_signal(host, on_signal, &session);
    host->table->timer_set(session.tick, TICK_US);
    run_start(session.run);
    host->table->run(host);
    loop_on_signal(host, NULL, NULL);
    host->table->timer_free(session.tick);
    host->table->timer_free(session.drain);
    return session.signal;
}

int job_run(struct app *app, const struct job *job, struct job_result *out)
{
    struct err err = ERR_INIT(app->arena);
    struct run_options options;
    struct run_identity *identity = arena_alloc(app->arena, sizeof(*identity));
    struct planning *planning = arena_alloc(app->arena, sizeof(*planning));
    struct goal *nothing = arena_alloc(app->arena, sizeof(*nothing));
    int64_t drain_us = 0, started_us = clock_system.wall_us(clock_system.context);
    struct moving moving = leave_held(app, job, started_us);
    *nothing = (struct goal){.kind = GOAL_READ, .text = ""};
    *planning = (struct planning){
        .graph = &app->graph,
        .migrations = &app->fleet->migrations,
        .goal = job->goal != NULL ? job->goal : nothing,
        .fleet_of_one = app_fleet_of_one(app),
        .each = option_given(app->options, OPTION_EACH),
    };
    memset(out, 0, sizeof(*out));
    if (job_identity(app, identity, &err) || drain_timeout(app, &drain_us, &err) ||
        fill_options(app, job, &moving, planning, identity, &options, &err))
        return app_fail(app->options, &err);
    struct progress *progress = arena_alloc(app->arena, sizeof(*progress));
    progress_init(progress, stderr, app->fleet, moving.count, app_on_terminal(STDERR_FILENO),
                  app->options->verbose && !app->options->json && !job->quiet &&
                      job->mode != LIFE_READ, /* to be read is no outcome */
                  app->options->quiet || job->quiet);
    struct run_result *result = &out->result;
    *result = (struct run_result){
        .identity = *identity,
        .command = job->command,
        .goal = job->goal != NULL ? job->goal->text : NULL,
        .mode =
            job->mode == LIFE_EXECUTE || job->resolution != RESOLVE_SHOW ? "execute" : "dry-run",
        .fleet = app->fleet,
        .targets = app->targets,
        .count = app->target_count,
        .undiscovered = app->undiscovered,
        .undiscovered_count = app->undiscovered_count,
        .started_wall_us = started_us,
    };
    if (moving.count > 0) {
        result->signal = drive(app, &options, progress, drain_us, out);
        result->stopped_by = run_stopped_by(out->run);
    }
    result->outcomes = with_held(app, &moving, moving.count > 0 ? run_outcomes(out->run) : NULL);
    result->finished_wall_us = clock_system.wall_us(clock_system.context);
    return 0;
}

int job_read(struct app *app, const char *command, struct job_result *out)
{
    struct job job = {.mode = LIFE_READ, .command = command, .quiet = true};
    int code = job_run(app, &job, out);
    if (code)
        return code;
    size_t *all = arena_array(app->arena, out->result.count, sizeof(size_t));
    memcpy(all, app->targets, out->result.count * sizeof(size_t));
    out->result.targets = all;
    if (out->result.signal == 0)
        return 0;
    code = 128 + out->result.signal;
    job_release(out);
    return code;
}

void job_release(struct job_result *job)
{
    if (job->run != NULL)
        run_free(job->run);
    job->run = NULL;
}
