#include "app/discover.h"

#include "workers/ask.h"
#include "workers/loop.h"

#define DISCOVERIES_AT_ONCE 8
#define POOL_THREADS        64 /* at most: what SQLite targets run on; started as they are needed */

struct host *app_host(struct app *app)
{
    if (app->host == NULL)
        app->host = loop_new(POOL_THREADS);
    return app->host;
}

static void keep_unanswered(struct app *app, const struct discovery *discovery,
                            const struct question *question)
{
    struct undiscovered *entry = &app->undiscovered[app->undiscovered_count++];
    entry->label = discovery->label;
    entry->error = (struct err)ERR_INIT(app->arena);
    err_copy(&entry->error, &question->err);
}

int discover(struct app *app)
{
    struct discovery *discoveries;
    size_t count = config_discoveries(app->inventory, &discoveries);
    if (count == 0)
        return 0;
    struct question *questions = arena_array(app->arena, count, sizeof(*questions));
    for (size_t i = 0; i < count; i++)
        questions[i] =
            (struct question){.target = &discoveries[i].target, .sql = discoveries[i].sql};
    ask(app_host(app), driver_for, app->arena, questions, count, DISCOVERIES_AT_ONCE);
    app->undiscovered = arena_array(app->arena, count, sizeof(*app->undiscovered));
    for (size_t i = 0; i < count; i++) {
        if (questions[i].answered)
            config_answer(app->inventory, i, questions[i].cells, questions[i].row_count);
        else
            keep_unanswered(app, &discoveries[i], &questions[i]);
    }
    return 0;
}
