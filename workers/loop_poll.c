#include <stdlib.h>
#include <uv.h>

#include "base/bug.h"
#include "workers/loop_parts.h"

/* The libuv handle is bound to one number; another number needs another handle, and the old one
 * lives on until its close callback. */
struct host_poll {
    uv_loop_t *loop;
    uv_poll_t *handle; /* NULL: none yet */
    struct list node;
    int descriptor;
    host_ready_cb *callback;
    void *context;
};

struct host_poll *loop_poll_new(uv_loop_t *loop, struct list *all, host_ready_cb *callback,
                                void *context)
{
    struct host_poll *poll = xcalloc(1, sizeof(*poll));

    poll->loop = loop;
    poll->descriptor = -1;
    poll->callback = callback;
    poll->context = context;
    list_append(all, &poll->node);
    return poll;
}

static void poll_cb(uv_poll_t *handle, int status, int events)
{
    struct host_poll *poll = handle->data;
    unsigned ready = 0;

    uv_poll_stop(handle);
    if (status < 0) { /* the driver looks for itself, and finds the error */
        ready = READY_READ | READY_WRITE;
    }
    ready |= events & UV_READABLE ? READY_READ : 0;
    ready |= events & UV_WRITABLE ? READY_WRITE : 0;
    poll->callback(poll->context, ready);
}

static void closed_cb(uv_handle_t *handle)
{
    free(handle);
}

static void drop_handle(struct host_poll *poll)
{
    if (poll->handle) {
        uv_close((uv_handle_t *)poll->handle, closed_cb);
        poll->handle = NULL;
    }
}

static void renew_handle(struct host_poll *poll, int descriptor)
{
    int status;

    drop_handle(poll);
    poll->handle = xcalloc(1, sizeof(*poll->handle));
    poll->handle->data = poll;
    poll->descriptor = descriptor;
    status = uv_poll_init(poll->loop, poll->handle, descriptor);
    if (status != 0) {
        BUG("descriptor %d cannot be polled: %s", descriptor, uv_strerror(status));
    }
}

/* uv_poll_start forgets at once what the kernel had registered for the number and registers it anew
 * before the loop waits: a socket opened again under the same number is seen. */
void loop_poll_wait(struct host_poll *poll, int descriptor, unsigned events)
{
    int mask = 0;

    mask |= events & READY_READ ? UV_READABLE : 0;
    mask |= events & READY_WRITE ? UV_WRITABLE : 0;
    if (!mask) {
        BUG("poll for nothing");
    }
    if (!poll->handle || poll->descriptor != descriptor) {
        renew_handle(poll, descriptor);
    }
    uv_poll_start(poll->handle, mask, poll_cb);
}

void loop_poll_stop(struct host_poll *poll)
{
    if (poll->handle) {
        uv_poll_stop(poll->handle);
    }
}

void loop_poll_free(struct host_poll *poll)
{
    if (!poll) {
        return;
    }
    drop_handle(poll);
    list_remove(&poll->node);
    free(poll);
}

void loop_poll_free_all(struct list *all)
{
    for (struct list *node = all->next, *next; node != all; node = next) {
        next = node->next;
        loop_poll_free(LIST_ITEM(node, struct host_poll, node));
    }
}
