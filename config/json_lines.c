#include <jansson.h>
#include <string.h>

#include "base/map.h"
#include "config/table.h"

struct json_table {
    struct arena *arena;
    struct map columns; /* name -> its place in `names`, + 1 */
    const char *names[TABLE_COLUMNS_MAX];
    size_t count;
    const char **cells; /* rows of TABLE_COLUMNS_MAX */
    size_t row_count, capacity;
    int line;
};

static int fail(const struct json_table *table, struct err *err, const char *what)
{
    return err_set(err, ERROR_CONFIGURATION, "line %d: %s", table->line, what);
}

/* The column's place; TABLE_COLUMNS_MAX where there is no room. */
static size_t find_column(struct json_table *table, const char *name)
{
    const char **place = map_get(&table->columns, name);

    if (place) {
        return (size_t)(place - table->names);
    }
    if (table->count == TABLE_COLUMNS_MAX) {
        return TABLE_COLUMNS_MAX;
    }
    table->names[table->count] = name;
    map_set(&table->columns, name, &table->names[table->count]);
    return table->count++;
}

static int set_cell(struct json_table *table, const char *name, const json_t *value,
                    struct err *err)
{
    size_t column = find_column(table, name);
    const char *text = NULL;

    if (column == TABLE_COLUMNS_MAX) {
        return fail(table, err, "more than 100 columns");
    }
    if (json_is_string(value)) {
        text = arena_strndup(table->arena, json_string_value(value), json_string_length(value));
    } else if (json_is_integer(value)) {
        text = arena_printf(table->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_boolean(value)) {
        text = json_is_true(value) ? "true" : "false";
    } else if (!json_is_null(value)) {
        return fail(table, err, "a value must be a text, a whole number, true, false or null");
    }
    table->cells[(table->row_count - 1) * TABLE_COLUMNS_MAX + column] = text;
    return 0;
}

/* `prefix`: "labels", "vars", or NULL for the object itself. */
static int add_members(struct json_table *table, json_t *object, const char *prefix,
                       struct err *err)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        bool nested = !prefix && json_is_object(value) &&
                      (strcmp(key, "labels") == 0 || strcmp(key, "vars") == 0);
        const char *name = prefix ? arena_printf(table->arena, "%s.%s", prefix, key)
                                  : arena_strdup(table->arena, key);
        int failed =
            nested ? add_members(table, value, name, err) : set_cell(table, name, value, err);

        if (failed) {
            return failed;
        }
    }
    return 0;
}

static int add_line(struct json_table *table, const char *text, size_t length, struct err *err)
{
    json_error_t error;
    json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    int failed = 0;

    if (!json_is_object(object)) {
        failed = fail(table, err, object ? "it is no object of JSON" : "it is no JSON");
    } else {
        table->row_count++;
        table->cells =
            arena_grow(table->arena, table->cells, TABLE_COLUMNS_MAX * sizeof(*table->cells),
                       &table->capacity, table->row_count);
        memset(table->cells + (table->row_count - 1) * TABLE_COLUMNS_MAX, 0,
               TABLE_COLUMNS_MAX * sizeof(*table->cells));
        failed = add_members(table, object, NULL, err);
    }
    json_decref(object);
    return failed;
}

/* Rows of as many cells as there are columns. */
static void finish(struct json_table *table, struct config_rows *rows)
{
    const char **columns = arena_array(table->arena, table->count, sizeof(*columns));
    const char **cells = arena_array(table->arena, table->row_count * table->count, sizeof(*cells));

    for (size_t i = 0; i < table->count; i++) {
        columns[i] = table->names[i];
    }
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t i = 0; i < table->count; i++) {
            cells[row * table->count + i] = table->cells[row * TABLE_COLUMNS_MAX + i];
        }
    }
    *rows = (struct config_rows){.columns = columns,
                                 .column_count = table->count,
                                 .cells = cells,
                                 .row_count = table->row_count};
}

int json_lines_parse(struct arena *arena, const char *text, size_t length, struct config_rows *rows,
                     struct err *err)
{
    struct json_table *table = arena_alloc(arena, sizeof(*table));
    const char *end = text + length;
    int failed = 0;

    table->arena = arena;
    map_init(&table->columns, arena);
    while (!failed && text < end) {
        size_t line = strcspn(text, "\n");

        table->line++;
        if (strspn(text, " \t\r") < line) {
            failed = add_line(table, text, line, err);
        }
        text += line + (text + line < end);
    }
    if (!failed) {
        finish(table, rows);
    }
    return failed;
}
