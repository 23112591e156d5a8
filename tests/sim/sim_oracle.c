#include "sim_oracle.h"

#include <stdlib.h>
#include <string.h>

#include "workers/run_parts.h"

/* ---- while it goes on */

static bool needs_place(unsigned state)
{
    switch ((enum life_state)state) {
    case LIFE_STATE_READ:
    case LIFE_STATE_CHECK:
    case LIFE_STATE_EXECUTE:
    case LIFE_STATE_MARK:
    case LIFE_STATE_OFF:
    case LIFE_STATE_COMMIT:
        return true;
    default:
        return false;
    }
}

static void watch_member(struct sim_world *world, const struct member *member)
{
    const struct active *active = member->active;
    unsigned state = active->life.state;

    if (needs_place(state) && active->group && !active->place) {
        sim_world_violation(world, "%s is in %s without a place", member->target->name,
                            life_machine.states[state].name);
    }
    if (active->connection && !active->slot) {
        sim_world_violation(world, "%s has a connection without a slot", member->target->name);
    }
    if (!active->slot && active->place) {
        sim_world_violation(world, "%s holds a place without a slot", member->target->name);
    }
}

static void watch_run(struct sim_world *world, const struct run *run)
{
    size_t taken = 0, placed = 0;

    for (size_t i = 0; i < run->groups.count; i++) {
        const struct group *group = run->groups.entries[i].value;

        taken += group->pace.taken;
        if (group->pace.taken > group->pace.places ||
            group->pace.places > world->setup.limits.concurrency) {
            sim_world_violation(world, "%zu of %zu places taken", group->pace.taken,
                                group->pace.places);
        }
    }
    for (size_t i = 0; i < run->options.count; i++) {
        if (run->members[i].active) {
            placed += run->members[i].active->place;
            watch_member(world, &run->members[i]);
        }
    }
    if (taken != placed) {
        sim_world_violation(world, "%zu places are taken, %zu targets have one", taken, placed);
    }
}

void sim_oracle_watch(void *context)
{
    struct sim_world *world = context;

    /* It looks at every target: in a large fleet not after each event. */
    if (world->setup.targets > 100 && ++world->unwatched % 1009 != 0) {
        return;
    }
    for (size_t i = 0; i < world->together; i++) {
        if (world->runs[i]) {
            watch_run(world, world->runs[i]);
        }
    }
}

/* ---- at the end */

static size_t witnessed(const struct sim_target *target, const struct revision *revision,
                        size_t statement)
{
    enum engine engine = target->server.engine;
    const struct statement *text =
        &revision->scripts[engine][DIRECTION_UPGRADE].statements[statement];
    size_t count = 0;

    for (size_t i = 0; i < target->server.state.witness_count; i++) {
        const char *witness = target->server.state.witness[i];

        count += strlen(witness) == text->length && memcmp(witness, text->text, text->length) == 0;
    }
    return count;
}

/* The last history row of a revision's upgrade, or NULL. */
static const struct fake_row *last_row(const struct sim_target *target, const char *revision)
{
    const struct fake_state *state = &target->server.state;

    for (size_t i = state->history_count; i > 0; i--) {
        if (strcmp(state->history[i - 1].revision, revision) == 0 &&
            strcmp(state->history[i - 1].direction, "upgrade") == 0) {
            return &state->history[i - 1];
        }
    }
    return NULL;
}

/* What the history says of a revision is what its statements did. Only where nothing was ever
 * downgraded. */
static void check_revision(struct sim_world *world, const struct sim_target *target,
                           const struct revision *revision)
{
    const struct fake_row *row = last_row(target, revision->id);
    size_t total = revision->scripts[target->server.engine][DIRECTION_UPGRADE].statement_count;
    bool open = row && strcmp(row->state, "started") == 0;

    for (size_t i = 0; i < total; i++) {
        size_t count = witnessed(target, revision, i);
        bool must = row && (!open || (long)i < row->done);
        bool may = must || (open && (long)i < row->attempted);

        if (count > 1 || (must && count == 0) || (!may && count > 0)) {
            sim_world_violation(
                world, "%s: statement %zu of %s took effect %zu times, the row is %s",
                target->target->name, i + 1, revision->id, count, row ? row->state : "not there");
        }
    }
}

