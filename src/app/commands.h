/*
 * commands.h: every command's function, and the table that main.c and the help are made from.
 */
#ifndef SKEIN_APP_COMMANDS_H
#define SKEIN_APP_COMMANDS_H

#include "app/options.h"

extern const struct verb command_table[];
extern const size_t command_count;

/* Each returns the exit code. */
int command_init(const struct options *options, struct arena *arena);
int command_list_templates(const struct options *options, struct arena *arena);
int command_revision(const struct options *options, struct arena *arena);
int command_merge(const struct options *options, struct arena *arena);
int command_edit(const struct options *options, struct arena *arena);
int command_ensure_version(const struct options *options, struct arena *arena);
int command_history(const struct options *options, struct arena *arena);
int command_heads(const struct options *options, struct arena *arena);
int command_branches(const struct options *options, struct arena *arena);
int command_show(const struct options *options, struct arena *arena);
int command_upgrade(const struct options *options, struct arena *arena);
int command_downgrade(const struct options *options, struct arena *arena);
int command_stamp(const struct options *options, struct arena *arena);
int command_plan(const struct options *options, struct arena *arena);
int command_current(const struct options *options, struct arena *arena);
int command_status(const struct options *options, struct arena *arena);
int command_targets(const struct options *options, struct arena *arena);
int command_validate(const struct options *options, struct arena *arena);
int command_resolve(const struct options *options, struct arena *arena);
int command_import(const struct options *options, struct arena *arena);
int command_unlock(const struct options *options, struct arena *arena);
int command_debug(const struct options *options, struct arena *arena);

#endif
