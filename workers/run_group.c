#include <string.h>

#include "workers/run_parts.h"

void groups_init(struct run *run)
{
    map_init(&run->book, &run->plans);
    map_init(&run->groups, &run->arena);
    map_init(&run->stopped_revisions, &run->arena);
    list_init(&run->changed_groups);
}

const struct plan *groups_plan_for(void *context, enum engine engine, const char *const *rows,
                                   size_t count)
{
    struct run *run = context;
    const char *key;
    struct plan *plan;

    arena_clear(&run->scratch);
    key = plan_key(&run->scratch, engine, rows, count);
    plan = map_get(&run->book, key);
    if (!plan) {
        plan = plan_make(&run->plans, run->order.planning, engine, rows, count);
        map_set(&run->book, arena_strdup(&run->plans, key), plan);
    }
    return plan;
}

static bool has_ahead(const struct group *group, const char *revision)
{
    for (size_t i = 0; group->plan && i < group->plan->step_count; i++) {
        const struct revision *step = group->plan->steps[i].revision;

        if (step && strcmp(step->id, revision) == 0) {
            return true;
        }
    }
    return false;
}

static bool must_stop(struct run *run, const struct group *group, const char *revision)
{
    return has_ahead(group, revision) && rollout_stops_revision(run->rollout, group->key, revision);
}

static struct group *group_new(struct run *run, const char *key, const struct plan *plan)
{
    struct group *group = arena_alloc(&run->arena, sizeof(*group));

    group->key = arena_strdup(&run->arena, key);
    group->plan = plan;
    pace_init(&group->pace, run->options.limits.concurrency);
    list_init(&group->waiting);
    list_init(&group->parked);
    list_init(&group->changed);
    for (size_t i = 0; i < run->stopped_revisions.count && !group->stopped; i++) {
        group->stopped = must_stop(run, group, run->stopped_revisions.entries[i].key);
    }
    map_set(&run->groups, group->key, group);
    return group;
}

struct group *groups_find(struct run *run, const struct life *life)
{
    const char *key = life_group(life);
    struct group *group;

    if (!key) {
        return NULL;
    }
    group = map_get(&run->groups, key);
    return group ? group : group_new(run, key, life_plan(life));
}

static void group_changed(struct run *run, struct group *group)
{
    list_remove(&group->changed);
    list_append(&run->changed_groups, &group->changed);
}

bool groups_take(struct active *active)
{
    struct group *group = active->group;

    groups_forget_invitation(active);
    /* Who waits with a connection already comes first. */
    if (!list_empty(&group->waiting) || !pace_take(&group->pace)) {
        return false;
    }
    active->place = active->placed = true;
    return true;
}

void groups_wait(struct active *active, bool parked)
{
    struct group *group = active->group;

    list_append(parked ? &group->parked : &group->waiting, &active->member->node);
    group_changed(active->member->run, group);
}

void groups_give_back(struct active *active)
{
    if (active->place) {
        active->place = false;
        pace_give(&active->group->pace);
        group_changed(active->member->run, active->group);
    }
}

void groups_forget_invitation(struct active *active)
{
    if (active->invited) {
        active->invited = false;
        active->group->invited--;
        group_changed(active->member->run, active->group);
    }
}

/* As many parked ones as there are places left; each may still find its place taken by a newcomer.
 * Who waits for a server that is down cannot come, and is not waited for. */
static void invite(struct group *group)
{
    while (!list_empty(&group->parked) && group->pace.taken + group->invited < group->pace.places) {
        struct member *member = LIST_ITEM(list_first(&group->parked), struct member, node);

        list_remove(&member->node);
        member->active->invited = !member->server->down;
        group->invited += member->active->invited;
        slots_enqueue(member, true);
    }
}

void groups_forget_invitations(struct run_server *server)
{
    for (size_t i = 0; i < server->member_count; i++) {
        if (server->members[i]->active) {
            groups_forget_invitation(server->members[i]->active);
        }
    }
}

struct member *groups_next_placed(struct run *run)
{
    struct list *first;

    while ((first = list_first(&run->changed_groups)) != NULL) {
        struct group *group = LIST_ITEM(first, struct group, changed);

        if (!list_empty(&group->waiting) && pace_take(&group->pace)) {
            struct member *member = LIST_ITEM(list_first(&group->waiting), struct member, node);

            list_remove(&member->node);
            member->active->place = member->active->placed = true;
            return member; /* the group stays in the list: there may be another place */
        }
        list_remove(&group->changed);
        invite(group);
    }
    return NULL;
}

void groups_ended(struct active *active, enum outcome_kind kind)
{
    if (active->group && active->placed) {
        pace_ended(&active->group->pace, kind);
        group_changed(active->member->run, active->group);
    }
}

bool groups_stop_revision(struct run *run, const char *group, const char *revision)
{
    char *copy;

    if (!rollout_stops_revision(run->rollout, group, revision) ||
        map_get(&run->stopped_revisions, revision)) {
        return false;
    }
    copy = arena_strdup(&run->arena, revision);
    map_set(&run->stopped_revisions, copy, copy);
    for (size_t i = 0; i < run->groups.count; i++) {
        struct group *other = run->groups.entries[i].value;

        other->stopped = other->stopped || must_stop(run, other, revision);
    }
    return true;
}
