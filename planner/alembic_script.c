#include "planner/alembic_script.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "planner/lexer.h"
#include "planner/splitter.h"

struct parsing {
    struct arena *arena;
    enum engine engine;
    enum direction direction;
    struct alembic_script *script;
    struct alembic_step *step; /* the one under way; NULL before the first */
    bool transactional;        /* Alembic itself wrote BEGIN */
    bool inside;               /* of a transaction */
    struct str canonical;      /* of the statement under way, without its end */
};

/* A stretch of the text: a statement without what is around it. */
struct piece {
    size_t start, end;
    bool cut; /* its end was swallowed by a comment, and was found again */
};

/*
 * The version table's own statements
 */

/* Goes past `word`; false where something else stands there. */
static bool skip(const char **at, const char *word)
{
    size_t length = strlen(word);

    if (strncmp(*at, word, length) != 0) {
        return false;
    }
    *at += length;
    return true;
}

/* Goes past a name up to `end`; *name in the arena. */
static bool take_name(struct arena *arena, const char **at, const char *end, const char **name)
{
    const char *found = strstr(*at, end);

    if (!found || found == *at) {
        return false;
    }
    *name = arena_strndup(arena, *at, (size_t)(found - *at));
    *at = found + strlen(end);
    return !strpbrk(*name, "'();");
}

static bool skip_value(const char **at)
{
    if (!skip(at, "'")) {
        return false;
    }
    while (**at && (**at != '\'' || (*at)[1] == '\'')) {
        *at += **at == '\'' ? 2 : 1;
    }
    return skip(at, "'");
}

/* With what newer ones of SQLAlchemy ask back. */
static bool is_insert(struct arena *arena, const char *at, const char **table)
{
    if (!skip(&at, "INSERT INTO ") || !take_name(arena, &at, " (version_num) VALUES (", table) ||
        !skip_value(&at) || !skip(&at, ")")) {
        return false;
    }
    return !*at || !strcmp(at, " RETURNING version_num") ||
           !strcmp(at, arena_printf(arena, " RETURNING %s.version_num", *table));
}

static bool is_update(struct arena *arena, const char *at, const char **table)
{
    const char *same;

    return skip(&at, "UPDATE ") && take_name(arena, &at, " SET version_num=", table) &&
           skip_value(&at) && skip(&at, " WHERE ") &&
           take_name(arena, &at, ".version_num = ", &same) && !strcmp(*table, same) &&
           skip_value(&at) && !*at;
}

static bool is_delete(struct arena *arena, const char *at, const char **table)
{
    const char *same;

    return skip(&at, "DELETE FROM ") && take_name(arena, &at, " WHERE ", table) &&
           take_name(arena, &at, ".version_num = ", &same) && !strcmp(*table, same) &&
           skip_value(&at) && !*at;
}

static bool is_create(struct arena *arena, const char *at, const char **table)
{
    return skip(&at, "CREATE TABLE ") && take_name(arena, &at, " ( version_num ", table);
}

static bool is_known_table(const struct parsing *parsing, const char *table)
{
    return !parsing->script->version_table || !strcmp(parsing->script->version_table, table);
}

/* One that moves the version. The first one tells the table's name. */
static bool is_version(struct parsing *parsing)
{
    const char *text = parsing->canonical.text, *table;

    if ((!is_insert(parsing->arena, text, &table) && !is_update(parsing->arena, text, &table) &&
         !is_delete(parsing->arena, text, &table)) ||
        !is_known_table(parsing, table)) {
        return false;
    }
    parsing->script->version_table = table;
    return true;
}

/* One that makes or drops the table: only between two revisions. */
static bool is_version_table(struct parsing *parsing)
{
    const char *text = parsing->canonical.text, *table;

    if (is_create(parsing->arena, text, &table) && is_known_table(parsing, table)) {
        parsing->script->version_table = table;
        return true;
    }
    return skip(&text, "DROP TABLE ") && parsing->script->version_table &&
           !strcmp(text, parsing->script->version_table);
}

/*
 * Statements
 */

enum control { CONTROL_NONE, CONTROL_BEGIN, CONTROL_COMMIT };

static enum control control_of(const char *canonical)
{
    static const struct {
        const char *text;
        enum control control;
    } table[] = {
        {"BEGIN", CONTROL_BEGIN},
        {"BEGIN TRANSACTION", CONTROL_BEGIN},
        {"BEGIN WORK", CONTROL_BEGIN},
        {"START TRANSACTION", CONTROL_BEGIN},
        {"COMMIT", CONTROL_COMMIT},
        {"COMMIT TRANSACTION", CONTROL_COMMIT},
        {"COMMIT WORK", CONTROL_COMMIT},
        {"END", CONTROL_COMMIT},
        {"END TRANSACTION", CONTROL_COMMIT},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (!strcasecmp(canonical, table[i].text)) {
            return table[i].control;
        }
    }
    return CONTROL_NONE;
}

