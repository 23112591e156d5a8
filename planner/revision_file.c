#include "planner/revision_file.h"

#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "planner/lexer.h"
#include "planner/revision_parser.h"
#include "planner/splitter.h"
#include "planner/template.h"

/*
 * The text
 */

static int line_at(const char *text, size_t position)
{
    int line = 1;

    for (size_t i = 0; i < position; i++) {
        line += text[i] == '\n';
    }
    return line;
}

/* A file from another system has the same checksum: its line ends are no part of it. */
static void set_text(struct revision_parser *parser, const char *text, size_t length)
{
    char *copy;
    size_t used = 0;

    if (length >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
        text += 3;
        length -= 3;
    }
    parser->text = text;
    parser->length = length;
    if (!memmem(text, length, "\r\n", 2)) {
        return;
    }
    copy = arena_alloc(parser->arena, length);
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\r' || i + 1 == length || text[i + 1] != '\n') {
            copy[used++] = text[i];
        }
    }
    parser->text = copy;
    parser->length = used;
}

static bool check_bytes(struct revision_parser *parser, const struct file_text *file)
{
    const char *nul;
    size_t valid;

    if (file->length > REVISION_FILE_LIMIT) {
        revision_parser_fail(parser, 0,
                             "cut it into several revisions, or load data by other means",
                             "the file is larger than 16 MiB");
        return false;
    }
    nul = file->length ? memchr(file->data, '\0', file->length) : NULL;
    if (nul) {
        revision_parser_fail(parser, line_at(file->data, (size_t)(nul - file->data)),
                             "a revision file is UTF-8 text", "the file holds a NUL byte");
        return false;
    }
    valid = text_utf8_prefix(file->data, file->length);
    if (valid < file->length) {
        revision_parser_fail(parser, line_at(file->data, valid), "save the file as UTF-8",
                             "the file is not UTF-8 (byte 0x%02x)",
                             (unsigned)(unsigned char)file->data[valid]);
        return false;
    }
    return true;
}

/*
 * Sections
 */

/* Between the header and the first marker only comments may stand. */
static void check_before_markers(struct revision_parser *parser, size_t start, size_t end)
{
    struct lexer lexer;
    struct token token;

    lexer_init(&lexer, ENGINE_POSTGRESQL, parser->text + start, end - start);
    do {
        lexer_next(&lexer, &token);
    } while (token_is_blank(&token) || token.kind == TOKEN_KEPT);
    if (token.kind != TOKEN_END) {
        revision_parser_fail(parser, line_at(parser->text, start + token.start),
                             "put \"-- skein:upgrade\" on a line before it",
                             "SQL before the first marker");
    }
}

static void end_part(struct revision_parser *parser, size_t end)
{
    struct section *section;

    if (parser->part_count) {
        section = &parser->parts[parser->part_count - 1].section;
        section->body_length = (size_t)(parser->text + end - section->body);
    }
}

static void parse_parts(struct revision_parser *parser)
{
    size_t start = parser->position;
    struct line line;

    while (revision_parser_peek(parser, &line)) {
        size_t at = parser->position;

        revision_parser_advance(parser, &line);
        if (line.length < 2 || line.text[0] != '-' || line.text[1] != '-') {
            continue;
        }
        if (revision_is_marker(&line) && revision_parse_unfinished(parser, &line)) {
            continue;
        }
        if (revision_is_marker(&line)) {
            if (parser->part_count) {
                end_part(parser, at);
            } else {
                check_before_markers(parser, start, at);
            }
            revision_parse_marker(parser, &line);
            parser->parts[parser->part_count - 1].section.body = parser->text + parser->position;
        } else if (splitter_is_like_marker(line.text, line.length)) {
            revision_parser_fail(parser, line.number,
                                 "a marker begins with \"-- skein:\" in column 1, in small letters",
                                 "this comment looks like a marker, but is none");
        }
    }
    if (parser->part_count) {
        end_part(parser, parser->length);
    } else {
        check_before_markers(parser, start, parser->length);
    }
}

