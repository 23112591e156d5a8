#include <string.h>

#include "base/str.h"
#include "workers/run_parts.h"

/* One copy of a text that many outcomes have. */
static const char *keep_text(struct run *run, const char *text)
{
    const char *kept;

    if (!text) {
        return NULL;
    }
    kept = map_get(&run->kept_texts, text);
    if (!kept) {
        char *copy = arena_strdup(&run->arena, text);

        map_set(&run->kept_texts, copy, copy);
        kept = copy;
    }
    return kept;
}

struct kept_list {
    const char *const *items;
};

/* One copy of a list of heads: most targets have the same. */
static const char *const *keep_list(struct run *run, const char *const *items, size_t count)
{
    struct kept_list *kept;
    struct str key = STR_INIT; /* with lengths: a row of a version table may hold anything */

    if (count == 0) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        str_addf(&key, "%zu:%s", strlen(items[i]), items[i]);
    }
    kept = map_get(&run->kept_lists, key.text);
    if (!kept) {
        const char **copy = arena_array(&run->arena, count, sizeof(*copy));

        for (size_t i = 0; i < count; i++) {
            copy[i] = keep_text(run, items[i]);
        }
        kept = arena_alloc(&run->arena, sizeof(*kept));
        kept->items = copy;
        map_set(&run->kept_lists, arena_strdup(&run->arena, key.text), kept);
    }
    str_release(&key);
    return kept->items;
}

static const struct outcome_step *keep_steps(struct run *run, const struct outcome_step *steps,
                                             size_t count)
{
    struct outcome_step *kept;

    if (count == 0) {
        return NULL;
    }
    kept = arena_array(&run->arena, count, sizeof(*kept));
    for (size_t i = 0; i < count; i++) {
        kept[i] = steps[i];
        kept[i].revision = keep_text(run, steps[i].revision);
    }
    return kept;
}

static const struct outcome_doubt *keep_doubt(struct run *run, const struct outcome_doubt *doubt)
{
    struct outcome_doubt *kept;

    if (!doubt) {
        return NULL;
    }
    kept = arena_alloc(&run->arena, sizeof(*kept));
    *kept = *doubt;
    kept->steps = keep_steps(run, doubt->steps, doubt->step_count);
    return kept;
}

static const struct history_row *keep_row(struct run *run, const struct history_row *row)
{
    struct history_row *kept;

    if (!row) {
        return NULL;
    }
    kept = arena_alloc(&run->arena, sizeof(*kept));
    *kept = *row;
    kept->revision = keep_text(run, row->revision);
    kept->direction = keep_text(run, row->direction);
    kept->state = keep_text(run, row->state);
    kept->checksum = keep_text(run, row->checksum);
    kept->done_checksum = keep_text(run, row->done_checksum);
    kept->applied_checksum = keep_text(run, row->applied_checksum);
    kept->run_id = keep_text(run, row->run_id);
    kept->started_at = arena_strdup(&run->arena, row->started_at);
    return kept;
}

static const struct unknown_row *keep_unknown(struct run *run, const struct outcome *outcome)
{
    struct unknown_row *rows;

    if (outcome->unknown_count == 0) {
        return NULL;
    }
    rows = arena_array(&run->arena, outcome->unknown_count, sizeof(*rows));
    for (size_t i = 0; i < outcome->unknown_count; i++) {
        const struct unknown_row *row = &outcome->unknown[i];
        rows[i] = *row;
        rows[i].revision = keep_text(run, row->revision);
        rows[i].direction = keep_text(run, row->direction);
        rows[i].at = arena_strdup(&run->arena, row->at);
        rows[i].run_id = keep_text(run, row->run_id);
        rows[i].actor = keep_text(run, row->actor);
        rows[i].tag = keep_text(run, row->tag);
        rows[i].checksum = keep_text(run, row->checksum);
        rows[i].skein_version = keep_text(run, row->skein_version);
    }
    return rows;
}

void keep_outcome(struct run *run, struct outcome *kept, const struct outcome *outcome)
{
    *kept = *outcome;
    kept->before = keep_list(run, outcome->before, outcome->before_count);
    kept->after = keep_list(run, outcome->after, outcome->after_count);
    kept->steps = keep_steps(run, outcome->steps, outcome->step_count);
    kept->open = keep_row(run, outcome->open);
    kept->latest = keep_row(run, outcome->latest);
    kept->unknown = keep_unknown(run, outcome);
    kept->doubt = keep_doubt(run, outcome->doubt);
    kept->deferred = keep_text(run, outcome->deferred);
    kept->slowest_revision = keep_text(run, outcome->slowest_revision);
    if (outcome->error) {
        kept->error = arena_alloc(&run->arena, sizeof(*kept->error));
        *kept->error = (struct err)ERR_INIT(&run->arena);
        err_copy(kept->error, outcome->error);
    }
}

void run_tell(struct run *run, enum event_kind kind, const struct member *member,
              const char *reason)
{
    struct event event = {.kind = kind, .now_us = run_now(run), .reason = reason};

    if (member) {
        event.target = run->options.targets[member->index];
        if (kind == EVENT_TARGET_ENDED) {
            event.outcome = &run->outcomes[member->index];
        }
    }
    for (size_t i = 0; i < run->options.observer_count; i++) {
        run->options.observers[i]->on_event(run->options.observers[i], &event);
    }
}
