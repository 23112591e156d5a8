#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workers/loop.h"

#define MS INT64_C(1000)

struct seen {
    struct host *host;
    struct host_timer *timer;
    struct host_poll *poll;
    int calls;
    unsigned ready;
    int64_t at_us;
    bool inside; /* the function that asked has not returned */
    bool stop;
    int order, *counter;
};

static struct host *host;

static int setup(void **state)
{
    (void)state;
    host = loop_new(3);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (host) {
        loop_free(host);
    }
    return 0;
}

static const struct host_table *table(void)
{
    return host->table;
}

static void on_done(void *context)
{
    struct seen *seen = context;

    assert_false(seen->inside);
    seen->calls++;
    seen->at_us = table()->now_us(host);
    seen->order = seen->counter ? ++*seen->counter : 0;
    if (seen->stop) {
        table()->stop(host);
    }
}

/* ---- timers */

static void test_timer_is_never_early_and_fires_once(void **state)
{
    static const int64_t delays[] = {0, 1, 999, 1000, 1001, 2500, 5000, -5};

    (void)state;
    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
        struct seen seen = {.inside = true};
        int64_t begin = table()->now_us(host);
        struct host_timer *timer = table()->timer_new(host, on_done, &seen);

        table()->timer_set(timer, delays[i]);
        seen.inside = false;
        table()->run(host);
        assert_int_equal(seen.calls, 1);
        assert_true(seen.at_us - begin >= delays[i]);
        table()->run(host); /* nothing is armed: returns at once */
        assert_int_equal(seen.calls, 1);
        table()->timer_free(timer);
    }
}

static void test_timers_fire_in_order_and_are_rearmed_and_stopped(void **state)
{
    int counter = 0;
    struct seen seen[3] = {{.counter = &counter}, {.counter = &counter}, {.counter = &counter}};
    struct host_timer *timers[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        timers[i] = table()->timer_new(host, on_done, &seen[i]);
        table()->timer_set(timers[i], (i + 1) * MS);
    }
    table()->timer_set(timers[0], 10 * MS); /* moved behind the second */
    table()->timer_stop(timers[2]);
    table()->run(host);
    assert_int_equal(seen[1].order, 1);
    assert_int_equal(seen[0].order, 2);
    assert_int_equal(seen[2].calls, 0);
    for (int i = 0; i < 3; i++) {
        table()->timer_free(timers[i]);
    }
}

static void on_free_self(void *context)
{
    struct seen *seen = context;

    seen->calls++;
    table()->timer_free(seen->timer);
}

static void test_timer_frees_itself(void **state)
{
    struct seen seen = {0};

    (void)state;
    seen.timer = table()->timer_new(host, on_free_self, &seen);
    table()->timer_set(seen.timer, 0);
    table()->run(host);
    assert_int_equal(seen.calls, 1);
}

static void test_what_is_left_is_freed_with_the_loop(void **state)
{
    struct seen seen = {0};
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    table()->timer_set(table()->timer_new(host, on_done, &seen), 0);
    table()->poll_wait(table()->poll_new(host, NULL, NULL), ends[0], READY_WRITE);
    loop_free(host);
    host = NULL;
    assert_int_equal(seen.calls, 0);
    close(ends[0]);
    close(ends[1]);
}

/* ---- polls */

static void on_ready(void *context, unsigned ready)
{
    struct seen *seen = context;

    assert_false(seen->inside);
    seen->calls++;
    seen->ready = ready;
}

static void wait_for(struct seen *seen, int descriptor, unsigned events)
{
    seen->inside = true;
    table()->poll_wait(seen->poll, descriptor, events);
    seen->inside = false;
}

