/*
 * table.h: a text as rows of named columns, for inventories that another program prints: CSV with a
 * head line (RFC 4180), or an object of JSON a line. Pure.
 */
#ifndef SKEIN_CONFIG_TABLE_H
#define SKEIN_CONFIG_TABLE_H

#include "base/arena.h"
#include "base/err.h"
#include "config/rows.h"

#define TABLE_COLUMNS_MAX 100

/* JSON where the first character that is no blank is a brace, else CSV. The text must have no NUL.
 * Errors, ERROR_CONFIGURATION, begin with the line: "line 3: …". No value of the text is shown. */
int table_parse(struct arena *arena, const char *text, size_t length, struct config_rows *rows,
                struct err *err);

/* ---- json_lines.c: every line that is not blank is an object; `labels` and `vars` in it may be
 * objects themselves, and are the columns labels.KEY and vars.KEY. Numbers and booleans are texts
 * as written in JSON; null is as if the key were not there. */
int json_lines_parse(struct arena *arena, const char *text, size_t length, struct config_rows *rows,
                     struct err *err);

#endif
