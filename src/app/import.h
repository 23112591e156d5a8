/*
 * import.h: what the pieces of `skein import alembic` share. command_import.c goes through them in
 * this order; import_call.c runs Alembic; import_history.c reads its revisions; import_baseline.c
 * takes some of them together; import_render.c has their SQL rendered; import_write.c writes the
 * files. Everything is known before anything is written.
 *
 * Functions return 0 or an exit code with the error printed, unless they take an err.
 */
#ifndef SKEIN_APP_IMPORT_H
#define SKEIN_APP_IMPORT_H

#include "app/app.h"
#include "base/process.h"
#include "planner/alembic_file.h"
#include "planner/alembic_history.h"

/* A revision file to be. */
struct import_file {
    struct revision *revision;
    struct graph_node *const *stands_for; /* a baseline: what it takes the place of, oldest first */
    size_t stands_for_count;              /* 0: no baseline */
    const char *irreversible;             /* of a baseline: why; or NULL */
    struct alembic_part parts[DIRECTION_COUNT][ENGINE_COUNT]; /* as many as there are engines */
    const char *name, *path;
    struct str text;
};

struct import {
    struct app *app;
    struct arena *arena;
    const char *const *command; /* how Alembic is called; ends with NULL */
    const char *ini;            /* alembic.ini as given */
    const char *section;        /* of it: "alembic" */
    struct file_text ini_text;
    const char *plain_ini;                /* for what asks for no engine: ini, or a copy of it */
    const char *engine_ini[ENGINE_COUNT]; /* what makes env.py render for it */
    const char *copies[ENGINE_COUNT + 1]; /* written beside ini, removed by import_release */
    size_t copy_count;
    enum engine engines[ENGINE_COUNT];
    size_t engine_count;
    struct revision **revisions; /* Alembic's, oldest first */
    size_t revision_count;
    struct graph graph; /* of them */
    struct import_file *files;
    size_t file_count;
    const char *version_table; /* as Alembic writes it */
    const char *preamble;      /* of env.py, or NULL */
    struct str notes;          /* what a person should know, a line each */
};

/* Set by SIGINT, SIGTERM, SIGHUP while an import runs. */
extern volatile sig_atomic_t import_signal;

/* import_call.c */

/* What lets Alembic tell its engine. */
extern const char import_log_hint[];

/* Reads alembic.ini, finds the command. */
int import_find_alembic(struct import *import);
/* Fills a process with `alembic -c INI [-n SECTION] [-x …] ARGUMENTS…`; `arguments` end with NULL.
 * The caller releases its output and errors. */
void import_prepare(struct import *import, const char *ini, const char *const *arguments,
                    struct process *process);
/* "alembic upgrade a:b --sql": without what is the same for all. In the arena. */
const char *import_words(struct import *import, const struct process *process);
/* Of a process that is over: 0 where it ended by itself with any exit code, else an error. */
int import_check_end(struct import *import, const struct process *process);
/* Prints "alembic … failed with exit 1", and the end of what it wrote on stderr. */
int import_fail(struct import *import, const struct process *process);
/* Calls Alembic once; an exit that is not 0 is an error. */
int import_call(struct import *import, const char *ini, const char *const *arguments,
                struct process *process);
/* The engines, from --engine, else the fleet, else what env.py renders for, with the ini of each.
 */
int import_find_engines(struct import *import);
/* Removes what was written beside alembic.ini. */
void import_release(struct import *import);

/* import_history.c: Alembic's revisions with their own labels, and their graph. */
int import_read_history(struct import *import);

/* import_baseline.c: the files that are to be written: one for each revision, or with --baseline
 * one in place of all up to REV. */
int import_list_files(struct import *import);

/* import_render.c: their parts. */
int import_render(struct import *import);

/* import_write.c: their text, name and path, and whether they can stand where they shall; then all
 * of them or none. */
int import_make_texts(struct import *import);
int import_write(struct import *import);

#endif
