/*
 * protection.h: the mark of a run or a reading whose connections were weaker than verify-full to
 * servers that are not local: which servers, by which mode.
 */
#ifndef SKEIN_REPORT_PROTECTION_H
#define SKEIN_REPORT_PROTECTION_H

#include "base/str.h"
#include "model/run.h"
#include "report/json.h"

/* "tls weaker than verify-full: require on pg-a, pg-b; disable on pg-c", without a newline; nothing
 * where there is none. */
void report_weak_tls_text(const struct run_result *result, struct str *out);

/* "weak_tls": [{"mode", "server", "targets"}], where there is one. */
void report_weak_tls_json(struct json *json, const struct run_result *result);

#endif
