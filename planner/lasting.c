#include "planner/lasting.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "planner/lexer.h"

/* A statement, token by token; an executable comment is what it holds. */
struct reader {
    struct lexer lexer;
    struct token token;
};

static void next(struct reader *reader)
{
    do {
        lexer_next(&reader->lexer, &reader->token);
    } while (token_is_blank(&reader->token) || reader->token.kind == TOKEN_KEPT ||
             reader->token.kind == TOKEN_EXECUTABLE || reader->token.kind == TOKEN_EXECUTABLE_END);
}

static struct reader read_from(enum engine engine, const char *text, size_t length)
{
    struct reader reader;

    lexer_init(&reader.lexer, engine, text, length);
    next(&reader);
    return reader;
}

static bool at_end(const struct reader *reader)
{
    return reader->token.kind == TOKEN_END;
}

static bool is_sign(const struct reader *reader, char sign)
{
    return reader->token.kind == TOKEN_OTHER && reader->lexer.text[reader->token.start] == sign;
}

/* `words` ends with NULL. */
static bool is_one_of(const struct reader *reader, const char *const *words)
{
    for (size_t i = 0; reader->token.kind == TOKEN_WORD && words[i]; i++) {
        if (strlen(words[i]) == reader->token.length &&
            strncasecmp(reader->lexer.text + reader->token.start, words[i], reader->token.length) ==
                0) {
            return true;
        }
    }
    return false;
}

static bool has_word(struct reader reader, const char *const *words)
{
    for (; !at_end(&reader); next(&reader)) {
        if (is_one_of(&reader, words)) {
            return true;
        }
    }
    return false;
}

static bool has_sign(struct reader reader, char sign)
{
    for (; !at_end(&reader); next(&reader)) {
        if (is_sign(&reader, sign)) {
            return true;
        }
    }
    return false;
}

/* ---- SET */

/* Behind SET. What a parenthesis holds may be a function's or a query's, and some words answer
 * another thing each time. */
static enum lasting of_set(struct reader reader)
{
    static const char *const elsewhere[] = {"global", "persist", "persist_only", NULL};
    static const char *const not_here[] = {"password", "default", "transaction", NULL};
    static const char *const fleeting[] = {"current_timestamp", "current_date",   "current_time",
                                           "current_user",      "current_role",   "localtime",
                                           "localtimestamp",    "utc_timestamp",  "utc_date",
                                           "utc_time",          "last_insert_id", "identity",
                                           "insert_id",         "timestamp",      "warning_count",
                                           "error_count",       "rand_seed1",     "rand_seed2",
                                           "statement",         "resource",       NULL};

    while (is_sign(&reader, '@')) {
        next(&reader);
    }
    if (is_one_of(&reader, not_here)) {
        return LASTING_NOTHING;
    }
    if (has_word(reader, elsewhere)) {
        return is_one_of(&reader, elsewhere) && !has_sign(reader, ',') ? LASTING_NOTHING
                                                                       : LASTING_MORE;
    }
    return has_sign(reader, '(') || has_word(reader, fleeting) ? LASTING_MORE : LASTING_SET;
}

/* ---- others */

/* "@name :=", "INTO @name", GET_LOCK without its RELEASE_LOCK behind it. */
static bool keeps_value(struct reader reader)
{
    static const char *const into[] = {"into", NULL};
    static const char *const taken[] = {"get_lock", NULL}, *const given[] = {"release_lock", NULL};
    bool assigns = false, fills = false;
    size_t locks = 0;

    for (; !at_end(&reader); next(&reader)) {
        if ((fills && is_sign(&reader, '@')) || (assigns && is_sign(&reader, '='))) {
            return true;
        }
        locks += is_one_of(&reader, taken);
        locks -= locks > 0 && is_one_of(&reader, given);
        assigns = is_sign(&reader, ':');
        fills = is_one_of(&reader, into) || (fills && is_sign(&reader, ','));
    }
    return locks > 0;
}

/* Behind CREATE, ALTER: the body of a routine does nothing yet. */
static enum lasting of_definition(struct reader reader)
{
    static const char *const temporary[] = {"temporary", NULL};
    static const char *const stored[] = {"procedure", "function", "trigger",
                                         "event",     "package",  NULL};
    static const char *const ends[] = {"as", "select", NULL};

    for (struct reader head = reader;
         !at_end(&head) && !is_sign(&head, '(') && !is_one_of(&head, ends); next(&head)) {
        if (is_one_of(&head, temporary)) {
            return LASTING_MORE;
        }
        if (is_one_of(&head, stored)) {
            return LASTING_NOTHING;
        }
    }
    return keeps_value(reader) ? LASTING_MORE : LASTING_NOTHING;
}

/* Blocks of MariaDB outside routines, which do what they hold. */
static enum lasting of_block(struct reader reader)
{
    static const char *const lasting[] = {"set", "temporary", "prepare", "handler", "use", NULL};

    return has_word(reader, lasting) || keeps_value(reader) ? LASTING_MORE : LASTING_NOTHING;
}

enum lasting lasting_of(enum engine engine, const char *text, size_t length)
{
    static const char *const set[] = {"set", NULL};
    static const char *const definitions[] = {"create", "alter", NULL};
    static const char *const blocks[] = {"begin", "if",     "case", "loop",
                                         "while", "repeat", "for",  NULL};
    static const char *const more[] = {"use", "prepare", "lock", "handler", "xa", NULL};
    static const char *const flush[] = {"flush", NULL};
    static const char *const held[] = {"lock", "export", NULL};
    struct reader reader;

    if (engine != ENGINE_MYSQL && engine != ENGINE_MARIADB) {
        return LASTING_NOTHING;
    }
    reader = read_from(engine, text, length);
    struct reader rest = reader;
    next(&rest);
    if (is_one_of(&reader, set)) {
        return of_set(rest);
    }
    if (is_one_of(&reader, definitions)) {
        return of_definition(rest);
    }
    if (is_one_of(&reader, blocks)) {
        return of_block(rest);
    }
    if (is_one_of(&reader, more) || (is_one_of(&reader, flush) && has_word(rest, held))) {
        return LASTING_MORE;
    }
    return keeps_value(reader) ? LASTING_MORE : LASTING_NOTHING;
}
