#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/clock.h"
#include "planner/plan.h"
#include "planner/template.h"
#include "workers/bookkeeping.h"
#include "workers/life_internal.h"

static const struct plan_step *step_of(const struct life *life, const struct operation *operation)
{
    return &life->work->plan->steps[operation->step];
}

/* ---- statements and checks */

const struct statement *operation_statement(const struct life *life,
                                            const struct operation *operation)
{
    if (operation->check) {
        return &operation->check->statement;
    }
    const struct plan_step *step = step_of(life, operation);
    if (operation->statement == 0 || !step->script ||
        operation->statement > step->script->statement_count) {
        return NULL;
    }
    return &step->script->statements[operation->statement - 1];
}

const struct pair_list *batch_variables(struct life *life)
{
    struct pair_list *vars = &life->work->vars;

    if (!vars->items) {
        *vars = pair_merge(&life->arena, &life->target->vars, life->order->extra_vars);
    }
    return vars;
}

int batch_add_statement(struct life *life, enum dialect_purpose purpose,
                        const struct operation *operation, const struct statement *statement,
                        struct err *err)
{
    const struct revision *revision = step_of(life, operation)->revision;
    const char *sql;
    size_t length;
    int class =
        template_render(&life->request, revision, life->target->engine, batch_variables(life),
                        statement->text, statement->length, &sql, &length, err);

    if (!class) {
        request_add_text(life, purpose, operation, sql, length);
        life->work->connection.touched = true;
    }
    return class;
}

/* The line that a character of the statement lies on. */
static int line_at(const struct statement *statement, int position)
{
    int line = statement->line;

    for (size_t i = 0; i < statement->length && position > 1; i++) {
        unsigned char byte = (unsigned char)statement->text[i];
        line += byte == '\n';
        position -= (byte & 0xc0) != 0x80;
    }
    return line;
}

void batch_place(const struct life *life, const struct operation *operation, int position,
                 struct err *err)
{
    if (!operation) {
        return;
    }
    const struct plan_step *step = step_of(life, operation);
    const struct statement *statement = operation_statement(life, operation);
    int line = statement ? line_at(statement, position) : 0;

    if (!step->revision) {
        return;
    }
    err->revision = arena_strdup(err->arena, step->revision->id);
    err_at(err, step->revision->path, line, 0);
    err->statement = (int)operation->statement;
    if (operation->check) {
        err->section =
            arena_printf(err->arena, "%s %s", operation->check->verify ? "verify" : "require",
                         operation->check->name);
    } else if (operation->section) {
        err->section = arena_strdup(err->arena, operation->section->title);
    }
}

/* ---- the tables */

static void add_tables(struct life *life, const struct operation *operation)
{
    struct life_connection *connection = &life->work->connection;

    if (step_of(life, operation)->kind == STEP_ENSURE) {
        if (life_is_mysql(life)) {
            request_add(life, DIALECT_CREATE_VERSION, EXPECT_NOTHING, operation, 0, NULL);
        }
        return; /* says itself what it makes */
    }
    if (!connection->version_table) {
        request_add(life, DIALECT_CREATE_VERSION, EXPECT_NOTHING, operation, 0, NULL);
    }
    if (!connection->history_table) {
        request_add(life, DIALECT_CREATE_HISTORY, EXPECT_NOTHING, operation, 0, NULL);
    }
    /* If the unit does not stand, neither does the connection: the next one looks again. */
    connection->version_table = connection->history_table = true;
}

static void add_own(struct life *life, const struct operation *operation,
                    const struct own_command *command)
{
    request_add(life, command->purpose, EXPECT_ONE_ROW, operation, command->count, command->values);
}

static struct bookkeeping book_of(struct life *life, long seq)
{
    return (struct bookkeeping){.engine = life->target->engine,
                                .identity = life->order->identity,
                                .seq = request_number(life, seq),
                                .applied = life->work->applied};
}

