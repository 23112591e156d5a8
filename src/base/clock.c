#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bug.h"

#define SECOND_US INT64_C(1000000)

static int64_t read_clock(clockid_t which)
{
    struct timespec now;

    if (clock_gettime(which, &now) != 0) {
        BUG("clock %d cannot be read", (int)which);
    }
    return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

static int64_t system_monotonic_us(void *context)
{
    (void)context;
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t system_wall_us(void *context)
{
    (void)context;
    return read_clock(CLOCK_REALTIME);
}

const struct clock clock_system = {system_monotonic_us, system_wall_us, NULL};

void clock_format(int64_t wall_us, int digits, char text[CLOCK_TEXT_SIZE])
{
    int64_t fraction = wall_us % SECOND_US;
    time_t seconds = (time_t)(wall_us / SECOND_US);
    struct tm parts;
    size_t length;

    if (fraction < 0) { /* before 1970: the fraction counts forwards all the same */
        fraction += SECOND_US;
        seconds--;
    }
    if (digits < 0 || digits > 6 || !gmtime_r(&seconds, &parts)) {
        BUG("cannot format time %" PRId64 " with %d digits", wall_us, digits);
    }
    length = strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
    if (digits > 0) {
        snprintf(text + length, CLOCK_TEXT_SIZE - length, ".%06" PRId64, fraction);
        length += 1 + (size_t)digits;
    }
    snprintf(text + length, CLOCK_TEXT_SIZE - length, "Z");
}

int64_t duration_parse(const char *text)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000}};
    int64_t value = 0;
    const char *unit = text;

    for (; *unit >= '0' && *unit <= '9'; unit++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, *unit - '0', &value)) {
            return -1;
        }
    }
    if (unit == text) {
        return -1;
    }
    if (!*unit) {
        return strcmp(text, "0") == 0 ? 0 : -1;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(unit, units[i].unit) == 0) {
            return __builtin_mul_overflow(value, units[i].ms, &value) ? -1 : value;
        }
    }
    return -1;
}

void duration_format(int64_t us, char text[CLOCK_TEXT_SIZE])
{
    int64_t rest = us < 0 ? 0 : us;
    double seconds = (double)rest / (double)SECOND_US;
    int64_t whole = (rest + SECOND_US / 2) / SECOND_US;

    /* The limits are where the rounded text would need one digit more. */
    if (rest < 995000) {
        snprintf(text, CLOCK_TEXT_SIZE, "%.2fs", seconds);
    } else if (rest < 9950000) {
        snprintf(text, CLOCK_TEXT_SIZE, "%.1fs", seconds);
    } else if (whole < 60) {
        snprintf(text, CLOCK_TEXT_SIZE, "%" PRId64 "s", whole);
    } else if (whole < 3600) {
        snprintf(text, CLOCK_TEXT_SIZE, "%" PRId64 "m%02" PRId64 "s", whole / 60, whole % 60);
    } else {
        snprintf(text, CLOCK_TEXT_SIZE, "%" PRId64 "h%02" PRId64 "m", whole / 3600,
                 whole / 60 % 60);
    }
}
