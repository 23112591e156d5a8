#include "planner/alembic_ini.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

#define CHANGES 32 /* at most: one bit each */

struct changing {
    const struct alembic_ini_change *changes;
    size_t count;
    unsigned done; /* set of those that were written */
    const char *section;
    size_t section_length;
    bool dropping; /* the lines that go on with a value that was replaced */
    struct str *out;
};

static bool in_section(const struct changing *changing, const struct alembic_ini_change *change)
{
    return changing->section && strlen(change->section) == changing->section_length &&
           !memcmp(changing->section, change->section, changing->section_length);
}

static void write_change(struct changing *changing, size_t i)
{
    str_addf(changing->out, "%s = %s\n", changing->changes[i].key, changing->changes[i].value);
    changing->done |= 1u << i;
}

/* What must be there and was not, at the end of its section. */
static void end_section(struct changing *changing)
{
    for (size_t i = 0; i < changing->count; i++) {
        if (changing->changes[i].add && !(changing->done & 1u << i) &&
            in_section(changing, &changing->changes[i])) {
            write_change(changing, i);
        }
    }
}

/* The length of the key that a line begins with; 0: it begins with none. */
static size_t key_length(const char *line, size_t length)
{
    size_t end = 0;

    while (end < length && line[end] != '=' && line[end] != ':') {
        end++;
    }
    if (end == length || !end || strchr(" \t#;[", line[0])) {
        return 0;
    }
    while (end && (line[end - 1] == ' ' || line[end - 1] == '\t')) {
        end--;
    }
    return end;
}

/* Replaces a line of a key that is to be changed. */
static bool replace(struct changing *changing, const char *line, size_t length)
{
    size_t key = key_length(line, length);

    for (size_t i = 0; key && i < changing->count; i++) {
        const struct alembic_ini_change *change = &changing->changes[i];

        if (in_section(changing, change) && strlen(change->key) == key &&
            !strncasecmp(change->key, line, key)) {
            if (!(changing->done & 1u << i)) {
                write_change(changing, i);
            }
            return true;
        }
    }
    return false;
}

static void on_line(struct changing *changing, const char *line, size_t length)
{
    const char *close;

    if (length && (line[0] == ' ' || line[0] == '\t') && changing->dropping) {
        return;
    }
    if (length) {
        changing->dropping = replace(changing, line, length);
        if (changing->dropping) {
            return;
        }
    }
    close = length && line[0] == '[' ? memchr(line, ']', length) : NULL;
    if (close) {
        end_section(changing);
        changing->section = line + 1;
        changing->section_length = (size_t)(close - line - 1);
    }
    str_addn(changing->out, line, length);
    str_addc(changing->out, '\n');
}

void alembic_ini_change(const char *text, size_t length, const struct alembic_ini_change *changes,
                        size_t count, struct str *out)
{
    struct changing changing = {
        .changes = changes, .count = count < CHANGES ? count : CHANGES, .out = out};
    const char *end = text + length;

    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *line_end = newline ? newline : end;

        on_line(&changing, text, (size_t)(line_end - text));
        text = newline ? newline + 1 : end;
    }
    end_section(&changing);
    for (size_t i = 0; i < changing.count; i++) {
        if (changes[i].add && !(changing.done & 1u << i)) {
            str_addf(out, "\n[%s]\n", changes[i].section);
            changing.section = changes[i].section;
            changing.section_length = strlen(changes[i].section);
            end_section(&changing);
        }
    }
}
