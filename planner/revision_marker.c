#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "planner/revision_parser.h"

#define MARKER        "-- skein:"
#define UNFINISHED    "unfinished"
#define REASON_LENGTH ((size_t)300) /* bytes of it in a message */

const char *const part_names[PART_KIND_COUNT + 1] = {"upgrade", "downgrade", "require", "verify",
                                                     NULL};

static const char *const engine_words[] = {"postgresql", "mysql", "mariadb", "sqlite", NULL};

enum option {
    OPTION_TRANSACTION,
    OPTION_LOCK_TIMEOUT,
    OPTION_STATEMENT_TIMEOUT,
    OPTION_FOREIGN_KEYS,
    OPTION_EXPECT,
    OPTION_COUNT
};

/* `only`: the one value allowed; NULL: a duration. */
static const struct option_rule {
    const char *name, *only;
    bool of_checks;
} options[OPTION_COUNT] = {
    [OPTION_TRANSACTION] = {"transaction", "off", false},
    [OPTION_LOCK_TIMEOUT] = {"lock_timeout", NULL, false},
    [OPTION_STATEMENT_TIMEOUT] = {"statement_timeout", NULL, false},
    [OPTION_FOREIGN_KEYS] = {"foreign_keys", "off", false},
    [OPTION_EXPECT] = {"expect", "true", true},
};

/* The words of a marker as they come. */
struct marker {
    struct revision_parser *parser;
    struct part *part;
    int line;
    bool comma;            /* the engines' list goes on */
    unsigned options_seen; /* set of enum option */
};

bool revision_is_marker(const struct line *line)
{
    return line->length >= sizeof(MARKER) - 1 && !memcmp(line->text, MARKER, sizeof(MARKER) - 1);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool revision_next_word(const char **text, size_t *length, const char **word, size_t *word_length)
{
    const char *at = *text, *limit = *text + *length;

    while (at < limit && is_blank(*at)) {
        at++;
    }
    *word = at;
    while (at < limit && !is_blank(*at)) {
        at++;
    }
    *word_length = (size_t)(at - *word);
    *text = at;
    *length = (size_t)(limit - at);
    return *word_length > 0;
}

static bool is_check(const struct part *part)
{
    return part->kind == PART_REQUIRE || part->kind == PART_VERIFY;
}

static void on_duration(struct marker *marker, enum option option, const char *value)
{
    int64_t milliseconds = duration_parse(value);

    if (milliseconds < 0) {
        revision_parser_fail(
            marker->parser, marker->line,
            "a duration is one number with ms, s, m or h, as in 250ms, 5s; or 0 for none",
            "%s=%s is no duration", options[option].name,
            revision_parser_show(marker->parser, value, strlen(value)));
        return;
    }
    if (option == OPTION_LOCK_TIMEOUT) {
        marker->part->section.lock_timeout_ms = milliseconds;
    } else {
        marker->part->section.statement_timeout_ms = milliseconds;
    }
}

static void set_option(struct marker *marker, enum option option, const char *value)
{
    const struct option_rule *rule = &options[option];
    struct part *part = marker->part;

    if (!rule->only) {
        on_duration(marker, option, value);
        return;
    }
    if (strcmp(value, rule->only) != 0) {
        revision_parser_fail(marker->parser, marker->line,
                             arena_printf(marker->parser->arena, "write %s=%s, or leave it out",
                                          rule->name, rule->only),
                             "%s=%s is not allowed", rule->name,
                             revision_parser_show(marker->parser, value, strlen(value)));
        return;
    }
    if (option == OPTION_TRANSACTION) {
        part->section.transaction_off = true;
    } else if (option == OPTION_FOREIGN_KEYS) {
        part->section.foreign_keys_off = true;
    } else {
        part->expect_true = true;
    }
}

/* The options that this kind of part may have, for hints. */
static const char *list_options(struct marker *marker, const char *near_to)
{
    const char *names[OPTION_COUNT + 1] = {NULL}, *near;
    size_t count = 0;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (options[i].of_checks == is_check(marker->part)) {
            names[count++] = options[i].name;
        }
    }
    near = text_nearest(near_to, names, count);
    if (near) {
        return arena_printf(marker->parser->arena, "did you mean %s=?", near);
    }
    return is_check(marker->part)
               ? "the one option of a check is expect=true"
               : "options are transaction=off, lock_timeout=, statement_timeout=, foreign_keys=off";
}

