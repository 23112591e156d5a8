/*
 * kill_at: runs skein with a debug descriptor and kills it (SIGKILL) when a target's life moves to
 * a state for the N-th time, or after a number of microseconds.
 *
 *   kill_at STATE N -- COMMAND…          exit 0: killed there; 1: it ended before, its exit status
 * is printed kill_at after MICROSECONDS -- COMMAND… kill_at count 0 -- COMMAND…          kills
 * nothing; prints "COUNT STATE" lines
 *
 * $KILL_AT_HOOK, if set, is run by sh just before the kill; with $KILL_AT_SPARES it goes on.
 *
 * Each move comes as "STATE tenant\n" and skein waits for one byte, so the state at the kill is
 * exact.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATES_MOST 64
#define LINE_SIZE   4096

struct count {
    char state[64];
    long seen;
};

static struct count counts[STATES_MOST];

static long count_state(const char *state)
{
    for (int i = 0; i < STATES_MOST; i++) {
        if (counts[i].seen == 0)
            snprintf(counts[i].state, sizeof(counts[i].state), "%.63s", state);
        if (strcmp(counts[i].state, state) == 0)
            return ++counts[i].seen;
    }
    fprintf(stderr, "kill_at: too many states\n");
    exit(2);
}

static pid_t start(char **command, int *channel)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        perror("kill_at: socketpair");
        exit(2);
    }
    pid_t child = fork();
    if (child < 0) {
        perror("kill_at: fork");
        exit(2);
    }
    if (child == 0) {
        char number[16];
        close(pair[0]);
        snprintf(number, sizeof(number), "%d", pair[1]);
        setenv("SKEIN_DEBUG_DESCRIPTOR", number, 1);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    close(pair[1]);
    *channel = pair[0];
    return child;
}

static int finish(pid_t child, bool killed)
{
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && killed) {
        puts("killed");
        return 0;
    }
    printf("ended %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 1;
}

static void run_hook(const char *hook)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", hook, (char *)NULL);
        _exit(127);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (status != 0)
        fprintf(stderr, "kill_at: the hook failed\n");
}

/* Reads moves until the one to kill at, or the end. */
static bool follow(int channel, pid_t child, const char *state, long wanted)
{
    char line[LINE_SIZE];
    size_t length = 0;
    for (;;) {
        ssize_t got = read(channel, line + length, 1);
        if (got <= 0)
            return false;
        if (line[length] != '\n') {
            length += length + 1 < sizeof(line) ? 1 : 0;
            continue;
        }
        line[strcspn(line, " ")] = '\0';
        length = 0;
        if (count_state(line) == wanted && strcmp(line, state) == 0) {
            const char *hook = getenv("KILL_AT_HOOK");
            if (hook)
                run_hook(hook);
            if (!getenv("KILL_AT_SPARES")) {
                kill(child, SIGKILL);
                return true;
            }
        }
        if (write(channel, "", 1) != 1)
            return false;
    }
}

int main(int argc, char **argv)
{
    if (argc < 5 || strcmp(argv[3], "--") != 0) {
        fprintf(stderr, "usage: kill_at STATE N -- COMMAND…\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    long number = strtol(argv[2], NULL, 10);
    if (strcmp(argv[1], "after") == 0) {
        pid_t child = fork();
        if (child == 0) {
            execvp(argv[4], argv + 4);
            _exit(127);
        }
        usleep((useconds_t)number);
        kill(child, SIGKILL);
        return finish(child, true);
    }
    int channel;
    pid_t child = start(argv + 4, &channel);
    bool count = strcmp(argv[1], "count") == 0;
    bool killed = follow(channel, child, count ? "" : argv[1], number);
    int code = finish(child, killed);
    for (int i = 0; count && i < STATES_MOST && counts[i].seen > 0; i++)
        printf("%ld %s\n", counts[i].seen, counts[i].state);
    return code;
}
