/*
 * revisions.h: revisions as lists, in the style of Alembic's history, heads, branches and show, and
 * as JSON.
 */
#ifndef SKEIN_REPORT_REVISIONS_H
#define SKEIN_REPORT_REVISIONS_H

#include "base/str.h"
#include "model/revision.h"

/* A revision with what its graph says of it; made by src/app from planner/graph.h. */
struct revision_view {
    const struct revision *revision;
    bool is_head;      /* no children */
    bool is_real_head; /* no children and nothing depends on it */
    bool is_branch_point, is_merge_point;
    bool is_current;             /* `history -i`: some target stands there */
    const char *const *children; /* ids */
    size_t child_count;
    const char *const *labels; /* its own and its lineage's */
    size_t label_count;
};

/* "<base> -> 1975ea83b712 (head), add users"; with verbose the whole entry. */
void report_history(const struct revision_view *views, size_t count, bool verbose, struct str *out);
/* "1975ea83b712 (accounts) (head)" */
void report_heads(const struct revision_view *views, size_t count, bool verbose, struct str *out);
/* "1975ea83b712 (head)": without the labels, with marks of forks and merges, as `current`. */
void report_current_revisions(const struct revision_view *views, size_t count, bool verbose,
                              struct str *out);
/* `views`: branch points; `all` (with total) is where the children are looked up. */
void report_branches(const struct revision_view *views, size_t count,
                     const struct revision_view *all, size_t total, bool verbose, struct str *out);
void report_show(const struct revision_view *views, size_t count, struct str *out);
/* {"schema_version":1,"revisions":[…]} */
void report_revisions_json(const struct revision_view *views, size_t count, struct str *out);

#endif
