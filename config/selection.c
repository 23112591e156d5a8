#include "config/selection.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/file.h"
#include "base/map.h"
#include "base/str.h"
#include "base/text.h"

#define NAMES_FILE_LIMIT ((size_t)16 * 1024 * 1024)

/* Labels that every target has by itself. */
enum built_in {
    LABEL_ENGINE,
    LABEL_SERVER,
    LABEL_DATABASE,
    LABEL_SCHEMA,
    LABEL_VERSION,
    LABEL_COUNT
};

static const char *const built_ins[LABEL_COUNT] = {
    [LABEL_ENGINE] = "engine", [LABEL_SERVER] = "server",   [LABEL_DATABASE] = "database",
    [LABEL_SCHEMA] = "schema", [LABEL_VERSION] = "version",
};

/* One of the terms of a selector: key=value or key!=value. */
struct term {
    char *key, *value;
    bool differs;
};

/* Cuts the next term off; false at the end. *wrong: it is none. */
static bool next_term(char **rest, struct term *term, bool *wrong)
{
    char *text = *rest, *end, *equals;

    *wrong = false;
    if (!text) {
        return false;
    }
    end = strchr(text, ',');
    *rest = end ? end + 1 : NULL;
    if (end) {
        *end = '\0';
    }
    equals = strchr(text, '=');
    *wrong = !equals || equals == text || (equals == text + 1 && *text == '!');
    if (*wrong) {
        *term = (struct term){.key = text};
        return true;
    }
    term->differs = equals[-1] == '!';
    equals[term->differs ? -1 : 0] = '\0';
    term->key = text;
    term->value = equals + 1;
    return true;
}

static const char *label_of(const struct fleet *fleet, const struct target *target, const char *key)
{
    if (strcmp(key, built_ins[LABEL_ENGINE]) == 0) {
        return engine_name(target->engine);
    }
    if (strcmp(key, built_ins[LABEL_SERVER]) == 0) {
        return fleet->servers[target->server].name;
    }
    if (strcmp(key, built_ins[LABEL_DATABASE]) == 0) {
        return target->database;
    }
    if (strcmp(key, built_ins[LABEL_SCHEMA]) == 0) {
        return target->schema;
    }
    return pair_get(&target->labels, key);
}

/* A target without the label differs from every value. */
static bool term_matches(const struct fleet *fleet, const struct target *target,
                         const struct term *term)
{
    const char *value = label_of(fleet, target, term->key);
    bool equal = value && strcmp(value, term->value) == 0;

    if (!equal && strcmp(term->key, built_ins[LABEL_SERVER]) == 0) {
        equal = strcmp(fleet->servers[target->server].address, term->value) == 0;
    }
    return equal != term->differs;
}

/* All labels of the fleet, the built-in ones first. */
static void collect_labels(const struct fleet *fleet, struct map *labels)
{
    for (size_t i = 0; i < LABEL_COUNT; i++) {
        map_set(labels, built_ins[i], (void *)built_ins[i]);
    }
    for (size_t i = 0; i < fleet->target_count; i++) {
        const struct pair_list *list = &fleet->targets[i].labels;

        for (size_t k = 0; k < list->count; k++) {
            map_set(labels, list->items[k].key, (void *)list->items[k].key);
        }
    }
}

/* The keys of a map as an array. */
static const char **keys_of(const struct map *map, struct arena *arena)
{
    const char **keys = arena_array(arena, map->count + 1, sizeof(*keys));

    for (size_t i = 0; i < map->count; i++) {
        keys[i] = map->entries[i].key;
    }
    return keys;
}

static int fail_label(const struct map *labels, const char *key, struct arena *arena,
                      struct err *err)
{
    const char **keys = keys_of(labels, arena);
    const char *nearest = text_nearest(key, keys, labels->count);
    struct str list = STR_INIT;

    for (size_t i = 0; i < labels->count; i++) {
        str_addf(&list, "%s%s", i ? ", " : "", keys[i]);
    }
    err_set(err, ERROR_USAGE, "no target has a label \"%.100s\"", key);
    err_hint(err, "%s%s%slabels: %s", nearest ? "did you mean " : "", nearest ? nearest : "",
             nearest ? "? " : "", list.text);
    str_release(&list);
    return ERROR_USAGE;
}

/* The terms of a selector are read once per selector, the targets are walked for each term. */
static int apply_selector(const struct fleet *fleet, const char *text, const struct map *labels,
                          struct arena *arena, bool *keep, struct err *err)
{
    char *rest = arena_strdup(arena, text);
    bool *matched = arena_alloc(arena, fleet->target_count);
    size_t count = 0;
    struct term term;
    bool wrong;

