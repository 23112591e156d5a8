#include "planner/retry.h"

#include <limits.h>

static int64_t in_microseconds(int64_t milliseconds)
{
    return milliseconds > INT64_MAX / 1000 ? INT64_MAX : milliseconds * 1000;
}

int64_t retry_delay(const struct retry_policy *policy, int64_t previous_us, struct random *random)
{
    int64_t lowest = in_microseconds(policy->initial_ms);
    int64_t highest = in_microseconds(policy->max_ms);
    double grown;

    if (lowest >= highest) {
        return highest;
    }
    if (previous_us < lowest) {
        previous_us = lowest;
    }
    grown = (double)previous_us * policy->multiplier * 1.5;
    if (grown < (double)highest) {
        highest = (int64_t)grown;
    }
    return lowest + (int64_t)random_below(random, (uint64_t)(highest - lowest) + 1);
}

bool breaker_allows(struct breaker *breaker, int64_t now_us)
{
    if (!breaker->open) {
        return true;
    }
    if (breaker->probing || now_us < breaker->probe_at_us) {
        return false;
    }
    breaker->probing = true;
    return true;
}

void breaker_failed(struct breaker *breaker, bool probe, const struct retry_policy *policy,
                    int64_t now_us, struct random *random)
{
    if (breaker->open && !probe) {
        return;
    }
    if (breaker->open) {
        breaker->probes++;
        breaker->probing = false;
    } else if (++breaker->failures < BREAKER_FAILURES) {
        return;
    }
    breaker->open = true;
    breaker->wait_us = retry_delay(policy, breaker->wait_us, random);
    breaker->probe_at_us = now_us + breaker->wait_us;
}

void breaker_succeeded(struct breaker *breaker)
{
    *breaker = (struct breaker){0};
}

void breaker_undecided(struct breaker *breaker)
{
    breaker->probing = false;
}

bool breaker_given_up(const struct breaker *breaker, const struct retry_policy *policy)
{
    unsigned enough = policy->attempts > 1 ? policy->attempts - 1 : 1;

    return breaker->open && breaker->probes >= enough;
}

unsigned credential_room(const struct credential_breaker *breaker)
{
    unsigned used = breaker->failures + breaker->trying;

    if (breaker->accepted) {
        return UINT_MAX;
    }
    return used < CREDENTIAL_FAILURES ? CREDENTIAL_FAILURES - used : 0;
}

bool credential_refused(const struct credential_breaker *breaker)
{
    return breaker->failures >= CREDENTIAL_FAILURES;
}

bool credential_begin(struct credential_breaker *breaker)
{
    if (breaker->accepted) {
        return false;
    }
    breaker->trying++;
    return true;
}

void credential_tried(struct credential_breaker *breaker)
{
    breaker->trying--;
}

void credential_judged(struct credential_breaker *breaker, bool accepted)
{
    breaker->accepted = breaker->accepted || accepted;
    breaker->failures = accepted ? 0 : breaker->failures + 1;
}

void ceiling_init(struct ceiling *ceiling, unsigned configured)
{
    *ceiling = (struct ceiling){.limit = configured, .configured = configured};
}

void ceiling_lower(struct ceiling *ceiling, unsigned configured)
{
    if (configured < ceiling->configured) {
        ceiling->configured = configured;
    }
    if (ceiling->limit > ceiling->configured) {
        ceiling->limit = ceiling->configured;
    }
}

void ceiling_full(struct ceiling *ceiling, unsigned in_use)
{
    if (in_use > ceiling->limit) {
        return;
    }
    ceiling->limit = in_use > 1 ? in_use / 2 : 1;
    ceiling->successes = 0;
}

void ceiling_succeeded(struct ceiling *ceiling)
{
    if (ceiling->limit < ceiling->configured && ++ceiling->successes >= ceiling->limit) {
        ceiling->limit++;
        ceiling->successes = 0;
    }
}
