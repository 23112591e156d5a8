#include "config/option_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

/* Reads `text` as a file of that mode; the answer, or the error, as one text. */
static const char *read_as(struct arena *arena, const char *text, mode_t mode, const char *user,
                           bool mariadb, const char *group)
{
    char *folder = check_folder();
    const char *path = arena_printf(arena, "%s/my.cnf", folder), *answer;
    struct option_file file = {.path = path, .mariadb = mariadb, .group = group};
    struct err err = ERR_INIT(arena);
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(path, mode), 0);
    if (option_file_read(arena, &file, user, &err)) {
        assert_int_equal(err.class, ERROR_CONFIGURATION);
        assert_null(strstr(err.message, "secret"));
        assert_null(strstr(err.hint, "secret"));
        answer = strstr(err.message, "others may read or write") ? "refused" : err.message;
    } else {
        answer = arena_printf(arena, "%s/%s", file.user ? file.user : "-",
                              file.password ? file.password : "-");
    }
    check_folder_remove(folder);
    return answer;
}

static const struct {
    const char *text;
    const char *user;
    bool mariadb;
    const char *group;
    const char *expected;
} rows[] = {
    {"", NULL, true, NULL, "-/-"},
    {"[client]\nuser=app\npassword=secret\n", NULL, false, NULL, "app/secret"},
    {"[client]\r\nuser = app\r\npassword = secret \r\n", NULL, false, NULL, "app/secret"},
    {"user=app\npassword=secret\n", NULL, false, NULL, "-/-"},
    {"[mysqld]\npassword=other\n[client]\npassword=secret", NULL, false, NULL, "-/secret"},
    {"[client]\npassword=other\n[client]\npassword=secret\n", NULL, false, NULL, "-/secret"},
    {"[client-mariadb]\npassword=secret\n", NULL, false, NULL, "-/-"},
    {"[client-mariadb]\npassword=secret\n", NULL, true, NULL, "-/secret"},
    {"[client-server]\npassword=secret\n[mariadb-client]\npassword=other\n", NULL, true, NULL,
     "-/secret"},
    {"[client]\npassword=other\n[skein]\npassword=secret\n", NULL, true, "skein", "-/secret"},
    {"[skein]\npassword=secret\n", NULL, true, "ski", "-/-"},
    {"# user=a\n; user=b\n!include /etc/passwd\n[client]\n#password=other\n!includedir /x\n"
     "no-such-option\nunknown = [x]\nssl-ca=/x\npassword\npassword = secret # not # this\n",
     NULL, true, NULL, "-/secret"},
    {"[client]\npassword=\"sec # ret\"\n", NULL, true, NULL, "-/sec # ret"},
    {"[client]\npassword='se\"c#ret'\n", NULL, true, NULL, "-/se\"c#ret"},
    {"[client]\npassword=a\\sb\\\\c\\td\\q\n", NULL, true, NULL, "-/a b\\c\td\\q"},
    {"[client]\npassword=a=b\n", NULL, true, NULL, "-/a=b"},
    {"[client]\npassword=\n", NULL, true, NULL, "-/-"},
    {"[client]\nPassword=secret\n[Client]\npassword=secret\n", NULL, true, NULL, "-/-"},
    {"[client]\nloose-password=secret\n", NULL, true, NULL, "-/secret"},
    /* who the password is for */
    {"[client]\nuser=app\npassword=secret\n", "app", true, NULL, "app/secret"},
    {"[client]\nuser=root\npassword=secret\n", "app", true, NULL, "-/-"},
    {"[client]\npassword=secret\n", "app", true, NULL, "-/secret"},
    /* what is broken */
    {"[client\npassword=secret\n", NULL, true, NULL, "-/-"},
    {"[]\n[ client ]\npassword=secret", NULL, true, NULL, "-/secret"},
    {"[client]\n=secret\n=\npassword=\"\n", NULL, true, NULL, "-/\""},
};

static void test_rows(void **state)
{
    struct arena arena = ARENA_INIT;
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *answer =
            read_as(&arena, rows[i].text, 0600, rows[i].user, rows[i].mariadb, rows[i].group);
        if (strcmp(answer, rows[i].expected) != 0) {
            fail_msg("row %zu: %s instead of %s", i, answer, rows[i].expected);
        }
    }
    arena_release(&arena);
}

static void test_who_else_may_read_it(void **state)
{
    static const char with[] = "[client]\nuser=app\npassword=secret\n";
    static const char without[] = "[client]\nuser=app\n[mysqld]\npassword=secret\n";
    static const mode_t modes[] = {0640, 0620, 0604, 0602, 0644};
    struct arena arena = ARENA_INIT;
    (void)state;

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        assert_string_equal(read_as(&arena, with, modes[i], NULL, true, NULL), "refused");
        assert_string_equal(read_as(&arena, without, modes[i], NULL, true, NULL), "app/-");
        /* It is not for this user, and not used. */
        assert_string_equal(read_as(&arena, with, modes[i], "other", true, NULL), "-/-");
    }
    assert_string_equal(read_as(&arena, with, 0400, NULL, true, NULL), "app/secret");
    arena_release(&arena);
}

static void test_a_file_that_is_not_there(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct option_file file = {.path = "/nowhere/my.cnf", .optional = true};
    (void)state;

    assert_int_equal(option_file_read(&arena, &file, NULL, &err), 0);
    assert_null(file.password);
    file.optional = false;
    assert_int_equal(option_file_read(&arena, &file, NULL, &err), ERROR_CONFIGURATION);
    assert_non_null(strstr(err.message, "/nowhere/my.cnf"));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_who_else_may_read_it),
        cmocka_unit_test(test_a_file_that_is_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
