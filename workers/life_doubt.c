#include "workers/life_internal.h"

/* The unit's steps, also those that it only begins. */
static void note_unit(struct life *life, struct outcome_doubt *note)
{
    const struct life_work *work = life->work;
    struct outcome_step *steps = arena_array(&life->arena, work->plan->step_count, sizeof(*steps));
    size_t last = work->plan->step_count;

    for (size_t i = work->unit_at; i <= work->at; i++) {
        const struct operation *operation = &work->plan->operations[i];
        if (operation->step != last) {
            last = operation->step;
            steps[note->step_count++] = doubt_step(life, operation);
        }
    }
    note->steps = steps;
}

struct outcome_step doubt_step(const struct life *life, const struct operation *operation)
{
    const struct plan_step *step = &life->work->plan->steps[operation->step];

    return (struct outcome_step){.kind = step->kind,
                                 .revision = step->revision ? step->revision->id : "base",
                                 .microseconds = life->work->step_us[operation->step]};
}

void doubt_begin(struct life *life, enum doubt_kind kind, const struct err *err)
{
    struct life_work *work = life->work;
    const struct operation *operation = &work->plan->operations[work->at];
    struct outcome_doubt *note = arena_alloc(&life->arena, sizeof(*note));

    *note = (struct outcome_doubt){.kind = kind};
    if (kind == DOUBT_COMMIT) {
        note_unit(life, note);
    } else {
        struct outcome_step *step = arena_alloc(&life->arena, sizeof(*step));
        *step = doubt_step(life, operation);
        note->steps = step;
        note->step_count = 1;
    }
    work->doubt = note;
    work->doubt_error = life_err(life);
    err_copy(work->doubt_error, err);
    batch_place(life, operation, 0, work->doubt_error);
}

void doubt_tell(struct life *life)
{
    struct life_work *work = life->work;
    const struct err *place = work->doubt_error;
    struct err *err = work->failure;

    life->outcome.doubt = work->doubt;
    if (!err) { /* stopped before it was asked again */
        work->failure = work->doubt_error;
        return;
    }
    err->revision = place->revision;
    err_at(err, place->file, place->line, 0);
    err->section = place->section;
    err->statement = place->statement;
}
