/* The second half of the selection, states, and the command line to type again. */
#include "app/execute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/selection.h"
#include "report/words.h"

/* Whether the applied set of these rows is the whole graph. */
static bool all_applied(const struct graph *graph, const struct outcome *outcome)
{
    struct arena arena = ARENA_INIT;
    struct node_set set;
    node_set_init(&set, graph, &arena);
    for (size_t i = 0; i < outcome->after_count; i++) {
        struct graph_node *node = graph_find(graph, outcome->after[i]);
        if (node != NULL)
            graph_add_ancestors(graph, &set, &node, 1, false);
    }
    bool all = set.count == graph->count;
    arena_release(&arena);
    return all;
}

enum standing_state standing_of(const struct app *app, const struct outcome *outcome)
{
    if (!outcome->read)
        return STANDING_UNREACHABLE;
    if (outcome->open != NULL)
        return STANDING_PARTIAL;
    for (size_t i = 0; i < outcome->after_count; i++)
        if (graph_find(&app->graph, outcome->after[i]) == NULL)
            return STANDING_UNKNOWN;
    if (all_applied(&app->graph, outcome))
        return STANDING_HEAD;
    const struct history_row *latest = outcome->latest;
    return latest != NULL && strcmp(latest->direction, "downgrade") == 0 ? STANDING_BACK
                                                                         : STANDING_BEHIND;
}

static struct selection version_selection(const struct app *app)
{
    return (struct selection){.selectors = app->options->values[OPTION_SELECTOR].items,
                              .selector_count = app->options->values[OPTION_SELECTOR].count};
}

bool app_needs_heads(const struct app *app)
{
    struct selection selection = version_selection(app);
    return option_given(app->options, OPTION_STATE) || selection_needs_version(&selection);
}

/* "behind,unknown" to a set of bits. */
static int parse_states(const struct app *app, unsigned *states, struct err *err)
{
    static const char *const names[] = {"unreachable", "partial", "unknown",
                                        "back",        "behind",  "head"};
    const char *text = option_value(app->options, OPTION_STATE);
    *states = 1u << STANDING_UNREACHABLE; /* what cannot be read stays selected and says so */
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ",");
        const char *word = arena_strndup(app->arena, text, length);
        enum standing_state state;
        if (!standing_parse(word, &state)) {
            const char *nearest = text_nearest(word, names, STANDING_COUNT);
            err_set(err, ERROR_USAGE,
                    "--state: there is no state \"%s\"; states are unreachable, partial, unknown, "
                    "back, behind, head",
                    word);
            if (nearest != NULL)
                err_hint(err, "did you mean %s?", nearest);
            return err->class;
        }
        *states |= 1u << state;
        text += length + (text[length] == ',' ? 1 : 0);
    }
    return 0;
}

static void keep_states(struct app *app, const struct run_result *read, unsigned states)
{
    size_t count = 0;
    for (size_t i = 0; i < read->count; i++)
        if (states & (1u << standing_of(app, &read->outcomes[i])))
            app->targets[count++] = read->targets[i];
    app->target_count = count;
}

static const char *joined_heads(struct arena *arena, const struct outcome *outcome)
{
    struct str text = STR_INIT;
    for (size_t i = 0; i < outcome->after_count; i++)
        str_addf(&text, "%s%s", i > 0 ? "," : "", outcome->after[i]);
    const char *copy = arena_strdup(arena, text.text);
    str_release(&text);
    return copy;
}

static int narrow_by_heads(struct app *app, const struct run_result *read, struct err *err)
{
    struct selection selection = version_selection(app);
    unsigned states = ~0u;
    if (option_given(app->options, OPTION_STATE)) {
        int failed = parse_states(app, &states, err);
        if (failed)
            return failed;
    }
    if (read == NULL)
        return 0;
    keep_states(app, read, states);
    if (!selection_needs_version(&selection))
        return 0;
    const char **versions = arena_array(app->arena, app->target_count, sizeof(char *));
    size_t at = 0;
    for (size_t i = 0; i < read->count && at < app->target_count; i++)
        if (app->targets[at] == read->targets[i])
            versions[at++] = joined_heads(app->arena, &read->outcomes[i]);
    app->target_count = selection_by_version(&selection, versions, app->targets, app->target_count);
    return 0;
}

