#include "report/standing.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "report/cause.h"
#include "report/inspection.h"
#include "report/protection.h"
#include "report/words.h"

#define STANDING_HEADS 50 /* rows shown of a version table */
#define STANDING_NAMES 6  /* tenants named of a group; all with -v */

static const char *const state_names[STANDING_COUNT] = {"unreachable", "partial", "unknown",
                                                        "back",        "behind",  "head"};

const char *standing_name(enum standing_state state)
{
    return state_names[state];
}

bool standing_parse(const char *name, enum standing_state *state)
{
    for (int i = 0; i < STANDING_COUNT; i++)
        if (strcmp(state_names[i], name) == 0) {
            *state = (enum standing_state)i;
            return true;
        }
    return false;
}

/* Targets with the same heads (or that could not be read: key NULL heads). */
struct head_group {
    const struct outcome *first;
    size_t *members;
    size_t count, capacity;
};

static char *heads_key(struct arena *arena, const struct outcome *outcome)
{
    if (!outcome->read)
        return arena_strdup(arena, "?");
    struct str key = STR_INIT;
    for (size_t i = 0; i < outcome->after_count; i++)
        str_addf(&key, "=%s,", outcome->after[i]);
    char *copy = arena_strdup(arena, key.text);
    str_release(&key);
    return copy;
}

static int larger_first(const void *left, const void *right)
{
    const struct head_group *a = left, *b = right;
    if (a->first->read != b->first->read)
        return a->first->read ? -1 : 1;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->members[0] < b->members[0] ? -1 : a->members[0] > b->members[0];
}

