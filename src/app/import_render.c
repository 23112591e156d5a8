/* Has the SQL of Alembic's revisions rendered, then gives the files their parts.
 *
 * First Alembic goes through all of them in one call for each engine and direction. What did not
 * come out of that whole, because something fails on the way, is asked for by itself: `upgrade
 * DOWN:REV
 * --sql`, `downgrade REV:DOWN --sql`. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/import.h"
#include "base/file.h"
#include "planner/alembic_log.h"
#include "planner/alembic_source.h"

#define AT_ONCE      8
#define SOURCE_LIMIT ((size_t)4 << 20) /* bytes of a Python file that are looked through */

/* What one revision runs on one engine in one direction. */
struct rendered {
    bool known;
    struct alembic_statement *statements;
    size_t count;
    const char *failure; /* why there is not more; or NULL */
};

/* One call of Alembic: for one revision, or for as many as it comes through. */
struct call {
    size_t engine; /* index */
    enum direction direction;
    const struct graph_node *node; /* NULL: many */
    size_t start;                  /* which of its starting points is tried */
    const char *from, *to;
    struct process process;
};

struct calls {
    struct call *items;
    size_t count, capacity;
};

struct rendering {
    struct import *import;
    struct rendered *rendered; /* by revision, engine, direction */
    size_t ended, total;       /* calls, for the progress */
};

static struct rendered *rendered_of(const struct rendering *rendering,
                                    const struct graph_node *node, size_t engine,
                                    enum direction direction)
{
    return &rendering
                ->rendered[(node->index * ENGINE_COUNT + engine) * DIRECTION_COUNT + direction];
}

/*
 * Calls
 */

static void show_progress(void *context, const struct process *process)
{
    struct rendering *rendering = context;
    (void)process;
    rendering->ended++;
    if (!rendering->import->app->options->quiet && app_on_terminal(STDERR_FILENO))
        fprintf(stderr, "\ralembic: %zu of %zu calls%s", rendering->ended, rendering->total,
                rendering->ended == rendering->total ? "\r\033[K" : "");
}

static void add_call(struct rendering *rendering, struct calls *calls, struct call call)
{
    struct import *import = rendering->import;
    const char *const arguments[] = {direction_name(call.direction),
                                     arena_printf(import->arena, "%s:%s", call.from, call.to),
                                     "--sql", NULL};
    import_prepare(import, import->engine_ini[import->engines[call.engine]], arguments,
                   &call.process);
    calls->items = arena_grow(import->arena, calls->items, sizeof(*calls->items), &calls->capacity,
                              calls->count + 1);
    calls->items[calls->count++] = call;
}

/* Where a call for one revision may start so that little more is left to render: at each of its
 * parents, then at each dependency. A merge that starts at one parent has the other branch rendered
 * on the way. NULL after the last one. */
static const char *starting_point(const struct graph_node *node, size_t number)
{
    if (node->down_count == 0 && number-- == 0)
        return "base";
    if (number < node->down_count)
        return node->down[number]->revision->id;
    number -= node->down_count;
    return number < node->depends_on_count ? node->depends_on[number]->revision->id : NULL;
}

static void add_single(struct rendering *rendering, struct calls *calls,
                       const struct graph_node *node, size_t engine, enum direction direction,
                       size_t start)
{
    const char *point = starting_point(node, start), *id = node->revision->id;
    bool up = direction == DIRECTION_UPGRADE;
    add_call(rendering, calls,
             (struct call){.engine = engine,
                           .direction = direction,
                           .node = node,
                           .start = start,
                           .from = up ? point : id,
                           .to = up ? id : point});
}

static void add_many(struct rendering *rendering, struct calls *calls, size_t engine,
                     enum direction direction, const char *from)
{
    bool up = direction == DIRECTION_UPGRADE;
    add_call(
        rendering, calls,
        (struct call){
            .engine = engine, .direction = direction, .from = from, .to = up ? "heads" : "base"});
}

static size_t processors(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online > AT_ONCE ? AT_ONCE : (size_t)online;
}

static int make_calls(struct rendering *rendering, struct calls *calls)
{
    struct arena *arena = rendering->import->arena;
    struct process *processes = arena_array(arena, calls->count, sizeof(*processes));
    int code = 0;
    for (size_t i = 0; i < calls->count; i++)
        processes[i] = calls->items[i].process;
    rendering->total += calls->count;
    process_run(processes, calls->count, processors(), show_progress, rendering, &import_signal);
    for (size_t i = 0; i < calls->count; i++)
        calls->items[i].process = processes[i];
    for (size_t i = 0; i < calls->count && !code; i++)
        code = import_check_end(rendering->import, &processes[i]);
    return code;
}

/*
 * Answers
 */

/* A revision's Python file; NULL where it cannot be read. Released with its arena. */
static const char *read_source(struct arena *arena, const struct revision *revision)
{
    struct err err = ERR_INIT(arena);
    struct file_text text;
    return file_read(arena, revision->path, SOURCE_LIMIT, &text, &err) ? NULL : text.data;
}

