#include "config/assemble.h"

#include <string.h>

#include "base/file.h"
#include "config/check.h"
#include "config/discover.h"
#include "config/reader.h"
#include "config/resolve.h"

/* A target with what tells whether another one is the same. */
struct member {
    struct target target;
    const char *database; /* the database or file, whoever names it */
    const char *whole;    /* with the schema */
    int line, column;
};

/* Where something stands, for what stands twice. */
struct place {
    int line;
    const char *name;
};

/* An index as a map's value. */
struct server_place {
    size_t index;
    const char *name;
};

struct assembly {
    struct inventory *inventory;
    struct reader reader; /* its arena is the fleet's */
    struct arena scratch;
    struct server *servers;
    size_t server_count, server_capacity;
    struct map addresses; /* -> struct server_place */
    struct target *targets;
    size_t target_count, target_capacity;
    struct map names, wholes;  /* -> struct place */
    struct map explicits;      /* databases of explicit tenants */
    struct member *members;    /* of the explicit tenants, by the entry's index */
    bool unanswered, unwanted; /* some entry was not answered, not asked by choice */
};

static const struct endpoint no_endpoint = {0};

static void tell(struct assembly *assembly, struct resolved *resolved)
{
    if (resolved->err.class && !resolved->told) {
        err_copy(err_list_add(assembly->reader.errors), &resolved->err);
        resolved->told = true;
    }
}

static size_t add_server(struct assembly *assembly, const char *name, const char *address,
                         unsigned concurrency)
{
    struct server_place *place = map_get(&assembly->addresses, address);

    if (place) {
        return place->index;
    }
    place = arena_alloc(&assembly->scratch, sizeof(*place));
    *place = (struct server_place){assembly->server_count, name};
    map_set(&assembly->addresses, address, place);
    assembly->servers =
        arena_grow(assembly->reader.arena, assembly->servers, sizeof(*assembly->servers),
                   &assembly->server_capacity, assembly->server_count + 1);
    assembly->servers[assembly->server_count++] = (struct server){name, address, concurrency};
    return place->index;
}

static void add_servers(struct assembly *assembly)
{
    for (size_t i = 0; i < assembly->inventory->server_count; i++) {
        struct server_entry *entry = &assembly->inventory->servers[i];
        struct resolved *resolved = resolve_server(assembly->inventory, entry);
        const struct server_place *earlier;

        tell(assembly, resolved);
        if (resolved->err.class) {
            continue;
        }
        earlier = map_get(&assembly->addresses, resolved->address);
        if (earlier) {
            err_hint(reader_error(&assembly->reader, NULL, entry->node->key_line,
                                  entry->node->key_column,
                                  "servers.%s: servers.%s has this host and port already",
                                  entry->name, earlier->name),
                     "limits are counted by host and port: for another user give the tenant a url");
            continue;
        }
        add_server(assembly, entry->name, resolved->address, entry->concurrency);
    }
}

static void fill_keys(struct assembly *assembly, struct member *member, const char *address)
{
    const struct target *target = &member->target;

    member->database =
        target->path ? file_key(&assembly->scratch, target->path)
                     : arena_printf(&assembly->scratch, "%s\x1f%s", address, target->database);
    member->whole = target->schema ? arena_printf(&assembly->scratch, "%s\x1f%s", member->database,
                                                  target->schema)
                                   : member->database;
}

/* What explicit and discovered ones have in common; name, schema, labels and vars are there. */
static void fill_member(struct assembly *assembly, struct member *member,
                        const struct yaml_node *node, const struct resolved *resolved,
                        const char *database)
{
    struct inventory *inventory = assembly->inventory;
    struct target *target = &member->target;
    const char *address = resolved ? resolved->address : "local";

    target->engine = resolved ? resolved->engine : ENGINE_SQLITE;
    target->server = add_server(assembly, address, address, 0);
    target->endpoint = target->engine == ENGINE_SQLITE ? &no_endpoint : &resolved->endpoint;
    target->database = database;
    target->connection = resolved ? resolved->connection : &inventory->connection;
    if (target->engine == ENGINE_SQLITE) {
        target->path = file_join(assembly->reader.arena, inventory->folder, database);
    }
    member->line = node ? node->line : 0;
    member->column = node ? node->column : 0;
    fill_keys(assembly, member, address);
}

