#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workers/sqlite_lock.h"

static struct arena arena;
static char *folder;
static char database[600], lock_file[600];

static int setup(void **state)
{
    (void)state;
    folder = check_folder();
    check_write(folder, "a.db", "");
    snprintf(database, sizeof(database), "%s/a.db", folder);
    snprintf(lock_file, sizeof(lock_file), "%s/a.db-skein", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    check_folder_remove(folder);
    arena_release(&arena);
    return 0;
}

static bool take(struct sqlite_lock *lock)
{
    struct err err = ERR_INIT(&arena);
    bool got = false;

    assert_int_equal(sqlite_lock_take(lock, &got, &err), 0);
    return got;
}

static bool probe(const struct sqlite_lock *lock)
{
    struct err err = ERR_INIT(&arena);
    bool is_free = false;

    assert_int_equal(sqlite_lock_probe(lock, &is_free, &err), 0);
    return is_free;
}

static void test_one_has_it(void **state)
{
    struct sqlite_lock first, second;
    struct stat status;

    (void)state;
    sqlite_lock_init(&first, database);
    sqlite_lock_init(&second, database);
    assert_true(probe(&first));
    assert_int_not_equal(access(lock_file, F_OK), 0); /* a look makes no file */
    assert_true(take(&first));
    assert_true(take(&first)); /* held already */
    assert_false(take(&second));
    assert_false(probe(&second));
    assert_true(probe(&first)); /* nobody else */
    assert_int_equal(stat(lock_file, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_true(sqlite_lock_give(&first));
    assert_false(sqlite_lock_give(&first));
    assert_int_not_equal(access(lock_file, F_OK), 0);
    assert_true(take(&second));
    assert_true(sqlite_lock_give(&second));
}

/* Another path to the same database is the same lock. */
static void test_real_path(void **state)
{
    struct sqlite_lock first, second;
    char link[600];

    (void)state;
    snprintf(link, sizeof(link), "%s/link.db", folder);
    assert_int_equal(symlink(database, link), 0);
    sqlite_lock_init(&first, database);
    sqlite_lock_init(&second, link);
    assert_true(take(&first));
    assert_false(take(&second));
    sqlite_lock_give(&first);
    assert_true(take(&second));
    sqlite_lock_give(&second);
}

static void test_killed_holder_leaves_it_free(void **state)
{
    struct sqlite_lock lock;
    int status;
    pid_t child;

    (void)state;
    sqlite_lock_init(&lock, database);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        _exit(take(&lock) ? 42 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 42);
    assert_int_equal(access(lock_file, F_OK), 0); /* left behind */
    assert_true(probe(&lock));
    assert_true(take(&lock));
    sqlite_lock_give(&lock);
    assert_int_not_equal(access(lock_file, F_OK), 0);
}

static void test_sweep(void **state)
{
    struct sqlite_lock lock, other;

    (void)state;
    sqlite_lock_init(&lock, database);
    sqlite_lock_init(&other, database);
    sqlite_lock_sweep(&lock); /* nothing there */
    check_write(folder, "a.db-skein", "");
    sqlite_lock_sweep(&lock);
    assert_int_not_equal(access(lock_file, F_OK), 0);
    assert_true(take(&other));
    sqlite_lock_sweep(&lock); /* held: stays */
    assert_int_equal(access(lock_file, F_OK), 0);
    assert_false(take(&lock));
    sqlite_lock_give(&other);
}

/* Somebody removed the file and another took a new one: letting go must not remove that. */
static void test_another_file_at_the_path(void **state)
{
    struct sqlite_lock first, second;

    (void)state;
    sqlite_lock_init(&first, database);
    sqlite_lock_init(&second, database);
    assert_true(take(&first));
    assert_int_equal(unlink(lock_file), 0);
    assert_true(take(&second));
    sqlite_lock_give(&first);
    assert_int_equal(access(lock_file, F_OK), 0);
    assert_false(probe(&first));
    sqlite_lock_give(&second);
}

static void make_link(void)
{
    assert_int_equal(symlink("/etc/passwd", lock_file), 0);
}

static void make_fifo(void)
{
    assert_int_equal(mkfifo(lock_file, 0600), 0);
}

static void make_directory(void)
{
    assert_int_equal(mkdir(lock_file, 0700), 0);
}

static void test_what_is_no_file_is_refused(void **state)
{
    static void (*const make[])(void) = {make_link, make_fifo, make_directory};

    (void)state;
    for (size_t i = 0; i < sizeof(make) / sizeof(make[0]); i++) {
        struct err err = ERR_INIT(&arena);
        struct sqlite_lock lock;
        bool got = true;

        make[i]();
        sqlite_lock_init(&lock, database);
        assert_int_equal(sqlite_lock_take(&lock, &got, &err), ERROR_PRIVILEGE);
        assert_non_null(strstr(err.message, "a.db-skein"));
        assert_false(got);
        assert_int_equal(remove(lock_file), 0);
    }
}

static void test_no_database(void **state)
{
    struct err err = ERR_INIT(&arena);
    struct sqlite_lock lock;
    bool got = true;

    (void)state;
    sqlite_lock_init(&lock, "/does/not/exist.db");
    assert_int_not_equal(sqlite_lock_take(&lock, &got, &err), 0);
    assert_false(got);
    sqlite_lock_init(&lock, NULL); /* a database in memory */
    assert_true(probe(&lock));
}

/* ---- many at once: never two, and no try is lost to a file that goes away */

static atomic_int holders, turns;

static void *contend(void *context)
{
    struct arena own = ARENA_INIT;
    struct err err = ERR_INIT(&own);
    struct sqlite_lock lock;

    (void)context;
    sqlite_lock_init(&lock, database);
    while (atomic_load(&turns) < 2000) {
        bool got = false;

        if (sqlite_lock_take(&lock, &got, &err) != 0) {
            return (void *)1;
        }
        if (got) {
            if (atomic_fetch_add(&holders, 1) != 0) {
                return (void *)1;
            }
            atomic_fetch_add(&turns, 1);
            atomic_fetch_sub(&holders, 1);
            sqlite_lock_give(&lock);
        }
    }
    arena_release(&own);
    return NULL;
}

static void test_never_two(void **state)
{
    pthread_t threads[4];
    void *failed;

    (void)state;
    atomic_store(&turns, 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, contend, NULL), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_not_equal(access(lock_file, F_OK), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_one_has_it),
        TEST(test_real_path),
        TEST(test_killed_holder_leaves_it_free),
        TEST(test_sweep),
        TEST(test_another_file_at_the_path),
        TEST(test_what_is_no_file_is_refused),
        TEST(test_no_database),
        TEST(test_never_two),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
