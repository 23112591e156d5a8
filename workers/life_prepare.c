#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "workers/bookkeeping.h"
#include "workers/life_internal.h"

/* ---- who and where */

/* Whatever lasts on a pooler's connection is somebody else's: it is left as it was found. */
static void add_place(struct life *life)
{
    const struct connection_settings *settings = life->target->connection;
    const char *path = bookkeeping_path(&life->request, life->target);
    const char *local = "true";

    if (life->work->connection.pooled) {
        request_add(life, DIALECT_FRESH, EXPECT_NOTHING, NULL, 1, &local);
    }
    if (settings->role) {
        request_add(life, DIALECT_ROLE, EXPECT_NOTHING, NULL, 1, &settings->role);
    }
    if (path) {
        request_add(life, DIALECT_PATH, EXPECT_NOTHING, NULL, 1, &path);
    }
}

void prepare_add_preamble(struct life *life)
{
    struct life_connection *connection = &life->work->connection;

    read_name_tables(life);
    if (life_is_mysql(life)) {
        session_add_preamble(life);
    }
    if (!life_is(life, ENGINE_POSTGRESQL) || connection->in_transaction) {
        return;
    }
    request_add(life, DIALECT_READ_COMMITTED, EXPECT_NOTHING, NULL, 0, NULL);
    if (!connection->prepared) {
        add_place(life);
    }
}

/* ---- settings */

static struct timeouts wanted_timeouts(const struct life *life, const struct section *section,
                                       bool concurrent)
{
    const struct connection_settings *settings = life->target->connection;
    struct timeouts timeouts = {0};

    bookkeeping_timeouts(settings, section, &timeouts.lock_ms, &timeouts.statement_ms);
    /* A server that looks after its client would cancel CONCURRENTLY half-way when skein dies, and
     * leave an index that is not valid. */
    if (settings->abandoned_after_ms > 0 && !concurrent) {
        timeouts.check_ms = settings->abandoned_after_ms > 4 ? settings->abandoned_after_ms / 4 : 1;
    }
    return timeouts;
}

/* What servers from 14 on know: looking after the client while a statement runs, and ending a
 * session that is silent between two transactions, where it may hold skein's lock. */
static void add_check_interval(struct life *life, const struct operation *operation, int64_t ms)
{
    const char *values[] = {
        request_number(life, (long)ms),
        request_number(life, (long)life->target->connection->abandoned_after_ms)};

    if (life->work->connection.server_version >= 140000) {
        request_add(life, DIALECT_CHECK_INTERVAL, EXPECT_NOTHING, operation, 2, values);
    }
}

void prepare_add_section(struct life *life, const struct operation *operation, bool concurrent)
{
    struct life_connection *connection = &life->work->connection;
    struct timeouts wanted = wanted_timeouts(life, operation->section, concurrent);

    if (life_is_mysql(life)) {
        session_add(life, operation, &wanted);
        return;
    }
    if (!life_is(life, ENGINE_POSTGRESQL)) {
        return;
    }
    /* All of it for each section: what ran before may have set anything, as a pg_dump does. Within
     * one, a statement outside a transaction finds what the one before it has set. */
    bool same =
        operation->section && operation->section == connection->section && !connection->pooled;
    const char *values[] = {connection->search_path,
                            same ? NULL : request_number(life, (long)wanted.lock_ms),
                            same ? NULL : request_number(life, (long)wanted.statement_ms),
                            same ? NULL : connection->role};
    connection->section = operation->section;
    request_add(life, DIALECT_SESSION, EXPECT_SESSION, operation, 4, values);
    if (wanted.check_ms != connection->check_ms) {
        add_check_interval(life, operation, wanted.check_ms);
    }
    connection->check_ms = wanted.check_ms;
}

/* Keepalives and what else notices within abandoned_after that the client has vanished. */
static void add_settings(struct life *life)
{
    const struct connection_settings *settings = life->target->connection;
    struct timeouts timeouts = wanted_timeouts(life, NULL, false);
    long abandoned_ms = (long)settings->abandoned_after_ms;
    long idle = abandoned_ms / 2000, interval = abandoned_ms / 8000;

    const char *values[] = {request_number(life, (long)timeouts.lock_ms),
                            request_number(life, (long)timeouts.statement_ms),
                            request_number(life, abandoned_ms),
                            request_number(life, idle > 0 ? idle : 1),
                            request_number(life, interval > 0 ? interval : 1)};

    life->work->connection.check_ms = timeouts.check_ms;
    if (abandoned_ms <= 0) {
        request_add(life, DIALECT_TIMEOUTS, EXPECT_NOTHING, NULL, 2, values);
        return;
    }
    request_add(life, DIALECT_SETTINGS, EXPECT_NOTHING, NULL, 5, values);
    add_check_interval(life, NULL, timeouts.check_ms);
}

/* `session:`, once per connection, with the first request that takes the lock; behind a pooler with
 * each. */
