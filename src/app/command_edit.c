/* edit: a revision file in the user's editor, then a check of the project. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/app.h"
#include "app/commands.h"
#include "app/views.h"
#include "base/file.h"

extern char **environ;

static bool is_set(const char *value)
{
    return value != NULL && value[0] != '\0';
}

/* Whether a program of that name is on the PATH. */
static bool on_path(struct arena *arena, const char *name)
{
    const char *path = getenv("PATH");
    while (path != NULL && *path != '\0') {
        size_t length = strcspn(path, ":");
        const char *folder = length > 0 ? arena_strndup(arena, path, length) : ".";
        if (access(file_join(arena, folder, name), X_OK) == 0)
            return true;
        path += length + (path[length] == ':' ? 1 : 0);
    }
    return false;
}

/* $VISUAL, $EDITOR, else the first that there is. */
static const char *find_editor(struct arena *arena, struct err *err)
{
    static const char *const usual[] = {"sensible-editor", "editor", "nano", "vim", "vi"};
    static const char *const variables[] = {"VISUAL", "EDITOR"};
    for (size_t i = 0; i < 2; i++)
        if (is_set(getenv(variables[i])))
            return getenv(variables[i]);
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        if (on_path(arena, usual[i]))
            return usual[i];
    err_set(err, ERROR_USAGE, "no editor was found");
    err_hint(err, "set $VISUAL or $EDITOR");
    return NULL;
}

/* The editor may have arguments of its own ("code --wait"), so a shell reads it, as it does for
 * git. Returns 0 or errno. */
static int spawn_editor(const char *editor, const char *path, pid_t *child)
{
    char *const argv[] = {(char *)"sh",   (char *)"-c", (char *)"eval \"$0 \\\"\\$1\\\"\"",
                          (char *)editor, (char *)path, NULL};
    posix_spawnattr_t attributes;
    sigset_t defaults;
    posix_spawnattr_init(&attributes);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE); /* what skein ignores */
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGQUIT);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawn(child, "/bin/sh", NULL, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

/* Keys that interrupt are the editor's while it runs. */
static int run_editor(const char *editor, const char *path, struct err *err)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
    pid_t child;
    int status = 0;
    sigaction(SIGINT, &ignore, &interrupt);
    sigaction(SIGQUIT, &ignore, &quit);
    int failed = spawn_editor(editor, path, &child);
    while (!failed && waitpid(child, &status, 0) < 0)
        failed = errno == EINTR ? 0 : errno;
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGQUIT, &quit, NULL);
    if (!failed && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (failed)
        err_set(err, ERROR_USAGE, "the editor %s: %s", editor, strerror(failed));
    else if (WIFEXITED(status))
        err_set(err, ERROR_USAGE, "the editor %s ended with status %d", editor,
                WEXITSTATUS(status));
    else
        err_set(err, ERROR_USAGE, "the editor %s was ended by a signal", editor);
    err_hint(err, "set $VISUAL or $EDITOR to one that works; the file is %s", path);
    return err->class;
}

/* The only file that the operand names. */
static int find_file(struct app *app, const char **path)
{
    const char *operand = app->options->operands[0];
    struct err err = ERR_INIT(app->arena);
    struct graph_node **nodes;
    size_t count;
    int unread, code = revisions_named(app, operand, &nodes, &count, &unread);
    if (code || unread)
        return code ? code : unread;
    if (count == 1) {
        *path = nodes[0]->revision->path;
        return 0;
    }
    struct str names = STR_INIT;
    for (size_t i = 0; i < count; i++)
        str_addf(&names, "%s%s", i > 0 ? ", " : "", nodes[i]->revision->id);
    err_set(
        &err, ERROR_PLAN, "\"%s\" names %s%s", operand,
        count == 0 ? "no revision file" : "several files, one at a time is edited: ", names.text);
    err_hint(&err, "skein history lists all revisions; name one");
    str_release(&names);
    return app_fail(app->options, &err);
}

int command_edit(const struct options *options, struct arena *arena)
{
    struct err err = ERR_INIT(arena);
    struct app app;
    const char *path = NULL, *editor;
    if (options->json) {
        err_set(&err, ERROR_USAGE, "an editor needs the terminal, there is no JSON to be had");
        err_hint(&err, "leave --format json out; skein show REV --format json has the path");
        return app_fail(options, &err);
    }
    int code = app_init(&app, options, arena);
    if (!code)
        code = app_load_project(&app);
    if (!code)
        code = find_file(&app, &path);
    app_release(&app);
    if (code)
        return code;
    editor = find_editor(arena, &err);
    if (editor == NULL || run_editor(editor, path, &err))
        return app_fail(options, &err);
    return app_run_project(options, arena, NULL); /* all files as they are now */
}
