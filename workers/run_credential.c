#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "workers/run_parts.h"

static void add_part(struct str *key, const char *text)
{
    str_addf(key, "/%zu:%s", text ? strlen(text) : 0, text ? text : "");
}

struct run_credential *credential_of(struct run *run, size_t server, const struct target *target)
{
    const struct endpoint *endpoint = target->endpoint;
    struct str key = STR_INIT;
    struct run_credential *credential;

    if (target->engine == ENGINE_SQLITE) {
        return NULL;
    }
    str_addf(&key, "%zu", server);
    add_part(&key, endpoint->user);
    if (endpoint->password) { /* no second copy of a secret */
        str_addf(&key, "/%016" PRIx64, map_hash(endpoint->password));
    }
    add_part(&key, endpoint->service);
    add_part(&key, target->connection->tls.cert);
    credential = map_get(&run->credentials, key.text);
    if (!credential) {
        credential = arena_alloc(&run->arena, sizeof(*credential));
        list_init(&credential->waiting);
        map_set(&run->credentials, arena_strdup(&run->arena, key.text), credential);
    }
    str_release(&key);
    return credential;
}

enum credential_answer credential_read(bool answered, const struct err *err)
{
    if (!err) {
        return CREDENTIAL_ACCEPTED;
    }
    if (!answered) {
        return CREDENTIAL_NOT_JUDGED;
    }
    switch (err->class) {
    case ERROR_AUTH:
        /* Where a rule leaves out one database, nobody has looked at the password. */
        return strstr(err->message, "pg_hba.conf") ? CREDENTIAL_NOT_JUDGED : CREDENTIAL_DENIED;
    case ERROR_MISSING_DATABASE:
    case ERROR_PRIVILEGE:
        /* It was let in, but not there. A pooler says so before it has looked. */
        return err->code && strcmp(err->code, "08P01") == 0 ? CREDENTIAL_NOT_JUDGED
                                                            : CREDENTIAL_ACCEPTED;
    default:
        return CREDENTIAL_NOT_JUDGED;
    }
}

void credential_keep(struct run *run, struct run_credential *credential, const struct err *err)
{
    struct err *kept = &credential->last;

    *kept = (struct err)ERR_INIT(&run->arena);
    err_copy(kept, err);
    err_hint(kept,
             "%s%snot tried, for three targets in a row were refused with this user and password",
             err->hint ? err->hint : "", err->hint ? "; " : "");
}

void credentials_init(struct run *run)
{
    map_init(&run->credentials, &run->arena);
}
