/*
 * usage: floor_schemas MODE CONNECTION PREFIX COUNT THREADS [FILE]...
 *
 * The floor on the schemas PREFIX0001 … of one PostgreSQL database. CONNECTION is libpq's, with
 * dbname. MODE (floor.h): bare and bookkeeping do the work, by as many connections as threads, each
 * for one schema after the other, search_path and the whole text in one message; heads and open
 * read all of them by one connection, in few queries.
 */
#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "floor.h"

#define THREADS_MOST 64
/* Schemas in a query. With both tables a longer UNION takes longer for each: PostgreSQL 15 plans
 * one of 200 in three times the time of four of 50. */
#define HEADS_WIDTH 200
#define OPEN_WIDTH  50

struct fleet {
    const char *connection, *prefix;
    const char *text;
    PGconn *connections[THREADS_MOST];
    atomic_uint opened;
};

static _Thread_local PGconn *own;

static bool is_good(PGconn *connection, const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || (status == PGRES_TUPLES_OK && PQntuples(result) > 0);

    if (!good) {
        fprintf(stderr, "floor: %s", PQerrorMessage(connection));
    }
    return good;
}

static bool execute(PGconn *connection, const char *text)
{
    PGresult *result = PQexec(connection, text);
    bool good = is_good(connection, result);

    PQclear(result);
    return good;
}

static PGconn *connect_own(struct fleet *fleet)
{
    unsigned at = atomic_fetch_add(&fleet->opened, 1);

    if (at >= THREADS_MOST) {
        return NULL;
    }
    own = fleet->connections[at] = PQconnectdb(fleet->connection);
    if (PQstatus(own) != CONNECTION_OK) {
        fprintf(stderr, "floor: %s", PQerrorMessage(own));
        return NULL;
    }
    return own;
}

static bool work_one(void *context, unsigned number)
{
    struct fleet *fleet = context;
    PGconn *connection = own ? own : connect_own(fleet);
    char *text = NULL;
    bool good;

    if (!connection ||
        asprintf(&text, "SET search_path = %s%04u;\n%s", fleet->prefix, number, fleet->text) < 0) {
        return false;
    }
    good = execute(connection, text);
    free(text);
    return good;
}

static void put_query(FILE *out, const struct fleet *fleet, enum floor_mode mode, unsigned from,
                      unsigned until)
{
    for (unsigned number = from; number < until; number++) {
        const char *before = number > from ? " UNION ALL " : "";

        if (mode == FLOOR_HEADS) {
            fprintf(out, "%sSELECT %u, version_num FROM %s%04u.alembic_version", before, number,
                    fleet->prefix, number);
        } else {
            fprintf(out,
                    "%sSELECT %u, version_num, NULL::integer, NULL FROM %s%04u.alembic_version"
                    " UNION ALL (SELECT %u, applied_checksum, seq, state FROM %s%04u.skein_history"
                    " ORDER BY CASE WHEN finished_at IS NULL THEN 2147483647 ELSE seq END DESC"
                    " LIMIT 2)",
                    before, number, fleet->prefix, number, number, fleet->prefix, number);
        }
    }
}

static bool read_some(const struct fleet *fleet, enum floor_mode mode, unsigned from,
                      unsigned until)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool good;

    if (!out) {
        return false;
    }
    put_query(out, fleet, mode, from, until);
    good = fclose(out) == 0 && execute(own, text);
    free(text);
    return good;
}

static bool read_all(struct fleet *fleet, enum floor_mode mode, unsigned count)
{
    unsigned width = mode == FLOOR_HEADS ? HEADS_WIDTH : OPEN_WIDTH;
    bool good = connect_own(fleet) != NULL;

    for (unsigned from = 1; good && from <= count; from += width) {
        good = read_some(fleet, mode, from, from + width <= count ? from + width : count + 1);
    }
    return good;
}

static bool run(struct fleet *fleet, enum floor_mode mode, char **arguments, int count)
{
    static const struct floor_dialect dialect = {.timestamp = "clock_timestamp()",
                                                 .timestamp_type = "timestamptz",
                                                 .key = "",
                                                 .options = ""};
    unsigned schemas = floor_number(arguments[4]), threads = floor_number(arguments[5]);
    char *text;
    bool good;

    if (mode == FLOOR_HEADS || mode == FLOOR_OPEN) {
        return read_all(fleet, mode, schemas);
    }
    text = floor_text(mode, &dialect, arguments + 6, count - 6);
    fleet->text = text;
    good = floor_run(threads, schemas, work_one, fleet) == 0;
    free(text);
    return good;
}

int main(int argc, char **argv)
{
    enum floor_mode mode = argc > 5 ? floor_mode_of(argv[1]) : FLOOR_MODES;
    struct fleet fleet = {.connection = NULL};
    bool good;

    if (mode >= FLOOR_RESET) {
        fprintf(stderr, "usage: floor_schemas bare|bookkeeping|heads|open CONNECTION PREFIX COUNT"
                        " THREADS [FILE]...\n");
        return 2;
    }
    fleet.connection = argv[2];
    fleet.prefix = argv[3];
    good = run(&fleet, mode, argv, argc);
    for (unsigned i = 0; i < fleet.opened && i < THREADS_MOST; i++) {
        PQfinish(fleet.connections[i]);
    }
    return good ? 0 : 1;
}
