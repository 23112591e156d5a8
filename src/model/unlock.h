/*
 * unlock.h: who holds skein's own lock on a target, and what became of it. A plain value.
 */
#ifndef SKEIN_MODEL_UNLOCK_H
#define SKEIN_MODEL_UNLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/holder.h"

enum unlock_state {
    UNLOCK_UNKNOWN, /* it could not be asked: `err` */
    UNLOCK_FREE,    /* nobody holds it */
    UNLOCK_LIVE,    /* a run that is not known to be dead, or does not end by this */
    UNLOCK_DEAD,    /* a run whose server has waited for its client longer than `abandoned_after` */
    UNLOCK_OTHER,   /* no run of skein's: a script of --sql, somebody's hand */
    UNLOCK_ENDED,   /* it was dead, and its session was ended */
    UNLOCK_STATES
};

/* "unknown", "free", "live", "dead", "other", "ended". */
const char *unlock_state_name(enum unlock_state state);

struct unlock {
    size_t target; /* index into the fleet */
    enum unlock_state state;
    const struct holder *holder; /* NULL: nobody, or a file's, which does not say whose */
    int64_t quiet_us;            /* so long its server waits for its client; -1: it does not, or
                                    that may not be seen */
    bool nameless;               /* OTHER: a connection of a pooler's, whose name is that of its
                                    last client */
    const char *session;         /* of workers/unlock.c: which session it was */
    struct err err;
};

#endif
