#include "workers/life.h"

#define TO(name) MACHINE_TO(LIFE_STATE_##name)

/* clang-format off */
static const struct machine_state states[LIFE_STATE_COUNT] = {
    [LIFE_STATE_QUEUED] = {"QUEUED", TO(CONNECT) | TO(DONE)},
    [LIFE_STATE_CONNECT] = {"CONNECT", TO(PEEK) | TO(CLOSE)},
    [LIFE_STATE_PEEK] = {"PEEK", TO(PLACE) | TO(CHECK) | TO(CLOSE)},
    [LIFE_STATE_PLACE] = {"PLACE", TO(LOCK) | TO(CLOSE)},
    [LIFE_STATE_LOCK] = {"LOCK", TO(PLACE) | TO(READ) | TO(ROLLBACK) | TO(CLOSE)},
    [LIFE_STATE_READ] = {"READ", TO(CHECK) | TO(EXECUTE) | TO(MARK) | TO(ROLLBACK) | TO(CLOSE)},
    [LIFE_STATE_CHECK] = {"CHECK", TO(EXECUTE) | TO(COMMIT) | TO(ROLLBACK) | TO(CLOSE)},
    [LIFE_STATE_EXECUTE] = {"EXECUTE", TO(CHECK) | TO(MARK) | TO(COMMIT) | TO(ROLLBACK) | TO(CLOSE)},
    [LIFE_STATE_MARK] = {"MARK", TO(CHECK) | TO(EXECUTE) | TO(OFF) | TO(CLOSE)},
    [LIFE_STATE_OFF] = {"OFF", TO(EXECUTE) | TO(MARK) | TO(CLOSE)},
    [LIFE_STATE_COMMIT] = {"COMMIT", TO(CHECK) | TO(EXECUTE) | TO(MARK) | TO(OFF) | TO(ROLLBACK) | TO(CLOSE)},
    [LIFE_STATE_ROLLBACK] = {"ROLLBACK", TO(CLOSE)},
    [LIFE_STATE_CLOSE] = {"CLOSE", TO(QUEUED) | TO(BACKOFF) | TO(DONE)},
    [LIFE_STATE_BACKOFF] = {"BACKOFF", TO(QUEUED) | TO(DONE)},
    [LIFE_STATE_DONE] = {"DONE", 0},
};
/* clang-format on */

const struct machine life_machine = {"life", states, LIFE_STATE_COUNT};
