#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/text.h"
#include "config/check.h"
#include "config/discover_parts.h"

/* What a column says of a tenant. */
enum meaning {
    MEANING_NAME,
    MEANING_SERVER,
    MEANING_DATABASE,
    MEANING_SCHEMA,
    MEANING_URL,
    MEANING_FIELDS, /* how many of those above */
    MEANING_LABEL = MEANING_FIELDS,
    MEANING_VARIABLE,
    MEANING_UNKNOWN
};

static const char *const field_names[MEANING_FIELDS + 1] = {"name",   "server", "database",
                                                            "schema", "url",    NULL};

/* Columns of labels and variables begin with the key of skein.yaml that they add to. */
static const struct {
    const char *prefix;
    enum meaning meaning;
} pairs[] = {{"labels.", MEANING_LABEL}, {"vars.", MEANING_VARIABLE}};

struct column {
    enum meaning meaning;
    const char *key; /* of a label or variable */
};

struct row {
    const char *fields[MEANING_FIELDS]; /* NULL: not there */
    struct pair_list labels, vars;
    size_t number; /* from 1 */
};

static struct column meaning_of(const char *name)
{
    for (size_t i = 0; i < MEANING_FIELDS; i++) {
        if (strcmp(name, field_names[i]) == 0) {
            return (struct column){(enum meaning)i, NULL};
        }
    }
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        size_t length = strlen(pairs[i].prefix);

        if (strncmp(name, pairs[i].prefix, length) == 0 && name[length]) {
            return (struct column){pairs[i].meaning, name + length};
        }
    }
    return (struct column){MEANING_UNKNOWN, NULL};
}

static void tell_unknown(struct finding *finding, const char *name)
{
    struct err *err =
        finding_error(finding, 0, "the column %s means nothing", finding_show(finding, name));
    const char *nearest = text_nearest(name, field_names, SIZE_MAX);

    err_hint(err, "%s%s%sallowed: name, server, database, schema, url, labels.KEY, vars.KEY",
             nearest ? "did you mean " : "", nearest ? nearest : "", nearest ? "? " : "");
}

/* The columns' meanings; NULL where one has none, or two have the same, told. */
static const struct column *read_columns(struct finding *finding, const struct config_rows *rows)
{
    struct arena *arena = finding->reader->arena;
    struct column *columns = arena_array(arena, rows->column_count, sizeof(*columns));
    struct map met;
    bool right = true;

    map_init(&met, arena);
    for (size_t i = 0; i < rows->column_count; i++) {
        const char *name = rows->columns[i];
        const char *wrong = NULL;

        columns[i] = meaning_of(name);
        if (columns[i].meaning == MEANING_UNKNOWN) {
            tell_unknown(finding, name);
        } else if (map_get(&met, name)) {
            wrong = "it is there twice";
        } else if (columns[i].meaning == MEANING_LABEL) {
            wrong = check_label_name(columns[i].key);
        }
        if (wrong) {
            finding_error(finding, 0, "the column %s: %s", finding_show(finding, name), wrong);
        }
        right = right && !wrong && columns[i].meaning != MEANING_UNKNOWN;
        map_set(&met, name, (void *)name);
    }
    return right ? columns : NULL;
}

static int compare_pairs(const void *left, const void *right)
{
    return strcmp(((const struct pair *)left)->key, ((const struct pair *)right)->key);
}

/* `base` with the row's own pairs of one meaning over it, sorted. */
static struct pair_list merge(struct finding *finding, const struct column *columns,
                              const struct config_rows *rows, const char *const *cells,
                              enum meaning meaning, const struct pair_list *base)
{
    struct pair *items =
        arena_array(finding->reader->arena, base->count + rows->column_count, sizeof(*items));
    struct pair_list own = {items, 0};

    for (size_t i = 0; i < rows->column_count; i++) {
        if (columns[i].meaning == meaning && cells[i]) {
            items[own.count++] = (struct pair){columns[i].key, cells[i]};
        }
    }
    if (!own.count) {
        return *base;
    }
    size_t count = own.count;
    for (size_t i = 0; i < base->count; i++) {
        bool replaced = false;

        for (size_t k = 0; k < own.count && !replaced; k++) {
            replaced = strcmp(items[k].key, base->items[i].key) == 0;
        }
        if (!replaced) {
            items[count++] = base->items[i];
        }
    }
    qsort(items, count, sizeof(*items), compare_pairs);
    return (struct pair_list){items, count};
}

