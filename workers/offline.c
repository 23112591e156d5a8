#include "workers/offline.h"

#include <string.h>

#include "base/bug.h"
#include "planner/plan.h"
#include "planner/template.h"
#include "workers/offline_internal.h"

/* ---- headings */

static const char *joined(struct writer *writer, const char *const *heads, size_t count)
{
    struct str text = STR_INIT;
    const char *copy;

    for (size_t i = 0; i < count; i++) {
        str_addf(&text, "%s%s", i > 0 ? "," : "", heads[i]);
    }
    copy = arena_strndup(&writer->arena, text.text, text.length);
    str_release(&text);
    return copy;
}

/* As Alembic tells it: "Running upgrade a -> b, message"; of a stamp the rows. */
static void write_heading(struct writer *writer, size_t index)
{
    const struct plan *plan = writer->order->plan;
    const struct plan_step *step = &plan->steps[index];
    const struct revision *revision = step->revision;
    const char *from = joined(writer, writer->heads, writer->head_count);
    const char *to = joined(writer, step->heads, step->head_count);

    if (step->kind == STEP_UPGRADE) {
        from = joined(writer, revision->down, revision->down_count);
        to = revision->id;
    } else if (step->kind == STEP_DOWNGRADE) {
        from = revision->id;
        to = joined(writer, revision->down, revision->down_count);
    }
    str_addc(writer->out, '\n');
    writer_comment(writer, arena_printf(&writer->arena, "Running %s %s -> %s%s%s",
                                        step_kind_name(step->kind), *from ? from : "base",
                                        *to ? to : "base", revision ? ", " : "",
                                        revision ? revision->message : ""));
}

static void tell_step(struct writer *writer, const struct operation *operation)
{
    if (writer->told == operation->step) {
        write_heading(writer, writer->told++);
    }
}

/* ---- units */

/* Makes the table where it is not there. (IF NOT EXISTS would not do for PostgreSQL, which asks for
 * the right to create also where nothing is created.) */
static void write_table(struct writer *writer, const char *table, enum dialect_purpose purpose)
{
    static const char words[] = "CREATE TABLE ";
    const char *text = writer_text(writer, purpose, NULL, 0);
    const struct dialect_value values[] = {
        {quote_identifier(&writer->arena, writer->engine, table), false}, {text, true}};

    if (strncmp(text, words, sizeof(words) - 1) != 0) {
        BUG("%s does not begin with %s", dialect_purpose_name(purpose), words);
    }
    if (writer_has(writer, DIALECT_OFFLINE_CREATE)) {
        writer_lines(writer, DIALECT_OFFLINE_CREATE, values, 2);
    } else {
        str_addf(writer->out, "%sIF NOT EXISTS %s;\n", words, text + sizeof(words) - 1);
    }
}

static void write_tables(struct writer *writer)
{
    write_table(writer, writer->order->migrations->version_table, DIALECT_CREATE_VERSION);
    write_table(writer, writer->order->migrations->history_table, DIALECT_CREATE_HISTORY);
}

static void write_begin(struct writer *writer)
{
    const struct offline_order *order = writer->order;
    const struct dialect_value stands[] = {
        {joined(writer, writer->heads, writer->head_count), false},
        {writer->started ? "1" : "0", true}};
    const struct dialect_value applied = {order->plan->applied_checksum, false};
    bool first = !writer->begun;

    if (first && writer_is_mysql(writer)) { /* a definition would end the transaction */
        write_tables(writer);
    }
    writer_statement(writer, writer_text(writer, DIALECT_BEGIN, NULL, 0));
    if (first && !writer_is_mysql(writer)) {
        write_tables(writer);
    }
    writer_lines(writer, first && order->purge ? DIALECT_OFFLINE_PURGE : DIALECT_OFFLINE_STANDS,
                 stands, 2);
    if (first && order->unchanged && order->plan->applied_checksum[0]) {
        writer_lines(writer, DIALECT_OFFLINE_UNCHANGED, &applied, 1);
    }
    if (writer->keys_off) {
        writer_around(writer, DIALECT_OFFLINE_KEYS_KEEP,
                      writer_text(writer, DIALECT_VIOLATIONS, NULL, 0));
    }
    writer->begun = true;
    writer->keys_off = false;
}

