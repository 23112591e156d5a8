/*
 * dialect.h: the SQL that skein sends itself, one table per engine. The texts lie in
 * workers/sql/ENGINE/PURPOSE.sql and are compiled in (scripts/embed-sql); a purpose that an engine
 * does not need has no text. MariaDB's are MySQL's: what only one of them knows stands in
 * executable comments. In a file, {include parts/NAME} stands for workers/sql/ENGINE/parts/NAME.sql
 * and {include PURPOSE} for another text of the engine; the texts here have them put in.
 *
 * Placeholders, replaced once per connection: {version_table} {history_table} {version_key}
 * {database} by quoted names, {local} by true or false: whether what is set ends with the
 * transaction. Everything else is a parameter ($1, ?1), always text. The purpose's name is
 * `purpose` of the command that is sent, which is how tests recognise it.
 *
 * Not here: which of them is sent when (life*.c).
 */
#ifndef SKEIN_WORKERS_DIALECT_H
#define SKEIN_WORKERS_DIALECT_H

#include "base/arena.h"
#include "base/str.h"
#include "model/engine.h"

enum dialect_purpose {
    /* -- the session */
    DIALECT_READ_COMMITTED, /* for the request that it begins; MySQL: for the session, with what
                               else of its settings could be anything */
    DIALECT_READ_ONLY,      /* likewise */
    DIALECT_FRESH, /* PostgreSQL: whatever was set on this session since it began, by whomever, is
                      as it was then; 1: until the end of the transaction, true or false. Not what a
                      pooler looks after itself, by what each client asked for */
    DIALECT_ROLE,  /* PostgreSQL: 1 role; MySQL: made by dialect_role() */
    DIALECT_PATH,  /* 1 search_path; MySQL: the database, again */
    DIALECT_SETTINGS, /* 1 milliseconds of lock_timeout, 2 of statement_timeout, 3 of
                         abandoned_after, 4 and 5 seconds: idle and between two keepalives; MySQL: 1
                         and 3 in seconds */
    DIALECT_SETTING,  /* 1 name, 2 value */
    DIALECT_SESSION,  /* 1 search_path, 2 milliseconds of lock_timeout, 3 of statement_timeout, 4
                         role, NULL: they stay as they are. A row: search_path as the server has it,
                         and the schema that it comes to. Strings and encoding are set to what the
                         files were read by. MySQL:
                         READ_COMMITTED's settings again, and others that a revision may have left;
                         the step's time begins */
    DIALECT_TIMEOUTS, /* 1 lock_timeout, 2 statement_timeout, in milliseconds (MySQL: 1 in seconds)
                       */
    DIALECT_CHECK_INTERVAL, /* likewise, from PostgreSQL 14 on: 1 client_connection_check_interval,
                               2 idle_session_timeout, which is abandoned_after */
    /* -- reading */
    /* 1 version table, 2 history table, as written in SQL (SQLite: plain names). One row: database,
       is a replica, the schema that search_path comes to, the version table, the history table (not
       NULL: it is there), search_path, server_version_num, transaction_read_only, the number of the
       session that answers (not SQLite), the role (PostgreSQL). A new session of PostgreSQL knows
       no catalog yet: each function and cast that it must look up counts where nothing is to do. */
    DIALECT_LOCATE,
    DIALECT_LOCATE_SCHEMAS, /* PostgreSQL, where search_path may have several schemas: the same, but
                               4 and 5 are the schemas of the tables */
    DIALECT_HEADS,          /* rows: version_num or the row's revision, seq (NULL: a version row),
                               direction, state, total, attempted, done, checksum, done_checksum,
                               applied_checksum, run_id, started_at. Of the history: open rows and the last
                             */
    DIALECT_HEADS_BRIEF,    /* what `up_to_date` hangs on: version_num or the row's
                               applied_checksum, seq, state. SQLite compiles each column for each
                               file; a new session of PostgreSQL looks up what sorting needs, so its
                               text takes DIALECT_BRIEF_ROWS rows of the history as they come: whoever
                               gets so many has not seen all */
    DIALECT_HEADS_VERSION,  /* the same where only the version table is there */
    DIALECT_HEADS_HISTORY,  /* the same where only the history table is there */
    /* PostgreSQL, the heads of many schemas of one database: */
    DIALECT_SURVEY, /* 1 an array of names, 2 version table, 3 history table, plain. A row for each
                       schema that is there and may be used: LOCATE's columns, the number of the
                       name from 1, whether its tables can be read. Transactions that only read:
                       instead of transaction_read_only there is its default */
    DIALECT_SURVEY_VERSION, /* parts of one UNION ALL, 1 the number, verbatim: then HEADS' columns
                               of */
    DIALECT_SURVEY_HISTORY, /* one table */
    DIALECT_SURVEY_VERSION_BRIEF, /* the same with HEADS_BRIEF's */
    DIALECT_SURVEY_HISTORY_BRIEF,
    DIALECT_HISTORY_RUN,  /* 1 run_id; rows: revision, direction, state, done, seq, by seq */
    DIALECT_HISTORY_SEEN, /* 1 revision; the last row of it: direction, time (RFC 3339), run_id,
                             actor, tag, checksum, skein_version */
    DIALECT_HISTORY_SUMS, /* rows: revision, direction, checksum, of the steps, by seq */
    DIALECT_WIDTH,        /* 1 version table; a row: the width of version_num, NULL: no limit */
    DIALECT_PLAIN_TABLES, /* MySQL: rows: names of tables that know no transactions */
    DIALECT_INVALID,      /* rows: names of indexes that are not valid */
    /* -- the lock */
    DIALECT_LOCK, /* PostgreSQL: 1 key; a row: had it. A session looks tables up in a cache, which
                     it brings up to date when it locks a table; an advisory lock is none. So once
                     it is had a table is looked at, or LOCATE would not see what others have made
                     since the transaction began. SQLite: skein_lock(). MySQL: GET_LOCK, and with it
                     the mark of a run, by which UNLOCK knows it */
    DIALECT_LOCK_TRANSACTION, /* PostgreSQL: the same key; let go by the end of the transaction */
    DIALECT_IDENTITY,         /* a row: which server it is, by whatever name it was reached */
    /* -- who is waited for: rows of workers/holders.h. An engine without these texts is not asked
     */
    DIALECT_HOLDER,      /* 1 the session's number (driver.h): whom it waits for. MySQL: for the
                            lock of a table, which the server may not be able to tell */
    DIALECT_HOLDER_ROWS, /* MySQL: the same, for the lock of a row */
    DIALECT_HOLDER_LOCK, /* 1 as LOCK: who has skein's lock */
    DIALECT_INSPECT, /* 1 names, each between two line feeds; rows of what is there by these names:
                        table, column, index or constraint; schema, its table, name, whether it is
                        seen without its schema, whether names of tables do not tell capitals apart,
                        whether it is valid */
    DIALECT_UNLOCK_SCHEMA, /* 1 S where it is configured, 2 the version table as in LOCATE: keeps S
                              for UNLOCK */
    DIALECT_UNLOCK_SELF,   /* back to the role that connected: another may see less, and end nothing
                            */
    DIALECT_UNLOCK_FIND,   /* MySQL: UNLOCK's parameters; its row, into variables of the session */
    DIALECT_UNLOCK_PREPARE, /* MySQL: and what ends that session, or nothing, */
    DIALECT_UNLOCK_END,     /* which is done */
    DIALECT_UNLOCK, /* who has skein's lock in S; then the microseconds that the server has waited
                       for its client (NULL: it does not), which session it is, whether it is a run
                       of skein's, and whether it was ended: only where 1 its pid and 2 its session
                       are these, and it is a run that is silent for more than 3 milliseconds */
    /* -- units */
    DIALECT_BEGIN,
    DIALECT_COMMIT,
    DIALECT_ROLLBACK,
    DIALECT_CREATE_VERSION,
    DIALECT_CREATE_HISTORY,
    DIALECT_VERSION_INSERT, /* 1 id */
    DIALECT_VERSION_UPDATE, /* 1 from, 2 to */
    DIALECT_VERSION_DELETE, /* 1 id */
    DIALECT_HISTORY_INSERT, /* 1 seq, 2 revision, 3 direction, 4 state, 5 total, 6 attempted, 7
                               done, 8 checksum, 9 done_checksum, 10 applied_checksum, 11 run_id, 12
                               actor, 13 reason, 14 tag, 15 skein_version; SQLite: 16 started_at */
    DIALECT_HISTORY_MARK,   /* 1 seq, 2 attempted, 3 done, 4 done_checksum, 5 run_id: of an open row
                             */
    DIALECT_HISTORY_CLOSE,  /* 1 seq, 2 attempted and done, 3 done_checksum, 4 applied_checksum,
                               5 run_id: the open row becomes done */
    DIALECT_HISTORY_DELETE, /* 1 seq: of an open row */
    /* -- SQLite's foreign keys and settings */
    DIALECT_FOREIGN_KEYS, /* a row: 1 or 0 */
    DIALECT_FOREIGN_KEYS_OFF,
    DIALECT_FOREIGN_KEYS_ON,
    DIALECT_VIOLATIONS, /* rows: table, parent, key, how many */
    /* -- the revision's own */
    DIALECT_STATEMENT,
    DIALECT_CHECK,
    /* -- an offline script's, for the engine's own client (offline.h): whole lines, with their
     * terminator; what is marked "verbatim" is put in as it is, the rest as literals */
    DIALECT_OFFLINE_HEAD,     /* settings of the client; 1 milliseconds of lock_wait */
    DIALECT_OFFLINE_LOCATE,   /* 1 version table as in SQL, 2 the schema or NULL */
    DIALECT_OFFLINE_IDENTITY, /* 1 database or NULL, 2 schema or NULL */
    DIALECT_OFFLINE_LOCK,     /* 1 the lock's command, verbatim */
    DIALECT_OFFLINE_QUERY,    /* 1 a query whose row nobody wants to see, verbatim */
    DIALECT_OFFLINE_SESSION, /* 1 the session's query, verbatim: stops where it is answered wrong */
    DIALECT_OFFLINE_CREATE,  /* 1 a table as in SQL, 2 what makes it, verbatim: where it is not
                                there;  without the text: CREATE TABLE IF NOT EXISTS */
    DIALECT_OFFLINE_STANDS,  /* 1 heads, sorted, joined by commas, 2 number of open rows */
    DIALECT_OFFLINE_UNCHANGED, /* 1 applied_checksum that the last row must have */
    DIALECT_OFFLINE_PURGE,     /* instead of STANDS: empties the version table */
    DIALECT_OFFLINE_ONE,       /* 1 a command that must change one row, verbatim */
    DIALECT_OFFLINE_TRY, /* 1 a statement, verbatim, with its terminator, 2 its name, 3 what to
                            write if it fails, verbatim; then it stops. MySQL: one statement, 1
                            and it without terminator */
    DIALECT_OFFLINE_KEYS_KEEP,  /* 1 the query for violations, verbatim: as they are now */
    DIALECT_OFFLINE_KEYS_CHECK, /* 1 the same: stops where there are more */
    DIALECT_OFFLINE_TAIL,       /* 1 the lock's key, verbatim */
    /* expressions, for values that only the database knows */
    DIALECT_OFFLINE_KEY,     /* the lock's */
    DIALECT_OFFLINE_NEXT,    /* seq of the next row of the history */
    DIALECT_OFFLINE_OPEN,    /* seq of the open row */
    DIALECT_OFFLINE_FAILED,  /* the same, inside TRY's 3; 1 TRY's 2 */
    DIALECT_OFFLINE_APPLIED, /* applied_checksum of the last row */
    DIALECT_OFFLINE_NOW,
    DIALECT_COUNT
};

