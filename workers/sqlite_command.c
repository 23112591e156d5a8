#include "workers/sqlite_command.h"

#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/clock.h"
#include "planner/classify.h"

/* What one command may bring into memory: a file from outside must not fill it. */
#define ROW_BYTES_MAX (64u << 20)

/* One command under way. */
struct step {
    sqlite3 *database;
    struct sqlite_guard *guard;
    struct sqlite_statements *statements;
    struct arena *arena;
    const struct command *command;
    struct result *result;
    struct sqlite_failure *failure;
    sqlite3_stmt *statement;
    bool kept;            /* it is among session.statements */
    bool autocommit;      /* before it ran */
    const char **cells;   /* of the rows kept */
    size_t cell_capacity; /* of cells */
    size_t bytes;         /* that they take */
};

int sqlite_command_error(sqlite3 *database, struct err *err)
{
    char code[16];

    snprintf(code, sizeof(code), "%d", sqlite3_extended_errcode(database));
    err_set(err, ERROR_INTERNAL, "%s", sqlite3_errmsg(database));
    classify(err, ENGINE_SQLITE, code);
    return (int)err->class;
}

/* Bytes to characters, from 1; 0 where SQLite does not know. */
static int error_position(const struct step *step)
{
    int position = 0;
#if SQLITE_VERSION_NUMBER >= 3038000
    int offset = sqlite3_error_offset(step->database);

    for (int i = 0; i <= offset && (size_t)i < step->command->length; i++) {
        position += ((unsigned char)step->command->sql[i] & 0xC0) != 0x80;
    }
#else
    (void)step;
#endif
    return position;
}

/* The guard's own words are better than SQLite's "not authorized". */
static int command_failed(struct step *step)
{
    struct err *err = step->guard->err;
    bool ends = step->autocommit || (step->guard->seen & SQLITE_SEEN_COMMIT);

    step->failure->in_doubt = ends && (sqlite3_errcode(step->database) & 0xFF) == SQLITE_IOERR;
    if (err->class != ERROR_NONE) {
        return (int)err->class;
    }
    step->failure->position = error_position(step);
    return sqlite_command_error(step->database, err);
}

static int refuse(struct step *step, enum error_class class, const char *message)
{
    err_set(step->guard->err, class, "%s", message);
    err_native(step->guard->err, NULL, RETRY_NEVER);
    return (int)class;
}

/* What is left after the first statement may be comments and semicolons, nothing else. */
static int check_tail(struct step *step, const char *tail)
{
    const char *end = step->command->sql + step->command->length;

    while (tail < end) {
        sqlite3_stmt *second = NULL;
        const char *rest = end;
        int status = sqlite3_prepare_v3(step->database, tail, (int)(end - tail), 0, &second, &rest);
        bool nothing = status == SQLITE_OK && !second;

        sqlite3_finalize(second);
        if (!nothing) {
            /* Also where the guard refused the second one. */
            return refuse(step, ERROR_SYNTAX, "more than one statement in a command");
        }
        tail = rest;
    }
    return 0;
}

static int check_statement(struct step *step)
{
    int wanted = sqlite3_bind_parameter_count(step->statement);

    if ((unsigned)wanted != step->command->parameter_count) {
        char text[80];

        snprintf(text, sizeof(text), "the statement has %d parameters, %u are given", wanted,
                 step->command->parameter_count);
        return refuse(step, ERROR_SYNTAX, text);
    }
    if (step->guard->read_only && !sqlite3_stmt_readonly(step->statement)) {
        return refuse(step, ERROR_READ_ONLY, "a statement that writes, while skein only reads");
    }
    return 0;
}

static bool take_kept(struct step *step)
{
    const struct command *command = step->command;

    for (size_t i = 0; i < SQLITE_STATEMENTS; i++) {
        if (step->statements->items[i].statement &&
            step->statements->items[i].length == command->length &&
            memcmp(step->statements->items[i].sql, command->sql, command->length) == 0) {
            step->statement = step->statements->items[i].statement;
            step->guard->seen = step->statements->items[i].seen;
            step->kept = true;
        }
    }
    return step->kept;
}

