#include "config/inventory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "config/check.h"
#include "config/discover.h"
#include "config/resolve.h"
#include "config/url.h"

#define FILE_LIMIT ((size_t)16 * 1024 * 1024)

/* The absolute folder of a file, or the current one for NULL. */
static const char *folder_of(struct arena *arena, const char *path)
{
    char *current = getcwd(NULL, 0);
    const char *folder = arena_strdup(arena, current ? current : ".");
    const char *slash = path ? strrchr(path, '/') : NULL;

    free(current);
    if (!slash) {
        return folder;
    }
    return file_join(arena, folder,
                     slash == path ? "/" : arena_strndup(arena, path, (size_t)(slash - path)));
}

/* Engine of a URL, and whether its shape is right. A variable that is not set is nobody's error
 * yet. */
static bool read_engine(struct reader *reader, struct inventory *inventory,
                        const struct reader_path *path, const struct yaml_node *node,
                        const char *text, enum engine *engine)
{
    struct err err = ERR_INIT(reader->arena);
    struct url url;

    if (url_is_variable(text)) {
        secrets_hide_text(&inventory->secrets, text, strlen(text));
        if (url_variable(text, inventory->environment, reader->arena, &text, &err)) {
            return false;
        }
    }
    if (!url_split(text, &url, &err)) {
        secrets_hide_text(&inventory->secrets, url.password.text, url.password.length);
        *engine = url.engine;
        return true;
    }
    err_hint(reader_error(reader, path, node ? node->line : 0, node ? node->column : 0, "%s",
                          err.message),
             "%s", err.hint ? err.hint : "see docs/skein.yaml.md");
    return false;
}

/* `direct_url:` of a server or tenant. */
static void check_direct(struct reader *reader, struct inventory *inventory,
                         const struct reader_path *path, const struct yaml_node *entry,
                         const char *text)
{
    struct reader_path at = {.up = path, .name = "direct_url"};
    const struct yaml_node *node = yaml_get(entry, "direct_url");
    enum engine engine;

    if (text && read_engine(reader, inventory, &at, node, text, &engine) &&
        engine != ENGINE_POSTGRESQL) {
        reader_error(reader, &at, node->line, node->column,
                     "only PostgreSQL is reached past a pooler");
    }
}

static void read_server(struct reader *reader, struct inventory *inventory,
                        const struct yaml_node *node, struct server_entry *server)
{
    struct reader_path up = {.name = "servers"}, path = {.up = &up, .name = node->key};
    struct reader_path at = {.up = &path, .name = "url"};

    server->node = node;
    server->name = node->key;
    server->engine = ENGINE_COUNT;
    reader_table(reader, &path, node, &schema_server, server);
    check_server_name(reader, &up, node);
    secrets_hide(&inventory->secrets, &server->password);
    if (!yaml_get(node, "url") && node->kind != YAML_BROKEN) {
        reader_error(reader, &path, node->line, node->column, "the key url is missing");
    }
    if (server->url &&
        read_engine(reader, inventory, &at, yaml_get(node, "url"), server->url, &server->engine)) {
        check_server_engine(reader, &at, server);
    }
    check_direct(reader, inventory, &path, node, server->direct_url);
    map_set(&inventory->servers_by_name, server->name, server);
}

static void read_servers(struct reader *reader, struct inventory *inventory,
                         const struct yaml_node *servers)
{
    map_init(&inventory->servers_by_name, inventory->arena);
    if (!servers || servers->kind != YAML_MAP) {
        return;
    }
    inventory->servers = arena_array(inventory->arena, servers->count, sizeof(*inventory->servers));
    for (const struct yaml_node *node = servers->first; node; node = node->next) {
        read_server(reader, inventory, node, &inventory->servers[inventory->server_count++]);
    }
}

/* The entry that `server:` names, or NULL, told. */
static struct server_entry *find_server(struct reader *reader, const struct inventory *inventory,
                                        const struct reader_path *path,
                                        const struct yaml_node *node, const char *name)
{
    struct server_entry *server = map_get(&inventory->servers_by_name, name);
    const char **names;
    const char *nearest;
    struct err *err;

    if (server) {
        return server;
    }
    names = arena_array(reader->arena, inventory->server_count + 1, sizeof(*names));
    for (size_t i = 0; i < inventory->server_count; i++) {
        names[i] = inventory->servers[i].name;
    }
    err = reader_error(reader, path, node->line, node->column, "there is no server %s",
                       reader_shown(reader->arena, node));
    nearest = text_nearest(name, names, inventory->server_count);
    if (nearest) {
        err_hint(err, "did you mean %s?", nearest);
    } else {
        err_hint(err, "servers: has %zu entries", inventory->server_count);
    }
    return NULL;
}

