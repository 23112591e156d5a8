#include "workers/timestamp.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

/* `digits` digits at *at as a number from `least` to `most`; false: they are not there. */
static bool take(const char **at, int digits, int least, int most, int *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (!isdigit((unsigned char)**at)) {
            return false;
        }
        *value = *value * 10 + (**at - '0');
    }
    return *value >= least && *value <= most;
}

static bool skip(const char **at, const char *any)
{
    if (!**at || !strchr(any, **at)) {
        return false;
    }
    (*at)++;
    return true;
}

static bool take_time(const char **at, struct tm *time)
{
    if (!take(at, 4, 1, 9999, &time->tm_year) || !skip(at, "-") ||
        !take(at, 2, 1, 12, &time->tm_mon) || !skip(at, "-") ||
        !take(at, 2, 1, 31, &time->tm_mday) || !skip(at, " T") ||
        !take(at, 2, 0, 23, &time->tm_hour) || !skip(at, ":") ||
        !take(at, 2, 0, 59, &time->tm_min) || !skip(at, ":") ||
        !take(at, 2, 0, 60, &time->tm_sec)) {
        return false;
    }
    time->tm_year -= 1900;
    time->tm_mon--;
    return true;
}

/* Seconds east of Greenwich: nothing, Z, +hh, +hh:mm, +hh:mm:ss. */
static bool take_offset(const char **at, long *seconds)
{
    int parts[3] = {0};
    long sign = **at == '-' ? -1 : 1;

    *seconds = 0;
    if (skip(at, "Z") || !**at) {
        return !**at;
    }
    if (!skip(at, "+-") || !take(at, 2, 0, 23, &parts[0])) {
        return false;
    }
    for (int i = 1; i < 3 && skip(at, ":"); i++) {
        if (!take(at, 2, 0, 59, &parts[i])) {
            return false;
        }
    }
    *seconds = sign * (parts[0] * 3600L + parts[1] * 60L + parts[2]);
    return !**at;
}

const char *timestamp_utc(struct arena *arena, const char *text)
{
    struct tm time = {0};
    char whole[32];
    const char *at = text, *fraction;
    size_t length;
    time_t seconds;
    long offset;

    if (!text || !take_time(&at, &time)) {
        return NULL;
    }
    fraction = at;
    length = *at == '.' ? 1 + strspn(at + 1, "0123456789") : 0;
    at += length;
    if (!take_offset(&at, &offset)) {
        return NULL;
    }
    seconds = timegm(&time) - offset;
    if (!gmtime_r(&seconds, &time) || !strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &time)) {
        return NULL;
    }
    return arena_printf(arena, "%s%.*sZ", whole, (int)length, fraction);
}
