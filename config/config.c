#include "config/config.h"

#include <string.h>

#include "base/bug.h"
#include "config/assemble.h"
#include "config/discover.h"
#include "config/inventory.h"
#include "config/resolve.h"
#include "config/selection.h"

int config_load(struct arena *arena, const struct config_source *source,
                struct inventory **inventory, struct err_list *errors)
{
    if (source->path && source->url) {
        BUG("path and url exclude each other");
    }
    return inventory_load(arena, source->path, source->url,
                          source->url ? source->url_name : source->path, source->environment,
                          inventory, errors);
}

const struct migrations *config_migrations(const struct inventory *inventory)
{
    return &inventory->migrations;
}

unsigned config_engines(const struct inventory *inventory)
{
    return inventory_engines(inventory);
}

bool config_discovers(const struct inventory *inventory)
{
    for (size_t i = 0; i < inventory->tenant_count; i++) {
        if (inventory->tenants[i].discover.kind != DISCOVER_NOTHING) {
            return true;
        }
    }
    return false;
}

/* Where an entry's question is asked; NULL: in none. */
static const char *database_of(const struct tenant_entry *tenant, const struct resolved *resolved)
{
    if (tenant->discover.database) {
        return tenant->discover.database;
    }
    if (!resolved->database && discover_anywhere(tenant, resolved->engine)) {
        return resolved->engine == ENGINE_POSTGRESQL ? "postgres" : NULL;
    }
    return resolved->database;
}

/* Neither it nor its server's URL names a database, and one is needed: config_fleet tells it. */
static bool lacks_database(const struct tenant_entry *tenant, const struct resolved *resolved)
{
    return !database_of(tenant, resolved) && !discover_anywhere(tenant, resolved->engine);
}

/* Whether -t names tenants of the file alone. */
static bool only_explicit(const struct inventory *inventory, const struct selection *selection)
{
    for (size_t i = 0; i < selection->tenant_count; i++) {
        bool found = false;

        for (size_t k = 0; k < inventory->tenant_count && !found; k++) {
            const struct tenant_entry *tenant = &inventory->tenants[k];

            found = tenant->discover.kind == DISCOVER_NOTHING && tenant->name &&
                    strcmp(tenant->name, selection->tenants[i]) == 0;
        }
        if (!found) {
            return false;
        }
    }
    return selection->tenant_count > 0;
}

/* A query's rows may say another server and labels of their own. What --exclude names must be
 * somewhere, so all are asked for it. */
static bool is_wanted(const struct inventory *inventory, const struct selection *selection,
                      const struct tenant_entry *tenant, const struct resolved *resolved)
{
    const struct selection_known known = {
        .engine = resolved->engine,
        .server = tenant->server_entry->name,
        .address = resolved->address,
        .labels = &tenant->labels,
    };

    if (!selection || selection->exclude_count) {
        return true;
    }
    return !only_explicit(inventory, selection) &&
           (tenant->discover.kind == DISCOVER_QUERY || selection_may_match(selection, &known));
}

/* A command is nobody's server: its rows are there at once, or why not. */
static void call(struct inventory *inventory, const struct selection *selection,
                 const struct tenant_entry *tenant, struct question_entry *question)
{
    question->unwanted =
        selection && !selection->exclude_count && only_explicit(inventory, selection);
    if (question->unwanted) {
        return;
    }
    question->err = (struct err)ERR_INIT(inventory->arena);
    question->answered = !discover_command(inventory, tenant, &question->rows, &question->err);
}

size_t config_discoveries(struct inventory *inventory, const struct selection *selection,
                          struct discovery **discoveries)
{
    struct arena *arena = inventory->arena;
    size_t count = inventory->question_count;

    *discoveries = arena_array(arena, count, sizeof(**discoveries));
    inventory->asked = arena_array(arena, count, sizeof(*inventory->asked));
    inventory->asked_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct tenant_entry *tenant = &inventory->tenants[inventory->questions[i].tenant];
        const struct yaml_node *node = yaml_get(tenant->node, "discover");
        struct resolved *resolved;
        struct discovery *discovery = &(*discoveries)[inventory->asked_count];

        if (tenant->discover.kind == DISCOVER_COMMAND) {
            call(inventory, selection, tenant, &inventory->questions[i]);
            continue;
        }
        resolved = resolve_server(inventory, tenant->server_entry);
        inventory->questions[i].unwanted =
            !resolved->err.class && !is_wanted(inventory, selection, tenant, resolved);
        if (inventory->questions[i].unwanted) {
            continue;
        }
        resolve_secret(inventory, resolved, &tenant->server_entry->password);
        if (resolved->err.class || lacks_database(tenant, resolved)) {
            continue; /* config_fleet tells it */
        }
        inventory->asked[inventory->asked_count++] = i;
        discovery->label = discover_label(inventory, tenant);
        discovery->sql = discover_question(tenant, resolved->engine);
        discovery->line = node->line;
        discovery->column = node->column;
        discovery->target = (struct target){
            .name = discovery->label,
            .engine = resolved->engine,
            .endpoint = &resolved->endpoint,
            .database = database_of(tenant, resolved),
            .connection = resolved->connection,
        };
    }
    return inventory->asked_count;
}

void config_answer(struct inventory *inventory, size_t index, const struct config_rows *rows)
{
    struct arena *arena = inventory->arena;
    struct question_entry *question;

    if (index >= inventory->asked_count) {
        BUG("discovery %zu of %zu was answered", index, inventory->asked_count);
    }
    question = &inventory->questions[inventory->asked[index]];
    question->rows = (struct config_rows){
        .columns = arena_texts(arena, rows->columns, rows->column_count),
        .column_count = rows->column_count,
        .cells = arena_texts(arena, rows->cells, rows->row_count * rows->column_count),
        .row_count = rows->row_count,
    };
    question->answered = true;
}

int config_fleet(struct inventory *inventory, struct arena *arena, struct fleet **fleet,
                 struct err_list *errors)
{
    return assemble_fleet(inventory, arena, fleet, errors);
}

int config_fleet_offline(struct inventory *inventory, struct arena *arena, struct fleet **fleet,
                         struct err_list *errors)
{
    inventory->offline = true;
    return assemble_fleet(inventory, arena, fleet, errors);
}
