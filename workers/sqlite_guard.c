#include "workers/sqlite_guard.h"

#include <sqlite3.h>
#include <string.h>

static int refuse(struct sqlite_guard *guard, enum error_class class, const char *message,
                  const char *hint)
{
    err_set(guard->err, class, "%s", message);
    err_native(guard->err, "23", RETRY_NEVER);
    if (hint) {
        err_hint(guard->err, "%s", hint);
    }
    return SQLITE_DENY;
}

static int on_transaction(struct sqlite_guard *guard, const char *operation)
{
    if (!guard->own && !guard->running) {
        return refuse(guard, ERROR_SYNTAX,
                      "transaction control in a script: skein begins and ends transactions itself",
                      "take it out; what must run outside a transaction goes into a section with "
                      "transaction=off");
    }
    if (strcmp(operation, "COMMIT") == 0) {
        guard->seen |= SQLITE_SEEN_COMMIT;
    }
    return SQLITE_OK;
}

/* Outside a transaction the first SAVEPOINT begins one that nobody would end. */
static int on_savepoint(struct sqlite_guard *guard)
{
    if (!guard->own && sqlite3_get_autocommit(guard->database)) {
        return refuse(guard, ERROR_SYNTAX, "SAVEPOINT outside a transaction begins one", NULL);
    }
    return SQLITE_OK;
}

/* A wait would hold a thread of the pool: skein waits on its loop. Asked for, it is no error. */
static int on_pragma(const char *name, const char *value)
{
    return value && sqlite3_stricmp(name, "busy_timeout") == 0 ? SQLITE_IGNORE : SQLITE_OK;
}

static int on_function(struct sqlite_guard *guard, const char *name)
{
    if (!guard->own && sqlite3_strnicmp(name, "skein_", 6) == 0) {
        return refuse(guard, ERROR_PRIVILEGE, "functions skein_… are skein's own", NULL);
    }
    return SQLITE_OK;
}

static int on_rows(struct sqlite_guard *guard, const char *table, const char *trigger)
{
    /* Changes of the schema are changes of rows, too. */
    if (!trigger && sqlite3_strnicmp(table, "sqlite_", 7) != 0) {
        guard->seen |= SQLITE_SEEN_ROWS;
    }
    return SQLITE_OK;
}

static int authorize_cb(void *context, int action, const char *first, const char *second,
                        const char *schema, const char *trigger)
{
    struct sqlite_guard *guard = context;

    (void)schema;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return on_function(guard, second);
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
        return on_rows(guard, first, trigger);
    case SQLITE_TRANSACTION:
        guard->seen |= SQLITE_SEEN_OTHER;
        return on_transaction(guard, first);
    case SQLITE_SAVEPOINT:
        guard->seen |= SQLITE_SEEN_OTHER;
        return on_savepoint(guard);
    case SQLITE_PRAGMA:
        guard->seen |= SQLITE_SEEN_OTHER;
        return on_pragma(first, second);
    case SQLITE_ATTACH:
        guard->seen |= SQLITE_SEEN_OTHER;
        return guard->read_only
                   ? refuse(guard, ERROR_READ_ONLY, "ATTACH while skein only reads", NULL)
                   : SQLITE_OK;
    default:
        guard->seen |= SQLITE_SEEN_OTHER;
        return SQLITE_OK;
    }
}

static void answer(sqlite3_context *call, struct sqlite_guard *guard, int class, bool yes)
{
    if (class) {
        sqlite3_result_error(call, guard->err->message, -1);
    } else {
        sqlite3_result_int(call, yes);
    }
}

static void lock_cb(sqlite3_context *call, int count, sqlite3_value **values)
{
    struct sqlite_guard *guard = sqlite3_user_data(call);
    bool got = false;
    int class;

    (void)count;
    (void)values;
    if (guard->read_only) {
        answer(call, guard, err_set(guard->err, ERROR_READ_ONLY, "skein_lock() on a reader"),
               false);
        return;
    }
    class = sqlite_lock_take(&guard->lock, &got, guard->err);
    answer(call, guard, class, got);
}

static void unlock_cb(sqlite3_context *call, int count, sqlite3_value **values)
{
    struct sqlite_guard *guard = sqlite3_user_data(call);

    (void)count;
    (void)values;
    answer(call, guard, 0, sqlite_lock_give(&guard->lock));
}

static void probe_cb(sqlite3_context *call, int count, sqlite3_value **values)
{
    struct sqlite_guard *guard = sqlite3_user_data(call);
    bool is_free = false;
    int class = sqlite_lock_probe(&guard->lock, &is_free, guard->err);

    (void)count;
    (void)values;
    answer(call, guard, class, is_free);
}

int sqlite_guard_install(struct sqlite_guard *guard, sqlite3 *database)
{
    static const struct {
        const char *name;
        void (*call)(sqlite3_context *call, int count, sqlite3_value **values);
    } functions[] = {
        {"skein_lock", lock_cb},
        {"skein_unlock", unlock_cb},
        {"skein_lock_probe", probe_cb},
    };
    int status = sqlite3_set_authorizer(database, authorize_cb, guard);

    guard->database = database;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]) && status == SQLITE_OK; i++) {
        /* DIRECTONLY: no view or trigger of a hostile file calls them. */
        status = sqlite3_create_function_v2(database, functions[i].name, 0,
                                            SQLITE_UTF8 | SQLITE_DIRECTONLY, guard,
                                            functions[i].call, NULL, NULL, NULL);
    }
    return status;
}
