#include "workers/offline_internal.h"

#include <string.h>

#include "base/text.h"

/* ---- texts */

bool writer_has(const struct writer *writer, enum dialect_purpose purpose)
{
    return dialect_text(writer->engine, purpose) != NULL;
}

static void add_text(struct writer *writer, struct str *out, enum dialect_purpose purpose,
                     const struct dialect_value *values, size_t count)
{
    dialect_write(out, &writer->arena, writer->engine, purpose, &writer->names, values, count);
}

/* A text of dialect.h as a string in the script's arena. */
const char *writer_text(struct writer *writer, enum dialect_purpose purpose,
                        const struct dialect_value *values, size_t count)
{
    struct str text = STR_INIT;
    const char *copy;

    add_text(writer, &text, purpose, values, count);
    copy = arena_strndup(&writer->arena, text.text, text.length);
    str_release(&text);
    return copy;
}

/* The same, where the engine has it. */
const char *writer_expression(struct writer *writer, enum dialect_purpose purpose)
{
    return writer_has(writer, purpose) ? writer_text(writer, purpose, NULL, 0) : NULL;
}

void writer_lines(struct writer *writer, enum dialect_purpose purpose,
                  const struct dialect_value *values, size_t count)
{
    if (writer_has(writer, purpose)) {
        add_text(writer, writer->out, purpose, values, count);
        str_addc(writer->out, '\n');
    }
}

/* A command of skein's own: its values, some of them expressions. */
const char *writer_own_text(struct writer *writer, const struct own_command *command,
                            const char *seq)
{
    struct dialect_value values[BOOKKEEPING_VALUES];

    for (unsigned i = 0; i < command->count; i++) {
        const char *text = command->values[i];
        values[i] = (struct dialect_value){
            text, text && (text == seq || text == writer->applied || text == writer->now)};
    }
    return writer_text(writer, command->purpose, values, command->count);
}

void writer_statement(struct writer *writer, const char *sql)
{
    str_addf(writer->out, "%s;\n", sql);
}

bool writer_is_mysql(const struct writer *writer)
{
    return writer->engine == ENGINE_MYSQL || writer->engine == ENGINE_MARIADB;
}

/* Another delimiter where the statement may hold the usual one: one that it does not hold. */
void writer_delimited(struct writer *writer, const char *sql)
{
    const char *delimiter = "$$";

    if (!writer->client->delimiter || !strchr(sql, ';')) {
        writer_statement(writer, sql);
        return;
    }
    for (unsigned i = 1; strstr(sql, delimiter); i++) {
        delimiter = arena_printf(&writer->arena, "$%u$", i);
    }
    str_addf(writer->out, "DELIMITER %s\n%s\n%s\nDELIMITER ;\n", delimiter, sql, delimiter);
}

/* A command whose text goes into a larger one. */
void writer_around(struct writer *writer, enum dialect_purpose purpose, const char *sql)
{
    const struct dialect_value value = {sql, true};

    if (writer_has(writer, purpose)) {
        writer_lines(writer, purpose, &value, 1);
    } else {
        writer_statement(writer, sql);
    }
}

void writer_one(struct writer *writer, const struct own_command *command, const char *seq)
{
    writer_around(writer, DIALECT_OFFLINE_ONE, writer_own_text(writer, command, seq));
}

struct bookkeeping writer_book(const struct writer *writer, const char *seq)
{
    return (struct bookkeeping){.engine = writer->engine,
                                .identity = writer->order->identity,
                                .seq = seq,
                                .applied = writer->applied,
                                .now = writer->now};
}

const char *writer_number(struct writer *writer, int64_t value)
{
    return arena_printf(&writer->arena, "%lld", (long long)value);
}

/* ---- comments */

/* One line, whatever the text holds. */
void writer_comment(struct writer *writer, const char *text)
{
    str_add(writer->out, "-- ");
    text_add_safe(writer->out, text, strlen(text), true);
    str_addc(writer->out, '\n');
}

void writer_comment_lines(struct writer *writer, const char *text, size_t length)
{
    for (const char *end = text + length; text < end;) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t line = (size_t)((newline ? newline : end) - text);

        str_add(writer->out, "--   ");
        text_add_safe(writer->out, text, line, true);
        str_addc(writer->out, '\n');
        text += line + (newline != NULL);
    }
}
