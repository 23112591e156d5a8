#include "config/schema.h"

#include "config/entry.h"
#include "config/url.h"

#define TABLE(variable, title, array)                                                              \
    const struct schema_table variable = {title, array, sizeof(array) / sizeof((array)[0])}

/* A key of a later version: known, so that its place is told, and refused. */
#define LATER(key, text)                                                                           \
    {                                                                                              \
        .name = (key), .type = KEY_TEXT, .offset = SCHEMA_NOWHERE, .later = any, .about = (text)   \
    }

#define AT(type, member) offsetof(struct type, member)

static const char *const any[] = {"*", NULL};
static const char *const rollback[] = {"rollback", NULL};
static const char *const cuts[] = {
    [TRANSACTION_TARGET] = "target", [TRANSACTION_REVISION] = "revision", NULL};
static const char *const pause[] = {"pause", NULL};
static const char *const none[] = {"none", NULL};
static const char *const file_order[] = {"file", NULL};

static const struct schema_key migrations_keys[] = {
    {.name = "directory",
     .type = KEY_TEXT,
     .offset = AT(migrations_entry, directory),
     .fallback = "migrations",
     .about = "the folder of `versions/` and `revision.sql`"},
    {.name = "version_locations",
     .type = KEY_TEXTS,
     .offset = AT(migrations_entry, version_locations),
     .about = "folders of revision files, instead of `directory`/versions"},
    {.name = "version_table",
     .type = KEY_NAME,
     .offset = AT(migrations_entry, version_table),
     .fallback = "alembic_version",
     .about = "the table of the heads, as Alembic's"},
    {.name = "version_table_schema",
     .type = KEY_NAME,
     .offset = AT(migrations_entry, version_table_schema),
     .about = "PostgreSQL: the schema of skein's tables; not beside `schema:` of a tenant"},
    {.name = "history_table",
     .type = KEY_NAME,
     .offset = AT(migrations_entry, history_table),
     .fallback = "skein_history",
     .about = "the table of the steps"},
    {.name = "transaction",
     .type = KEY_CHOICE,
     .offset = AT(migrations_entry, transaction),
     .fallback = "target",
     .words = cuts,
     .about = "what commits together: all steps of a target, or each revision"},
};
static TABLE(migrations_table, "migrations", migrations_keys);

static const struct schema_key tls_keys[] = {
    {.name = "mode",
     .type = KEY_WORD,
     .offset = AT(tls, mode),
     .words = url_tls_modes,
     .about = "verify-full unless the host is local"},
    {.name = "ca",
     .type = KEY_TEXT,
     .offset = AT(tls, ca),
     .about = "file of trusted certificates; a small one connects faster"},
    {.name = "cert",
     .type = KEY_TEXT,
     .offset = AT(tls, cert),
     .about = "the client's certificate"},
    {.name = "key", .type = KEY_TEXT, .offset = AT(tls, key), .about = "the client's key"},
    {.name = "server_name",
     .type = KEY_TEXT,
     .offset = AT(tls, server_name),
     .about = "the name in the server's certificate, where it is not the host"},
};
static TABLE(tls_table, "tls", tls_keys);

/* search_path and its count are written as one struct texts. */
_Static_assert(AT(connection_settings, search_path_count) - AT(connection_settings, search_path) ==
                   AT(texts, count) - AT(texts, items),
               "search_path is no struct texts");

