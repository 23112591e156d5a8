#include "life_world.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "planner/revision_file.h"

static const struct plan *plan_for(void *context, enum engine engine, const char *const *rows,
                                   size_t count)
{
    struct life_world *world = context;

    return plan_make(&world->arena, &world->planning, engine, rows, count);
}

static void load(struct life_world *world, enum engine engine, const char *const *texts,
                 size_t count)
{
    struct revision **revisions = arena_array(&world->arena, count, sizeof(struct revision *));
    struct err_list errors;

    err_list_init(&errors, &world->arena, 10);
    for (size_t i = 0; i < count; i++) {
        struct file_text file = {.name = "r.sql", .path = "versions/r.sql"};
        file.data = arena_strdup(&world->arena, texts[i]);
        file.length = strlen(file.data);
        revisions[i] = revision_file_parse(&world->arena, &file, ENGINE_BIT(engine), &errors);
        if (!revisions[i]) {
            BUG("revision %zu: %s", i, errors.items[0].message);
        }
    }
    if (graph_build(&world->graph, &world->arena, revisions, count, &errors)) {
        BUG("graph: %s", errors.items[0].message);
    }
}

void life_world_init(struct life_world *world, enum engine engine, const char *const *texts,
                     size_t count)
{
    memset(world, 0, sizeof(*world));
    str_init(&world->trace);
    str_init(&world->sql);
    load(world, engine, texts, count);
    world->migrations = (struct migrations){.version_table = "alembic_version",
                                            .history_table = "skein_history",
                                            .transaction = TRANSACTION_TARGET};
    snprintf(world->identity.id, sizeof(world->identity.id), "20261121T033000Z-000001");
    world->identity.actor = "tester";
    world->retry =
        (struct retry_policy){.attempts = 3, .initial_ms = 250, .multiplier = 2, .max_ms = 30000};
    world->connection = (struct connection_settings){.connect_timeout_ms = 10000,
                                                     .lock_wait_ms = 60000,
                                                     .lock_timeout_ms = 5000,
                                                     .abandoned_after_ms = 60000};
    world->target = (struct target){
        .name = "acme", .engine = engine, .database = "acme", .connection = &world->connection};
    fake_server_init(&world->server, engine, "acme", "public");
    world->planning = (struct planning){.graph = &world->graph,
                                        .migrations = &world->migrations,
                                        .goal = &world->goal,
                                        .fleet_of_one = false};
    world->order = (struct life_order){.planning = &world->planning,
                                       .identity = &world->identity,
                                       .retry = &world->retry,
                                       .plan_for = plan_for,
                                       .plan_context = world};
}

void life_world_release(struct life_world *world)
{
    if (world->lives) {
        life_release(&world->life);
    }
    fake_server_release(&world->server);
    str_release(&world->trace);
    str_release(&world->sql);
    arena_release(&world->arena);
}

void life_world_order(struct life_world *world, enum life_mode mode, enum goal_kind kind,
                      const char *identifier)
{
    struct err err = ERR_INIT(&world->arena);

    world->order.mode = mode;
    world->goal = (struct goal){.kind = kind, .text = identifier};
    if (identifier &&
        goal_resolve(&world->graph, &world->arena, kind, &identifier, 1, &world->goal, &err)) {
        BUG("goal %s: %s", identifier, err.message);
    }
}

/* ---- the run */

struct play {
    struct life_world *world;
    struct fake_session *session;
    struct arena arena;
    struct reply reply;
    struct err err;
};

static unsigned seen(struct life_world *world, const char *purpose)
{
    unsigned *count = map_get(&world->seen, purpose);

    if (!count) {
        count = arena_alloc(&world->arena, sizeof(*count));
        map_set(&world->seen, purpose, count);
    }
    return ++*count;
}

static const struct life_fault *fault_of(const struct life_world *world, const char *purpose,
                                         unsigned nth)
{
    for (size_t i = 0; i < world->fault_count; i++) {
        const struct life_fault *fault = &world->faults[i];
        if (strcmp(fault->purpose, purpose) == 0 && (fault->nth == nth || fault->nth == 0)) {
            return fault;
        }
    }
    return NULL;
}

static const struct life_interruption *interruption_of(const struct life_world *world,
                                                       const char *when, unsigned nth)
{
    for (size_t i = 0; i < world->interruption_count; i++) {
        const struct life_interruption *one = &world->interruptions[i];
        if (strcmp(one->when, when) == 0 && one->nth == nth) {
            return one;
        }
    }
    return NULL;
}

/* The event of an interruption that is due, or false. */
static bool interrupted(struct play *play, const char *when, struct life_event *event)
{
    struct life_world *world = play->world;
    const char *key = arena_printf(&world->arena, "at %s", when);
    const struct life_interruption *one = interruption_of(world, when, seen(world, key));

    if (one) {
        *event = (struct life_event){.kind = one->kind, .reason = one->reason};
        if (one->kind == LIFE_GIVEN_UP) {
            err_set(&play->err, ERROR_CONNECTION, "the server is down");
            event->err = &play->err;
        }
    }
    return one != NULL;
}

