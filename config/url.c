#include "config/url.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/text.h"

#define ENGINES_MYSQL (ENGINE_BIT(ENGINE_MYSQL) | ENGINE_BIT(ENGINE_MARIADB))
#define ENGINES_PG    ENGINE_BIT(ENGINE_POSTGRESQL)
#define PASSWORD_HINT                                                                              \
    "in a user or password write %40 for @, %2F for /, %3F for ?, %23 for #; or ${NAME} for the "  \
    "whole of it: a variable's value needs no escaping"

const char *const url_tls_modes[] = {"disable",   "allow",       "prefer", "require",
                                     "verify-ca", "verify-full", NULL};

static const struct {
    const char *name;
    enum engine engine;
} schemes[] = {
    {"postgresql", ENGINE_POSTGRESQL}, {"postgres", ENGINE_POSTGRESQL}, {"mysql", ENGINE_MYSQL},
    {"mariadb", ENGINE_MARIADB},       {"sqlite", ENGINE_SQLITE},
};

static const struct {
    const char *name;
    unsigned engines;
} parameters[URL_PARAMETER_COUNT] = {
    [URL_HOST] = {"host", ENGINES_PG | ENGINES_MYSQL},
    [URL_PORT] = {"port", ENGINES_PG | ENGINES_MYSQL},
    [URL_SSLMODE] = {"sslmode", ENGINES_PG},
    [URL_SSLROOTCERT] = {"sslrootcert", ENGINES_PG},
    [URL_SSLCERT] = {"sslcert", ENGINES_PG},
    [URL_SSLKEY] = {"sslkey", ENGINES_PG},
    [URL_CONNECT_TIMEOUT] = {"connect_timeout", ENGINES_PG | ENGINES_MYSQL},
    [URL_APPLICATION_NAME] = {"application_name", ENGINES_PG},
    [URL_OPTIONS] = {"options", ENGINES_PG},
    [URL_SERVICE] = {"service", ENGINES_PG},
    [URL_UNIX_SOCKET] = {"unix_socket", ENGINES_MYSQL},
    [URL_CHARSET] = {"charset", ENGINES_MYSQL},
    [URL_SSL_CA] = {"ssl_ca", ENGINES_MYSQL},
    [URL_OPTION_FILE] = {"read_default_file", ENGINES_MYSQL},
    [URL_OPTION_GROUP] = {"read_default_group", ENGINES_MYSQL},
};

/* An error of this module with its hint. */
static int fail(struct err *err, const char *message, const char *hint)
{
    err_set(err, ERROR_CONFIGURATION, "%s", message);
    if (hint) {
        err_hint(err, "%s", hint);
    }
    return ERROR_CONFIGURATION;
}

static bool is_name_byte(char byte, bool first)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           (!first && byte >= '0' && byte <= '9');
}

/* Length of what begins at text and is not to be cut: ${…} whole, $${ as three, else one byte. 0:
 * a ${ without its }. */
static size_t unit_length(const char *text, size_t left)
{
    const char *close;

    if (left >= 3 && memcmp(text, "$${", 3) == 0) {
        return 3;
    }
    if (left < 2 || memcmp(text, "${", 2) != 0) {
        return 1;
    }
    close = memchr(text, '}', left);
    return close ? (size_t)(close - text) + 1 : 0;
}

/* Offset of the first (or last) byte of `set` that is not inside ${…}; part.length where none. */
static size_t find_byte(struct url_part part, const char *set, bool last)
{
    size_t found = part.length;

    for (size_t at = 0; at < part.length;) {
        size_t size = unit_length(part.text + at, part.length - at);

        if (size == 1 && part.text[at] && strchr(set, part.text[at])) {
            found = at;
            if (!last) {
                break;
            }
        }
        at += size;
    }
    return found;
}

static size_t count_byte(struct url_part part, const char *set)
{
    size_t count = 0;
    size_t at;

    while ((at = find_byte(part, set, false)) < part.length) {
        count++;
        part.text += at + 1;
        part.length -= at + 1;
    }
    return count;
}

static struct url_part part_before(struct url_part part, size_t at)
{
    return (struct url_part){part.text, at};
}

