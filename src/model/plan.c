#include "model/plan.h"

const char *step_kind_name(enum step_kind kind)
{
    static const char *const names[] = {
        [STEP_UPGRADE] = "upgrade", [STEP_DOWNGRADE] = "downgrade",
        [STEP_STAMP] = "stamp",     [STEP_ACCEPT] = "accept",
        [STEP_RESOLVE] = "resolve", [STEP_ENSURE] = "ensure_version",
    };

    return names[kind];
}
