/*
 * inspection.h: open rows of the history, statement by statement, with what the catalogue says of
 * the objects that each makes or drops.
 */
#ifndef SKEIN_REPORT_INSPECTION_H
#define SKEIN_REPORT_INSPECTION_H

#include "model/run.h"
#include "report/json.h"

/* result->inspections, those that read alike together; then how many targets have an open row. */
void report_inspections_text(const struct run_result *result, bool verbose, struct str *out);

/* "open" of a target's object: null where it has no open row. `target`: index into the fleet. */
void report_inspection_json(struct json *json, const struct run_result *result, size_t target);

/* The row itself, inside an open object. */
void report_open_row_fields(struct json *json, const struct history_row *row);

#endif
