#include "workers/timestamp.h"

#include <string.h>

#include "check.h"

static const struct {
    const char *text, *expected;
} rows[] = {
    {"2026-11-20 10:30:00+00", "2026-11-20T10:30:00Z"},
    {"2026-11-20 10:30:00.123456+00", "2026-11-20T10:30:00.123456Z"},
    {"2026-11-20 10:30:00.5+05:30", "2026-11-20T05:00:00.5Z"},
    {"2026-01-01 00:30:00+01", "2025-12-31T23:30:00Z"},
    {"2024-02-28 23:30:00-03", "2024-02-29T02:30:00Z"},
    {"1890-01-01 00:00:00+00:53:28", "1889-12-31T23:06:32Z"},
    {"2026-11-20 10:30:00.000001", "2026-11-20T10:30:00.000001Z"},
    {"2026-11-20T10:30:00Z", "2026-11-20T10:30:00Z"},
    {"2026-11-20T10:30:00.250Z", "2026-11-20T10:30:00.250Z"},
    {NULL, NULL},
    {"", NULL},
    {"infinity", NULL},
    {"20.11.2026 10:30:00 CET", NULL},
    {"2026-11-20 10:30:00 BC", NULL},
    {"2026-11-20 10:30:00+0", NULL},
    {"2026-11-20 10:30:00+00:", NULL},
    {"2026-13-20 10:30:00+00", NULL},
    {"2026-11-20 10:30", NULL},
    {"Fri Nov 20 10:30:00 2026 UTC", NULL},
};

static void test_rows(void **state)
{
    struct arena arena = ARENA_INIT;
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *utc = timestamp_utc(&arena, rows[i].text);
        const char *expected = rows[i].expected;
        if (expected ? !utc || strcmp(utc, expected) != 0 : utc != NULL) {
            fail_msg("%s: %s", rows[i].text ? rows[i].text : "NULL", utc ? utc : "NULL");
        }
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
