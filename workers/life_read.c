#include <stdlib.h>
#include <string.h>

#include "planner/template.h"
#include "workers/bookkeeping.h"
#include "workers/life_internal.h"
#include "workers/timestamp.h"

#define HEADS_COLUMNS  12
#define BRIEF_COLUMNS  3
#define LOCATE_COLUMNS 10

/* ---- where skein's tables are */

static const char *quoted(struct life *life, const char *name)
{
    return quote_identifier(&life->work->connection.arena, life->target->engine, name);
}

/* S where it is known before anything was asked. */
static const char *configured_schema(const struct life *life)
{
    if (!life_is(life, ENGINE_POSTGRESQL)) {
        return life_is_mysql(life) ? life->target->database : "main";
    }
    return life->target->schema ? life->target->schema
                                : life->order->planning->migrations->version_table_schema;
}

static void set_names(struct life *life, const char *schema)
{
    struct life_connection *connection = &life->work->connection;

    connection->names =
        bookkeeping_names(&connection->arena, life->target->engine,
                          schema ? quoted(life, schema) : NULL, life->order->planning->migrations);
    if (life->target->database) {
        connection->names.database = quoted(life, life->target->database);
    }
    connection->names.local = connection->direct ? "false" : "true";
    memset(connection->texts, 0, sizeof(connection->texts));
}

void read_name_tables(struct life *life)
{
    if (!life->work->connection.names.version_table) {
        set_names(life, configured_schema(life));
    }
}

static const char *wanted_path(struct life *life)
{
    return bookkeeping_path(&life->work->connection.arena, life->target);
}

void read_add_locate(struct life *life)
{
    const struct migrations *migrations = life->order->planning->migrations;
    const struct life_connection *connection = &life->work->connection;
    bool postgresql = life_is(life, ENGINE_POSTGRESQL);
    const char *parameters[] = {
        postgresql ? connection->names.version_table : migrations->version_table,
        postgresql ? connection->names.history_table : migrations->history_table};

    request_add(life, connection->several ? DIALECT_LOCATE_SCHEMAS : DIALECT_LOCATE, EXPECT_NOTHING,
                NULL, 2, parameters);
}

const struct result *read_locate_result(const struct life *life, const struct reply *reply)
{
    const struct result *result = request_result(life, reply, DIALECT_LOCATE);

    return result ? result : request_result(life, reply, DIALECT_LOCATE_SCHEMAS);
}

void read_add_heads(struct life *life)
{
    const struct life_connection *connection = &life->work->connection;
    bool version = connection->version_table || !connection->located;
    bool history = connection->history_table || !connection->located;

    if (version || history) {
        request_add(life,
                    !history   ? DIALECT_HEADS_VERSION
                    : !version ? DIALECT_HEADS_HISTORY
                               : DIALECT_HEADS,
                    EXPECT_NOTHING, NULL, 0, NULL);
    }
}

void read_add_heads_brief(struct life *life)
{
    request_add(life, DIALECT_HEADS_BRIEF, EXPECT_NOTHING, NULL, 0, NULL);
}

const struct result *read_heads_result(const struct life *life, const struct reply *reply)
{
    const struct result *result = request_result(life, reply, DIALECT_HEADS);

    result = result ? result : request_result(life, reply, DIALECT_HEADS_BRIEF);
    result = result ? result : request_result(life, reply, DIALECT_HEADS_VERSION);
    return result ? result : request_result(life, reply, DIALECT_HEADS_HISTORY);
}

/* Whether search_path names the schema that it comes to as its last one, and only there: then no
 * other of it exists. False where that cannot be said of how it is written. */
static bool is_last(const char *path, const char *schema)
{
    const char *at = strstr(path, schema);
    const char *end = path + strlen(path);
    bool quoted = end > path && end[-1] == '"';

    if (!at || strpbrk(schema, "\"'") || at + strlen(schema) + quoted != end) {
        return false;
    }
    if (quoted) {
        return at > path && *--at == '"' && (at == path || at[-1] == ' ' || at[-1] == ',');
    }
    return at == path || at[-1] == ' ' || at[-1] == ',';
}

