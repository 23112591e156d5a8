#include <string.h>

#include "workers/bookkeeping.h"
#include "workers/life_internal.h"

static const char *lock_seconds(struct life *life, int64_t ms)
{
    return request_number(life, (long)bookkeeping_lock_seconds(ms));
}

void session_add_preamble(struct life *life)
{
    const char *role = life->target->connection->role;

    if (life->work->connection.prepared) {
        return;
    }
    request_add(life, DIALECT_READ_COMMITTED, EXPECT_NOTHING, NULL, 0, NULL);
    if (role) {
        const char *sql = dialect_role(&life->request, life->target->engine, role);
        request_add_text(life, DIALECT_ROLE, NULL, sql, strlen(sql));
    }
}

static void add_timeouts(struct life *life, const struct operation *operation,
                         const struct timeouts *wanted)
{
    const char *values[] = {lock_seconds(life, wanted->lock_ms),
                            request_number(life, (long)wanted->statement_ms)};

    request_add(life, DIALECT_TIMEOUTS, EXPECT_NOTHING, operation, 2, values);
}

/* `session:`, the last word on what it names. */
static void add_variables(struct life *life)
{
    const struct pair_list *session = &life->target->connection->session;

    for (size_t i = 0; i < session->count; i++) {
        const char *sql =
            dialect_variable(&life->request, session->items[i].key, session->items[i].value);
        request_add_text(life, DIALECT_SETTING, NULL, sql, strlen(sql));
    }
}

void session_add_settings(struct life *life, const struct timeouts *wanted)
{
    int64_t abandoned_ms = life->target->connection->abandoned_after_ms;

    life->work->connection.timeouts = *wanted;
    if (abandoned_ms > 0) {
        const char *values[] = {lock_seconds(life, wanted->lock_ms),
                                request_number(life, (long)wanted->statement_ms),
                                lock_seconds(life, abandoned_ms)};
        request_add(life, DIALECT_SETTINGS, EXPECT_NOTHING, NULL, 3, values);
    } else {
        add_timeouts(life, NULL, wanted);
    }
    add_variables(life);
}

/* A step begins with the settings that every step begins with. `session:` is laid over them. */
static void begin_step(struct life *life, const struct operation *operation)
{
    struct life_connection *connection = &life->work->connection;

    if (connection->touched) {
        request_add(life, DIALECT_PATH, EXPECT_NOTHING, operation, 0, NULL);
        connection->timeouts.lock_ms = -1; /* nobody knows */
        connection->touched = false;
    }
    request_add(life, DIALECT_SESSION, EXPECT_NOTHING, operation, 0, NULL);
    add_variables(life);
}

void session_add(struct life *life, const struct operation *operation,
                 const struct timeouts *wanted)
{
    struct life_connection *connection = &life->work->connection;
    const struct plan_step *step = &life->work->plan->steps[operation->step];

    if (connection->step != step) {
        connection->step = step;
        begin_step(life, operation);
    }
    if (wanted->lock_ms != connection->timeouts.lock_ms ||
        wanted->statement_ms != connection->timeouts.statement_ms) {
        add_timeouts(life, operation, wanted);
        connection->timeouts = *wanted;
    }
}