static void keep(struct rendering *rendering, const struct call *call,
                 const struct graph_node *node, const struct alembic_step *step)
{
    struct import *import = rendering->import;
    struct rendered *rendered = rendered_of(rendering, node, call->engine, call->direction);
    const struct revision *revision = node->revision;
    struct arena arena = ARENA_INIT;
    const char *source = read_source(&arena, revision);
    bool connects = source == NULL || alembic_source_connects(source);
    *rendered =
        (struct rendered){.known = true, .statements = step->statements, .count = step->count};
    for (size_t i = 0; i < step->count; i++) {
        struct alembic_doubt *doubt = &step->statements[i].doubt;
        if (doubt->bare_null && connects && doubt->reason == NULL)
            doubt->reason = "is this NULL meant? Offline, Alembic writes it for every parameter of "
                            "get_bind().execute(...)";
    }
    if (source != NULL && alembic_source_has_tab(source) && step->count > 0 &&
        strstr(import->notes.text, revision->path) == NULL)
        str_addf(&import->notes,
                 "%s has a tab in its text: offline, Alembic writes four blanks for it\n",
                 revision->path);
    arena_release(&arena);
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

/* *told: Alembic came as far as to tell its engine. */
static int check_engine(struct import *import, const struct call *call, bool *told)
{
    struct err err = ERR_INIT(import->arena);
    enum engine wanted = import->engines[call->engine], engine;
    const char *name;
    bool known = alembic_log_engine(import->arena, call->process.errors.text, &engine, &name);
    *told = name != NULL;
    if ((known && engine == wanted) || (name == NULL && call->process.code != 0))
        return 0;
    err_set(&err, ERROR_REVISION, "for %s env.py renders %s; nothing was written",
            engine_name(wanted), name != NULL ? name : "what Alembic does not tell");
    err_hint(&err, "%s",
             name != NULL
                 ? "its offline mode must take the URL from sqlalchemy.url of alembic.ini, which "
                   "skein sets for each engine; or import once, for the engine that it does render"
                 : import_log_hint);
    return app_fail(import->app->options, &err);
}

static int read_script(struct import *import, const struct call *call,
                       struct alembic_script *script, bool *told)
{
    const struct str *output = &call->process.output;
    int code = check_engine(import, call, told);
    if (code)
        return code;
    alembic_script_parse(import->arena, import->engines[call->engine], call->direction,
                         arena_strndup(import->arena, output->text, output->length), output->length,
                         script);
    if (script->preamble != NULL)
        import->preamble = script->preamble;
    return keep_version_table(import, script);
}

/* Keeps what came whole. Where it ended early, it goes on behind the one that failed, as long as
 * that brings something new. */
static int read_many(struct rendering *rendering, const struct call *call, struct calls *next)
{
    struct import *import = rendering->import;
    struct alembic_script script;
    bool told, gained = false;
    int code = read_script(import, call, &script, &told);
    if (code || script.count == 0)
        return code;
    struct graph_node *node = NULL;
    for (size_t i = 0; i < script.count; i++) {
        node = graph_find(&import->graph, script.steps[i].revision);
        if (node == NULL || !script.steps[i].complete ||
            rendered_of(rendering, node, call->engine, call->direction)->known)
            continue;
        keep(rendering, call, node, &script.steps[i]);
        gained = true;
    }
    if (call->process.code == 0 || !gained || node == NULL)
        return 0;
    if (call->direction == DIRECTION_UPGRADE)
        add_many(rendering, next, call->engine, call->direction, node->revision->id);
    else
        for (size_t i = 0; i < node->down_count; i++)
            add_many(rendering, next, call->engine, call->direction, node->down[i]->revision->id);
    return 0;
}

static const char *failure_of(struct import *import, const struct call *call, bool reached)
{
    const struct revision *revision = call->node->revision;
    const char *why =
        call->process.code == 0
            ? "the version table's own statement is not in what it wrote"
            : alembic_log_failure(import->arena, call->process.output.text,
                                  call->process.errors.text, reached ? revision->path : NULL);
    return reached ? arena_printf(import->arena, "the %s of %s fails offline: %s",
                                  direction_name(call->direction), revision->path, why)
                   : arena_printf(import->arena, "%s does not come to this revision: %s",
                                  import_words(import, &call->process), why);
}

/* A merge behind a revision that cannot be rendered is not reached. */
static bool does_nothing(const struct call *call)
{
    struct arena arena = ARENA_INIT;
    const char *source = read_source(&arena, call->node->revision);
    bool nothing = source != NULL && alembic_source_passes(source, direction_name(call->direction));
    arena_release(&arena);
    return nothing;
}

static int read_single(struct rendering *rendering, const struct call *call, struct calls *next)
{
    struct import *import = rendering->import;
    struct alembic_script script;
    bool told;
    int code = read_script(import, call, &script, &told);
    if (!code && !told)
        code = import_fail(import, &call->process);
    if (code)
        return code;
    struct alembic_step *step = alembic_script_find(&script, call->node->revision->id);
    struct rendered *rendered = rendered_of(rendering, call->node, call->engine, call->direction);
    if (step == NULL && starting_point(call->node, call->start + 1) != NULL) {
        add_single(rendering, next, call->node, call->engine, call->direction, call->start + 1);
        return 0;
    }
    rendered->known = true;
    if (step == NULL && does_nothing(call))
        return 0;
    if (step != NULL)
        keep(rendering, call, call->node, step);
    if (step == NULL || !step->complete)
        rendered->failure = failure_of(import, call, step != NULL);
    return 0;
}

/* Makes the calls, and those that their answers ask for. */
static int go_through(struct rendering *rendering, struct calls *calls)
{
    int code = 0;
    while (calls->count > 0 && !code) {
        struct calls next = {0};
        code = make_calls(rendering, calls);
        for (size_t i = 0; i < calls->count; i++) {
            struct call *call = &calls->items[i];
            if (!code)
                code = call->node != NULL ? read_single(rendering, call, &next)
                                          : read_many(rendering, call, &next);
            str_release(&call->process.output);
            str_release(&call->process.errors);
        }
        *calls = next;
    }
    return code;
}

/*
 * Files
 */

static void add_statement(struct import *import, struct alembic_part *part, size_t *capacity,
                          struct alembic_statement statement)
{
    part->statements = arena_grow(import->arena, part->statements, sizeof(*part->statements),
                                  capacity, part->count + 1);
    part->statements[part->count++] = statement;
}

/* `title`: the revision's name above its first statement; or NULL. */
static void add_rendered(struct import *import, struct alembic_part *part, size_t *capacity,
                         const struct rendered *rendered, const char *title)
{
    for (size_t i = 0; i < rendered->count; i++) {
        struct alembic_statement statement = rendered->statements[i];
        if (title != NULL && i == 0) {
            statement.text = arena_printf(import->arena, "-- %s\n%.*s", title,
                                          (int)statement.length, statement.text);
            statement.length = strlen(statement.text);
        }
        add_statement(import, part, capacity, statement);
    }
    if (rendered->failure != NULL)
        add_statement(import, part, capacity,
                      (struct alembic_statement){
                          .text = "",
                          .outside = part->count > 0 && part->statements[part->count - 1].outside,
                          .doubt = {.reason = rendered->failure}});
}

/* The ones that a baseline stands for in their order, or back. One whose downgrade is not known
 * makes it irreversible: nobody needs that way often. */
static void make_baseline_part(struct rendering *rendering, struct import_file *file, size_t engine,
                               enum direction direction)
{
    struct alembic_part *part = &file->parts[direction][engine];
    size_t capacity = 0;
    for (size_t i = 0; i < file->stands_for_count; i++) {
        size_t at = direction == DIRECTION_UPGRADE ? i : file->stands_for_count - 1 - i;
        const struct revision *revision = file->stands_for[at]->revision;
        const struct rendered *rendered =
            rendered_of(rendering, file->stands_for[at], engine, direction);
        add_rendered(
            rendering->import, part, &capacity, rendered,
            arena_printf(rendering->import->arena, "%s %s", revision->id, revision->message));
        if (direction == DIRECTION_DOWNGRADE && rendered->failure != NULL)
            file->irreversible = rendered->failure;
    }
}

static void make_parts(struct rendering *rendering)
{
    struct import *import = rendering->import;
    for (size_t i = 0; i < import->file_count; i++)
        for (size_t engine = 0; engine < import->engine_count; engine++)
            for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
                struct import_file *file = &import->files[i];
                struct alembic_part *part = &file->parts[direction][engine];
                size_t capacity = 0;
                part->engine = import->engines[engine];
                if (file->stands_for_count > 0)
                    make_baseline_part(rendering, file, engine, (enum direction)direction);
                else
                    add_rendered(import, part, &capacity,
                                 rendered_of(rendering,
                                             graph_find(&import->graph, file->revision->id), engine,
                                             (enum direction)direction),
                                 NULL);
            }
}

