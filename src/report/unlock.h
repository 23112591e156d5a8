/*
 * unlock.h: what `unlock` found, and what it ended, as text and as JSON.
 */
#ifndef SKEIN_REPORT_UNLOCK_H
#define SKEIN_REPORT_UNLOCK_H

#include "model/fleet.h"
#include "model/unlock.h"
#include "report/report.h"

/* A line for each target whose lock is held or could not be asked about; those that are free are
 * counted, and named with `verbose`. */
void report_unlock_text(const struct fleet *fleet, const struct unlock *items, size_t count,
                        const struct report_style *style, struct str *out);
void report_unlock_json(const struct fleet *fleet, const struct unlock *items, size_t count,
                        const struct report_style *style, struct str *out);

#endif
