#include "config/check.h"

#include <string.h>

#include "base/str.h"
#include "base/text.h"

#define TENANT_NAME_MAX 255
#define DATABASE_MAX    63 /* PostgreSQL cuts longer ones silently: two tenants become one */
#define MYSQL_MAX       64 /* characters */

static bool has_control(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f) {
            return true;
        }
    }
    return false;
}

const char *check_tenant_name(const char *name)
{
    if (!*name) {
        return "a tenant's name must not be empty";
    }
    if (strlen(name) > TENANT_NAME_MAX) {
        return "a tenant's name must not be longer than 255 bytes";
    }
    if (has_control(name)) {
        return "a tenant's name must not have control characters";
    }
    if (*name == '@') {
        return "a tenant's name must not begin with @, which names a file for -t";
    }
    return NULL;
}

static size_t characters(const char *text)
{
    size_t count = 0;

    for (; *text; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return count;
}

const char *check_database_name(enum engine engine, const char *name)
{
    if (!*name) {
        return "a database's name must not be empty";
    }
    if (has_control(name)) {
        return "a database's name must not have control characters";
    }
    if (engine == ENGINE_MYSQL || engine == ENGINE_MARIADB) {
        return characters(name) > MYSQL_MAX
                   ? "a database's name must not be longer than 64 characters"
                   : NULL;
    }
    if (engine != ENGINE_SQLITE && strlen(name) > DATABASE_MAX) {
        return "a database's name must not be longer than 63 bytes";
    }
    return NULL;
}

const char *check_schema_name(const char *name)
{
    if (!*name) {
        return "a schema's name must not be empty";
    }
    if (has_control(name)) {
        return "a schema's name must not have control characters";
    }
    return strlen(name) > DATABASE_MAX ? "a schema's name must not be longer than 63 bytes" : NULL;
}

const char *check_label_name(const char *name)
{
    static const char *const reserved[] = {"engine", "server", "database", "schema", "version"};

    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (strcmp(name, reserved[i]) == 0) {
            return "every tenant has this label already, by itself";
        }
    }
    if (!*name || has_control(name) || strpbrk(name, ",=! ")) {
        return "a label's name must not be empty or have , = ! or white space";
    }
    return NULL;
}

const char *check_label_value(const char *value)
{
    return strchr(value, ',') ? "a label's value must not have a comma" : NULL;
}

char *check_expand(struct arena *arena, const char *template, const struct check_words *words)
{
    const struct {
        const char *mark, *value;
    } marks[] = {{"{{name}}", words->name},
                 {"{{database}}", words->database},
                 {"{{schema}}", words->schema},
                 {"{{server}}", words->server}};
    const size_t count = sizeof(marks) / sizeof(marks[0]);
    struct str out = STR_INIT;
    char *expanded = NULL;

    while (*template) {
        size_t i = 0;

        if (strncmp(template, "{{", 2) != 0) {
            str_addc(&out, *template ++);
            continue;
        }
        while (i < count && strncmp(template, marks[i].mark, strlen(marks[i].mark)) != 0) {
            i++;
        }
        if (i == count || !marks[i].value) {
            break;
        }
        str_add(&out, marks[i].value);
        template += strlen(marks[i].mark);
    }
    if (!*template) {
        expanded = arena_strdup(arena, out.text);
    }
    str_release(&out);
    return expanded;
}

void check_server_name(struct reader *reader, const struct reader_path *path,
                       const struct yaml_node *node)
{
    if (!*node->key || has_control(node->key) || strpbrk(node->key, ",=!: ")) {
        reader_error(reader, path, node->key_line, node->key_column,
                     "a server's name must not be empty or have , = ! : or white space");
    }
}

void check_server_engine(struct reader *reader, const struct reader_path *path,
                         const struct server_entry *server)
{
    const struct yaml_node *node = yaml_get(server->node, "url");

    if (server->engine == ENGINE_SQLITE) {
        err_hint(
            reader_error(reader, path, node->line, node->column, "SQLite has no server to name"),
            "give the tenants url: \"sqlite:PATH\", or discover: {files: …}");
    }
}

/* A rule that is broken, told at the key it is about (the entry itself where that is missing). */
struct rule {
    bool broken;
    const char *key;
    const char *message;
    const char *hint;
};

static void apply_rules(struct reader *reader, const struct reader_path *path,
                        const struct yaml_node *node, const struct rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *value = rules[i].key ? yaml_get(node, rules[i].key) : NULL;
        struct reader_path at = {.up = path, .name = rules[i].key};
        struct err *err;

        if (!rules[i].broken) {
            continue;
        }
        err = reader_error(reader, value ? &at : path, value ? value->key_line : node->line,
                           value ? value->key_column : node->column, "%s", rules[i].message);
        if (rules[i].hint) {
            err_hint(err, "%s", rules[i].hint);
        }
    }
}

static bool has(const struct yaml_node *node, const char *key)
{
    return yaml_get(node, key) != NULL;
}

