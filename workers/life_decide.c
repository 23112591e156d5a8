#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/text.h"
#include "planner/graph.h"
#include "planner/plan.h"
#include "planner/template.h"
#include "workers/life_internal.h"

/* ---- the plan */

static bool is_relative(const struct life_order *order)
{
    return order->relative || order->planning->goal->relative;
}

static bool plans(const struct life *life)
{
    return life->order->mode == LIFE_EXECUTE || life->order->mode == LIFE_PLAN;
}

void decide_prepare(struct life *life)
{
    const struct life_order *order = life->order;
    struct life_work *work = life->work;
    const struct reading *reading = &work->connection.last;

    if (!plans(life)) {
        return;
    }
    work->plan = order->plan_for(order->plan_context, life->target->engine, reading->rows,
                                 reading->row_count);
    work->group = plan_key(&life->arena, life->target->engine, reading->rows, reading->row_count);
}

/* ---- an open row */

static const struct script *row_script(const struct life *life, const struct history_row *open,
                                       const struct graph_node *node)
{
    return &node->revision->scripts[life->target->engine][strcmp(open->direction, "downgrade") == 0
                                                              ? DIRECTION_DOWNGRADE
                                                              : DIRECTION_UPGRADE];
}

static void place_row(const struct life *life, const struct history_row *open, struct err *err)
{
    const struct graph_node *node = graph_find(life->order->planning->graph, open->revision);
    int line = 0;

    err->revision = arena_strdup(err->arena, open->revision);
    err->statement = (int)open->attempted;
    if (!node) {
        return;
    }
    const struct script *script = row_script(life, open, node);
    if (open->attempted > 0 && (size_t)open->attempted <= script->statement_count) {
        const struct statement *statement = &script->statements[open->attempted - 1];
        line = statement->line;
        err->section = arena_strdup(err->arena, script->sections[statement->section]->title);
    }
    err_at(err, node->revision->path, line, 0);
}

void decide_hint(const struct life *life, int64_t done, int64_t attempted, struct err *err)
{
    err_hint(err,
             "%s%slook what is there, then: skein resolve --done-to %lld or --done-to %lld (or "
             "--applied, --reverted) -t %s --reason TEXT",
             err->hint ? err->hint : "", err->hint ? "; " : "", (long long)done,
             (long long)attempted, life->target->name);
}

static void describe_row(const struct life *life, const struct history_row *open, struct err *err)
{
    if (open->attempted > open->done) {
        err_set(err, ERROR_PLAN,
                "%s of %s: statement %lld of %lld was begun outside a transaction, and nobody "
                "knows whether it took effect; %lld before it stand",
                open->direction, open->revision, (long long)open->attempted, (long long)open->total,
                (long long)open->done);
        decide_hint(life, open->done, open->attempted, err);
    } else {
        err_set(err, ERROR_PLAN, "%s of %s stands half done, to statement %lld of %lld",
                open->direction, open->revision, (long long)open->done, (long long)open->total);
        err_hint(err, "skein %s %s goes on from there; or skein resolve -t %s --reason TEXT",
                 open->direction, open->revision, life->target->name);
    }
    place_row(life, open, err);
}

/* What stands of an open row that this life wrote itself, and whose last writes were not answered:
 * it remembers what it had sent. */
static bool remembers(const struct life *life, const struct history_row *open, size_t *done)
{
    const struct life_work *work = life->work;
    bool latest = work->known && work->open.seq == open->seq;

    *done = latest ? work->known_done : work->before.done;
    return (latest || work->before.seq == open->seq) && open->run_id &&
           strcmp(open->run_id, life->order->identity->id) == 0;
}

/* A clean edge of what is the next step anyway, with its done statements unchanged. */
static bool goes_on(const struct life *life, const struct history_row *open)
{
    const struct plan *plan = life->work->plan;
    size_t done;
    bool clean = open->attempted == open->done || remembers(life, open, &done);
    char hex[33] = "";

    if (plan->refused || plan->step_count == 0 || !clean ||
        life->work->connection.last.open_count > 1) {
        return false;
    }
    const struct plan_step *step = &plan->steps[0];
    if (!step->revision || !step->script || strcmp(step->revision->id, open->revision) != 0 ||
        strcmp(step_kind_name(step->kind), open->direction) != 0 || open->done < 0 ||
        (size_t)open->done > step->script->statement_count) {
        return false;
    }
    plan_done_checksum(life->target->engine, step->script, (size_t)open->done, hex);
    return strcmp(hex, open->done_checksum ? open->done_checksum : "") == 0;
}

