/* unlock: who holds skein's own lock, and an end to a run that is dead. */
#include <stdio.h>
#include <unistd.h>

#include "app/app.h"
#include "app/commands.h"
#include "app/confirm.h"
#include "app/execute.h"
#include "app/fleet.h"
#include "report/unlock.h"
#include "workers/unlock.h"

#define AT_ONCE 8

static size_t count_state(const struct unlock *items, size_t count, enum unlock_state state)
{
    size_t counted = 0;
    for (size_t i = 0; i < count; i++)
        counted += items[i].state == state ? 1 : 0;
    return counted;
}

static void print(const struct app *app, const struct unlock *items)
{
    struct report_style style = app_style(app, NULL);
    struct str text = STR_INIT;
    if (app->options->json)
        report_unlock_json(app->fleet, items, app->target_count, &style, &text);
    else
        report_unlock_text(app->fleet, items, app->target_count, &style, &text);
    app_print_release(&text);
}

/* --yes, or somebody at a terminal who has seen them (*shown). */
static bool wants_end(const struct app *app, const struct unlock *items, bool *shown)
{
    size_t dead = count_state(items, app->target_count, UNLOCK_DEAD);
    if (option_given(app->options, OPTION_YES) || dead == 0 || app->options->json)
        return option_given(app->options, OPTION_YES);
    if (isatty(STDIN_FILENO)) {
        print(app, items);
        *shown = true;
        return confirm_question("skein unlock ends %zu dead %s. Go on? [y/N] ", dead,
                                dead == 1 ? "run" : "runs");
    }
    fprintf(stderr, "skein: -y ends what is dead; nothing was touched\n");
    return false;
}

/* Who wanted an end: whether every lock is free now. Else, whether all could be asked. */
static int exit_code(const struct app *app, const struct unlock *items, bool ends)
{
    size_t count = app->target_count;
    size_t well = count_state(items, count, UNLOCK_FREE) + count_state(items, count, UNLOCK_ENDED);
    return (ends ? well < count : count_state(items, count, UNLOCK_UNKNOWN) > 0) ? 1 : 0;
}

static int unlock(struct app *app)
{
    int code = app_needs_heads(app) ? app_load_project(app) : app_load_config(app);
    if (!code)
        code = app_load_fleet(app);
    if (!code)
        code = confirm_selection(app);
    if (!code)
        code = app_narrow_reading(app, "unlock");
    if (code)
        return code;
    struct unlock *items = arena_array(app->arena, app->target_count, sizeof(*items));
    for (size_t i = 0; i < app->target_count; i++)
        items[i].target = app->targets[i];
    const struct unlocking unlocking = {.host = app_host(app),
                                        .find_driver = driver_for,
                                        .arena = app->arena,
                                        .fleet = app->fleet,
                                        .migrations = app->migrations,
                                        .concurrency = AT_ONCE};
    unlock_look(&unlocking, items, app->target_count);
    bool shown = false;
    bool ends = wants_end(app, items, &shown);
    if (ends)
        unlock_end(&unlocking, items, app->target_count);
    if (ends || !shown)
        print(app, items);
    return exit_code(app, items, ends);
}

int command_unlock(const struct options *options, struct arena *arena)
{
    return app_run(options, arena, unlock);
}
