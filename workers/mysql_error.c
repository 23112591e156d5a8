#include <errmsg.h>
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "planner/classify.h"
#include "workers/mysql_internal.h"

/* Answers of the server that are its last on this session. */
static const unsigned farewells[] = {
    1053,                                                             /* it shuts down */
    1152, 1153, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1184, /* the network, the packet */
    1927, /* the connection was killed */
    4031, /* it was idle too long, says MySQL */
};

/* Messages that hold a value of a customer's, in quotes. */
static const unsigned with_values[] = {1062, 1292, 1366, 1411, 1525, 1586};

static bool is_in(unsigned code, const unsigned *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (codes[i] == code) {
            return true;
        }
    }
    return false;
}

/* The library's own: nobody answered. */
static bool is_local(unsigned code)
{
    return (code >= CR_MIN_ERROR && code <= CR_MAX_ERROR) || (code >= 5000 && code < 6000);
}

/* One line, safe to show, in the arena. */
static const char *safe_line(struct arena *arena, const char *text, size_t length)
{
    struct str str = STR_INIT;
    const char *line;

    text_add_safe(&str, text, length, true);
    line = arena_strdup(arena, str.text);
    str_release(&str);
    return line;
}

/* "Duplicate entry '…' for key 'PRIMARY'": the value is taken out of the message. */
static const char *without_value(struct arena *arena, const char *message)
{
    const char *begin = strchr(message, '\'');
    const char *end = NULL;

    for (const char *at = begin; at && (at = strstr(at, "' for ")); at++) {
        end = at;
    }
    end = end ? end : strrchr(message, '\'');
    if (!begin || end <= begin) {
        return message;
    }
    return arena_printf(arena, "%.*s…%s", (int)(begin + 1 - message), message, end);
}

/* "You have an error in your SQL syntax near '…' at line 1": without where the manual is. */
static const char *without_manual(struct arena *arena, const char *message)
{
    const char *manual = strstr(message, "; check the manual ");
    const char *near = manual ? strstr(manual, " near '") : NULL;

    return near ? arena_printf(arena, "%.*s%s", (int)(manual - message), message, near) : message;
}

static const char *hint_of(unsigned code, const char *message)
{
    if (code == CR_SSL_CONNECTION_ERROR) {
        return strstr(message, "SSL is required") || strstr(message, "doesn't support SSL")
                   ? "switch TLS on at the server, or, on a network that you trust, write tls: "
                     "{mode: disable}"
                   : "name the authority that signed the server's certificate: tls: {ca: FILE}";
    }
    return NULL;
}

bool mysql_driver_error(MYSQL *mysql, enum engine engine, struct err *err)
{
    unsigned code = mysql_errno(mysql);
    const char *state = mysql_sqlstate(mysql);
    const char *message = without_manual(
        err->arena, safe_line(err->arena, mysql_error(mysql), strlen(mysql_error(mysql))));
    bool local = code == 0 || is_local(code);
    char text[16];

    snprintf(text, sizeof(text), "%u", code);
    err_set(err, ERROR_CONNECTION, "%s", *message ? message : "the connection was lost");
    if (code == 0) {
        err_native(err, NULL, RETRY_TRANSIENT);
        return false;
    }
    if (hint_of(code, message)) {
        err_hint(err, "%s", hint_of(code, message));
    }
    classify(err, engine, text);
    if (is_in(code, with_values, sizeof(with_values) / sizeof(*with_values))) {
        err->detail = message;
        err->message = without_value(err->arena, message);
    }
    if (!local && state && *state && strcmp(state, "HY000") != 0) {
        err->message = arena_printf(err->arena, "%s (SQLSTATE %s)", err->message, state);
    }
    return !local && !is_in(code, farewells, sizeof(farewells) / sizeof(*farewells));
}

/* ---- the place of a syntax error: "… near 'TEXT' at line N" */

static size_t line_start(const char *sql, size_t length, long line)
{
    size_t at = 0;

    while (line-- > 1) {
        const char *newline = memchr(sql + at, '\n', length - at);
        if (!newline) {
            break;
        }
        at = (size_t)(newline - sql) + 1;
    }
    return at;
}

static int characters(const char *text, size_t length)
{
    int count = 0;

    for (size_t i = 0; i < length; i++) {
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    }
    return count;
}

int mysql_driver_position(const char *message, const char *sql, size_t length)
{
    const char *near = strstr(message, " near '");
    const char *end = NULL;

    for (const char *at = near; at && (at = strstr(at, "' at line ")); at++) {
        end = at;
    }
    if (!end) {
        return 0;
    }
    near += strlen(" near '");
    size_t near_length = (size_t)(end - near);
    size_t start = line_start(sql, length, strtol(end + strlen("' at line "), NULL, 10));
    /* The text is the rest of the statement, or its beginning. */
    if (near_length <= length - start &&
        memcmp(sql + length - near_length, near, near_length) == 0) {
        return characters(sql, length - near_length) + 1;
    }
    const char *found = memmem(sql + start, length - start, near, near_length);
    return found ? characters(sql, (size_t)(found - sql)) + 1 : 0;
}
