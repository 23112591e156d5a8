/*
 * life.h: the life of one target in one run, as a pure machine: an event with its time goes in, one
 * demand comes out. No socket, no clock, no driver call: run.c performs the demands. States, moves
 * and what each leaves behind: docs/design.md; laws: contract, section 8.
 *
 *   QUEUED -> CONNECT -> PEEK -> PLACE -> LOCK -> READ -> DECIDE -> EXECUTE … -> COMMIT -> CLOSE ->
 * DONE
 *
 * with one way to retry: CLOSE -> BACKOFF -> QUEUED -> CONNECT. A lost connection decides nothing:
 * the next attempt takes the same lock and reads.
 */
#ifndef SKEIN_WORKERS_LIFE_H
#define SKEIN_WORKERS_LIFE_H

#include <stdint.h>

#include "base/holder.h"
#include "base/machine.h"
#include "base/random.h"
#include "model/fleet.h"
#include "model/outcome.h"
#include "model/run.h"
#include "planner/plan.h"
#include "workers/driver.h"

enum life_mode {
    LIFE_READ, /* ends after PEEK with what was read: status, current, targets --ping, the first
                  pass of downgrade */
    LIFE_PLAN, /* PEEK, then the require checks of the pending revisions, read-only: plan, --dry-run
                */
    LIFE_EXECUTE, /* upgrade, downgrade, stamp */
    LIFE_RESOLVE, /* settle an open row */
};

enum resolution {
    RESOLVE_SHOW, /* --dry-run */
    RESOLVE_APPLIED,
    RESOLVE_REVERTED,
    RESOLVE_DONE_TO,
};

/* One for all targets of a run; immutable while it runs. */
struct life_order {
    enum life_mode mode;
    const struct planning *planning; /* goal, graph, migrations */
    const struct run_identity *identity;
    const struct retry_policy *retry;
    int64_t target_timeout_us;        /* 0: none */
    const char *const *allow_changed; /* full ids of --allow-changed */
    size_t allow_changed_count;
    const struct pair_list *extra_vars; /* -x, over the tenants' vars */
    bool relative; /* the goal was typed relative (+N, -N …): a target found elsewhere under its
                      lock, and not by this run's own rows, is `stale` */
    enum resolution resolution;
    size_t done_to; /* RESOLVE_DONE_TO */
    /* The plan for heads that were read, shared by the group: cached by run.c, made by plan_make().
     */
    const struct plan *(*plan_for)(void *context, enum engine engine, const char *const *rows,
                                   size_t count);
    void *plan_context;
};

enum life_state {
    LIFE_STATE_QUEUED, /* holds nothing; waits to be admitted */
    LIFE_STATE_CONNECT,
    LIFE_STATE_PEEK,    /* identity, heads, open rows; nothing to do ends here */
    LIFE_STATE_PLACE,   /* connected, waits for a place in its plan group */
    LIFE_STATE_LOCK,    /* tried, and tried again */
    LIFE_STATE_READ,    /* again, under the lock */
    LIFE_STATE_CHECK,   /* require: or a plan's read-only checks */
    LIFE_STATE_EXECUTE, /* operations inside a transaction, up to but without COMMIT */
    LIFE_STATE_MARK,    /* attempted/done written, outside a transaction */
    LIFE_STATE_OFF,     /* a statement outside a transaction */
    LIFE_STATE_COMMIT,
    LIFE_STATE_ROLLBACK,
    LIFE_STATE_CLOSE,
    LIFE_STATE_BACKOFF, /* holds nothing; a timer */
    LIFE_STATE_DONE,
    LIFE_STATE_COUNT
};

/* The checked table of moves; printed by `skein debug fsm`. */
extern const struct machine life_machine;

enum life_event_kind {
    LIFE_TOLD,     /* before the first ADMITTED: a connection that read many schemas says what PEEK
                      would     have been answered. The life ends where PEEK would end it by that alone,
                      without     another question; else the demand is NOTHING, and it knows as little
                      as     before */
    LIFE_ADMITTED, /* slots taken: begin an attempt */
    LIFE_OPENED,
    LIFE_REPLIED,  /* request done; reply is valid during the call */
    LIFE_FAILED,   /* open or request failed; err, reply (reply->answered, reply->completed) */
    LIFE_PLACED,   /* the place asked for is given */
    LIFE_NO_PLACE, /* waited too long for a place: give the connection back and queue again */
    LIFE_TIMER, /* what DEMAND_WAIT or DEMAND_BACKOFF asked for; BACKOFF then answers DEMAND_QUEUE
                 */
    LIFE_CLOSED,
    LIFE_STOPPED,  /* the run stops (budget, same_error, drain): a target not under way ends
                      not_started; one under way goes on. Comes in any  state but CLOSE and DONE,
                      once  more where a life that was under way backs off, queues or wants a place
                      and no  longer is */
    LIFE_GIVEN_UP, /* only in QUEUED or BACKOFF: its server is down (err says how), nobody tries
                      again: ends as when its attempts are used up (unreachable, in_doubt …),
                      attempts as they are */
    LIFE_CANCEL,   /* second interrupt or target_timeout: the operation under way completes as
                      cancelled, then ROLLBACK */
    LIFE_HOLDER,   /* what demand.watch asked for was answered: event.watch, event.holder (NULL:
                      nobody). Comes at any time, and moves nothing */
};

