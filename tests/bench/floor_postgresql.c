/*
 * usage: floor_postgresql MODE CONNECTION PREFIX COUNT THREADS [FILE]...
 *        floor_postgresql text [FILE]...     prints what mode bare sends
 *
 * The floor on PostgreSQL: for each of the databases PREFIX0001 … one connection, one message, one
 * transaction. CONNECTION is libpq's, without dbname. MODE: floor.h.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "floor.h"

struct fleet {
    const char *connection, *prefix;
    const char *text;
};

/* What the work of the benchmark leaves in the catalogs is cleared away, so that each sample finds
 * the same; the caller then connects once more, because VACUUM drops the cache file that a new
 * session starts with. */
static const char *const reset_texts[] = {
    "DO $$ DECLARE names text; BEGIN"
    " SELECT string_agg(format('%I', relname), ', ') INTO names FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r';"
    " IF names IS NOT NULL THEN EXECUTE 'DROP TABLE ' || names || ' CASCADE'; END IF; END $$",
    "VACUUM (TRUNCATE false) pg_class, pg_attribute, pg_attrdef, pg_type, pg_index, pg_constraint,"
    " pg_depend, pg_trigger, pg_statistic",
};

static PGconn *connect_to(const struct fleet *fleet, unsigned number)
{
    char conninfo[512];
    PGconn *connection;

    snprintf(conninfo, sizeof conninfo, "%s dbname=%s%04u", fleet->connection, fleet->prefix,
             number);
    connection = PQconnectdb(conninfo);
    if (PQstatus(connection) == CONNECTION_OK) {
        return connection;
    }
    fprintf(stderr, "floor: %s", PQerrorMessage(connection));
    PQfinish(connection);
    return NULL;
}

static bool execute(PGconn *connection, const char *text)
{
    PGresult *result = PQexec(connection, text);
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || (status == PGRES_TUPLES_OK && PQntuples(result) > 0);

    if (!good) {
        fprintf(stderr, "floor: %s: %s", PQdb(connection), PQerrorMessage(connection));
    }
    PQclear(result);
    return good;
}

static bool run_one(void *context, unsigned number)
{
    const struct fleet *fleet = context;
    PGconn *connection = connect_to(fleet, number);
    bool good;

    if (!connection) {
        return false;
    }
    good = execute(connection, fleet->text);
    PQfinish(connection);
    return good;
}

static bool reset_one(void *context, unsigned number)
{
    const struct fleet *fleet = context;
    PGconn *connection = connect_to(fleet, number);
    bool good = connection != NULL;

    for (size_t i = 0; good && i < sizeof reset_texts / sizeof *reset_texts; i++) {
        good = execute(connection, reset_texts[i]);
    }
    PQfinish(connection);
    return good && run_one(context, number);
}

static char *text_of(enum floor_mode mode, char **files, int count)
{
    static const struct floor_dialect dialect = {.timestamp = "clock_timestamp()",
                                                 .timestamp_type = "timestamptz",
                                                 .key = "",
                                                 .options = ""};

    return floor_text(mode, &dialect, files, count);
}

static int print_text(char **files, int count)
{
    char *text = text_of(FLOOR_BARE, files, count);
    int code = fputs(text, stdout) < 0;

    free(text);
    return code;
}

int main(int argc, char **argv)
{
    enum floor_mode mode = argc > 5 ? floor_mode_of(argv[1]) : FLOOR_MODES;
    struct fleet fleet;
    char *text = NULL;
    int code;

    if (argc > 1 && strcmp(argv[1], "text") == 0) {
        return print_text(argv + 2, argc - 2);
    }
    if (mode == FLOOR_MODES) {
        fprintf(stderr, "usage: floor_postgresql bare|bookkeeping|heads|open|reset CONNECTION"
                        " PREFIX COUNT THREADS [FILE]...\n");
        return 2;
    }
    if (mode != FLOOR_RESET) {
        text = text_of(mode, argv + 6, argc - 6);
    }
    fleet =
        (struct fleet){.connection = argv[2], .prefix = argv[3], .text = text ? text : "SELECT 1"};
    code = floor_run(floor_number(argv[5]), floor_number(argv[4]),
                     mode == FLOOR_RESET ? reset_one : run_one, &fleet);
    free(text);
    return code;
}