/* The entry's own or its server's; NULL where that failed, told. */
static struct resolved *resolve_tenant(struct assembly *assembly, const struct tenant_entry *entry)
{
    struct inventory *inventory = assembly->inventory;
    const struct secret_source *password = &entry->password;
    struct resolved *resolved;

    if (entry->server_entry) {
        password = &entry->server_entry->password;
        resolved = resolve_server(inventory, entry->server_entry);
    } else {
        struct resolve_source source = {
            .url = entry->url,
            .place = yaml_get(entry->node, "url"),
            .connection = yaml_get(entry->node, "connection"),
            .password = password,
        };

        resolved = resolve_url(inventory, &source);
    }
    resolve_secret(inventory, resolved, password);
    tell(assembly, resolved);
    return resolved->err.class ? NULL : resolved;
}

/* The way past a pooler: the tenant's own, or its server's (or NULL); `through`: the other way.
 * NULL: there is none, or it failed, told. Its database does not matter on a server. */
static struct resolved *resolve_past(struct assembly *assembly, const struct tenant_entry *entry,
                                     struct server_entry *of_server, const struct resolved *through)
{
    struct server_entry *server = entry->direct_url ? NULL : of_server;
    const struct yaml_node *node = server ? server->node : entry->node;
    struct resolve_source source = {.url = server ? server->direct_url : entry->direct_url,
                                    .place = yaml_get(node, "direct_url"),
                                    .connection = yaml_get(node, "connection")};
    struct resolved *direct = server ? server->direct : NULL;

    if (!source.url || assembly->inventory->offline) {
        return NULL;
    }
    if (!direct) {
        direct = resolve_direct(assembly->inventory, &source, through);
        if (server) {
            direct->database = NULL;
            server->direct = direct;
        }
    }
    tell(assembly, direct);
    return direct->err.class ? NULL : direct;
}

static void set_direct(struct assembly *assembly, const struct tenant_entry *entry,
                       const struct resolved *direct, struct target *target)
{
    const struct yaml_node *place = yaml_get(entry->node, "direct_url");
    struct target *copy;

    if (!direct) {
        return;
    }
    if (direct->database && strcmp(direct->database, target->database) != 0) {
        reader_error(&assembly->reader, NULL, place->line, place->column,
                     "%s: direct_url names another database", target->name);
        return;
    }
    copy = arena_alloc(assembly->reader.arena, sizeof(*copy));
    *copy = *target;
    copy->endpoint = &direct->endpoint;
    copy->connection = resolve_connection(assembly->inventory, direct->connection,
                                          yaml_get(entry->node, "connection"));
    target->direct = copy;
}

/* What only a URL in clear can tell. */
static const char *wrong_with_url(const struct tenant_entry *entry, const struct resolved *resolved)
{
    bool sqlite = resolved->engine == ENGINE_SQLITE;

    if (!resolved->database && !entry->database) {
        return entry->node ? "no database: the URL names none, and the key database is missing"
                           : "the URL names no database: postgresql://user@host:5432/DATABASE";
    }
    if (resolved->database && entry->database && !entry->server_entry) {
        return "the database stands twice: in the URL and beside it";
    }
    if (sqlite && entry->schema) {
        return "only PostgreSQL has schemas in a database";
    }
    if (sqlite && entry->password.kind != SECRET_NONE) {
        return "SQLite knows no password";
    }
    return !sqlite && entry->create && entry->node ? "only a SQLite file by url can be created"
                                                   : NULL;
}

static void add_explicit(struct assembly *assembly, const struct tenant_entry *entry,
                         struct member *member)
{
    struct inventory *inventory = assembly->inventory;
    struct resolved *resolved = resolve_tenant(assembly, entry);
    const struct yaml_node *node = entry->node;
    const char *wrong = resolved ? wrong_with_url(entry, resolved) : NULL;
    struct target *target = &member->target;

