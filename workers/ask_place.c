#include "workers/ask_place.h"

#include <string.h>

#include "workers/bookkeeping.h"

void ask_add_before(struct arena *arena, struct question *question, enum dialect_purpose purpose,
                    const char *sql, const char *const *parameters, unsigned count)
{
    struct command *before;

    if (!sql) {
        return;
    }
    before = arena_array(arena, question->before_count + 1, sizeof(*before));
    for (size_t i = 0; i < question->before_count; i++) {
        before[i] = question->before[i];
    }
    before[question->before_count++] = (struct command){.sql = sql,
                                                        .length = strlen(sql),
                                                        .parameters = parameters,
                                                        .parameter_count = count,
                                                        .purpose = dialect_purpose_name(purpose),
                                                        .own = true};
    question->before = before;
}

/* What other clients of a pooler have set on the connection does not answer. */
static void add_fresh(struct arena *arena, struct question *question)
{
    const char **local = arena_array(arena, 1, sizeof(*local));

    *local = "true";
    ask_add_before(arena, question, DIALECT_FRESH,
                   dialect_text(question->target->engine, DIALECT_FRESH), local, 1);
}

/* What is set ends with the request: behind a pooler the next one may be somebody else's. */
void ask_add_place(struct arena *arena, struct question *question)
{
    const struct target *target = question->target;
    const struct dialect_names names = {.local = "true"};
    const char **role = arena_array(arena, 1, sizeof(*role));
    const char **path = arena_array(arena, 1, sizeof(*path));

    *role = target->connection->role;
    *path = bookkeeping_path(arena, target);
    if (target->engine != ENGINE_POSTGRESQL) {
        ask_add_before(arena, question, DIALECT_ROLE,
                       *role ? dialect_role(arena, target->engine, *role) : NULL, NULL, 0);
        return;
    }
    add_fresh(arena, question);
    if (*role) {
        ask_add_before(arena, question, DIALECT_ROLE,
                       dialect_render(arena, target->engine, DIALECT_ROLE, &names), role, 1);
    }
    if (*path) {
        ask_add_before(arena, question, DIALECT_PATH,
                       dialect_render(arena, target->engine, DIALECT_PATH, &names), path, 1);
    }
}
