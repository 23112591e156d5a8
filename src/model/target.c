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
