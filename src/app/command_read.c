/* current, status, targets, validate: the commands that only read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/commands.h"
#include "app/execute.h"
#include "app/fleet.h"
#include "app/views.h"
#include "report/protection.h"
#include "report/words.h"

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* "ae1027a6acf1, 1975ea83b712": the rows that another row of the same table stands upon; NULL for
 * none. */
static const char *covered_rows(const struct app *app, const struct outcome *outcome)
{
    struct node_set rows;
    struct graph_node **maximal;
    if (outcome->after_count < 2)
        return NULL;
    node_set_init(&rows, &app->graph, app->arena);
    for (size_t i = 0; i < outcome->after_count; i++) {
        const struct graph_node *node = graph_find(&app->graph, outcome->after[i]);
        if (node != NULL)
            node_set_add(&rows, node);
    }
    size_t count = graph_maximal(&app->graph, &rows, app->arena, &maximal);
    if (count == rows.count)
        return NULL;
    for (size_t i = 0; i < count; i++)
        node_set_remove(&rows, maximal[i]);
    count = node_set_list(&rows, &app->graph, app->arena, &maximal);
    const char **ids = arena_array(app->arena, count, sizeof(char *));
    for (size_t i = 0; i < count; i++)
        ids[i] = maximal[i]->revision->id;
    struct str text = STR_INIT;
    words_heads(&text, ids, count);
    const char *copy = arena_strdup(app->arena, text.text);
    str_release(&text);
    return copy;
}

/* What a row's target has applied, as Alembic lists it: the heads, by parents alone, of the rows
 * with all that stands below them. */
static size_t applied_heads(const struct app *app, const struct outcome *outcome,
                            struct graph_node ***nodes)
{
    struct node_set applied;
    size_t count, kept = 0;
    node_set_init(&applied, &app->graph, app->arena);
    for (size_t i = 0; i < outcome->after_count; i++) {
        struct graph_node *node = graph_find(&app->graph, outcome->after[i]);
        if (node != NULL)
            graph_add_ancestors(&app->graph, &applied, &node, 1, false);
    }
    count = node_set_list(&applied, &app->graph, app->arena, nodes);
    for (size_t i = 0; i < count; i++) {
        const struct graph_node *node = (*nodes)[i];
        bool covered = false;
        for (size_t child = 0; child < node->child_count && !covered; child++)
            covered = node_set_has(&applied, node->children[child]);
        if (!covered)
            (*nodes)[kept++] = (*nodes)[i];
    }
    return kept;
}

static struct standing make_standing(const struct app *app, const struct run_result *result)
{
    struct node_set all;
    struct graph_node **nodes;
    node_set_init(&all, &app->graph, app->arena);
    for (size_t i = 0; i < app->graph.count; i++)
        node_set_add(&all, &app->graph.nodes[i]);
    size_t head_count = graph_maximal(&app->graph, &all, app->arena, &nodes);
    const char **heads = arena_array(app->arena, head_count, sizeof(char *));
    for (size_t i = 0; i < head_count; i++)
        heads[i] = nodes[i]->revision->id;
    const char **files = arena_array(app->arena, app->graph.count, sizeof(char *));
    for (size_t i = 0; i < app->graph.count; i++)
        files[i] = app->graph.nodes[i].revision->id;
    qsort(files, app->graph.count, sizeof(char *), compare_texts);
    enum standing_state *states = arena_array(app->arena, result->count, sizeof(*states));
    const char **covered = arena_array(app->arena, result->count, sizeof(char *));
    for (size_t i = 0; i < result->count; i++) {
        states[i] = standing_of(app, &result->outcomes[i]);
        covered[i] = covered_rows(app, &result->outcomes[i]);
    }
    struct standing standing = {.result = result,
                                .states = states,
                                .heads = heads,
                                .head_count = head_count,
                                .files = files,
                                .file_count = app->graph.count,
                                .covered = covered};
    if (result->count == 1 && result->outcomes[0].read) {
        standing.applied_count = applied_heads(app, &result->outcomes[0], &nodes);
        standing.applied = views_make(app, nodes, standing.applied_count);
    }
    return standing;
}

/* How one reading command says what was read. */
struct reader {
    const char *command;
    void (*text)(const struct standing *standing, const struct report_style *style,
                 struct str *out);
    void (*json)(const struct standing *standing, const struct report_style *style,
                 struct str *out);
};

static bool all_at_heads(const struct standing *standing)
{
    for (size_t i = 0; i < standing->result->count; i++)
        if (standing->states[i] != STANDING_HEAD)
            return false;
    return true;
}

/* Beside the answer, which may be Alembic's lines. */
static void warn_of_weak_tls(const struct run_result *result)
{
    struct str line = STR_INIT;
    report_weak_tls_text(result, &line);
    if (line.length > 0)
        fprintf(stderr, "skein: %s\n", line.text);
    str_release(&line);
}

