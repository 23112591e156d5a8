/*
 * sim_world.h: a fleet of fake targets (tests/support/fake_server.h), drivers that reach them over
 * virtual time, and the faults that they meet. A world lives through several runs.
 *
 * Not here: what must be true of a run (sim_oracle.h), which fleets are tried (the tests).
 */
#ifndef SKEIN_TESTS_SIM_WORLD_H
#define SKEIN_TESTS_SIM_WORLD_H

#include "base/random.h"
#include "base/str.h"
#include "fake_server.h"
#include "model/run.h"
#include "planner/plan.h"
#include "sim_host.h"
#include "workers/run.h"

#define SIM_TOGETHER 2

enum sim_fault_kind {
    SIM_NO_FAULT,
    SIM_REFUSED,     /* open: nobody listens */
    SIM_SILENT,      /* no answer ever comes */
    SIM_ERROR,       /* the server answers with `code` */
    SIM_LOST_BEFORE, /* the connection breaks before command `at` took effect, or after it did */
    SIM_LOST_AFTER,
};

struct sim_fault {
    enum sim_fault_kind kind;
    size_t at;          /* command of the request */
    const char *code;   /* ERROR */
    bool stands;        /* SILENT: what was asked took effect */
    bool deaf;          /* SILENT: a request to cancel has no answer either */
    int64_t latency_us; /* 0: a few milliseconds */
};

struct sim_target {
    struct fake_server server;
    struct sim_world *world;
    const struct target *target;
    unsigned connections; /* open, or being opened */
    unsigned zombies;     /* sessions that the server has not noticed to be dead */
    const char *wrong;    /* statements with this text in them fail with wrong_code */
    const char *wrong_code;
};

struct sim_server {
    unsigned connections, most, allowed; /* allowed: max_connections, 0: no limit */
    const char *full; /* the code that it then answers; NULL: the engine's usual one */
    unsigned asking;  /* connections that only ask who holds a lock: not in `connections` */
};

struct sim_setup {
    uint64_t seed;
    enum engine engine;
    size_t servers, targets;
    size_t together;               /* runs at the same moment, as of two people; 0: one */
    int debug_descriptor;          /* 0: none */
    const char *const *hosts;      /* of the servers; NULL: db-0, db-1 … */
    size_t users;                  /* of each server, by turns among its targets; 0: one */
    const char *const *identities; /* which the servers are; one NULL: it may not be asked; all
                                      NULL: none may */
    bool shared_database;          /* all targets of a server are schemas of one database */
    bool pooled;                  /* PostgreSQL's targets are behind a pooler, with a way past it */
    const char *const *revisions; /* texts of the files; the first is the root */
    size_t revision_count;
    enum transaction_cut transaction;
    struct limits limits;
    struct retry_policy retry;
    struct rollout_policy rollout;
    int64_t lock_wait_ms, connect_timeout_ms, statement_timeout_ms;
};

struct sim_world {
    struct sim_setup setup;
    struct sim_host *host;
    struct random random;
    struct arena arena;
    struct fleet fleet;
    struct graph graph;
    struct revision **revisions;
    struct sim_target *targets;
    struct target *directs; /* the fleet's targets past their pooler */
    struct sim_server *servers;
    size_t *selected;
    struct run *runs[SIM_TOGETHER]; /* those under way, or the last ones */
    size_t together;
    /* Which fault an operation meets; request NULL: open. NULL: none. */
    struct sim_fault (*fault)(void *context, struct sim_target *target,
                              const struct request *request);
    void *fault_context;
    struct sim_connection **descriptors;
    size_t descriptor_count, descriptor_capacity;
    unsigned connections, most; /* over all servers */
    size_t opened, requested;   /* operations so far */
    size_t asked;               /* connections that only asked who holds a lock; not in opened */
    size_t probed;              /* of those: that asked whether a server is back */
    size_t reused;              /* connections that went on as another target's */
    size_t surveys;             /* commands that read many schemas, answered */
    bool upgrading;             /* the run goes to all heads */
    bool settling;              /* the run is `resolve --done-to`: the row stays open */
    bool downgraded;            /* some run went down: witnesses are no longer single */
    bool running, killed;
    size_t detached;   /* work handed out by abort and not freed yet */
    size_t unwatched;  /* events since the oracle looked */
    char *wrong;       /* the first violation that was seen, or NULL */
    struct str *trace; /* where golden traces go, or NULL */
};

struct sim_result {
    const struct outcome *outcomes; /* live until the next run or sim_world_free */
    const char *stopped_by;
    size_t counts[OUTCOME_COUNT];
};

struct sim_world *sim_world_new(const struct sim_setup *setup);
void sim_world_free(struct sim_world *world);

/* "the heads are read": the first that is wrong is kept. */
void sim_world_violation(struct sim_world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct sim_order {
    enum goal_kind kind;
    const char *identifier; /* as typed: "heads", "base" */
    bool keep_going;
    bool resolve; /* instead: `resolve --done-to` */
    size_t done_to;
    int64_t kill_after_us;                    /* skein is killed then; 0: never */
    void (*disturb)(struct sim_world *world); /* called before it goes, for interrupts; or NULL */
};

/* One run to the end, or `together` of them, with a result each. False: it was killed before, and
 * there is no result. */
bool sim_world_run(struct sim_world *world, const struct sim_order *order,
                   struct sim_result *results);

#endif
