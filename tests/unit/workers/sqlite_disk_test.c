/* The driver of SQLite on a disk that is full, and on one that fails. */
#include "sqlite_world.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- full: a small file system of our own */

static bool mounted;

static bool mount_small(const char *options)
{
    if (!mounted) {
        if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
            return false;
        }
        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
            return false;
        }
        mounted = true; /* nobody else sees it, and it goes away with the process */
    }
    return mount("skein-test", world.folder, "tmpfs", 0, options) == 0;
}

static void fill_disk(const char *name)
{
    static const char bytes[4096];
    char path[700];
    int file;

    snprintf(path, sizeof(path), "%s/%s", world.folder, name);
    file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    while (write(file, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes)) {
    }
    close(file);
}

static void empty_disk(const char *name)
{
    char path[700];

    snprintf(path, sizeof(path), "%s/%s", world.folder, name);
    assert_int_equal(unlink(path), 0);
}

/* What stood stays, what was begun leaves nothing, and the file is well when there is room again.
 */
static void test_full_disk(void **state)
{
    static const char *const statements[] = {
        "INSERT INTO t VALUES (randomblob(300000))",
        "CREATE TABLE u AS SELECT * FROM t",
        "UPDATE t SET a = 'new'",
    };

    (void)state;
    if (!mount_small("size=256k")) {
        skip();
    }
    world_file("CREATE TABLE t(a); INSERT INTO t VALUES ('old')");
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        world_open(false);
        fill_disk("ballast");
        if (pump_sql(&world.pump, "BEGIN IMMEDIATE") == DRIVE_DONE &&
            world_script(statements[i]) == DRIVE_DONE) {
            assert_int_equal(pump_sql(&world.pump, "COMMIT"), DRIVE_FAIL);
        }
        world_check_error(statements[i], ERROR_DISK, NULL);
        assert_int_equal(world.pump.err.retry, RETRY_HUMAN);
        if (world.pump.reply.in_transaction) {
            pump_sql(&world.pump, "ROLLBACK");
            assert_false(world.pump.reply.in_transaction);
        }
        pump_close(&world.pump);
        empty_disk("ballast");
        world_open(false);
        assert_string_equal(world_ask("SELECT group_concat(a) || count(*) FROM t"), "old1");
        assert_string_equal(world_ask("PRAGMA integrity_check"), "ok");
        pump_close(&world.pump);
    }
    assert_int_equal(umount(world.folder), 0);
}

static void test_full_disk_for_new_files(void **state)
{
    (void)state;
    if (!mount_small("size=256k,nr_inodes=2")) { /* the folder and the database */
        skip();
    }
    world_file("PRAGMA journal_mode = off; CREATE TABLE t(a)");
    world_open(false);
    assert_int_equal(pump_sql(&world.pump, "SELECT skein_lock()"), DRIVE_FAIL);
    world_check_error("lock", ERROR_DISK, NULL);
    assert_int_equal(world.pump.err.retry, RETRY_HUMAN);
    pump_close(&world.pump);

    world.target.create = true;
    snprintf(world.path, sizeof(world.path), "%s/b.db", world.folder);
    assert_int_equal(world_try_open(false), DRIVE_FAIL);
    world_check_error("create", ERROR_DISK, "14");
    pump_close(&world.pump);
    assert_int_equal(umount(world.folder), 0);
}

/* ---- failing: no file may grow beyond where it is */

static struct rlimit before;

static void let_writes_fail(bool fail)
{
    struct rlimit limit = {fail ? 12288 : before.rlim_cur, before.rlim_max};

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void world_broken_disk(void)
{
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    world_file("CREATE TABLE t(a); INSERT INTO t VALUES ('old')");
    world_open(false);
}

/* Whether an error while a transaction ends left it standing, nobody can say from here; an error
 * inside it can only have undone it. */
static void test_broken_disk_while_committing(void **state)
{
    (void)state;
    world_broken_disk();
    world_run("BEGIN IMMEDIATE");
    world_run("INSERT INTO t VALUES (randomblob(50000))"); /* in SQLite's memory so far */
    let_writes_fail(true);
    assert_int_equal(pump_sql(&world.pump, "COMMIT"), DRIVE_FAIL);
    let_writes_fail(false);
    world_check_error("COMMIT", ERROR_DISK, "778");
    assert_false(world.pump.reply.answered);
    assert_int_equal(world.pump.reply.completed, 0);
    pump_close(&world.pump);

    world_open(false);
    let_writes_fail(true);
    assert_int_equal(world_script("INSERT INTO t VALUES (randomblob(50000))"), DRIVE_FAIL);
    let_writes_fail(false);
    world_check_error("alone", ERROR_DISK, "778");
    assert_false(world.pump.reply.answered);
    assert_string_equal(world_ask("SELECT group_concat(a) || count(*) FROM t"), "old1");
}

static void test_broken_disk_inside_a_transaction(void **state)
{
    (void)state;
    world_broken_disk();
    world_run("PRAGMA cache_size = 5");
    world_run("BEGIN IMMEDIATE");
    let_writes_fail(true);
    assert_int_equal(world_script("INSERT INTO t VALUES (randomblob(500000))"), DRIVE_FAIL);
    let_writes_fail(false);
    world_check_error("inside", ERROR_DISK, "778");
    assert_true(world.pump.reply.answered);
    assert_false(world.pump.reply.in_transaction);
    assert_string_equal(world_ask("SELECT group_concat(a) || count(*) FROM t"), "old1");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WORLD_TEST(test_full_disk),
        WORLD_TEST(test_full_disk_for_new_files),
        WORLD_TEST(test_broken_disk_while_committing),
        WORLD_TEST(test_broken_disk_inside_a_transaction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
