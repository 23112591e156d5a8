#include "workers/loop.h"

#include <signal.h>
#include <stdlib.h>
#include <uv.h>

#include "base/bug.h"
#include "base/clock.h"
#include "workers/loop_parts.h"

#define SIGNALS           3
#define DETACHED_THREADS  8
#define DETACHED_PATIENCE 3 /* seconds, at the end */

struct loop_host {
    struct host host; /* first: what others hold */
    uv_loop_t loop;
    struct loop_pool *pool, *detached;
    struct loop_names *names;
    struct list timers, polls;
    uv_signal_t *signals[SIGNALS]; /* NULL until loop_on_signal */
    host_signal_cb *on_signal;
    void *signal_context;
};

static struct loop_host *of(struct host *host)
{
    return (struct loop_host *)(void *)host;
}

static int64_t now_us(struct host *host)
{
    (void)host;
    return clock_system.monotonic_us(NULL);
}

static int64_t wall_us(struct host *host)
{
    (void)host;
    return clock_system.wall_us(NULL);
}

static struct host_timer *timer_new(struct host *host, host_done_cb *callback, void *context)
{
    return loop_timer_new(&of(host)->loop, &of(host)->timers, callback, context);
}

static struct host_poll *poll_new(struct host *host, host_ready_cb *callback, void *context)
{
    return loop_poll_new(&of(host)->loop, &of(host)->polls, callback, context);
}

static void work(struct host *host, const struct work *work, host_done_cb *done, void *context)
{
    loop_pool_work(done ? of(host)->pool : of(host)->detached, work, done, context);
}

static void resolve(struct host *host, const char *name, const char *port,
                    host_resolved_cb *callback, void *context)
{
    (void)port; /* addresses do not depend on it */
    loop_names_resolve(of(host)->names, name, callback, context);
}

static void run(struct host *host)
{
    uv_run(&of(host)->loop, UV_RUN_DEFAULT);
}

static void stop(struct host *host)
{
    uv_stop(&of(host)->loop);
}

static const struct host_table loop_table = {
    .now_us = now_us,
    .wall_us = wall_us,
    .timer_new = timer_new,
    .timer_set = loop_timer_set,
    .timer_stop = loop_timer_stop,
    .timer_free = loop_timer_free,
    .poll_new = poll_new,
    .poll_wait = loop_poll_wait,
    .poll_stop = loop_poll_stop,
    .poll_free = loop_poll_free,
    .work = work,
    .resolve = resolve,
    .run = run,
    .stop = stop,
};

struct host *loop_new(unsigned threads)
{
    struct loop_host *loop = xcalloc(1, sizeof(*loop));
    int status = uv_loop_init(&loop->loop);

    if (status != 0) {
        BUG("no loop: %s", uv_strerror(status));
    }
    loop->host.table = &loop_table;
    list_init(&loop->timers);
    list_init(&loop->polls);
    loop->pool = loop_pool_new(&loop->loop, threads, true, 0);
    loop->detached = loop_pool_new(&loop->loop, DETACHED_THREADS, false, DETACHED_PATIENCE);
    loop->names = loop_names_new(&loop->loop);
    return &loop->host;
}

static void closed_cb(uv_handle_t *handle)
{
    free(handle);
}

void loop_free(struct host *host)
{
    struct loop_host *loop = of(host);

    loop_pool_free(loop->pool);
    loop_pool_free(loop->detached);
    loop_names_free(loop->names);
    loop_timer_free_all(&loop->timers);
    loop_poll_free_all(&loop->polls);
    for (size_t i = 0; i < SIGNALS; i++) {
        if (loop->signals[i]) {
            uv_close((uv_handle_t *)loop->signals[i], closed_cb);
        }
    }
    while (uv_run(&loop->loop, UV_RUN_DEFAULT) != 0) { /* close callbacks alone are left */
    }
    if (uv_loop_close(&loop->loop) != 0) {
        BUG("a handle of the loop was left open");
    }
    free(loop);
}

static void signal_cb(uv_signal_t *handle, int number)
{
    struct loop_host *loop = handle->data;

    loop->on_signal(loop->signal_context, number);
}

void loop_on_signal(struct host *host, host_signal_cb *callback, void *context)
{
    static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
    struct loop_host *loop = of(host);

    loop->on_signal = callback;
    loop->signal_context = context;
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < SIGNALS; i++) {
        if (loop->signals[i]) { /* only the callback changes */
            continue;
        }
        loop->signals[i] = xcalloc(1, sizeof(*loop->signals[i]));
        loop->signals[i]->data = loop;
        if (uv_signal_init(&loop->loop, loop->signals[i]) != 0 ||
            uv_signal_start(loop->signals[i], signal_cb, numbers[i]) != 0) {
            BUG("signal %d cannot be caught", numbers[i]);
        }
        uv_unref((uv_handle_t *)loop->signals[i]);
    }
}