static void add_insert(struct life *life, const struct operation *operation, bool done)
{
    const struct plan_step *step = step_of(life, operation);
    struct bookkeeping book = book_of(life, ++life->work->uncommitted_seq);
    char now[CLOCK_TEXT_SIZE];

    book.announced = operation->statement;
    clock_format(life->work->wall_us, 3, now);
    book.now = arena_strdup(&life->request, now);
    if (done) {
        life->work->applied = step->applied_checksum;
    }
    struct own_command command =
        bookkeeping_insert(&book, &life->request, step, operation->done, done);
    add_own(life, operation, &command);
}

static void add_close(struct life *life, const struct operation *operation)
{
    const struct plan_step *step = step_of(life, operation);
    struct bookkeeping book = book_of(life, (long)life->work->open.seq);
    struct own_command command = bookkeeping_close(&book, &life->request, step, operation->done);

    life->work->applied = step->applied_checksum;
    add_own(life, operation, &command);
}

void batch_add_mark(struct life *life, const struct operation *operation, size_t attempted,
                    size_t done)
{
    struct bookkeeping book = book_of(life, (long)life->work->open.seq);
    struct own_command command =
        bookkeeping_mark(&book, &life->request, step_of(life, operation), attempted, done);

    add_own(life, operation, &command);
}

static void add_changes(struct life *life, const struct operation *operation)
{
    const struct plan_step *step = step_of(life, operation);

    for (size_t i = 0; i < step->change_count; i++) {
        struct own_command command = bookkeeping_change(&step->changes[i]);
        add_own(life, operation, &command);
    }
}

/* ---- units */

/* BEGIN, or FOREIGN_KEYS_OFF with the BEGIN behind it. Returns how many operations that were. */
static size_t add_unit(struct life *life, const struct operation *operation)
{
    bool foreign_keys = operation->kind == OPERATION_FOREIGN_KEYS_OFF;

    if (prepare_locks_by_transaction(life)) {
        if (!life->work->connection.in_transaction) {
            prepare_add_lock(life, foreign_keys);
            read_add_heads(life);
        }
    } else {
        request_add(life, DIALECT_BEGIN, EXPECT_NOTHING, operation, 0, NULL);
    }
    return foreign_keys ? 2 : 1;
}

static int add_operation(struct life *life, const struct operation *operation, struct err *err)
{
    switch (operation->kind) {
    case OPERATION_SESSION:
        prepare_add_section(life, operation, false);
        return 0;
    case OPERATION_REQUIRE:
    case OPERATION_VERIFY:
        return batch_add_statement(life, DIALECT_CHECK, operation, &operation->check->statement,
                                   err);
    case OPERATION_STATEMENT:
        return batch_add_statement(life, DIALECT_STATEMENT, operation,
                                   operation_statement(life, operation), err);
    case OPERATION_HISTORY_START:
        add_insert(life, operation, false);
        return 0;
    case OPERATION_HISTORY_DONE:
        if (operation->insert) {
            add_insert(life, operation, true);
        } else {
            add_close(life, operation);
        }
        return 0;
    case OPERATION_VERSION:
        add_changes(life, operation);
        return 0;
    case OPERATION_VERSION_TABLE:
        if (!life_is_mysql(life)) { /* made before BEGIN */
            request_add(life, DIALECT_CREATE_VERSION, EXPECT_NOTHING, operation, 0, NULL);
        }
        return 0;
    case OPERATION_MARK_DONE:
        batch_add_mark(life, operation, operation->done, operation->done);
        return 0;
    case OPERATION_FOREIGN_KEYS_CHECK:
        request_add(life, DIALECT_VIOLATIONS, EXPECT_NOTHING, operation, 0, NULL);
        return 0;
    case OPERATION_FOREIGN_KEYS_ON:
        request_add(life, DIALECT_FOREIGN_KEYS_ON, EXPECT_NOTHING, operation, 0, NULL);
        return 0;
    default:
        BUG("%s is no part of a batch", operation_name(operation->kind));
    }
}

static bool begins_unit(const struct operation *operation)
{
    return operation->kind == OPERATION_BEGIN || operation->kind == OPERATION_FOREIGN_KEYS_OFF;
}

static bool is_check(const struct operation *operation)
{
    return operation->kind == OPERATION_REQUIRE || operation->kind == OPERATION_VERIFY;
}

