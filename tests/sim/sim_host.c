#include "sim_host.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/list.h"

#define NOT_SET SIZE_MAX
#define WALL_US INT64_C(1795000000000000)

/* Something that will happen; owned by what it belongs to. */
struct happening {
    int64_t at_us;
    uint64_t order;
    size_t place; /* in the heap, or NOT_SET */
    bool keeps;   /* run() goes on for it */
    void (*happen)(struct happening *happening);
};

struct host_timer {
    struct happening happening;
    struct sim_host *host;
    host_done_cb *callback;
    void *context;
};

struct host_poll {
    struct happening happening;
    struct sim_host *host;
    host_ready_cb *callback;
    void *context;
    unsigned events;
};

struct job {
    struct happening happening;
    struct list node; /* in the queue, or in the running ones */
    struct sim_host *host;
    struct work work;
    host_done_cb *done;
    void *context;
    int64_t takes_us;
};

struct errand { /* sim_host_after, or the answer to a look-up */
    struct happening happening;
    struct sim_host *host;
    host_done_cb *callback;
    host_resolved_cb *resolved;
    void *context;
    const char *address;
    struct address_list addresses;
};

struct sim_host {
    struct host host;
    struct sim_hooks hooks;
    int64_t now_us, until_us, next_work_us;
    uint64_t order, events, events_left;
    struct happening **heap;
    size_t count, capacity, keeping;
    bool stopped, exhausted;
    unsigned threads, busy;
    struct list queued, running;
    size_t alive; /* timers and polls */
};

/* ---- the heap */