static bool is_check(enum part_kind kind)
{
    return kind == PART_REQUIRE || kind == PART_VERIFY;
}

/* The engines that a part is for, with the rule that MariaDB reads what is for MySQL where the file
 * has nothing of the kind for it. */
static unsigned effective_engines(const struct revision_parser *parser, const struct part *part)
{
    unsigned engines = part->section.engines;

    if (engines & ENGINE_BIT(ENGINE_MYSQL) &&
        !(parser->named[part->kind] & ENGINE_BIT(ENGINE_MARIADB))) {
        engines |= ENGINE_BIT(ENGINE_MARIADB);
    }
    return engines;
}

static void list_sections(struct revision_parser *parser)
{
    struct revision *revision = parser->revision;
    struct section *sections = arena_array(parser->arena, parser->part_count, sizeof(*sections));

    for (size_t i = 0; i < parser->part_count; i++) {
        if (!is_check(parser->parts[i].kind)) {
            sections[revision->section_count++] = parser->parts[i].section;
        }
    }
    revision->sections = sections;
}

/*
 * Statements
 */

/* A function of PostgreSQL's in a section for all: as another engine reads it, its body's END
 * stands alone. Says so where some engine of the section's takes the text. */
static void say_engine(struct revision_parser *parser, enum engine engine,
                       const struct section *section, struct err *err)
{
    for (unsigned other = 0; other < ENGINE_COUNT; other++) {
        struct err ignored = ERR_INIT(parser->arena);
        struct statement *statements;
        size_t count;

        if (!(section->engines & ENGINE_BIT(other)) ||
            splitter_split(parser->arena, (enum engine)other, section->body, section->body_length,
                           section->body_line, &statements, &count, &ignored)) {
            continue;
        }
        err->message =
            arena_printf(parser->arena, "%s, as %s reads it", err->message, engine_name(engine));
        err_hint(err, "%s; if it is for %s alone, name that on the marker: -- skein:upgrade %s",
                 err->hint, engine_name((enum engine)other), engine_name((enum engine)other));
        return;
    }
}

/* A rebuild of a table whose foreign keys are still enforced deletes rows of others. */
static void check_pragmas(struct revision_parser *parser, const struct section *section,
                          const struct statement *statements, size_t count)
{
    for (size_t i = 0; i < count && !section->transaction_off; i++) {
        const struct statement *statement = &statements[i];
        const char *option = splitter_pragma_option(statement->text, statement->length);
        struct err err = ERR_INIT(parser->arena);

        if (option && !(section->foreign_keys_off && strncmp(option, "foreign_keys", 12) == 0)) {
            err_set(&err, ERROR_REVISION, "inside a transaction SQLite passes over this PRAGMA");
            err_at(&err, NULL, statement->line, 0);
            err_hint(&err, "put %s on the marker of its section", option);
            revision_parser_keep(parser, &err);
        }
    }
}

static bool split(struct revision_parser *parser, enum engine engine, const struct section *section,
                  struct statement **statements, size_t *count)
{
    struct err err = ERR_INIT(parser->arena);

    if (splitter_split(parser->arena, engine, section->body, section->body_length,
                       section->body_line, statements, count, &err)) {
        say_engine(parser, engine, section, &err);
        revision_parser_keep(parser, &err);
        return false;
    }
    if (engine == ENGINE_SQLITE) {
        check_pragmas(parser, section, *statements, *count);
    }
    for (size_t i = 0; i < *count && parser->revision->variable_count; i++) {
        if (template_validate(parser->revision, engine, (*statements)[i].text,
                              (*statements)[i].length, &err)) {
            err.line += (*statements)[i].line - 1;
            revision_parser_keep(parser, &err);
        }
    }
    return true;
}

/* The first section's statements are taken as they are: most scripts have one section. */
static void add_statements(struct revision_parser *parser, struct script *script, size_t *capacity,
                           struct statement *statements, size_t count)
{
    struct statement *joined = (struct statement *)script->statements;

