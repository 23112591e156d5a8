#include "fake_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "planner/classify.h"

/* ---- the state */

void fake_server_init(struct fake_server *server, enum engine engine, const char *database,
                      const char *schema)
{
    memset(server, 0, sizeof(*server));
    server->engine = engine;
    server->database = database;
    server->schema = schema;
}

void fake_server_release(struct fake_server *server)
{
    arena_release(&server->arena);
}

void *fake_grown(struct arena *arena, const void *items, size_t count, size_t size)
{
    void *copy = arena_array(arena, count + 1, size);

    if (count > 0) {
        memcpy(copy, items, count * size);
    }
    return copy;
}

/* Arrays are never changed in place: a state that was copied keeps its own. */
void fake_add_version(struct arena *arena, struct fake_state *state, const char *id)
{
    state->version =
        fake_grown(arena, state->version, state->version_count, sizeof(state->version[0]));
    snprintf(state->version[state->version_count++], sizeof(state->version[0]), "%s", id);
}

struct fake_row *fake_add_history(struct arena *arena, struct fake_state *state)
{
    state->history =
        fake_grown(arena, state->history, state->history_count, sizeof(state->history[0]));
    return &state->history[state->history_count++];
}

struct fake_row *fake_open_row(struct arena *arena, struct fake_state *state, long seq)
{
    state->history =
        fake_grown(arena, state->history, state->history_count, sizeof(state->history[0]));
    for (size_t i = 0; i < state->history_count; i++) {
        struct fake_row *row = &state->history[i];
        if (row->seq == seq && strcmp(row->state, "started") == 0) {
            return row;
        }
    }
    return NULL;
}

void fake_add_text(struct arena *arena, char ***items, size_t *count, const char *text)
{
    *items = fake_grown(arena, *items, *count, sizeof(**items));
    (*items)[(*count)++] = arena_strdup(arena, text);
}

void fake_server_add_version(struct fake_server *server, const char *id)
{
    server->state.version_table = true;
    fake_add_version(&server->arena, &server->state, id);
}

struct fake_row *fake_server_add_history(struct fake_server *server)
{
    struct fake_row *row = fake_add_history(&server->arena, &server->state);

    server->state.history_table = true;
    row->seq = (long)server->state.history_count;
    return row;
}

size_t fake_find_version(const struct fake_state *state, const char *id)
{
    size_t i = 0;

    while (i < state->version_count && strcmp(state->version[i], id) != 0) {
        i++;
    }
    return i;
}

bool fake_server_has_version(const struct fake_server *server, const char *id)
{
    return fake_find_version(&server->state, id) < server->state.version_count;
}

size_t fake_server_witnessed(const struct fake_server *server, const char *text)
{
    size_t count = 0;

    for (size_t i = 0; i < server->state.witness_count; i++) {
        count += strstr(server->state.witness[i], text) != NULL;
    }
    return count;
}

bool fake_take_lock(struct fake_session *session, bool lasts)
{
    struct fake_server *server = session->server;
    bool had = !server->lock_foreign && (!server->lock || server->lock == session);

    if (had) {
        server->lock = session;
        session->lock_in_transaction = !lasts;
    }
    server->lasting += lasts && session->pooled;
    return had;
}

void fake_end_transaction(struct fake_session *session, bool commit)
{
    if (commit) {
        session->server->state = session->work;
    }
    session->work = session->server->state;
    session->in_transaction = session->failed = false;
    if (session->server->lock == session && session->lock_in_transaction) {
        session->server->lock = NULL;
        session->lock_in_transaction = false;
    }
    if (session->server->writer == session) {
        session->server->writer = NULL;
    }
}

/* ---- the session */

struct fake_session *fake_session_open(struct fake_server *server)
{
    struct fake_session *session = xcalloc(1, sizeof(*session));

    session->server = server;
    session->pooled = server->pooled;
    session->work = server->state;
    return session;
}

struct fake_session *fake_session_open_direct(struct fake_server *server)
{
    struct fake_session *session = fake_session_open(server);

    session->pooled = false;
    return session;
}

void fake_session_close(struct fake_session *session)
{
    fake_end_transaction(session, false);
    if (session->server->lock == session) {
        session->server->lock = NULL;
    }
    free(session);
}

static void settle(struct fake_session *session)
{
    if (!session->in_transaction) {
        session->server->state = session->work;
    }
}

static bool fail_answered(struct step *step, struct reply *reply, struct err *err)
{
    struct fake_session *session = step->session;

    err_set(err, ERROR_INTERNAL, "%s: fake error %s", step->message ? step->message : "failed",
            step->code);
    classify(err, session->server->engine, step->code);
    if (session->server->engine == ENGINE_POSTGRESQL && session->in_transaction) {
        session->failed = true;
    } else if (!session->in_transaction) {
        session->work = session->server->state; /* an implicit transaction is gone */
    }
    reply->answered = reply->connected = true;
    reply->in_transaction = session->in_transaction;
    return false;
}

static bool fail_lost(struct step *step, struct reply *reply, struct err *err)
{
    struct fake_session *session = step->session;

    err_set(err, ERROR_CONNECTION, "fake: the connection was lost");
    classify(err, session->server->engine,
             session->server->engine == ENGINE_POSTGRESQL ? "08006"
             : session->server->engine == ENGINE_SQLITE   ? "10"
                                                          : "2013");
    err->class = ERROR_CONNECTION;
    err->retry = RETRY_TRANSIENT;
    reply->answered = reply->connected = reply->in_transaction = false;
    return false;
}

bool fake_session_run(struct fake_session *session, const struct request *request,
                      const struct fake_fault *fault, struct reply *reply, struct err *err)
{
    struct step step = {.session = session, .request = request};

    memset(reply, 0, sizeof(*reply));
    reply->results = arena_array(request->arena, request->count, sizeof(*reply->results));
    if (!session->in_transaction) {
        session->work = session->server->state;
    }
    for (size_t i = 0; i < request->count; i++) {
        bool here = fault && fault->kind != FAKE_NO_FAULT && fault->at == i;
        step.command = &request->commands[i];
        step.result = &reply->results[i];
        step.result->affected = -1;
        step.result->microseconds = 100;
        if (here && fault->kind == FAKE_LOST_BEFORE) {
            return fail_lost(&step, reply, err);
        }
        bool errs = here && (fault->kind == FAKE_ERROR || fault->kind == FAKE_ERROR_LOST);
        step.code = errs ? fault->code : NULL;
        if (!step.code) {
            fake_run_command(&step);
        }
        if (step.code) {
            fail_answered(&step, reply, err);
            reply->connected = !here || fault->kind != FAKE_ERROR_LOST;
            return false;
        }
        if (here) {
            settle(session);
            return fail_lost(&step, reply, err);
        }
        reply->completed++;
        if (session->server->engine != ENGINE_POSTGRESQL) {
            settle(session);
        }
    }
    settle(session);
    reply->answered = reply->connected = true;
    reply->in_transaction = session->in_transaction;
    return true;
}
