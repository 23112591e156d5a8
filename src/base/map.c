#include "base/map.h"

#include <string.h>

#include "base/arena.h"
#include "base/bug.h"

#define SLOTS_FIRST ((size_t)16)

void map_init(struct map *map, struct arena *arena)
{
    *map = (struct map){.arena = arena};
}

uint64_t map_hash(const char *key)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *key; key++) {
        hash ^= (unsigned char)*key;
        hash *= UINT64_C(1099511628211);
    }
    return hash;
}

/* The slot that holds the key, or the free one where it belongs. There is always a free one. */
static size_t find_slot(const struct map *map, const char *key)
{
    size_t mask = map->slot_count - 1;
    size_t slot = (size_t)map_hash(key) & mask;

    while (map->slots[slot] && strcmp(map->entries[map->slots[slot] - 1].key, key) != 0) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void grow_slots(struct map *map)
{
    map->slot_count = map->slot_count ? map->slot_count * 2 : SLOTS_FIRST;
    map->slots = arena_array(map->arena, map->slot_count, sizeof(*map->slots));
    for (size_t i = 0; i < map->count; i++) {
        map->slots[find_slot(map, map->entries[i].key)] = (uint32_t)(i + 1);
    }
}

void *map_get(const struct map *map, const char *key)
{
    size_t slot;

    if (!map->slot_count) {
        return NULL;
    }
    slot = find_slot(map, key);
    return map->slots[slot] ? map->entries[map->slots[slot] - 1].value : NULL;
}

void map_set(struct map *map, const char *key, void *value)
{
    size_t slot;

    if (!value) {
        BUG("map: no value for \"%s\"", key);
    }
    if (map->count >= UINT32_MAX - 1) {
        BUG("map: %zu keys", map->count);
    }
    if ((map->count + 1) * 4 > map->slot_count * 3) {
        grow_slots(map);
    }
    slot = find_slot(map, key);
    if (map->slots[slot]) {
        map->entries[map->slots[slot] - 1].value = value;
        return;
    }
    map->entries =
        arena_grow(map->arena, map->entries, sizeof(*map->entries), &map->capacity, map->count + 1);
    map->entries[map->count++] = (struct map_entry){.key = key, .value = value};
    map->slots[slot] = (uint32_t)map->count;
}
