#include "report/cause.h"

#include <string.h>

#include "report/group.h"
#include "report/holder.h"
#include "report/words.h"

#define CAUSE_NAMES 12 /* tenants named of a cause; all with -v */
#define DOUBT_NAMES 4  /* revisions named of a unit */
#define NEXT_NAMES  5  /* tenants that fit into a command line to type */
#define INDENT      "                   "

/* "23502 not_null_violation: column … contains null values" */
static void add_what(const struct failure_group *group, const struct target *target,
                     const struct report_style *style, struct str *out)
{
    const struct err *error = group->first->error;
    if (error == NULL) {
        str_add(out, outcome_name(group->kind));
        return;
    }
    const char *condition = error->code != NULL && style->condition != NULL
                                ? style->condition(target->engine, error->code)
                                : NULL;
    if (error->code != NULL) {
        words_safe(out, error->code);
        str_addf(out, " %s: ", condition != NULL ? condition : error_class_name(error->class));
    } else {
        str_addf(out, "%s: ", error_class_name(error->class));
    }
    words_safe(out, error->message != NULL ? error->message : "");
}

static void add_place(const struct failure_group *group, struct str *out)
{
    const struct err *error = group->first->error;
    const char *separator = INDENT;
    if (error != NULL && error->file != NULL) {
        str_add(out, separator);
        words_safe(out, error->file);
        if (error->line > 0)
            str_addf(out, ":%d", error->line);
        separator = "  ";
    }
    if (error != NULL && error->section != NULL) {
        str_addf(out, "%s%s", separator, error->section);
        separator = ", ";
    }
    if (error != NULL && error->statement > 0)
        str_addf(out, "%sstatement %d", separator, error->statement);
    if (group->attempts > 1 || (error != NULL && error->file != NULL)) {
        str_add(out, error != NULL && error->file != NULL ? "   " : INDENT);
        words_plural(out, group->attempts, "attempt");
    }
    if (group->attempts > 1 || (error != NULL && error->file != NULL))
        str_addc(out, '\n');
}

/* Whether every member began where the first did and is still there. */
static bool same_heads(const struct run_result *result, const struct failure_group *group)
{
    const struct outcome *first = group->first;
    for (size_t i = 0; i < group->count; i++) {
        const struct outcome *outcome = &result->outcomes[group->members[i]];
        if (outcome->after_count != first->after_count)
            return false;
        for (size_t head = 0; head < first->after_count; head++)
            if (strcmp(outcome->after[head], first->after[head]) != 0)
                return false;
    }
    return true;
}

/* "a1, b2"; of many the first and the last. */
static void add_revisions(const struct outcome_doubt *doubt, struct str *out)
{
    size_t count = doubt->step_count;

    for (size_t i = 0; i < count; i++) {
        if (count > DOUBT_NAMES && i > 0 && i + 1 < count)
            continue;
        str_add(out, i == 0 ? "" : count > DOUBT_NAMES ? " … " : ", ");
        words_safe(out, doubt->steps[i].revision);
    }
    if (count > DOUBT_NAMES)
        str_addf(out, " (%zu revisions)", count);
}

/* "the COMMIT of a1, b2 was not answered", and what that leaves open. */
static void add_doubt(const struct outcome *outcome, struct str *out)
{
    const struct outcome_doubt *doubt = outcome->doubt;
    int statement = outcome->error != NULL ? outcome->error->statement : 0;

    if (doubt->kind == DOUBT_COMMIT)
        str_add(out, INDENT "the COMMIT of ");
    else
        str_addf(out, INDENT "statement %d of ", statement);
    add_revisions(doubt, out);
    if (doubt->kind == DOUBT_ROW)
        str_add(out, " failed and left nothing: whether its row of the history is gone is not "
                     "known\n");
    else
        str_add(out, " was not answered: whether it stands is not known\n");
}

static void add_standing(const struct run_result *result, const struct failure_group *group,
                         struct str *out)
{
    const struct outcome *first = group->first;
    if (first->doubt != NULL)
        add_doubt(first, out);
    if (!first->read || (group->kind != OUTCOME_FAILED && group->kind != OUTCOME_PARTIAL))
        return;
    str_add(out, INDENT);
    if (!same_heads(result, group)) {
        str_add(out, "stand at different revisions (skein current)\n");
        return;
    }
    str_add(out, group->count == 1 ? "stands at " : "stand at ");
    words_heads(out, first->after, first->after_count);
    if (group->kind == OUTCOME_PARTIAL && first->open != NULL) {
        str_addf(out, " plus %lld of %lld statements of ", (long long)first->open->done,
                 (long long)first->open->total);
        words_safe(out, first->open->revision);
        if (first->open->attempted > first->open->done)
            str_addf(out, "; of statement %lld it is not known", (long long)first->open->attempted);
    } else if (group->kind == OUTCOME_FAILED && first->step_count == 0) {
        str_add(out, " as before, nothing is left of this run");
    } else if (group->kind == OUTCOME_FAILED) {
        str_add(out, ", what was committed before stays");
    }
    str_addc(out, '\n');
}

/* Targets that took a step of this revision although others failed there. */
static size_t passed(const struct run_result *result, const char *revision)
{
    size_t count = 0;
    for (size_t i = 0; i < result->count; i++)
        for (size_t step = 0; step < result->outcomes[i].step_count; step++)
            if (strcmp(result->outcomes[i].steps[step].revision, revision) == 0) {
                count++;
                break;
            }
    return count;
}

