#include "check.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workers/ask.h"
#include "workers/loop.h"

/* ---- a driver that does what the name of the target says */

struct connection {
    const struct target *target;
    int ends[2];
    bool opening, aborted, waited;
    const struct request *request;
    const struct address_list *addresses;
};

static int opened, closed, most_at_once;

static bool is(const struct connection *connection, const char *name)
{
    return strcmp(connection->target->name, name) == 0;
}

static int scripted_open(struct connection *connection, const struct open_options *options,
                         struct err *err)
{
    connection->target = options->target;
    connection->opening = true;
    connection->addresses = options->addresses;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, connection->ends), 0);
    opened++;
    most_at_once = opened - closed > most_at_once ? opened - closed : most_at_once;
    assert_true(options->read_only);
    return is(connection, "open fails") ? err_set(err, ERROR_AUTH, "no") : 0;
}

static int scripted_submit(struct connection *connection, const struct request *request,
                           struct err *err)
{
    connection->opening = connection->waited = false;
    connection->request = request;
    assert_true(request->commands[0].rows);
    return is(connection, "submit fails") ? err_set(err, ERROR_INTERNAL, "no") : 0;
}

static enum drive scripted_drive(struct connection *connection, unsigned ready, struct want *want,
                                 struct reply *reply, struct err *err)
{
    bool silent = connection->opening ? is(connection, "silent")
                                      : is(connection, "hangs") || is(connection, "deaf");

    if (connection->aborted && !is(connection, "deaf")) {
        err_set(err, ERROR_CANCELLED, "cancelled");
        return DRIVE_FAIL;
    }
    if (!connection->waited || silent) {
        assert_true(!connection->waited || ready & READY_TIMEOUT);
        connection->waited = true;
        want->descriptor = connection->ends[0];
        want->events = silent ? READY_READ : READY_WRITE;
        return DRIVE_WAIT;
    }
    if (connection->opening ? is(connection, "refused") : is(connection, "no table")) {
        err_set(err, ERROR_MISSING_OBJECT, "refused by %s", connection->target->name);
        err_native(err, "42P01", RETRY_NEVER);
        return DRIVE_FAIL;
    }
    if (!connection->opening) {
        static const char *cells[4] = {"a", NULL, "c", "d"};
        struct arena *arena = connection->request->arena;

        reply->results = arena_alloc(arena, sizeof(*reply->results));
        static const char *const names[] = {"one", "other"};
        assert_true(connection->request->commands[0].names);
        *reply->results =
            (struct result){.cells = cells, .row_count = 2, .column_count = 2, .names = names};
        cells[0] = arena_strdup(arena, connection->target->name);
        cells[2] = arena_strdup(
            arena, connection->addresses->count ? connection->addresses->items[0] : "none");
        reply->completed = 1;
    }
    return DRIVE_DONE;
}

static int scripted_abort(struct connection *connection, struct work *work, struct err *err)
{
    (void)work;
    (void)err;
    connection->aborted = true;
    return 0;
}

static void scripted_close(struct connection *connection)
{
    close(connection->ends[0]);
    close(connection->ends[1]);
    closed++;
}

static const struct driver scripted = {
    .name = "scripted",
    .connection_size = sizeof(struct connection),
    .open = scripted_open,
    .submit = scripted_submit,
    .drive = scripted_drive,
    .abort = scripted_abort,
    .close = scripted_close,
};

static const struct driver *find_driver(enum engine engine)
{
    return engine == ENGINE_SQLITE       ? &driver_sqlite
           : engine == ENGINE_POSTGRESQL ? &scripted
                                         : NULL;
}

/* ---- */

static struct arena arena;
static struct host *host;
static struct connection_settings patient, hurried = {.connect_timeout_ms = 20};
static struct endpoint local = {.host = "127.0.0.1", .port = "5432"};
static struct endpoint folder_endpoint = {.host = "/run/postgresql", .port = "5432"};
static struct endpoint lost = {.host = "two words.invalid", .port = "5432"};

static int setup(void **state)
{
    (void)state;
    host = loop_new(2);
    opened = closed = most_at_once = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    loop_free(host);
    arena_release(&arena);
    assert_int_equal(opened, closed);
    return 0;
}

static struct target target_of(const char *name)
{
    return (struct target){.name = name,
                           .engine = ENGINE_POSTGRESQL,
                           .endpoint = &local,
                           .database = name,
                           .connection = &patient};
}

static void ask_all(struct question *questions, size_t count, unsigned concurrency)
{
    ask(host, find_driver, &arena, questions, count, concurrency);
}

static void test_answers(void **state)
{
    enum { COUNT = 25 };
    struct target targets[COUNT];
    struct question questions[COUNT];

    (void)state;
    memset(questions, 0, sizeof(questions));
    for (int i = 0; i < COUNT; i++) {
        targets[i] = target_of(arena_printf(&arena, "server %d", i));
        targets[i].endpoint = i % 2 ? &folder_endpoint : &local;
        questions[i] = (struct question){.target = &targets[i], .sql = "SELECT 1"};
    }
    ask_all(questions, COUNT, 4);
    assert_int_equal(opened, COUNT);
    assert_int_equal(most_at_once, 4);
    for (int i = 0; i < COUNT; i++) {
        assert_true(questions[i].answered);
        assert_int_equal(questions[i].err.class, ERROR_NONE);
        assert_int_equal(questions[i].row_count, 2);
        assert_int_equal(questions[i].column_count, 2);
        assert_string_equal(questions[i].names[1], "other");
        assert_string_equal(questions[i].cells[0], targets[i].name);
        assert_null(questions[i].cells[1]);
        assert_string_equal(questions[i].cells[2], i % 2 ? "none" : "127.0.0.1");
    }
}

