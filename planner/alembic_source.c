#include "planner/alembic_source.h"

#include <stddef.h>
#include <string.h>

bool alembic_source_connects(const char *text)
{
    return strstr(text, "get_bind") || strstr(text, ".bind") || strstr(text, ".connection");
}

bool alembic_source_has_tab(const char *text)
{
    bool blank = true; /* only indentation so far */

    if (strstr(text, "\\t")) {
        return true;
    }
    for (; *text; text++) {
        if (!blank && *text == '\t') {
            return true;
        }
        blank = *text == '\n' || (blank && (*text == ' ' || *text == '\t'));
    }
    return false;
}

static size_t line_length(const char *text)
{
    return strcspn(text, "\n") + (text[strcspn(text, "\n")] == '\n');
}

/* The line after `def FUNCTION(...) -> ...:`, or NULL. */
static const char *find_body(const char *text, const char *function)
{
    size_t length = strlen(function);

    for (; *text; text += line_length(text)) {
        const char *at = text;
        size_t size = strcspn(text, "\r\n");

        if (strncmp(at, "def ", 4) != 0 || strncmp(at + 4, function, length) != 0 ||
            at[4 + length] != '(') {
            continue;
        }
        return at[size - 1] == ':' ? text + line_length(text) : NULL;
    }
    return NULL;
}

/* `"""…"""` on one line. */
static bool is_docstring(const char *text, size_t length)
{
    return length >= 6 && (!strncmp(text, "\"\"\"", 3) || !strncmp(text, "'''", 3)) &&
           !strncmp(text + length - 3, text, 3) && !memchr(text + 3, text[0], length - 6);
}

bool alembic_source_passes(const char *text, const char *function)
{
    const char *line = find_body(text, function);
    bool passes = false;

    for (; line && *line; line += line_length(line)) {
        size_t indent = strspn(line, " \t"), length = strcspn(line + indent, "\r\n");

        while (length && strchr(" \t", line[indent + length - 1])) {
            length--;
        }
        if (!length || line[indent] == '#') {
            continue;
        }
        if (!indent) {
            break;
        }
        if (length == 4 && !memcmp(line + indent, "pass", 4)) {
            passes = true;
        } else if (passes || !is_docstring(line + indent, length)) {
            return false;
        }
    }
    return passes;
}
