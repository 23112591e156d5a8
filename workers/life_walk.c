#include <string.h>

#include "workers/life_internal.h"

void walk_load(struct life *life, const struct plan *plan, size_t at)
{
    struct life_work *work = life->work;

    work->plan = plan;
    work->at = work->until = work->unit_at = at;
    work->step_us = arena_grow(&life->arena, work->step_us, sizeof(*work->step_us),
                               &work->step_capacity, plan->step_count);
    if (plan->step_count > 0) {
        memset(work->step_us, 0, plan->step_count * sizeof(*work->step_us));
    }
    work->uncommitted_seq = work->seq;
    work->heads = work->connection.last.rows;
    work->head_count = work->connection.last.row_count;
}

/* ---- which state is next */

static bool is_check(const struct operation *operation)
{
    return operation->kind == OPERATION_REQUIRE || operation->kind == OPERATION_VERIFY;
}

/* CHECK where the next answer that decides is a check's. */
static enum life_state inside_state(const struct plan *plan, size_t at)
{
    for (; at < plan->operation_count; at++) {
        if (is_check(&plan->operations[at])) {
            return LIFE_STATE_CHECK;
        }
        if (plan->operations[at].kind == OPERATION_COMMIT) {
            break;
        }
    }
    return LIFE_STATE_EXECUTE;
}

/* Inside a unit: after its BEGIN was passed and before its COMMIT. */
static bool inside_unit(const struct life_work *work)
{
    for (size_t i = work->unit_at; i < work->at; i++) {
        if (work->plan->operations[i].kind == OPERATION_BEGIN) {
            return true;
        }
    }
    return false;
}

static enum life_state state_of(const struct life_work *work)
{
    switch (work->plan->operations[work->at].kind) {
    case OPERATION_COMMIT:
        return LIFE_STATE_COMMIT;
    case OPERATION_MARK:
        return LIFE_STATE_MARK;
    case OPERATION_STATEMENT_OFF:
        return LIFE_STATE_OFF;
    case OPERATION_SESSION:
    case OPERATION_MARK_DONE:
        if (!inside_unit(work)) {
            return LIFE_STATE_MARK;
        }
        break;
    default:
        break;
    }
    return inside_state(work->plan, work->at);
}

void walk_next(struct life *life)
{
    struct life_work *work = life->work;

    while (work->at < work->plan->operation_count &&
           work->plan->operations[work->at].kind == OPERATION_FOREIGN_KEYS_ON &&
           !work->connection.foreign_keys) {
        work->at++;
    }
    if (work->at == work->plan->operation_count) {
        if (!work->next_plan) {
            verdict_end(life, OUTCOME_SUCCEEDED, NULL);
            return;
        }
        const struct plan *plan = work->next_plan;
        work->next_plan = NULL;
        work->connection.last.rows = work->heads;
        work->connection.last.row_count = work->head_count;
        walk_load(life, plan, 0);
    }
    work->mark = MARK_FORWARD;
    enum life_state state = state_of(work);
    if (state == life->state) {
        life_again(life);
    } else {
        life_move(life, state);
    }
}

/* ---- what stands */

static void add_step(struct life *life, const struct outcome_step *step)
{
    struct life_work *work = life->work;
    size_t count = life->outcome.step_count;

    work->steps =
        arena_grow(&life->arena, work->steps, sizeof(*work->steps), &work->step_room, count + 1);
    work->steps[count] = *step;
    life->outcome.steps = work->steps;
    life->outcome.step_count = count + 1;
}

/* Whether the operation ends a step that a report tells: the row that is settled by hand is told by
 * its resolve row. */
static bool ends_step(const struct life *life, const struct operation *operation)
{
    return operation->kind == OPERATION_VERSION_TABLE ||
           (operation->kind == OPERATION_HISTORY_DONE &&
            (life->order->mode != LIFE_RESOLVE || operation->insert));
}

