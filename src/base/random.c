#include "base/random.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/bug.h"

void random_seed(struct random *random, uint64_t seed)
{
    random->state = seed;
}

/* SplitMix64: 64 bits of state, every seed is good. */
uint64_t random_next(struct random *random)
{
    uint64_t mixed = (random->state += UINT64_C(0x9e3779b97f4a7c15));

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    uint64_t drawn, uneven;

    if (bound == 0) {
        BUG("random_below(0)");
    }
    uneven =
        (UINT64_MAX % bound + 1) % bound; /* so many values at the top would come up too often */
    do {
        drawn = random_next(random);
    } while (drawn > UINT64_MAX - uneven);
    return drawn % bound;
}

uint64_t random_entropy(void)
{
    uint64_t seed;
    ssize_t got;

    do {
        got = getrandom(&seed, sizeof(seed), 0);
    } while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof(seed)) {
        BUG("getrandom: %s", strerror(errno));
    }
    return seed;
}