    for (size_t i = 0; i < count; i++) {
        statements[i].section = script->section_count - 1;
    }
    if (!script->statement_count) {
        joined = statements;
        *capacity = count;
    } else if (count) {
        joined = arena_grow(parser->arena, joined, sizeof(*joined), capacity,
                            script->statement_count + count);
        memcpy(joined + script->statement_count, statements, count * sizeof(*joined));
    }
    script->statements = joined;
    script->statement_count += count;
}

static void make_script(struct revision_parser *parser, enum engine engine,
                        enum direction direction)
{
    struct revision *revision = parser->revision;
    struct script *script = &revision->scripts[engine][direction];
    const struct section **sections =
        arena_array(parser->arena, revision->section_count, sizeof(struct section *));
    size_t next = 0, capacity = 0;

    script->sections = sections;
    for (size_t i = 0; i < parser->part_count; i++) {
        const struct part *part = &parser->parts[i];
        struct statement *statements;
        size_t count;

        if (is_check(part->kind)) {
            continue;
        }
        next++;
        if (part->section.direction != direction ||
            !(effective_engines(parser, part) & ENGINE_BIT(engine))) {
            continue;
        }
        script->present = true;
        sections[script->section_count++] = &revision->sections[next - 1];
        parser->section = part->section.title;
        if (split(parser, engine, &part->section, &statements, &count)) {
            add_statements(parser, script, &capacity, statements, count);
        }
        parser->section = NULL;
    }
}

static void sum(struct revision_parser *parser, enum engine engine)
{
    const struct script *script = &parser->revision->scripts[engine][DIRECTION_UPGRADE];
    struct revision_tools *tools = parser->tools;

    for (size_t i = 0; i < script->statement_count; i++) {
        str_clear(&tools->canonical);
        splitter_canonical(engine, script->statements[i].text, script->statements[i].length,
                           &tools->canonical);
        digest_add(tools->digest, tools->canonical.text, tools->canonical.length);
    }
    digest_finish(tools->digest, parser->revision->checksum[engine]);
}

static void make_scripts(struct revision_parser *parser)
{
    for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
        if (parser->engines & ENGINE_BIT(engine)) {
            make_script(parser, (enum engine)engine, DIRECTION_UPGRADE);
            make_script(parser, (enum engine)engine, DIRECTION_DOWNGRADE);
            sum(parser, (enum engine)engine);
        }
    }
}

/*
 * Checks
 */

static void split_check(struct revision_parser *parser, const struct part *part, enum engine engine,
                        struct check *check)
{
    struct statement *statements;
    size_t count;

    if (!split(parser, engine, &part->section, &statements, &count)) {
        return;
    }
    if (count != 1) {
        revision_parser_fail(parser, count ? statements[1].line : part->section.line,
                             "one check is one SELECT; write a second check for a second one",
                             "skein:%s %s holds %zu statements", part_names[part->kind],
                             check->name, count);
    } else if (!splitter_is_query(engine, statements[0].text, statements[0].length)) {
        revision_parser_fail(
            parser, statements[0].line,
            "write a SELECT that returns the rows that must not be there, or one with expect=true",
            "skein:%s %s is no SELECT that only reads", part_names[part->kind], check->name);
    } else if (check->statement.text && (check->statement.text != statements[0].text ||
                                         check->statement.length != statements[0].length)) {
        revision_parser_fail(parser, statements[0].line, "write one check for each engine",
                             "skein:%s %s reads differently on two engines", part_names[part->kind],
                             check->name);
    } else {
        check->statement = statements[0];
    }
}

/* A name is what a report says: one of a kind for an engine. */
static void check_name(struct revision_parser *parser, struct map *seen, const struct check *check,
                       enum part_kind kind)
{
    for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
        const char *key = arena_printf(parser->arena, "%s %s %s", part_names[kind],
                                       engine_name((enum engine)engine), check->name);

