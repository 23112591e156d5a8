#include <string.h>
#include <strings.h>

#include "base/map.h"
#include "base/text.h"
#include "planner/revision_file.h"
#include "planner/revision_parser.h"

#define VARIABLE_LIMIT 256

enum header_key {
    HEADER_ID,
    HEADER_REVISES,
    HEADER_LABELS,
    HEADER_DEPENDS_ON,
    HEADER_CREATE_DATE,
    HEADER_VARIABLES,
    HEADER_IRREVERSIBLE,
    HEADER_KEY_COUNT
};

static const char *const key_names[HEADER_KEY_COUNT + 1] = {
    "Revision ID", "Revises",   "Branch Labels", "Depends On",
    "Create Date", "Variables", "Irreversible",  NULL,
};

struct header {
    int lines[HEADER_KEY_COUNT];     /* 0: not there */
    bool misspelt[HEADER_KEY_COUNT]; /* told already */
    bool keys;                       /* a known key was seen */
};

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void trim(const char **text, size_t *length)
{
    while (*length && is_blank(**text)) {
        ++*text;
        --*length;
    }
    while (*length && is_blank((*text)[*length - 1])) {
        --*length;
    }
}

/* "Some words: value" with the colon before white space or at the end: the length of the words,
 * else 0. */
static size_t key_length(const char *text, size_t length)
{
    size_t at = 0;

    while (at < length && (is_letter(text[at]) ||
                           (at && (text[at] == ' ' || text[at] == '-' || text[at] == '_')))) {
        at++;
    }
    return at < length && text[at] == ':' && (at + 1 == length || is_blank(text[at + 1])) ? at : 0;
}

static int find_key(const char *word)
{
    for (int key = 0; key < HEADER_KEY_COUNT; key++) {
        if (!strcmp(word, key_names[key])) {
            return key;
        }
    }
    return -1;
}

static const char *key_in_other_letters(const char *word)
{
    for (int key = 0; key < HEADER_KEY_COUNT; key++) {
        if (!strcasecmp(word, key_names[key])) {
            return key_names[key];
        }
    }
    return NULL;
}

bool revision_file_is_text(const char *line, size_t length)
{
    char word[32] = "";
    size_t key_size;

    trim(&line, &length);
    key_size = key_length(line, length);
    if (key_size < sizeof(word)) {
        memcpy(word, line, key_size);
    }
    return !key_in_other_letters(word) && (length < 5 || strncasecmp(line, "skein", 5) != 0);
}

/*
 * Values
 */

/* Alembic refuses the same: its identifiers give these signs a meaning. */
static void check_id(struct revision_parser *parser, const char *id, int line)
{
    size_t characters = 0;

    for (const char *at = id; *at; at++) {
        characters += ((unsigned char)*at & 0xc0) != 0x80;
        if (strchr("@-+:,", *at) || is_blank(*at)) {
            revision_parser_fail(parser, line, "use letters, digits and _, as in 1975ea83b712",
                                 "a revision id cannot hold %s: %s",
                                 is_blank(*at) ? "white space" : "@ - + : ,",
                                 revision_parser_show(parser, id, strlen(id)));
            return;
        }
    }
    if (characters > REVISION_FILE_ID_LENGTH) {
        revision_parser_fail(parser, line, "the version table has room for no more",
                             "the revision id has %zu characters, more than %d", characters,
                             REVISION_FILE_ID_LENGTH);
    }
}

static void check_variable(struct revision_parser *parser, const char *name, int line)
{
    bool good = !is_digit(*name);

    for (const char *at = name; *at && good; at++) {
        good = is_letter(*at) || is_digit(*at) || *at == '_';
    }
    if (!good) {
        revision_parser_fail(parser, line, "a name is letters, digits and _",
                             "not the name of a variable: %s",
                             revision_parser_show(parser, name, strlen(name)));
    }
}

