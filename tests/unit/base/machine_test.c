#include "base/machine.h"

#include "base/str.h"
#include "check.h"

enum { EGG, CHICK, GOOSE };

static const struct machine_state states[] = {
    [EGG] = {"EGG", MACHINE_TO(CHICK)},
    [CHICK] = {"CHICK", MACHINE_TO(CHICK) | MACHINE_TO(GOOSE)},
    [GOOSE] = {"GOOSE", 0},
};

static const struct machine machine = {"bird", states, 3};

static void test_allowed_moves(void **state)
{
    static const bool allowed[3][3] = {
        [EGG] = {[CHICK] = true},
        [CHICK] = {[CHICK] = true, [GOOSE] = true},
    };
    unsigned current = EGG;

    (void)state;
    for (unsigned from = EGG; from <= GOOSE; from++) {
        for (unsigned to = EGG; to <= GOOSE; to++) {
            assert_int_equal(machine_allows(&machine, from, to), allowed[from][to]);
        }
    }
    machine_move(&machine, &current, CHICK);
    machine_move(&machine, &current, CHICK);
    machine_move(&machine, &current, GOOSE);
    assert_int_equal(current, GOOSE);
}

struct move {
    unsigned from, to;
    const char *expected;
};

static void make_move(void *context)
{
    const struct move *move = context;
    unsigned current = move->from;

    machine_move(&machine, &current, move->to);
}

static void test_forbidden_moves_abort(void **state)
{
    static struct move moves[] = {
        {EGG, GOOSE, "machine bird: no move from EGG to GOOSE"},
        {GOOSE, EGG, "machine bird: no move from GOOSE to EGG"},
        {EGG, EGG, "machine bird: no move from EGG to EGG"},
        {3, EGG, "machine bird: no state 3"},
        {EGG, 77, "machine bird: no state 77"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        check_aborts(make_move, &moves[i], moves[i].expected);
    }
}

static void test_prints_itself(void **state)
{
    struct str out = STR_INIT;

    (void)state;
    machine_print(&machine, &out);
    assert_string_equal(out.text, "EGG -> CHICK\nCHICK -> CHICK GOOSE\nGOOSE ->\n");
    str_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allowed_moves),
        cmocka_unit_test(test_forbidden_moves_abort),
        cmocka_unit_test(test_prints_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
