/*
 * Jobs wait in `queued`, run on a thread, and come back to the loop through `finished`: one wake-up
 * of the loop serves all that finished since the last one.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

#include "base/bug.h"
#include "base/clock.h"
#include "workers/loop_parts.h"

struct job {
    struct job *next;
    struct work work;
    host_done_cb *done;
    void *context;
};

struct job_queue {
    struct job *first, **end;
};

struct loop_pool {
    uv_async_t *async; /* the loop's thread only, but for uv_async_send under `mutex` */
    size_t pending;    /* not yet called back; the loop's thread only */
    bool holds_loop;   /* pending work keeps the loop running, threads are waited for; fixed */
    unsigned patience; /* seconds that the end waits for them all the same; fixed */
    struct job *spare; /* to be used again; the loop's thread only */

    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t wake, done;
    struct job_queue queued, finished;
    size_t unfinished;                      /* queued, or run by a thread */
    unsigned limit, threads, idle, waiting; /* `waiting` jobs are queued */
    pthread_t *joinable;
    unsigned owners; /* the loop and each thread that was left behind */
    bool closed;     /* threads end when they look */
    bool left;       /* closed without waiting: a thread frees what it ran */
};

static void queue_init(struct job_queue *queue)
{
    queue->first = NULL;
    queue->end = &queue->first;
}

static void queue_append(struct job_queue *queue, struct job *job)
{
    job->next = NULL;
    *queue->end = job;
    queue->end = &job->next;
}

static struct job *queue_take(struct job_queue *queue)
{
    struct job *job = queue->first;

    if (job) {
        queue->first = job->next;
        if (!queue->first) {
            queue->end = &queue->first;
        }
    }
    return job;
}

static void free_work(const struct work *work)
{
    if (work->free) {
        work->free(work->context);
    }
}

static void release_pool(struct loop_pool *pool)
{
    pthread_cond_destroy(&pool->wake);
    pthread_cond_destroy(&pool->done);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->joinable);
    free(pool);
}

/* With the mutex held, a job to run, or NULL when the pool is closed. */
static struct job *next_job(struct loop_pool *pool)
{
    while (!pool->closed && !pool->queued.first) {
        pool->idle++;
        pthread_cond_wait(&pool->wake, &pool->mutex);
        pool->idle--;
    }
    if (pool->closed) {
        return NULL;
    }
    pool->waiting--;
    return queue_take(&pool->queued);
}

/* With the mutex held, which is let go while the loop is woken: it would run into it at once. But
 * where nobody waits for the threads, the wake-up may be closed as soon as the mutex is free. */
static void finish_job(struct loop_pool *pool, struct job *job)
{
    bool first = !pool->finished.first;

    if (--pool->unfinished == 0) {
        pthread_cond_signal(&pool->done);
    }
    if (pool->left) { /* nobody else is there any more */
        free_work(&job->work);
        free(job);
        return;
    }
    queue_append(&pool->finished, job);
    if (first && !pool->holds_loop) {
        uv_async_send(pool->async);
    } else if (first) {
        pthread_mutex_unlock(&pool->mutex);
        uv_async_send(pool->async);
        pthread_mutex_lock(&pool->mutex);
    }
}

static void *thread_cb(void *context)
{
    struct loop_pool *pool = context;
    struct job *job;
    bool last;

    pthread_mutex_lock(&pool->mutex);
    while ((job = next_job(pool))) {
        pthread_mutex_unlock(&pool->mutex);
        job->work.run(job->work.context);
        pthread_mutex_lock(&pool->mutex);
        finish_job(pool, job);
    }
    last = pool->left && --pool->owners == 0;
    pthread_mutex_unlock(&pool->mutex);
    if (last) {
        release_pool(pool);
    }
    return NULL;
}

static void async_cb(uv_async_t *async)
{
    struct loop_pool *pool = async->data;
    struct job_queue finished;
    struct job *job;

    queue_init(&finished);
    pthread_mutex_lock(&pool->mutex);
    if (pool->finished.first) {
        finished = pool->finished;
        queue_init(&pool->finished);
    }
    pthread_mutex_unlock(&pool->mutex);
    while ((job = queue_take(&finished))) {
        struct job copy = *job;

        /* Given back before the callback: it often has the next piece of work at once. */
        job->next = pool->spare;
        pool->spare = job;
        if (--pool->pending == 0 && pool->holds_loop) {
            uv_unref((uv_handle_t *)async);
        }
        if (copy.done) {
            copy.done(copy.context);
        }
        free_work(&copy.work);
    }
}

