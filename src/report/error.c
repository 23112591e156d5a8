/* Errors that end a command before any target, and the "error" of one target. */
#include "report/report.h"

#include <string.h>

#include "base/text.h"
#include "report/holder.h"

static void add_safe(struct str *out, const char *text, bool one_line)
{
    text_add_safe(out, text, strlen(text), one_line);
}

void report_error_value(struct json *json, const struct err *error, bool verbose)
{
    if (error == NULL) {
        json_null(json);
        return;
    }
    json_object(json);
    json_key_string(json, "class", error_class_name(error->class));
    json_key_string(json, "code", error->code);
    json_key_string(json, "message", error->message);
    json_key_string(json, "detail", verbose ? error->detail : NULL);
    json_key_string(json, "hint", error->hint);
    json_key_string(json, "revision", error->revision);
    json_key_string(json, "file", error->file);
    json_key(json, "line");
    if (error->line > 0)
        json_integer(json, error->line);
    else
        json_null(json);
    json_key_string(json, "section", error->section);
    json_key(json, "statement");
    if (error->statement > 0)
        json_integer(json, error->statement);
    else
        json_null(json);
    json_key(json, "holder");
    report_holder_json(error->holder, json);
    json_end_object(json);
}

void report_errors_json(const struct err *errors, size_t count, struct str *out)
{
    struct json json;
    json_document(&json, out);
    json_key(&json, "error");
    report_error_value(&json, &errors[0], true);
    if (count > 1) {
        json_key(&json, "errors");
        json_array(&json);
        for (size_t i = 0; i < count; i++)
            report_error_value(&json, &errors[i], true);
        json_end_array(&json);
    }
    json_end_object(&json);
}

static void add_error_text(const struct err *error, struct str *out)
{
    str_add(out, "skein: ");
    if (error->file != NULL) {
        add_safe(out, error->file, true);
        if (error->line > 0)
            str_addf(out, ":%d", error->line);
        if (error->line > 0 && error->column > 0)
            str_addf(out, ":%d", error->column);
        str_add(out, ": ");
    }
    add_safe(out, error->message != NULL ? error->message : error_class_name(error->class), true);
    str_addc(out, '\n');
    if (error->hint != NULL) {
        str_add(out, "  -> ");
        add_safe(out, error->hint, true);
        str_addc(out, '\n');
    }
}

void report_errors_text(const struct err *errors, size_t count, size_t total, struct str *out)
{
    for (size_t i = 0; i < count; i++)
        add_error_text(&errors[i], out);
    if (total > count)
        str_addf(out, "skein: and %zu more errors\n", total - count);
}
