#include "workers/unlock.h"

#include <stdlib.h>
#include <string.h>

#include "planner/template.h"
#include "workers/ask_place.h"
#include "workers/bookkeeping.h"
#include "workers/holders.h"
#include "workers/sqlite_lock.h"

#define PARAMETERS      3 /* of unlock.sql, unlock_find.sql: pid, session, milliseconds */
#define PARAMETERS_MOST 4 /* PostgreSQL's has its state, too */

/* Columns of unlock.sql behind the holder's. */
enum {
    QUIET = HOLDER_COLUMNS, /* microseconds, NULL: it does not wait for its client */
    SESSION,
    IS_RUN, /* of skein's, by its name (PostgreSQL) or its mark (MySQL) */
    ENDED,  /* it was; else it could not be, NULL: it is not what it was */
    COLUMNS,
    OWN = COLUMNS /* PostgreSQL: the session that answers */
};

static const struct target *target_of(const struct unlocking *unlocking, const struct unlock *item)
{
    return &unlocking->fleet->targets[item->target];
}

static void unknown(const struct unlocking *unlocking, struct unlock *item)
{
    *item = (struct unlock){
        .target = item->target, .quiet_us = -1, .err = (struct err)ERR_INIT(unlocking->arena)};
}

/* ---- SQLite */

static void look_at_file(const struct unlocking *unlocking, struct unlock *item)
{
    struct sqlite_lock lock;
    bool is_free;

    unknown(unlocking, item);
    sqlite_lock_init(&lock, target_of(unlocking, item)->path);
    if (sqlite_lock_probe(&lock, &is_free, &item->err) == 0) {
        item->state = is_free ? UNLOCK_FREE : UNLOCK_LIVE;
    }
}

static void remove_file(const struct unlocking *unlocking, const struct unlock *item)
{
    struct sqlite_lock lock;

    sqlite_lock_init(&lock, target_of(unlocking, item)->path);
    sqlite_lock_sweep(&lock);
}

/* ---- a lock of the session's */

/* Finds S as a life does, by the role and the search_path of the target. */
static void find_schema(const struct unlocking *unlocking, struct question *question)
{
    struct arena *arena = unlocking->arena;
    const struct target *target = question->target;
    const struct migrations *migrations = unlocking->migrations;
    const char *schema = target->schema ? target->schema : migrations->version_table_schema;
    const char *quoted = schema ? quote_identifier(arena, target->engine, schema) : NULL;
    const char **place = arena_array(arena, 2, sizeof(*place));

    place[0] = schema;
    place[1] = bookkeeping_names(arena, target->engine, quoted, migrations).version_table;
    ask_add_place(arena, question);
    ask_add_before(arena, question, DIALECT_UNLOCK_SCHEMA,
                   dialect_text(target->engine, DIALECT_UNLOCK_SCHEMA), place, 2);
    ask_add_before(arena, question, DIALECT_UNLOCK_SELF,
                   dialect_text(target->engine, DIALECT_UNLOCK_SELF), NULL, 0);
}

/* MySQL ends a session by a statement of its own, so the answer is put together before it. */
static void find_and_end(const struct unlocking *unlocking, struct question *question)
{
    static const enum dialect_purpose purposes[] = {DIALECT_UNLOCK_FIND, DIALECT_UNLOCK_PREPARE,
                                                    DIALECT_UNLOCK_END};

    for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
        ask_add_before(unlocking->arena, question, purposes[i],
                       dialect_text(question->target->engine, purposes[i]), question->parameters,
                       i == 0 ? PARAMETERS : 0);
    }
}

/* `ends`: the item's holder, if it still is what it was. */
static struct question question_of(const struct unlocking *unlocking, const struct unlock *item,
                                   bool ends)
{
    const struct target *target = target_of(unlocking, item);
    bool has_state = target->engine == ENGINE_POSTGRESQL;
    const char **parameters = arena_array(unlocking->arena, PARAMETERS_MOST, sizeof(*parameters));
    struct question question = {.target = target,
                                .sql = dialect_text(target->engine, DIALECT_UNLOCK),
                                .parameters = parameters,
                                .parameter_count = has_state ? PARAMETERS_MOST : PARAMETERS,
                                .purpose = dialect_purpose_name(DIALECT_UNLOCK),
                                .application_name = "skein unlock"};

    if (ends) {
        parameters[0] = arena_printf(unlocking->arena, "%lld", (long long)item->holder->pid);
        parameters[1] = item->session;
        parameters[3] = item->holder->state;
    }
    parameters[2] =
        arena_printf(unlocking->arena, "%lld", (long long)target->connection->abandoned_after_ms);
    if (has_state) {
        find_schema(unlocking, &question);
    } else {
        find_and_end(unlocking, &question);
    }
    return question;
}

