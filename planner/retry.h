/*
 * retry.h: how long to wait before another try, and a server's breaker and adaptive limit. Pure:
 * times in, answers out.
 *
 * Not here: which errors may be tried again (classify.h), how often (the life of a target counts
 * its own attempts).
 */
#ifndef SKEIN_PLANNER_RETRY_H
#define SKEIN_PLANNER_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "model/fleet.h"

/* Decorrelated jitter in microseconds: evenly between `initial` and 1.5 * multiplier times the wait
 * before (three times it by default), at most `max`. `previous_us` is 0 at first and the wait just
 * had afterwards. */
int64_t retry_delay(const struct retry_policy *policy, int64_t previous_us, struct random *random);

/*
 * The breaker of one server. Five connection failures in a row without an answer open it; then it
 * lets one probe through at a time, each after a longer wait. An answer of any kind, also a
 * refusal, closes it. When as many probes have failed as one target would have tried again, it is
 * given up.
 */
#define BREAKER_FAILURES 5

struct breaker {
    unsigned failures; /* in a row, while closed */
    unsigned probes;   /* that failed since it opened */
    bool open, probing;
    int64_t probe_at_us; /* monotonic; no probe before */
    int64_t wait_us;     /* the last wait */
};

/* Whether a target may connect now. Where the breaker is open, true means that the caller is the
 * probe: it must tell how it went by breaker_failed, breaker_succeeded or breaker_undecided. */
bool breaker_allows(struct breaker *breaker, int64_t now_us);
/* A connection got no answer. `probe`: it was the one that breaker_allows let through while open;
 * others that were still under way then say nothing new. */
void breaker_failed(struct breaker *breaker, bool probe, const struct retry_policy *policy,
                    int64_t now_us, struct random *random);
/* A server answered. */
void breaker_succeeded(struct breaker *breaker);
/* The probe was taken back before it could tell. */
void breaker_undecided(struct breaker *breaker);
/* Open for a target's whole retry budget: nobody behind it needs to try any more. */
bool breaker_given_up(const struct breaker *breaker, const struct retry_policy *policy);

/*
 * The breaker of one credential (server, user, password), so that a wrong one does not lock its
 * user out. Three refusals in a row, and nobody tries it any more. Until it was accepted once no
 * more try it at a time than could be refused.
 */
#define CREDENTIAL_FAILURES 3

struct credential_breaker {
    unsigned failures; /* in a row */
    unsigned trying;   /* who began before it was accepted */
    bool accepted;
};

/* How many more may begin; UINT_MAX: all. Not for one that is refused. */
unsigned credential_room(const struct credential_breaker *breaker);
bool credential_refused(const struct credential_breaker *breaker);
/* Somebody begins. True: it is a trial, to be told by credential_tried. */
bool credential_begin(struct credential_breaker *breaker);
/* A trial is over, however. */
void credential_tried(struct credential_breaker *breaker);
/* What a server said of it, in a trial or later. */
void credential_judged(struct credential_breaker *breaker, bool accepted);

/* A server's limit that halves when it is full (53300, 1040) and grows back by one for each `limit`
 * connections that were had. */
struct ceiling {
    unsigned limit, configured; /* from 1 */
    unsigned successes;
};

void ceiling_init(struct ceiling *ceiling, unsigned configured);
/* It turns out to be less that is configured. */
void ceiling_lower(struct ceiling *ceiling, unsigned configured);
/* `in_use`: connections held, the refused one counted. More than the limit: they were begun before
 * the limit was halved, which is answer enough. */
void ceiling_full(struct ceiling *ceiling, unsigned in_use);
void ceiling_succeeded(struct ceiling *ceiling);

#endif
