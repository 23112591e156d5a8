#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "fake_internal.h"

#define LOCATED 12 /* columns */
#define WHOLE   13
#define BRIEF   4

static struct fake_server *neighbour(const struct step *step, const char *schema)
{
    struct fake_server *server = step->session->server;

    return server->neighbour                     ? server->neighbour(server->context, schema)
           : strcmp(server->schema, schema) == 0 ? server
                                                 : NULL;
}

static void located_cells(const struct step *step, const struct fake_server *server, size_t number,
                          const char **cells)
{
    cells[0] = server->database;
    cells[1] = server->replica ? "t" : "f";
    cells[2] = cells[5] = server->schema;
    cells[3] = server->state.version_table ? "1" : NULL;
    cells[4] = server->state.history_table ? "2" : NULL;
    cells[6] = "150000";
    cells[7] = server->read_only || server->replica ? "on" : "off";
    cells[8] = fake_number(step, step->session->pooled ? FAKE_SESSION + 1 : FAKE_SESSION);
    cells[9] = "none";
    cells[10] = fake_number(step, (long)number);
    cells[11] = "t";
}

/* The names come as an array: {"a","b"}. The tests' names have nothing in them to be escaped. */
void fake_survey(struct step *step)
{
    struct arena *arena = step->request->arena;
    char *names = arena_strdup(arena, fake_parameter(step, 1));
    const char **cells = arena_array(arena, strlen(names) * LOCATED, sizeof(*cells));
    size_t number = 0, rows = 0;

    for (char *rest = names, *name; (name = strtok_r(rest, "{\",}", &rest));) {
        struct fake_server *server = neighbour(step, name);

        number++;
        if (server) {
            located_cells(step, server, number, cells + LOCATED * rows++);
        }
    }
    fake_answer(step, LOCATED, rows, cells);
}

void fake_history_cells(const struct step *step, const struct fake_row *row, const char **cells)
{
    cells[0] = row->revision;
    cells[1] = fake_number(step, row->seq);
    cells[2] = row->direction;
    cells[3] = row->state;
    cells[4] = fake_number(step, row->total);
    cells[5] = fake_number(step, row->attempted);
    cells[6] = fake_number(step, row->done);
    cells[7] = row->checksum;
    cells[8] = row->done_checksum;
    cells[9] = row->applied_checksum;
    cells[10] = row->run_id;
    cells[11] = "2026-11-20 10:30:00+00";
}

/* What one part of the UNION reads; false: its table is not there. */
static bool read_part(struct step *step, const char *number, const struct fake_server *server,
                      bool version, const char **cells, size_t *rows)
{
    const struct fake_state *state = &server->state;
    long last = 0;

    for (size_t i = 0; version && i < state->version_count; i++) {
        const char **row = cells + WHOLE * (*rows)++;
        row[0] = number;
        row[1] = state->version[i];
    }
    for (size_t i = 0; i < state->history_count; i++) {
        last = state->history[i].seq > last ? state->history[i].seq : last;
    }
    for (size_t i = 0; !version && i < state->history_count; i++) {
        const struct fake_row *row = &state->history[i];
        if (strcmp(row->state, "started") == 0 || row->seq == last) {
            cells[WHOLE * *rows] = number;
            fake_history_cells(step, row, cells + WHOLE * (*rows)++ + 1);
        }
    }
    return version ? state->version_table : state->history_table;
}

static void shorten(struct step *step)
{
    const struct result *result = step->result;
    const char **cells =
        arena_array(step->request->arena, result->row_count * BRIEF, sizeof(*cells));

    for (size_t i = 0; i < result->row_count; i++) {
        const char *const *whole = result->cells + WHOLE * i;
        cells[BRIEF * i] = whole[0];
        cells[BRIEF * i + 1] = whole[2] ? whole[10] : whole[1];
        cells[BRIEF * i + 2] = whole[2];
        cells[BRIEF * i + 3] = whole[4];
    }
    fake_answer(step, BRIEF, result->row_count, cells);
}

/* Room for what every part could answer. */
static const char **cells_of(struct step *step, size_t parts)
{
    return arena_array(step->request->arena, parts * WHOLE, sizeof(char *));
}

/* Each part says SELECT NUMBER, … FROM "SCHEMA"."TABLE". */
void fake_survey_heads(struct step *step)
{
    struct arena *arena = step->request->arena;
    char *sql = arena_strndup(arena, step->command->sql, step->command->length);
    const char **cells = cells_of(step, step->command->length); /* a row takes more letters */
    size_t rows = 0;

    for (char *at = strstr(sql, "SELECT "); at; at = strstr(at, "SELECT ")) {
        const char *number = at + strlen("SELECT ");
        char *schema = strstr(number, "FROM \"") + strlen("FROM \"");
        char *table = strstr(schema, "\".\"");
        bool version = strncmp(table, "\".\"alembic_version", 18) == 0;
        struct fake_server *server =
            neighbour(step, arena_strndup(arena, schema, (size_t)(table - schema)));

        number = arena_strndup(arena, number, strspn(number, "0123456789"));
        if (!server || !read_part(step, number, server, version, cells, &rows)) {
            fake_missing_table(step);
            return;
        }
        at = table;
    }
    fake_answer(step, WHOLE, rows, cells);
    if (strstr(step->command->purpose, "brief")) {
        shorten(step);
    }
}
