/* Lists of revisions read as Alembic's do. */
#include "check.h"

#include "report/revisions.h"

static const char header[] = "-- first\n"
                             "--\n"
                             "--  of all\n"
                             "-- Revision ID: aaaa\n"
                             "-- Branch Labels: x\n"
                             "-- Revises:";
static const char *const down_a[] = {"aaaa"};
static const char *const merged[] = {"bbbb", "cccc"};
static const char *const depends[] = {"cccc"};
static const char *const label[] = {"side"};
static const char *const children[] = {"bbbb", "cccc"};
static const struct revision a = {.id = "aaaa",
                                  .message = "first",
                                  .path = "v/a.sql",
                                  .name = "a.sql",
                                  .header = header,
                                  .header_length = sizeof(header) - 1,
                                  .lines = {.header = 1, .labels = 5}};
static const struct revision b = {.id = "bbbb",
                                  .message = "second",
                                  .down = down_a,
                                  .down_count = 1,
                                  .depends_on_written = depends,
                                  .depends_on_written_count = 1,
                                  .path = "v/b.sql"};
static const struct revision m = {
    .id = "dddd", .message = "both", .down = merged, .down_count = 2, .path = "v/d.sql"};

static void test_history_lines(void **state)
{
    static const struct revision_view views[] = {
        {.revision = &m, .is_head = true, .is_real_head = true, .is_merge_point = true},
        {.revision = &b, .is_head = true, .labels = label, .label_count = 1, .is_current = true},
        {.revision = &a, .is_branch_point = true},
    };
    (void)state;
    struct str out = STR_INIT;
    report_history(views, 3, false, &out);
    assert_string_equal(out.text, "bbbb, cccc -> dddd (head) (mergepoint), both\n"
                                  "aaaa (cccc) -> bbbb (side) (effective head) (current), second\n"
                                  "<base> -> aaaa (branchpoint), first\n");
    str_release(&out);
}

static void test_entry(void **state)
{
    static const struct revision_view view = {
        .revision = &a, .is_branch_point = true, .children = children, .child_count = 2};
    (void)state;
    struct str out = STR_INIT;
    report_show(&view, 1, &out);
    assert_string_equal(out.text, "Rev: aaaa (branchpoint)\n"
                                  "Parent: <base>\n"
                                  "Branches into: bbbb, cccc\n"
                                  "Path: v/a.sql\n"
                                  "\n"
                                  "    first\n"
                                  "    \n"
                                  "     of all\n"
                                  "    Revision ID: aaaa\n"
                                  "    Revises:\n"
                                  "\n");
    str_release(&out);
}

static void test_branches(void **state)
{
    static const struct revision_view all[] = {
        {.revision = &b, .is_head = true, .is_real_head = true},
        {.revision = &a, .is_branch_point = true, .children = down_a, .child_count = 1},
    };
    static const char *const only_b[] = {"bbbb"};
    struct revision_view point = all[1];
    (void)state;
    point.children = only_b;
    struct str out = STR_INIT;
    report_branches(&point, 1, all, 2, false, &out);
    assert_string_equal(out.text, "aaaa (branchpoint)\n     -> bbbb (head)\n\n");
    str_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history_lines),
        cmocka_unit_test(test_entry),
        cmocka_unit_test(test_branches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
