/*
 * The driver of SQLite. Everything that touches the file is WORK: opening, a whole request,
 * closing.
 *
 * A connection that only reads is opened for writing, too: a reader without that right cannot roll
 * back what a killed writer left (SQLITE_READONLY_ROLLBACK), and leaves the files of a WAL behind.
 * That nothing is written is seen to statement by statement. A missing file that an upgrade would
 * make
 * (`create: true`) is an empty database to a reader, in memory.
 *
 * Nothing of durability is set here: synchronous and journal_mode are the file's and the user's.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "workers/driver.h"
#include "workers/sqlite_command.h"

/* Instructions of SQLite's machine between two looks at `aborted`. */
#define INSTRUCTIONS_PER_LOOK 1000

/* Where a database's file begins; byte 18 is 2 where it has a WAL. */
#define HEAD_MAGIC "SQLite format 3" /* and its NUL */
#define HEAD_SIZE  20
#define HEAD_WAL   18

enum phase {
    PHASE_IDLE,
    PHASE_BEGUN, /* the first drive() hands out the work */
    PHASE_WORK,  /* the next one has its result */
};

/* What came of opening (an err alone) or of a request. */
struct answer {
    struct err err;
    struct result *results;
    size_t completed;
    struct sqlite_failure failure;
};

struct connection {
    enum phase phase;
    bool opening;
    const struct target *target;
    bool read_only;
    const struct request *request;
    const struct request *first; /* to be run by the work that opens; NULL: none, or submitted */

    /* Set by the work, read after it. */
    struct sqlite_statements statements;
    struct sqlite_guard guard; /* its err: of the answer that is being made */
    struct answer answer;
    struct answer first_answer;

    /* Shared with abort(). The database is closed only while no work runs. */
    _Atomic(sqlite3 *) database;
    atomic_bool aborted;
};

static pthread_once_t configured = PTHREAD_ONCE_INIT;

/* Counting memory takes one mutex for all threads. Refused, and no harm, where somebody has used
 * SQLite before. */
static void configure_once(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int progress_cb(void *context)
{
    struct connection *connection = context;

    return atomic_load(&connection->aborted);
}

static int cancelled(struct err *err)
{
    err_set(err, ERROR_CANCELLED, "cancelled before it began");
    err_native(err, "9", RETRY_CANCELLED);
    return ERROR_CANCELLED;
}

/* Of an absolute path, for %.*s. */
static int folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (int)(slash - path) : 0;
}

static int open_failed(struct connection *connection, int number)
{
    const char *path = connection->target->path;
    struct err *err = &connection->answer.err;

    if (number == ENOENT || number == ENOTDIR) {
        err_set(err, ERROR_MISSING_DATABASE, "%s: %s", path,
                connection->target->create ? "its folder does not exist" : "no such file");
        err_native(err, "14", RETRY_AUTH);
        if (connection->target->create) {
            err_hint(err, "make the folder %.*s: skein makes the file alone", folder_length(path),
                     path);
        } else {
            err_hint(err, "`create: true` makes the file");
        }
        return ERROR_MISSING_DATABASE;
    }
    sqlite_lock_error(err, number, path);
    err_native(err, "14", err->retry);
    return (int)err->class;
}

