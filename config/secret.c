#include "config/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"

#define SECRET_LIMIT ((size_t)64 * 1024)
#define COMMAND_US   INT64_C(10000000)

extern char **environ;

/* What a command said, once for all who ask with the same words. */
struct command_answer {
    const char *value; /* NULL: err */
    struct err err;
};

void secrets_init(struct secrets *secrets, struct arena *arena, const char *folder,
                  const char *(*environment)(const char *name))
{
    *secrets = (struct secrets){.arena = arena, .folder = folder, .environment = environment};
    map_init(&secrets->commands, arena);
}

/* Strips one newline and refuses what cannot be a password. */
static int take(struct arena *arena, const char *data, size_t length, const char *what,
                const char **value, struct err *err)
{
    if (length > SECRET_LIMIT) {
        return err_set(err, ERROR_CONFIGURATION, "%s gives more than 65536 bytes", what);
    }
    if (memchr(data, '\0', length)) {
        return err_set(err, ERROR_CONFIGURATION, "%s gives a NUL character", what);
    }
    if (length && data[length - 1] == '\n') {
        length--;
        length -= length && data[length - 1] == '\r';
    }
    if (!length) {
        return err_set(err, ERROR_CONFIGURATION, "%s gives an empty password", what);
    }
    *value = arena_strndup(arena, data, length);
    return 0;
}

static int read_variable(struct secrets *secrets, const char *name, const char **value,
                         struct err *err)
{
    const char *text = secrets->environment(name);

    if (!text) {
        return err_set(err, ERROR_CONFIGURATION, "the variable %.100s is not set", name);
    }
    return take(secrets->arena, text, strlen(text),
                arena_printf(err->arena, "the variable %.100s", name), value, err);
}

static int read_secret_file(struct secrets *secrets, const char *name, const char **value,
                            struct err *err)
{
    const char *path = file_join(secrets->arena, secrets->folder, name);
    struct file_text text;
    struct stat status;

    if (stat(path, &status) == 0 && (status.st_mode & (S_IROTH | S_IWOTH))) {
        err_set(err, ERROR_CONFIGURATION, "others may read or write the password file %.300s",
                path);
        err_hint(err, "chmod 600 %s", path);
        return ERROR_CONFIGURATION;
    }
    if (file_read(secrets->arena, path, SECRET_LIMIT, &text, err)) {
        return ERROR_CONFIGURATION;
    }
    return take(secrets->arena, text.data, text.length,
                arena_printf(err->arena, "the file %.300s", path), value, err);
}