#define DIALECT_BRIEF_ROWS 64

struct dialect_names {
    const char *version_table, *history_table; /* quoted, with their schema where it is known */
    const char *version_key;                   /* quoted name of the version table's primary key */
    const char *database;                      /* quoted; MySQL */
    const char *local;                         /* "true" or "false" */
};

/* "heads", "history_insert": the file's name. */
const char *dialect_purpose_name(enum dialect_purpose purpose);

/* The text with its placeholders, or NULL. */
const char *dialect_text(enum engine engine, enum dialect_purpose purpose);

/* The text with the names put in, in the arena; BUG() where the engine has none. */
const char *dialect_render(struct arena *arena, enum engine engine, enum dialect_purpose purpose,
                           const struct dialect_names *names);

/* A parameter as it is written into an offline script. */
struct dialect_value {
    const char *text; /* NULL: SQL's NULL */
    bool verbatim;    /* else it becomes a literal */
};

/* Adds the text with names and values put in. */
void dialect_write(struct str *out, struct arena *arena, enum engine engine,
                   enum dialect_purpose purpose, const struct dialect_names *names,
                   const struct dialect_value *values, size_t count);

/* SET ROLE, which takes no parameter: of MySQL and MariaDB, and of scripts. */
const char *dialect_role(struct arena *arena, enum engine engine, const char *role);