/* A database or role may be closed for changes by a default. Who says otherwise in `session:` gets
 * what they ask for, a little later. */
static int check_writable(const struct life *life, const char *const *cells, struct err *err)
{
    static const char setting[] = "default_transaction_read_only";

    if (life_only_reads(life)) {
        return 0;
    }
    if (cell_is_true(cells[1])) {
        err_set(err, ERROR_READ_ONLY, "the server is a replica: it takes no changes");
        err_hint(err, "give the primary's address");
        return ERROR_READ_ONLY;
    }
    if (!cells[7] || strcmp(cells[7], "on") != 0 ||
        pair_get(&life->target->connection->session, setting)) {
        return 0;
    }
    err_set(err, ERROR_READ_ONLY, "the database takes no changes from this role: %s is on",
            setting);
    err_hint(
        err,
        "ALTER DATABASE %s RESET %s where it was set for the database (ALTER ROLE …, "
        "postgresql.conf); or, to change it nevertheless, session: {%s: \"off\"} of this tenant",
        quote_identifier(err->arena, ENGINE_POSTGRESQL, cells[0]), setting, setting);
    return ERROR_READ_ONLY;
}

static int check_identity(const struct life *life, const char *const *cells, struct err *err)
{
    const struct target *target = life->target;
    const char *current = cells[2];

    if (target->database && strcmp(cells[0] ? cells[0] : "", target->database) != 0) {
        return err_set(err, ERROR_WRONG_TARGET, "connected to database \"%s\" instead of \"%s\"",
                       cells[0] ? cells[0] : "", target->database);
    }
    if (target->schema && (!current || strcmp(current, target->schema) != 0)) {
        err_set(err, ERROR_WRONG_TARGET,
                "schema \"%s\" is not in database \"%s\", or may not be used by this role",
                target->schema, cells[0]);
        err_hint(err, "create it, grant USAGE on it, or mend `schema:` of this tenant");
        return ERROR_WRONG_TARGET;
    }
    return check_writable(life, cells, err);
}

/* Which sections a file has for the target, and so its checksum, depends on the engine: it is what
 * the URL says, and the server must agree. */
static int check_engine(const struct life *life, const char *version, struct err *err)
{
    bool mariadb = strcasestr(version, "mariadb") != NULL;

    if (mariadb == life_is(life, ENGINE_MARIADB)) {
        return 0;
    }
    err_set(err, ERROR_WRONG_TARGET, "the URL says %s, and the server is %s %s",
            engine_name(life->target->engine), mariadb ? "MariaDB" : "MySQL", version);
    err_hint(err, "write %s://: the engine decides which sections of a revision are for it",
             engine_name(mariadb ? ENGINE_MARIADB : ENGINE_MYSQL));
    return ERROR_WRONG_TARGET;
}

static int check_identity_mysql(const struct life *life, const char *const *cells, struct err *err)
{
    const char *database = life->target->database;

    if (check_engine(life, cells[6] ? cells[6] : "", err)) {
        return err->class;
    }
    /* A server on a file system without capitals tells another spelling. */
    if (!cells[0] || strcasecmp(cells[0], database) != 0) {
        return err_set(err, ERROR_WRONG_TARGET, "connected to database \"%s\" instead of \"%s\"",
                       cells[0] ? cells[0] : "", database);
    }
    if (cell_is_true(cells[1]) && !life_only_reads(life)) {
        err_set(err, ERROR_READ_ONLY, "the server is read_only: a replica takes no changes");
        err_hint(err, "give the primary's address");
        return ERROR_READ_ONLY;
    }
    return 0;
}