static struct url_part part_after(struct url_part part, size_t at)
{
    return (struct url_part){part.text + at + 1, part.length - at - 1};
}

/* What makes the cutting below safe: no white space, no open ${, no # that would end a URL. */
static int check_bytes(struct url_part text, struct err *err)
{
    for (size_t at = 0; at < text.length;) {
        unsigned char byte = (unsigned char)text.text[at];
        size_t size = unit_length(text.text + at, text.length - at);

        if (size == 0) {
            return fail(err, "the URL has a ${ without its }", "$${ is a plain ${");
        }
        if (size == 1 && (byte <= ' ' || byte == 0x7f)) {
            return fail(err, "the URL has white space or a control character",
                        "write %20 for a space");
        }
        if (size == 1 && byte == '#') {
            return fail(err, "the URL has a # that is not escaped", PASSWORD_HINT);
        }
        at += size;
    }
    return 0;
}

static int split_host(struct url *url, struct url_part text, struct err *err)
{
    size_t colon;

    if (text.length && text.text[0] == '[') {
        size_t close = find_byte(text, "]", false);

        if (close == text.length) {
            return fail(err, "the URL's host has a [ without its ]", NULL);
        }
        url->host = (struct url_part){text.text + 1, close - 1};
        text = part_after(text, close);
        if (text.length && text.text[0] != ':') {
            return fail(err, "the URL has something between the host's ] and the port", NULL);
        }
        if (text.length) {
            url->port = part_after(text, 0);
        }
        return 0;
    }
    if (count_byte(text, ",") > 0) {
        return fail(err, "the URL names several hosts", "write one tenant or server for each host");
    }
    if (count_byte(text, ":") > 1) {
        return fail(err, "the URL's host has more than one :",
                    "an IPv6 address stands in brackets: //[::1]:5432/");
    }
    colon = find_byte(text, ":", false);
    url->host = part_before(text, colon);
    if (colon < text.length) {
        url->port = part_after(text, colon);
    }
    return 0;
}

static int split_authority(struct url *url, struct url_part text, struct err *err)
{
    size_t at = find_byte(text, "@", false);

    if (count_byte(text, "@") > 1) {
        return fail(err, "the URL has more than one @ that is not escaped", PASSWORD_HINT);
    }
    if (at < text.length) {
        struct url_part user = part_before(text, at);
        size_t colon = find_byte(user, ":", false);

        url->user = part_before(user, colon);
        if (colon < user.length) {
            url->password = part_after(user, colon);
        }
        text = part_after(text, at);
    }
    return split_host(url, text, err);
}

static int fail_parameter(enum engine engine, struct url_part name, struct err *err)
{
    const char *names[URL_PARAMETER_COUNT];
    char *word = arena_strndup(err->arena, name.text, name.length < 60 ? name.length : 60);
    struct str list = STR_INIT;
    const char *nearest;
    size_t count = 0;

    for (size_t i = 0; i < URL_PARAMETER_COUNT; i++) {
        if (parameters[i].engines & ENGINE_BIT(engine)) {
            str_addf(&list, "%s%s", count > 0 ? ", " : "", parameters[i].name);
            names[count++] = parameters[i].name;
        }
    }
    nearest = text_nearest(word, names, count);
    err_set(err, ERROR_CONFIGURATION, "the URL has an unknown parameter \"%s\"", word);
    if (count > 0) {
        err_hint(err, "%s%s%sallowed: %s", nearest ? "did you mean " : "", nearest ? nearest : "",
                 nearest ? "? " : "", list.text);
    } else {
        err_hint(err, "leave it out: %s takes none", engine_name(engine));
    }
    str_release(&list);
    return ERROR_CONFIGURATION;
}

