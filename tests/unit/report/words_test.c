#include "check.h"

#include "report/words.h"

static void test_counts(void **state)
{
    static const struct {
        size_t value;
        int width;
        const char *expected;
    } rows[] = {{0, 0, "0"},
                {999, 0, "999"},
                {1000, 0, "1,000"},
                {4971, 7, "  4,971"},
                {1234567, 0, "1,234,567"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str out = STR_INIT;
        words_count(&out, rows[i].value, rows[i].width);
        assert_string_equal(out.text, rows[i].expected);
        str_release(&out);
    }
}

static void test_names_are_cut_visibly(void **state)
{
    (void)state;
    struct str out = STR_INIT;
    static const struct server server = {"local", "local", 0};
    static const struct target targets[] = {{.name = "a"}, {.name = "b\x1b[2J"}, {.name = "c"}};
    static const struct fleet fleet = {
        .servers = &server, .server_count = 1, .targets = targets, .target_count = 3};
    static const size_t selected[] = {0, 1, 2}, members[] = {0, 1, 2};
    words_names(&out, &fleet, selected, members, 3, 2);
    assert_string_equal(out.text, "a, b\\x1b[2J and 1 more");
    str_release(&out);
}

static void test_shell(void **state)
{
    (void)state;
    static const struct {
        const char *word, *expected;
    } rows[] = {
        {"tenant_0412", "tenant_0412"},   {"a/b.c:1@x", "a/b.c:1@x"},
        {"gold one", "'gold one'"},       {"$(reboot)", "'$(reboot)'"},
        {"it's 'x", "'it'\\''s '\\''x'"}, {"", "''"},
        {"a\x1b[2J", "'a\\x1b[2J'"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str out = STR_INIT;
        words_shell(&out, rows[i].word);
        assert_string_equal(out.text, rows[i].expected);
        str_release(&out);
    }
}

static void test_heads(void **state)
{
    (void)state;
    struct str out = STR_INIT;
    static const char *const heads[] = {"a1", "b2"};
    words_heads(&out, heads, 0);
    str_addc(&out, ' ');
    words_heads(&out, heads, 2);
    assert_string_equal(out.text, "<base> a1, b2");
    str_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_names_are_cut_visibly),
        cmocka_unit_test(test_shell),
        cmocka_unit_test(test_heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
