/*
 * check.h: what unit tests share: cmocka with the headers that it wants first, a test for what must
 * abort, and a folder that goes away.
 */
#ifndef SKEIN_TESTS_UNIT_CHECK_H
#define SKEIN_TESTS_UNIT_CHECK_H

/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Calls `body` in a child, which must end by SIGABRT with `expected` in what it wrote on stderr. */
void check_aborts(void (*body)(void *context), void *context, const char *expected);

/* A new folder for one test; check_folder_remove removes it with all that is in it, and frees the
 * name. */
char *check_folder(void);
void check_folder_remove(char *folder);

/* Writes a whole file, replacing what was there. */
void check_write(const char *folder, const char *name, const char *text);

#endif
