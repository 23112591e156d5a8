#include "planner/alembic_history.h"

#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "planner/revision_file.h"

#define INDENT       "    "
#define SHOWN_LENGTH ((size_t)80) /* bytes of a foreign line in a message */

struct reader {
    struct arena *arena;
    const char *at, *end;
    const char *line; /* NUL-terminated, in the arena; NULL after the last one */
    int number;
};

static void next_line(struct reader *reader)
{
    const char *newline;
    size_t length;

    if (reader->at == reader->end) {
        reader->line = NULL;
        return;
    }
    newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    length = (size_t)((newline ? newline : reader->end) - reader->at);
    reader->line = arena_strndup(reader->arena, reader->at,
                                 length && reader->at[length - 1] == '\r' ? length - 1 : length);
    reader->at = newline ? newline + 1 : reader->end;
    reader->number++;
}

/* What follows `prefix` on the line, or NULL. */
static const char *after(const char *line, const char *prefix)
{
    size_t length = strlen(prefix);

    return line && !strncmp(line, prefix, length) ? line + length : NULL;
}

static int refuse(const struct reader *reader, struct err *err)
{
    struct str shown = STR_INIT;
    size_t length = reader->line ? strlen(reader->line) : 0;

    text_add_safe(&shown, reader->line ? reader->line : "its end",
                  length > SHOWN_LENGTH ? text_utf8_prefix(reader->line, SHOWN_LENGTH)
                                        : strlen(reader->line ? reader->line : "its end"),
                  true);
    err_set(err, ERROR_REVISION, "line %d of what alembic history -v prints is not understood: %s",
            reader->number, shown.text);
    err_hint(err, "nothing else may be printed on stdout, by the revision files, for example");
    str_release(&shown);
    return (int)err->class;
}

/* "a, b, c"; *items in the arena. */
static size_t split_list(struct arena *arena, const char *text, const char *const **items)
{
    const char **list = NULL;
    size_t count = 0, capacity = 0;

    while (*text) {
        const char *comma = strstr(text, ", ");
        size_t length = comma ? (size_t)(comma - text) : strlen(text);

        list = arena_grow(arena, list, sizeof(*list), &capacity, count + 1);
        list[count++] = arena_strndup(arena, text, length);
        text += length + (comma ? 2 : 0);
    }
    *items = list;
    return count;
}

/* "ID (head) (branchpoint)" */
static const char *read_id(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strcspn(text, " "));
}

/* The lines between "Rev:" and the docstring. */
static int read_fields(struct reader *reader, struct alembic_revision *out, struct err *err)
{
    struct revision *revision = &out->revision;
    bool parents = false;

    for (next_line(reader); reader->line && *reader->line; next_line(reader)) {
        const char *value;

        if ((value = after(reader->line, "Parent: ")) ||
            (value = after(reader->line, "Merges: "))) {
            parents = true;
            if (strcmp(value, "<base>") != 0) {
                revision->down_count = split_list(reader->arena, value, &revision->down);
            }
        } else if ((value = after(reader->line, "Also depends on: "))) {
            revision->depends_on_count = split_list(reader->arena, value, &revision->depends_on);
        } else if ((value = after(reader->line, "Branch names: "))) {
            out->carried_count = split_list(reader->arena, value, &out->carried);
        } else if ((value = after(reader->line, "Path: "))) {
            revision->path = value;
        } else if (!after(reader->line, "Branches into: ")) {
            return refuse(reader, err);
        }
    }
    return parents && revision->path && reader->line ? 0 : refuse(reader, err);
}

/* Text that the header of a revision file would read as something else is kept apart by a dash. */
static void add_text(struct str *out, const char *line)
{
    str_add(out, revision_file_is_text(line, strlen(line)) ? "" : "- ");
    str_add(out, line);
}

static void add_doc_line(struct reader *reader, struct revision *revision, struct str *notes,
                         const char *line, bool first)
{
    const char *value;

    if (after(line, "Revision ID:") || after(line, "Revises:")) {
        return;
    }
    if ((value = after(line, "Create Date:"))) {
        value += strspn(value, " ");
        revision->create_date = *value ? value : NULL;
        return;
    }
    if (first) {
        struct str message = STR_INIT;

        add_text(&message, line);
        revision->message = arena_strdup(reader->arena, message.text);
        str_release(&message);
    } else if (*line || notes->length) {
        add_text(notes, line);
        str_addc(notes, '\n');
    }
}

/* The docstring, each line indented; then empty lines up to the next entry. */
static int read_docstring(struct reader *reader, struct revision *revision, struct err *err)
{
    struct str notes = STR_INIT;
    const char *line;
    bool first = true;

    revision->message = "";
    for (next_line(reader); (line = after(reader->line, INDENT)); next_line(reader)) {
        add_doc_line(reader, revision, &notes, line, first);
        first = false;
    }
    while (notes.length && strchr(" \t\n", notes.text[notes.length - 1])) {
        notes.text[--notes.length] = '\0';
    }
    if (notes.length) {
        revision->notes = arena_strdup(reader->arena, notes.text);
    }
    str_release(&notes);
    while (reader->line && !*reader->line) {
        next_line(reader);
    }
    return !reader->line || after(reader->line, "Rev: ") ? 0 : refuse(reader, err);
}

int alembic_history_parse(struct arena *arena, const char *text, size_t length,
                          struct alembic_revision **revisions, size_t *count, struct err *err)
{
    struct reader reader = {.arena = arena, .at = text, .end = text + length};
    struct alembic_revision *list = NULL;
    size_t capacity = 0;
    const char *id;
    int failed = 0;

    *count = 0;
    next_line(&reader);
    while (reader.line && !*reader.line) {
        next_line(&reader);
    }
    while (!failed && reader.line) {
        list = arena_grow(arena, list, sizeof(*list), &capacity, *count + 1);
        list[*count] = (struct alembic_revision){0};
        id = after(reader.line, "Rev: ");
        if (!id || !*id) {
            return refuse(&reader, err);
        }
        list[*count].revision.id = read_id(arena, id);
        failed = read_fields(&reader, &list[*count], err);
        failed = failed ? failed : read_docstring(&reader, &list[*count].revision, err);
        ++*count;
    }
    for (size_t i = 0; i < *count / 2; i++) {
        struct alembic_revision newer = list[i];

        list[i] = list[*count - 1 - i];
        list[*count - 1 - i] = newer;
    }
    *revisions = list;
    return failed;
}
