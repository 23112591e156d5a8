/*
 * text.h: small facts about text: UTF-8, words near to a word, what a terminal may be shown.
 */
#ifndef SKEIN_BASE_TEXT_H
#define SKEIN_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct str;

/* Length of the valid UTF-8 prefix of text[0..length); == length: all valid (no overlong forms, no
 * surrogates). */
size_t text_utf8_prefix(const char *text, size_t length);

/* The candidate nearest to `word` by edits (insert, delete, replace, swap), at most a third of its
 * length, at least one edit allowed; NULL if none is near. `candidates` ends with NULL or has
 * `count` items. */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);

/* Whether one of the items is `text`. */
bool text_is_among(const char *text, const char *const *items, size_t count);

/* Whether both hold the same texts in the same order. */
bool text_lists_equal(const char *const *a, size_t a_count, const char *const *b, size_t b_count);

/* Adds text with C0, C1, DEL and bidirectional controls written as \xNN or \u{NNNN}, invalid UTF-8
 * as U+FFFD; newlines and tabs become a space where `one_line`. Everything foreign (server
 * messages, names) goes through this before it is shown. */
void text_add_safe(struct str *out, const char *text, size_t length, bool one_line);

/* Writes *** over what stands between :// and the last @ before the next white space, where it has
 * a colon: a URL may stand, with its password, in any place where it does not belong. In place; the
 * text never grows. */
void text_hide_passwords(char *text);

/* Columns that a terminal uses for valid UTF-8 text (wide and combining characters known to
 * wcwidth). */
size_t text_width(const char *text);

/* Shell-style match of *, ? and [..] over the whole name; as fnmatch(3) without flags. */
bool text_glob(const char *pattern, const char *name);
bool text_is_glob(const char *pattern); /* has one of * ? [ */

#endif
