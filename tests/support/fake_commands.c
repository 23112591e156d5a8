#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "fake_internal.h"
#include "workers/dialect.h"

/* ---- answers */

const char *fake_parameter(const struct step *step, unsigned number)
{
    if (number > step->command->parameter_count) {
        BUG("%s has no parameter %u", step->command->purpose, number);
    }
    return step->command->parameters[number - 1];
}

static long number_of(const struct step *step, unsigned number)
{
    return strtol(fake_parameter(step, number), NULL, 10);
}

void fake_answer(struct step *step, size_t columns, size_t rows, const char **cells)
{
    step->result->column_count = columns;
    step->result->row_count = rows;
    step->result->cells = (const char *const *)cells;
}

static void answer_one(struct step *step, const char *value)
{
    const char **cells = arena_array(step->request->arena, 1, sizeof(*cells));

    cells[0] = value;
    fake_answer(step, 1, 1, cells);
}

static bool is_postgresql(const struct step *step)
{
    return step->session->server->engine == ENGINE_POSTGRESQL;
}

static bool is_sqlite(const struct step *step)
{
    return step->session->server->engine == ENGINE_SQLITE;
}

static void answer_bool(struct step *step, bool value)
{
    answer_one(step, is_postgresql(step) ? (value ? "t" : "f") : (value ? "1" : "0"));
}

void fake_missing_table(struct step *step)
{
    step->code = is_postgresql(step) ? "42P01" : is_sqlite(step) ? "1" : "1146";
    step->message = "no such table";
}

/* ---- reading */

const char *fake_number(const struct step *step, long value)
{
    return arena_printf(step->request->arena, "%ld", value);
}

static void do_locate(struct step *step)
{
    const struct fake_server *server = step->session->server;
    const struct fake_state *state = &step->session->work;
    const char *schema = server->schema ? server->schema : "main";
    const char **cells = arena_array(step->request->arena, 10, sizeof(*cells));

    cells[0] = server->database;
    cells[1] = server->replica ? "1" : "0";
    cells[2] = server->schema;
    cells[3] = state->version_table ? schema : NULL;
    cells[4] = state->history_table ? schema : NULL;
    cells[5] = server->schema;
    cells[6] = server->engine == ENGINE_MARIADB ? "10.11.6-MariaDB" : "150000";
    cells[7] = server->read_only || server->replica ? "on" : "off";
    cells[8] = fake_number(step, step->session->pooled ? FAKE_SESSION + 1 : FAKE_SESSION);
    cells[9] = "none";
    fake_answer(step, 10, 1, cells);
}

/* `most`: 0, or so many rows of the history as they come, instead of the open ones and the last. */
static void read_heads(struct step *step, bool version, bool history, size_t most)
{
    const struct fake_state *state = &step->session->work;
    const char **cells = arena_array(
        step->request->arena, (state->version_count + state->history_count) * 12, sizeof(*cells));
    size_t rows = 0;
    long last = 0;

    if ((version && !state->version_table) || (history && !state->history_table)) {
        fake_missing_table(step);
        return;
    }
    for (size_t i = 0; version && i < state->version_count; i++) {
        cells[12 * rows++] = state->version[i];
    }
    for (size_t i = 0; i < state->history_count; i++) {
        last = state->history[i].seq > last ? state->history[i].seq : last;
    }
    for (size_t i = 0; history && i < state->history_count; i++) {
        const struct fake_row *row = &state->history[i];
        bool wanted = strcmp(row->state, "started") == 0 || row->seq == last;
        if (most ? i < most : wanted) {
            fake_history_cells(step, row, cells + 12 * rows++);
        }
    }
    fake_answer(step, 12, rows, cells);
}

static void do_heads(struct step *step)
{
    read_heads(step, true, true, 0);
}

/* As theirs, from the same rows. */
static void do_heads_brief(struct step *step)
{
    struct result *result = step->result;
    const char **cells;

    read_heads(step, true, true, is_postgresql(step) ? DIALECT_BRIEF_ROWS : 0);
    if (result->column_count == 0) { /* a table is missing */
        return;
    }
    cells = arena_array(step->request->arena, result->row_count * 3, sizeof(*cells));
    for (size_t i = 0; i < result->row_count; i++) {
        const char *const *whole = result->cells + 12 * i;
        cells[3 * i] = whole[1] ? whole[9] : whole[0];
        cells[3 * i + 1] = whole[1];
        cells[3 * i + 2] = whole[3];
    }
    fake_answer(step, 3, result->row_count, cells);
}

