#include "planner/making.h"

#include <string.h>

struct err *making_refuse(struct making *making, enum error_class class, const char *format, ...)
{
    struct err *err = arena_alloc(making->arena, sizeof(*err));
    va_list arguments;

    *err = (struct err)ERR_INIT(making->arena);
    va_start(arguments, format);
    err_set(err, class, "%s", arena_vprintf(making->arena, format, arguments));
    va_end(arguments);
    making->plan->refused = err;
    return err;
}

/* What is in one sorted list and not in the other; *names in the arena. */
static size_t difference(struct arena *arena, const char *const *list, size_t count,
                         const char *const *other, size_t other_count, const char ***names)
{
    size_t found = 0, capacity = 0, j = 0;

    *names = NULL;
    for (size_t i = 0; i < count; i++) {
        while (j < other_count && strcmp(other[j], list[i]) < 0) {
            j++;
        }
        if (j == other_count || strcmp(other[j], list[i]) != 0) {
            *names = arena_grow(arena, *names, sizeof(**names), &capacity, found + 1);
            (*names)[found++] = list[i];
        }
    }
    return found;
}

/* Row changes from one sorted list to another: deletes, updates, inserts, so that no value stands
 * twice in between. */
static void add_changes(struct making *making, struct plan_step *step, const char *const *heads,
                        size_t count)
{
    const char **from, **to;
    size_t gone = difference(making->arena, making->rows, making->row_count, heads, count, &from);
    size_t come = difference(making->arena, heads, count, making->rows, making->row_count, &to);
    size_t paired = gone < come ? gone : come;
    struct row_change *changes = arena_array(making->arena, gone + come, sizeof(*changes));

    for (size_t i = 0; i < gone - paired; i++) {
        changes[step->change_count++] = (struct row_change){ROW_DELETE, from[i], NULL};
    }
    for (size_t i = 0; i < paired; i++) {
        changes[step->change_count++] =
            (struct row_change){ROW_UPDATE, from[gone - paired + i], to[i]};
    }
    for (size_t i = paired; i < come; i++) {
        changes[step->change_count++] = (struct row_change){ROW_INSERT, NULL, to[i]};
    }
    step->changes = changes;
}

void making_record(struct making *making, struct plan_step *step)
{
    const char **heads = arena_array(making->arena, making->head_count, sizeof(*heads));

    for (size_t i = 0; i < making->head_count; i++) {
        heads[i] = making->heads[i]->revision->id;
    }
    add_changes(making, step, heads, making->head_count);
    step->heads = heads;
    step->head_count = making->head_count;
    making->rows = heads;
    making->row_count = making->head_count;
    checksum_of(making->checksum, &making->applied, step->applied_checksum);
}
