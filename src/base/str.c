#include "base/str.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

void str_init(struct str *str)
{
    *str = (struct str)STR_INIT;
}

void str_release(struct str *str)
{
    if (str->capacity) {
        free(str->text);
    }
    str_init(str);
}

void str_clear(struct str *str)
{
    str->length = 0;
    if (str->capacity) {
        str->text[0] = '\0';
    }
}

/* Room for `more` bytes and the NUL. */
static void reserve(struct str *str, size_t more)
{
    size_t needed;
    size_t capacity = str->capacity ? str->capacity : 32;

    if (__builtin_add_overflow(str->length, more, &needed) || needed > PTRDIFF_MAX / 2) {
        BUG("string of %zu bytes grows by %zu", str->length, more);
    }
    if (needed < str->capacity) {
        return;
    }
    while (capacity <= needed) {
        capacity *= 2;
    }
    str->text = xrealloc(str->capacity ? str->text : NULL, capacity);
    str->text[str->length] = '\0';
    str->capacity = capacity;
}

void str_add(struct str *str, const char *text)
{
    str_addn(str, text, strlen(text));
}

void str_addn(struct str *str, const char *text, size_t length)
{
    reserve(str, length);
    if (length) {
        memcpy(str->text + str->length, text, length);
    }
    str->length += length;
    str->text[str->length] = '\0';
}

void str_addc(struct str *str, char character)
{
    str_addn(str, &character, 1);
}

void str_addf(struct str *str, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    str_addvf(str, format, arguments);
    va_end(arguments);
}

void str_addvf(struct str *str, const char *format, va_list arguments)
{
    va_list again;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0) {
        BUG("cannot format \"%s\"", format);
    }
    reserve(str, (size_t)length);
    vsnprintf(str->text + str->length, (size_t)length + 1, format, arguments);
    str->length += (size_t)length;
}
