/*
 * discover_parts.h: what the parts of discovery share: discover.c (the entry as a whole),
 * discover_files.c, discover_rows.c (what is there), finding.c (one that was found). Nobody else
 * includes it.
 */
#ifndef SKEIN_CONFIG_DISCOVER_PARTS_H
#define SKEIN_CONFIG_DISCOVER_PARTS_H

#include "config/discover.h"

struct finding {
    struct reader *reader;
    const struct inventory *inventory;
    const struct tenant_entry *tenant;
    const struct yaml_node *node; /* of discover: */
    const char *label;
    struct found *items;
    size_t count, capacity;
};

/* ---- finding.c */

/* A new error at the entry: "tenants[3].discover (server pg-a), row 7: MESSAGE"; row 0: none. */
struct err *finding_error(struct finding *finding, size_t row, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Foreign text for a message: safe to show, in quotes, cut where long; in the arena. */
const char *finding_show(struct finding *finding, const char *text);

/* Whether one of the patterns (globs) fits; NULL fits none. */
bool finding_matches(const struct texts *patterns, const char *name);

/* Adds one that was found: its name made from found->name (what {{name}} stands for), the names
 * checked. {{database}} stands for `word`. Texts are not copied. */
void finding_add(struct finding *finding, const struct found *found, const char *word);

/* ---- discover_files.c: every file that a pattern leads to, each once */
void discover_files(struct finding *finding);

/* ---- discover_rows.c: every row, by the meaning of its columns */
void discover_rows(struct finding *finding, const struct config_rows *rows);

#endif
