/* Has the SQL of all files rendered: one call of Alembic for each revision, engine and direction,
 * several side by side. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/import.h"
#include "base/file.h"
#include "planner/alembic_log.h"

#define AT_ONCE      8
#define SOURCE_LIMIT ((size_t)4 << 20) /* bytes of a Python file that are looked through */

/* One call of Alembic: a revision, or with `all` everything up to it, in one direction. */
struct job {
    struct import_file *file;
    const struct graph_node *node;
    struct alembic_part *part;
    enum direction direction;
    size_t start; /* which of its starting points is tried */
    bool all;
    struct process process;
};

struct rendering {
    struct import *import;
    struct job *jobs;
    size_t count, capacity;
    size_t ended, total; /* for the progress */
};

static void show_progress(void *context, const struct process *process)
{
    struct rendering *rendering = context;
    (void)process;
    rendering->ended++;
    if (!rendering->import->app->options->quiet && isatty(STDERR_FILENO))
        fprintf(stderr, "\rrendering %zu of %zu%s", rendering->ended, rendering->total,
                rendering->ended == rendering->total ? "\r\033[K" : "");
}

/*
 * Calls
 */

/* Where rendering may start so that only this revision, or little more, is left to render: at each
 * of its parents, then at each dependency. A merge that starts at one parent has the other branch
 * rendered on the way. NULL after the last one. */
static const char *starting_point(const struct graph_node *node, size_t number)
{
    if (node->down_count == 0 && number-- == 0)
        return "base";
    if (number < node->down_count)
        return node->down[number]->revision->id;
    number -= node->down_count;
    return number < node->depends_on_count ? node->depends_on[number]->revision->id : NULL;
}

static struct job *add_job(struct rendering *rendering, struct import_file *file,
                           const struct graph_node *node, struct alembic_part *part,
                           enum direction direction, bool all)
{
    rendering->jobs =
        arena_grow(rendering->import->arena, rendering->jobs, sizeof(*rendering->jobs),
                   &rendering->capacity, rendering->count + 1);
    struct job *job = &rendering->jobs[rendering->count++];
    *job =
        (struct job){.file = file, .node = node, .part = part, .direction = direction, .all = all};
    return job;
}

static void prepare(struct import *import, struct job *job)
{
    const char *id = job->node->revision->id;
    const char *start = job->all ? "base" : starting_point(job->node, job->start);
    bool up = job->direction == DIRECTION_UPGRADE;
    const char *const arguments[] = {
        direction_name(job->direction),
        arena_printf(import->arena, "%s:%s", up ? start : id, up ? id : start), "--sql", NULL};
    import_prepare(import, import->engine_ini[job->part->engine], arguments, &job->process);
}

static size_t processors(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online > AT_ONCE ? AT_ONCE : (size_t)online;
}

/* Calls Alembic for jobs[first..count). */
static int call_all(struct rendering *rendering, size_t first)
{
    struct import *import = rendering->import;
    size_t count = rendering->count - first;
    struct process *processes = arena_array(import->arena, count, sizeof(*processes));
    int code = 0;
    for (size_t i = 0; i < count; i++) {
        prepare(import, &rendering->jobs[first + i]);
        processes[i] = rendering->jobs[first + i].process;
    }
    rendering->total += count;
    process_run(processes, count, processors(), show_progress, rendering, &import_signal);
    for (size_t i = 0; i < count; i++)
        rendering->jobs[first + i].process = processes[i];
    for (size_t i = 0; i < count && !code; i++)
        code = import_check_end(import, &processes[i]);
    return code;
}

/*
 * Answers
 */

static int check_engine(struct import *import, const struct job *job)
{
    struct err err = ERR_INIT(import->arena);
    enum engine engine;
    const char *name;
    if (alembic_log_engine(import->arena, job->process.errors.text, &engine, &name) &&
        engine == job->part->engine)
        return 0;
    if (name == NULL && job->process.code != 0)
        return import_fail(import, &job->process);
    err_set(&err, ERROR_REVISION, "for %s env.py renders %s; nothing was written",
            engine_name(job->part->engine), name != NULL ? name : "what Alembic does not tell");
    err_hint(
        &err, "%s",
        name != NULL
            ? "its offline mode must take the URL from sqlalchemy.url of alembic.ini, which "
              "skein sets for each engine; or import once, for the engine that it does render"
            : "the line \"Context impl ...\" must come on stderr: env.py calls fileConfig, and "
              "the handlers of alembic.ini let INFO of the logger alembic pass");
    return app_fail(import->app->options, &err);
}

