#include "report/protection.h"

#include <stdlib.h>
#include <string.h>

#include "report/words.h"

#define SERVERS_NAMED 6 /* of one mode */

/* Targets of one server by one mode. */
struct weakness {
    const char *mode, *server;
    size_t targets;
};

static int compare(const void *left, const void *right)
{
    const struct weakness *a = left, *b = right;
    int order = strcmp(a->mode, b->mode);
    return order != 0 ? order : strcmp(a->server, b->server);
}

static size_t collect(const struct run_result *result, struct arena *arena,
                      struct weakness **weaknesses)
{
    struct weakness *all = arena_array(arena, result->count, sizeof(*all));
    size_t count = 0, kept = 0;
    for (size_t i = 0; result->outcomes != NULL && i < result->count; i++) {
        const struct target *target = &result->fleet->targets[result->targets[i]];
        if (result->outcomes[i].weak_tls != NULL)
            all[count++] = (struct weakness){result->outcomes[i].weak_tls,
                                             result->fleet->servers[target->server].name, 1};
    }
    if (count > 1)
        qsort(all, count, sizeof(*all), compare);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && compare(&all[kept - 1], &all[i]) == 0)
            all[kept - 1].targets++;
        else
            all[kept++] = all[i];
    }
    *weaknesses = all;
    return kept;
}

void report_weak_tls_text(const struct run_result *result, struct str *out)
{
    struct arena arena = ARENA_INIT;
    struct weakness *all;
    size_t count = collect(result, &arena, &all);
    for (size_t i = 0, end; i < count; i = end) {
        str_addf(out, "%s%s on ", i > 0 ? "; " : "tls weaker than verify-full: ", all[i].mode);
        for (end = i; end < count && strcmp(all[end].mode, all[i].mode) == 0; end++) {
            if (end - i >= SERVERS_NAMED)
                continue;
            str_add(out, end > i ? ", " : "");
            words_safe(out, all[end].server);
        }
        words_more(out, end - i, SERVERS_NAMED);
    }
    arena_release(&arena);
}

void report_weak_tls_json(struct json *json, const struct run_result *result)
{
    struct arena arena = ARENA_INIT;
    struct weakness *all;
    size_t count = collect(result, &arena, &all);
    if (count > 0) {
        json_key(json, "weak_tls");
        json_array(json);
        for (size_t i = 0; i < count; i++) {
            json_object(json);
            json_key_string(json, "mode", all[i].mode);
            json_key_string(json, "server", all[i].server);
            json_key_integer(json, "targets", (int64_t)all[i].targets);
            json_end_object(json);
        }
        json_end_array(json);
    }
    arena_release(&arena);
}
