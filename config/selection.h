/*
 * selection.h: which targets of the fleet a command touches (contract, section 5 "Selection").
 */
#ifndef SKEIN_CONFIG_SELECTION_H
#define SKEIN_CONFIG_SELECTION_H

#include "base/err.h"
#include "model/fleet.h"

struct selection {
    const char *const *tenants; /* -t NAME | GLOB | @FILE, or'ed */
    size_t tenant_count;
    const char *const *selectors; /* -l 'a=b,c!=d', and'ed */
    size_t selector_count;
    const char *const *excludes; /* --exclude GLOB */
    size_t exclude_count;
};

/* First half, from the fleet alone: -t, -l, --exclude. A name, selector or exclude that matches
 * nothing, or nothing left: ERROR_USAGE with the nearest name or the labels that exist. `version`
 * in a selector is left to selection_by_version (see selection_needs_version). */
int selection_apply(const struct fleet *fleet, const struct selection *selection,
                    struct arena *arena, size_t **targets, size_t *count, struct err *err);

/* What is known of the tenants of a `discover:` entry before anybody was asked. */
struct selection_known {
    enum engine engine;
    const char *server, *address;
    const struct pair_list *labels;
};

/* Whether the selectors may leave one of them in. */
bool selection_may_match(const struct selection *selection, const struct selection_known *known);

/* True where a selector names `version`: the heads must be read first. */
bool selection_needs_version(const struct selection *selection);

/* Keeps those whose heads (versions[i], joined by ",", "" for none) match the selectors' `version`
 * terms. */
size_t selection_by_version(const struct selection *selection, const char *const *versions,
                            size_t *targets, size_t count);

/* --shard I/N, from 1: keeps the targets of one shard, the same on each machine. All targets of one
 * server are in one shard (its limits are counted in one process), so with fewer servers than
 * shards some are empty; SQLite has no server, its targets spread by their database as written.
 * "1/4" is parsed by the app. */
size_t selection_shard(const struct fleet *fleet, unsigned index, unsigned shards, size_t *targets,
                       size_t count);

#endif
