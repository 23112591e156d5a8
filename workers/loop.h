/*
 * loop.h: the host over libuv: loop*.c are the only files that know it. One loop, an own pool of
 * threads (not libuv's four), names looked up off the loop, signals.
 */
#ifndef SKEIN_WORKERS_LOOP_H
#define SKEIN_WORKERS_LOOP_H

#include "workers/host.h"

/* `threads`: of the pool, from 1. Exits by BUG() where the system has no loop to give. */
struct host *loop_new(unsigned threads);
/* Frees all, timers and polls too that their owners left; no callback comes any more. Waits for the
 * work that runs (abort it before); work that is still queued is dropped, its work->free is called.
 * A look-up that hangs is left behind. */
void loop_free(struct host *host);

/* SIGINT, SIGTERM, SIGHUP come as a callback on the loop; SIGPIPE is ignored. They do not keep the
 * loop alive. */
void loop_on_signal(struct host *host, host_signal_cb *callback, void *context);

#endif
