/*
 * splitter.h: cuts SQL text into statements as the engine's own client would: quotes, dollar quotes, nested comments, E'' and backslash
 * escapes, executable comments, DELIMITER lines, BEGIN ATOMIC and compound bodies (CREATE TRIGGER/PROCEDURE/FUNCTION/EVENT … BEGIN … END
 * CASE IF LOOP). One state machine, a const table per dialect. It does not parse SQL and never refuses what it does not know.
 */
#ifndef SKEIN_PLANNER_SPLITTER_H
#define SKEIN_PLANNER_SPLITTER_H

#include "base/arena.h"
#include "base/err.h"
#include "model/revision.h"

/* Splits text[0..length). `first_line` is the line number of its first byte. Statements point into text; comments before and after a
 * statement are not part of it, a piece of comments only is no statement. Errors (ERROR_REVISION with line): an unterminated quote, comment or
 * dollar quote; transaction control (BEGIN, START TRANSACTION, COMMIT, END, ROLLBACK, ABORT, SAVEPOINT is allowed, SET autocommit, PREPARE
 * TRANSACTION); a psql backslash command; COPY … FROM STDIN. */
int splitter_split(struct arena *arena, enum engine engine, const char *text, size_t length, int first_line,
                   struct statement **statements, size_t *count, struct err *err);

/* Adds one statement to a checksum's input in its canonical form (contract, section 3): comments outside quotes dropped
 * (hints and executable comments stay), white space outside quotes one space, trimmed, then ";\n". */
struct str;
void splitter_canonical(enum engine engine, const char *text, size_t length, struct str *out);

#endif
