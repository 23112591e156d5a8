/*
 * life_internal.h: what the files of the life share; nobody else includes it.
 *
 *   life.c          the outside: the table of moves, the one entry, stop and cancel
 *   life_peek.c     CONNECT, PEEK
 *   life_lock.c     PLACE, LOCK, READ
 *   life_check.c    CHECK of a plan that is only shown
 *   life_execute.c  CHECK, EXECUTE, COMMIT, ROLLBACK: the units
 *   life_off.c      MARK, OFF: statements outside a transaction
 *   life_end.c      QUEUED, CLOSE, BACKOFF, DONE
 *   life_decide.c   from what was read to what is to be done
 *   life_resolve.c  the same for an open row settled by hand
 *   life_changed.c  edited files
 *   life_moved.c    rows that another tool has moved
 *   life_unknown.c  rows that no file has
 *   life_walk.c     which state the next operation belongs to
 *   life_verdict.c  from an error to another try or an outcome
 *   life_doubt.c    what was under way when no answer came
 *   life_batch.c    operations made into commands
 *   life_prepare.c  what is set on a connection, and the lock
 *   life_session.c  the settings of a session of MySQL or MariaDB
 *   life_read.c     what locate and heads answered
 *   life_request.c  one request: made, sent, its answers checked
 *   life_holder.c   who holds the lock that is waited for
 *
 * Calls go down this list only. A state's file moves on by life_move(); life.c then enters the
 * state moved to, so that states never call each other.
 */
#ifndef SKEIN_WORKERS_LIFE_INTERNAL_H
#define SKEIN_WORKERS_LIFE_INTERNAL_H

#include "workers/dialect.h"
#include "workers/life.h"

#define LOCK_ATTEMPTS     10 /* of a lock of the engine's own */
#define CAPACITY_ATTEMPTS 20 /* of a server that is full; they cost no attempt */
#define WAIT_FIRST_US     INT64_C(10000)
#define WAIT_MOST_US      INT64_C(250000)
#define WAIT_OPEN_US      INT64_C(1000000) /* so long a connection is kept for another's lock */
#define AWAY_FIRST_US     INT64_C(500000)
#define AWAY_MOST_US      INT64_C(5000000)
#define BATCH_COMMANDS    1000
#define MANY_STEPS        3 /* from here on their bookkeeping is kept parsed */
#define BATCH_BYTES       ((size_t)1 << 20)

/* What was read by one statement. Lives in life->arena. */
struct reading {
    const char *const *rows; /* sorted */
    size_t row_count;
    struct history_row *open; /* the first open row, or NULL */
    size_t open_count;
    struct history_row *latest; /* or NULL */
    size_t history_count;       /* rows of the history that were read */
    const char *nameless; /* NULL; or what a row has that names no revision: "NULL", "empty" */
    const char *missing;  /* NULL; or the column that is NULL in a history row, and must not be */
    bool brief;           /* of these only seq, state and applied_checksum were read */
};

/* What an answer must be; else the request failed, although the server did what it was told. */
enum expect {
    EXPECT_NOTHING,
    EXPECT_ONE_ROW, /* one row was changed */
    EXPECT_SESSION, /* search_path and schema as they must be */
};

/* Beside each command. */
struct sent {
    enum dialect_purpose purpose;
    enum expect expect;
    const struct operation *operation; /* that it is part of, or NULL */
};

struct timeouts {
    int64_t lock_ms, statement_ms, check_ms;
};

