/*
 * life_world.h: one life over a target in memory (tests/support/fake_server.h), with virtual time
 * that only passes while the life waits. What it was asked to do is written down as the states that
 * it went through.
 */
#ifndef SKEIN_TESTS_UNIT_WORKERS_LIFE_WORLD_H
#define SKEIN_TESTS_UNIT_WORKERS_LIFE_WORLD_H

#include "base/str.h"
#include "fake_server.h"
#include "planner/graph.h"
#include "workers/life.h"

/* The n-th command with this purpose ("open": connecting) meets a fault. */
struct life_fault {
    const char *purpose;
    unsigned nth; /* from 1; 0: every one */
    enum fake_fault_kind kind;
    const char *code;
};

/* The n-th wait or backoff, or the n-th request that begins with this purpose: an event comes. */
struct life_interruption {
    const char *when; /* "wait", "backoff", "place", "queue", or a purpose that is under way */
    unsigned nth;
    enum life_event_kind kind;
    const char *reason;
};

struct life_world {
    struct arena arena;
    struct graph graph;
    struct goal goal;
    struct planning planning;
    struct migrations migrations;
    struct run_identity identity;
    struct retry_policy retry;
    struct life_order order;
    struct connection_settings connection;
    struct target target;
    struct fake_server server;
    struct life life;
    bool lives;
    bool told;        /* the next runs begin with LIFE_TOLD, of what stands then; PostgreSQL */
    struct str trace; /* "CONNECT PEEK …" of the last run */
    struct str sql;   /* purposes sent, by request: "[read_committed locate heads] […]" */
    size_t repeated;  /* commands of the last run that said they come again */
    bool by_session;  /* its pooler keeps sessions, so what lasts may last */
    unsigned hooked;  /* a test's own */
    unsigned directs; /* connections of the last run past the pooler */
    const struct life_fault *faults;
    size_t fault_count;
    const struct life_interruption *interruptions;
    size_t interruption_count;
    unsigned free_after; /* waits after which a foreign lock is let go; 0: never */
    unsigned waits, backoffs;
    int64_t now_us;
    void (*on_demand)(struct life_world *world,
                      const struct demand *demand); /* before it is performed; or NULL */
    void (*on_place)(struct life_world *world);     /* before a place is given; or NULL */
    const char *lock_parameter;                     /* of the last try */
    struct map seen;                                /* purpose -> how often */
};

#define PG   ENGINE_POSTGRESQL
#define LITE ENGINE_SQLITE

/* SHA-256 of "skein:public", its first 64 bits as a signed number. */
#define LOCK_OF_PUBLIC "-1052646745507552539"

#define HEADER(id, parent) "-- r\n--\n-- Revision ID: " id "\n-- Revises: " parent "\n"

#define ONE HEADER("aaa1", "") "-- skein:upgrade\nCREATE one;\n-- skein:downgrade\nDROP one;\n"
#define TWO HEADER("aaa2", "aaa1") "-- skein:upgrade\nCREATE two;\n-- skein:downgrade\nDROP two;\n"

/* `texts`: revision files, `count` of them, the first a root. The goal is set by life_world_order.
 */
void life_world_init(struct life_world *world, enum engine engine, const char *const *texts,
                     size_t count);
void life_world_release(struct life_world *world);

/* What the next runs are to do. */
void life_world_order(struct life_world *world, enum life_mode mode, enum goal_kind kind,
                      const char *identifier);

/* Both, for an upgrade to head of ONE and, where it is not NULL, a second revision. */
void life_world_begin(struct life_world *world, enum engine engine, const char *second);

/* A life from QUEUED to DONE; its outcome lives until the next. */
const struct outcome *life_world_run(struct life_world *world);

/* "a, b": the rows of the version table. */
const char *life_world_rows(struct life_world *world);

#endif