/* One that fails says why, and harms no other. */
static void test_failures(void **state)
{
    static const struct {
        const char *name;
        struct endpoint *endpoint;
        bool hurried;
        enum engine engine;
        enum error_class class;
        const char *message;
    } rows[] = {
        {"open fails", &local, false, ENGINE_POSTGRESQL, ERROR_AUTH, "no"},
        {"submit fails", &local, false, ENGINE_POSTGRESQL, ERROR_INTERNAL, "no"},
        {"refused", &local, false, ENGINE_POSTGRESQL, ERROR_MISSING_OBJECT, "refused by refused"},
        {"no table", &local, false, ENGINE_POSTGRESQL, ERROR_MISSING_OBJECT, "refused by no table"},
        {"lost", &lost, false, ENGINE_POSTGRESQL, ERROR_CONNECTION, "two words.invalid: "},
        {"silent", &local, true, ENGINE_POSTGRESQL, ERROR_CONNECTION, "no answer within 0.02s"},
        {"hangs", &local, true, ENGINE_POSTGRESQL, ERROR_CONNECTION, "no answer within 0.02s"},
        {"deaf", &local, true, ENGINE_POSTGRESQL, ERROR_CONNECTION, "no answer within 0.02s"},
        {"no driver", &local, false, ENGINE_MYSQL, ERROR_CONFIGURATION, "no driver for mysql"},
        {"well", &local, false, ENGINE_POSTGRESQL, ERROR_NONE, NULL},
    };
    enum { COUNT = sizeof(rows) / sizeof(rows[0]) };
    struct target targets[COUNT];
    struct question questions[COUNT];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        targets[i] = target_of(rows[i].name);
        targets[i].endpoint = rows[i].endpoint;
        targets[i].engine = rows[i].engine;
        targets[i].connection = rows[i].hurried ? &hurried : &patient;
        questions[i] = (struct question){.target = &targets[i], .sql = "SELECT 1"};
    }
    ask_all(questions, COUNT, 3);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(questions[i].answered, rows[i].class == ERROR_NONE);
        if (questions[i].err.class != rows[i].class ||
            (rows[i].message && !strstr(questions[i].err.message, rows[i].message))) {
            fail_msg("%s: %s: %s", rows[i].name, error_class_name(questions[i].err.class),
                     questions[i].err.message);
        }
    }
}

/* The pool works for several at once, each in an arena of its own. */
static void test_files(void **state)
{
    enum { COUNT = 12 };
    struct target targets[COUNT];
    struct question questions[COUNT];
    struct endpoint none = {0};
    char *folder = check_folder();

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        char *path = arena_printf(&arena, "%s/%d.db", folder, i);
        char sql[80];
        sqlite3 *database;

        if (i != 5) {
            snprintf(sql, sizeof(sql), "CREATE TABLE t(a); INSERT INTO t VALUES (%d)", i);
            assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
            assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
            sqlite3_close(database);
        }
        targets[i] = target_of(path);
        targets[i].engine = ENGINE_SQLITE;
        targets[i].endpoint = &none;
        targets[i].path = path;
        questions[i] = (struct question){.target = &targets[i], .sql = "SELECT a FROM t"};
    }
    ask_all(questions, COUNT, 8);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(questions[i].answered, i != 5);
        if (i != 5) {
            assert_int_equal(strtol(questions[i].cells[0], NULL, 10), i);
        }
    }
    assert_int_equal(questions[5].err.class, ERROR_MISSING_DATABASE);
    check_folder_remove(folder);
}

/* What runs in the pool is told to stop, and waited for. */
static void test_a_file_that_takes_too_long(void **state)
{
    struct target target = target_of("endless");
    struct endpoint none = {0};
    struct question question = {
        .target = &target,
        .sql = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n) "
               "SELECT count(*) FROM n"};
    char *folder = check_folder();

    (void)state;
    check_write(folder, "a.db", "");
    target.engine = ENGINE_SQLITE;
    target.endpoint = &none;
    target.connection = &hurried;
    target.path = arena_printf(&arena, "%s/a.db", folder);
    ask_all(&question, 1, 1);
    assert_false(question.answered);
    assert_int_equal(question.err.class, ERROR_CONNECTION);
    check_folder_remove(folder);
}

static void on_timer(void *context)
{
    ++*(int *)context;
}

/* The host is as it was: a later run is not ended by what ask() did. */
static void test_nothing_is_left(void **state)
{
    struct target target = target_of("x");
    struct question question = {.target = &target, .sql = "SELECT 1"};
    struct host_timer *timer;
    int calls = 0;

    (void)state;
    ask_all(NULL, 0, 4);
    target.engine = ENGINE_MARIADB;
    ask_all(&question, 1, 4);
    assert_int_equal(question.err.class, ERROR_CONFIGURATION);
    timer = host->table->timer_new(host, on_timer, &calls);
    host->table->timer_set(timer, 1000);
    host->table->run(host);
    assert_int_equal(calls, 1);
    host->table->timer_free(timer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_answers),         TEST(test_failures),
        TEST(test_files),           TEST(test_a_file_that_takes_too_long),
        TEST(test_nothing_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
