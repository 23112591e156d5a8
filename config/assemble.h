/*
 * assemble.h: an inventory and the answers of its servers into a fleet: targets resolved, laid out
 * in the file's order, what stands twice refused.
 */
#ifndef SKEIN_CONFIG_ASSEMBLE_H
#define SKEIN_CONFIG_ASSEMBLE_H

#include "config/entry.h"

/* The fleet lies in `arena` and points into the inventory's. 0 or ERROR_CONFIGURATION; all errors
 * are added. Takes time linear in the targets. */
int assemble_fleet(struct inventory *inventory, struct arena *arena, struct fleet **fleet,
                   struct err_list *errors);

#endif
