/*
 * option_file.h: user and password from an option file of MySQL's and MariaDB's clients
 * (~/.my.cnf). What else stands there, and is for the client, is passed over, as are !include and
 * the system's own files.
 *
 * A password there is of no certain server, so it goes only to who is meant: where the URL names a
 * user, and the file another one, the file says nothing.
 */
#ifndef SKEIN_CONFIG_OPTION_FILE_H
#define SKEIN_CONFIG_OPTION_FILE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

struct option_file {
    const char *path;
    bool optional;     /* it may be missing, or not be readable */
    bool mariadb;      /* [client-server] and [client-mariadb] count beside [client] */
    const char *group; /* one more, or NULL */
    /* what was read; the last one counts; NULL: not there */
    const char *user, *password;
};

/* `user`: the URL's, or NULL. 0, or ERROR_CONFIGURATION: the file cannot be read, or gives a
 * password while its group or others may read or write it. No message holds what stands in it. */
int option_file_read(struct arena *arena, struct option_file *file, const char *user,
                     struct err *err);

#endif
