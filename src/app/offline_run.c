#include "app/offline_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/execute.h"
#include "app/fleet.h"
#include "base/file.h"
#include "base/text.h"
#include "planner/plan.h"
#include "planner/template.h"
#include "workers/bookkeeping.h"
#include "workers/offline.h"

struct offline {
    struct app *app;
    enum goal_kind kind;
    struct goal goal;
    const char *const *rows; /* where the scripts begin */
    size_t row_count;
    struct run_identity identity;
    const char *title;
};

/* The selected tenants of one engine, and what becomes of them. */
struct output {
    enum engine engine;
    const struct target **targets;
    size_t count;
    const struct plan *plan;
    struct str text;
    const char *path; /* of the file; NULL: stdout */
};

static const char *command_of(const struct offline *offline)
{
    return offline->app->options->command->name;
}

static int fail(const struct offline *offline, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(const struct offline *offline, const char *hint, const char *format, ...)
{
    struct err err = ERR_INIT(offline->app->arena);
    va_list arguments;

    va_start(arguments, format);
    err_set(&err, ERROR_USAGE, "%s", arena_vprintf(offline->app->arena, format, arguments));
    va_end(arguments);
    if (hint != NULL)
        err_hint(&err, "%s", hint);
    return app_fail(offline->app->options, &err);
}

/* What needs a server, or another output. */
static int check_options(const struct offline *offline)
{
    static const enum option refused[] = {OPTION_STATE, OPTION_CHECK, OPTION_EACH};
    const struct options *options = offline->app->options;

    if (options->json)
        return fail(offline, "leave out --format json", "--sql prints SQL, no JSON");
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (option_given(options, refused[i]))
            return fail(offline, "leave out one of the two",
                        "--%s asks where the targets stand, --sql asks nobody",
                        option_table[refused[i]].name);
    if (app_needs_heads(offline->app))
        return fail(offline, "select by another label, or by -t",
                    "the label version says where the targets stand, --sql asks nobody");
    return 0;
}

/* Takes the A: off each identifier; all must have the same one. */
static int split_ranges(const struct offline *offline, const char *const *identifiers, size_t count,
                        const char **from, const char **to)
{
    *from = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *colon = strchr(identifiers[i], ':');
        size_t length = colon != NULL ? (size_t)(colon - identifiers[i]) : 0;
        const char *begin =
            length > 0 ? arena_strndup(offline->app->arena, identifiers[i], length) : "base";

        to[i] = colon != NULL ? colon + 1 : identifiers[i];
        if (to[i][0] == '\0' || strchr(to[i], ':') != NULL)
            return fail(offline, "A:B, or B alone where A is base", "\"%s\" is no range",
                        identifiers[i]);
        if (colon == NULL)
            continue;
        if (*from != NULL && strcmp(*from, begin) != 0)
            return fail(offline, "one script begins at one place",
                        "%s from \"%s\" and from \"%s\" at once", command_of(offline), *from,
                        begin);
        *from = begin;
    }
    if (*from == NULL && offline->kind == GOAL_DOWNGRADE)
        return fail(offline, "skein downgrade A:B --sql, from A down to B",
                    "downgrade --sql needs to be told where it begins");
    if (*from != NULL && option_given(offline->app->options, OPTION_PURGE))
        return fail(offline, "leave out one of the two",
                    "--purge empties the version table whatever it holds: %s: says nothing", *from);
    return 0;
}

static int read_goal(struct offline *offline, const char *const *identifiers, size_t count)
{
    struct app *app = offline->app;
    struct err err = ERR_INIT(app->arena);
    const char **to = arena_array(app->arena, count, sizeof(char *)), *from;
    int code = split_ranges(offline, identifiers, count, &from, to);

    if (code)
        return code;
    if (goal_resolve(&app->graph, app->arena, offline->kind, to, count, &offline->goal, &err) ||
        goal_rows(&app->graph, app->arena, from != NULL ? from : "base", &offline->rows,
                  &offline->row_count, &err))
        return app_fail(app->options, &err);
    if (offline->goal.relative)
        return fail(offline, "name the revision, or count from one: REV+N",
                    "%s \"%s\": that is counted from where a target stands, --sql asks nobody",
                    command_of(offline), offline->goal.text);
    offline->title = arena_printf(app->arena, "%s %s:%s", command_of(offline),
                                  from != NULL ? from : "base", offline->goal.text);
    return 0;
}

/* ---- which tenants a script is for */

static size_t group_engines(const struct app *app, struct output *outputs)
{
    size_t count = 0;

    for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
        struct output *output = &outputs[count];

        *output = (struct output){.engine = (enum engine)engine, .text = STR_INIT};
        output->targets = arena_array(app->arena, app->target_count, sizeof(struct target *));
        for (size_t i = 0; i < app->target_count; i++) {
            const struct target *target = &app->fleet->targets[app->targets[i]];
            if (target->engine == output->engine)
                output->targets[output->count++] = target;
        }
        count += output->count > 0;
    }
    return count;
}

