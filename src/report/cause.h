/*
 * cause.h: the blocks "NEEDS YOU, by cause" and "NEXT" of the text report.
 */
#ifndef SKEIN_REPORT_CAUSE_H
#define SKEIN_REPORT_CAUSE_H

#include "report/report.h"

/* Entries of discover: that nobody answered; then one numbered block for each group of the same
 * error: what, where, how the targets stand, who, and what to type. */
void report_causes(const struct run_result *result, const struct report_style *style,
                   struct str *out);

/* Command lines that go on from here; nothing where all is well. */
void report_next(const struct run_result *result, const struct report_style *style,
                 struct str *out);

#endif