static void check_label(struct revision_parser *parser, const char *label, int line)
{
    if (strpbrk(label, "@:+ \t")) {
        revision_parser_fail(parser, line, "use letters, digits and _",
                             "a branch label cannot hold white space or @ : +: %s",
                             revision_parser_show(parser, label, strlen(label)));
    }
}

/* Parents are only known once all files are read: graph.c has the last word on them. */
static void check_parent(struct revision_parser *parser, const char *id, int line)
{
    if (strpbrk(id, " \t")) {
        revision_parser_fail(parser, line, "several ids are separated by commas",
                             "a revision id cannot hold white space: %s",
                             revision_parser_show(parser, id, strlen(id)));
    }
}

/* Splits at commas. An empty value is an empty list; an empty item is an error. */
static const char *const *read_list(struct revision_parser *parser, enum header_key key,
                                    const char *value, size_t length, int line, size_t *count)
{
    static void (*const checks[HEADER_KEY_COUNT])(struct revision_parser *, const char *, int) = {
        [HEADER_REVISES] = check_parent,
        [HEADER_LABELS] = check_label,
        [HEADER_DEPENDS_ON] = check_parent,
        [HEADER_VARIABLES] = check_variable,
    };
    const char **items = NULL, *limit = value + length;
    size_t capacity = 0;
    struct map seen;

    map_init(&seen, parser->arena);
    for (*count = 0; length && value <= limit;) {
        const char *comma = memchr(value, ',', (size_t)(limit - value)), *item = value;
        size_t item_length = (size_t)((comma ? comma : limit) - value);
        char *copy;

        value += item_length + 1;
        trim(&item, &item_length);
        copy = arena_strndup(parser->arena, item, item_length);
        if (!item_length) {
            revision_parser_fail(parser, line, "one comma between two names, none at the end",
                                 "an empty item in \"%s:\"", key_names[key]);
        } else if (map_get(&seen, copy)) {
            revision_parser_fail(parser, line, NULL, "\"%s:\" names %s twice", key_names[key],
                                 revision_parser_show(parser, copy, item_length));
        } else {
            checks[key](parser, copy, line);
            map_set(&seen, copy, copy);
            items = arena_grow(parser->arena, items, sizeof(*items), &capacity, *count + 1);
            items[(*count)++] = copy;
        }
    }
    return items;
}

static void read_value(struct revision_parser *parser, enum header_key key, const char *value,
                       size_t length, int line)
{
    struct revision *revision = parser->revision;

    switch (key) {
    case HEADER_ID:
        revision->lines.id = line;
        revision->id = arena_strndup(parser->arena, value, length);
        if (length) {
            check_id(parser, revision->id, line);
        } else {
            revision_parser_fail(parser, line, "write 12 hex digits, as in 1975ea83b712",
                                 "the revision id is empty");
        }
        break;
    case HEADER_REVISES:
        revision->lines.down = line;
        revision->down = read_list(parser, key, value, length, line, &revision->down_count);
        break;
    case HEADER_LABELS:
        revision->lines.labels = line;
        revision->labels = read_list(parser, key, value, length, line, &revision->label_count);
        break;
    case HEADER_DEPENDS_ON:
        revision->lines.depends_on = line;
        revision->depends_on =
            read_list(parser, key, value, length, line, &revision->depends_on_count);
        revision->depends_on_written = revision->depends_on;
        revision->depends_on_written_count = revision->depends_on_count;
        break;
    case HEADER_CREATE_DATE:
        revision->create_date = length ? arena_strndup(parser->arena, value, length) : NULL;
        break;
    case HEADER_VARIABLES:
        revision->variables =
            read_list(parser, key, value, length, line, &revision->variable_count);
        if (revision->variable_count > VARIABLE_LIMIT) { /* each brace is looked up among them */
            revision_parser_fail(parser, line, NULL, "more than %d variables", VARIABLE_LIMIT);
            revision->variable_count = 0;
        }
        break;
    case HEADER_IRREVERSIBLE:
        revision->irreversible = arena_strndup(parser->arena, value, length);
        if (!length) {
            revision_parser_fail(parser, line, "say why: Irreversible: the old column is gone",
                                 "\"Irreversible:\" needs a reason");
        }
        break;
    case HEADER_KEY_COUNT:
        break;
    }
}

