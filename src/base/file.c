#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/random.h"

#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) /* a FIFO must not hold us */

static int fail_errno(struct err *err, const char *doing, const char *path)
{
    bool disk = errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO;

    return err_set(err, disk ? ERROR_DISK : ERROR_CONFIGURATION, "cannot %s %s: %s", doing, path,
                   strerror(errno));
}

/* Reading is configuration, whatever errno says. */
static int fail_read(struct err *err, const char *path)
{
    return err_set(err, ERROR_CONFIGURATION, "cannot read %s: %s", path, strerror(errno));
}

static int fail_too_large(struct err *err, const char *path, size_t limit)
{
    return err_set(err, ERROR_CONFIGURATION, "%s is too large: more than %zu bytes", path, limit);
}

/* Reads to the end, whatever size the file had when it was opened; out->path is set. */
static int read_descriptor(struct arena *arena, int descriptor, size_t limit, struct file_text *out,
                           struct err *err)
{
    struct stat status;
    size_t capacity;

    if (fstat(descriptor, &status) != 0) {
        return fail_read(err, out->path);
    }
    if (!S_ISREG(status.st_mode)) {
        return err_set(err, ERROR_CONFIGURATION, "%s is not a regular file", out->path);
    }
    if ((uintmax_t)status.st_size > limit) {
        return fail_too_large(err, out->path, limit);
    }
    capacity = (size_t)status.st_size + 2; /* the NUL, and a byte to see the end by */
    out->data = arena_alloc(arena, capacity);
    out->length = 0;
    for (;;) {
        ssize_t got;

        out->data = arena_grow(arena, out->data, 1, &capacity, out->length + 2);
        got = read(descriptor, out->data + out->length, capacity - out->length - 1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail_read(err, out->path);
        }
        out->length += (size_t)got;
        if (out->length > limit) {
            return fail_too_large(err, out->path, limit);
        }
        if (got == 0) {
            out->data[out->length] = '\0';
            return 0;
        }
    }
}

int file_read(struct arena *arena, const char *path, size_t limit, struct file_text *out,
              struct err *err)
{
    int descriptor = open(path, OPEN_FLAGS);
    int result;

    if (descriptor < 0) {
        return fail_read(err, path);
    }
    *out = (struct file_text){.name = arena_strdup(arena, path)};
    out->path = out->name;
    result = read_descriptor(arena, descriptor, limit, out, err);
    close(descriptor);
    return result;
}

/* Where an open descriptor is, by the kernel; false if that cannot be said. */
static bool descriptor_path(int descriptor, char path[PATH_MAX])
{
    char link[64];
    ssize_t length;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
    length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) {
        return false;
    }
    path[length] = '\0';
    return true;
}

static bool lies_in(int descriptor, int folder)
{
    char inner[PATH_MAX], outer[PATH_MAX];
    size_t length;

    if (!descriptor_path(descriptor, inner) || !descriptor_path(folder, outer)) {
        return false;
    }
    length = strlen(outer);
    if (strcmp(outer, "/") == 0) {
        length = 0;
    }
    return strncmp(inner, outer, length) == 0 && inner[length] == '/';
}

/* The link is judged by what was opened, so that nobody can change it in between. */
static int open_linked(int folder, const struct file_text *file, int *descriptor, struct err *err)
{
    *descriptor = openat(folder, file->name, OPEN_FLAGS);
    if (*descriptor < 0) {
        return fail_read(err, file->path);
    }
    if (!lies_in(*descriptor, folder)) {
        close(*descriptor);
        return err_set(err, ERROR_CONFIGURATION, "%s is a link that leads out of its folder",
                       file->path);
    }
    return 0;
}

static int read_in_folder(struct arena *arena, int folder, size_t limit, struct file_text *file,
                          struct err *err)
{
    int descriptor = openat(folder, file->name, OPEN_FLAGS | O_NOFOLLOW);
    int result = 0;

    if (descriptor < 0 && errno == ELOOP) {
        result = open_linked(folder, file, &descriptor, err);
    } else if (descriptor < 0) {
        result = fail_read(err, file->path);
    }
    if (result) {
        return result;
    }
    result = read_descriptor(arena, descriptor, limit, file, err);
    close(descriptor);
    return result;
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t name_length = strlen(name), length = strlen(suffix);

    return name_length >= length && strcmp(name + name_length - length, suffix) == 0;
}

static int compare_names(const void *left, const void *right)
{
    const struct file_text *a = left, *b = right;

    return strcmp(a->name, b->name);
}

/* Fills in name and path of what is to be read, sorted. */
static int list_folder(struct arena *arena, DIR *stream, const char *folder, const char *suffix,
                       struct file_text **files, size_t *count, struct err *err)
{
    size_t capacity = 0;
    struct dirent *entry;

