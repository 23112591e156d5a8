#include "planner/alembic_doubt.h"

#include <string.h>
#include <strings.h>

#include "planner/keyword.h"
#include "planner/lexer.h"
#include "planner/splitter.h"

/* A statement's tokens as they come, without what is blank. */
struct looking {
    enum engine engine;
    const char *text;
    struct token token, previous; /* kind TOKEN_END: none yet */
    const char *first;            /* word; not NUL-terminated */
    size_t first_length;
    size_t depth;     /* of parentheses */
    bool calls, from; /* of a query: "(" before its FROM; it has a FROM */
    bool bound, bare_null;
    bool doubled; /* PostgreSQL: a string with two backslashes, where none escapes */
};

static bool is_word(const struct looking *looking, const struct token *token, const char *word)
{
    return token->kind == TOKEN_WORD && token->length == strlen(word) &&
           !strncasecmp(looking->text + token->start, word, token->length);
}

static bool is_sign(const struct looking *looking, const struct token *token, char sign)
{
    return token->kind == TOKEN_OTHER && looking->text[token->start] == sign;
}

static bool touch(const struct token *left, const struct token *right)
{
    return left->start + left->length == right->start;
}

/* ":name", "%(name)s", "%s", "?": what SQLAlchemy writes for a value that it was not to render. */
static bool is_placeholder(const struct looking *looking)
{
    const struct token *token = &looking->token, *previous = &looking->previous;
    const char *text = looking->text;
    char before;

    if (is_sign(looking, token, '?')) {
        return looking->engine != ENGINE_POSTGRESQL; /* there it asks a JSON value */
    }
    if (is_sign(looking, previous, '%') && touch(previous, token)) {
        return is_word(looking, token, "s") || is_sign(looking, token, '(');
    }
    if (token->kind != TOKEN_WORD || !is_sign(looking, previous, ':') || !touch(previous, token)) {
        return false;
    }
    before = previous->start ? text[previous->start - 1] : ' ';
    return strchr(" \t\n(,=<>+-*/|", before) != NULL;
}

/* Not of IS NULL, NOT NULL, DEFAULT NULL, SET NULL. */
static bool is_bare_null(const struct looking *looking)
{
    static const char *const before[] = {"IS", "NOT", "DEFAULT", "SET", NULL};

    if (!is_word(looking, &looking->token, "NULL")) {
        return false;
    }
    for (size_t i = 0; before[i]; i++) {
        if (is_word(looking, &looking->previous, before[i])) {
            return false;
        }
    }
    return true;
}

/* Not in E'...'. Offline SQLAlchemy takes the server for one from before 9.1, and doubles them in
 * the values that it writes. */
static bool is_doubled(const struct looking *looking)
{
    const char *text = looking->text + looking->token.start;

    return looking->engine == ENGINE_POSTGRESQL && looking->token.kind == TOKEN_STRING &&
           *text == '\'' && memmem(text, looking->token.length, "\\\\", 2) != NULL;
}

static void note_word(struct looking *looking)
{
    const struct token *token = &looking->token;

    if (token->kind == TOKEN_WORD && !looking->first) {
        looking->first = looking->text + token->start;
        looking->first_length = token->length;
    }
    looking->from |= !looking->depth && is_word(looking, token, "FROM");
    looking->calls |= !looking->from && is_sign(looking, token, '(');
    looking->depth += is_sign(looking, token, '(');
    looking->depth -= looking->depth && is_sign(looking, token, ')');
}

static bool begins(const char *text, size_t length, const char *word)
{
    return text && strlen(word) == length && !strncasecmp(text, word, length);
}

static bool is_data(const struct looking *looking)
{
    static const char *const words[] = {"INSERT", "UPDATE", "DELETE",  "MERGE",
                                        "SELECT", "WITH",   "REPLACE", NULL};

    for (size_t i = 0; words[i]; i++) {
        if (begins(looking->first, looking->first_length, words[i])) {
            return true;
        }
    }
    return false;
}

static unsigned percents(const char *text, size_t length)
{
    unsigned found = 0;

    for (size_t i = 0, run; i < length; i += run ? run : 1) {
        for (run = 0; i + run < length && text[i + run] == '%'; run++) {
        }
        found |= !run ? 0 : run % 2 ? ALEMBIC_PERCENT_ODD : ALEMBIC_PERCENT_EVEN;
    }
    return found;
}

/* What the loader of revision files would refuse. */
static const char *refusal(struct arena *arena, enum engine engine, const char *text, size_t length)
{
    struct err err = ERR_INIT(arena);
    struct statement *statements;
    size_t count;

    return splitter_split(arena, engine, text, length, 1, &statements, &count, &err) ? err.message
                                                                                     : NULL;
}

static const char *reason_of(struct arena *arena, const struct looking *looking, size_t length)
{
    const char *reason = refusal(arena, looking->engine, looking->text, length);

    if (reason) {
        return reason;
    }
    if (looking->bound) {
        return "a value is missing: Alembic wrote a placeholder for it";
    }
    if (looking->doubled) {
        return "is this backslash meant to stand twice? Offline, Alembic doubles it in values";
    }
    if (looking->engine == ENGINE_SQLITE && splitter_pragma_option(looking->text, length)) {
        return "in a transaction this pragma does nothing: foreign_keys=off (journal_mode: "
               "transaction=off) on the marker does";
    }
    if (looking->from && !looking->calls &&
        splitter_is_query(looking->engine, looking->text, length)) {
        return "offline nobody reads what this SELECT returns: does the Python go on with it?";
    }
    return NULL;
}

struct alembic_doubt alembic_doubt_of(struct arena *arena, enum engine engine, const char *text,
                                      size_t length)
{
    struct looking looking = {.engine = engine, .text = text};
    struct lexer lexer;

    looking.previous.kind = TOKEN_END;
    lexer_init(&lexer, engine, text, length);
    for (lexer_next(&lexer, &looking.token); looking.token.kind != TOKEN_END;
         lexer_next(&lexer, &looking.token)) {
        if (token_is_blank(&looking.token)) {
            continue;
        }
        note_word(&looking);
        looking.bound |= is_placeholder(&looking);
        looking.bare_null |= is_bare_null(&looking);
        looking.doubled |= is_doubled(&looking);
        looking.previous = looking.token;
    }
    return (struct alembic_doubt){
        .reason = reason_of(arena, &looking, length),
        .percent = percents(text, length),
        .bare_null = looking.bare_null && is_data(&looking),
    };
}
