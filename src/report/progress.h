/*
 * progress.h: how a run goes, on stderr while it goes: on a terminal one live line, else a line
 * every few seconds; with -v a line a target. An observer: it decides nothing, and output that
 * breaks never stops a run.
 */
#ifndef SKEIN_REPORT_PROGRESS_H
#define SKEIN_REPORT_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

#include "model/event.h"

struct progress {
    struct observer observer; /* first member: give &progress.observer to the run */
    FILE *stream;
    const struct fleet *fleet;
    size_t total, done, running, failed;
    bool terminal, verbose, quiet;
    bool shown; /* the live line is on the screen */
    int64_t started_us, drawn_us;
};

void progress_init(struct progress *progress, FILE *stream, const struct fleet *fleet, size_t total,
                   bool terminal, bool verbose, bool quiet);
/* To be called about every second, also when nothing happens. */
void progress_tick(struct progress *progress, int64_t now_us);
/* Takes the live line away. */
void progress_clear(struct progress *progress);

#endif
