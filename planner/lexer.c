#include "planner/lexer.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

static const struct dialect dialects[ENGINE_COUNT] = {
    [ENGINE_POSTGRESQL] = {.nested_comments = true,
                           .return_ends_comment = true,
                           .escape_strings = true,
                           .dollar_quotes = true,
                           .parentheses_bind = true},
    [ENGINE_MYSQL] = {.dash_needs_space = true,
                      .hash_comments = true,
                      .backslashes = true,
                      .double_quoted_string = true,
                      .backticks = true,
                      .dollar_words = true,
                      .executable = true,
                      .delimiter_command = true},
    [ENGINE_MARIADB] = {.dash_needs_space = true,
                        .hash_comments = true,
                        .backslashes = true,
                        .double_quoted_string = true,
                        .backticks = true,
                        .dollar_words = true,
                        .executable = true,
                        .executable_m = true,
                        .delimiter_command = true},
    [ENGINE_SQLITE] = {.backticks = true, .brackets = true, .dollar_words = true},
};

const struct dialect *dialect_of(enum engine engine)
{
    return &dialects[engine];
}

void lexer_init(struct lexer *lexer, enum engine engine, const char *text, size_t length)
{
    *lexer = (struct lexer){.dialect = dialect_of(engine),
                            .text = text,
                            .length = length,
                            .delimiter = ";",
                            .delimiter_length = 1,
                            .escapes_at = SIZE_MAX};
}