static int take_schema(struct life *life, const char *const *cells, const char *schema,
                       const char *current, struct err *err)
{
    struct life_connection *connection = &life->work->connection;

    schema = schema ? schema : current;
    if (!schema) {
        err_set(err, ERROR_WRONG_TARGET, "search_path names no schema that exists");
        err_hint(err, "set `schema:` or `search_path:` of this tenant");
        return ERROR_WRONG_TARGET;
    }
    const char *path = wanted_path(life);
    connection->schema = arena_strdup(&connection->arena, schema);
    connection->current_schema = arena_strdup(&connection->arena, current);
    connection->search_path = path ? path : arena_strdup(&connection->arena, cells[5]);
    connection->role = arena_strdup(&connection->arena, cells[9]);
    connection->server_version = strtol(cells[6] ? cells[6] : "", NULL, 10);
    connection->several = false;
    set_names(life, connection->schema);
    return 0;
}

/* The first answer of PostgreSQL. Where search_path has one schema, tables that it finds are there;
 * where it has several and none was configured, a second question says in which. */
static int read_session(struct life *life, const char *const *cells, struct err *err)
{
    struct life_connection *connection = &life->work->connection;
    const char *schema = configured_schema(life);
    const char *current = cells[2];
    bool asked = connection->several;
    bool several = !asked && current && !is_last(cells[5], current);
    int class = check_identity(life, cells, err);

    if (class) {
        return class;
    }
    if (!schema && several && (cells[3] || cells[4])) {
        connection->several = true;
        return 0;
    }
    if (!schema && asked) {
        schema = cells[3];
    }
    class = take_schema(life, cells, schema, current, err);
    if (class) {
        return class;
    }
    /* A history table that search_path finds elsewhere is not the one beside the version table. */
    connection->located =
        !asked || !cells[4] || (connection->schema && strcmp(cells[4], connection->schema) == 0);
    return 0;
}

/* A pooler makes up the number that a client is told at first; the process that answers has its
 * own. In which mode it works, nobody says. */
static bool finds_pooler(struct life *life, const char *answering)
{
    struct life_connection *connection = &life->work->connection;
    enum pooler pooler =
        life->work->by_direct_url ? POOLER_DETECT : life->target->connection->pooler;
    bool other = connection->session != strtol(answering ? answering : "", NULL, 10);

    if (connection->direct || connection->pooled) {
        return false;
    }
    connection->pooled = pooler == POOLER_TRANSACTION || (pooler == POOLER_DETECT && other);
    connection->direct = !connection->pooled;
    connection->session = other ? 0 : connection->session; /* it is nobody's on the server */
    set_names(life, configured_schema(life));
    return connection->pooled;
}

int read_locate(struct life *life, const struct result *result, struct err *err)
{
    struct life_connection *connection = &life->work->connection;
    const char *const *cells = result->cells;
    int class = 0;

    if (result->row_count != 1 || result->column_count != LOCATE_COLUMNS) {
        return err_set(err, ERROR_INTERNAL, "locate answered %zu rows", result->row_count);
    }
    connection->located = true;
    if (life_is(life, ENGINE_POSTGRESQL) && !connection->schema) {
        connection->located = false;
        if (finds_pooler(life, cells[8])) {
            return 0;
        }
        class = read_session(life, cells, err);
    }
    if (life_is_mysql(life)) {
        /* A proxy tells a number of its own. */
        if (connection->session != strtol(cells[8] ? cells[8] : "", NULL, 10)) {
            connection->session = 0;
        }
        class = check_identity_mysql(life, cells, err);
    }
    if (!class) {
        connection->version_table = cells[3] != NULL;
        connection->history_table = cells[4] != NULL;
    }
    return class;
}

/* ---- heads and open rows */

