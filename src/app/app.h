/*
 * app.h: what one command works with: the project (skein.yaml, revision files, graph), the fleet,
 * the selected targets. Commands load what they need and no more; everything lies in the process's
 * arena.
 *
 * Functions return 0 or an exit code: an error was then printed (app_fail), on stdout as JSON with
 * --format json, else on stderr.
 */
#ifndef SKEIN_APP_APP_H
#define SKEIN_APP_APP_H

#include "app/options.h"
#include "base/str.h"
#include "config/config.h"
#include "model/run.h"
#include "planner/goal.h"
#include "report/report.h"
#include "workers/host.h"

#define EXIT_USAGE    2
#define EXIT_PENDING  3
#define EXIT_INTERNAL 7

struct app {
    const struct options *options;
    struct arena *arena;
    struct err_list errors;  /* collected by loaders, printed by app_fail_errors */
    const char *config_path; /* skein.yaml as given or found; NULL for a URL */
    struct inventory *inventory;
    const struct migrations *migrations;
    unsigned engines;    /* revisions are read for these */
    bool foreign_config; /* -c names another program's file; set before anything is loaded */
    struct graph graph;
    struct revision **revisions;
    size_t revision_count;
    struct fleet *fleet;
    size_t *targets; /* selected: indices into the fleet */
    size_t target_count;
    struct undiscovered *undiscovered;
    size_t undiscovered_count;
    struct host *host;          /* made when first needed; freed by app_release */
    struct pair_list variables; /* -x */
};

int app_init(struct app *app, const struct options *options, struct arena *arena);
void app_release(struct app *app);

/* Commands as they mostly are: `work` between the two. */
int app_run(const struct options *options, struct arena *arena, int (*work)(struct app *app));
/* And the project is loaded before. `work` may be NULL: loading it was the work. */
int app_run_project(const struct options *options, struct arena *arena,
                    int (*work)(struct app *app));

/* A variable of the environment, or NULL; empty is as good as unset: so a compose file passes on
 * what nobody has set. */
const char *app_environment(const char *name);

/* skein.yaml or the URL -> inventory, migrations, engines. */
int app_load_config(struct app *app);
/* And the revision files -> graph. */
int app_load_project(struct app *app);
/* The revision files alone, of the version locations that exist; the graph is not built. */
int app_load_revisions(struct app *app);
/* Whether app_load_config would find a skein.yaml, or a URL that was given. */
bool app_has_config(const struct app *app);
/* The loop, made at its first use. */
struct host *app_host(struct app *app);

/* Prints and returns the exit code: 2, or 7 for ERROR_INTERNAL. */
int app_fail(const struct options *options, const struct err *err);
int app_fail_errors(struct app *app);

/* Writes to stdout; a closed pipe is no error. */
void app_print(const struct str *text);
/* Prints the text and releases it. */
void app_print_release(struct str *text);

/* Whether a terminal is there that moves its cursor and has colours: TERM is neither dumb nor
 * unset.
 */
bool app_on_terminal(int descriptor);
/* On stderr: --state, --shard or --limit have left no target. */
void app_tell_nothing_left(void);
bool app_fleet_of_one(const struct app *app);

/* The style of reports by the options. `again`: what to type to go on, or NULL. */
struct report_style app_style(const struct app *app, const char *again);

#endif
