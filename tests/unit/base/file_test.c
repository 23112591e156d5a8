#include "base/file.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

struct place {
    struct arena arena;
    struct err err;
    char *folder;
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    place->folder = check_folder();
    place->err.arena = &place->arena;
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;

    check_folder_remove(place->folder);
    arena_release(&place->arena);
    free(place);
    return 0;
}

static const char *in(struct place *place, const char *name)
{
    return file_join(&place->arena, place->folder, name);
}

static void assert_error(const struct place *place, enum error_class class, const char *expected)
{
    assert_int_equal(place->err.class, class);
    if (!strstr(place->err.message, expected)) {
        fail_msg("\"%s\" is not in \"%s\"", expected, place->err.message);
    }
}

static void test_reads_whole(void **state)
{
    struct place *place = *state;
    const char *path = in(place, "a.sql");
    struct file_text text;

    check_write(place->folder, "a.sql", "SELECT 1;\n");
    assert_int_equal(file_read(&place->arena, path, 10, &text, &place->err), 0);
    assert_int_equal(text.length, 10);
    assert_string_equal(text.data, "SELECT 1;\n");
    assert_string_equal(text.path, path);
    assert_int_equal(place->err.class, ERROR_NONE);
    check_write(place->folder, "empty", "");
    assert_int_equal(file_read(&place->arena, in(place, "empty"), 0, &text, &place->err), 0);
    assert_string_equal(text.data, "");
    /* The kernel says 0 bytes for this one, and gives more. */
    assert_int_equal(file_read(&place->arena, "/proc/self/status", 1 << 20, &text, &place->err), 0);
    assert_true(text.length > 100);
    assert_int_equal(strlen(text.data), text.length);
}

static void test_reads_nothing_strange(void **state)
{
    struct place *place = *state;
    struct {
        const char *path, *expected;
    } cases[] = {
        {in(place, "none"), "none: No such file or directory"},
        {place->folder, "is not a regular file"},
        {in(place, "fifo"), "fifo is not a regular file"},
        {"/dev/zero", "/dev/zero is not a regular file"},
        {in(place, "large"), "large is too large: more than 10 bytes"},
        {"/proc/self/status", "is too large"},
    };

    check_write(place->folder, "large", "12345678901");
    assert_int_equal(mkfifo(in(place, "fifo"), 0600), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct file_text text;

        assert_int_equal(file_read(&place->arena, cases[i].path, 10, &text, &place->err),
                         ERROR_CONFIGURATION);
        assert_error(place, ERROR_CONFIGURATION, cases[i].expected);
    }
}

static int read_sql(struct place *place, const char *folder, struct file_text **files,
                    size_t *count)
{
    return file_read_folder(&place->arena, folder, ".sql", 100, files, count, &place->err);
}

static void test_folder_is_sorted_by_bytes(void **state)
{
    static const char *const sorted[] = {"B.sql", "a.sql", "a0.sql", "b.sql", "\xc3\xa9.sql"};
    struct place *place = *state;
    struct file_text *files;
    size_t count;

    for (size_t i = 5; i-- > 0;) {
        check_write(place->folder, sorted[i], sorted[i]);
    }
    check_write(place->folder, ".hidden.sql", "no");
    check_write(place->folder, ".sql", "no");
    check_write(place->folder, "a.sql.orig", "no");
    check_write(place->folder, "readme", "no");
    assert_int_equal(read_sql(place, place->folder, &files, &count), 0);
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(files[i].name, sorted[i]);
        assert_string_equal(files[i].data, sorted[i]);
        assert_string_equal(files[i].path, in(place, sorted[i]));
    }
}

