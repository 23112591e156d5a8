/*
 * fuzz.h: a fuzz target is one function that takes any bytes and aborts where something does not
 * hold. libFuzzer calls it, or replay.c does with the corpus and with a fixed number of mutations
 * of it.
 */
#ifndef SKEIN_TESTS_FUZZ_H
#define SKEIN_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Words that mutations put in; ends with NULL. */
extern const char *const fuzz_words[];

#define FUZZ_CHECK(condition, what)                                                                \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, (what));            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
