/* upgrade, downgrade, stamp, plan: the commands that make a plan and may carry it out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/commands.h"
#include "app/confirm.h"
#include "app/execute.h"
#include "app/fleet.h"
#include "app/offline_run.h"
#include "base/text.h"
#include "planner/plan.h"
#include "planner/template.h"

/* One command's way from words to a report. */
struct order {
    enum goal_kind kind;
    const char *command; /* "upgrade", "plan upgrade" */
    const char *const *identifiers;
    size_t identifier_count;
    bool plan;       /* read and show only */
    bool takes_back; /* needs a selection or --all, and a yes */
};

/* "9c41e07b22d1 (head) "users.email not null"" */
static const char *describe_goal(const struct app *app, const struct goal *goal)
{
    struct str text = STR_INIT;
    for (size_t i = 0; i < goal->node_count; i++) {
        const struct graph_node *node = goal->nodes[i];
        str_addf(&text, "%s%s%s \"%s\"", i > 0 ? ", " : "", node->revision->id,
                 graph_is_head(node) ? " (head)" : "", node->revision->message);
    }
    if (goal->kind == GOAL_ENSURE)
        str_add(&text, "the version table is there");
    else if (goal->node_count == 0)
        str_add(&text, goal->relative ? "each from its own heads" : "base");
    const char *copy = arena_strdup(app->arena, text.text);
    str_release(&text);
    return copy;
}

static int print_result(struct app *app, const struct run_result *result, const char *again)
{
    struct report_style style = app_style(app, again);
    struct str text = STR_INIT;
    if (app->options->json)
        report_run_json(result, &style, &text);
    else
        report_run_text(result, &style, &text);
    app_print_release(&text);
    return result->exit_code;
}

/* In a fleet of one a refusal is the command's error: exit 2, nothing touched. */
static const struct err *only_refusal(const struct app *app, const struct run_result *result)
{
    if (!app_fleet_of_one(app) || result->count != 1 || result->outcomes[0].kind != OUTCOME_REFUSED)
        return NULL;
    return result->outcomes[0].error;
}

static int nothing_selected(const struct app *app)
{
    if (!app->options->json)
        app_tell_nothing_left();
    else
        puts("{\"schema_version\":1,\"counts\":{\"targets\":0},\"targets\":[]}");
    return 0;
}

/* All targets that could be read must stand alike, else a relative goal means different things:
 * exit 2 with the groups. */
static int check_equal_heads(struct app *app, const struct run_result *read,
                             const struct outcome **first)
{
    *first = NULL;
    for (size_t i = 0; i < read->count; i++) {
        const struct outcome *outcome = &read->outcomes[i];
        if (!outcome->read)
            continue;
        if (*first == NULL)
            *first = outcome;
        if (text_lists_equal((*first)->after, (*first)->after_count, outcome->after,
                             outcome->after_count))
            continue;
        struct err err = ERR_INIT(app->arena);
        struct str here = STR_INIT, there = STR_INIT;
        for (size_t head = 0; head < (*first)->after_count; head++)
            str_addf(&here, " %s", (*first)->after[head]);
        for (size_t head = 0; head < outcome->after_count; head++)
            str_addf(&there, " %s", outcome->after[head]);
        err_set(&err, ERROR_PLAN,
                "a relative revision needs equal heads, but targets stand at%s and%s (%s, …)",
                here.length > 0 ? here.text : " base", there.length > 0 ? there.text : " base",
                app->fleet->targets[read->targets[i]].name);
        err_hint(&err,
                 "name the revision, select one group (skein current shows them), or say --each");
        str_release(&here);
        str_release(&there);
        return app_fail(app->options, &err);
    }
    return 0;
}

/* A relative goal becomes absolute from the heads first read, once for all. */
static int settle_goal(struct app *app, const struct run_result *read, struct goal *goal)
{
    if (!goal->relative || option_given(app->options, OPTION_EACH))
        return 0;
    const struct outcome *first;
    int code = check_equal_heads(app, read, &first);
    if (code || first == NULL)
        return code;
    struct err err = ERR_INIT(app->arena);
    struct goal *absolute = arena_alloc(app->arena, sizeof(*absolute));
    if (goal_absolute(&app->graph, app->arena, goal, first->after, first->after_count, absolute,
                      &err))
        return app_fail(app->options, &err);
    const char *text = goal->text;
    *goal = *absolute;
    goal->text = text;
    return 0;
}

