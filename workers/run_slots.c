#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "workers/run_parts.h"

/* Puts the server where slots_next finds it, or nowhere. Called after each change of its queue,
 * slots, ceiling or breaker. */
static void server_placed(struct run_server *server)
{
    struct run *run = server->run;

    list_remove(&server->node);
    if (server->held || server->down || list_empty(&server->ready) ||
        server->in_use >= server->ceiling.limit) {
        return;
    }
    if (server->breaker.open) {
        int64_t wait_us = server->breaker.probe_at_us - run_now(run);

        if (server->breaker.probing) {
            return;
        }
        if (wait_us > 0) {
            run->host->table->timer_set(server->probe_timer, wait_us);
            return;
        }
    }
    list_append(&run->admissible[server->in_use], &server->node);
}

static void on_probe_time(void *context)
{
    struct run_server *server = context;

    server_placed(server);
    server->run->pump(server->run);
}

static void init_server(struct run *run, struct run_server *server, const struct server *configured)
{
    unsigned limit =
        configured->concurrency ? configured->concurrency : run->options.limits.per_server;

    if (limit > run->options.limits.concurrency) {
        limit = run->options.limits.concurrency;
    }
    server->run = run;
    server->breaks = true;
    list_init(&server->node);
    list_init(&server->ready);
    list_init(&server->down_node);
    ceiling_init(&server->ceiling, limit ? limit : 1);
}

static struct run_database *database_of(struct run *run, size_t server, const struct target *target)
{
    const char *name = target->path ? target->path : target->database;
    struct run_database *database;
    char *key;

    arena_clear(&run->scratch);
    key = arena_printf(&run->scratch, "%zu/%s", server, name ? name : "");
    database = map_get(&run->databases, key);
    if (!database) {
        database = arena_alloc(&run->arena, sizeof(*database));
        list_init(&database->waiting);
        map_set(&run->databases, arena_strdup(&run->arena, key), database);
    }
    return database;
}

/* Each server's members lie together, so that all of them can be told that it is down. */
static void list_members(struct run *run)
{
    for (size_t i = 0; i < run->options.count; i++) {
        run->members[i].server->member_count++;
    }
    for (size_t i = 0; i < run->server_count; i++) {
        struct run_server *server = &run->servers[i];

        server->left = server->member_count;
        server->members = arena_array(&run->arena, server->member_count, sizeof(*server->members));
        server->member_count = 0;
    }
    for (size_t i = 0; i < run->options.count; i++) {
        struct run_server *server = run->members[i].server;

        server->members[server->member_count++] = &run->members[i];
    }
}

void slots_init(struct run *run)
{
    const struct fleet *fleet = run->options.fleet;

    run->server_count = fleet->server_count;
    run->servers = arena_array(&run->arena, run->server_count, sizeof(*run->servers));
    run->admissible_count = run->options.limits.concurrency;
    run->admissible = arena_array(&run->arena, run->admissible_count, sizeof(*run->admissible));
    for (unsigned i = 0; i < run->admissible_count; i++) {
        list_init(&run->admissible[i]);
    }
    list_init(&run->down);
    list_init(&run->parked);
    run->left_up = run->options.count;
    map_init(&run->databases, &run->arena);
    credentials_init(run);
    for (size_t i = 0; i < run->server_count; i++) {
        init_server(run, &run->servers[i], &fleet->servers[i]);
    }
    for (size_t i = 0; i < run->options.count; i++) {
        struct member *member = &run->members[i];

        member->server = &run->servers[member->target->server];
        member->server->breaks = member->target->engine != ENGINE_SQLITE;
        member->database = database_of(run, member->target->server, member->target);
        member->credential = credential_of(run, member->target->server, member->target);
    }
    list_members(run);
}

void slots_release(struct run *run)
{
    for (size_t i = 0; i < run->server_count; i++) {
        if (run->servers[i].probe_timer) {
            run->host->table->timer_free(run->servers[i].probe_timer);
        }
        arena_release(&run->servers[i].last_arena);
    }
}

void slots_hold(struct run_server *server)
{
    server->held = true;
    server_placed(server);
}