    *files = NULL;
    *count = 0;
    for (;;) {
        struct file_text *file;

        errno = 0;
        entry = readdir(stream);
        if (!entry) {
            break;
        }
        if (entry->d_name[0] == '.' || !has_suffix(entry->d_name, suffix)) {
            continue;
        }
        *files = arena_grow(arena, *files, sizeof(**files), &capacity, *count + 1);
        file = &(*files)[(*count)++];
        file->name = arena_strdup(arena, entry->d_name);
        file->path = file_join(arena, folder, entry->d_name);
    }
    if (errno) {
        return fail_read(err, folder);
    }
    if (*count) {
        qsort(*files, *count, sizeof(**files), compare_names);
    }
    return 0;
}

int file_read_folder(struct arena *arena, const char *folder, const char *suffix, size_t limit,
                     struct file_text **out, size_t *count, struct err *err)
{
    DIR *stream = opendir(folder);
    int result;

    if (!stream) {
        return fail_read(err, folder);
    }
    result = list_folder(arena, stream, folder, suffix, out, count, err);
    for (size_t i = 0; !result && i < *count; i++) {
        result = read_in_folder(arena, dirfd(stream), limit, &(*out)[i], err);
    }
    closedir(stream);
    return result;
}

static int write_all(int descriptor, const char *data, size_t length)
{
    while (length) {
        ssize_t written = write(descriptor, data, length);

        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return -1;
        }
        data += written;
        length -= (size_t)written;
    }
    return fsync(descriptor);
}

/* Gives the temporary file its name, unless that is taken. */
static int put_in_place(const char *temporary, const char *path)
{
    if (link(temporary, path) == 0) {
        unlink(temporary);
        return 0;
    }
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK) {
        return -1;
    }
    return renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE); /* no links here */
}

/* A name is durable once its folder is. Some file systems refuse to sync a folder: not worth an
 * error. */
static void sync_folder(const char *folder)
{
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (descriptor >= 0) {
        (void)fsync(descriptor);
        close(descriptor);
    }
}

static int create_through(const char *temporary, const char *path, const char *data, size_t length,
                          mode_t mode, struct err *err)
{
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    int failed, saved;

    if (descriptor < 0) {
        return fail_errno(err, "create", path);
    }
    failed = write_all(descriptor, data, length);
    saved = errno;
    if (close(descriptor) != 0 && !failed) {
        failed = -1;
        saved = errno;
    }
    if (!failed) {
        failed = put_in_place(temporary, path);
        saved = errno;
    }
    if (failed) {
        unlink(temporary);
        errno = saved;
        return fail_errno(err, "create", path);
    }
    return 0;
}

int file_create(const char *path, const char *data, size_t length, mode_t mode, struct err *err)
{
    struct arena arena = ARENA_INIT;
    const char *slash = strrchr(path, '/');
    const char *folder = slash == path ? "/" : ".";
    char *temporary;
    int result;

    if (slash && slash != path) {
        folder = arena_strndup(&arena, path, (size_t)(slash - path));
    }
    /* Hidden: nothing of ours reads one that a kill left behind. */
    temporary = arena_printf(&arena, "%s/.skein-%016" PRIx64, folder, random_entropy());
    result = create_through(temporary, path, data, length, mode, err);
    if (!result) {
        sync_folder(folder);
    }
    arena_release(&arena);
    return result;
}

/* An existing folder is fine, also where mkdir fails for another reason first (a read-only parent).
 */
static bool make_one(const char *path, mode_t mode)
{
    struct stat status;
    int saved;

    if (mkdir(path, mode) == 0) {
        return true;
    }
    saved = errno;
    if (stat(path, &status) == 0) {
        errno = ENOTDIR;
        return S_ISDIR(status.st_mode);
    }
    errno = saved;
    return false;
}

int file_make_folder(const char *path, mode_t mode, struct err *err)
{
    char *copy = xstrdup(path);
    size_t length = strlen(copy);
    int result = 0;

    while (length > 1 && copy[length - 1] == '/') {
        copy[--length] = '\0';
    }
    for (size_t at = 1; !result && at < length; at++) {
        if (copy[at] != '/' || copy[at - 1] == '/') {
            continue;
        }
        copy[at] = '\0';
        if (!make_one(copy, 0777)) {
            result = fail_errno(err, "make folder", copy);
        }
        copy[at] = '/';
    }
    if (!result && !make_one(copy, mode)) {
        result = fail_errno(err, "make folder", copy);
    }
    free(copy);
    return result;
}

char *file_join(struct arena *arena, const char *folder, const char *name)
{
    size_t length = strlen(folder);

    if (name[0] == '/' || !length) {
        return arena_strdup(arena, name);
    }
    return arena_printf(arena, "%s%s%s", folder, folder[length - 1] == '/' ? "" : "/", name);
}

char *file_stem(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');

    return arena_strndup(arena, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

const char *file_key(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct stat status;
    const char *folder;

    if (stat(path, &status) == 0) {
        return arena_printf(arena, "%llu:%llu", (unsigned long long)status.st_dev,
                            (unsigned long long)status.st_ino);
    }
    folder = arena_strndup(arena, path, slash == path ? 1 : (size_t)(slash - path));
    if (stat(folder, &status) == 0) {
        return arena_printf(arena, "%llu:%llu/%s", (unsigned long long)status.st_dev,
                            (unsigned long long)status.st_ino, slash + 1);
    }
    return path;
}