/* What names the tenants of each kind apart, and what else may stand in their template. */
static const struct {
    const char *key;
    struct check_words varying, allowed;
    const char *message, *hint;
} kinds[DISCOVER_KIND_COUNT] = {
    [DISCOVER_DATABASES] = {"databases",
                            {.database = "d"},
                            {.database = "d", .server = "s"},
                            "the template of names must have {{database}}, and may have {{server}}",
                            "leave it out: it is \"{{database}}\" then"},
    [DISCOVER_SCHEMAS] = {"schemas",
                          {.schema = "s"},
                          {.schema = "s", .database = "d", .server = "s"},
                          "the template of names must have {{schema}}, and may have {{database}} "
                          "and {{server}}",
                          "leave it out: it is \"{{schema}}\" then"},
    [DISCOVER_FILES] = {"files",
                        {.database = "d"},
                        {.database = "d", .server = "s"},
                        "the template of names must have {{database}}, and may have {{server}}",
                        "leave it out: it is \"{{database}}\" then"},
    [DISCOVER_QUERY] = {"query",
                        {.name = "n", .database = "d", .schema = "s"},
                        {.name = "n", .database = "d", .schema = "s", .server = "s"},
                        "the template of names must have {{name}}, {{database}} or {{schema}}, and "
                        "may have {{server}}",
                        "leave it out: it is the row's name, else its schema, else its database"},
    [DISCOVER_COMMAND] =
        {"command",
         {.name = "n", .database = "d", .schema = "s"},
         {.name = "n", .database = "d", .schema = "s", .server = "s"},
         "the template of names must have {{name}}, {{database}} or {{schema}}, and "
         "may have {{server}}",
         "leave it out: it is the row's name, else its schema, else its database"},
};

enum discover_kind check_discover_kind(const struct yaml_node *discover)
{
    for (int kind = 0; kind < DISCOVER_KIND_COUNT; kind++) {
        if (kinds[kind].key && yaml_get(discover, kinds[kind].key)) {
            return (enum discover_kind)kind;
        }
    }
    return DISCOVER_NOTHING;
}

/* The first key that says a second time where the tenants come from, or NULL. */
static const char *second_kind(const struct yaml_node *discover, enum discover_kind first)
{
    for (int kind = (int)first + 1; kind < DISCOVER_KIND_COUNT; kind++) {
        if (yaml_get(discover, kinds[kind].key)) {
            return kinds[kind].key;
        }
    }
    return NULL;
}

static bool has_varying_word(const char *template, const struct check_words *words)
{
    return (words->name && strstr(template, "{{name}}")) ||
           (words->database && strstr(template, "{{database}}")) ||
           (words->schema && strstr(template, "{{schema}}"));
}

static void check_template(struct reader *reader, const struct reader_path *path,
                           const struct tenant_entry *tenant)
{
    enum discover_kind kind = tenant->discover.kind;
    const struct rule rule = {
        tenant->name && kind != DISCOVER_NOTHING &&
            (!has_varying_word(tenant->name, &kinds[kind].varying) ||
             !check_expand(reader->arena, tenant->name, &kinds[kind].allowed)),
        "name", kinds[kind].message, kinds[kind].hint};

    apply_rules(reader, path, tenant->node, &rule, 1);
}

static void check_discover(struct reader *reader, const struct reader_path *up,
                           const struct inventory *inventory, const struct tenant_entry *tenant)
{
    const struct yaml_node *node = yaml_get(tenant->node, "discover");
    struct reader_path path = {.up = up, .name = "discover"};
    enum discover_kind kind = tenant->discover.kind;
    bool asks = kind == DISCOVER_DATABASES || kind == DISCOVER_SCHEMAS || kind == DISCOVER_QUERY;
    bool known = tenant->server_entry && tenant->engine != ENGINE_COUNT;
    const char *second = second_kind(node, kind);
    const struct rule rules[] = {
        {kind == DISCOVER_NOTHING, NULL,
         "one of databases, schemas, files, query and command is missing",
         "{server: NAME, databases: \"tenant_*\"} or {files: \"data/*.db\"}"},
        {kind != DISCOVER_NOTHING && second, second,
         "databases, schemas, files, query and command exclude each other", NULL},
        {asks && !has(node, "server"), kinds[kind].key, "the key server is missing",
         "name the entry of servers: that is asked"},
        {kind == DISCOVER_FILES && has(node, "server"), "server", "files are on no server", NULL},
        {has(node, "database") && kind != DISCOVER_SCHEMAS && kind != DISCOVER_QUERY, "database",
         "only schemas and query are asked in a database", NULL},
        {kind == DISCOVER_SCHEMAS && known && tenant->engine != ENGINE_POSTGRESQL, "schemas",
         "only PostgreSQL has schemas in a database", NULL},
        {kind == DISCOVER_SCHEMAS && inventory->migrations_entry.version_table_schema, "schemas",
         "skein's tables lie in the tenant's schema: it excludes migrations.version_table_schema",
         NULL},
    };

    apply_rules(reader, &path, node, rules, sizeof(rules) / sizeof(rules[0]));
    check_template(reader, up, tenant);
}

