#include "workers/holders.h"

#include <stdlib.h>

static int64_t number(const char *cell)
{
    return cell ? strtoll(cell, NULL, 10) : 0;
}

struct holder *holders_read(struct arena *arena, const char *const *cells)
{
    struct holder *holder = arena_alloc(arena, sizeof(*holder));

    *holder = (struct holder){
        .pid = number(cells[0]),
        .application = arena_strdup(arena, cells[1]),
        .user = arena_strdup(arena, cells[2]),
        .since = arena_strdup(arena, cells[3]),
        .since_us = number(cells[4]),
        .state = arena_strdup(arena, cells[5]),
        .query = holder_query(arena, cells[6]),
    };
    return holder;
}