static const struct plan_step *step_of(const struct writer *writer,
                                       const struct operation *operation)
{
    return &writer->order->plan->steps[operation->step];
}

/* MySQL and MariaDB keep what a step sets until its end; the timeouts are each section's. */
static void write_step_session(struct writer *writer, const struct operation *operation)
{
    int64_t lock_ms, statement_ms;

    if (writer->step != step_of(writer, operation)) {
        writer->step = step_of(writer, operation);
        if (writer->names.database) {
            writer_statement(writer, writer_text(writer, DIALECT_PATH, NULL, 0));
        }
        writer_around(writer, DIALECT_OFFLINE_SESSION,
                      writer_text(writer, DIALECT_SESSION, NULL, 0));
        head_write_settings(writer);
        writer->lock_ms = -1; /* nobody knows */
    }
    bookkeeping_timeouts(writer->order->target->connection, operation->section, &lock_ms,
                         &statement_ms);
    if (lock_ms != writer->lock_ms || statement_ms != writer->statement_ms) {
        head_write_timeouts(writer, operation->section);
    }
}

/* As a life does: all of it for each section, within one what its statements have set stays. */
static void write_operation_session(struct writer *writer, const struct operation *operation)
{
    const struct section *section = operation->section;
    bool same = section && section == writer->section;
    int64_t lock_ms, statement_ms;

    if (!writer_has(writer, DIALECT_SESSION)) {
        return;
    }
    if (writer_is_mysql(writer)) {
        write_step_session(writer, operation);
        return;
    }
    bookkeeping_timeouts(writer->order->target->connection, section, &lock_ms, &statement_ms);
    const struct dialect_value values[] = {
        {":'skein_path'", true},
        {same ? NULL : writer_number(writer, lock_ms), false},
        {same ? NULL : writer_number(writer, statement_ms), false},
        {same ? NULL : ":'skein_role'", !same}};
    writer_around(writer, DIALECT_OFFLINE_SESSION, writer_text(writer, DIALECT_SESSION, values, 4));
    writer->section = section;
}

static void write_history(struct writer *writer, const struct operation *operation)
{
    const struct plan_step *step = step_of(writer, operation);
    bool start = operation->kind == OPERATION_HISTORY_START;
    const char *seq = start || operation->insert ? writer->next : writer->open;
    struct bookkeeping book = writer_book(writer, seq);
    struct own_command command;

    book.announced = operation->statement;
    if (start || operation->insert) {
        command = bookkeeping_insert(&book, &writer->arena, step, operation->done, !start);
    } else {
        command = bookkeeping_close(&book, &writer->arena, step, operation->done);
    }
    writer_one(writer, &command, seq);
    writer->started = start;
    if (!start) {
        writer->heads = step->heads;
        writer->head_count = step->head_count;
    }
}

static void write_changes(struct writer *writer, const struct operation *operation)
{
    const struct plan_step *step = step_of(writer, operation);

    for (size_t i = 0; i < step->change_count; i++) {
        struct own_command command = bookkeeping_change(&step->changes[i]);
        writer_one(writer, &command, NULL);
    }
}

static void write_mark(struct writer *writer, const struct operation *operation, size_t attempted)
{
    struct bookkeeping book = writer_book(writer, writer->open);
    struct own_command command = bookkeeping_mark(&book, &writer->arena, step_of(writer, operation),
                                                  attempted, operation->done);

    writer_one(writer, &command, writer->open);
}

/* ---- the revision's own */

static int fail(const struct writer *writer, const struct operation *operation,
                const struct statement *statement)
{
    const struct revision *revision = step_of(writer, operation)->revision;
    struct err *err = writer->err;
    int line = err->line > 0 ? statement->line + err->line - 1 : statement->line;

    err_at(err, revision->path, line, 0);
    err->revision = revision->id;
    err->statement = (int)operation->statement;
    return (int)err->class;
}

static int render(struct writer *writer, const struct operation *operation,
                  const struct statement *statement, const char **sql, size_t *length)
{
    return template_render(&writer->arena, step_of(writer, operation)->revision, writer->engine,
                           writer->order->vars, statement->text, statement->length, sql, length,
                           writer->err);
}

