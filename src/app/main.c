#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* What was printed into a file and is not whole there, on a full disk. Who reads a pipe may go away
 * when they have seen enough. A command that may have changed something ends as it ended. */
static int check_output(const struct options *options, int code)
{
    struct stat file;
    bool lost = fflush(stdout) != 0 || ferror(stdout);

    if (!lost || code == EXIT_USAGE || fstat(STDOUT_FILENO, &file) != 0 || S_ISFIFO(file.st_mode) ||
        S_ISSOCK(file.st_mode))
        return code;
    fputs("skein: stdout did not take all that was printed: is the disk full?\n", stderr);
    return code == 0 && !(options->command->options & OPTION_BIT(OPTION_YES)) ? EXIT_INTERNAL
                                                                              : code;
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
    return check_output(&options, options.command->run(&options, arena));
}

/* Where somebody closed 0, 1 or 2, a connection would get its number, and the report would be
 * written into it. */
static void open_standard_descriptors(void)
{
    int descriptor;
    do
        descriptor = open("/dev/null", O_RDWR);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor >= 0)
        close(descriptor);
}

/* What everybody on this machine may read of a process: a URL keeps its length there, not its
 * password. */
static char **hide_urls(struct arena *arena, int argc, char **argv)
{
    char **copies = arena_array(arena, (size_t)argc + 1, sizeof(*copies));
    for (int i = 0; i < argc; i++) {
        copies[i] = arena_strdup(arena, argv[i]);
        char *begin = strstr(argv[i], "://");
        char *end = begin != NULL ? strrchr(begin, '@') : NULL;
        if (end != NULL)
            memset(begin + 3, 'x', (size_t)(end - begin - 3));
    }
    return copies;
}

int main(int argc, char **argv)
{
    struct arena arena = ARENA_INIT;
    open_standard_descriptors();
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    int code = dispatch(argc, hide_urls(&arena, argc, argv), &arena);
    arena_release(&arena);
    return code;
}