static void on_option(struct marker *marker, const char *word, size_t length, size_t name_length)
{
    struct revision_parser *parser = marker->parser;
    char *name = arena_strndup(parser->arena, word, name_length);
    char *value = arena_strndup(parser->arena, word + name_length + 1, length - name_length - 1);

    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        if (strcmp(name, options[i].name) != 0 || options[i].of_checks != is_check(marker->part)) {
            continue;
        }
        if (marker->options_seen & (1u << i)) {
            revision_parser_fail(parser, marker->line, NULL,
                                 "option \"%s\" stands twice on the marker", name);
            return;
        }
        marker->options_seen |= 1u << i;
        set_option(marker, (enum option)i, value);
        return;
    }
    revision_parser_fail(
        parser, marker->line, list_options(marker, name), "unknown option \"%s\" of skein:%s",
        revision_parser_show(parser, name, name_length), part_names[marker->part->kind]);
}

static void on_engine(struct marker *marker, const char *word, size_t length)
{
    struct revision_parser *parser = marker->parser;
    char *name = arena_strndup(parser->arena, word, length);
    enum engine engine;

    if (engine_parse(name, &engine)) {
        marker->part->section.engines |= ENGINE_BIT(engine);
        return;
    }
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!strcmp(name, options[i].name)) {
            revision_parser_fail(parser, marker->line,
                                 arena_printf(parser->arena, "write %s=%s", name,
                                              options[i].only ? options[i].only : "5s"),
                                 "option \"%s\" has no value", name);
            return;
        }
    }
    revision_parser_fail(parser, marker->line,
                         revision_parser_nearest(parser, name, engine_words,
                                                 "engines are postgresql, mysql, mariadb, sqlite"),
                         "unknown engine \"%s\" on a marker",
                         revision_parser_show(parser, name, length));
}

/* A word of the list of engines: with commas in it, before or after it. */
static void on_engines(struct marker *marker, const char *word, size_t length)
{
    const char *limit = word + length;

    bool first = !marker->part->section.engines && !marker->comma;

    if (first ? *word == ',' : !marker->comma && *word != ',') {
        revision_parser_fail(marker->parser, marker->line, "write postgresql,sqlite",
                             "engines are separated by commas");
        return;
    }
    while (word < limit) {
        const char *comma = memchr(word, ',', (size_t)(limit - word)), *end = comma ? comma : limit;

        if (end > word) {
            on_engine(marker, word, (size_t)(end - word));
        }
        word = comma ? comma + 1 : limit;
    }
    marker->comma = limit[-1] == ',';
}

static void set_title(struct marker *marker)
{
    struct section *section = &marker->part->section;
    const char *kind = part_names[marker->part->kind];
    struct str title = STR_INIT;

    section->title = kind;
    if (section->engines) {
        str_add(&title, kind);
        for (unsigned engine = 0, count = 0; engine < ENGINE_COUNT; engine++) {
            if (section->engines & ENGINE_BIT(engine)) {
                str_addf(&title, "%c%s", count++ ? ',' : ' ', engine_name((enum engine)engine));
            }
        }
        section->title = arena_strndup(marker->parser->arena, title.text, title.length);
    }
    str_release(&title);
}

static void check_options(struct marker *marker)
{
    struct section *section = &marker->part->section;

    if (section->foreign_keys_off && section->names_engines &&
        !(section->engines & ENGINE_BIT(ENGINE_SQLITE))) {
        revision_parser_fail(marker->parser, marker->line,
                             "leave it out, or add sqlite to the engines",
                             "foreign_keys=off is for SQLite, and this section is not");
    }
    if (section->foreign_keys_off && section->transaction_off) {
        revision_parser_fail(marker->parser, marker->line, "leave transaction=off out",
                             "foreign_keys=off makes a transaction of its own, so that "
                             "transaction=off cannot stand beside it");
    }
}

