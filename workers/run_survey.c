#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "workers/run_parts.h"
#include "workers/survey.h"

#define LEAST         8            /* fewer are asked one by one */
#define ENOUGH_TOLD   SURVEY_WIDTH /* from so many on it is judged whether surveys are of use: */
#define OF_USE        4            /* one of so many has ended by what it was told */
#define FAILURES_MOST 20           /* commands that failed, of a survey */

/* A connection that reads for a portion of a company at a time. */
struct survey {
    struct list node; /* in run->surveys */
    struct run *run;
    struct company *company;
    struct member *lender; /* whose slots it has */
    struct survey_terms terms;
    struct member *members[SURVEY_PORTION];
    struct survey_item items[SURVEY_PORTION];
    size_t count;
    size_t at, width; /* whose heads are asked for */
    bool located;     /* the question of which are there was asked and answered */
    bool finished;
    unsigned failures;
    struct asker *asker;
    struct question question;
    struct arena texts, answers;
};

/* ---- a portion */

static void take(struct survey *survey, struct member *member)
{
    slots_withdraw(member);
    member->surveyed = true;
    survey->members[survey->count] = member;
    survey->items[survey->count] = (struct survey_item){.target = member->target};
    survey->count++;
}

/* Those that wait for their first turn. */
static void gather(struct survey *survey)
{
    struct company *company = survey->company;

    while (survey->count < SURVEY_PORTION && company->next < company->count) {
        struct member *member = company->members[company->next++];

        if (!member->ended && !member->active && !member->surveyed) {
            take(survey, member);
        }
    }
}

static void ask_located(struct survey *survey)
{
    arena_clear(&survey->texts);
    arena_clear(&survey->answers);
    survey->located = false;
    survey->at = 0;
    survey->width = SURVEY_WIDTH;
    survey_ask_located(&survey->terms, survey->items, survey->count, &survey->texts,
                       &survey->question);
}

/* What is left of it queues again, where it was, for connections of its own. */
static void give_back_portion(struct survey *survey)
{
    for (size_t i = survey->count; i > 0; i--) {
        struct member *member = survey->members[i - 1];

        if (!member->ended) {
            slots_enqueue(member, true);
        }
    }
    survey->count = 0;
}

/* ---- what is told */

static void tell(struct survey *survey, size_t index)
{
    struct company *company = survey->company;
    struct member *member = survey->members[index];
    const struct survey_item *item = &survey->items[index];
    const struct reply reply = {.answered = true,
                                .connected = true,
                                .session = survey->question.session,
                                .weak_tls = survey->question.weak_tls};
    struct life_event event = {.reply = &reply, .located = &item->located};

    if (member->ended) {
        return;
    }
    company->told++;
    if (item->located.row_count == 0) {
        return;
    }
    event.heads = item->version_table || item->history_table ? &item->heads : NULL;
    company->settled += perform_told(member, &event);
}

static void tell_some(struct survey *survey)
{
    struct company *company = survey->company;

    for (size_t i = survey->at; i < survey->at + survey->width; i++) {
        tell(survey, i);
    }
    survey->at += survey->width;
    company->alone = company->alone ||
                     (company->told >= ENOUGH_TOLD && company->settled * OF_USE < company->told);
}

/* ---- questions, one after the other */

/* Makes the next question about the portion. False: it is done with. */
static bool ask_heads(struct survey *survey)
{
    while (survey->at < survey->count && !survey->company->alone) {
        size_t left = survey->count - survey->at;

        survey->width = survey->width < left ? survey->width : left;
        arena_clear(&survey->texts);
        if (survey_ask_heads(&survey->terms, survey->items + survey->at, survey->width,
                             &survey->texts, &survey->question)) {
            return true;
        }
        tell_some(survey); /* of none there is a table */
    }
    return false;
}

/* One schema that cannot be read fails for all that were asked about with it: fewer are, until it
 * is alone. */
