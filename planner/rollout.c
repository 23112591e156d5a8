#include "planner/rollout.h"

#include "base/arena.h"

struct rollout {
    struct arena *arena;
    const struct rollout_policy *policy;
    bool keep_going;
    size_t failures, failures_allowed;
    size_t unreachable, unreachable_allowed;
    struct map groups;  /* name -> struct group */
    struct map stopped; /* revisions that same_error stopped, each with itself */
};

/* What is known of a plan group. */
struct group {
    struct map passed; /* revisions that one of its targets has passed, each with itself */
    struct map alike;  /* class, code, revision, statement -> struct alike */
};

struct alike {
    unsigned count;
};

void pace_init(struct pace *pace, size_t limit)
{
    *pace = (struct pace){.places = 1, .limit = limit ? limit : 1};
}

bool pace_take(struct pace *pace)
{
    if (pace->taken >= pace->places) {
        return false;
    }
    pace->taken++;
    return true;
}

void pace_give(struct pace *pace)
{
    pace->taken--;
}

void pace_ended(struct pace *pace, enum outcome_kind kind)
{
    if (kind != OUTCOME_SUCCEEDED && kind != OUTCOME_UP_TO_DATE) {
        return;
    }
    pace->places = pace->places > pace->limit / 2 ? pace->limit : pace->places * 2;
}

struct rollout *rollout_new(struct arena *arena, const struct rollout_policy *policy,
                            size_t targets, bool keep_going)
{
    struct rollout *rollout = arena_alloc(arena, sizeof(*rollout));

    rollout->arena = arena;
    rollout->policy = policy;
    rollout->keep_going = keep_going;
    rollout->failures_allowed = amount_of(&policy->max_failures, targets);
    rollout->unreachable_allowed = amount_of(&policy->max_unreachable, targets);
    map_init(&rollout->groups, arena);
    map_init(&rollout->stopped, arena);
    return rollout;
}

static struct group *group_named(struct rollout *rollout, const char *name)
{
    struct group *group = map_get(&rollout->groups, name);

    if (!group) {
        group = arena_alloc(rollout->arena, sizeof(*group));
        map_init(&group->passed, rollout->arena);
        map_init(&group->alike, rollout->arena);
        map_set(&rollout->groups, arena_strdup(rollout->arena, name), group);
    }
    return group;
}

static void map_mark(struct map *map, struct arena *arena, const char *key)
{
    if (!map_get(map, key)) {
        char *copy = arena_strdup(arena, key);

        map_set(map, copy, copy);
    }
}

void rollout_passed(struct rollout *rollout, const char *group, const char *revision)
{
    if (group && revision) {
        map_mark(&group_named(rollout, group)->passed, rollout->arena, revision);
    }
}

/* The classes that say "the revision is wrong" and not "the tenant is" (contract, section 6). */
static bool is_of_revision(const struct err *error)
{
    return error && error->revision &&
           ((error->class >= ERROR_SYNTAX && error->class <= ERROR_PRIVILEGE) ||
            error->class == ERROR_VERIFICATION);
}

static void count_alike(struct rollout *rollout, const char *name, const struct err *error)
{
    struct group *group;
    struct alike *alike;
    char *key;

    if (rollout->keep_going || !rollout->policy->same_error || !name || !is_of_revision(error)) {
        return;
    }
    group = group_named(rollout, name);
    key = arena_printf(rollout->arena, "%u/%s/%s/%d", (unsigned)error->class,
                       error->code ? error->code : "", error->revision, error->statement);
    alike = map_get(&group->alike, key);
    if (!alike) {
        alike = arena_alloc(rollout->arena, sizeof(*alike));
        map_set(&group->alike, key, alike);
    }
    alike->count++;
    if (alike->count >= rollout->policy->same_error && !map_get(&group->passed, error->revision)) {
        map_mark(&rollout->stopped, rollout->arena, error->revision);
    }
}

static const char *exceeded(const struct rollout *rollout)
{
    if (rollout->keep_going) {
        return NULL;
    }
    if (!rollout->policy->max_failures.unlimited && rollout->failures > rollout->failures_allowed) {
        return "max_failures";
    }
    if (!rollout->policy->max_unreachable.unlimited &&
        rollout->unreachable > rollout->unreachable_allowed) {
        return "max_unreachable";
    }
    return NULL;
}

const char *rollout_outage(struct rollout *rollout)
{
    rollout->unreachable++;
    return exceeded(rollout);
}

const char *rollout_ended(struct rollout *rollout, const char *group, const struct outcome *outcome,
                          bool server_down)
{
    switch (outcome->kind) {
    case OUTCOME_FAILED:
    case OUTCOME_PARTIAL:
        count_alike(rollout, group, outcome->error);
        rollout->failures++;
        break;
    case OUTCOME_IN_DOUBT:
        rollout->failures++;
        break;
    case OUTCOME_UNREACHABLE:
        rollout->unreachable += server_down ? 0 : 1;
        break;
    case OUTCOME_BLOCKED:
        rollout->unreachable++;
        break;
    default:
        break;
    }
    return exceeded(rollout);
}

bool rollout_stops_revision(const struct rollout *rollout, const char *group, const char *revision)
{
    const struct group *known = group ? map_get(&rollout->groups, group) : NULL;

    return map_get(&rollout->stopped, revision) && !(known && map_get(&known->passed, revision));
}
