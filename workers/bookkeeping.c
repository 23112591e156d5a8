#include "workers/bookkeeping.h"

#include "base/str.h"
#include "planner/plan.h"
#include "planner/template.h"

static const char *number(struct arena *arena, size_t value)
{
    return arena_printf(arena, "%zu", value);
}

/* NULL where nothing runs. */
static const char *done_checksum(const struct bookkeeping *book, struct arena *arena,
                                 const struct plan_step *step, size_t done)
{
    char hex[33] = "";

    if (!step->script) {
        return NULL;
    }
    plan_done_checksum(book->engine, step->script, done, hex);
    return arena_strdup(arena, hex);
}

struct own_command bookkeeping_insert(const struct bookkeeping *book, struct arena *arena,
                                      const struct plan_step *step, size_t done, bool whole)
{
    const struct run_identity *identity = book->identity;
    const char *counted = number(arena, done);
    const char *attempted = book->announced > 0 ? number(arena, book->announced) : counted;

    return (struct own_command){
        .purpose = DIALECT_HISTORY_INSERT,
        .values =
            {
                book->seq,
                step->revision ? step->revision->id : "base",
                step_kind_name(step->kind),
                whole ? "done" : "started",
                number(arena, step->script ? step->script->statement_count : 0),
                attempted,
                counted,
                step->revision ? arena_strndup(arena, step->revision->checksum[book->engine], 32)
                               : NULL,
                done_checksum(book, arena, step, done),
                whole ? step->applied_checksum : book->applied,
                identity->id,
                identity->actor,
                identity->reason,
                identity->tag,
                SKEIN_VERSION,
                book->now,
            },
        .count = book->engine == ENGINE_SQLITE ? 16 : 15,
    };
}

struct own_command bookkeeping_close(const struct bookkeeping *book, struct arena *arena,
                                     const struct plan_step *step, size_t done)
{
    return (struct own_command){
        .purpose = DIALECT_HISTORY_CLOSE,
        .values = {book->seq, number(arena, done), done_checksum(book, arena, step, done),
                   step->applied_checksum, book->identity->id},
        .count = 5,
    };
}

struct own_command bookkeeping_mark(const struct bookkeeping *book, struct arena *arena,
                                    const struct plan_step *step, size_t attempted, size_t done)
{
    const char *checksum = done_checksum(book, arena, step, done);

    return (struct own_command){
        .purpose = DIALECT_HISTORY_MARK,
        .values = {book->seq, number(arena, attempted), number(arena, done),
                   checksum ? checksum : "", book->identity->id},
        .count = 5,
    };
}

struct own_command bookkeeping_change(const struct row_change *change)
{
    switch (change->kind) {
    case ROW_INSERT:
        return (struct own_command){DIALECT_VERSION_INSERT, {change->to}, 1};
    case ROW_DELETE:
        return (struct own_command){DIALECT_VERSION_DELETE, {change->from}, 1};
    case ROW_UPDATE:
        break;
    }
    return (struct own_command){DIALECT_VERSION_UPDATE, {change->from, change->to}, 2};
}

void bookkeeping_timeouts(const struct connection_settings *settings, const struct section *section,
                          int64_t *lock_ms, int64_t *statement_ms)
{
    *lock_ms = section && section->lock_timeout_ms >= 0 ? section->lock_timeout_ms
                                                        : settings->lock_timeout_ms;
    *statement_ms = section && section->statement_timeout_ms >= 0 ? section->statement_timeout_ms
                                                                  : settings->statement_timeout_ms;
}

int64_t bookkeeping_lock_seconds(int64_t ms)
{
    return ms > 0 ? (ms + 999) / 1000 : INT64_C(365) * 86400;
}

const char *bookkeeping_path(struct arena *arena, const struct target *target)
{
    const struct connection_settings *settings = target->connection;
    struct str out = STR_INIT;
    const char *path;

    if (!target->schema && settings->search_path_count == 0) {
        return NULL;
    }
    if (target->schema) {
        str_add(&out, quote_identifier(arena, target->engine, target->schema));
    }
    for (size_t i = 0; i < settings->search_path_count; i++) {
        str_addf(&out, "%s%s", out.length > 0 ? ", " : "",
                 quote_identifier(arena, target->engine, settings->search_path[i]));
    }
    path = arena_strndup(arena, out.text, out.length);
    str_release(&out);
    return path;
}

static const char *qualified(struct arena *arena, enum engine engine, const char *schema,
                             const char *table)
{
    const char *name = quote_identifier(arena, engine, table);

    return schema ? arena_printf(arena, "%s.%s", schema, name) : name;
}

struct dialect_names bookkeeping_names(struct arena *arena, enum engine engine, const char *schema,
                                       const struct migrations *migrations)
{
    const char *key = arena_printf(arena, "%s_pkc", migrations->version_table);

    return (struct dialect_names){
        .version_table = qualified(arena, engine, schema, migrations->version_table),
        .history_table = qualified(arena, engine, schema, migrations->history_table),
        .version_key = quote_identifier(arena, engine, key),
        .local = "false",
    };
}
