#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

#define BLOCK_FIRST ((size_t)4096)
#define BLOCK_LAST  ((size_t)256 * 1024)
#define ALIGNMENT   alignof(max_align_t)

struct arena_block {
    struct arena_block *next; /* older */
    size_t size;              /* of data */
    size_t used;
    alignas(max_align_t) char data[];
};

void arena_init(struct arena *arena)
{
    *arena = (struct arena)ARENA_INIT;
}

static void free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;

        free(block);
        block = next;
    }
}

void arena_release(struct arena *arena)
{
    free_blocks(arena->blocks);
    arena_init(arena);
}

void arena_clear(struct arena *arena)
{
    struct arena_block *newest = arena->blocks;

    if (!newest) {
        return;
    }
    free_blocks(newest->next);
    newest->next = NULL;
    newest->used = 0;
    arena->used = 0;
    if (newest->size > BLOCK_LAST) {
        arena_release(arena); /* one huge item must not stay for good */
    }
}

static struct arena_block *block_new(size_t size)
{
    struct arena_block *block = xmalloc(sizeof(*block) + size);

    block->next = NULL;
    block->size = size;
    block->used = 0;
    return block;
}

/* A block with room for `size`. What is large beside the usual block gets one of its own, behind
 * the newest, whose rest stays in use. */
static struct arena_block *block_for(struct arena *arena, size_t size)
{
    struct arena_block *newest = arena->blocks;
    struct arena_block *block;
    size_t usual = BLOCK_FIRST;

    if (newest && newest->size - newest->used >= size) {
        return newest;
    }
    if (newest && newest->size >= BLOCK_FIRST) {
        usual = newest->size >= BLOCK_LAST / 2 ? BLOCK_LAST : newest->size * 2;
    }
    if (newest && size > usual / 4) {
        block = block_new(size);
        block->next = newest->next;
        newest->next = block;
        return block;
    }
    block = block_new(size > usual ? size : usual);
    block->next = newest;
    arena->blocks = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct arena_block *block;
    size_t rounded;
    void *memory;

    if (size > PTRDIFF_MAX - sizeof(struct arena_block) - ALIGNMENT) {
        BUG("arena: %zu bytes asked for", size);
    }
    rounded = size ? (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
    block = block_for(arena, rounded);
    memory = block->data + block->used;
    block->used += rounded;
    arena->used += rounded;
    return memset(memory, 0, rounded);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        BUG("arena: %zu items of %zu bytes asked for", count, size);
    }
    return arena_alloc(arena, bytes);
}

void *arena_grow(struct arena *arena, void *items, size_t size, size_t *capacity, size_t needed)
{
    size_t wanted = *capacity ? *capacity * 2 : 8;
    void *grown;

    if (needed <= *capacity) {
        return items;
    }
    if (wanted < needed) {
        wanted = needed;
    }
    grown = arena_array(arena, wanted, size);
    if (*capacity) {
        memcpy(grown, items, *capacity * size);
    }
    *capacity = wanted;
    return grown;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

const char *const *arena_texts(struct arena *arena, const char *const *texts, size_t count)
{
    const char **copies = texts ? arena_array(arena, count, sizeof(*copies)) : NULL;

    for (size_t i = 0; texts && i < count; i++) {
        copies[i] = arena_strdup(arena, texts[i]);
    }
    return copies;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);

    if (length) {
        memcpy(copy, text, length);
    }
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    char *text;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0) {
        BUG("arena: cannot format \"%s\"", format);
    }
    text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}