static void do_heads_version(struct step *step)
{
    read_heads(step, true, false, 0);
}

static void do_heads_history(struct step *step)
{
    read_heads(step, false, true, 0);
}

static void do_history_run(struct step *step)
{
    const struct fake_state *state = &step->session->work;
    const char **cells =
        arena_array(step->request->arena, state->history_count * 5, sizeof(*cells));
    size_t rows = 0;

    for (size_t i = 0; i < state->history_count; i++) {
        const struct fake_row *row = &state->history[i];
        if (strcmp(row->run_id, fake_parameter(step, 1)) == 0) {
            const char **cell = cells + 5 * rows++;
            cell[0] = row->revision;
            cell[1] = row->direction;
            cell[2] = row->state;
            cell[3] = fake_number(step, row->done);
            cell[4] = fake_number(step, row->seq);
        }
    }
    fake_answer(step, 5, rows, cells);
}

static void do_history_sums(struct step *step)
{
    const struct fake_state *state = &step->session->work;
    const char **cells =
        arena_array(step->request->arena, state->history_count * 3, sizeof(*cells));
    size_t rows = 0;

    for (size_t i = 0; i < state->history_count; i++) {
        const struct fake_row *row = &state->history[i];
        if (strcmp(row->state, "done") == 0) {
            const char **cell = cells + 3 * rows++;
            cell[0] = row->revision;
            cell[1] = row->direction;
            cell[2] = row->checksum;
        }
    }
    fake_answer(step, 3, rows, cells);
}

static void do_history_seen(struct step *step)
{
    const struct fake_state *state = &step->session->work;
    const char *revision = step->command->parameters[0];
    const char **cells = arena_array(step->request->arena, 7, sizeof(*cells));

    for (size_t i = state->history_count; i > 0; i--) {
        const struct fake_row *row = &state->history[i - 1];
        if (strcmp(row->revision, revision) == 0) {
            cells[0] = row->direction;
            cells[1] = "2026-11-20T10:30:00Z";
            cells[2] = row->run_id;
            cells[5] = row->checksum;
            fake_answer(step, 7, 1, cells);
            return;
        }
    }
    fake_answer(step, 7, 0, cells);
}

static void do_invalid(struct step *step)
{
    const struct fake_state *state = &step->session->work;

    fake_answer(step, 1, state->invalid_count, (const char **)state->invalid);
}

/* No table without transactions; nobody waits for a table: what a statement meets is the test's. */
static void do_no_rows(struct step *step)
{
    fake_answer(step, 1, 0, NULL);
}

/* ---- lock and transactions */

static void do_lock(struct step *step)
{
    answer_bool(step, fake_take_lock(step->session, true));
}

static void do_holder_lock(struct step *step)
{
    static const char *cells[] = {"7", "a", "b", "2026-11-20T10:30:00Z", "6", "idle", "SELECT 1"};
    const struct fake_server *server = step->session->server;

    (void)number_of(step, 1);
    fake_answer(step, sizeof(cells) / sizeof(*cells), server->lock_foreign || server->lock, cells);
}

static void do_lock_transaction(struct step *step)
{
    answer_bool(step, fake_take_lock(step->session, false));
}

static void do_begin(struct step *step)
{
    struct fake_session *session = step->session;
    struct fake_server *server = session->server;

    if (is_sqlite(step)) {
        bool taken = server->lock_foreign || (server->lock && server->lock != session);
        if (taken || (server->writer && server->writer != session)) {
            step->code = "5";
            return;
        }
        server->writer = session;
    }
    session->in_transaction = true;
    session->work = server->state;
    step->result->tag = is_postgresql(step) ? "BEGIN" : NULL;
}

static void do_commit(struct step *step)
{
    bool failed = step->session->failed;

    fake_end_transaction(step->session, !failed);
    step->result->tag = !is_postgresql(step) ? NULL : failed ? "ROLLBACK" : "COMMIT";
}

static void do_rollback(struct step *step)
{
    fake_end_transaction(step->session, false);
    step->result->tag = is_postgresql(step) ? "ROLLBACK" : NULL;
}

