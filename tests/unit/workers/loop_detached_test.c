/* Work beside the loop that nobody waits for: a cancel that may hang. */
#include <stdatomic.h>
#include <unistd.h>

#include "check.h"
#include "workers/loop.h"

struct job {
    atomic_int runs, frees;
    int gate; /* read until its end; -1: none */
};

static void job_run(void *context)
{
    struct job *job = context;
    char byte;

    while (job->gate >= 0 && read(job->gate, &byte, 1) > 0) {
    }
    atomic_fetch_add(&job->runs, 1);
}

static void job_free(void *context)
{
    atomic_fetch_add(&((struct job *)context)->frees, 1);
}

static void detach(struct host *host, struct job *job)
{
    struct work work = {job_run, job, job_free};

    host->table->work(host, &work, NULL, NULL);
}

static void test_the_end_waits_for_what_is_detached(void **state)
{
    enum { COUNT = 20 };
    struct job jobs[COUNT];
    struct host *host = loop_new(1);

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        jobs[i] = (struct job){.gate = -1};
        detach(host, &jobs[i]);
    }
    loop_free(host);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(atomic_load(&jobs[i].runs), 1);
        assert_int_equal(atomic_load(&jobs[i].frees), 1);
    }
}

/* But not for ever: it is left behind, and frees what it has when it ends. */
static void test_what_hangs_is_left_behind(void **state)
{
    static struct job job;
    struct host *host = loop_new(1);
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    job.gate = ends[0];
    detach(host, &job);
    host->table->run(host); /* it does not hold the loop */
    loop_free(host);
    assert_int_equal(atomic_load(&job.frees), 0);
    close(ends[1]);
    for (int i = 0; i < 10000 && atomic_load(&job.frees) == 0; i++) {
        usleep(1000);
    }
    assert_int_equal(atomic_load(&job.runs), 1);
    assert_int_equal(atomic_load(&job.frees), 1);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_end_waits_for_what_is_detached),
        cmocka_unit_test(test_what_hangs_is_left_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