static int split_parameter(struct url *url, struct url_part text, struct err *err)
{
    size_t equals = find_byte(text, "=", false);
    struct url_part name = part_before(text, equals);
    size_t i = 0;

    while (i < URL_PARAMETER_COUNT && (strlen(parameters[i].name) != name.length ||
                                       memcmp(parameters[i].name, name.text, name.length) != 0)) {
        i++;
    }
    if (i == URL_PARAMETER_COUNT) {
        return fail_parameter(url->engine, name, err);
    }
    if (!(parameters[i].engines & ENGINE_BIT(url->engine))) {
        return err_set(err, ERROR_CONFIGURATION, "the URL's parameter %s is not for %s",
                       parameters[i].name, engine_name(url->engine));
    }
    if (equals == text.length) {
        return err_set(err, ERROR_CONFIGURATION, "the URL's parameter %s has no value",
                       parameters[i].name);
    }
    if (url->parameters[i].text) {
        return err_set(err, ERROR_CONFIGURATION, "the URL has the parameter %s twice",
                       parameters[i].name);
    }
    url->parameters[i] = part_after(text, equals);
    return 0;
}

static int split_query(struct url *url, struct url_part query, struct err *err)
{
    while (query.length) {
        size_t end = find_byte(query, "&", false);

        if (end && split_parameter(url, part_before(query, end), err)) {
            return ERROR_CONFIGURATION;
        }
        if (end == query.length) {
            break;
        }
        query = part_after(query, end);
    }
    if (url->parameters[URL_HOST].text && url->host.length) {
        return fail(err, "the URL names the host twice: before the database and as a parameter",
                    NULL);
    }
    if (url->parameters[URL_PORT].text && url->port.text) {
        return fail(err, "the URL names the port twice: before the database and as a parameter",
                    NULL);
    }
    return 0;
}

static int split_network(struct url *url, struct url_part rest, struct err *err)
{
    size_t end = find_byte(rest, "/?", false);
    struct url_part query = {rest.text + rest.length, 0};

    if (count_byte((struct url_part){rest.text + end, rest.length - end}, "@") > 0) {
        return fail(err, "the URL has an @ after the host, or a / or ? before it", PASSWORD_HINT);
    }
    if (split_authority(url, part_before(rest, end), err)) {
        return ERROR_CONFIGURATION;
    }
    if (end < rest.length && rest.text[end] == '/') {
        struct url_part path = part_after(rest, end);
        size_t question = find_byte(path, "?", false);

        url->database = part_before(path, question);
        if (question < path.length) {
            query = part_after(path, question);
        }
    } else if (end < rest.length) {
        query = part_after(rest, end);
    }
    if (count_byte(url->database, "/") > 0) {
        return fail(err, "the URL has a second / after the host",
                    "a / in the name of a database is written %2F");
    }
    return split_query(url, query, err);
}

/* `rest` begins after "sqlite:". */
static int split_sqlite(struct url *url, struct url_part rest, struct err *err)
{
    size_t question;

    if (rest.length >= 2 && memcmp(rest.text, "//", 2) == 0) {
        if (rest.length == 2 || rest.text[2] != '/') {
            return fail(err, "the SQLite URL has no host to name",
                        "sqlite:PATH, sqlite:///relative or sqlite:////absolute");
        }
        rest.text += 3;
        rest.length -= 3;
    }
    question = find_byte(rest, "?", false);
    if (question < rest.length) {
        struct url_part query = part_after(rest, question);

        return query.length ? split_query(url, query, err)
                            : fail(err, "the URL ends with a ?", "write %3F for a ? in a path");
    }
    if (rest.length == 0 || (rest.length == 8 && memcmp(rest.text, ":memory:", 8) == 0)) {
        return fail(err, "the SQLite URL names no file",
                    "sqlite:PATH, sqlite:///relative or sqlite:////absolute");
    }
    url->database = rest;
    return 0;
}

/* The scheme without a driver suffix; the length up to and with the colon, or 0. */
static size_t read_scheme(const char *text, enum engine *engine)
{
    size_t length = strcspn(text, ":");
    size_t name = strcspn(text, "+:");

    for (size_t i = 0; text[length] && i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (strlen(schemes[i].name) == name && memcmp(schemes[i].name, text, name) == 0) {
            *engine = schemes[i].engine;
            return length + 1;
        }
    }
    return 0;
}

