/*
 * offline_internal.h: what the files of the offline writer share; nobody else includes it.
 *
 *   offline.c         the walk over a plan's operations
 *   offline_head.c    what stands before the first unit, and after the last
 *   offline_writer.c  texts of dialect.h with their values, and comments
 *   offline_client.c  a statement as an engine's client takes it
 *
 * Calls go down this list only.
 */
#ifndef SKEIN_WORKERS_OFFLINE_INTERNAL_H
#define SKEIN_WORKERS_OFFLINE_INTERNAL_H

#include "workers/bookkeeping.h"
#include "workers/offline.h"
#include "workers/offline_client.h"

struct writer {
    const struct offline_order *order;
    enum engine engine;
    const struct offline_client *client;
    struct arena arena;
    struct str *out;
    struct err *err;
    struct dialect_names names;
    /* expressions, told from other values by their address */
    const char *next, *open, *applied, *now;
    /* where the script stands */
    size_t told;              /* steps whose heading is written */
    const char *const *heads; /* rows of the version table */
    size_t head_count;
    bool begun;                    /* the first unit has begun: the tables are there */
    bool started;                  /* a row is open */
    bool keys_off;                 /* the next BEGIN is one without foreign keys */
    const struct section *section; /* that SESSION was written for last, or NULL */
    /* MySQL: what holds in the session */
    const struct plan_step *step; /* that SESSION was written for last, or NULL */
    int64_t lock_ms, statement_ms;
};

/* ---- offline_head.c */

void head_write(struct writer *writer);
void head_write_tail(struct writer *writer);
/* SQLite: whether `session:` has them on. */
bool head_foreign_keys_on(const struct writer *writer);
/* MySQL: the timeouts for the section, or NULL. */
void head_write_timeouts(struct writer *writer, const struct section *section);
/* What `session:` says. */
void head_write_settings(struct writer *writer);

/* ---- offline_writer.c */

/* Whether the engine has such a text. */
bool writer_has(const struct writer *writer, enum dialect_purpose purpose);
/* A text of dialect.h as a string in the writer's arena. */
const char *writer_text(struct writer *writer, enum dialect_purpose purpose,
                        const struct dialect_value *values, size_t count);
/* The same without values; NULL where the engine has none. */
const char *writer_expression(struct writer *writer, enum dialect_purpose purpose);
/* Writes a text that has its own terminators; nothing where the engine has none. */
void writer_lines(struct writer *writer, enum dialect_purpose purpose,
                  const struct dialect_value *values, size_t count);
/* Whether the engine is MySQL or MariaDB. */
bool writer_is_mysql(const struct writer *writer);
/* Writes a statement that has no terminator with what ends it for the client. */
void writer_delimited(struct writer *writer, const char *sql);
/* Writes a command with its terminator. */
void writer_statement(struct writer *writer, const char *sql);
/* Writes the text that goes around a command; the command by itself where the engine has none. */
void writer_around(struct writer *writer, enum dialect_purpose purpose, const char *sql);
/* A command of skein's own; of its values `seq`, `applied` and `now` are expressions. */
const char *writer_own_text(struct writer *writer, const struct own_command *command,
                            const char *seq);
/* Writes one that must change one row. */
void writer_one(struct writer *writer, const struct own_command *command, const char *seq);
struct bookkeeping writer_book(const struct writer *writer, const char *seq);
const char *writer_number(struct writer *writer, int64_t value);
/* Writes a line of comment, whatever the text holds. */
void writer_comment(struct writer *writer, const char *text);
/* The same, line by line. */
void writer_comment_lines(struct writer *writer, const char *text, size_t length);

#endif