/* The target's own vars with those of -x over them. */
static bool has_variable(const struct app *app, const struct target *target, const char *name)
{
    return pair_get(&app->variables, name) != NULL || pair_get(&target->vars, name) != NULL;
}

/* Whether every selected target has a value for every variable that any revision declares: then
 * nothing more is to be asked. */
static bool variables_complete(const struct app *app)
{
    for (size_t i = 0; i < app->graph.count; i++) {
        const struct revision *revision = app->graph.nodes[i].revision;
        for (size_t variable = 0; variable < revision->variable_count; variable++)
            for (size_t target = 0; target < app->target_count; target++)
                if (!has_variable(app, &app->fleet->targets[app->targets[target]],
                                  revision->variables[variable]))
                    return false;
    }
    return true;
}

/* A declared variable without a value for a target that would run the revision: an error before
 * anything moves. */
static int check_variables(struct app *app, const struct goal *goal, const struct run_result *read)
{
    struct planning planning = {
        .graph = &app->graph, .migrations = &app->fleet->migrations, .goal = goal, .each = true};
    for (size_t i = 0, left = 0; i < read->count && left < app->target_count; i++) {
        const struct outcome *outcome = &read->outcomes[i];
        const struct target *target = &app->fleet->targets[read->targets[i]];
        if (read->targets[i] != app->targets[left])
            continue; /* narrowed away */
        left++;
        if (!outcome->read)
            continue;
        const struct plan *plan =
            plan_make(app->arena, &planning, target->engine, outcome->after, outcome->after_count);
        for (size_t step = 0; step < plan->step_count; step++) {
            const struct revision *revision =
                plan->steps[step].script != NULL ? plan->steps[step].revision : NULL;
            for (size_t variable = 0; revision != NULL && variable < revision->variable_count;
                 variable++) {
                if (has_variable(app, target, revision->variables[variable]))
                    continue;
                struct err err = ERR_INIT(app->arena);
                err_set(&err, ERROR_PLAN,
                        "tenant %s has no value for the variable \"%s\" of revision %s",
                        target->name, revision->variables[variable], revision->id);
                err_at(&err, revision->path, 0, 0);
                err_hint(
                    &err,
                    "set it under vars: of the tenant, or with -x %s=VALUE; nothing was touched",
                    revision->variables[variable]);
                return app_fail(app->options, &err);
            }
        }
    }
    return 0;
}

/* The first pass over the heads, where the selection, the goal or the command needs one. */
static int read_first(struct app *app, const struct order *order, struct goal *goal)
{
    bool complete =
        order->kind == GOAL_STAMP || order->kind == GOAL_ENSURE || variables_complete(app);
    bool relative = goal->relative && !option_given(app->options, OPTION_EACH);
    if (!app_needs_heads(app) && !relative && complete &&
        (order->kind != GOAL_DOWNGRADE || order->plan)) {
        return app_narrow(app, NULL);
    }
    struct job_result read;
    int code = job_read(app, order->command, &read);
    if (code)
        return code;
    code = app_narrow(app, &read.result);
    if (!code)
        code = settle_goal(app, &read.result, goal);
    if (!code && !complete)
        code = check_variables(app, goal, &read.result);
    job_release(&read);
    return code;
}

/* A run with nothing to do takes no time in which a tenant could appear. */
static bool some_moved(const struct run_result *result)
{
    for (size_t i = 0; i < result->count; i++)
        if (result->outcomes[i].step_count > 0)
            return true;
    return false;
}

/* `relative`: as typed. To type such a goal again would mean something else. */
static int carry_out(struct app *app, const struct order *order, struct goal *goal, bool relative)
{
    bool dry = order->plan || option_given(app->options, OPTION_DRY_RUN);
    struct job job = {.mode = dry ? LIFE_PLAN : LIFE_EXECUTE,
                      .command = order->command,
                      .goal = goal,
                      .relative = relative};
    struct job_result done;
    int code = job_run(app, &job, &done);
    if (code)
        return code;
    done.result.goal_text = describe_goal(app, goal);
    if (!dry && some_moved(&done.result))
        done.result.appeared_count = app_find_appeared(app, &done.result.appeared);
    run_result_conclude(&done.result, dry, option_given(app->options, OPTION_CHECK));
    const struct err *refusal = only_refusal(app, &done.result);
    code = refusal != NULL
               ? app_fail(app->options, refusal)
               : print_result(app, &done.result, dry || relative ? NULL : app_again(app, goal));
    job_release(&done);
    return code;
}