/* What the Python file tells beside its SQL. One that cannot be read may do anything. */
struct source {
    bool connection; /* it may use a connection of its own */
    bool tab;        /* offline Alembic writes blanks for tabs */
};

static bool has_inner_tab(const char *text)
{
    bool blank = true;
    for (; *text != '\0'; text++) {
        if (!blank && *text == '\t')
            return true;
        blank = *text == '\n' || (blank && (*text == ' ' || *text == '\t'));
    }
    return false;
}

static struct source look_at_source(struct import *import, const struct revision *revision)
{
    struct err err = ERR_INIT(import->arena);
    struct arena arena = ARENA_INIT;
    struct file_text text;
    struct source source = {true, false};
    if (!file_read(&arena, revision->path, SOURCE_LIMIT, &text, &err))
        source = (struct source){strstr(text.data, "get_bind") != NULL ||
                                     strstr(text.data, ".bind") != NULL ||
                                     strstr(text.data, ".connection") != NULL,
                                 strstr(text.data, "\\t") != NULL || has_inner_tab(text.data)};
    arena_release(&arena);
    return source;
}

static void add_statements(struct import *import, struct alembic_part *part,
                           const struct alembic_step *step, const struct revision *revision,
                           bool titled)
{
    struct source source = look_at_source(import, revision);
    struct alembic_statement *all =
        arena_array(import->arena, part->count + step->count, sizeof(*all));
    for (size_t i = 0; i < part->count; i++)
        all[i] = part->statements[i];
    for (size_t i = 0; i < step->count; i++) {
        struct alembic_statement *statement = &all[part->count + i];
        *statement = step->statements[i];
        if (statement->doubt.bare_null && source.connection && statement->doubt.reason == NULL)
            statement->doubt.reason = "is this NULL meant? Offline, Alembic writes it for every "
                                      "parameter of get_bind().execute(...)";
        if (titled && i == 0) {
            char *text = arena_printf(import->arena, "-- %s %s\n%.*s", revision->id,
                                      revision->message, (int)statement->length, statement->text);
            statement->length = strlen(text);
            statement->text = text;
        }
    }
    part->statements = all;
    part->count += step->count;
    if (source.tab && step->count > 0 && strstr(import->notes.text, revision->path) == NULL)
        str_addf(&import->notes,
                 "%s has a tab in its text: offline, Alembic writes four blanks for it\n",
                 revision->path);
}

static void read_script(struct import *import, const struct job *job, struct alembic_script *script)
{
    alembic_script_parse(
        import->arena, job->part->engine, job->direction,
        arena_strndup(import->arena, job->process.output.text, job->process.output.length),
        job->process.output.length, script);
    if (script->preamble != NULL)
        import->preamble = script->preamble;
}

static int keep_version_table(struct import *import, const struct alembic_script *script)
{
    struct err err = ERR_INIT(import->arena);
    if (import->version_table == NULL)
        import->version_table = script->version_table;
    if (script->version_table == NULL || strcmp(script->version_table, import->version_table) == 0)
        return 0;
    err_set(&err, ERROR_REVISION, "env.py uses two version tables, %s and %s",
            import->version_table, script->version_table);
    err_hint(&err, "skein has one in all targets; give env.py the same version_table for all");
    return app_fail(import->app->options, &err);
}

static const char *failure(struct import *import, const struct job *job, const char *path)
{
    if (job->process.code == 0)
        return "the version table's own statement is not in what Alembic wrote";
    return alembic_log_failure(import->arena, job->process.errors.text, path);
}

/* One revision. *again: it was not reached, and there is another starting point. */
static int on_revision(struct import *import, struct job *job, bool titled, bool *again)
{
    struct revision *revision = job->node->revision;
    struct alembic_script script;
    read_script(import, job, &script);
    struct alembic_step *step = alembic_script_find(&script, revision->id);
    *again = step == NULL && starting_point(job->node, job->start + 1) != NULL;
    if (*again)
        return 0;
    if (step != NULL)
        add_statements(import, job->part, step, revision, titled);
    if (step == NULL)
        job->part->unfinished =
            arena_printf(import->arena, "%s fails before it comes to this revision: %s",
                         import_words(import, &job->process), failure(import, job, NULL));
    else if (!step->complete)
        job->part->unfinished = arena_printf(import->arena, "%s of %s fails offline: %s",
                                             direction_name(job->direction), revision->path,
                                             failure(import, job, revision->path));
    return keep_version_table(import, &script);
}

/*
 * Files
 */

