/* Running the user's own Alembic. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/import.h"
#include "base/file.h"
#include "base/random.h"
#include "planner/alembic_ini.h"
#include "planner/alembic_log.h"

#define INI_LIMIT    ((size_t)1 << 20)  /* bytes of alembic.ini */
#define OUTPUT_LIMIT ((size_t)64 << 20) /* bytes of one call */
#define TIMEOUT_US   INT64_C(300000000)
#define TAIL_LINES   12 /* of stderr, in an error */

volatile sig_atomic_t import_signal;

const char import_log_hint[] = "the line \"Context impl ...\" must come on stderr: env.py calls "
                               "fileConfig, and the handlers of "
                               "alembic.ini let INFO of the logger alembic pass";

/* What env.py's offline mode takes the dialect from; nobody connects. */
static const char *const engine_urls[ENGINE_COUNT] = {
    [ENGINE_POSTGRESQL] = "postgresql://",
    [ENGINE_MYSQL] = "mysql://",
    [ENGINE_MARIADB] = "mariadb://",
    [ENGINE_SQLITE] = "sqlite://",
};

/* The words of --alembic. */
static const char *const *split_command(struct arena *arena, const char *text)
{
    const char **words = NULL;
    size_t count = 0, capacity = 0;
    while (*(text += strspn(text, " \t")) != '\0') {
        size_t length = strcspn(text, " \t");
        words = arena_grow(arena, words, sizeof(*words), &capacity, count + 2);
        words[count++] = arena_strndup(arena, text, length);
        words[count] = NULL;
        text += length;
    }
    return words;
}

/*
 * alembic.ini
 */

/* A copy beside alembic.ini, so that %(here)s is the same; alembic.ini itself where nothing is to
 * be changed. `url` NULL: it stays. Alembic must tell its engine, and must not connect for a list.
 */
static const char *make_ini(struct import *import, const char *url, struct err *err)
{
    const struct alembic_ini_change changes[] = {
        {import->section, "revision_environment", "false", false},
        {"logger_alembic", "level", "INFO", false},
        {import->section, "sqlalchemy.url", url, true},
    };
    const char *slash = strrchr(import->ini, '/');
    struct str text = STR_INIT;
    alembic_ini_change(import->ini_text.data, import->ini_text.length, changes, url != NULL ? 3 : 2,
                       &text);
    size_t length = import->ini_text.length;
    if (length > 0 && import->ini_text.data[length - 1] == '\n')
        length--;
    bool same = text.length <= length + 1 && memcmp(text.text, import->ini_text.data, length) == 0;
    char *path = arena_printf(import->arena, "%.*s.skein-import-%016llx.ini",
                              slash != NULL ? (int)(slash - import->ini + 1) : 0, import->ini,
                              (unsigned long long)random_entropy());
    if (same) {
        path = arena_strdup(import->arena, import->ini);
    } else if (file_create(path, text.text, text.length, 0600, err)) {
        err_hint(err, "skein writes a changed copy of alembic.ini beside it for a moment, so that "
                      "env.py renders for an engine");
        path = NULL;
    } else {
        import->copies[import->copy_count++] = path;
    }
    str_release(&text);
    return path;
}

static int read_ini(struct import *import, struct err *err)
{
    const char *path = option_value(import->app->options, OPTION_CONFIG);
    if (path == NULL)
        path = getenv("ALEMBIC_CONFIG");
    import->ini = path != NULL ? path : "alembic.ini";
    if (path == NULL && access(import->ini, F_OK) != 0 && access("pyproject.toml", F_OK) == 0) {
        import->ini_text = (struct file_text){.data = arena_strdup(import->arena, "")};
        return 0; /* Alembic 1.16 and later read that */
    }
    int failed = file_read(import->arena, import->ini, INI_LIMIT, &import->ini_text, err);
    if (failed)
        err_hint(err, "-c names alembic.ini; a relative script_location in it counts from here");
    return failed;
}

int import_find_alembic(struct import *import)
{
    struct err err = ERR_INIT(import->arena);
    const char *command = option_value(import->app->options, OPTION_ALEMBIC);
    const char *section = option_value(import->app->options, OPTION_NAME);
    import->command = split_command(import->arena, command != NULL ? command : "alembic");
    import->section = section != NULL ? section : "alembic";
    if (import->command == NULL) {
        err_set(&err, ERROR_USAGE, "--alembic is empty");
        return app_fail(import->app->options, &err);
    }
    if (read_ini(import, &err) || (import->plain_ini = make_ini(import, NULL, &err)) == NULL)
        return app_fail(import->app->options, &err);
    return 0;
}

void import_prepare(struct import *import, const char *ini, const char *const *arguments,
                    struct process *process)
{
    const struct option_values *variables = &import->app->options->values[OPTION_VARIABLE];
    size_t words = 0, given = 0, at = 0;
    while (import->command[words] != NULL)
        words++;
    while (arguments[given] != NULL)
        given++;
    const char **argv =
        arena_array(import->arena, words + given + 2 * variables->count + 5, sizeof(*argv));
    for (size_t i = 0; i < words; i++)
        argv[at++] = import->command[i];
    argv[at++] = "-c";
    argv[at++] = ini;
    argv[at++] = "-n";
    argv[at++] = import->section;
    for (size_t i = 0; i < variables->count; i++) {
        argv[at++] = "-x";
        argv[at++] = variables->items[i];
    }
    for (size_t i = 0; i < given; i++)
        argv[at++] = arguments[i];
    *process = (struct process){.argv = argv,
                                .limit = OUTPUT_LIMIT,
                                .timeout_us = TIMEOUT_US,
                                .keep_errors = true,
                                .own_group = true,
                                .output = STR_INIT,
                                .errors = STR_INIT};
}

