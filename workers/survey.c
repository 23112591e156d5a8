#include "workers/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "planner/template.h"
#include "workers/ask_place.h"
#include "workers/bookkeeping.h"
#include "workers/dialect.h"

/* Somebody who changes a table is not waited for: what stands in their way would wait behind us. */
#define LOCK_WAIT "100"

/* Columns of survey.sql behind LOCATE's. */
enum { LOCATED_COLUMNS = 10, NUMBER = LOCATED_COLUMNS, READABLE, SURVEY_COLUMNS };

/* ---- who belongs together */

bool survey_fits(const struct target *target)
{
    return target->engine == ENGINE_POSTGRESQL && target->schema && !target->direct &&
           target->connection->pooler != POOLER_TRANSACTION &&
           strcmp(target->schema, "$user") != 0 && strncmp(target->schema, "pg_", 3) != 0;
}

const char *survey_key(struct arena *arena, const struct target *target)
{
    const struct endpoint *endpoint = target->endpoint;
    const struct connection_settings *settings = target->connection;
    const char *const parts[] = {
        target->database,   endpoint->host,
        endpoint->port,     endpoint->user,
        endpoint->password, endpoint->service,
        endpoint->options,  endpoint->application_name,
        settings->role,     settings->tls.mode,
        settings->tls.ca,   settings->tls.cert,
        settings->tls.key,  settings->tls.server_name,
    };
    struct str key = STR_INIT;
    const char *copy;

    str_addf(&key, "%zu %d %lld", target->server, (int)settings->pooler,
             (long long)settings->connect_timeout_ms);
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        /* With its length, so that nothing in a part can look like another one. */
        str_addf(&key, " %zd:%s", parts[i] ? (ssize_t)strlen(parts[i]) : -1,
                 parts[i] ? parts[i] : "");
    }
    copy = arena_strndup(arena, key.text, key.length);
    str_release(&key);
    return copy;
}

/* ---- asking */

static void add_before(struct arena *arena, struct question *question, enum dialect_purpose purpose,
                       const char *const *parameters, unsigned count)
{
    static const struct dialect_names names = {.local = "true"};

    ask_add_before(arena, question, purpose,
                   dialect_render(arena, ENGINE_POSTGRESQL, purpose, &names), parameters, count);
}

/* What PEEK's request begins with, but for the search_path, and timeouts: all of it ends with the
 * request. */
static void begin(struct arena *arena, const struct target *target, struct question *question)
{
    const struct connection_settings *settings = target->connection;
    const char **timeouts = arena_array(arena, 2, sizeof(*timeouts));

    timeouts[0] = LOCK_WAIT;
    timeouts[1] = arena_printf(arena, "%lld", (long long)settings->connect_timeout_ms);
    question->before = NULL;
    question->before_count = 0;
    add_before(arena, question, DIALECT_READ_COMMITTED, NULL, 0);
    add_before(arena, question, DIALECT_TIMEOUTS, timeouts, 2);
    if (settings->role) {
        add_before(arena, question, DIALECT_ROLE, &settings->role, 1);
    }
}

/* As PostgreSQL writes an array of texts. */
static const char *names_of(struct arena *arena, const struct survey_item *items, size_t count)
{
    struct str array = STR_INIT;
    const char *copy;

    str_addc(&array, '{');
    for (size_t i = 0; i < count; i++) {
        str_add(&array, i > 0 ? ",\"" : "\"");
        for (const char *at = items[i].target->schema; *at; at++) {
            if (*at == '"' || *at == '\\') {
                str_addc(&array, '\\');
            }
            str_addc(&array, *at);
        }
        str_addc(&array, '"');
    }
    str_addc(&array, '}');
    copy = arena_strndup(arena, array.text, array.length);
    str_release(&array);
    return copy;
}

void survey_ask_located(const struct survey_terms *terms, const struct survey_item *items,
                        size_t count, struct arena *arena, struct question *question)
{
    const char **parameters = arena_array(arena, 3, sizeof(*parameters));

    begin(arena, items[0].target, question);
    parameters[0] = names_of(arena, items, count);
    parameters[1] = terms->migrations->version_table;
    parameters[2] = terms->migrations->history_table;
    question->sql = dialect_text(ENGINE_POSTGRESQL, DIALECT_SURVEY);
    question->purpose = dialect_purpose_name(DIALECT_SURVEY);
    question->parameters = parameters;
    question->parameter_count = 3;
}

