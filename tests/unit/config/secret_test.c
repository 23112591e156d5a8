#include "config/secret.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "loaded.h"

struct setting {
    struct arena arena;
    char *folder;
    struct secrets secrets;
    struct err err;
};

static int set_up(void **state)
{
    struct setting *setting = calloc(1, sizeof(*setting));

    assert_non_null(setting);
    setting->folder = check_folder();
    setting->err.arena = &setting->arena;
    secrets_init(&setting->secrets, &setting->arena, setting->folder, loaded_environment);
    *state = setting;
    return 0;
}

static int tear_down(void **state)
{
    struct setting *setting = *state;

    check_folder_remove(setting->folder);
    arena_release(&setting->arena);
    free(setting);
    return 0;
}

/* The secret, or the error's message. */
static const char *read(struct setting *setting, enum secret_kind kind, const char *text,
                        const char *const *argv)
{
    struct secret_source source = {.kind = kind, .text = text, .argv = argv};
    const char *value;

    if (secret_read(&setting->secrets, &source, &value, &setting->err)) {
        assert_int_equal(setting->err.class, ERROR_CONFIGURATION);
        assert_null(strstr(setting->err.message, "canary"));
        return setting->err.message;
    }
    return value;
}

static void test_text_and_variables(void **state)
{
    struct setting *setting = *state;

    assert_null(read(setting, SECRET_NONE, NULL, NULL));
    assert_string_equal(read(setting, SECRET_TEXT, "plain", NULL), "plain");
    assert_string_equal(read(setting, SECRET_ENV, "SECRET", NULL), "canary%40");
    assert_string_equal(read(setting, SECRET_ENV, "NOBODY", NULL),
                        "the variable NOBODY is not set");
    assert_string_equal(read(setting, SECRET_ENV, "EMPTY", NULL),
                        "the variable EMPTY gives an empty password");
}

static void test_files(void **state)
{
    static const struct {
        mode_t mode;
        const char *content;
        const char *expected; /* of the message its middle */
    } cases[] = {
        {0600, "canary\n", "canary"},
        {0640, "canary", "canary"}, /* a group's, as orchestrators mount them */
        {0600, "canary\r\n", "canary"},
        {0600, "canary\n\n", "canary\n"},
        {0644, "canary", "others may read or write the password file"},
        {0602, "canary", "others may read or write the password file"},
        {0600, "", "gives an empty password"},
        {0600, "\n", "gives an empty password"},
    };
    struct setting *setting = *state;
    char *path = arena_printf(&setting->arena, "%s/pw", setting->folder);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text;

        check_write(setting->folder, "pw", cases[i].content);
        assert_int_equal(chmod(path, cases[i].mode), 0);
        text = read(setting, SECRET_FILE, "pw", NULL);
        assert_non_null(strstr(text, cases[i].expected));
        assert_string_equal(read(setting, SECRET_FILE, path, NULL), text); /* absolute */
    }
    assert_non_null(strstr(read(setting, SECRET_FILE, "missing", NULL), "No such file"));
    assert_non_null(strstr(read(setting, SECRET_FILE, ".", NULL), "not a regular file"));
}

static void test_file_limits(void **state)
{
    struct setting *setting = *state;
    char *path = arena_printf(&setting->arena, "%s/pw", setting->folder);
    char *text = arena_alloc(&setting->arena, 65538);
    FILE *file;

    memset(text, 'a', 65537);
    check_write(setting->folder, "pw", text);
    assert_int_equal(chmod(path, 0600), 0);
    assert_non_null(strstr(read(setting, SECRET_FILE, "pw", NULL), "too large"));
    text[65536] = '\0';
    check_write(setting->folder, "pw", text);
    assert_string_equal(read(setting, SECRET_FILE, "pw", NULL), text);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite("a\0b", 1, 3, file), 3);
    assert_int_equal(fclose(file), 0);
    assert_non_null(strstr(read(setting, SECRET_FILE, "pw", NULL), "gives a NUL character"));
}

static const char *command(struct setting *setting, const char *script)
{
    const char *argv[] = {"sh", "-c", script, NULL};

    return read(setting, SECRET_COMMAND, NULL, argv);
}

static void test_commands(void **state)
{
    struct setting *setting = *state;
    const char *missing[] = {"no-such-program-here", NULL};

    assert_string_equal(command(setting, "echo canary"), "canary");
    assert_string_equal(command(setting, "printf 'a\\n\\n'"), "a\n");
    assert_string_equal(command(setting, "cat; echo end"), "end"); /* stdin is empty */
    assert_string_equal(command(setting, "pwd -P | xargs stat -c %i > here; cat here; rm here"),
                        command(setting, "stat -c %i ."));
    assert_string_equal(command(setting, "echo canary; exit 3"),
                        "the password command sh failed with exit 3");
    assert_string_equal(command(setting, "echo canary; kill -9 $$"),
                        "the password command sh died by signal 9");
    assert_string_equal(command(setting, "true"),
                        "the password command sh gives an empty password");
    assert_string_equal(command(setting, "printf 'canary\\000'"),
                        "the password command sh gives a NUL character");
    assert_string_equal(command(setting, "yes canary"),
                        "the password command sh gives more than 65536 bytes");
    assert_non_null(
        strstr(read(setting, SECRET_COMMAND, NULL, missing), "cannot be started: No such file"));
}

/* Equal commands are called once, whether they succeed or fail; others are others. */
static void test_equal_commands_once(void **state)
{
    struct setting *setting = *state;

    for (int i = 0; i < 3; i++) {
        assert_string_equal(command(setting, "echo x >> calls; wc -l < calls"), "1");
        assert_string_equal(command(setting, "echo x >> bad; exit $(wc -l < bad)"),
                            "the password command sh failed with exit 1");
    }
    assert_string_equal(command(setting, "wc -l < calls"), "1");
}

/* One word "a b" is not two words. */
static void test_words_are_kept_apart(void **state)
{
    static const char *const one[] = {"printf", "%s.", "a b", NULL};
    static const char *const two[] = {"printf", "%s.", "a", "b", NULL};
    struct setting *setting = *state;

    assert_string_equal(read(setting, SECRET_COMMAND, NULL, one), "a b.");
    assert_string_equal(read(setting, SECRET_COMMAND, NULL, two), "a.b.");
}

/* The one test that takes its time: ten seconds, and the program is gone. */
static void test_a_command_that_hangs(void **state)
{
    struct setting *setting = *state;
    int64_t start_us = clock_system.monotonic_us(clock_system.context);
    int64_t took_us;

    assert_string_equal(command(setting, "exec sleep 60"),
                        "the password command sh was not done within 10s");
    took_us = clock_system.monotonic_us(clock_system.context) - start_us;
    assert_true(took_us >= 9900000 && took_us < 30000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_text_and_variables, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_file_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_commands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_equal_commands_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_words_are_kept_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_command_that_hangs, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
