#include "model/fleet.h"

size_t amount_of(const struct amount *amount, size_t total)
{
    double exact;
    size_t whole;

    if (amount->unlimited) {
        return SIZE_MAX;
    }
    if (amount->value <= 0) {
        return 0;
    }
    /* Multiplied before it is divided: 1.1% of 1000 is 11, not 11.000000000000002 rounded up. */
    exact = amount->percent ? amount->value * (double)total / 100.0 : amount->value;
    if (exact >= (double)SIZE_MAX) {
        return SIZE_MAX;
    }
    whole = (size_t)exact;
    if (exact - (double)whole > 1e-9) {
        whole++;
    }
    return whole > 0 ? whole : 1;
}