static struct life_event play_open(struct play *play, bool direct)
{
    struct life_world *world = play->world;
    const struct life_fault *fault = fault_of(world, "open", seen(world, "open"));

    if (fault) {
        err_set(&play->err, ERROR_CONNECTION, "fake: cannot connect");
        err_native(&play->err, fault->code,
                   fault->kind == FAKE_ERROR ? RETRY_AUTH : RETRY_TRANSIENT);
        play->reply = (struct reply){.answered = fault->kind == FAKE_ERROR};
        return (struct life_event){.kind = LIFE_FAILED, .reply = &play->reply, .err = &play->err};
    }
    world->directs += direct;
    play->session =
        direct ? fake_session_open_direct(&world->server) : fake_session_open(&world->server);
    play->reply = (struct reply){.answered = true, .connected = true, .session = FAKE_SESSION};
    return (struct life_event){.kind = LIFE_OPENED, .reply = &play->reply};
}

static void note_request(struct life_world *world, const struct request *request)
{
    str_add(&world->sql, world->sql.length > 0 ? " [" : "[");
    for (size_t i = 0; i < request->count; i++) {
        const struct command *command = &request->commands[i];
        str_addf(&world->sql, "%s%s", i > 0 ? " " : "", command->purpose);
        world->repeated += command->repeated;
        if (strncmp(command->purpose, "lock", 4) == 0 && command->parameter_count > 0) {
            world->lock_parameter = arena_strdup(&world->arena, command->parameters[0]);
        }
    }
    str_addc(&world->sql, ']');
}

static struct life_event play_submit(struct play *play, const struct request *request)
{
    struct life_world *world = play->world;
    struct fake_fault fault = {.kind = FAKE_NO_FAULT};

    note_request(world, request);
    for (size_t i = 0; i < request->count; i++) {
        const char *purpose = request->commands[i].purpose;
        const struct life_fault *found = fault_of(world, purpose, seen(world, purpose));
        if (found && fault.kind == FAKE_NO_FAULT) {
            fault = (struct fake_fault){.kind = found->kind, .at = i, .code = found->code};
        }
    }
    play->err = (struct err)ERR_INIT(&play->arena);
    bool done = fake_session_run(play->session, request, &fault, &play->reply, &play->err);
    return (struct life_event){.kind = done ? LIFE_REPLIED : LIFE_FAILED,
                               .reply = &play->reply,
                               .err = done ? NULL : &play->err};
}

static struct life_event play_wait(struct play *play, const struct demand *demand)
{
    struct life_world *world = play->world;

    if (demand->kind == DEMAND_WAIT) {
        world->waits++;
    } else {
        world->backoffs++;
    }
    if (world->free_after > 0 && world->waits + world->backoffs >= world->free_after) {
        world->server.lock_foreign = false;
    }
    world->now_us += demand->delay_us;
    return (struct life_event){.kind = LIFE_TIMER};
}

static void play_close(struct play *play)
{
    if (play->session) {
        fake_session_close(play->session);
    }
    play->session = NULL;
}

/* A cancel while the request is under way: it is aborted, and completes as cancelled. */
static struct life_event play_aborted(struct play *play, struct life_event interruption)
{
    struct life_world *world = play->world;
    struct demand demand;

    interruption.now_us = world->now_us;
    life_step(&world->life, &interruption, &demand);
    if (demand.kind != DEMAND_ABORT) {
        return (struct life_event){.kind = LIFE_TIMER}; /* goes on */
    }
    err_set(&play->err, ERROR_CANCELLED, "canceling statement due to user request");
    err_native(&play->err, "57014", RETRY_CANCELLED);
    play->reply = (struct reply){.answered = true, .connected = play->session != NULL};
    return (struct life_event){.kind = LIFE_FAILED, .reply = &play->reply, .err = &play->err};
}

static struct life_event play_request(struct play *play, const struct demand *demand)
{
    struct life_world *world = play->world;
    const struct request *request = demand->request;
    struct life_event interruption;

    for (size_t i = 0; i < request->count; i++) {
        if (interrupted(play, request->commands[i].purpose, &interruption)) {
            struct life_event event = play_aborted(play, interruption);
            if (event.kind == LIFE_FAILED) {
                note_request(world, request);
                play->reply.in_transaction = i > 0 || world->life.state == LIFE_STATE_COMMIT;
                return event;
            }
        }
    }
    return play_submit(play, request);
}

static struct life_event perform(struct play *play, const struct demand *demand)
{
    struct life_event event;

