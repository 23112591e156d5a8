#include "sim_driver.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "planner/classify.h"

#define ASKING_MOST 2 /* beside the lives of a run, on a server */

enum sim_operation {
    SIM_IDLE,
    SIM_OPENING,
    SIM_REQUESTING,
};

struct sim_connection {
    struct sim_world *world;
    struct sim_target *target;
    struct fake_session *session;
    int descriptor;
    enum sim_operation operation;
    struct sim_fault fault;
    int64_t ready_at_us;
    bool aborted, worked;
    bool asks;   /* beside a life: who holds a lock */
    bool direct; /* past the pooler */
    const struct request *request;
    struct arena *arena; /* of the connection */
};

static struct sim_world *world_in_use;

void sim_driver_use(struct sim_world *world)
{
    world_in_use = world;
}

static struct sim_connection *sim_of(struct connection *connection)
{
    return (struct sim_connection *)(void *)connection;
}

int64_t sim_driver_ready_at(void *context, int descriptor)
{
    struct sim_world *world = context;

    if (descriptor < 0 || (size_t)descriptor >= world->descriptor_count ||
        !world->descriptors[descriptor]) {
        BUG("no descriptor %d", descriptor);
    }
    return world->descriptors[descriptor]->ready_at_us;
}

static int descriptor_new(struct sim_world *world, struct sim_connection *connection)
{
    size_t i = 0;

    while (i < world->descriptor_count && world->descriptors[i]) {
        i++;
    }
    world->descriptors =
        arena_grow(&world->arena, world->descriptors, sizeof(struct sim_connection *),
                   &world->descriptor_capacity, i + 1);
    world->descriptors[i] = connection;
    world->descriptor_count = i < world->descriptor_count ? world->descriptor_count : i + 1;
    return (int)i;
}

/* ---- limits, counted where a server would */

static void count_asking(struct sim_target *target, int change)
{
    struct sim_world *world = target->world;
    struct sim_server *server = &world->servers[target->target->server];

    server->asking += (unsigned)change;
    if (server->asking > ASKING_MOST * world->together) {
        sim_world_violation(world, "%u connections ask beside the runs", server->asking);
    }
}

static void count_connection(struct sim_target *target, int change)
{
    struct sim_world *world = target->world;
    struct sim_server *server = &world->servers[target->target->server];
    const struct limits *limits = &world->setup.limits;
    unsigned in_database = 0;

    target->connections += (unsigned)change;
    server->connections += (unsigned)change;
    world->connections += (unsigned)change;
    if (server->connections > server->most) {
        server->most = server->connections;
    }
    if (world->connections > world->most) {
        world->most = world->connections;
    }
    if (world->connections > limits->concurrency * world->together) {
        sim_world_violation(world, "%u connections in all", world->connections);
    }
    if (server->connections > limits->per_server * world->together) {
        sim_world_violation(world, "%u connections to server %zu", server->connections,
                            target->target->server);
    }
    for (size_t i = 0; i < world->setup.targets; i++) {
        if (change > 0 && world->targets[i].target->server == target->target->server &&
            strcmp(world->targets[i].target->database, target->target->database) == 0) {
            in_database += world->targets[i].connections;
        }
    }
    if (in_database > limits->per_database * world->together) {
        sim_world_violation(world, "%u connections to database %s", in_database,
                            target->target->database);
    }
}

/* ---- the table */

static void begin(struct sim_connection *connection, enum sim_operation operation)
{
    struct sim_world *world = connection->world;
    int64_t latency_us;

    connection->operation = operation;
    connection->aborted = connection->worked = false;
    connection->fault =
        world->fault ? world->fault(world->fault_context, connection->target, connection->request)
                     : (struct sim_fault){0};
    latency_us = connection->fault.latency_us;
    if (latency_us == 0) {
        latency_us = 1000 + (int64_t)random_below(&world->random, 4000);
    }
    connection->ready_at_us =
        connection->fault.kind == SIM_SILENT ? INT64_MAX : sim_host_now(world->host) + latency_us;
}

static bool is_direct(const struct sim_world *world, const struct target *target)
{
    for (size_t i = 0; i < world->setup.targets; i++) {
        if (target == &world->directs[i]) {
            return true;
        }
    }
    return false;
}

