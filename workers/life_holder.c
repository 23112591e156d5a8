#include <stdio.h>
#include <string.h>

#include "workers/bookkeeping.h"
#include "workers/life_internal.h"

/* While nobody is found to wait, a long statement is asked about ever more rarely, up to this many
 * times the first interval; after a lock was once not had, as often as at first. */
#define RARELY 64

static int64_t lock_timeout_us(const struct life *life)
{
    int64_t lock_ms, statement_ms;

    bookkeeping_timeouts(life->target->connection, life->work->connection.section, &lock_ms,
                         &statement_ms);
    return lock_ms * 1000;
}

static int64_t lock_wait_us(const struct life *life)
{
    return life->target->connection->lock_wait_ms * 1000;
}

static bool watch(const struct life *life, struct watch *watch, enum watch_kind kind,
                  enum dialect_purpose purpose)
{
    *watch = (struct watch){.kind = kind,
                            .sql = dialect_text(life->target->engine, purpose),
                            .purpose = dialect_purpose_name(purpose)};
    if (!watch->sql) {
        watch->kind = WATCH_NOTHING;
    }
    if (purpose == DIALECT_HOLDER) {
        watch->then_sql = dialect_text(life->target->engine, DIALECT_HOLDER_ROWS);
        watch->then_purpose = dialect_purpose_name(DIALECT_HOLDER_ROWS);
    }
    return watch->sql != NULL;
}

void holder_watch_request(struct life *life, struct demand *demand)
{
    struct life_work *work = life->work;
    int64_t limit_us = lock_timeout_us(life);

    work->heard[WATCH_SESSION] = (struct heard){.holder = NULL};
    if (work->connection.session == 0 || limit_us <= 0 ||
        (life->state != LIFE_STATE_LOCK && !work->connection.settled) ||
        life->state == LIFE_STATE_ROLLBACK ||
        !watch(life, &demand->watch, WATCH_SESSION, DIALECT_HOLDER)) {
        return;
    }
    snprintf(demand->watch.parameter, sizeof(demand->watch.parameter), "%lld",
             (long long)work->connection.session);
    demand->watch.first_us = demand->watch.every_us = limit_us / 2;
    demand->watch.most_us = demand->watch.every_us * (work->lock_failures > 0 ? 1 : RARELY);
    work->heard[WATCH_SESSION].counts_us = limit_us;
}

void holder_watch_lock(struct life *life, struct demand *demand)
{
    struct life_work *work = life->work;
    struct heard *heard = &work->heard[WATCH_LOCK];
    int64_t wait_us = lock_wait_us(life), next_us = work->lock_since_us + wait_us / 2;

    if (work->lock_since_us < 0 || wait_us <= 0 ||
        !watch(life, &demand->watch, WATCH_LOCK, DIALECT_HOLDER_LOCK)) {
        return;
    }
    memcpy(demand->watch.parameter, work->lock_key, sizeof(work->lock_key));
    demand->watch.every_us = demand->watch.most_us = wait_us / 4;
    if (heard->holder && heard->at_us + wait_us / 4 > next_us) {
        next_us = heard->at_us + wait_us / 4;
    }
    demand->watch.first_us = next_us > work->now_us ? next_us - work->now_us : 0;
    heard->counts_us = wait_us;
}

void holder_heard(struct life *life, const struct life_event *event)
{
    struct heard *heard = &life->work->heard[event->watch];

    heard->holder = holder_copy(&life->arena, event->holder);
    heard->blind = event->blind;
    heard->at_us = event->now_us;
}

/* What would have let the server say it. */
static void hint_blind(const struct life *life, struct err *err)
{
    if (life->target->engine == ENGINE_MARIADB) {
        err_hint(err, "who held it, MariaDB tells with its plugin: INSTALL SONAME "
                      "'metadata_lock_info'; for locks of rows, GRANT PROCESS to this user");
    } else {
        err_hint(err, "who held it, the server tells whom it lets SELECT from performance_schema");
    }
}

void holder_explain(const struct life *life, struct err *err)
{
    enum watch_kind kind = err->class == ERROR_SKEIN_LOCK     ? WATCH_LOCK
                           : err->class == ERROR_LOCK_TIMEOUT ? WATCH_SESSION
                                                              : WATCH_NOTHING;
    const struct heard *heard = &life->work->heard[kind];

    if ((!heard->holder && !heard->blind) || life->work->now_us - heard->at_us > heard->counts_us) {
        return;
    }
    err->holder = holder_copy(err->arena, heard->holder);
    if (heard->blind && !err->hint) {
        hint_blind(life, err);
    }
}
