#include "workers/dialect.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/bug.h"
#include "base/str.h"
#include "planner/lexer.h"
#include "planner/splitter.h"
#include "planner/template.h"
#include "workers/dialect_texts.h"

static const char *const purpose_names[DIALECT_COUNT] = {
    [DIALECT_READ_COMMITTED] = "read_committed",
    [DIALECT_READ_ONLY] = "read_only",
    [DIALECT_FRESH] = "fresh",
    [DIALECT_ROLE] = "role",
    [DIALECT_PATH] = "path",
    [DIALECT_SETTINGS] = "settings",
    [DIALECT_SETTING] = "setting",
    [DIALECT_SESSION] = "session",
    [DIALECT_TIMEOUTS] = "timeouts",
    [DIALECT_CHECK_INTERVAL] = "check_interval",
    [DIALECT_LOCATE] = "locate",
    [DIALECT_LOCATE_SCHEMAS] = "locate_schemas",
    [DIALECT_HEADS] = "heads",
    [DIALECT_HEADS_BRIEF] = "heads_brief",
    [DIALECT_HEADS_VERSION] = "heads_version",
    [DIALECT_HEADS_HISTORY] = "heads_history",
    [DIALECT_SURVEY] = "survey",
    [DIALECT_SURVEY_VERSION] = "survey_version",
    [DIALECT_SURVEY_HISTORY] = "survey_history",
    [DIALECT_SURVEY_VERSION_BRIEF] = "survey_version_brief",
    [DIALECT_SURVEY_HISTORY_BRIEF] = "survey_history_brief",
    [DIALECT_HISTORY_RUN] = "history_run",
    [DIALECT_HISTORY_SEEN] = "history_seen",
    [DIALECT_HISTORY_SUMS] = "history_sums",
    [DIALECT_WIDTH] = "width",
    [DIALECT_PLAIN_TABLES] = "plain_tables",
    [DIALECT_INVALID] = "invalid",
    [DIALECT_LOCK] = "lock",
    [DIALECT_LOCK_TRANSACTION] = "lock_transaction",
    [DIALECT_IDENTITY] = "identity",
    [DIALECT_HOLDER] = "holder",
    [DIALECT_HOLDER_ROWS] = "holder_rows",
    [DIALECT_HOLDER_LOCK] = "holder_lock",
    [DIALECT_INSPECT] = "inspect",
    [DIALECT_UNLOCK_SCHEMA] = "unlock_schema",
    [DIALECT_UNLOCK_SELF] = "unlock_self",
    [DIALECT_UNLOCK_FIND] = "unlock_find",
    [DIALECT_UNLOCK_PREPARE] = "unlock_prepare",
    [DIALECT_UNLOCK_END] = "unlock_end",
    [DIALECT_UNLOCK] = "unlock",
    [DIALECT_BEGIN] = "begin",
    [DIALECT_COMMIT] = "commit",
    [DIALECT_ROLLBACK] = "rollback",
    [DIALECT_CREATE_VERSION] = "create_version",
    [DIALECT_CREATE_HISTORY] = "create_history",
    [DIALECT_VERSION_INSERT] = "version_insert",
    [DIALECT_VERSION_UPDATE] = "version_update",
    [DIALECT_VERSION_DELETE] = "version_delete",
    [DIALECT_HISTORY_INSERT] = "history_insert",
    [DIALECT_HISTORY_MARK] = "history_mark",
    [DIALECT_HISTORY_CLOSE] = "history_close",
    [DIALECT_HISTORY_DELETE] = "history_delete",
    [DIALECT_FOREIGN_KEYS] = "foreign_keys",
    [DIALECT_FOREIGN_KEYS_OFF] = "foreign_keys_off",
    [DIALECT_FOREIGN_KEYS_ON] = "foreign_keys_on",
    [DIALECT_VIOLATIONS] = "violations",
    [DIALECT_STATEMENT] = "statement",
    [DIALECT_CHECK] = "check",
    [DIALECT_OFFLINE_HEAD] = "offline_head",
    [DIALECT_OFFLINE_LOCATE] = "offline_locate",
    [DIALECT_OFFLINE_IDENTITY] = "offline_identity",
    [DIALECT_OFFLINE_LOCK] = "offline_lock",
    [DIALECT_OFFLINE_QUERY] = "offline_query",
    [DIALECT_OFFLINE_SESSION] = "offline_session",
    [DIALECT_OFFLINE_CREATE] = "offline_create",
    [DIALECT_OFFLINE_STANDS] = "offline_stands",
    [DIALECT_OFFLINE_UNCHANGED] = "offline_unchanged",
    [DIALECT_OFFLINE_PURGE] = "offline_purge",
    [DIALECT_OFFLINE_ONE] = "offline_one",
    [DIALECT_OFFLINE_TRY] = "offline_try",
    [DIALECT_OFFLINE_KEYS_KEEP] = "offline_keys_keep",
    [DIALECT_OFFLINE_KEYS_CHECK] = "offline_keys_check",
    [DIALECT_OFFLINE_TAIL] = "offline_tail",
    [DIALECT_OFFLINE_KEY] = "offline_key",
    [DIALECT_OFFLINE_NEXT] = "offline_next",
    [DIALECT_OFFLINE_OPEN] = "offline_open",
    [DIALECT_OFFLINE_FAILED] = "offline_failed",
    [DIALECT_OFFLINE_APPLIED] = "offline_applied",
    [DIALECT_OFFLINE_NOW] = "offline_now",
};

