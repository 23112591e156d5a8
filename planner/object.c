#include "planner/object.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "planner/lexer.h"

struct reader {
    struct lexer lexer;
    struct token token;
    struct arena *arena;
    enum engine engine;
    struct object *objects;
    size_t count, capacity;
    bool whole;
};

/* A name with or without its schema. */
struct name {
    const char *schema, *name;
};

static bool is_mysql(const struct reader *reader)
{
    return reader->engine == ENGINE_MYSQL || reader->engine == ENGINE_MARIADB;
}

/* ---- tokens */

static void next(struct reader *reader)
{
    do {
        lexer_next(&reader->lexer, &reader->token);
    } while (token_is_blank(&reader->token) || reader->token.kind == TOKEN_KEPT ||
             reader->token.kind == TOKEN_EXECUTABLE || reader->token.kind == TOKEN_EXECUTABLE_END);
}

static bool is_end(const struct reader *reader)
{
    return reader->token.kind == TOKEN_END || reader->token.kind == TOKEN_TERMINATOR ||
           reader->token.kind == TOKEN_BROKEN;
}

static bool is_word(const struct reader *reader, const char *word)
{
    return reader->token.kind == TOKEN_WORD && reader->token.length == strlen(word) &&
           strncasecmp(reader->lexer.text + reader->token.start, word, reader->token.length) == 0;
}

static bool is_any(const struct reader *reader, const char *const *words)
{
    for (size_t i = 0; words[i]; i++) {
        if (is_word(reader, words[i])) {
            return true;
        }
    }
    return false;
}

static bool take(struct reader *reader, const char *word)
{
    if (!is_word(reader, word)) {
        return false;
    }
    next(reader);
    return true;
}

static bool is_sign(const struct reader *reader, char sign)
{
    return reader->token.kind == TOKEN_OTHER && reader->lexer.text[reader->token.start] == sign;
}

/* "IF EXISTS", "IF NOT EXISTS". */
static void take_condition(struct reader *reader)
{
    if (take(reader, "IF")) {
        take(reader, "NOT");
        take(reader, "EXISTS");
    }
}

/* ---- names */

/* Without its quotes, which stand doubled within. */
static const char *unquoted(struct reader *reader, const char *text, size_t length)
{
    char close = *text == '[' ? ']' : *text;
    struct str out = STR_INIT;
    const char *name;

    for (size_t i = 1; i + 1 < length; i++) {
        str_addc(&out, text[i]);
        if (text[i] == close && text[i + 1] == close) {
            i++;
        }
    }
    name = arena_strndup(reader->arena, out.text ? out.text : "", out.length);
    str_release(&out);
    return name;
}

