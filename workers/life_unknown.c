#include "base/str.h"
#include "planner/graph.h"
#include "workers/life_internal.h"

#define SEEN_COLUMNS 7

bool unknown_find(struct life *life)
{
    const struct life_connection *connection = &life->work->connection;
    const struct reading *reading = &connection->last;
    struct unknown_row *unknown = NULL;
    size_t count = 0;

    for (size_t i = 0; i < reading->row_count; i++) {
        if (!graph_find(life->order->planning->graph, reading->rows[i])) {
            unknown =
                unknown ? unknown : arena_array(&life->arena, reading->row_count, sizeof(*unknown));
            unknown[count++] = (struct unknown_row){.revision = reading->rows[i]};
        }
    }
    life->outcome.unknown = unknown;
    life->outcome.unknown_count = count;
    return count > 0 && connection->history_table && !connection->seen_asked;
}

bool unknown_ask(struct life *life)
{
    const struct life_connection *connection = &life->work->connection;
    const struct outcome *outcome = &life->outcome;

    if (outcome->unknown_count == 0 || !connection->history_table || connection->seen_asked) {
        return false;
    }
    request_start(life);
    prepare_add_preamble(life);
    for (size_t i = 0; i < outcome->unknown_count; i++) {
        request_add(life, DIALECT_HISTORY_SEEN, EXPECT_NOTHING, NULL, 1,
                    &outcome->unknown[i].revision);
    }
    return true;
}

bool unknown_answered(struct life *life, const struct reply *reply)
{
    size_t first = request_find(life, DIALECT_HISTORY_SEEN);
    struct outcome *outcome = &life->outcome;
    struct unknown_row *rows;

    if (first >= reply->completed) {
        return false;
    }
    rows = arena_array(&life->arena, outcome->unknown_count, sizeof(*rows));
    for (size_t i = 0; i < outcome->unknown_count; i++) {
        const struct result *result = &reply->results[first + i];
        rows[i] = outcome->unknown[i];
        if (result->row_count == 1 && result->column_count == SEEN_COLUMNS) {
            const char *const *cells = result->cells;
            rows[i].seen = true;
            rows[i].direction = arena_strdup(&life->arena, cells[0] ? cells[0] : "");
            rows[i].at = arena_strdup(&life->arena, cells[1]);
            rows[i].run_id = arena_strdup(&life->arena, cells[2]);
            rows[i].actor = arena_strdup(&life->arena, cells[3]);
            rows[i].tag = arena_strdup(&life->arena, cells[4]);
            rows[i].checksum = arena_strdup(&life->arena, cells[5]);
            rows[i].skein_version = arena_strdup(&life->arena, cells[6]);
        }
    }
    outcome->unknown = rows;
    life->work->connection.seen_asked = true;
    return true;
}

const struct err *unknown_explain(struct life *life, const struct err *refused)
{
    const struct outcome *outcome = &life->outcome;
    struct str words = STR_INIT;
    struct err *err;

    if (refused->class != ERROR_UNKNOWN_REVISION || !life->order->planning->fleet_of_one ||
        outcome->unknown_count == 0) {
        return refused;
    }
    for (size_t i = 0; i < outcome->unknown_count; i++) {
        if (outcome->unknown_count > 1) {
            str_addf(&words, "%s%s: ", i > 0 ? "; " : "", outcome->unknown[i].revision);
        }
        unknown_row_describe(&outcome->unknown[i], &words);
    }
    err = life_err(life);
    err_copy(err, refused);
    err_set(err, refused->class, "%s (%s)", refused->message, words.text);
    err_hint(err, "%s", refused->hint);
    str_release(&words);
    return err;
}