/* SQLite: PRAGMA name = value, which takes no parameter either. */
const char *dialect_pragma(struct arena *arena, const char *name, const char *value);

/* MySQL, MariaDB: SET SESSION name = value, a number bare, as the server wants it. */
const char *dialect_variable(struct arena *arena, const char *name, const char *value);

/* Whether an error of this statement leaves nothing behind outside a transaction: not so for
 * CONCURRENTLY, CALL and DO; on MySQL and MariaDB also not for DROP or RENAME of several objects,
 * DROP DATABASE, CREATE OR REPLACE, EXECUTE and compound statements (contract, section 8). What
 * only changes rows is whole where its tables are: dialect_changes_rows. */
bool dialect_is_whole(enum engine engine, const char *sql, size_t length);
/* Whether it names CONCURRENTLY, so that an index may be left that is not valid. */
bool dialect_is_concurrent(enum engine engine, const char *sql, size_t length);
/* MySQL, MariaDB: whether it changes rows and nothing else, so that what an error of it leaves
 * depends on the engine of its tables. */
bool dialect_changes_rows(enum engine engine, const char *sql, size_t length);
/* Whether a script can try it (OFFLINE_TRY): on MySQL and MariaDB, whether a block may hold it. */
bool dialect_fits_block(enum engine engine, const char *sql, size_t length);
/* MySQL, MariaDB: whether it is a USE. */
bool dialect_chooses_database(enum engine engine, const char *sql, size_t length);
/* Whether the name stands in the statement, quoted or not, in any case. */
bool dialect_names(enum engine engine, const char *sql, size_t length, const char *name);

#endif
