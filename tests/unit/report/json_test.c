#include "check.h"

#include "report/json.h"

static void test_nesting_and_commas(void **state)
{
    (void)state;
    struct str out = STR_INIT;
    struct json json;
    json_init(&json, &out);
    json_object(&json);
    json_key_string(&json, "a", "x");
    json_key(&json, "b");
    json_array(&json);
    json_integer(&json, -1);
    json_bool(&json, true);
    json_null(&json);
    json_object(&json);
    json_end_object(&json);
    json_end_array(&json);
    json_key_strings(&json, "c", NULL, 0);
    json_end_object(&json);
    assert_string_equal(out.text, "{\"a\":\"x\",\"b\":[-1,true,null,{}],\"c\":[]}\n");
    str_release(&out);
}

static void test_strings(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {NULL, "null"},
        {"", "\"\""},
        {"say \"hi\" \\ there", "\"say \\\"hi\\\" \\\\ there\""},
        {"a\nb\tc\x01\x7f", "\"a\\nb\\tc\\u0001\\u007f\""},
        {"gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
        {"bad \xff\xc3 end", "\"bad \\ufffd\\ufffd end\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str out = STR_INIT;
        struct json json;
        json_init(&json, &out);
        json_string(&json, rows[i].text);
        assert_string_equal(out.text, rows[i].expected);
        str_release(&out);
    }
}

static void test_seconds(void **state)
{
    static const struct {
        int64_t microseconds;
        const char *expected;
    } rows[] = {{0, "0"}, {4000, "0.004"}, {1310000, "1.31"}, {1, "0.000001"}, {60000000, "60"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str out = STR_INIT;
        struct json json;
        json_init(&json, &out);
        json_seconds(&json, rows[i].microseconds);
        assert_string_equal(out.text, rows[i].expected);
        str_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nesting_and_commas),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
