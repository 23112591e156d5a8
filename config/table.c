#include "config/table.h"

#include <string.h>

#include "base/str.h"
#include "base/text.h"

struct csv {
    struct arena *arena;
    const char *at, *end;
    int line; /* of `at` */
    const char **cells;
    size_t count, capacity;
};

static int fail(struct err *err, int line, const char *what)
{
    return err_set(err, ERROR_CONFIGURATION, "line %d: %s", line, what);
}

/* One cell up to its comma or the end of its line; empty without quotes is NULL. */
static int read_cell(struct csv *csv, const char **cell, struct err *err)
{
    struct str text = STR_INIT;
    bool quoted = csv->at < csv->end && *csv->at == '"';
    int begun = csv->line, failed = 0;

    if (quoted) {
        for (csv->at++; csv->at < csv->end; csv->at++) {
            if (*csv->at == '"' && (csv->at + 1 == csv->end || csv->at[1] != '"')) {
                break;
            }
            csv->at += *csv->at == '"';
            csv->line += *csv->at == '\n';
            str_addc(&text, *csv->at);
        }
        if (csv->at == csv->end) {
            failed = fail(err, begun, "a quote is not closed");
        } else {
            csv->at++;
        }
    } else {
        size_t length = strcspn(csv->at, ",\"\r\n");

        str_addn(&text, csv->at, length);
        csv->at += length;
    }
    if (!failed && csv->at < csv->end && !strchr(",\r\n", *csv->at)) {
        failed = fail(err, csv->line, "a quote stands inside of a cell");
    }
    *cell = quoted || text.length ? arena_strndup(csv->arena, text.text, text.length) : NULL;
    str_release(&text);
    return failed;
}

/* The cells of one line, added; *count: how many. */
static int read_line(struct csv *csv, size_t *count, struct err *err)
{
    for (*count = 0;; csv->at++) {
        const char *cell;
        int failed = read_cell(csv, &cell, err);

        if (failed) {
            return failed;
        }
        csv->cells =
            arena_grow(csv->arena, csv->cells, sizeof(*csv->cells), &csv->capacity, csv->count + 1);
        csv->cells[csv->count++] = cell;
        (*count)++;
        if (csv->at == csv->end || *csv->at != ',') {
            break;
        }
    }
    csv->at += csv->at < csv->end && *csv->at == '\r';
    csv->line += csv->at < csv->end;
    csv->at += csv->at < csv->end;
    return 0;
}

static void skip_blank_lines(struct csv *csv)
{
    while (csv->at < csv->end && strchr("\r\n", *csv->at)) {
        csv->line += *csv->at++ == '\n';
    }
}

static int csv_parse(struct arena *arena, const char *text, size_t length, struct config_rows *rows,
                     struct err *err)
{
    struct csv csv = {.arena = arena, .at = text, .end = text + length, .line = 1};
    size_t columns, count;

    skip_blank_lines(&csv);
    if (read_line(&csv, &columns, err)) {
        return ERROR_CONFIGURATION;
    }
    if (columns > TABLE_COLUMNS_MAX) {
        return fail(err, 1, "more than 100 columns");
    }
    for (size_t i = 0; i < columns; i++) {
        csv.cells[i] = csv.cells[i] ? csv.cells[i] : "";
    }
    for (skip_blank_lines(&csv); csv.at < csv.end; skip_blank_lines(&csv)) {
        int line = csv.line;

        if (read_line(&csv, &count, err)) {
            return ERROR_CONFIGURATION;
        }
        if (count != columns) {
            return err_set(err, ERROR_CONFIGURATION,
                           "line %d: %zu cells, and the head line has %zu", line, count, columns);
        }
    }
    *rows = (struct config_rows){.columns = csv.cells,
                                 .column_count = columns,
                                 .cells = csv.cells + columns,
                                 .row_count = csv.count / columns - 1};
    return 0;
}

int table_parse(struct arena *arena, const char *text, size_t length, struct config_rows *rows,
                struct err *err)
{
    size_t blanks = strspn(text, " \t\r\n"), valid = text_utf8_prefix(text, length);

    *rows = (struct config_rows){0};
    if (valid < length || strlen(text) < length) {
        int line = 1;

        valid = valid < strlen(text) ? valid : strlen(text);
        for (size_t i = 0; i < valid; i++) {
            line += text[i] == '\n';
        }
        return fail(err, line, "it is not UTF-8, or has a NUL");
    }
    if (blanks == length) {
        return 0;
    }
    return text[blanks] == '{' ? json_lines_parse(arena, text, length, rows, err)
                               : csv_parse(arena, text, length, rows, err);
}