const char *dialect_purpose_name(enum dialect_purpose purpose)
{
    return purpose_names[purpose];
}

const char *dialect_text(enum engine engine, enum dialect_purpose purpose)
{
    return dialect_texts[engine == ENGINE_MARIADB ? ENGINE_MYSQL : engine][purpose];
}

static const char *placeholder(const struct dialect_names *names, const char *text, size_t *length)
{
    const struct {
        const char *mark, *name;
    } places[] = {{"{version_table}", names->version_table},
                  {"{history_table}", names->history_table},
                  {"{version_key}", names->version_key},
                  {"{database}", names->database},
                  {"{local}", names->local}};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        *length = strlen(places[i].mark);
        if (strncmp(text, places[i].mark, *length) == 0) {
            return places[i].name;
        }
    }
    BUG("no such placeholder: %.40s", text);
}

const char *dialect_render(struct arena *arena, enum engine engine, enum dialect_purpose purpose,
                           const struct dialect_names *names)
{
    const char *text = dialect_text(engine, purpose);
    struct str out = STR_INIT;
    const char *rendered;

    if (!text) {
        BUG("%s has no SQL for %s", engine_name(engine), purpose_names[purpose]);
    }
    if (!strchr(text, '{')) {
        return text;
    }
    for (const char *brace = strchr(text, '{'); brace; brace = strchr(text, '{')) {
        size_t length;
        const char *name = placeholder(names, brace, &length);
        str_addn(&out, text, (size_t)(brace - text));
        str_add(&out, name);
        text = brace + length;
    }
    str_add(&out, text);
    rendered = arena_strndup(arena, out.text, out.length);
    str_release(&out);
    return rendered;
}

/* The number of the parameter that begins at text ($1, ?1, or a bare ? for the next one), from 1;
 * 0: none begins there. */
static size_t parameter_at(const char *text, size_t *before, size_t *length)
{
    size_t number = 0;

    *length = 1;
    if (*text != '$' && *text != '?') {
        return 0;
    }
    while (isdigit((unsigned char)text[*length])) {
        number = number * 10 + (size_t)(text[(*length)++] - '0');
    }
    if (number == 0 && *text == '?') {
        number = *before + 1;
    }
    *before = number;
    return number;
}

static void write_value(struct str *out, struct arena *arena, enum engine engine,
                        const struct dialect_value *value)
{
    if (!value->text) {
        str_add(out, "NULL");
    } else {
        str_add(out, value->verbatim ? value->text : quote_literal(arena, engine, value->text));
    }
}

void dialect_write(struct str *out, struct arena *arena, enum engine engine,
                   enum dialect_purpose purpose, const struct dialect_names *names,
                   const struct dialect_value *values, size_t count)
{
    const char *text = dialect_text(engine, purpose);
    size_t before = 0, length;

    if (!text) {
        BUG("%s has no SQL for %s", engine_name(engine), purpose_names[purpose]);
    }
    while (*text) {
        size_t plain = strcspn(text, "{$?"), number;

        str_addn(out, text, plain);
        text += plain;
        if (*text == '{') {
            str_add(out, placeholder(names, text, &length));
        } else if (*text == '\0') {
            break;
        } else {
            number = parameter_at(text, &before, &length);
            if (number > count) {
                BUG("%s has no value %zu", purpose_names[purpose], number);
            }
            if (number > 0) {
                write_value(out, arena, engine, &values[number - 1]);
            } else {
                str_addn(out, text, length);
            }
        }
        text += length;
    }
}

