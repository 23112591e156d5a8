/*
 * retry.h: how long to wait before another try, and a server's breaker and adaptive limit. Pure: times in, answers out.
 */
#ifndef SKEIN_PLANNER_RETRY_H
#define SKEIN_PLANNER_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "model/fleet.h"

/* Decorrelated jitter: between initial and three times the wait before, times the multiplier's growth, at most max. `previous_us` 0 at first. */
int64_t retry_delay(const struct retry_policy *policy, int64_t previous_us, struct random *random);

/* Five connection failures in a row (without an answer from a server) open it; then one probe at a time, each after a growing wait. */
struct breaker {
    unsigned failures; /* in a row */
    bool open, probing;
    int64_t probe_at_us; /* not before */
    int64_t wait_us;
};

#define BREAKER_FAILURES 5

bool breaker_allows(struct breaker *breaker, int64_t now_us); /* true for a probe: then it is under way */
void breaker_failed(struct breaker *breaker, const struct retry_policy *policy, int64_t now_us, struct random *random);
void breaker_succeeded(struct breaker *breaker);

/* A server's limit that halves when it is full (53300, 1040) and grows back by one for each `limit` successes. */
struct ceiling {
    unsigned limit, configured;
    unsigned successes;
};

void ceiling_init(struct ceiling *ceiling, unsigned configured);
void ceiling_full(struct ceiling *ceiling, unsigned in_use);
void ceiling_succeeded(struct ceiling *ceiling);

#endif
