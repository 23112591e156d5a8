/*
 * process.h: other programs: an argument list, no shell, an empty stdin, bounded output, a time
 * limit. Several may run side by side. Not for what has to be fed, and not for the loop: a call
 * comes back when all is done.
 */
#ifndef SKEIN_BASE_PROCESS_H
#define SKEIN_BASE_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

enum process_end {
    PROCESS_NOT_STARTED, /* code: errno; also where `stop` came first, then 0 */
    PROCESS_EXITED,      /* code: its exit code */
    PROCESS_SIGNALLED,   /* code: the signal */
    PROCESS_LATE,        /* not done in time: killed */
    PROCESS_TOO_MUCH,    /* it wrote more than `limit`: killed */
    PROCESS_STOPPED,     /* `stop` was set: killed */
};

struct process {
    /* filled by the caller */
    const char *const *argv;    /* ends with NULL; argv[0] is looked for in PATH */
    const char *folder;         /* where it starts; NULL: here */
    const char *const *without; /* names of variables that it does not get of our environment; ends
                                   with NULL; or NULL */
    size_t limit;               /* bytes of stdout, and of stderr */
    int64_t timeout_us;
    bool keep_errors; /* stderr goes into `errors`; else to skein's own */
    bool own_group;   /* a process group of its own, that a terminal's interrupt does not reach; it
                         is killed with all that it started */
    /* filled by process_run */
    enum process_end end;
    int code;
    struct str output, errors; /* cleared first, released by the caller; STR_INIT before */
    /* of process.c */
    pid_t child;
    int output_descriptor, errors_descriptor, child_descriptor; /* -1: closed */
    int64_t deadline_us;
};

/* Runs them, at most `at_once` (at least 1) at the same time, in their order; on_end (or NULL) is
 * called after each. With `stop` (or NULL) set, by a signal's handler, those that run are killed
 * and no other is started. No child is left when it returns. One is done when its outputs are
 * closed and it has ended. */
void process_run(struct process *processes, size_t count, size_t at_once,
                 void (*on_end)(void *context, const struct process *process), void *context,
                 const volatile sig_atomic_t *stop);

/* "was not done within 10s", "failed with exit 1", "cannot be started: …": the rest of a sentence
 * that begins with its name; NULL where it ended with 0. In a buffer of the caller's. */
const char *process_failure(const struct process *process, char *text, size_t size);

#endif
