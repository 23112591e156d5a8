/*
 * keyword.h: the few words of SQL that decide where a statement ends or that it is refused. All
 * engines in one table; what a word means where is the caller's to know.
 */
#ifndef SKEIN_PLANNER_KEYWORD_H
#define SKEIN_PLANNER_KEYWORD_H

#include <stddef.h>

/* In the order of the alphabet, as the table in keyword.c. */
enum keyword {
    KEYWORD_NONE,
    KEYWORD_ABORT,
    KEYWORD_AGGREGATE,
    KEYWORD_ALTER,
    KEYWORD_AS,
    KEYWORD_ATOMIC,
    KEYWORD_AUTOCOMMIT,
    KEYWORD_BEGIN,
    KEYWORD_CALL,
    KEYWORD_CASE,
    KEYWORD_CHAR,
    KEYWORD_CHARACTER,
    KEYWORD_COMMIT,
    KEYWORD_COPY,
    KEYWORD_CREATE,
    KEYWORD_DECLARE,
    KEYWORD_DEFINER,
    KEYWORD_DELETE,
    KEYWORD_DELIMITER,
    KEYWORD_DO,
    KEYWORD_ELSE,
    KEYWORD_END,
    KEYWORD_EVENT,
    KEYWORD_FOR,
    KEYWORD_FROM,
    KEYWORD_FUNCTION,
    KEYWORD_GLOBAL,
    KEYWORD_HANDLER,
    KEYWORD_IF,
    KEYWORD_INSERT,
    KEYWORD_INTO,
    KEYWORD_LOCAL,
    KEYWORD_LOCK,
    KEYWORD_LOOP,
    KEYWORD_MATERIALIZED,
    KEYWORD_MERGE,
    KEYWORD_NOT,
    KEYWORD_OR,
    KEYWORD_PERSIST,
    KEYWORD_PERSIST_ONLY,
    KEYWORD_PREPARE,
    KEYWORD_PREPARED,
    KEYWORD_PROCEDURE,
    KEYWORD_REPEAT,
    KEYWORD_REPLACE,
    KEYWORD_RETURN,
    KEYWORD_RETURNS,
    KEYWORD_ROLLBACK,
    KEYWORD_ROW,
    KEYWORD_SELECT,
    KEYWORD_SESSION,
    KEYWORD_SET,
    KEYWORD_SIGNAL,
    KEYWORD_SQL,
    KEYWORD_START,
    KEYWORD_STATEMENT,
    KEYWORD_STDIN,
    KEYWORD_STDOUT,
    KEYWORD_TEMP,
    KEYWORD_TEMPORARY,
    KEYWORD_THEN,
    KEYWORD_TO,
    KEYWORD_TRANSACTION,
    KEYWORD_TRIGGER,
    KEYWORD_UPDATE,
    KEYWORD_VALUES,
    KEYWORD_VIEW,
    KEYWORD_WHILE,
    KEYWORD_WITH,
    KEYWORD_WORK,
    KEYWORD_XA,
    KEYWORD_COUNT
};

/* By its letters, in any case; KEYWORD_NONE for every other word. */
enum keyword keyword_find(const char *text, size_t length);

/* In capitals; "" for KEYWORD_NONE. */
const char *keyword_name(enum keyword keyword);

#endif