static void open_row(struct life *life, const struct operation *operation)
{
    struct life_work *work = life->work;
    const struct plan_step *step = &work->plan->steps[operation->step];

    work->open = (struct history_row){
        .seq = work->uncommitted_seq,
        .revision = step->revision->id,
        .direction = step_kind_name(step->kind),
        .state = "started",
        .total = (int64_t)step->script->statement_count,
        .attempted = (int64_t)(operation->statement > 0 ? operation->statement : operation->done),
        .done = (int64_t)operation->done,
        .run_id = life->order->identity->id};
    life->outcome.open = &work->open;
    work->known = true; /* what was announced with it was not sent yet */
    work->known_done = operation->done;
}

static void stand(struct life *life, const struct operation *operation)
{
    struct life_work *work = life->work;
    const struct plan_step *step = &work->plan->steps[operation->step];

    switch (operation->kind) {
    case OPERATION_HISTORY_START:
        open_row(life, operation);
        break;
    case OPERATION_MARK_DONE:
        work->open.attempted = work->open.done = (int64_t)operation->done;
        work->known_done = operation->done;
        break;
    case OPERATION_VERSION_TABLE:
        break;
    case OPERATION_HISTORY_DONE:
        work->open.seq = 0;
        life->outcome.open = NULL;
        work->heads = step->heads;
        work->head_count = step->head_count;
        break;
    default:
        return;
    }
    if (ends_step(life, operation)) {
        struct outcome_step value = doubt_step(life, operation);
        add_step(life, &value);
    }
}

void walk_committed(struct life *life)
{
    struct life_work *work = life->work;

    for (size_t i = work->unit_at; i < work->at; i++) {
        stand(life, &work->plan->operations[i]);
    }
    work->seq = work->uncommitted_seq;
    life->outcome.after = work->heads;
    life->outcome.after_count = work->head_count;
}

/* What is known of an open row, if the unit stands; and if it does not. */
static void doubt_row(struct life *life, const struct operation *operation)
{
    struct life_work *work = life->work;

    if (operation->kind == OPERATION_MARK_DONE) {
        work->known = false; /* the row moves with its statements: it tells */
    } else if (operation->kind == OPERATION_HISTORY_START) {
        work->before.seq = work->known ? work->open.seq : 0;
        work->before.done = work->known_done;
        open_row(life, operation); /* if it is there, it is this life's */
    }
}

void walk_doubt(struct life *life, const struct err *err)
{
    struct life_work *work = life->work;
    size_t room = work->at - work->unit_at;

    doubt_begin(life, DOUBT_COMMIT, err);
    work->doubted = arena_array(&life->arena, room, sizeof(*work->doubted));
    work->doubted_count = 0;
    for (size_t i = work->unit_at; i < work->at; i++) {
        if (ends_step(life, &work->plan->operations[i])) {
            work->doubted[work->doubted_count++] = doubt_step(life, &work->plan->operations[i]);
        }
        doubt_row(life, &work->plan->operations[i]);
    }
}

/* Whether one of the run's own rows is the step's. */
static bool has_own_row(const struct result *result, const struct outcome_step *step)
{
    for (size_t i = 0; result && i < result->row_count; i++) {
        const char *const *cells = result->cells + i * result->column_count;
        if (cells[0] && cells[1] && cells[2] && strcmp(cells[0], step->revision) == 0 &&
            strcmp(cells[1], step_kind_name(step->kind)) == 0 && strcmp(cells[2], "done") == 0) {
            return true;
        }
    }
    return false;
}

void walk_settle_doubt(struct life *life, const struct result *result)
{
    struct life_work *work = life->work;

    for (size_t i = 0; i < work->doubted_count; i++) {
        const struct outcome_step *step = &work->doubted[i];
        bool ensured = step->kind == STEP_ENSURE && work->connection.version_table;
        if (ensured || has_own_row(result, step)) {
            add_step(life, &work->doubted[i]);
        }
    }
    work->doubt = NULL;
    work->doubted_count = 0;
}
