/* The files' texts, and all of them on the disk or none. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/import.h"
#include "app/locations.h"
#include "base/file.h"

#define SHOWN 5 /* names in an error */

/*
 * Texts
 */

/* Where no % stands alone in all that was rendered, env.py may double them: a driver that formats
 * with % does, unless it is told otherwise. */
static void doubt_percents(struct import *import, size_t engine)
{
    unsigned found = 0;
    if (import->engines[engine] == ENGINE_SQLITE)
        return;
    for (int pass = 0; pass < 2 && (pass == 0 || found == ALEMBIC_PERCENT_EVEN); pass++)
        for (size_t i = 0; i < import->file_count; i++)
            for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
                struct alembic_part *part = &import->files[i].parts[direction][engine];
                for (size_t j = 0; j < part->count; j++) {
                    struct alembic_doubt *doubt = &part->statements[j].doubt;
                    found |= doubt->percent;
                    if (pass == 1 && doubt->percent != 0 && doubt->reason == NULL)
                        doubt->reason =
                            "is this % meant to stand twice? Offline, Alembic doubles it unless "
                            "env.py gives dialect_opts={\"paramstyle\": \"named\"}";
                }
            }
}

static int make_text(struct import *import, struct import_file *file, struct err *err)
{
    const struct revision *revision = file->revision;
    struct alembic_file made = {
        .draft = {.id = revision->id,
                  .message = revision->notes == NULL
                                 ? revision->message
                                 : arena_printf(import->arena, "%s\n\n%s", revision->message,
                                                revision->notes),
                  .create_date = revision->create_date,
                  .down = revision->down,
                  .down_count = revision->down_count,
                  .depends_on = revision->depends_on,
                  .depends_on_count = revision->depends_on_count,
                  .labels = revision->labels,
                  .label_count = revision->label_count},
        .irreversible = file->irreversible,
    };
    for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
        made.parts[direction] = file->parts[direction];
        made.part_counts[direction] = direction == DIRECTION_DOWNGRADE && file->irreversible != NULL
                                          ? 0
                                          : import->engine_count;
    }
    int failed = alembic_file_render(&made, &file->text, err);
    if (failed)
        err_at(err, revision->path, 0, 0);
    return failed;
}

static int check_names(struct import *import)
{
    struct err err = ERR_INIT(import->arena);
    struct str names = STR_INIT;
    size_t taken = 0;
    for (size_t i = 0; i < import->file_count; i++) {
        struct stat status;
        if (lstat(import->files[i].path, &status) != 0)
            continue;
        if (taken++ < SHOWN)
            str_addf(&names, "%s%s", names.length > 0 ? ", " : "", import->files[i].path);
    }
    if (taken > SHOWN)
        str_addf(&names, " and %zu more", taken - SHOWN);
    if (taken > 0) {
        err_set(&err, ERROR_CONFIGURATION, "%s exist%s already; nothing was written", names.text,
                taken == 1 ? "s" : "");
        err_hint(&err,
                 "an import overwrites nothing: move them away, or import into another folder "
                 "by migrations.directory of skein.yaml");
    }
    str_release(&names);
    return taken > 0 ? app_fail(import->app->options, &err) : 0;
}

/* Beside the revisions that are there already. */
static int check_graph(struct import *import)
{
    struct app *app = import->app;
    size_t count = app->revision_count + import->file_count;
    struct revision **all = arena_array(import->arena, count, sizeof(*all));
    struct graph graph;
    for (size_t i = 0; i < app->revision_count; i++)
        all[i] = app->revisions[i];
    for (size_t i = 0; i < import->file_count; i++) {
        struct revision *revision = arena_alloc(import->arena, sizeof(*revision));
        *revision = *import->files[i].revision;
        revision->name = import->files[i].name;
        revision->path = import->files[i].path;
        all[app->revision_count + i] = revision;
    }
    return graph_build(&graph, import->arena, all, count, &app->errors) ? app_fail_errors(app) : 0;
}

int import_make_texts(struct import *import)
{
    struct err err = ERR_INIT(import->arena);
    const char *folder;
    if (locations_new(import->app, NULL, &folder, &err))
        return app_fail(import->app->options, &err);
    folder = shown_path(folder);
    for (size_t i = 0; i < import->engine_count; i++)
        doubt_percents(import, i);
    for (size_t i = 0; i < import->file_count; i++) {
        struct import_file *file = &import->files[i];
        file->name = revision_file_name(import->arena, file->revision->id, file->revision->message);
        file->path = file_join(import->arena, folder, file->name);
        if (make_text(import, file, &err))
            return app_fail(import->app->options, &err);
    }
    int code = check_names(import);
    return code ? code : check_graph(import);
}

/*
 * Writing
 */

int import_write(struct import *import)
{
    struct err err = ERR_INIT(import->arena);
    const char *first = import->files[0].path;
    const char *slash = strrchr(first, '/');
    const char *folder =
        slash == NULL ? "." : arena_strndup(import->arena, first, (size_t)(slash - first));
    bool made = access(folder, F_OK) != 0;
    size_t written = 0;
    int failed = file_make_folder(folder, 0777, &err);
    for (size_t i = 0; i < import->file_count && !failed; i++) {
        const struct import_file *file = &import->files[i];
        failed = file_create(file->path, file->text.text, file->text.length, 0666, &err);
        written += !failed;
    }
    if (!failed)
        return 0;
    for (size_t i = 0; i < written; i++)
        unlink(import->files[i].path);
    if (made)
        rmdir(folder);
    err_hint(&err, "what was written before has been removed again");
    return app_fail(import->app->options, &err);
}
