/*
 * json.h: writes one JSON document into a str, piece by piece. Commas, quoting and nesting are its
 * business; a value where a key is due is BUG(). Invalid UTF-8 is written as U+FFFD. Not a reader.
 */
#ifndef SKEIN_REPORT_JSON_H
#define SKEIN_REPORT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define JSON_DEPTH 16

struct json {
    struct str *out;
    unsigned depth;
    bool filled[JSON_DEPTH]; /* something stands before in this object or array */
    bool keyed;              /* a key was written, its value is due */
};

void json_init(struct json *json, struct str *out);
/* Begins a document of skein's: an object that opens with its schema_version; for json_end_object.
 */
void json_document(struct json *json, struct str *out);
void json_object(struct json *json);
void json_array(struct json *json);
void json_end_object(struct json *json);
void json_end_array(struct json *json);
void json_key(struct json *json, const char *key);

/* Values: of an array, or after json_key. json_string(NULL) is null. */
void json_string(struct json *json, const char *text);
void json_integer(struct json *json, int64_t value);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);
/* Microseconds as seconds with at most six digits: 1.31, 0.004, 0. */
void json_seconds(struct json *json, int64_t microseconds);

/* key and value in one. */
void json_key_string(struct json *json, const char *key, const char *text);
void json_key_integer(struct json *json, const char *key, int64_t value);
void json_key_bool(struct json *json, const char *key, bool value);
void json_key_strings(struct json *json, const char *key, const char *const *items, size_t count);

#endif
