/* Database URLs, one a line, split and resolved. Variables hold what would break them if it were
 * read again. */
#include <string.h>

#include "base/text.h"
#include "config/url.h"
#include "fuzz.h"

const char *const fuzz_words[] = {
    "@",      "/",        ":",  "?", "&",  "=",   "#",     "%",        "%00",           "%41",
    "${S}",   "${N}",     "${", "}", ":-", "$${", "[::1]", "sqlite:",  "postgresql://", "mysql://",
    "host=h", "sslmode=", "//", "[", "]",  ",",   " ",     "\xc3\xa9", "\xff",          NULL,
};

static const char *environment(const char *name)
{
    return name[0] == 'S' ? "a@b:c/d?e#f%00${S}" : NULL;
}

static void check_value(const char *value)
{
    FUZZ_CHECK(!value || (*value && text_utf8_prefix(value, strlen(value)) == strlen(value)),
               "a part is not empty and UTF-8");
}

static void try_url(struct arena *arena, const char *text)
{
    struct err err = ERR_INIT(arena);
    struct url_value value;
    struct url url;

    if (url_is_variable(text) && url_variable(text, environment, arena, &text, &err)) {
        return;
    }
    if (url_split(text, &url, &err) || url_resolve(&url, environment, arena, &value, &err)) {
        FUZZ_CHECK(err.class && err.message, "what is wrong is told");
        return;
    }
    check_value(value.user);
    check_value(value.password);
    check_value(value.host);
    check_value(value.port);
    check_value(value.database);
    FUZZ_CHECK(value.engine != ENGINE_SQLITE || value.database, "SQLite has a file");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_INIT;
    char *text = arena_strndup(&arena, (const char *)data, size);

    for (char *line = text; line && *line;) {
        char *end = strchr(line, '\n');

        if (end) {
            *end = '\0';
        }
        try_url(&arena, line);
        line = end ? end + 1 : NULL;
    }
    arena_release(&arena);
    return 0;
}
