/*
 * yaml.h: a YAML text as a tree of nodes with their places. Only what skein.yaml needs: mappings
 * with plain keys, lists, scalars as text. No anchors, aliases, tags, second documents; nesting to
 * 64, scalars to 64 KiB. The only user of libyaml.
 *
 * Types are the reader's matter (config/reader.h): here `5`, "5" and yes are text.
 */
#ifndef SKEIN_CONFIG_YAML_H
#define SKEIN_CONFIG_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

enum yaml_kind {
    YAML_SCALAR,
    YAML_LIST,
    YAML_MAP,
    YAML_BROKEN, /* an error was told here: whoever reads it says nothing more */
};

struct yaml_node {
    enum yaml_kind kind;
    bool plain;       /* a scalar without quotes */
    int line, column; /* from 1 */
    int key_line, key_column;
    const char *key;         /* in a mapping; else NULL */
    const char *text;        /* of a scalar */
    struct yaml_node *first; /* of a list or mapping, in the file's order */
    struct yaml_node *next;
    size_t count;
};

/* The root, in the arena; NULL where the text is empty or broken. What is wrong is added to
 * `errors` (ERROR_CONFIGURATION, with `file` and place): a syntax error ends the reading,
 * everything else is told and passed over. 0 or ERROR_CONFIGURATION. */
int yaml_parse(struct arena *arena, const char *file, const char *text, size_t length,
               struct yaml_node **root, struct err_list *errors);

/* The value of a key of a mapping, or NULL; also where node is NULL or no mapping. */
const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key);

/* A scalar without quotes that says nothing: empty, ~ or null. */
bool yaml_is_null(const struct yaml_node *node);

/* Whether a text is, or has in it, a URL or a connection string: in a wrong place it holds a
 * password no less, and is not shown. */
bool yaml_may_hold_secret(const char *text);

#endif