static void set_canonical(struct parsing *parsing, const char *text, size_t length)
{
    str_clear(&parsing->canonical);
    splitter_canonical(parsing->engine, text, length, &parsing->canonical);
    parsing->canonical.length -= 2; /* ";\n" */
    parsing->canonical.text[parsing->canonical.length] = '\0';
}

static struct alembic_statement *add_statement(struct parsing *parsing, const char *text,
                                               size_t length)
{
    struct alembic_step *step = parsing->step;
    struct alembic_statement *statement;

    step->statements = arena_grow(parsing->arena, step->statements, sizeof(*step->statements),
                                  &step->capacity, step->count + 1);
    statement = &step->statements[step->count++];
    *statement = (struct alembic_statement){
        .text = text, .length = length, .outside = parsing->transactional && !parsing->inside};
    return statement;
}

/* BEGIN and COMMIT around a revision are Alembic's; within one they are autocommit_block()'s, where
 * they fit. */
static bool on_control(struct parsing *parsing, enum control control)
{
    bool between = !parsing->step || parsing->step->complete;

    if (!control ||
        (!between && (!parsing->transactional || parsing->inside != (control == CONTROL_COMMIT)))) {
        return false;
    }
    parsing->inside = control == CONTROL_BEGIN;
    parsing->transactional |= parsing->inside;
    return true;
}

/* `text` has the comments before the statement proper, which has its last `own` bytes. */
static void on_statement(struct parsing *parsing, const char *text, size_t length, size_t own,
                         bool cut)
{
    struct alembic_statement *statement;
    bool between = !parsing->step || parsing->step->complete;

    set_canonical(parsing, text + length - own, own);
    if (on_control(parsing, control_of(parsing->canonical.text)) ||
        (between && is_version_table(parsing))) {
        return;
    }
    if (parsing->step && is_version(parsing)) {
        parsing->step->complete = true;
        return;
    }
    if (!parsing->step) {
        if (!parsing->script->preamble) {
            parsing->script->preamble = arena_strdup(parsing->arena, parsing->canonical.text);
        }
        return;
    }
    statement = add_statement(parsing, text, length);
    statement->doubt = alembic_doubt_of(parsing->arena, parsing->engine, text + length - own, own);
    statement->outside |=
        parsing->engine == ENGINE_SQLITE && !strncasecmp(parsing->canonical.text, "VACUUM", 6);
    if (cut) {
        statement->doubt.reason =
            "a comment at the end of a statement swallowed its semicolon: is this "
            "one whole, and the next one?";
    }
    if (between) {
        statement->doubt.reason =
            "it was written after the version table was set, by a hook of env.py's "
            "perhaps";
    }
}

/*
 * The text
 */

/* "-- Running upgrade a -> b": the revision in the arena; NULL: another comment. */
static const char *running(const struct parsing *parsing, const char *line, size_t length)
{
    char *text = arena_strndup(parsing->arena, line, length);
    const char *at = text;
    char *arrow;

    if (!skip(&at, "-- Running ") ||
        !skip(&at, parsing->direction == DIRECTION_UPGRADE ? "upgrade " : "downgrade ")) {
        return NULL;
    }
    arrow = strstr(at, " -> ");
    if (!arrow) {
        return NULL;
    }
    if (parsing->direction == DIRECTION_UPGRADE) {
        at = arrow + 4;
    } else {
        *arrow = '\0';
    }
    text[(size_t)(at - text) + strcspn(at, " ,\r")] = '\0';
    return *at ? at : NULL;
}

static void begin_step(struct parsing *parsing, const char *revision)
{
    struct alembic_script *script = parsing->script;

    script->steps = arena_grow(parsing->arena, script->steps, sizeof(*script->steps),
                               &script->capacity, script->count + 1);
    parsing->step = &script->steps[script->count++];
    *parsing->step = (struct alembic_step){.revision = revision};
}

/* What stands between two statements: begins steps. Returns where the comments that belong to the
 * next statement begin. */
static size_t on_gap(struct parsing *parsing, const char *text, size_t start, size_t end)
{
    size_t own = start;
    struct lexer lexer;
    struct token token;

    lexer_init(&lexer, parsing->engine, text + start, end - start);
    for (lexer_next(&lexer, &token); token.kind != TOKEN_END; lexer_next(&lexer, &token)) {
        const char *at = text + start + token.start;
        const char *revision =
            token.kind == TOKEN_COMMENT ? running(parsing, at, token.length) : NULL;

        if (revision) {
            begin_step(parsing, revision);
        }
        if (revision || token.kind == TOKEN_TERMINATOR ||
            (token.kind == TOKEN_COMMENT && splitter_is_like_marker(at, token.length))) {
            own = start + token.start + token.length;
        }
    }
    while (own < end && strchr(" \t\r\n", text[own])) {
        own++;
    }
    return own;
}

