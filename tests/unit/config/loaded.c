#include "loaded.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"

const char *loaded_environment(const char *name)
{
    static const char *const variables[][2] = {
        {"HOST", "db.example.org"}, {"PORT", "6000"},
        {"SECRET", "canary%40"},    {"EMPTY", ""},
        {"PGHOST", "/run/pgs"},     {"URL", "postgresql://u@h/d"},
    };

    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        if (strcmp(variables[i][0], name) == 0) {
            return variables[i][1];
        }
    }
    return NULL;
}

/* Adds text with the folder's path as "@". */
static void add_without(struct str *out, const char *text, const char *folder)
{
    const char *at;

    while ((at = strstr(text, folder))) {
        str_addn(out, text, (size_t)(at - text));
        str_addc(out, '@');
        text = at + strlen(folder);
    }
    str_add(out, text);
}

static void show_errors(struct str *out, const struct err_list *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        const struct err *err = &errors->items[i];

        assert_int_equal(err->class, ERROR_CONFIGURATION);
        if (err->file) {
            assert_string_equal(strrchr(err->file, '/'), "/skein.yaml");
        }
        str_addf(out, "%d:%d %s", err->line, err->column, err->message);
        if (err->hint) {
            str_addf(out, " (%s)", err->hint);
        }
        str_addc(out, '\n');
    }
}

static void show_endpoint(struct str *out, const struct endpoint *endpoint)
{
    if (endpoint->host || endpoint->service) {
        str_addf(out, " %s:%s@%s:%s", endpoint->user ? endpoint->user : "",
                 endpoint->password ? endpoint->password : "",
                 endpoint->host ? endpoint->host : endpoint->service,
                 endpoint->port ? endpoint->port : "");
    }
}

static void show_target(struct str *out, const struct fleet *fleet, const struct target *target)
{
    str_addf(out, "%s %s %s", target->name, engine_name(target->engine),
             fleet->servers[target->server].name);
    show_endpoint(out, target->endpoint);
    str_addf(out, " %s", target->path ? target->path : target->database);
    if (target->schema) {
        str_addf(out, ".%s", target->schema);
    }
    for (size_t i = 0; i < target->labels.count; i++) {
        str_addf(out, " %s=%s", target->labels.items[i].key, target->labels.items[i].value);
    }
    for (size_t i = 0; i < target->vars.count; i++) {
        str_addf(out, " $%s=%s", target->vars.items[i].key, target->vars.items[i].value);
    }
    str_addf(out, "%s%s", target->create ? " create" : "", target->discovered ? " discovered" : "");
    if (target->direct) {
        str_add(out, " past its pooler:");
        show_endpoint(out, target->direct->endpoint);
        if (target->direct->connection->tls.mode) {
            str_addf(out, " %s", target->direct->connection->tls.mode);
        }
    }
    str_addc(out, '\n');
}

/* The names as databases or schemas; a query "a,b;1,2" is answered by its own text: columns, then
 * rows; an empty cell is NULL. */
static void answer(struct inventory *inventory, size_t index, const char *sql,
                   const char *const *names, size_t count)
{
    static const char *const databases[] = {"database"}, *const schemas[] = {"schema"};
    struct config_rows rows = {strstr(sql, "pg_namespace") ? schemas : databases, 1, names, count};
    const char *cells[100];
    size_t cell_count = 0;
    char text[2000], *at = text;

    if (!strstr(sql, "pg_catalog")) {
        snprintf(text, sizeof(text), "%s", sql);
        for (char *cell; (cell = strsep(&at, ",;")); cells[cell_count++] = *cell ? cell : NULL) {
            assert_true(cell_count < sizeof(cells) / sizeof(cells[0]));
        }
        rows.column_count = 1;
        for (const char *one = sql; *one && *one != ';'; one++) {
            rows.column_count += *one == ',';
        }
        rows.columns = cells;
        rows.cells = cells + rows.column_count;
        rows.row_count = cell_count / rows.column_count - 1;
    }
    config_answer(inventory, index, &rows);
}

/* NULL where there are errors. */
static struct fleet *load(struct arena *arena, const char *folder, const char *yaml,
                          const char *const *names, struct err_list *errors)
{
    struct config_source source = {.path = file_join(arena, folder, "skein.yaml"),
                                   .environment = loaded_environment};
    struct discovery *discoveries;
    struct inventory *inventory;
    struct fleet *fleet;
    size_t count, name_count = 0;

    check_write(folder, "skein.yaml", yaml);
    err_list_init(errors, arena, 100);
    if (config_load(arena, &source, &inventory, errors)) {
        return NULL;
    }
    count = config_discoveries(inventory, NULL, &discoveries);
    while (names && names[name_count]) {
        name_count++;
    }
    for (size_t i = 0; names && i < count; i++) {
        answer(inventory, i, discoveries[i].sql, names, name_count);
    }
    return config_fleet(inventory, arena, &fleet, errors) ? NULL : fleet;
}

const char *loaded_text(struct arena *arena, const char *folder, const char *yaml,
                        const char *const *names)
{
    struct str raw = STR_INIT, out = STR_INIT;
    struct err_list errors;
    const struct fleet *fleet = load(arena, folder, yaml, names, &errors);
    const char *text;

    assert_int_equal(fleet == NULL, errors.total > 0);
    show_errors(&raw, &errors);
    for (size_t i = 0; fleet && i < fleet->target_count; i++) {
        show_target(&raw, fleet, &fleet->targets[i]);
    }
    add_without(&out, raw.text, folder);
    text = arena_strdup(arena, out.text);
    str_release(&raw);
    str_release(&out);
    return text;
}

const struct fleet *loaded_fleet(struct arena *arena, const char *folder, const char *yaml,
                                 const char *const *names)
{
    struct err_list errors;
    const struct fleet *fleet = load(arena, folder, yaml, names, &errors);

    if (!fleet) {
        fail_msg("%d: %s", errors.items[0].line, errors.items[0].message);
    }
    return fleet;
}

void loaded_cases(const struct loaded_case *cases, size_t count, const char *const *names)
{
    size_t wrong = 0;

    for (size_t i = 0; i < count; i++) {
        struct arena arena = ARENA_INIT;
        char *folder = check_folder();
        const char *text = loaded_text(&arena, folder, cases[i].yaml, names);

        if (strcmp(text, cases[i].expected) != 0) {
            fprintf(stderr, "case %zu:\n%s\ngives:\n%sexpected:\n%s\n", i, cases[i].yaml, text,
                    cases[i].expected);
            wrong++;
        }
        check_folder_remove(folder);
        arena_release(&arena);
    }
    assert_int_equal(wrong, 0);
}
