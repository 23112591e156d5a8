/* history, heads, branches, show: the commands that look at the revision files alone. */
#include <string.h>

#include "app/app.h"
#include "app/commands.h"
#include "app/execute.h"
#include "app/fleet.h"
#include "app/views.h"

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

/* Heads of all selected targets, for `-i` and for `current` in a range: the union of their rows. */
static int read_current(struct app *app, struct job_result *read, const char ***rows,
                        size_t *row_count)
{
    int code = app_load_fleet(app);
    struct job job = {.mode = LIFE_READ, .command = "history", .quiet = true};
    if (!code)
        code = job_run(app, &job, read);
    if (code)
        return code;
    size_t capacity = 0;
    *rows = NULL;
    *row_count = 0;
    for (size_t i = 0; i < read->result.count; i++)
        for (size_t head = 0; head < read->result.outcomes[i].after_count; head++) {
            const char *row = read->result.outcomes[i].after[head];
            bool known = false;
            for (size_t at = 0; at < *row_count && !known; at++)
                known = strcmp((*rows)[at], row) == 0;
            if (known)
                continue;
            *rows = arena_grow(app->arena, *rows, sizeof(**rows), &capacity, *row_count + 1);
            (*rows)[(*row_count)++] = row;
        }
    return 0;
}

static int show_history(struct app *app)
{
    const char *range = option_value(app->options, OPTION_RANGE);
    bool indicate = option_given(app->options, OPTION_INDICATE_CURRENT);
    struct job_result read = {0};
    const char **rows = NULL;
    size_t row_count = 0, count;
    struct graph_node **nodes;
    struct err err = ERR_INIT(app->arena);
    int code = 0;
    if (range == NULL)
        range = ":";
    if (indicate || strstr(range, "current") != NULL)
        code = read_current(app, &read, &rows, &row_count);
    if (!code &&
        identifier_range(&app->graph, app->arena, range, rows, row_count, &nodes, &count, &err))
        code = app_fail(app->options, &err);
    if (!code) {
        struct revision_view *views = views_make(app, nodes, count);
        for (size_t i = 0; i < count && indicate; i++)
            for (size_t row = 0; row < row_count; row++)
                views[i].is_current |= strcmp(views[i].revision->id, rows[row]) == 0;
        print_views(app, views, count, report_history);
    }
    job_release(&read);
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

static int show_revision(struct app *app)
{
    struct err err = ERR_INIT(app->arena);
    struct graph_node **nodes;
    size_t count;
    if (identifier_resolve(&app->graph, app->arena, app->options->operands[0], &nodes, &count,
                           &err))
        return app_fail(app->options, &err);
    print_views(app, views_make(app, nodes, count), count, show_text);
    return 0;
}

static int run_graph(const struct options *options, struct arena *arena,
                     int (*show)(struct app *app))
{
    struct app app;
    int code = app_init(&app, options, arena);
    if (!code)
        code = app_load_project(&app);
    if (!code)
        code = show(&app);
    app_release(&app);
    return code;
}

int command_history(const struct options *options, struct arena *arena)
{
    return run_graph(options, arena, show_history);
}

int command_heads(const struct options *options, struct arena *arena)
{
    return run_graph(options, arena, show_heads);
}

int command_branches(const struct options *options, struct arena *arena)
{
    return run_graph(options, arena, show_branches);
}

int command_show(const struct options *options, struct arena *arena)
{
    return run_graph(options, arena, show_revision);
}
