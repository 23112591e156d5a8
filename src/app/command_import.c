/* import alembic: the revision files of a project that Alembic manages. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/import.h"

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
#define SIGNAL_COUNT (sizeof(signals) / sizeof(signals[0]))

static void on_signal(int number)
{
    import_signal = number;
}

/* While children run and copies of alembic.ini lie about, an interrupt ends in order. */
static void catch_signals(struct sigaction before[SIGNAL_COUNT])
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    import_signal = 0;
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaction(signals[i], &action, &before[i]);
}

static void restore_signals(const struct sigaction before[SIGNAL_COUNT])
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaction(signals[i], &before[i], NULL);
}

/* skein.yaml if there is one; else files go where `skein init` would put them. */
static int load_project(struct app *app)
{
    static const char *const locations[] = {"migrations/versions"};
    static const struct migrations usual = {.version_locations = locations,
                                            .version_location_count = 1,
                                            .directory = "migrations",
                                            .version_table = "alembic_version"};
    app->foreign_config = true;
    app->migrations = &usual;
    app->engines = ENGINE_ALL;
    int code = app_has_config(app) ? app_load_config(app) : 0;
    return code ? code : app_load_revisions(app);
}

/*
 * The report
 */

static const char *unquoted(struct arena *arena, const char *name, size_t length)
{
    bool quoted = length > 1 && strchr("\"`[", name[0]) != NULL;
    return arena_strndup(arena, name + quoted, length - 2 * quoted);
}

/* What skein.yaml must say to find Alembic's rows; NULL: it does. */
static const char *version_table_keys(const struct import *import)
{
    const struct migrations *migrations = import->app->migrations;
    const char *written = import->version_table;
    if (written == NULL)
        return NULL;
    const char *dot = strrchr(written, '.');
    const char *table = dot != NULL ? dot + 1 : written;
    table = unquoted(import->arena, table, strlen(table));
    const char *schema =
        dot != NULL ? unquoted(import->arena, written, (size_t)(dot - written)) : NULL;
    bool same_schema = schema == NULL || (migrations->version_table_schema != NULL &&
                                          strcmp(schema, migrations->version_table_schema) == 0);
    if (strcmp(table, migrations->version_table) == 0 && same_schema)
        return NULL;
    return schema != NULL
               ? arena_printf(import->arena, "{version_table: %s, version_table_schema: %s}", table,
                              schema)
               : arena_printf(import->arena, "{version_table: %s}", table);
}

static void add_notes(struct import *import)
{
    const char *keys = version_table_keys(import);
    if (keys != NULL)
        str_addf(&import->notes, "Alembic's version table is %s: skein.yaml needs migrations: %s\n",
                 import->version_table, keys);
    if (import->preamble != NULL)
        str_addf(&import->notes,
                 "env.py begins with: %.200s; no file has it: see connection.search_path and "
                 "connection.session of skein.yaml\n",
                 import->preamble);
    for (size_t i = 0; i < import->file_count; i++)
        if (import->files[i].irreversible != NULL)
            str_addf(&import->notes, "%s is irreversible: %s\n", import->files[i].path,
                     import->files[i].irreversible);
}

static size_t add_unfinished(struct import *import, struct str *out, struct json *json)
{
    size_t count = 0;
    for (size_t i = 0; i < import->file_count; i++) {
        const struct import_file *file = &import->files[i];
        const char *at = file->text.text, *reason;
        int line = 1, found;
        while ((found = alembic_file_unfinished(import->arena, &at, &line, &reason)) != 0) {
            count++;
            if (json == NULL) {
                str_addf(out, "  %s:%d: %s\n", file->path, found, reason);
                continue;
            }
            json_object(json);
            json_key_string(json, "revision", file->revision->id);
            json_key_string(json, "path", file->path);
            json_key_integer(json, "line", found);
            json_key_string(json, "reason", reason);
            json_end_object(json);
        }
    }
    return count;
}

static void add_engines(const struct import *import, struct str *out)
{
    for (size_t i = 0; i < import->engine_count; i++)
        str_addf(out, "%s%s", i > 0 ? ", " : "", engine_name(import->engines[i]));
}

static void print_text(struct import *import)
{
    struct str out = STR_INIT, places = STR_INIT;
    size_t count = add_unfinished(import, &places, NULL);
    for (size_t i = 0; i < import->file_count && import->app->options->verbose; i++)
        str_addf(&out, "  Generating %s ...  done\n", import->files[i].path);
    const char *slash = strrchr(import->files[0].path, '/');
    str_addf(&out, "imported %zu revision%s into %.*s for ", import->file_count,
             import->file_count == 1 ? "" : "s", (int)(slash - import->files[0].path),
             import->files[0].path);
    add_engines(import, &out);
    str_addc(&out, '\n');
    for (char *line = import->notes.text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        str_addf(&out, "note: %.*s\n", (int)length, line);
        line += length + 1;
    }
    if (count > 0)
        str_addf(&out,
                 "%zu place%s not finished; skein refuses these files until you have written what "
                 "is missing:\n%s",
                 count, count == 1 ? " is" : "s are", places.text);
    str_add(&out, "next:  skein validate\n");
    str_release(&places);
    app_print_release(&out);
}

static void print_json(struct import *import)
{
    struct str out = STR_INIT;
    struct json json;
    json_document(&json, &out);
    json_key(&json, "engines");
    json_array(&json);
    for (size_t i = 0; i < import->engine_count; i++)
        json_string(&json, engine_name(import->engines[i]));
    json_end_array(&json);
    json_key_string(&json, "version_table", import->version_table);
    json_key(&json, "imported");
    json_array(&json);
    for (size_t i = 0; i < import->file_count; i++) {
        json_object(&json);
        json_key_string(&json, "revision", import->files[i].revision->id);
        json_key_string(&json, "path", import->files[i].path);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_key(&json, "unfinished");
    json_array(&json);
    add_unfinished(import, NULL, &json);
    json_end_array(&json);
    json_key(&json, "notes");
    json_array(&json);
    for (char *line = import->notes.text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        json_string(&json, arena_strndup(import->arena, line, length));
        line += length + 1;
    }
    json_end_array(&json);
    json_end_object(&json);
    str_addc(&out, '\n');
    app_print_release(&out);
}

static int run(struct import *import)
{
    static int (*const stages[])(struct import *) = {
        import_find_alembic, import_read_history, import_list_files, import_find_engines,
        import_render,       import_make_texts,   import_write,
    };
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        int code = import_signal != 0 ? 128 + import_signal : stages[i](import);
        if (code)
            return code;
    }
    add_notes(import);
    if (import->app->options->json)
        print_json(import);
    else
        print_text(import);
    return 0;
}

int command_import(const struct options *options, struct arena *arena)
{
    struct sigaction before[SIGNAL_COUNT];
    struct app app;
    if (strcmp(options->operands[0], "alembic") != 0) {
        struct err err = ERR_INIT(arena);
        err_set(&err, ERROR_USAGE, "skein import knows no \"%s\"", options->operands[0]);
        err_hint(&err, "skein import alembic is all there is");
        return app_fail(options, &err);
    }
    int code = app_init(&app, options, arena);
    if (!code)
        code = load_project(&app);
    if (!code) {
        struct import import = {.app = &app, .arena = arena, .notes = STR_INIT};
        catch_signals(before);
        code = run(&import);
        import_release(&import);
        restore_signals(before);
    }
    app_release(&app);
    return code;
}
