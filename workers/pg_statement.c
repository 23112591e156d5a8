#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "workers/pg_internal.h"

static void drop(struct pg_statement *statement)
{
    free(statement->text);
    *statement = (struct pg_statement){0};
}

const struct pg_statement *pg_statement_find(const struct pg_statements *statements,
                                             const struct command *command)
{
    for (size_t i = 0; i < PG_STATEMENTS; i++) {
        const struct pg_statement *one = &statements->items[i];

        if (one->usable && one->length == command->length &&
            memcmp(one->text, command->sql, command->length) == 0) {
            return one;
        }
    }
    return NULL;
}

/* A name is never given twice, so what was forgotten by mistake is in nobody's way. */
const struct pg_statement *pg_statement_new(struct pg_statements *statements,
                                            const struct command *command, size_t before)
{
    struct pg_statement *one = statements->items;

    while (one < statements->items + PG_STATEMENTS && one->text) {
        one++;
    }
    if (one == statements->items + PG_STATEMENTS) {
        return NULL;
    }
    one->text = xcalloc(command->length + 1, 1);
    memcpy(one->text, command->sql, command->length);
    one->length = command->length;
    snprintf(one->name, sizeof(one->name), "skein_%u", ++statements->named);
    one->before = before;
    one->parsing = one->usable = true;
    statements->parsing++;
    return one;
}

bool pg_statement_is_parsed(const struct pg_statements *statements, size_t at)
{
    for (size_t i = 0; statements->parsing > 0 && i < PG_STATEMENTS; i++) {
        if (statements->items[i].parsing && statements->items[i].before == at) {
            return true;
        }
    }
    return false;
}

void pg_statement_answered(struct pg_statements *statements, size_t at, bool good)
{
    for (size_t i = 0; i < PG_STATEMENTS; i++) {
        struct pg_statement *one = &statements->items[i];

        if (one->parsing && one->before == at) {
            one->parsing = false;
            statements->parsing--;
            if (!good || !one->usable) {
                drop(one);
            }
        }
    }
}

void pg_statements_forget(struct pg_statements *statements)
{
    for (size_t i = 0; i < PG_STATEMENTS; i++) {
        statements->items[i].usable = false;
        if (!statements->items[i].parsing) {
            drop(&statements->items[i]);
        }
    }
}

void pg_statements_settle(struct pg_statements *statements)
{
    for (size_t i = 0; i < PG_STATEMENTS && statements->parsing > 0; i++) {
        if (statements->items[i].parsing) {
            statements->parsing--;
            drop(&statements->items[i]);
        }
    }
}

void pg_statements_release(struct pg_statements *statements)
{
    for (size_t i = 0; i < PG_STATEMENTS; i++) {
        drop(&statements->items[i]);
    }
}
