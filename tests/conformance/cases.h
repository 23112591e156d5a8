/*
 * cases.h: the cases of alembic_cases.jsonl as whoever plays them needs them: in memory
 * (graph_test.c) and through the command line (command_line_test.c). Reads them and compares; does
 * not know how they are played. Rules and fields: README.md beside it.
 */
#ifndef SKEIN_TESTS_CONFORMANCE_CASES_H
#define SKEIN_TESTS_CONFORMANCE_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/revision.h"

struct test_case {
    const char *name;
    struct revision **revisions; /* in load order; id, down, depends_on, labels are set */
    size_t revision_count;
    const char **rows; /* the version table's at the start */
    size_t row_count;
    const char **commands;
    size_t command_count;
};

/* What came of it. */
struct played {
    bool failed;
    const char *told;  /* the error with its hint, where it failed */
    const char **rows; /* the version table's at the end, in any order */
    size_t row_count;
    struct str steps;  /* "up:a down:b stamp:c " */
    struct str stdout; /* of the last command, as case_history() and the others give it */
};

/* Runs all cases of the file as cmocka tests: `play` plays one, into an empty struct whose texts
 * are released here; then exit, steps, rows and stdout must be what the case expects. Returns
 * main()'s status: not 0 unless all 192 were read and met, four of them, known by name, with a
 * refusal. */
int cases_run(const char *path, void (*play)(struct arena *arena, const struct test_case *test_case,
                                             struct played *played));

/* What `history` printed: "id (label) (mark)" a line. */
void case_history(const char *text, struct str *out);

/* What `show` printed: "id (mark) (label, label)" a line. */
void case_show(const char *text, struct str *out);

/* Either of them, or the text as it is, as the command's first word says. */
void case_stdout(const char *command, const char *text, struct str *out);

#endif
