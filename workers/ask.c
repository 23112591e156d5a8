#include "workers/ask.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/clock.h"

/* How long an operation that was told to stop may take for it before it is given up. */
#define GRACE_US INT64_C(1000000)

struct asking {
    struct host *host;
    const struct driver *(*find_driver)(enum engine engine);
    struct arena *arena;
    struct question *questions;
    size_t count, next;
    unsigned active, concurrency;
};

enum asker_phase {
    ASKER_RESOLVES,
    ASKER_OPENS,
    ASKER_ASKS,
};

/* One question under way. */
struct asker {
    struct asking *asking;
    struct question *question;
    const struct driver *driver;
    struct connection *connection; /* NULL: not begun to open */
    struct arena arena;            /* a pool thread may write to it: not the asking's */
    struct host_timer *timer;
    struct host_poll *poll;
    enum asker_phase phase;
    bool working;     /* a pool thread has the connection */
    unsigned expired; /* 0; 1: told to stop; 2: to be given up */
    struct command command;
    struct request request;
};

static void fill(struct asking *asking);
static void drive_on(struct asker *asker, unsigned ready);

static const struct host_table *table_of(const struct asker *asker)
{
    return asker->asking->host->table;
}

/* The last word on the question. */
static void release(struct asker *asker)
{
    struct asking *asking = asker->asking;

    if (asker->connection) {
        asker->driver->close(asker->connection);
        free(asker->connection);
    }
    table_of(asker)->poll_free(asker->poll);
    table_of(asker)->timer_free(asker->timer);
    arena_release(&asker->arena);
    free(asker);
    asking->active--;
    fill(asking);
    if (asking->active == 0) {
        asking->host->table->stop(asking->host);
    }
}

static void on_closable(void *context)
{
    release(context);
}

static void finish(struct asker *asker)
{
    struct work work = {0};

    table_of(asker)->poll_stop(asker->poll);
    table_of(asker)->timer_stop(asker->timer);
    if (asker->connection && asker->phase == ASKER_ASKS && asker->expired < 2 &&
        asker->driver->finish && asker->driver->finish(asker->connection, &work)) {
        table_of(asker)->work(asker->asking->host, &work, on_closable, asker);
        return;
    }
    release(asker);
}

static void fail(struct asker *asker, const struct err *err)
{
    const struct target *target = asker->question->target;
    char limit[CLOCK_TEXT_SIZE];

    if (asker->expired) { /* not how it stopped, but why */
        duration_format(target->connection->connect_timeout_ms * 1000, limit);
        err_set(&asker->question->err, ERROR_CONNECTION, "no answer within %s", limit);
        err_native(&asker->question->err, NULL, RETRY_TRANSIENT);
    } else {
        err_copy(&asker->question->err, err);
    }
    finish(asker);
}

static const char *const *copy_texts(struct arena *arena, const char *const *texts, size_t count)
{
    const char **copies = arena_array(arena, count, sizeof(*copies));

    for (size_t i = 0; i < count; i++) {
        copies[i] = arena_strdup(arena, texts[i]);
    }
    return copies;
}

static void keep_answer(struct asker *asker, const struct reply *reply)
{
    struct arena *arena = asker->asking->arena;
    struct question *question = asker->question;
    const struct result *result = &reply->results[0];

    question->answered = true;
    question->cells = copy_texts(arena, result->cells, result->row_count * result->column_count);
    question->row_count = result->row_count;
    question->column_count = result->column_count;
    question->names = copy_texts(arena, result->names, result->column_count);
    finish(asker);
}

static void set_limit(struct asker *asker)
{
    int64_t limit_ms = asker->question->target->connection->connect_timeout_ms;

    table_of(asker)->timer_stop(asker->timer);
    if (limit_ms > 0) {
        table_of(asker)->timer_set(asker->timer, limit_ms * 1000);
    }
}

static void submit(struct asker *asker)
{
    struct err err = ERR_INIT(&asker->arena);

    asker->phase = ASKER_ASKS;
    asker->command.sql = asker->question->sql;
    asker->command.length = strlen(asker->question->sql);
    asker->command.rows = true;
    asker->command.names = true;
    asker->command.own = true;
    asker->request =
        (struct request){.arena = &asker->arena, .commands = &asker->command, .count = 1};
    set_limit(asker);
    if (asker->driver->submit(asker->connection, &asker->request, &err)) {
        fail(asker, &err);
    } else {
        drive_on(asker, 0);
    }
}

