#include "model/unlock.h"

const char *unlock_state_name(enum unlock_state state)
{
    static const char *const names[UNLOCK_STATES] = {
        [UNLOCK_UNKNOWN] = "unknown", [UNLOCK_FREE] = "free",   [UNLOCK_LIVE] = "live",
        [UNLOCK_DEAD] = "dead",       [UNLOCK_OTHER] = "other", [UNLOCK_ENDED] = "ended",
    };

    return names[state];
}