static void test_poll_waits_once(void **state)
{
    struct seen seen = {0};
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    seen.poll = table()->poll_new(host, on_ready, &seen);
    wait_for(&seen, ends[0], READY_WRITE);
    table()->run(host);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.ready, READY_WRITE);
    table()->run(host); /* nothing is waited for any more */
    assert_int_equal(seen.calls, 1);

    assert_int_equal(write(ends[1], "x", 1), 1);
    wait_for(&seen, ends[0], READY_READ | READY_WRITE);
    table()->run(host);
    assert_int_equal(seen.ready, READY_READ | READY_WRITE);

    wait_for(&seen, ends[0], READY_READ);
    table()->poll_stop(seen.poll);
    table()->run(host);
    assert_int_equal(seen.calls, 2);
    table()->poll_free(seen.poll);
    close(ends[0]);
    close(ends[1]);
}

static void on_timer_writes(void *context)
{
    assert_int_equal(write(*(int *)context, "x", 1), 1);
}

/* libpq closes a socket and opens another that gets the same number; and changes to another. */
static void test_poll_sees_a_socket_under_the_same_number(void **state)
{
    struct seen seen = {0};
    int first[2], second[2], third[2];
    struct host_timer *timer;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, first), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, second), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, third), 0);
    seen.poll = table()->poll_new(host, on_ready, &seen);
    wait_for(&seen, first[0], READY_WRITE);
    table()->run(host);
    assert_int_equal(seen.calls, 1);

    assert_true(dup2(second[0], first[0]) >= 0); /* closes, and opens under the number */
    timer = table()->timer_new(host, on_timer_writes, &second[1]);
    table()->timer_set(timer, MS); /* after the loop began to wait */
    wait_for(&seen, first[0], READY_READ);
    table()->run(host);
    assert_int_equal(seen.calls, 2);
    assert_int_equal(seen.ready, READY_READ);

    /* The old socket's other end must wake nobody. */
    close(first[1]);
    assert_int_equal(write(third[1], "x", 1), 1);
    wait_for(&seen, third[0], READY_READ);
    table()->run(host);
    assert_int_equal(seen.calls, 3);
    table()->poll_free(seen.poll);
    table()->timer_free(timer);
    close(first[0]);
    for (int i = 0; i < 2; i++) {
        close(second[i]);
        close(third[i]);
    }
}

static void test_poll_wakes_for_a_peer_that_went_away(void **state)
{
    struct seen seen = {0};
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    seen.poll = table()->poll_new(host, on_ready, &seen);
    close(ends[1]);
    wait_for(&seen, ends[0], READY_READ);
    table()->run(host);
    assert_int_equal(seen.calls, 1);
    assert_true(seen.ready & READY_READ);
    table()->poll_free(seen.poll);
    close(ends[0]);
}

/* ---- work */

struct job {
    pthread_t thread;
    pthread_barrier_t *barrier;
    atomic_int runs;
    int done, freed;
    bool inside;
    int *left;
};

static void job_run(void *context)
{
    struct job *job = context;

    job->thread = pthread_self();
    if (job->barrier) {
        pthread_barrier_wait(job->barrier);
    }
    atomic_fetch_add(&job->runs, 1);
}

static void job_done(void *context)
{
    struct job *job = context;

    assert_false(job->inside);
    assert_int_equal(atomic_load(&job->runs), 1);
    assert_int_equal(job->freed, 0);
    job->done++;
    if (job->left) {
        --*job->left;
    }
}

static void job_free(void *context)
{
    ((struct job *)context)->freed++;
}

static void submit(struct job *job, host_done_cb *done)
{
    struct work work = {job_run, job, job_free};

    job->inside = true;
    table()->work(host, &work, done, job);
    job->inside = false;
}

static void test_work_runs_once_off_the_loop(void **state)
{
    enum { COUNT = 500 };
    static struct job jobs[COUNT];
    int left = COUNT;

    (void)state;
    memset(jobs, 0, sizeof(jobs));
    for (int i = 0; i < COUNT; i++) {
        jobs[i].left = &left;
        submit(&jobs[i], job_done);
    }
    table()->run(host); /* pending work holds the loop */
    assert_int_equal(left, 0);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(jobs[i].done, 1);
        assert_int_equal(jobs[i].freed, 1);
        assert_false(pthread_equal(jobs[i].thread, pthread_self()));
    }
}

