#include "report/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

/* The order in which kinds are shown; 0: needs nobody. */
static const unsigned char kind_rank[OUTCOME_COUNT] = {
    [OUTCOME_FAILED] = 1,  [OUTCOME_PARTIAL] = 2,   [OUTCOME_IN_DOUBT] = 3,
    [OUTCOME_REFUSED] = 4, [OUTCOME_BLOCKED] = 5,   [OUTCOME_UNREACHABLE] = 6,
    [OUTCOME_STALE] = 7,   [OUTCOME_CANCELLED] = 8,
};

bool outcome_needs_person(enum outcome_kind kind)
{
    return kind_rank[kind] != 0;
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/* The words of a message without what differs from tenant to tenant: quoted names, numbers. */
static char *message_words(struct arena *arena, const char *message)
{
    char *words = arena_strdup(arena, message), *out = words;
    while (*message != '\0') {
        const char *close = *message == '"' ? strchr(message + 1, '"') : NULL;
        if (close != NULL)
            message = close + 1;
        else if (*message >= '0' && *message <= '9')
            message++;
        else
            *out++ = *message++;
    }
    *out = '\0';
    return words;
}

/* What an outcome in_doubt is about; "" for others. The last revision is the error's. */
static const char *doubt_key(struct arena *arena, const struct outcome_doubt *doubt)
{
    if (doubt == NULL)
        return "";
    return arena_printf(arena, "%s %zu %s", doubt_kind_name(doubt->kind), doubt->step_count,
                        doubt->steps[0].revision);
}

/* The message of an error with a code matters only where no statement is named: 22023 is a role
 * that does not exist and a setting's bad value. Without a code it is all that tells two errors
 * apart. */
static char *group_key(struct arena *arena, const struct outcome *outcome)
{
    const struct err *error = outcome->error;
    if (error == NULL)
        return arena_printf(arena, "%d", (int)outcome->kind);
    const char *message = or_empty(error->message);
    if (error->code != NULL)
        message = error->statement > 0 ? "" : message_words(arena, message);
    return arena_printf(arena, "%d|%d|%s|%s|%d|%s|%s", (int)outcome->kind, (int)error->class,
                        or_empty(error->code), or_empty(error->revision), error->statement,
                        doubt_key(arena, outcome->doubt), message);
}

static int compare_groups(const void *left, const void *right)
{
    const struct failure_group *a = left, *b = right;
    if (a->kind != b->kind)
        return kind_rank[a->kind] < kind_rank[b->kind] ? -1 : 1;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->members[0] < b->members[0] ? -1 : 1;
}

/* First pass: a group for each key with its size. Second: the members. */
size_t failure_groups(const struct run_result *result, struct arena *arena,
                      struct failure_group **groups)
{
    struct map map;
    map_init(&map, arena);
    struct failure_group **of = arena_array(arena, result->count, sizeof(struct failure_group *));
    for (size_t i = 0; i < result->count; i++) {
        const struct outcome *outcome = &result->outcomes[i];
        if (!outcome_needs_person(outcome->kind))
            continue;
        char *key = group_key(arena, outcome);
        struct failure_group *group = map_get(&map, key);
        if (group == NULL) {
            group = arena_alloc(arena, sizeof(*group));
            group->kind = outcome->kind;
            group->first = outcome;
            map_set(&map, key, group);
        }
        if (outcome->attempts == 0 && group->first->attempts > 0)
            group->first = outcome; /* it says, too, why it was not tried */
        group->count++;
        if (outcome->attempts > group->attempts)
            group->attempts = outcome->attempts;
        of[i] = group;
    }
    for (size_t i = 0; i < map.count; i++) {
        struct failure_group *group = map.entries[i].value;
        group->members = arena_array(arena, group->count, sizeof(size_t));
        group->count = 0;
    }
    for (size_t i = 0; i < result->count; i++)
        if (of[i] != NULL)
            of[i]->members[of[i]->count++] = i;
    *groups = arena_array(arena, map.count, sizeof(struct failure_group));
    for (size_t i = 0; i < map.count; i++)
        (*groups)[i] = *(struct failure_group *)map.entries[i].value;
    qsort(*groups, map.count, sizeof(struct failure_group), compare_groups);
    return map.count;
}