static void keep(struct step *step)
{
    const struct command *command = step->command;
    size_t i = 0;

    while (i < SQLITE_STATEMENTS && step->statements->items[i].statement) {
        i++;
    }
    if (i < SQLITE_STATEMENTS) {
        char *copy = xcalloc(command->length + 1, 1);

        memcpy(copy, command->sql, command->length);
        step->statements->items[i].sql = copy;
        step->statements->items[i].length = command->length;
        step->statements->items[i].statement = step->statement;
        step->statements->items[i].seen = step->guard->seen;
        step->kept = true;
    }
}

static int prepare(struct step *step)
{
    const struct command *command = step->command;
    const char *tail;
    int class;

    if (command->repeated && take_kept(step)) {
        return check_statement(step);
    }
    if (command->length > INT_MAX || memchr(command->sql, '\0', command->length)) {
        return refuse(step, ERROR_SYNTAX, "a statement with a NUL byte, or longer than 2 GB");
    }
    if (sqlite3_prepare_v3(step->database, command->sql, (int)command->length,
                           command->repeated ? SQLITE_PREPARE_PERSISTENT : 0, &step->statement,
                           &tail) != SQLITE_OK) {
        return command_failed(step);
    }
    class = check_tail(step, tail);
    if (class || !step->statement) {
        return class;
    }
    class = check_statement(step);
    if (!class && command->repeated) {
        keep(step);
    }
    return class;
}

static int bind(struct step *step)
{
    for (unsigned i = 0; i < step->command->parameter_count; i++) {
        const char *text = step->command->parameters[i];

        /* NULL binds SQL's NULL. */
        if (sqlite3_bind_text(step->statement, (int)i + 1, text, -1, SQLITE_STATIC) != SQLITE_OK) {
            return command_failed(step);
        }
    }
    return 0;
}

static int keep_row(struct step *step)
{
    struct result *result = step->result;
    size_t used = result->row_count * result->column_count;

    step->cells = arena_grow(step->arena, step->cells, sizeof(*step->cells), &step->cell_capacity,
                             used + result->column_count);
    result->cells = step->cells;
    for (size_t i = 0; i < result->column_count; i++) {
        const char *text = (const char *)sqlite3_column_text(step->statement, (int)i);
        size_t length = (size_t)sqlite3_column_bytes(step->statement, (int)i);

        step->bytes += length + sizeof(*step->cells);
        if (step->bytes > ROW_BYTES_MAX) {
            return refuse(step, ERROR_DATA, "more than 64 MiB of rows");
        }
        step->cells[used + i] = text ? arena_strndup(step->arena, text, length) : NULL;
    }
    result->row_count++;
    return 0;
}

static void keep_names(struct step *step)
{
    const char **names = arena_array(step->arena, step->result->column_count, sizeof(*names));

    for (size_t i = 0; i < step->result->column_count; i++) {
        const char *name = sqlite3_column_name(step->statement, (int)i);

        names[i] = arena_strdup(step->arena, name ? name : "");
    }
    step->result->names = names;
}

static int step_all(struct step *step)
{
    int status;

    if (step->command->rows) {
        step->result->column_count = (size_t)sqlite3_column_count(step->statement);
    }
    if (step->command->names) {
        keep_names(step);
    }
    while ((status = sqlite3_step(step->statement)) == SQLITE_ROW) {
        if (step->result->column_count > 0) {
            int class = keep_row(step);

            if (class) {
                return class;
            }
        }
    }
    if (status != SQLITE_DONE) {
        return command_failed(step);
    }
    if (step->guard->seen == SQLITE_SEEN_ROWS && !sqlite3_stmt_isexplain(step->statement)) {
        step->result->affected = sqlite3_changes64(step->database);
    }
    return 0;
}

