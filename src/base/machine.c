#include "base/machine.h"

#include "base/bug.h"
#include "base/str.h"

static void check_state(const struct machine *machine, unsigned state)
{
    if (machine->count > 32 || state >= machine->count) {
        BUG("machine %s: no state %u", machine->name, state);
    }
}

bool machine_allows(const struct machine *machine, unsigned from, unsigned to)
{
    check_state(machine, from);
    check_state(machine, to);
    return (machine->states[from].moves & MACHINE_TO(to)) != 0;
}

void machine_move(const struct machine *machine, unsigned *state, unsigned to)
{
    if (!machine_allows(machine, *state, to)) {
        BUG("machine %s: no move from %s to %s", machine->name, machine->states[*state].name,
            machine->states[to].name);
    }
    *state = to;
}

void machine_print(const struct machine *machine, struct str *out)
{
    for (unsigned from = 0; from < machine->count; from++) {
        str_addf(out, "%s ->", machine->states[from].name);
        for (unsigned to = 0; to < machine->count; to++) {
            if (machine_allows(machine, from, to)) {
                str_addf(out, " %s", machine->states[to].name);
            }
        }
        str_addc(out, '\n');
    }
}
