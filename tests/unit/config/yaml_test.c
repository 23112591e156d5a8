#include "config/yaml.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "check.h"

/* A tree on a line: {key:scalar,…}, [a,b]; quoted scalars in quotes, broken ones as !. */
static void show(struct str *out, const struct yaml_node *node)
{
    bool list = node->kind == YAML_LIST;

    if (node->kind == YAML_BROKEN) {
        str_addc(out, '!');
        return;
    }
    if (node->kind == YAML_SCALAR) {
        str_addf(out, node->plain ? "%s" : "'%s'", node->text);
        return;
    }
    str_addc(out, list ? '[' : '{');
    for (const struct yaml_node *child = node->first; child; child = child->next) {
        if (!list) {
            str_addf(out, "%s:", child->key);
        }
        show(out, child);
        str_add(out, child->next ? "," : "");
    }
    str_addc(out, list ? ']' : '}');
}

static const struct {
    const char *text, *tree; /* NULL: no tree */
    const char *error;       /* the first one, "LINE:COLUMN MESSAGE", or NULL */
} cases[] = {
    {"", NULL, NULL},
    {"# nothing\n", NULL, NULL},
    {"a", "a", NULL},
    {"a: 1\nb: [x, \"y\", {c: }]\n", "{a:1,b:[x,'y',{c:}]}", NULL},
    {"\xef\xbb\xbf"
     "a: 1",
     "{a:1}", NULL},
    {"a: |\n  x\n  y\n", "{a:'x\ny\n'}", NULL},
    {"{a: 1, a: 2, b: 3}", "{a:1,b:3}",
     "1:8 the key \"a\" stands here a second time; the first is in line 1"},
    {"a: &x 1\nb: *x\n", "{a:1,b:!}", "1:4 an anchor (&) is not allowed here"},
    {"a: !!int 1", "{a:1}", "1:4 a tag (!) is not allowed here"},
    {"a: !x [1]", "{a:[1]}", "1:4 a tag (!) is not allowed here"},
    {"<<: *x\n", "{<<:!}", "1:5 an alias (*) is not allowed here"},
    {"*x : 1", NULL, "1:1 an alias (*) is not allowed here"},
    {"a: 1\n---\nb: 1", NULL, "2:1 a second document begins here: one file, one document"},
    {"a: \"x\\0y\"", "{a:!}", "1:4 a value with a NUL character"},
    {"[a]: b", NULL, "1:1 a key must be a plain word"},
    {"a: [", NULL,
     "2:1 not valid YAML: while parsing a flow node: did not find expected node content"},
    {"a: 1\nb: \xff\n", NULL, "2:4 not valid UTF-8"},
    {"a: 1\nb: \x01\n", NULL, "2:4 not valid YAML: control characters are not allowed"},
};

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct arena arena = ARENA_INIT;
        struct str out = STR_INIT;
        struct err_list errors;
        struct yaml_node *root;
        int status;

        err_list_init(&errors, &arena, 10);
        status = yaml_parse(&arena, "f", cases[i].text, strlen(cases[i].text), &root, &errors);
        assert_int_equal(status != 0, cases[i].error != NULL);
        assert_int_equal(errors.total > 0, cases[i].error != NULL);
        if (cases[i].error) {
            const struct err *err = &errors.items[0];

            assert_string_equal(
                arena_printf(&arena, "%d:%d %s", err->line, err->column, err->message),
                cases[i].error);
            assert_string_equal(err->file, "f");
        }
        assert_int_equal(root != NULL, cases[i].tree != NULL);
        if (root) {
            show(&out, root);
            assert_string_equal(out.text, cases[i].tree);
        }
        str_release(&out);
        arena_release(&arena);
    }
}

/* `count` times `open`, with what is said about it. */
static const char *deep(struct arena *arena, const char *open, size_t count)
{
    struct str text = STR_INIT;
    struct err_list errors;
    struct yaml_node *root;
    const char *message = "";

    for (size_t i = 0; i < count; i++) {
        str_add(&text, open);
    }
    err_list_init(&errors, arena, 10);
    if (yaml_parse(arena, "f", text.text, text.length, &root, &errors)) {
        message = errors.items[0].message;
    }
    str_release(&text);
    return message;
}

