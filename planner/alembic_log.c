#include "planner/alembic_log.h"

#include <stdlib.h>
#include <string.h>

#define IMPL "Context impl "

/* Names of Alembic's classes. */
static const struct {
    const char *name;
    enum engine engine;
} implementations[] = {
    {"PostgresqlImpl", ENGINE_POSTGRESQL},
    {"MySQLImpl", ENGINE_MYSQL},
    {"MariaDBImpl", ENGINE_MARIADB},
    {"SQLiteImpl", ENGINE_SQLITE},
};

bool alembic_log_engine(struct arena *arena, const char *log, enum engine *engine,
                        const char **name)
{
    const char *found = strstr(log, IMPL);

    *name = NULL;
    if (!found) {
        return false;
    }
    found += strlen(IMPL);
    *name = arena_strndup(arena, found, strcspn(found, ". \r\n\""));
    for (size_t i = 0; i < sizeof(implementations) / sizeof(implementations[0]); i++) {
        if (!strcmp(*name, implementations[i].name)) {
            *engine = implementations[i].engine;
            return true;
        }
    }
    return false;
}

/* The last line that is not indented and not empty: a traceback ends with the exception. One with
 * several lines begins behind the last indented line. */
static const char *last_words(struct arena *arena, const char *log)
{
    const char *at = log, *found = NULL;
    bool indented = true;

    while (*at) {
        size_t length = strcspn(at, "\n");

        if (*at == ' ' || *at == '\t') {
            indented = true;
        } else if (length && (indented || !strncmp(at, "FAILED: ", 8))) {
            found = at;
            indented = false;
        }
        at += length + (at[length] == '\n');
    }
    if (!found) {
        return "it says nothing";
    }
    found += strncmp(found, "FAILED: ", 8) ? 0 : 8;
    return arena_strndup(arena, found, strcspn(found, "\r\n"));
}

/* The last `File ".../PATH", line N`, or 0. */
static long line_in(struct arena *arena, const char *log, const char *path)
{
    const char *frame = arena_printf(arena, "%s\", line ", path);
    long line = 0;

    for (const char *at = log; (at = strstr(at, frame)); at++) {
        line = strtol(at + strlen(frame), NULL, 10);
    }
    return line;
}

const char *alembic_log_failure(struct arena *arena, const char *log, const char *path)
{
    const char *words = last_words(arena, log);
    long line = path ? line_in(arena, log, path) : 0;

    return line > 0 ? arena_printf(arena, "%s (line %ld)", words, line) : words;
}
