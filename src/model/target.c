#include "model/target.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

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

bool host_is_local(const char *host)
{
    struct in6_addr six;
    struct in_addr four;

    if (!host || *host == '/' || *host == '@' || strcasecmp(host, "localhost") == 0) {
        return true;
    }
    if (inet_pton(AF_INET, host, &four) == 1) {
        return ntohl(four.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

const char *tls_effective_mode(const char *said, const char *host)
{
    return said ? said : host_is_local(host) ? "prefer" : "verify-full";
}

bool tls_is_weak(const char *mode, const char *host)
{
    return strcmp(mode, "verify-full") != 0 && !host_is_local(host);
}
