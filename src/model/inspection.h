/*
 * inspection.h: an open row of the history beside what the target's catalogue says of the objects
 * that its statements make or drop. A plain value: made by workers/inspect.c, shown by the report.
 */
#ifndef SKEIN_MODEL_INSPECTION_H
#define SKEIN_MODEL_INSPECTION_H

#include "base/err.h"
#include "model/outcome.h"

enum object_kind { OBJECT_TABLE, OBJECT_COLUMN, OBJECT_INDEX, OBJECT_CONSTRAINT };

/* What the catalogue says. */
enum object_found {
    OBJECT_UNKNOWN, /* it was not asked, or cannot be */
    OBJECT_MISSING,
    OBJECT_THERE,
    OBJECT_INVALID, /* an index that is there and not valid (PostgreSQL) */
};

/* Something that a statement makes or drops. Names as the server would have them. */
struct object {
    enum object_kind kind;
    bool drops;
    const char *schema; /* as written, or NULL */
    const char *table;  /* of a column, an index, a constraint; NULL: the statement does not say */
    const char *name;
    enum object_found found;
};

struct inspected_statement {
    size_t number;    /* from 1 */
    const char *text; /* on one line, cut */
    struct object *objects;
    size_t count;
    bool whole; /* all that it does was recognised */
};

/* Of one target. Strings live as long as the outcome it was made from, or the arena. */
struct inspection {
    size_t target; /* index into the fleet */
    const struct history_row *open;
    bool has_file; /* the revision's statements are known */
    bool edited;   /* and its file is not what it was when the row was written */
    struct inspected_statement *statements; /* from the first to the one that was attempted last */
    size_t count;
    struct err err; /* class ERROR_NONE: the catalogue was asked, where there was anything to ask */
};

#endif