/* Who is waited for, asked by a second connection beside what is demanded. */
enum watch_kind {
    WATCH_NOTHING,
    WATCH_SESSION, /* who blocks the session that the request under way runs in */
    WATCH_LOCK,    /* who has skein's own lock */
    WATCH_COUNT
};

struct watch {
    enum watch_kind kind;
    const char *sql; /* with one parameter; answers rows of workers/holders.h */
    const char *purpose;
    const char *then_sql; /* asked where that names nobody, or cannot be answered; or NULL */
    const char *then_purpose;
    char parameter[24];
    int64_t first_us, every_us; /* from the demand on; again after an answer that named somebody */
    int64_t most_us;            /* an answer that named nobody doubles the interval, up to this */
};

struct life_event {
    enum life_event_kind kind;
    int64_t now_us, wall_us;
    const struct reply *reply;
    const struct err *err;
    bool reused; /* OPENED: it was another's; nobody knows yet whether it is still good */
    const struct result *located; /* TOLD: of PEEK's commands (reply: of their connection's open) */
    const struct result *heads;   /* TOLD; NULL: there is no table */
    enum watch_kind watch;        /* HOLDER */
    const struct holder *holder;  /* HOLDER: during the call; or NULL */
    bool blind;                   /* HOLDER: nobody, but the server could not tell of all locks */
    const char *reason; /* STOPPED, CANCEL: "same_error", "interrupt", "target_timeout" … */
};

enum demand_kind {
    DEMAND_NOTHING, /* something is under way; its event will come */
    DEMAND_OPEN,   /* open the driver's connection; deadline; demand.request will be the first to be
                      submitted (driver.h, open_options) */
    DEMAND_SUBMIT, /* submit demand.request; deadline (0: none): abort when passed */
    DEMAND_PLACE,  /* a place in life_group(); answered by PLACED or NO_PLACE */
    DEMAND_WAIT,   /* a timer, connection kept, place given back: another's lock */
    DEMAND_ABORT,  /* driver->abort; what is under way completes */
    DEMAND_CLOSE,  /* close the connection, give back slots and place; answered by CLOSED */
    DEMAND_BACKOFF, /* a timer, holding nothing; then the target queues to be admitted again */
    DEMAND_QUEUE,   /* to the end of the queue at once (after NO_PLACE) */
    DEMAND_END,     /* outcome is final */
};

struct demand {
    enum demand_kind kind;
    const struct request *request;
    int64_t delay_us;    /* WAIT, BACKOFF */
    int64_t deadline_us; /* OPEN, SUBMIT: monotonic; 0: none */
    bool read_only;      /* OPEN */
    bool by_direct_url;  /* OPEN: target->direct, not the target itself */
    bool healthy;        /* CLOSE: nothing is the matter with the connection */
    bool capacity;       /* BACKOFF: the server had too little for all (halve its limit) */
    struct watch watch;  /* SUBMIT, WAIT, BACKOFF: until the next demand */
};

struct life {
    const struct life_order *order;
    const struct target *target;
    const struct driver *driver;
    unsigned state;  /* enum life_state, moved by machine_move only */
    uint32_t passed; /* MACHINE_TO of each state that the last step moved to (READ is often passed
                        within one step) */
    struct arena arena;   /* worker lifetime: outcome, plan position */
    struct arena request; /* cleared between requests */
    struct outcome outcome;
    struct random random;
    struct life_work *work; /* the rest is life.c's own; in `arena` */
};

/* The life owns its arenas; order and target outlive it. `seed`: for the jitter. */
void life_init(struct life *life, const struct life_order *order, const struct target *target,
               const struct driver *driver, uint64_t seed);
void life_release(struct life *life);

/* The one entry. Exactly one demand comes out of each event; an event that does not fit the state
 * is BUG(). */
void life_step(struct life *life, const struct life_event *event, struct demand *demand);

/* The plan group's key once the heads are known, else NULL; and the revision that the group has
 * ahead next, or NULL. */
const char *life_group(const struct life *life);
const struct plan *life_plan(const struct life *life);

/* Whether work of this run stands or may stand on the target (a drain lets it finish its unit; a
 * stop ends others not_started). */
bool life_under_way(const struct life *life);

#endif