static size_t group_by_heads(const struct run_result *result, struct arena *arena,
                             struct head_group **groups)
{
    struct map map;
    map_init(&map, arena);
    for (size_t i = 0; i < result->count; i++) {
        char *key = heads_key(arena, &result->outcomes[i]);
        struct head_group *group = map_get(&map, key);
        if (group == NULL) {
            group = arena_alloc(arena, sizeof(*group));
            group->first = &result->outcomes[i];
            map_set(&map, key, group);
        }
        group->members =
            arena_grow(arena, group->members, sizeof(size_t), &group->capacity, group->count + 1);
        group->members[group->count++] = i;
    }
    *groups = arena_array(arena, map.count, sizeof(struct head_group));
    for (size_t i = 0; i < map.count; i++)
        (*groups)[i] = *(struct head_group *)map.entries[i].value;
    if (map.count > 1)
        qsort(*groups, map.count, sizeof(struct head_group), larger_first);
    return map.count;
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool in_files(const struct standing *standing, const char *id)
{
    return bsearch(&id, standing->files, standing->file_count, sizeof(char *), compare_texts) !=
           NULL;
}

static const struct unknown_row *unknown_of(const struct outcome *outcome, const char *revision)
{
    for (size_t i = 0; i < outcome->unknown_count; i++)
        if (strcmp(outcome->unknown[i].revision, revision) == 0)
            return &outcome->unknown[i];
    return NULL;
}

/* The last that any target of the group tells of a row that no file has. */
static const struct unknown_row *last_seen(const struct standing *standing,
                                           const struct head_group *group, const char *revision)
{
    const struct unknown_row *last = NULL;
    for (size_t i = 0; i < group->count; i++) {
        const struct outcome *outcome = &standing->result->outcomes[group->members[i]];
        const struct unknown_row *row = unknown_of(outcome, revision);
        if (row != NULL && (last == NULL || (row->at != NULL &&
                                             (last->at == NULL || strcmp(row->at, last->at) > 0))))
            last = row;
    }
    return last;
}

static void add_unknown(const struct standing *standing, const struct head_group *group,
                        const char *revision, struct str *out)
{
    const struct unknown_row *row = last_seen(standing, group, revision);
    struct str words = STR_INIT;
    str_add(out, " (unknown: no such revision file");
    if (row != NULL) {
        unknown_row_describe(row, &words);
        str_add(out, "; ");
        words_safe(out, words.text);
    }
    str_addc(out, ')');
    str_release(&words);
}

/* "1975ea83b712 (head)", "deadbeef (unknown: …)" */
static void add_marked_heads(const struct standing *standing, const struct head_group *group,
                             struct str *out)
{
    const struct outcome *outcome = group->first;
    if (outcome->after_count == 0)
        str_add(out, "<base>");
    for (size_t i = 0; i < outcome->after_count && i < STANDING_HEADS; i++) {
        const char *head = outcome->after[i];
        str_add(out, i > 0 ? ", " : "");
        words_safe(out, head);
        if (text_is_among(head, standing->heads, standing->head_count))
            str_add(out, " (head)");
        else if (!in_files(standing, head))
            add_unknown(standing, group, head, out);
    }
    words_more(out, outcome->after_count, STANDING_HEADS);
    const char *covered =
        standing->covered != NULL ? standing->covered[outcome - standing->result->outcomes] : NULL;
    if (covered != NULL)
        str_addf(out, "   [%s: implied by another row, dropped by the next step]", covered);
}

static void add_current_group(const struct standing *standing, const struct head_group *group,
                              bool all, struct str *out)
{
    const struct run_result *result = standing->result;
    str_add(out, "  ");
    words_count(out, group->count, 7);
    str_add(out, group->count == 1 ? " target   " : " targets  ");
    if (group->first->read)
        add_marked_heads(standing, group, out);
    else
        str_add(out, "could not be read");
    str_add(out, "\n            ");
    words_names(out, result->fleet, result->targets, group->members, group->count,
                all ? group->count : STANDING_NAMES);
    str_addc(out, '\n');
}

/* As SQLAlchemy writes it, which Alembic shows; never a password. */
static void add_url(struct str *out, const struct target *target)
{
    const struct endpoint *endpoint = target->endpoint;
    str_addf(out, "%s://", engine_name(target->engine));
    if (target->engine == ENGINE_SQLITE) {
        str_addc(out, '/');
        words_safe(out, target->database);
        return;
    }
    if (endpoint->user != NULL) {
        words_safe(out, endpoint->user);
        str_addc(out, '@');
    }
    if (endpoint->host != NULL && endpoint->host[0] != '/')
        words_safe(out, endpoint->host);
    if (endpoint->port != NULL)
        str_addf(out, ":%s", endpoint->port);
    str_addc(out, '/');
    words_safe(out, target->database);
    if (target->schema != NULL) {
        str_add(out, ", schema ");
        words_safe(out, target->schema);
    }
}

/* Alembic prints nothing for base. */
static void add_current_one(const struct standing *standing, bool verbose, struct str *out)
{
    const struct run_result *result = standing->result;
    const struct outcome *outcome = &result->outcomes[0];
    size_t only = 0;
    const struct head_group group = {outcome, &only, 1, 1};
    const char *covered = standing->covered != NULL ? standing->covered[0] : NULL;
    if (verbose) {
        str_add(out, "Current revision(s) for ");
        add_url(out, &result->fleet->targets[result->targets[0]]);
        str_add(out, ":\n");
    }
    report_current_revisions(standing->applied, standing->applied_count, verbose, out);
    for (size_t i = 0; i < outcome->after_count; i++)
        if (!in_files(standing, outcome->after[i])) {
            words_safe(out, outcome->after[i]);
            add_unknown(standing, &group, outcome->after[i], out);
            str_addc(out, '\n');
        }
    if (verbose && covered != NULL)
        str_addf(out, "%s: rows that another row implies; the next step drops them\n", covered);
}

static void add_current_groups(const struct standing *standing, const struct report_style *style,
                               struct str *out)
{
    struct arena arena = ARENA_INIT;
    struct head_group *groups;
    size_t count = group_by_heads(standing->result, &arena, &groups);
    for (size_t i = 0; i < count; i++)
        add_current_group(standing, &groups[i], style->verbose, out);
    arena_release(&arena);
    report_causes(standing->result, style, out);
}

void report_current_text(const struct standing *standing, const struct report_style *style,
                         struct str *out)
{
    const struct run_result *result = standing->result;
    if (result->count == 1 && result->outcomes[0].read && result->undiscovered_count == 0) {
        add_current_one(standing, style->verbose, out);
        return;
    }
    add_current_groups(standing, style, out);
}

static void add_open_row(struct json *json, const struct history_row *row)
{
    json_key(json, "open");
    if (row == NULL) {
        json_null(json);
        return;
    }
    json_object(json);
    report_open_row_fields(json, row);
    json_end_object(json);
}

static void add_unknown_rows(struct json *json, const struct outcome *outcome)
{
    json_key(json, "unknown");
    json_array(json);
    for (size_t i = 0; i < outcome->unknown_count; i++) {
        const struct unknown_row *row = &outcome->unknown[i];
        json_object(json);
        json_key_string(json, "revision", row->revision);
        json_key_bool(json, "seen", row->seen);
        json_key_string(json, "direction", row->direction);
        json_key_string(json, "at", row->at);
        json_key_string(json, "run_id", row->run_id);
        json_key_string(json, "actor", row->actor);
        json_key_string(json, "tag", row->tag);
        json_key_string(json, "checksum", row->checksum);
        json_key_string(json, "skein_version", row->skein_version);
        json_end_object(json);
    }
    json_end_array(json);
}

static bool is_head(const struct standing *standing, const struct outcome *outcome)
{
    if (outcome->after_count != standing->head_count)
        return false;
    for (size_t i = 0; i < outcome->after_count; i++)
        if (!text_is_among(outcome->after[i], standing->heads, standing->head_count))
            return false;
    return outcome->read;
}

static void add_targets_json(struct json *json, const struct standing *standing, bool read,
                             bool verbose)
{
    const struct run_result *result = standing->result;
    json_key(json, "targets");
    json_array(json);
    for (size_t i = 0; i < result->count; i++) {
        json_object(json);
        report_target_fields(json, result->fleet, &result->fleet->targets[result->targets[i]]);
        if (read) {
            const struct outcome *outcome = &result->outcomes[i];
            json_key_string(json, "state", standing_name(standing->states[i]));
            json_key_strings(json, "heads", outcome->after, outcome->after_count);
            json_key_bool(json, "is_head", is_head(standing, outcome));
            add_open_row(json, outcome->open);
            add_unknown_rows(json, outcome);
            json_key(json, "error");
            report_error_value(json, outcome->error, verbose);
        }
        json_end_object(json);
    }
    json_end_array(json);
}

static void add_states_json(struct json *json, const struct standing *standing)
{
    int64_t counts[STANDING_COUNT] = {0};
    for (size_t i = 0; i < standing->result->count; i++)
        counts[standing->states[i]]++;
    json_key(json, "counts");
    json_object(json);
    json_key_integer(json, "targets", (int64_t)standing->result->count);
    for (int state = 0; state < STANDING_COUNT; state++)
        json_key_integer(json, state_names[state], counts[state]);
    json_end_object(json);
}

static void add_document(const struct standing *standing, bool counts, bool read, bool verbose,
                         struct str *out)
{
    struct json json;
    json_document(&json, out);
    if (counts)
        add_states_json(&json, standing);
    json_key_strings(&json, "file_heads", standing->heads, standing->head_count);
    report_undiscovered_json(&json, standing->result, verbose);
    if (read)
        report_weak_tls_json(&json, standing->result);
    add_targets_json(&json, standing, read, verbose);
    json_end_object(&json);
}

void report_current_json(const struct standing *standing, const struct report_style *style,
                         struct str *out)
{
    add_document(standing, false, true, style->verbose, out);
}

void report_status_json(const struct standing *standing, const struct report_style *style,
                        struct str *out)
{
    add_document(standing, true, true, style->verbose, out);
}

void report_targets_json(const struct standing *standing, bool pinged, struct str *out)
{
    add_document(standing, false, pinged, false, out);
}

/* What each state means to a person, and what to type. */
static const char *const state_words[STANDING_COUNT] = {
    "unreachable   could not be read",
    "partial       half a revision stands: skein upgrade goes on from a clean edge, else skein "
    "resolve",
    "unknown       at a revision that no file has: bring its file, or skein stamp --purge REV",
    "back          taken back by the last step",
    "behind        pending revisions: skein upgrade head",
    "head",
};

static void add_state(const struct standing *standing, enum standing_state state, bool all,
                      struct str *out)
{
    const struct run_result *result = standing->result;
    struct arena arena = ARENA_INIT;
    size_t *members = arena_array(&arena, result->count, sizeof(size_t));
    size_t count = 0;
    for (size_t i = 0; i < result->count; i++)
        if (standing->states[i] == state)
            members[count++] = i;
    if (count > 0) {
        str_add(out, "  ");
        words_count(out, count, 7);
        str_addf(out, " %s\n", state_words[state]);
        if (state != STANDING_HEAD || all) {
            str_add(out, "          ");
            words_names(out, result->fleet, result->targets, members, count,
                        all ? count : STANDING_NAMES);
            str_addc(out, '\n');
        }
    }
    arena_release(&arena);
}

void report_status_text(const struct standing *standing, const struct report_style *style,
                        struct str *out)
{
    const struct run_result *result = standing->result;
    words_plural(out, result->count, "target");
    str_add(out, ", head of the files: ");
    words_heads(out, standing->heads, standing->head_count);
    str_add(out, "\n\nSTATES\n");
    for (int state = STANDING_COUNT - 1; state >= 0; state--)
        add_state(standing, (enum standing_state)state, style->verbose, out);
    str_add(out, "\nVERSIONS\n");
    add_current_groups(standing, style, out);
}

static void add_labels(struct str *out, const struct pair_list *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        str_add(out, i > 0 ? "," : "   ");
        words_safe(out, labels->items[i].key);
        str_addc(out, '=');
        words_safe(out, labels->items[i].value);
    }
}

void report_targets_text(const struct standing *standing, bool pinged, struct str *out)
{
    const struct run_result *result = standing->result;
    for (size_t i = 0; i < result->count; i++) {
        const struct target *target = &result->fleet->targets[result->targets[i]];
        struct str name = STR_INIT;
        words_safe(&name, target->name);
        str_addf(out, "%-24s %-10s ", name.text, engine_name(target->engine));
        str_release(&name);
        words_safe(out, result->fleet->servers[target->server].name);
        str_add(out, "  ");
        words_safe(out, target->database);
        if (target->schema != NULL) {
            str_addc(out, '.');
            words_safe(out, target->schema);
        }
        add_labels(out, &target->labels);
        if (pinged) {
            const struct outcome *outcome = &result->outcomes[i];
            str_add(out, outcome->read ? "   ok" : "   ");
            if (!outcome->read && outcome->error != NULL)
                words_safe(out, outcome->error->message);
        }
        str_addc(out, '\n');
    }
    words_plural(out, result->count, "target");
    str_addc(out, '\n');
}
