#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "workers/pg_internal.h"

/*
 * libpq fills what is not given, or given empty, from PG* variables: a target would silently go
 * elsewhere, by PGHOSTADDR, PGOPTIONS, PGTZ, … So it is shown an environment without them. Those
 * that only say where files lie stay. Made once, for getenv in another thread may be reading it.
 */
static char **quiet_environment(size_t *length)
{
    static const char *const kept[] = {"PGPASSFILE=", "PGSERVICEFILE=", "PGSYSCONFDIR="};
    static char **quiet;
    static size_t quiet_count;
    size_t count = 0;

    *length = quiet_count;
    if (quiet) {
        return quiet;
    }
    while (environ && environ[count]) {
        count++;
    }
    quiet = xcalloc(count + 1, sizeof(*quiet));
    count = 0;
    for (char **each = environ; each && *each; each++) {
        bool keep = strncmp(*each, "PG", 2) != 0;

        for (size_t i = 0; !keep && i < sizeof(kept) / sizeof(*kept); i++) {
            keep = strncmp(*each, kept[i], strlen(kept[i])) == 0;
        }
        if (keep) {
            quiet[count++] = *each;
        }
    }
    *length = quiet_count = count;
    return quiet;
}

char **pg_environment(struct arena *arena, const char *const *added)
{
    size_t quiet_count, count = 0;
    char **quiet = quiet_environment(&quiet_count), **environment;

    if (!added) {
        return quiet;
    }
    while (added[count]) {
        count++;
    }
    environment = arena_array(arena, quiet_count + count + 1, sizeof(*environment));
    memcpy(environment, quiet, quiet_count * sizeof(*environment));
    memcpy(environment + quiet_count, added, count * sizeof(*environment));
    return environment;
}
