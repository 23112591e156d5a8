/* init and list_templates: a new project, from one of the templates below. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "app/commands.h"
#include "base/file.h"
#include "base/text.h"
#include "planner/revision_file.h"
#include "report/json.h"

/* A skein.yaml: `begin`, the migrations' folder, `end`. Comments of one line are explanations where
 * they begin with a capital, else what may be taken in by deleting the #. */
struct project_template {
    const char *name, *synopsis, *begin, *end;
};

static const struct project_template templates[] = {
    {"fleet", "Many tenant databases on several servers.",
     "# The fleet: every database that skein moves.\n"
     "# Checked by skein validate; what comes of it is shown by skein targets.\n",
     "\n"
     "# How many targets at once, in all and on one server.\n"
     "# limits: {concurrency: 32, per_server: 8}\n"
     "\n"
     "# Of every connection; may stand on a server or on a tenant too.\n"
     "# connection: {connect_timeout: 10s, lock_wait: 60s, lock_timeout: 5s}\n"
     "\n"
     "# When a run stops by itself.\n"
     "# rollout: {max_failures: 1%, max_unreachable: 5%, same_error: 3}\n"
     "\n"
     "# Servers are named once. A password comes from the environment, a file or a command.\n"
     "# servers:\n"
     "#   pg-a: {url: \"postgresql://migrator@pg-a:5432\", password: {env: PG_A_PASSWORD}}\n"
     "\n"
     "tenants:\n"
     "  # An SQLite file to look around with: delete it when your own tenants stand here.\n"
     "  - {name: example, url: \"sqlite:example.db\", create: true}\n"
     "  # Labels select: skein upgrade head -l tier=gold\n"
     "  # - {name: acme, server: pg-a, database: acme, labels: {tier: gold}}\n"
     "  # Tenants may share a database, a schema for each.\n"
     "  # - {name: globex, server: pg-a, database: shared, schema: globex}\n"
     "  # An entry may stand for all databases of a server that are named so.\n"
     "  # - discover: {server: pg-a, databases: \"tenant_*\"}\n"
     "  #   name: \"{{database}}\"\n"},
    {"generic", "One database.",
     "# One database: a fleet of one. skein validate checks this file.\n",
     "\n"
     "tenants:\n"
     "  - {name: app, url: \"sqlite:app.db\", create: true}\n"
     "  # In its place, with the password from the environment:\n"
     "  # - {name: server, url: \"postgresql://app@localhost:5432/app\", password: {env: "
     "APP_PASSWORD}}\n"},
};

#define TEMPLATE_COUNT (sizeof(templates) / sizeof(templates[0]))

int command_list_templates(const struct options *options, struct arena *arena)
{
    struct str text = STR_INIT;
    (void)arena;
    if (options->json) {
        struct json json;
        json_document(&json, &text);
        json_key(&json, "templates");
        json_array(&json);
        for (size_t i = 0; i < TEMPLATE_COUNT; i++) {
            json_object(&json);
            json_key_string(&json, "name", templates[i].name);
            json_key_string(&json, "synopsis", templates[i].synopsis);
            json_end_object(&json);
        }
        json_end_array(&json);
        json_end_object(&json);
    } else {
        str_add(&text, "Available templates:\n\n");
        for (size_t i = 0; i < TEMPLATE_COUNT; i++)
            str_addf(&text, "%s - %s\n", templates[i].name, templates[i].synopsis);
        str_add(&text, "\nTemplates are used via the 'init' command, e.g.:\n\n"
                       "  skein init --template generic ./migrations\n");
    }
    app_print_release(&text);
    return 0;
}

static const struct project_template *find_template(const struct options *options, struct err *err)
{
    const char *name = option_value(options, OPTION_TEMPLATE);
    const char *names[TEMPLATE_COUNT];
    for (size_t i = 0; i < TEMPLATE_COUNT; i++) {
        names[i] = templates[i].name;
        if (name == NULL || strcmp(name, names[i]) == 0)
            return &templates[i];
    }
    const char *nearest = text_nearest(name, names, TEMPLATE_COUNT);
    err_set(err, ERROR_USAGE, "No such template '%s'", name);
    if (nearest != NULL)
        err_hint(err, "did you mean %s? skein list_templates lists all", nearest);
    else
        err_hint(err, "skein list_templates lists all");
    return NULL;
}

/* What a new project consists of. */
struct project {
    const struct project_template *template;
    const char *directory;                             /* as typed */
    const char *folder, *versions, *revision, *config; /* absolute */
    bool has_config;                                   /* it was there before: left as it is */
    const char *one; /* what names the one database: no skein.yaml, which would come before it */
};

static const char *absolute(struct arena *arena, const char *path)
{
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    char *here = getcwd(NULL, 0);
    const char *joined = here != NULL ? file_join(arena, here, path) : path;
    free(here);
    return joined;
}