const char *import_words(struct import *import, const struct process *process)
{
    struct str words = STR_INIT;
    size_t at = 0;
    for (; import->command[at] != NULL; at++)
        str_addf(&words, "%s%s", words.length > 0 ? " " : "", process->argv[at]);
    at += 4 + 2 * import->app->options->values[OPTION_VARIABLE].count;
    for (; process->argv[at] != NULL; at++)
        str_addf(&words, " %s", process->argv[at]);
    const char *kept = arena_strdup(import->arena, words.text);
    str_release(&words);
    return kept;
}

/* The last lines, in the arena. */
static const char *tail(struct arena *arena, const struct str *text)
{
    size_t start = text->length;
    for (int lines = 0; start > 0; start--)
        if (text->text[start - 1] == '\n' && start < text->length && ++lines == TAIL_LINES)
            break;
    return arena_strdup(arena, text->text + start);
}

int import_fail(struct import *import, const struct process *process)
{
    struct err err = ERR_INIT(import->arena);
    char text[256];
    const char *failure = process_failure(process, text, sizeof(text));
    size_t before = alembic_log_before_failure(process->output.text, process->output.length);
    err_set(&err, ERROR_REVISION, "%s %s%s%s%s", import_words(import, process),
            failure != NULL ? failure : "gave another answer than it should",
            process->errors.length > 0 || before < process->output.length ? "; it said:\n" : "",
            tail(import->arena, &process->errors), process->output.text + before);
    if (process->end == PROCESS_NOT_STARTED)
        err_hint(&err, "--alembic says how it is called: --alembic .venv/bin/alembic, --alembic "
                       "\"poetry run alembic\"");
    else
        err_hint(&err, "nothing was written; mend it until that command works by itself");
    return app_fail(import->app->options, &err);
}

int import_check_end(struct import *import, const struct process *process)
{
    if (import_signal != 0)
        return 128 + import_signal;
    return process->end == PROCESS_EXITED ? 0 : import_fail(import, process);
}

int import_call(struct import *import, const char *ini, const char *const *arguments,
                struct process *process)
{
    import_prepare(import, ini, arguments, process);
    process_run(process, 1, 1, NULL, NULL, &import_signal);
    int code = import_check_end(import, process);
    if (!code && process->code != 0)
        code = import_fail(import, process);
    return code;
}

void import_release(struct import *import)
{
    for (size_t i = 0; i < import->copy_count; i++)
        unlink(import->copies[i]);
    import->copy_count = 0;
    for (size_t i = 0; i < import->file_count; i++)
        str_release(&import->files[i].text);
    str_release(&import->notes);
}

/*
 * Engines
 */

static int read_engines(struct import *import, unsigned *wanted, struct err *err)
{
    const struct option_values *given = &import->app->options->values[OPTION_ENGINE];
    for (size_t i = 0; i < given->count; i++) {
        enum engine engine;
        if (!engine_parse(given->items[i], &engine)) {
            err_set(err, ERROR_USAGE, "unknown engine \"%s\"", given->items[i]);
            err_hint(err, "engines are postgresql, mysql, mariadb, sqlite");
            return err->class;
        }
        *wanted |= ENGINE_BIT(engine);
    }
    if (*wanted == 0 && import->app->inventory != NULL)
        *wanted = config_engines(import->app->inventory);
    return 0;
}

/* Which engine env.py renders for by itself: asked with the oldest revision. False where that
 * cannot be told; the process says why. */
static bool ask_engine(struct import *import, enum engine *engine, const char **name,
                       struct process *process)
{
    const char *const arguments[] = {
        "upgrade", arena_printf(import->arena, "base:%s", import->revisions[0]->id), "--sql", NULL};
    import_prepare(import, import->plain_ini, arguments, process);
    process_run(process, 1, 1, NULL, NULL, &import_signal);
    return alembic_log_engine(import->arena, process->errors.text, engine, name);
}

static int fail_engine(struct import *import, const struct process *process, const char *name)
{
    struct err err = ERR_INIT(import->arena);
    int code = import_check_end(import, process);
    if (code)
        return code;
    if (name == NULL && process->code != 0)
        return import_fail(import, process);
    err_set(&err, ERROR_REVISION,
            name != NULL ? "env.py renders for %s, which is none of skein's engines"
                         : "Alembic does not tell which engine it renders for",
            name);
    err_hint(&err, "%s",
             name != NULL ? "--engine postgresql, mysql, mariadb or sqlite renders for another one"
                          : import_log_hint);
    return app_fail(import->app->options, &err);
}

int import_find_engines(struct import *import)
{
    struct err err = ERR_INIT(import->arena);
    struct process process;
    enum engine native;
    const char *name;
    unsigned wanted = 0;
    int code = 0;
    if (read_engines(import, &wanted, &err))
        return app_fail(import->app->options, &err);
    bool known = ask_engine(import, &native, &name, &process);
    if (import_signal != 0 || process.end == PROCESS_NOT_STARTED || (!known && wanted == 0))
        code = fail_engine(import, &process, name);
    str_release(&process.output);
    str_release(&process.errors);
    if (code)
        return code;
    if (wanted == 0)
        wanted = ENGINE_BIT(native);
    for (unsigned i = 0; i < ENGINE_COUNT; i++) {
        if ((wanted & ENGINE_BIT(i)) == 0)
            continue;
        import->engines[import->engine_count++] = (enum engine)i;
        import->engine_ini[i] = known && native == (enum engine)i
                                    ? import->plain_ini
                                    : make_ini(import, engine_urls[i], &err);
        if (import->engine_ini[i] == NULL)
            return app_fail(import->app->options, &err);
    }
    return 0;
}