static const struct schema_key connection_keys[] = {
    {.name = "connect_timeout",
     .type = KEY_DURATION,
     .offset = AT(connection_settings, connect_timeout_ms),
     .fallback = "10s",
     .about = "to connect, with names, TLS and log-in"},
    {.name = "lock_wait",
     .type = KEY_DURATION,
     .offset = AT(connection_settings, lock_wait_ms),
     .fallback = "60s",
     .about = "for another skein on the same target"},
    {.name = "lock_timeout",
     .type = KEY_DURATION,
     .offset = AT(connection_settings, lock_timeout_ms),
     .fallback = "5s",
     .about = "the engine's own, for each lock of a statement"},
    {.name = "statement_timeout",
     .type = KEY_DURATION,
     .offset = AT(connection_settings, statement_timeout_ms),
     .fallback = "0",
     .about = "the engine's own; 0: none"},
    {.name = "abandoned_after",
     .type = KEY_DURATION,
     .offset = AT(connection_settings, abandoned_after_ms),
     .fallback = "60s",
     .about = "how long the server may keep a vanished client's locks"},
    {.name = "tls",
     .type = KEY_TABLE,
     .offset = AT(connection_settings, tls),
     .table = &tls_table,
     .about = "how the connection is protected"},
    {.name = "role",
     .type = KEY_NAME,
     .offset = AT(connection_settings, role),
     .about = "SET ROLE after log-in; not SQLite"},
    {.name = "search_path",
     .type = KEY_TEXTS,
     .offset = AT(connection_settings, search_path),
     .about = "PostgreSQL: schemas after the tenant's own"},
    {.name = "session",
     .type = KEY_PAIRS,
     .offset = AT(connection_settings, session),
     .about = "settings of the session, e.g. `work_mem`"},
};
TABLE(schema_connection, "connection", connection_keys);

static const struct schema_key limits_keys[] = {
    {.name = "concurrency",
     .type = KEY_COUNT,
     .offset = AT(limits, concurrency),
     .fallback = "32",
     .about = "targets at work at once"},
    {.name = "per_server",
     .type = KEY_COUNT,
     .offset = AT(limits, per_server),
     .fallback = "8",
     .about = "of them on one server"},
    {.name = "per_database",
     .type = KEY_COUNT,
     .offset = AT(limits, per_database),
     .fallback = "1",
     .about = "of them in one database (tenants by schema)"},
    {.name = "target_timeout",
     .type = KEY_DURATION,
     .offset = AT(limits, target_timeout_ms),
     .about = "for all of one target; none"},
};
static TABLE(limits_table, "limits", limits_keys);

static const struct schema_key retry_keys[] = {
    {.name = "attempts",
     .type = KEY_COUNT,
     .offset = AT(retry_policy, attempts),
     .fallback = "5",
     .about = "tries in all, for errors that pass"},
    {.name = "initial",
     .type = KEY_DURATION,
     .offset = AT(retry_policy, initial_ms),
     .fallback = "250ms",
     .about = "the first pause"},
    {.name = "multiplier",
     .type = KEY_FACTOR,
     .offset = AT(retry_policy, multiplier),
     .fallback = "2",
     .about = "each pause is so much longer"},
    {.name = "max",
     .type = KEY_DURATION,
     .offset = AT(retry_policy, max_ms),
     .fallback = "30s",
     .about = "the longest pause"},
};
static TABLE(retry_table, "retry", retry_keys);

static const struct schema_key rollout_keys[] = {
    {.name = "max_failures",
     .type = KEY_AMOUNT,
     .offset = AT(rollout_policy, max_failures),
     .fallback = "1%",
     .about = "stop when more targets than this failed (failed, partial, in_doubt)"},
    {.name = "max_unreachable",
     .type = KEY_AMOUNT,
     .offset = AT(rollout_policy, max_unreachable),
     .fallback = "5%",
     .about = "stop when more are unreachable or blocked"},
    {.name = "same_error",
     .type = KEY_COUNT_OR_0,
     .offset = AT(rollout_policy, same_error),
     .fallback = "3",
     .about = "stop where so many fail at the same statement and none passed it; 0: off"},
    {.name = "when_exceeded",
     .type = KEY_WORD,
     .offset = SCHEMA_NOWHERE,
     .fallback = "pause",
     .words = pause,
     .later = rollback,
     .about = "start nothing new, let what runs finish"},
    {.name = "order",
     .type = KEY_WORD,
     .offset = SCHEMA_NOWHERE,
     .words = file_order,
     .about = "targets start in the file's order, else by a stable hash"},
    LATER("spread", "how a wave draws its targets"),
    LATER("waves", "ordered stages of a run"),
};
static TABLE(rollout_table, "rollout", rollout_keys);

