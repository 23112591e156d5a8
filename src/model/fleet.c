#include "model/fleet.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

size_t amount_of(const struct amount *amount, size_t total)
{
    double exact;
    size_t whole;

    if (amount->unlimited) {
        return SIZE_MAX;
    }
    if (amount->value <= 0) {
        return 0;
    }
    /* Multiplied before it is divided: 1.1% of 1000 is 11, not 11.000000000000002 rounded up. */
    exact = amount->percent ? amount->value * (double)total / 100.0 : amount->value;
    if (exact >= (double)SIZE_MAX) {
        return SIZE_MAX;
    }
    whole = (size_t)exact;
    if (exact - (double)whole > 1e-9) {
        whole++;
    }
    return whole > 0 ? whole : 1;
}

void fleet_day(int64_t wall_us, char day[FLEET_DAY_SIZE])
{
    char time[CLOCK_TEXT_SIZE];

    clock_format(wall_us, 0, time);
    memcpy(day, time, FLEET_DAY_SIZE - 1);
    day[FLEET_DAY_SIZE - 1] = '\0';
}

bool hold_has_expired(const struct hold *hold, const char *day)
{
    return strcmp(day, hold->until) >= 0;
}

const struct hold *fleet_hold(const struct fleet *fleet, const struct target *target,
                              const char *day)
{
    for (size_t i = 0; i < fleet->hold_count; i++) {
        if (!hold_has_expired(&fleet->holds[i], day) &&
            text_glob(fleet->holds[i].tenant, target->name)) {
            return &fleet->holds[i];
        }
    }
    return NULL;
}
