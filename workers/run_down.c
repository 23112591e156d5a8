#include "workers/dialect.h"
#include "workers/run_parts.h"

#define LEAST_PACE_US INT64_C(100000)

static void probe(struct run_server *server);

static void set_timer(struct run_server *server)
{
    int64_t pace_us = server->run->order.retry->max_ms * 1000;

    server->run->host->table->timer_set(server->outage->timer,
                                        pace_us > LEAST_PACE_US ? pace_us : LEAST_PACE_US);
}

/* Those behind it wait no longer. */
static void end(struct run_server *server)
{
    server->over = true;
    list_remove(&server->down_node);
    list_append(&server->run->down, &server->down_node);
}

static void on_probed(void *context)
{
    struct run_server *server = context;
    struct run *run = server->run;
    struct outage *outage = server->outage;

    if (!server->down || server->over) {
        return; /* a target was quicker */
    }
    if (outage->question.answered ||
        (outage->question.heard && !slots_not_yet(server, &outage->question.err))) {
        slots_returned(server);
    } else {
        slots_keep_error(server, &outage->question.err);
        if (run->left_up > 0) {
            set_timer(server);
        } else if (outage->last) {
            end(server);
        } else {
            probe(server);
        }
    }
    run->pump(run);
}

/* A target that has not ended, for where to connect and as whom; NULL: there is none left. */
static const struct target *some_target(struct run_server *server)
{
    struct outage *outage = server->outage;

    while (outage->at < server->member_count && server->members[outage->at]->ended) {
        outage->at++;
    }
    return outage->at < server->member_count ? server->members[outage->at]->target : NULL;
}

static void probe(struct run_server *server)
{
    struct run *run = server->run;
    struct outage *outage = server->outage;
    const struct target *target = some_target(server);

    if (!target) {
        return;
    }
    outage->last = run->left_up == 0;
    arena_clear(&outage->arena);
    outage->question = (struct question){.target = target,
                                         .sql = dialect_text(target->engine, DIALECT_IDENTITY),
                                         .purpose = dialect_purpose_name(DIALECT_IDENTITY),
                                         .application_name = "skein asks whether it is back"};
    asker_start(&outage->asker, run->host, run->options.driver_for(target->engine), &outage->arena,
                &outage->question, on_probed, server);
}

static void on_pace(void *context)
{
    struct run_server *server = context;

    if (server->down && !server->over && !server->outage->asker) {
        probe(server);
    }
}

static void park(struct run_server *server)
{
    struct run *run = server->run;

    if (!server->outage) {
        server->outage = arena_alloc(&run->arena, sizeof(*server->outage));
        server->outage->timer = run->host->table->timer_new(run->host, on_pace, server);
    }
    list_append(&run->parked, &server->down_node);
    set_timer(server);
}

struct run_server *down_next(struct run *run)
{
    struct list *first = list_first(&run->down);
    struct run_server *server;

    if (!first) {
        return NULL;
    }
    server = LIST_ITEM(first, struct run_server, down_node);
    list_remove(first);
    if (!server->over && !run->stopping && run->left_up > 0) {
        park(server);
    } else {
        server->over = true;
    }
    return server;
}

bool down_rest_ended(struct run *run)
{
    bool busy = false;

    if (!run->stopping && run->left_up > 0) {
        return false;
    }
    for (struct list *node = run->parked.next, *next; node != &run->parked; node = next) {
        struct run_server *server = LIST_ITEM(node, struct run_server, down_node);

        next = node->next;
        if (run->stopping) {
            end(server);
            busy = true;
        } else if (run->left_up == 0 && !server->outage->asker) {
            run->host->table->timer_stop(server->outage->timer);
            probe(server);
        }
    }
    return busy;
}

void down_release(struct run *run)
{
    for (size_t i = 0; i < run->server_count; i++) {
        struct outage *outage = run->servers[i].outage;

        if (outage) {
            if (outage->asker) {
                asker_drop(outage->asker);
            }
            run->host->table->timer_free(outage->timer);
            arena_release(&outage->arena);
        }
    }
}
