/*
 * machine.h: a state machine as data. A const table names the states and the allowed moves; a move
 * that is not in it is BUG(). The same table prints itself (`skein debug fsm`) and is compared with
 * docs/design.md by a test.
 */
#ifndef SKEIN_BASE_MACHINE_H
#define SKEIN_BASE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MACHINE_TO(state) (UINT32_C(1) << (state))

struct machine_state {
    const char *name;
    uint32_t moves; /* MACHINE_TO(a) | MACHINE_TO(b); 0: an end */
};

struct machine {
    const char *name;
    const struct machine_state *states;
    size_t count; /* at most 32 */
};

bool machine_allows(const struct machine *machine, unsigned from, unsigned to);
/* *state becomes `to`, or BUG() with both names. */
void machine_move(const struct machine *machine, unsigned *state, unsigned to);

struct str;
/* One line a state: "NAME -> A B C". */
void machine_print(const struct machine *machine, struct str *out);

#endif
