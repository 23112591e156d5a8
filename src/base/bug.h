/*
 * bug.h: what cannot happen, and memory that cannot be refused.
 *
 * BUG() is for broken invariants of our own code, never for bad input: it prints the place and
 * aborts. Running out of memory ends here too: a killed skein is a case that every target survives,
 * so nothing else in the code checks malloc.
 */
#ifndef SKEIN_BASE_BUG_H
#define SKEIN_BASE_BUG_H

#include <stddef.h>

_Noreturn void bug_at(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)

/* malloc, realloc, strdup that abort where there is no memory. The caller owns the result and frees
 * it by free(). */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *memory, size_t size);
char *xstrdup(const char *text);

#endif
