#include "report/unlock.h"

#include "base/clock.h"
#include "report/holder.h"
#include "report/words.h"

#define INDENT "    "

/* Why it is what it is taken for. */
static void add_why(const struct target *target, const struct unlock *item, struct str *out)
{
    char quiet[CLOCK_TEXT_SIZE], after[CLOCK_TEXT_SIZE];
    duration_format(item->quiet_us, quiet);
    duration_format(target->connection->abandoned_after_ms * 1000, after);
    str_add(out, INDENT);
    if (item->nameless)
        str_add(out, "no run through this pooler keeps it outside a transaction, and what its "
                     "connections call themselves is their last client's name: skein does not end "
                     "it; without the pooler it can be asked whose it is");
    else if (item->state == UNLOCK_OTHER)
        str_addf(out, "no run of skein's by its %s: skein does not end it",
                 target->engine == ENGINE_POSTGRESQL ? "application_name" : "locks");
    else if (item->state == UNLOCK_DEAD || item->state == UNLOCK_ENDED)
        str_addf(out, "dead: its client has said nothing for %s (abandoned_after: %s)", quiet,
                 after);
    else if (item->quiet_us < 0)
        str_add(out, "not known to be dead: it works, or this role may not see what it does");
    else if (target->connection->abandoned_after_ms == 0)
        str_addf(out, "not known to be dead: silent for %s, and abandoned_after is 0", quiet);
    else
        str_addf(out, "not known to be dead: silent for %s, dead after %s", quiet, after);
    str_addc(out, '\n');
}

static void add_item(const struct fleet *fleet, const struct unlock *item, struct str *out)
{
    const struct target *target = &fleet->targets[item->target];
    words_safe(out, target->name);
    if (item->state == UNLOCK_UNKNOWN) {
        str_addf(out, "   could not be asked: %s: ", error_class_name(item->err.class));
        words_safe(out, item->err.message != NULL ? item->err.message : "");
        str_addc(out, '\n');
    } else if (item->state == UNLOCK_FREE) {
        str_add(out, "   nobody holds the lock\n");
    } else if (item->holder == NULL) {
        str_add(out, "   held by a process that lives: the lock of a file ends with its process\n");
    } else {
        str_add(out, item->state == UNLOCK_ENDED ? "   ended " : "   held by ");
        report_holder_text(item->holder, out);
        str_addc(out, '\n');
        add_why(target, item, out);
    }
}

void report_unlock_text(const struct fleet *fleet, const struct unlock *items, size_t count,
                        const struct report_style *style, struct str *out)
{
    size_t counts[UNLOCK_STATES] = {0};
    for (size_t i = 0; i < count; i++) {
        counts[items[i].state]++;
        if (items[i].state != UNLOCK_FREE || style->verbose || count == 1)
            add_item(fleet, &items[i], out);
    }
    if (count > 1) {
        words_plural(out, count, "target");
        str_addc(out, ':');
        const char *separator = " ";
        for (int state = 0; state < UNLOCK_STATES; state++)
            if (counts[state] > 0) {
                str_add(out, separator);
                words_count(out, counts[state], 0);
                str_addf(out, " %s", unlock_state_name((enum unlock_state)state));
                separator = ", ";
            }
        str_addc(out, '\n');
    }
}

void report_unlock_json(const struct fleet *fleet, const struct unlock *items, size_t count,
                        const struct report_style *style, struct str *out)
{
    struct json json;
    json_document(&json, out);
    json_key(&json, "targets");
    json_array(&json);
    for (size_t i = 0; i < count; i++) {
        json_object(&json);
        report_target_fields(&json, fleet, &fleet->targets[items[i].target]);
        json_key_string(&json, "lock", unlock_state_name(items[i].state));
        json_key(&json, "holder");
        report_holder_json(items[i].holder, &json);
        json_key(&json, "quiet_seconds");
        if (items[i].quiet_us >= 0)
            json_seconds(&json, items[i].quiet_us);
        else
            json_null(&json);
        json_key(&json, "error");
        report_error_value(&json, items[i].state == UNLOCK_UNKNOWN ? &items[i].err : NULL,
                           style->verbose);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_end_object(&json);
}