/* What cannot travel with what stands before it. */
static bool ends_batch(const struct operation *operation, bool inside)
{
    switch (operation->kind) {
    case OPERATION_COMMIT:
    case OPERATION_MARK:
    case OPERATION_STATEMENT_OFF:
        return true;
    case OPERATION_SESSION:
    case OPERATION_MARK_DONE:
        return !inside;
    default:
        return false;
    }
}

int batch_build(struct life *life, struct err *err)
{
    struct life_work *work = life->work;
    const struct plan *plan = work->plan;
    bool inside = work->connection.in_transaction;
    size_t at = work->at;
    int class = 0;

    while (at < plan->operation_count && work->command_count < BATCH_COMMANDS &&
           work->bytes < BATCH_BYTES) {
        const struct operation *operation = &plan->operations[at];
        if (begins_unit(operation)) {
            bool alone = prepare_locks_by_transaction(life) && !inside;
            if (alone && work->command_count > 0) {
                break;
            }
            work->uncommitted_seq = work->seq;
            work->unit_at = at;
            if (life_is_mysql(life)) { /* a definition would end the transaction */
                add_tables(life, operation);
            }
            at += add_unit(life, operation);
            inside = true;
            if (alone) {
                break;
            }
            if (!life_is_mysql(life)) {
                add_tables(life, operation);
            }
            continue;
        }
        if (ends_batch(operation, inside)) {
            break;
        }
        class = add_operation(life, operation, err);
        if (class) {
            batch_place(life, operation, 0, err);
            break;
        }
        at++;
        if (is_check(operation)) {
            break;
        }
    }
    work->until = at;
    return class;
}

/* ---- what came back */

void batch_measure(struct life *life, const struct reply *reply)
{
    struct life_work *work = life->work;

    for (size_t i = 0; i < reply->completed && i < work->command_count; i++) {
        const struct operation *operation = work->sent[i].operation;
        int64_t took = reply->results[i].microseconds;
        if (!operation) {
            continue;
        }
        work->step_us[operation->step] += took;
        if (work->sent[i].purpose == DIALECT_STATEMENT && took > life->outcome.slowest_us) {
            const struct revision *revision = step_of(life, operation)->revision;
            life->outcome.slowest_us = took;
            life->outcome.slowest_revision = revision ? revision->id : NULL;
            life->outcome.slowest_statement = (int)operation->statement;
        }
    }
}

static const char *violation_key(struct arena *arena, const char *const *cells)
{
    return arena_printf(arena, "%s|%s|%s", cells[0] ? cells[0] : "", cells[1] ? cells[1] : "",
                        cells[2] ? cells[2] : "");
}

void batch_keep_violations(struct life *life, const struct result *result)
{
    struct life_connection *connection = &life->work->connection;
    size_t count = result ? result->row_count : 0;

    connection->violation_count = count;
    connection->violations =
        arena_array(&connection->arena, count, sizeof(*connection->violations));
    connection->violation_keys =
        arena_array(&connection->arena, count, sizeof(*connection->violation_keys));
    for (size_t i = 0; i < count; i++) {
        const char *const *cells = result->cells + i * result->column_count;
        connection->violation_keys[i] = violation_key(&connection->arena, cells);
        connection->violations[i] = strtol(cells[3], NULL, 10);
    }
}

static long violations_before(const struct life_connection *connection, const char *key)
{
    for (size_t i = 0; i < connection->violation_count; i++) {
        if (strcmp(connection->violation_keys[i], key) == 0) {
            return connection->violations[i];
        }
    }
    return 0;
}

bool batch_new_violation(const struct life *life, const struct result *result, const char **table)
{
    const struct life_connection *connection = &life->work->connection;
    struct arena scratch = ARENA_INIT;
    bool found = false;

    for (size_t i = 0; result && i < result->row_count && !found; i++) {
        const char *const *cells = result->cells + i * result->column_count;
        const char *key = violation_key(&scratch, cells);
        found = strtol(cells[3], NULL, 10) > violations_before(connection, key);
        *table = cells[0];
    }
    arena_release(&scratch);
    return found;
}
