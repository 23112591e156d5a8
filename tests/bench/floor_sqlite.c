/*
 * usage: floor_sqlite MODE FOLDER COUNT THREADS [FILE]...
 *
 * The floor on SQLite: for each of the files FOLDER/0001.db … open, one text, one transaction,
 * close, as each thread by itself can: no mutex that another waits for. No pragma is touched.
 * MODE: floor.h.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "floor.h"

struct fleet {
    const char *folder;
    const char *text;
};

static int count_row(void *context, int columns, char **values, char **names)
{
    unsigned *rows = context;

    (void)columns, (void)values, (void)names;
    ++*rows;
    return 0;
}

static bool run_one(void *context, unsigned number)
{
    const struct fleet *fleet = context;
    char path[4096];
    sqlite3 *database = NULL;
    unsigned rows = 0;
    bool good;

    snprintf(path, sizeof path, "%s/%04u.db", fleet->folder, number);
    good = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
               SQLITE_OK &&
           sqlite3_exec(database, fleet->text, count_row, &rows, NULL) == SQLITE_OK;
    if (!good) {
        fprintf(stderr, "floor: %s: %s\n", path, sqlite3_errmsg(database));
    }
    return sqlite3_close(database) == SQLITE_OK && good;
}

static char *in_transaction(const char *work)
{
    char *text = NULL;

    if (asprintf(&text, "BEGIN IMMEDIATE;\n%s\nCOMMIT;", work) < 0) {
        abort();
    }
    return text;
}

int main(int argc, char **argv)
{
    static const struct floor_dialect dialect = {.timestamp =
                                                     "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
                                                 .timestamp_type = "text",
                                                 .key = "",
                                                 .options = ""};
    enum floor_mode mode = argc > 4 ? floor_mode_of(argv[1]) : FLOOR_MODES;
    struct fleet fleet;
    char *text, *whole;
    int code;

    if (mode == FLOOR_MODES || mode == FLOOR_RESET) {
        fprintf(stderr, "usage: floor_sqlite bare|bookkeeping|heads|open FOLDER COUNT THREADS"
                        " [FILE]...\n");
        return 2;
    }
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS,
                   0); /* or all threads wait for one mutex to count memory */
    text = floor_text(mode, &dialect, argv + 5, argc - 5);
    whole = mode == FLOOR_BARE || mode == FLOOR_BOOKKEEPING ? in_transaction(text) : NULL;
    fleet = (struct fleet){.folder = argv[2], .text = whole ? whole : text};
    code = floor_run(floor_number(argv[4]), floor_number(argv[3]), run_one, &fleet);
    free(whole);
    free(text);
    return code;
}
