#include <string.h>

#include "workers/life_internal.h"

void life_move(struct life *life, enum life_state state)
{
    machine_move(&life_machine, &life->state, state);
    life->passed |= MACHINE_TO(state);
    life->work->phase = 0;
    life_again(life);
}

void life_again(struct life *life)
{
    life->work->entering = true;
}

bool life_only_reads(const struct life *life)
{
    const struct life_order *order = life->order;

    return order->mode == LIFE_READ || order->mode == LIFE_PLAN ||
           (order->mode == LIFE_RESOLVE && order->resolution == RESOLVE_SHOW);
}

bool life_is(const struct life *life, enum engine engine)
{
    return life->target->engine == engine;
}

bool life_is_mysql(const struct life *life)
{
    return life_is(life, ENGINE_MYSQL) || life_is(life, ENGINE_MARIADB);
}

struct err *life_err(struct life *life)
{
    struct err *err = arena_alloc(&life->arena, sizeof(*err));

    *err = (struct err)ERR_INIT(&life->arena);
    return err;
}

/* ---- making one */

void request_start(struct life *life)
{
    struct life_work *work = life->work;

    arena_clear(&life->request);
    work->commands = NULL;
    work->sent = NULL;
    work->command_count = work->command_capacity = work->sent_capacity = work->bytes = 0;
}

static struct command *add(struct life *life, const struct sent *sent)
{
    struct life_work *work = life->work;
    size_t count = work->command_count;

    work->commands = arena_grow(&life->request, work->commands, sizeof(*work->commands),
                                &work->command_capacity, count + 1);
    work->sent = arena_grow(&life->request, work->sent, sizeof(*work->sent), &work->sent_capacity,
                            count + 1);
    work->sent[count] = *sent;
    work->commands[count] = (struct command){.purpose = dialect_purpose_name(sent->purpose)};
    return &work->commands[work->command_count++];
}

/* What is read of an answer. */
static bool wants_rows(enum dialect_purpose purpose)
{
    switch (purpose) {
    case DIALECT_LOCATE:
    case DIALECT_LOCATE_SCHEMAS:
    case DIALECT_HEADS:
    case DIALECT_HEADS_BRIEF:
    case DIALECT_HEADS_VERSION:
    case DIALECT_HEADS_HISTORY:
    case DIALECT_HISTORY_RUN:
    case DIALECT_HISTORY_SEEN:
    case DIALECT_HISTORY_SUMS:
    case DIALECT_WIDTH:
    case DIALECT_INVALID:
    case DIALECT_PLAIN_TABLES:
    case DIALECT_LOCK:
    case DIALECT_LOCK_TRANSACTION:
    case DIALECT_SESSION:
    case DIALECT_FOREIGN_KEYS:
    case DIALECT_VIOLATIONS:
    case DIALECT_CHECK:
        return true;
    default:
        return false;
    }
}

/* The bookkeeping of a step, where there are many of them. */
static bool comes_again(const struct life *life, enum dialect_purpose purpose)
{
    const struct plan *plan = life->work->plan;

    if (!plan || plan->step_count < MANY_STEPS || life->work->keeps_nothing ||
        life->work->connection.pooled) {
        return false;
    }
    switch (purpose) {
    case DIALECT_SESSION:
    case DIALECT_TIMEOUTS:
    case DIALECT_HISTORY_INSERT:
    case DIALECT_HISTORY_CLOSE:
    case DIALECT_HISTORY_MARK:
    case DIALECT_VERSION_INSERT:
    case DIALECT_VERSION_UPDATE:
    case DIALECT_VERSION_DELETE:
        return true;
    default:
        return false;
    }
}

static const char *text_of(struct life *life, enum dialect_purpose purpose)
{
    struct life_connection *connection = &life->work->connection;

    if (!connection->texts[purpose]) {
        connection->texts[purpose] =
            dialect_render(&connection->arena, life->target->engine, purpose, &connection->names);
    }
    return connection->texts[purpose];
}

