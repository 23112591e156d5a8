/*
 * usage: floor_mariadb MODE SOCKET PREFIX COUNT THREADS [FILE]...
 *
 * The floor on MariaDB: for each of the databases PREFIX0001 … one connection and one message of
 * several statements, by the user root over the server's socket or, where SOCKET is a number, its
 * port. MODE: floor.h.
 */
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "floor.h"

struct fleet {
    const char *socket, *prefix;
    const char *text;
};

static MYSQL *connect_to(const struct fleet *fleet, unsigned number)
{
    unsigned port = *fleet->socket == '/' ? 0 : floor_number(fleet->socket);
    MYSQL *mysql = mysql_init(NULL);
    char database[64];

    snprintf(database, sizeof database, "%s%04u", fleet->prefix, number);
    if (mysql && mysql_real_connect(mysql, port ? "127.0.0.1" : NULL, "root", "", database, port,
                                    port ? NULL : fleet->socket, CLIENT_MULTI_STATEMENTS)) {
        return mysql;
    }
    fprintf(stderr, "floor: %s: %s\n", database, mysql_error(mysql));
    mysql_close(mysql);
    return NULL;
}

static bool execute(MYSQL *mysql, const char *text)
{
    int more = mysql_query(mysql, text);

    while (more == 0) {
        mysql_free_result(mysql_store_result(mysql));
        more = mysql_errno(mysql) ? 1 : mysql_next_result(mysql);
    }
    if (more > 0) {
        fprintf(stderr, "floor: %s\n", mysql_error(mysql));
    }
    return more < 0;
}

static bool run_one(void *context, unsigned number)
{
    const struct fleet *fleet = context;
    MYSQL *mysql = connect_to(fleet, number);
    bool good = mysql && execute(mysql, fleet->text);

    if (mysql) {
        mysql_close(mysql);
    }
    return good;
}

int main(int argc, char **argv)
{
    static const struct floor_dialect dialect = {.timestamp = "utc_timestamp(6)",
                                                 .timestamp_type = "datetime(6)",
                                                 .key = ", PRIMARY KEY (seq)",
                                                 .options = " ENGINE=InnoDB DEFAULT CHARACTER SET"
                                                            " utf8mb4 COLLATE utf8mb4_bin",
                                                 .marks = true};
    enum floor_mode mode = argc > 5 ? floor_mode_of(argv[1]) : FLOOR_MODES;
    struct fleet fleet;
    char *text;
    int code;

    if (mode == FLOOR_MODES || mode == FLOOR_RESET) {
        fprintf(stderr, "usage: floor_mariadb bare|bookkeeping|heads|open SOCKET PREFIX COUNT"
                        " THREADS [FILE]...\n");
        return 2;
    }
    text = floor_text(mode, &dialect, argv + 6, argc - 6);
    fleet = (struct fleet){.socket = argv[2], .prefix = argv[3], .text = text};
    mysql_library_init(0, NULL, NULL);
    code = floor_run(floor_number(argv[5]), floor_number(argv[4]), run_one, &fleet);
    free(text);
    return code;
}
