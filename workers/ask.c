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
    struct asker **askers; /* by question */
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
    struct host *host;
    struct asker **place; /* the caller's, NULL again when it is over */
    struct question *question;
    struct arena *answers;
    host_done_cb *done; /* NULL: nobody waits any more, nor is the question there */
    void *context;
    const struct driver *driver;
    struct connection *connection; /* NULL: not begun to open */
    struct arena arena;            /* a pool thread may write to it: not the answers' */
    struct arena texts;            /* of the request under way; likewise */
    struct host_timer *timer;
    struct host_poll *poll;
    int64_t limit_us; /* of each phase; 0: none */
    enum asker_phase phase;
    bool working;     /* a pool thread has the connection */
    bool telling;     /* inside question->more */
    unsigned expired; /* 0; 1: told to stop; 2: to be given up */
    struct request request;
};

static void fill(struct asking *asking);
static void submit(struct asker *asker);
static void drive_on(struct asker *asker, unsigned ready);

static const struct host_table *table_of(const struct asker *asker)
{
    return asker->host->table;
}

/* The last word on the question. */
static void release(struct asker *asker)
{
    host_done_cb *done = asker->done;
    void *context = asker->context;

    if (asker->connection) {
        asker->driver->close(asker->connection);
        free(asker->connection);
    }
    table_of(asker)->poll_free(asker->poll);
    table_of(asker)->timer_free(asker->timer);
    arena_release(&asker->arena);
    arena_release(&asker->texts);
    if (done) {
        *asker->place = NULL;
    }
    free(asker);
    if (done) {
        done(context);
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
        asker->working = true;
        table_of(asker)->work(asker->host, &work, on_closable, asker);
        return;
    }
    release(asker);
}

static void fail(struct asker *asker, const struct err *err)
{
    char limit[CLOCK_TEXT_SIZE];

    if (!asker->done) {
        finish(asker);
        return;
    }
    if (asker->expired) { /* not how it stopped, but why */
        duration_format(asker->limit_us, limit);
        err_set(&asker->question->err, ERROR_CONNECTION, "no answer within %s", limit);
        err_native(&asker->question->err, NULL, RETRY_TRANSIENT);
    } else {
        err_copy(&asker->question->err, err);
    }
    finish(asker);
}

/* The connection is good for another question, where there is one. */
static void ask_more(struct asker *asker)
{
    bool more;

    asker->telling = true;
    more = asker->question->more && asker->question->more(asker->context);
    asker->telling = false;
    if (more && asker->done) {
        submit(asker);
    } else {
        finish(asker);
    }
}

static void take_error(struct asker *asker, const struct reply *reply, const struct err *err)
{
    if (asker->done && asker->phase == ASKER_ASKS && !asker->expired && reply->answered &&
        reply->connected) {
        err_copy(&asker->question->err, err);
        ask_more(asker);
    } else {
        fail(asker, err);
    }
}

static void keep_answer(struct asker *asker, const struct reply *reply)
{
    struct arena *arena = asker->answers;
    struct question *question = asker->question;
    const struct result *result = &reply->results[asker->request.count - 1];

    question->answered = true;
    question->cells = arena_texts(arena, result->cells, result->row_count * result->column_count);
    question->row_count = result->row_count;
    question->column_count = result->column_count;
    question->names = arena_texts(arena, result->names, result->column_count);
    ask_more(asker);
}

static void set_limit(struct asker *asker)
{
    table_of(asker)->timer_stop(asker->timer);
    if (asker->limit_us > 0) {
        table_of(asker)->timer_set(asker->timer, asker->limit_us);
    }
}

/* With all that it points to: a pool thread may read it after the asker was dropped. */
static struct command copy_command(struct arena *arena, const struct command *command)
{
    struct command copy = *command;

    copy.sql = arena_strndup(arena, command->sql, command->length);
    copy.parameters = arena_texts(arena, command->parameters, command->parameter_count);
    return copy;
}