/* What is kept must hold no lock, and nothing of the request's memory. */
static void let_go(struct step *step)
{
    if (step->kept) {
        sqlite3_reset(step->statement);
        sqlite3_clear_bindings(step->statement);
    } else {
        sqlite3_finalize(step->statement);
    }
}

void sqlite_statements_release(struct sqlite_statements *statements)
{
    for (size_t i = 0; i < SQLITE_STATEMENTS; i++) {
        sqlite3_finalize(statements->items[i].statement);
        free(statements->items[i].sql);
    }
    *statements = (struct sqlite_statements){0};
}

int sqlite_command_run(const struct sqlite_session *session, struct arena *arena,
                       const struct command *command, struct result *result,
                       struct sqlite_failure *failure)
{
    struct sqlite_guard *guard = session->guard;
    struct step step = {.database = session->database,
                        .guard = guard,
                        .statements = session->statements,
                        .arena = arena,
                        .command = command,
                        .result = result,
                        .failure = failure};
    int64_t begin = clock_system.monotonic_us(NULL);
    int class;

    *result = (struct result){.affected = -1};
    *failure = (struct sqlite_failure){0};
    guard->own = command->own;
    guard->running = false;
    guard->seen = 0;
    step.autocommit = sqlite3_get_autocommit(session->database) != 0;
    class = prepare(&step);
    if (!class && step.statement) {
        class = bind(&step);
    }
    guard->running = true;
    if (!class && step.statement) {
        class = step_all(&step);
    }
    let_go(&step);
    result->microseconds = clock_system.monotonic_us(NULL) - begin;
    return class;
}

static bool is_word(const char *name)
{
    for (const char *one = name; *one; one++) {
        if (!(*one == '_' || (*one >= 'a' && *one <= 'z') || (*one >= 'A' && *one <= 'Z') ||
              (one > name && *one >= '0' && *one <= '9'))) {
            return false;
        }
    }
    return *name != '\0';
}

/* SQLite passes over a pragma that it does not know: a slip of the pen would go unseen. */
static bool is_known_pragma(sqlite3 *database, const char *name)
{
    sqlite3_stmt *statement = NULL;
    bool known = true; /* where the library cannot tell */

    if (sqlite3_prepare_v2(database, "SELECT 1 FROM pragma_pragma_list WHERE name = lower(?1)", -1,
                           &statement, NULL) == SQLITE_OK &&
        sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC) == SQLITE_OK) {
        known = sqlite3_step(statement) == SQLITE_ROW;
    }
    sqlite3_finalize(statement);
    return known;
}

static int setting_error(struct err *err, const struct pair *setting, const char *message)
{
    err_set(err, ERROR_CONFIGURATION, "connection.session: %s: %s", setting->key, message);
    err_native(err, NULL, RETRY_NEVER);
    return (int)err->class;
}

int sqlite_command_pragma(sqlite3 *database, struct sqlite_guard *guard, const struct pair *setting)
{
    sqlite3_stmt *statement = NULL;
    char *sql;
    int status, class = 0;

    if (!is_word(setting->key) || !is_known_pragma(database, setting->key)) {
        return setting_error(guard->err, setting, "no such pragma of SQLite");
    }
    if (sqlite3_stricmp(setting->key, "busy_timeout") == 0) {
        return setting_error(guard->err, setting, "skein does not wait inside SQLite: lock_wait");
    }
    sql = sqlite3_mprintf("PRAGMA %s = '%q'", setting->key, setting->value);
    status = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
    if (status == SQLITE_OK && (!guard->read_only || sqlite3_stmt_readonly(statement))) {
        do {
            status = sqlite3_step(statement);
        } while (status == SQLITE_ROW);
    }
    if (status != SQLITE_OK && status != SQLITE_DONE) {
        class = sqlite_command_error(database, guard->err);
        err_prefix(guard->err, "connection.session: %s", setting->key);
    }
    sqlite3_finalize(statement);
    sqlite3_free(sql);
    return class;
}