/* False: the life has ended as partial. */
static bool decide_open(struct life *life)
{
    struct life_work *work = life->work;
    const struct history_row *open = work->connection.last.open;

    work->resumed = 0;
    if (!open) {
        work->open.seq = work->before.seq = 0;
        return true;
    }
    if (goes_on(life, open)) {
        size_t done;

        if (!remembers(life, open, &done)) {
            done = (size_t)open->done;
        }
        work->open = *open;
        work->known = true;
        work->known_done = work->resumed = done;
        work->before.seq = 0;
        work->open.attempted = work->open.done = (int64_t)done;
        work->plan = unit_resume(&life->arena, work->plan,
                                 life->order->planning->migrations->transaction, done);
        struct err *err = life_err(life);
        if (session_is_lost(life, err)) {
            verdict_partial(life, err);
            return false;
        }
        return true;
    }
    work->open.seq = 0;
    struct err *err = life_err(life);
    describe_row(life, open, err);
    if (work->off_error && open->attempted > open->done) {
        const char *hint = err->hint;
        err_copy(err, work->off_error);
        err->hint = hint;
    }
    verdict_partial(life, err);
    return false;
}

/* ---- what refuses a plan for this target */

static bool wants_width(const struct life *life)
{
    const struct life_work *work = life->work;
    const struct plan *plan = work->plan;

    if (life_is(life, ENGINE_SQLITE) || !work->connection.version_table ||
        work->connection.width_read || !plan) {
        return false;
    }
    for (size_t i = 0; i < plan->step_count; i++) {
        for (size_t j = 0; j < plan->steps[i].change_count; j++) {
            const char *to = plan->steps[i].changes[j].to;
            if (to && strlen(to) > 32) {
                return true;
            }
        }
    }
    return false;
}

void width_ask(struct life *life)
{
    if (wants_width(life)) {
        const char *table = life_is_mysql(life) ? life->order->planning->migrations->version_table
                                                : life->work->connection.names.version_table;
        request_add(life, DIALECT_WIDTH, EXPECT_NOTHING, NULL, 1, &table);
    }
}

void width_answered(struct life *life, const struct reply *reply)
{
    struct life_connection *connection = &life->work->connection;
    const struct result *width = request_result(life, reply, DIALECT_WIDTH);

    if (width) {
        connection->width_read = true;
        connection->width =
            width->row_count == 1 && width->cells[0] ? strtol(width->cells[0], NULL, 10) : 0;
    }
}

static int check_width(const struct life *life, const char *id, struct err *err)
{
    const struct life_connection *connection = &life->work->connection;

    if (!connection->width_read || connection->width == 0 ||
        strlen(id) <= (size_t)connection->width) {
        return 0;
    }
    err_set(err, ERROR_PLAN,
            "revision %s has %zu characters, and version_num of this target's table takes %ld", id,
            strlen(id), connection->width);
    err_hint(err, "ALTER TABLE %s %s varchar(64)%s", connection->names.version_table,
             life_is_mysql(life) ? "MODIFY version_num" : "ALTER COLUMN version_num TYPE",
             life_is_mysql(life) ? " NOT NULL" : "");
    err->revision = arena_strdup(err->arena, id);
    return ERROR_PLAN;
}

static int check_steps(struct life *life, struct err *err)
{
    const struct life_work *work = life->work;

    for (size_t i = 0; i < work->plan->step_count; i++) {
        const struct plan_step *step = &work->plan->steps[i];
        const struct revision *revision = step->revision;
        if (revision && revision->variable_count > 0 && step->script &&
            template_check(revision, batch_variables(life), err)) {
            err->class = ERROR_PLAN;
            return err->class;
        }
        for (size_t j = 0; j < step->change_count; j++) {
            const char *to = step->changes[j].to;
            if (to && check_width(life, to, err)) {
                return ERROR_PLAN;
            }
        }
    }
    return 0;
}

/* Whether the plan has statements that a pooler cannot take: they need a session, for skein's lock
 * must outlive a transaction. */
static bool needs_session(const struct life *life)
{
    return life->work->connection.pooled && life->work->plan->transaction_off;
}

/* Connects anew past the pooler, where there is a way. */
static bool goes_direct(struct life *life)
{
    struct life_work *work = life->work;

    if (!needs_session(life) || !life->target->direct || work->by_direct_url) {
        return false;
    }
    work->by_direct_url = true;
    verdict_anew(life);
    return true;
}