static int sim_open(struct connection *memory, const struct open_options *options, struct err *err)
{
    struct sim_connection *connection = sim_of(memory);
    struct sim_world *world = world_in_use;

    (void)err;
    connection->world = world;
    connection->direct = is_direct(world, options->target);
    connection->target =
        &world->targets[options->target -
                        (connection->direct ? world->directs : world->fleet.targets)];
    connection->arena = options->arena;
    connection->descriptor = descriptor_new(world, connection);
    connection->asks = strncmp(options->application_name, "skein asks", 10) == 0;
    if (connection->asks) {
        world->asked++;
        world->probed += strstr(options->application_name, "is back") != NULL;
        count_asking(connection->target, 1);
    } else {
        world->opened++;
        count_connection(connection->target, 1);
    }
    begin(connection, SIM_OPENING);
    return 0;
}

static bool asks_identity(const struct sim_connection *connection)
{
    return strcmp(connection->request->commands[0].purpose, "identity") == 0;
}

/* The request takes effect, and its answer is lost. */
static void run_unheard(struct sim_connection *connection)
{
    struct arena arena = ARENA_INIT;
    struct request copy = *connection->request;
    struct fake_fault none = {0};
    struct reply reply = {0};
    struct err ignored = ERR_INIT(&arena);

    if (asks_identity(connection)) {
        return; /* the fake server knows nothing of it */
    }
    copy.arena = &arena;
    fake_session_run(connection->session, &copy, &none, &reply, &ignored);
    arena_release(&arena);
}

static int sim_submit(struct connection *memory, const struct request *request, struct err *err)
{
    struct sim_connection *connection = sim_of(memory);

    (void)err;
    if (connection->operation != SIM_IDLE || !connection->session || request->count == 0) {
        BUG("submit on a connection that is not idle");
    }
    connection->request = request;
    connection->world->requested++;
    begin(connection, SIM_REQUESTING);
    if (connection->fault.kind == SIM_SILENT && connection->fault.stands) {
        run_unheard(connection);
    }
    return 0;
}

static enum drive failed(struct sim_connection *connection, struct reply *reply, struct err *err,
                         const char *code, const char *message)
{
    connection->operation = SIM_IDLE;
    *reply = (struct reply){.answered = code != NULL};
    err_set(err, ERROR_CONNECTION, "%s", message);
    if (code) {
        classify(err, connection->world->setup.engine, code);
    } else {
        err_native(err, NULL, RETRY_TRANSIENT);
    }
    return DRIVE_FAIL;
}

static enum drive finish_open(struct sim_connection *connection, struct reply *reply,
                              struct err *err)
{
    struct sim_world *world = connection->world;
    struct sim_server *server = &world->servers[connection->target->target->server];

    if (connection->aborted || connection->fault.kind == SIM_REFUSED) {
        return failed(connection, reply, err, NULL,
                      connection->aborted ? "given up" : "connection refused");
    }
    if (connection->fault.kind == SIM_ERROR) {
        return failed(connection, reply, err, connection->fault.code, "the server says no");
    }
    if (server->allowed && server->connections > server->allowed) {
        const char *usual = world->setup.engine == ENGINE_MARIADB ? "1040" : "53300";

        return failed(connection, reply, err, server->full ? server->full : usual,
                      "too many clients already, or over 'max_user_connections'");
    }
    connection->session = connection->direct ? fake_session_open_direct(&connection->target->server)
                                             : fake_session_open(&connection->target->server);
    connection->operation = SIM_IDLE;
    *reply = (struct reply){.answered = true, .connected = true, .session = FAKE_SESSION};
    return DRIVE_DONE;
}

static bool has_commit(const struct request *request)
{
    for (size_t i = 0; i < request->count; i++) {
        if (strcmp(request->commands[i].purpose, "commit") == 0) {
            return true;
        }
    }
    return false;
}

static const char *cancelled_code(const struct sim_world *world)
{
    return world->setup.engine == ENGINE_SQLITE    ? "9"
           : world->setup.engine == ENGINE_MARIADB ? "1317"
                                                   : "57014";
}

static struct fake_fault fault_of(struct sim_connection *connection)
{
    const struct sim_fault *fault = &connection->fault;
    struct fake_fault fake = {.at = fault->at, .code = fault->code};

