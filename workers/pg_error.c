#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "planner/classify.h"
#include "workers/pg_internal.h"

/* libpq's own complaints while connecting, where no server spoke in SQLSTATEs. The first that fits
 * counts. */
static const struct complaint {
    const char *text;
    enum error_class class;
    enum retry_class retry;
    bool answered; /* somebody is there and said no */
    const char *hint;
} complaints[] = {
    {"SSL SYSCALL error", ERROR_CONNECTION, RETRY_TRANSIENT, false, NULL},
    {"SSL connection has been closed", ERROR_CONNECTION, RETRY_TRANSIENT, false, NULL},
    {"expected authentication request", ERROR_CONNECTION, RETRY_TRANSIENT, false,
     "is it a PostgreSQL server that listens there?"},
    {"invalid response to SSL negotiation", ERROR_CONNECTION, RETRY_TRANSIENT, false,
     "is it a PostgreSQL server that listens there?"},
    {"sslrootcert=system", ERROR_TLS, RETRY_AUTH, true,
     "the system's authorities are for verify-full only: name a file, tls: {ca: FILE}"},
    {"root certificate file", ERROR_TLS, RETRY_AUTH, true,
     "name the authority that signed the server's certificate: tls: {ca: FILE}"},
    {"server does not support SSL", ERROR_TLS, RETRY_AUTH, true,
     "switch TLS on at the server, or, on a network that you trust, write tls: {mode: disable}"},
    {"does not match host name", ERROR_TLS, RETRY_AUTH, true,
     "name the server as its certificate does: tls: {server_name: …}"},
    {"certificate verify failed", ERROR_TLS, RETRY_AUTH, true,
     "it has expired, or tls: {ca: FILE} has not the authority that signed it; openssl s_client "
     "-starttls postgres -connect HOST:PORT shows it"},
    {" alert ", ERROR_TLS, RETRY_AUTH, true,
     "the server does not accept the client's certificate: tls: {cert: FILE, key: FILE}"},
    {"private key file", ERROR_TLS, RETRY_AUTH, true,
     "tls: {key: FILE} belongs to the certificate, and others may not read it: chmod 600 FILE"},
    {"certificate", ERROR_TLS, RETRY_AUTH, true, NULL},
    {"private key", ERROR_TLS, RETRY_AUTH, true, NULL},
    {"SSL", ERROR_TLS, RETRY_AUTH, true, NULL},
    {"no password supplied", ERROR_AUTH, RETRY_AUTH, true,
     "give the server or tenant a password, or write one into .pgpass"},
    {"authentication", ERROR_AUTH, RETRY_AUTH, true, NULL},
    {"channel binding", ERROR_AUTH, RETRY_AUTH, true, NULL},
    {"definition of service", ERROR_CONNECTION, RETRY_AUTH, true, NULL},
    {"", ERROR_CONNECTION, RETRY_TRANSIENT, false, NULL},
};

/* One line, safe to show, in the err's arena. */
static const char *safe_line(struct arena *arena, const char *text, size_t length)
{
    struct str str = STR_INIT;
    const char *line;

    text_add_safe(&str, text, length, true);
    line = arena_strdup(arena, str.text);
    str_release(&str);
    return line;
}

static size_t line_length(const char *text)
{
    return strcspn(text, "\n");
}

static bool is_sqlstate(const char *text)
{
    for (size_t i = 0; i < 5; i++) {
        if (!(text[i] >= '0' && text[i] <= '9') && !(text[i] >= 'A' && text[i] <= 'Z')) {
            return false;
        }
    }
    return text[5] == ':' && text[6] == ' ';
}

/* "…: FATAL:  28P01: password …": where the SQLSTATE begins; of several hosts' answers the last. */
static const char *find_answer(const char *text)
{
    const char *found = NULL;

    while ((text = strstr(text, ":  "))) {
        text += 3;
        if (is_sqlstate(text)) {
            found = text;
        }
    }
    return found;
}

/* What follows "DETAIL:  " at the beginning of a line, or NULL. */
static const char *find_field(const char *text, const char *name, struct arena *arena)
{
    const char *line = strchr(text, '\n');
    size_t length = strlen(name);

    for (; line; line = strchr(line, '\n')) {
        line++;
        if (strncmp(line, name, length) == 0) {
            return safe_line(arena, line + length, line_length(line + length));
        }
    }
    return NULL;
}

static void set_answer(const char *answer, struct err *err)
{
    char code[6] = {0};

    memcpy(code, answer, 5);
    err_set(err, ERROR_CONNECTION, "%s",
            safe_line(err->arena, answer + 7, line_length(answer + 7)));
    err->detail = find_field(answer, "DETAIL:  ", err->arena);
    err->hint = find_field(answer, "HINT:  ", err->arena);
    classify(err, ENGINE_POSTGRESQL, code);
    if (!err->hint && strstr(err->message, "client certificate")) {
        err_hint(err, "name one: tls: {cert: FILE, key: FILE}");
    }
}

/* libpq writes a line for each address it tried, and explains below it in lines that begin with a
 * tab. */
static const char *join_lines(const char *text, struct arena *arena)
{
    struct str str = STR_INIT;
    const char *line;
    size_t length;

    for (; *text; text += length + (text[length] == '\n')) {
        length = line_length(text);
        if (length > 0 && *text != '\t') {
            if (str.length > 0) {
                str_add(&str, "; ");
            }
            text_add_safe(&str, text, length, true);
        }
    }
    line = arena_strdup(arena, str.length > 0 ? str.text : "connecting failed");
    str_release(&str);
    return line;
}

void pg_error_connect(const char *text, struct err *err, bool *answered)
{
    const char *answer = find_answer(text);
    const struct complaint *complaint = complaints;

    if (answer) {
        set_answer(answer, err);
        *answered = true;
        return;
    }
    while (!strstr(text, complaint->text)) {
        complaint++;
    }
    err_set(err, complaint->class, "%s", join_lines(text, err->arena));
    err->retry = complaint->retry;
    if (complaint->hint) {
        err_hint(err, "%s", complaint->hint);
    }
    *answered = complaint->answered;
}

static const char *field(const PGresult *result, int code, struct arena *arena)
{
    const char *text = PQresultErrorField(result, code);

    return text && *text ? arena_strdup(arena, text) : NULL;
}

void pg_error_result(const PGresult *result, bool cancel_asked, struct err *err, int *position,
                     bool *fatal)
{
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *place = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);

    *position = place ? (int)strtol(place, NULL, 10) : 0;
    if (!code || !primary) {
        pg_error_lost(PQresultErrorMessage(result), err);
        *fatal = true;
        return;
    }
    err_set(err, ERROR_INTERNAL, "%s", primary);
    err->detail = field(result, PG_DIAG_MESSAGE_DETAIL, err->arena);
    err->hint = field(result, PG_DIAG_MESSAGE_HINT, err->arena);
    classify(err, ENGINE_POSTGRESQL, code);
    if (cancel_asked && strcmp(code, "57014") == 0) {
        err->class = ERROR_CANCELLED;
        err->retry = RETRY_CANCELLED;
    }
    *fatal = severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

void pg_error_lost(const char *text, struct err *err)
{
    err_set(err, ERROR_CONNECTION, "the connection was lost: %s",
            *text ? safe_line(err->arena, text, line_length(text)) : "no reason was given");
    err->retry = RETRY_TRANSIENT;
}
