#include <string.h>

#include "planner/lasting.h"
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

/* What a statement of the step (counted from 0) has left in its session. One that a variable is put
 * into is not done again. */
static enum lasting lasting(const struct life *life, const struct plan_step *step, size_t at)
{
    const struct statement *statement = &step->script->statements[at];
    enum lasting left = lasting_of(life->target->engine, statement->text, statement->length);

    return left == LASTING_SET && step->revision->variable_count > 0 &&
                   memmem(statement->text, statement->length, "{{", 2)
               ? LASTING_MORE
               : left;
}

/* What the step's statements have set in the session that did them, for those that come. */
static void set_again(struct life *life, const struct operation *operation)
{
    const struct plan_step *step = &life->work->plan->steps[0];

    for (size_t i = 0; step->script && i < life->work->resumed; i++) {
        if (lasting(life, step, i) == LASTING_SET) {
            const struct statement *statement = &step->script->statements[i];
            request_add_text(life, DIALECT_SETTING, operation, statement->text, statement->length);
            life->work->connection.touched = true;
        }
    }
}

static void describe_lost(const struct life *life, const struct plan_step *step, size_t at,
                          struct err *err)
{
    const struct life_work *work = life->work;
    const struct statement *statement = &step->script->statements[at];
    const struct err *why = work->off_error ? work->off_error : work->ended_by;

    err_set(err, ERROR_PLAN,
            "%s of %s stands to statement %zu of %zu, and cannot go on in another session: what "
            "statement %zu made is gone with its own",
            step_kind_name(step->kind), step->revision->id, work->resumed,
            step->script->statement_count, at + 1);
    if (why && work->open.run_id && strcmp(work->open.run_id, life->order->identity->id) == 0) {
        err->message = arena_printf(err->arena, "%s, which ended (%s)", err->message, why->message);
    }
    err_hint(err,
             "undo by hand what stands, or do the rest, then: skein resolve --reverted (or "
             "--applied) -t %s --reason TEXT",
             life->target->name);
    err->revision = arena_strdup(err->arena, step->revision->id);
    err_at(err, step->revision->path, statement->line, 0);
    err->section = arena_strdup(err->arena, step->script->sections[statement->section]->title);
    err->statement = (int)at + 1;
}

bool session_is_lost(const struct life *life, struct err *err)
{
    const struct plan_step *step = &life->work->plan->steps[0];
    size_t done = life->work->resumed;

    for (size_t i = 0; i < done && done < step->script->statement_count; i++) {
        if (lasting(life, step, i) == LASTING_MORE) {
            describe_lost(life, step, i, err);
            return true;
        }
    }
    return false;
}

void session_add(struct life *life, const struct operation *operation,
                 const struct timeouts *wanted)
{
    struct life_connection *connection = &life->work->connection;
    const struct plan_step *step = &life->work->plan->steps[operation->step];
    bool begins = connection->step != step;

    if (begins) {
        connection->step = step;
        begin_step(life, operation);
    }
    if (wanted->lock_ms != connection->timeouts.lock_ms ||
        wanted->statement_ms != connection->timeouts.statement_ms) {
        add_timeouts(life, operation, wanted);
        connection->timeouts = *wanted;
    }
    if (begins && operation->step == 0) {
        set_again(life, operation);
    }
}