static void describe_pooler(struct life *life, struct err *err)
{
    const struct life_work *work = life->work;
    const struct operation *operation = work->plan->operations;

    while (operation->kind != OPERATION_STATEMENT_OFF) {
        operation++;
    }
    err_set(err, ERROR_POOLER,
            "transaction=off: a statement outside a transaction needs a session, and a pooler "
            "stands between%s",
            work->by_direct_url ? ", behind direct_url too" : "");
    err_hint(err, "give the tenant or its server a `direct_url:` that leads past the pooler; where "
                  "it keeps a client's session, say so: connection: {pooler: session}");
    batch_place(life, operation, 0, err);
}

/* Refused, changed or impossible: the life has ended. *accept: see changed_judge. */
static bool refuses(struct life *life, const struct plan **accept)
{
    const struct plan *plan = life->work->plan;
    struct err *err = life_err(life);

    if (plan->refused) {
        verdict_end(life, OUTCOME_REFUSED, unknown_explain(life, plan->refused));
        return true;
    }
    if (changed_judge(life, accept, err) || check_steps(life, err)) {
        verdict_end(life, OUTCOME_REFUSED, err);
        return true;
    }
    if (needs_session(life) && (life->order->mode == LIFE_EXECUTE || !life->target->direct)) {
        if (!goes_direct(life)) {
            describe_pooler(life, err);
            verdict_end(life, OUTCOME_REFUSED, err);
        }
        return true;
    }
    return false;
}

/* ---- PEEK */

static enum outcome_kind nothing_kind(const struct life *life)
{
    return life->outcome.step_count > 0 ? OUTCOME_SUCCEEDED : OUTCOME_UP_TO_DATE;
}

/* ensure_version: the table is there. */
static bool is_ensured(const struct life *life)
{
    return life->order->planning->goal->kind == GOAL_ENSURE && life->work->connection.version_table;
}

static bool begins_off(const struct plan *plan)
{
    return plan->operation_count > 0 && plan->operations[0].kind == OPERATION_FOREIGN_KEYS_OFF;
}

/* Nothing to do: what was read without the lock is enough for that. */
static bool ends_execute(struct life *life)
{
    struct life_work *work = life->work;

    if (!work->doubt && !work->connection.last.open && !work->plan->refused &&
        (work->plan->step_count == 0 || is_ensured(life)) && !changed_suspected(life)) {
        verdict_end(life, nothing_kind(life), NULL);
        return true;
    }
    return false;
}

static bool ends_resolve(struct life *life)
{
    if (!life->work->connection.last.open && !life->work->doubt) {
        verdict_end(life, nothing_kind(life), NULL);
        return true;
    }
    if (life->order->resolution == RESOLVE_SHOW) {
        verdict_end(life, OUTCOME_PLANNED, NULL);
        return true;
    }
    return false;
}

static bool ends_plan(struct life *life)
{
    const struct plan *whole = life->work->plan;

    life->outcome.plan = whole->refused ? NULL : whole;
    if (!decide_open(life)) {
        return true;
    }
    if (is_ensured(life)) {
        life->outcome.plan = NULL;
        verdict_end(life, OUTCOME_UP_TO_DATE, NULL);
        return true;
    }
    return false;
}

/* With what was read: whether the life has ended. */
bool decide_ends(struct life *life)
{
    const struct reading *reading = &life->work->connection.last;
    struct err *err = life_err(life);

    decide_prepare(life);
    int class = shape_check_rows(life, err);
    if (class && (life->order->mode != LIFE_READ || class == ERROR_CORRUPT)) {
        verdict_end(life, life->order->mode == LIFE_READ ? OUTCOME_UNREACHABLE : OUTCOME_REFUSED,
                    err);
        return true;
    }
    switch (life->order->mode) {
    case LIFE_READ:
        verdict_end(life, reading->open ? OUTCOME_PARTIAL : OUTCOME_UP_TO_DATE, NULL);
        return true;
    case LIFE_PLAN:
        return ends_plan(life);
    case LIFE_EXECUTE:
        return ends_execute(life);
    case LIFE_RESOLVE:
        return ends_resolve(life);
    }
    BUG("mode %u", (unsigned)life->order->mode);
}

static void go_on_execute(struct life *life)
{
    struct life_work *work = life->work;
    const struct plan *plan = work->plan;
    bool open = work->connection.last.open != NULL;

    if (!plan->refused && goes_direct(life)) {
        return;
    }
    work->need_flock |= open || plan->unit_count > 1 || plan->transaction_off;
    if (!work->begin_known) {
        work->begin_off = begins_off(plan);
    }
    life_move(life, LIFE_STATE_PLACE);
}