    if (connection->aborted && !has_commit(connection->request) &&
        random_below(&connection->world->random, 2) == 0) {
        fake.kind = FAKE_ERROR;
        fake.at = random_below(&connection->world->random, connection->request->count);
        fake.code = cancelled_code(connection->world);
        return fake;
    }
    switch (fault->kind) {
    case SIM_ERROR:
        fake.kind = FAKE_ERROR;
        break;
    case SIM_LOST_BEFORE:
        fake.kind = FAKE_LOST_BEFORE;
        break;
    case SIM_LOST_AFTER:
        fake.kind = asks_identity(connection) ? FAKE_LOST_BEFORE : FAKE_LOST_AFTER;
        break;
    case SIM_NO_FAULT:
    case SIM_REFUSED:
    case SIM_SILENT:
        fake.kind = FAKE_NO_FAULT;
        break;
    }
    return fake;
}

/* Which server it is: where that may be read. */
static enum drive tell_identity(struct sim_connection *connection, struct reply *reply,
                                struct err *err)
{
    const struct sim_world *world = connection->world;
    const char **cell = arena_alloc(connection->request->arena, sizeof(*cell));
    struct result *result = arena_alloc(connection->request->arena, sizeof(*result));

    cell[0] = world->setup.identities ? world->setup.identities[connection->target->target->server]
                                      : NULL;
    if (!cell[0]) {
        return failed(connection, reply, err, "42501", "permission denied");
    }
    *result = (struct result){.cells = cell, .row_count = 1, .column_count = 1};
    *reply = (struct reply){.results = result, .completed = 1, .answered = true, .connected = true};
    return DRIVE_DONE;
}

static enum drive finish_request(struct sim_connection *connection, struct reply *reply,
                                 struct err *err)
{
    struct fake_fault fault = fault_of(connection);

    const struct request *request = connection->request;

    connection->operation = SIM_IDLE;
    if (fault.kind == FAKE_NO_FAULT && asks_identity(connection)) {
        return tell_identity(connection, reply, err);
    }
    if (fake_session_run(connection->session, request, &fault, reply, err)) {
        connection->world->surveys +=
            strncmp(request->commands[request->count - 1].purpose, "survey", 6) == 0;
        return DRIVE_DONE;
    }
    if (err->code && strncmp(err->code, "57P0", 4) == 0) {
        /* The server ends the session: a farewell, not an answer. */
        reply->answered = reply->connected = reply->in_transaction = false;
    }
    return DRIVE_FAIL;
}

/* A silent request that an abort is heard for: it completes, as what took effect or as cancelled.
 */
static enum drive finish_silent(struct sim_connection *connection, struct reply *reply,
                                struct err *err)
{
    struct fake_fault fault = {.kind = FAKE_ERROR, .code = cancelled_code(connection->world)};

    connection->operation = SIM_IDLE;
    if (connection->fault.stands) {
        /* It ran when it was sent, but nobody knows its rows any more: the answer is lost. */
        fault = (struct fake_fault){.kind = FAKE_LOST_BEFORE};
    }
    fake_session_run(connection->session, connection->request, &fault, reply, err);
    if (err->class == ERROR_CANCELLED) {
        err->retry = RETRY_CANCELLED; /* as MariaDB's driver says of a KILL that it has sent */
    }
    return DRIVE_FAIL;
}

static enum drive wait_drive(struct connection *memory, unsigned ready, struct want *want,
                             struct reply *reply, struct err *err)
{
    struct sim_connection *connection = sim_of(memory);
    bool silent = connection->fault.kind == SIM_SILENT;

    (void)ready;
    if (connection->aborted && (!silent || !connection->fault.deaf)) {
        if (connection->operation == SIM_OPENING) {
            return finish_open(connection, reply, err);
        }
        return silent ? finish_silent(connection, reply, err)
                      : finish_request(connection, reply, err);
    }
    if (silent || sim_host_now(connection->world->host) < connection->ready_at_us) {
        want->descriptor = connection->descriptor;
        want->events = READY_READ;
        return DRIVE_WAIT;
    }
    return connection->operation == SIM_OPENING ? finish_open(connection, reply, err)
                                                : finish_request(connection, reply, err);
}

static void run_nothing(void *context)
{
    (void)context;
}

static enum drive work_drive(struct connection *memory, unsigned ready, struct want *want,
                             struct reply *reply, struct err *err)
{
    struct sim_connection *connection = sim_of(memory);

    (void)ready;
    if (!connection->worked) {
        connection->worked = true;
        want->work = (struct work){.run = run_nothing, .context = connection};
        sim_host_work_takes(connection->world->host,
                            connection->ready_at_us == INT64_MAX
                                ? INT64_C(3600000000)
                                : connection->ready_at_us - sim_host_now(connection->world->host));
        return DRIVE_WORK;
    }
    return connection->operation == SIM_OPENING ? finish_open(connection, reply, err)
                                                : finish_request(connection, reply, err);
}

