/*
 * config.h: skein.yaml (or one URL) to a fleet. In steps, because discovery asks servers and
 * config/ knows no server:
 *
 *   config_load         YAML -> inventory: all that can be checked without asking anybody
 *   config_discoveries  inventory -> which servers to ask for databases, schemas, rows of a query
 *   config_answer       the rows that came back
 *   config_fleet        inventory -> fleet: every target resolved, checked for duplicates
 *
 * What belongs to the engines (connecting, TLS itself) is the drivers' matter.
 */
#ifndef SKEIN_CONFIG_CONFIG_H
#define SKEIN_CONFIG_CONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "config/rows.h"
#include "model/fleet.h"

struct inventory;
struct selection;

struct config_source {
    const char *path;     /* skein.yaml as given or found; NULL with url */
    const char *url;      /* of one database; NULL with path. Neither: the project's files alone, a
                             fleet cannot be had */
    const char *url_name; /* where the URL came from, for errors: "DATABASE_URL"; or NULL */
    const char *(*environment)(const char *name); /* getenv; the seam for tests */
};

/* The file's limit is 16 MiB. Errors (ERROR_CONFIGURATION) name file, line, column, what was found,
 * what is allowed, the nearest key. 0 or the class. */
int config_load(struct arena *arena, const struct config_source *source,
                struct inventory **inventory, struct err_list *errors);

/* What stands in the file without asking anybody; for commands that need no targets (history,
 * heads, show …). Valid only where config_load succeeded. */
const struct migrations *config_migrations(const struct inventory *inventory);
/* Set of ENGINE_BIT of the tenants and servers; without a URL that is a variable which is not set.
 */
unsigned config_engines(const struct inventory *inventory);

/* Whether some tenants are only known once it was looked for them. */
bool config_discovers(const struct inventory *inventory);

/* What a server is to be asked for a `discover:` entry. */
struct discovery {
    struct target target; /* where to ask */
    const char *sql;      /* one SELECT; its columns are read as text */
    const char *label;    /* for messages: "tenants[3].discover (server pg-a)" */
    int line, column;
};

/* In the inventory's arena; without those whose tenants `selection` (or NULL) cannot select: they
 * are not asked, and not in the fleet. Runs the commands of `command:` entries. Reads the variables
 * and secrets of the servers concerned; a server where that fails is left out here and told by
 * config_fleet. */
size_t config_discoveries(struct inventory *inventory, const struct selection *selection,
                          struct discovery **discoveries);

/* What came back for discoveries[index] of the last call; copied. Filtered by pattern and exclude
 * and checked against `min:` in config_fleet. For a server that nobody answered for it is not
 * called: the tenants of this entry are not in the fleet, and that is the caller's to tell. */
void config_answer(struct inventory *inventory, size_t index, const struct config_rows *rows);

/* Resolves all: variables and secrets are read here (equal commands are called once), files: globs
 * are expanded here. The fleet lies in `arena` and points into the inventory's, which must live as
 * long. Errors as of config_load; no target at all is one, too, but where the selection kept some
 * from being asked. */
int config_fleet(struct inventory *inventory, struct arena *arena, struct fleet **fleet,
                 struct err_list *errors);

/* The same for what connects to nothing: no secret is read, also not in a URL, and each pattern of
 * a `discover:` entry is one target (`entry`) that stands for whatever it would find. */
int config_fleet_offline(struct inventory *inventory, struct arena *arena, struct fleet **fleet,
                         struct err_list *errors);

#endif