/* As long as a connection. */
struct life_connection {
    struct arena arena;
    bool open;
    bool lost;     /* it cannot be used any more */
    bool reused;   /* it was another's, and nothing was heard on it yet */
    bool direct;   /* PostgreSQL's own session: what is set on it lasts, a lock too */
    bool pooled;   /* a pooler's: all of it ends with the transaction. Neither: not known yet */
    bool prepared; /* role and search_path are set */
    bool settled;  /* settings are set */
    bool in_transaction;
    bool locked;      /* skein's lock (not SQLite's transaction) */
    bool begun_plain; /* SQLite: the transaction was begun with foreign keys as they were */
    bool located, version_table, history_table;
    bool several; /* the schemas of the tables must be asked for (DIALECT_LOCATE_SCHEMAS) */
    long server_version;
    int64_t session;            /* the server's number of it, 0: none */
    const char *schema;         /* S, or NULL (SQLite) */
    const char *current_schema; /* what search_path must come to */
    const char *search_path;
    const char *role; /* PostgreSQL's setting, as it was when the tables were looked for */
    struct dialect_names names;
    const struct section *section;    /* that SESSION was sent for last, or NULL */
    int64_t check_ms;                 /* client_connection_check_interval as it was set last */
    const char *texts[DIALECT_COUNT]; /* rendered */
    struct timeouts timeouts;         /* MySQL: as they were set last */
    const struct plan_step *step;     /* MySQL: that the session's settings were last made for */
    bool touched;                     /* MySQL: a statement of a revision may have changed them */
    bool plain_read, plain;           /* MySQL: whether some table knows no transactions */
    bool width_read;
    long width;          /* of version_num; 0: no limit */
    bool long_history;   /* too long to be read whole and unsorted */
    bool seen_asked;     /* the history was asked about rows that no file has */
    bool reread;         /* a table has appeared: heads are read again */
    bool foreign_keys;   /* SQLite: they were on before */
    struct reading last; /* PEEK's or READ's */
    long *violations;    /* counts before the unit, by violation_keys */
    const char **violation_keys;
    size_t violation_count;
};

enum after_close {
    AFTER_END,
    AFTER_BACKOFF,
    AFTER_QUEUE,
};

/* What a MARK request is for. */
enum mark_kind {
    MARK_FORWARD,   /* as the operation says */
    MARK_TAKE_BACK, /* the statement left nothing: attempted goes back to done */
    MARK_DELETE,    /* and nothing of the revision stands: its row goes */
    MARK_SETTLE,    /* it stands, and skein stops here: attempted = done */
};

/* Who was found to hold what is waited for. */
struct heard {
    const struct holder *holder; /* NULL: nobody, or nobody has answered */
    bool blind;                  /* the server could not tell */
    int64_t at_us;
    int64_t counts_us; /* it explains a failure that comes no later than this */
};

