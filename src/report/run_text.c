/* The text report of a run: counts, then what needs a person, then what to type next. Layout:
 * shared words of the contract's example. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "report/cause.h"
#include "report/group.h"
#include "report/plan.h"
#include "report/protection.h"
#include "report/words.h"

#define ASIDE_NAMES 6 /* shown in lines beside the way: held, new */
#define COUNT_WIDTH 7 /* columns of a count, with its commas: fleets of 999,999 */

struct tally {
    size_t kinds[OUTCOME_COUNT];
    size_t need, steps, retried, waited;
};

static void count_outcomes(const struct run_result *result, struct tally *tally)
{
    memset(tally, 0, sizeof(*tally));
    for (size_t i = 0; i < result->count; i++) {
        const struct outcome *outcome = &result->outcomes[i];
        tally->kinds[outcome->kind]++;
        tally->need += outcome_needs_person(outcome->kind) ? 1 : 0;
        tally->steps += outcome->step_count;
        tally->retried += outcome->kind == OUTCOME_SUCCEEDED && outcome->attempts > 1 ? 1 : 0;
        tally->waited += outcome->lock_waits > 0 ? 1 : 0;
    }
}

static void add_head(const struct run_result *result, struct str *out)
{
    str_addf(out, "skein %s", result->command);
    if (result->goal != NULL) {
        str_addc(out, ' ');
        words_safe(out, result->goal);
    }
    if (strcmp(result->mode, "execute") != 0)
        str_addf(out, "   %s", result->mode);
    str_addf(out, "   run %s", result->identity.id);
    if (result->identity.tag != NULL) {
        str_add(out, "   tag ");
        words_safe(out, result->identity.tag);
    }
    str_add(out, "   ");
    words_safe(out, result->identity.actor);
    str_addc(out, '\n');
    if (result->goal_text != NULL) {
        str_add(out, "goal ");
        words_safe(out, result->goal_text);
        str_addc(out, '\n');
    }
}

static void add_times(const struct run_result *result, struct str *out)
{
    char started[CLOCK_TEXT_SIZE], finished[CLOCK_TEXT_SIZE], took[CLOCK_TEXT_SIZE];
    int64_t microseconds = result->finished_wall_us - result->started_wall_us;
    clock_format(result->started_wall_us, 0, started);
    clock_format(result->finished_wall_us, 0, finished);
    duration_format(microseconds, took);
    /* "2026-11-20T22:30:00Z": hours begin at 11, eight characters. */
    str_addf(out, "%.8s -> %.8s UTC   %s", started + 11, finished + 11, took);
    if (microseconds > 0)
        str_addf(out, "   %.1f targets/s", (double)result->count * 1e6 / (double)microseconds);
    str_addc(out, '\n');
}

static size_t servers_used(const struct run_result *result)
{
    size_t count = 0;
    bool *seen = calloc(result->fleet->server_count + 1, sizeof(bool));
    for (size_t i = 0; seen != NULL && i < result->count; i++) {
        size_t server = result->fleet->targets[result->targets[i]].server;
        count += seen[server] ? 0 : 1;
        seen[server] = true;
    }
    free(seen);
    return count;
}

/* "9,959 steps" */
static void add_line(struct str *out, size_t count, const char *words, const char *rest)
{
    str_add(out, "  ");
    words_count(out, count, COUNT_WIDTH);
    str_addf(out, " %s%s\n", words, rest);
}

/* What needs nobody, in the order of the report; zero counts are left out. */
static const struct {
    enum outcome_kind kind;
    const char *words;
} quiet_kinds[] = {
    {OUTCOME_UP_TO_DATE, "up to date"},
    {OUTCOME_PLANNED, "planned"},
    {OUTCOME_HELD, "held"},
    {OUTCOME_ROLLED_BACK, "rolled back"},
    {OUTCOME_NOT_STARTED, "not started"},
};

static void add_needs(const struct tally *tally, struct str *out)
{
    static const enum outcome_kind kinds[] = {
        OUTCOME_FAILED,  OUTCOME_PARTIAL,     OUTCOME_IN_DOUBT, OUTCOME_REFUSED,
        OUTCOME_BLOCKED, OUTCOME_UNREACHABLE, OUTCOME_STALE,    OUTCOME_CANCELLED};
    if (tally->need == 0)
        return;
    str_add(out, "  ");
    words_count(out, tally->need, COUNT_WIDTH);
    str_addf(out, " NEED%s YOU  ", tally->need == 1 ? "S" : "");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (tally->kinds[kinds[i]] == 0)
            continue;
        str_add(out, "   ");
        words_count(out, tally->kinds[kinds[i]], 0);
        str_addf(out, " %s", outcome_name(kinds[i]));
    }
    str_addc(out, '\n');
}