struct loop_pool *loop_pool_new(uv_loop_t *loop, unsigned threads, bool holds_loop,
                                unsigned patience)
{
    struct loop_pool *pool = xcalloc(1, sizeof(*pool));

    if (threads == 0) {
        BUG("a pool without threads");
    }
    pool->async = xcalloc(1, sizeof(*pool->async));
    if (uv_async_init(loop, pool->async, async_cb) != 0) {
        BUG("libuv refuses a wake-up");
    }
    pool->async->data = pool;
    uv_unref((uv_handle_t *)pool->async); /* until there is work */
    pool->holds_loop = holds_loop;
    pool->patience = patience;
    queue_init(&pool->queued);
    queue_init(&pool->finished);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->done, NULL);
    pool->limit = threads;
    pool->joinable = xcalloc(threads, sizeof(*pool->joinable));
    pool->owners = 1;
    return pool;
}

/* With the mutex held. Signals are for the loop: a call of a thread must not be interrupted. */
static void start_thread(struct loop_pool *pool)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&pool->joinable[pool->threads], NULL, thread_cb, pool) == 0) {
        pool->threads++;
    } else if (pool->threads == 0) {
        BUG("the system has no thread to give");
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void loop_pool_work(struct loop_pool *pool, const struct work *work, host_done_cb *done,
                    void *context)
{
    struct job *job = pool->spare;
    bool wake = true;

    if (job) {
        pool->spare = job->next;
    } else {
        job = xcalloc(1, sizeof(*job));
    }
    *job = (struct job){.work = *work, .done = done, .context = context};
    if (pool->pending++ == 0 && pool->holds_loop) {
        uv_ref((uv_handle_t *)pool->async);
    }
    pthread_mutex_lock(&pool->mutex);
    queue_append(&pool->queued, job);
    pool->unfinished++;
    /* A thread that was woken counts as idle until it runs: more jobs than idle threads need more.
     */
    if (++pool->waiting > pool->idle && pool->threads < pool->limit) {
        start_thread(pool);
        wake = false;
    }
    pthread_mutex_unlock(&pool->mutex);
    if (wake) {
        pthread_cond_signal(&pool->wake);
    }
}

static void closed_cb(uv_handle_t *handle)
{
    free(handle);
}

static void drop_jobs(struct job_queue *queue)
{
    struct job *job;

    while ((job = queue_take(queue))) {
        free_work(&job->work);
        free(job);
    }
}

static void drop_spare(struct loop_pool *pool)
{
    while (pool->spare) {
        struct job *job = pool->spare;

        pool->spare = job->next;
        free(job);
    }
}

/* With the mutex held. */
static void wait_for_all(struct loop_pool *pool)
{
    int64_t until_us = clock_system.wall_us(clock_system.context) + pool->patience * 1000000LL;
    struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};

    while (pool->unfinished > 0 &&
           pthread_cond_timedwait(&pool->done, &pool->mutex, &until) != ETIMEDOUT) {
    }
}

void loop_pool_free(struct loop_pool *pool)
{
    bool wait = pool->holds_loop, last;

    pthread_mutex_lock(&pool->mutex);
    if (pool->patience > 0) {
        wait_for_all(pool);
    }
    pool->closed = true;
    pool->left = !wait;
    pool->owners += wait ? 0 : pool->threads;
    drop_jobs(&pool->queued);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (unsigned i = 0; i < pool->threads; i++) {
        if (wait) {
            pthread_join(pool->joinable[i], NULL);
        } else {
            pthread_detach(pool->joinable[i]);
        }
    }
    pthread_mutex_lock(&pool->mutex);
    drop_jobs(&pool->finished);
    drop_spare(pool);
    uv_close((uv_handle_t *)pool->async, closed_cb);
    last = --pool->owners == 0;
    pthread_mutex_unlock(&pool->mutex);
    if (last) {
        release_pool(pool);
    }
}