/* A bare name as the server keeps it. */
static const char *bare(struct reader *reader, const char *text, size_t length)
{
    char *name = arena_strndup(reader->arena, text, length);

    for (char *at = name; reader->engine == ENGINE_POSTGRESQL && *at; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    return name;
}

static const char *take_part(struct reader *reader)
{
    const char *text = reader->lexer.text + reader->token.start;
    size_t length = reader->token.length;
    const char *part = NULL;

    if (reader->token.kind == TOKEN_IDENTIFIER && length > 2) {
        part = unquoted(reader, text, length);
    } else if (reader->token.kind == TOKEN_WORD) {
        part = bare(reader, text, length);
    }
    if (part) {
        next(reader);
    }
    return part;
}

/* False where it is none, or one of three parts. What touches it and is no SQL ("{{region}}", a
 * dollar) would be another name. */
static bool take_name(struct reader *reader, struct name *name)
{
    *name = (struct name){.name = take_part(reader)};
    if (name->name && is_sign(reader, '.')) {
        next(reader);
        name->schema = name->name;
        name->name = take_part(reader);
    }
    return name->name && !is_sign(reader, '.') && !is_sign(reader, '{') && !is_sign(reader, '$');
}

static void add(struct reader *reader, enum object_kind kind, bool drops, const struct name *table,
                const char *name)
{
    reader->objects = arena_grow(reader->arena, reader->objects, sizeof(*reader->objects),
                                 &reader->capacity, reader->count + 1);
    reader->objects[reader->count++] =
        (struct object){.kind = kind,
                        .drops = drops,
                        .schema = table->schema,
                        .table = kind == OBJECT_TABLE ? NULL : table->name,
                        .name = name};
}

/* ---- CREATE, DROP */

static void create_index(struct reader *reader)
{
    struct name index, table;

    take(reader, "CONCURRENTLY");
    take_condition(reader);
    if (is_word(reader, "ON") || !take_name(reader, &index)) { /* the server names it */
        return;
    }
    if (is_mysql(reader) && take(reader, "USING")) {
        next(reader);
    }
    if (!take(reader, "ON")) {
        return;
    }
    take(reader, "ONLY");
    if (!take_name(reader, &table)) {
        return;
    }
    /* SQLite names the schema with the index, PostgreSQL and MySQL with the table. */
    table.schema = table.schema ? table.schema : index.schema;
    add(reader, OBJECT_INDEX, false, &table, index.name);
    reader->whole = true;
}

static void create(struct reader *reader)
{
    struct name name;

    if (take(reader, "OR")) {
        take(reader, "REPLACE");
    }
    if (is_any(reader, (const char *const[]){"UNIQUE", "FULLTEXT", "SPATIAL", NULL})) {
        next(reader);
    }
    if (take(reader, "INDEX")) {
        create_index(reader);
        return;
    }
    take(reader, "UNLOGGED");
    take(reader, "MATERIALIZED");
    if (!take(reader, "TABLE") && !take(reader, "VIEW")) {
        return;
    }
    take_condition(reader);
    if (take_name(reader, &name)) {
        add(reader, OBJECT_TABLE, false, &name, name.name);
        reader->whole = true;
    }
}

/* On MySQL and MariaDB an index is named within its table. */
static void drop_index(struct reader *reader)
{
    struct name index, table;

    take(reader, "CONCURRENTLY");
    take_condition(reader);
    do {
        if (!take_name(reader, &index)) {
            reader->whole = false;
            return;
        }
        table = (struct name){.schema = index.schema};
        if (is_mysql(reader) && (!take(reader, "ON") || !take_name(reader, &table))) {
            reader->whole = false;
            return;
        }
        add(reader, OBJECT_INDEX, true, &table, index.name);
        reader->whole = true;
    } while (is_sign(reader, ',') && (next(reader), true));
}

static void drop(struct reader *reader)
{
    struct name name;

    if (take(reader, "INDEX")) {
        drop_index(reader);
        return;
    }
    take(reader, "MATERIALIZED");
    if (!take(reader, "TABLE") && !take(reader, "VIEW")) {
        return;
    }
    take_condition(reader);
    do {
        reader->whole = take_name(reader, &name);
        if (!reader->whole) {
            return;
        }
        add(reader, OBJECT_TABLE, true, &name, name.name);
    } while (is_sign(reader, ',') && (next(reader), true));
}

/* ---- ALTER TABLE */

/* Past the rest of an action, to the comma before the next one, or to the end. */
static void skip_action(struct reader *reader)
{
    for (int depth = 0; !is_end(reader); next(reader)) {
        if (is_sign(reader, ',') && depth == 0) {
            return;
        }
        depth += is_sign(reader, '(') - is_sign(reader, ')');
    }
}

static bool add_named(struct reader *reader, enum object_kind kind, bool drops,
                      const struct name *table)
{
    struct name name;

    take_condition(reader);
    if (!take_name(reader, &name) || name.schema) {
        return false;
    }
    add(reader, kind, drops, table, name.name);
    return true;
}

/* What follows ADD or DROP and is no column. */
static bool is_reserved(const struct reader *reader)
{
    static const char *const everywhere[] = {"PRIMARY", "UNIQUE",    "FOREIGN", "CHECK",
                                             "EXCLUDE", "GENERATED", NULL};
    static const char *const on_mysql[] = {"FULLTEXT", "SPATIAL", "PARTITION",
                                           "SYSTEM",   "PERIOD",  NULL};

    return is_any(reader, everywhere) || (is_mysql(reader) && is_any(reader, on_mysql));
}

static bool add_action(struct reader *reader, const struct name *table)
{
    if (take(reader, "COLUMN")) {
        return add_named(reader, OBJECT_COLUMN, false, table);
    }
    if (take(reader, "CONSTRAINT")) {
        return add_named(reader, OBJECT_CONSTRAINT, false, table);
    }
    if (is_mysql(reader) &&
        is_any(reader, (const char *const[]){"UNIQUE", "FULLTEXT", "SPATIAL", NULL})) {
        next(reader);
        if (!is_any(reader, (const char *const[]){"INDEX", "KEY", NULL})) {
            return false;
        }
    }
    if (is_mysql(reader) && is_any(reader, (const char *const[]){"INDEX", "KEY", NULL})) {
        next(reader);
        return add_named(reader, OBJECT_INDEX, false, table);
    }
    return !is_reserved(reader) && add_named(reader, OBJECT_COLUMN, false, table);
}

static bool drop_action(struct reader *reader, const struct name *table)
{
    if (take(reader, "COLUMN")) {
        return add_named(reader, OBJECT_COLUMN, true, table);
    }
    if (take(reader, "CONSTRAINT")) {
        return add_named(reader, OBJECT_CONSTRAINT, true, table);
    }
    if (is_mysql(reader) && take(reader, "FOREIGN")) {
        return take(reader, "KEY") && add_named(reader, OBJECT_CONSTRAINT, true, table);
    }
    if (is_mysql(reader) && is_any(reader, (const char *const[]){"INDEX", "KEY", NULL})) {
        next(reader);
        return add_named(reader, OBJECT_INDEX, true, table);
    }
    return !is_reserved(reader) && add_named(reader, OBJECT_COLUMN, true, table);
}

/* RENAME [TO] table, RENAME COLUMN a TO b, RENAME a TO b (PostgreSQL, SQLite). */
static bool rename_action(struct reader *reader, const struct name *table)
{
    enum object_kind kind = OBJECT_COLUMN;
    struct name from, to;

    if (take(reader, "TO")) {
        if (!take_name(reader, &to)) {
            return false;
        }
        to.schema = to.schema ? to.schema : table->schema;
        add(reader, OBJECT_TABLE, true, table, table->name);
        add(reader, OBJECT_TABLE, false, &to, to.name);
        return true;
    }
    if (is_mysql(reader) && is_any(reader, (const char *const[]){"INDEX", "KEY", NULL})) {
        next(reader);
        kind = OBJECT_INDEX;
    } else if (take(reader, "CONSTRAINT")) {
        kind = OBJECT_CONSTRAINT;
    } else {
        take(reader, "COLUMN");
    }
    if (!take_name(reader, &from) || !take(reader, "TO") || !take_name(reader, &to)) {
        return false;
    }
    add(reader, kind, true, table, from.name);
    add(reader, kind, false, table, to.name);
    return true;
}

/* MySQL: CHANGE a b type: another name, or the same and another type. */
static bool change_action(struct reader *reader, const struct name *table)
{
    struct name from, to;

    take(reader, "COLUMN");
    take_condition(reader);
    if (!take_name(reader, &from) || !take_name(reader, &to) ||
        strcasecmp(from.name, to.name) == 0) {
        return false;
    }
    add(reader, OBJECT_COLUMN, true, table, from.name);
    add(reader, OBJECT_COLUMN, false, table, to.name);
    return true;
}

static bool action(struct reader *reader, const struct name *table)
{
    if (take(reader, "ADD")) {
        return add_action(reader, table);
    }
    if (take(reader, "DROP")) {
        return drop_action(reader, table);
    }
    if (take(reader, "RENAME")) {
        return rename_action(reader, table);
    }
    return is_mysql(reader) && take(reader, "CHANGE") && change_action(reader, table);
}

static void alter(struct reader *reader)
{
    struct name table;

    take(reader, "IGNORE");
    if (!take(reader, "TABLE")) {
        return;
    }
    take_condition(reader);
    take(reader, "ONLY");
    if (!take_name(reader, &table)) {
        return;
    }
    if (is_sign(reader, '*')) {
        next(reader);
    }
    reader->whole = true;
    do {
        reader->whole &= action(reader, &table);
        skip_action(reader);
    } while (is_sign(reader, ',') && (next(reader), true));
}

/* MySQL: RENAME TABLE a TO b, c TO d. */
static void rename_tables(struct reader *reader)
{
    struct name from, to;

    if (!is_mysql(reader) || !take(reader, "TABLE")) {
        return;
    }
    do {
        reader->whole = take_name(reader, &from) && take(reader, "TO") && take_name(reader, &to);
        if (!reader->whole) {
            return;
        }
        add(reader, OBJECT_TABLE, true, &from, from.name);
        add(reader, OBJECT_TABLE, false, &to, to.name);
    } while (is_sign(reader, ',') && (next(reader), true));
}

size_t objects_of(struct arena *arena, enum engine engine, const char *sql, size_t length,
                  struct object **objects, bool *whole)
{
    struct reader reader = {.arena = arena, .engine = engine};

    lexer_init(&reader.lexer, engine, sql, length);
    next(&reader);
    if (take(&reader, "CREATE")) {
        create(&reader);
    } else if (take(&reader, "DROP")) {
        drop(&reader);
    } else if (take(&reader, "ALTER")) {
        alter(&reader);
    } else if (take(&reader, "RENAME")) {
        rename_tables(&reader);
    }
    *objects = reader.objects;
    *whole = reader.whole;
    return reader.count;
}
