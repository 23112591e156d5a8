/*
 * standing.h: where the targets stand: `current`, `status`, `targets`, as text and JSON.
 */
#ifndef SKEIN_REPORT_STANDING_H
#define SKEIN_REPORT_STANDING_H

#include "model/run.h"
#include "report/report.h"
#include "report/revisions.h"

/* The states of the contract, section 5, the first that holds. */
enum standing_state {
    STANDING_UNREACHABLE,
    STANDING_PARTIAL,
    STANDING_UNKNOWN,
    STANDING_BACK,
    STANDING_BEHIND,
    STANDING_HEAD,
    STANDING_COUNT
};

const char *standing_name(enum standing_state state);
bool standing_parse(const char *name, enum standing_state *state);

/* What was read of the selected targets; states[i] belongs to result->targets[i]. */
struct standing {
    const struct run_result *result;
    const enum standing_state *states;
    const char *const *heads; /* of the revision files: for marks */
    size_t head_count;
    const char *const *files; /* ids of all revision files, for "(unknown)"; sorted */
    size_t file_count;
    /* For each target, the rows of its version table that another row implies, as words, or NULL;
     * NULL where nobody looked. */
    const char *const *covered;
    /* Where it is one target and could be read: what it has applied, in Alembic's sense. */
    const struct revision_view *applied;
    size_t applied_count;
};

/* One block for each set of heads: revision, marks, how many, who. For one target a line a
 * revision, as Alembic; with verbose entries, and the rows that another one implies. */
void report_current_text(const struct standing *standing, const struct report_style *style,
                         struct str *out);
void report_current_json(const struct standing *standing, const struct report_style *style,
                         struct str *out);

void report_status_text(const struct standing *standing, const struct report_style *style,
                        struct str *out);
void report_status_json(const struct standing *standing, const struct report_style *style,
                        struct str *out);

/* The resolved fleet; with `pinged`, whether each could be read. states may be NULL without. */
void report_targets_text(const struct standing *standing, bool pinged, struct str *out);
void report_targets_json(const struct standing *standing, bool pinged, struct str *out);

/* RFC 4180 with a head line: name, engine, server, database, schema, a column labels.KEY for each
 * label of the fleet; with `pinged` state, heads and error. */
void report_targets_csv(const struct standing *standing, bool pinged, struct str *out);

#endif