/* Labels are written in selectors, beside the ones that are there already. */
static void check_labels(struct reader *reader, const struct reader_path *up,
                         const struct tenant_entry *tenant)
{
    const struct yaml_node *labels = yaml_get(tenant->node, "labels");
    struct reader_path path = {.up = up, .name = "labels"};
    bool map = labels && labels->kind == YAML_MAP;

    for (const struct yaml_node *label = map ? labels->first : NULL; label; label = label->next) {
        struct reader_path at = {.up = &path, .name = label->key};
        const char *wrong = check_label_name(label->key);

        if (wrong) {
            reader_error(reader, &at, label->key_line, label->key_column, "%s", wrong);
        }
        wrong = label->kind == YAML_SCALAR ? check_label_value(label->text) : NULL;
        if (wrong) {
            reader_error(reader, &at, label->line, label->column, "%s", wrong);
        }
    }
}

void check_hold(struct reader *reader, const struct reader_path *path, const struct yaml_node *node)
{
    static const char *const hint =
        "{tenant: acme, until: 2026-12-01, reason: why nobody may touch it}";
    const struct rule rules[] = {
        {!has(node, "tenant"), NULL, "the key tenant is missing", hint},
        {!has(node, "until"), NULL, "the key until is missing", hint},
        {!has(node, "reason"), NULL, "the key reason is missing", hint},
    };

    if (node->kind == YAML_MAP) {
        apply_rules(reader, path, node, rules, sizeof(rules) / sizeof(rules[0]));
    }
}

static void check_name(struct reader *reader, const struct reader_path *path,
                       const struct tenant_entry *tenant, struct map *names)
{
    const struct yaml_node *node = yaml_get(tenant->node, "name");
    const struct yaml_node *earlier;
    struct reader_path at = {.up = path, .name = "name"};
    const char *wrong = check_tenant_name(tenant->name);

    if (wrong) {
        reader_error(reader, &at, node->line, node->column, "%s", wrong);
        return;
    }
    earlier = map_get(names, tenant->name);
    if (earlier) {
        reader_error(reader, &at, node->line, node->column,
                     "\"%s\" is the tenant of line %d already", tenant->name, earlier->line);
        return;
    }
    map_set(names, tenant->name, (void *)node);
}

void check_tenant(struct reader *reader, const struct reader_path *path,
                  const struct inventory *inventory, const struct tenant_entry *tenant,
                  struct map *names)
{
    const struct yaml_node *node = tenant->node;
    bool url = has(node, "url"), server = has(node, "server"), discover = has(node, "discover");
    bool sqlite = tenant->engine_known && tenant->engine == ENGINE_SQLITE;
    bool postgresql = tenant->engine_known && tenant->engine == ENGINE_POSTGRESQL;
    const struct rule rules[] = {
        {!has(node, "name") && !discover, NULL, "the key name is missing", NULL},
        {url + server + discover == 0, NULL,
         "where is it? one of url, server and discover is missing",
         "{name: acme, server: pg-a, database: acme}"},
        {url && (server || discover), "url", "url, server and discover exclude each other", NULL},
        {server && discover, "server", "the server of discover stands inside of it", NULL},
        {server && !has(node, "database"), "server", "the key database is missing", NULL},
        {has(node, "database") && (discover || sqlite), "database",
         discover ? "discover finds the databases" : "the URL names the file", NULL},
        {has(node, "schema") && tenant->engine_known && !postgresql, "schema",
         "only PostgreSQL has schemas in a database", NULL},
        {has(node, "schema") && tenant->discover.kind == DISCOVER_SCHEMAS, "schema",
         "discover finds the schemas", NULL},
        {tenant->schema && inventory->migrations_entry.version_table_schema, "schema",
         "skein's tables lie in the tenant's schema: it excludes migrations.version_table_schema",
         NULL},
        {has(node, "direct_url") && tenant->engine_known && !postgresql, "direct_url",
         "only PostgreSQL is reached past a pooler", NULL},
        {has(node, "create") && (discover || (tenant->engine_known && !sqlite)), "create",
         "only a SQLite file by url can be created", NULL},
        {has(node, "password") && (!url || sqlite), "password",
         sqlite ? "SQLite knows no password" : "a password stands beside url, or on the server",
         NULL},
    };

    apply_rules(reader, path, node, rules, sizeof(rules) / sizeof(rules[0]));
    if (tenant->database && check_database_name(tenant->engine, tenant->database)) {
        struct rule wrong = {true, "database",
                             check_database_name(tenant->engine, tenant->database), NULL};

        apply_rules(reader, path, node, &wrong, 1);
    }
    if (discover) {
        check_discover(reader, path, inventory, tenant);
    } else if (tenant->name) {
        check_name(reader, path, tenant, names);
    }
    check_labels(reader, path, tenant);
}
