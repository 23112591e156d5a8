#include "config/secret.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/process.h"
#include "base/str.h"

#define SECRET_LIMIT ((size_t)64 * 1024)
#define COMMAND_US   INT64_C(10000000)

/* What a command said, once for all who ask with the same words. */
struct command_answer {
    const char *value; /* NULL: err */
    struct err err;
};

static void hide(struct secrets *secrets, const char *name)
{
    secrets->hidden = arena_grow(secrets->arena, secrets->hidden, sizeof(*secrets->hidden),
                                 &secrets->hidden_capacity, secrets->hidden_count + 2);
    secrets->hidden[secrets->hidden_count++] = name;
    secrets->hidden[secrets->hidden_count] = NULL;
}

void secrets_init(struct secrets *secrets, struct arena *arena, const char *folder,
                  const char *(*environment)(const char *name))
{
    *secrets = (struct secrets){.arena = arena, .folder = folder, .environment = environment};
    map_init(&secrets->commands, arena);
    hide(secrets, "DATABASE_URL");
}

void secrets_hide(struct secrets *secrets, const struct secret_source *source)
{
    if (source->kind == SECRET_ENV) {
        hide(secrets, source->text);
    }
}

void secrets_hide_text(struct secrets *secrets, const char *text, size_t length)
{
    for (size_t at = 0; at + 2 < length; at++) {
        if (text[at] == '$' && text[at + 1] == '{') {
            const char *name = text + at + 2;
            size_t left = length - at - 2, size = 0;

            while (size < left && name[size] != '}' && name[size] != ':') {
                size++;
            }
            hide(secrets, arena_strndup(secrets->arena, name, size));
        }
    }
}

/* Strips one newline and refuses what cannot be a password. */
static int take(struct arena *arena, const char *data, size_t length, const char *what,
                const char **value, struct err *err)
{
    if (length > SECRET_LIMIT) {
        return err_set(err, ERROR_CONFIGURATION, "%s gives more than 65536 bytes", what);
    }
    if (memchr(data, '\0', length)) {
        return err_set(err, ERROR_CONFIGURATION, "%s gives a NUL character", what);
    }
    if (length && data[length - 1] == '\n') {
        length--;
        length -= length && data[length - 1] == '\r';
    }
    if (!length) {
        return err_set(err, ERROR_CONFIGURATION, "%s gives an empty password", what);
    }
    *value = arena_strndup(arena, data, length);
    return 0;
}

static int read_variable(struct secrets *secrets, const char *name, const char **value,
                         struct err *err)
{
    const char *text = secrets->environment(name);

    if (!text) {
        return err_set(err, ERROR_CONFIGURATION, "the variable %.100s is not set", name);
    }
    return take(secrets->arena, text, strlen(text),
                arena_printf(err->arena, "the variable %.100s", name), value, err);
}

static int read_secret_file(struct secrets *secrets, const char *name, const char **value,
                            struct err *err)
{
    const char *path = file_join(secrets->arena, secrets->folder, name);
    struct file_text text;
    struct stat status;

    if (stat(path, &status) == 0 && (status.st_mode & (S_IROTH | S_IWOTH))) {
        err_set(err, ERROR_CONFIGURATION, "others may read or write the password file %.300s",
                path);
        err_hint(err, "chmod 600 %s", path);
        return ERROR_CONFIGURATION;
    }
    if (file_read(secrets->arena, path, SECRET_LIMIT, &text, err)) {
        return ERROR_CONFIGURATION;
    }
    return take(secrets->arena, text.data, text.length,
                arena_printf(err->arena, "the file %.300s", path), value, err);
}

static int call(struct secrets *secrets, const char *const *argv, struct str *output,
                struct err *err)
{
    struct process process = {.argv = argv,
                              .folder = secrets->folder,
                              .without = secrets->hidden,
                              .limit = SECRET_LIMIT,
                              .timeout_us = COMMAND_US,
                              .output = *output,
                              .errors = STR_INIT};
    char text[256];
    const char *failure;

    process_run(&process, 1, 1, NULL, NULL, NULL);
    *output = process.output;
    failure = process_failure(&process, text, sizeof(text));
    return failure ? err_set(err, ERROR_CONFIGURATION, "the password command %.100s %s", argv[0],
                             failure)
                   : 0;
}

/* The words with their lengths: no two commands share one. */
static const char *command_key(struct arena *arena, const char *const *argv)
{
    struct str key = STR_INIT;
    const char *kept;

    for (; *argv; argv++) {
        str_addf(&key, "%zu:%s", strlen(*argv), *argv);
    }
    kept = arena_strdup(arena, key.text);
    str_release(&key);
    return kept;
}

static int read_command(struct secrets *secrets, const char *const *argv, const char **value,
                        struct err *err)
{
    const char *key = command_key(secrets->arena, argv);
    struct command_answer *answer = map_get(&secrets->commands, key);

    if (!answer) {
        struct str output = STR_INIT;

        answer = arena_alloc(secrets->arena, sizeof(*answer));
        answer->err.arena = secrets->arena;
        if (!call(secrets, argv, &output, &answer->err)) {
            take(secrets->arena, output.text, output.length,
                 arena_printf(secrets->arena, "the password command %.100s", argv[0]),
                 &answer->value, &answer->err);
        }
        explicit_bzero(output.text, output.length);
        str_release(&output);
        map_set(&secrets->commands, key, answer);
    }
    if (!answer->value) {
        err_copy(err, &answer->err);
        return ERROR_CONFIGURATION;
    }
    *value = answer->value;
    return 0;
}

int secret_read(struct secrets *secrets, const struct secret_source *source, const char **value,
                struct err *err)
{
    *value = NULL;
    switch (source->kind) {
    case SECRET_NONE:
        return 0;
    case SECRET_TEXT:
        *value = source->text;
        return 0;
    case SECRET_ENV:
        return read_variable(secrets, source->text, value, err);
    case SECRET_FILE:
        return read_secret_file(secrets, source->text, value, err);
    case SECRET_COMMAND:
        return read_command(secrets, source->argv, value, err);
    }
    return 0;
}