/* What the entry's engine follows from. */
static void read_tenant_engine(struct reader *reader, struct inventory *inventory,
                               const struct reader_path *path, struct tenant_entry *tenant)
{
    const struct yaml_node *discover = yaml_get(tenant->node, "discover");
    const char *name = tenant->discover.server ? tenant->discover.server : tenant->server;

    if (tenant->discover.kind == DISCOVER_FILES) {
        tenant->engine = ENGINE_SQLITE;
        tenant->engine_known = true;
    } else if (name) {
        struct reader_path up = {.up = path, .name = "discover"};
        struct reader_path at = {.up = tenant->discover.server ? &up : path, .name = "server"};
        const struct yaml_node *place =
            yaml_get(tenant->discover.server ? discover : tenant->node, "server");

        tenant->server_entry = find_server(reader, inventory, &at, place, name);
        tenant->engine = tenant->server_entry ? tenant->server_entry->engine : ENGINE_COUNT;
        tenant->engine_known = tenant->engine != ENGINE_COUNT;
    } else if (tenant->url) {
        struct reader_path at = {.up = path, .name = "url"};

        tenant->engine_known = read_engine(reader, inventory, &at, yaml_get(tenant->node, "url"),
                                           tenant->url, &tenant->engine);
    }
}

static void read_tenants(struct reader *reader, struct inventory *inventory,
                         const struct yaml_node *root)
{
    const struct yaml_node *tenants = yaml_get(root, "tenants");
    struct reader_path up = {.name = "tenants"};
    struct map names;
    size_t questions = 0;

    map_init(&names, reader->arena);
    if (!tenants || yaml_is_null(tenants) || (tenants->kind == YAML_LIST && !tenants->count)) {
        const struct yaml_node *place = tenants ? tenants : root;

        err_hint(reader_error(reader, NULL, place->line, place->column,
                              "the fleet has no targets: tenants is %s",
                              tenants ? "empty" : "missing"),
                 "tenants: [{name: one, url: \"sqlite:one.db\", create: true}]");
        return;
    }
    if (tenants->kind != YAML_LIST) {
        return;
    }
    inventory->tenants = arena_array(inventory->arena, tenants->count, sizeof(*inventory->tenants));
    for (const struct yaml_node *node = tenants->first; node; node = node->next) {
        struct tenant_entry *tenant = &inventory->tenants[inventory->tenant_count];
        struct reader_path path = {.up = &up, .index = inventory->tenant_count++};

        tenant->node = node;
        reader_table(reader, &path, node, &schema_tenant, tenant);
        secrets_hide(&inventory->secrets, &tenant->password);
        if (node->kind != YAML_MAP) {
            if (yaml_is_null(node)) {
                reader_error(reader, &path, node->line, node->column, "the entry is empty");
            }
            continue;
        }
        tenant->discover.kind = check_discover_kind(yaml_get(node, "discover"));
        read_tenant_engine(reader, inventory, &path, tenant);
        check_direct(reader, inventory, &path, node, tenant->direct_url);
        check_tenant(reader, &path, inventory, tenant, &names);
        if (discover_asks(tenant) || tenant->discover.kind == DISCOVER_COMMAND) {
            tenant->question = ++questions;
        }
    }
}

static void read_holds(struct reader *reader, struct inventory *inventory,
                       const struct yaml_node *holds)
{
    struct reader_path up = {.name = "holds"};

    if (!holds || holds->kind != YAML_LIST) {
        return;
    }
    inventory->holds = arena_array(inventory->arena, holds->count, sizeof(*inventory->holds));
    for (const struct yaml_node *node = holds->first; node; node = node->next) {
        struct hold *hold = &inventory->holds[inventory->hold_count];
        struct reader_path path = {.up = &up, .index = inventory->hold_count++};

        reader_table(reader, &path, node, &schema_hold, hold);
        check_hold(reader, &path, node);
    }
}

/* The questions in the order of their tenants. */
static void list_questions(struct inventory *inventory)
{
    for (size_t i = 0; i < inventory->tenant_count; i++) {
        inventory->question_count += inventory->tenants[i].question > 0;
    }
    inventory->questions =
        arena_array(inventory->arena, inventory->question_count, sizeof(*inventory->questions));
    for (size_t i = 0; i < inventory->tenant_count; i++) {
        if (inventory->tenants[i].question) {
            inventory->questions[inventory->tenants[i].question - 1].tenant = i;
        }
    }
}