        if (!(check->engines & ENGINE_BIT(engine))) {
            continue;
        }
        if (map_get(seen, key)) {
            revision_parser_fail(parser, check->line,
                                 "give it another name, or name an engine on each marker",
                                 "skein:%s %s stands twice for %s", part_names[kind], check->name,
                                 engine_name((enum engine)engine));
            return;
        }
        map_set(seen, key, parser);
    }
}

static void make_checks(struct revision_parser *parser)
{
    struct revision *revision = parser->revision;
    struct check *checks =
        arena_array(parser->arena, parser->part_count - revision->section_count, sizeof(*checks));
    struct map seen;

    map_init(&seen, parser->arena);
    for (size_t i = 0; i < parser->part_count; i++) {
        const struct part *part = &parser->parts[i];
        struct check *check = &checks[revision->check_count];

        if (!is_check(part->kind)) {
            continue;
        }
        revision->check_count++;
        *check = (struct check){.name = part->name,
                                .verify = part->kind == PART_VERIFY,
                                .expect_true = part->expect_true,
                                .engines = effective_engines(parser, part),
                                .line = part->section.line};
        parser->section = part->section.title;
        check_name(parser, &seen, check, part->kind);
        for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
            if (check->engines & parser->engines & ENGINE_BIT(engine)) {
                split_check(parser, part, (enum engine)engine, check);
            }
        }
        parser->section = NULL;
    }
    revision->checks = checks;
}

/*
 * Files
 */

/* They were found in the order of the work, not of the file. */
static void sort_errors(const struct revision_parser *parser)
{
    struct err *items = parser->errors->items;

    for (size_t i = parser->errors_before + 1; i < parser->errors->count; i++) {
        struct err moved = items[i];
        size_t at = i;

        for (; at > parser->errors_before && items[at - 1].line > moved.line; at--) {
            items[at] = items[at - 1];
        }
        items[at] = moved;
    }
}

static struct revision *parse(struct arena *arena, const struct file_text *file, unsigned engines,
                              struct revision_tools *tools, struct err_list *errors)
{
    struct revision_parser parser = {.arena = arena,
                                     .path = file->path,
                                     .errors = errors,
                                     .errors_before = errors->count,
                                     .engines = engines,
                                     .tools = tools,
                                     .line = 1};

    if (!check_bytes(&parser, file)) {
        return NULL;
    }
    parser.revision = arena_alloc(arena, sizeof(*parser.revision));
    parser.revision->path = file->path;
    parser.revision->name = file->name;
    set_text(&parser, file->data, file->length);
    revision_parse_header(&parser);
    parse_parts(&parser);
    list_sections(&parser);
    make_scripts(&parser);
    make_checks(&parser);
    sort_errors(&parser);
    return parser.failures ? NULL : parser.revision;
}

static struct revision_tools tools_make(void)
{
    return (struct revision_tools){.digest = digest_new(), .canonical = STR_INIT};
}

static void tools_release(struct revision_tools *tools)
{
    digest_free(tools->digest);
    str_release(&tools->canonical);
}

struct revision *revision_file_parse(struct arena *arena, const struct file_text *file,
                                     unsigned engines, struct err_list *errors)
{
    struct revision_tools tools = tools_make();
    struct revision *revision = parse(arena, file, engines, &tools, errors);

    tools_release(&tools);
    return revision;
}

int revision_files_parse(struct arena *arena, const struct file_text *files, size_t file_count,
                         unsigned engines, struct err_list *errors, struct revision ***revisions,
                         size_t *count)
{
    struct revision_tools tools = tools_make();

    *revisions = arena_array(arena, file_count, sizeof(struct revision *));
    *count = 0;
    for (size_t i = 0; i < file_count; i++) {
        struct revision *revision = parse(arena, &files[i], engines, &tools, errors);

        if (revision) {
            (*revisions)[(*count)++] = revision;
        }
    }
    tools_release(&tools);
    return *count == file_count ? 0 : (int)ERROR_REVISION;
}
