/*
 * pg_internal.h: what the files of the PostgreSQL driver share. pg.c is the driver's table,
 * pg_connect.c connects (pg_environment.c: what libpq may see of ours, pg_service.c: what a service
 * says), pg_reuse.c makes a connection another's, pg_request.c runs requests, pg_result.c keeps
 * rows, pg_statement.c knows what the server keeps parsed, pg_error.c turns what libpq says into an
 * err. libpq's types are named as structs here, so that its header stays in the .c files.
 */
#ifndef SKEIN_WORKERS_PG_INTERNAL_H
#define SKEIN_WORKERS_PG_INTERNAL_H

#include "base/str.h"
#include "workers/driver.h"

struct pg_conn;
struct pg_result;

enum pg_phase {
    PG_IDLE, /* also: never opened */
    PG_CONNECTING,
    PG_REQUEST,
};

/* The rows of the command whose results come in. */
struct pg_rows {
    const char **cells;
    size_t count, capacity, columns;
};

/* One request under way. Commands are counted with the prelude, which is the driver's own. */
struct pg_request {
    const struct request *request;
    size_t prelude;   /* commands before the first */
    size_t resets;    /* of them those that have a Sync of their own, and make the session anew */
    size_t sent;      /* handed to libpq */
    size_t ended;     /* whose results have all come */
    size_t unflushed; /* bytes handed over since the last flush */
    bool pipeline;
    bool reset;    /* the server answered the Sync behind them */
    bool synced;   /* nothing more will be sent */
    bool blocked;  /* the socket took not all */
    bool unread;   /* TLS may hold more than the socket shows */
    bool settled;  /* the server answered the sync: it waits for the next request */
    bool answered; /* the command whose results come in has its last */
    bool armed;    /* single-row mode was asked for */
    bool draining; /* reads COPY TO STDOUT away */
    bool lost;     /* the connection broke */
    bool unusable; /* it did not, but its state is not ours any more */
    bool failed;   /* err says why */
    bool fatal;    /* the server ended the session with this error */
    size_t failed_at;
    int position;
    struct err err;
    struct result *results;
    struct pg_rows rows;
    size_t timed; /* results whose time is set */
    int64_t since_us;
};

#define PG_STATEMENTS 16 /* kept at once; what comes beyond is sent as if it came once */

/* A text that the server keeps parsed. */
struct pg_statement {
    char *text; /* NULL: this place is free */
    size_t length;
    char name[24];
    size_t before; /* while parsing: it was sent just before this command, counted as in `sent` */
    bool parsing;  /* not answered yet */
    bool usable;   /* false: somebody may have dropped it */
};

struct pg_statements {
    struct pg_statement items[PG_STATEMENTS];
    unsigned named, parsing;
};

struct connection {
    struct pg_conn *pg; /* NULL: not opened, or libpq had no memory */
    const struct target *target;
    enum pg_phase phase;
    unsigned events;      /* what is waited for while connecting */
    const char *weak_tls; /* of the reply to open */
    struct err refused;   /* class not 0: nothing was begun */
    bool read_only;
    bool given_up;     /* abort() while connecting */
    bool cancel_asked; /* at any time: a cancel may arrive late, so it counts from then on */
    bool used;         /* it was another's: the next request makes the session anew */
    const char *name;  /* its application_name then */
    struct str sql;    /* the command being sent, with the NUL that libpq wants */
    struct pg_statements statements;
    struct pg_request request;
};

/* Begins to connect. Errors come from pg_connect_drive. */
void pg_connect_begin(struct connection *connection, const struct open_options *options);
enum drive pg_connect_drive(struct connection *connection, unsigned ready, struct want *want,
                            struct reply *reply, struct err *err);

/* application_name as the server takes it; in the arena of the options. NULL: none. */
const char *pg_application_name(const struct open_options *options);

#define PG_RESETS 3

bool pg_reuse(struct connection *connection, const struct open_options *options);
/* The commands that make a used session anew, in order. */
struct command pg_reset_command(const struct connection *connection, size_t index);

/* The environment that libpq is shown, with `added` ("NAME=VALUE", ends with NULL), in the arena.
 */
char **pg_environment(struct arena *arena, const char *const *added);

/* What an entry of a service file says, where it lies; in the arena. */
struct pg_service {
    const char *host; /* where it leads, of several the one that is not local; NULL: a socket */
    const char *mode; /* sslmode, or NULL */
};

/* A service that is not there says nothing: libpq tells it. ERROR_AUTH where the user's own service
 * file ($PGSERVICEFILE, ~/.pg_service.conf) gives a password and others may read or write it. */
int pg_service_look(const char *name, struct arena *arena, struct pg_service *service,
                    struct err *err);

void pg_request_begin(struct connection *connection, const struct request *request);
enum drive pg_request_drive(struct connection *connection, unsigned ready, struct want *want,
                            struct reply *reply, struct err *err);

/* The statement kept for the command's text, or NULL. */
const struct pg_statement *pg_statement_find(const struct pg_statements *statements,
                                             const struct command *command);
/* A new one, whose Parse is sent next; `before`: that command. NULL: there is no room. */
const struct pg_statement *pg_statement_new(struct pg_statements *statements,
                                            const struct command *command, size_t before);
/* Whether a Parse is to be answered before the command is; and it was. */
bool pg_statement_is_parsed(const struct pg_statements *statements, size_t at);
void pg_statement_answered(struct pg_statements *statements, size_t at, bool good);
/* Somebody may have dropped them: they are made anew. */
void pg_statements_forget(struct pg_statements *statements);
/* The request is over: what was not answered does not exist. */
void pg_statements_settle(struct pg_statements *statements);
void pg_statements_release(struct pg_statements *statements);

/* Adds the rows of a result, where they are to be kept, to those of the command. */
void pg_rows_add(struct pg_rows *rows, const struct pg_result *from, struct arena *arena);
/* The names of its columns, in the arena. */
const char *const *pg_result_names(const struct pg_result *from, struct arena *arena);
/* The end of a command: its rows go into `result`, the next command begins with none. */
void pg_rows_finish(struct pg_rows *rows, struct result *result);
/* Tag and number of rows changed. */
void pg_result_finish(struct pg_result *from, struct result *result, struct arena *arena);

/* Why connecting failed, from libpq's own text (verbose, so that it holds the SQLSTATE). *answered:
 * the peer is alive and refused. */
void pg_error_connect(const char *text, struct err *err, bool *answered);
/* What the server answered to a command. *fatal: it ended the session. */
void pg_error_result(const struct pg_result *result, bool cancel_asked, struct err *err,
                     int *position, bool *fatal);
/* The connection broke under a request; text is libpq's. */
void pg_error_lost(const char *text, struct err *err);

#endif
