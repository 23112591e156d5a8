/* `targets --format csv`: labels have a column each, `labels.KEY` as in a query of `discover:`. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "report/standing.h"
#include "report/words.h"

/* Quoted where RFC 4180 wants it; NULL is nothing. */
static void add_cell(struct str *out, bool first, const char *text)
{
    if (!first)
        str_addc(out, ',');
    if (text == NULL)
        return;
    if (strpbrk(text, ",\"\r\n") == NULL && *text != '\0') {
        str_add(out, text);
        return;
    }
    str_addc(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            str_addc(out, '"');
        str_addc(out, *text);
    }
    str_addc(out, '"');
}

static int compare_keys(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* All labels of the targets, sorted. */
static size_t collect_labels(const struct run_result *result, struct arena *arena,
                             const char ***keys)
{
    struct map labels;
    map_init(&labels, arena);
    for (size_t i = 0; i < result->count; i++) {
        const struct pair_list *own = &result->fleet->targets[result->targets[i]].labels;
        for (size_t k = 0; k < own->count; k++)
            map_set(&labels, own->items[k].key, (void *)own->items[k].key);
    }
    *keys = arena_array(arena, labels.count, sizeof(**keys));
    for (size_t i = 0; i < labels.count; i++)
        (*keys)[i] = labels.entries[i].key;
    if (labels.count > 0)
        qsort(*keys, labels.count, sizeof(**keys), compare_keys);
    return labels.count;
}

static void add_head(const char *const *keys, size_t count, bool pinged, struct str *out)
{
    str_add(out, "name,engine,server,database,schema");
    for (size_t i = 0; i < count; i++) {
        struct str column = STR_INIT;
        str_addf(&column, "labels.%s", keys[i]);
        add_cell(out, false, column.text);
        str_release(&column);
    }
    str_add(out, pinged ? ",state,heads,error\r\n" : "\r\n");
}

static void add_pinged(const struct standing *standing, size_t index, struct str *out)
{
    const struct outcome *outcome = &standing->result->outcomes[index];
    struct str heads = STR_INIT;
    for (size_t i = 0; i < outcome->after_count; i++)
        str_addf(&heads, "%s%s", i > 0 ? " " : "", outcome->after[i]);
    add_cell(out, false, standing_name(standing->states[index]));
    add_cell(out, false, outcome->read && heads.length > 0 ? heads.text : NULL);
    add_cell(out, false, outcome->error != NULL ? outcome->error->message : NULL);
    str_release(&heads);
}

void report_targets_csv(const struct standing *standing, bool pinged, struct str *out)
{
    const struct run_result *result = standing->result;
    struct arena arena = ARENA_INIT;
    const char **keys;
    size_t count = collect_labels(result, &arena, &keys);
    add_head(keys, count, pinged, out);
    for (size_t i = 0; i < result->count; i++) {
        const struct target *target = &result->fleet->targets[result->targets[i]];
        add_cell(out, true, target->name);
        add_cell(out, false, engine_name(target->engine));
        add_cell(out, false, result->fleet->servers[target->server].name);
        add_cell(out, false, target->database);
        add_cell(out, false, target->schema);
        for (size_t k = 0; k < count; k++)
            add_cell(out, false, pair_get(&target->labels, keys[k]));
        if (pinged)
            add_pinged(standing, i, out);
        str_add(out, "\r\n");
    }
    arena_release(&arena);
}
