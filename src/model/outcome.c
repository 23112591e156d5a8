#include "model/outcome.h"

#include <string.h>

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

const char *doubt_kind_name(enum doubt_kind kind)
{
    static const char *const names[] = {
        [DOUBT_COMMIT] = "commit",
        [DOUBT_STATEMENT] = "statement",
        [DOUBT_ROW] = "row",
    };

    return names[kind];
}

/* "last stamped": how the row came where it is. */
static const char *seen_words(const char *direction)
{
    static const char *const words[][2] = {
        {"upgrade", "upgraded"}, {"downgrade", "downgraded"}, {"stamp", "stamped"},
        {"accept", "accepted"},  {"resolve", "resolved"},
    };

    for (size_t i = 0; direction && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i][0], direction) == 0) {
            return words[i][1];
        }
    }
    return "seen";
}

void unknown_row_describe(const struct unknown_row *row, struct str *out)
{
    if (!row->seen) {
        str_add(out, "the history does not name it: not written by skein");
        return;
    }
    str_addf(out, "last %s", seen_words(row->direction));
    if (row->at) {
        str_addf(out, " %s", row->at);
    }
    if (row->actor) {
        str_addf(out, " by %s", row->actor);
    }
    if (row->run_id) {
        str_addf(out, ", run %s", row->run_id);
    }
    if (row->tag) {
        str_addf(out, ", tag %s", row->tag);
    }
}
