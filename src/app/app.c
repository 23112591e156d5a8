#include "app/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "planner/classify.h"
#include "workers/loop.h"

#define POOL_THREADS 64 /* at most: what SQLite targets run on; started as they are needed */
#define ERRORS_SHOWN 50 /* of one input; the rest is counted */

/* -x KEY=VALUE, sorted by key; the last of equal keys counts. */
static void read_variables(struct app *app)
{
    const struct option_values *given = &app->options->values[OPTION_VARIABLE];
    struct pair *pairs = arena_array(app->arena, given->count, sizeof(struct pair));
    size_t count = 0;
    for (size_t i = 0; i < given->count; i++) {
        const char *equals = strchr(given->items[i], '=');
        if (equals == NULL)
            BUG("-x without = passed the check");
        const char *key =
            arena_strndup(app->arena, given->items[i], (size_t)(equals - given->items[i]));
        size_t at = 0;
        while (at < count && strcmp(pairs[at].key, key) < 0)
            at++;
        if (at == count || strcmp(pairs[at].key, key) != 0) {
            memmove(&pairs[at + 1], &pairs[at], (count - at) * sizeof(struct pair));
            count++;
        }
        pairs[at] = (struct pair){key, equals + 1};
    }
    app->variables = (struct pair_list){pairs, count};
}

int app_init(struct app *app, const struct options *options, struct arena *arena)
{
    memset(app, 0, sizeof(*app));
    app->options = options;
    app->arena = arena;
    err_list_init(&app->errors, arena, ERRORS_SHOWN);
    read_variables(app);
    return 0;
}

struct host *app_host(struct app *app)
{
    if (app->host == NULL)
        app->host = loop_new(POOL_THREADS);
    return app->host;
}

void app_release(struct app *app)
{
    if (app->host != NULL)
        loop_free(app->host);
    app->host = NULL;
}

int app_run(const struct options *options, struct arena *arena, int (*work)(struct app *app))
{
    struct app app;
    int code = app_init(&app, options, arena);
    if (!code)
        code = work(&app);
    app_release(&app);
    return code;
}

void app_print(const struct str *text)
{
    fwrite(text->text, 1, text->length, stdout);
    fflush(stdout);
}

void app_print_release(struct str *text)
{
    app_print(text);
    str_release(text);
}

static int print_errors(const struct options *options, const struct err *errors, size_t count,
                        size_t total)
{
    struct str text = STR_INIT;
    if (options->json) {
        report_errors_json(errors, count, &text);
        app_print(&text);
    } else {
        report_errors_text(errors, count, total, &text);
        fputs(text.text, stderr);
    }
    str_release(&text);
    return errors[0].class == ERROR_INTERNAL ? EXIT_INTERNAL : EXIT_USAGE;
}

int app_fail(const struct options *options, const struct err *err)
{
    return print_errors(options, err, 1, 1);
}

int app_fail_errors(struct app *app)
{
    if (app->errors.count == 0)
        BUG("a loader failed without an error");
    return print_errors(app->options, app->errors.items, app->errors.count, app->errors.total);
}

static const char *environment(const char *name)
{
    return getenv(name);
}

const char *app_environment(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* -c, $SKEIN_CONFIG, ./skein.yaml. */
static const char *find_path(const struct app *app)
{
    const char *path = app->foreign_config ? NULL : option_value(app->options, OPTION_CONFIG);
    if (path == NULL)
        path = app_environment("SKEIN_CONFIG");
    return path == NULL && access("skein.yaml", F_OK) == 0 ? "skein.yaml" : path;
}

/* A skein.yaml; --url; $DATABASE_URL where there is no skein.yaml; for what needs no database, the
 * files that are here. */
static int find_source(const struct app *app, struct config_source *source, struct err *err)
{
    const char *url = option_value(app->options, OPTION_URL);
    *source = (struct config_source){.environment = environment};
    if (url != NULL && !app->foreign_config && option_given(app->options, OPTION_CONFIG))
        return err_set(err, ERROR_USAGE, "--config and --url exclude each other");
    if (url != NULL) {
        source->url = url;
        source->url_name = "--url";
        return 0;
    }
    source->path = find_path(app);
    if (source->path == NULL) {
        source->url = app_environment("DATABASE_URL");
        source->url_name = "DATABASE_URL";
    }
    if (source->path == NULL && source->url == NULL && access("migrations", F_OK) != 0) {
        err_set(err, ERROR_CONFIGURATION, "there is no skein.yaml here");
        err_hint(err, "skein init makes a project; -c FILE or $SKEIN_CONFIG names another file; "
                      "--url or $DATABASE_URL names one database");
        return err->class;
    }
    return 0;
}

bool app_has_config(const struct app *app)
{
    return (!app->foreign_config && option_given(app->options, OPTION_CONFIG)) ||
           option_given(app->options, OPTION_URL) || getenv("SKEIN_CONFIG") != NULL ||
           access("skein.yaml", F_OK) == 0;
}

int app_load_config(struct app *app)
{
    struct err err = ERR_INIT(app->arena);
    struct config_source source;
    if (find_source(app, &source, &err))
        return app_fail(app->options, &err);
    if (config_load(app->arena, &source, &app->inventory, &app->errors))
        return app_fail_errors(app);
    app->config_path = source.path;
    app->migrations = config_migrations(app->inventory);
    app->engines = config_engines(app->inventory);
    if (app->engines == 0)
        app->engines = ENGINE_ALL;
    return 0;
}

bool app_fleet_of_one(const struct app *app)
{
    return app->fleet->by_url || app->fleet->target_count == 1;
}

bool app_on_terminal(int descriptor)
{
    const char *term = app_environment("TERM");
    return term != NULL && strcmp(term, "dumb") != 0 && isatty(descriptor);
}

void app_tell_nothing_left(void)
{
    fputs("skein: no target is left by the selection; nothing to do\n", stderr);
}

static bool use_color(const struct options *options)
{
    const char *color = option_value(options, OPTION_COLOR);
    if (color != NULL && strcmp(color, "auto") != 0)
        return strcmp(color, "always") == 0;
    const char *no_color = getenv("NO_COLOR");
    return (no_color == NULL || no_color[0] == '\0') && app_on_terminal(STDOUT_FILENO);
}

struct report_style app_style(const struct app *app, const char *again)
{
    return (struct report_style){
        .verbose = app->options->verbose,
        .quiet = app->options->quiet,
        .csv = app->options->csv,
        .color = use_color(app->options),
        .condition = classify_condition,
        .again = again,
    };
}
