/*
 * random.h: seeded numbers, the same sequence for a seed on every machine. Not for secrets.
 */
#ifndef SKEIN_BASE_RANDOM_H
#define SKEIN_BASE_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state;
};

void random_seed(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
/* 0 to bound-1, evenly; bound > 0. */
uint64_t random_below(struct random *random, uint64_t bound);
/* A seed from the kernel. */
uint64_t random_entropy(void);

#endif