    memset(matched, true, fleet->target_count);
    while (next_term(&rest, &term, &wrong)) {
        if (wrong) {
            err_set(err, ERROR_USAGE, "-l %.200s: \"%.100s\" is no LABEL=VALUE or LABEL!=VALUE",
                    text, term.key);
            err_hint(err, "for example -l tier=gold,region!=eu");
            return ERROR_USAGE;
        }
        if (!map_get(labels, term.key)) {
            return fail_label(labels, term.key, arena, err);
        }
        for (size_t i = 0; i < fleet->target_count; i++) {
            matched[i] = matched[i] && (strcmp(term.key, built_ins[LABEL_VERSION]) == 0 ||
                                        term_matches(fleet, &fleet->targets[i], &term));
        }
    }
    for (size_t i = 0; i < fleet->target_count; i++) {
        count += matched[i];
        keep[i] = keep[i] && matched[i];
    }
    return count ? 0 : err_set(err, ERROR_USAGE, "-l %.200s matches no target", text);
}

/* Sets hit[i] of all that match; a name itself goes before the same text as a pattern. */
static size_t mark_matches(const struct fleet *fleet, const struct map *names, const char *pattern,
                           bool *hit)
{
    const struct target *exact = map_get(names, pattern);
    bool glob = text_is_glob(pattern);
    size_t count = 0;

    if (exact && !exact->entry) {
        hit[exact - fleet->targets] = true;
        return 1;
    }
    for (size_t i = 0; i < fleet->target_count; i++) {
        const struct target *target = &fleet->targets[i];

        if ((glob && text_glob(pattern, target->name)) ||
            (target->entry && text_glob(target->name, pattern))) {
            hit[i] = true;
            count++;
        }
    }
    return count;
}

/* An entry that stands for many goes only with all of them. */
static bool goes_whole(const struct target *target, const char *pattern)
{
    return !target->entry || text_glob(pattern, target->name);
}

static int fail_name(const struct map *names, const char *option, const char *pattern,
                     struct arena *arena, struct err *err)
{
    const char *nearest =
        text_is_glob(pattern) ? NULL : text_nearest(pattern, keys_of(names, arena), names->count);

    err_set(err, ERROR_USAGE, "%s %.200s matches no target", option, pattern);
    if (nearest) {
        err_hint(err, "did you mean %s?", nearest);
    } else {
        err_hint(err, "skein targets lists their names");
    }
    return ERROR_USAGE;
}

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* @FILE: one name or pattern a line, # begins a comment line. */
static int mark_file(const struct fleet *fleet, const struct map *names, const char *path,
                     struct arena *arena, bool *hit, struct err *err)
{
    struct file_text text;
    size_t count = 0;
    int line_number = 0;

    if (file_read(arena, path, NAMES_FILE_LIMIT, &text, err)) {
        return ERROR_CONFIGURATION;
    }
    if (memchr(text.data, '\0', text.length)) {
        err_set(err, ERROR_USAGE, "%.300s holds a NUL: what stands behind it would not be seen",
                path);
        err_hint(err, "a name a line, as UTF-8: tr '\\0' '\\n' makes lines of what -print0 wrote");
        return ERROR_USAGE;
    }
    for (char *line = text.data + (strncmp(text.data, BYTE_ORDER_MARK, 3) == 0 ? 3 : 0);
         line && *line;) {
        char *end = strchr(line, '\n');
        char *next = end ? end + 1 : NULL;

        end = end ? end : line + strlen(line);
        while (end > line && strchr(" \t\r", end[-1])) {
            end--;
        }
        *end = '\0';
        line += strspn(line, " \t");
        line_number++;
        if (*line && *line != '#') {
            if (!mark_matches(fleet, names, line, hit)) {
                fail_name(names, "the name", line, arena, err);
                err_at(err, path, line_number, 1);
                return ERROR_USAGE;
            }
            count++;
        }
        line = next;
    }
    return count ? 0 : err_set(err, ERROR_USAGE, "%.300s names no target", path);
}

static int apply_tenants(const struct fleet *fleet, const struct selection *selection,
                         const struct map *names, struct arena *arena, bool *keep, struct err *err)
{
    if (!selection->tenant_count) {
        memset(keep, true, fleet->target_count);
        return 0;
    }
    for (size_t i = 0; i < selection->tenant_count; i++) {
        const char *tenant = selection->tenants[i];

        if (*tenant == '@') {
            if (mark_file(fleet, names, tenant + 1, arena, keep, err)) {
                return (int)err->class;
            }
        } else if (!mark_matches(fleet, names, tenant, keep)) {
            return fail_name(names, "-t", tenant, arena, err);
        }
    }
    return 0;
}

