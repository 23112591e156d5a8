/*
 * One look-up a name: who asks while it is under way waits for it, who asks within a minute gets
 * the same answer. Every answer comes from the loop, never from inside the question.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/bug.h"
#include "base/clock.h"
#include "base/map.h"
#include "workers/loop_parts.h"

#define NAME_THREADS  4
#define FOUND_US      INT64_C(60000000)
#define NOT_FOUND_US  INT64_C(1000000) /* short: the next attempt asks anew */
#define ADDRESSES_MAX 16

struct waiter {
    struct list node;
    host_resolved_cb *callback;
    void *context;
    struct lookup *lookup;            /* NULL: the answer is known */
    const struct address_list *known; /* lookup NULL: the answer */
};

/* What a thread works on: all of it is its own, so that it can be left behind. */
struct question {
    char *name;
    int status; /* of getaddrinfo */
    char texts[ADDRESSES_MAX][INET6_ADDRSTRLEN + 16 /* %scope */];
    size_t count;
    struct lookup *lookup; /* the loop's thread only */
};

struct lookup {
    struct loop_names *names;
    const char *name;
    bool under_way;
    struct list waiters;
    struct host_timer *limit;
    int64_t fresh_until_us; /* of the answer below; 0: none yet */
    struct address_list addresses;
    const char *message;
};

struct loop_names {
    uv_loop_t *loop;
    struct arena arena;
    struct loop_pool *pool;
    struct list timers;
    struct map lookups;   /* name -> struct lookup */
    struct list answered; /* waiters whose answer is known */
    uv_idle_t *idle;      /* runs while there are such */
};

static const struct address_list no_lookup_needed = {NULL, 0};

static void answer(struct waiter *waiter)
{
    const struct lookup *lookup = waiter->lookup;

    list_remove(&waiter->node);
    if (lookup) {
        waiter->callback(waiter->context, &lookup->addresses, lookup->message);
    } else {
        waiter->callback(waiter->context, waiter->known, NULL);
    }
    free(waiter);
}

/* Only those that are there now: a callback may ask again. */
static void answer_all(struct list *waiters)
{
    struct list now;

    list_init(&now);
    while (!list_empty(waiters)) {
        struct list *node = list_first(waiters);

        list_remove(node);
        list_append(&now, node);
    }
    while (!list_empty(&now)) {
        answer(LIST_ITEM(list_first(&now), struct waiter, node));
    }
}

static void idle_cb(uv_idle_t *idle)
{
    struct loop_names *names = idle->data;

    uv_idle_stop(idle); /* what callbacks ask now starts it again */
    answer_all(&names->answered);
}

static void on_limit(void *context)
{
    struct lookup *lookup = context;

    lookup->addresses = no_lookup_needed;
    lookup->message = "the resolver does not answer";
    answer_all(&lookup->waiters);
}

static void question_run(void *context)
{
    struct question *question = context;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;

    question->status = getaddrinfo(question->name, NULL, &hints, &found);
    if (question->status != 0) {
        return;
    }
    for (struct addrinfo *one = found; one && question->count < ADDRESSES_MAX; one = one->ai_next) {
        char *text = question->texts[question->count];

        if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof(question->texts[0]), NULL, 0,
                        NI_NUMERICHOST) == 0) {
            question->count++;
        }
    }
    freeaddrinfo(found);
}

static void question_free(void *context)
{
    struct question *question = context;

    free(question->name);
    free(question);
}

/* The last answer is kept where it is the same: addresses live as long as the host. */
static bool same_addresses(const struct address_list *list, const struct question *question)
{
    if (list->count != question->count) {
        return false;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], question->texts[i]) != 0) {
            return false;
        }
    }
    return true;
}

static void keep_addresses(struct lookup *lookup, const struct question *question)
{
    struct arena *arena = &lookup->names->arena;
    const char **items;

    if (same_addresses(&lookup->addresses, question)) {
        return;
    }
    items = arena_array(arena, question->count, sizeof(*items));
    for (size_t i = 0; i < question->count; i++) {
        items[i] = arena_strdup(arena, question->texts[i]);
    }
    lookup->addresses = (struct address_list){items, question->count};
}

static void on_question_done(void *context)
{
    struct question *question = context;
    struct lookup *lookup = question->lookup;
    int64_t now = clock_system.monotonic_us(NULL);

    lookup->under_way = false;
    loop_timer_stop(lookup->limit);
    if (question->count > 0) {
        keep_addresses(lookup, question);
        lookup->message = NULL;
        lookup->fresh_until_us = now + FOUND_US;
    } else {
        lookup->addresses = no_lookup_needed;
        lookup->message = question->status ? gai_strerror(question->status) : "no address";
        lookup->fresh_until_us = now + NOT_FOUND_US;
    }
    answer_all(&lookup->waiters);
}

