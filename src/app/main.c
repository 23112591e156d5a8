#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include "app/app.h"
#include "app/commands.h"

static int print_help(const struct options *options)
{
    struct str text = STR_INIT;
    if (options->command != NULL)
        options_command_help(options->command, &text);
    else
        options_help(command_table, command_count, &text);
    app_print_release(&text);
    return 0;
}

static int dispatch(int argc, char **argv, struct arena *arena)
{
    struct options options;
    struct err err = ERR_INIT(arena);
    int failed = options_parse(&options, arena, argc, argv, command_table, command_count, &err);
    if (!failed && option_given(&options, OPTION_VERSION)) {
        puts("skein " SKEIN_VERSION);
        return 0;
    }
    if (failed)
        return app_fail(&options, &err);
    if (option_given(&options, OPTION_HELP))
        return print_help(&options);
    if (options.command == NULL) {
        err_set(&err, ERROR_USAGE, "no command was given");
        err_hint(&err, "skein --help lists the commands");
        return app_fail(&options, &err);
    }
    return options.command->run(&options, arena);
}

int main(int argc, char **argv)
{
    struct arena arena = ARENA_INIT;
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    int code = dispatch(argc, argv, &arena);
    arena_release(&arena);
    return code;
}
