/* revision and merge: new revision files. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/app.h"
#include "app/commands.h"
#include "app/locations.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "planner/revision_file.h"
#include "report/json.h"

#define TEMPLATE_LIMIT (64u << 10) /* bytes of migrations/revision.sql */

/* A new file on its way. */
struct newcomer {
    struct app *app;
    struct revision_draft draft;
    struct graph_node **parents; /* none: a root */
    size_t parent_count, capacity;
};

/* Parents */

static int refuse_twice(const char *id, struct err *err)
{
    err_set(err, ERROR_REVISION, "revision %s is named twice as a parent", id);
    err_hint(err, "name each parent once");
    return err->class;
}

/* `base` gives none. */
static int add_parents(struct newcomer *new, const char *identifier, struct err *err)
{
    struct app *app = new->app;
    struct graph_node **nodes;
    size_t count;
    int failed = identifier_resolve(&app->graph, app->arena, identifier, &nodes, &count, err);
    for (size_t i = 0; i < count && !failed; i++) {
        for (size_t j = 0; j < new->parent_count; j++)
            if (new->parents[j] == nodes[i])
                return refuse_twice(nodes[i]->revision->id, err);
        new->parents = arena_grow(app->arena, new->parents, sizeof(struct graph_node *),
                                  &new->capacity, new->parent_count + 1);
        new->parents[new->parent_count++] = nodes[i];
    }
    return failed;
}

static int refuse_several_heads(const struct app *app, struct err *err)
{
    struct str names = STR_INIT;
    for (size_t i = 0; i < app->graph.count; i++)
        if (graph_is_head(&app->graph.nodes[i]))
            str_addf(&names, "%s%s", names.length > 0 ? ", " : "",
                     app->graph.nodes[i].revision->id);
    err_set(err, ERROR_REVISION, "there are several heads to go on from: %s", names.text);
    err_hint(err, "--head REV says from which; skein merge heads -m TEXT joins them");
    str_release(&names);
    return err->class;
}

/* Without --head the only head; none where there are no revisions. */
static int find_parents(struct newcomer *new, struct err *err)
{
    struct app *app = new->app;
    const struct option_values *given = &app->options->values[OPTION_HEAD];
    size_t heads = 0;
    for (size_t i = 0; i < app->graph.count; i++)
        heads += graph_is_head(&app->graph.nodes[i]);
    if (given->count == 0 && heads > 1)
        return refuse_several_heads(app, err);
    if (given->count == 0)
        return heads > 0 ? add_parents(new, "head", err) : 0;
    for (size_t i = 0; i < given->count; i++)
        if (add_parents(new, given->items[i], err))
            return err->class;
    return 0;
}

static int check_heads(const struct newcomer *new, const char *way_out, struct err *err)
{
    for (size_t i = 0; i < new->parent_count; i++) {
        const struct graph_node *node = new->parents[i];
        if (graph_is_head(node))
            continue;
        err_set(err, ERROR_REVISION, "revision %s is not a head, %s%s stands upon it",
                node->revision->id, node->children[0]->revision->id,
                node->child_count > 1 ? " and others" : "");
        err_hint(err, "%s", way_out);
        return err->class;
    }
    return 0;
}

/* Alembic writes such a file, and then corrupts version tables. */
static int check_overlap(const struct newcomer *new, struct err *err)
{
    const struct app *app = new->app;
    for (size_t i = 0; i < new->parent_count; i++) {
        struct node_set below;
        node_set_init(&below, &app->graph, app->arena);
        graph_add_ancestors(&app->graph, &below, &new->parents[i], 1, true);
        for (size_t j = 0; j < new->parent_count; j++) {
            if (i == j || !node_set_has(&below, new->parents[j]))
                continue;
            err_set(err, ERROR_REVISION, "the parents overlap: %s is an ancestor of %s",
                    new->parents[j]->revision->id, new->parents[i]->revision->id);
            err_hint(err, "name %s alone", new->parents[i]->revision->id);
            return err->class;
        }
    }
    return 0;
}

static void name_parents(struct newcomer *new)
{
    const char **ids = arena_array(new->app->arena, new->parent_count, sizeof(char *));
    for (size_t i = 0; i < new->parent_count; i++)
        ids[i] = new->parents[i]->revision->id;
    new->draft.down = ids;
    new->draft.down_count = new->parent_count;
}

/* A label stays a label, as with Alembic; whatever else names one revision becomes its id. */
static int find_dependencies(struct newcomer *new, struct err *err)
{
    struct app *app = new->app;
    const struct option_values *given = &app->options->values[OPTION_DEPENDS_ON];
    const char **names = arena_array(app->arena, given->count, sizeof(char *));
    for (size_t i = 0; i < given->count; i++) {
        struct graph_node **nodes;
        size_t count;
        if (identifier_resolve(&app->graph, app->arena, given->items[i], &nodes, &count, err))
            return err->class;
        if (count != 1) {
            err_set(err, ERROR_USAGE, "--depends-on %s names %zu revisions, not one",
                    given->items[i], count);
            err_hint(err, "say --depends-on once for each revision");
            return err->class;
        }
        bool label = map_get(&app->graph.by_name, given->items[i]) != NULL;
        names[i] = label ? given->items[i] : nodes[0]->revision->id;
    }
    new->draft.depends_on = names;
    new->draft.depends_on_count = given->count;
    return 0;
}

/* The file */

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static const char *new_id(struct arena *arena)
{
    return arena_printf(arena, "%012llx",
                        (unsigned long long)(random_entropy() & UINT64_C(0xffffffffffff)));
}

