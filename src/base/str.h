/*
 * str.h: a growing string on the heap, always NUL-terminated. For building texts; what is kept goes
 * into an arena.
 */
#ifndef SKEIN_BASE_STR_H
#define SKEIN_BASE_STR_H

#include <stdarg.h>
#include <stddef.h>

struct str {
    char *text; /* never NULL after the first add; "" is shared while empty */
    size_t length;
    size_t capacity;
};

#define STR_INIT                                                                                   \
    {                                                                                              \
        .text = (char *)""                                                                         \
    }

void str_init(struct str *str);
void str_release(struct str *str); /* frees, leaves it empty and usable */
void str_clear(struct str *str);   /* keeps the room */
void str_add(struct str *str, const char *text);
void str_addn(struct str *str, const char *text, size_t length);
void str_addc(struct str *str, char character);
void str_addf(struct str *str, const char *format, ...) __attribute__((format(printf, 2, 3)));
void str_addvf(struct str *str, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0), nonnull(2)));

#endif
