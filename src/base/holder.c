#include "base/holder.h"

#include <string.h>

#include "base/str.h"
#include "base/text.h"

#define RUN    "skein run="
#define TENANT " tenant="

struct holder *holder_copy(struct arena *arena, const struct holder *holder)
{
    struct holder *copy;

    if (!holder) {
        return NULL;
    }
    copy = arena_alloc(arena, sizeof(*copy));
    *copy = *holder;
    copy->application = arena_strdup(arena, holder->application);
    copy->user = arena_strdup(arena, holder->user);
    copy->since = arena_strdup(arena, holder->since);
    copy->state = arena_strdup(arena, holder->state);
    copy->query = arena_strdup(arena, holder->query);
    return copy;
}

/* The length of at most `most` characters of valid UTF-8. */
static size_t characters(const char *text, size_t most)
{
    size_t at = 0;

    while (text[at] && most > 0) {
        at++;
        while (((unsigned char)text[at] & 0xc0) == 0x80) {
            at++;
        }
        most--;
    }
    return at;
}

/* White space of any kind and length is one space, as in a line of a log. */
static void add_line(struct str *out, const char *text)
{
    static const char spaces[] = " \t\r\n\v\f";

    text += strspn(text, spaces);
    while (*text) {
        size_t length = strcspn(text, spaces);

        text_add_safe(out, text, length, true);
        text += length;
        text += strspn(text, spaces);
        if (*text) {
            str_addc(out, ' ');
        }
    }
}

const char *holder_query(struct arena *arena, const char *text)
{
    struct str line = STR_INIT;
    const char *query;
    size_t length;

    if (!text) {
        return NULL;
    }
    add_line(&line, text);
    length = characters(line.text, HOLDER_QUERY);
    if (length < line.length) {
        length = characters(line.text, HOLDER_QUERY - 3);
        query = arena_printf(arena, "%.*s...", (int)length, line.text);
    } else {
        query = arena_strdup(arena, line.text);
    }
    str_release(&line);
    return query;
}

const char *holder_run(struct arena *arena, const char *application, const char **tenant)
{
    const char *run, *end;

    *tenant = NULL;
    if (!application || strncmp(application, RUN, strlen(RUN)) != 0) {
        return NULL;
    }
    run = application + strlen(RUN);
    end = strstr(run, TENANT);
    if (!end || end == run) {
        return NULL;
    }
    *tenant = end + strlen(TENANT);
    return arena_strndup(arena, run, (size_t)(end - run));
}
