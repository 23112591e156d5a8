/* The JSON document of a run (contract, section 7). */
#include "report/report.h"

#include <string.h>

#include "base/clock.h"
#include "report/group.h"
#include "report/inspection.h"
#include "report/plan.h"
#include "report/protection.h"

static void add_time(struct json *json, const char *key, int64_t wall_us)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format(wall_us, 6, text);
    json_key_string(json, key, text);
}

static void add_run(struct json *json, const struct run_result *result)
{
    json_key(json, "run");
    json_object(json);
    json_key_string(json, "id", result->identity.id);
    json_key_string(json, "command", result->command);
    json_key_string(json, "goal", result->goal);
    json_key_string(json, "status", run_status_name(result->status));
    json_key_string(json, "mode", result->mode);
    json_key_integer(json, "exit_code", result->exit_code);
    json_key_string(json, "stopped_by", result->stopped_by);
    json_key_string(json, "tag", result->identity.tag);
    json_key_string(json, "actor", result->identity.actor);
    json_key_string(json, "reason", result->identity.reason);
    add_time(json, "started_at", result->started_wall_us);
    add_time(json, "finished_at", result->finished_wall_us);
    json_key(json, "seconds");
    json_seconds(json, result->finished_wall_us - result->started_wall_us);
    json_end_object(json);
}

static void add_counts(struct json *json, const struct run_result *result)
{
    int64_t counts[OUTCOME_COUNT] = {0};
    for (size_t i = 0; i < result->count; i++)
        counts[result->outcomes[i].kind]++;
    json_key(json, "counts");
    json_object(json);
    json_key_integer(json, "targets", (int64_t)result->count);
    for (int kind = 0; kind < OUTCOME_COUNT; kind++)
        json_key_integer(json, outcome_name((enum outcome_kind)kind), counts[kind]);
    json_end_object(json);
}

static void add_failure(struct json *json, const struct run_result *result,
                        const struct failure_group *group, size_t number)
{
    const struct err *error = group->first->error;
    json_object(json);
    json_key_integer(json, "group", (int64_t)number);
    json_key_string(json, "outcome", outcome_name(group->kind));
    json_key_string(json, "class", error != NULL ? error_class_name(error->class) : NULL);
    json_key_string(json, "code", error != NULL ? error->code : NULL);
    json_key_string(json, "message", error != NULL ? error->message : NULL);
    json_key_string(json, "revision", error != NULL ? error->revision : NULL);
    json_key(json, "statement");
    if (error != NULL && error->statement > 0)
        json_integer(json, error->statement);
    else
        json_null(json);
    json_key_integer(json, "count", (int64_t)group->count);
    json_key(json, "targets");
    json_array(json);
    for (size_t i = 0; i < group->count; i++)
        json_string(json, result->fleet->targets[result->targets[group->members[i]]].name);
    json_end_array(json);
    json_end_object(json);
}

static void add_failures(struct json *json, const struct run_result *result)
{
    struct arena arena = ARENA_INIT;
    struct failure_group *groups;
    size_t count = failure_groups(result, &arena, &groups);
    json_key(json, "failures");
    json_array(json);
    for (size_t i = 0; i < count; i++)
        add_failure(json, result, &groups[i], i + 1);
    json_end_array(json);
    arena_release(&arena);
}

static void add_labels(struct json *json, const struct pair_list *labels)
{
    json_key(json, "labels");
    json_object(json);
    for (size_t i = 0; i < labels->count; i++)
        json_key_string(json, labels->items[i].key, labels->items[i].value);
    json_end_object(json);
}

void report_target_fields(struct json *json, const struct fleet *fleet, const struct target *target)
{
    json_key_string(json, "name", target->name);
    json_key_string(json, "engine", engine_name(target->engine));
    json_key_string(json, "server", fleet->servers[target->server].name);
    json_key_string(json, "database", target->database);
    json_key_string(json, "schema", target->schema);
    add_labels(json, &target->labels);
}

