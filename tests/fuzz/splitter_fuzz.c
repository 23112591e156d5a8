/*
 * Whatever the text is: the pieces lie in it in order, nothing but blanks, comments and terminators
 * is between them, and each piece is one statement by itself.
 */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "fuzz.h"
#include "planner/lexer.h"
#include "planner/splitter.h"

const char *const fuzz_words[] = {
    "'",
    "\"",
    "`",
    "[",
    "]",
    "(",
    ")",
    ";",
    "\\",
    "$$",
    "$a$",
    "$",
    "--",
    "-- ",
    "#",
    "/*",
    "*/",
    "/*!",
    "/*!50003 ",
    "/*M!",
    "/*+",
    "\n",
    " ",
    ",",
    ":",
    ".",
    "@",
    "E'",
    "U&'",
    "BEGIN ",
    "ATOMIC ",
    "END ",
    "END;",
    "CASE ",
    "IF ",
    "THEN ",
    "ELSE ",
    "LOOP ",
    "REPEAT ",
    "WHILE ",
    "FOR ",
    "DO ",
    "END IF;",
    "END CASE;",
    "NOT ",
    "CREATE ",
    "OR REPLACE ",
    "FUNCTION f() ",
    "PROCEDURE p() ",
    "TRIGGER t ",
    "EVENT ",
    "DEFINER=",
    "ROW ",
    "DECLARE ",
    "HANDLER ",
    "RETURNS ",
    "SET ",
    "autocommit ",
    "COPY ",
    "FROM STDIN",
    "COMMIT",
    "ROLLBACK ",
    "TO ",
    "DELIMITER ",
    "DELIMITER //\n",
    "//",
    "UNTIL ",
    "l: ",
    "SELECT ",
    "AS ",
    "\xc3\xa9",
    "1",
    "\r",
    NULL,
};

static bool has_delimiter(const char *text, size_t length)
{
    for (size_t i = 0; i + 9 <= length; i++) {
        if (!strncasecmp(text + i, "delimiter", 9)) {
            return true;
        }
    }
    return false;
}

/* Between two pieces: also what holds hints alone. */
static void check_gap(enum engine engine, const char *text, size_t length)
{
    struct lexer lexer;
    struct token token;

    lexer_init(&lexer, engine, text, length);
    for (lexer_next(&lexer, &token); token.kind != TOKEN_END; lexer_next(&lexer, &token)) {
        FUZZ_CHECK(token_is_blank(&token) || token.kind == TOKEN_TERMINATOR ||
                       token.kind == TOKEN_KEPT || token.kind == TOKEN_EXECUTABLE ||
                       token.kind == TOKEN_EXECUTABLE_END,
                   engine_name(engine));
    }
}

/* Two dashes at the end are a comment to MySQL there, and only there. */
static bool ends_with_dashes(const struct statement *statement)
{
    return statement->length >= 2 && !memcmp(statement->text + statement->length - 2, "--", 2);
}

static void check_alone(struct arena *arena, enum engine engine, const struct statement *statement)
{
    struct err err = ERR_INIT(arena);
    struct statement *again;
    size_t count;

    FUZZ_CHECK(!splitter_split(arena, engine, statement->text, statement->length, statement->line,
                               &again, &count, &err),
               err.message ? err.message : "");
    FUZZ_CHECK(count == 1, engine_name(engine));
    FUZZ_CHECK(again->text == statement->text && again->length == statement->length &&
                   again->line == statement->line,
               engine_name(engine));
}

static void check_canonical(enum engine engine, const struct statement *statement)
{
    struct str once = STR_INIT, twice = STR_INIT;

    splitter_canonical(engine, statement->text, statement->length, &once);
    FUZZ_CHECK((once.length > 2 || ends_with_dashes(statement)) &&
                   once.length <= statement->length + 2,
               engine_name(engine));
    /* Elsewhere white space can mean something: E'a' <newline> 'b', and what follows two dashes. */
    if (engine == ENGINE_SQLITE) {
        splitter_canonical(engine, once.text, once.length - 2, &twice);
        FUZZ_CHECK(once.length == twice.length && !memcmp(once.text, twice.text, once.length),
                   once.text);
    }
    str_release(&once);
    str_release(&twice);
}

static void check_engine(struct arena *arena, enum engine engine, const char *text, size_t length)
{
    bool mysql = engine == ENGINE_MYSQL || engine == ENGINE_MARIADB,
         delimiter = mysql && has_delimiter(text, length);
    struct err err = ERR_INIT(arena);
    struct statement *statements;
    const char *end = text;
    size_t count;

    if (splitter_split(arena, engine, text, length, 1, &statements, &count, &err)) {
        FUZZ_CHECK(err.class == ERROR_REVISION && err.line >= 1 && err.message && err.hint,
                   engine_name(engine));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct statement *statement = &statements[i];

        FUZZ_CHECK(statement->text >= end && statement->length &&
                       statement->text + statement->length <= text + length,
                   engine_name(engine));
        FUZZ_CHECK(statement->line >= 1, engine_name(engine));
        if (!delimiter) {
            check_gap(engine, end, (size_t)(statement->text - end));
            if (!mysql || !ends_with_dashes(statement)) {
                check_alone(arena, engine, statement);
            }
        }
        check_canonical(engine, statement);
        splitter_is_query(engine, statement->text, statement->length);
        end = statement->text + statement->length;
    }
    if (!delimiter) {
        check_gap(engine, end, (size_t)(text + length - end));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_INIT;

    for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
        check_engine(&arena, (enum engine)engine, (const char *)data, size);
    }
    arena_release(&arena);
    return 0;
}
