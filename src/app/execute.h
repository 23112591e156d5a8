/*
 * execute.h: one run over the selected targets with loop, signals and progress; and the second half
 * of the selection, which needs heads.
 */
#ifndef SKEIN_APP_EXECUTE_H
#define SKEIN_APP_EXECUTE_H

#include "app/app.h"
#include "report/standing.h"
#include "workers/run.h"

/* What a command wants done. */
struct job {
    enum life_mode mode;
    const char *command;     /* "upgrade", "plan upgrade" */
    const struct goal *goal; /* NULL: nothing but reading */
    enum resolution resolution;
    size_t done_to;
    bool relative; /* the goal was typed relative, also where it is absolute by now */
    bool quiet;    /* no progress: a first pass */
};

/* A finished run; result.outcomes lie in `run`. Release when the report is printed. */
struct job_result {
    struct run *run;
    struct run_result result;
};

/* Runs `job` over app->targets. Returns 0, or an exit code with the error printed (options out of
 * range …); what happened to targets is in the result, not yet concluded. */
int job_run(struct app *app, const struct job *job, struct job_result *out);

/* Reads the heads of app->targets, without a word, for what `command` decides by them. The result's
 * targets are its own: narrowing rewrites app->targets. Returns 0, or an exit code, also that of an
 * interrupt; then there is nothing to release. */
int job_read(struct app *app, const char *command, struct job_result *out);
void job_release(struct job_result *job);

/* Checks and fills what goes into skein_history: run id, actor, reason, tag (too long:
 * ERROR_USAGE). */
int job_identity(const struct app *app, struct run_identity *identity, struct err *err);

/* States of what was read (contract, section 5). */
enum standing_state standing_of(const struct app *app, const struct outcome *outcome);

/* Second half of the selection: --state, `version` in -l (from outcomes of a read, may be NULL
 * where neither is given), then --shard, --limit,
 * --expect-targets. Narrows app->targets. */
int app_narrow(struct app *app, const struct run_result *read);
bool app_needs_heads(const struct app *app);
/* The same, and reads the heads for it where they are needed (app_load_project was called then).
 * 0, or an exit code with the error printed. */
int app_narrow_reading(struct app *app, const char *command);

/* Reads the heads of all selected targets (app_load_fleet was called), then narrows:
 * result->outcomes belong, side by side, to what is left in app->targets. `quiet`: no progress.
 * Returns 0 or an exit code, the error printed; job_release(read) in either case. */
int app_read(struct app *app, const char *command, bool quiet, struct job_result *read,
             struct run_result *result);

/* "skein upgrade head -c x.yaml", to be shown as what to type; NULL for a relative goal. */
const char *app_again(const struct app *app, const struct goal *goal);

#endif
