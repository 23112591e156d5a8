/*
 * timestamp.h: times as the engines write them, as RFC 3339 in UTC. Pure.
 */
#ifndef SKEIN_WORKERS_TIMESTAMP_H
#define SKEIN_WORKERS_TIMESTAMP_H

#include "base/arena.h"

/* "2026-11-20 10:30:00.5+05:30" (PostgreSQL's DateStyle ISO, any offset), "2026-11-20 10:30:00.5"
 * (MySQL: UTC) or RFC 3339 itself -> "2026-11-20T05:00:00.5Z", in the arena. NULL: no text, or
 * written in another way (another DateStyle), which could mean several times. */
const char *timestamp_utc(struct arena *arena, const char *text);

#endif