static void add_verdict(const struct run_result *result, const struct failure_group *group,
                        struct str *out)
{
    const struct err *error = group->first->error;
    if (error == NULL || error->revision == NULL || error->statement == 0 ||
        (error->class != ERROR_CONSTRAINT && error->class != ERROR_DATA &&
         error->class != ERROR_DUPLICATE_OBJECT && error->class != ERROR_MISSING_OBJECT))
        return;
    size_t count = passed(result, error->revision);
    if (count == 0)
        return;
    bool data = error->class == ERROR_CONSTRAINT || error->class == ERROR_DATA;
    str_addf(out, INDENT "%s %s, not the revision (",
             group->count == 1 ? "this tenant's" : "these tenants'", data ? "data" : "schema");
    words_count(out, count, 0);
    str_add(out, " passed it)\n");
}

static const struct holder *holder_of(const struct run_result *result, size_t member)
{
    const struct err *error = result->outcomes[member].error;
    return error != NULL ? error->holder : NULL;
}

/* "tenant_0088 pg-01   held by pid 20417 …", a line each; the others' names on one. */
static void add_members(const struct run_result *result, const struct failure_group *group,
                        size_t most, struct arena *arena, struct str *out)
{
    size_t *others = arena_array(arena, group->count, sizeof(*others));
    size_t count = 0, shown = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct holder *holder = holder_of(result, group->members[i]);
        if (holder == NULL || shown == most) {
            others[count++] = group->members[i];
            continue;
        }
        shown++;
        str_add(out, INDENT);
        words_names(out, result->fleet, result->targets, &group->members[i], 1, 1);
        str_add(out, "   held by ");
        report_holder_text(holder, out);
        str_addc(out, '\n');
    }
    if (count > 0) {
        str_add(out, INDENT);
        words_names(out, result->fleet, result->targets, others, count, most);
        str_addc(out, '\n');
    }
}

static void add_cause(const struct run_result *result, const struct report_style *style,
                      const struct failure_group *group, size_t number, struct arena *arena,
                      struct str *out)
{
    const struct target *target = &result->fleet->targets[result->targets[group->members[0]]];
    const struct err *error = group->first->error;
    str_addf(out, "\n%2zu  ", number);
    struct str count = STR_INIT;
    words_count(&count, group->count, 0);
    str_addf(&count, " %s", outcome_name(group->kind));
    str_addf(out, "%-14s ", count.text);
    str_release(&count);
    add_what(group, target, style, out);
    str_addc(out, '\n');
    if (style->verbose && error != NULL && error->detail != NULL) {
        str_add(out, INDENT);
        words_safe(out, error->detail);
        str_addc(out, '\n');
    }
    add_place(group, out);
    add_standing(result, group, out);
    add_members(result, group, style->verbose ? group->count : CAUSE_NAMES, arena, out);
    add_verdict(result, group, out);
    if (error != NULL && error->hint != NULL) {
        str_add(out, INDENT "-> ");
        words_safe(out, error->hint);
        str_addc(out, '\n');
    }
}

static void add_undiscovered(const struct run_result *result, struct str *out)
{
    for (size_t i = 0; i < result->undiscovered_count; i++) {
        const struct undiscovered *entry = &result->undiscovered[i];
        str_add(out, "\n not asked     ");
        words_safe(out, entry->label);
        str_add(out, ": ");
        words_safe(out, entry->error.message);
        str_add(out, "\n                its tenants are not known and not part of this run\n");
    }
}

void report_causes(const struct run_result *result, const struct report_style *style,
                   struct str *out)
{
    add_undiscovered(result, out);
    struct arena arena = ARENA_INIT;
    struct failure_group *groups;
    size_t count = failure_groups(result, &arena, &groups);
    if (count > 0)
        str_add(out, "\nNEEDS YOU, by cause\n");
    for (size_t i = 0; i < count; i++)
        add_cause(result, style, &groups[i], i + 1, &arena, out);
    arena_release(&arena);
}

/* Half a statement may stand: only skein resolve goes on there. */
static bool awaits_resolve(const struct outcome *outcome)
{
    return outcome->kind == OUTCOME_PARTIAL && outcome->open != NULL &&
           outcome->open->attempted > outcome->open->done;
}

static void add_again(size_t need, size_t waiting, const char *names,
                      const struct report_style *style, struct str *out)
{
    if (need > 0 && need <= NEXT_NAMES && waiting == 0)
        str_addf(out, "  %s%s\n", style->again, names);
    else if (need > 0 || waiting > 0)
        str_addf(out, "  %s        once more: what is up to date is not touched\n", style->again);
    if (need > CAUSE_NAMES && !style->verbose)
        str_addf(out, "  %s -v     with all names\n", style->again);
}

/* "skein upgrade head -t a -t b" for few, else "skein upgrade head": the others are up to date and
 * are not touched again. */
void report_next(const struct run_result *result, const struct report_style *style, struct str *out)
{
    size_t need = 0, waiting = 0, resolve = 0;
    struct str names = STR_INIT;
    for (size_t i = 0; i < result->count; i++) {
        const struct outcome *outcome = &result->outcomes[i];
        waiting += outcome->kind == OUTCOME_NOT_STARTED ? 1 : 0;
        if (!outcome_needs_person(outcome->kind))
            continue;
        if (awaits_resolve(outcome)) {
            resolve++;
            continue;
        }
        need++;
        str_add(&names, " -t ");
        words_shell(&names, result->fleet->targets[result->targets[i]].name);
    }
    if ((need > 0 || waiting > 0 || resolve > 0) && style->again != NULL) {
        str_add(out, "\nNEXT\n");
        if (resolve > 0)
            str_addf(
                out,
                "  skein resolve …        of %zu partial: first look what stands, as the cause "
                "says\n",
                resolve);
        add_again(need, waiting, names.text, style, out);
    }
    str_release(&names);
}