static void add_counts(const struct run_result *result, const struct tally *tally, struct str *out)
{
    struct str rest = STR_INIT;
    str_addf(&rest, " on ");
    words_plural(&rest, servers_used(result), "server");
    str_addc(out, '\n');
    add_line(out, result->count, result->count == 1 ? "target" : "targets", rest.text);
    if (tally->kinds[OUTCOME_SUCCEEDED] > 0) {
        str_clear(&rest);
        str_add(&rest, "      ");
        words_plural(&rest, tally->steps, "step");
        add_line(out, tally->kinds[OUTCOME_SUCCEEDED], "succeeded", rest.text);
    }
    for (size_t i = 0; i < sizeof(quiet_kinds) / sizeof(quiet_kinds[0]); i++)
        if (tally->kinds[quiet_kinds[i].kind] > 0)
            add_line(out, tally->kinds[quiet_kinds[i].kind], quiet_kinds[i].words, "");
    add_needs(tally, out);
    if (result->stopped_by != NULL)
        str_addf(out, "          stopped by %s\n", result->stopped_by);
    str_release(&rest);
}

/* Everything is well: one line says it all. */
static void add_short_counts(const struct run_result *result, const struct tally *tally,
                             struct str *out)
{
    str_add(out, "  ");
    words_plural(out, result->count, "target");
    str_add(out, " on ");
    words_plural(out, servers_used(result), "server");
    str_addc(out, ':');
    const char *separator = " ";
    if (tally->kinds[OUTCOME_SUCCEEDED] > 0) {
        str_add(out, separator);
        words_count(out, tally->kinds[OUTCOME_SUCCEEDED], 0);
        str_add(out, " succeeded (");
        words_plural(out, tally->steps, "step");
        str_addc(out, ')');
        separator = ", ";
    }
    for (size_t i = 0; i < sizeof(quiet_kinds) / sizeof(quiet_kinds[0]); i++) {
        if (tally->kinds[quiet_kinds[i].kind] == 0)
            continue;
        str_add(out, separator);
        words_count(out, tally->kinds[quiet_kinds[i].kind], 0);
        str_addf(out, " %s", quiet_kinds[i].words);
        separator = ", ";
    }
    str_addc(out, '\n');
}

/* "held  acme_legacy, globex_old   until 2026-12-01, OPS-1188"; and, loud, those whose day has
 * come.
 */
static void add_holds(const struct run_result *result, struct str *out)
{
    const struct fleet *fleet = result->fleet;
    struct arena arena = ARENA_INIT;
    size_t *members = arena_array(&arena, result->count, sizeof(size_t));
    char day[FLEET_DAY_SIZE];
    fleet_day(result->started_wall_us, day);
    for (size_t i = 0; i < fleet->hold_count; i++) {
        const struct hold *hold = &fleet->holds[i];
        size_t count = 0;
        for (size_t at = 0; at < result->count; at++)
            if (result->outcomes[at].kind == OUTCOME_HELD &&
                fleet_hold(fleet, &fleet->targets[result->targets[at]], day) == hold)
                members[count++] = at;
        if (!hold_has_expired(hold, day) && count == 0)
            continue;
        str_add(out, count > 0 ? "  held      " : "  HOLD HAS EXPIRED   ");
        if (count > 0)
            words_names(out, fleet, result->targets, members, count, ASIDE_NAMES);
        else
            words_safe(out, hold->tenant);
        str_addf(out, "   until %s, ", hold->until);
        words_safe(out, hold->reason);
        str_add(out, count > 0 ? "\n" : ": it holds nobody any more, take it out of holds:\n");
    }
    arena_release(&arena);
}

/* "new  3 tenants appeared since 22:30:00, not part of this run: tenant_5001, …" */
static void add_appeared(const struct run_result *result, struct str *out)
{
    char started[CLOCK_TEXT_SIZE];
    if (result->appeared_count == 0)
        return;
    clock_format(result->started_wall_us, 0, started);
    str_add(out, "  new       ");
    words_plural(out, result->appeared_count, "tenant");
    str_addf(out, " appeared since %.8s, not part of this run:", started + 11);
    for (size_t i = 0; i < result->appeared_count && i < ASIDE_NAMES; i++) {
        str_add(out, i > 0 ? ", " : " ");
        words_safe(out, result->appeared[i]);
    }
    if (result->appeared_count > ASIDE_NAMES)
        str_addf(out, " and %zu more", result->appeared_count - ASIDE_NAMES);
    str_addc(out, '\n');
}

