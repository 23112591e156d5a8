/*
 * config.h: skein.yaml (or one URL) to a fleet. In steps, because discovery asks servers and
 * config/ knows no server:
 *
 *   config_load      YAML -> inventory: servers, tenants, discover rules, policies; all errors at
 * once config_questions inventory -> what to ask which server config_answer    the rows that came
 * back config_fleet     inventory -> fleet: every target resolved, checked for duplicates
 */
#ifndef SKEIN_CONFIG_CONFIG_H
#define SKEIN_CONFIG_CONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "model/fleet.h"

struct inventory;

struct config_source {
    const char *path;                             /* skein.yaml as given or found; NULL with url */
    const char *url;                              /* --url or $DATABASE_URL; NULL with path */
    const char *(*environment)(const char *name); /* getenv; the seam for tests */
};

/* The file's limit is 16 MiB. Errors (ERROR_CONFIGURATION) name file, line, column, what was found,
 * what is allowed, the nearest key. 0 or the class. */
int config_load(struct arena *arena, const struct config_source *source,
                struct inventory **inventory, struct err_list *errors);

/* What stands in the file without asking anybody; for commands that need no targets (history,
 * heads, show …). */
const struct migrations *config_migrations(const struct inventory *inventory);
unsigned config_engines(const struct inventory *inventory);

/* Databases to be listed on a server by a `discover:` entry. */
struct discovery {
    struct target target; /* where to ask */
    const char *sql;      /* one SELECT, one text column: names */
    const char *label;    /* for messages: "tenants[3].discover (server pg-a)" */
    int line, column;
};

size_t config_discoveries(struct inventory *inventory, struct discovery **discoveries);
/* Names that came back for discoveries[index]; filtered by pattern and exclude, checked against
 * `min:`. */
void config_answer(struct inventory *inventory, size_t index, const char *const *names,
                   size_t count);
/* Nobody answered: the tenants of this entry are not known; the error is the command's (exit 2 for
 * commands that change, a line for others). */

/* Resolves all: secrets are read here (once for equal ones), files: globs are expanded here. Errors
 * as of config_load. */
int config_fleet(struct inventory *inventory, struct arena *arena, struct fleet **fleet,
                 struct err_list *errors);

#endif
