#include "base/digest.h"

#include <string.h>

#include "check.h"

/* FIPS 180-2 and its like. */
static void test_known_vectors(void **state)
{
    static const struct {
        const char *text, *hex;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    struct digest *digest = digest_new();
    char hex[DIGEST_HEX_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        digest_add(digest, cases[i].text, strlen(cases[i].text));
        digest_finish(digest, hex); /* and starts anew */
        assert_string_equal(hex, cases[i].hex);
    }
    digest_free(digest);
    digest_free(NULL);
}

static void test_pieces_add_up(void **state)
{
    struct digest *digest = digest_new();
    char hex[DIGEST_HEX_SIZE];

    (void)state;
    for (int i = 0; i < 1000000; i++) {
        digest_add(digest, "a", 1);
    }
    digest_add(digest, NULL, 0);
    digest_finish(digest, hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    digest_free(digest);
}

static void test_a_copy_goes_its_own_way(void **state)
{
    struct digest *digest = digest_new(), *copy = digest_new();
    char hex[DIGEST_HEX_SIZE], other[DIGEST_HEX_SIZE];

    (void)state;
    digest_add(copy, "forgotten", 9);
    digest_add(digest, "ab", 2);
    digest_copy(copy, digest);
    digest_add(digest, "x", 1);
    digest_add(copy, "c", 1);
    digest_finish(copy, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_finish(digest, hex);
    digest_add(digest, "abx", 3);
    digest_finish(digest, other);
    assert_string_equal(hex, other);
    digest_free(digest);
    digest_free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_vectors),
        cmocka_unit_test(test_pieces_add_up),
        cmocka_unit_test(test_a_copy_goes_its_own_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