int url_split(const char *text, struct url *url, struct err *err)
{
    static const char *const form =
        "postgresql://user@host:5432/database, mysql://…, mariadb://… or sqlite:PATH";
    size_t scheme;
    struct url_part rest;

    *url = (struct url){0};
    scheme = read_scheme(text, &url->engine);
    if (!scheme) {
        return fail(err, "the URL has no scheme that is known", form);
    }
    rest = (struct url_part){text + scheme, strlen(text + scheme)};
    if (check_bytes(rest, err)) {
        return ERROR_CONFIGURATION;
    }
    if (url->engine == ENGINE_SQLITE) {
        return split_sqlite(url, rest, err);
    }
    if (rest.length < 2 || memcmp(rest.text, "//", 2) != 0) {
        return fail(err, "the URL has no // after its scheme", form);
    }
    rest.text += 2;
    rest.length -= 2;
    return split_network(url, rest, err);
}

/* Adds the variable's value for a whole ${NAME} or ${NAME:-default}. */
static int add_variable(const char *text, size_t length,
                        const char *(*environment)(const char *name), struct str *out,
                        struct err *err)
{
    size_t end = 2;
    char *name;
    const char *value;

    while (end < length && is_name_byte(text[end], end == 2)) {
        end++;
    }
    name = arena_strndup(err->arena, text + 2, end - 2);
    if (end == 2 || (text[end] != '}' && (end + 1 >= length || memcmp(text + end, ":-", 2) != 0))) {
        return fail(err, "the URL has a ${ that is no ${NAME} and no ${NAME:-default}",
                    "$${ is a plain ${");
    }
    value = environment(name);
    if (text[end] == '}' && !value) {
        err_set(err, ERROR_CONFIGURATION, "the URL's variable %s is not set", name);
        err_hint(err, "set it in the environment, or write ${%s:-default}", name);
        return ERROR_CONFIGURATION;
    }
    if (text[end] == ':' && (!value || !*value)) {
        str_addn(out, text + end + 2, length - end - 3);
        return 0;
    }
    str_add(out, value);
    return 0;
}

bool url_is_variable(const char *text)
{
    size_t length = strlen(text);

    return length > 3 && memcmp(text, "${", 2) == 0 && unit_length(text, length) == length;
}

int url_variable(const char *text, const char *(*environment)(const char *name),
                 struct arena *arena, const char **value, struct err *err)
{
    struct str out = STR_INIT;
    int status = add_variable(text, strlen(text), environment, &out, err);

