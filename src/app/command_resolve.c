/* resolve: settle an open row by hand; debug: what the machine says of itself. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "app/commands.h"
#include "app/confirm.h"
#include "app/execute.h"
#include "app/fleet.h"
#include "report/inspection.h"
#include "workers/inspect.h"

#define AT_ONCE 8

/* Exactly one of --applied, --reverted, --done-to, with --reason; none with --dry-run, which shows.
 */
static int read_resolution(const struct options *options, struct job *job, struct err *err)
{
    uint64_t done_to = 0;
    int given = option_given(options, OPTION_APPLIED) + option_given(options, OPTION_REVERTED) +
                option_given(options, OPTION_DONE_TO);
    const char *text = option_value(options, OPTION_DONE_TO);
    if (option_given(options, OPTION_DRY_RUN)) {
        job->resolution = RESOLVE_SHOW;
        return 0;
    }
    if (given != 1) {
        err_set(err, ERROR_USAGE,
                "say what is true on the target: --applied, --reverted or --done-to K");
        err_hint(err, "skein resolve --dry-run shows what is open");
        return err->class;
    }
    if (option_value(options, OPTION_REASON) == NULL)
        return err_set(err, ERROR_USAGE,
                       "skein resolve needs --reason TEXT: it is kept in the history table");
    if (text != NULL && strcmp(text, "0") != 0 &&
        option_number(options, OPTION_DONE_TO, 1000000, &done_to, err))
        return err->class;
    job->resolution = text != NULL                            ? RESOLVE_DONE_TO
                      : option_given(options, OPTION_APPLIED) ? RESOLVE_APPLIED
                                                              : RESOLVE_REVERTED;
    job->done_to = (size_t)done_to;
    return 0;
}

/* What the catalogues say of the open rows of `read`. */
static void look(struct app *app, struct run_result *read)
{
    struct inspection *items = arena_array(app->arena, read->count + 1, sizeof(*items));
    size_t count = 0;
    for (size_t i = 0; i < read->count; i++)
        if (read->outcomes[i].open != NULL)
            items[count++] =
                (struct inspection){.target = read->targets[i], .open = read->outcomes[i].open};
    const struct inspecting inspecting = {.host = app_host(app),
                                          .find_driver = driver_for,
                                          .arena = app->arena,
                                          .fleet = app->fleet,
                                          .graph = &app->graph,
                                          .concurrency = AT_ONCE};
    inspect(&inspecting, items, count);
    read->inspections = items;
    read->inspection_count = count;
}

static void print(const struct app *app, const struct run_result *result, bool rows)
{
    struct report_style style = app_style(app, NULL);
    struct str text = STR_INIT;
    if (app->options->json)
        report_run_json(result, &style, &text);
    else if (rows)
        report_inspections_text(result, app->options->verbose, &text);
    else
        report_run_text(result, &style, &text);
    app_print_release(&text);
}

static int show_open(struct app *app)
{
    struct job job = {.mode = LIFE_READ, .command = "resolve"};
    struct job_result done;
    int code = job_run(app, &job, &done);
    if (code)
        return code;
    look(app, &done.result);
    run_result_conclude(&done.result, true, false);
    print(app, &done.result, true);
    code = done.result.exit_code;
    job_release(&done);
    return code;
}

static int settle(struct app *app, struct job *job, const struct run_result *read)
{
    struct job_result done;
    int code = confirm_ask(app, "resolve",
                           job->resolution == RESOLVE_APPLIED    ? "--applied"
                           : job->resolution == RESOLVE_REVERTED ? "--reverted"
                                                                 : "--done-to");
    if (!code)
        code = job_run(app, job, &done);
    if (code)
        return code;
    done.result.inspections = read->inspections;
    done.result.inspection_count = read->inspection_count;
    run_result_conclude(&done.result, false, false);
    print(app, &done.result, false);
    code = done.result.exit_code;
    job_release(&done);
    return code;
}

/* What stands is shown before it is asked whether to go on. */
static int show_and_settle(struct app *app, struct job *job)
{
    struct job_result read;
    int code = job_read(app, "resolve", &read);
    if (code)
        return code;
    look(app, &read.result);
    if (!app->options->json && !app->options->quiet) {
        print(app, &read.result, true);
        fflush(stdout);
    }
    code = settle(app, job, &read.result);
    job_release(&read);
    return code;
}

static int resolve(struct app *app)
{
    struct err err = ERR_INIT(app->arena);
    struct job job = {.mode = LIFE_RESOLVE, .command = "resolve"};
    struct run_identity identity;
    if (read_resolution(app->options, &job, &err) || job_identity(app, &identity, &err))
        return app_fail(app->options, &err);
    int code = app_load_project(app);
    if (!code)
        code = app_load_fleet(app);
    if (!code && job.resolution != RESOLVE_SHOW)
        code = confirm_selection(app);
    if (!code)
        code = app_narrow_reading(app, "resolve");
    if (code)
        return code;
    if (app->target_count == 0) {
        app_tell_nothing_left();
        return 0;
    }
    return job.resolution == RESOLVE_SHOW ? show_open(app) : show_and_settle(app, &job);
}

int command_resolve(const struct options *options, struct arena *arena)
{
    return app_run(options, arena, resolve);
}

int command_debug(const struct options *options, struct arena *arena)
{
    struct err err = ERR_INIT(arena);
    struct str text = STR_INIT;
    if (strcmp(options->operands[0], "fsm") != 0) {
        err_set(&err, ERROR_USAGE, "skein debug knows fsm, not \"%s\"", options->operands[0]);
        return app_fail(options, &err);
    }
    machine_print(&life_machine, &text);
    app_print_release(&text);
    return 0;
}