/* Each piece waits for all others: fewer than three threads would never end. */
static void test_work_uses_all_threads(void **state)
{
    pthread_barrier_t barrier;

    (void)state;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 3), 0);
    for (int round = 0; round < 50; round++) {
        struct job jobs[3] = {{.barrier = &barrier}, {.barrier = &barrier}, {.barrier = &barrier}};

        for (int i = 0; i < 3; i++) {
            submit(&jobs[i], job_done);
        }
        table()->run(host);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(jobs[i].done, 1);
            assert_int_equal(jobs[i].freed, 1);
        }
    }
    pthread_barrier_destroy(&barrier);
}

struct chain {
    int left;
};

static void chain_run(void *context)
{
    ((struct chain *)context)->left--;
}

static void chain_done(void *context)
{
    struct chain *chain = context;
    struct work work = {chain_run, chain, NULL};

    if (chain->left > 0) {
        table()->work(host, &work, chain_done, chain);
    }
}

static void test_work_follows_work(void **state)
{
    struct chain chain = {200};

    (void)state;
    chain.left++;
    chain_run(&chain);
    chain_done(&chain);
    table()->run(host);
    assert_int_equal(chain.left, 0);
}

static void gate_run(void *context)
{
    char byte;

    while (read(*(int *)context, &byte, 1) > 0) {
    }
}

static void nothing_done(void *context)
{
    (void)context;
}

/* Three threads are kept busy; the fourth piece of work never begins, but is freed. */
static void test_work_that_waits_is_dropped(void **state)
{
    struct job job = {0};
    struct work gate = {.run = gate_run};
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    gate.context = &ends[0];
    for (int i = 0; i < 3; i++) {
        table()->work(host, &gate, nothing_done, NULL);
    }
    submit(&job, job_done);
    assert_int_equal(write(ends[1], "x", 1), 1); /* TSan wants the threads to have begun */
    close(ends[1]);
    loop_free(host);
    host = NULL;
    close(ends[0]);
    /* It may have begun where a gate opened early enough; its callback came in no case. */
    assert_int_equal(job.done, 0);
    assert_int_equal(job.freed, 1);
}

/* ---- names */

struct answer {
    const struct address_list *addresses;
    const char *message;
    int calls;
    bool inside;
};

static void on_resolved(void *context, const struct address_list *addresses, const char *message)
{
    struct answer *answer = context;

    assert_false(answer->inside);
    answer->addresses = addresses;
    answer->message = message;
    answer->calls++;
}

static void resolve(struct answer *answer, const char *name)
{
    *answer = (struct answer){.inside = true};
    table()->resolve(host, name, "5432", on_resolved, answer);
    answer->inside = false;
}

