/*
 * alembic_ini.h: an alembic.ini with some values changed, as Python's configparser will read it.
 * The rest stays as it is written. Pure.
 */
#ifndef SKEIN_PLANNER_ALEMBIC_INI_H
#define SKEIN_PLANNER_ALEMBIC_INI_H

#include <stdbool.h>
#include <stddef.h>

struct str;

struct alembic_ini_change {
    const char *section, *key, *value; /* value: without a % */
    bool add; /* also where the section has no such key, or there is no such section */
};

/* Adds the changed text to `out`. No two changes have one section and key. */
void alembic_ini_change(const char *text, size_t length, const struct alembic_ini_change *changes,
                        size_t count, struct str *out);

#endif
