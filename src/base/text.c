#include "base/text.h"

#include <fnmatch.h>
#include <locale.h>
#include <stdint.h>
#include <string.h>
#include <threads.h>
#include <wchar.h>

#include "base/str.h"

#define NEAREST_LENGTH 64 /* longer words are nobody's typing error */

/* Lead bytes and what may follow them; the first continuation byte's range keeps out overlong
 * forms, surrogates and what is beyond U+10FFFF (Unicode, table 3-7). */
static const struct {
    unsigned char first, last, second_first, second_last;
    unsigned char length;
} utf8_forms[] = {
    {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Length of the character that text begins with, 0 if it is not valid; *character gets the code
 * point. */
static size_t decode(const char *text, size_t length, uint32_t *character)
{
    const unsigned char *bytes = (const unsigned char *)text;

    for (size_t i = 0; length && i < sizeof(utf8_forms) / sizeof(utf8_forms[0]); i++) {
        size_t size = utf8_forms[i].length;

        if (bytes[0] < utf8_forms[i].first || bytes[0] > utf8_forms[i].last) {
            continue;
        }
        if (size > length) {
            return 0;
        }
        if (size > 1 &&
            (bytes[1] < utf8_forms[i].second_first || bytes[1] > utf8_forms[i].second_last)) {
            return 0;
        }
        *character = size == 1 ? bytes[0] : bytes[0] & (0x7fU >> size);
        for (size_t at = 1; at < size; at++) {
            if ((bytes[at] & 0xc0) != 0x80) {
                return 0;
            }
            *character = *character << 6 | (bytes[at] & 0x3fU);
        }
        return size;
    }
    return 0;
}

size_t text_utf8_prefix(const char *text, size_t length)
{
    size_t at = 0;

    while (at < length) {
        uint32_t character;
        size_t size = decode(text + at, length - at, &character);

        if (!size) {
            break;
        }
        at += size;
    }
    return at;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insert, delete, replace, swap of neighbours. Both words fit
 * NEAREST_LENGTH. */
static size_t edits(const char *from, size_t from_length, const char *to, size_t to_length)
{
    size_t rows[3][NEAREST_LENGTH + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];

    for (size_t j = 0; j <= to_length; j++) {
        above[j] = j;
    }
    for (size_t i = 1; i <= from_length; i++) {
        size_t *spare = before;

        row[0] = i;
        for (size_t j = 1; j <= to_length; j++) {
            size_t replaced = above[j - 1] + (from[i - 1] != to[j - 1]);

            row[j] = least(replaced, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
        before = above;
        above = row;
        row = spare;
    }
    return above[to_length];
}

const char *text_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t length = strlen(word);
    size_t best = length / 3 > 1 ? length / 3 : 1;
    const char *nearest = NULL;

    if (length > NEAREST_LENGTH) {
        return NULL;
    }
    for (size_t i = 0; i < count && candidates[i]; i++) {
        size_t candidate_length = strlen(candidates[i]);
        size_t distance;

        if (candidate_length > NEAREST_LENGTH) {
            continue;
        }
        distance = edits(word, length, candidates[i], candidate_length);
        if (distance < best || (distance == best && !nearest)) {
            best = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}

/* What changes the order or the lines of what is shown without being seen itself. */
static bool is_invisible_control(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x061c, 0x061c}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (character >= ranges[i].first && character <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

bool text_is_among(const char *text, const char *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(items[i], text) == 0) {
            return true;
        }
    }
    return false;
}

bool text_lists_equal(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
    for (size_t i = 0; i < a_count && i < b_count; i++) {
        if (strcmp(a[i], b[i]) != 0) {
            return false;
        }
    }
    return a_count == b_count;
}

void text_add_safe(struct str *out, const char *text, size_t length, bool one_line)
{
    for (size_t at = 0; at < length;) {
        uint32_t character = 0;
        size_t size = decode(text + at, length - at, &character);

        if (!size) {
            str_add(out, "\xef\xbf\xbd");
            size = 1;
        } else if (character == '\n' || character == '\t') {
            str_addc(out, one_line ? ' ' : (char)character);
        } else if (character < 0x20 || (character >= 0x7f && character < 0xa0)) {
            str_addf(out, "\\x%02x", (unsigned)character);
        } else if (is_invisible_control(character)) {
            str_addf(out, "\\u{%04x}", (unsigned)character);
        } else {
            str_addn(out, text + at, size);
        }
        at += size;
    }
}

/* wcwidth and fnmatch know characters only in a locale that does; the process's own may be "C". */
static locale_t utf8_locale;
static once_flag utf8_once = ONCE_FLAG_INIT;

static void make_utf8_locale(void)
{
    utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* Gives back what to hand to uselocale() afterwards. */
static locale_t enter_utf8(void)
{
    call_once(&utf8_once, make_utf8_locale);
    return uselocale(utf8_locale); /* 0, where there is none, changes nothing */
}

size_t text_width(const char *text)
{
    locale_t before = enter_utf8();
    size_t length = strlen(text);
    size_t columns = 0;

    for (size_t at = 0; at < length;) {
        uint32_t character = 0;
        size_t size = decode(text + at, length - at, &character);
        int width = size ? wcwidth((wchar_t)character) : 1;

        columns += width < 0 ? 1 : (size_t)width;
        at += size ? size : 1;
    }
    uselocale(before);
    return columns;
}

bool text_glob(const char *pattern, const char *name)
{
    locale_t before = enter_utf8();
    bool matches = fnmatch(pattern, name, 0) == 0;

    uselocale(before);
    return matches;
}

bool text_is_glob(const char *pattern)
{
    return strpbrk(pattern, "*?[") != NULL;
}

void text_hide_passwords(char *text)
{
    char *begin = text;

    while ((begin = strstr(begin, "://"))) {
        size_t length = strcspn(begin, " \t\r\n\v\f");
        char *end = memrchr(begin, '@', length);

        begin += 3;
        if (end && end > begin && memchr(begin, ':', (size_t)(end - begin))) {
            size_t stars = end - begin < 3 ? (size_t)(end - begin) : 3;

            memset(begin, '*', stars);
            memmove(begin + stars, end, strlen(end) + 1);
        }
    }
}