struct life_work {
    /* told from outside */
    int64_t now_us, wall_us;
    const char *stop, *cancel;
    /* tries */
    bool uncounted; /* the next connection is no attempt of its own */
    unsigned transient_failures, lock_failures, capacity_failures;
    int64_t transient_delay_us, lock_delay_us;
    bool by_direct_url;  /* it is connected to without the pooler */
    bool keeps;          /* statements were sent to be kept parsed */
    bool keeps_nothing;  /* and the server did not know one: no more of that */
    int64_t admitted_us; /* first; -1 */
    /* another's lock */
    int64_t lock_since_us; /* -1: not waited for */
    int64_t tries_since_us;
    unsigned tries, rounds;
    char lock_key[24]; /* PostgreSQL: its name, from the first try on */
    struct heard heard[WATCH_COUNT];
    int64_t wait_us;  /* more than 0: the state is entered to wait */
    bool need_flock;  /* SQLite: several units, or an open row */
    bool begin_off;   /* SQLite: the first unit begins without foreign keys */
    bool begin_known; /* that was found with the lock */
    /* the request */
    struct request request;
    struct command *commands;
    struct sent *sent;
    size_t command_count, command_capacity, sent_capacity, bytes;
    int64_t deadline_us;
    bool aborting;
    bool entering;  /* the state is to be entered (again) */
    bool asked;     /* CONNECT has made PEEK's first request */
    unsigned phase; /* of a state that asks several times */
    /* the target */
    struct life_connection connection;
    struct pair_list vars; /* merged; items NULL until needed */
    const struct plan *plan;
    const struct plan *goal_plan; /* of a relative goal: the one that its steps are counted by */
    const struct plan *next_plan; /* after `plan` (an accept row goes first) */
    const char *group;
    size_t at, until; /* operations: the next one; the first that the request under way leaves */
    size_t unit_at;   /* the first of the unit */
    long seq;         /* the last one of the history */
    long uncommitted_seq;     /* the same with the unit's rows */
    const char *applied;      /* applied_checksum of the last row, written or to be */
    const char *const *heads; /* as known: read, or written by COMMIT */
    size_t head_count;
    size_t resumed;          /* statements of the plan's first step that another session has done */
    struct history_row open; /* the row that this life goes on with; seq 0: none */
    int64_t *step_us;        /* by step of `plan` */
    size_t step_capacity;
    enum mark_kind mark;
    const char *const *invalid; /* indexes that were not valid before the statement */
    size_t invalid_count;
    bool known;        /* this life knows, whatever the open row says: */
    size_t known_done; /* so many statements of it stand, and no more were sent */
    struct {           /* the same of the row that a unit in doubt has ended; seq 0: none */
        int64_t seq;
        size_t done;
    } before;
    bool off_retries;      /* OFF: there is another try once the row was written */
    struct err *off_error; /* OFF: the statement's, while what it left is looked at */
    const char *deferred;
    /* the doubt of a lost answer, settled by the next READ */
    const struct outcome_doubt *doubt; /* NULL: none */
    struct err *doubt_error;           /* of the answer that was lost, with its place */
    struct outcome_step *doubted;      /* steps of the unit whose COMMIT was not answered */
    size_t doubted_count;
    size_t step_room; /* of outcome.steps */
    struct outcome_step *steps;
    /* edited files */
    bool sums_read;
    const char **changed; /* ids */
    size_t changed_count;
    bool moved; /* no file was edited: another tool has moved the rows since */
    /* the end */
    enum after_close after;
    int64_t delay_us;
    bool capacity;
    enum outcome_kind verdict;
    struct err *failure;
    struct err *ended_by; /* the failure of the try before, or NULL */
};

/* ---- life_request.c */

/* Moves, and has the state entered. */
void life_move(struct life *life, enum life_state state);
/* Has the present state entered again. */
void life_again(struct life *life);
bool life_is(const struct life *life, enum engine engine);
/* Whether this life changes nothing, so that a replica will do. */
bool life_only_reads(const struct life *life);
bool life_is_mysql(const struct life *life); /* or MariaDB */
/* An empty err in life->arena. */
struct err *life_err(struct life *life);

/* A new, empty request. */
void request_start(struct life *life);
/* Adds a command of skein's own; parameters (NULL: SQL's NULL) are not copied. */
void request_add(struct life *life, enum dialect_purpose purpose, enum expect expect,
                 const struct operation *operation, unsigned count, const char *const *parameters);
/* Adds any text. */
void request_add_text(struct life *life, enum dialect_purpose purpose,
                      const struct operation *operation, const char *sql, size_t length);
/* What was added, as a request: valid until the next request_start. */
const struct request *request_made(struct life *life);
/* Submits; timeout in milliseconds, 0: none. */
void request_submit(struct life *life, struct demand *demand, int64_t timeout_ms);
/* Bookkeeping requests may take so long. */
int64_t request_patience_ms(const struct life *life);
/* Whether the server keeps statement_timeout itself; MySQL does so for SELECT only. */
bool request_is_timed(const struct life *life);
/* Index of the first command of the purpose in the request that was answered, or its count. */
size_t request_find(const struct life *life, enum dialect_purpose purpose);
/* That command's result where it completed, or NULL. */
const struct result *request_result(const struct life *life, const struct reply *reply,
                                    enum dialect_purpose purpose);
/* Whether a cell says true: "1", "t", "true". */
bool cell_is_true(const char *cell);
/* Checks every expectation; *place: the operation whose answer was wrong. */
int request_check(const struct life *life, const struct reply *reply,
                  const struct operation **place, struct err *err);