static void free_detached(void *context)
{
    struct sim_world *world = context;

    world->detached--;
}

static int wait_abort(struct connection *memory, struct work *work, struct err *err)
{
    struct sim_connection *connection = sim_of(memory);

    (void)err;
    connection->aborted = true;
    if (connection->operation == SIM_REQUESTING) {
        connection->world->detached++;
        *work =
            (struct work){.run = run_nothing, .context = connection->world, .free = free_detached};
    }
    return 0;
}

static int work_abort(struct connection *memory, struct work *work, struct err *err)
{
    struct sim_connection *connection = sim_of(memory);

    (void)work;
    (void)err;
    connection->aborted = true;
    sim_host_hurry(connection->world->host, connection);
    return 0;
}

struct zombie {
    struct sim_target *target;
    struct fake_session *session;
};

static void on_zombie_noticed(void *context)
{
    struct zombie *zombie = context;

    fake_session_close(zombie->session);
    zombie->target->zombies--;
    free(zombie);
}

/* A server notices only after a while that its client went away in the middle of something. */
static void leave_session(struct sim_connection *connection)
{
    struct sim_world *world = connection->world;
    struct zombie *zombie = xmalloc(sizeof(*zombie));

    *zombie = (struct zombie){.target = connection->target, .session = connection->session};
    connection->target->zombies++;
    sim_host_after(world->host, (int64_t)random_below(&world->random, 3000000), on_zombie_noticed,
                   zombie);
}

static void sim_close(struct connection *memory)
{
    struct sim_connection *connection = sim_of(memory);
    struct sim_world *world = connection->world;
    bool lost = connection->operation == SIM_REQUESTING ||
                connection->fault.kind == SIM_LOST_BEFORE ||
                connection->fault.kind == SIM_LOST_AFTER;

    if (connection->session) {
        if (world->killed && connection->operation == SIM_REQUESTING &&
            connection->fault.kind != SIM_SILENT && random_below(&world->random, 2) == 0) {
            run_unheard(connection); /* what was sent is done although nobody listens any more */
        }
        if (lost && world->setup.engine != ENGINE_SQLITE) {
            leave_session(connection);
        } else {
            fake_session_close(connection->session);
        }
    }
    world->descriptors[connection->descriptor] = NULL;
    (connection->asks ? count_asking : count_connection)(connection->target, -1);
}

/* The session goes on with another schema of its database. As a new one it has no lock, nothing
 * open, nothing set. Whoever was not told that it broke finds out with the first request. */
static bool sim_reuse(struct connection *memory, const struct open_options *options)
{
    struct sim_connection *connection = sim_of(memory);
    struct sim_world *world = connection->world;
    struct sim_target *target = &world->targets[options->target - world->fleet.targets];

    if (connection->operation != SIM_IDLE || connection->direct || connection->asks ||
        strcmp(target->target->database, connection->target->target->database) != 0 ||
        target->target->server != connection->target->target->server) {
        BUG("%s's connection cannot become %s's", connection->target->target->name,
            target->target->name);
    }
    if (connection->aborted || random_below(&world->random, 16) == 0) {
        return false;
    }
    fake_session_close(connection->session);
    count_connection(connection->target, -1);
    connection->target = target;
    connection->arena = options->arena;
    connection->session = fake_session_open(&target->server);
    count_connection(target, 1);
    world->reused++;
    return true;
}

static const struct driver driver_wait = {
    .name = "postgresql",
    .capabilities = CAPABILITY_TRANSACTIONAL_DDL | CAPABILITY_SESSION_LOCK | CAPABILITY_BATCH |
                    CAPABILITY_CANCEL,
    .connection_size = sizeof(struct sim_connection),
    .open = sim_open,
    .submit = sim_submit,
    .drive = wait_drive,
    .abort = wait_abort,
    .reuse = sim_reuse,
    .close = sim_close,
};

static const struct driver driver_work = {
    .name = "sqlite",
    .capabilities = CAPABILITY_TRANSACTIONAL_DDL | CAPABILITY_BLOCKING | CAPABILITY_CANCEL,
    .connection_size = sizeof(struct sim_connection),
    .open = sim_open,
    .submit = sim_submit,
    .drive = work_drive,
    .abort = work_abort,
    .close = sim_close,
};

const struct driver *sim_driver_for(enum engine engine)
{
    return engine == ENGINE_SQLITE ? &driver_work : &driver_wait;
}