/* What an outcome in_doubt is about; nothing for others. */
static void add_doubt(struct json *json, const struct outcome_doubt *doubt)
{
    if (doubt == NULL)
        return;
    json_key(json, "doubt");
    json_object(json);
    json_key_string(json, "what", doubt_kind_name(doubt->kind));
    json_key(json, "steps");
    json_array(json);
    for (size_t i = 0; i < doubt->step_count; i++) {
        json_object(json);
        json_key_string(json, "direction", step_kind_name(doubt->steps[i].kind));
        json_key_string(json, "revision", doubt->steps[i].revision);
        json_end_object(json);
    }
    json_end_array(json);
    json_end_object(json);
}

static void add_steps(struct json *json, const struct outcome *outcome)
{
    json_key(json, "steps");
    json_array(json);
    for (size_t i = 0; i < outcome->step_count; i++) {
        json_object(json);
        json_key_string(json, "direction", step_kind_name(outcome->steps[i].kind));
        json_key_string(json, "revision", outcome->steps[i].revision);
        json_key(json, "seconds");
        json_seconds(json, outcome->steps[i].microseconds);
        json_end_object(json);
    }
    json_end_array(json);
}

static void add_target(struct json *json, const struct run_result *result, size_t index,
                       bool verbose)
{
    const struct outcome *outcome = &result->outcomes[index];
    json_object(json);
    report_target_fields(json, result->fleet, &result->fleet->targets[result->targets[index]]);
    json_key_string(json, "outcome", outcome_name(outcome->kind));
    json_key_strings(json, "before", outcome->before, outcome->before_count);
    json_key_strings(json, "after", outcome->after, outcome->after_count);
    add_steps(json, outcome);
    add_doubt(json, outcome->doubt);
    if (outcome->deferred != NULL)
        json_key_string(json, "deferred", outcome->deferred);
    if (result->inspections != NULL)
        report_inspection_json(json, result, result->targets[index]);
    json_key_integer(json, "attempts", outcome->attempts);
    json_key_integer(json, "lock_waits", outcome->lock_waits);
    json_key(json, "seconds");
    json_seconds(json, outcome->microseconds);
    json_key(json, "error");
    report_error_value(json, outcome->error, verbose);
    json_end_object(json);
}

void report_undiscovered_json(struct json *json, const struct run_result *result, bool verbose)
{
    if (result->undiscovered_count == 0)
        return;
    json_key(json, "undiscovered");
    json_array(json);
    for (size_t i = 0; i < result->undiscovered_count; i++) {
        json_object(json);
        json_key_string(json, "entry", result->undiscovered[i].label);
        json_key(json, "error");
        report_error_value(json, &result->undiscovered[i].error, verbose);
        json_end_object(json);
    }
    json_end_array(json);
}

static void add_holds(struct json *json, const struct run_result *result)
{
    const struct fleet *fleet = result->fleet;
    char day[FLEET_DAY_SIZE];
    if (fleet->hold_count == 0)
        return;
    fleet_day(result->started_wall_us, day);
    json_key(json, "holds");
    json_array(json);
    for (size_t i = 0; i < fleet->hold_count; i++) {
        json_object(json);
        json_key_string(json, "tenant", fleet->holds[i].tenant);
        json_key_string(json, "until", fleet->holds[i].until);
        json_key_string(json, "reason", fleet->holds[i].reason);
        json_key_bool(json, "expired", hold_has_expired(&fleet->holds[i], day));
        json_end_object(json);
    }
    json_end_array(json);
}

void report_run_json(const struct run_result *result, const struct report_style *style,
                     struct str *out)
{
    struct json json;
    json_document(&json, out);
    add_run(&json, result);
    add_counts(&json, result);
    add_failures(&json, result);
    report_undiscovered_json(&json, result, style->verbose);
    report_weak_tls_json(&json, result);
    add_holds(&json, result);
    if (result->appeared_count > 0)
        json_key_strings(&json, "appeared", result->appeared, result->appeared_count);
    if (strcmp(result->mode, "dry-run") == 0)
        report_plan_groups_json(&json, result);
    json_key(&json, "targets");
    json_array(&json);
    for (size_t i = 0; i < result->count; i++)
        add_target(&json, result, i, style->verbose);
    json_end_array(&json);
    json_end_object(&json);
}
