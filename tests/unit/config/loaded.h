/*
 * loaded.h: what the tests of config/ share: a text as skein.yaml in a folder of its own, read into
 * a fleet, shown as lines.
 */
#ifndef SKEIN_TESTS_UNIT_CONFIG_LOADED_H
#define SKEIN_TESTS_UNIT_CONFIG_LOADED_H

#include "check.h"
#include "config/config.h"

/* Reads the text. `names`: what every server answers (ends with NULL); NULL: nobody answers. The
 * result lies in the arena: a line a target, or a line an error, "LINE:COLUMN MESSAGE (HINT)". The
 * folder's path reads as "@". */
const char *loaded_text(struct arena *arena, const char *folder, const char *yaml,
                        const char *const *names);

/* The same fleet as a value; the test fails where there are errors. */
const struct fleet *loaded_fleet(struct arena *arena, const char *folder, const char *yaml,
                                 const char *const *names);

/* HOST=db.example.org, PORT=6000, SECRET=canary%40, EMPTY=, URL=postgresql://u@h/d. */
const char *loaded_environment(const char *name);

/* One text after another must give what is expected; all differences are shown. */
struct loaded_case {
    const char *yaml, *expected;
};
void loaded_cases(const struct loaded_case *cases, size_t count, const char *const *names);

#endif