bool token_is_blank(const struct token *token)
{
    return token->kind == TOKEN_SPACE || token->kind == TOKEN_COMMENT;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of UTF-8 beyond ASCII are letters to every engine. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* The byte at `at`, NUL beyond the end: the text itself holds none that matters. */
static char peek(const struct lexer *lexer, size_t at)
{
    return at < lexer->length ? lexer->text[at] : '\0';
}

static bool at_delimiter(const struct lexer *lexer, size_t at)
{
    return lexer->text[at] == lexer->delimiter[0] && !lexer->executable &&
           lexer->length - at >= lexer->delimiter_length &&
           !memcmp(lexer->text + at, lexer->delimiter, lexer->delimiter_length);
}

static enum token_kind broken(struct lexer *lexer, size_t *end, const char *what)
{
    lexer->broken = what;
    *end = lexer->length;
    return TOKEN_BROKEN;
}

/* `*end` comes in after the opening quote and goes out after the closing one; false: there is none.
 */
static bool skip_quoted(const struct lexer *lexer, size_t *end, char quote, bool backslashes)
{
    size_t at = *end;

    while (at < lexer->length) {
        char c = lexer->text[at++];

        if (c == '\\' && backslashes) {
            at++;
        } else if (c == quote) {
            if (peek(lexer, at) != quote) {
                *end = at;
                return true;
            }
            at++;
        }
    }
    return false;
}

/* PostgreSQL: E'a' 'b' is one string if the white space between has a newline, and the second part
 * is read with escapes as well. */
static size_t string_continuation(const struct lexer *lexer, size_t at)
{
    bool newline = false;

    for (;; at++) {
        char c = peek(lexer, at);

        if (c == '-' && peek(lexer, at + 1) == '-') {
            while (at + 1 < lexer->length && lexer->text[at + 1] != '\n' &&
                   lexer->text[at + 1] != '\r') {
                at++;
            }
        } else if (c == '\n' || c == '\r') {
            newline = true;
        } else if (!is_space(c)) {
            return newline && c == '\'' ? at : SIZE_MAX;
        }
    }
}

static enum token_kind lex_string(struct lexer *lexer, size_t *end, bool escapes)
{
    if (!skip_quoted(lexer, end, '\'', escapes || lexer->dialect->backslashes)) {
        return broken(lexer, end, "string");
    }
    if (escapes) {
        lexer->escapes_at = string_continuation(lexer, *end);
    }
    return TOKEN_STRING;
}

static enum token_kind lex_double_quoted(struct lexer *lexer, size_t *end)
{
    bool string = lexer->dialect->double_quoted_string;

    if (!skip_quoted(lexer, end, '"', string && lexer->dialect->backslashes)) {
        return broken(lexer, end, string ? "string" : "quoted name");
    }
    return string ? TOKEN_STRING : TOKEN_IDENTIFIER;
}

static enum token_kind lex_backtick(struct lexer *lexer, size_t *end)
{
    return skip_quoted(lexer, end, '`', false) ? TOKEN_IDENTIFIER
                                               : broken(lexer, end, "quoted name");
}

static enum token_kind lex_bracket(struct lexer *lexer, size_t *end)
{
    const char *close = memchr(lexer->text + *end, ']', lexer->length - *end);

    if (!close) {
        return broken(lexer, end, "quoted name");
    }
    *end = (size_t)(close - lexer->text) + 1;
    return TOKEN_IDENTIFIER;
}

static enum token_kind lex_word(struct lexer *lexer, size_t *end)
{
    size_t start = *end - 1, at = *end;
    bool custom = lexer->delimiter[0] != ';';

    while (at < lexer->length) {
        char c = lexer->text[at];

        if ((!is_letter(c) && !is_digit(c) && c != '$') || (custom && at_delimiter(lexer, at))) {
            break;
        }
        at++;
    }
    *end = at;
    if (lexer->dialect->escape_strings && at == start + 1 && (lexer->text[start] | 0x20) == 'e' &&
        peek(lexer, at) == '\'') {
        *end = at + 1;
        return lex_string(lexer, end, true);
    }
    return TOKEN_WORD;
}

static enum token_kind lex_number(struct lexer *lexer, size_t *end)
{
    bool custom = lexer->delimiter[0] != ';';
    size_t at = *end;

    while (at < lexer->length) {
        char c = lexer->text[at];

        if ((!is_letter(c) && !is_digit(c) && c != '.') || (custom && at_delimiter(lexer, at))) {
            break;
        }
        at++;
    }
    *end = at;
    return TOKEN_NUMBER;
}

static enum token_kind lex_line_comment(struct lexer *lexer, size_t *end)
{
    size_t at = *end;

    while (at < lexer->length && lexer->text[at] != '\n' &&
           !(lexer->text[at] == '\r' && lexer->dialect->return_ends_comment)) {
        at++;
    }
    *end = at;
    return TOKEN_COMMENT;
}

/* After the opening slash and star. */
static bool skip_comment(const struct lexer *lexer, size_t *end)
{
    size_t depth = 1;

    for (size_t at = *end; at + 1 < lexer->length; at++) {
        char c = lexer->text[at], next = lexer->text[at + 1];

        if (c == '*' && next == '/') {
            at++;
            if (!--depth) {
                *end = at + 1;
                return true;
            }
        } else if (c == '/' && next == '*' && lexer->dialect->nested_comments) {
            at++;
            depth++;
        }
    }
    return false;
}

/* `*end` is after the slash, at the star. */
static enum token_kind lex_comment(struct lexer *lexer, size_t *end)
{
    size_t mark = *end + 1, close = mark;
    bool bang = peek(lexer, mark) == '!';
    bool m_bang = peek(lexer, mark) == 'M' && peek(lexer, mark + 1) == '!';

    if ((bang && lexer->dialect->executable) || (m_bang && lexer->dialect->executable_m)) {
        lexer->executable = true;
        lexer->executable_start = *end - 1;
        mark += bang ? 1 : 2;
        for (int digits = 0; digits < 6 && is_digit(peek(lexer, mark)); digits++) {
            mark++;
        }
        *end = mark;
        return TOKEN_EXECUTABLE;
    }
    if (!skip_comment(lexer, &close)) {
        return broken(lexer, end, "comment");
    }
    *end = close;
    return bang || m_bang || lexer->text[mark] == '+' ? TOKEN_KEPT : TOKEN_COMMENT;
}

/* The text is at the tag's first $; returns the length of "$tag$", or 0. */
static size_t dollar_tag(const struct lexer *lexer, size_t start)
{
    size_t at = start + 1;

    if (is_digit(peek(lexer, at))) {
        return 0; /* a parameter */
    }
    while (at < lexer->length && (is_letter(lexer->text[at]) || is_digit(lexer->text[at]))) {
        at++;
    }
    return peek(lexer, at) == '$' ? at + 1 - start : 0;
}

static enum token_kind lex_dollar(struct lexer *lexer, size_t *end)
{
    size_t start = *end - 1, tag = dollar_tag(lexer, start);
    const char *limit = lexer->text + lexer->length, *at;

    if (!tag) {
        return TOKEN_OTHER;
    }
    for (at = lexer->text + start + tag; at < limit; at++) {
        at = memchr(at, '$', (size_t)(limit - at));
        if (!at || (size_t)(limit - at) < tag) {
            break;
        }
        /* The tag has no $ inside, so that all comparisons together see each byte at most twice. */
        if (!memcmp(at, lexer->text + start, tag)) {
            *end = (size_t)(at - lexer->text) + tag;
            return TOKEN_DOLLAR;
        }
    }
    return broken(lexer, end, "dollar quote");
}

static bool opens_dash_comment(const struct lexer *lexer, size_t at)
{
    char next = peek(lexer, at + 1);

    return peek(lexer, at) == '-' &&
           (!lexer->dialect->dash_needs_space || (unsigned char)next <= ' ' || next == 0x7f);
}

/* `*end` is after the first byte, which is neither white space, letter nor digit. */
static enum token_kind lex_sign(struct lexer *lexer, char sign, size_t *end)
{
    const struct dialect *dialect = lexer->dialect;

    switch (sign) {
    case '\'':
        return lex_string(lexer, end, *end - 1 == lexer->escapes_at);
    case '"':
        return lex_double_quoted(lexer, end);
    case '`':
        return dialect->backticks ? lex_backtick(lexer, end) : TOKEN_OTHER;
    case '[':
        return dialect->brackets ? lex_bracket(lexer, end) : TOKEN_OTHER;
    case '$':
        return dialect->dollar_quotes  ? lex_dollar(lexer, end)
               : dialect->dollar_words ? lex_word(lexer, end)
                                       : TOKEN_OTHER;
    case '-':
        return opens_dash_comment(lexer, *end) ? lex_line_comment(lexer, end) : TOKEN_OTHER;
    case '#':
        return dialect->hash_comments ? lex_line_comment(lexer, end) : TOKEN_OTHER;
    case '/':
        return peek(lexer, *end) == '*' ? lex_comment(lexer, end) : TOKEN_OTHER;
    case '*':
        if (lexer->executable && peek(lexer, *end) == '/') {
            lexer->executable = false;
            ++*end;
            return TOKEN_EXECUTABLE_END;
        }
        return TOKEN_OTHER;
    default:
        return TOKEN_OTHER;
    }
}

void lexer_next(struct lexer *lexer, struct token *token)
{
    size_t start = lexer->position, end = start + 1;
    char first = peek(lexer, start);

    token->start = start;
    if (start >= lexer->length) {
        token->kind = TOKEN_END;
        token->length = 0;
        return;
    }
    if (at_delimiter(lexer, start)) {
        token->kind = TOKEN_TERMINATOR;
        end = start + lexer->delimiter_length;
    } else if (is_space(first)) {
        token->kind = TOKEN_SPACE;
        while (end < lexer->length && is_space(lexer->text[end])) {
            end++;
        }
    } else if (is_letter(first)) {
        token->kind = lex_word(lexer, &end);
    } else if (is_digit(first)) {
        token->kind = lex_number(lexer, &end);
    } else {
        token->kind = lex_sign(lexer, first, &end);
    }
    token->length = end - start;
    lexer->position = end;
}

bool lexer_next_said(struct lexer *lexer, struct token *token)
{
    do {
        lexer_next(lexer, token);
    } while (token_is_blank(token) || token->kind == TOKEN_KEPT);
    return token->kind != TOKEN_END;
}

bool token_is_named(const char *text, const struct token *token, const char *name)
{
    size_t quotes = token->kind == TOKEN_IDENTIFIER ? 1 : 0, length = strlen(name);

    return (token->kind == TOKEN_WORD || quotes) && token->length == length + 2 * quotes &&
           !strncasecmp(text + token->start + quotes, name, length);
}
