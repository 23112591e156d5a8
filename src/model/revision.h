/*
 * revision.h: one revision file as values: header, sections, statements per engine. Made by
 * planner/revision_file.c.
 *
 * A section for all engines is split once per dialect that is in use, because quotes and bodies
 * differ; so statements hang on the engine's script, not on the section. Texts point into the
 * file's bytes, which live as long as the revision.
 */
#ifndef SKEIN_MODEL_REVISION_H
#define SKEIN_MODEL_REVISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/engine.h"

enum direction { DIRECTION_UPGRADE, DIRECTION_DOWNGRADE, DIRECTION_COUNT };

const char *direction_name(enum direction direction); /* "upgrade", "downgrade" */

struct section {
    enum direction direction;
    unsigned engines;             /* set; ENGINE_ALL where the marker names none */
    bool names_engines;           /* the marker names them */
    bool transaction_off;         /* transaction=off */
    bool foreign_keys_off;        /* SQLite: foreign_keys=off */
    int64_t lock_timeout_ms;      /* -1: the connection's */
    int64_t statement_timeout_ms; /* -1: the connection's */
    int line;                     /* of the marker */
    const char *title;            /* "upgrade", "downgrade postgresql": for errors */
    const char *body;             /* bytes after the marker's line up to the next marker */
    size_t body_length;
    int body_line; /* line number of the body's first line */
};

/* One statement, unrendered, trimmed, without its terminator. */
struct statement {
    const char *text; /* not NUL-terminated */
    size_t length;
    int line;       /* of its first token in the file */
    size_t section; /* index into the script's sections */
};

/* `-- skein:require NAME` or `verify`: one SELECT. */
struct check {
    const char *name;
    bool verify;      /* else require */
    bool expect_true; /* expect=true */
    unsigned engines; /* set */
    int line;
    struct statement statement;
};

/* What a target of one engine runs in one direction. */
struct script {
    bool present; /* there is a section for this engine; an empty present one is a no-op */
    const struct section *const *sections;
    size_t section_count;
    const struct statement *statements; /* numbered from 1 by their place here */
    size_t statement_count;
};

/* Where the header says it, from 1; 0: not there, or not from a file. */
struct revision_lines {
    int id, down, depends_on, labels;
    int header; /* the first of it */
};

struct revision {
    const char *id;
    const char *message;     /* the header's first line; "" where empty */
    const char *const *down; /* parents' ids as resolved, in file order */
    size_t down_count;
    const char *const *depends_on; /* ids as resolved */
    size_t depends_on_count;
    const char *const *depends_on_written; /* the same as the file says it: labels, prefixes */
    size_t depends_on_written_count;
    const char *const *labels; /* its own branch labels, as written */
    size_t label_count;
    const char *const *variables; /* declared names */
    size_t variable_count;
    const char *irreversible; /* the reason, or NULL */
    const char *create_date;  /* as written, or NULL */
    const char *notes;        /* what follows the message, of one that is imported; else NULL: it
                                 stands in `header` */
    const char *header;       /* the comment lines that the file begins with, as they stand there */
    size_t header_length;
    const char *path; /* as shown */
    const char *name; /* file name */
    struct revision_lines lines;
    const struct section *sections;
    size_t section_count;
    struct script scripts[ENGINE_COUNT]
                         [DIRECTION_COUNT]; /* filled for the engines asked for at load */
    const struct check *checks; /* in file order; those of another engine are to be passed over */
    size_t check_count;
    char checksum[ENGINE_COUNT][65]; /* "" for engines not asked for */
};

#endif
