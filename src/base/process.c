#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/clock.h"

#define AT_ONCE 64 /* at most */

extern char **environ;

static int64_t now_us(void)
{
    return clock_system.monotonic_us(clock_system.context);
}

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0) {
        close(*descriptor);
    }
    *descriptor = -1;
}

/*
 * Starting
 */

static int set_attributes(const struct process *process, posix_spawnattr_t *attributes)
{
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigset_t signals;

    sigemptyset(&signals);
    posix_spawnattr_setsigmask(attributes, &signals);
    sigaddset(&signals, SIGPIPE); /* skein ignores it; a program expects not to */
    posix_spawnattr_setsigdefault(attributes, &signals);
    if (process->own_group) {
        flags |= POSIX_SPAWN_SETPGROUP;
        posix_spawnattr_setpgroup(attributes, 0);
    }
    return posix_spawnattr_setflags(attributes, flags);
}

static bool is_one_of(const char *variable, const char *const *names)
{
    for (; *names; names++) {
        size_t length = strlen(*names);

        if (strncmp(variable, *names, length) == 0 && variable[length] == '=') {
            return true;
        }
    }
    return false;
}

/* Our environment without some names; freed by the caller, not what it points to. */
static char **environment_without(const char *const *names)
{
    size_t count = 0, kept = 0;
    char **environment;

    while (environ && environ[count]) {
        count++;
    }
    environment = xcalloc(count + 1, sizeof(*environment));
    for (size_t i = 0; i < count; i++) {
        if (!names || !is_one_of(environ[i], names)) {
            environment[kept++] = environ[i];
        }
    }
    return environment;
}

