#include "report/holder.h"

#include <string.h>

#include "base/clock.h"
#include "report/words.h"

/* "metabase/bi": what it calls itself, and as whom. */
static void add_who(const struct holder *holder, struct str *out)
{
    struct arena arena = ARENA_INIT;
    const char *tenant;
    const char *run = holder_run(&arena, holder->application, &tenant);
    if (run != NULL) {
        str_add(out, "skein run ");
        words_safe(out, run);
        str_add(out, " of ");
        words_safe(out, tenant);
        str_add(out, "  ");
    }
    str_addf(out, "pid %lld ", (long long)holder->pid);
    if (run == NULL && holder->application != NULL && holder->application[0] != '\0') {
        words_safe(out, holder->application);
        str_addc(out, '/');
    }
    words_safe(out, holder->user != NULL ? holder->user : "?");
    arena_release(&arena);
}

void report_holder_text(const struct holder *holder, struct str *out)
{
    char since[CLOCK_TEXT_SIZE];
    if (holder->pid == 0) {
        str_add(out, "a prepared transaction (pg_prepared_xacts)");
        return;
    }
    add_who(holder, out);
    if (holder->since != NULL) {
        const char *state = holder->state != NULL ? holder->state : "there";
        duration_format(holder->since_us, since);
        str_add(out, "  ");
        words_safe(out, strcmp(state, "active") == 0 ? "running" : state);
        str_addf(out, " %s", since);
    }
    if (holder->query != NULL || holder->state == NULL) {
        str_add(out, "  ");
        words_safe(out, holder->query != NULL ? holder->query
                                              : "(its query is not visible to this role)");
    }
}

void report_holder_json(const struct holder *holder, struct json *json)
{
    if (holder == NULL) {
        json_null(json);
        return;
    }
    json_object(json);
    json_key_integer(json, "pid", holder->pid);
    json_key_string(json, "application", holder->application);
    json_key_string(json, "user", holder->user);
    json_key_string(json, "since", holder->since);
    json_key_string(json, "state", holder->state);
    json_key_string(json, "query", holder->query);
    json_end_object(json);
}
