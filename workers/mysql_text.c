/*
 * Parameters as literals, and not as those of a prepared statement: that would cost a second round
 * trip (and a third to forget it) for each command, on a protocol that takes one at a time anyway,
 * and each of skein's statements is sent once or twice on a connection. The library quotes: it
 * knows from the server's last answer whether the session has NO_BACKSLASH_ESCAPES.
 */
#include <mysql.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "workers/mysql_internal.h"

static void add_literal(MYSQL *mysql, const char *value, struct str *out)
{
    size_t length;
    char *quoted;

    if (!value) {
        str_add(out, "NULL");
        return;
    }
    length = strlen(value);
    quoted = xcalloc(2 * length + 1, 1);
    str_addc(out, '\'');
    str_addn(out, quoted, mysql_real_escape_string(mysql, quoted, value, length));
    str_addc(out, '\'');
    free(quoted);
}

/* Length of what begins at `at` and has no parameter in it: a quoted piece whole, or one byte. */
static size_t piece(const char *at, const char *end)
{
    const char *close = NULL;

    if (*at == '\'' || *at == '"' || *at == '`') {
        close = memchr(at + 1, *at, (size_t)(end - at - 1));
    }
    return close ? (size_t)(close - at) + 1 : 1;
}

void mysql_driver_text(MYSQL *mysql, const struct command *command, struct str *out)
{
    const char *at = command->sql, *end = command->sql + command->length;

    str_clear(out);
    if (command->parameter_count == 0) {
        str_addn(out, command->sql, command->length);
        return;
    }
    while (at < end) {
        size_t length = piece(at, end);
        unsigned number = 0;

        if (*at == '$' && at + 1 < end && at[1] >= '1' && at[1] <= '9') {
            for (at++; at < end && *at >= '0' && *at <= '9'; at++) {
                number = number * 10 + (unsigned)(*at - '0');
            }
            if (number > command->parameter_count) {
                BUG("%s has no parameter %u", command->purpose ? command->purpose : "a command",
                    number);
            }
            add_literal(mysql, command->parameters[number - 1], out);
        } else {
            str_addn(out, at, length);
            at += length;
        }
    }
}
