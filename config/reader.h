/*
 * reader.h: nodes of a YAML tree into structs, by the tables of config/schema.h. Every error is
 * told, with file, line, column, what was found, what is allowed and the nearest key; the rest of
 * the file is read on.
 */
#ifndef SKEIN_CONFIG_READER_H
#define SKEIN_CONFIG_READER_H

#include <stdbool.h>

#include "base/err.h"
#include "config/schema.h"
#include "config/yaml.h"

struct reader {
    struct arena *arena;
    const char *file;
    struct err_list *errors;
};

/* Where in the file, for messages: "tenants[3].discover". Lives on the stack of who reads. */
struct reader_path {
    const struct reader_path *up;
    const char *name; /* NULL: an item of a list */
    size_t index;
};

/* Writes the defaults of the table and of the tables in it. */
void reader_defaults(struct reader *reader, const struct schema_table *table, void *into);

/* Reads a mapping into the struct that the table describes; what is not written stays as it is.
 * NULL or an empty node is an empty mapping. */
void reader_table(struct reader *reader, const struct reader_path *path,
                  const struct yaml_node *node, const struct schema_table *table, void *into);

/* True where the node is a list or mapping as asked (or says nothing); else an error is told. */
bool reader_expect(struct reader *reader, const struct reader_path *path,
                   const struct yaml_node *node, enum yaml_kind kind);

/* An error at a place; the message begins with the path. */
struct err *reader_error(struct reader *reader, const struct reader_path *path, int line,
                         int column, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A value as found, for messages: quoted, safe, cut to what fits a line; never what may hold a
 * secret. In the arena, or constant. */
const char *reader_shown(struct arena *arena, const struct yaml_node *node);

/* "tenants[3].discover", "" for the whole file; in the arena. */
const char *reader_path_text(struct arena *arena, const struct reader_path *path);

#endif
