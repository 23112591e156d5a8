/*
 * file.h: reading whole files and folders with limits, writing files so that they are there whole
 * or not at all. The seam for everything that reads the project's folder.
 */
#ifndef SKEIN_BASE_FILE_H
#define SKEIN_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct file_text {
    const char *name; /* name inside the folder, or the path as given */
    const char *path; /* path as shown to a person */
    char *data;       /* NUL-terminated after `length` bytes; may hold NULs */
    size_t length;
};

/* Reads a regular file of at most `limit` bytes into the arena. Errors: ERROR_CONFIGURATION, the
 * message names the path and the reason; err.file stays unset. */
int file_read(struct arena *arena, const char *path, size_t limit, struct file_text *out,
              struct err *err);

/* All regular files of `folder` whose name ends with `suffix`, sorted by name (byte order). Opened
 * relative to the folder's descriptor; a link that leads out of the folder, a FIFO or a file over
 * `limit` is an error, as is anything else that is no regular file. Hidden files are passed over.
 */
int file_read_folder(struct arena *arena, const char *folder, const char *suffix, size_t limit,
                     struct file_text **out, size_t *count, struct err *err);

/* Writes a new file: fails if it exists. Written under a temporary name, synced, then linked into
 * place: a full disk leaves nothing behind. ERROR_DISK where the disk is full or broken, else
 * ERROR_CONFIGURATION. */
int file_create(const char *path, const char *data, size_t length, mode_t mode, struct err *err);

/* mkdir -p: existing folders are fine and keep their mode; `mode` is for the last one, parents get
 * the usual one. */
int file_make_folder(const char *path, mode_t mode, struct err *err);

/* folder/name unless name is absolute; in the arena. */
char *file_join(struct arena *arena, const char *folder, const char *name);

/* The last part of a path without its ending; in the arena. */
char *file_stem(struct arena *arena, const char *path);

/* One name for a file, whoever names it: a link, another way, a second hard link. Of an absolute
 * path; one that does not exist is named by its folder. In the arena, or the path itself. */
const char *file_key(struct arena *arena, const char *path);

#endif