static void add_part(struct str *sql, struct arena *arena, enum dialect_purpose purpose,
                     const struct dialect_names *names, size_t number)
{
    struct dialect_value value = {.text = arena_printf(arena, "%zu", number), .verbatim = true};

    str_add(sql, sql->length > 0 ? "\nUNION ALL\n" : "");
    dialect_write(sql, arena, ENGINE_POSTGRESQL, purpose, names, &value, 1);
}

bool survey_ask_heads(const struct survey_terms *terms, const struct survey_item *items,
                      size_t count, struct arena *arena, struct question *question)
{
    struct str sql = STR_INIT;
    bool any;

    for (size_t i = 0; i < count; i++) {
        const char *schema = quote_identifier(arena, ENGINE_POSTGRESQL, items[i].target->schema);
        struct dialect_names names =
            bookkeeping_names(arena, ENGINE_POSTGRESQL, schema, terms->migrations);

        if (items[i].version_table) {
            add_part(&sql, arena,
                     terms->brief ? DIALECT_SURVEY_VERSION_BRIEF : DIALECT_SURVEY_VERSION, &names,
                     i + 1);
        }
        if (items[i].history_table) {
            add_part(&sql, arena,
                     terms->brief ? DIALECT_SURVEY_HISTORY_BRIEF : DIALECT_SURVEY_HISTORY, &names,
                     i + 1);
        }
    }
    any = sql.length > 0;
    if (any) {
        begin(arena, items[0].target, question);
        question->sql = arena_strndup(arena, sql.text, sql.length);
        question->purpose = terms->brief ? dialect_purpose_name(DIALECT_SURVEY_VERSION_BRIEF)
                                         : dialect_purpose_name(DIALECT_SURVEY_VERSION);
        question->parameters = NULL;
        question->parameter_count = 0;
    }
    str_release(&sql);
    return any;
}

/* ---- answers */

/* The item that a row is of. */
static size_t item_of(const char *number, size_t count)
{
    size_t item = number ? strtoul(number, NULL, 10) : 0;

    if (item == 0 || item > count) {
        BUG("the answer of a survey names item %s of %zu", number ? number : "NULL", count);
    }
    return item - 1;
}

void survey_take_located(struct survey_item *items, size_t count, const struct question *question)
{
    for (size_t i = 0; i < question->row_count && question->column_count == SURVEY_COLUMNS; i++) {
        const char *const *cells = question->cells + i * SURVEY_COLUMNS;
        struct survey_item *item = &items[item_of(cells[NUMBER], count)];

        if (cells[READABLE] && strcmp(cells[READABLE], "t") == 0) {
            item->located =
                (struct result){.cells = cells, .row_count = 1, .column_count = LOCATED_COLUMNS};
            item->version_table = cells[3] != NULL;
            item->history_table = cells[4] != NULL;
        }
    }
}

/* The rows of an item are taken together, without their number. */
void survey_take_heads(struct survey_item *items, size_t count, const struct question *question,
                       struct arena *arena)
{
    size_t columns = question->column_count > 0 ? question->column_count - 1 : 0;
    const char ***ends = arena_array(arena, count, sizeof(*ends));
    const char **cells = arena_array(arena, question->row_count * columns, sizeof(*cells));

    for (size_t i = 0; i < count; i++) {
        items[i].heads = (struct result){.column_count = columns};
    }
    for (size_t i = 0; i < question->row_count; i++) {
        items[item_of(question->cells[i * (columns + 1)], count)].heads.row_count++;
    }
    for (size_t i = 0; i < count; i++) {
        items[i].heads.cells = ends[i] = cells;
        cells += items[i].heads.row_count * columns;
    }
    for (size_t i = 0; i < question->row_count; i++) {
        const char *const *row = question->cells + i * (columns + 1);
        size_t item = item_of(row[0], count);

        memcpy(ends[item], row + 1, columns * sizeof(*row));
        ends[item] += columns;
    }
}
