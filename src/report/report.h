/*
 * report.h: what a run says at its end, as text for people and as JSON for programs. Pure: values
 * in, text out; src/app prints it. The shapes are the contract's, sections 6 and 7, and
 * docs/reference.md.
 */
#ifndef SKEIN_REPORT_REPORT_H
#define SKEIN_REPORT_REPORT_H

#include "base/str.h"
#include "model/run.h"
#include "report/json.h"

struct report_style {
    bool verbose; /* -v: a line a target, details, all names */
    bool quiet;   /* -q: only what needs a person */
    bool color;
    /* "not_null_violation" for an engine's code, or NULL: planner/classify.h, which this layer does
     * not see. */
    const char *(*condition)(enum engine engine, const char *code);
    bool csv;          /* a list of targets as CSV */
    const char *again; /* the command line to type again: "skein upgrade head -c x.yaml" */
};

void report_run_text(const struct run_result *result, const struct report_style *style,
                     struct str *out);
void report_run_json(const struct run_result *result, const struct report_style *style,
                     struct str *out);

/* The lines of one plan group (`plan`, --dry-run) are in report/plan.h. */

/* `{"error": {...}}`, or the text "skein: FILE:LINE:COLUMN: message" with the hint on a line of its
 * own. `count` at least 1. */
void report_errors_json(const struct err *errors, size_t count, struct str *out);
void report_errors_text(const struct err *errors, size_t count, size_t total, struct str *out);

/* The value of "error" in a target's object; `detail` only with verbose. NULL: null. */
void report_error_value(struct json *json, const struct err *error, bool verbose);

/* "undiscovered": […] of an open object, where there are any. */
void report_undiscovered_json(struct json *json, const struct run_result *result, bool verbose);

/* name, engine, server, database, schema, labels of a target, inside an open object. */
void report_target_fields(struct json *json, const struct fleet *fleet,
                          const struct target *target);

#endif
