#include <locale.h>
#include <string.h>
#include <wctype.h>

#include "base/str.h"
#include "base/text.h"
#include "planner/revision_file.h"

#define SLUG_LENGTH ((size_t)40) /* characters */

const char revision_file_template[] =
    "-- {{message}}\n"
    "--\n"
    "-- Revision ID: {{id}}\n"
    "-- Revises: {{down}}\n"
    "-- Branch Labels: {{labels}}\n"
    "-- Depends On: {{depends_on}}\n"
    "-- Create Date: {{create_date}}\n"
    "\n"
    "-- Every target runs this, in one transaction. For one engine alone name it on the marker "
    "(skein:upgrade postgresql);\n"
    "-- for statements that cannot run in a transaction add transaction=off there.\n"
    "-- skein:upgrade\n"
    "\n"
    "\n"
    "-- Takes it back. Empty: there is nothing to take back. Without this section: it cannot be "
    "taken back.\n"
    "-- skein:downgrade\n"
    "\n";

/*
 * Filling the template
 */

static void add_list(struct str *out, const char *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        str_add(out, i ? ", " : "");
        str_add(out, items[i]);
    }
}

/* Further lines of a message stay comments. */
static void add_lines(struct str *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n') {
            str_add(out, text[1] == '\n' || text[1] == '\r' || !text[1] ? "\n--" : "\n-- ");
        } else if (*text != '\r') {
            str_addc(out, *text);
        }
    }
}

static void add_id(struct str *out, const struct revision_draft *draft)
{
    str_add(out, draft->id);
}

static void add_message(struct str *out, const struct revision_draft *draft)
{
    add_lines(out, draft->message ? draft->message : "");
}

static void add_down(struct str *out, const struct revision_draft *draft)
{
    add_list(out, draft->down, draft->down_count);
}

static void add_depends_on(struct str *out, const struct revision_draft *draft)
{
    add_list(out, draft->depends_on, draft->depends_on_count);
}

static void add_labels(struct str *out, const struct revision_draft *draft)
{
    add_list(out, draft->labels, draft->label_count);
}

static void add_create_date(struct str *out, const struct revision_draft *draft)
{
    str_add(out, draft->create_date ? draft->create_date : "");
}

static const struct brace {
    const char *name; /* with its braces */
    void (*add)(struct str *out, const struct revision_draft *draft);
    bool may_be_empty; /* the line stays */
} braces[] = {
    {"{{id}}", add_id, true},          {"{{message}}", add_message, false},
    {"{{down}}", add_down, true},      {"{{depends_on}}", add_depends_on, false},
    {"{{labels}}", add_labels, false}, {"{{create_date}}", add_create_date, false},
};

static const struct brace *brace_at(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof(braces) / sizeof(braces[0]); i++) {
        size_t size = strlen(braces[i].name);

        if (length >= size && !memcmp(text, braces[i].name, size)) {
            return &braces[i];
        }
    }
    return NULL;
}

static void render_line(const char *line, size_t length, const struct revision_draft *draft,
                        struct str *out)
{
    struct str filled = STR_INIT;
    bool keep = true;

    for (size_t at = 0; at < length;) {
        const struct brace *brace = brace_at(line + at, length - at);
        size_t before = filled.length;

        if (!brace) {
            str_addc(&filled, line[at++]);
            continue;
        }
        brace->add(&filled, draft);
        keep = keep && (brace->may_be_empty || filled.length > before);
        at += strlen(brace->name);
    }
    while (filled.length && filled.text[filled.length - 1] == ' ') {
        filled.length--;
    }
    if (keep) {
        str_addn(out, filled.text, filled.length);
        str_addc(out, '\n');
    }
    str_release(&filled);
}

/* What was written must read as what was meant. */
static int check_result(const struct revision_draft *draft, const struct str *out, struct err *err)
{
    struct arena arena = ARENA_INIT;
    struct file_text file = {
        .name = "revision.sql", .path = "revision.sql", .data = out->text, .length = out->length};
    const struct revision *revision;
    const char *hint = NULL;
    struct err_list errors;
    int failed = 0;

    err_list_init(&errors, &arena, 1);
    revision = revision_file_parse(&arena, &file, 0, &errors);
    if (!revision) {
        failed =
            err_set(err, ERROR_CONFIGURATION, "the new file would be no revision file: line %d: %s",
                    errors.items[0].line, errors.items[0].message);
        hint = errors.items[0].hint;
    } else if (strcmp(revision->id, draft->id) != 0 ||
               !text_lists_equal(revision->down, revision->down_count, draft->down,
                                 draft->down_count) ||
               !text_lists_equal(revision->labels, revision->label_count, draft->labels,
                                 draft->label_count) ||
               !text_lists_equal(revision->depends_on, revision->depends_on_count,
                                 draft->depends_on, draft->depends_on_count)) {
        failed = err_set(err, ERROR_CONFIGURATION, "the new file would not say what was asked for");
    }
    if (hint) {
        err_hint(err, "%s", hint);
    } else if (failed) {
        err_hint(err, "look at the message, the ids and labels given, and at the template: it "
                      "needs \"-- Revision ID: {{id}}\", \"-- Revises: "
                      "{{down}}\", and lines for {{labels}} and {{depends_on}}");
    }
    arena_release(&arena);
    return failed;
}

