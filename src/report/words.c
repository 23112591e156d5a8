#include "report/words.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define SAFE_MOST  1000 /* bytes of a foreign text: a server's message may have megabytes */
#define HEADS_MOST 8    /* rows of a version table */

void words_count(struct str *out, size_t value, int width)
{
    char digits[32], text[48];
    int length = snprintf(digits, sizeof(digits), "%zu", value);
    int at = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    str_addf(out, "%*s", width, text);
}

void words_plural(struct str *out, size_t value, const char *noun)
{
    words_count(out, value, 0);
    str_addf(out, " %s%s", noun, value == 1 ? "" : "s");
}

void words_safe(struct str *out, const char *text)
{
    size_t length = strlen(text);
    size_t shown = length > SAFE_MOST ? text_utf8_prefix(text, SAFE_MOST) : length;
    text_add_safe(out, text, shown, true);
    if (shown < length) {
        str_add(out, "… (");
        words_count(out, length, 0);
        str_add(out, " bytes)");
    }
}

void words_shell(struct str *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+./:@,%=";
    if (*text != '\0' && text[strspn(text, plain)] == '\0') {
        str_add(out, text);
        return;
    }
    str_addc(out, '\'');
    for (const char *quote; (quote = strchr(text, '\'')) != NULL; text = quote + 1) {
        text_add_safe(out, text, (size_t)(quote - text), true);
        str_add(out, "'\\''");
    }
    text_add_safe(out, text, strlen(text), true);
    str_addc(out, '\'');
}

void words_heads(struct str *out, const char *const *heads, size_t count)
{
    if (count == 0)
        str_add(out, "<base>");
    for (size_t i = 0; i < count && i < HEADS_MOST; i++) {
        if (i > 0)
            str_add(out, ", ");
        words_safe(out, heads[i]);
    }
    words_more(out, count, HEADS_MOST);
}

void words_more(struct str *out, size_t count, size_t most)
{
    if (count <= most)
        return;
    str_add(out, " and ");
    words_count(out, count - most, 0);
    str_add(out, " more");
}

void words_names(struct str *out, const struct fleet *fleet, const size_t *targets,
                 const size_t *members, size_t count, size_t most)
{
    for (size_t i = 0; i < count && i < most; i++) {
        const struct target *target = &fleet->targets[targets[members[i]]];
        if (i > 0)
            str_add(out, ", ");
        words_safe(out, target->name);
        if (fleet->server_count > 1) {
            str_addc(out, ' ');
            words_safe(out, fleet->servers[target->server].name);
        }
    }
    words_more(out, count, most);
}

bool step_outside_transaction(const struct plan_step *step)
{
    for (size_t i = 0; step->script != NULL && i < step->script->section_count; i++)
        if (step->script->sections[i]->transaction_off)
            return true;
    return false;
}

bool step_irreversible(const struct plan *plan, const struct plan_step *step)
{
    if (step->kind != STEP_UPGRADE || step->revision == NULL)
        return false;
    return step->revision->irreversible != NULL ||
           !step->revision->scripts[plan->engine][DIRECTION_DOWNGRADE].present;
}

void words_step_marks(struct str *out, const struct plan *plan, const struct plan_step *step)
{
    if (step_outside_transaction(step))
        str_add(out, "   [outside a transaction]");
    if (!step_irreversible(plan, step))
        return;
    str_add(out, "   [irreversible");
    if (step->revision->irreversible != NULL) {
        str_add(out, ": ");
        words_safe(out, step->revision->irreversible);
    } else {
        str_add(out, ": no downgrade section");
    }
    str_addc(out, ']');
}