/* Missing and empty folders will do. */
static int check_folder(const char *folder, const char *directory, struct err *err)
{
    DIR *stream = opendir(folder);
    const struct dirent *entry = NULL;
    if (stream == NULL && errno == ENOENT)
        return 0;
    if (stream == NULL) {
        err_set(err, ERROR_CONFIGURATION, "%s: %s", folder, strerror(errno));
        err_hint(err, "skein init DIR makes another folder");
        return err->class;
    }
    do
        entry = readdir(stream);
    while (entry != NULL && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    closedir(stream);
    if (entry == NULL)
        return 0;
    err_set(err, ERROR_CONFIGURATION,
            "Directory %s already exists and is not empty; nothing was written", directory);
    err_hint(err, "skein init OTHER makes a folder beside it, skein revision -m TEXT goes on in a "
                  "project that is there");
    return err->class;
}

/* Unless a skein.yaml is asked for, or needed to name another folder. */
static const char *find_one(const struct options *options)
{
    if (options->operand_count > 0 || option_given(options, OPTION_CONFIG) ||
        option_given(options, OPTION_TEMPLATE) || app_environment("SKEIN_CONFIG") != NULL)
        return NULL;
    if (option_given(options, OPTION_URL))
        return "--url";
    return app_environment("DATABASE_URL") != NULL ? "$DATABASE_URL" : NULL;
}

static int plan_project(const struct options *options, struct arena *arena, struct project *project,
                        struct err *err)
{
    const char *config = option_value(options, OPTION_CONFIG);
    struct stat status;
    if (config == NULL)
        config = app_environment("SKEIN_CONFIG");
    if (config == NULL)
        config = "skein.yaml";
    project->directory = options->operand_count > 0 ? options->operands[0] : "migrations";
    project->folder = absolute(arena, project->directory);
    project->versions = file_join(arena, project->folder, "versions");
    project->revision = file_join(arena, project->folder, "revision.sql");
    project->config = absolute(arena, config);
    project->has_config = lstat(project->config, &status) == 0;
    project->one = find_one(options);
    if (strchr(config, '/') != NULL) /* the folder is relative to the file */
        project->directory = project->folder;
    project->template = find_template(options, err);
    if (project->template == NULL)
        return err->class;
    return check_folder(project->folder, project->directory, err);
}

/* In quotes where YAML would read more in it. */
static void add_yaml_text(struct str *out, const char *text)
{
    bool plain = text[0] != '-' && text[0] != '.';
    for (const char *at = text; *at != '\0'; at++)
        plain &=
            (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || strchr("/_-.", *at) != NULL;
    if (plain) {
        str_add(out, text);
        return;
    }
    struct json json; /* JSON's quotes are YAML's */
    json_init(&json, out);
    json_string(&json, text);
}

static void say(const struct options *options, const char *what, const char *path)
{
    if (!options->json)
        printf("  %s %s ...  done\n", what, path);
}

static int write_config(const struct options *options, const struct project *project,
                        struct err *err)
{
    struct str text = STR_INIT;
    str_add(&text, project->template->begin);
    str_add(&text, "migrations:\n  directory: ");
    add_yaml_text(&text, project->directory);
    str_add(&text, "   # revision.sql is the template of a new revision, versions/ has them all\n");
    str_add(&text, project->template->end);
    int failed = file_create(project->config, text.text, text.length, 0666, err);
    str_release(&text);
    if (!failed)
        say(options, "Generating", project->config);
    return failed;
}

static int write_project(const struct options *options, const struct project *project,
                         struct err *err)
{
    int failed = file_make_folder(project->versions, 0777, err);
    if (failed)
        return failed;
    say(options, "Creating directory", project->folder);
    say(options, "Creating directory", project->versions);
    failed = file_create(project->revision, revision_file_template, strlen(revision_file_template),
                         0666, err);
    if (failed)
        return failed;
    say(options, "Generating", project->revision);
    return project->has_config || project->one != NULL ? 0 : write_config(options, project, err);
}

static void print_created(const struct project *project)
{
    const char *created[] = {project->versions, project->revision, project->config};
    struct str text = STR_INIT;
    struct json json;
    json_document(&json, &text);
    json_key_strings(&json, "created", created,
                     project->has_config || project->one != NULL ? 2 : 3);
    json_end_object(&json);
    app_print_release(&text);
}

static void lead_on(const struct project *project)
{
    if (project->has_config) {
        printf("  File %s already exists, skipping\n"
               "  Please let it name the new folder: migrations: {directory: %s}\n",
               project->config, project->directory);
        return;
    }
    if (project->one != NULL)
        printf("  No skein.yaml is needed: %s names the one database.\n", project->one);
    else
        printf("  Please edit the tenants in '%s' before proceeding.\n", project->config);
    puts("next:  skein revision -m \"add users\"   then edit it, then   skein upgrade head");
}

int command_init(const struct options *options, struct arena *arena)
{
    struct project project = {0};
    struct err err = ERR_INIT(arena);
    if (plan_project(options, arena, &project, &err) || write_project(options, &project, &err))
        return app_fail(options, &err);
    if (options->json)
        print_created(&project);
    else
        lead_on(&project);
    return 0;
}
