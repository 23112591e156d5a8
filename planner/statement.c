/* One statement looked into: what splitter.h says of those that are cut already. */
#include <string.h>

#include "base/str.h"
#include "planner/keyword.h"
#include "planner/lexer.h"
#include "planner/splitter.h"

static bool writes(enum keyword word)
{
    return word == KEYWORD_INSERT || word == KEYWORD_UPDATE || word == KEYWORD_DELETE ||
           word == KEYWORD_MERGE || word == KEYWORD_REPLACE;
}

bool splitter_is_query(enum engine engine, const char *text, size_t length)
{
    enum keyword first = KEYWORD_NONE, previous = KEYWORD_NONE, main_word = KEYWORD_NONE;
    bool opened = false; /* the last token is a parenthesis that may open a WITH's part */
    struct lexer lexer;
    struct token token;
    size_t depth = 0, base = 0; /* base: where the first word stands */

    lexer_init(&lexer, engine, text, length);
    for (lexer_next(&lexer, &token); token.kind != TOKEN_END; lexer_next(&lexer, &token)) {
        char sign = token.kind == TOKEN_OTHER ? text[token.start] : '\0';
        enum keyword word = token.kind == TOKEN_WORD
                                ? keyword_find(text + token.start, token.length)
                                : KEYWORD_NONE;

        if (token_is_blank(&token) || token.kind == TOKEN_KEPT || token.kind == TOKEN_EXECUTABLE ||
            token.kind == TOKEN_EXECUTABLE_END) {
            continue;
        }
        if (!first && sign != '(') {
            if (word != KEYWORD_SELECT && word != KEYWORD_WITH && word != KEYWORD_VALUES) {
                return false;
            }
            first = word;
            base = depth;
        }
        if (writes(word) && (opened || (depth == base && first == KEYWORD_WITH && !main_word))) {
            return false;
        }
        if (depth == base && first && (word == KEYWORD_SELECT || word == KEYWORD_VALUES)) {
            main_word = word;
        }
        if (word == KEYWORD_INTO && depth == base && main_word) {
            return false;
        }
        opened = sign == '(' && (previous == KEYWORD_AS || previous == KEYWORD_MATERIALIZED);
        depth += sign == '(';
        depth -= sign == ')' && depth;
        previous = word;
    }
    return first != KEYWORD_NONE && (first != KEYWORD_WITH || main_word);
}

static bool is_sign(const char *text, const struct token *token, char sign)
{
    return token->kind == TOKEN_OTHER && text[token->start] == sign;
}

const char *splitter_pragma_option(const char *text, size_t length)
{
    static const struct {
        const char *name, *option;
    } pragmas[] = {{"foreign_keys", "foreign_keys=off"}, {"journal_mode", "transaction=off"}};
    struct token name, token;
    struct lexer lexer;

    lexer_init(&lexer, ENGINE_SQLITE, text, length);
    if (!lexer_next_said(&lexer, &token) || !token_is_named(text, &token, "pragma") ||
        !lexer_next_said(&lexer, &name) || !lexer_next_said(&lexer, &token)) {
        return NULL;
    }
    if (is_sign(text, &token, '.') &&
        (!lexer_next_said(&lexer, &name) || !lexer_next_said(&lexer, &token))) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++) {
        if (token_is_named(text, &name, pragmas[i].name) &&
            (is_sign(text, &token, '=') || is_sign(text, &token, '('))) {
            return pragmas[i].option;
        }
    }
    return NULL;
}

/* Inside a comment that is kept nothing is quoted. */
static void add_kept(struct str *out, const char *text, size_t length)
{
    size_t at = 0;

    while (at < length) {
        size_t start = at;

        while (at < length && !strchr(" \t\n\r\f\v", text[at])) {
            at++;
        }
        str_addn(out, text + start, at - start);
        start = at;
        while (at < length && strchr(" \t\n\r\f\v", text[at])) {
            at++;
        }
        if (at > start) {
            str_addc(out, ' ');
        }
    }
}

void splitter_canonical(enum engine engine, const char *text, size_t length, struct str *out)
{
    size_t before = out->length;
    bool blank = false;
    struct lexer lexer;
    struct token token;

    lexer_init(&lexer, engine, text, length);
    for (lexer_next(&lexer, &token); token.kind != TOKEN_END; lexer_next(&lexer, &token)) {
        if (token_is_blank(&token)) {
            blank = true;
            continue;
        }
        if (blank && out->length > before) {
            str_addc(out, ' ');
        }
        blank = false;
        if (token.kind == TOKEN_KEPT) {
            add_kept(out, text + token.start, token.length);
        } else {
            str_addn(out, text + token.start, token.length);
        }
    }
    str_add(out, ";\n");
}
