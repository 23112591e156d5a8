/*
 * floor.h: what the floors of the benchmark share: the benchmark's revisions, joined to one text
 * that does the whole work, and threads that take one target after the other.
 *
 * A floor is the least that can do the work: the client library's own blocking calls, the same
 * statements from the same files, one text for each target. It has no checks, no plan, no lock, no
 * report: what skein costs more than a floor is what skein costs.
 *
 * Not a revision parser: the files of the benchmark are plain (one upgrade section, in file-name
 * order a line of parents).
 */
#ifndef SKEIN_TESTS_BENCH_FLOOR_H
#define SKEIN_TESTS_BENCH_FLOOR_H

#include <stdbool.h>
#include <stddef.h>

enum floor_mode {
    FLOOR_BARE,        /* the statements, and the version table with its row */
    FLOOR_BOOKKEEPING, /* the same, and skein's history: the table, a row a step */
    FLOOR_HEADS,       /* nothing to do: connect, read the version table */
    FLOOR_OPEN,        /* the same, and the history's open rows: what up to date means to skein */
    FLOOR_RESET,       /* PostgreSQL: not a floor; makes the databases as they were before */
    FLOOR_MODES
};

/* FLOOR_MODES where the word is none. */
enum floor_mode floor_mode_of(const char *word);

/* How the bookkeeping is written for an engine. */
struct floor_dialect {
    const char *timestamp, *timestamp_type; /* now; its type in the history */
    const char *key, *options;              /* what ends the history's columns, its table */
    bool marks; /* definitions commit by themselves: what is tried is written before each */
};

/* The whole work of a mode as one text; the caller frees it. Ends the process where a file cannot
 * be read. */
char *floor_text(enum floor_mode mode, const struct floor_dialect *dialect, char *const *files,
                 int count);

/* Calls each(context, number), for 1 to count, from so many threads; the exit code: 1 where one
 * returned false. */
int floor_run(unsigned threads, unsigned count, bool (*each)(void *context, unsigned number),
              void *context);

/* A number from 1, or the end of the process. */
unsigned floor_number(const char *word);

#endif