/* What only a script can be asked for. */
static int check_online(struct app *app, const struct order *order)
{
    struct err err = ERR_INIT(app->arena);
    if (option_given(app->options, OPTION_SQL_DIR)) {
        err_set(&err, ERROR_USAGE, "--sql-dir goes with --sql");
        return app_fail(app->options, &err);
    }
    for (size_t i = 0; i < order->identifier_count; i++) {
        if (strchr(order->identifiers[i], ':') == NULL)
            continue;
        err_set(&err, ERROR_USAGE, "\"%s\" is a range: every target begins where it stands",
                order->identifiers[i]);
        err_hint(&err, "name one revision; A:B is for --sql");
        return app_fail(app->options, &err);
    }
    return 0;
}

static int run_order(struct app *app, const struct order *order)
{
    struct err err = ERR_INIT(app->arena);
    struct goal goal;
    struct run_identity identity;
    if (job_identity(app, &identity, &err))
        return app_fail(app->options, &err);
    int code = check_online(app, order);
    if (!code)
        code = app_load_project(app);
    if (code)
        return code;
    if (goal_resolve(&app->graph, app->arena, order->kind, order->identifiers,
                     order->identifier_count, &goal, &err))
        return app_fail(app->options, &err);
    goal.purge = option_given(app->options, OPTION_PURGE);
    bool relative = goal.relative;
    code = app_load_fleet(app);
    bool dry = order->plan || option_given(app->options, OPTION_DRY_RUN);
    if (!code && order->takes_back && !dry)
        code = confirm_selection(app);
    if (!code)
        code = read_first(app, order, &goal);
    if (code)
        return code;
    if (app->target_count == 0)
        return nothing_selected(app);
    if (order->takes_back && !dry)
        code = confirm_ask(app, order->command, goal.text);
    return code ? code : carry_out(app, order, &goal, relative);
}

static int run_command(const struct options *options, struct arena *arena,
                       const struct order *order)
{
    struct app app;
    int code = app_init(&app, options, arena);
    if (!code && option_given(options, OPTION_SQL))
        code = offline_run(&app, order->kind, order->identifiers, order->identifier_count);
    else if (!code)
        code = run_order(&app, order);
    app_release(&app);
    return code;
}

int command_upgrade(const struct options *options, struct arena *arena)
{
    const struct order order = {GOAL_UPGRADE, "upgrade", options->operands, 1, false, false};
    return run_command(options, arena, &order);
}

int command_downgrade(const struct options *options, struct arena *arena)
{
    const struct order order = {GOAL_DOWNGRADE, "downgrade", options->operands, 1, false, true};
    return run_command(options, arena, &order);
}

int command_stamp(const struct options *options, struct arena *arena)
{
    const struct order order = {GOAL_STAMP, "stamp", options->operands, options->operand_count,
                                false,      true};
    return run_command(options, arena, &order);
}

int command_ensure_version(const struct options *options, struct arena *arena)
{
    const struct order order = {.kind = GOAL_ENSURE, .command = "ensure_version"};
    return run_command(options, arena, &order);
}

int command_plan(const struct options *options, struct arena *arena)
{
    bool up = strcmp(options->operands[0], "upgrade") == 0;
    if (!up && strcmp(options->operands[0], "downgrade") != 0) {
        struct err err = ERR_INIT(arena);
        err_set(&err, ERROR_USAGE, "skein plan takes upgrade or downgrade, not \"%s\"",
                options->operands[0]);
        err_hint(&err, "skein plan upgrade head");
        return app_fail(options, &err);
    }
    const struct order order = {up ? GOAL_UPGRADE : GOAL_DOWNGRADE,
                                up ? "plan upgrade" : "plan downgrade",
                                options->operands + 1,
                                1,
                                true,
                                !up};
    return run_command(options, arena, &order);
}
