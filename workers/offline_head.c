#include "workers/offline_internal.h"

#include <string.h>
#include <strings.h>

#include "planner/template.h"

static bool is_on(const char *value)
{
    return value && (strcasecmp(value, "on") == 0 || strcasecmp(value, "yes") == 0 ||
                     strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

bool head_foreign_keys_on(const struct writer *writer)
{
    return is_on(pair_get(&writer->order->target->connection->session, "foreign_keys"));
}

void head_write_timeouts(struct writer *writer, const struct section *section)
{
    int64_t lock_ms, statement_ms;

    if (!writer_has(writer, DIALECT_TIMEOUTS)) {
        return;
    }
    bookkeeping_timeouts(writer->order->target->connection, section, &lock_ms, &statement_ms);
    writer->lock_ms = lock_ms;
    writer->statement_ms = statement_ms;
    const struct dialect_value values[] = {
        {writer_number(writer,
                       writer_is_mysql(writer) ? bookkeeping_lock_seconds(lock_ms) : lock_ms),
         false},
        {writer_number(writer, statement_ms), false}};
    writer_around(writer, DIALECT_OFFLINE_QUERY, writer_text(writer, DIALECT_TIMEOUTS, values, 2));
}

void head_write_settings(struct writer *writer)
{
    const struct pair_list *session = &writer->order->target->connection->session;

    for (size_t i = 0; i < session->count; i++) {
        const struct pair *setting = &session->items[i];
        const struct dialect_value values[] = {{setting->key, false}, {setting->value, false}};

        if (writer_has(writer, DIALECT_SETTING)) {
            writer_around(writer, DIALECT_OFFLINE_QUERY,
                          writer_text(writer, DIALECT_SETTING, values, 2));
        } else if (writer_is_mysql(writer)) {
            writer_statement(writer,
                             dialect_variable(&writer->arena, setting->key, setting->value));
        } else if (writer->engine == ENGINE_SQLITE) {
            writer_statement(writer, dialect_pragma(&writer->arena, setting->key, setting->value));
        }
    }
    /* As the library has it, whatever ~/.sqliterc says: cascades depend on it. */
    if (writer_has(writer, DIALECT_FOREIGN_KEYS_OFF) && !head_foreign_keys_on(writer)) {
        writer_statement(writer, writer_text(writer, DIALECT_FOREIGN_KEYS_OFF, NULL, 0));
    }
}

/* Whose session it is and where it stands, and the lock. */
static void write_session(struct writer *writer)
{
    const struct offline_order *order = writer->order;
    const struct target *target = order->target;
    const char *schema = target->schema ? target->schema : order->migrations->version_table_schema;
    const struct dialect_value locate[] = {
        {quote_identifier(&writer->arena, writer->engine, order->migrations->version_table), false},
        {schema, false}};
    const struct dialect_value identity[] = {{order->database, false}, {target->schema, false}};
    const char *path = bookkeeping_path(&writer->arena, target);

    if (writer_is_mysql(writer)) {
        writer_statement(writer, writer_text(writer, DIALECT_READ_COMMITTED, NULL, 0));
    }
    if (target->connection->role && writer_has(writer, DIALECT_SESSION)) {
        writer_statement(writer,
                         dialect_role(&writer->arena, writer->engine, target->connection->role));
    }
    if (path && !writer_is_mysql(writer) && writer_has(writer, DIALECT_PATH)) {
        const struct dialect_value value = {path, false};
        writer_around(writer, DIALECT_OFFLINE_QUERY, writer_text(writer, DIALECT_PATH, &value, 1));
    }
    writer_lines(writer, DIALECT_OFFLINE_LOCATE, locate, 2);
    writer_lines(writer, DIALECT_OFFLINE_IDENTITY, identity, 2);
    head_write_timeouts(writer, NULL);
    head_write_settings(writer);
    if (writer_has(writer, DIALECT_OFFLINE_LOCK)) {
        const struct dialect_value key = {writer_expression(writer, DIALECT_OFFLINE_KEY), true};
        writer_around(writer, DIALECT_OFFLINE_LOCK, writer_text(writer, DIALECT_LOCK, &key, 1));
    }
}

void head_write(struct writer *writer)
{
    const struct offline_order *order = writer->order;
    const struct dialect_value wait = {
        writer_number(writer, order->target->connection->lock_wait_ms), true};

    writer_comment(writer,
                   arena_printf(&writer->arena, "skein %s --sql for %s, %s (skein %s, run %s)",
                                order->title, engine_name(writer->engine), order->serves,
                                SKEIN_VERSION, order->identity->id));
    writer_comment(writer, arena_printf(&writer->arena, "run it with: %s", writer->client->usage));
    if (order->plan->step_count == 0) {
        writer_comment(writer, "nothing is to be done");
        return;
    }
    str_addc(writer->out, '\n');
    writer_lines(writer, DIALECT_OFFLINE_HEAD, &wait, 1);
    write_session(writer);
}

void head_write_tail(struct writer *writer)
{
    const struct dialect_value key = {writer_expression(writer, DIALECT_OFFLINE_KEY), true};

    str_addc(writer->out, '\n');
    writer_lines(writer, DIALECT_OFFLINE_TAIL, &key, 1);
}