    play->err = (struct err)ERR_INIT(&play->arena);
    switch (demand->kind) {
    case DEMAND_OPEN:
        return play_open(play, demand->by_direct_url);
    case DEMAND_SUBMIT:
        return play_request(play, demand);
    case DEMAND_PLACE:
        if (play->world->on_place) {
            play->world->on_place(play->world);
        }
        return interrupted(play, "place", &event) ? event
                                                  : (struct life_event){.kind = LIFE_PLACED};
    case DEMAND_WAIT:
        return interrupted(play, "wait", &event) ? event : play_wait(play, demand);
    case DEMAND_BACKOFF:
        return interrupted(play, "backoff", &event) ? event : play_wait(play, demand);
    case DEMAND_CLOSE:
        play_close(play);
        return (struct life_event){.kind = LIFE_CLOSED};
    case DEMAND_QUEUE:
        return interrupted(play, "queue", &event) ? event
                                                  : (struct life_event){.kind = LIFE_ADMITTED};
    default:
        BUG("demand %u", (unsigned)demand->kind);
    }
}

static void note_states(struct life_world *world)
{
    for (unsigned state = 0; state < LIFE_STATE_COUNT; state++) {
        if (world->life.passed & MACHINE_TO(state)) {
            str_addf(&world->trace, "%s%s", world->trace.length > 0 ? " " : "",
                     life_machine.states[state].name);
        }
    }
}

/* The answer to one command of another session's. */
static const struct result *read_beside(struct play *play, struct fake_session *session,
                                        const char *purpose)
{
    static const char *const names[2] = {"a", "b"};
    struct command *command = arena_alloc(&play->arena, sizeof(*command));
    struct request request = {.arena = &play->arena, .commands = command, .count = 1};
    struct reply reply;

    *command = (struct command){
        .sql = "", .purpose = purpose, .parameters = names, .parameter_count = 2, .rows = true};
    if (!fake_session_run(session, &request, NULL, &reply, &play->err)) {
        BUG("%s: %s", purpose, play->err.message);
    }
    return reply.results;
}

/* HEADS_BRIEF's columns of what HEADS has answered, for a survey sorts, too. */
static const struct result *shorten(struct play *play, const struct result *whole)
{
    struct result *brief = arena_alloc(&play->arena, sizeof(*brief));
    const char **cells = arena_array(&play->arena, whole->row_count * 3, sizeof(*cells));

    *brief = (struct result){.cells = cells, .row_count = whole->row_count, .column_count = 3};
    for (size_t i = 0; i < whole->row_count; i++) {
        const char *const *row = whole->cells + i * whole->column_count;

        cells[3 * i] = row[1] ? row[9] : row[0];
        cells[3 * i + 1] = row[1];
        cells[3 * i + 2] = row[3];
    }
    return brief;
}

static void tell(struct play *play, struct demand *demand)
{
    struct life_world *world = play->world;
    const struct fake_state *state = &world->server.state;
    struct fake_session *session = fake_session_open(&world->server);
    const struct reply reply = {.answered = true, .connected = true, .session = FAKE_SESSION};
    struct life_event event = {.kind = LIFE_TOLD, .reply = &reply, .now_us = world->now_us};

    play->err = (struct err)ERR_INIT(&play->arena);
    event.located = read_beside(play, session, "locate");
    if (state->version_table && state->history_table) {
        event.heads = read_beside(play, session, "heads");
    } else if (state->version_table || state->history_table) {
        event.heads =
            read_beside(play, session, state->version_table ? "heads_version" : "heads_history");
    }
    if (event.heads && world->order.mode == LIFE_EXECUTE) {
        event.heads = shorten(play, event.heads);
    }
    life_step(&world->life, &event, demand);
    note_states(world);
    fake_session_close(session);
    arena_clear(&play->arena);
    if (demand->kind == DEMAND_NOTHING) {
        demand->kind = DEMAND_QUEUE;
    }
}

const struct outcome *life_world_run(struct life_world *world)
{
    struct play play = {.world = world};
    struct demand demand = {.kind = DEMAND_QUEUE};

    if (world->lives) {
        life_release(&world->life);
    }
    world->lives = true;
    world->waits = world->backoffs = 0;
    map_init(&world->seen, &world->arena);
    str_clear(&world->trace);
    str_clear(&world->sql);
    world->repeated = 0;
    world->directs = 0;
    life_init(&world->life, &world->order, &world->target, NULL, 7);
    if (world->told) {
        tell(&play, &demand);
    }
    while (demand.kind != DEMAND_END) {
        if (world->on_demand) {
            world->on_demand(world, &demand);
        }
        struct life_event event = perform(&play, &demand);
        event.now_us = world->now_us += 100;
        event.wall_us = INT64_C(1795000000000000) + world->now_us;
        life_step(&world->life, &event, &demand);
        note_states(world);
        arena_clear(&play.arena);
    }
    play_close(&play);
    arena_release(&play.arena);
    return &world->life.outcome;
}

const char *life_world_rows(struct life_world *world)
{
    const struct fake_state *state = &world->server.state;
    const char *rows = "";

    for (size_t i = 0; i < state->version_count; i++) {
        rows = arena_printf(&world->arena, "%s%s%s", rows, i > 0 ? " " : "", state->version[i]);
    }
    return rows;
}

void life_world_begin(struct life_world *world, enum engine engine, const char *second)
{
    const char *texts[] = {ONE, second};

    life_world_init(world, engine, texts, second ? 2 : 1);
    life_world_order(world, LIFE_EXECUTE, GOAL_UPGRADE, "head");
}