/* A number as a parameter. */
const char *request_number(struct life *life, long number);

/* ---- life_holder.c */

/* Has the server asked whom the request waits for, from half its lock_timeout on. */
void holder_watch_request(struct life *life, struct demand *demand);
/* Has it asked who has skein's lock, from half of lock_wait on. Nothing where it is not waited for.
 */
void holder_watch_lock(struct life *life, struct demand *demand);
/* LIFE_HOLDER. */
void holder_heard(struct life *life, const struct life_event *event);
/* Puts the holder into the error of a lock that was not had, where one was heard of during the
 * wait. To be called when the error comes. */
void holder_explain(const struct life *life, struct err *err);

/* ---- life_shape.c */

/* Adds a hint where the error comes of a table that has skein's name and not its shape. */
void shape_explain(const struct life *life, struct err *err);
/* ERROR_UNKNOWN_REVISION where a row of the version table names no revision at all, which may still
 * be shown; ERROR_CORRUPT where one of the history has a NULL that skein never writes: nothing can
 * be said of such a target. */
int shape_check_rows(const struct life *life, struct err *err);

/* ---- life_prepare.c */

/* What a request needs that begins outside a transaction: READ COMMITTED, role and search_path. */
void prepare_add_preamble(struct life *life);
/* SESSION: what a revision finds, whatever ran before. `concurrent`: for a CONCURRENTLY statement.
 */
void prepare_add_section(struct life *life, const struct operation *operation, bool concurrent);
/* What takes skein's lock, with the settings that go before it. SQLite: BEGIN IMMEDIATE, the file's
 * own lock was taken before where it is needed. */
void prepare_add_lock(struct life *life, bool foreign_keys_off);
/* Behind COMMIT, in its request: what a revision has set for its session ends with the
 * transaction, too, where the session is a pooler's. */
void prepare_add_tidy(struct life *life);
/* The lock begins and ends with each transaction: SQLite, and behind a pooler. */
bool prepare_locks_by_transaction(const struct life *life);
/* 0 where the lock was had, or not asked for; else who has it. */
int prepare_check_lock(struct life *life, const struct reply *reply, struct err *err);

/* ---- life_read.c */

/* The names that skein's tables have in SQL, where they are not made yet. */
void read_name_tables(struct life *life);
void read_add_locate(struct life *life);
/* Adds the statement that reads heads and open rows, of those tables that are there. */
void read_add_heads(struct life *life);
/* Adds what is enough to know that there is nothing to do (SQLite), of both tables. */
void read_add_heads_brief(struct life *life);
/* Takes locate's row in: tables, schema, identity, and whether a pooler stands between (then it is
 * not located: other clients' settings may have answered). A wrong target is an error. */
int read_locate(struct life *life, const struct result *result, struct err *err);
/* What it answered; NULL: it was not sent, or did not complete. */
const struct result *read_locate_result(const struct life *life, const struct reply *reply);
/* What the heads' command answered, whichever it was; NULL: none of them was sent. */
const struct result *read_heads_result(const struct life *life, const struct reply *reply);
/* Takes heads' rows in. result NULL: no table. */
void read_heads(struct life *life, const struct result *result);

/* ---- life_session.c: MySQL and MariaDB */

/* Adds what every session begins with. */
void session_add_preamble(struct life *life);
/* Adds timeouts and what bounds a vanished client, and `session:`; once per connection. */
void session_add_settings(struct life *life, const struct timeouts *wanted);
/* Adds what a step, or a section of it with timeouts of its own, needs. Within a step the settings
 * that its statements make stay. */
void session_add(struct life *life, const struct operation *operation,
                 const struct timeouts *wanted);
/* Whether the rest of the plan's first step needs what its statements that stand, work->resumed,
 * have left in a session that is gone, and that SETs alone do not make again. */
bool session_is_lost(const struct life *life, struct err *err);

/* ---- life_batch.c */

