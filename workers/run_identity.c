#include "workers/dialect.h"
#include "workers/run_parts.h"

#define ASKED_TARGETS 3                 /* whose databases are tried until one lets us in */
#define HOLD_US       INT64_C(10000000) /* where connect_timeout has no limit */

static void ask_next(struct run_server *server);

/* What is not known by now stays unknown: the server counts as one of its own. */
static void let_go(struct run_server *server)
{
    struct introduction *introduction = server->introduction;

    server->introduction = NULL;
    if (introduction->asker) {
        asker_drop(introduction->asker);
    }
    server->run->host->table->timer_free(introduction->timer);
    arena_release(&introduction->arena);
}

static void on_hold_over(void *context)
{
    struct run_server *server = context;

    let_go(server);
    slots_known(server, NULL);
    server->run->pump(server->run);
}

/* The server that was known by this text before, or NULL: then it is this one. */
static struct run_server *known_by(struct run_server *server, const char *identity)
{
    struct run *run = server->run;
    enum engine engine = server->members[0]->target->engine;
    char *key = arena_printf(&run->arena, "%s/%s", engine_name(engine), identity);
    struct run_server *known = map_get(&run->identities, key);

    if (!known) {
        map_set(&run->identities, key, server);
    }
    return known;
}

static void on_answered(void *context)
{
    struct run_server *server = context;
    const struct question *question = &server->introduction->question;
    struct run_server *known = NULL;

    /* It has tried a credential, too. */
    slots_credential(server->members[server->introduction->asked - 1], question->heard,
                     question->answered ? NULL : &question->err);
    if (question->answered && question->row_count == 1 && question->cells[0]) {
        known = known_by(server, question->cells[0]);
    } else if (question->heard && !question->answered && question->err.class != ERROR_AUTH) {
        ask_next(server); /* perhaps another's database lets us in */
        if (server->introduction) {
            return;
        }
    }
    if (server->introduction) {
        let_go(server);
    }
    slots_known(server, known);
    server->run->pump(server->run);
}

/* Asks by the next target; where there is none, lets go. */
static void ask_next(struct run_server *server)
{
    struct introduction *introduction = server->introduction;
    const struct target *target;

    if (introduction->asked >= ASKED_TARGETS || introduction->asked >= server->member_count) {
        let_go(server);
        return;
    }
    target = server->members[introduction->asked++]->target;
    arena_clear(&introduction->arena);
    introduction->question =
        (struct question){.target = target,
                          .sql = dialect_text(target->engine, DIALECT_IDENTITY),
                          .purpose = dialect_purpose_name(DIALECT_IDENTITY),
                          .application_name = "skein asks which server it is"};
    asker_start(&introduction->asker, server->run->host,
                server->run->options.driver_for(target->engine), &introduction->arena,
                &introduction->question, on_answered, server);
}

static void begin(struct run_server *server)
{
    struct run *run = server->run;
    int64_t hold_us = server->members[0]->target->connection->connect_timeout_ms * 1000;

    server->introduction = arena_alloc(&run->arena, sizeof(*server->introduction));
    server->introduction->timer = run->host->table->timer_new(run->host, on_hold_over, server);
    run->host->table->timer_set(server->introduction->timer, hold_us > 0 ? hold_us : HOLD_US);
    ask_next(server);
}

static bool can_be_asked(const struct run_server *server)
{
    enum engine engine;

    if (server->member_count == 0) {
        return false;
    }
    engine = server->members[0]->target->engine;
    return dialect_text(engine, DIALECT_IDENTITY) && server->run->options.driver_for(engine);
}

void identity_begin(struct run *run)
{
    unsigned servers[ENGINE_COUNT] = {0};

    map_init(&run->identities, &run->arena);
    for (size_t i = 0; i < run->server_count; i++) {
        if (can_be_asked(&run->servers[i])) {
            servers[run->servers[i].members[0]->target->engine]++;
        }
    }
    for (size_t i = 0; i < run->server_count; i++) {
        struct run_server *server = &run->servers[i];

        if (can_be_asked(server) && servers[server->members[0]->target->engine] > 1) {
            slots_hold(server);
            begin(server);
        }
    }
}

void identity_release(struct run *run)
{
    for (size_t i = 0; i < run->server_count; i++) {
        if (run->servers[i].introduction) {
            let_go(&run->servers[i]);
        }
    }
}