static const char *read_template(struct app *app, struct err *err)
{
    char *path = file_join(app->arena, app->migrations->directory, "revision.sql");
    struct file_text text;
    if (!exists(path))
        return revision_file_template;
    return file_read(app->arena, path, TEMPLATE_LIMIT, &text, err) ? NULL : text.data;
}

/* The new file is parsed with the others before it is written: what would be refused at load never
 * lands. */
static int check_new(struct app *app, const struct file_text *file)
{
    struct revision *revision = revision_file_parse(app->arena, file, app->engines, &app->errors);
    if (revision == NULL)
        return app_fail_errors(app);
    struct revision **all = arena_array(app->arena, app->revision_count + 1, sizeof(*all));
    if (app->revision_count > 0)
        memcpy(all, app->revisions, app->revision_count * sizeof(*all));
    all[app->revision_count] = revision;
    struct graph graph;
    return graph_build(&graph, app->arena, all, app->revision_count + 1, &app->errors)
               ? app_fail_errors(app)
               : 0;
}

static int check_id(const struct newcomer *new, struct err *err)
{
    const struct graph_node *there = graph_find(&new->app->graph, new->draft.id);
    if (there == NULL)
        return 0;
    err_set(err, ERROR_REVISION, "there is a revision %s already: %s", new->draft.id,
            there->revision->path);
    err_hint(err, "give another --rev-id, or none: then it is made up");
    return err->class;
}

static void print_written(const struct newcomer *new, const char *path)
{
    if (!new->app->options->json) {
        printf("  Generating %s ...  done\n", path);
        return;
    }
    struct str text = STR_INIT;
    struct json json;
    json_document(&json, &text);
    json_key_string(&json, "revision", new->draft.id);
    json_key_string(&json, "path", path);
    json_end_object(&json);
    app_print_release(&text);
}

static int write_revision(struct newcomer *new, struct err *err)
{
    struct app *app = new->app;
    const struct revision_draft *draft = &new->draft;
    const struct revision *parent = new->parent_count > 0 ? new->parents[0]->revision : NULL;
    const char *folder = NULL, *template;
    struct str text = STR_INIT;
    if (check_id(new, err) || locations_new(app, parent, &folder, err) ||
        (template = read_template(app, err)) == NULL ||
        revision_file_render(template, draft, &text, err)) {
        str_release(&text);
        return app_fail(app->options, err);
    }
    const char *message = option_value(app->options, OPTION_MESSAGE);
    const char *name = revision_file_name(app->arena, draft->id, message != NULL ? message : "");
    char *path = file_join(app->arena, folder, name);
    struct file_text file = {name, shown_path(path), arena_strdup(app->arena, text.text),
                             text.length};
    int code = check_new(app, &file);
    if (!code && file_create(path, text.text, text.length, 0666, err))
        code = app_fail(app->options, err);
    str_release(&text);
    if (!code)
        print_written(new, path);
    return code;
}

static void begin_draft(struct newcomer *new)
{
    const struct options *options = new->app->options;
    char date[CLOCK_TEXT_SIZE];
    const char *message = option_value(options, OPTION_MESSAGE);
    const char *id = option_value(options, OPTION_REV_ID);
    clock_format(clock_system.wall_us(clock_system.context), 0, date);
    new->draft = (struct revision_draft){
        .id = id != NULL ? id : new_id(new->app->arena),
        .message = message != NULL ? message : "empty message",
        /* 2026-11-20T10:30:00Z -> 2026-11-20 10:30:00+00:00 */
        .create_date = arena_printf(new->app->arena, "%.10s %.8s+00:00", date, date + 11),
        .labels = options->values[OPTION_BRANCH_LABEL].items,
        .label_count = options->values[OPTION_BRANCH_LABEL].count,
    };
}

static int make_revision(struct app *app)
{
    struct newcomer new = {.app = app};
    struct err err = ERR_INIT(app->arena);
    bool splice = option_given(app->options, OPTION_SPLICE);
    begin_draft(&new);
    if (find_parents(&new, &err) ||
        (!splice && check_heads(&new, "--splice makes a new branch from it", &err)) ||
        check_overlap(&new, &err) || find_dependencies(&new, &err))
        return app_fail(app->options, &err);
    name_parents(&new);
    return write_revision(&new, &err);
}

static int make_merge(struct app *app)
{
    struct newcomer new = {.app = app};
    struct err err = ERR_INIT(app->arena);
    begin_draft(&new);
    for (size_t i = 0; i < app->options->operand_count; i++)
        if (add_parents(&new, app->options->operands[i], &err))
            return app_fail(app->options, &err);
    if (check_heads(
            &new, "skein merge joins heads; skein revision --splice --head A --head B joins others",
            &err))
        return app_fail(app->options, &err);
    if (new.parent_count < 2) {
        err_set(&err, ERROR_REVISION, "a merge joins two heads or more, there is %s%s",
                new.parent_count == 1 ? "only " : "none",
                new.parent_count == 1 ? new.parents[0]->revision->id : "");
        err_hint(&err, "skein heads lists them; skein revision -m TEXT goes on from a single one");
        return app_fail(app->options, &err);
    }
    name_parents(&new);
    return write_revision(&new, &err);
}

int command_revision(const struct options *options, struct arena *arena)
{
    return app_run_project(options, arena, make_revision);
}

int command_merge(const struct options *options, struct arena *arena)
{
    return app_run_project(options, arena, make_merge);
}
