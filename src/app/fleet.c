#include "app/fleet.h"

#include "config/selection.h"
#include "workers/ask.h"

#define DISCOVERIES_AT_ONCE 8

static void keep_unanswered(struct app *app, const struct discovery *discovery,
                            const struct question *question)
{
    struct undiscovered *entry = &app->undiscovered[app->undiscovered_count++];
    entry->label = discovery->label;
    entry->error = (struct err)ERR_INIT(app->arena);
    err_copy(&entry->error, &question->err);
}

static struct selection read_selection(const struct app *app)
{
    const struct options *options = app->options;
    return (struct selection){
        .tenants = options->values[OPTION_TENANT].items,
        .tenant_count = options->values[OPTION_TENANT].count,
        .selectors = options->values[OPTION_SELECTOR].items,
        .selector_count = options->values[OPTION_SELECTOR].count,
        .excludes = options->values[OPTION_EXCLUDE].items,
        .exclude_count = options->values[OPTION_EXCLUDE].count,
    };
}

/* Asks the servers. Who did not answer is kept where `keep` says so. */
static void discover(struct app *app, bool keep)
{
    struct discovery *discoveries;
    struct selection selection = read_selection(app);
    size_t count = config_discoveries(app->inventory, &selection, &discoveries);
    if (count == 0)
        return;
    struct question *questions = arena_array(app->arena, count, sizeof(*questions));
    for (size_t i = 0; i < count; i++)
        questions[i] =
            (struct question){.target = &discoveries[i].target, .sql = discoveries[i].sql};
    ask(app_host(app), driver_for, app->arena, questions, count, DISCOVERIES_AT_ONCE);
    if (keep)
        app->undiscovered = arena_array(app->arena, count, sizeof(*app->undiscovered));
    for (size_t i = 0; i < count; i++) {
        if (!questions[i].answered) {
            if (keep)
                keep_unanswered(app, &discoveries[i], &questions[i]);
            continue;
        }
        const struct config_rows rows = {questions[i].names, questions[i].column_count,
                                         questions[i].cells, questions[i].row_count};
        config_answer(app->inventory, i, &rows);
    }
}

static int select_targets(struct app *app)
{
    const struct options *options = app->options;
    struct err err = ERR_INIT(app->arena);
    struct selection selection = read_selection(app);
    if (selection_apply(app->fleet, &selection, app->arena, &app->targets, &app->target_count,
                        &err))
        return app_fail(options, &err);
    return 0;
}

int app_load_fleet(struct app *app)
{
    int code = app->inventory == NULL ? app_load_config(app) : 0;
    if (code)
        return code;
    discover(app, true);
    if (config_fleet(app->inventory, app->arena, &app->fleet, &app->errors)) {
        /* Where nobody answered, "no target" alone would hide why. */
        for (size_t i = 0; i < app->undiscovered_count; i++) {
            err_copy(err_list_add(&app->errors), &app->undiscovered[i].error);
            err_prefix(&app->errors.items[app->errors.count - 1], "%s", app->undiscovered[i].label);
        }
        return app_fail_errors(app);
    }
    return select_targets(app);
}

int app_load_fleet_offline(struct app *app)
{
    int code = app->inventory == NULL ? app_load_config(app) : 0;
    if (code)
        return code;
    if (config_fleet_offline(app->inventory, app->arena, &app->fleet, &app->errors))
        return app_fail_errors(app);
    return select_targets(app);
}

/* Where a server does not answer this time, its first answer still stands. */
size_t app_find_appeared(struct app *app, const char *const **names)
{
    struct err_list errors;
    struct fleet *now;
    struct map known;
    size_t count = 0;
    *names = NULL;
    if (!config_discovers(app->inventory))
        return 0;
    err_list_init(&errors, app->arena, 1);
    discover(app, false);
    if (config_fleet(app->inventory, app->arena, &now, &errors))
        return 0;
    map_init(&known, app->arena);
    for (size_t i = 0; i < app->fleet->target_count; i++)
        map_set(&known, app->fleet->targets[i].name, (void *)&app->fleet->targets[i]);
    const char **appeared = arena_array(app->arena, now->target_count, sizeof(*appeared));
    for (size_t i = 0; i < now->target_count; i++)
        if (map_get(&known, now->targets[i].name) == NULL)
            appeared[count++] = now->targets[i].name;
    *names = appeared;
    return count;
}
