/*
 * loop.h: the host over libuv: the only file that knows it. One loop, an own pool of threads (not libuv's four), names looked up off
 * the loop, signals.
 */
#ifndef SKEIN_WORKERS_LOOP_H
#define SKEIN_WORKERS_LOOP_H

#include "workers/host.h"

/* `threads`: of the pool, from 1. Exits by BUG() where the system has no loop to give. */
struct host *loop_new(unsigned threads);
void loop_free(struct host *host);

/* SIGINT, SIGTERM, SIGHUP come as a callback on the loop; SIGPIPE is ignored. They do not keep the loop alive. */
void loop_on_signal(struct host *host, host_signal_cb *callback, void *context);

#endif
