/*
 * rows.h: what a server answered to a discovery, before anybody has looked at it.
 */
#ifndef SKEIN_CONFIG_ROWS_H
#define SKEIN_CONFIG_ROWS_H

#include <stddef.h>

/* A table of texts, NULL: SQL's NULL. */
struct config_rows {
    const char *const *columns; /* their names */
    size_t column_count;
    const char *const *cells; /* row by row */
    size_t row_count;
};

#endif
