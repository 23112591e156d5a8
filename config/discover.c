#include "config/discover.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "config/check.h"
#include "config/discover_parts.h"

static const char postgresql_databases[] =
    "SELECT datname AS database FROM pg_catalog.pg_database "
    "WHERE datallowconn AND NOT datistemplate ORDER BY datname";
static const char postgresql_schemas[] =
    "SELECT nspname AS schema FROM pg_catalog.pg_namespace "
    "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname";
static const char mysql_databases[] =
    "SELECT schema_name AS `database` FROM information_schema.schemata "
    "WHERE schema_name NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys') "
    "ORDER BY schema_name";

bool discover_asks(const struct tenant_entry *tenant)
{
    return tenant->server_entry &&
           (tenant->discover.kind == DISCOVER_DATABASES ||
            tenant->discover.kind == DISCOVER_SCHEMAS || tenant->discover.kind == DISCOVER_QUERY);
}

bool discover_anywhere(const struct tenant_entry *tenant, enum engine engine)
{
    return tenant->discover.kind == DISCOVER_DATABASES || engine != ENGINE_POSTGRESQL;
}

const char *discover_question(const struct tenant_entry *tenant, enum engine engine)
{
    const struct discover_entry *discover = &tenant->discover;

    switch (discover->kind) {
    case DISCOVER_DATABASES:
        return engine == ENGINE_POSTGRESQL ? postgresql_databases : mysql_databases;
    case DISCOVER_SCHEMAS:
        return postgresql_schemas;
    default:
        return discover->query;
    }
}

const char *discover_label(const struct inventory *inventory, const struct tenant_entry *tenant)
{
    size_t index = (size_t)(tenant - inventory->tenants);

    if (tenant->server_entry) {
        return arena_printf(inventory->arena, "tenants[%zu].discover (server %s)", index,
                            tenant->server_entry->name);
    }
    return arena_printf(inventory->arena, "tenants[%zu].discover", index);
}

static int compare_found(const void *left, const void *right)
{
    const struct found *one = left, *other = right;
    int order = strcmp(one->name, other->name);

    if (!order && one->database && other->database) {
        order = strcmp(one->database, other->database);
    }
    return order ? order : (one->row > other->row) - (one->row < other->row);
}

void discover_find(struct reader *reader, const struct inventory *inventory,
                   const struct tenant_entry *tenant, const struct config_rows *rows,
                   struct found **found, size_t *count)
{
    struct finding finding = {
        .reader = reader,
        .inventory = inventory,
        .tenant = tenant,
        .node = yaml_get(tenant->node, "discover"),
        .label = discover_label(inventory, tenant),
    };

    if (tenant->discover.kind == DISCOVER_FILES) {
        discover_files(&finding);
    } else {
        discover_rows(&finding, rows);
    }
    if (finding.count) {
        qsort(finding.items, finding.count, sizeof(*finding.items), compare_found);
    }
    if (finding.count < tenant->discover.min) {
        finding_error(&finding, 0, "found %zu, fewer than min: %u", finding.count,
                      tenant->discover.min);
    }
    *found = finding.items;
    *count = finding.count;
}

/* What is known of a query's rows before they are there. */
static const char *const any_row[] = {"*"};

/* What the entry looks for: its own patterns, or one for all. */
static struct texts patterns_of(const struct discover_entry *discover)
{
    switch (discover->kind) {
    case DISCOVER_DATABASES:
        return discover->databases;
    case DISCOVER_SCHEMAS:
        return discover->schemas;
    case DISCOVER_FILES:
        return discover->files;
    default:
        return (struct texts){any_row, 1};
    }
}

void discover_patterns(struct arena *arena, const struct tenant_entry *tenant, struct found **found,
                       size_t *count)
{
    const struct discover_entry *discover = &tenant->discover;
    const struct texts patterns = patterns_of(discover);
    bool schemas = discover->kind == DISCOVER_SCHEMAS;

    *count = patterns.count;
    *found = arena_array(arena, *count, sizeof(**found));
    for (size_t i = 0; i < *count; i++) {
        const char *pattern = patterns.items[i];
        const char *word = discover->kind == DISCOVER_FILES ? file_stem(arena, pattern) : pattern;
        const struct check_words words = {
            .name = word,
            .database = schemas ? "*" : word,
            .schema = word,
            .server = tenant->server_entry ? tenant->server_entry->name : "local",
        };

        (*found)[i] = (struct found){
            .name = tenant->name ? check_expand(arena, tenant->name, &words) : word,
            .database = schemas ? discover->database : pattern,
            .schema = schemas ? pattern : tenant->schema,
            .server = tenant->server_entry,
            .labels = tenant->labels,
            .vars = tenant->vars,
        };
    }
    if (*count > 0) {
        qsort(*found, *count, sizeof(**found), compare_found);
    }
}
