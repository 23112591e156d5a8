/*
 * The tables of keys: well made, and docs/skein.yaml.md has each of them as it is. Where a table
 * has changed, the test prints what the page must have.
 */
#include "config/schema.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "check.h"

static const char *page;

static void add_type(struct str *out, const struct schema_key *key)
{
    if (!key->words) {
        str_add(out, schema_type_name(key->type));
        return;
    }
    for (size_t i = 0; key->words[i]; i++) {
        str_addf(out, "%s`%s`", i ? ", " : "", key->words[i]);
    }
}

/* One row a key that this version supports. */
static void add_table(struct str *out, const struct schema_table *table)
{
    str_add(out, "| key | value | default | |\n|---|---|---|---|\n");
    for (size_t i = 0; i < table->count; i++) {
        const struct schema_key *key = &table->keys[i];

        if (schema_is_later(key)) {
            continue;
        }
        str_addf(out, "| `%s` | ", key->name);
        add_type(out, key);
        if (key->fallback) {
            str_addf(out, " | `%s` | %s |\n", key->fallback, key->about);
        } else {
            str_addf(out, " | | %s |\n", key->about);
        }
    }
}

static void check_table(const struct schema_table *table, const char *text, size_t *wrong)
{
    struct str out = STR_INIT;

    add_table(&out, table);
    if (!strstr(text, out.text)) {
        fprintf(stderr, "%s:\n%s\n", table->name, out.text);
        (*wrong)++;
    }
    str_release(&out);
    for (size_t i = 0; i < table->count; i++) {
        if (table->keys[i].table && table->keys[i].type != KEY_OVERLAY) {
            check_table(table->keys[i].table, text, wrong);
        }
    }
}

static void test_docs_have_every_key(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct file_text text;
    size_t wrong = 0;

    (void)state;
    assert_int_equal(file_read(&arena, page, 1 << 20, &text, &err), 0);
    check_table(&schema_file, text.data, &wrong);
    assert_int_equal(wrong, 0);
    arena_release(&arena);
}

static void check_keys(const struct schema_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct schema_key *key = &table->keys[i];
        bool words = key->type == KEY_CHOICE || key->type == KEY_WORD;
        bool below = key->type == KEY_TABLE || key->type == KEY_TABLES ||
                     key->type == KEY_NAMED_TABLES || key->type == KEY_OVERLAY;

        assert_true(words == (key->words != NULL));
        assert_true(below == (key->table != NULL));
        assert_true(key->about && *key->about);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(table->keys[k].name, key->name);
        }
        if (key->table && key->type != KEY_OVERLAY) {
            check_keys(key->table);
        }
    }
}

static void test_tables_are_well_made(void **state)
{
    (void)state;
    check_keys(&schema_file);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_docs_have_every_key),
        cmocka_unit_test(test_tables_are_well_made),
    };

    if (count < 2) {
        return EXIT_FAILURE;
    }
    page = arguments[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