int revision_file_render(const char *template_text, const struct revision_draft *draft,
                         struct str *out, struct err *err)
{
    const char *line = template_text;

    str_clear(out);
    while (*line) {
        size_t length = strcspn(line, "\n");

        render_line(line, length && line[length - 1] == '\r' ? length - 1 : length, draft, out);
        line += length + (line[length] == '\n');
    }
    return check_result(draft, out, err);
}

/*
 * File names
 */

/* One character of valid UTF-8; *size bytes. */
static wint_t decode(const char *text, size_t *size)
{
    unsigned char first = (unsigned char)*text;
    wint_t character = first < 0x80   ? first
                       : first < 0xe0 ? first & 0x1fu
                       : first < 0xf0 ? first & 0x0fu
                                      : first & 0x07u;

    *size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    for (size_t i = 1; i < *size; i++) {
        character = character << 6 | ((unsigned char)text[i] & 0x3fu);
    }
    return character;
}

static void encode(struct str *out, wint_t character)
{
    if (character < 0x80) {
        str_addc(out, (char)character);
    } else if (character < 0x800) {
        str_addc(out, (char)(0xc0u | character >> 6));
        str_addc(out, (char)(0x80u | (character & 0x3fu)));
    } else if (character < 0x10000) {
        str_addc(out, (char)(0xe0u | character >> 12));
        str_addc(out, (char)(0x80u | (character >> 6 & 0x3fu)));
        str_addc(out, (char)(0x80u | (character & 0x3fu)));
    } else {
        str_addc(out, (char)(0xf0u | character >> 18));
        str_addc(out, (char)(0x80u | (character >> 12 & 0x3fu)));
        str_addc(out, (char)(0x80u | (character >> 6 & 0x3fu)));
        str_addc(out, (char)(0x80u | (character & 0x3fu)));
    }
}

struct slug {
    struct str text;
    size_t characters;
    size_t cut;   /* bytes before the last _ within the first SLUG_LENGTH characters; 0: none */
    size_t whole; /* bytes of the first SLUG_LENGTH characters */
};

static void slug_add(struct slug *slug, wint_t character)
{
    if (character == '_' && slug->characters < SLUG_LENGTH) {
        slug->cut = slug->text.length;
    }
    encode(&slug->text, character);
    if (++slug->characters == SLUG_LENGTH) {
        slug->whole = slug->text.length;
    }
}

/* Whatever locale the program runs in: letters and digits of all scripts. */
static void make_slug(struct slug *slug, const char *message, size_t length)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    bool gap = false;

    for (size_t at = 0, size; at < length; at += size) {
        wint_t character = decode(message + at, &size);
        bool word =
            character == '_' ||
            (character < 0x80 ? iswalnum(character) : locale && iswalnum_l(character, locale));

        if (!word) {
            gap = slug->characters > 0;
            continue;
        }
        if (gap) {
            slug_add(slug, '_');
        }
        gap = false;
        slug_add(slug, locale ? towlower_l(character, locale) : towlower(character));
    }
    if (locale) {
        freelocale(locale);
    }
}

char *revision_file_name(struct arena *arena, const char *id, const char *message)
{
    struct slug slug = {.text = STR_INIT};
    size_t length = message ? text_utf8_prefix(message, strlen(message)) : 0;
    char *name;

    make_slug(&slug, message, length);
    if (slug.characters > SLUG_LENGTH) {
        slug.text.length = slug.cut ? slug.cut : slug.whole;
        str_addc(&slug.text, '_');
    }
    name = arena_printf(arena, "%s_%.*s.sql", id, (int)slug.text.length, slug.text.text);
    for (char *at = name; *at; at++) { /* an id may hold what a name in a folder cannot */
        if (*at == '/' || (at == name && *at == '.') || (unsigned char)*at < ' ') {
            *at = '_';
        }
    }
    str_release(&slug.text);
    return name;
}