    if (!status) {
        *value = arena_strdup(arena, out.text);
    }
    str_release(&out);
    return status;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    if (byte >= 'a' && byte <= 'f') {
        return byte - 'a' + 10;
    }
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* Values of variables stay as they are; percent escapes are read in what is written in the URL. */
static int add_part(struct url_part part, const char *(*environment)(const char *name),
                    struct str *out, struct err *err)
{
    for (size_t at = 0; at < part.length;) {
        const char *text = part.text + at;
        size_t size = unit_length(text, part.length - at);

        if (size == 3 && text[1] == '$') {
            str_add(out, "${");
        } else if (size > 1) {
            if (add_variable(text, size, environment, out, err)) {
                return ERROR_CONFIGURATION;
            }
        } else if (*text == '%') {
            int high = at + 2 < part.length ? hex_digit(text[1]) : -1;
            int low = at + 2 < part.length ? hex_digit(text[2]) : -1;

            if (high < 0 || low < 0 || high + low == 0) {
                return fail(err, "the URL has a % that no two hex digits follow",
                            "write %25 for a % itself");
            }
            str_addc(out, (char)(high * 16 + low));
            size = 3;
        } else {
            str_addc(out, *text);
        }
        at += size;
    }
    return 0;
}

/* NULL for a part that is not there or empty. */
static int read_part(struct url_part part, const char *name,
                     const char *(*environment)(const char *name), struct arena *arena,
                     const char **value, struct err *err)
{
    struct str out = STR_INIT;
    int status = 0;

    *value = NULL;
    if (part.text) {
        status = add_part(part, environment, &out, err);
    }
    for (size_t i = 0; !status && i < out.length; i++) {
        if ((unsigned char)out.text[i] < ' ' || out.text[i] == 0x7f) {
            status =
                err_set(err, ERROR_CONFIGURATION, "the URL's %s has a control character", name);
        }
    }
    if (!status && text_utf8_prefix(out.text, out.length) < out.length) {
        status = err_set(err, ERROR_CONFIGURATION, "the URL's %s is not UTF-8", name);
    }
    if (!status && out.length) {
        *value = arena_strndup(arena, out.text, out.length);
    }
    str_release(&out);
    return status;
}

static int check_host(const char *host, struct err *err)
{
    static const char *const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789.-_:%";

    if (!host || host[0] == '/' || !host[strspn(host, allowed)]) {
        return 0;
    }
    return fail(err, "the URL's host is no name, no address and no socket's folder", PASSWORD_HINT);
}

static int check_port(const char *port, struct err *err)
{
    bool digits = port && strlen(port) <= 5 && strspn(port, "0123456789") == strlen(port);
    long number = digits ? strtol(port, NULL, 10) : 0;

    if (!port || (number >= 1 && number <= 65535)) {
        return 0;
    }
    return fail(err, "the URL's port is no number from 1 to 65535", PASSWORD_HINT);
}

/* libpq's whole seconds, or a duration. */
static int read_timeout(const char *text, int64_t *timeout_ms, struct err *err)
{
    *timeout_ms = -1;
    if (!text) {
        return 0;
    }
    if (strlen(text) <= 6 && strspn(text, "0123456789") == strlen(text)) {
        *timeout_ms = (int64_t)strtol(text, NULL, 10) * 1000;
    } else {
        *timeout_ms = duration_parse(text);
    }
    return *timeout_ms >= 0 ? 0
                            : fail(err, "the URL's connect_timeout is no number of seconds",
                                   "connect_timeout=10");
}

static int check_tls_mode(const char *mode, struct err *err)
{
    for (size_t i = 0; mode && url_tls_modes[i]; i++) {
        if (strcmp(url_tls_modes[i], mode) == 0) {
            return 0;
        }
    }
    return mode ? fail(err, "the URL's sslmode is unknown",
                       "allowed: disable, allow, prefer, require, verify-ca, verify-full")
                : 0;
}

int url_resolve(const struct url *url, const char *(*environment)(const char *name),
                struct arena *arena, struct url_value *value, struct err *err)
{
    const char *given[URL_PARAMETER_COUNT];
    const struct {
        struct url_part part;
        const char *name;
        const char **value;
    } parts[] = {
        {url->user, "user", &value->user},
        {url->password, "password", &value->password},
        {url->host, "host", &value->host},
        {url->port, "port", &value->port},
        {url->database, "database", &value->database},
    };

    *value = (struct url_value){.engine = url->engine};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (read_part(parts[i].part, parts[i].name, environment, arena, parts[i].value, err)) {
            return ERROR_CONFIGURATION;
        }
    }
    for (size_t i = 0; i < URL_PARAMETER_COUNT; i++) {
        if (read_part(url->parameters[i], parameters[i].name, environment, arena, &given[i], err)) {
            return ERROR_CONFIGURATION;
        }
    }
    given[URL_HOST] = given[URL_UNIX_SOCKET] ? given[URL_UNIX_SOCKET] : given[URL_HOST];
    value->host = given[URL_HOST] ? given[URL_HOST] : value->host;
    value->port = given[URL_PORT] ? given[URL_PORT] : value->port;
    value->tls_mode = given[URL_SSLMODE];
    value->tls_ca = given[URL_SSLROOTCERT] ? given[URL_SSLROOTCERT] : given[URL_SSL_CA];
    value->tls_cert = given[URL_SSLCERT];
    value->tls_key = given[URL_SSLKEY];
    value->application_name = given[URL_APPLICATION_NAME];
    value->options = given[URL_OPTIONS];
    value->service = given[URL_SERVICE];
    value->option_file = given[URL_OPTION_FILE];
    value->option_group = given[URL_OPTION_GROUP];
    if (check_host(value->host, err) || check_port(value->port, err) ||
        check_tls_mode(value->tls_mode, err) ||
        (given[URL_CHARSET] && strncmp(given[URL_CHARSET], "utf8", 4) != 0 &&
         fail(err, "the URL's charset is not utf8mb4, which is what skein speaks",
              "leave it out: the tables' character sets do not depend on it")) ||
        read_timeout(given[URL_CONNECT_TIMEOUT], &value->connect_timeout_ms, err)) {
        return ERROR_CONFIGURATION;
    }
    return 0;
}
