/*
 * secret.h: passwords that do not stand in skein.yaml: of a variable, a file or a command's output.
 * No message holds one; nobody else reads them.
 */
#ifndef SKEIN_CONFIG_SECRET_H
#define SKEIN_CONFIG_SECRET_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"

enum secret_kind {
    SECRET_NONE,
    SECRET_TEXT,    /* it stands in the file */
    SECRET_ENV,     /* {env: NAME} */
    SECRET_FILE,    /* {file: PATH}, relative to skein.yaml */
    SECRET_COMMAND, /* {command: [argv…]}: no shell */
};

struct secret_source {
    enum secret_kind kind;
    const char *text;        /* the text, NAME or PATH */
    const char *const *argv; /* ends with NULL */
    int line, column;
};

/* What was read: equal commands are called once, and fail once. */
struct secrets {
    struct arena *arena;
    const char *folder; /* of skein.yaml: relative paths and commands start there */
    const char *(*environment)(const char *name);
    struct map commands; /* argv joined -> struct command_answer */
    const char **hidden; /* names of variables that hold secrets, ends with NULL; or NULL */
    size_t hidden_count, hidden_capacity;
};

void secrets_init(struct secrets *secrets, struct arena *arena, const char *folder,
                  const char *(*environment)(const char *name));

/* Commands do not get DATABASE_URL, the variable of a source, or those in a URL's text (its
 * password, or the one variable that it is): call it before the first secret is read. */
void secrets_hide(struct secrets *secrets, const struct secret_source *source);
void secrets_hide_text(struct secrets *secrets, const char *text, size_t length);

/* The secret, or NULL for SECRET_NONE, in the arena of secrets; without the one newline at its end.
 * ERROR_CONFIGURATION where it is not set, empty, over 64 KiB, or has a NUL; for a file that others
 * may read or write; for a command that fails or is not done within 10 seconds (it is killed). A
 * command's stdin is empty, its stderr is skein's. */
int secret_read(struct secrets *secrets, const struct secret_source *source, const char **value,
                struct err *err);

#endif