static void test_depth_stops_fast(void **state)
{
    struct arena arena = ARENA_INIT;
    int64_t start_us = clock_system.monotonic_us(clock_system.context);

    (void)state;
    assert_string_equal(deep(&arena, "[", 1000000), "nested more than 64 deep");
    assert_string_equal(deep(&arena, "{a: ", 100000), "nested more than 64 deep");
    assert_string_equal(deep(&arena, "- ", 100000), "nested more than 64 deep");
    /* libyaml alone takes half a minute for a tenth of it. */
    assert_true(clock_system.monotonic_us(clock_system.context) - start_us < 5000000);
    arena_release(&arena);
}

static void test_depth_of_64(void **state)
{
    struct arena arena = ARENA_INIT;
    struct str text = STR_INIT;
    struct err_list errors;
    struct yaml_node *root;

    (void)state;
    for (size_t depth = 64; depth <= 65; depth++) {
        str_clear(&text);
        for (size_t i = 0; i < depth; i++) {
            str_addc(&text, '[');
        }
        for (size_t i = 0; i < depth; i++) {
            str_addc(&text, ']');
        }
        err_list_init(&errors, &arena, 10);
        assert_int_equal(yaml_parse(&arena, "f", text.text, text.length, &root, &errors) == 0,
                         depth == 64);
    }
    str_release(&text);
    arena_release(&arena);
}

/* Many keys: duplicates are found, and not by comparing each with each. */
static void test_many_keys(void **state)
{
    struct arena arena = ARENA_INIT;
    struct str text = STR_INIT;
    struct err_list errors;
    struct yaml_node *root;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        str_addf(&text, "k%d: %d\n", i, i);
    }
    str_add(&text, "k77777: x\n");
    err_list_init(&errors, &arena, 10);
    assert_int_not_equal(yaml_parse(&arena, "f", text.text, text.length, &root, &errors), 0);
    assert_int_equal(errors.total, 1);
    assert_int_equal(errors.items[0].line, 100001);
    assert_int_equal(root->count, 100000);
    assert_string_equal(yaml_get(root, "k77777")->text, "77777");
    assert_int_equal(yaml_get(root, "k77777")->line, 77778);
    assert_null(yaml_get(root, "x"));
    assert_null(yaml_get(NULL, "x"));
    str_release(&text);
    arena_release(&arena);
}

static void test_long_values(void **state)
{
    struct arena arena = ARENA_INIT;
    struct str text = STR_INIT;
    struct err_list errors;
    struct yaml_node *root;

    (void)state;
    for (int i = 0; i < 64 * 1024; i++) {
        str_addc(&text, 'a');
    }
    err_list_init(&errors, &arena, 10);
    assert_int_equal(yaml_parse(&arena, "f", text.text, text.length, &root, &errors), 0);
    str_addc(&text, 'a');
    assert_int_not_equal(yaml_parse(&arena, "f", text.text, text.length, &root, &errors), 0);
    assert_string_equal(errors.items[0].message, "a value of more than 65536 bytes");
    str_release(&text);
    arena_release(&arena);
}

static void test_null_words(void **state)
{
    struct arena arena = ARENA_INIT;
    const char *text = "[~, null, 'null', \"\", nul]";
    struct err_list errors;
    struct yaml_node *root;
    static const bool expected[] = {true, true, false, false, false};
    size_t i = 0;

    (void)state;
    err_list_init(&errors, &arena, 10);
    assert_int_equal(yaml_parse(&arena, "f", text, strlen(text), &root, &errors), 0);
    for (const struct yaml_node *node = root->first; node; node = node->next) {
        assert_int_equal(yaml_is_null(node), expected[i++]);
    }
    assert_int_equal(i, 5);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),       cmocka_unit_test(test_depth_stops_fast),
        cmocka_unit_test(test_depth_of_64), cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_long_values), cmocka_unit_test(test_null_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
