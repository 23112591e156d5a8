/*
 * schema.h: the keys of skein.yaml as const tables: name, type, default, what is allowed. The
 * reader (config/reader.h) checks and reads by them; docs/skein.yaml.md is compared with them.
 */
#ifndef SKEIN_CONFIG_SCHEMA_H
#define SKEIN_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

enum key_type {
    KEY_TEXT,        /* const char * */
    KEY_NAME,        /* const char *: an identifier of a database, 1 to 63 bytes */
    KEY_DATE,        /* const char *: a day that there is, 2026-12-01 */
    KEY_DURATION,    /* int64_t, milliseconds */
    KEY_COUNT,       /* unsigned, from 1 */
    KEY_COUNT_OR_0,  /* unsigned */
    KEY_FACTOR,      /* double, 1 to 1000 */
    KEY_AMOUNT,      /* struct amount: 5 or 1% */
    KEY_BOOL,        /* bool */
    KEY_CHOICE,      /* unsigned (an enum): the index in `words` */
    KEY_WORD,        /* const char *: one of `words` */
    KEY_TEXTS,       /* struct texts: a list, or one text */
    KEY_PAIRS,       /* struct pair_list: a mapping of texts; adds to and replaces what is there */
    KEY_SECRET,      /* struct secret_source */
    KEY_TABLE,       /* the struct that `table` describes */
    KEY_OVERLAY,     /* checked against `table`, read later: what it lies over is not known yet */
    KEY_TABLES,      /* a list of `table`; read by the caller */
    KEY_NAMED_TABLES /* a mapping of names to `table`; read by the caller */
};

#define SCHEMA_NOWHERE ((size_t)-1) /* checked, not kept */

struct schema_key {
    const char *name;
    enum key_type type;
    size_t offset;            /* into the table's struct, or SCHEMA_NOWHERE */
    const char *fallback;     /* the default as written; NULL: none */
    const char *const *words; /* KEY_CHOICE, KEY_WORD; ends with NULL */
    const struct schema_table *table;
    const char *about;
    /* What later versions know and this one refuses: those values of the key, "*" is any; without
     * `words` the whole key (schema_is_later). */
    const char *const *later;
};

struct schema_table {
    const char *name; /* "the file", "limits": for messages and docs */
    const struct schema_key *keys;
    size_t count;
};

/* The whole file: struct inventory. The others hang below it. */
extern const struct schema_table schema_file;
extern const struct schema_table schema_connection, schema_server, schema_tenant, schema_hold;

/* A key that this version only knows by name: refused, and not offered. */
bool schema_is_later(const struct schema_key *key);

/* "duration", "whole number from 1", …: what is allowed, for messages and docs. */
const char *schema_type_name(enum key_type type);

#endif