static const struct schema_key server_keys[] = {
    {.name = "url",
     .type = KEY_TEXT,
     .offset = AT(server_entry, url),
     .about = "required; a database in it is where `discover:` asks"},
    {.name = "password",
     .type = KEY_SECRET,
     .offset = AT(server_entry, password),
     .about = "instead of one in the URL"},
    {.name = "concurrency",
     .type = KEY_COUNT,
     .offset = AT(server_entry, concurrency),
     .about = "instead of `limits.per_server`"},
    {.name = "connection",
     .type = KEY_OVERLAY,
     .offset = SCHEMA_NOWHERE,
     .table = &schema_connection,
     .about = "over the file's"},
};
TABLE(schema_server, "servers.NAME", server_keys);

static const struct schema_key discover_keys[] = {
    {.name = "server",
     .type = KEY_TEXT,
     .offset = AT(discover_entry, server),
     .about = "an entry of `servers:`, which is asked; not for `files:`"},
    {.name = "database",
     .type = KEY_TEXT,
     .offset = AT(discover_entry, database),
     .about = "where `schemas:` or `query:` asks; else the one of the server's URL"},
    {.name = "databases",
     .type = KEY_TEXTS,
     .offset = AT(discover_entry, databases),
     .about = "globs of the databases' names"},
    {.name = "schemas",
     .type = KEY_TEXTS,
     .offset = AT(discover_entry, schemas),
     .about = "PostgreSQL: globs of the schemas' names"},
    {.name = "files",
     .type = KEY_TEXTS,
     .offset = AT(discover_entry, files),
     .about = "SQLite: globs of paths, relative to the file"},
    {.name = "query",
     .type = KEY_TEXT,
     .offset = AT(discover_entry, query),
     .about = "one SELECT, a tenant a row"},
    {.name = "exclude",
     .type = KEY_TEXTS,
     .offset = AT(discover_entry, exclude),
     .about = "globs of what is left out: databases, schemas, file names, names of rows"},
    {.name = "min",
     .type = KEY_COUNT_OR_0,
     .offset = AT(discover_entry, min),
     .fallback = "0",
     .about = "fewer than this found is an error"},
    {.name = "command",
     .type = KEY_TEXTS,
     .offset = AT(discover_entry, command),
     .about = "a program and its arguments, no shell: prints CSV or JSON lines, a tenant a row"},
};
static TABLE(discover_table, "discover", discover_keys);

static const struct schema_key tenant_keys[] = {
    {.name = "name",
     .type = KEY_TEXT,
     .offset = AT(tenant_entry, name),
     .about = "required, unique; with `discover:` a template"},
    {.name = "url",
     .type = KEY_TEXT,
     .offset = AT(tenant_entry, url),
     .about = "where it is; or `server:`, or `discover:`"},
    {.name = "server",
     .type = KEY_TEXT,
     .offset = AT(tenant_entry, server),
     .about = "an entry of `servers:`"},
    {.name = "database",
     .type = KEY_TEXT,
     .offset = AT(tenant_entry, database),
     .about = "its database, where the URL names none"},
    {.name = "schema",
     .type = KEY_NAME,
     .offset = AT(tenant_entry, schema),
     .about = "PostgreSQL: its schema; search_path begins with it"},
    {.name = "password",
     .type = KEY_SECRET,
     .offset = AT(tenant_entry, password),
     .about = "beside `url:`, instead of one in it"},
    {.name = "create",
     .type = KEY_BOOL,
     .offset = AT(tenant_entry, create),
     .fallback = "false",
     .about = "SQLite: make the file where it is missing"},
    {.name = "labels",
     .type = KEY_PAIRS,
     .offset = AT(tenant_entry, labels),
     .about = "for `-l`; engine, server, database, schema and version are there already"},
    {.name = "vars",
     .type = KEY_PAIRS,
     .offset = AT(tenant_entry, vars),
     .about = "values for the `Variables:` of revisions"},
    {.name = "connection",
     .type = KEY_OVERLAY,
     .offset = SCHEMA_NOWHERE,
     .table = &schema_connection,
     .about = "over the file's and the server's"},
    {.name = "discover",
     .type = KEY_TABLE,
     .offset = AT(tenant_entry, discover),
     .table = &discover_table,
     .about = "stands for many tenants"},
};
TABLE(schema_tenant, "tenants[]", tenant_keys);

