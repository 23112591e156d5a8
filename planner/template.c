#include "planner/template.h"

#include <string.h>

#include "base/str.h"
#include "planner/lexer.h"

enum filter {
    FILTER_NONE, /* missing */
    FILTER_UNKNOWN,
    FILTER_IDENTIFIER,
    FILTER_LITERAL,
};

/* {{name|filter}} as found in a text, of a declared name. */
struct placeholder {
    const char *name; /* the revision's own string */
    enum filter filter;
    size_t length; /* with its braces */
};

struct rendering {
    struct arena *arena;
    const struct revision *revision;
    enum engine engine;
    const struct pair_list *vars;
    struct str out;
    struct err *err;
};

/*
 * Quoting
 */

static char *quoted(struct arena *arena, const char *prefix, char quote, const char *text,
                    bool double_backslashes)
{
    struct str out = STR_INIT;
    char *result;

    str_add(&out, prefix);
    str_addc(&out, quote);
    for (const char *at = text; *at; at++) {
        if (*at == quote || (*at == '\\' && double_backslashes)) {
            str_addc(&out, *at);
        }
        str_addc(&out, *at);
    }
    str_addc(&out, quote);
    result = arena_strndup(arena, out.text, out.length);
    str_release(&out);
    return result;
}

static bool is_mysql(enum engine engine)
{
    return engine == ENGINE_MYSQL || engine == ENGINE_MARIADB;
}

char *quote_identifier(struct arena *arena, enum engine engine, const char *name)
{
    return quoted(arena, "", is_mysql(engine) ? '`' : '"', name, false);
}

char *quote_literal(struct arena *arena, enum engine engine, const char *value)
{
    bool escape = engine == ENGINE_POSTGRESQL && strchr(value, '\\');

    return quoted(arena, escape ? "E" : "", '\'', value, escape || is_mysql(engine));
}

/*
 * Finding
 */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static size_t skip_blanks(const char *text, size_t length, size_t at)
{
    while (at < length && (text[at] == ' ' || text[at] == '\t')) {
        at++;
    }
    return at;
}

static size_t skip_word(const char *text, size_t length, size_t at)
{
    while (at < length && is_word(text[at])) {
        at++;
    }
    return at;
}

static bool is_at(const char *text, size_t length, size_t at, const char *what)
{
    size_t size = strlen(what);

    return length - at >= size && !memcmp(text + at, what, size);
}

static const char *declared(const struct revision *revision, const char *name, size_t length)
{
    for (size_t i = 0; i < revision->variable_count; i++) {
        if (!strncmp(revision->variables[i], name, length) && !revision->variables[i][length]) {
            return revision->variables[i];
        }
    }
    return NULL;
}

static enum filter filter_of(const char *word, size_t length)
{
    if (length == 5 && !memcmp(word, "ident", 5)) {
        return FILTER_IDENTIFIER;
    }
    return length == 7 && !memcmp(word, "literal", 7) ? FILTER_LITERAL : FILTER_UNKNOWN;
}

/* Whether a declared name in braces stands at text[at]; with a filter that cannot be read it is
 * told as unknown. */
static bool find_at(const struct revision *revision, const char *text, size_t length, size_t at,
                    struct placeholder *found)
{
    size_t start, end, filter;

    if (!is_at(text, length, at, "{{")) {
        return false;
    }
    start = skip_blanks(text, length, at + 2);
    end = skip_word(text, length, start);
    found->name = end > start ? declared(revision, text + start, end - start) : NULL;
    if (!found->name) {
        return false;
    }
    end = skip_blanks(text, length, end);
    if (is_at(text, length, end, "}}")) {
        found->filter = FILTER_NONE;
        found->length = end + 2 - at;
        return true;
    }
    if (!is_at(text, length, end, "|")) {
        return false;
    }
    filter = skip_blanks(text, length, end + 1);
    end = skip_word(text, length, filter);
    found->filter = filter_of(text + filter, end - filter);
    end = skip_blanks(text, length, end);
    if (!is_at(text, length, end, "}}")) {
        found->filter = FILTER_UNKNOWN;
        end = end + 2 <= length ? end : length - 2;
    }
    found->length = end + 2 - at;
    return true;
}