/* Only where skein's tables are named with their database can a script find them afterwards. */
static int check_database(const struct writer *writer, const char *sql, size_t length)
{
    if (writer->order->database || !dialect_chooses_database(writer->engine, sql, length)) {
        return 0;
    }
    err_set(writer->err, ERROR_REVISION,
            "a script for several databases cannot come back from another one");
    err_hint(writer->err, "select one tenant with -t, or name the database before the table");
    return ERROR_REVISION;
}

/* Adds the statement without its terminator, which a comment at its end must not swallow. */
static int add_statement(struct writer *writer, const struct operation *operation, struct str *out)
{
    const struct statement *statement =
        &step_of(writer, operation)->script->statements[operation->statement - 1];
    const char *sql;
    size_t length;

    if (render(writer, operation, statement, &sql, &length)) {
        return (int)writer->err->class;
    }
    if (check_database(writer, sql, length) || writer->client->add(out, sql, length, writer->err)) {
        return fail(writer, operation, statement);
    }
    const char *last = memrchr(sql, '\n', length);
    size_t rest;

    last = last ? last : sql;
    rest = (size_t)(sql + length - last);
    if (memmem(last, rest, "--", 2) || (writer_is_mysql(writer) && memchr(last, '#', rest))) {
        str_addc(out, '\n');
    }
    return 0;
}

static int write_statement(struct writer *writer, const struct operation *operation)
{
    struct str text = STR_INIT;
    int class = add_statement(writer, operation, &text);

    if (!class) {
        writer_delimited(writer, text.text);
    }
    str_release(&text);
    return class;
}

static int write_check(struct writer *writer, const struct operation *operation)
{
    const struct check *check = operation->check;
    const char *sql;
    size_t length;

    if (render(writer, operation, &check->statement, &sql, &length)) {
        return (int)writer->err->class;
    }
    writer_comment(writer, arena_printf(&writer->arena, "%s %s: %s must come of",
                                        check->verify ? "verify" : "require", check->name,
                                        check->expect_true ? "one row that says true" : "no row"));
    writer_comment_lines(writer, sql, length);
    return 0;
}

/* What takes the mark back: a statement that left nothing is as if it had not been tried. */
static const char *take_back(struct writer *writer, const struct operation *operation,
                             const char *name)
{
    const struct plan_step *step = step_of(writer, operation);
    const struct dialect_value value = {name, false};
    const char *seq = writer_text(writer, DIALECT_OFFLINE_FAILED, &value, 1);
    struct bookkeeping book = writer_book(writer, seq);
    size_t done = operation->statement - 1;
    struct own_command command = {DIALECT_HISTORY_DELETE, {seq}, 1};

    if (done > 0) {
        command = bookkeeping_mark(&book, &writer->arena, step, done, done);
    }
    return arena_printf(&writer->arena, "%s;", writer_own_text(writer, &command, seq));
}

static void write_try(struct writer *writer, const struct operation *operation, struct str *text)
{
    const char *name = arena_printf(&writer->arena, "%s:%zu",
                                    step_of(writer, operation)->revision->id, operation->statement);
    const struct dialect_value values[] = {
        {text->text, true}, {name, false}, {take_back(writer, operation, name), true}};

    if (writer->client->delimiter) {
        writer_delimited(writer, writer_text(writer, DIALECT_OFFLINE_TRY, values, 3));
    } else {
        writer_lines(writer, DIALECT_OFFLINE_TRY, values, 3);
    }
}

static int write_off(struct writer *writer, const struct operation *operation)
{
    const struct plan_step *step = step_of(writer, operation);
    const struct statement *statement = &step->script->statements[operation->statement - 1];
    struct str text = STR_INIT;
    int class;

    if (!dialect_is_whole(writer->engine, statement->text, statement->length) ||
        !dialect_fits_block(writer->engine, statement->text, statement->length)) {
        return write_statement(writer, operation);
    }
    class = add_statement(writer, operation, &text);
    if (!class) {
        str_add(&text, writer->client->delimiter ? "" : ";");
        write_try(writer, operation, &text);
    }
    str_release(&text);
    return class;
}

