#include "planner/splitter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bug.h"
#include "base/str.h"
#include "planner/body.h"
#include "planner/keyword.h"
#include "planner/lexer.h"

#define HEAD_WORDS 3

struct splitter {
    struct lexer lexer;
    struct body body;
    struct err *err;
    enum engine engine;
    bool custom_delimiter;
    bool foreign;            /* what a revision may not hold is none of its business */
    struct statement *items; /* on the heap: the arena gets them in their final number */
    size_t count, capacity;
    int first_line, line; /* `line` is that of byte `counted` */
    size_t counted;
    /* the statement under way */
    bool open;         /* there is one */
    bool sql;          /* with more than hints in it */
    size_t start, end; /* of its tokens */
    enum keyword head[HEAD_WORDS];
    size_t words;
    size_t parentheses, parenthesis_at;
};

static int line_of(struct splitter *splitter, size_t position)
{
    const char *at, *limit = splitter->lexer.text + position;

    if (position < splitter->counted) { /* an error's place: once, at most */
        splitter->counted = 0;
        splitter->line = splitter->first_line;
    }
    for (at = splitter->lexer.text + splitter->counted; at < limit; at++) {
        at = memchr(at, '\n', (size_t)(limit - at));
        if (!at) {
            break;
        }
        splitter->line++;
    }
    splitter->counted = position;
    return splitter->line;
}

#define CONTROL_HINT                                                                               \
    "skein opens and ends the transaction itself; leave it out, or put transaction=off on the "    \
    "marker of statements that cannot run in one"

static int refuse(struct splitter *splitter, size_t position, const char *hint, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));

static int refuse(struct splitter *splitter, size_t position, const char *hint, const char *format,
                  ...)
{
    struct err *err = splitter->err;
    va_list arguments;
    char *message;

    va_start(arguments, format);
    message = arena_vprintf(err->arena, format, arguments);
    va_end(arguments);
    err_set(err, ERROR_REVISION, "%s", message);
    err_at(err, NULL, line_of(splitter, position), 0);
    err_hint(err, "%s", hint);
    return (int)ERROR_REVISION;
}

/*
 * What a statement may not be
 */

#define MYSQL_ENGINES (ENGINE_BIT(ENGINE_MYSQL) | ENGINE_BIT(ENGINE_MARIADB))

#define TABLES_HINT                                                                                \
    "it would lock out skein's own tables, with transaction=off too: leave it out, and its "       \
    "UNLOCK TABLES"

/* By its first words; `second` KEYWORD_NONE: any. */
static const struct refusal {
    enum keyword first, second;
    unsigned engines;
    const char *hint; /* NULL: CONTROL_HINT */
} refusals[] = {
    {KEYWORD_BEGIN, KEYWORD_NONE, ENGINE_ALL, NULL},
    {KEYWORD_START, KEYWORD_TRANSACTION, ENGINE_ALL, NULL},
    {KEYWORD_COMMIT, KEYWORD_NONE, ENGINE_ALL, NULL},
    {KEYWORD_END, KEYWORD_NONE, ENGINE_ALL, NULL},
    {KEYWORD_ROLLBACK, KEYWORD_NONE, ENGINE_ALL, NULL},
    {KEYWORD_ABORT, KEYWORD_NONE, ENGINE_BIT(ENGINE_POSTGRESQL), NULL},
    {KEYWORD_PREPARE, KEYWORD_TRANSACTION, ENGINE_BIT(ENGINE_POSTGRESQL), NULL},
    {KEYWORD_XA, KEYWORD_NONE, MYSQL_ENGINES, NULL},
    {KEYWORD_LOCK, KEYWORD_NONE, MYSQL_ENGINES, TABLES_HINT},
};

/* ROLLBACK [WORK | TRANSACTION] TO a savepoint; MariaDB's BEGIN NOT ATOMIC. */
static bool is_exempt(const struct splitter *splitter)
{
    const enum keyword *head = splitter->head;

    if (head[0] == KEYWORD_ROLLBACK) {
        return head[1] == KEYWORD_TO ||
               ((head[1] == KEYWORD_WORK || head[1] == KEYWORD_TRANSACTION) &&
                head[2] == KEYWORD_TO);
    }
    return splitter->engine == ENGINE_MARIADB && head[0] == KEYWORD_BEGIN && head[1] == KEYWORD_NOT;
}

/* autocommit as what a SET assigns to, in any of its spellings; @autocommit is a variable of the
 * user's. */
