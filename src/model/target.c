#include "model/target.h"

#include <string.h>

const char *pair_get(const struct pair_list *list, const char *key)
{
    size_t first = 0, end = list->count;

    while (first < end) {
        size_t middle = first + (end - first) / 2;
        int order = strcmp(list->items[middle].key, key);

        if (order == 0) {
            return list->items[middle].value;
        }
        if (order < 0) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return NULL;
}

struct pair_list pair_merge(struct arena *arena, const struct pair_list *list,
                            const struct pair_list *over)
{
    size_t over_count = over ? over->count : 0, count = 0, i = 0, j = 0;
    struct pair *items = arena_array(arena, list->count + over_count, sizeof(*items));

    while (i < list->count || j < over_count) {
        int order = i == list->count  ? 1
                    : j == over_count ? -1
                                      : strcmp(list->items[i].key, over->items[j].key);
        items[count++] = order < 0 ? list->items[i] : over->items[j];
        i += order <= 0;
        j += order >= 0;
    }
    return (struct pair_list){.items = items, .count = count};
}

bool endpoint_is_local(const struct endpoint *endpoint)
{
    const char *host = endpoint->host;

    return !host || *host == '/' || *host == '@' || strcmp(host, "localhost") == 0 ||
           strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}