static bool earlier(const struct happening *a, const struct happening *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void put(struct sim_host *host, size_t place, struct happening *happening)
{
    host->heap[place] = happening;
    happening->place = place;
}

static void sift_up(struct sim_host *host, size_t place, struct happening *happening)
{
    while (place > 0 && earlier(happening, host->heap[(place - 1) / 2])) {
        put(host, place, host->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(host, place, happening);
}

static void sift_down(struct sim_host *host, size_t place, struct happening *happening)
{
    for (size_t child = place * 2 + 1; child < host->count; child = place * 2 + 1) {
        if (child + 1 < host->count && earlier(host->heap[child + 1], host->heap[child])) {
            child++;
        }
        if (!earlier(host->heap[child], happening)) {
            break;
        }
        put(host, place, host->heap[child]);
        place = child;
    }
    put(host, place, happening);
}

static void unset(struct sim_host *host, struct happening *happening)
{
    size_t place = happening->place;
    struct happening *last;

    if (place == NOT_SET) {
        return;
    }
    happening->place = NOT_SET;
    host->keeping -= happening->keeps;
    last = host->heap[--host->count];
    if (last != happening) {
        if (place > 0 && earlier(last, host->heap[(place - 1) / 2])) {
            sift_up(host, place, last);
        } else {
            sift_down(host, place, last);
        }
    }
}

static void set(struct sim_host *host, struct happening *happening, int64_t delay_us)
{
    unset(host, happening);
    happening->at_us = host->now_us + (delay_us > 0 ? delay_us : 0);
    happening->order = ++host->order;
    if (host->count == host->capacity) {
        host->capacity = host->capacity ? host->capacity * 2 : 64;
        host->heap = xrealloc(host->heap, host->capacity * sizeof(*host->heap));
    }
    host->keeping += happening->keeps;
    sift_up(host, host->count++, happening);
}

/* ---- the table */

static struct sim_host *sim_of(struct host *host)
{
    return (struct sim_host *)(void *)host;
}

static int64_t now_us(struct host *host)
{
    return sim_of(host)->now_us;
}

static int64_t wall_us(struct host *host)
{
    return WALL_US + sim_of(host)->now_us;
}

static void timer_happens(struct happening *happening)
{
    struct host_timer *timer = (struct host_timer *)(void *)happening;

    timer->callback(timer->context);
}

static struct host_timer *timer_new(struct host *host, host_done_cb *callback, void *context)
{
    struct host_timer *timer = xcalloc(1, sizeof(*timer));

    timer->happening = (struct happening){.place = NOT_SET, .keeps = true, .happen = timer_happens};
    timer->host = sim_of(host);
    timer->callback = callback;
    timer->context = context;
    timer->host->alive++;
    return timer;
}

static void timer_set(struct host_timer *timer, int64_t delay_us)
{
    set(timer->host, &timer->happening, delay_us);
}

static void timer_stop(struct host_timer *timer)
{
    unset(timer->host, &timer->happening);
}

static void timer_free(struct host_timer *timer)
{
    timer_stop(timer);
    timer->host->alive--;
    free(timer);
}

static void poll_happens(struct happening *happening)
{
    struct host_poll *poll = (struct host_poll *)(void *)happening;

    poll->callback(poll->context, poll->events);
}

static struct host_poll *poll_new(struct host *host, host_ready_cb *callback, void *context)
{
    struct host_poll *poll = xcalloc(1, sizeof(*poll));

    poll->happening = (struct happening){.place = NOT_SET, .keeps = true, .happen = poll_happens};
    poll->host = sim_of(host);
    poll->callback = callback;
    poll->context = context;
    poll->host->alive++;
    return poll;
}

static void poll_stop(struct host_poll *poll)
{
    unset(poll->host, &poll->happening);
}

static void poll_wait(struct host_poll *poll, int descriptor, unsigned events)
{
    struct sim_host *host = poll->host;
    int64_t at_us = host->hooks.ready_at(host->hooks.context, descriptor);

    poll->events = events;
    poll_stop(poll);
    if (at_us != INT64_MAX) {
        set(host, &poll->happening, at_us - host->now_us);
    }
}

static void poll_free(struct host_poll *poll)
{
    poll_stop(poll);
    poll->host->alive--;
    free(poll);
}

static void start_jobs(struct sim_host *host)
{
    while (host->busy < host->threads && !list_empty(&host->queued)) {
        struct job *job = LIST_ITEM(list_first(&host->queued), struct job, node);

        list_remove(&job->node);
        list_append(&host->running, &job->node);
        host->busy++;
        set(host, &job->happening, job->takes_us);
    }
}

static void job_happens(struct happening *happening)
{
    struct job *job = (struct job *)(void *)happening;
    struct sim_host *host = job->host;

    list_remove(&job->node);
    host->busy--;
    job->work.run(job->work.context);
    start_jobs(host);
    if (job->done) {
        job->done(job->context);
    }
    if (job->work.free) {
        job->work.free(job->work.context);
    }
    free(job);
}

static void work(struct host *host, const struct work *asked, host_done_cb *done, void *context)
{
    struct sim_host *sim = sim_of(host);
    struct job *job = xcalloc(1, sizeof(*job));

    job->happening = (struct happening){.place = NOT_SET, .keeps = true, .happen = job_happens};
    job->host = sim;
    job->work = *asked;
    job->done = done;
    job->context = context;
    job->takes_us = sim->next_work_us;
    sim->next_work_us = 0;
    list_append(&sim->queued, &job->node);
    start_jobs(sim);
}

static void errand_happens(struct happening *happening)
{
    struct errand *errand = (struct errand *)(void *)happening;

    if (errand->resolved) {
        errand->resolved(errand->context, &errand->addresses,
                         errand->addresses.count ? NULL : "no such name");
    } else {
        errand->callback(errand->context);
    }
    free(errand);
}

static struct errand *errand_new(struct sim_host *host, void *context)
{
    struct errand *errand = xcalloc(1, sizeof(*errand));

    errand->happening = (struct happening){.place = NOT_SET, .happen = errand_happens};
    errand->host = host;
    errand->context = context;
    return errand;
}

/* A name that begins with "nowhere" is not found, one with "slow" takes a minute. */
static void resolve(struct host *host, const char *name, const char *port,
                    host_resolved_cb *callback, void *context)
{
    struct errand *errand = errand_new(sim_of(host), context);

    (void)port;
    errand->resolved = callback;
    errand->happening.keeps = true;
    errand->address = "192.0.2.1";
    errand->addresses.items = &errand->address;
    errand->addresses.count = strncmp(name, "nowhere", 7) != 0;
    set(errand->host, &errand->happening, strncmp(name, "slow", 4) == 0 ? 60000000 : 1000);
}

static void happen_next(struct sim_host *host)
{
    struct happening *next = host->heap[0];

    host->now_us = next->at_us;
    host->events++;
    unset(host, next);
    next->happen(next);
    if (host->hooks.after_event) {
        host->hooks.after_event(host->hooks.context);
    }
}

static void run(struct host *host)
{
    struct sim_host *sim = sim_of(host);

    while (!sim->stopped && sim->keeping > 0) {
        if (sim->events_left-- == 0 || sim->heap[0]->at_us > sim->until_us) {
            sim->exhausted = true;
            break;
        }
        happen_next(sim);
    }
    sim->stopped = false;
}

static void stop(struct host *host)
{
    sim_of(host)->stopped = true;
}

static const struct host_table table = {
    .now_us = now_us,
    .wall_us = wall_us,
    .timer_new = timer_new,
    .timer_set = timer_set,
    .timer_stop = timer_stop,
    .timer_free = timer_free,
    .poll_new = poll_new,
    .poll_wait = poll_wait,
    .poll_stop = poll_stop,
    .poll_free = poll_free,
    .work = work,
    .resolve = resolve,
    .run = run,
    .stop = stop,
};

/* ---- the outside */

struct sim_host *sim_host_new(unsigned threads, const struct sim_hooks *hooks)
{
    struct sim_host *host = xcalloc(1, sizeof(*host));

    host->host.table = &table;
    host->hooks = *hooks;
    host->now_us = 1000000;
    host->until_us = INT64_MAX;
    host->events_left = UINT64_MAX;
    host->threads = threads;
    list_init(&host->queued);
    list_init(&host->running);
    return host;
}

void sim_host_free(struct sim_host *host)
{
    free(host->heap);
    free(host);
}

struct host *sim_host_of(struct sim_host *host)
{
    return &host->host;
}

int64_t sim_host_now(const struct sim_host *host)
{
    return host->now_us;
}

void sim_host_after(struct sim_host *host, int64_t delay_us, host_done_cb *callback, void *context)
{
    struct errand *errand = errand_new(host, context);

    errand->callback = callback;
    set(host, &errand->happening, delay_us);
}

void sim_host_work_takes(struct sim_host *host, int64_t us)
{
    host->next_work_us = us;
}

void sim_host_hurry(struct sim_host *host, const void *context)
{
    for (struct list *node = host->running.next; node != &host->running; node = node->next) {
        struct job *job = LIST_ITEM(node, struct job, node);

        if (job->work.context == context) {
            set(host, &job->happening, 0);
        }
    }
}

static void drop_jobs(struct sim_host *host, struct list *jobs)
{
    while (!list_empty(jobs)) {
        struct job *job = LIST_ITEM(list_first(jobs), struct job, node);

        unset(host, &job->happening);
        list_remove(&job->node);
        if (job->work.free) {
            job->work.free(job->work.context);
        }
        free(job);
    }
}

void sim_host_drop_work(struct sim_host *host)
{
    drop_jobs(host, &host->queued);
    drop_jobs(host, &host->running);
    host->busy = 0;
}

void sim_host_bound(struct sim_host *host, int64_t until_us, uint64_t events)
{
    host->until_us = until_us;
    host->events_left = events;
}

bool sim_host_exhausted(const struct sim_host *host)
{
    return host->exhausted;
}

bool sim_host_waits(const struct sim_host *host)
{
    return host->keeping > 0;
}

void sim_host_settle(struct sim_host *host)
{
    while (host->count > 0) {
        happen_next(host);
    }
}

size_t sim_host_leaked(const struct sim_host *host)
{
    return host->alive;
}