static int compare_rows(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int64_t number(const char *cell)
{
    return cell ? strtoll(cell, NULL, 10) : 0;
}

static struct history_row *history_row(struct arena *arena, const char *const *cells)
{
    struct history_row *row = arena_alloc(arena, sizeof(*row));

    row->revision = arena_strdup(arena, cells[0]);
    row->seq = number(cells[1]);
    row->direction = arena_strdup(arena, cells[2]);
    row->state = arena_strdup(arena, cells[3]);
    row->total = number(cells[4]);
    row->attempted = number(cells[5]);
    row->done = number(cells[6]);
    row->checksum = arena_strdup(arena, cells[7]);
    row->done_checksum = arena_strdup(arena, cells[8]);
    row->applied_checksum = arena_strdup(arena, cells[9]);
    row->run_id = arena_strdup(arena, cells[10]);
    row->started_at = timestamp_utc(arena, cells[11]);
    return row;
}

/* What is written in each row, by the place of its cell. A copy of the table lets go of NOT NULL,
 * so a hand may have put a NULL there. */
static const char *missing_column(const struct reading *reading, const char *const *cells)
{
    static const char *const whole[] = {"revision", "seq",       "direction", "state",
                                        "total",    "attempted", "done"};
    static const char *const brief[] = {NULL, "seq", "state"};
    const char *const *names = reading->brief ? brief : whole;
    size_t count = reading->brief ? BRIEF_COLUMNS : sizeof(whole) / sizeof(whole[0]);

    for (size_t i = 0; i < count; i++) {
        if (names[i] && !cells[i]) {
            return names[i];
        }
    }
    return NULL;
}

/* Of the version table's rows all cells behind the first are NULL. */
static bool is_history(const char *const *cells, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (cells[i]) {
            return true;
        }
    }
    return false;
}

static struct history_row *brief_row(struct arena *arena, const char *const *cells)
{
    struct history_row *row = arena_alloc(arena, sizeof(*row));

    row->applied_checksum = arena_strdup(arena, cells[0]);
    row->seq = number(cells[1]);
    row->state = arena_strdup(arena, cells[2]);
    return row;
}

static void take_row(struct reading *reading, struct history_row *row)
{
    reading->history_count++;
    if (strcmp(row->state, "started") == 0) {
        reading->open_count++;
        if (!reading->open || row->seq < reading->open->seq) {
            reading->open = row;
        }
    }
    if (!reading->latest || row->seq > reading->latest->seq) {
        reading->latest = row;
    }
}

static void tell_outcome(struct life *life, const struct reading *reading)
{
    struct outcome *outcome = &life->outcome;

    if (reading->missing) {
        return;
    }
    if (!outcome->read) {
        outcome->before = reading->rows;
        outcome->before_count = reading->row_count;
    }
    outcome->read = true;
    outcome->after = reading->rows;
    outcome->after_count = reading->row_count;
    outcome->open = reading->brief ? NULL : reading->open;
    outcome->latest = reading->brief ? NULL : reading->latest;
}

/* What names nothing is shown as what it is, and refused by whatever would write. */
static const char *version_row(struct life *life, const char *cell)
{
    struct reading *reading = &life->work->connection.last;

    if (cell && *cell) {
        return arena_strdup(&life->arena, cell);
    }
    reading->nameless = cell ? "empty" : "NULL";
    return cell ? "(empty)" : "(NULL)";
}

void read_heads(struct life *life, const struct result *result)
{
    struct reading *reading = &life->work->connection.last;
    size_t count = result ? result->row_count : 0;
    const char **rows = arena_array(&life->arena, count, sizeof(*rows));

    *reading = (struct reading){.rows = rows};
    if (count > 0) {
        reading->brief = result->column_count == BRIEF_COLUMNS;
        if (!reading->brief && result->column_count != HEADS_COLUMNS) {
            reading->missing = "seq"; /* no server of ours: it must not end the others' run */
            count = 0;
        }
    }
    for (size_t i = 0; i < count; i++) {
        const char *const *cells = result->cells + i * result->column_count;
        if (!is_history(cells, result->column_count)) {
            rows[reading->row_count++] = version_row(life, cells[0]);
        } else if (missing_column(reading, cells)) {
            reading->missing = missing_column(reading, cells);
        } else {
            take_row(reading, reading->brief ? brief_row(&life->arena, cells)
                                             : history_row(&life->arena, cells));
        }
    }
    qsort(rows, reading->row_count, sizeof(*rows), compare_rows);
    life->work->seq = reading->latest ? (long)reading->latest->seq : 0;
    tell_outcome(life, reading);
}