static bool has_open_row(const struct sim_target *target)
{
    for (size_t i = 0; i < target->server.state.history_count; i++) {
        if (strcmp(target->server.state.history[i].state, "started") == 0) {
            return true;
        }
    }
    return false;
}

static size_t steps_of_run(const struct sim_target *target, const char *run_id)
{
    size_t count = 0;

    for (size_t i = 0; i < target->server.state.history_count; i++) {
        const struct fake_row *row = &target->server.state.history[i];

        count += strcmp(row->state, "done") == 0 && strcmp(row->run_id, run_id) == 0;
    }
    return count;
}

static bool same_heads(const struct sim_target *target, const char *const *heads, size_t count)
{
    if (count != target->server.state.version_count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!fake_server_has_version(&target->server, heads[i])) {
            return false;
        }
    }
    return true;
}

/* The state of the run's row of a step; NULL: it has none. */
static const char *row_state(const struct sim_target *target, const struct outcome_step *step,
                             const char *run_id)
{
    for (size_t i = target->server.state.history_count; i > 0; i--) {
        const struct fake_row *row = &target->server.state.history[i - 1];

        if (strcmp(row->revision, step->revision) == 0 && strcmp(row->run_id, run_id) == 0 &&
            strcmp(row->direction, step_kind_name(step->kind)) == 0) {
            return row->state;
        }
    }
    return NULL;
}

/* All steps of a COMMIT stand, or none: the last one may only have been begun. */
static bool is_all_or_nothing(const struct sim_target *target, const struct outcome_doubt *doubt,
                              const char *run_id)
{
    bool stands = row_state(target, &doubt->steps[doubt->step_count - 1], run_id) != NULL;

    for (size_t i = 0; i + 1 < doubt->step_count; i++) {
        const char *state = row_state(target, &doubt->steps[i], run_id);
        if ((state && strcmp(state, "done") == 0) != stands) {
            return false;
        }
    }
    return true;
}

/* The open row that the run has announced the statement in. */
static bool is_announced(const struct sim_target *target, const struct outcome *outcome)
{
    for (size_t i = 0; i < target->server.state.history_count; i++) {
        const struct fake_row *row = &target->server.state.history[i];

        if (strcmp(row->state, "started") == 0 && row->attempted == outcome->error->statement &&
            row->attempted == row->done + 1 &&
            strcmp(row->revision, outcome->doubt->steps[0].revision) == 0) {
            return true;
        }
    }
    return false;
}

/* What an outcome in doubt names is what was under way: a COMMIT's steps stand together or not at
 * all; a statement was announced and is not known to be done. */
static void check_doubt(struct sim_world *world, const struct sim_target *target,
                        const struct outcome *outcome, const char *run_id)
{
    const struct outcome_doubt *doubt = outcome->doubt;
    const char *name = target->target->name;

    if (!doubt || !outcome->error || doubt->step_count == 0 || !outcome->error->revision) {
        sim_world_violation(world, "%s is in doubt and says not about what", name);
        return;
    }
    if (strcmp(outcome->error->revision, doubt->steps[doubt->step_count - 1].revision) != 0) {
        sim_world_violation(world, "%s is in doubt about two revisions at once", name);
    }
    if (doubt->kind == DOUBT_STATEMENT && !is_announced(target, outcome)) {
        sim_world_violation(world, "%s is in doubt about statement %d of %s, which was not sent",
                            name, outcome->error->statement, outcome->error->revision);
    }
    if (doubt->kind == DOUBT_COMMIT && !is_all_or_nothing(target, doubt, run_id)) {
        sim_world_violation(world,
                            "%s is in doubt about a COMMIT of %zu steps, some of which stand", name,
                            doubt->step_count);
    }
}

