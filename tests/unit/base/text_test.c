#include "base/text.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "check.h"

static void test_utf8_prefix(void **state)
{
    static const struct {
        const char *text;
        size_t length, valid;
    } cases[] = {
        {"", 0, 0},
        {"plain", 5, 5},
        {"a\0b", 3, 3},
        {"\xc3\xa9", 2, 2},
        {"\xe2\x82\xac", 3, 3},
        {"\xf0\x9f\xa6\xa2", 4, 4},
        {"\xf4\x8f\xbf\xbf", 4, 4}, /* U+10FFFF */
        {"\xf4\x90\x80\x80", 4, 0}, /* beyond it */
        {"\xf5\x80\x80\x80", 4, 0},
        {"\xed\x9f\xbf", 3, 3}, /* U+D7FF */
        {"\xed\xa0\x80", 3, 0}, /* a surrogate */
        {"\xed\xbf\xbf", 3, 0},
        {"\xee\x80\x80", 3, 3}, /* U+E000 */
        {"\xc0\x80", 2, 0},     /* overlong NUL */
        {"\xc1\xbf", 2, 0},
        {"\xe0\x9f\xbf", 3, 0}, /* overlong */
        {"\xe0\xa0\x80", 3, 3},
        {"\xf0\x8f\xbf\xbf", 4, 0}, /* overlong */
        {"\xf0\x90\x80\x80", 4, 4},
        {"ab\xff", 3, 2},
        {"ab\x80", 3, 2}, /* a continuation alone */
        {"ab\xc3", 3, 2}, /* cut off */
        {"ab\xe2\x82", 4, 2},
        {"\xe2\x28\xa1", 3, 0},
        {"\xf0\x9f\xa6\x41", 4, 0},
        {"\xef\xbf\xbe\xef\xbb\xbf", 6, 6}, /* noncharacters and a BOM are valid */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t valid = text_utf8_prefix(cases[i].text, cases[i].length);

        if (valid != cases[i].valid) {
            fail_msg("case %zu: %zu bytes valid", i, valid);
        }
    }
}

static void test_nearest(void **state)
{
    static const char *const words[] = {"tenants", "servers", "limits", "retry",
                                        "journal", "tls",     "port",   NULL};
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"tenant", "tenants"},
        {"tenatns", "tenants"},
        {"sevrers", "servers"},
        {"limit", "limits"},
        {"rerty", "retry"},
        {"retrry", "retry"},
        {"retri", "retry"},
        {"jrnal", NULL},
        {"jornal", "journal"},
        {"journals_x", "journal"},
        {"jurnals_x", NULL},
        {"yournalsxx", NULL},
        {"tsl", "tls"},
        {"tl", "tls"},
        {"t", NULL},
        {"", NULL},
        {"retry", "retry"},
        {"xyzzy", NULL},
        {"serverses", "servers"},
        {"Port", "port"},
        {"PORT", NULL},
    };
    char longest[200];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *nearest = text_nearest(cases[i].word, words, SIZE_MAX);

        if (nearest != cases[i].nearest &&
            (!nearest || !cases[i].nearest || strcmp(nearest, cases[i].nearest) != 0)) {
            fail_msg("\"%s\" is near to %s", cases[i].word, nearest ? nearest : "nothing");
        }
    }
    assert_null(text_nearest("tenant", words, 0));
    assert_null(text_nearest("sever", words, 1)); /* not among the first */
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_null(text_nearest(longest, words, SIZE_MAX));
    assert_null(text_nearest("a", (const char *const[]){longest, NULL}, SIZE_MAX));
}

