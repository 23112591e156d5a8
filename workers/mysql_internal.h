/*
 * mysql_internal.h: what the files of the driver of MySQL and MariaDB share. mysql.c is the
 * driver's tables, mysql_connect.c connects, mysql_kill.c stops a statement from beside,
 * mysql_request.c runs requests, mysql_text.c puts parameters in, mysql_error.c turns what the
 * library says into an err. The library's types are named as structs here, so that its header stays
 * in the .c files; its functions begin with mysql_, so ours begin with mysql_driver_.
 *
 * Connecting is WORK: over TLS the library blocks, whatever it is asked. A request runs on the loop
 * by its _start and _cont calls.
 */
#ifndef SKEIN_WORKERS_MYSQL_INTERNAL_H
#define SKEIN_WORKERS_MYSQL_INTERNAL_H

#include <stdatomic.h>

#include "base/str.h"
#include "workers/driver.h"

struct st_mysql;     /* MYSQL */
struct st_mysql_res; /* MYSQL_RES */

/* All that a connection is made with. Strings are the target's, or copies in one arena (KILL). */
struct mysql_driver_login {
    struct address_list addresses; /* tried in order where the name need not be checked */
    const char *host;              /* name; begins with '/': the socket's path */
    unsigned port;
    const char *user, *password, *database; /* or NULL */
    const char *program;                    /* attribute program_name, or NULL */
    struct tls tls;
    int64_t timeout_ms; /* in all; 0: none */
    bool read_only;
    const char *command;  /* to be run at once, within the same time; or NULL */
    int abort_descriptor; /* readable: give up; -1: none */
};

/* How a call of the library stands that may have to wait. */
enum mysql_driver_call {
    MYSQL_DRIVER_QUERY,
    MYSQL_DRIVER_ROW,
    MYSQL_DRIVER_FREE, /* the rest of a result is read away */
    MYSQL_DRIVER_NEXT, /* the next result of the same command (CALL) */
};

struct mysql_driver_rows {
    const char **cells;
    size_t count, capacity, columns;
};

/* One request under way: one command after the other, for the server takes one at a time. */
struct mysql_driver_request {
    const struct request *request;
    size_t index; /* of the command under way */
    enum mysql_driver_call call;
    bool begun;                /* the call was made */
    int status;                /* what it waits for, 0: it has returned */
    int returned;              /* by QUERY, NEXT */
    char **row;                /* by ROW */
    struct st_mysql_res *rows; /* being read */
    bool kept;                 /* rows of this command have been kept: those of its first result */
    bool failed, lost;         /* err says why */
    struct mysql_driver_rows cells;
    struct result *results;
    struct str sql; /* with its parameters */
    struct err err;
    int position;
    int64_t since_us;
};

enum mysql_driver_phase {
    MYSQL_DRIVER_IDLE, /* also: never opened */
    MYSQL_DRIVER_BEGUN,
    MYSQL_DRIVER_CONNECTING, /* the work was handed out */
    MYSQL_DRIVER_REQUEST,
};

struct connection {
    struct st_mysql *mysql; /* NULL: not connected */
    enum mysql_driver_phase phase;
    enum engine engine;
    struct mysql_driver_login login;
    struct err err; /* the work's */
    bool answered;  /* likewise */
    atomic_bool given_up;
    bool cancel_asked; /* at any time: KILL may arrive late, so it counts from then on */
    struct mysql_driver_request request;
};

/* ---- mysql_connect.c */

/* Fills a login. 0, or an error: what this library cannot do. */
int mysql_driver_login_init(struct mysql_driver_login *login, const struct open_options *options,
                            struct err *err);
/* Connects and blocks for it. NULL: err says why, *answered whether somebody was there. */
struct st_mysql *mysql_driver_connect(const struct mysql_driver_login *login, struct err *err,
                                      bool *answered);

/* ---- mysql_kill.c */

/* Work that asks the server to stop what session `thread` does; owns copies of all it needs. */
struct work mysql_driver_kill(const struct mysql_driver_login *login, unsigned long thread);

/* ---- mysql_request.c */

void mysql_driver_request_begin(struct connection *connection, const struct request *request);
enum drive mysql_driver_request_drive(struct connection *connection, unsigned ready,
                                      struct want *want, struct reply *reply, struct err *err);
/* Frees what a request holds, also one under way, before the connection is closed. */
void mysql_driver_request_release(struct connection *connection);

/* ---- mysql_text.c */

/* The command's text with its parameters as literals for $1…, into `out` (cleared before). */
void mysql_driver_text(struct st_mysql *mysql, const struct command *command, struct str *out);

/* ---- mysql_error.c */

/* The library's last error as err. Returns true where the server itself said it, and the session
 * goes on. */
bool mysql_driver_error(struct st_mysql *mysql, enum engine engine, struct err *err);
/* Where a syntax error is within the text, in characters from 1; 0: unknown. */
int mysql_driver_position(const char *message, const char *sql, size_t length);
#endif
