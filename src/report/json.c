#include "report/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "base/text.h"

void json_init(struct json *json, struct str *out)
{
    memset(json, 0, sizeof(*json));
    json->out = out;
}

/* What stands between this value and the one before it. */
static void separate(struct json *json)
{
    if (json->keyed) {
        json->keyed = false;
        return;
    }
    if (json->filled[json->depth])
        str_addc(json->out, ',');
    json->filled[json->depth] = true;
}

static void open_nested(struct json *json, char bracket)
{
    separate(json);
    if (json->depth + 1 >= JSON_DEPTH)
        BUG("JSON nested over %d", JSON_DEPTH);
    json->depth++;
    json->filled[json->depth] = false;
    str_addc(json->out, bracket);
}

static void close_nested(struct json *json, char bracket)
{
    if (json->depth == 0 || json->keyed)
        BUG("JSON closed where a value is due");
    json->depth--;
    str_addc(json->out, bracket);
    if (json->depth == 0)
        str_addc(json->out, '\n');
}

void json_object(struct json *json)
{
    open_nested(json, '{');
}

void json_array(struct json *json)
{
    open_nested(json, '[');
}

void json_end_object(struct json *json)
{
    close_nested(json, '}');
}

void json_end_array(struct json *json)
{
    close_nested(json, ']');
}

/* Escapes what JSON demands; the text is valid UTF-8 up to where it is cut by text_utf8_prefix. */
static void add_escaped(struct str *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            str_addc(out, '\\');
            str_addc(out, (char)c);
        } else if (c == '\n') {
            str_add(out, "\\n");
        } else if (c == '\t') {
            str_add(out, "\\t");
        } else if (c < 0x20 || c == 0x7f) {
            str_addf(out, "\\u%04x", c);
        } else {
            str_addc(out, (char)c);
        }
    }
}

static void add_quoted(struct str *out, const char *text)
{
    size_t length = strlen(text);
    str_addc(out, '"');
    while (length > 0) {
        size_t valid = text_utf8_prefix(text, length);
        add_escaped(out, text, valid);
        text += valid;
        length -= valid;
        if (length > 0) { /* one byte that is not UTF-8 */
            str_add(out, "\\ufffd");
            text++;
            length--;
        }
    }
    str_addc(out, '"');
}

void json_key(struct json *json, const char *key)
{
    separate(json);
    add_quoted(json->out, key);
    str_addc(json->out, ':');
    json->keyed = true;
}

void json_string(struct json *json, const char *text)
{
    separate(json);
    if (text == NULL)
        str_add(json->out, "null");
    else
        add_quoted(json->out, text);
}

void json_integer(struct json *json, int64_t value)
{
    separate(json);
    str_addf(json->out, "%" PRId64, value);
}

void json_bool(struct json *json, bool value)
{
    separate(json);
    str_add(json->out, value ? "true" : "false");
}

void json_null(struct json *json)
{
    separate(json);
    str_add(json->out, "null");
}

void json_seconds(struct json *json, int64_t microseconds)
{
    separate(json);
    char digits[48];
    int length = snprintf(digits, sizeof(digits), "%" PRId64 ".%06" PRId64, microseconds / 1000000,
                          microseconds % 1000000);
    while (digits[length - 1] == '0')
        length--;
    if (digits[length - 1] == '.')
        length--;
    str_addn(json->out, digits, (size_t)length);
}

void json_key_string(struct json *json, const char *key, const char *text)
{
    json_key(json, key);
    json_string(json, text);
}

void json_key_integer(struct json *json, const char *key, int64_t value)
{
    json_key(json, key);
    json_integer(json, value);
}

void json_key_bool(struct json *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

void json_key_strings(struct json *json, const char *key, const char *const *items, size_t count)
{
    json_key(json, key);
    json_array(json);
    for (size_t i = 0; i < count; i++)
        json_string(json, items[i]);
    json_end_array(json);
}

void json_document(struct json *json, struct str *out)
{
    json_init(json, out);
    json_object(json);
    json_key_integer(json, "schema_version", 1);
}
