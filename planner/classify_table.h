/*
 * classify_table.h: what classify.c shares with its tables, one file an engine. Data only.
 */
#ifndef SKEIN_PLANNER_CLASSIFY_TABLE_H
#define SKEIN_PLANNER_CLASSIFY_TABLE_H

#include <stddef.h>

#include "base/err.h"

/* The first rule that fits counts. */
struct classify_rule {
    const char *code; /* whole, or the beginning of an SQLSTATE ("22") */
    const char *text; /* that the message must hold, or NULL: a server's own words, in English */
    enum error_class class;
    enum retry_class retry;
    const char *hint; /* or NULL */
};

struct classify_condition {
    const char *code;
    const char *name;
};

struct classify_table {
    const struct classify_rule *rules;
    size_t rule_count;
    const struct classify_condition *conditions;
    size_t condition_count;
};

extern const struct classify_table classify_postgresql;
extern const struct classify_table classify_mysql; /* MariaDB's too */
extern const struct classify_table classify_sqlite;

#endif
