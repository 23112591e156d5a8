/*
 * revision_file.h: one file of versions/ as a struct revision (contract, section 3): header, markers, options, statements, checksums.
 * Pure: gets bytes, reads nothing.
 */
#ifndef SKEIN_PLANNER_REVISION_FILE_H
#define SKEIN_PLANNER_REVISION_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "model/revision.h"

#define REVISION_FILE_LIMIT (16u << 20) /* bytes */

/* Parses one file. Statements are split, checked and summed for each engine of the set `engines`. down, depends_on hold the ids as written
 * (graph_build resolves them). All errors of the file go into `errors`, each with file and line. NULL if there was one. */
struct revision *revision_file_parse(struct arena *arena, const struct file_text *file, unsigned engines, struct err_list *errors);

/* Values for a new revision file (`skein revision`); all owned by the caller. */
struct revision_draft {
    const char *id, *message, *create_date;
    const char *const *down;
    size_t down_count;
    const char *const *depends_on;
    size_t depends_on_count;
    const char *const *labels;
    size_t label_count;
};

/* Fills the template (migrations/revision.sql; braces {{id}} {{message}} {{down}} {{depends_on}} {{labels}} {{create_date}}, a line whose value is
 * empty is left out but for Revises). */
int revision_file_render(const char *template_text, const struct revision_draft *draft, struct str *out, struct err *err);

/* "1975ea83b712_add_users_table.sql": Alembic's slug: words of [A-Za-z0-9_], lower case, joined by _, at most 40 characters, cut at a word. */
char *revision_file_name(struct arena *arena, const char *id, const char *message);

/* The built-in template that `skein init` writes. */
extern const char revision_file_template[];

#endif