/* ---- writing */

static void note_lock(const struct step *step)
{
    struct fake_server *server = step->session->server;

    if (server->lock != step->session && server->writer != step->session) {
        server->unlocked++;
    }
}

static void do_create_version(struct step *step)
{
    note_lock(step);
    step->session->work.version_table = true;
}

static void do_create_history(struct step *step)
{
    note_lock(step);
    step->session->work.history_table = true;
}

static void do_version_insert(struct step *step)
{
    note_lock(step);
    if (!step->session->work.version_table) {
        fake_missing_table(step);
        return;
    }
    fake_add_version(&step->session->server->arena, &step->session->work, fake_parameter(step, 1));
    step->result->affected = 1;
}

static void change_version(struct step *step, const char *to)
{
    struct fake_state *state = &step->session->work;
    size_t at = fake_find_version(state, fake_parameter(step, 1));

    note_lock(step);
    step->result->affected = at < state->version_count;
    if (at == state->version_count) {
        return;
    }
    state->version = fake_grown(&step->session->server->arena, state->version, state->version_count,
                                sizeof(state->version[0]));
    if (to) {
        snprintf(state->version[at], sizeof(state->version[at]), "%s", to);
    } else {
        memcpy(state->version[at], state->version[--state->version_count],
               sizeof(state->version[at]));
    }
}

static void do_version_update(struct step *step)
{
    change_version(step, fake_parameter(step, 2));
}

static void do_version_delete(struct step *step)
{
    change_version(step, NULL);
}

#define COPY(field, number) copy_text(step, row->field, sizeof(row->field), number)

static void copy_text(const struct step *step, char *to, size_t size, unsigned number)
{
    const char *text = fake_parameter(step, number);

    snprintf(to, size, "%s", text ? text : "");
}

static void do_history_insert(struct step *step)
{
    note_lock(step);
    if (!step->session->work.history_table) {
        fake_missing_table(step);
        return;
    }
    struct fake_row *row = fake_add_history(&step->session->server->arena, &step->session->work);
    row->seq = number_of(step, 1);
    COPY(revision, 2);
    COPY(direction, 3);
    COPY(state, 4);
    row->total = number_of(step, 5);
    row->attempted = number_of(step, 6);
    row->done = number_of(step, 7);
    COPY(checksum, 8);
    COPY(done_checksum, 9);
    COPY(applied_checksum, 10);
    COPY(run_id, 11);
    COPY(reason, 13);
    step->result->affected = 1;
}

/* The open row that parameter 1 names, or NULL. */
static struct fake_row *open_row(struct step *step)
{
    struct fake_row *row;

    note_lock(step);
    row = fake_open_row(&step->session->server->arena, &step->session->work, number_of(step, 1));
    step->result->affected = row != NULL;
    return row;
}

static void do_history_mark(struct step *step)
{
    struct fake_row *row = open_row(step);

    if (row) {
        row->attempted = number_of(step, 2);
        row->done = number_of(step, 3);
        COPY(done_checksum, 4);
        COPY(run_id, 5);
    }
}

static void do_history_close(struct step *step)
{
    struct fake_row *row = open_row(step);

    if (row) {
        snprintf(row->state, sizeof(row->state), "done");
        row->attempted = row->done = number_of(step, 2);
        COPY(done_checksum, 3);
        COPY(applied_checksum, 4);
        COPY(run_id, 5);
    }
}

static void do_history_delete(struct step *step)
{
    struct fake_row *row = open_row(step);
    struct fake_state *state = &step->session->work;

    if (row) {
        memmove(row, row + 1,
                (size_t)(state->history + state->history_count - (row + 1)) * sizeof(*row));
        state->history_count--;
    }
}

/* ---- the revision's own */

/* The word after "MARK" in the text, or NULL. */
static const char *word_after(const struct step *step, const char *mark)
{
    const char *text =
        arena_strndup(step->request->arena, step->command->sql, step->command->length);
    const char *at = strstr(text, mark);

    if (!at) {
        return NULL;
    }
    at += strlen(mark);
    return arena_strndup(step->request->arena, at, strcspn(at, " ';\n"));
}