static const struct schema_key hold_keys[] = {
    {.name = "tenant",
     .type = KEY_TEXT,
     .offset = AT(hold, tenant),
     .about = "required: a name or a glob of names"},
    {.name = "until",
     .type = KEY_DATE,
     .offset = AT(hold, until),
     .about = "required: the day, in UTC, from which they are free again"},
    {.name = "reason",
     .type = KEY_TEXT,
     .offset = AT(hold, reason),
     .about = "required: for the report"},
};
TABLE(schema_hold, "holds[]", hold_keys);

static const struct schema_key file_keys[] = {
    {.name = "migrations",
     .type = KEY_TABLE,
     .offset = AT(inventory, migrations_entry),
     .table = &migrations_table,
     .about = "the revisions"},
    {.name = "connection",
     .type = KEY_TABLE,
     .offset = AT(inventory, connection),
     .table = &schema_connection,
     .about = "of every target; may stand on a server or tenant too"},
    {.name = "limits",
     .type = KEY_TABLE,
     .offset = AT(inventory, limits),
     .table = &limits_table,
     .about = "how much at once"},
    {.name = "retry",
     .type = KEY_TABLE,
     .offset = AT(inventory, retry),
     .table = &retry_table,
     .about = "errors that pass"},
    {.name = "rollout",
     .type = KEY_TABLE,
     .offset = AT(inventory, rollout),
     .table = &rollout_table,
     .about = "when to stop"},
    {.name = "journal",
     .type = KEY_WORD,
     .offset = SCHEMA_NOWHERE,
     .words = none,
     .later = any,
     .about = "the record of runs"},
    {.name = "servers",
     .type = KEY_NAMED_TABLES,
     .offset = SCHEMA_NOWHERE,
     .table = &schema_server,
     .about = "what tenants and limits refer to"},
    {.name = "holds",
     .type = KEY_TABLES,
     .offset = SCHEMA_NOWHERE,
     .table = &schema_hold,
     .about = "tenants that no run touches until a day"},
    LATER("desired", "the desired schema, for autogenerate"),
    LATER("scratch", "throw-away databases, for autogenerate"),
    {.name = "tenants",
     .type = KEY_TABLES,
     .offset = SCHEMA_NOWHERE,
     .table = &schema_tenant,
     .about = "required: the fleet"},
};
TABLE(schema_file, "the file", file_keys);

bool schema_is_later(const struct schema_key *key)
{
    return key->later && !key->words;
}

const char *schema_type_name(enum key_type type)
{
    static const char *const names[] = {
        [KEY_TEXT] = "text",
        [KEY_NAME] = "name of 1 to 63 bytes",
        [KEY_DATE] = "date",
        [KEY_DURATION] = "duration",
        [KEY_COUNT] = "whole number from 1",
        [KEY_COUNT_OR_0] = "whole number",
        [KEY_FACTOR] = "number from 1",
        [KEY_AMOUNT] = "whole number or percentage",
        [KEY_BOOL] = "true or false",
        [KEY_CHOICE] = "word",
        [KEY_WORD] = "word",
        [KEY_TEXTS] = "text or list of texts",
        [KEY_PAIRS] = "mapping of texts",
        [KEY_SECRET] = "secret",
        [KEY_TABLE] = "mapping",
        [KEY_OVERLAY] = "mapping",
        [KEY_TABLES] = "list of mappings",
        [KEY_NAMED_TABLES] = "mapping of names to mappings",
    };

    return names[type];
}