static bool sets_autocommit(enum engine engine, const char *text, size_t length)
{
    struct lexer lexer;
    struct token token;
    bool target = false;
    int ats = 0;

    lexer_init(&lexer, engine, text, length);
    while (lexer_next_said(&lexer, &token)) {
        char sign = token.kind == TOKEN_OTHER ? text[token.start] : '\0';
        enum keyword word = token.kind == TOKEN_WORD
                                ? keyword_find(text + token.start, token.length)
                                : KEYWORD_NONE;

        if (sign == ',' || word == KEYWORD_SET) {
            target = true;
            ats = 0;
        } else if (target && sign == '@') {
            ats++;
        } else if (target && ats != 1 && token_is_named(text, &token, "autocommit")) {
            return true;
        } else if (sign != '.' && word != KEYWORD_GLOBAL && word != KEYWORD_SESSION &&
                   word != KEYWORD_LOCAL && word != KEYWORD_PERSIST &&
                   word != KEYWORD_PERSIST_ONLY && word != KEYWORD_STATEMENT) {
            target = false;
        }
    }
    return false;
}

/* COPY that wants the client's stream. */
static bool copies_through_client(enum engine engine, const char *text, size_t length)
{
    enum keyword previous = KEYWORD_NONE;
    struct lexer lexer;
    struct token token;

    lexer_init(&lexer, engine, text, length);
    while (lexer_next_said(&lexer, &token)) {
        enum keyword word = token.kind == TOKEN_WORD
                                ? keyword_find(text + token.start, token.length)
                                : KEYWORD_NONE;

        if ((word == KEYWORD_STDIN || word == KEYWORD_STDOUT) &&
            (previous == KEYWORD_FROM || previous == KEYWORD_TO)) {
            return true;
        }
        previous = word;
    }
    return false;
}

/* Functions that let go of skein's lock with all others. What makes a routine calls nothing yet. */
static const struct releasing {
    const char *name;
    unsigned engines;
    bool made; /* also where the statement makes something */
} releasing[] = {
    {"pg_advisory_unlock_all", ENGINE_BIT(ENGINE_POSTGRESQL), true},
    {"release_all_locks", MYSQL_ENGINES, false},
};

#define LOCK_HINT "it would let another skein in beside this run; release your own locks one by one"

/* Whether the first word is one, and some later word the other. */
static bool begins_with(const struct splitter *splitter, const struct statement *statement,
                        const char *first, const char *later)
{
    struct lexer lexer;
    struct token token;
    const char *wanted = first;

    lexer_init(&lexer, splitter->engine, statement->text, statement->length);
    while (lexer_next_said(&lexer, &token)) {
        if (token.kind != TOKEN_WORD) {
            continue;
        }
        if (token_is_named(statement->text, &token, wanted)) {
            if (wanted == later) {
                return true;
            }
            wanted = later;
        } else if (wanted == first) {
            return false;
        }
    }
    return false;
}

static int check_statement(struct splitter *splitter, const struct statement *statement)
{
    const enum keyword *head = splitter->head;

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct refusal *refusal = &refusals[i];

        if (refusal->first == head[0] && (!refusal->second || refusal->second == head[1]) &&
            refusal->engines & ENGINE_BIT(splitter->engine) && !is_exempt(splitter)) {
            return refuse(splitter, splitter->start, refusal->hint ? refusal->hint : CONTROL_HINT,
                          "%s%s%s is not allowed in a revision", keyword_name(refusal->first),
                          refusal->second ? " " : "", keyword_name(refusal->second));
        }
    }
    if (head[0] == KEYWORD_SET &&
        sets_autocommit(splitter->engine, statement->text, statement->length)) {
        return refuse(splitter, splitter->start, CONTROL_HINT,
                      "SET autocommit is not allowed in a revision");
    }
    if (head[0] == KEYWORD_COPY && splitter->engine == ENGINE_POSTGRESQL &&
        copies_through_client(splitter->engine, statement->text, statement->length)) {
        return refuse(splitter, splitter->start,
                      "write the rows as INSERT ... VALUES, or COPY from a file on the server",
                      "COPY from or to the client is not allowed in a revision");
    }
    if (MYSQL_ENGINES & ENGINE_BIT(splitter->engine) &&
        (begins_with(splitter, statement, "flush", "lock") ||
         begins_with(splitter, statement, "flush", "export"))) {
        return refuse(splitter, splitter->start, TABLES_HINT,
                      "FLUSH TABLES with a lock is not allowed in a revision");
    }
    if (splitter->engine == ENGINE_POSTGRESQL &&
        begins_with(splitter, statement, "discard", "all")) {
        return refuse(splitter, splitter->start,
                      LOCK_HINT ", with RESET and DEALLOCATE for the rest",
                      "DISCARD ALL releases skein's lock: it is not allowed in a revision");
    }
    return 0;
}