static void do_statement(struct step *step)
{
    struct fake_session *session = step->session;
    struct arena *arena = &session->server->arena;
    const char *invalid = word_after(step, "invalid:");

    note_lock(step);
    step->code = word_after(step, "fail:");
    if (invalid) {
        fake_add_text(arena, &session->work.invalid, &session->work.invalid_count, invalid);
    }
    if (!step->code) {
        fake_add_text(arena, &session->work.witness, &session->work.witness_count,
                      arena_strndup(arena, step->command->sql, step->command->length));
    } else if (invalid && !session->in_transaction) {
        session->server->state = session->work; /* CONCURRENTLY commits in between */
    }
}

static void do_check(struct step *step)
{
    const char *rows = word_after(step, "rows:");
    const char *value = word_after(step, "value:");
    size_t count = rows ? strtoul(rows, NULL, 10) : 0;

    step->code = word_after(step, "fail:");
    if (value) {
        answer_one(step, value);
        return;
    }
    const char **cells = arena_array(step->request->arena, count, sizeof(*cells));
    for (size_t i = 0; i < count; i++) {
        cells[i] = "x";
    }
    fake_answer(step, 1, count, cells);
}

/* Settings are not kept; but what would last is counted where it must not. */
static void do_setting(struct step *step)
{
    step->session->server->lasting +=
        step->session->pooled && strstr(step->command->sql, ", false)") != NULL;
}

static void do_session(struct step *step)
{
    const char **cells = arena_array(step->request->arena, 3, sizeof(*cells));

    if (!is_postgresql(step)) {
        return; /* settings alone */
    }
    do_setting(step);
    cells[0] = fake_parameter(step, 1);
    cells[1] = step->session->server->schema;
    fake_answer(step, 3, 1, cells);
}

static void do_foreign_keys(struct step *step)
{
    answer_one(step, "0");
}

static void do_width(struct step *step)
{
    answer_one(step, "64");
}

static void do_nothing(struct step *step)
{
    (void)step;
}

static const struct {
    const char *purpose;
    void (*run)(struct step *step);
} table[] = {
    {"locate", do_locate},
    {"heads", do_heads},
    {"heads_brief", do_heads_brief},
    {"heads_version", do_heads_version},
    {"heads_history", do_heads_history},
    {"survey", fake_survey},
    {"survey_version", fake_survey_heads},
    {"survey_version_brief", fake_survey_heads},
    {"history_run", do_history_run},
    {"history_seen", do_history_seen},
    {"history_sums", do_history_sums},
    {"invalid", do_invalid},
    {"plain_tables", do_no_rows},
    {"width", do_width},
    {"holder", do_no_rows},
    {"holder_rows", do_no_rows},
    {"holder_lock", do_holder_lock},
    {"lock", do_lock},
    {"lock_transaction", do_lock_transaction},
    {"begin", do_begin},
    {"commit", do_commit},
    {"rollback", do_rollback},
    {"create_version", do_create_version},
    {"create_history", do_create_history},
    {"version_insert", do_version_insert},
    {"version_update", do_version_update},
    {"version_delete", do_version_delete},
    {"history_insert", do_history_insert},
    {"history_mark", do_history_mark},
    {"history_close", do_history_close},
    {"history_delete", do_history_delete},
    {"statement", do_statement},
    {"check", do_check},
    {"session", do_session},
    {"foreign_keys", do_foreign_keys},
    {"read_committed", do_nothing},
    {"read_only", do_nothing},
    {"fresh", do_nothing},
    {"role", do_setting},
    {"path", do_setting},
    {"setting", do_setting},
    {"settings", do_setting},
    {"timeouts", do_setting},
    {"check_interval", do_setting},
    {"foreign_keys_off", do_nothing},
    {"foreign_keys_on", do_nothing},
    {"violations", do_nothing},
};

void fake_run_command(struct step *step)
{
    struct fake_server *server = step->session->server;
    const struct command *command = step->command;

    if (server->allow && !server->allow(server->context, step->session, command, &step->code)) {
        return;
    }
    if (step->session->failed && strcmp(command->purpose, "rollback") != 0 &&
        strcmp(command->purpose, "commit") != 0) {
        step->code = "25P02";
        return;
    }
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].purpose, command->purpose) == 0) {
            table[i].run(step);
            return;
        }
    }
    BUG("fake server: no purpose %s", command->purpose);
}
