#include "config/option_file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

#define LIMIT ((size_t)1024 * 1024)

static const char spaces[] = " \t\r\v\f";

struct piece {
    const char *text;
    size_t length;
};

static struct piece trimmed(const char *text, size_t length)
{
    while (length > 0 && strchr(spaces, text[0])) {
        text++;
        length--;
    }
    while (length > 0 && strchr(spaces, text[length - 1])) {
        length--;
    }
    return (struct piece){text, length};
}

static bool is(const struct piece *piece, const char *word)
{
    return piece->length == strlen(word) && memcmp(piece->text, word, piece->length) == 0;
}

/* ---- as the client reads it */

/* Up to a # that no quotes hold. */
static size_t before_comment(const char *text, size_t length)
{
    char quote = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\' && i + 1 < length) {
            i++;
        } else if (text[i] == '\'' || text[i] == '"') {
            quote = !quote ? text[i] : quote == text[i] ? 0 : quote;
        } else if (text[i] == '#' && !quote) {
            return i;
        }
    }
    return length;
}

static char escaped(char letter)
{
    static const char from[] = "ntrbs", to[] = "\n\t\r\b ";
    const char *at = strchr(from, letter);

    return at && *at ? to[at - from] : letter;
}

/* Without the quotes around it, its escapes done: \n \t \r \b \s \" \' and the backslash itself;
 * before anything else the backslash stays. */
static const char *value_of(struct arena *arena, struct piece piece)
{
    struct str out = STR_INIT;
    const char *value;
    char first = piece.length > 1 ? piece.text[0] : 0;

    if ((first == '\'' || first == '"') && piece.text[piece.length - 1] == first) {
        piece.text++;
        piece.length -= 2;
    }
    for (size_t i = 0; i < piece.length; i++) {
        if (piece.text[i] == '\\' && i + 1 < piece.length &&
            strchr("ntrbs\"'\\", piece.text[i + 1])) {
            str_addc(&out, escaped(piece.text[++i]));
        } else {
            str_addc(&out, piece.text[i]);
        }
    }
    value = arena_strndup(arena, out.text, out.length);
    explicit_bzero(out.text, out.length);
    str_release(&out);
    return value;
}

static bool counts(const struct option_file *file, struct piece group)
{
    return is(&group, "client") ||
           (file->mariadb && (is(&group, "client-server") || is(&group, "client-mariadb"))) ||
           (file->group && is(&group, file->group));
}

static void take_option(struct arena *arena, struct option_file *file, const char *line,
                        size_t length)
{
    const char *sign;
    struct piece name, value;

    length = before_comment(line, length);
    sign = memchr(line, '=', length);
    if (!sign) {
        return; /* without a value: the client would ask for it, or it is another option */
    }
    name = trimmed(line, (size_t)(sign - line));
    value = trimmed(sign + 1, length - (size_t)(sign + 1 - line));
    if (is(&name, "user") || is(&name, "loose-user")) {
        file->user = value_of(arena, value);
    } else if (is(&name, "password") || is(&name, "loose-password")) {
        file->password = value_of(arena, value);
    }
}

static void take_lines(struct arena *arena, struct option_file *file, const char *text,
                       size_t length)
{
    bool counting = false;

    for (const char *end = text + length; text < end;) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t size = newline ? (size_t)(newline - text) : (size_t)(end - text);
        struct piece line = trimmed(text, size);

        if (line.length > 0 && line.text[0] == '[') {
            const char *close = memchr(line.text, ']', line.length);
            size_t name = close ? (size_t)(close - line.text) - 1 : 0;
            counting = close && counts(file, trimmed(line.text + 1, name));
        } else if (counting && line.length > 0 && !strchr("#;!", line.text[0])) {
            take_option(arena, file, line.text, line.length);
        }
        text += size + (newline != NULL);
    }
}

/* ---- */

static int check_mode(const struct option_file *file, struct err *err)
{
    struct stat status;

    if (stat(file->path, &status) == 0 &&
        (status.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)) == 0) {
        return 0;
    }
    err_set(err, ERROR_CONFIGURATION,
            "others may read or write the option file %.300s, which gives a password", file->path);
    err_hint(err, "chmod 600 %s", file->path);
    return ERROR_CONFIGURATION;
}

int option_file_read(struct arena *arena, struct option_file *file, const char *user,
                     struct err *err)
{
    struct file_text text;

    if (file->optional && access(file->path, R_OK) != 0) {
        return 0;
    }
    if (file_read(arena, file->path, LIMIT, &text, err)) {
        return ERROR_CONFIGURATION;
    }
    take_lines(arena, file, text.data, text.length);
    if (user && file->user && strcmp(user, file->user) != 0) {
        file->user = file->password = NULL;
    }
    file->password = file->password && *file->password ? file->password : NULL;
    return file->password ? check_mode(file, err) : 0;
}
