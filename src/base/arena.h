/*
 * arena.h: memory with one lifetime.
 *
 * Four lifetimes exist: process, plan, worker, request (docs/design.md). What lies in an arena may
 * point into the same arena or into a longer-lived one, never into a shorter one. Nothing is freed
 * alone. Not thread-safe: one user at a time.
 */
#ifndef SKEIN_BASE_ARENA_H
#define SKEIN_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used;                /* bytes handed out, for tests and limits */
};

#define ARENA_INIT                                                                                 \
    {                                                                                              \
        0                                                                                          \
    }

/* An all-zero arena is valid and empty. */
void arena_init(struct arena *arena);

/* Frees all that was handed out; the arena is empty and usable afterwards. */
void arena_release(struct arena *arena);

/* Keeps the newest block for what comes next, so that a loop that clears its request arena stops
 * calling malloc. */
void arena_clear(struct arena *arena);

/* `size` zeroed bytes aligned for any type. Never NULL, also for size 0. */
void *arena_alloc(struct arena *arena, size_t size);

/* `count` zeroed items of `size` bytes; an overflow of the product is BUG(). */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* Makes room for `needed` items: returns `items` itself where *capacity suffices, else a copy with
 * at least twice the room (the old one stays until the arena goes). *capacity counts items and is
 * updated. items = arena_grow(arena, items, sizeof(*items), &capacity, count + 1); items[count++] =
 * item; */
void *arena_grow(struct arena *arena, void *items, size_t size, size_t *capacity, size_t needed);

/* Copies, NUL-terminated. arena_strdup(arena, NULL) is NULL. */
char *arena_strdup(struct arena *arena, const char *text);
/* A list of `count` texts, each copied; NULL stays NULL, a text as well as the list (a column whose
 * names a server did not give has none, whatever its count). */
const char *const *arena_texts(struct arena *arena, const char *const *texts, size_t count);
char *arena_strndup(struct arena *arena, const char *text, size_t length);

/* printf into the arena, of any length. */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0), nonnull(2)));

#endif