/* Makes commands of the operations from work->at on, until an answer decides or the request is
 * full; sets work->until. An error is one of rendering. */
int batch_build(struct life *life, struct err *err);
/* The tenant's vars with those of -x over them. */
const struct pair_list *batch_variables(struct life *life);
/* A statement or check with its variables put in. */
int batch_add_statement(struct life *life, enum dialect_purpose purpose,
                        const struct operation *operation, const struct statement *statement,
                        struct err *err);
void batch_add_mark(struct life *life, const struct operation *operation, size_t attempted,
                    size_t done);
const struct statement *operation_statement(const struct life *life,
                                            const struct operation *operation);
/* Where an error of the operation is: revision, file, line, section, statement. */
void batch_place(const struct life *life, const struct operation *operation, int position,
                 struct err *err);
/* Time of what was answered, by step; the slowest statement. */
void batch_measure(struct life *life, const struct reply *reply);
/* Violations of foreign keys: those before the unit; whether there are new ones. */
void batch_keep_violations(struct life *life, const struct result *result);
bool batch_new_violation(const struct life *life, const struct result *result, const char **table);

/* ---- life_verdict.c */

/* Something went wrong in the present state: decides between another try and the end, and leaves by
 * ROLLBACK or CLOSE. err is copied. */
void verdict_fail(struct life *life, const struct err *err);
/* Ends as `kind`, with err (copied) or NULL. */
void verdict_end(struct life *life, enum outcome_kind kind, const struct err *err);
/* The server that was reached takes no changes, or is the wrong one. Refused, where nothing was
 * tried; after a failover in the middle the right one may come back: tried again. */
void verdict_refuse(struct life *life, const struct err *err);
/* Leaves the connection and queues again: what was decided without the lock no longer holds. */
void verdict_anew(struct life *life);
/* Another has the lock: waits on the connection, or away from it, or is blocked. */
void verdict_busy(struct life *life, const struct err *err);
/* Cancelled or stopped: ends. */
void verdict_cancel(struct life *life);
void verdict_stop(struct life *life);
/* Notes of a LIFE_FAILED what is left of the connection. True: nobody knows what became of the
 * request, because no answer came or the connection ended with it. */
bool verdict_note(struct life *life, const struct life_event *event);
/* Whether `err` gets another try; counts it. Sets after, delay_us, capacity. */
bool verdict_retries(struct life *life, const struct err *err);
/* Gives up in QUEUED or BACKOFF. */
void verdict_give_up(struct life *life, const struct err *err);
void verdict_partial(struct life *life, const struct err *err);

/* As what a life ends that cannot go on, where nothing of a revision stands. */
enum outcome_kind verdict_kind(const struct life *life, enum outcome_kind otherwise);

/* ---- life_doubt.c */

/* The step of an operation, as a report tells it. */
struct outcome_step doubt_step(const struct life *life, const struct operation *operation);
/* The operation at work->at was not answered (COMMIT: its unit); `err` is why, copied. Stays until
 * a READ has settled it. */
void doubt_begin(struct life *life, enum doubt_kind kind, const struct err *err);
/* The life ends in doubt: tells the outcome what about, and its error where. */
void doubt_tell(struct life *life);

/* ---- life_walk.c */

/* Moves to the state that performs the operation at work->at; at the end to the success. */
void walk_next(struct life *life);
/* The unit that ends with the COMMIT at work->at stands. */
void walk_committed(struct life *life);
/* It may stand: nobody answered the COMMIT; `err` is why. */
void walk_doubt(struct life *life, const struct err *err);
/* Settles the doubt from history_run's rows. */
void walk_settle_doubt(struct life *life, const struct result *result);
void walk_load(struct life *life, const struct plan *plan, size_t at);

/* ---- life_changed.c */

bool changed_suspected(struct life *life);
void changed_read(struct life *life, const struct result *result);
/* With the rows read: 0, or the refusal. *accept: the plan of the accept row to go first, or NULL.
 */
