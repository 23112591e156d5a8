/*
 * unlock.h: who holds skein's own lock, asked of many targets at once, and an end to those that
 * nobody can be waiting for. Outside any run.
 *
 * What dead means: a session that is known as a skein run's (PostgreSQL: it calls itself "skein
 * run=… tenant=…"; MySQL and MariaDB: it holds a second named lock, the mark of a run) and whose
 * server has been waiting for its next word for longer than the target's `abandoned_after`. Under
 * its lock a run sends one request after the other; whoever is silent for so long is stopped, hung,
 * or gone behind something that keeps its connection. The server checks it again in the statement
 * that ends the session. Where `abandoned_after` is 0 nobody is dead.
 *
 * Behind a pooler a session calls itself what the last client of its connection did that gave a
 * name. By transaction a run's lock ends with its transaction, so what holds the lock outside of
 * one is told without a name, as UNLOCK_OTHER; so is the very connection that the pooler has lent
 * to who asks.
 *
 * SQLite: the lock is one of the kernel's, on a file, and cannot outlive its process: it is free,
 * or its holder lives.
 */
#ifndef SKEIN_WORKERS_UNLOCK_H
#define SKEIN_WORKERS_UNLOCK_H

#include "model/fleet.h"
#include "model/unlock.h"
#include "workers/host.h"

struct unlocking {
    struct host *host; /* has nothing else to do */
    const struct driver *(*find_driver)(enum engine engine);
    struct arena *arena;
    const struct fleet *fleet;
    const struct migrations *migrations;
    unsigned concurrency; /* from 1 */
};

/* Fills in all but `target` of each item. */
void unlock_look(const struct unlocking *unlocking, struct unlock *items, size_t count);

/* Ends those that are UNLOCK_DEAD: they are UNLOCK_ENDED, or what they are instead by now. Removes
 * the lock's file of a SQLite target that is UNLOCK_FREE, if it gets the lock. */
void unlock_end(const struct unlocking *unlocking, struct unlock *items, size_t count);

#endif