static void submit(struct asker *asker)
{
    struct question *question = asker->question;
    struct err err = ERR_INIT(&asker->arena);
    struct command *commands;

    asker->phase = ASKER_ASKS;
    question->answered = false;
    question->err = (struct err)ERR_INIT(asker->answers);
    arena_clear(&asker->texts);
    commands = arena_array(&asker->texts, question->before_count + 1, sizeof(*commands));
    for (size_t i = 0; i < question->before_count; i++) {
        commands[i] = copy_command(&asker->texts, &question->before[i]);
    }
    commands[question->before_count] = copy_command(
        &asker->texts,
        &(struct command){.sql = question->sql,
                          .length = strlen(question->sql),
                          .parameters = question->parameters,
                          .parameter_count = question->parameter_count,
                          .rows = true,
                          .names = true,
                          .purpose = question->purpose ? question->purpose : "question",
                          .own = true});
    asker->request = (struct request){
        .arena = &asker->texts, .commands = commands, .count = question->before_count + 1};
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
        table_of(asker)->work(asker->host, &want.work, on_worked, asker);
        return;
    case DRIVE_FAIL:
        if (asker->done) {
            asker->question->heard |= reply.answered;
        }
        take_error(asker, &reply, &err);
        return;
    case DRIVE_DONE:
        if (!asker->done) {
            finish(asker);
        } else if (asker->phase == ASKER_OPENS) {
            asker->question->heard = true;
            asker->question->session = reply.session;
            asker->question->weak_tls = reply.weak_tls;
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
    const char *name = asker->question->application_name;
    struct open_options options = {.target = asker->question->target,
                                   .addresses = addresses,
                                   .application_name = name ? name : "skein",
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

    if (!asker->done) {
        release(asker);
    } else if (message || asker->expired) {
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
            table_of(asker)->work(asker->host, &work, NULL, NULL);
        }
    }
    table_of(asker)->timer_set(asker->timer, GRACE_US);
    if (!asker->working) {
        table_of(asker)->poll_stop(asker->poll);
        drive_on(asker, READY_TIMEOUT);
    }
}

void asker_start(struct asker **place, struct host *host, const struct driver *driver,
                 struct arena *arena, struct question *question, host_done_cb *done, void *context)
{
    const struct target *target = question->target;
    struct asker *asker = xcalloc(1, sizeof(*asker));

    question->answered = question->heard = false;
    question->err = (struct err)ERR_INIT(arena);
    asker->host = host;
    asker->place = place;
    asker->question = question;
    asker->answers = arena;
    asker->done = done;
    asker->context = context;
    asker->driver = driver;
    asker->limit_us = target->connection->connect_timeout_ms * 1000;
    asker->timer = host->table->timer_new(host, on_limit, asker);
    asker->poll = host->table->poll_new(host, on_ready, asker);
    *place = asker;
    set_limit(asker);
    host->table->resolve(host, target->endpoint->host, target->endpoint->port, on_resolved, asker);
}

void asker_drop(struct asker *asker)
{
    *asker->place = NULL;
    asker->done = NULL;
    /* A look-up and a pool thread are waited for: their callback comes. */
    if (asker->phase != ASKER_RESOLVES && !asker->working && !asker->telling) {
        release(asker);
    }
}

/* ---- many at once */

static void on_answered(void *context)
{
    struct asking *asking = context;

    asking->active--;
    fill(asking);
    if (asking->active == 0) {
        asking->host->table->stop(asking->host);
    }
}

static void start(struct asking *asking, size_t at)
{
    struct question *question = &asking->questions[at];
    enum engine engine = question->target->engine;
    const struct driver *driver = asking->find_driver(engine);

    if (!driver) {
        question->answered = false;
        question->err = (struct err)ERR_INIT(asking->arena);
        err_set(&question->err, ERROR_CONFIGURATION, "this skein has no driver for %s",
                engine_name(engine));
        return;
    }
    asking->active++;
    asker_start(&asking->askers[at], asking->host, driver, asking->arena, question, on_answered,
                asking);
}

static void fill(struct asking *asking)
{
    while (asking->active < asking->concurrency && asking->next < asking->count) {
        start(asking, asking->next++);
    }
}

void ask(struct host *host, const struct driver *(*find_driver)(enum engine engine),
         struct arena *arena, struct question *questions, size_t count, unsigned concurrency)
{
    struct asking asking = {.host = host,
                            .find_driver = find_driver,
                            .arena = arena,
                            .questions = questions,
                            .askers = xcalloc(count + 1, sizeof(*asking.askers)),
                            .count = count,
                            .concurrency = concurrency};

    fill(&asking);
    while (asking.active > 0) {
        host->table->run(host);
    }
    free(asking.askers);
}
