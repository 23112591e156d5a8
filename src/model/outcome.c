#include "model/outcome.h"

const char *outcome_name(enum outcome_kind kind)
{
    static const char *const names[OUTCOME_COUNT] = {
        [OUTCOME_NOT_STARTED] = "not_started",
        [OUTCOME_SUCCEEDED] = "succeeded",
        [OUTCOME_UP_TO_DATE] = "up_to_date",
        [OUTCOME_PLANNED] = "planned",
        [OUTCOME_HELD] = "held",
        [OUTCOME_STALE] = "stale",
        [OUTCOME_ROLLED_BACK] = "rolled_back",
        [OUTCOME_FAILED] = "failed",
        [OUTCOME_PARTIAL] = "partial",
        [OUTCOME_CANCELLED] = "cancelled",
        [OUTCOME_REFUSED] = "refused",
        [OUTCOME_BLOCKED] = "blocked",
        [OUTCOME_UNREACHABLE] = "unreachable",
        [OUTCOME_IN_DOUBT] = "in_doubt",
    };

    return names[kind];
}
