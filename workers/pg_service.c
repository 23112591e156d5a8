/* What an entry of a service file says, asked before libpq is told to connect by it. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "workers/pg_internal.h"

#define UNSAID "-" /* an sslmode that no service can have */

/* The value of a keyword; NULL where it is not given or empty. */
static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    while (options->keyword && strcmp(options->keyword, keyword) != 0) {
        options++;
    }
    return options->keyword && options->val && *options->val ? options->val : NULL;
}

/* The one of several hosts, apart by commas, that is not local; else the first. */
static const char *farthest(struct arena *arena, const char *hosts)
{
    const char *first = NULL;

    while (hosts) {
        size_t length = strcspn(hosts, ",");
        const char *host = length > 0 ? arena_strndup(arena, hosts, length) : NULL;

        if (!host_is_local(host)) {
            return host;
        }
        first = first ? first : host;
        hosts = hosts[length] ? hosts + length + 1 : NULL;
    }
    return first;
}

static bool has_section(FILE *file, const char *name)
{
    struct str header = STR_INIT;
    char *line = NULL;
    size_t capacity = 0;
    bool found = false;

    str_addf(&header, "[%s]", name);
    while (!found && getline(&line, &capacity, file) >= 0) {
        found = strncmp(line, header.text, header.length) == 0;
    }
    if (line) {
        explicit_bzero(line, capacity);
    }
    free(line);
    str_release(&header);
    return found;
}

/* The user's own service file, where it has the entry and others may read or write it. */
static const char *open_to_others(struct arena *arena, const char *name)
{
    const char *path = getenv("PGSERVICEFILE");
    const char *home = getenv("HOME");
    struct stat status;
    FILE *file;
    bool open;

    if (!path || !*path) {
        path = arena_printf(arena, "%s/.pg_service.conf", home ? home : "");
    }
    file = fopen(path, "re");
    if (!file) {
        return NULL;
    }
    open = fstat(fileno(file), &status) == 0 && (status.st_mode & (S_IROTH | S_IWOTH)) != 0 &&
           has_section(file, name);
    fclose(file);
    return open ? path : NULL;
}

int pg_service_look(const char *name, struct arena *arena, struct pg_service *service,
                    struct err *err)
{
    const char *const added[] = {arena_printf(arena, "PGSERVICE=%s", name), "PGSSLMODE=" UNSAID,
                                 NULL};
    char **environment = environ;
    PQconninfoOption *options;
    const char *host, *mode, *path = NULL;

    *service = (struct pg_service){0};
    environ = pg_environment(arena, added);
    options = PQconndefaults();
    environ = environment;
    if (!options) {
        return 0; /* libpq tells it when it connects */
    }
    host =
        value_of(options, "hostaddr") ? value_of(options, "hostaddr") : value_of(options, "host");
    mode = value_of(options, "sslmode");
    service->host = farthest(arena, host);
    if (mode && strcmp(mode, UNSAID) != 0) {
        service->mode = arena_strdup(arena, mode);
    }
    if (value_of(options, "password")) {
        path = open_to_others(arena, name);
    }
    PQconninfoFree(options);
    if (!path) {
        return 0;
    }
    err_set(err, ERROR_AUTH,
            "others may read or write the service file %.300s, which has a password", path);
    err->retry = RETRY_AUTH;
    err_hint(err, "chmod 600 %s", path);
    return ERROR_AUTH;
}
