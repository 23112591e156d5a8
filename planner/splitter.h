/*
 * splitter.h: cuts SQL text into statements as the engine's own client would: quotes, dollar
 * quotes, nested comments, E'' and backslash escapes, executable comments, DELIMITER lines, BEGIN
 * ATOMIC and compound bodies (CREATE TRIGGER/PROCEDURE/FUNCTION/EVENT ... BEGIN ... END CASE IF
 * LOOP). One state machine (lexer.h, body.h), a const table per dialect. It does not parse SQL and
 * never refuses what it does not know.
 *
 * Linear in the text, without recursion, whatever the text is.
 */
#ifndef SKEIN_PLANNER_SPLITTER_H
#define SKEIN_PLANNER_SPLITTER_H

#include "base/arena.h"
#include "base/err.h"
#include "model/revision.h"

struct str;

/* Splits text[0..length). `first_line` is the line number of its first byte. Statements point into
 * text; comments before and after a statement are not part of it (but hints and executable comments
 * are), a piece of comments only is no statement. `section` of each is 0.
 *
 * Stops at the first error (ERROR_REVISION with line; no file): an unterminated quote, comment,
 * dollar quote, parenthesis (PostgreSQL) or body; transaction control (BEGIN, START TRANSACTION,
 * COMMIT, END, ROLLBACK, ABORT, SET autocommit, PREPARE TRANSACTION, XA, LOCK TABLES; SAVEPOINT,
 * RELEASE and ROLLBACK TO are allowed); a command of psql, mysql or sqlite3; COPY from or to the
 * client; a comment that is a marker but for its first letters. */
int splitter_split(struct arena *arena, enum engine engine, const char *text, size_t length,
                   int first_line, struct statement **statements, size_t *count, struct err *err);

/* The same cuts for SQL that is not a revision's yet: only what is never closed is refused. */
int splitter_cut(struct arena *arena, enum engine engine, const char *text, size_t length,
                 int first_line, struct statement **statements, size_t *count, struct err *err);

/* Whether a statement can be a check: a SELECT, WITH ... SELECT or VALUES that writes nothing as
 * far as its words tell. */
bool splitter_is_query(enum engine engine, const char *text, size_t length);

/* The option of a marker without which SQLite passes over the pragma that the statement sets, for
 * inside a transaction it does nothing, without a word (https://sqlite.org/pragma.html:
 * foreign_keys, journal_mode). NULL: it is no such statement. */
const char *splitter_pragma_option(const char *text, size_t length);

/* Whether a line comment (or a line) is a marker of a revision file but for blanks and capitals: a
 * section whose marker is taken for a comment would run as part of the one before it. */
bool splitter_is_like_marker(const char *text, size_t length);

/* Adds one statement to a checksum's input in its canonical form (contract, section 3): comments
 * outside quotes count as white space (hints and executable comments stay), white space outside
 * quotes is one space, trimmed, then ";\n". */
void splitter_canonical(enum engine engine, const char *text, size_t length, struct str *out);

#endif
