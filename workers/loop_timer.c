#include <stdlib.h>
#include <uv.h>

#include "base/bug.h"
#include "base/clock.h"
#include "workers/loop_parts.h"

struct host_timer {
    uv_timer_t handle;
    struct list node;
    host_done_cb *callback;
    void *context;
};

struct host_timer *loop_timer_new(uv_loop_t *loop, struct list *all, host_done_cb *callback,
                                  void *context)
{
    struct host_timer *timer = xcalloc(1, sizeof(*timer));

    timer->callback = callback;
    timer->context = context;
    if (uv_timer_init(loop, &timer->handle) != 0) {
        BUG("libuv refuses a timer");
    }
    timer->handle.data = timer;
    list_append(all, &timer->node);
    return timer;
}

static void timer_cb(uv_timer_t *handle)
{
    struct host_timer *timer = handle->data;

    timer->callback(timer->context);
}

/* Never early: libuv counts whole milliseconds of the clock that now_us reads, so the moment itself
 * is rounded up, not the delay. */
void loop_timer_set(struct host_timer *timer, int64_t delay_us)
{
    uv_loop_t *loop = timer->handle.loop;
    uint64_t due_ms, delay_ms = 0;

    uv_update_time(loop);
    if (delay_us > 0) {
        due_ms = ((uint64_t)clock_system.monotonic_us(NULL) + (uint64_t)delay_us + 999) / 1000;
        delay_ms = due_ms > uv_now(loop) ? due_ms - uv_now(loop) : 0;
    }
    if (uv_timer_start(&timer->handle, timer_cb, delay_ms, 0) != 0) {
        BUG("timer set after it was freed");
    }
}

void loop_timer_stop(struct host_timer *timer)
{
    uv_timer_stop(&timer->handle);
}

static void closed_cb(uv_handle_t *handle)
{
    free(handle->data);
}

void loop_timer_free(struct host_timer *timer)
{
    if (!timer) {
        return;
    }
    list_remove(&timer->node);
    uv_close((uv_handle_t *)&timer->handle, closed_cb);
}

void loop_timer_free_all(struct list *all)
{
    for (struct list *node = all->next, *next; node != all; node = next) {
        next = node->next;
        loop_timer_free(LIST_ITEM(node, struct host_timer, node));
    }
}