/* Signs that only a client knows. */
static int check_sign(struct splitter *splitter, const struct token *token, bool first)
{
    char sign = splitter->lexer.text[token->start];

    if (token->kind != TOKEN_OTHER) {
        return 0;
    }
    if (sign == '\\' && (first || splitter->engine == ENGINE_POSTGRESQL)) {
        return refuse(splitter, token->start,
                      "the text goes to the server, not to a client; write it in SQL",
                      "a client's backslash command is not allowed in a revision");
    }
    if (sign == '.' && first && splitter->engine == ENGINE_SQLITE) {
        return refuse(splitter, token->start,
                      "the text goes to the library, not to the sqlite3 shell; write it in SQL",
                      "a dot command of the sqlite3 shell is not allowed in a revision");
    }
    return 0;
}

bool splitter_is_like_marker(const char *text, size_t length)
{
    size_t at = 2;

    while (at < length && (text[at] == ' ' || text[at] == '\t')) {
        at++;
    }
    if (length < 2 || text[0] != '-' || text[1] != '-' || length - at < 6 ||
        strncasecmp(text + at, "skein", 5) != 0) {
        return false;
    }
    at += 5;
    while (at < length && (text[at] == ' ' || text[at] == '\t')) {
        at++;
    }
    return at < length && text[at] == ':';
}

/* `-- skein:unfinished` in column 1 was told when the sections were read. */
static bool is_told(const char *text, const struct token *token)
{
    static const char unfinished[] = "-- skein:unfinished";

    return token->length >= sizeof(unfinished) - 1 &&
           !memcmp(text + token->start, unfinished, sizeof(unfinished) - 1) &&
           (!token->start || text[token->start - 1] == '\n');
}

/*
 * Cutting
 */

static int finish_statement(struct splitter *splitter)
{
    struct statement *statement;
    int failed = 0;

    if (splitter->sql) {
        if (splitter->count == splitter->capacity) {
            splitter->capacity = splitter->capacity ? splitter->capacity * 2 : 16;
            splitter->items =
                xrealloc(splitter->items, splitter->capacity * sizeof(*splitter->items));
        }
        statement = &splitter->items[splitter->count++];
        *statement = (struct statement){.text = splitter->lexer.text + splitter->start,
                                        .length = splitter->end - splitter->start,
                                        .line = line_of(splitter, splitter->start)};
        failed = splitter->foreign ? 0 : check_statement(splitter, statement);
    }
    splitter->open = splitter->sql = false;
    splitter->words = splitter->parentheses = 0;
    memset(splitter->head, 0, sizeof(splitter->head));
    body_reset(&splitter->body);
    return failed;
}

/* The rest of a DELIMITER line. */
static int read_delimiter(struct splitter *splitter, const struct token *word)
{
    struct lexer *lexer = &splitter->lexer;
    size_t at = lexer->position, start;

    while (at < lexer->length && (lexer->text[at] == ' ' || lexer->text[at] == '\t')) {
        at++;
    }
    for (start = at; at < lexer->length && !strchr(" \t\r\n\f\v", lexer->text[at]); at++) {
        if (strchr("'\"`\\", lexer->text[at])) {
            return refuse(splitter, word->start, "use signs such as // or $$",
                          "a delimiter cannot hold a quote or a backslash");
        }
    }
    if (at == start || at - start > LEXER_DELIMITER_LIMIT) {
        return refuse(splitter, word->start, "write: DELIMITER //",
                      "DELIMITER needs 1 to %zu signs on its line", LEXER_DELIMITER_LIMIT);
    }
    lexer->delimiter = lexer->text + start;
    lexer->delimiter_length = at - start;
    splitter->custom_delimiter = at - start != 1 || lexer->text[start] != ';';
    while (at < lexer->length && lexer->text[at] != '\n') {
        at++;
    }
    lexer->position = at;
    return 0;
}

static void count_parenthesis(struct splitter *splitter, const struct token *token)
{
    char sign = splitter->lexer.text[token->start];

    if (sign == '(' && !splitter->parentheses++) {
        splitter->parenthesis_at = token->start;
    } else if (sign == ')' && splitter->parentheses) {
        splitter->parentheses--;
    }
}

static int check_release(struct splitter *splitter, const struct token *token)
{
    for (size_t i = 0; i < sizeof(releasing) / sizeof(releasing[0]); i++) {
        const struct releasing *one = &releasing[i];

        if (one->engines & ENGINE_BIT(splitter->engine) &&
            (one->made || splitter->head[0] != KEYWORD_CREATE) &&
            token_is_named(splitter->lexer.text, token, one->name)) {
            return refuse(splitter, token->start, LOCK_HINT,
                          "%s() releases skein's lock: it is not allowed in a revision", one->name);
        }
    }
    return 0;
}

