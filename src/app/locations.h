/*
 * locations.h: the folders of revision files (migrations.version_locations, else
 * directory/versions), and which of them a new file goes to. app_load_project (app.h) reads them:
 * in the order of the files' names, where two have one name of their paths. It refuses a folder
 * that is missing, one that is named twice (also by another path to it), one inside another.
 */
#ifndef SKEIN_APP_LOCATIONS_H
#define SKEIN_APP_LOCATIONS_H

#include "app/app.h"

/* A path below the current folder as a person would type it. */
const char *shown_path(const char *path);

/* The location that `wanted` names: a path relative to the current folder or to skein.yaml, or as
 * skein.yaml has it. ERROR_USAGE with the locations there are. */
int locations_find(const struct app *app, const char *wanted, const char **folder, struct err *err);

/* "a, b": all of them, as a person would type them. In the arena. */
const char *locations_list(const struct app *app);

/* The location of a new file: the one that --version-path names; else that of `parent` (or NULL);
 * else the only one. ERROR_USAGE. */
int locations_new(const struct app *app, const struct revision *parent, const char **folder,
                  struct err *err);

#endif