static void release_outputs(struct rendering *rendering)
{
    for (size_t i = 0; i < rendering->count; i++) {
        str_release(&rendering->jobs[i].process.output);
        str_release(&rendering->jobs[i].process.errors);
    }
    rendering->count = 0;
}

/* Calls for all jobs, and again from another start for those that were not reached. Statements come
 * in the order of the jobs. */
static int render_jobs(struct rendering *rendering, bool titled)
{
    int code = call_all(rendering, 0);
    for (size_t i = 0; i < rendering->count && !code; i++) {
        bool again = true;
        code = check_engine(rendering->import, &rendering->jobs[i]);
        while (!code) {
            code = on_revision(rendering->import, &rendering->jobs[i], titled, &again);
            if (code || !again)
                break;
            struct rendering one = {
                .import = rendering->import, .ended = rendering->ended, .total = rendering->total};
            struct job *job = &rendering->jobs[i];
            str_release(&job->process.output);
            str_release(&job->process.errors);
            job->start++;
            one.jobs = job;
            one.count = 1;
            code = call_all(&one, 0);
        }
    }
    release_outputs(rendering);
    return code;
}

static bool is_whole(const struct alembic_script *script, size_t count)
{
    for (size_t i = 0; i < script->count; i++)
        if (!script->steps[i].complete)
            return false;
    return script->count == count;
}

/* All that a baseline stands for, in one call; *whole: that went well. */
static int render_at_once(struct rendering *rendering, const struct import_file *file,
                          struct job *job, bool *whole)
{
    struct import *import = rendering->import;
    struct alembic_script script;
    int code = check_engine(import, job);
    if (code)
        return code;
    read_script(import, job, &script);
    *whole = job->process.code == 0 && is_whole(&script, file->stands_for_count);
    for (size_t i = 0; *whole && i < script.count; i++) {
        struct graph_node *node = graph_find(&import->graph, script.steps[i].revision);
        if (node == NULL)
            return import_fail(import, &job->process);
        add_statements(import, job->part, &script.steps[i], node->revision, true);
    }
    return keep_version_table(import, &script);
}

/* Where one call does not do: revision by revision for the upgrade, so that only the places of
 * those that fail are marked; for the downgrade, which nobody needs often, the reason is written
 * down. */
static int render_baseline(struct rendering *rendering, struct import_file *file)
{
    struct import *import = rendering->import;
    const struct graph_node *node = file->stands_for[file->stands_for_count - 1];
    bool whole[2 * ENGINE_COUNT] = {false};
    struct rendering rest = {.import = import};
    for (size_t i = 0; i < import->engine_count; i++)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++)
            add_job(rendering, file, node, &file->parts[direction][i], (enum direction)direction,
                    true);
    int code = call_all(rendering, 0);
    for (size_t i = 0; i < rendering->count && !code; i++) {
        struct job *job = &rendering->jobs[i];
        code = render_at_once(rendering, file, job, &whole[i]);
        if (!code && !whole[i] && job->direction == DIRECTION_DOWNGRADE)
            file->irreversible =
                arena_printf(import->arena, "%s: %s", import_words(import, &job->process),
                             failure(import, job, NULL));
        for (size_t j = 0; !code && !whole[i] && job->direction == DIRECTION_UPGRADE &&
                           j < file->stands_for_count;
             j++)
            add_job(&rest, file, file->stands_for[j], job->part, DIRECTION_UPGRADE, false);
    }
    if (!code)
        code = render_jobs(&rest, true);
    release_outputs(rendering);
    return code;
}

int import_render(struct import *import)
{
    struct rendering rendering = {.import = import};
    int code = 0;
    for (size_t i = 0; i < import->file_count && !code; i++) {
        struct import_file *file = &import->files[i];
        for (size_t j = 0; j < import->engine_count; j++)
            for (int direction = 0; direction < DIRECTION_COUNT; direction++)
                file->parts[direction][j].engine = import->engines[j];
        if (file->stands_for_count > 0)
            code = render_baseline(&rendering, file);
    }
    for (size_t i = 0; i < import->file_count && !code; i++) {
        struct import_file *file = &import->files[i];
        if (file->stands_for_count > 0)
            continue;
        const struct graph_node *node = graph_find(&import->graph, file->revision->id);
        for (size_t j = 0; j < import->engine_count; j++)
            for (int direction = 0; direction < DIRECTION_COUNT; direction++)
                add_job(&rendering, file, node, &file->parts[direction][j],
                        (enum direction)direction, false);
    }
    return code ? code : render_jobs(&rendering, false);
}