static void test_addresses_need_no_look_up(void **state)
{
    static const struct {
        const char *name;
        size_t count;
    } rows[] = {{"127.0.0.1", 1}, {"::1", 1}, {"fe80::1", 1}, {"/var/run/postgresql", 0},
                {"@abstract", 0}, {"", 0},    {NULL, 0},      {"127.0.0.1", 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct answer answer;

        resolve(&answer, rows[i].name);
        table()->run(host);
        assert_int_equal(answer.calls, 1);
        assert_null(answer.message);
        assert_int_equal(answer.addresses->count, rows[i].count);
        if (rows[i].count) {
            assert_string_equal(answer.addresses->items[0], rows[i].name);
        }
    }
}

static void test_a_name_is_looked_up_once(void **state)
{
    struct answer answers[20];

    (void)state;
    for (int i = 0; i < 20; i++) {
        resolve(&answers[i], "localhost");
        if (i >= 10) { /* the first ten ask together, the others later: from the cache */
            table()->run(host);
        }
    }
    for (int i = 0; i < 20; i++) {
        assert_int_equal(answers[i].calls, 1);
        assert_null(answers[i].message);
        assert_true(answers[i].addresses->count >= 1);
        assert_ptr_equal(answers[i].addresses->items, answers[0].addresses->items);
    }
    assert_true(strcmp(answers[0].addresses->items[0], "127.0.0.1") == 0 ||
                strcmp(answers[0].addresses->items[0], "::1") == 0);
}

static void test_a_name_that_cannot_be(void **state)
{
    struct answer answer;

    (void)state;
    resolve(&answer, "two words.invalid");
    table()->run(host);
    assert_int_equal(answer.calls, 1);
    assert_non_null(answer.message);
    assert_int_equal(answer.addresses->count, 0);
}

/* Whatever is under way when the host goes away: no callback, no leak. */
static void test_a_look_up_is_left_behind(void **state)
{
    struct answer answers[3];

    (void)state;
    resolve(&answers[0], "localhost");
    resolve(&answers[1], "localhost");
    resolve(&answers[2], "127.0.0.1");
    loop_free(host);
    host = NULL;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(answers[i].calls, 0);
    }
}

/* ---- run, stop, signals */

static void test_stop_ends_the_run(void **state)
{
    struct seen first = {.stop = true}, second = {0};
    struct host_timer *timers[2];

    (void)state;
    timers[0] = table()->timer_new(host, on_done, &first);
    timers[1] = table()->timer_new(host, on_done, &second);
    table()->timer_set(timers[0], 0);
    table()->timer_set(timers[1], 20 * MS);
    table()->run(host);
    assert_int_equal(first.calls, 1);
    assert_int_equal(second.calls, 0);
    table()->run(host); /* goes on where it stopped */
    assert_int_equal(second.calls, 1);
    table()->timer_free(timers[0]);
    table()->timer_free(timers[1]);
}

static int last_signal;

static void on_signal(void *context, int number)
{
    last_signal = number;
    *(int *)context += 1;
    table()->stop(host);
}

static void test_signals_come_on_the_loop(void **state)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    int calls = 0;

    (void)state;
    loop_on_signal(host, on_signal, &calls);
    table()->run(host); /* they do not hold the loop */
    for (int i = 0; i < 3; i++) {
        struct seen seen = {0};
        struct host_timer *timer = table()->timer_new(host, on_done, &seen);

        raise(numbers[i]);
        table()->timer_set(timer, 5000 * MS); /* holds the loop until the signal came */
        table()->run(host);
        assert_int_equal(seen.calls, 0);
        assert_int_equal(calls, i + 1);
        assert_int_equal(last_signal, numbers[i]);
        table()->timer_free(timer);
    }
    raise(SIGPIPE); /* nothing */
}

static void test_clocks(void **state)
{
    int64_t before = table()->now_us(host);

    (void)state;
    assert_true(table()->now_us(host) >= before);
    assert_true(table()->wall_us(host) > INT64_C(1700000000000000));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_timer_is_never_early_and_fires_once),
        TEST(test_timers_fire_in_order_and_are_rearmed_and_stopped),
        TEST(test_timer_frees_itself),
        TEST(test_what_is_left_is_freed_with_the_loop),
        TEST(test_poll_waits_once),
        TEST(test_poll_sees_a_socket_under_the_same_number),
        TEST(test_poll_wakes_for_a_peer_that_went_away),
        TEST(test_work_runs_once_off_the_loop),
        TEST(test_work_uses_all_threads),
        TEST(test_work_follows_work),
        TEST(test_work_that_waits_is_dropped),
        TEST(test_addresses_need_no_look_up),
        TEST(test_a_name_is_looked_up_once),
        TEST(test_a_name_that_cannot_be),
        TEST(test_a_look_up_is_left_behind),
        TEST(test_stop_ends_the_run),
        TEST(test_signals_come_on_the_loop),
        TEST(test_clocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