static bool is_true(const char *cell)
{
    return cell && (strcmp(cell, "t") == 0 || strcmp(cell, "1") == 0);
}

/* A run, or who asks about one. */
static bool is_skein(const struct holder *holder)
{
    return holder->application && strncmp(holder->application, "skein ", 6) == 0;
}

/* Whether the name of the holder says nothing. A run by transaction keeps no lock outside of one: a
 * pooler's connection that has it, left by some client, still calls itself what its last client
 * did. With direct_url: a run has a session of its own. And whoever answers is not who asks. */
static bool is_nameless(const struct target *target, const struct question *question,
                        const struct holder *holder)
{
    const char *const *cells = question->cells;
    enum pooler pooler = target->connection->pooler;
    int64_t own = question->column_count > OWN && cells[OWN] ? strtoll(cells[OWN], NULL, 10) : 0;
    bool by_transaction = pooler == POOLER_TRANSACTION ||
                          (pooler == POOLER_DETECT && own != 0 && own != question->session);

    return own == holder->pid || (by_transaction && !target->direct && is_skein(holder) &&
                                  holder->state && strcmp(holder->state, "idle") == 0);
}

static enum unlock_state judge(const struct unlocking *unlocking, const struct unlock *item,
                               bool is_run)
{
    int64_t after_us = target_of(unlocking, item)->connection->abandoned_after_ms * 1000;

    if (!is_run) {
        return UNLOCK_OTHER;
    }
    return after_us > 0 && item->quiet_us > after_us ? UNLOCK_DEAD : UNLOCK_LIVE;
}

static void take_answer(const struct unlocking *unlocking, struct unlock *item,
                        const struct question *question)
{
    const char *const *cells = question->cells;
    struct holder *holder;

    unknown(unlocking, item);
    if (!question->answered) {
        err_copy(&item->err, &question->err);
        return;
    }
    if (question->row_count == 0 || question->column_count < COLUMNS) {
        item->state = UNLOCK_FREE;
        return;
    }
    item->holder = holder = holders_read(unlocking->arena, cells);
    item->nameless = is_nameless(target_of(unlocking, item), question, holder);
    if (item->nameless) {
        *holder = (struct holder){.pid = holder->pid, .user = holder->user, .state = "idle"};
        item->state = UNLOCK_OTHER;
        return;
    }
    item->quiet_us = cells[QUIET] ? strtoll(cells[QUIET], NULL, 10) : -1;
    item->session = cells[SESSION];
    item->state = judge(unlocking, item, is_true(cells[IS_RUN]));
    if (is_true(cells[ENDED])) {
        item->state = UNLOCK_ENDED;
    }
}

/* Asks about those that `wanted` says, with one connection each. */
static void ask_those(const struct unlocking *unlocking, struct unlock *items, size_t count,
                      bool (*wanted)(const struct unlocking *unlocking, const struct unlock *item),
                      bool ends)
{
    struct question *questions = arena_array(unlocking->arena, count, sizeof(*questions));
    size_t *members = arena_array(unlocking->arena, count, sizeof(*members)), asked = 0;

    for (size_t i = 0; i < count; i++) {
        if (wanted(unlocking, &items[i])) {
            members[asked] = i;
            questions[asked++] = question_of(unlocking, &items[i], ends);
        }
    }
    ask(unlocking->host, unlocking->find_driver, unlocking->arena, questions, asked,
        unlocking->concurrency);
    for (size_t i = 0; i < asked; i++) {
        take_answer(unlocking, &items[members[i]], &questions[i]);
    }
}

static bool has_text(const struct unlocking *unlocking, const struct unlock *item)
{
    return dialect_text(target_of(unlocking, item)->engine, DIALECT_UNLOCK) != NULL;
}

static bool is_dead(const struct unlocking *unlocking, const struct unlock *item)
{
    (void)unlocking;
    return item->state == UNLOCK_DEAD;
}

void unlock_look(const struct unlocking *unlocking, struct unlock *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (target_of(unlocking, &items[i])->engine == ENGINE_SQLITE) {
            look_at_file(unlocking, &items[i]);
        }
    }
    ask_those(unlocking, items, count, has_text, false);
}

void unlock_end(const struct unlocking *unlocking, struct unlock *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i].state == UNLOCK_FREE &&
            target_of(unlocking, &items[i])->engine == ENGINE_SQLITE) {
            remove_file(unlocking, &items[i]);
        }
    }
    ask_those(unlocking, items, count, is_dead, true);
}