static void test_safe(void **state)
{
    static const struct {
        const char *text;
        size_t length;
        bool one_line;
        const char *shown;
    } cases[] = {
        {"plain \\ text", 12, false, "plain \\ text"},
        {"a\nb\tc", 5, false, "a\nb\tc"},
        {"a\nb\tc", 5, true, "a b c"},
        {"a\r\nb", 4, true, "a\\x0d b"},
        {"\x1b[31mred", 8, false, "\\x1b[31mred"},
        {"a\0b", 3, false, "a\\x00b"},
        {"\x7f", 1, false, "\\x7f"},
        {"\xc2\x80\xc2\x9b\xc2\x9f", 6, false, "\\x80\\x9b\\x9f"},
        {"\xc2\xa0", 2, false, "\xc2\xa0"},
        {"\xe2\x80\xaegnp.exe", 10, false, "\\u{202e}gnp.exe"},
        {"\xe2\x81\xa6x\xe2\x81\xa9", 7, false, "\\u{2066}x\\u{2069}"},
        {"\xd8\x9c", 2, false, "\\u{061c}"},
        {"\xe2\x80\xa8", 3, true, "\\u{2028}"},
        {"\xe2\x80\x8e", 3, true, "\\u{200e}"},
        {"caf\xc3\xa9 \xf0\x9f\xa6\xa2", 10, false, "caf\xc3\xa9 \xf0\x9f\xa6\xa2"},
        {"a\xff"
         "b",
         3, false,
         "a\xef\xbf\xbd"
         "b"},
        {"\xc3", 1, false, "\xef\xbf\xbd"},
        {"\xed\xa0\x80", 3, false, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"", 0, false, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str out = STR_INIT;

        text_add_safe(&out, cases[i].text, cases[i].length, cases[i].one_line);
        assert_string_equal(out.text, cases[i].shown);
        assert_int_equal(text_utf8_prefix(out.text, out.length), out.length);
        str_release(&out);
    }
}

/* The answer is the same in every locale, also in "C", which knows no wide characters. */
static void test_width(void **state)
{
    static const struct {
        const char *text;
        size_t width;
    } cases[] = {
        {"", 0},
        {"acme", 4},
        {"caf\xc3\xa9", 4},
        {"cafe\xcc\x81", 4},             /* combining acute */
        {"\xe6\x97\xa5\xe6\x9c\xac", 4}, /* two wide ones */
        {"\xf0\x9f\xa6\xa2!", 3},
    };

    (void)state;
    assert_string_equal(setlocale(LC_CTYPE, NULL), "C");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(text_width(cases[i].text), cases[i].width);
    }
}

static void test_glob(void **state)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } cases[] = {
        {"acme", "acme", true},
        {"acme", "acme2", false},
        {"tenant_*", "tenant_7", true},
        {"tenant_*", "tenant_", true},
        {"tenant_?", "tenant_", false},
        {"*", "", true},
        {"*_restore*", "a_restore_1", true},
        {"t[0-9]", "t7", true},
        {"t[!0-9]", "t7", false},
        {"*", "a/b", true},
        {"*", ".hidden", true},
        {"caf?", "caf\xc3\xa9", true},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"A*", "abc", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (text_glob(cases[i].pattern, cases[i].name) != cases[i].matches) {
            fail_msg("%s against %s", cases[i].pattern, cases[i].name);
        }
    }
    assert_true(text_is_glob("a*"));
    assert_true(text_is_glob("?"));
    assert_true(text_is_glob("[ab]"));
    assert_false(text_is_glob("acme-1.x"));
}

static void test_passwords_are_hidden(void **state)
{
    static const char *const cases[][2] = {
        {"postgresql://u:pw@h/d", "postgresql://***@h/d"},
        {"\"postgresql://u:p@w@h/d\" is a range", "\"postgresql://***@h/d\" is a range"},
        {"x postgresql://u:p/w@h?a=b@c d@e", "x postgresql://***@c d@e"},
        {"a://u:p@h b://v:quite-long@i", "a://***@h b://***@i"},
        {"a://:@h", "a://*@h"},
        {"postgresql://user@h:5432/d", "postgresql://user@h:5432/d"},
        {"postgresql://h:5432/d", "postgresql://h:5432/d"},
        {"a://b c:d@e", "a://b c:d@e"},
        {"://", "://"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[100];

        snprintf(text, sizeof(text), "%s", cases[i][0]);
        text_hide_passwords(text);
        assert_string_equal(text, cases[i][1]);
    }
}

static void test_lists(void **state)
{
    static const char *const list[] = {"a", "bb", "c"}, *const other[] = {"a", "bb", "d"};

    (void)state;
    assert_true(text_is_among("bb", list, 3));
    assert_true(text_is_among("c", list, 3));
    assert_false(text_is_among("c", list, 2));
    assert_false(text_is_among("b", list, 3));
    assert_false(text_is_among("a", NULL, 0));
    assert_true(text_lists_equal(list, 3, list, 3));
    assert_true(text_lists_equal(list, 2, other, 2));
    assert_true(text_lists_equal(NULL, 0, list, 0));
    assert_false(text_lists_equal(list, 3, other, 3));
    assert_false(text_lists_equal(list, 2, list, 3));
    assert_false(text_lists_equal(list, 3, list, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_prefix), cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_safe),        cmocka_unit_test(test_width),
        cmocka_unit_test(test_glob),        cmocka_unit_test(test_passwords_are_hidden),
        cmocka_unit_test(test_lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