static void on_worked(void *context)
{
    struct asker *asker = context;

    asker->working = false;
    drive_on(asker, 0);
}

static void on_ready(void *context, unsigned ready)
{
    drive_on(context, ready);
}

static void drive_on(struct asker *asker, unsigned ready)
{
    struct want want = {0};
    struct reply reply = {0};
    struct err err = ERR_INIT(&asker->arena);

    switch (asker->driver->drive(asker->connection, ready, &want, &reply, &err)) {
    case DRIVE_WAIT:
        table_of(asker)->poll_wait(asker->poll, want.descriptor, want.events);
        return;
    case DRIVE_WORK:
        asker->working = true;
        table_of(asker)->work(asker->asking->host, &want.work, on_worked, asker);
        return;
    case DRIVE_FAIL:
        fail(asker, &err);
        return;
    case DRIVE_DONE:
        if (asker->phase == ASKER_OPENS) {
            submit(asker);
        } else {
            keep_answer(asker, &reply);
        }
        return;
    }
    BUG("a driver's answer that does not exist");
}

static void open_connection(struct asker *asker, const struct address_list *addresses)
{
    struct err err = ERR_INIT(&asker->arena);
    struct open_options options = {.target = asker->question->target,
                                   .addresses = addresses,
                                   .application_name = "skein",
                                   .read_only = true,
                                   .arena = &asker->arena};

    asker->phase = ASKER_OPENS;
    asker->connection = xcalloc(1, asker->driver->connection_size);
    if (asker->driver->open(asker->connection, &options, &err)) {
        fail(asker, &err);
    } else {
        drive_on(asker, 0);
    }
}

static void on_resolved(void *context, const struct address_list *addresses, const char *message)
{
    struct asker *asker = context;
    struct err err = ERR_INIT(&asker->arena);

    if (message || asker->expired) {
        err_set(&err, ERROR_CONNECTION, "%s: %s", asker->question->target->endpoint->host,
                message ? message : "");
        err_native(&err, NULL, RETRY_TRANSIENT);
        fail(asker, &err);
    } else {
        open_connection(asker, addresses);
    }
}

/* First told to stop, then given up. A look-up and a pool thread cannot be given up: their callback
 * comes. */
static void on_limit(void *context)
{
    struct asker *asker = context;
    struct err err = ERR_INIT(&asker->arena);
    struct work work = {0};

    asker->expired++;
    if (asker->phase == ASKER_RESOLVES) {
        return;
    }
    if (asker->expired > 1 && !asker->working) {
        fail(asker, &err);
        return;
    }
    if (asker->expired == 1) {
        asker->driver->abort(asker->connection, &work, &err);
        if (work.run) {
            table_of(asker)->work(asker->asking->host, &work, NULL, NULL);
        }
    }
    table_of(asker)->timer_set(asker->timer, GRACE_US);
    if (!asker->working) {
        table_of(asker)->poll_stop(asker->poll);
        drive_on(asker, READY_TIMEOUT);
    }
}

static void start(struct asking *asking, struct question *question)
{
    const struct target *target = question->target;
    const struct driver *driver = asking->find_driver(target->engine);
    struct asker *asker;

    question->answered = false;
    question->err = (struct err)ERR_INIT(asking->arena);
    if (!driver) {
        err_set(&question->err, ERROR_CONFIGURATION, "this skein has no driver for %s",
                engine_name(target->engine));
        return;
    }
    asker = xcalloc(1, sizeof(*asker));
    asker->asking = asking;
    asker->question = question;
    asker->driver = driver;
    asker->timer = asking->host->table->timer_new(asking->host, on_limit, asker);
    asker->poll = asking->host->table->poll_new(asking->host, on_ready, asker);
    asking->active++;
    set_limit(asker);
    asking->host->table->resolve(asking->host, target->endpoint->host, target->endpoint->port,
                                 on_resolved, asker);
}

static void fill(struct asking *asking)
{
    while (asking->active < asking->concurrency && asking->next < asking->count) {
        start(asking, &asking->questions[asking->next++]);
    }
}

void ask(struct host *host, const struct driver *(*find_driver)(enum engine engine),
         struct arena *arena, struct question *questions, size_t count, unsigned concurrency)
{
    struct asking asking = {.host = host,
                            .find_driver = find_driver,
                            .arena = arena,
                            .questions = questions,
                            .count = count,
                            .concurrency = concurrency};

    fill(&asking);
    while (asking.active > 0) {
        host->table->run(host);
    }
}