/* An empty file is an empty database. Not by SQLite, which forgets why it could not. */
static int make_file(struct connection *connection)
{
    int file = open(connection->target->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    if (file < 0) {
        return open_failed(connection, errno);
    }
    close(file);
    return 0;
}

/* Whether a file could be made there. */
static bool has_folder(const char *path)
{
    char folder[PATH_MAX];
    int length = folder_length(path);

    return length < PATH_MAX - 2 && snprintf(folder, sizeof(folder), "%.*s/.", length, path) > 0 &&
           access(folder, F_OK) == 0;
}

/* Looks before SQLite does: it would wait for ever to open a FIFO, and say less of the rest. */
static int choose_path(struct connection *connection, const char **path)
{
    const struct target *target = connection->target;
    struct stat status;

    *path = target->path;
    if (stat(target->path, &status) == 0) {
        if (S_ISREG(status.st_mode)) {
            return 0;
        }
        err_set(&connection->answer.err, ERROR_CORRUPT, "%s is not a regular file", target->path);
        err_native(&connection->answer.err, "26", RETRY_HUMAN);
        return ERROR_CORRUPT;
    }
    if (errno != ENOENT || !target->create) {
        return open_failed(connection, errno);
    }
    if (connection->read_only && has_folder(target->path)) {
        *path = ":memory:";
        return 0;
    }
    return make_file(connection);
}

static int open_file(struct connection *connection, const char *path)
{
    sqlite3 *database = NULL;
    int status =
        sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

    if (!database) {
        BUG("SQLite has no memory for a connection");
    }
    atomic_store(&connection->database, database);
    sqlite3_extended_result_codes(database, 1);
    if (status != SQLITE_OK) {
        int number = sqlite3_system_errno(database);

        if (number) {
            return open_failed(connection, number);
        }
        return sqlite_command_error(database, &connection->answer.err);
    }
    sqlite3_progress_handler(database, INSTRUCTIONS_PER_LOOK, progress_cb, connection);
    if (path == connection->target->path) {
        connection->guard.lock.database = path;
        if (!connection->read_only) {
            sqlite_lock_sweep(&connection->guard.lock);
        }
    }
    return 0;
}

/* The head of the file without any of SQLite's locks, by its own descriptor: to close another one
 * would let go of what this process has locked. False: an empty file, or none. */
static bool read_head(sqlite3 *database, unsigned char head[HEAD_SIZE])
{
    sqlite3_file *file = NULL;

    return sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
           file && file->pMethods && file->pMethods->xRead(file, head, HEAD_SIZE, 0) == SQLITE_OK;
}

/* What begins as a database does is left to the first statement; of anything else SQLite says what
 * it is. A file that is locked is a database, too. */
static int check_file(struct connection *connection, sqlite3 *database)
{
    unsigned char head[HEAD_SIZE];
    int status;

    if (read_head(database, head) && memcmp(head, HEAD_MAGIC, sizeof(HEAD_MAGIC)) == 0) {
        return 0;
    }
    status = sqlite3_exec(database, "PRAGMA schema_version", NULL, NULL, NULL);
    if (status == SQLITE_OK || (status & 0xFF) == SQLITE_BUSY) {
        return 0;
    }
    return sqlite_command_error(database, &connection->answer.err);
}

static int open_database(struct connection *connection)
{
    const struct pair_list *session = &connection->target->connection->session;
    const char *path = NULL;
    sqlite3 *database;
    int class = choose_path(connection, &path);

    if (!class) {
        class = open_file(connection, path);
    }
    database = atomic_load(&connection->database);
    if (!class) {
        class = check_file(connection, database);
    }
    for (size_t i = 0; i < session->count && !class; i++) {
        class = sqlite_command_pragma(database, &connection->guard, &session->items[i]);
    }
    if (!class && sqlite_guard_install(&connection->guard, database) != SQLITE_OK) {
        class = sqlite_command_error(database, &connection->answer.err);
    }
    return class;
}

static void run_request(struct connection *connection, const struct request *request,
                        struct answer *answer)
{
    struct sqlite_session session = {atomic_load(&connection->database), &connection->guard,
                                     &connection->statements};
    int class = 0;

    connection->guard.err = &answer->err;
    answer->results = arena_array(request->arena, request->count, sizeof(*answer->results));
    while (answer->completed < request->count && !class) {
        size_t index = answer->completed;

        if (atomic_load(&connection->aborted)) {
            class = cancelled(&answer->err);
        } else {
            class = sqlite_command_run(&session, request->arena, &request->commands[index],
                                       &answer->results[index], &answer->failure);
        }
        answer->completed += class == 0;
    }
}

/* Two turns of a thread less where there is nothing else to do: the first request goes along. */
static void open_work(void *context)
{
    struct connection *connection = context;
    struct err *err = &connection->answer.err;

    if (open_database(connection) != 0 || !connection->first) {
        return;
    }
    connection->first_answer = (struct answer){.err = ERR_INIT(connection->first->arena)};
    run_request(connection, connection->first, &connection->first_answer);
    if (connection->first_answer.err.class == ERROR_CANCELLED) {
        err_copy(err, &connection->first_answer.err); /* opening was what was asked to stop */
    }
}

static void request_work(void *context)
{
    struct connection *connection = context;

    run_request(connection, connection->request, &connection->answer);
}

static void begin(struct connection *connection, struct arena *arena)
{
    if (connection->phase != PHASE_IDLE) {
        BUG("a second operation on a connection of SQLite");
    }
    connection->phase = PHASE_BEGUN;
    connection->answer = (struct answer){.err = ERR_INIT(arena)};
    connection->guard.err = &connection->answer.err;
    atomic_store(&connection->aborted, false);
}

static int sqlite_open(struct connection *connection, const struct open_options *options,
                       struct err *err)
{
    (void)err;
    pthread_once(&configured, configure_once);
    begin(connection, options->arena);
    connection->opening = true;
    connection->target = options->target;
    connection->read_only = options->read_only;
    connection->first = options->first;
    connection->guard.read_only = options->read_only;
    sqlite_lock_init(&connection->guard.lock, NULL);
    return 0;
}

static int sqlite_submit(struct connection *connection, const struct request *request,
                         struct err *err)
{
    (void)err;
    begin(connection, request->arena);
    connection->opening = false;
    connection->request = request;
    if (connection->first) {
        if (request != connection->first) {
            BUG("another request than the one that opening was told of");
        }
        connection->first = NULL;
        connection->answer = connection->first_answer;
        connection->phase = PHASE_WORK; /* it is done */
    }
    return 0;
}

static enum drive finished(struct connection *connection, struct reply *reply, struct err *err)
{
    sqlite3 *database = atomic_load(&connection->database);
    const struct answer *answer = &connection->answer;
    bool failed = answer->err.class != ERROR_NONE;

    connection->phase = PHASE_IDLE;
    *reply = (struct reply){
        .results = answer->results,
        .completed = answer->completed,
        .answered = !answer->failure.in_doubt,
        .connected = database && !(failed && connection->opening),
        .in_transaction = database && !sqlite3_get_autocommit(database),
        .position = answer->failure.position,
    };
    if (failed) {
        err_copy(err, &answer->err);
        return DRIVE_FAIL;
    }
    return DRIVE_DONE;
}

static enum drive sqlite_drive(struct connection *connection, unsigned ready, struct want *want,
                               struct reply *reply, struct err *err)
{
    (void)ready;
    switch (connection->phase) {
    case PHASE_IDLE:
        BUG("drive() without an operation");
    case PHASE_WORK:
        break;
    case PHASE_BEGUN:
        if (atomic_load(&connection->aborted)) {
            cancelled(&connection->answer.err);
            break;
        }
        connection->phase = PHASE_WORK;
        want->work = (struct work){.run = connection->opening ? open_work : request_work,
                                   .context = connection};
        return DRIVE_WORK;
    }
    return finished(connection, reply, err);
}

/* The flag reaches work that has not begun and the moment between two statements, where SQLite
 * forgets an interrupt; the interrupt what does not look at the flag (a checkpoint). */
static int sqlite_abort(struct connection *connection, struct work *work, struct err *err)
{
    sqlite3 *database = atomic_load(&connection->database);

    (void)err;
    *work = (struct work){0};
    if (connection->phase != PHASE_IDLE) {
        atomic_store(&connection->aborted, true);
        if (database) {
            sqlite3_interrupt(database);
        }
    }
    return 0;
}

static void close_work(void *context)
{
    struct connection *connection = context;
    sqlite3 *database = atomic_exchange(&connection->database, NULL);

    if (database) {
        sqlite3_set_authorizer(database, NULL, NULL);
        sqlite_statements_release(&connection->statements);
        if (sqlite3_close(database) != SQLITE_OK) {
            BUG("a statement of SQLite was left open");
        }
        /* After the transaction, which it guards. */
        sqlite_lock_give(&connection->guard.lock);
    }
}

/* Closing is quick but for a transaction to be rolled back and a WAL to be written into the file.
 */
static bool sqlite_finish(struct connection *connection, struct work *work)
{
    sqlite3 *database = atomic_load(&connection->database);
    unsigned char head[HEAD_SIZE];

    if (connection->phase != PHASE_IDLE) {
        BUG("finish() while an operation is under way");
    }
    *work = (struct work){.run = close_work, .context = connection};
    return database && (!sqlite3_get_autocommit(database) ||
                        (read_head(database, head) && head[HEAD_WAL] == 2));
}

static void sqlite_close(struct connection *connection)
{
    close_work(connection);
}

const struct driver driver_sqlite = {
    .name = "sqlite",
    .capabilities = CAPABILITY_TRANSACTIONAL_DDL | CAPABILITY_SESSION_LOCK | CAPABILITY_BATCH |
                    CAPABILITY_CANCEL | CAPABILITY_BLOCKING,
    .connection_size = sizeof(struct connection),
    .open = sqlite_open,
    .submit = sqlite_submit,
    .drive = sqlite_drive,
    .abort = sqlite_abort,
    .finish = sqlite_finish,
    .close = sqlite_close,
};
