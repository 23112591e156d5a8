/*
 * fake_internal.h: what fake_server.c (the state, the sessions), fake_commands.c (what each purpose
 * does) and fake_survey.c (what reads many schemas) share.
 */
#ifndef SKEIN_TESTS_SUPPORT_FAKE_INTERNAL_H
#define SKEIN_TESTS_SUPPORT_FAKE_INTERNAL_H

#include "fake_server.h"

struct fake_session {
    struct fake_server *server;
    bool pooled;
    bool in_transaction, failed;
    bool lock_in_transaction; /* the lock ends with it */
    struct fake_state work;   /* inside a transaction; outside a copy for one request or command */
};

/* One command under way. */
struct step {
    struct fake_session *session;
    const struct request *request;
    const struct command *command;
    struct result *result;
    const char *code; /* it fails with this */
    const char *message;
};

/* Rows are added to a copy: a state that was copied keeps its own. */
void *fake_grown(struct arena *arena, const void *items, size_t count, size_t size);
void fake_add_version(struct arena *arena, struct fake_state *state, const char *id);
struct fake_row *fake_add_history(struct arena *arena, struct fake_state *state);
/* The open row, in an array of its own; NULL: none. */
struct fake_row *fake_open_row(struct arena *arena, struct fake_state *state, long seq);
void fake_add_text(struct arena *arena, char ***items, size_t *count, const char *text);
size_t fake_find_version(const struct fake_state *state, const char *id);

/* Whether skein's lock was had; `lasts`: beyond the transaction. */
bool fake_take_lock(struct fake_session *session, bool lasts);

/* Commits or rolls back. */
void fake_end_transaction(struct fake_session *session, bool commit);

/* ---- fake_commands.c */

void fake_answer(struct step *step, size_t columns, size_t rows, const char **cells);
const char *fake_parameter(const struct step *step, unsigned number);
const char *fake_number(const struct step *step, long value);
void fake_missing_table(struct step *step);

/* ---- fake_survey.c: many schemas at once */

/* HEADS' twelve cells of a row of the history. */
void fake_history_cells(const struct step *step, const struct fake_row *row, const char **cells);
void fake_survey(struct step *step);
void fake_survey_heads(struct step *step);

/* Does what the command's purpose says; a failure is left in step->code. */
void fake_run_command(struct step *step);

#endif