int import_render(struct import *import)
{
    struct rendering rendering = {
        .import = import,
        .rendered = arena_array(import->arena, import->graph.count * ENGINE_COUNT * DIRECTION_COUNT,
                                sizeof(struct rendered))};
    struct calls calls = {0};
    for (size_t engine = 0; engine < import->engine_count; engine++) {
        add_many(&rendering, &calls, engine, DIRECTION_UPGRADE, "base");
        for (size_t i = 0; i < import->graph.count; i++)
            if (graph_is_head(&import->graph.nodes[i]))
                add_many(&rendering, &calls, engine, DIRECTION_DOWNGRADE,
                         import->graph.nodes[i].revision->id);
    }
    int code = go_through(&rendering, &calls);
    for (size_t i = 0; i < import->graph.count && !code; i++)
        for (size_t engine = 0; engine < import->engine_count; engine++)
            for (int direction = 0; direction < DIRECTION_COUNT; direction++)
                if (!rendered_of(&rendering, &import->graph.nodes[i], engine,
                                 (enum direction)direction)
                         ->known)
                    add_single(&rendering, &calls, &import->graph.nodes[i], engine,
                               (enum direction)direction, 0);
    if (!code)
        code = go_through(&rendering, &calls);
    if (!code)
        make_parts(&rendering);
    return code;
}
