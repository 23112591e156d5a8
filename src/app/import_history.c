/* Alembic's revisions: `alembic history -v`, and `alembic show LABEL` for whose a label is. */
#include <string.h>

#include "app/import.h"
#include "app/locations.h"
#include "base/map.h"

static struct revision *find(struct import *import, const char *id)
{
    for (size_t i = 0; i < import->revision_count; i++)
        if (strcmp(import->revisions[i]->id, id) == 0)
            return import->revisions[i];
    return NULL;
}

/* `show LABEL` prints the revision that has it, in the shape of history -v. NULL: *code says why.
 */
static struct revision *find_owner(struct import *import, const char *label, int *code)
{
    const char *const arguments[] = {"show", label, NULL};
    struct err err = ERR_INIT(import->arena);
    struct alembic_revision *shown;
    struct revision *owner = NULL;
    struct process process;
    size_t count = 0;
    *code = import_call(import, import->plain_ini, arguments, &process);
    if (!*code && alembic_history_parse(import->arena, process.output.text, process.output.length,
                                        &shown, &count, &err)) {
        err_prefix(&err, "%s", import_words(import, &process));
        *code = app_fail(import->app->options, &err);
    }
    if (!*code && count == 1)
        owner = find(import, shown[0].revision.id);
    if (!*code && owner == NULL)
        *code = import_fail(import, &process);
    str_release(&process.output);
    str_release(&process.errors);
    return owner;
}

static void add_label(struct import *import, struct revision *revision, const char *label)
{
    const char **labels = arena_array(import->arena, revision->label_count + 1, sizeof(*labels));
    for (size_t i = 0; i < revision->label_count; i++)
        labels[i] = revision->labels[i];
    labels[revision->label_count++] = label;
    revision->labels = labels;
}

/* What Alembic lists is who carries a label; each is asked for once. */
static int find_labels(struct import *import, const struct alembic_revision *listed)
{
    struct map seen;
    map_init(&seen, import->arena);
    for (size_t i = 0; i < import->revision_count; i++)
        for (size_t j = 0; j < listed[i].carried_count; j++) {
            const char *label = listed[i].carried[j];
            struct revision *owner;
            int code;
            if (map_get(&seen, label) != NULL)
                continue;
            owner = find_owner(import, label, &code);
            if (owner == NULL)
                return code;
            map_set(&seen, label, owner);
            add_label(import, owner, label);
        }
    return 0;
}

static int read_list(struct import *import, struct alembic_revision **listed)
{
    const char *const arguments[] = {"history", "-v", NULL};
    struct err err = ERR_INIT(import->arena);
    struct process process;
    int code = import_call(import, import->plain_ini, arguments, &process);
    if (!code && (alembic_history_parse(import->arena, process.output.text, process.output.length,
                                        listed, &import->revision_count, &err) ||
                  (import->revision_count == 0 &&
                   err_set(&err, ERROR_REVISION, "Alembic knows no revision"))))
        code = app_fail(import->app->options, &err);
    str_release(&process.output);
    str_release(&process.errors);
    return code;
}

int import_read_history(struct import *import)
{
    struct alembic_revision *listed;
    int code = read_list(import, &listed);
    if (code)
        return code;
    import->revisions =
        arena_array(import->arena, import->revision_count, sizeof(*import->revisions));
    for (size_t i = 0; i < import->revision_count; i++) {
        import->revisions[i] = &listed[i].revision;
        import->revisions[i]->path = shown_path(import->revisions[i]->path);
    }
    code = find_labels(import, listed);
    if (!code && graph_build(&import->graph, import->arena, import->revisions,
                             import->revision_count, &import->app->errors))
        code = app_fail_errors(import->app);
    return code;
}