    if (wrong) {
        reader_error(&assembly->reader, NULL, node ? node->line : 0, node ? node->column : 0,
                     "%s%s%s", entry->name ? entry->name : "", entry->name ? ": " : "", wrong);
    }
    if (!resolved || wrong) {
        return;
    }
    target->schema = entry->schema;
    target->labels = entry->labels;
    target->vars = entry->vars;
    fill_member(assembly, member, node, resolved,
                entry->database ? entry->database : resolved->database);
    if (entry->server_entry) {
        target->connection =
            resolve_connection(inventory, resolved->connection, yaml_get(node, "connection"));
    }
    target->create = entry->create && target->engine == ENGINE_SQLITE;
    target->name = entry->name;
    if (!target->name) {
        target->name =
            target->path ? file_stem(assembly->reader.arena, target->database) : target->database;
    }
    set_direct(assembly, entry, resolve_past(assembly, entry, entry->server_entry, resolved),
               target);
    map_set(&assembly->explicits, member->database, member);
    map_set(&assembly->explicits, member->whole, member);
}

static bool is_discovery(const struct tenant_entry *entry)
{
    return entry->discover.kind != DISCOVER_NOTHING;
}

/* Of a pattern's finds the line and the name are not enough to tell them apart. */
static const char *shown(const struct target *target)
{
    return target->discovered && target->path ? target->path : target->name;
}

/* Tells where the other one is; false where it is the first. */
static bool stands_twice(struct assembly *assembly, struct map *map, const char *key,
                         const struct member *member, const char *what)
{
    const struct place *earlier = map_get(map, key);
    struct place *place;

    if (earlier) {
        reader_error(&assembly->reader, NULL, member->line, member->column,
                     "%s: the tenant %s of line %d has this %s already", shown(&member->target),
                     earlier->name, earlier->line, what);
        return true;
    }
    place = arena_alloc(&assembly->scratch, sizeof(*place));
    *place = (struct place){member->line, shown(&member->target)};
    map_set(map, key, place);
    return false;
}

static void append_target(struct assembly *assembly, const struct target *target)
{
    assembly->targets =
        arena_grow(assembly->reader.arena, assembly->targets, sizeof(*assembly->targets),
                   &assembly->target_capacity, assembly->target_count + 1);
    assembly->targets[assembly->target_count++] = *target;
}

static void add_target(struct assembly *assembly, const struct member *member)
{
    if (stands_twice(assembly, &assembly->names, member->target.name, member, "name") ||
        stands_twice(assembly, &assembly->wholes, member->whole, member,
                     member->target.path     ? "file"
                     : member->target.schema ? "database and schema"
                                             : "database")) {
        return;
    }
    append_target(assembly, &member->target);
}

/* Offline: one target a pattern. Two entries may have the same one. */
static void add_patterns(struct assembly *assembly, const struct tenant_entry *entry)
{
    struct inventory *inventory = assembly->inventory;
    struct resolved *resolved = NULL;
    const struct connection_settings *connection;
    struct found *found;
    size_t count;

    if (entry->server_entry) {
        resolved = resolve_tenant(assembly, entry);
        if (!resolved) {
            return;
        }
    }
    connection =
        resolve_connection(inventory, resolved ? resolved->connection : &inventory->connection,
                           yaml_get(entry->node, "connection"));
    discover_patterns(assembly->reader.arena, entry, &found, &count);
    for (size_t i = 0; i < count; i++) {
        struct member member = {.target = {.name = found[i].name,
                                           .schema = found[i].schema,
                                           .labels = found[i].labels,
                                           .vars = found[i].vars,
                                           .discovered = true,
                                           .entry = true}};
        const char *database = found[i].database ? found[i].database
                               : resolved        ? resolved->database
                                                 : NULL;

        fill_member(assembly, &member, entry->node, resolved, database ? database : "*");
        member.target.connection = connection;
        append_target(assembly, &member.target);
    }
}

/* Where the tenants of one entry are: kept from one to the next, for most have the same. */
struct placing {
    const struct tenant_entry *entry;
    const char *label;
    const struct yaml_node *node;           /* of discover: */
    const struct yaml_node *overlay;        /* connection: of the entry, or NULL */
    const struct connection_settings *base; /* what `merged` was merged from */
    const struct connection_settings *merged;
};