void request_add(struct life *life, enum dialect_purpose purpose, enum expect expect,
                 const struct operation *operation, unsigned count, const char *const *parameters)
{
    struct sent sent = {.purpose = purpose, .expect = expect, .operation = operation};
    struct command *command = add(life, &sent);
    const char **copy = arena_array(&life->request, count, sizeof(*copy));

    for (unsigned i = 0; i < count; i++) {
        copy[i] = parameters[i];
    }
    command->sql = text_of(life, purpose);
    command->length = strlen(command->sql);
    command->parameters = copy;
    command->parameter_count = count;
    command->rows = wants_rows(purpose);
    command->own = true;
    command->repeated = comes_again(life, purpose);
    life->work->keeps |= command->repeated;
    life->work->bytes += command->length;
}

void request_add_text(struct life *life, enum dialect_purpose purpose,
                      const struct operation *operation, const char *sql, size_t length)
{
    struct sent sent = {.purpose = purpose, .operation = operation};
    struct command *command = add(life, &sent);

    command->sql = sql;
    command->length = length;
    command->rows = wants_rows(purpose);
    command->own = !operation;
    life->work->bytes += length;
}

const char *request_number(struct life *life, long number)
{
    return arena_printf(&life->request, "%ld", number);
}

const struct request *request_made(struct life *life)
{
    struct life_work *work = life->work;

    work->request = (struct request){
        .arena = &life->request, .commands = work->commands, .count = work->command_count};
    return &work->request;
}

void request_submit(struct life *life, struct demand *demand, int64_t timeout_ms)
{
    struct life_work *work = life->work;

    work->deadline_us = timeout_ms > 0 ? work->now_us + timeout_ms * 1000 : 0;
    work->aborting = false;
    demand->kind = DEMAND_SUBMIT;
    demand->request = request_made(life);
    demand->deadline_us = work->deadline_us;
    holder_watch_request(life, demand);
}

int64_t request_patience_ms(const struct life *life)
{
    return life->target->connection->abandoned_after_ms;
}

bool request_is_timed(const struct life *life)
{
    return life_is(life, ENGINE_POSTGRESQL) || life_is(life, ENGINE_MARIADB);
}

/* ---- its answers */

size_t request_find(const struct life *life, enum dialect_purpose purpose)
{
    const struct life_work *work = life->work;
    size_t at = 0;

    while (at < work->command_count && work->sent[at].purpose != purpose) {
        at++;
    }
    return at;
}

const struct result *request_result(const struct life *life, const struct reply *reply,
                                    enum dialect_purpose purpose)
{
    size_t at = request_find(life, purpose);

    return reply && at < reply->completed ? &reply->results[at] : NULL;
}

bool cell_is_true(const char *cell)
{
    return cell && (strcmp(cell, "t") == 0 || strcmp(cell, "1") == 0 || strcmp(cell, "true") == 0);
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* search_path and the schema that it comes to, as SESSION left them. */
static bool is_confirmed(const struct life_connection *connection, const struct result *result)
{
    return result->row_count == 1 && same(result->cells[0], connection->search_path) &&
           same(result->cells[1], connection->current_schema);
}

static int check_one(const struct life_connection *connection, const struct sent *sent,
                     const struct result *result, struct err *err)
{
    if (sent->expect == EXPECT_ONE_ROW && result->affected != 1) {
        err_set(err, ERROR_INTERNAL, "%s changed %lld rows where it must change one",
                dialect_purpose_name(sent->purpose), (long long)result->affected);
        err_hint(err, "somebody, or a revision of this run, has changed the rows of skein's own "
                      "tables, or put a trigger or a rule on them");
        return ERROR_INTERNAL;
    }
    if (sent->expect == EXPECT_SESSION && !is_confirmed(connection, result)) {
        return err_set(err, ERROR_WRONG_TARGET,
                       "the server does not confirm search_path: the schema is not there, or may "
                       "not be used by this role");
    }
    return 0;
}

int request_check(const struct life *life, const struct reply *reply,
                  const struct operation **place, struct err *err)
{
    const struct life_work *work = life->work;

    for (size_t i = 0; i < reply->completed && i < work->command_count; i++) {
        int class = check_one(&work->connection, &work->sent[i], &reply->results[i], err);
        if (class) {
            *place = work->sent[i].operation;
            return class;
        }
    }
    return 0;
}