/* ---- the walk */

static void write_foreign_keys(struct writer *writer, const struct operation *operation)
{
    switch (operation->kind) {
    case OPERATION_FOREIGN_KEYS_OFF:
        writer_statement(writer, writer_text(writer, DIALECT_FOREIGN_KEYS_OFF, NULL, 0));
        writer->keys_off = true;
        break;
    case OPERATION_FOREIGN_KEYS_CHECK:
        writer_around(writer, DIALECT_OFFLINE_KEYS_CHECK,
                      writer_text(writer, DIALECT_VIOLATIONS, NULL, 0));
        break;
    default:
        if (head_foreign_keys_on(writer)) {
            writer_statement(writer, writer_text(writer, DIALECT_FOREIGN_KEYS_ON, NULL, 0));
        }
        break;
    }
}

static int write_operation(struct writer *writer, const struct operation *operation)
{
    switch (operation->kind) {
    case OPERATION_BEGIN:
        write_begin(writer);
        return 0;
    case OPERATION_SESSION:
        write_operation_session(writer, operation);
        return 0;
    case OPERATION_REQUIRE:
    case OPERATION_VERIFY:
        return write_check(writer, operation);
    case OPERATION_STATEMENT:
        return write_statement(writer, operation);
    case OPERATION_HISTORY_START:
    case OPERATION_HISTORY_DONE:
        write_history(writer, operation);
        return 0;
    case OPERATION_VERSION:
        write_changes(writer, operation);
        return 0;
    case OPERATION_COMMIT:
        writer_statement(writer, writer_text(writer, DIALECT_COMMIT, NULL, 0));
        return 0;
    case OPERATION_MARK:
        write_mark(writer, operation, operation->statement);
        return 0;
    case OPERATION_STATEMENT_OFF:
        return write_off(writer, operation);
    case OPERATION_MARK_DONE:
        write_mark(writer, operation, operation->done);
        return 0;
    case OPERATION_FOREIGN_KEYS_OFF:
    case OPERATION_FOREIGN_KEYS_CHECK:
    case OPERATION_FOREIGN_KEYS_ON:
        write_foreign_keys(writer, operation);
        return 0;
    case OPERATION_VERSION_TABLE: /* ensure_version has no script */
    case OPERATION_COUNT:
        break;
    }
    BUG("operation %d", (int)operation->kind);
}

bool offline_supports(enum engine engine)
{
    return offline_client(engine) && dialect_text(engine, DIALECT_OFFLINE_STANDS);
}

static void prepare(struct writer *writer)
{
    const struct offline_order *order = writer->order;
    const char *schema = writer->client->schema;
    const char *database = NULL;

    if (writer_is_mysql(writer) && order->database) {
        schema = database = quote_identifier(&writer->arena, writer->engine, order->database);
    }
    writer->names = bookkeeping_names(&writer->arena, writer->engine, schema, order->migrations);
    writer->names.database = database;
    writer->next = writer_expression(writer, DIALECT_OFFLINE_NEXT);
    writer->open = writer_expression(writer, DIALECT_OFFLINE_OPEN);
    writer->applied = writer_expression(writer, DIALECT_OFFLINE_APPLIED);
    writer->now = writer_expression(writer, DIALECT_OFFLINE_NOW);
    writer->heads = order->plan->before;
    writer->head_count = order->plan->before_count;
}

int offline_write(const struct offline_order *order, struct str *out, struct err *err)
{
    struct writer writer = {
        .order = order,
        .engine = order->plan->engine,
        .client = offline_client(order->plan->engine),
        .arena = ARENA_INIT,
        .out = out,
        .err = err,
    };
    int class = 0;

    if (!offline_supports(writer.engine)) {
        BUG("no scripts for %s", engine_name(writer.engine));
    }
    prepare(&writer);
    head_write(&writer);
    for (size_t i = 0; i < order->plan->operation_count && !class; i++) {
        tell_step(&writer, &order->plan->operations[i]);
        class = write_operation(&writer, &order->plan->operations[i]);
    }
    if (!class && order->plan->step_count > 0) {
        head_write_tail(&writer);
    }
    arena_release(&writer.arena);
    return class;
}