static int spawn(struct process *process, int output, int errors)
{
    char **environment = environment_without(process->without);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int status;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (errors >= 0) {
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    }
    if (process->folder) {
        posix_spawn_file_actions_addchdir_np(&actions, process->folder);
    }
    status = set_attributes(process, &attributes);
    if (!status) {
        status = posix_spawnp(&process->child, process->argv[0], &actions, &attributes,
                              (char *const *)process->argv, environment);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    free(environment);
    return status;
}

/* True where it runs. */
static bool start(struct process *process)
{
    int output[2] = {-1, -1}, errors[2] = {-1, -1};

    process->deadline_us = now_us() + process->timeout_us;
    if (pipe2(output, O_CLOEXEC) != 0 || (process->keep_errors && pipe2(errors, O_CLOEXEC) != 0)) {
        process->code = errno;
    } else {
        process->code = spawn(process, output[1], errors[1]);
    }
    close_descriptor(&output[1]);
    close_descriptor(&errors[1]);
    if (process->code) {
        close_descriptor(&output[0]);
        close_descriptor(&errors[0]);
        return false;
    }
    process->output_descriptor = output[0];
    process->errors_descriptor = errors[0];
    process->child_descriptor = pidfd_open(process->child, 0);
    return true;
}

/*
 * Reading and waiting
 */

/* Takes what is there; closes the descriptor at its end. False where it is too much. */
static bool take(int *descriptor, struct str *out, size_t limit)
{
    char buffer[4096];
    ssize_t got = read(*descriptor, buffer, sizeof(buffer));

    if (got > 0) {
        str_addn(out, buffer, (size_t)got);
        explicit_bzero(buffer, sizeof(buffer)); /* a password command's answer goes this way */
    } else if (got == 0 || errno != EINTR) {
        close_descriptor(descriptor);
    }
    return out->length <= limit;
}

/* Reaps it, killed before where it did not end by itself; `end` is then told already. */
static void finish(struct process *process, bool ended)
{
    int status = 0;

    close_descriptor(&process->output_descriptor);
    close_descriptor(&process->errors_descriptor);
    close_descriptor(&process->child_descriptor);
    if (process->own_group) {
        kill(-process->child, SIGKILL); /* what it left behind, too */
    }
    if (!ended) {
        kill(process->child, SIGKILL);
    }
    while (waitpid(process->child, &status, 0) < 0 && errno == EINTR) {
    }
    if (ended) {
        process->end = WIFSIGNALED(status) ? PROCESS_SIGNALLED : PROCESS_EXITED;
        process->code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    }
}

static bool is_open(const struct process *process)
{
    return process->output_descriptor >= 0 || process->errors_descriptor >= 0;
}

/* What poll() is to look at for one: its outputs, then its end. Returns how many. */
static nfds_t add_descriptors(const struct process *process, struct pollfd *descriptors)
{
    nfds_t count = 0;

    if (process->output_descriptor >= 0) {
        descriptors[count++] = (struct pollfd){.fd = process->output_descriptor, .events = POLLIN};
    }
    if (process->errors_descriptor >= 0) {
        descriptors[count++] = (struct pollfd){.fd = process->errors_descriptor, .events = POLLIN};
    }
    if (!count) { /* where the kernel gives no pidfd, it is late: nothing tells its end */
        descriptors[count++] = (struct pollfd){.fd = process->child_descriptor, .events = POLLIN};
    }
    return count;
}

/* After poll(): true where it is over. */
static bool go_on(struct process *process, const struct pollfd *descriptors, nfds_t count)
{
    bool fits = true, was_open = is_open(process);

    for (nfds_t i = 0; i < count; i++) {
        if (!descriptors[i].revents) {
            continue;
        }
        if (was_open && descriptors[i].fd == process->output_descriptor) {
            fits &= take(&process->output_descriptor, &process->output, process->limit);
        } else if (was_open && descriptors[i].fd == process->errors_descriptor) {
            fits &= take(&process->errors_descriptor, &process->errors, process->limit);
        } else {
            finish(process, true);
            return true;
        }
    }
    if (!fits || now_us() >= process->deadline_us) {
        process->end = fits ? PROCESS_LATE : PROCESS_TOO_MUCH;
        finish(process, false);
        return true;
    }
    return false;
}

/*
 * Several
 */

struct running {
    struct process *items[AT_ONCE];
    size_t count;
    struct pollfd descriptors[2 * AT_ONCE];
    nfds_t counts[AT_ONCE]; /* of the descriptors, for each */
    void (*on_end)(void *context, const struct process *process);
    void *context;
};

/* A signal may come between the look at `stop` and poll(): it is looked at again at the latest
 * after this. */
#define LOOK_MS 200

static void wait_for_any(struct running *running)
{
    int64_t first = INT64_MAX, left;
    nfds_t count = 0;

    for (size_t i = 0; i < running->count; i++) {
        running->counts[i] = add_descriptors(running->items[i], running->descriptors + count);
        count += running->counts[i];
        if (running->items[i]->deadline_us < first) {
            first = running->items[i]->deadline_us;
        }
    }
    left = (first - now_us()) / 1000 + 1;
    if (poll(running->descriptors, count,
             left < 0         ? 0
             : left < LOOK_MS ? (int)left
                              : LOOK_MS) <= 0) {
        for (nfds_t i = 0; i < count; i++) {
            running->descriptors[i].revents = 0;
        }
    }
}

static void tell_end(const struct running *running, const struct process *process)
{
    if (running->on_end) {
        running->on_end(running->context, process);
    }
}

static void begin(struct running *running, struct process *process)
{
    if (start(process)) {
        running->items[running->count++] = process;
    } else {
        tell_end(running, process);
    }
}

static void go_on_with_all(struct running *running)
{
    size_t kept = 0;
    nfds_t at = 0;

    for (size_t i = 0; i < running->count; i++) {
        struct process *process = running->items[i];
        bool over = go_on(process, running->descriptors + at, running->counts[i]);

        at += running->counts[i];
        if (over) {
            tell_end(running, process);
        } else {
            running->items[kept++] = process;
        }
    }
    running->count = kept;
}

static void stop_all(struct running *running)
{
    for (size_t i = 0; i < running->count; i++) {
        running->items[i]->end = PROCESS_STOPPED;
        finish(running->items[i], false);
    }
    running->count = 0;
}

void process_run(struct process *processes, size_t count, size_t at_once,
                 void (*on_end)(void *context, const struct process *process), void *context,
                 const volatile sig_atomic_t *stop)
{
    struct running running = {.on_end = on_end, .context = context};
    size_t next = 0;

    for (size_t i = 0; i < count; i++) {
        processes[i].end = PROCESS_NOT_STARTED;
        processes[i].code = 0;
        str_clear(&processes[i].output);
        str_clear(&processes[i].errors);
    }
    at_once = at_once > AT_ONCE ? AT_ONCE : at_once;
    while (next < count || running.count) {
        if (stop && *stop) {
            stop_all(&running);
            return;
        }
        while (next < count && running.count < at_once) {
            begin(&running, &processes[next++]);
        }
        if (running.count) {
            wait_for_any(&running);
            go_on_with_all(&running);
        }
    }
}

const char *process_failure(const struct process *process, char *text, size_t size)
{
    char limit[CLOCK_TEXT_SIZE];

    switch (process->end) {
    case PROCESS_NOT_STARTED:
        if (process->code) {
            snprintf(text, size, "cannot be started: %s", strerror(process->code));
        } else {
            snprintf(text, size, "was interrupted");
        }
        return text;
    case PROCESS_SIGNALLED:
        snprintf(text, size, "died by signal %d", process->code);
        return text;
    case PROCESS_LATE:
        duration_format(process->timeout_us, limit);
        snprintf(text, size, "was not done within %s", limit);
        return text;
    case PROCESS_TOO_MUCH:
        snprintf(text, size, "gives more than %zu bytes", process->limit);
        return text;
    case PROCESS_STOPPED:
        snprintf(text, size, "was interrupted");
        return text;
    case PROCESS_EXITED:
        break;
    }
    if (!process->code) {
        return NULL;
    }
    snprintf(text, size, "failed with exit %d", process->code);
    return text;
}