/* "1/4" */
static int narrow_by_shard(struct app *app, struct err *err)
{
    const char *text = option_value(app->options, OPTION_SHARD);
    if (text == NULL)
        return 0;
    unsigned index, shards;
    int length = 0;
    if (sscanf(text, "%5u/%5u%n", &index, &shards, &length) != 2 || text[length] != '\0' ||
        index == 0 || index > shards)
        return err_set(err, ERROR_USAGE,
                       "--shard needs I/N with I from 1 to N, such as 2/4, not \"%s\"", text);
    app->target_count = selection_shard(app->fleet, index, shards, app->targets, app->target_count);
    return 0;
}

int app_narrow(struct app *app, const struct run_result *read)
{
    struct err err = ERR_INIT(app->arena);
    uint64_t limit = app->target_count, expected = 0;
    if (narrow_by_heads(app, read, &err) || narrow_by_shard(app, &err) ||
        option_number(app->options, OPTION_LIMIT, 1000000, &limit, &err) ||
        option_number(app->options, OPTION_EXPECT_TARGETS, 1000000, &expected, &err))
        return app_fail(app->options, &err);
    if (app->target_count > limit)
        app->target_count = (size_t)limit;
    if (expected != 0 && expected != app->target_count) {
        err_set(&err, ERROR_USAGE,
                "--expect-targets %llu, but %zu are selected; nothing was touched",
                (unsigned long long)expected, app->target_count);
        err_hint(&err, "skein targets with the same selection lists them");
        return app_fail(app->options, &err);
    }
    return 0;
}

int app_narrow_reading(struct app *app, const char *command)
{
    if (!app_needs_heads(app))
        return app_narrow(app, NULL);
    struct job_result read;
    int code = job_read(app, command, &read);
    if (code)
        return code;
    code = app_narrow(app, &read.result);
    job_release(&read);
    return code;
}

int app_read(struct app *app, const char *command, bool quiet, struct job_result *read,
             struct run_result *result)
{
    struct job job = {.mode = LIFE_READ, .command = command, .quiet = quiet};
    int code = job_run(app, &job, read);
    if (code)
        return code;
    *result = read->result;
    size_t *all = arena_array(app->arena, result->count, sizeof(size_t));
    memcpy(all, app->targets, result->count * sizeof(size_t));
    result->targets = all;
    code = app_narrow(app, result);
    struct outcome *outcomes = arena_array(app->arena, app->target_count, sizeof(*outcomes));
    for (size_t i = 0, at = 0; i < result->count && at < app->target_count; i++)
        if (all[i] == app->targets[at])
            outcomes[at++] = result->outcomes[i];
    result->targets = app->targets;
    result->count = app->target_count;
    result->outcomes = outcomes;
    return code;
}

static void add_word(struct str *out, const char *before, const char *word)
{
    str_add(out, before);
    words_shell(out, word);
}

/* A URL may be typed again as it was, but for one that holds a password: that is never shown. */
static void add_url(const char *url, struct str *out)
{
    const char *at = strrchr(url, '@'), *user = strstr(url, "://");
    user = user != NULL ? user + 3 : url;
    str_add(out, " --url ");
    if (at > user && memchr(user, ':', (size_t)(at - user)) != NULL)
        str_add(out, "URL");
    else
        words_shell(out, url);
}

const char *app_again(const struct app *app, const struct goal *goal)
{
    if (goal != NULL && goal->relative)
        return NULL;
    struct str text = STR_INIT;
    str_addf(&text, "skein %s", app->options->command->name);
    for (size_t i = 0; i < app->options->operand_count; i++)
        add_word(&text, " ", app->options->operands[i]);
    const char *config = option_value(app->options, OPTION_CONFIG);
    const char *url = option_value(app->options, OPTION_URL);
    if (config != NULL)
        add_word(&text, " -c ", config);
    if (url != NULL)
        add_url(url, &text);
    for (size_t i = 0; i < app->variables.count; i++) {
        add_word(&text, " -x ", app->variables.items[i].key);
        add_word(&text, "=", app->variables.items[i].value);
    }
    const char *copy = arena_strdup(app->arena, text.text);
    str_release(&text);
    return copy;
}
