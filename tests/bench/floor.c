#include "floor.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES 65536 /* more than any revision of the benchmark */

static const char *const mode_words[FLOOR_MODES] = {
    [FLOOR_BARE] = "bare",   [FLOOR_BOOKKEEPING] = "bookkeeping",
    [FLOOR_HEADS] = "heads", [FLOOR_OPEN] = "open",
    [FLOOR_RESET] = "reset",
};

/* The bookkeeping is skein's, from workers/sql: the same columns, values of the same length. */
static const char create_version[] =
    "CREATE TABLE alembic_version (version_num VARCHAR(64) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))%s;\n";
static const char create_history[] =
    "CREATE TABLE skein_history (seq integer NOT NULL, revision varchar(64) NOT NULL,"
    " direction varchar(9) NOT NULL, state varchar(8) NOT NULL, total integer NOT NULL,"
    " attempted integer NOT NULL, done integer NOT NULL, checksum varchar(32),"
    " done_checksum varchar(32), applied_checksum varchar(32), run_id varchar(32),"
    " started_at %s, finished_at %s, actor varchar(96), reason varchar(100), tag varchar(32),"
    " skein_version varchar(16)%s)%s;\n";
static const char insert_history[] =
    "INSERT INTO skein_history (seq, revision, direction, state, total, attempted, done, checksum,"
    " done_checksum, applied_checksum, run_id, actor, reason, tag, skein_version, started_at,"
    " finished_at) VALUES (%d, '%s', 'upgrade', '%s', %d, %d, %d,"
    " '0123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef',"
    " '0123456789abcdef0123456789abcdef', '20261120T103000Z-5f3a9c', 'benchmark', NULL, NULL,"
    " '0.1.0', %s, %s);\n";

static const char heads[] = "SELECT version_num FROM alembic_version";
static const char heads_and_open_rows[] =
    "SELECT version_num, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"
    " FROM alembic_version UNION ALL SELECT revision, seq, direction, state, total, attempted,"
    " done, checksum, done_checksum, applied_checksum, run_id, started_at FROM skein_history"
    " WHERE state = 'started' OR seq = (SELECT max(seq) FROM skein_history)";

static _Noreturn void give_up(const char *what, const char *why)
{
    fprintf(stderr, "floor: %s: %s\n", what, why);
    exit(2);
}

enum floor_mode floor_mode_of(const char *word)
{
    enum floor_mode mode = FLOOR_BARE;

    while (mode < FLOOR_MODES && strcmp(word, mode_words[mode]) != 0) {
        mode++;
    }
    return mode;
}

unsigned floor_number(const char *word)
{
    char *end;
    unsigned long number = strtoul(word, &end, 10);

    if (*end || number == 0 || number > 1000000) {
        give_up(word, "not a number");
    }
    return (unsigned)number;
}

static char *read_whole(const char *path)
{
    FILE *stream = fopen(path, "r");
    char *text = calloc(1, FILE_BYTES);

    if (!stream || !text || fread(text, 1, FILE_BYTES - 1, stream) == 0 || !feof(stream)) {
        give_up(path, "cannot be read");
    }
    fclose(stream);
    return text;
}

/* What follows `prefix` up to `end`, cut in place; *rest is moved behind it. */
static char *cut(const char *path, char **rest, const char *prefix, const char *end)
{
    char *begin = strstr(*rest, prefix);
    char *stop;

    if (!begin) {
        give_up(path, prefix);
    }
    begin += strlen(prefix);
    stop = strstr(begin, end);
    if (!stop) {
        give_up(path, end);
    }
    *stop = '\0';
    *rest = stop + 1;
    return begin;
}

static void put_row(FILE *out, const struct floor_dialect *dialect, int seq, const char *id,
                    bool whole)
{
    fprintf(out, insert_history, seq, id, whole ? "done" : "started", 2, whole ? 2 : 1,
            whole ? 2 : 0, dialect->timestamp, whole ? dialect->timestamp : "NULL");
}

/* A step on an engine whose definitions commit by themselves: before each statement it is written
 * that it is tried, for the first one with the row, in the transaction that ends the step before.
 */
