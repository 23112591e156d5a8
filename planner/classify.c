#include "planner/classify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "planner/classify_table.h"

static const struct classify_table *const tables[ENGINE_COUNT] = {
    [ENGINE_POSTGRESQL] = &classify_postgresql,
    [ENGINE_MYSQL] = &classify_mysql,
    [ENGINE_MARIADB] = &classify_mysql,
    [ENGINE_SQLITE] = &classify_sqlite,
};

static const struct classify_rule *find_rule(const struct classify_table *table, const char *code,
                                             size_t prefix, const char *message)
{
    for (size_t i = 0; i < table->rule_count; i++) {
        const struct classify_rule *rule = &table->rules[i];

        if (strlen(rule->code) == prefix && strncmp(rule->code, code, prefix) == 0 &&
            (!rule->text || strstr(message, rule->text))) {
            return rule;
        }
    }
    return NULL;
}

/* SQLite keeps the primary code in the low byte of an extended one. */
static bool primary_code(const char *code, char text[16])
{
    char *end;
    long value = strtol(code, &end, 10);

    if (*end != '\0' || value < 256) {
        return false;
    }
    snprintf(text, 16, "%ld", value & 0xff);
    return true;
}

static const struct classify_rule *rule_for(enum engine engine, const char *code,
                                            const char *message)
{
    const struct classify_table *table = tables[engine];
    const struct classify_rule *rule = find_rule(table, code, strlen(code), message);
    char primary[16];

    if (!rule && engine == ENGINE_POSTGRESQL && strlen(code) == 5) {
        rule = find_rule(table, code, 2, message);
    } else if (!rule && engine == ENGINE_SQLITE && primary_code(code, primary)) {
        rule = find_rule(table, primary, strlen(primary), message);
    }
    return rule;
}

void classify(struct err *err, enum engine engine, const char *code)
{
    static const struct classify_rule unknown = {"", NULL, ERROR_INTERNAL, RETRY_NEVER, NULL};
    const struct classify_rule *rule;

    if ((unsigned)engine >= ENGINE_COUNT || !err->message) {
        BUG("classify: engine %d, message %s", (int)engine, err->message ? "set" : "not set");
    }
    rule = rule_for(engine, code, err->message);
    if (!rule) {
        rule = &unknown;
    }
    err->class = rule->class;
    err_native(err, code, rule->retry);
    if (rule->hint && !err->hint) {
        err_hint(err, "%s", rule->hint);
    }
}

const char *classify_condition(enum engine engine, const char *code)
{
    const struct classify_table *table = tables[engine];

    for (size_t i = 0; i < table->condition_count; i++) {
        if (strcmp(table->conditions[i].code, code) == 0) {
            return table->conditions[i].name;
        }
    }
    return NULL;
}
