/*
 * usage: measure FILE COMMAND [ARGUMENT]...
 *
 * Runs the command, its output thrown away, and writes one line to FILE: exit code, wall time, user
 * time, system time (microseconds), largest resident set (kilobytes). A small program of its own,
 * because a child's largest resident set begins with that of the process it was forked from.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static int64_t microseconds(struct timeval value)
{
    return value.tv_sec * INT64_C(1000000) + value.tv_usec;
}

static _Noreturn void execute(char **command)
{
    int nothing = open("/dev/null", O_RDWR);

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a benchmark that is stopped leaves nothing that works on */
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int64_t begin;
    FILE *out;
    int status;
    pid_t child;

    if (argc < 3) {
        fprintf(stderr, "usage: measure FILE COMMAND [ARGUMENT]...\n");
        return 2;
    }
    begin = now_us();
    child = fork();
    if (child == 0) {
        execute(argv + 2);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("measure");
        return 2;
    }
    begin = now_us() - begin;
    out = fopen(argv[1], "w");
    if (!out) {
        perror(argv[1]);
        return 2;
    }
    fprintf(out, "%d %lld %lld %lld %ld\n",
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), (long long)begin,
            (long long)microseconds(usage.ru_utime), (long long)microseconds(usage.ru_stime),
            usage.ru_maxrss);
    return fclose(out) ? 2 : 0;
}