const char *dialect_role(struct arena *arena, enum engine engine, const char *role)
{
    return arena_printf(arena, "SET ROLE %s", quote_identifier(arena, engine, role));
}

const char *dialect_pragma(struct arena *arena, const char *name, const char *value)
{
    return arena_printf(arena, "PRAGMA %s = %s", quote_identifier(arena, ENGINE_SQLITE, name),
                        quote_literal(arena, ENGINE_SQLITE, value));
}

const char *dialect_variable(struct arena *arena, const char *name, const char *value)
{
    size_t digits = strspn(value, "0123456789");
    bool number = *value && (value[digits] == '\0' ||
                             (value[digits] == '.' && digits > 0 && value[digits + 1] &&
                              !value[digits + 1 + strspn(value + digits + 1, "0123456789")]));

    return arena_printf(arena, "SET SESSION %s = %s", quote_identifier(arena, ENGINE_MYSQL, name),
                        number ? value : quote_literal(arena, ENGINE_MYSQL, value));
}

/* ---- what kind of statement it is, by its words outside quotes and comments */

static const char *skip_quoted(const char *at, const char *end)
{
    const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));

    return close ? close + 1 : end;
}

static const char *skip_dollars(const char *at, const char *end)
{
    const char *tag_end = at + 1;

    while (tag_end < end && (isalnum((unsigned char)*tag_end) || *tag_end == '_')) {
        tag_end++;
    }
    if (tag_end == end || *tag_end != '$') {
        return at + 1;
    }
    size_t length = (size_t)(tag_end - at) + 1;
    const char *close = memmem(tag_end + 1, (size_t)(end - tag_end - 1), at, length);
    return close ? close + length : end;
}

/* Whether one of `words` stands in the canonical text; `first`: only as its first word. */
static bool has_word(const char *text, size_t length, const char *const *words, bool first)
{
    const char *end = text + length;

    for (const char *at = text; at < end;) {
        const char *begin = at;
        while (at < end && (isalnum((unsigned char)*at) || *at == '_')) {
            at++;
        }
        for (size_t i = 0; words[i]; i++) {
            if ((size_t)(at - begin) == strlen(words[i]) &&
                strncasecmp(begin, words[i], strlen(words[i])) == 0) {
                return true;
            }
        }
        if (at > begin) {
            if (first) {
                return false;
            }
        } else if (*at == '\'' || *at == '"' || *at == '`') {
            at = skip_quoted(at, end);
        } else {
            at = *at == '$' ? skip_dollars(at, end) : at + 1;
        }
    }
    return false;
}

static bool statement_has(enum engine engine, const char *sql, size_t length,
                          const char *const *words, bool first)
{
    struct str canonical = STR_INIT;

    splitter_canonical(engine, sql, length, &canonical);
    bool found = has_word(canonical.text, canonical.length, words, first);
    str_release(&canonical);
    return found;
}

bool dialect_is_concurrent(enum engine engine, const char *sql, size_t length)
{
    return engine == ENGINE_POSTGRESQL &&
           statement_has(engine, sql, length, (const char *const[]){"CONCURRENTLY", NULL}, false);
}

/* ---- MySQL and MariaDB */

static bool is_mysql(enum engine engine)
{
    return engine == ENGINE_MYSQL || engine == ENGINE_MARIADB;
}

struct words {
    struct lexer lexer;
    struct token token;
};

static void words_init(struct words *words, enum engine engine, const char *sql, size_t length)
{
    lexer_init(&words->lexer, engine, sql, length);
}

/* The next token that means something. */
static bool words_next(struct words *words)
{
    do {
        lexer_next(&words->lexer, &words->token);
    } while (token_is_blank(&words->token) || words->token.kind == TOKEN_KEPT ||
             words->token.kind == TOKEN_EXECUTABLE || words->token.kind == TOKEN_EXECUTABLE_END);
    return words->token.kind != TOKEN_END;
}

static bool is_word(const struct words *words, const char *const *any)
{
    const char *text = words->lexer.text + words->token.start;

    for (size_t i = 0; words->token.kind == TOKEN_WORD && any[i]; i++) {
        if (strlen(any[i]) == words->token.length &&
            strncasecmp(any[i], text, words->token.length) == 0) {
            return true;
        }
    }
    return false;
}