/* Nobody of `from` was admitted yet: there is a queue, and nothing is in use. */
static void join(struct run_server *into, struct run_server *from)
{
    struct run *run = into->run;
    size_t count = into->member_count + from->member_count;
    struct member **members = arena_array(&run->arena, count, sizeof(*members));
    struct list *first;

    memcpy(members, into->members, into->member_count * sizeof(*members));
    memcpy(members + into->member_count, from->members, from->member_count * sizeof(*members));
    for (size_t i = 0; i < from->member_count; i++) {
        struct member *member = from->members[i];

        member->server = into;
        member->database = database_of(run, (size_t)(into - run->servers), member->target);
        member->credential = credential_of(run, (size_t)(into - run->servers), member->target);
    }
    while ((first = list_first(&from->ready)) != NULL) {
        list_remove(first);
        list_append(&into->ready, first);
    }
    into->members = members;
    into->member_count = count;
    into->left += from->left;
    from->member_count = from->left = 0;
    ceiling_lower(&into->ceiling, from->ceiling.configured);
}

void slots_known(struct run_server *server, struct run_server *same)
{
    server->held = false;
    if (same) {
        slots_returned(same); /* it has answered, by whatever name */
        join(same, server);
        server_placed(same);
    } else {
        server_placed(server);
    }
}

void slots_enqueue(struct member *member, bool front)
{
    list_remove(&member->node);
    list_append(front ? member->server->ready.next : &member->server->ready, &member->node);
    server_placed(member->server);
}

/* The server that holds the fewest slots comes first, so that slow ones do not gather them all;
 * among equals they take turns. */
static struct run_server *fairest(struct run *run)
{
    for (unsigned i = 0; i < run->admissible_count; i++) {
        struct list *first = list_first(&run->admissible[i]);

        if (first) {
            return LIST_ITEM(first, struct run_server, node);
        }
    }
    return NULL;
}

static void take(struct member *member)
{
    struct run_server *server = member->server;

    server->run->in_use++;
    server->in_use++;
    member->database->in_use++;
    member->trial = member->credential && credential_begin(&member->credential->breaker);
    server_placed(server);
}

/* Whether the member has to wait, for its database or its credential, behind others. */
static bool waits(struct member *member)
{
    struct run_credential *credential = member->credential;

    if (member->database->in_use >= member->run->options.limits.per_database) {
        list_append(&member->database->waiting, &member->node);
        return true;
    }
    if (credential && credential_room(&credential->breaker) == 0) {
        list_append(&credential->waiting, &member->node);
        return true;
    }
    return false;
}

struct member *slots_next(struct run *run, bool *probe, const struct err **refused)
{
    struct run_server *server;

    while (run->in_use < run->options.limits.concurrency && (server = fairest(run)) != NULL) {
        struct member *member = LIST_ITEM(list_first(&server->ready), struct member, node);

        list_remove(&member->node);
        if (member->credential && credential_refused(&member->credential->breaker)) {
            *refused = &member->credential->last;
            return member;
        }
        if (waits(member)) {
            server_placed(server);
            continue;
        }
        *probe = server->breaker.open;
        if (!breaker_allows(&server->breaker, run_now(run))) {
            BUG("a server was admissible behind its breaker");
        }
        take(member);
        return member;
    }
    return NULL;
}

/* Its database may have room: the first that waits for it has its turn. Called where a slot comes
 * back, and where somebody leaves the queue who was given such a turn and never used it. */
static void database_changed(struct member *member)
{
    struct list *waiting = list_first(&member->database->waiting);

    if (waiting) {
        slots_enqueue(LIST_ITEM(waiting, struct member, node), true);
    }
}

/* As many as may try it now, in their order, before the others; all, where they only have to be
 * told that it is refused. Called where somebody has tried it, and where somebody leaves the queue
 * who was given such a turn. */