static const char *session_text(struct arena *arena, const struct pair_list *session)
{
    struct str text = STR_INIT;
    for (size_t i = 0; i < session->count; i++)
        str_addf(&text, "%s%s=%s", i > 0 ? ", " : "", session->items[i].key,
                 session->items[i].value);
    const char *copy = arena_strdup(arena, text.text);
    str_release(&text);
    return copy;
}

/* What a script has in it of its tenant, beside variables: as a text, or NULL. */
enum aspect {
    ASPECT_SCHEMA,
    ASPECT_ROLE,
    ASPECT_PATH,
    ASPECT_LOCK_TIMEOUT,
    ASPECT_STATEMENT_TIMEOUT,
    ASPECT_SESSION,
    ASPECT_COUNT
};

static const char *const aspect_names[ASPECT_COUNT] = {
    [ASPECT_SCHEMA] = "schema",
    [ASPECT_ROLE] = "role",
    [ASPECT_PATH] = "search_path",
    [ASPECT_LOCK_TIMEOUT] = "lock_timeout",
    [ASPECT_STATEMENT_TIMEOUT] = "statement_timeout",
    [ASPECT_SESSION] = "session",
};

static const char *aspect_of(struct arena *arena, const struct target *target, enum aspect aspect)
{
    const struct connection_settings *connection = target->connection;

    switch (aspect) {
    case ASPECT_SCHEMA:
        return target->schema;
    case ASPECT_ROLE:
        return connection->role;
    case ASPECT_PATH:
        return bookkeeping_path(arena, target);
    case ASPECT_LOCK_TIMEOUT:
        return arena_printf(arena, "%lldms", (long long)connection->lock_timeout_ms);
    case ASPECT_STATEMENT_TIMEOUT:
        return arena_printf(arena, "%lldms", (long long)connection->statement_timeout_ms);
    case ASPECT_SESSION:
        return session_text(arena, &connection->session);
    case ASPECT_COUNT:
        break;
    }
    return NULL;
}