static void test_folder_may_be_empty_but_must_be(void **state)
{
    struct place *place = *state;
    struct file_text *files;
    size_t count = 7;

    assert_int_equal(read_sql(place, place->folder, &files, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(read_sql(place, in(place, "none"), &files, &count), ERROR_CONFIGURATION);
    assert_error(place, ERROR_CONFIGURATION, "none: No such file");
    check_write(place->folder, "file", "x");
    assert_int_equal(read_sql(place, in(place, "file"), &files, &count), ERROR_CONFIGURATION);
    assert_error(place, ERROR_CONFIGURATION, "file: Not a directory");
}

static void test_folder_keeps_links_inside(void **state)
{
    static const struct {
        const char *target, *expected; /* NULL: is read */
    } cases[] = {
        {"a.sql", NULL},
        {"inner/c.sql", NULL},
        {"../versions/a.sql", NULL},
        {"../secret.sql", "link.sql is a link that leads out of its folder"},
        {"../versions2/b.sql", "leads out of its folder"}, /* the name is only a prefix */
        {"/etc/hostname", "leads out of its folder"},
        {"/dev/zero", "leads out of its folder"},
        {"inner", "link.sql is not a regular file"},
        {"link.sql", "Too many levels of symbolic links"},
        {"nowhere", "No such file or directory"},
    };
    struct place *place = *state;
    const char *versions = in(place, "versions");
    const char *link = in(place, "versions/link.sql");

    assert_int_equal(file_make_folder(in(place, "versions/inner"), 0700, &place->err), 0);
    assert_int_equal(file_make_folder(in(place, "versions2"), 0700, &place->err), 0);
    check_write(place->folder, "secret.sql", "secret");
    check_write(place->folder, "versions/a.sql", "a");
    check_write(place->folder, "versions/inner/c.sql", "c");
    check_write(place->folder, "versions2/b.sql", "b");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct file_text *files;
        size_t count;

        assert_int_equal(symlink(cases[i].target, link), 0);
        if (cases[i].expected) {
            assert_int_equal(read_sql(place, versions, &files, &count), ERROR_CONFIGURATION);
            assert_error(place, ERROR_CONFIGURATION, cases[i].expected);
        } else {
            assert_int_equal(read_sql(place, versions, &files, &count), 0);
            assert_int_equal(count, 2);
        }
        assert_int_equal(unlink(link), 0);
    }
}

static void test_folder_refuses_what_is_no_file(void **state)
{
    struct place *place = *state;
    struct file_text *files;
    size_t count;

    assert_int_equal(mkfifo(in(place, "fifo.sql"), 0600), 0);
    assert_int_equal(read_sql(place, place->folder, &files, &count), ERROR_CONFIGURATION);
    assert_error(place, ERROR_CONFIGURATION, "fifo.sql is not a regular file");
    assert_int_equal(unlink(in(place, "fifo.sql")), 0);
    assert_int_equal(mkdir(in(place, "folder.sql"), 0700), 0);
    assert_int_equal(read_sql(place, place->folder, &files, &count), ERROR_CONFIGURATION);
    assert_error(place, ERROR_CONFIGURATION, "folder.sql is not a regular file");
    assert_int_equal(rmdir(in(place, "folder.sql")), 0);
    check_write(place->folder, "large.sql",
                arena_printf(&place->arena, "%0*d", 101, 0)); /* the limit is 100 */
    assert_int_equal(read_sql(place, place->folder, &files, &count), ERROR_CONFIGURATION);
    assert_error(place, ERROR_CONFIGURATION, "large.sql is too large: more than 100 bytes");
}

/* Hidden files count: a temporary one must not stay. */
static void assert_only(struct place *place, const char *name)
{
    DIR *stream = opendir(place->folder);
    struct dirent *entry;
    int count = 0;

    assert_non_null(stream);
    while ((entry = readdir(stream))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            assert_string_equal(entry->d_name, name);
            count++;
        }
    }
    closedir(stream);
    assert_int_equal(count, 1);
}