/* Where a comment swallowed the end that Alembic gave a statement: "SELECT 1 -- one;", an empty
 * line. *comment and *next are the ends of what is before it and the start of what follows. */
static bool find_swallowed(const struct parsing *parsing, const char *text, size_t start,
                           size_t end, size_t *before, size_t *next)
{
    struct lexer lexer;
    struct token token;
    bool swallowed = false;

    *before = start;
    lexer_init(&lexer, parsing->engine, text + start, end - start);
    for (lexer_next(&lexer, &token); token.kind != TOKEN_END; lexer_next(&lexer, &token)) {
        const char *at = text + start + token.start;

        *next = start + token.start;
        if (token.kind == TOKEN_COMMENT) {
            const char *after = at + token.length;

            swallowed |= at[0] != '/' && after[-1] == ';' && after + 1 < text + end &&
                         after[0] == '\n' && after[1] == '\n';
        } else if (token.kind != TOKEN_SPACE && swallowed) {
            return true;
        } else if (token.kind != TOKEN_SPACE) {
            *before = *next + token.length;
        }
    }
    return false;
}

/* Alembic's own words, after which a comment had swallowed an end for sure. */
static bool is_alembics(struct parsing *parsing, const char *text, size_t start, size_t end)
{
    set_canonical(parsing, text + start, end - start);
    return control_of(parsing->canonical.text) || is_version(parsing);
}

static size_t add_pieces(struct parsing *parsing, const char *text, size_t start, size_t end,
                         struct piece **pieces, size_t *capacity, size_t count)
{
    size_t before, next;

    for (;;) {
        bool swallowed = find_swallowed(parsing, text, start, end, &before, &next);

        *pieces = arena_grow(parsing->arena, *pieces, sizeof(**pieces), capacity, count + 1);
        (*pieces)[count++] = (struct piece){.start = start, .end = swallowed ? before : end};
        if (!swallowed) {
            return count;
        }
        start = next;
        (*pieces)[count - 1].cut = find_swallowed(parsing, text, start, end, &before, &next) ||
                                   !is_alembics(parsing, text, start, end);
    }
}

/* A quote that is never closed: the revisions that the lines tell, whole. */
static void parse_lines(struct parsing *parsing, const char *text, size_t length,
                        const char *reason)
{
    const char *at = text, *end = text + length;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((newline ? newline : end) - at);
        const char *revision = running(parsing, at, size);

        at = newline ? newline + 1 : end;
        if (revision) {
            begin_step(parsing, revision);
            add_statement(parsing, at, 0)->doubt.reason = arena_printf(
                parsing->arena,
                "%s: what Alembic wrote is not cut, the version table's statements are in it",
                reason);
        } else if (parsing->step) {
            struct alembic_statement *statement = parsing->step->statements;

            statement->length = (size_t)(at - statement->text);
        }
    }
}

void alembic_script_parse(struct arena *arena, enum engine engine, enum direction direction,
                          const char *text, size_t length, struct alembic_script *script)
{
    struct parsing parsing = {.arena = arena,
                              .engine = engine,
                              .direction = direction,
                              .script = script,
                              .canonical = STR_INIT};
    struct err err = ERR_INIT(arena);
    struct statement *statements;
    struct piece *pieces = NULL;
    size_t statement_count, count = 0, capacity = 0, at = 0;

    *script = (struct alembic_script){0};
    if (splitter_cut(arena, engine, text, length, 1, &statements, &statement_count, &err)) {
        parse_lines(&parsing, text, length, err.message);
        str_release(&parsing.canonical);
        return;
    }
    for (size_t i = 0; i < statement_count; i++) {
        size_t start = (size_t)(statements[i].text - text);

        count = add_pieces(&parsing, text, start, start + statements[i].length, &pieces, &capacity,
                           count);
    }
    for (size_t i = 0; i < count; i++) {
        size_t own = on_gap(&parsing, text, at, pieces[i].start);

        on_statement(&parsing, text + own, pieces[i].end - own, pieces[i].end - pieces[i].start,
                     pieces[i].cut);
        at = pieces[i].end;
    }
    on_gap(&parsing, text, at, length);
    str_release(&parsing.canonical);
}

struct alembic_step *alembic_script_find(const struct alembic_script *script, const char *revision)
{
    for (size_t i = 0; i < script->count; i++) {
        if (!strcmp(script->steps[i].revision, revision)) {
            return &script->steps[i];
        }
    }
    return NULL;
}