static int run_reading(const struct options *options, struct arena *arena,
                       const struct reader *reader)
{
    struct app app;
    struct job_result read = {0};
    struct run_result result;
    int code = app_init(&app, options, arena);
    if (!code)
        code = app_load_project(&app);
    if (!code)
        code = app_load_fleet(&app);
    if (!code)
        code = app_read(&app, reader->command, false, &read, &result);
    if (!code) {
        struct standing standing = make_standing(&app, &result);
        struct report_style style = app_style(&app, NULL);
        struct str text = STR_INIT;
        run_result_conclude(&result, true, false);
        if (result.count == 0 && !options->json)
            app_tell_nothing_left();
        else
            (options->json ? reader->json : reader->text)(&standing, &style, &text);
        app_print_release(&text);
        if (!options->json && !options->quiet)
            warn_of_weak_tls(&result);
        code = result.exit_code;
        if (code == 0 && option_given(options, OPTION_CHECK_HEADS) && !all_at_heads(&standing))
            code = EXIT_PENDING;
    }
    job_release(&read);
    app_release(&app);
    return code;
}

int command_current(const struct options *options, struct arena *arena)
{
    static const struct reader reader = {"current", report_current_text, report_current_json};
    return run_reading(options, arena, &reader);
}

int command_status(const struct options *options, struct arena *arena)
{
    static const struct reader reader = {"status", report_status_text, report_status_json};
    return run_reading(options, arena, &reader);
}

/* Beside a list that other programs read. */
static void tell_undiscovered(const struct run_result *result)
{
    for (size_t i = 0; i < result->undiscovered_count; i++)
        fprintf(stderr, "skein: %s: %s\n", result->undiscovered[i].label,
                result->undiscovered[i].error.message);
}

static void ping_text(const struct standing *standing, const struct report_style *style,
                      struct str *out)
{
    tell_undiscovered(standing->result);
    (style->csv ? report_targets_csv : report_targets_text)(standing, true, out);
}

static void ping_json(const struct standing *standing, const struct report_style *style,
                      struct str *out)
{
    (void)style;
    report_targets_json(standing, true, out);
}

/* Without --ping nothing is connected to, but by discovery; the revision files are not needed. */
static int list_targets(struct app *app)
{
    int code = app_load_fleet(app);
    if (code)
        return code;
    if (app_needs_heads(app)) {
        struct err err = ERR_INIT(app->arena);
        err_set(&err, ERROR_USAGE, "--state and the label version need the heads");
        err_hint(&err, "add --ping");
        return app_fail(app->options, &err);
    }
    code = app_narrow(app, NULL);
    if (code)
        return code;
    struct run_result result = {
        .fleet = app->fleet,
        .targets = app->targets,
        .count = app->target_count,
        .undiscovered = app->undiscovered,
        .undiscovered_count = app->undiscovered_count,
    };
    struct standing standing = {.result = &result};
    struct str text = STR_INIT;
    if (app->options->json)
        report_targets_json(&standing, false, &text);
    else
        (app->options->csv ? report_targets_csv : report_targets_text)(&standing, false, &text);
    app_print_release(&text);
    if (!app->options->json)
        tell_undiscovered(&result);
    return app->undiscovered_count > 0 ? 1 : 0;
}

int command_targets(const struct options *options, struct arena *arena)
{
    static const struct reader ping = {"targets", ping_text, ping_json};
    if (option_given(options, OPTION_PING))
        return run_reading(options, arena, &ping);
    return app_run(options, arena, list_targets);
}

/* Engines of the fleet that a revision has no upgrade section for: legal, but those targets would
 * be refused. */
static size_t count_missing_sections(const struct app *app, struct str *out)
{
    size_t missing = 0;
    for (size_t i = 0; i < app->revision_count; i++)
        for (int engine = 0; engine < ENGINE_COUNT; engine++) {
            if (!(config_engines(app->inventory) & ENGINE_BIT(engine)) ||
                app->revisions[i]->scripts[engine][DIRECTION_UPGRADE].present)
                continue;
            str_addf(out,
                     "note: %s has no upgrade section for %s: its targets would be refused there\n",
                     app->revisions[i]->path, engine_name((enum engine)engine));
            missing++;
        }
    return missing;
}

static int validate(struct app *app)
{
    if (config_fleet(app->inventory, app->arena, &app->fleet, &app->errors))
        return app_fail_errors(app);
    struct str text = STR_INIT;
    if (app->options->json) {
        struct json json;
        json_document(&json, &text);
        json_key_bool(&json, "valid", true);
        json_key_integer(&json, "revisions", (int64_t)app->revision_count);
        json_key_integer(&json, "targets", (int64_t)app->fleet->target_count);
        json_end_object(&json);
    } else {
        count_missing_sections(app, &text);
        str_add(&text, "valid: ");
        words_plural(&text, app->revision_count, "revision");
        str_add(&text, ", ");
        words_plural(&text, app->fleet->target_count, "target");
        if (config_discovers(app->inventory))
            str_add(&text, " and those to be discovered");
        str_addc(&text, '\n');
    }
    app_print_release(&text);
    return 0;
}

int command_validate(const struct options *options, struct arena *arena)
{
    return app_run_project(options, arena, validate);
}
