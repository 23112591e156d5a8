#include "planner/alembic_log.h"

#include <stdlib.h>
#include <string.h>

#define IMPL   "Context impl "
#define FAILED "FAILED: "

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

size_t alembic_log_before_failure(const char *output, size_t length)
{
    size_t found = length;

    for (size_t at = 0; at < length;) {
        const char *newline = memchr(output + at, '\n', length - at);
        size_t text = at + strspn(output + at, " ");

        if (!strncmp(output + text, FAILED, sizeof(FAILED) - 1)) {
            found = at;
        }
        at = newline ? (size_t)(newline - output) + 1 : length;
    }
    return found;
}

/* The first line after the last one that is indented: there a traceback ends with the exception. */
static const char *last_words(struct arena *arena, const char *log)
{
    const char *at = log, *found = NULL;
    bool indented = true;

    while (*at) {
        size_t length = strcspn(at, "\n");

        if (*at == ' ' || *at == '\t') {
            indented = true;
        } else if (length && indented) {
            found = at;
            indented = false;
        }
        at += length + (at[length] == '\n');
    }
    return found ? arena_strndup(arena, found, strcspn(found, "\r\n")) : "it does not say why";
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

const char *alembic_log_failure(struct arena *arena, const char *output, const char *log,
                                const char *path)
{
    size_t length = strlen(output), before = alembic_log_before_failure(output, length);
    const char *words;
    long line;

    if (before < length) {
        char *message = arena_strdup(arena, strstr(output + before, FAILED) + sizeof(FAILED) - 1);

        for (char *at = message; *at; at++) {
            *at = *at == '\n' && at[1] ? ' ' : *at;
        }
        message[strcspn(message, "\n")] = '\0';
        return message;
    }
    words = last_words(arena, log);
    line = path ? line_in(arena, log, path) : 0;
    return line > 0 ? arena_printf(arena, "%s (line %ld)", words, line) : words;
}
