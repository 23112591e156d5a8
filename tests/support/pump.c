#include "pump.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pump_init(struct pump *pump, const struct driver *driver)
{
    *pump = (struct pump){.driver = driver};
    assert_int_equal(pipe(pump->pipe), 0);
}

void pump_release(struct pump *pump)
{
    pump_close(pump);
    close(pump->pipe[0]);
    close(pump->pipe[1]);
    arena_release(&pump->arena);
    arena_release(&pump->request_arena);
}

static void begin(struct pump *pump)
{
    pump->under_way = true;
    pump->ready = 0;
    pump->waiting = false;
}

static void open_connection(struct pump *pump, const struct open_options *options)
{
    assert_null(pump->connection);
    pump->connection = calloc(1, pump->driver->connection_size);
    assert_non_null(pump->connection);
    pump->err = (struct err)ERR_INIT(&pump->arena);
    assert_int_equal(pump->driver->open(pump->connection, options, &pump->err), 0);
    begin(pump);
}

void pump_open(struct pump *pump, const struct target *target, const struct address_list *addresses,
               bool read_only)
{
    struct open_options options = {
        .target = target,
        .addresses = addresses,
        .application_name = "skein conformance",
        .read_only = read_only,
        .arena = &pump->arena,
    };

    open_connection(pump, &options);
}

bool pump_reuse(struct pump *pump, const struct target *target, const char *application_name)
{
    struct open_options options = {
        .target = target, .application_name = application_name, .arena = &pump->arena};

    return pump->driver->reuse(pump->connection, &options);
}

void pump_open_first(struct pump *pump, const struct target *target,
                     const struct address_list *addresses, const struct command *commands,
                     size_t count)
{
    struct open_options options = {
        .target = target,
        .addresses = addresses,
        .application_name = "skein conformance",
        .first = &pump->request,
        .arena = &pump->arena,
    };

    arena_clear(&pump->request_arena);
    pump->request = (struct request){&pump->request_arena, commands, count};
    open_connection(pump, &options);
}

void pump_submit_first(struct pump *pump)
{
    pump->err = (struct err)ERR_INIT(&pump->request_arena);
    assert_false(pump->under_way);
    assert_int_equal(pump->driver->submit(pump->connection, &pump->request, &pump->err), 0);
    begin(pump);
}

void pump_submit(struct pump *pump, const struct command *commands, size_t count)
{
    arena_clear(&pump->request_arena);
    pump->request = (struct request){&pump->request_arena, commands, count};
    pump_submit_first(pump);
}

static void *work(void *context)
{
    struct pump *pump = context;

    pump->want.work.run(pump->want.work.context);
    assert_int_equal(write(pump->pipe[1], "x", 1), 1);
    return NULL;
}

static void end_work(struct pump *pump)
{
    char byte;

    assert_int_equal(read(pump->pipe[0], &byte, 1), 1);
    assert_int_equal(pthread_join(pump->worker, NULL), 0);
    pump->working = false;
    pump->ready = 0;
}

/* False where the time is over. */
static bool await(struct pump *pump, int64_t deadline_ms)
{
    struct pollfd one = {.fd = pump->pipe[0], .events = POLLIN};
    int64_t left = deadline_ms - now_ms();
    int count;

    if (!pump->working) {
        assert_true(pump->want.descriptor >= 0);
        assert_true(pump->want.events & (READY_READ | READY_WRITE));
        one.fd = pump->want.descriptor;
        one.events = (short)((pump->want.events & READY_READ ? POLLIN : 0) |
                             (pump->want.events & READY_WRITE ? POLLOUT : 0));
    }
    count = poll(&one, 1, left > 0 ? (int)left : 0);
    assert_true(count >= 0 || errno == EINTR);
    if (count <= 0) {
        return false;
    }
    if (pump->working) {
        end_work(pump);
        return true;
    }
    /* As libuv does: an error is both. */
    pump->ready = (one.revents & POLLIN ? READY_READ : 0u) |
                  (one.revents & POLLOUT ? READY_WRITE : 0u) |
                  (one.revents & (POLLERR | POLLHUP) ? READY_READ | READY_WRITE : 0u);
    return true;
}

/* Wall time: what a loop would be held for. */
static enum drive timed_drive(struct pump *pump)
{
    struct timespec begin, end;
    enum drive drive;
    int64_t us;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    drive =
        pump->driver->drive(pump->connection, pump->ready, &pump->want, &pump->reply, &pump->err);
    clock_gettime(CLOCK_MONOTONIC, &end);
    us = (end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000;
    pump->longest_us = us > pump->longest_us ? us : pump->longest_us;
    return drive;
}

enum drive pump_drive(struct pump *pump, int milliseconds)
{
    int64_t deadline_ms = now_ms() + milliseconds;
    enum drive drive;

    assert_true(pump->under_way);
    for (;;) {
        if ((pump->waiting || pump->working) && !await(pump, deadline_ms)) {
            return DRIVE_WAIT;
        }
        pump->waiting = false;
        drive = timed_drive(pump);
        if (drive == DRIVE_DONE || drive == DRIVE_FAIL) {
            pump->under_way = false;
            return drive;
        }
        pump->waiting = drive == DRIVE_WAIT;
        if (drive == DRIVE_WORK) {
            pump->working = true;
            assert_int_equal(pthread_create(&pump->worker, NULL, work, pump), 0);
        }
    }
}

enum drive pump_run(struct pump *pump, const struct command *commands, size_t count)
{
    pump_submit(pump, commands, count);
    return pump_drive(pump, 60000);
}

enum drive pump_sql(struct pump *pump, const char *sql)
{
    struct command command = {.sql = sql, .length = strlen(sql), .rows = true, .own = true};

    return pump_run(pump, &command, 1);
}

void pump_abort(struct pump *pump)
{
    struct work detached = {0};

    assert_int_equal(pump->driver->abort(pump->connection, &detached, &pump->err), 0);
    if (detached.run) {
        detached.run(detached.context);
    }
    if (detached.free) {
        detached.free(detached.context);
    }
    if (pump->waiting) {
        pump->waiting = false; /* given up while connecting: that is told at once */
        pump->ready = READY_TIMEOUT;
    }
}

void pump_close(struct pump *pump)
{
    struct work last;

    if (!pump->connection) {
        return;
    }
    if (pump->working) {
        end_work(pump);
    }
    if (!pump->under_way && pump->driver->finish && pump->driver->finish(pump->connection, &last)) {
        last.run(last.context);
    }
    pump->driver->close(pump->connection);
    free(pump->connection);
    pump->connection = NULL;
    pump->under_way = pump->waiting = false;
}