static bool same_text(const char *left, const char *right)
{
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

static int check_aspects(const struct offline *offline, const struct output *output,
                         const struct target *other)
{
    struct arena *arena = offline->app->arena;
    const struct target *first = output->targets[0];

    for (unsigned i = 0; i < ASPECT_COUNT; i++) {
        const char *left = aspect_of(arena, first, (enum aspect)i);
        const char *right = aspect_of(arena, other, (enum aspect)i);
        if (!same_text(left, right))
            return fail(offline, "select those that are alike with -t or -l",
                        "one script cannot serve the tenants %s and %s: they differ in %s, \"%s\" "
                        "and \"%s\"",
                        first->name, other->name, aspect_names[i], left != NULL ? left : "",
                        right != NULL ? right : "");
    }
    return 0;
}

static const char *value_of(const struct offline *offline, const struct target *target,
                            const char *name)
{
    const char *value = pair_get(&offline->app->variables, name);
    return value != NULL ? value : pair_get(&target->vars, name);
}

/* Every tenant has the same value of every variable that the plan puts in. */
static int check_variables(const struct offline *offline, const struct output *output,
                           const struct target *other)
{
    const struct plan *plan = output->plan;

    for (size_t i = 0; i < plan->step_count; i++) {
        const struct revision *revision = plan->steps[i].script ? plan->steps[i].revision : NULL;

        for (size_t j = 0; revision != NULL && j < revision->variable_count; j++) {
            const char *name = revision->variables[j], *value = value_of(offline, other, name);
            if (value == NULL)
                return fail(offline, "set it under vars: of the tenant, or with -x NAME=VALUE",
                            "tenant %s has no value for the variable \"%s\" of revision %s",
                            other->name, name, revision->id);
            if (!same_text(value_of(offline, output->targets[0], name), value))
                return fail(offline, "select those that are alike with -t or -l, or say -x",
                            "one script cannot serve the tenants %s and %s: they differ in the "
                            "variable \"%s\" of revision %s",
                            output->targets[0]->name, other->name, name, revision->id);
        }
    }
    return 0;
}

/* A schema that only the server knows is none to put into a script. */
static int check_schema(const struct offline *offline, const struct target *target)
{
    if (!target->entry || target->schema == NULL || !text_is_glob(target->schema))
        return 0;
    return fail(offline, "a tenant with schema: in skein.yaml has one, select it with -t",
                "tenants %s are found by schema: without a connection nobody knows their names",
                target->name);
}

static int check_alike(const struct offline *offline, const struct output *output)
{
    for (size_t i = 0; i < output->count; i++) {
        int code = check_schema(offline, output->targets[i]);
        if (!code)
            code = check_variables(offline, output, output->targets[i]);
        if (!code)
            code = check_aspects(offline, output, output->targets[i]);
        if (code)
            return code;
    }
    return 0;
}

/* ---- a script */

static int make_plan(const struct offline *offline, struct output *output)
{
    struct app *app = offline->app;
    const struct planning planning = {
        .graph = &app->graph,
        .migrations = &app->fleet->migrations,
        .goal = &offline->goal,
        .fleet_of_one = true,
    };

    if (!offline_supports(output->engine))
        return fail(offline, "select others with -l engine!=NAME",
                    "this version writes no scripts for %s yet", engine_name(output->engine));
    output->plan =
        plan_make(app->arena, &planning, output->engine, offline->rows, offline->row_count);
    if (output->plan->refused != NULL)
        return app_fail(app->options, output->plan->refused);
    if (output->plan->step_count == 0 && offline->goal.purge)
        return fail(offline, "say where it begins: skein stamp A:base --sql",
                    "stamp --purge --sql to base has no row to write");
    return 0;
}

static const char *describe_targets(const struct offline *offline, const struct output *output)
{
    if (output->count > 1)
        return arena_printf(offline->app->arena, "%zu tenants", output->count);
    return arena_printf(offline->app->arena, "tenant%s %s", output->targets[0]->entry ? "s" : "",
                        output->targets[0]->name);
}

static int write_script(const struct offline *offline, struct output *output)
{
    struct app *app = offline->app;
    struct err err = ERR_INIT(app->arena);
    const struct target *target = output->targets[0];
    int code = make_plan(offline, output);

    if (!code)
        code = check_alike(offline, output);
    if (code)
        return code;
    const struct pair_list vars = pair_merge(app->arena, &target->vars, &app->variables);
    const struct offline_order order = {
        .plan = output->plan,
        .migrations = &app->fleet->migrations,
        .target = target,
        .database = output->count == 1 && !target->entry ? target->database : NULL,
        .vars = &vars,
        .identity = &offline->identity,
        .title = offline->title,
        .serves = describe_targets(offline, output),
        .purge = offline->goal.purge,
        .unchanged =
            offline->kind == GOAL_UPGRADE && !option_given(app->options, OPTION_ALLOW_CHANGED),
    };
    if (offline_write(&order, &output->text, &err))
        return app_fail(app->options, &err);
    return 0;
}

/* ---- where it goes */

/* A script that is there may have been read and approved: it stays. */
static int choose_files(const struct offline *offline, struct output *outputs, size_t count)
{
    struct arena *arena = offline->app->arena;
    const char *folder = option_value(offline->app->options, OPTION_SQL_DIR);

    if (folder == NULL && count > 1) {
        struct str names = STR_INIT;
        for (size_t i = 0; i < count; i++)
            str_addf(&names, "%s%s", i > 0 ? ", " : "", engine_name(outputs[i].engine));
        int code = fail(offline, "say --sql-dir DIR for a file each, or select one: -l engine=NAME",
                        "the selected tenants need %zu scripts: %s", count, names.text);
        str_release(&names);
        return code;
    }
    for (size_t i = 0; folder != NULL && i < count; i++) {
        outputs[i].path = arena_printf(arena, "%s/%s.sql", folder, engine_name(outputs[i].engine));
        if (access(outputs[i].path, F_OK) == 0)
            return fail(offline, "remove it, or name another folder",
                        "%s is there already; nothing was written", outputs[i].path);
    }
    return 0;
}

/* A script that was cut off must not look like one. */
static int print_script(const struct offline *offline, const struct output *output)
{
    if (fwrite(output->text.text, 1, output->text.length, stdout) == output->text.length &&
        fflush(stdout) == 0)
        return 0;
    return fail(offline, NULL, "the script could not be written: %s", strerror(errno));
}

static int save_script(const struct offline *offline, const struct output *output)
{
    struct err err = ERR_INIT(offline->app->arena);

    if (output->path == NULL)
        return print_script(offline, output);
    if (file_make_folder(option_value(offline->app->options, OPTION_SQL_DIR), 0777, &err) ||
        file_create(output->path, output->text.text, output->text.length, 0644, &err))
        return app_fail(offline->app->options, &err);
    if (!offline->app->options->quiet)
        printf("%s\n", output->path);
    return 0;
}

static int write_all(const struct offline *offline)
{
    struct output outputs[ENGINE_COUNT];
    size_t count = group_engines(offline->app, outputs);
    int code = choose_files(offline, outputs, count);

    for (size_t i = 0; i < count && !code; i++)
        code = write_script(offline, &outputs[i]);
    for (size_t i = 0; i < count && !code; i++)
        code = save_script(offline, &outputs[i]);
    for (size_t i = 0; i < count; i++)
        str_release(&outputs[i].text);
    return code;
}

int offline_run(struct app *app, enum goal_kind kind, const char *const *identifiers, size_t count)
{
    struct offline offline = {.app = app, .kind = kind};
    struct err err = ERR_INIT(app->arena);
    int code = check_options(&offline);

    if (code)
        return code;
    if (job_identity(app, &offline.identity, &err))
        return app_fail(app->options, &err);
    code = app_load_project(app);
    if (!code)
        code = read_goal(&offline, identifiers, count);
    offline.goal.purge = option_given(app->options, OPTION_PURGE);
    if (!code)
        code = app_load_fleet_offline(app);
    if (!code)
        code = app_narrow(app, NULL);
    return code ? code : write_all(&offline);
}
