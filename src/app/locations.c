#include "app/locations.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "planner/revision_file.h"

const char *shown_path(const char *path)
{
    char here[PATH_MAX];
    size_t length = getcwd(here, sizeof(here)) != NULL ? strlen(here) : 0;
    if (length > 1 && strncmp(path, here, length) == 0 && path[length] == '/')
        return path + length + 1;
    return path;
}

/* Links, dots and doubled slashes resolved; NULL where there is no such thing. In the arena. */
static const char *real_path(struct arena *arena, const char *path)
{
    char resolved[PATH_MAX];
    return realpath(path, resolved) != NULL ? arena_strdup(arena, resolved) : NULL;
}

static bool is_inside(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* A file that belongs to two locations would be two revisions with one id. */
static int check_apart(const struct app *app, struct err *err)
{
    const struct migrations *migrations = app->migrations;
    size_t count = migrations->version_location_count;
    const char **paths = arena_array(app->arena, count, sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        const char *here = shown_path(migrations->version_locations[i]);
        paths[i] = real_path(app->arena, migrations->version_locations[i]);
        for (size_t j = 0; j < i && paths[i] != NULL; j++) {
            const char *other = shown_path(migrations->version_locations[j]);
            if (paths[j] == NULL)
                continue;
            bool same = strcmp(paths[i], paths[j]) == 0;
            if (!same && !is_inside(paths[i], paths[j]) && !is_inside(paths[j], paths[i]))
                continue;
            err_set(err, ERROR_CONFIGURATION,
                    same
                        ? "migrations.version_locations names one folder twice: %s and %s"
                        : "migrations.version_locations: one folder is inside the other: %s and %s",
                    other, here);
            err_hint(err, same ? "name it once"
                               : "give each location a folder of its own, side by side");
            return err->class;
        }
    }
    return 0;
}

static int read_location(struct app *app, const char *location, struct file_text **files,
                         size_t *count, struct err *err)
{
    struct stat status;
    bool only = app->migrations->version_location_count == 1;
    int failed = file_read_folder(app->arena, shown_path(location), ".sql", REVISION_FILE_LIMIT,
                                  files, count, err);
    if (!failed)
        return 0;
    if (stat(location, &status) == 0 && S_ISDIR(status.st_mode))
        err_hint(err,
                 "nothing is run beside a file that cannot be read: mend it, or move it out of "
                 "the folder");
    else if (only)
        err_hint(err, "skein init makes the folders; migrations.directory in skein.yaml names "
                      "another one");
    else
        err_hint(err, "make the folder, or take it out of migrations.version_locations in "
                      "skein.yaml");
    return failed;
}

static int compare_names(const void *left, const void *right)
{
    const struct file_text *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : strcmp(a->path, b->path);
}

/* `passing`: over locations that do not exist. */
static int read_all(struct app *app, bool passing, struct file_text **files, size_t *count,
                    struct err *err)
{
    const struct migrations *migrations = app->migrations;
    size_t capacity = 0;
    *files = NULL;
    *count = 0;
    if (check_apart(app, err))
        return err->class;
    for (size_t i = 0; i < migrations->version_location_count; i++) {
        struct file_text *found;
        size_t found_count;
        if (passing && access(migrations->version_locations[i], F_OK) != 0)
            continue;
        if (read_location(app, migrations->version_locations[i], &found, &found_count, err))
            return err->class;
        *files = arena_grow(app->arena, *files, sizeof(**files), &capacity, *count + found_count);
        if (found_count > 0)
            memcpy(*files + *count, found, found_count * sizeof(**files));
        *count += found_count;
    }
    if (migrations->version_location_count > 1 && *count > 1)
        qsort(*files, *count, sizeof(**files), compare_names);
    return 0;
}

static int load_revisions(struct app *app, bool passing)
{
    struct err err = ERR_INIT(app->arena);
    struct file_text *files;
    size_t count;
    if (read_all(app, passing, &files, &count, &err))
        return app_fail(app->options, &err);
    if (revision_files_parse(app->arena, files, count, app->engines, &app->errors, &app->revisions,
                             &app->revision_count))
        return app_fail_errors(app);
    return 0;
}

int app_load_revisions(struct app *app)
{
    return load_revisions(app, true);
}

int app_load_project(struct app *app)
{
    int code = app_load_config(app);
    if (!code)
        code = load_revisions(app, false);
    if (code)
        return code;
    if (graph_build(&app->graph, app->arena, app->revisions, app->revision_count, &app->errors))
        return app_fail_errors(app);
    return 0;
}

int app_run_project(const struct options *options, struct arena *arena,
                    int (*work)(struct app *app))
{
    struct app app;
    int code = app_init(&app, options, arena);
    if (!code)
        code = app_load_project(&app);
    if (!code && work != NULL)
        code = work(&app);
    app_release(&app);
    return code;
}

const char *locations_list(const struct app *app)
{
    struct str text = STR_INIT;
    for (size_t i = 0; i < app->migrations->version_location_count; i++)
        str_addf(&text, "%s%s", i > 0 ? ", " : "",
                 shown_path(app->migrations->version_locations[i]));
    const char *copy = arena_strdup(app->arena, text.text);
    str_release(&text);
    return copy;
}

int locations_find(const struct app *app, const char *wanted, const char **folder, struct err *err)
{
    const struct migrations *migrations = app->migrations;
    const char *config = app->config_path;
    const char *slash = config != NULL ? strrchr(config, '/') : NULL;
    const char *beside =
        slash == NULL
            ? wanted
            : file_join(app->arena, arena_strndup(app->arena, config, (size_t)(slash - config)),
                        wanted);
    const char *typed = real_path(app->arena, wanted), *by_config = real_path(app->arena, beside);
    for (size_t i = 0; i < migrations->version_location_count; i++) {
        const char *location = real_path(app->arena, migrations->version_locations[i]);
        if (location == NULL || ((typed == NULL || strcmp(location, typed) != 0) &&
                                 (by_config == NULL || strcmp(location, by_config) != 0)))
            continue;
        *folder = migrations->version_locations[i];
        return 0;
    }
    err_set(err, ERROR_USAGE, "%s is none of the version locations: %s", wanted,
            locations_list(app));
    err_hint(err, "name one of them; migrations.version_locations in skein.yaml adds another");
    return err->class;
}

/* The location that the revision's file lies in. */
static const char *location_of(const struct app *app, const struct revision *revision)
{
    size_t length = strlen(revision->path) - strlen(revision->name) - 1;
    for (size_t i = 0; i < app->migrations->version_location_count; i++) {
        const char *shown = shown_path(app->migrations->version_locations[i]);
        size_t size = strlen(shown);
        while (size > 1 && shown[size - 1] == '/')
            size--;
        if (size == length && strncmp(shown, revision->path, length) == 0)
            return app->migrations->version_locations[i];
    }
    return NULL;
}

int locations_new(const struct app *app, const struct revision *parent, const char **folder,
                  struct err *err)
{
    const char *wanted = option_value(app->options, OPTION_VERSION_PATH);
    if (wanted != NULL)
        return locations_find(app, wanted, folder, err);
    if (app->migrations->version_location_count == 1) {
        *folder = app->migrations->version_locations[0];
        return 0;
    }
    *folder = parent != NULL ? location_of(app, parent) : NULL;
    if (*folder != NULL)
        return 0;
    err_set(err, ERROR_USAGE, "there are several version locations, and no parent that says which");
    err_hint(err, "--version-path FOLDER names one of them: %s", locations_list(app));
    return err->class;
}
