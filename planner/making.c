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

/* Row changes from one sorted list to another: deletes, updates, inserts, so that no value stands
 * twice in between. */
static void add_changes(struct making *making, struct plan_step *step, const char *const *heads,
                        size_t count)
{
    size_t room = making->row_count + count, gone = 0, come = 0, i = 0, j = 0, paired;
    const char **from = arena_array(making->arena, making->row_count, sizeof(*from));
    const char **to = arena_array(making->arena, count, sizeof(*to));
    struct row_change *changes = arena_array(making->arena, room, sizeof(*changes));

    while (i < making->row_count || j < count) {
        int order = i == making->row_count ? 1
                    : j == count           ? -1
                                           : strcmp(making->rows[i], heads[j]);

        if (order < 0) {
            from[gone++] = making->rows[i++];
        } else if (order > 0) {
            to[come++] = heads[j++];
        } else {
            i++;
            j++;
        }
    }
    paired = gone < come ? gone : come;
    for (i = 0; i < gone - paired; i++) {
        changes[step->change_count++] = (struct row_change){ROW_DELETE, from[i], NULL};
    }
    for (i = 0; i < paired; i++) {
        changes[step->change_count++] =
            (struct row_change){ROW_UPDATE, from[gone - paired + i], to[i]};
    }
    for (i = paired; i < come; i++) {
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