/* A row's own URL. Variables are the file's matter: whoever writes rows must not read them. */
static struct resolved *resolve_row(struct assembly *assembly, const struct placing *placing,
                                    const struct found *found)
{
    static const struct secret_source none = {.kind = SECRET_NONE};
    const struct resolve_source source = {
        .url = found->url, .place = placing->node, .password = &none};
    struct resolved *resolved;

    if (strstr(found->url, "${")) {
        reader_error(&assembly->reader, NULL, placing->node->line, placing->node->column,
                     "%s, row %zu: a URL that comes from outside must not have a variable",
                     placing->label, found->row);
        return NULL;
    }
    resolved = resolve_url(assembly->inventory, &source);
    if (resolved->err.class) {
        err_prefix(&resolved->err, "%s, row %zu", placing->label, found->row);
    }
    return resolved;
}

/* NULL for the local disk, and where it failed (*failed), told. */
static struct resolved *place_found(struct assembly *assembly, const struct placing *placing,
                                    const struct found *found, bool *failed)
{
    struct resolved *resolved = NULL;

    *failed = false;
    if (found->url) {
        resolved = resolve_row(assembly, placing, found);
        *failed = !resolved;
    } else if (found->server) {
        resolved = resolve_server(assembly->inventory, found->server);
        resolve_secret(assembly->inventory, resolved, &found->server->password);
    }
    if (resolved) {
        tell(assembly, resolved);
        *failed = resolved->err.class != 0;
    }
    return *failed ? NULL : resolved;
}

/* Whether a tenant of the file's own stands for it: one with its database; where schemas are found,
 * one with its database and schema. */
static bool is_explicit(const struct assembly *assembly, const struct tenant_entry *entry,
                        const struct member *member)
{
    bool by_schema = member->target.schema && entry->discover.kind != DISCOVER_DATABASES;

    return map_get(&assembly->explicits, by_schema ? member->whole : member->database) != NULL;
}

/* Nobody could be asked: the server's entry is wrong, or says no database. */
static void tell_unasked(struct assembly *assembly, const struct placing *placing)
{
    struct resolved *resolved = resolve_server(assembly->inventory, placing->entry->server_entry);

    tell(assembly, resolved);
    if (!resolved->err.class && !resolved->database && !placing->entry->discover.database &&
        !discover_anywhere(placing->entry, resolved->engine)) {
        reader_error(&assembly->reader, NULL, placing->node->line, placing->node->column,
                     "%s: in which database? neither the key database nor the server's URL names "
                     "one",
                     placing->label);
    }
}

static void add_found(struct assembly *assembly, struct placing *placing, const struct found *found)
{
    bool failed;
    struct resolved *resolved = place_found(assembly, placing, found, &failed);
    const char *database = found->database ? found->database : resolved ? resolved->database : NULL;
    const struct connection_settings *base =
        resolved ? resolved->connection : &assembly->inventory->connection;
    struct member member = {.target = {.name = found->name,
                                       .schema = found->schema,
                                       .labels = found->labels,
                                       .vars = found->vars,
                                       .discovered = true}};

    if (failed) {
        return;
    }
    if (!database || (found->schema && resolved && resolved->engine != ENGINE_POSTGRESQL)) {
        reader_error(&assembly->reader, NULL, placing->node->line, placing->node->column,
                     "%s: %s: %s", placing->label, found->name,
                     database ? "only PostgreSQL has schemas in a database"
                              : "in which database? no column, no key and no URL names one");
        return;
    }
    fill_member(assembly, &member, placing->entry->node, resolved, database);
    if (base != placing->base) {
        placing->base = base;
        placing->merged = resolve_connection(assembly->inventory, base, placing->overlay);
    }
    member.target.connection = placing->merged;
    if (resolved && !found->url) {
        set_direct(assembly, placing->entry,
                   resolve_past(assembly, placing->entry, found->server, resolved), &member.target);
    }
    if (!is_explicit(assembly, placing->entry, &member)) {
        add_target(assembly, &member);
    }
}