static void check_outcome(struct sim_world *world, const struct sim_target *target,
                          const struct outcome *outcome, const struct run_identity *identity)
{
    const char *name = target->target->name;
    const char *kind = outcome_name(outcome->kind);
    size_t steps = steps_of_run(target, identity->id);
    bool doubt = outcome->kind == OUTCOME_IN_DOUBT;

    if (doubt ? outcome->step_count > steps : outcome->step_count != steps) {
        sim_world_violation(world, "%s is %s with %zu steps, %zu stand", name, kind,
                            outcome->step_count, steps);
    }
    /* Beside another run the table may have moved on since. */
    if (outcome->read && !doubt && world->together == 1 &&
        !same_heads(target, outcome->after, outcome->after_count)) {
        sim_world_violation(world, "%s is %s with other heads than its table", name, kind);
    }
    if (has_open_row(target) && !world->settling && world->together == 1 &&
        outcome->kind != OUTCOME_PARTIAL && !doubt && outcome->kind != OUTCOME_UNREACHABLE &&
        outcome->kind != OUTCOME_BLOCKED && outcome->kind != OUTCOME_NOT_STARTED &&
        outcome->kind != OUTCOME_CANCELLED) {
        sim_world_violation(world, "%s is %s with an open row", name, kind);
    }
    if (outcome->kind == OUTCOME_PARTIAL && world->together == 1 && !has_open_row(target) &&
        target->server.state.invalid_count == 0) {
        sim_world_violation(world, "%s is partial without an open row", name);
    }
    if ((outcome->kind == OUTCOME_NOT_STARTED || outcome->kind == OUTCOME_UP_TO_DATE ||
         outcome->kind == OUTCOME_REFUSED) &&
        steps > 0) {
        sim_world_violation(world, "%s is %s with %zu steps", name, kind, steps);
    }
    if (doubt) {
        check_doubt(world, target, outcome, identity->id);
    } else if (outcome->doubt) {
        sim_world_violation(world, "%s is %s and names a doubt", name, kind);
    }
    if ((outcome->kind == OUTCOME_FAILED || outcome->kind == OUTCOME_UNREACHABLE ||
         outcome->kind == OUTCOME_PARTIAL || outcome->kind == OUTCOME_REFUSED || doubt ||
         outcome->kind == OUTCOME_BLOCKED) &&
        !outcome->error) {
        sim_world_violation(world, "%s is %s and says not why", name, kind);
    }
}

static void check_target(struct sim_world *world, struct sim_target *target)
{
    const char *name = target->target->name;

    if (target->connections > 0 || target->zombies > 0) {
        sim_world_violation(world, "%s still has %u connections", name, target->connections);
    }
    if (target->server.lock || target->server.writer) {
        sim_world_violation(world, "%s is still locked", name);
    }
    if (target->server.lasting > 0) {
        sim_world_violation(world, "%s: %u settings or locks stay with its pooler", name,
                            target->server.lasting);
    }
    if (target->server.unlocked > 0) {
        sim_world_violation(world, "%s: %u writes without the lock", name, target->server.unlocked);
    }
    for (size_t i = 0; !world->downgraded && i < world->setup.revision_count; i++) {
        check_revision(world, target, world->revisions[i]);
    }
}

static bool at_goal(const struct sim_world *world, const struct sim_target *target)
{
    size_t heads = 0;

    for (size_t i = 0; i < world->graph.count; i++) {
        const struct graph_node *node = &world->graph.nodes[i];

        if (graph_is_head(node)) {
            heads++;
            if (!fake_server_has_version(&target->server, node->revision->id)) {
                return false;
            }
        }
    }
    return heads == target->server.state.version_count;
}

void sim_oracle_conclude(struct sim_world *world, const struct run_identity *identity,
                         const struct sim_result *result)
{
    size_t ended = 0;

    if (sim_host_exhausted(world->host)) {
        sim_world_violation(world, "the run does not end");
        return;
    }
    sim_host_settle(world->host);
    for (size_t i = 0; i < OUTCOME_COUNT; i++) {
        ended += result->counts[i];
    }
    if (ended != world->setup.targets) {
        sim_world_violation(world, "%zu of %zu targets ended", ended, world->setup.targets);
        return;
    }
    if (world->detached > 0) {
        sim_world_violation(world, "%zu pieces of detached work were not freed", world->detached);
    }
    for (size_t i = 0; i < world->setup.targets; i++) {
        const struct outcome *outcome = &result->outcomes[i];

        check_target(world, &world->targets[i]);
        check_outcome(world, &world->targets[i], outcome, identity);
        if (world->upgrading && !at_goal(world, &world->targets[i]) &&
            (outcome->kind == OUTCOME_SUCCEEDED || outcome->kind == OUTCOME_UP_TO_DATE)) {
            sim_world_violation(world, "%s is %s and not at the goal",
                                world->targets[i].target->name, outcome_name(outcome->kind));
        }
    }
}

void sim_oracle_killed(struct sim_world *world)
{
    sim_host_settle(world->host);
    for (size_t i = 0; i < world->setup.targets; i++) {
        check_target(world, &world->targets[i]);
    }
}