static void finish_migrations(struct reader *reader, struct inventory *inventory,
                              const struct yaml_node *node)
{
    const struct migrations_entry *entry = &inventory->migrations_entry;
    struct migrations *migrations = &inventory->migrations;
    size_t count = entry->version_locations.count;
    const char **folders = arena_array(inventory->arena, count + 1, sizeof(*folders));
    struct reader_path path = {.name = "migrations"};

    migrations->directory = file_join(inventory->arena, inventory->folder, entry->directory);
    for (size_t i = 0; i < count; i++) {
        folders[i] =
            file_join(inventory->arena, inventory->folder, entry->version_locations.items[i]);
    }
    if (!count) {
        folders[count++] = file_join(inventory->arena, migrations->directory, "versions");
    }
    migrations->version_locations = folders;
    migrations->version_location_count = count;
    migrations->version_table = entry->version_table;
    migrations->version_table_schema = entry->version_table_schema;
    migrations->history_table = entry->history_table;
    migrations->transaction = entry->transaction;
    if (strcmp(migrations->version_table, migrations->history_table) == 0) {
        reader_error(reader, &path, node ? node->line : 0, node ? node->column : 0,
                     "version_table and history_table are one table");
    }
}

static void read_root(struct reader *reader, struct inventory *inventory,
                      const struct yaml_node *root)
{
    reader_table(reader, NULL, root, &schema_file, inventory);
    inventory->rollout.order_file = yaml_get(yaml_get(root, "rollout"), "order") != NULL;
    resolve_tls(inventory, &inventory->connection.tls);
    finish_migrations(reader, inventory, yaml_get(root, "migrations"));
    if (root->kind == YAML_MAP) {
        read_servers(reader, inventory, yaml_get(root, "servers"));
        read_tenants(reader, inventory, root);
        read_holds(reader, inventory, yaml_get(root, "holds"));
    }
    list_questions(inventory);
}

static void read_file(struct reader *reader, struct inventory *inventory)
{
    struct err err = ERR_INIT(reader->arena);
    struct yaml_node *root;
    struct file_text text;
    int broken;

    if (file_read(reader->arena, reader->file, FILE_LIMIT, &text, &err)) {
        err_hint(&err, "-c FILE names another, skein init makes one, --url URL needs none");
        err_copy(err_list_add(reader->errors), &err);
        return;
    }
    broken = yaml_parse(reader->arena, reader->file, text.data, text.length, &root, reader->errors);
    if (root) {
        read_root(reader, inventory, root);
    } else if (!broken) {
        err_hint(reader_error(reader, NULL, 1, 1, "the file is empty"),
                 "tenants: is needed; skein init makes a file to begin with");
    }
}

/* One tenant that stands in no file. */
static void read_url(struct reader *reader, struct inventory *inventory, const char *url)
{
    struct tenant_entry *tenant = arena_alloc(inventory->arena, sizeof(*tenant));

    inventory->url = url;
    inventory->tenants = tenant;
    inventory->tenant_count = 1;
    tenant->url = url;
    tenant->create = true;
    tenant->engine_known = read_engine(reader, inventory, NULL, NULL, url, &tenant->engine);
    finish_migrations(reader, inventory, NULL);
}

int inventory_load(struct arena *arena, const char *path, const char *url, const char *name,
                   const char *(*environment)(const char *name), struct inventory **result,
                   struct err_list *errors)
{
    struct reader reader = {.arena = arena, .file = name, .errors = errors};
    struct inventory *inventory = arena_alloc(arena, sizeof(*inventory));
    size_t before = errors->total;

    inventory->arena = arena;
    inventory->file = name;
    inventory->environment = environment;
    inventory->folder = folder_of(arena, path);
    secrets_init(&inventory->secrets, arena, inventory->folder, environment);
    reader_defaults(&reader, &schema_file, inventory);
    if (path) {
        read_file(&reader, inventory);
    } else if (url) {
        read_url(&reader, inventory, url);
    } else {
        finish_migrations(&reader, inventory, NULL);
    }
    *result = inventory;
    return errors->total > before ? ERROR_CONFIGURATION : 0;
}

unsigned inventory_engines(const struct inventory *inventory)
{
    unsigned engines = 0;

    for (size_t i = 0; i < inventory->tenant_count; i++) {
        if (inventory->tenants[i].engine_known) {
            engines |= ENGINE_BIT(inventory->tenants[i].engine);
        }
    }
    for (size_t i = 0; i < inventory->server_count; i++) {
        if (inventory->servers[i].engine != ENGINE_COUNT) {
            engines |= ENGINE_BIT(inventory->servers[i].engine);
        }
    }
    return engines;
}
