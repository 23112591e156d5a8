#include "report/progress.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "report/group.h"
#include "report/words.h"

/* A line that is longer than the terminal is wide must not go on in the next one: it could not be
 * taken away again. */
#define WRAP_OFF "\033[?7l"
#define WRAP_ON  "\033[?7h"

#define REDRAW_US INT64_C(100000)  /* of the live line, at most ten a second */
#define LINE_US   INT64_C(5000000) /* between lines where stderr is no terminal */

static void add_numbers(const struct progress *progress, int64_t now_us, struct str *line)
{
    double seconds = (double)(now_us - progress->started_us) / 1e6;
    double rate = seconds > 0 ? (double)progress->done / seconds : 0;
    words_count(line, progress->done, 0);
    str_add(line, " of ");
    words_count(line, progress->total, 0);
    str_addf(line, " done, %zu running", progress->running);
    if (progress->failed > 0)
        str_addf(line, ", %zu NEED%s YOU", progress->failed, progress->failed == 1 ? "S" : "");
    if (progress->done == 0 || seconds < 1)
        return;
    char left[CLOCK_TEXT_SIZE];
    duration_format((int64_t)((double)(progress->total - progress->done) / rate * 1e6), left);
    str_addf(line, ", %.1f targets/s, %s left", rate, left);
}

void progress_clear(struct progress *progress)
{
    if (!progress->shown)
        return;
    fputs("\r\033[K", progress->stream);
    fflush(progress->stream);
    progress->shown = false;
}

static void draw(struct progress *progress, int64_t now_us)
{
    struct str line = STR_INIT;
    add_numbers(progress, now_us, &line);
    if (progress->terminal)
        fprintf(progress->stream, "\r\033[K" WRAP_OFF "%s" WRAP_ON, line.text);
    else
        fprintf(progress->stream, "skein: %s\n", line.text);
    fflush(progress->stream);
    progress->shown = progress->terminal;
    progress->drawn_us = now_us;
    str_release(&line);
}

void progress_tick(struct progress *progress, int64_t now_us)
{
    if (progress->quiet || progress->done == progress->total)
        return;
    if (now_us - progress->drawn_us >= (progress->terminal ? REDRAW_US : LINE_US))
        draw(progress, now_us);
}

static void say_target(struct progress *progress, const struct event *event)
{
    const struct outcome *outcome = event->outcome;
    struct str line = STR_INIT;
    char took[CLOCK_TEXT_SIZE];
    duration_format(outcome->microseconds, took);
    str_addf(&line, "%-12s ", outcome_name(outcome->kind));
    words_safe(&line, progress->fleet->targets[event->target].name);
    str_add(&line, "   ");
    if (outcome->read)
        words_heads(&line, outcome->after, outcome->after_count);
    size_t steps = outcome->kind == OUTCOME_PLANNED && outcome->plan != NULL
                       ? outcome->plan->step_count
                       : outcome->step_count;
    str_add(&line, "   ");
    words_plural(&line, steps, "step");
    str_addf(&line, "   %s", took);
    if (outcome->error != NULL) {
        str_add(&line, "   ");
        words_safe(&line, outcome->error->message);
    }
    progress_clear(progress);
    fprintf(progress->stream, "%s\n", line.text);
    str_release(&line);
}

static void on_event(struct observer *observer, const struct event *event)
{
    struct progress *progress = (struct progress *)observer;
    switch (event->kind) {
    case EVENT_RUN_STARTED:
        progress->started_us = progress->drawn_us = event->now_us;
        break;
    case EVENT_TARGET_STARTED:
        progress->running++;
        break;
    case EVENT_TARGET_ENDED:
        if (event->outcome->attempts > 0 && progress->running > 0)
            progress->running--;
        progress->done++;
        progress->failed += outcome_needs_person(event->outcome->kind) ? 1 : 0;
        if (progress->verbose && !progress->quiet)
            say_target(progress, event);
        break;
    case EVENT_RUN_STOPPING:
        progress_clear(progress);
        if (!progress->quiet)
            fprintf(progress->stream,
                    "skein: stopping (%s): what runs is finished, nothing new is started\n",
                    event->reason);
        break;
    case EVENT_RUN_ENDED:
        progress_clear(progress);
        return;
    case EVENT_TARGET_WAITS:
        break;
    }
    progress_tick(progress, event->now_us);
}

void progress_init(struct progress *progress, FILE *stream, const struct fleet *fleet, size_t total,
                   bool terminal, bool verbose, bool quiet)
{
    memset(progress, 0, sizeof(*progress));
    progress->observer.on_event = on_event;
    progress->stream = stream;
    progress->fleet = fleet;
    progress->total = total;
    progress->terminal = terminal;
    progress->verbose = verbose;
    progress->quiet = quiet;
}