/* Starts the command with an empty stdin, its stdout into the pipe, in the file's folder. */
static int spawn(const struct secrets *secrets, const char *const *argv, int out, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t signals;
    int status;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addchdir_np(&actions, secrets->folder);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigaddset(&signals, SIGPIPE); /* skein ignores it; a program expects not to */
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    status = posix_spawnp(child, argv[0], &actions, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

/* Waits for the descriptor until the deadline. */
static bool wait_readable(int descriptor, int64_t deadline_us)
{
    for (;;) {
        struct pollfd poll_descriptor = {.fd = descriptor, .events = POLLIN};
        int64_t left = deadline_us - clock_system.monotonic_us(clock_system.context);
        int ready;

        if (left <= 0) {
            return false;
        }
        ready = poll(&poll_descriptor, 1, (int)(left / 1000) + 1);
        if (ready > 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            return false;
        }
    }
}

enum reading { READING_END, READING_LATE, READING_TOO_MUCH };

static enum reading read_output(int descriptor, int64_t deadline_us, struct str *output)
{
    for (;;) {
        char buffer[4096];
        ssize_t got;

        if (!wait_readable(descriptor, deadline_us)) {
            return READING_LATE;
        }
        got = read(descriptor, buffer, sizeof(buffer));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            explicit_bzero(buffer, sizeof(buffer));
            return READING_END;
        }
        str_addn(output, buffer, (size_t)got);
        if (output->length > SECRET_LIMIT) {
            return READING_TOO_MUCH;
        }
    }
}

/* Kills what is not done in time. False where it was killed. */
static bool reap(pid_t child, bool wait, int64_t deadline_us, int *status)
{
    int descriptor = pidfd_open(child, 0);
    bool done = wait && descriptor >= 0 && wait_readable(descriptor, deadline_us);

    if (descriptor >= 0) {
        close(descriptor);
    }
    if (!done) {
        kill(child, SIGKILL);
    }
    while (waitpid(child, status, 0) < 0 && errno == EINTR) {
    }
    return done;
}

static int call(struct secrets *secrets, const char *const *argv, struct str *output,
                struct err *err)
{
    int64_t deadline_us = clock_system.monotonic_us(clock_system.context) + COMMAND_US;
    int pipes[2], status, exit_status = 0;
    enum reading reading;
    pid_t child;
    bool done;

    if (pipe2(pipes, O_CLOEXEC) != 0) {
        return err_set(err, ERROR_CONFIGURATION, "cannot make a pipe: %s", strerror(errno));
    }
    status = spawn(secrets, argv, pipes[1], &child);
    close(pipes[1]);
    if (status) {
        close(pipes[0]);
        return err_set(err, ERROR_CONFIGURATION,
                       "the password command %.100s cannot be started: %s", argv[0],
                       strerror(status));
    }
    reading = read_output(pipes[0], deadline_us, output);
    close(pipes[0]);
    done = reap(child, reading == READING_END, deadline_us, &exit_status);
    if (reading == READING_TOO_MUCH) {
        return err_set(err, ERROR_CONFIGURATION,
                       "the password command %.100s gives more than 65536 bytes", argv[0]);
    }
    if (!done) {
        return err_set(err, ERROR_CONFIGURATION,
                       "the password command %.100s was not done within 10s", argv[0]);
    }
    if (WIFSIGNALED(exit_status)) {
        return err_set(err, ERROR_CONFIGURATION, "the password command %.100s died by signal %d",
                       argv[0], WTERMSIG(exit_status));
    }
    if (WEXITSTATUS(exit_status) != 0) {
        return err_set(err, ERROR_CONFIGURATION, "the password command %.100s failed with exit %d",
                       argv[0], WEXITSTATUS(exit_status));
    }
    return 0;
}

/* The words with their lengths: no two commands share one. */
static const char *command_key(struct arena *arena, const char *const *argv)
{
    struct str key = STR_INIT;
    const char *kept;

    for (; *argv; argv++) {
        str_addf(&key, "%zu:%s", strlen(*argv), *argv);
    }
    kept = arena_strdup(arena, key.text);
    str_release(&key);
    return kept;
}

static int read_command(struct secrets *secrets, const char *const *argv, const char **value,
                        struct err *err)
{
    const char *key = command_key(secrets->arena, argv);
    struct command_answer *answer = map_get(&secrets->commands, key);

    if (!answer) {
        struct str output = STR_INIT;

        answer = arena_alloc(secrets->arena, sizeof(*answer));
        answer->err.arena = secrets->arena;
        if (!call(secrets, argv, &output, &answer->err)) {
            take(secrets->arena, output.text, output.length,
                 arena_printf(secrets->arena, "the password command %.100s", argv[0]),
                 &answer->value, &answer->err);
        }
        explicit_bzero(output.text, output.length);
        str_release(&output);
        map_set(&secrets->commands, key, answer);
    }
    if (!answer->value) {
        err_copy(err, &answer->err);
        return ERROR_CONFIGURATION;
    }
    *value = answer->value;
    return 0;
}

int secret_read(struct secrets *secrets, const struct secret_source *source, const char **value,
                struct err *err)
{
    *value = NULL;
    switch (source->kind) {
    case SECRET_NONE:
        return 0;
    case SECRET_TEXT:
        *value = source->text;
        return 0;
    case SECRET_ENV:
        return read_variable(secrets, source->text, value, err);
    case SECRET_FILE:
        return read_secret_file(secrets, source->text, value, err);
    case SECRET_COMMAND:
        return read_command(secrets, source->argv, value, err);
    }
    return 0;
}
