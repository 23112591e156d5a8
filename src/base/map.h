/*
 * map.h: strings to pointers, in an arena. Open addressing; keys are not copied and must live as
 * long as the map. Iteration is in the order of insertion. Nothing is ever removed.
 */
#ifndef SKEIN_BASE_MAP_H
#define SKEIN_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_entry {
    const char *key;
    void *value;
};

struct map {
    struct arena *arena;
    struct map_entry *entries; /* in the order of insertion */
    size_t count, capacity;
    uint32_t *slots; /* index + 1 into entries; 0: free */
    size_t slot_count;
};

void map_init(struct map *map, struct arena *arena);
/* The value, or NULL. */
void *map_get(const struct map *map, const char *key);
/* Sets or replaces; the value must not be NULL. */
void map_set(struct map *map, const char *key, void *value);
/* FNV-1a, 64 bits, the same on every machine: what orders targets by a stable hash. */
uint64_t map_hash(const char *key);

#endif
