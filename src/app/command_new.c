/* init and revision: the commands that write files of the project. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/app.h"
#include "app/commands.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "planner/revision_file.h"

#define TEMPLATE_LIMIT (64u << 10) /* bytes of migrations/revision.sql */

static const char new_config[] =
    "# The fleet: every database that skein moves. docs: skein.yaml\n"
    "migrations:\n"
    "  directory: migrations\n"
    "\n"
    "# limits: {concurrency: 32, per_server: 8}\n"
    "\n"
    "# servers:\n"
    "#   pg-a: {url: \"postgresql://migrator@pg-a:5432\", password: {env: PG_A_PASSWORD}}\n"
    "\n"
    "tenants:\n"
    "  - {name: example, url: \"sqlite:example.db\", create: true}\n"
    "#  - {name: acme, server: pg-a, database: acme, labels: {tier: gold}}\n"
    "#  - discover: {server: pg-a, databases: \"tenant_*\"}\n"
    "#    name: \"{{database}}\"\n";

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

/* Everything is checked before anything is written. */
static int make_project(const char *folder, struct arena *arena, struct err *err)
{
    char *config = file_join(arena, folder, "skein.yaml");
    char *migrations = file_join(arena, folder, "migrations");
    char *template = file_join(arena, migrations, "revision.sql");
    char *versions = file_join(arena, migrations, "versions");
    const char *const taken[] = {config, template};
    for (size_t i = 0; i < 2; i++)
        if (exists(taken[i])) {
            err_set(err, ERROR_CONFIGURATION, "%s exists already; nothing was written", taken[i]);
            err_hint(err, "skein init FOLDER makes a project somewhere else");
            return err->class;
        }
    int failed = file_make_folder(versions, 0777, err);
    if (!failed)
        failed = file_create(template, revision_file_template, strlen(revision_file_template), 0666,
                             err);
    if (!failed)
        failed = file_create(config, new_config, strlen(new_config), 0666, err);
    return failed;
}

int command_init(const struct options *options, struct arena *arena)
{
    const char *folder = options->operand_count > 0 ? options->operands[0] : ".";
    struct err err = ERR_INIT(arena);
    if (make_project(folder, arena, &err))
        return app_fail(options, &err);
    if (options->json) {
        puts("{\"schema_version\":1,\"created\":[\"skein.yaml\",\"migrations/"
             "revision.sql\",\"migrations/versions\"]}");
        return 0;
    }
    printf("%s/skein.yaml            the fleet: one example tenant, an SQLite file\n"
           "%s/migrations/versions/  revision files\n"
           "%s/migrations/revision.sql  the template of a new one\n"
           "next:  skein revision -m \"add users\"   then edit it, then   skein upgrade head\n",
           folder, folder, folder);
    return 0;
}

/* Ids as parents from identifiers; `base` gives none. */
static int resolve_ids(struct app *app, const char *const *identifiers, size_t count,
                       const char ***ids, size_t *id_count, struct err *err)
{
    size_t capacity = 0;
    *ids = NULL;
    *id_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct graph_node **nodes;
        size_t node_count;
        int failed =
            identifier_resolve(&app->graph, app->arena, identifiers[i], &nodes, &node_count, err);
        if (failed)
            return failed;
        for (size_t node = 0; node < node_count; node++) {
            *ids = arena_grow(app->arena, *ids, sizeof(**ids), &capacity, *id_count + 1);
            (*ids)[(*id_count)++] = nodes[node]->revision->id;
        }
    }
    return 0;
}

static int find_parents(struct app *app, struct revision_draft *draft, struct err *err)
{
    static const char *const head[] = {"head"};
    const struct option_values *given = &app->options->values[OPTION_HEAD];
    const char **down;
    int failed = 0;
    if (app->graph.count == 0 && given->count == 0)
        return 0;
    if (given->count > 0)
        failed = resolve_ids(app, given->items, given->count, &down, &draft->down_count, err);
    else
        failed = resolve_ids(app, head, 1, &down, &draft->down_count, err);
    if (failed)
        return failed;
    draft->down = down;
    for (size_t i = 0; i < draft->down_count && !option_given(app->options, OPTION_SPLICE); i++) {
        if (graph_is_head(graph_find(&app->graph, down[i])))
            continue;
        err_set(err, ERROR_REVISION, "revision %s is not a head", down[i]);
        err_hint(err, "--splice makes a new branch from it");
        return err->class;
    }
    return 0;
}