static void add_weak_tls(const struct run_result *result, struct str *out)
{
    struct str line = STR_INIT;
    report_weak_tls_text(result, &line);
    if (line.length > 0)
        str_addf(out, "  %s\n", line.text);
    str_release(&line);
}

static int compare_times(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

/* "time  median 0.21s   p99 3.8s   slowest tenant_0007 1m12s (…)" */
static void add_time_line(const struct run_result *result, struct str *out)
{
    struct arena arena = ARENA_INIT;
    int64_t *times = arena_array(&arena, result->count, sizeof(int64_t));
    size_t count = 0, slowest = 0;
    for (size_t i = 0; i < result->count; i++) {
        if (result->outcomes[i].step_count == 0)
            continue;
        times[count++] = result->outcomes[i].microseconds;
        if (result->outcomes[i].microseconds > result->outcomes[slowest].microseconds ||
            result->outcomes[slowest].step_count == 0)
            slowest = i;
    }
    if (count > 1) {
        char median[CLOCK_TEXT_SIZE], high[CLOCK_TEXT_SIZE], most[CLOCK_TEXT_SIZE],
            statement[CLOCK_TEXT_SIZE];
        qsort(times, count, sizeof(times[0]), compare_times);
        const struct outcome *outcome = &result->outcomes[slowest];
        duration_format(times[count / 2], median);
        duration_format(times[(count * 99) / 100], high);
        duration_format(outcome->microseconds, most);
        str_addf(out, "  time      median %s   p99 %s   slowest ", median, high);
        words_safe(out, result->fleet->targets[result->targets[slowest]].name);
        str_addf(out, " %s", most);
        if (outcome->slowest_revision != NULL) {
            duration_format(outcome->slowest_us, statement);
            str_addf(out, " (%s statement %d: %s)", outcome->slowest_revision,
                     outcome->slowest_statement, statement);
        }
        str_addc(out, '\n');
    }
    arena_release(&arena);
}

static void add_also(const struct run_result *result, const struct tally *tally, struct str *out)
{
    struct str lines = STR_INIT;
    if (tally->retried > 0) {
        str_add(&lines, "  retried   ");
        words_count(&lines, tally->retried, 0);
        str_add(&lines, " succeeded after more than one attempt\n");
    }
    if (tally->waited > 0) {
        str_add(&lines, "  waited    ");
        words_count(&lines, tally->waited, 0);
        str_add(&lines, " met a lock that somebody else held\n");
    }
    add_time_line(result, &lines);
    if (lines.length > 0)
        str_addf(out, "\nALSO\n%s", lines.text);
    str_release(&lines);
}

static void add_verbose(const struct run_result *result, struct str *out)
{
    str_add(out, "\nTARGETS\n");
    for (size_t i = 0; i < result->count; i++) {
        const struct outcome *outcome = &result->outcomes[i];
        char took[CLOCK_TEXT_SIZE];
        duration_format(outcome->microseconds, took);
        str_addf(out, "  %-12s ", outcome_name(outcome->kind));
        words_safe(out, result->fleet->targets[result->targets[i]].name);
        str_add(out, "   ");
        words_heads(out, outcome->before, outcome->before_count);
        if (outcome->step_count > 0) {
            str_add(out, " -> ");
            words_heads(out, outcome->after, outcome->after_count);
        }
        str_addf(out, "   %s\n", took);
    }
}

void report_run_text(const struct run_result *result, const struct report_style *style,
                     struct str *out)
{
    struct tally tally;
    count_outcomes(result, &tally);
    bool well = tally.need == 0 && result->undiscovered_count == 0 && result->stopped_by == NULL;
    if (well && style->quiet)
        return;
    add_head(result, out);
    add_times(result, out);
    if (well)
        add_short_counts(result, &tally, out);
    else
        add_counts(result, &tally, out);
    add_weak_tls(result, out);
    add_holds(result, out);
    add_appeared(result, out);
    if (strcmp(result->mode, "dry-run") == 0)
        report_plan_text(result, style->verbose, out);
    report_causes(result, style, out);
    if (!well && tally.steps > 0)
        add_also(result, &tally, out);
    else if (well && style->verbose && tally.steps > 0)
        add_time_line(result, out);
    if (style->verbose)
        add_verbose(result, out);
    report_next(result, style, out);
}
