#include "report/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "report/words.h"

#define PLAN_NAMES 8 /* names shown of a group; all with -v */

static int larger_first(const void *left, const void *right)
{
    const struct plan_group *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->members[0] < b->members[0] ? -1 : a->members[0] > b->members[0];
}

static struct plan_group *group_of(struct plan_group *groups, size_t count, const struct plan *plan)
{
    for (size_t i = 0; i < count; i++)
        if (groups[i].plan == plan)
            return &groups[i];
    return NULL;
}

size_t plan_groups(const struct run_result *result, struct arena *arena, struct plan_group **groups)
{
    size_t count = 0, capacity = 0;
    *groups = NULL;
    for (size_t i = 0; i < result->count; i++) {
        const struct plan *plan = result->outcomes[i].plan;
        if (plan == NULL || plan->step_count == 0 || result->outcomes[i].kind != OUTCOME_PLANNED)
            continue;
        struct plan_group *group = group_of(*groups, count, plan);
        if (group == NULL) {
            *groups = arena_grow(arena, *groups, sizeof(**groups), &capacity, count + 1);
            group = &(*groups)[count++];
            *group = (struct plan_group){.plan = plan};
        }
        group->members = arena_grow(arena, group->members, sizeof(*group->members),
                                    &group->capacity, group->count + 1);
        group->members[group->count++] = i;
    }
    if (count > 1)
        qsort(*groups, count, sizeof(**groups), larger_first);
    return count;
}

static void add_sql(const struct plan_step *step, struct str *out)
{
    if (step->script == NULL || step->revision == NULL)
        return;
    for (size_t i = 0; i < step->script->statement_count; i++) {
        const struct statement *statement = &step->script->statements[i];
        str_addf(out, "         -- %s:%d\n         ", step->revision->name, statement->line);
        for (size_t at = 0; at < statement->length; at++) {
            str_addc(out, statement->text[at]);
            if (statement->text[at] == '\n')
                str_add(out, "         ");
        }
        str_add(out, ";\n");
    }
}

static void add_group_text(const struct run_result *result, const struct plan_group *group,
                           size_t number, bool sql, struct str *out)
{
    const struct plan *plan = group->plan;
    str_addf(out, "\n %zu  ", number);
    words_plural(out, group->count, "target");
    str_addf(out, "   %s   ", engine_name(plan->engine));
    words_heads(out, plan->before, plan->before_count);
    str_add(out, " -> ");
    words_heads(out, plan->after, plan->after_count);
    str_add(out, "   ");
    words_plural(out, plan->step_count, "step");
    str_addc(out, '\n');
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];
        str_addf(out, "      %-9s ", step_kind_name(step->kind));
        words_safe(out, step->revision != NULL      ? step->revision->id
                        : step->kind == STEP_ENSURE ? "the version table, which is missing"
                                                    : "base");
        if (step->revision != NULL && step->revision->message[0] != '\0') {
            str_add(out, "  ");
            words_safe(out, step->revision->message);
        }
        words_step_marks(out, plan, step);
        str_addc(out, '\n');
        if (sql)
            add_sql(step, out);
    }
    str_add(out, "      ");
    words_names(out, result->fleet, result->targets, group->members, group->count,
                sql ? group->count : PLAN_NAMES);
    str_addc(out, '\n');
}

void report_plan_text(const struct run_result *result, bool sql, struct str *out)
{
    struct arena arena = ARENA_INIT;
    struct plan_group *groups;
    size_t count = plan_groups(result, &arena, &groups);
    if (count > 0)
        str_add(out, "\nPLAN, by identical steps\n");
    for (size_t i = 0; i < count; i++)
        add_group_text(result, &groups[i], i + 1, sql, out);
    arena_release(&arena);
}

static void add_step_json(struct json *json, const struct plan *plan, const struct plan_step *step)
{
    json_object(json);
    json_key_string(json, "direction", step_kind_name(step->kind));
    json_key_string(json, "revision", step->revision != NULL ? step->revision->id : "base");
    json_key_string(json, "path", step->revision != NULL ? step->revision->path : NULL);
    json_key_bool(json, "outside_transaction", step_outside_transaction(step));
    json_key_bool(json, "irreversible", step_irreversible(plan, step));
    json_key_integer(json, "statements",
                     step->script != NULL ? (int64_t)step->script->statement_count : 0);
    json_end_object(json);
}

void report_plan_groups_json(struct json *json, const struct run_result *result)
{
    struct arena arena = ARENA_INIT;
    struct plan_group *groups;
    size_t count = plan_groups(result, &arena, &groups);
    json_key(json, "groups");
    json_array(json);
    for (size_t i = 0; i < count; i++) {
        const struct plan *plan = groups[i].plan;
        json_object(json);
        json_key_integer(json, "group", (int64_t)i + 1);
        json_key_string(json, "engine", engine_name(plan->engine));
        json_key_strings(json, "before", plan->before, plan->before_count);
        json_key_strings(json, "after", plan->after, plan->after_count);
        json_key_integer(json, "count", (int64_t)groups[i].count);
        json_key(json, "steps");
        json_array(json);
        for (size_t step = 0; step < plan->step_count; step++)
            add_step_json(json, plan, &plan->steps[step]);
        json_end_array(json);
        json_key(json, "targets");
        json_array(json);
        for (size_t member = 0; member < groups[i].count; member++)
            json_string(json,
                        result->fleet->targets[result->targets[groups[i].members[member]]].name);
        json_end_array(json);
        json_end_object(json);
    }
    json_end_array(json);
    arena_release(&arena);
}
