/* What a discovery finds, one by one: names, checks, errors. */
#include <stdarg.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "config/check.h"
#include "config/discover_parts.h"

struct err *finding_error(struct finding *finding, size_t row, const char *format, ...)
{
    struct arena *arena = finding->reader->arena;
    const char *where = row ? arena_printf(arena, ", row %zu", row) : "";
    const char *message;
    va_list arguments;

    va_start(arguments, format);
    message = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return reader_error(finding->reader, NULL, finding->node->line, finding->node->column,
                        "%s%s: %s", finding->label, where, message);
}

const char *finding_show(struct finding *finding, const char *text)
{
    struct str shown = STR_INIT;
    const char *kept;

    text_add_safe(&shown, text, strlen(text), true);
    kept = arena_printf(finding->reader->arena, "\"%.300s\"", shown.text);
    str_release(&shown);
    return kept;
}

bool finding_matches(const struct texts *patterns, const char *name)
{
    for (size_t i = 0; name && i < patterns->count; i++) {
        if (text_glob(patterns->items[i], name)) {
            return true;
        }
    }
    return false;
}

/* By the entry's template, else the word that tells its tenants apart. */
static const char *name_of(const struct finding *finding, const struct found *found,
                           const char *word)
{
    const struct check_words words = {
        .name = found->name,
        .database = word,
        .schema = found->schema,
        .server = found->server ? found->server->name : "local",
    };
    const char *otherwise = found->name     ? "{{name}}"
                            : found->schema ? "{{schema}}"
                                            : "{{database}}";

    if (finding->tenant->discover.kind == DISCOVER_DATABASES) {
        otherwise = "{{database}}"; /* `schema:` of the entry is the same for all */
    }
    return check_expand(finding->reader->arena,
                        finding->tenant->name ? finding->tenant->name : otherwise, &words);
}

static const char *wrong_with(const struct finding *finding, const struct found *found)
{
    const struct tenant_entry *tenant = finding->tenant;
    enum engine engine = found->server ? found->server->engine : tenant->engine;
    const char *wrong = check_tenant_name(found->name);

    if (!wrong && found->database) {
        wrong = check_database_name(engine, found->database);
    }
    if (!wrong && found->schema) {
        wrong = check_schema_name(found->schema);
    }
    return wrong;
}

void finding_add(struct finding *finding, const struct found *found, const char *word)
{
    struct found whole = *found;
    const char *wrong;

    whole.name = name_of(finding, found, word);
    if (!whole.name) {
        err_hint(finding_error(finding, found->row, "it gives no name"),
                 "every word of name: needs a value: a column name, database or schema");
        return;
    }
    wrong = wrong_with(finding, &whole);
    if (wrong) {
        err_hint(finding_error(finding, 0, "%s: %s", finding_show(finding, whole.name), wrong),
                 "exclude it, or let name: make another of it");
        return;
    }
    finding->items = arena_grow(finding->reader->arena, finding->items, sizeof(*finding->items),
                                &finding->capacity, finding->count + 1);
    finding->items[finding->count++] = whole;
}