void decide_peek(struct life *life)
{
    struct life_work *work = life->work;
    const struct reading *reading = &work->connection.last;

    if (!work->heads) {
        work->heads = reading->rows;
        work->head_count = reading->row_count;
    }
    if (decide_ends(life)) {
        return;
    }
    switch (life->order->mode) {
    case LIFE_PLAN:
        life_move(life, LIFE_STATE_CHECK);
        break;
    case LIFE_EXECUTE:
        go_on_execute(life);
        break;
    case LIFE_RESOLVE:
        work->need_flock = true;
        life_move(life, LIFE_STATE_PLACE);
        break;
    case LIFE_READ:
        break;
    }
}

/* ---- a plan that is only shown */

void decide_check(struct life *life)
{
    const struct plan *accept = NULL;

    if (!refuses(life, &accept)) {
        walk_load(life, life->work->plan, 0);
    }
}

/* ---- READ: with the lock */

/* A relative goal counts from the heads first read: after own steps the same plan goes on. Returns
 * false where the target stands somewhere else: it has ended as stale. */
static bool keep_goal(struct life *life, size_t *at)
{
    struct life_work *work = life->work;
    const struct reading *reading = &work->connection.last;
    const struct plan *plan = work->goal_plan;

    *at = 0;
    if (!is_relative(life->order) || work->open.seq > 0) {
        return true;
    }
    if (life->outcome.step_count == 0) {
        work->goal_plan = work->plan;
        if (text_lists_equal(reading->rows, reading->row_count, work->heads, work->head_count)) {
            return true;
        }
        verdict_end(life, OUTCOME_STALE, NULL);
        return false;
    }
    if (!life->order->planning->goal->relative || !plan) {
        return true; /* absolute by now */
    }
    for (size_t i = plan->step_count; i > 0; i--) {
        const struct plan_step *step = &plan->steps[i - 1];
        if (text_lists_equal(reading->rows, reading->row_count, step->heads, step->head_count)) {
            work->plan = plan;
            while (*at < plan->operation_count && plan->operations[*at].step < i) {
                (*at)++;
            }
            return true;
        }
    }
    verdict_end(life, OUTCOME_STALE, NULL);
    return false;
}

/* SQLite: what the plan needs of the lock and of BEGIN was decided without the lock. */
static bool locked_as_needed(struct life *life, const struct plan *plan, bool accept)
{
    struct life_work *work = life->work;
    bool off = begins_off(plan) && !accept;

    if (!life_is(life, ENGINE_SQLITE)) {
        return true;
    }
    work->need_flock |= accept || plan->unit_count > 1 || plan->transaction_off ||
                        work->connection.last.open != NULL;
    /* Seen with the lock, so the next try begins as this plan needs: without it PEEK would decide
     * the same again, and again. */
    work->begin_off = off;
    work->begin_known = true;
    return (!work->need_flock || work->connection.locked) && off == !work->connection.begun_plain;
}

static void go(struct life *life, const struct plan *accept, size_t at)
{
    struct life_work *work = life->work;

    if (!locked_as_needed(life, work->plan, accept != NULL)) {
        verdict_anew(life);
        return;
    }
    if (accept) {
        work->next_plan = work->plan->step_count > 0 ? work->plan : NULL;
        walk_load(life, accept, 0);
    } else {
        walk_load(life, work->plan, at);
    }
    walk_next(life);
}

void decide_read(struct life *life)
{
    struct life_work *work = life->work;
    const struct history_row *latest = work->connection.last.latest;
    const struct plan *accept = NULL;
    struct err *err = life_err(life);
    size_t at = 0;

    if (shape_check_rows(life, err)) {
        verdict_end(life, verdict_kind(life, OUTCOME_REFUSED), err);
        return;
    }
    work->applied = latest ? latest->applied_checksum : NULL;
    if (life->order->mode == LIFE_RESOLVE) {
        resolve_decide(life);
        return;
    }
    if (work->connection.plain) {
        work->plan = unit_outside(&life->arena, work->plan);
    }
    if (!decide_open(life) || !keep_goal(life, &at) || refuses(life, &accept)) {
        return;
    }
    if (!accept && (at == work->plan->operation_count || is_ensured(life))) {
        verdict_end(life, nothing_kind(life), NULL);
        return;
    }
    go(life, accept, at);
}