static void test_create(void **state)
{
    struct place *place = *state;
    const char *path = in(place, "new.sql");
    struct file_text text;
    struct stat status;

    assert_int_equal(file_create(path, "a\0b", 3, 0600, &place->err), 0);
    assert_int_equal(file_read(&place->arena, path, 100, &text, &place->err), 0);
    assert_int_equal(text.length, 3);
    assert_memory_equal(text.data, "a\0b", 3);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(status.st_nlink, 1);
    assert_only(place, "new.sql");
}

static void test_create_never_replaces(void **state)
{
    struct place *place = *state;
    const char *path = in(place, "old.sql");
    struct file_text text;

    check_write(place->folder, "old.sql", "old");
    assert_int_equal(file_create(path, "new", 3, 0600, &place->err), ERROR_CONFIGURATION);
    assert_error(place, ERROR_CONFIGURATION, "cannot create ");
    assert_error(place, ERROR_CONFIGURATION, "old.sql: File exists");
    assert_int_equal(file_read(&place->arena, path, 100, &text, &place->err), 0);
    assert_string_equal(text.data, "old");
    assert_only(place, "old.sql");
    assert_int_equal(file_create(in(place, "none/x"), "x", 1, 0600, &place->err),
                     ERROR_CONFIGURATION);
    assert_error(place, ERROR_CONFIGURATION, "none/x: No such file or directory");
    /* A link that leads nowhere exists too, and is not written through. */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("elsewhere", path), 0);
    assert_int_equal(file_create(path, "new", 3, 0600, &place->err), ERROR_CONFIGURATION);
    assert_error(place, ERROR_CONFIGURATION, "File exists");
    assert_int_not_equal(access(in(place, "elsewhere"), F_OK), 0);
}

/* A limit of the process stands for the disk: write(2) fails in the middle the same way. */
static void test_create_on_a_full_disk_leaves_nothing(void **state)
{
    struct place *place = *state;
    struct rlimit before, tight;
    char data[8192] = {0};
    int result;

    check_write(place->folder, "other", "x");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    result = file_create(in(place, "new"), data, sizeof(data), 0600, &place->err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(result, ERROR_DISK);
    assert_error(place, ERROR_DISK, "new: File too large");
    assert_only(place, "other");
}

static void test_make_folder(void **state)
{
    struct place *place = *state;
    struct stat status;

    assert_int_equal(file_make_folder(in(place, "a/b//c/"), 0700, &place->err), 0);
    assert_int_equal(stat(in(place, "a/b/c"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(file_make_folder(in(place, "a/b/c"), 0755, &place->err), 0);
    assert_int_equal(stat(in(place, "a/b/c"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700); /* as it was */
    assert_int_equal(file_make_folder("/", 0700, &place->err), 0);
    check_write(place->folder, "file", "x");
    assert_int_equal(file_make_folder(in(place, "file"), 0700, &place->err), ERROR_CONFIGURATION);
    assert_error(place, ERROR_CONFIGURATION, "file: Not a directory");
    assert_int_equal(file_make_folder(in(place, "file/x"), 0700, &place->err), ERROR_CONFIGURATION);
}

static void test_join(void **state)
{
    static const struct {
        const char *folder, *name, *joined;
    } cases[] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"},
        {"", "b", "b"},    {"a", "/b", "/b"},  {".", "b", "./b"},
    };
    struct place *place = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(file_join(&place->arena, cases[i].folder, cases[i].name),
                            cases[i].joined);
    }
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(test_reads_whole),
        FILE_TEST(test_reads_nothing_strange),
        FILE_TEST(test_folder_is_sorted_by_bytes),
        FILE_TEST(test_folder_may_be_empty_but_must_be),
        FILE_TEST(test_folder_keeps_links_inside),
        FILE_TEST(test_folder_refuses_what_is_no_file),
        FILE_TEST(test_create),
        FILE_TEST(test_create_never_replaces),
        FILE_TEST(test_create_on_a_full_disk_leaves_nothing),
        FILE_TEST(test_make_folder),
        FILE_TEST(test_join),
    };

    umask(022);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
