/*
 * clock.h: time as a seam. Monotonic time orders and limits; wall time is only for what people and
 * tables read. Pure code takes times as arguments and never includes this for reading a clock, only
 * for the formats.
 */
#ifndef SKEIN_BASE_CLOCK_H
#define SKEIN_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct clock {
    int64_t (*monotonic_us)(void *context); /* microseconds from some start, never back */
    int64_t (*wall_us)(void *context);      /* microseconds since 1970-01-01 UTC */
    void *context;
};

/* The machine's own. */
extern const struct clock clock_system;

#define CLOCK_TEXT_SIZE 40

/* RFC 3339 in UTC, "2026-11-20T22:30:00.123456Z"; `digits` of the fraction 0 to 6. */
void clock_format(int64_t wall_us, int digits, char text[CLOCK_TEXT_SIZE]);

/* "250ms", "5s", "10m", "1h": one whole number with one unit of ms, s, m, h, or a plain 0; nothing
 * like "1h30m". Milliseconds, or -1 for anything else. */
int64_t duration_parse(const char *text);
/* For people: "0.21s", "3.8s", "52s", "1m12s", "2h13m". Less than 0 is 0. */
void duration_format(int64_t us, char text[CLOCK_TEXT_SIZE]);

#endif