static void ask_system(struct lookup *lookup)
{
    struct question *question = xcalloc(1, sizeof(*question));
    struct work work = {question_run, question, question_free};

    question->name = xstrdup(lookup->name);
    question->lookup = lookup;
    lookup->under_way = true;
    loop_pool_work(lookup->names->pool, &work, on_question_done, question);
}

static struct lookup *lookup_for(struct loop_names *names, const char *name)
{
    struct lookup *lookup = map_get(&names->lookups, name);

    if (!lookup) {
        lookup = arena_alloc(&names->arena, sizeof(*lookup));
        lookup->names = names;
        lookup->name = arena_strdup(&names->arena, name);
        list_init(&lookup->waiters);
        lookup->limit = loop_timer_new(names->loop, &names->timers, on_limit, lookup);
        map_set(&names->lookups, lookup->name, lookup);
    }
    return lookup;
}

static void answer_soon(struct loop_names *names, struct waiter *waiter)
{
    list_append(&names->answered, &waiter->node);
    uv_idle_start(names->idle, idle_cb);
}

static bool is_numeric(const char *name)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST};
    struct addrinfo *found;

    if (getaddrinfo(name, NULL, &hints, &found) != 0) {
        return false;
    }
    freeaddrinfo(found);
    return true;
}

/* The answer for a name that is its own address; kept once per name. */
static const struct address_list *numeric_answer(struct loop_names *names, const char *name)
{
    struct lookup *lookup = map_get(&names->lookups, name);
    const char **items;

    if (!lookup) {
        lookup = lookup_for(names, name);
        items = arena_array(&names->arena, 1, sizeof(*items));
        items[0] = lookup->name;
        lookup->addresses = (struct address_list){items, 1};
    }
    return &lookup->addresses;
}

void loop_names_resolve(struct loop_names *names, const char *name, host_resolved_cb *callback,
                        void *context)
{
    struct waiter *waiter = xcalloc(1, sizeof(*waiter));
    struct lookup *lookup;

    waiter->callback = callback;
    waiter->context = context;
    if (!name || !*name || *name == '/' || *name == '@') {
        waiter->known = &no_lookup_needed;
        answer_soon(names, waiter);
        return;
    }
    if (is_numeric(name)) {
        waiter->known = numeric_answer(names, name);
        answer_soon(names, waiter);
        return;
    }
    lookup = lookup_for(names, name);
    waiter->lookup = lookup;
    if (!lookup->under_way && clock_system.monotonic_us(NULL) < lookup->fresh_until_us) {
        answer_soon(names, waiter);
        return;
    }
    if (list_empty(&lookup->waiters)) {
        loop_timer_set(lookup->limit, LOOKUP_SECONDS * INT64_C(1000000));
    }
    list_append(&lookup->waiters, &waiter->node);
    if (!lookup->under_way) {
        ask_system(lookup);
    }
}

struct loop_names *loop_names_new(uv_loop_t *loop)
{
    struct loop_names *names = xcalloc(1, sizeof(*names));

    names->loop = loop;
    /* Who waits for a name has its limit's timer armed: that holds the loop, a resolver that hangs
     * does not. */
    names->pool = loop_pool_new(loop, NAME_THREADS, false, 0);
    map_init(&names->lookups, &names->arena);
    list_init(&names->answered);
    list_init(&names->timers);
    names->idle = xcalloc(1, sizeof(*names->idle));
    if (uv_idle_init(loop, names->idle) != 0) {
        BUG("libuv refuses an idle handle");
    }
    names->idle->data = names;
    return names;
}

static void closed_cb(uv_handle_t *handle)
{
    free(handle);
}

static void drop_waiters(struct list *waiters)
{
    for (struct list *node = waiters->next, *next; node != waiters; node = next) {
        next = node->next;
        free(LIST_ITEM(node, struct waiter, node));
    }
    list_init(waiters);
}

void loop_names_free(struct loop_names *names)
{
    for (size_t i = 0; i < names->lookups.count; i++) {
        struct lookup *lookup = names->lookups.entries[i].value;

        drop_waiters(&lookup->waiters);
    }
    drop_waiters(&names->answered);
    loop_pool_free(names->pool);
    loop_timer_free_all(&names->timers);
    uv_close((uv_handle_t *)names->idle, closed_cb);
    arena_release(&names->arena);
    free(names);
}