static void credential_changed(struct member *member)
{
    struct run_credential *credential = member->credential;
    struct list *front = member->server->ready.next;
    unsigned room =
        credential_refused(&credential->breaker) ? UINT_MAX : credential_room(&credential->breaker);
    struct list *first;

    for (; room > 0 && (first = list_first(&credential->waiting)) != NULL; room--) {
        list_remove(first);
        list_append(front, first);
    }
    server_placed(member->server);
}

static void trial_over(struct member *member)
{
    if (member->trial) {
        member->trial = false;
        credential_tried(&member->credential->breaker);
    }
}

void slots_credential(struct member *member, bool answered, const struct err *err)
{
    struct run_credential *credential = member->credential;
    enum credential_answer answer;

    if (!credential) {
        return;
    }
    answer = credential_read(answered, err);
    trial_over(member);
    if (answer != CREDENTIAL_NOT_JUDGED) {
        credential_judged(&credential->breaker, answer == CREDENTIAL_ACCEPTED);
    }
    if (answer == CREDENTIAL_ACCEPTED) {
        credential->counted = false;
    } else if (answer == CREDENTIAL_DENIED && credential_refused(&credential->breaker)) {
        credential_keep(member->run, credential, err);
    }
    credential_changed(member);
}

void slots_give_back(struct member *member, bool probe)
{
    struct run_server *server = member->server;

    if (probe) {
        breaker_undecided(&server->breaker);
    }
    server->run->in_use--;
    server->in_use--;
    member->database->in_use--;
    if (member->trial) { /* taken back before it could tell */
        trial_over(member);
        credential_changed(member);
    }
    database_changed(member);
    server_placed(server);
}

void slots_returned(struct run_server *server)
{
    if (server->down) {
        server->run->left_up += server->left;
    }
    breaker_succeeded(&server->breaker);
    server->down = server->over = server->counted = false;
    list_remove(&server->down_node);
    server_placed(server);
}

void slots_keep_error(struct run_server *server, const struct err *err)
{
    arena_clear(&server->last_arena);
    server->last = (struct err)ERR_INIT(&server->last_arena);
    err_copy(&server->last, err);
}

void slots_answered(struct member *member, bool opened)
{
    struct run_server *server = member->server;

    if (opened) {
        ceiling_succeeded(&server->ceiling);
    }
    slots_returned(server);
}

bool slots_not_yet(const struct run_server *server, const struct err *err)
{
    return server->breaker.open && err->class == ERROR_CONNECTION;
}

void slots_unanswered(struct member *member, bool probe, const struct err *err)
{
    struct run_server *server = member->server;
    struct run *run = server->run;

    if (!server->breaks) {
        return;
    }
    breaker_failed(&server->breaker, probe, run->order.retry, run_now(run), &run->random);
    if (!server->breaker.open) {
        return;
    }
    if (!server->probe_timer) {
        server->probe_timer = run->host->table->timer_new(run->host, on_probe_time, server);
    }
    slots_keep_error(server, err);
    if (!server->down && breaker_given_up(&server->breaker, run->order.retry)) {
        server->down = true;
        run->left_up -= server->left;
        list_append(&run->down, &server->down_node);
    }
    server_placed(server);
}

void slots_full(struct member *member)
{
    ceiling_full(&member->server->ceiling, member->server->in_use + 1);
    server_placed(member->server);
}

bool slots_outage_counted(struct member *member, const struct err *err)
{
    struct run_credential *credential = member->credential;
    bool counted = member->server->counted;

    if (credential && credential->breaker.failures > 0 &&
        credential_read(true, err) == CREDENTIAL_DENIED) {
        counted = credential->counted;
        credential->counted = true;
        return counted;
    }
    if (!member->server->breaker.open) {
        return false;
    }
    member->server->counted = true;
    return counted;
}

void slots_withdraw(struct member *member)
{
    list_remove(&member->node);
    database_changed(member);
    server_placed(member->server);
}

void slots_ended(struct member *member)
{
    list_remove(&member->node);
    database_changed(member);
    if (member->credential) {
        credential_changed(member);
    }
    member->run->left_up -= member->server->down ? 0 : 1;
    if (--member->server->left == 0) {
        arena_release(&member->server->last_arena);
    }
    server_placed(member->server);
}