int changed_judge(struct life *life, const struct plan **accept, struct err *err);

/* ---- life_moved.c */

/* Whether the checksum of the latest row is that of other heads, with the files as they are; `sums`
 * are history_sums' rows. */
bool moved_by_another(struct life *life, const struct result *sums);

/* ---- life_unknown.c */

/* Tells the outcome which of the rows read last no file has. Whether the history is to be asked
 * about them: once in a connection. */
bool unknown_find(struct life *life);
/* Makes a request of those questions. False: there are none. */
bool unknown_ask(struct life *life);
/* Takes the answers in. False: the request was another one. */
bool unknown_answered(struct life *life, const struct reply *reply);
/* A refusal in the words of this target: for one database alone, when the history last saw the row.
 */
const struct err *unknown_explain(struct life *life, const struct err *refused);

/* ---- life_resolve.c */

void resolve_decide(struct life *life);

/* ---- life_decide.c */

/* Adds to the hint how a person settles a statement of which it is not known whether it stands. */
void decide_hint(const struct life *life, int64_t done, int64_t attempted, struct err *err);
/* Adds the question for the width of version_num, where the plan has an id that may be too long for
 * an adopted table; takes its answer in. */
void width_ask(struct life *life);
void width_answered(struct life *life, const struct reply *reply);
/* PEEK: ends where nothing is to do, moves to PLACE (or CHECK, for a plan) else. */
void decide_peek(struct life *life);
/* Ends the life where what was read without the lock is enough for it; false: it is not. */
bool decide_ends(struct life *life);
/* The plan for the heads that were read last. */
void decide_prepare(struct life *life);
/* READ: with the lock. */
void decide_read(struct life *life);
/* CHECK of a plan: with the rows of edited files read, where needed. */
void decide_check(struct life *life);

/* ---- life_execute.c */

/* Whether a require or verify passes. */
bool check_passes(const struct check *check, const struct result *result);
/* The error of one that does not. */
void check_describe(struct life *life, const struct operation *operation,
                    const struct result *result, struct err *err);

/* ---- life_check.c */

/* CHECK without a connection, behind decide_ends: false where it would have something to ask. */
bool check_told(struct life *life);

/* ---- life_peek.c */

/* LIFE_TOLD: whether the life has ended by it. */
bool peek_told(struct life *life, const struct life_event *event);

/* ---- the states: what they do when they are entered, and with an event */

void queued_enter(struct life *life, struct demand *demand);
void connect_enter(struct life *life, struct demand *demand);
void peek_enter(struct life *life, struct demand *demand);
void place_enter(struct life *life, struct demand *demand);
void lock_enter(struct life *life, struct demand *demand);
void read_enter(struct life *life, struct demand *demand);
void check_enter(struct life *life, struct demand *demand);
void execute_enter(struct life *life, struct demand *demand);
void commit_enter(struct life *life, struct demand *demand);
void rollback_enter(struct life *life, struct demand *demand);
void mark_enter(struct life *life, struct demand *demand);
void off_enter(struct life *life, struct demand *demand);
void close_enter(struct life *life, struct demand *demand);
void backoff_enter(struct life *life, struct demand *demand);
void done_enter(struct life *life, struct demand *demand);

void queued_event(struct life *life, const struct life_event *event);
void connect_event(struct life *life, const struct life_event *event);
void peek_event(struct life *life, const struct life_event *event);
void place_event(struct life *life, const struct life_event *event);
void lock_event(struct life *life, const struct life_event *event);
void read_event(struct life *life, const struct life_event *event);
void check_event(struct life *life, const struct life_event *event);
void execute_event(struct life *life, const struct life_event *event);
void commit_event(struct life *life, const struct life_event *event);
void rollback_event(struct life *life, const struct life_event *event);
void mark_event(struct life *life, const struct life_event *event);
void off_event(struct life *life, const struct life_event *event);
void close_event(struct life *life, const struct life_event *event);
void backoff_event(struct life *life, const struct life_event *event);

#endif
