/*
 * event.h: what a run tells its observers (progress, report, later the journal). One-way: an
 * observer decides nothing.
 */
#ifndef SKEIN_MODEL_EVENT_H
#define SKEIN_MODEL_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "model/fleet.h"
#include "model/outcome.h"

enum event_kind {
    EVENT_RUN_STARTED,
    EVENT_TARGET_STARTED,
    EVENT_TARGET_WAITS, /* for a lock or a backoff */
    EVENT_TARGET_ENDED, /* outcome is final */
    EVENT_RUN_STOPPING, /* reason: a budget, same_error, an interrupt */
    EVENT_RUN_ENDED,
};

struct event {
    enum event_kind kind;
    int64_t now_us;                /* monotonic */
    size_t target;                 /* index into the fleet */
    const struct outcome *outcome; /* TARGET_ENDED */
    const char *reason;            /* RUN_STOPPING, TARGET_WAITS */
};

struct observer {
    void (*on_event)(struct observer *observer, const struct event *event);
};

#endif
