/*
 * fleet.h: all targets with the policies of skein.yaml; immutable after load. Made by config/, read
 * by everybody else.
 */
#ifndef SKEIN_MODEL_FLEET_H
#define SKEIN_MODEL_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/target.h"

struct limits {
    unsigned concurrency, per_server, per_database; /* each at least 1 */
    int64_t target_timeout_ms;                      /* 0: none */
};

struct retry_policy {
    unsigned attempts; /* tries in all, at least 1 */
    int64_t initial_ms;
    double multiplier; /* at least 1 */
    int64_t max_ms;
};

/* "5" or "1%": a budget trips when more than that is used. Percent is rounded up, at least 1 unless
 * 0 is written. */
struct amount {
    double value;
    bool percent;
    bool unlimited;
};

/* The whole number that `amount` allows of `total` targets. */
size_t amount_of(const struct amount *amount, size_t total);

struct rollout_policy {
    struct amount max_failures;    /* of failed, partial, in_doubt */
    struct amount max_unreachable; /* of unreachable, blocked */
    unsigned same_error;           /* 0: off */
    bool order_file;               /* `order: file`; else by a stable hash */
};

/* `holds:`: tenants that no run touches before a day. */
struct hold {
    const char *tenant; /* a glob */
    const char *until;  /* "2026-12-01": the day, UTC, from which they are free again */
    const char *reason;
};

#define FLEET_DAY_SIZE 11

enum transaction_cut { TRANSACTION_TARGET, TRANSACTION_REVISION };

/* `migrations:` */
struct migrations {
    const char *const *version_locations; /* absolute folders, at least one */
    size_t version_location_count;
    const char *directory; /* absolute; holds revision.sql, the template */
    const char *version_table;
    const char *version_table_schema; /* or NULL */
    const char *history_table;
    enum transaction_cut transaction;
};

struct fleet {
    const char *config_path; /* as shown; NULL: a fleet of one by URL */
    const char *folder;      /* absolute; what relative paths are relative to */
    struct migrations migrations;
    struct limits limits;
    struct retry_policy retry;
    struct rollout_policy rollout;
    const struct hold *holds;
    size_t hold_count;
    const struct server *servers;
    size_t server_count;
    const struct target *
        targets; /* in the file's order, discovered ones where their entry stands, sorted by name */
    size_t target_count;
    unsigned engines; /* set of ENGINE_BIT of the targets and servers */
    bool by_url;      /* --url or DATABASE_URL */
};

/* "2026-11-26": the day that holds are compared with. */
void fleet_day(int64_t wall_us, char day[FLEET_DAY_SIZE]);
bool hold_has_expired(const struct hold *hold, const char *day);
/* The hold that keeps the target out on that day, or NULL: the first that fits. */
const struct hold *fleet_hold(const struct fleet *fleet, const struct target *target,
                              const char *day);

#endif
