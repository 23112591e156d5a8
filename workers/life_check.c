#include "base/bug.h"
#include "workers/life_internal.h"

/* A plan that is only shown asks the require checks of its pending revisions, each in a request of
 * its own that may write nothing. */

static const struct operation *next_require(struct life *life)
{
    struct life_work *work = life->work;

    while (work->at < work->plan->operation_count) {
        const struct operation *operation = &work->plan->operations[work->at];
        if (operation->kind == OPERATION_REQUIRE) {
            return operation;
        }
        work->at++;
    }
    return NULL;
}

static void ask(struct life *life, const struct operation *operation, struct demand *demand)
{
    struct err *err = life_err(life);

    if (life_is(life, ENGINE_POSTGRESQL)) {
        prepare_add_preamble(life);
        request_add(life, DIALECT_READ_ONLY, EXPECT_NOTHING, NULL, 0, NULL);
        prepare_add_section(life, operation, false);
    } else if (life_is_mysql(life)) {
        prepare_add_preamble(life);
        prepare_add_section(life, operation, false);
    }
    if (batch_add_statement(life, DIALECT_CHECK, operation, &operation->check->statement, err)) {
        batch_place(life, operation, 0, err);
        verdict_end(life, OUTCOME_REFUSED, err);
        return;
    }
    request_submit(life, demand, life->target->connection->statement_timeout_ms);
}

/* What must be known before a plan is judged. */
static void add_questions(struct life *life)
{
    struct life_work *work = life->work;

    if (!work->sums_read && work->connection.history_table && changed_suspected(life)) {
        request_add(life, DIALECT_HISTORY_SUMS, EXPECT_NOTHING, NULL, 0, NULL);
    }
    width_ask(life);
}

/* All that was asked went well. */
static void end_planned(struct life *life)
{
    verdict_end(life, life->work->plan->step_count > 0 ? OUTCOME_PLANNED : OUTCOME_UP_TO_DATE,
                NULL);
}

bool check_told(struct life *life)
{
    request_start(life);
    add_questions(life);
    if (life->work->command_count > 0) {
        return false;
    }
    decide_check(life);
    if (life->state == LIFE_STATE_QUEUED && !next_require(life)) {
        end_planned(life);
    }
    return life->state != LIFE_STATE_QUEUED;
}

static void plan_enter(struct life *life, struct demand *demand)
{
    struct life_work *work = life->work;

    request_start(life);
    if (work->phase == 0) {
        add_questions(life);
    }
    if (work->command_count > 0) {
        request_submit(life, demand, request_patience_ms(life));
        return;
    }
    if (work->phase == 0) {
        work->phase = 1;
        decide_check(life);
        if (life->state != LIFE_STATE_CHECK) {
            return;
        }
    }
    const struct operation *operation = next_require(life);
    if (operation) {
        ask(life, operation, demand);
    } else {
        end_planned(life);
    }
}

void check_enter(struct life *life, struct demand *demand)
{
    if (life->order->mode == LIFE_PLAN) {
        plan_enter(life, demand);
    } else {
        execute_enter(life, demand);
    }
}

static void defer(struct life *life, const char *name)
{
    struct life_work *work = life->work;

    work->deferred = work->deferred ? arena_printf(&life->arena, "%s, %s", work->deferred, name)
                                    : arena_strdup(&life->arena, name);
}

static void plan_replied(struct life *life, const struct reply *reply)
{
    struct life_work *work = life->work;
    const struct result *sums = request_result(life, reply, DIALECT_HISTORY_SUMS);
    const struct result *answer = request_result(life, reply, DIALECT_CHECK);
    const struct operation *place = NULL;
    struct err *err = life_err(life);

    if (sums) {
        changed_read(life, sums);
    }
    if (work->phase == 0) {
        width_answered(life, reply);
        life_again(life);
        return;
    }
    work->connection.prepared = !work->connection.pooled;
    const struct operation *operation = &work->plan->operations[work->at];
    if (request_check(life, reply, &place, err)) {
        verdict_end(life, OUTCOME_REFUSED, err);
    } else if (!check_passes(operation->check, answer)) {
        check_describe(life, operation, answer, err);
        verdict_end(life, OUTCOME_REFUSED, err);
    } else {
        work->at++;
        life_again(life);
    }
}

/* An object that an earlier pending revision makes is not there yet. */
static void plan_failed(struct life *life, const struct life_event *event)
{
    struct life_work *work = life->work;
    bool unknown = verdict_note(life, event);
    size_t asked = request_find(life, DIALECT_CHECK);

    if (unknown || event->reply->completed != asked) {
        verdict_fail(life, event->err);
        return;
    }
    const struct operation *operation = &work->plan->operations[work->at];
    if (event->err->class == ERROR_MISSING_OBJECT && operation->step > 0) {
        defer(life, operation->check->name);
        work->at++;
        life_again(life);
        return;
    }
    struct err *err = life_err(life);
    err_copy(err, event->err);
    err->class = ERROR_REQUIREMENT;
    batch_place(life, operation, event->reply->position, err);
    verdict_end(life, OUTCOME_REFUSED, err);
}

void check_event(struct life *life, const struct life_event *event)
{
    if (life->order->mode != LIFE_PLAN) {
        execute_event(life, event);
    } else if (event->kind == LIFE_REPLIED) {
        plan_replied(life, event->reply);
    } else if (event->kind == LIFE_FAILED) {
        plan_failed(life, event);
    } else {
        BUG("CHECK: event %u", (unsigned)event->kind);
    }
}
