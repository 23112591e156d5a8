/*
 * revision_file.h: one file of versions/ as a struct revision (contract, section 3): header,
 * markers, options, statements, checksums. Pure: gets bytes, reads nothing. What concerns several
 * files together (parents, cycles, ids used twice) is graph.h.
 */
#ifndef SKEIN_PLANNER_REVISION_FILE_H
#define SKEIN_PLANNER_REVISION_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "model/revision.h"

struct str;

#define REVISION_FILE_LIMIT     (16u << 20) /* bytes */
#define REVISION_FILE_ID_LENGTH 64          /* characters */

/* Parses one file. Statements are split, checked and summed for each engine of the set `engines`;
 * scripts, checks' statements and checksums of other engines stay empty. down, depends_on hold the
 * ids as written (graph_build resolves them). All errors of the file go into `errors`, each with
 * file and line; NULL if there was one. The result points into the arena and into the file's bytes,
 * which must live as long. */
struct revision *revision_file_parse(struct arena *arena, const struct file_text *file,
                                     unsigned engines, struct err_list *errors);

/* Parses all files, in their order; errors of all of them. *revisions holds what could be read;
 * returns 0, or ERROR_REVISION if there was an error. */
int revision_files_parse(struct arena *arena, const struct file_text *files, size_t file_count,
                         unsigned engines, struct err_list *errors, struct revision ***revisions,
                         size_t *count);

/* Values for a new revision file (`skein revision`); all owned by the caller. */
struct revision_draft {
    const char *id, *message, *create_date; /* message: lines after the first become free text */
    const char *const *down;
    size_t down_count;
    const char *const *depends_on;
    size_t depends_on_count;
    const char *const *labels;
    size_t label_count;
};

/* Fills the template (migrations/revision.sql; {{id}} {{message}} {{down}} {{depends_on}}
 * {{labels}} {{create_date}}, a line whose value is empty is left out but for Revises; other braces
 * stay). ERROR_CONFIGURATION with a hint if what comes out is no revision file with that id and
 * those parents: a template that lacks something, a message that reads like a marker. */
int revision_file_render(const char *template_text, const struct revision_draft *draft,
                         struct str *out, struct err *err);

/* Whether a header's line with this text stays free text: it is no key in any
 * letters, no marker. */
bool revision_file_is_text(const char *line, size_t length);

/* "1975ea83b712_add_users_table.sql", as Alembic makes it: the message's words (letters, digits, _,
 * of any script), lower case, joined by _; what is longer than 40 characters is cut after a word
 * and ends with _. */
char *revision_file_name(struct arena *arena, const char *id, const char *message);

/* The built-in template that `skein init` writes. */
extern const char revision_file_template[];

#endif