static void put_marked(FILE *out, const struct floor_dialect *dialect, int seq, const char *id,
                       char *statements)
{
    int number = 0;

    fputs(seq > 1 ? "" : "START TRANSACTION;\n", out);
    put_row(out, dialect, seq, id, false);
    fputs("COMMIT;\n", out);
    for (char *rest = statements, *statement; (statement = strtok_r(rest, ";", &rest));) {
        if (strspn(statement, " \n") == strlen(statement)) {
            continue;
        }
        if (number++ > 0) {
            fprintf(out,
                    "UPDATE skein_history SET attempted = %d, done = %d, done_checksum ="
                    " '0123456789abcdef0123456789abcdef', run_id = '20261120T103000Z-5f3a9c'"
                    " WHERE seq = %d AND state = 'started';\n",
                    number, number - 1, seq);
        }
        fprintf(out, "%s;\n", statement);
    }
    fputs("START TRANSACTION;\n", out);
}

static void put_closed(FILE *out, const struct floor_dialect *dialect, int seq, bool last)
{
    fprintf(out,
            "UPDATE skein_history SET state = 'done', attempted = 2, done = 2, applied_checksum ="
            " '0123456789abcdef0123456789abcdef', finished_at = %s WHERE seq = %d AND state ="
            " 'started';\n%s",
            dialect->timestamp, seq, last ? "COMMIT;\n" : "");
}

static void put_work(FILE *out, enum floor_mode mode, const struct floor_dialect *dialect,
                     char *const *files, int count)
{
    bool keeps = mode == FLOOR_BOOKKEEPING;
    char before[65] = "";

    for (int i = 0; i < count; i++) {
        char *text = read_whole(files[i]);
        char *rest = text;
        const char *id = cut(files[i], &rest, "-- Revision ID: ", "\n");
        char *statements = cut(files[i], &rest, "\n-- skein:upgrade\n", "\n-- skein:downgrade\n");

        if (keeps && dialect->marks) {
            put_marked(out, dialect, i + 1, id, statements);
        } else {
            fputs(statements, out);
        }
        if (before[0]) {
            fprintf(out,
                    "\nUPDATE alembic_version SET version_num = '%s' WHERE version_num = '%s';\n",
                    id, before);
        } else {
            fprintf(out, "\nINSERT INTO alembic_version (version_num) VALUES ('%s');\n", id);
        }
        if (keeps && dialect->marks) {
            put_closed(out, dialect, i + 1, i + 1 == count);
        } else if (keeps) {
            put_row(out, dialect, i + 1, id, true);
        }
        snprintf(before, sizeof before, "%s", id);
        free(text);
    }
}

char *floor_text(enum floor_mode mode, const struct floor_dialect *dialect, char *const *files,
                 int count)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out) {
        give_up("memory", "used up");
    }
    if (mode == FLOOR_HEADS) {
        fputs(heads, out);
    } else if (mode == FLOOR_OPEN) {
        fputs(heads_and_open_rows, out);
    } else {
        fprintf(out, create_version, dialect->options);
        if (mode == FLOOR_BOOKKEEPING) {
            fprintf(out, create_history, dialect->timestamp_type, dialect->timestamp_type,
                    dialect->key, dialect->options);
        }
        put_work(out, mode, dialect, files, count);
    }
    if (fclose(out)) {
        give_up("memory", "used up");
    }
    return text;
}

struct crew {
    bool (*each)(void *context, unsigned number);
    void *context;
    unsigned count;
    atomic_uint taken;
    atomic_bool failed;
};

static void *work(void *argument)
{
    struct crew *crew = argument;
    unsigned number;

    while ((number = atomic_fetch_add(&crew->taken, 1) + 1) <= crew->count) {
        if (!crew->each(crew->context, number)) {
            atomic_store(&crew->failed, true);
        }
    }
    return NULL;
}

int floor_run(unsigned threads, unsigned count, bool (*each)(void *context, unsigned number),
              void *context)
{
    struct crew crew = {.each = each, .context = context, .count = count};
    pthread_t *members = calloc(threads, sizeof *members);

    if (!members) {
        give_up("memory", "used up");
    }
    for (unsigned i = 0; i < threads; i++) {
        if (pthread_create(&members[i], NULL, work, &crew)) {
            give_up("thread", "cannot be started");
        }
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(members[i], NULL);
    }
    free(members);
    return atomic_load(&crew.failed) ? 1 : 0;
}
