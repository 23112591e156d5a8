#include "base/process.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "check.h"

#define SECOND INT64_C(1000000)

/* sh -c SCRIPT */
static struct process shell(struct arena *arena, const char *script)
{
    const char **argv = arena_array(arena, 4, sizeof(*argv));

    argv[0] = "sh";
    argv[1] = "-c";
    argv[2] = script;
    return (struct process){.argv = argv,
                            .limit = 1000,
                            .timeout_us = 20 * SECOND,
                            .keep_errors = true,
                            .output = STR_INIT,
                            .errors = STR_INIT};
}

static void release(struct process *processes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        str_release(&processes[i].output);
        str_release(&processes[i].errors);
    }
}

/* It gets our environment but for some names, not for those that only begin like them. */
static void test_what_it_does_not_get(void **state)
{
    static const char *const without[] = {"SKEIN_TEST_A", "SKEIN_TEST_NOBODY", NULL};
    struct arena arena = ARENA_INIT;
    struct process process = shell(&arena, "env | grep SKEIN_TEST_ | sort");

    (void)state;
    setenv("SKEIN_TEST_A", "1", 1);
    setenv("SKEIN_TEST_AB", "2", 1);
    process_run(&process, 1, 1, NULL, NULL, NULL);
    assert_string_equal(process.output.text, "SKEIN_TEST_A=1\nSKEIN_TEST_AB=2\n");
    process.without = without;
    process_run(&process, 1, 1, NULL, NULL, NULL);
    assert_string_equal(process.output.text, "SKEIN_TEST_AB=2\n");
    release(&process, 1);
    arena_release(&arena);
}

static void test_ends(void **state)
{
    static const struct {
        const char *script, *output, *errors, *failure;
        enum process_end end;
        int code;
        bool own_group;
    } cases[] = {
        {"echo a; echo b >&2", "a\n", "b\n", NULL, PROCESS_EXITED, 0, false},
        {"exit 3", "", "", "failed with exit 3", PROCESS_EXITED, 3, false},
        {"echo x; kill -9 $$", "x\n", "", "died by signal 9", PROCESS_SIGNALLED, 9, true},
        {"cat", "", "", NULL, PROCESS_EXITED, 0, false}, /* an empty stdin */
        {"head -c 1001 /dev/zero | tr '\\0' a >&2", "", NULL, "gives more than 1000 bytes",
         PROCESS_TOO_MUCH, 0, true},
        {"exec >&- 2>&-; exit 4", "", "", "failed with exit 4", PROCESS_EXITED, 4, false},
    };
    struct arena arena = ARENA_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct process process = shell(&arena, cases[i].script);
        const char *failure;
        char text[200];

        process.own_group = cases[i].own_group;
        process_run(&process, 1, 1, NULL, NULL, NULL);
        failure = process_failure(&process, text, sizeof(text));
        assert_int_equal(process.end, cases[i].end);
        assert_int_equal(process.code, cases[i].code);
        assert_string_equal(process.output.text, cases[i].output);
        if (cases[i].errors) {
            assert_string_equal(process.errors.text, cases[i].errors);
        }
        assert_int_equal(failure != NULL, cases[i].failure != NULL);
        if (failure) {
            assert_string_equal(failure, cases[i].failure);
        }
        release(&process, 1);
    }
    arena_release(&arena);
}

static void test_not_started(void **state)
{
    static const char *const missing[] = {"/nowhere/program", NULL};
    struct process process = {
        .argv = missing, .limit = 10, .timeout_us = SECOND, .output = STR_INIT, .errors = STR_INIT};
    char text[200];

    (void)state;
    process_run(&process, 1, 1, NULL, NULL, NULL);
    assert_int_equal(process.end, PROCESS_NOT_STARTED);
    assert_string_equal(process_failure(&process, text, sizeof(text)),
                        "cannot be started: No such file or directory");
}

/* Killed with what it started: its pipe would stay open otherwise. */
static void test_late(void **state)
{
    struct arena arena = ARENA_INIT;
    struct process process = shell(&arena, "echo early; sleep 1000 & sleep 1000");
    char text[200];

    (void)state;
    process.own_group = true;
    process.timeout_us = SECOND / 2;
    process_run(&process, 1, 1, NULL, NULL, NULL);
    assert_int_equal(process.end, PROCESS_LATE);
    assert_string_equal(process.output.text, "early\n");
    assert_string_equal(process_failure(&process, text, sizeof(text)), "was not done within 0.50s");
    release(&process, 1);
    arena_release(&arena);
}

static void count_end(void *context, const struct process *process)
{
    size_t *ended = context;

    assert_int_equal(process->end, PROCESS_EXITED);
    ++*ended;
}

/* Each of two waits for the other one: they end only where both run at the same time. */
static void test_side_by_side(void **state)
{
    struct arena arena = ARENA_INIT;
    char *folder = check_folder();
    struct process processes[5];
    size_t ended = 0;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        processes[i] = shell(
            &arena, i < 2 ? arena_printf(&arena,
                                         "mkfifo %zu; echo hello >%zu & cat %zu 2>/dev/null || "
                                         "until cat %zu; do :; done",
                                         i, i, 1 - i, 1 - i)
                          : "pwd");
        processes[i].folder = folder;
    }
    process_run(processes, 5, 2, count_end, &ended, NULL);
    assert_int_equal(ended, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(processes[i].code, 0);
        assert_string_equal(processes[i].output.text,
                            i < 2 ? "hello\n" : arena_printf(&arena, "%s\n", folder));
    }
    release(processes, 5);
    check_folder_remove(folder);
    arena_release(&arena);
}

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static void test_stop(void **state)
{
    struct arena arena = ARENA_INIT;
    struct process processes[3];

    (void)state;
    stopped = 0;
    signal(SIGUSR1, on_signal);
    processes[0] = shell(&arena, arena_printf(&arena, "kill -USR1 %d; sleep 1000", (int)getpid()));
    processes[1] = shell(&arena, "sleep 1000");
    processes[2] = shell(&arena, "sleep 1000");
    process_run(processes, 3, 2, NULL, NULL, &stopped);
    assert_int_equal(processes[0].end, PROCESS_STOPPED);
    assert_int_equal(processes[1].end, PROCESS_STOPPED);
    assert_int_equal(processes[2].end, PROCESS_NOT_STARTED);
    signal(SIGUSR1, SIG_DFL);
    release(processes, 3);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_it_does_not_get), cmocka_unit_test(test_ends),
        cmocka_unit_test(test_not_started),          cmocka_unit_test(test_late),
        cmocka_unit_test(test_side_by_side),         cmocka_unit_test(test_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