/* One token of a statement. */
static int take_token(struct splitter *splitter, const struct token *token)
{
    const char *text = splitter->lexer.text;
    bool comment = token->kind == TOKEN_KEPT,
         executable = token->kind == TOKEN_EXECUTABLE || token->kind == TOKEN_EXECUTABLE_END;
    enum keyword word = KEYWORD_NONE;

    if (token->kind == TOKEN_WORD &&
        (splitter->body.phase != BODY_NONE || splitter->words < HEAD_WORDS)) {
        word = keyword_find(text + token->start, token->length);
        if (word == KEYWORD_DELIMITER && !splitter->open &&
            splitter->lexer.dialect->delimiter_command) {
            return read_delimiter(splitter, token);
        }
    }
    if (!splitter->foreign && check_sign(splitter, token, !splitter->sql)) {
        return (int)splitter->err->class;
    }
    if (!splitter->open) {
        splitter->open = true;
        splitter->start = token->start;
    }
    splitter->end = token->start + token->length;
    if (comment || executable) {
        return 0;
    }
    splitter->sql = true;
    if (check_release(splitter, token)) {
        return (int)splitter->err->class;
    }
    if (splitter->words < HEAD_WORDS) {
        splitter->head[splitter->words++] = word;
    }
    if (token->kind == TOKEN_OTHER && splitter->lexer.dialect->parentheses_bind) {
        count_parenthesis(splitter, token);
    }
    if (!splitter->custom_delimiter) {
        body_token(&splitter->body, token, text, word);
    }
    return 0;
}

static int finish_text(struct splitter *splitter)
{
    if (splitter->lexer.executable) {
        return refuse(splitter, splitter->lexer.executable_start, "close it with */",
                      "a comment that opens here is never closed");
    }
    if (splitter->parentheses) {
        return refuse(splitter, splitter->parenthesis_at,
                      "a semicolon inside parentheses ends no statement",
                      "a parenthesis that opens here is never closed");
    }
    if (body_is_open(&splitter->body)) {
        return refuse(splitter, splitter->start,
                      splitter->lexer.dialect->delimiter_command
                          ? "write its END, or put the statement between DELIMITER lines"
                          : "write its END, followed by a semicolon",
                      "the body of the statement that starts here is never closed");
    }
    return finish_statement(splitter);
}

static const char *broken_hint(const struct splitter *splitter, const struct token *token)
{
    switch (splitter->lexer.text[token->start]) {
    case '/':
        return "close it with */";
    case '$':
        return "close it with the same tag";
    default:
        return "close it, or double a quote that is meant as text";
    }
}

/* Returns 0 to go on. */
static int on_token(struct splitter *splitter, const struct token *token)
{
    const char *text = splitter->lexer.text;

    switch (token->kind) {
    case TOKEN_SPACE:
        return 0;
    case TOKEN_COMMENT:
        if (!splitter->foreign && splitter_is_like_marker(text + token->start, token->length) &&
            !is_told(text, token)) {
            return refuse(splitter, token->start,
                          "a marker begins with \"-- skein:\" in column 1, in small letters",
                          "this comment looks like a marker, but is none");
        }
        return 0;
    case TOKEN_BROKEN:
        return refuse(splitter, token->start, broken_hint(splitter, token),
                      "a %s that opens here is never closed", splitter->lexer.broken);
    case TOKEN_TERMINATOR:
        if (!splitter->parentheses &&
            (splitter->custom_delimiter || !body_is_open(&splitter->body))) {
            return finish_statement(splitter);
        }
        break;
    default:
        break;
    }
    return take_token(splitter, token);
}

static int cut(struct splitter *splitter, struct arena *arena, const char *text, size_t length,
               struct statement **statements, size_t *count)
{
    struct token token;
    int failed = 0;

    splitter->line = splitter->first_line;
    lexer_init(&splitter->lexer, splitter->engine, text, length);
    body_init(&splitter->body, splitter->engine);
    do {
        lexer_next(&splitter->lexer, &token);
        failed = token.kind == TOKEN_END ? finish_text(splitter) : on_token(splitter, &token);
    } while (!failed && token.kind != TOKEN_END);
    if (!failed) {
        *count = splitter->count;
        *statements = arena_array(arena, splitter->count, sizeof(**statements));
        if (splitter->count) {
            memcpy(*statements, splitter->items, splitter->count * sizeof(**statements));
        }
    }
    body_release(&splitter->body);
    free(splitter->items);
    return failed;
}

int splitter_split(struct arena *arena, enum engine engine, const char *text, size_t length,
                   int first_line, struct statement **statements, size_t *count, struct err *err)
{
    struct splitter splitter = {.err = err, .engine = engine, .first_line = first_line};

    return cut(&splitter, arena, text, length, statements, count);
}

int splitter_cut(struct arena *arena, enum engine engine, const char *text, size_t length,
                 int first_line, struct statement **statements, size_t *count, struct err *err)
{
    struct splitter splitter = {
        .err = err, .engine = engine, .first_line = first_line, .foreign = true};

    return cut(&splitter, arena, text, length, statements, count);
}