/* The next one at or after *at within text[0..end). */
static bool find_next(const struct revision *revision, const char *text, size_t end, size_t *at,
                      struct placeholder *found)
{
    const char *brace;

    while (*at < end && (brace = memmem(text + *at, end - *at, "{{", 2))) {
        *at = (size_t)(brace - text);
        if (find_at(revision, text, end, *at, found)) {
            return true;
        }
        ++*at;
    }
    return false;
}

/*
 * At load
 */

static int fail_at(struct err *err, const char *text, size_t at, const char *hint,
                   const char *message, const char *name)
{
    int line = 1;

    for (size_t i = 0; i < at; i++) {
        line += text[i] == '\n';
    }
    err_set(err, ERROR_REVISION, "variable \"%s\" %s", name, message);
    err_at(err, NULL, line, 0);
    err_hint(err, "%s", hint);
    return (int)ERROR_REVISION;
}

static int validate_one(const struct placeholder *found, const struct token *token, bool executable,
                        const char *text, size_t at, struct err *err)
{
    if (token->kind == TOKEN_STRING || token->kind == TOKEN_IDENTIFIER) {
        return fail_at(err, text, at, "write it without the quotes: |literal and |ident add them",
                       "stands inside quotes", found->name);
    }
    if (executable) {
        return fail_at(err, text, at, "write the statement without the comment",
                       "stands inside an executable comment", found->name);
    }
    if (found->filter == FILTER_NONE) {
        return fail_at(err, text, at,
                       "write {{name|ident}} for a name, {{name|literal}} for a value",
                       "has no filter", found->name);
    }
    if (found->filter == FILTER_UNKNOWN) {
        return fail_at(err, text, at, "filters are ident and literal", "has an unknown filter",
                       found->name);
    }
    return 0;
}

int template_validate(const struct revision *revision, enum engine engine, const char *text,
                      size_t length, struct err *err)
{
    struct placeholder found;
    struct lexer lexer;
    struct token token;

    if (!revision->variable_count || !memmem(text, length, "{{", 2)) {
        return 0;
    }
    lexer_init(&lexer, engine, text, length);
    for (lexer_next(&lexer, &token); token.kind != TOKEN_END; lexer_next(&lexer, &token)) {
        size_t at = token.start, end = token.start + token.length;
        bool quotes = token.kind == TOKEN_STRING || token.kind == TOKEN_IDENTIFIER ||
                      token.kind == TOKEN_DOLLAR;

        if (token.kind == TOKEN_OTHER && text[at] == '{') {
            if (find_at(revision, text, length, at, &found)) {
                if (validate_one(&found, &token, lexer.executable, text, at, err)) {
                    return (int)err->class;
                }
                lexer.position = at + found.length;
            }
            continue;
        }
        for (; quotes && find_next(revision, text, end, &at, &found); at += found.length) {
            if (validate_one(&found, &token, lexer.executable, text, at, err)) {
                return (int)err->class;
            }
        }
    }
    return 0;
}

/*
 * Per target
 */

static int fail(struct err *err, const struct revision *revision, const char *hint,
                const char *name, const char *message)
{
    err_set(err, ERROR_PLAN, "variable \"%s\" %s", name, message);
    err_at(err, revision->path, 0, 0);
    err_hint(err, "%s", hint);
    err->revision = revision->id;
    return (int)ERROR_PLAN;
}

static int no_value(struct err *err, const struct revision *revision, const char *name)
{
    return fail(err, revision, "give it by vars: of the tenant in skein.yaml, or by -x NAME=VALUE",
                name, "has no value");
}

int template_check(const struct revision *revision, const struct pair_list *vars, struct err *err)
{
    for (size_t i = 0; i < revision->variable_count; i++) {
        if (!pair_get(vars, revision->variables[i])) {
            return no_value(err, revision, revision->variables[i]);
        }
    }
    return 0;
}

