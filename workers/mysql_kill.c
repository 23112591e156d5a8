#include <mysql.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "workers/mysql_internal.h"

/* KILL QUERY needs a connection of its own, and it is made beside: with copies of all it needs. */
struct killing {
    struct arena arena;
    struct mysql_driver_login login;
};

static void run(void *context)
{
    struct killing *killing = context;
    struct err ignored = ERR_INIT(&killing->arena); /* it is only asked for */
    bool answered;
    MYSQL *mysql = mysql_driver_connect(&killing->login, &ignored, &answered);

    if (mysql) {
        mysql_close(mysql);
    }
}

static void release(void *context)
{
    struct killing *killing = context;

    arena_release(&killing->arena);
    free(killing);
}

static const char *copy(struct killing *killing, const char *text)
{
    return text ? arena_strdup(&killing->arena, text) : NULL;
}

struct work mysql_driver_kill(const struct mysql_driver_login *login, unsigned long thread)
{
    struct killing *killing = xcalloc(1, sizeof(*killing));
    const char **addresses =
        arena_array(&killing->arena, login->addresses.count, sizeof(*addresses));

    for (size_t i = 0; i < login->addresses.count; i++) {
        addresses[i] = copy(killing, login->addresses.items[i]);
    }
    killing->login = (struct mysql_driver_login){
        .addresses = {addresses, login->addresses.count},
        .host = copy(killing, login->host),
        .port = login->port,
        .user = copy(killing, login->user),
        .password = copy(killing, login->password),
        .program = copy(killing, login->program),
        .tls = {.mode = copy(killing, login->tls.mode),
                .ca = copy(killing, login->tls.ca),
                .cert = copy(killing, login->tls.cert),
                .key = copy(killing, login->tls.key)},
        .timeout_ms = login->timeout_ms,
        .command = arena_printf(&killing->arena, "KILL QUERY %lu", thread),
        .abort_descriptor = -1,
    };
    return (struct work){.run = run, .context = killing, .free = release};
}
