/*
 * alembic_file.h: a revision file of skein's from what Alembic rendered. Pure: values in, text out.
 */
#ifndef SKEIN_PLANNER_ALEMBIC_FILE_H
#define SKEIN_PLANNER_ALEMBIC_FILE_H

#include "planner/alembic_script.h"
#include "planner/revision_file.h"

/* What one engine runs in one direction. A statement without text, in doubt, is a place where
 * something is missing. */
struct alembic_part {
    enum engine engine;
    struct alembic_statement *statements;
    size_t count;
};

struct alembic_file {
    struct revision_draft draft;
    const char *irreversible; /* why it cannot be taken back: then it has no downgrade; or NULL */
    /* An engine stands once in each direction. */
    const struct alembic_part *parts[DIRECTION_COUNT];
    size_t part_counts[DIRECTION_COUNT];
};

/* Writes the file. Engines with the same statements share a section; a statement in doubt has
 * `-- skein:unfinished REASON` above it, a part that is not whole has it at its end. The text is
 * read back: ERROR_REVISION where a file without such a place does not say the same to the loader.
 */
int alembic_file_render(const struct alembic_file *file, struct str *out, struct err *err);

/* The next `-- skein:unfinished` line at or after *at: its line number, with its reason in the
 * arena, *at and *line moved behind it; 0 where there is none. Start with the text and line 1. */
int alembic_file_unfinished(struct arena *arena, const char **at, int *line, const char **reason);

#endif