/* PostgreSQL cuts a longer name without a word, and two tenants become one. */
static bool identifier_fits(enum engine engine, const char *name)
{
    size_t bytes = strlen(name), characters = 0;

    for (size_t i = 0; i < bytes; i++) {
        characters += ((unsigned char)name[i] & 0xc0) != 0x80;
    }
    return bytes && (engine != ENGINE_POSTGRESQL || bytes <= 63) &&
           (!is_mysql(engine) || characters <= 64);
}

static bool is_joining(char c)
{
    return is_word(c) || c == '\'' || c == '"' || c == '`';
}

/* The value as one token: what touches it is kept apart, so that two quotes never become one that
 * is doubled. */
static int add_value(struct rendering *rendering, const struct placeholder *found, bool in_dollar,
                     char next)
{
    const char *value = pair_get(rendering->vars, found->name);
    struct str *out = &rendering->out;

    if (!value) {
        return no_value(rendering->err, rendering->revision, found->name);
    }
    if (found->filter == FILTER_IDENTIFIER && !identifier_fits(rendering->engine, value)) {
        return fail(rendering->err, rendering->revision,
                    "PostgreSQL takes 1 to 63 bytes, MySQL and MariaDB 64 characters", found->name,
                    "has a value that cannot be a name");
    }
    if (in_dollar && strpbrk(value, "'\"\\$")) {
        return fail(rendering->err, rendering->revision,
                    "read the value from a table or a setting there", found->name,
                    "has a value with a quote, a backslash or a $, which cannot stand inside a "
                    "dollar quote");
    }
    if (out->length && is_joining(out->text[out->length - 1])) {
        str_addc(out, ' ');
    }
    str_add(out, found->filter == FILTER_IDENTIFIER
                     ? quote_identifier(rendering->arena, rendering->engine, value)
                     : quote_literal(rendering->arena, rendering->engine, value));
    if (is_joining(next)) {
        str_addc(out, ' ');
    }
    return 0;
}

static int render_dollar(struct rendering *rendering, const char *text, const struct token *token)
{
    size_t at = token->start, copied = at, end = token->start + token->length;
    struct placeholder found;

    for (; find_next(rendering->revision, text, end, &at, &found); copied = at += found.length) {
        char next = at + found.length < end ? text[at + found.length] : '\0';

        str_addn(&rendering->out, text + copied, at - copied);
        if (add_value(rendering, &found, true, next)) {
            return (int)rendering->err->class;
        }
    }
    str_addn(&rendering->out, text + copied, end - copied);
    return 0;
}

static int render(struct rendering *rendering, const char *text, size_t length)
{
    struct placeholder found;
    struct lexer lexer;
    struct token token;
    int failed = 0;

    lexer_init(&lexer, rendering->engine, text, length);
    for (lexer_next(&lexer, &token); token.kind != TOKEN_END && !failed;
         lexer_next(&lexer, &token)) {
        if (token.kind == TOKEN_DOLLAR) {
            failed = render_dollar(rendering, text, &token);
        } else if (token.kind == TOKEN_OTHER &&
                   find_at(rendering->revision, text, length, token.start, &found)) {
            lexer.position = token.start + found.length;
            failed = add_value(rendering, &found, false,
                               lexer.position < length ? text[lexer.position] : '\0');
        } else {
            str_addn(&rendering->out, text + token.start, token.length);
        }
    }
    return failed;
}

int template_render(struct arena *arena, const struct revision *revision, enum engine engine,
                    const struct pair_list *vars, const char *text, size_t length, const char **out,
                    size_t *out_length, struct err *err)
{
    struct rendering rendering = {.arena = arena,
                                  .revision = revision,
                                  .engine = engine,
                                  .vars = vars,
                                  .out = STR_INIT,
                                  .err = err};
    int failed;

    *out = text;
    *out_length = length;
    if (!revision->variable_count || !memmem(text, length, "{{", 2)) {
        return 0;
    }
    failed = render(&rendering, text, length);
    if (!failed) {
        *out = arena_strndup(arena, rendering.out.text, rendering.out.length);
        *out_length = rendering.out.length;
    }
    str_release(&rendering.out);
    return failed;
}