/* A comma that no parenthesis holds. */
static bool has_several(struct words *words)
{
    int depth = 0;

    while (words_next(words)) {
        char sign = words->token.kind == TOKEN_OTHER ? words->lexer.text[words->token.start] : 0;

        depth += (sign == '(') - (sign == ')');
        if (sign == ',' && depth == 0) {
            return true;
        }
    }
    return false;
}

/* Past SET STATEMENT … FOR, which stands before another statement. */
static bool first_word(struct words *words)
{
    bool found = words_next(words);

    if (found && is_word(words, (const char *const[]){"SET", NULL}) && words_next(words) &&
        is_word(words, (const char *const[]){"STATEMENT", NULL})) {
        while (words_next(words) && !is_word(words, (const char *const[]){"FOR", NULL})) {
        }
        return words_next(words);
    }
    return found;
}

static bool is_whole_mysql(enum engine engine, const char *sql, size_t length)
{
    struct words words;

    words_init(&words, engine, sql, length);
    if (!first_word(&words)) {
        return true;
    }
    if (is_word(&words, (const char *const[]){"CALL", "DO", "BEGIN", "EXECUTE", NULL})) {
        return false;
    }
    if (is_word(&words, (const char *const[]){"CREATE", NULL})) {
        return !words_next(&words) || !is_word(&words, (const char *const[]){"OR", NULL});
    }
    if (is_word(&words, (const char *const[]){"DROP", NULL})) {
        return !words_next(&words) ||
               (!is_word(&words, (const char *const[]){"DATABASE", "SCHEMA", NULL}) &&
                !has_several(&words));
    }
    return !is_word(&words, (const char *const[]){"RENAME", NULL}) || !has_several(&words);
}

bool dialect_changes_rows(enum engine engine, const char *sql, size_t length)
{
    struct words words;

    words_init(&words, engine, sql, length);
    return is_mysql(engine) && first_word(&words) &&
           is_word(&words, (const char *const[]){"INSERT", "UPDATE", "DELETE", "REPLACE", "WITH",
                                                 "LOAD", "SELECT", NULL});
}

/* Those that a routine may hold: a block is one. */
static bool fits_block(struct words *words)
{
    if (!words_next(words)) {
        return false;
    }
    if (is_word(words, (const char *const[]){"ALTER", NULL})) {
        return words_next(words) && is_word(words, (const char *const[]){"TABLE", NULL});
    }
    if (is_word(words, (const char *const[]){"CREATE", "DROP", NULL})) {
        return words_next(words) &&
               is_word(words, (const char *const[]){"TABLE", "TEMPORARY", "INDEX", "UNIQUE",
                                                    "FULLTEXT", "SPATIAL", "VIEW", NULL});
    }
    return is_word(words, (const char *const[]){"INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE",
                                                "RENAME", NULL});
}

bool dialect_fits_block(enum engine engine, const char *sql, size_t length)
{
    struct words words;

    words_init(&words, engine, sql, length);
    return !is_mysql(engine) || fits_block(&words);
}

bool dialect_chooses_database(enum engine engine, const char *sql, size_t length)
{
    struct words words;

    words_init(&words, engine, sql, length);
    return is_mysql(engine) && words_next(&words) &&
           is_word(&words, (const char *const[]){"USE", NULL});
}

bool dialect_names(enum engine engine, const char *sql, size_t length, const char *name)
{
    struct words words;

    words_init(&words, engine, sql, length);
    while (words_next(&words)) {
        const struct token *token = &words.token;
        size_t quotes = token->kind == TOKEN_IDENTIFIER ? 1 : 0;

        if ((token->kind == TOKEN_WORD || quotes) && token->length == strlen(name) + 2 * quotes &&
            strncasecmp(sql + token->start + quotes, name, strlen(name)) == 0) {
            return true;
        }
    }
    return false;
}

bool dialect_is_whole(enum engine engine, const char *sql, size_t length)
{
    if (is_mysql(engine)) {
        return is_whole_mysql(engine, sql, length);
    }
    return !dialect_is_concurrent(engine, sql, length) &&
           !statement_has(engine, sql, length, (const char *const[]){"CALL", "DO", NULL}, true);
}
