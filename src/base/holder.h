/*
 * holder.h: the session that holds a lock which somebody else wants, as its server describes it.
 * A plain value; what it may be shown as is the report's business.
 */
#ifndef SKEIN_BASE_HOLDER_H
#define SKEIN_BASE_HOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define HOLDER_QUERY 80 /* characters that are kept of its query */

struct holder {
    int64_t pid;             /* the server's number of the session; 0: it has none any more (a
                                prepared transaction) */
    const char *application; /* what it calls itself, or NULL */
    const char *user;        /* or NULL */
    const char *since;       /* RFC 3339: when its transaction began, else its session (MySQL: else
                                what it does now); NULL: the role that asked may not see it */
    int64_t since_us;        /* how long ago that was */
    const char *state; /* "active", "idle", "idle in transaction" … or NULL: the role that asked
                          may not see it */
    const char *query; /* its last one (MySQL: the one under way), on one line, control
                          characters made visible, cut; NULL: none, or not to be seen */
};

/* In the arena, with its texts. NULL of NULL. */
struct holder *holder_copy(struct arena *arena, const struct holder *holder);

/* Foreign text as `query` is to be: one line, safe to be shown, at most HOLDER_QUERY characters.
 * NULL of NULL. */
const char *holder_query(struct arena *arena, const char *text);

/* The run of a session that skein opened for a target: the `5f3a9c` of "skein run=5f3a9c
 * tenant=acme", in the arena; NULL where it is none. *tenant: the name, perhaps cut by the server,
 * or NULL. */
const char *holder_run(struct arena *arena, const char *application, const char **tenant);

#endif