/* Where the file goes: the only version location, or the one named. */
static int find_folder(struct app *app, const char **folder, struct err *err)
{
    const char *wanted = option_value(app->options, OPTION_VERSION_PATH);
    const struct migrations *migrations = app->migrations;
    *folder = migrations->version_locations[0];
    if (wanted == NULL && migrations->version_location_count == 1)
        return 0;
    for (size_t i = 0; wanted != NULL && i < migrations->version_location_count; i++) {
        const char *location = migrations->version_locations[i];
        size_t length = strlen(location), tail = strlen(wanted);
        *folder = location;
        if (strcmp(location, wanted) == 0 || (length > tail && location[length - tail - 1] == '/' &&
                                              strcmp(location + length - tail, wanted) == 0))
            return 0;
    }
    err_set(err, ERROR_USAGE,
            wanted == NULL ? "there are several version locations"
                           : "%s is none of the version locations",
            wanted);
    err_hint(err, "--version-path names one of migrations.version_locations");
    return err->class;
}

static const char *new_id(struct arena *arena)
{
    return arena_printf(arena, "%012llx",
                        (unsigned long long)(random_entropy() & UINT64_C(0xffffffffffff)));
}

static const char *read_template(struct app *app, struct err *err)
{
    char *path = file_join(app->arena, app->migrations->directory, "revision.sql");
    struct file_text text;
    if (!exists(path))
        return revision_file_template;
    return file_read(app->arena, path, TEMPLATE_LIMIT, &text, err) ? NULL : text.data;
}

/* The new file is parsed with the others before it is written: what would be refused at load never
 * lands. */
static int check_new(struct app *app, const struct file_text *file)
{
    struct revision *revision = revision_file_parse(app->arena, file, app->engines, &app->errors);
    if (revision == NULL)
        return app_fail_errors(app);
    struct revision **all = arena_array(app->arena, app->revision_count + 1, sizeof(*all));
    if (app->revision_count > 0)
        memcpy(all, app->revisions, app->revision_count * sizeof(*all));
    all[app->revision_count] = revision;
    struct graph graph;
    return graph_build(&graph, app->arena, all, app->revision_count + 1, &app->errors)
               ? app_fail_errors(app)
               : 0;
}

static int write_revision(struct app *app, const struct revision_draft *draft, struct err *err)
{
    const char *folder;
    const char *template = read_template(app, err);
    struct str text = STR_INIT;
    if (template == NULL || find_folder(app, &folder, err) ||
        revision_file_render(template, draft, &text, err)) {
        str_release(&text);
        return app_fail(app->options, err);
    }
    const char *name = revision_file_name(app->arena, draft->id, draft->message);
    char *path = file_join(app->arena, folder, name);
    struct file_text file = {name, path, arena_strdup(app->arena, text.text), text.length};
    int code = check_new(app, &file);
    if (!code && file_create(path, text.text, text.length, 0666, err))
        code = app_fail(app->options, err);
    str_release(&text);
    if (!code && app->options->json)
        printf("{\"schema_version\":1,\"revision\":\"%s\",\"path\":\"%s\"}\n", draft->id, path);
    else if (!code)
        printf("  Generating %s ...  done\n", path);
    return code;
}

static int make_revision(struct app *app)
{
    const struct options *options = app->options;
    struct err err = ERR_INIT(app->arena);
    char date[CLOCK_TEXT_SIZE];
    clock_format(clock_system.wall_us(clock_system.context), 0, date);
    const char *message = option_value(options, OPTION_MESSAGE);
    const char *id = option_value(options, OPTION_REV_ID);
    const char **depends_on;
    struct revision_draft draft = {
        .id = id != NULL ? id : new_id(app->arena),
        .message = message != NULL ? message : "empty message",
        /* 2026-11-20T10:30:00Z -> 2026-11-20 10:30:00+00:00 */
        .create_date = arena_printf(app->arena, "%.10s %.8s+00:00", date, date + 11),
        .labels = options->values[OPTION_BRANCH_LABEL].items,
        .label_count = options->values[OPTION_BRANCH_LABEL].count,
    };
    if (strchr(draft.message, '\n') != NULL) {
        err_set(&err, ERROR_USAGE, "--message is one line");
        return app_fail(options, &err);
    }
    if (find_parents(app, &draft, &err) ||
        resolve_ids(app, options->values[OPTION_DEPENDS_ON].items,
                    options->values[OPTION_DEPENDS_ON].count, &depends_on, &draft.depends_on_count,
                    &err))
        return app_fail(options, &err);
    draft.depends_on = depends_on;
    return write_revision(app, &draft, &err);
}

int command_revision(const struct options *options, struct arena *arena)
{
    struct app app;
    int code = app_init(&app, options, arena);
    if (!code)
        code = app_load_project(&app);
    if (!code)
        code = make_revision(&app);
    app_release(&app);
    return code;
}
