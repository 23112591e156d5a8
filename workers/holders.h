/*
 * holders.h: who holds a lock, read from what the texts holder.sql, holder_lock.sql and unlock.sql
 * of an engine answer. Pure. An engine without such texts is not asked.
 */
#ifndef SKEIN_WORKERS_HOLDERS_H
#define SKEIN_WORKERS_HOLDERS_H

#include "base/holder.h"

/* Columns with which every such row begins: pid, application, user, since (RFC 3339), microseconds
 * since then, state, query. SQL's NULL: not visible to the role that asked. */
#define HOLDER_COLUMNS 7

/* In the arena, with its texts. */
struct holder *holders_read(struct arena *arena, const char *const *cells);

#endif
