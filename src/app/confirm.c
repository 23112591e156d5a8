#include "app/confirm.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int confirm_selection(const struct app *app)
{
    const struct options *options = app->options;
    if (app->target_count <= 1 || option_given(options, OPTION_TENANT) ||
        option_given(options, OPTION_SELECTOR) || option_given(options, OPTION_STATE) ||
        option_given(options, OPTION_ALL))
        return 0;
    struct err err = ERR_INIT(app->arena);
    err_set(&err, ERROR_USAGE, "skein %s would touch all %zu targets: say which",
            options->command->name, app->target_count);
    err_hint(&err, "select with -t, -l or --state, or say --all; nothing was touched");
    return app_fail(options, &err);
}

bool confirm_question(const char *format, ...)
{
    char answer[16];
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    return fgets(answer, sizeof(answer), stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

int confirm_ask(const struct app *app, const char *command, const char *goal)
{
    const struct options *options = app->options;
    struct err err = ERR_INIT(app->arena);
    if (app->target_count <= 1 || option_given(options, OPTION_YES))
        return 0;
    if (!isatty(STDIN_FILENO)) {
        err_set(&err, ERROR_USAGE, "skein %s on %zu targets needs -y where nobody can be asked",
                command, app->target_count);
        err_hint(&err, "--dry-run shows what it would do; nothing was touched");
        return app_fail(options, &err);
    }
    if (confirm_question("skein %s %s on %zu targets. Go on? [y/N] ", command, goal,
                         app->target_count))
        return 0;
    err_set(&err, ERROR_USAGE, "not confirmed; nothing was touched");
    return app_fail(options, &err);
}
