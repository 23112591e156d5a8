/*
 * loop_parts.h: the pieces of which loop.c makes the host over libuv. Not for others than loop*.c.
 *
 * libuv may touch a handle until its close callback: each piece frees its handles there and nowhere
 * else.
 */
#ifndef SKEIN_WORKERS_LOOP_PARTS_H
#define SKEIN_WORKERS_LOOP_PARTS_H

#include "base/list.h"
#include "workers/host.h"

struct uv_loop_s;

/* Timers and polls: as in struct host_table. `all` lists those not freed yet. */
struct host_timer *loop_timer_new(struct uv_loop_s *loop, struct list *all, host_done_cb *callback,
                                  void *context);
void loop_timer_set(struct host_timer *timer, int64_t delay_us);
void loop_timer_stop(struct host_timer *timer);
void loop_timer_free(struct host_timer *timer);
void loop_timer_free_all(struct list *all);

struct host_poll *loop_poll_new(struct uv_loop_s *loop, struct list *all, host_ready_cb *callback,
                                void *context);
void loop_poll_wait(struct host_poll *poll, int descriptor, unsigned events);
void loop_poll_stop(struct host_poll *poll);
void loop_poll_free(struct host_poll *poll);
void loop_poll_free_all(struct list *all);

/*
 * Threads that are started when there is work for them, at most `threads`. They take no signals.
 * `holds_loop`: the loop runs on while work is pending, and freeing waits for what runs. Else
 * threads that run something then are left behind, and call work->free themselves when it ends;
 * but freeing waits so many seconds of `patience` for all that is queued or runs.
 */
struct loop_pool;

struct loop_pool *loop_pool_new(struct uv_loop_s *loop, unsigned threads, bool holds_loop,
                                unsigned patience);
void loop_pool_work(struct loop_pool *pool, const struct work *work, host_done_cb *done,
                    void *context);
/* Drops what is queued, and no callback comes any more. */
void loop_pool_free(struct loop_pool *pool);

/* Names: look-ups, their cache, and answers that need none. */
struct loop_names;

struct loop_names *loop_names_new(struct uv_loop_s *loop);
void loop_names_resolve(struct loop_names *names, const char *name, host_resolved_cb *callback,
                        void *context);
void loop_names_free(struct loop_names *names);

#endif