static void narrow(struct survey *survey)
{
    survey->failures++;
    if (!survey->located || survey->failures > FAILURES_MOST) {
        survey->company->alone = true;
    } else if (survey->width > 1) {
        survey->width /= 2;
    } else {
        survey->at++;
    }
}

static void take_answer(struct survey *survey)
{
    const struct question *question = &survey->question;

    if (!question->answered) {
        narrow(survey);
    } else if (!survey->located) {
        survey->located = true;
        survey_take_located(survey->items, survey->count, question);
    } else {
        size_t width = survey->width;

        survey_take_heads(survey->items + survey->at, width, question, &survey->answers);
        tell_some(survey);
        survey->width = width * 2 < SURVEY_WIDTH ? width * 2 : SURVEY_WIDTH;
    }
}

/* True: the question was made anew. */
static bool go_on(struct survey *survey)
{
    take_answer(survey);
    if (ask_heads(survey)) {
        return true;
    }
    give_back_portion(survey);
    if (!survey->company->alone && !survey->run->stopping) {
        gather(survey);
    }
    if (survey->count > 0) {
        ask_located(survey);
    }
    return survey->count > 0;
}

static bool on_more(void *context)
{
    struct survey *survey = context;
    struct run *run = survey->run;
    bool more;

    slots_credential(survey->lender, true, NULL);
    slots_answered(survey->lender, false);
    more = go_on(survey);
    survey->finished = !more;
    run->pump(run); /* the survey may be gone afterwards */
    return more;
}

/* ---- from begin to end */

static void release(struct survey *survey)
{
    list_remove(&survey->node);
    slots_give_back(survey->lender, false);
    arena_release(&survey->texts);
    arena_release(&survey->answers);
    free(survey);
}

/* A survey that came to nothing is no attempt of anybody, and none is made again: whoever connects
 * next finds out what the matter is. */
static void on_done(void *context)
{
    struct survey *survey = context;
    struct run *run = survey->run;

    if (survey->question.session == 0) { /* not opened: what tries a password counts as a try */
        slots_credential(survey->lender, survey->question.heard, &survey->question.err);
    }
    survey->company->alone = survey->company->alone || !survey->finished;
    give_back_portion(survey);
    release(survey);
    run->pump(run);
}

static const char *application_name(struct survey *survey)
{
    const char *id = survey->run->order.identity->id;
    size_t length = strlen(id);

    return arena_printf(&survey->run->arena, "skein run=%s reads schemas",
                        id + (length > 6 ? length - 6 : 0));
}

bool survey_begin(struct member *member, bool probe)
{
    struct run *run = member->run;
    struct company *company = member->company;
    const struct driver *driver = run->options.driver_for(member->target->engine);
    struct survey *survey;

    if (!company || company->alone || probe || member->surveyed || member->active || !driver ||
        company->count - company->next < LEAST) {
        return false;
    }
    survey = xcalloc(1, sizeof(*survey));
    survey->run = run;
    survey->company = company;
    survey->lender = member;
    survey->terms = (struct survey_terms){.migrations = run->order.planning->migrations,
                                          .brief = run->order.mode == LIFE_EXECUTE};
    list_append(&run->surveys, &survey->node);
    take(survey, member);
    gather(survey);
    survey->question = (struct question){
        .target = member->target, .application_name = application_name(survey), .more = on_more};
    ask_located(survey);
    company_make_room(member, false);
    asker_start(&survey->asker, run->host, driver, &survey->answers, &survey->question, on_done,
                survey);
    return true;
}

void survey_drop_all(struct run *run)
{
    struct list *next;

    for (struct list *node = run->surveys.next; node != &run->surveys; node = next) {
        struct survey *survey = LIST_ITEM(node, struct survey, node);

        next = node->next;
        if (survey->asker) {
            asker_drop(survey->asker);
        }
        give_back_portion(survey);
        release(survey);
    }
}
