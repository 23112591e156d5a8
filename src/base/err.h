/*
 * err.h: an error as a value.
 *
 * A function that can fail takes a `struct err *` as its last argument, returns 0 or the error's
 * class (never 0), and leaves the err untouched on success. Who calls adds context on the way up
 * (err_prefix, err_at). Only src/app and the observers print. Not for what cannot happen (BUG) and
 * not for outcomes: an outcome holds an err.
 *
 * Of a URL with a password, wherever it came from, message and hint show *** instead of both user
 * and password (text_hide_passwords).
 *
 * All strings lie in the arena that the err was made with; they live as long as it.
 */
#ifndef SKEIN_BASE_ERR_H
#define SKEIN_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/holder.h"

/* `error.class` of the report, in the order of docs/reference.md. ERROR_USAGE to ERROR_REVISION end
 * a command before any target. */
enum error_class {
    ERROR_NONE,
    ERROR_CONNECTION,
    ERROR_TLS,
    ERROR_AUTH,
    ERROR_MISSING_DATABASE,
    ERROR_CAPACITY,
    ERROR_LOCK_TIMEOUT,
    ERROR_SKEIN_LOCK,
    ERROR_STATEMENT_TIMEOUT,
    ERROR_DEADLOCK,
    ERROR_SYNTAX,
    ERROR_DUPLICATE_OBJECT,
    ERROR_MISSING_OBJECT,
    ERROR_CONSTRAINT,
    ERROR_DATA,
    ERROR_PRIVILEGE,
    ERROR_READ_ONLY,
    ERROR_WRONG_TARGET,
    ERROR_REQUIREMENT,
    ERROR_VERIFICATION,
    ERROR_UNKNOWN_REVISION,
    ERROR_CHANGED_FILE,
    ERROR_PLAN,
    ERROR_POOLER,
    ERROR_DISK,
    ERROR_CORRUPT,
    ERROR_CANCELLED,
    ERROR_INTERNAL,
    ERROR_USAGE,         /* the command line */
    ERROR_CONFIGURATION, /* skein.yaml, environment, secrets, the project's folder */
    ERROR_REVISION,      /* a revision file or the graph */
    ERROR_CLASS_COUNT
};

/* What may be done about it; from planner/classify.c, which maps (engine, native code, phase) to
 * both enums. */
enum retry_class {
    RETRY_NEVER,     /* the script or the data: another attempt fails the same way */
    RETRY_TRANSIENT, /* try again after a backoff, counted as an attempt */
    RETRY_LOCK,      /* a lock of the engine's own was not had: again, with its own count */
    RETRY_CAPACITY,  /* no connection was to be had: shrink the server's limit, costs no attempt */
    RETRY_AUTH,      /* wrong credentials or rights to connect: never hammer */
    RETRY_HUMAN,     /* damage, disk, memory: a person must look */
    RETRY_CANCELLED, /* skein asked for it */
};

struct err {
    struct arena *arena; /* where the strings lie; set by ERR_INIT, never NULL */
    enum error_class class;
    enum retry_class retry;
    const char *code;    /* SQLSTATE, errno of MySQL, SQLite's result code as text; or NULL */
    const char *message; /* one line or more, never with a secret */
    const char
        *detail;      /* a server's DETAIL: may hold customers' data, shown with -v only; or NULL */
    const char *hint; /* what to do, a sentence or a command line; or NULL */
    const char *revision;        /* or NULL */
    const char *file;            /* path as shown to a person, or NULL */
    int line;                    /* from 1; 0: unknown */
    int column;                  /* from 1; 0: unknown */
    const char *section;         /* "upgrade", "downgrade postgresql"; or NULL */
    int statement;               /* the contract's number, from 1; 0: none */
    const struct holder *holder; /* who held the lock that was not had; NULL: nobody asked, or no
                                    answer came */
};

#define ERR_INIT(the_arena)                                                                        \
    {                                                                                              \
        .arena = (the_arena)                                                                       \
    }

/* Sets class and message; other fields are cleared. Returns the class, so that `return
 * err_set(...)` reads well. */
int err_set(struct err *err, enum error_class class, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds to what is set: the native code with the retry class; the place; a hint. Strings are copied.
 * NULL leaves a field. */
void err_native(struct err *err, const char *code, enum retry_class retry);
void err_at(struct err *err, const char *file, int line, int column);
void err_hint(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "CONTEXT: " before the message. */
void err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Copies src into dst, strings into dst's arena. */
void err_copy(struct err *dst, const struct err *src);

/* "connection", "skein_lock", …: the word of the report. */
const char *error_class_name(enum error_class class);

/*
 * A list of errors, for inputs that report all of theirs at once (skein.yaml, the revision files).
 */
struct err_list {
    struct arena *arena;
    struct err *items;
    size_t count, capacity;
    size_t limit; /* what is more is only counted */
    size_t total;
};

void err_list_init(struct err_list *list, struct arena *arena, size_t limit);
/* A new error in the list, to be filled in by the caller; never NULL (beyond the limit: a scratch
 * one). */
struct err *err_list_add(struct err_list *list);

#endif
