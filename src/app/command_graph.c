/* history, heads, branches, show: the commands that look at the revision files alone. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "app/commands.h"
#include "app/execute.h"
#include "app/fleet.h"
#include "app/views.h"
#include "base/map.h"

struct revision_view *views_make(const struct app *app, struct graph_node *const *nodes,
                                 size_t count)
{
    struct revision_view *views = arena_array(app->arena, count, sizeof(*views));
    for (size_t i = 0; i < count; i++) {
        const struct graph_node *node = nodes[i];
        const char **labels;
        const char **children = arena_array(app->arena, node->child_count, sizeof(char *));
        for (size_t child = 0; child < node->child_count; child++)
            children[child] = node->children[child]->revision->id;
        views[i] = (struct revision_view){
            .revision = node->revision,
            .is_head = graph_is_head(node),
            .is_real_head = graph_is_head(node) && node->dependant_count == 0,
            .is_branch_point = graph_is_branch_point(node),
            .is_merge_point = graph_is_merge_point(node),
            .children = children,
            .child_count = node->child_count,
        };
        views[i].label_count = graph_labels(&app->graph, node, app->arena, &labels);
        views[i].labels = labels;
    }
    return views;
}

static void print_views(const struct app *app, const struct revision_view *views, size_t count,
                        void (*as_text)(const struct revision_view *, size_t, bool, struct str *))
{
    struct str text = STR_INIT;
    if (app->options->json)
        report_revisions_json(views, count, &text);
    else
        as_text(views, count, app->options->verbose, &text);
    app_print_release(&text);
}

/* Where the selected targets stand: the union of their rows; never NULL. Targets that could not be
 * read are told on stderr, *code is then 1. Returns an exit code with the error printed, or 0. */
static int read_current(struct app *app, const char ***rows, size_t *row_count, int *code)
{
    struct job_result read = {0};
    struct run_result result;
    struct map met;
    int failed = app_load_fleet(app);
    if (!failed)
        failed = app_read(app, app->options->command->name, true, &read, &result);
    map_init(&met, app->arena);
    for (size_t i = 0; !failed && i < result.count; i++) {
        const struct outcome *outcome = &result.outcomes[i];
        for (size_t head = 0; head < outcome->after_count; head++) {
            const char *row = arena_strdup(app->arena, outcome->after[head]);
            map_set(&met, row, app);
        }
        if (!outcome->read) {
            fprintf(stderr, "skein: %s: %s\n", app->fleet->targets[result.targets[i]].name,
                    outcome->error != NULL ? outcome->error->message : "could not be read");
            *code = 1;
        }
    }
    *rows = arena_array(app->arena, met.count + 1, sizeof(**rows));
    *row_count = met.count;
    for (size_t i = 0; i < met.count; i++)
        (*rows)[i] = met.entries[i].key;
    job_release(&read);
    return failed;
}

static int show_history(struct app *app)
{
    const char *range = option_value(app->options, OPTION_RANGE);
    bool indicate = option_given(app->options, OPTION_INDICATE_CURRENT);
    const char **rows = NULL;
    size_t row_count = 0, count;
    struct graph_node **nodes;
    struct err err = ERR_INIT(app->arena);
    int failed = 0, code = 0;
    if (range == NULL)
        range = ":";
    if (indicate || strstr(range, "current") != NULL)
        failed = read_current(app, &rows, &row_count, &code);
    if (failed)
        return failed;
    if (identifier_range(&app->graph, app->arena, range, rows, row_count, &nodes, &count, &err))
        return app_fail(app->options, &err);
    struct revision_view *views = views_make(app, nodes, count);
    for (size_t i = 0; i < count && indicate; i++)
        for (size_t row = 0; row < row_count; row++)
            views[i].is_current |= strcmp(views[i].revision->id, rows[row]) == 0;
    print_views(app, views, count, report_history);
    return code;
}

static int show_heads(struct app *app)
{
    struct graph_node **nodes = arena_array(app->arena, app->graph.count, sizeof(*nodes));
    size_t count = 0;
    bool resolve = option_given(app->options, OPTION_RESOLVE_DEPENDENCIES);
    for (size_t i = 0; i < app->graph.count; i++) {
        struct graph_node *node = &app->graph.nodes[i];
        if (graph_is_head(node) && (!resolve || node->dependant_count == 0))
            nodes[count++] = node;
    }
    print_views(app, views_make(app, nodes, count), count, report_heads);
    return 0;
}

static int show_branches(struct app *app)
{
    struct err err = ERR_INIT(app->arena);
    struct graph_node **all, **points;
    size_t total, count = 0;
    if (identifier_range(&app->graph, app->arena, ":", NULL, 0, &all, &total, &err))
        return app_fail(app->options, &err);
    points = arena_array(app->arena, total, sizeof(*points));
    for (size_t i = 0; i < total; i++)
        if (graph_is_branch_point(all[i]))
            points[count++] = all[i];
    struct revision_view *views = views_make(app, points, count);
    struct str text = STR_INIT;
    if (app->options->json)
        report_revisions_json(views, count, &text);
    else
        report_branches(views, count, views_make(app, all, total), total, app->options->verbose,
                        &text);
    app_print_release(&text);
    return 0;
}

static void show_text(const struct revision_view *views, size_t count, bool verbose,
                      struct str *out)
{
    (void)verbose;
    report_show(views, count, out);
}

int revisions_named(struct app *app, const char *identifier, struct graph_node ***nodes,
                    size_t *count, int *code)
{
    struct err err = ERR_INIT(app->arena);
    const char **rows;
    int failed;
    *code = 0;
    if (strcmp(identifier, "current") == 0) {
        failed = read_current(app, &rows, count, code);
        if (failed)
            return failed;
        failed = identifier_rows(&app->graph, app->arena, rows, *count, nodes, &err);
    } else {
        failed = identifier_resolve(&app->graph, app->arena, identifier, nodes, count, &err);
    }
    return failed ? app_fail(app->options, &err) : 0;
}

static int show_revision(struct app *app)
{
    struct graph_node **nodes;
    size_t count;
    int code, failed = revisions_named(app, app->options->operands[0], &nodes, &count, &code);
    if (!failed)
        print_views(app, views_make(app, nodes, count), count, show_text);
    return failed ? failed : code;
}

int command_history(const struct options *options, struct arena *arena)
{
    return app_run_project(options, arena, show_history);
}

int command_heads(const struct options *options, struct arena *arena)
{
    return app_run_project(options, arena, show_heads);
}

int command_branches(const struct options *options, struct arena *arena)
{
    return app_run_project(options, arena, show_branches);
}

int command_show(const struct options *options, struct arena *arena)
{
    return app_run_project(options, arena, show_revision);
}
