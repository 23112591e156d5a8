#include "workers/sqlite_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"

/* How often a file may vanish under us at one try: each time somebody else let go in between. */
#define TRIES 100

void sqlite_lock_init(struct sqlite_lock *lock, const char *database)
{
    *lock = (struct sqlite_lock){.database = database, .descriptor = -1};
}

int sqlite_lock_error(struct err *err, int number, const char *path)
{
    static const struct {
        int number;
        enum error_class class;
        enum retry_class retry;
    } rows[] = {
        {EACCES, ERROR_PRIVILEGE, RETRY_AUTH},    {EPERM, ERROR_PRIVILEGE, RETRY_AUTH},
        {EROFS, ERROR_PRIVILEGE, RETRY_AUTH},     {ELOOP, ERROR_PRIVILEGE, RETRY_AUTH},
        {EISDIR, ERROR_PRIVILEGE, RETRY_AUTH},    {EMFILE, ERROR_CAPACITY, RETRY_CAPACITY},
        {ENFILE, ERROR_CAPACITY, RETRY_CAPACITY},
    };
    enum error_class class = ERROR_DISK;
    enum retry_class retry = RETRY_HUMAN;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].number == number) {
            class = rows[i].class;
            retry = rows[i].retry;
        }
    }
    err_set(err, class, "%s: %s", path, strerror(number));
    err_native(err, NULL, retry);
    return (int)class;
}

/* The caller frees it; NULL with err set. */
static char *lock_path(const struct sqlite_lock *lock, struct err *err)
{
    char *real = realpath(lock->database, NULL);
    char *path = NULL;

    if (!real) {
        sqlite_lock_error(err, errno, lock->database);
        return NULL;
    }
    if (asprintf(&path, "%s-skein", real) < 0) {
        BUG("out of memory");
    }
    free(real);
    return path;
}

/* Whether the descriptor's file is the one that the path names now. */
static bool still_there(int descriptor, const char *path)
{
    struct stat ours, theirs;

    return fstat(descriptor, &ours) == 0 && lstat(path, &theirs) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static bool is_regular(int descriptor)
{
    struct stat status;

    return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

/* One try: 1 taken, 0 somebody has it, -1 the file went away meanwhile, else errno as a negative
 * below that. */
static int try_once(const char *path, int *descriptor)
{
    int opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    int answer;

    if (opened < 0) {
        return -errno - 1;
    }
    if (!is_regular(opened)) {
        close(opened);
        return -ELOOP - 1;
    }
    if (flock(opened, LOCK_EX | LOCK_NB) != 0) {
        answer = errno == EWOULDBLOCK ? 0 : -errno - 1;
        close(opened);
        return answer;
    }
    if (!still_there(opened, path)) {
        close(opened);
        return -1;
    }
    *descriptor = opened;
    return 1;
}

int sqlite_lock_take(struct sqlite_lock *lock, bool *got, struct err *err)
{
    char *path;
    int answer = -1, class = 0;

    *got = lock->descriptor >= 0;
    if (*got) {
        return 0;
    }
    path = lock_path(lock, err);
    if (!path) {
        return (int)err->class;
    }
    for (int i = 0; i < TRIES && answer == -1; i++) {
        answer = try_once(path, &lock->descriptor);
    }
    if (answer < -1) {
        class = sqlite_lock_error(err, -answer - 1, path);
    }
    *got = answer == 1;
    if (answer == 1) {
        lock->path = path;
    } else {
        free(path);
    }
    return class;
}

/* A shared lock, so that two that look do not see each other. */
int sqlite_lock_probe(const struct sqlite_lock *lock, bool *is_free, struct err *err)
{
    char *path;
    int descriptor, class = 0;

    *is_free = true;
    if (lock->descriptor >= 0 || !lock->database) {
        return 0;
    }
    path = lock_path(lock, err);
    if (!path) {
        return (int)err->class;
    }
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor >= 0) {
        if (flock(descriptor, LOCK_SH | LOCK_NB) != 0) {
            *is_free = false;
        }
        close(descriptor);
    } else if (errno != ENOENT) {
        class = sqlite_lock_error(err, errno, path);
    }
    free(path);
    return class;
}

bool sqlite_lock_give(struct sqlite_lock *lock)
{
    if (lock->descriptor < 0) {
        return false;
    }
    /* Not where somebody removed ours: the file at the path is then another's lock. */
    if (still_there(lock->descriptor, lock->path)) {
        unlink(lock->path);
    }
    close(lock->descriptor);
    free(lock->path);
    lock->descriptor = -1;
    lock->path = NULL;
    return true;
}

void sqlite_lock_sweep(const struct sqlite_lock *lock)
{
    struct arena arena = ARENA_INIT;
    struct err ignored = ERR_INIT(&arena);
    struct sqlite_lock own;
    char path[PATH_MAX];
    bool got;

    /* Not by the real path: to find it costs more than all the rest. */
    if (snprintf(path, sizeof(path), "%s-skein", lock->database) < (int)sizeof(path) &&
        access(path, F_OK) == 0) {
        sqlite_lock_init(&own, lock->database);
        if (sqlite_lock_take(&own, &got, &ignored) == 0 && got) {
            sqlite_lock_give(&own);
        }
        arena_release(&arena);
    }
}