static void add_discovered(struct assembly *assembly, const struct tenant_entry *entry)
{
    struct inventory *inventory = assembly->inventory;
    const struct question_entry *question =
        entry->question ? &inventory->questions[entry->question - 1] : NULL;
    struct placing placing = {
        .entry = entry,
        .label = discover_label(inventory, entry),
        .node = yaml_get(entry->node, "discover"),
        .overlay = yaml_get(entry->node, "connection"),
    };
    struct found *found;
    size_t count;

    if (question && question->unwanted) {
        assembly->unwanted = true;
        return;
    }
    if (question && question->err.class) {
        struct err *err = err_list_add(assembly->reader.errors);

        err_copy(err, &question->err);
        err_prefix(err, "%s", placing.label);
        err_at(err, inventory->file, placing.node->line, placing.node->column);
        return;
    }
    if (question && !question->answered) {
        if (entry->server_entry) { /* else a command, which nobody has called */
            tell_unasked(assembly, &placing);
        }
        assembly->unanswered = true;
        return;
    }
    discover_find(&assembly->reader, inventory, entry, question ? &question->rows : NULL, &found,
                  &count);
    for (size_t i = 0; i < count; i++) {
        add_found(assembly, &placing, &found[i]);
    }
}

static void add_targets(struct assembly *assembly)
{
    const struct inventory *inventory = assembly->inventory;

    assembly->members =
        arena_array(&assembly->scratch, inventory->tenant_count, sizeof(*assembly->members));
    for (size_t i = 0; i < inventory->tenant_count; i++) {
        if (!is_discovery(&inventory->tenants[i])) {
            add_explicit(assembly, &inventory->tenants[i], &assembly->members[i]);
        }
    }
    for (size_t i = 0; i < inventory->tenant_count; i++) {
        if (is_discovery(&inventory->tenants[i]) && inventory->offline) {
            add_patterns(assembly, &inventory->tenants[i]);
        } else if (is_discovery(&inventory->tenants[i])) {
            add_discovered(assembly, &inventory->tenants[i]);
        } else if (assembly->members[i].target.name) {
            add_target(assembly, &assembly->members[i]);
        }
    }
}

static struct fleet *make_fleet(const struct assembly *assembly)
{
    const struct inventory *inventory = assembly->inventory;
    struct fleet *fleet = arena_alloc(assembly->reader.arena, sizeof(*fleet));

    *fleet = (struct fleet){
        .config_path = inventory->url ? NULL : inventory->file,
        .folder = inventory->folder,
        .migrations = inventory->migrations,
        .limits = inventory->limits,
        .retry = inventory->retry,
        .rollout = inventory->rollout,
        .holds = inventory->holds,
        .hold_count = inventory->hold_count,
        .servers = assembly->servers,
        .server_count = assembly->server_count,
        .targets = assembly->targets,
        .target_count = assembly->target_count,
        .by_url = inventory->url != NULL,
    };
    for (size_t i = 0; i < fleet->target_count; i++) {
        fleet->engines |= ENGINE_BIT(fleet->targets[i].engine);
    }
    for (size_t i = 0; i < inventory->server_count; i++) {
        if (inventory->servers[i].engine != ENGINE_COUNT) {
            fleet->engines |= ENGINE_BIT(inventory->servers[i].engine);
        }
    }
    return fleet;
}

int assemble_fleet(struct inventory *inventory, struct arena *arena, struct fleet **fleet,
                   struct err_list *errors)
{
    struct assembly assembly = {
        .inventory = inventory,
        .reader = {.arena = arena, .file = inventory->file, .errors = errors},
        .scratch = ARENA_INIT,
    };
    size_t before = errors->total;

    map_init(&assembly.addresses, &assembly.scratch);
    map_init(&assembly.names, &assembly.scratch);
    map_init(&assembly.wholes, &assembly.scratch);
    map_init(&assembly.explicits, &assembly.scratch);
    add_servers(&assembly);
    add_targets(&assembly);
    if (!inventory->file && !inventory->url) {
        err_hint(reader_error(&assembly.reader, NULL, 0, 0, "no database is named"),
                 "--url URL or $DATABASE_URL names one; skein init makes skein.yaml, for a fleet");
    } else if (errors->total == before && !assembly.target_count && !assembly.unwanted) {
        reader_error(&assembly.reader, NULL, 1, 1, "the fleet has no targets: %s",
                     assembly.unanswered ? "no server answered discover" : "discover found none");
    }
    *fleet = make_fleet(&assembly);
    arena_release(&assembly.scratch);
    return errors->total > before ? ERROR_CONFIGURATION : 0;
}
