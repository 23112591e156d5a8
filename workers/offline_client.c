#include "workers/offline_client.h"

#include <string.h>
#include <strings.h>

#include "planner/lexer.h"

/* ---- psql: `:name`, `:'name'`, `:"name"` and `:{?name}` are variables of its own outside quotes
 * and comments, where SQL has them too: a[1:n]. `\:` is a colon. `::` and `:=` it leaves alone. */

static bool begins_variable(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '\'' || c == '"' || c == '{' || (unsigned char)c >= 0x80;
}

static int add_for_psql(struct str *out, const char *text, size_t length, struct err *err)
{
    struct lexer lexer;
    struct token token;
    size_t settled = 0; /* colons before this position are no variable's */

    (void)err;
    lexer_init(&lexer, ENGINE_POSTGRESQL, text, length);
    for (lexer_next(&lexer, &token); token.kind != TOKEN_END; lexer_next(&lexer, &token)) {
        size_t next = token.start + token.length;

        if (token.kind == TOKEN_OTHER && text[token.start] == ':' && token.start >= settled &&
            next < length) {
            if (text[next] == ':' || text[next] == '=') {
                settled = next + 1;
            } else if (begins_variable(text[next])) {
                str_addc(out, '\\');
            }
        }
        str_addn(out, text + token.start, token.length);
    }
    return 0;
}

/* ---- sqlite3: a line that is only `/` or `go` ends a statement, as with other databases' clients,
 * and a line end is \n whatever it was */

/* The statement with all that is quoted or a comment made harmless. */
static void mask(struct str *out, const char *text, size_t length)
{
    struct lexer lexer;
    struct token token;

    lexer_init(&lexer, ENGINE_SQLITE, text, length);
    for (lexer_next(&lexer, &token); token.kind != TOKEN_END; lexer_next(&lexer, &token)) {
        bool comment = token.kind == TOKEN_COMMENT || token.kind == TOKEN_KEPT;
        bool quoted = token.kind == TOKEN_STRING || token.kind == TOKEN_IDENTIFIER;

        for (size_t i = 0; i < token.length; i++) {
            char c = text[token.start + i];
            str_addc(out, c == '\n' && !quoted ? '\n' : comment ? ' ' : quoted ? 'x' : c);
        }
    }
}

static bool ends_statement(const char *line, size_t length)
{
    while (length > 0 && strchr(" \t\r\f\v", *line)) {
        line++;
        length--;
    }
    while (length > 0 && strchr(" \t\r\f\v", line[length - 1])) {
        length--;
    }
    return (length == 1 && *line == '/') || (length == 2 && strncasecmp(line, "go", 2) == 0);
}

static int refuse(struct err *err, int line, const char *message, const char *hint)
{
    err_set(err, ERROR_REVISION, "%s", message);
    err_at(err, NULL, line, 0);
    err_hint(err, "%s", hint);
    return ERROR_REVISION;
}

static int check_lines(const char *masked, struct err *err)
{
    int number = 1;

    for (const char *line = masked; *line; number++) {
        size_t length = strcspn(line, "\n");

        if (ends_statement(line, length)) {
            return refuse(err, number,
                          "the sqlite3 shell takes a line with nothing but \"/\" or \"go\" for the "
                          "end of a statement",
                          "join it with the line before; the checksum stays");
        }
        line += length + (line[length] == '\n');
    }
    return 0;
}

static int add_for_sqlite3(struct str *out, const char *text, size_t length, struct err *err)
{
    struct str masked = STR_INIT;
    int class;

    if (memmem(text, length, "\r\n", 2)) {
        return refuse(err, 1, "the sqlite3 shell drops a carriage return at the end of a line",
                      "write it as char(13)");
    }
    mask(&masked, text, length);
    class = check_lines(masked.text, err);
    str_release(&masked);
    if (!class) {
        str_addn(out, text, length);
    }
    return class;
}

/* ---- mariadb, mysql: `delimiter` is a command of theirs wherever it stands outside quotes, as a
 * backslash begins one; others begin a statement. A line end is \n whatever it was */

static bool is_any(const char *word, size_t length, const char *const *any)
{
    for (size_t i = 0; any[i]; i++) {
        if (strlen(any[i]) == length && strncasecmp(word, any[i], length) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_command(const char *word, size_t length)
{
    return is_any(word, length,
                  (const char *const[]){"charset",
                                        "clear",
                                        "connect",
                                        "edit",
                                        "ego",
                                        "exit",
                                        "go",
                                        "help",
                                        "nopager",
                                        "notee",
                                        "nowarning",
                                        "pager",
                                        "print",
                                        "prompt",
                                        "quit",
                                        "rehash",
                                        "resetconnection",
                                        "sandbox",
                                        "source",
                                        "ssl_session_data_print",
                                        "status",
                                        "system",
                                        "tee",
                                        "warnings",
                                        NULL});
}

static int line_of(const char *text, size_t position)
{
    int line = 1;

    for (size_t i = 0; i < position; i++) {
        line += text[i] == '\n';
    }
    return line;
}

static int add_for_mariadb(struct str *out, const char *text, size_t length, struct err *err)
{
    struct lexer lexer;
    struct token token;
    bool first = true;

    if (memmem(text, length, "\r\n", 2)) {
        return refuse(err, 1, "the mariadb client drops a carriage return at the end of a line",
                      "write it as char(13)");
    }
    lexer_init(&lexer, ENGINE_MARIADB, text, length);
    for (lexer_next(&lexer, &token); token.kind != TOKEN_END; lexer_next(&lexer, &token)) {
        const char *word = text + token.start;

        if (token.kind == TOKEN_WORD && token.length >= 9 &&
            strncasecmp(word, "delimiter", 9) == 0) {
            return refuse(err, line_of(text, token.start),
                          "the mariadb client takes a bare word that begins with \"delimiter\" for "
                          "its command",
                          "write the name in backquotes; that changes the checksum");
        }
        if ((token.kind == TOKEN_OTHER && *word == '\\') ||
            (first && token.kind == TOKEN_WORD && is_command(word, token.length))) {
            return refuse(err, line_of(text, token.start),
                          "the mariadb client takes this for a command of its own",
                          "SQL has no such statement");
        }
        first = first && (token_is_blank(&token) || token.kind == TOKEN_KEPT);
    }
    str_addn(out, text, length);
    return 0;
}

const struct offline_client *offline_client(enum engine engine)
{
    static const struct offline_client clients[ENGINE_COUNT] = {
        [ENGINE_POSTGRESQL] = {"psql", "psql -X -f FILE DATABASE", ":\"skein_schema\"", false,
                               add_for_psql},
        [ENGINE_SQLITE] = {"sqlite3", "sqlite3 DATABASE < FILE", "\"main\"", false,
                           add_for_sqlite3},
        [ENGINE_MARIADB] = {"mariadb", "mariadb --comments DATABASE < FILE", NULL, true,
                            add_for_mariadb},
        [ENGINE_MYSQL] = {"mysql", "mysql --comments DATABASE < FILE", NULL, true, add_for_mariadb},
    };

    return clients[engine].name ? &clients[engine] : NULL;
}