static void read_row(struct finding *finding, const struct column *columns,
                     const struct config_rows *rows, size_t index, struct row *row)
{
    const struct tenant_entry *tenant = finding->tenant;
    const char *const *cells = rows->cells + index * rows->column_count;

    *row = (struct row){.number = index + 1};
    for (size_t i = 0; i < rows->column_count; i++) {
        if (columns[i].meaning < MEANING_FIELDS && cells[i]) {
            row->fields[columns[i].meaning] = cells[i];
        }
    }
    row->labels = merge(finding, columns, rows, cells, MEANING_LABEL, &tenant->labels);
    row->vars = merge(finding, columns, rows, cells, MEANING_VARIABLE, &tenant->vars);
}

/* Whether the patterns and `exclude:` leave it in. */
static bool is_wanted(const struct finding *finding, const struct row *row)
{
    const struct discover_entry *discover = &finding->tenant->discover;

    if (discover->kind == DISCOVER_DATABASES &&
        !finding_matches(&discover->databases, row->fields[MEANING_DATABASE])) {
        return false;
    }
    if (discover->kind == DISCOVER_SCHEMAS &&
        !finding_matches(&discover->schemas, row->fields[MEANING_SCHEMA])) {
        return false;
    }
    return !finding_matches(&discover->exclude, row->fields[MEANING_NAME]) &&
           !finding_matches(&discover->exclude, row->fields[MEANING_DATABASE]) &&
           !finding_matches(&discover->exclude, row->fields[MEANING_SCHEMA]);
}

/* The row's own server, else the entry's; false where there is none of that name, told. */
static bool find_server(struct finding *finding, const struct row *row,
                        struct server_entry **server)
{
    const char *name = row->fields[MEANING_SERVER];

    *server = row->fields[MEANING_URL] ? NULL : finding->tenant->server_entry;
    if (!name) {
        return true;
    }
    *server = map_get(&finding->inventory->servers_by_name, name);
    if (!*server) {
        finding_error(finding, row->number, "there is no server %s", finding_show(finding, name));
    }
    return *server != NULL;
}

/* What cannot be, or NULL. */
static const char *wrong_with(const struct finding *finding, const struct row *row,
                              const struct server_entry *server)
{
    const char *schema = row->fields[MEANING_SCHEMA];

    if (row->fields[MEANING_URL] &&
        (row->fields[MEANING_SERVER] || row->fields[MEANING_DATABASE])) {
        return "a url says where it is: server and database stand beside it";
    }
    if (schema && server && server->engine != ENGINE_POSTGRESQL && server->engine != ENGINE_COUNT) {
        return "only PostgreSQL has schemas in a database";
    }
    if (schema && finding->inventory->migrations_entry.version_table_schema) {
        return "a schema excludes migrations.version_table_schema";
    }
    for (size_t i = 0; i < row->labels.count; i++) {
        if (check_label_value(row->labels.items[i].value)) {
            return check_label_value(row->labels.items[i].value);
        }
    }
    return NULL;
}

static void add_row(struct finding *finding, const struct row *row)
{
    const struct tenant_entry *tenant = finding->tenant;
    struct server_entry *server;
    const char *wrong;

    if (!is_wanted(finding, row) || !find_server(finding, row, &server)) {
        return;
    }
    wrong = wrong_with(finding, row, server);
    if (wrong) {
        finding_error(finding, row->number, "%s", wrong);
        return;
    }
    const struct found found = {
        .name = row->fields[MEANING_NAME],
        .database = row->fields[MEANING_DATABASE] || row->fields[MEANING_URL]
                        ? row->fields[MEANING_DATABASE]
                        : tenant->discover.database,
        .schema = row->fields[MEANING_SCHEMA] ? row->fields[MEANING_SCHEMA] : tenant->schema,
        .url = row->fields[MEANING_URL],
        .server = server,
        .labels = row->labels,
        .vars = row->vars,
        .row = row->number,
    };
    finding_add(finding, &found, found.database);
}

void discover_rows(struct finding *finding, const struct config_rows *rows)
{
    const struct column *columns = read_columns(finding, rows);

    for (size_t i = 0; columns && i < rows->row_count; i++) {
        struct row row;

        read_row(finding, columns, rows, i, &row);
        add_row(finding, &row);
    }
}