static void on_name(struct marker *marker, const char *word, size_t length)
{
    struct revision_parser *parser = marker->parser;
    char *name = arena_strndup(parser->arena, word, length);
    enum engine engine;

    if (!length || engine_parse(name, &engine) || strpbrk(name, "=,")) {
        revision_parser_fail(parser, marker->line,
                             "write: -- skein:require NAME [ENGINE] [expect=true]",
                             "skein:%s has no name", part_names[marker->part->kind]);
    }
    marker->part->name = name;
}

static struct part *add_part(struct revision_parser *parser, enum part_kind kind, int line)
{
    struct part *part;

    parser->parts = arena_grow(parser->arena, parser->parts, sizeof(*parser->parts),
                               &parser->part_capacity, parser->part_count + 1);
    part = &parser->parts[parser->part_count++];
    *part = (struct part){
        .kind = kind,
        .section = {.direction = kind == PART_DOWNGRADE ? DIRECTION_DOWNGRADE : DIRECTION_UPGRADE,
                    .lock_timeout_ms = -1,
                    .statement_timeout_ms = -1,
                    .line = line,
                    .body_line = line + 1}};
    return part;
}

static void read_words(struct marker *marker, const char *text, size_t length)
{
    const char *word;
    size_t word_length;

    if (is_check(marker->part)) {
        revision_next_word(&text, &length, &word, &word_length);
        on_name(marker, word, word_length);
    }
    while (revision_next_word(&text, &length, &word, &word_length)) {
        const char *equals = memchr(word, '=', word_length);

        if (equals) {
            on_option(marker, word, word_length, (size_t)(equals - word));
        } else {
            on_engines(marker, word, word_length);
        }
    }
    if (marker->comma) {
        revision_parser_fail(marker->parser, marker->line, "write postgresql,sqlite",
                             "the list of engines ends with a comma");
    }
}

bool revision_parse_unfinished(struct revision_parser *parser, const struct line *line)
{
    struct str reason = STR_INIT;
    const char *text = line->text + sizeof(MARKER) - 1, *word;
    size_t length = line->length - (sizeof(MARKER) - 1), word_length;

    if (!revision_next_word(&text, &length, &word, &word_length) ||
        word_length != sizeof(UNFINISHED) - 1 || memcmp(word, UNFINISHED, word_length) != 0) {
        return false;
    }
    str_add(&reason, revision_next_word(&text, &length, &word, &word_length) ? ": " : "");
    length += word_length;
    text_add_safe(&reason, word,
                  length > REASON_LENGTH ? text_utf8_prefix(word, REASON_LENGTH) : length, true);
    revision_parser_fail(parser, line->number,
                         "write what is missing here, then delete this line; or, of what cannot be "
                         "taken back, the whole downgrade section: \"Irreversible: REASON\" in "
                         "the header says why",
                         "this revision is not finished%s", reason.text);
    str_release(&reason);
    return true;
}

void revision_parse_marker(struct revision_parser *parser, const struct line *line)
{
    const char *text = line->text + sizeof(MARKER) - 1, *word;
    size_t length = line->length - (sizeof(MARKER) - 1), word_length;
    struct marker marker = {.parser = parser, .line = line->number};
    struct section *section;
    enum part_kind kind = PART_UPGRADE;
    char *name;

    revision_next_word(&text, &length, &word, &word_length);
    name = arena_strndup(parser->arena, word, word_length);
    while (kind < PART_KIND_COUNT && strcmp(name, part_names[kind]) != 0) {
        kind++;
    }
    if (kind == PART_KIND_COUNT) {
        revision_parser_fail(
            parser, line->number,
            revision_parser_nearest(parser, name, part_names,
                                    "markers are upgrade, downgrade, require, verify"),
            "unknown marker \"skein:%s\"", revision_parser_show(parser, name, word_length));
        kind = PART_UPGRADE;
        length = 0;
    }
    marker.part = add_part(parser, kind, line->number);
    read_words(&marker, text, length);
    section = &marker.part->section;
    section->names_engines = section->engines != 0;
    parser->named[kind] |= section->engines;
    check_options(&marker);
    set_title(&marker);
    if (!section->names_engines) {
        section->engines = ENGINE_ALL;
    }
}