/*
 * Lines
 */

/* Two words or more are a sentence with a colon in it, unless they are near a key. */
static void on_unknown_key(struct revision_parser *parser, struct header *header, const char *text,
                           size_t key_size, int line)
{
    char *word = arena_strndup(parser->arena, text, key_size);
    const char *near = key_in_other_letters(word);

    if (!near && header->keys) {
        near = text_nearest(word, key_names, HEADER_KEY_COUNT);
    }
    if (!near && (!header->keys || memchr(word, ' ', key_size))) {
        return;
    }
    if (near) {
        header->misspelt[find_key(near)] = true;
    }
    revision_parser_fail(parser, line,
                         near ? arena_printf(parser->arena, "did you mean \"%s:\"?", near)
                              : "text without a colon is free; keys are Revision ID, Revises, "
                                "Branch Labels, Depends On, Create Date, Variables, "
                                "Irreversible",
                         "unknown key \"%s:\" in the header", word);
}

static void on_key(struct revision_parser *parser, struct header *header, enum header_key key,
                   const char *value, size_t length, int line)
{
    trim(&value, &length);
    header->keys = true;
    if (header->lines[key]) {
        revision_parser_fail(parser, line, NULL,
                             "\"%s:\" stands twice in the header, first in line %d", key_names[key],
                             header->lines[key]);
        return;
    }
    header->lines[key] = line;
    read_value(parser, key, value, length, line);
}

static void on_header_line(struct revision_parser *parser, struct header *header,
                           const struct line *line, bool first)
{
    const char *text = line->text + 2;
    size_t length = line->length - 2, key_size;
    int key = -1;

    trim(&text, &length);
    key_size = key_length(text, length);
    if (key_size) {
        key = find_key(arena_strndup(parser->arena, text, key_size));
    }
    if (key >= 0) {
        on_key(parser, header, (enum header_key)key, text + key_size + 1, length - key_size - 1,
               line->number);
    } else if (first) {
        parser->revision->message = arena_strndup(parser->arena, text, length);
    } else if (key_size) {
        on_unknown_key(parser, header, text, key_size, line->number);
    }
}

static void check_required(struct revision_parser *parser, const struct header *header, int line)
{
    static const enum header_key required[] = {HEADER_ID, HEADER_REVISES};

    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        if (!header->lines[required[i]] && !header->misspelt[required[i]]) {
            revision_parser_fail(parser, line,
                                 required[i] == HEADER_ID
                                     ? "the file begins with comment lines, no empty line between "
                                       "them; one is \"-- Revision ID: 1975ea83b712\""
                                     : "write \"-- Revises:\" with the id of the revision before "
                                       "it, or with nothing for a first one",
                                 "the header has no \"%s:\"", key_names[required[i]]);
        }
    }
}

void revision_parse_header(struct revision_parser *parser)
{
    struct revision *revision = parser->revision;
    struct header header = {0};
    bool first = true;
    struct line line;

    revision->message = "";
    revision->lines.header = 1;
    while (revision_parser_peek(parser, &line)) {
        const char *text = line.text;
        size_t length = line.length;

        trim(&text, &length);
        if (length &&
            (line.length < 2 || memcmp(line.text, "--", 2) != 0 || revision_is_marker(&line))) {
            break;
        }
        if (!length && !first) {
            break;
        }
        if (length) {
            if (first) {
                revision->header = line.text;
                revision->lines.header = line.number;
            }
            revision->header_length = (size_t)(line.text + line.length - revision->header);
            on_header_line(parser, &header, &line, first);
            first = false;
        }
        revision_parser_advance(parser, &line);
    }
    check_required(parser, &header, revision->lines.header);
}