static void add_session(struct life *life)
{
    const struct connection_settings *settings = life->target->connection;

    if (life->work->connection.settled) {
        return;
    }
    if (life_is_mysql(life)) {
        struct timeouts wanted = wanted_timeouts(life, NULL, false);
        session_add_settings(life, &wanted);
        return;
    }
    if (life_is(life, ENGINE_POSTGRESQL)) {
        add_settings(life);
    }
    for (size_t i = 0; i < settings->session.count; i++) {
        const struct pair *setting = &settings->session.items[i];
        if (life_is(life, ENGINE_POSTGRESQL)) {
            const char *pair[] = {setting->key, setting->value};
            request_add(life, DIALECT_SETTING, EXPECT_NOTHING, NULL, 2, pair);
        } else {
            const char *sql = dialect_pragma(&life->request, setting->key, setting->value);
            request_add_text(life, DIALECT_SETTING, NULL, sql, strlen(sql));
        }
    }
}

/* ---- the lock */

static void begin_sqlite(struct life *life, bool foreign_keys_off)
{
    if (foreign_keys_off) {
        request_add(life, DIALECT_FOREIGN_KEYS, EXPECT_NOTHING, NULL, 0, NULL);
        request_add(life, DIALECT_FOREIGN_KEYS_OFF, EXPECT_NOTHING, NULL, 0, NULL);
    }
    request_add(life, DIALECT_BEGIN, EXPECT_NOTHING, NULL, 0, NULL);
    if (foreign_keys_off) {
        request_add(life, DIALECT_VIOLATIONS, EXPECT_NOTHING, NULL, 0, NULL);
    }
    life->work->connection.begun_plain = !foreign_keys_off;
}

/* The first 64 bits of SHA-256 over "skein:" and the schema's name, as a signed number: the lock's
 * name in all versions. Made here, for the server would look up seven functions for it. */
static const char *lock_key(struct life *life)
{
    char *key = life->work->lock_key;
    const char *name = arena_printf(&life->request, "skein:%s", life->work->connection.schema);
    struct digest *digest = digest_new();
    char hex[DIGEST_HEX_SIZE];

    digest_add(digest, name, strlen(name));
    digest_finish(digest, hex);
    digest_free(digest);
    hex[16] = '\0';
    snprintf(key, sizeof(life->work->lock_key), "%lld", (long long)strtoull(hex, NULL, 16));
    return key;
}

/* The lock ends with its transaction, for the next one may be another session's. */
static void lock_pooled(struct life *life)
{
    const char *key = lock_key(life);

    request_add(life, DIALECT_BEGIN, EXPECT_NOTHING, NULL, 0, NULL);
    add_place(life);
    add_session(life);
    request_add(life, DIALECT_LOCK_TRANSACTION, EXPECT_NOTHING, NULL, 1, &key);
}

/* A lock of the session's. MySQL makes its name of the database by itself. */
static void lock_direct(struct life *life)
{
    bool keyed = life_is(life, ENGINE_POSTGRESQL);
    const char *key = keyed ? lock_key(life) : NULL;

    prepare_add_preamble(life);
    add_session(life);
    request_add(life, DIALECT_LOCK, EXPECT_NOTHING, NULL, keyed ? 1 : 0, &key);
}

void prepare_add_lock(struct life *life, bool foreign_keys_off)
{
    if (life_is(life, ENGINE_SQLITE)) {
        add_session(life);
        begin_sqlite(life, foreign_keys_off);
    } else if (life->work->connection.pooled) {
        lock_pooled(life);
    } else {
        lock_direct(life);
    }
}

void prepare_add_tidy(struct life *life)
{
    const char *local = "false";

    if (life->work->connection.pooled) {
        request_add(life, DIALECT_FRESH, EXPECT_NOTHING, NULL, 1, &local);
    }
}

bool prepare_locks_by_transaction(const struct life *life)
{
    return life_is(life, ENGINE_SQLITE) || life->work->connection.pooled;
}

int prepare_check_lock(struct life *life, const struct reply *reply, struct err *err)
{
    const struct result *tried = request_result(life, reply, DIALECT_LOCK);

    tried = tried ? tried : request_result(life, reply, DIALECT_LOCK_TRANSACTION);
    if (!tried || (tried->row_count == 1 && cell_is_true(tried->cells[0]))) {
        return 0;
    }
    if (life_is(life, ENGINE_POSTGRESQL)) {
        err_set(err, ERROR_SKEIN_LOCK, "another skein works on schema \"%s\" of this database",
                life->work->connection.schema);
    } else if (life_is_mysql(life)) {
        err_set(err, ERROR_SKEIN_LOCK, "another skein works on this database");
    } else {
        err_set(err, ERROR_LOCK_TIMEOUT, "another skein works on this file");
    }
    err_hint(err,
             "wait for the other run to end, or raise `lock_wait`; skein unlock shows who it is");
    return err->class;
}
