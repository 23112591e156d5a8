/*
 * holder.h: who holds a lock, as text and as JSON.
 */
#ifndef SKEIN_REPORT_HOLDER_H
#define SKEIN_REPORT_HOLDER_H

#include "base/holder.h"
#include "base/str.h"
#include "report/json.h"

/* "pid 20417 metabase/bi  running 2h13m  SELECT …", "skein run 5f3a9c of acme  pid 7 migrator  idle
 * 12s  …". What the role that asked may not see is said to be so. */
void report_holder_text(const struct holder *holder, struct str *out);

/* {"pid", "application", "user", "since", "state", "query"}. NULL: null. */
void report_holder_json(const struct holder *holder, struct json *json);

#endif