static int apply_excludes(const struct fleet *fleet, const struct selection *selection,
                          const struct map *names, struct arena *arena, bool *keep, struct err *err)
{
    for (size_t i = 0; i < selection->exclude_count; i++) {
        bool *hit = arena_alloc(arena, fleet->target_count);

        if (!mark_matches(fleet, names, selection->excludes[i], hit)) {
            return fail_name(names, "--exclude", selection->excludes[i], arena, err);
        }
        for (size_t k = 0; k < fleet->target_count; k++) {
            keep[k] =
                keep[k] && !(hit[k] && goes_whole(&fleet->targets[k], selection->excludes[i]));
        }
    }
    return 0;
}

int selection_apply(const struct fleet *fleet, const struct selection *selection,
                    struct arena *arena, size_t **targets, size_t *count, struct err *err)
{
    bool *keep = arena_alloc(arena, fleet->target_count);
    struct map names, labels;

    map_init(&names, arena);
    map_init(&labels, arena);
    for (size_t i = 0; i < fleet->target_count; i++) {
        map_set(&names, fleet->targets[i].name, (void *)&fleet->targets[i]);
    }
    collect_labels(fleet, &labels);
    if (apply_tenants(fleet, selection, &names, arena, keep, err)) {
        return (int)err->class;
    }
    for (size_t i = 0; i < selection->selector_count; i++) {
        if (apply_selector(fleet, selection->selectors[i], &labels, arena, keep, err)) {
            return (int)err->class;
        }
    }
    if (apply_excludes(fleet, selection, &names, arena, keep, err)) {
        return (int)err->class;
    }
    *targets = arena_array(arena, fleet->target_count, sizeof(**targets));
    *count = 0;
    for (size_t i = 0; i < fleet->target_count; i++) {
        if (keep[i]) {
            (*targets)[(*count)++] = i;
        }
    }
    if (!*count && fleet->target_count) {
        err_set(err, ERROR_USAGE, "the selection leaves no target of %zu", fleet->target_count);
        err_hint(err, "-t are added, -l and --exclude take away");
        return ERROR_USAGE;
    }
    return 0;
}

/* Whether a term may hold for a tenant of which only this is known. */
static bool may_hold(const struct selection_known *known, const struct term *term)
{
    const char *value;
    bool equal;

    if (strcmp(term->key, built_ins[LABEL_SERVER]) == 0) {
        equal = strcmp(known->server, term->value) == 0 || strcmp(known->address, term->value) == 0;
        return equal != term->differs;
    }
    if (strcmp(term->key, built_ins[LABEL_ENGINE]) == 0) {
        value = engine_name(known->engine);
    } else {
        for (size_t i = 0; i < LABEL_COUNT; i++) {
            if (strcmp(term->key, built_ins[i]) == 0) {
                return true;
            }
        }
        value = pair_get(known->labels, term->key);
    }
    equal = value && strcmp(value, term->value) == 0;
    return equal != term->differs;
}

bool selection_may_match(const struct selection *selection, const struct selection_known *known)
{
    bool may = true;

    for (size_t i = 0; may && i < selection->selector_count; i++) {
        char *copy = xstrdup(selection->selectors[i]), *rest = copy;
        struct term term;
        bool wrong;

        while (may && next_term(&rest, &term, &wrong)) {
            may = wrong || may_hold(known, &term);
        }
        free(copy);
    }
    return may;
}

/* Whether the heads match every `version` term; "" for a target at base. */
static bool version_matches(const struct selection *selection, const char *version, bool *asked)
{
    for (size_t i = 0; i < selection->selector_count; i++) {
        char *copy = xstrdup(selection->selectors[i]), *rest = copy;
        struct term term;
        bool wrong, matches = true;

        while (next_term(&rest, &term, &wrong)) {
            if (wrong || strcmp(term.key, built_ins[LABEL_VERSION]) != 0) {
                continue;
            }
            *asked = true;
            matches = matches && (version && strcmp(version, term.value) == 0) != term.differs;
        }
        free(copy);
        if (!matches) {
            return false;
        }
    }
    return true;
}

bool selection_needs_version(const struct selection *selection)
{
    bool asked = false;

    version_matches(selection, NULL, &asked);
    return asked;
}

size_t selection_by_version(const struct selection *selection, const char *const *versions,
                            size_t *targets, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        bool asked = false;

        if (version_matches(selection, versions[i], &asked)) {
            targets[kept++] = targets[i];
        }
    }
    return kept;
}

size_t selection_shard(const struct fleet *fleet, unsigned index, unsigned shards, size_t *targets,
                       size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        const struct target *target = &fleet->targets[targets[i]];
        const char *key = target->engine == ENGINE_SQLITE ? target->database
                                                          : fleet->servers[target->server].address;
        uint64_t hash = map_hash(key);

        /* FNV's bits follow the last bytes too closely for short names that are numbered. */
        hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
        if ((hash ^ hash >> 33) % shards == index - 1) {
            targets[kept++] = targets[i];
        }
    }
    return kept;
}
