#include "planner/keyword.h"

#include <string.h>
#include <strings.h>

#define KEYWORD_LONGEST 12

static const char *const names[KEYWORD_COUNT] = {
    "",          "ABORT",   "AGGREGATE", "ALTER",     "AS",           "ATOMIC",   "AUTOCOMMIT",
    "BEGIN",     "CALL",    "CASE",      "CHAR",      "CHARACTER",    "COMMIT",   "COPY",
    "CREATE",    "DECLARE", "DEFINER",   "DELETE",    "DELIMITER",    "DO",       "ELSE",
    "END",       "EVENT",   "FOR",       "FROM",      "FUNCTION",     "GLOBAL",   "HANDLER",
    "IF",        "INSERT",  "INTO",      "LOCAL",     "LOCK",         "LOOP",     "MATERIALIZED",
    "MERGE",     "NOT",     "OR",        "PERSIST",   "PERSIST_ONLY", "PREPARE",  "PREPARED",
    "PROCEDURE", "REPEAT",  "REPLACE",   "RETURN",    "RETURNS",      "ROLLBACK", "ROW",
    "SELECT",    "SESSION", "SET",       "SIGNAL",    "SQL",          "START",    "STATEMENT",
    "STDIN",     "STDOUT",  "TEMP",      "TEMPORARY", "THEN",         "TO",       "TRANSACTION",
    "TRIGGER",   "UPDATE",  "VALUES",    "VIEW",      "WHILE",        "WITH",     "WORK",
    "XA",
};

/* Binary search: "ABOR" stands before "ABORT", as a shorter name does in the table. */
enum keyword keyword_find(const char *text, size_t length)
{
    size_t low = 1, high = KEYWORD_COUNT;

    if (length > KEYWORD_LONGEST) {
        return KEYWORD_NONE;
    }
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strncasecmp(text, names[middle], length);

        if (!order && names[middle][length]) {
            order = -1;
        }
        if (!order) {
            return (enum keyword)middle;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return KEYWORD_NONE;
}

const char *keyword_name(enum keyword keyword)
{
    return names[keyword];
}
