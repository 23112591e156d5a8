#include "config/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/text.h"
#include "config/entry.h"

#define NAME_MAX_BYTES 63 /* PostgreSQL cuts longer ones silently */
#define COUNT_MAX      1000000U
#define FACTOR_MAX     1000.0
#define KEYS_MAX       32
#define SHOWN_MAX      60

static void add_path(struct str *out, const struct reader_path *path)
{
    if (!path) {
        return;
    }
    add_path(out, path->up);
    if (path->name) {
        str_addf(out, "%s%.100s", out->length ? "." : "", path->name);
    } else {
        str_addf(out, "[%zu]", path->index);
    }
}

const char *reader_path_text(struct arena *arena, const struct reader_path *path)
{
    struct str text = STR_INIT;
    const char *kept;

    add_path(&text, path);
    kept = arena_strdup(arena, text.text);
    str_release(&text);
    return kept;
}

struct err *reader_error(struct reader *reader, const struct reader_path *path, int line,
                         int column, const char *format, ...)
{
    struct err *err = err_list_add(reader->errors);
    const char *place = reader_path_text(err->arena, path);
    va_list arguments;
    const char *message;

    va_start(arguments, format);
    message = arena_vprintf(err->arena, format, arguments);
    va_end(arguments);
    err_set(err, ERROR_CONFIGURATION, "%s%s%s", place, *place ? ": " : "", message);
    err_at(err, reader->file, line, column);
    return err;
}

const char *reader_shown(struct arena *arena, const struct yaml_node *node)
{
    struct str out = STR_INIT;
    const char *text;
    size_t length;

    switch (node->kind) {
    case YAML_LIST:
        return "a list";
    case YAML_MAP:
        return "a mapping";
    default:
        break;
    }
    if (yaml_is_null(node)) {
        return "nothing";
    }
    if (yaml_may_hold_secret(node->text)) {
        return "a URL or a password (not shown)";
    }
    length = strlen(node->text);
    length = length > SHOWN_MAX ? text_utf8_prefix(node->text, SHOWN_MAX) : length;
    str_addc(&out, '"');
    text_add_safe(&out, node->text, length, true);
    str_add(&out, node->text[length] ? "…\"" : "\"");
    text = arena_strdup(arena, out.text);
    str_release(&out);
    return text;
}

static void add_words(struct str *out, const char *const *words)
{
    for (size_t i = 0; words[i]; i++) {
        str_addf(out, "%s%s", i ? ", " : "", words[i]);
    }
}

/* The one form of "found this, allowed is that". */
static void add_mismatch(struct reader *reader, const struct reader_path *path,
                         const struct yaml_node *node, const char *allowed)
{
    if (node->kind != YAML_BROKEN) {
        reader_error(reader, path, node->line, node->column, "found %s, allowed: %s",
                     reader_shown(reader->arena, node), allowed);
    }
}

bool reader_expect(struct reader *reader, const struct reader_path *path,
                   const struct yaml_node *node, enum yaml_kind kind)
{
    if (!node || node->kind == kind || yaml_is_null(node)) {
        return true;
    }
    add_mismatch(reader, path, node, kind == YAML_LIST ? "a list" : "a mapping");
    return false;
}

static bool says_something(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && *node->text && !yaml_is_null(node);
}

/* A scalar that says something; else told. */
static const char *read_text(struct reader *reader, const struct reader_path *path,
                             const struct yaml_node *node, const char *allowed)
{
    if (says_something(node)) {
        return node->text;
    }
    add_mismatch(reader, path, node, allowed);
    return NULL;
}

/* Digits alone, to `most`. */
static bool parse_count(const char *text, unsigned least, unsigned most, unsigned *count)
{
    unsigned long value;

    if (!*text || strlen(text) > 9 || text[strspn(text, "0123456789")]) {
        return false;
    }
    value = strtoul(text, NULL, 10);
    *count = (unsigned)value;
    return value >= least && value <= most;
}

/* Digits with at most one point; the end of it. */
static const char *parse_number(const char *text, double *number)
{
    size_t whole = strspn(text, "0123456789");
    size_t fraction = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;

    if (!whole || whole > 9 || fraction > 9 || (text[whole] == '.' && !fraction)) {
        return NULL;
    }
    *number = strtod(text, NULL);
    return text + whole + (fraction ? fraction + 1 : 0);
}

static bool parse_amount(const char *text, struct amount *amount)
{
    struct amount read = {0};
    const char *end = parse_number(text, &read.value);

    if (!end) {
        return false;
    }
    read.percent = strcmp(end, "%") == 0;
    if (read.percent ? read.value > 100 : *end || strchr(text, '.')) {
        return false;
    }
    *amount = read;
    return true;
}

static bool parse_bool(const char *text, bool *value)
{
    *value = strcmp(text, "true") == 0;
    return *value || strcmp(text, "false") == 0;
}

static bool parse_word(const char *text, const struct schema_key *key, void *into)
{
    for (unsigned i = 0; key->words[i]; i++) {
        if (strcmp(key->words[i], text) == 0) {
            if (into && key->type == KEY_CHOICE) {
                memcpy(into, &i, sizeof(i));
            } else if (into) {
                *(const char **)into = key->words[i];
            }
            return true;
        }
    }
    return false;
}

static bool parse_name(const char *text)
{
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            return false;
        }
    }
    return strlen(text) <= NAME_MAX_BYTES;
}

/* YYYY-MM-DD, a day that there is. */
static bool parse_date(const char *text)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day, end = 0;
    bool leap;

    if (strspn(text, "0123456789-") != 10 || text[10] || text[4] != '-' || text[7] != '-' ||
        sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || end != 10) {
        return false;
    }
    leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* A text into a scalar type; false where it is none. `into` NULL: only checked. */
static bool parse_scalar(const char *text, const struct schema_key *key, void *into)
{
    union {
        int64_t duration;
        unsigned count;
        double factor;
        struct amount amount;
        bool flag;
    } value;
    size_t size = 0;
    bool right = true;

    switch (key->type) {
    case KEY_DURATION:
        value.duration = duration_parse(text);
        right = value.duration >= 0;
        size = sizeof(value.duration);
        break;
    case KEY_COUNT:
    case KEY_COUNT_OR_0:
        right = parse_count(text, key->type == KEY_COUNT, COUNT_MAX, &value.count);
        size = sizeof(value.count);
        break;
    case KEY_FACTOR: {
        const char *end = parse_number(text, &value.factor);

        right = end && !*end && value.factor >= 1 && value.factor <= FACTOR_MAX;
        size = sizeof(value.factor);
        break;
    }
    case KEY_AMOUNT:
        value.amount = (struct amount){0};
        right = parse_amount(text, &value.amount);
        size = sizeof(value.amount);
        break;
    case KEY_BOOL:
        right = parse_bool(text, &value.flag);
        size = sizeof(value.flag);
        break;
    case KEY_CHOICE:
    case KEY_WORD:
        return parse_word(text, key, into);
    case KEY_DATE:
    case KEY_NAME:
    case KEY_TEXT:
        right =
            key->type == KEY_TEXT || (key->type == KEY_DATE ? parse_date(text) : parse_name(text));
        if (right && into) {
            *(const char **)into = text;
        }
        return right;
    default:
        BUG("%s is no scalar", key->name);
    }
    if (right && into) {
        memcpy(into, &value, size);
    }
    return right;
}

static const char *allowed_text(struct arena *arena, const struct schema_key *key)
{
    struct str out = STR_INIT;
    const char *kept;

    switch (key->type) {
    case KEY_CHOICE:
    case KEY_WORD:
        add_words(&out, key->words);
        break;
    case KEY_DATE:
        str_add(&out, "a date like 2026-12-01");
        break;
    case KEY_DURATION:
        str_add(&out, "a duration like 250ms, 5s, 10m, 1h, or 0");
        break;
    case KEY_AMOUNT:
        str_add(&out, "a whole number or a percentage to 100%");
        break;
    case KEY_BOOL:
        str_add(&out, "true, false");
        break;
    default:
        str_addf(&out, "a %s", schema_type_name(key->type));
        break;
    }
    kept = arena_strdup(arena, out.text);
    str_release(&out);
    return kept;
}

/* A value that a later version knows. */
static bool is_later(const struct schema_key *key, const char *text)
{
    for (size_t i = 0; key->later && key->later[i]; i++) {
        if (strcmp(key->later[i], "*") == 0 || strcmp(key->later[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static void read_scalar(struct reader *reader, const struct reader_path *path,
                        const struct yaml_node *node, const struct schema_key *key, void *into)
{
    const char *allowed, *text, *nearest;

    if (says_something(node) && parse_scalar(node->text, key, into)) {
        return;
    }
    allowed = allowed_text(reader->arena, key);
    text = read_text(reader, path, node, allowed);
    if (!text) {
        return;
    }
    if (is_later(key, text)) {
        reader_error(reader, path, node->line, node->column,
                     "%s is not supported by this version yet", reader_shown(reader->arena, node));
        return;
    }
    nearest = key->words ? text_nearest(text, key->words, SIZE_MAX) : NULL;
    if (nearest) {
        err_hint(reader_error(reader, path, node->line, node->column, "found %s, allowed: %s",
                              reader_shown(reader->arena, node), allowed),
                 "did you mean %s?", nearest);
        return;
    }
    add_mismatch(reader, path, node, allowed);
}

/* A list of texts that ends with NULL, or one text. */
static bool read_texts(struct reader *reader, const struct reader_path *path,
                       const struct yaml_node *node, struct texts *into)
{
    bool list = node->kind == YAML_LIST;
    size_t count = list ? node->count : 1, index = 0;
    const char **items;
    bool right = true;

    if (node->kind == YAML_MAP || node->kind == YAML_BROKEN) {
        add_mismatch(reader, path, node, "a text or a list of texts");
        return false;
    }
    items = arena_array(reader->arena, count + 1, sizeof(*items));
    for (const struct yaml_node *item = list ? node->first : node; item; item = item->next) {
        struct reader_path at = {.up = path, .index = index};

        items[index] = read_text(reader, list ? &at : path, item, "a text");
        right = right && items[index];
        index++;
        if (!list) {
            break;
        }
    }
    *into = (struct texts){items, right ? count : 0};
    return right;
}

static int compare_pairs(const void *left, const void *right)
{
    return strcmp(((const struct pair *)left)->key, ((const struct pair *)right)->key);
}

/* Adds to what `into` has; the same key is replaced; sorted. */
static void read_pairs(struct reader *reader, const struct reader_path *path,
                       const struct yaml_node *node, struct pair_list *into)
{
    struct pair *items;
    size_t count = 0;

    if (!reader_expect(reader, path, node, YAML_MAP) || node->kind != YAML_MAP) {
        return;
    }
    items = arena_array(reader->arena, into->count + node->count, sizeof(*items));
    for (size_t i = 0; i < into->count; i++) {
        if (!yaml_get(node, into->items[i].key)) {
            items[count++] = into->items[i];
        }
    }
    for (const struct yaml_node *item = node->first; item; item = item->next) {
        struct reader_path at = {.up = path, .name = item->key};

        if (item->kind != YAML_SCALAR || yaml_is_null(item)) {
            add_mismatch(reader, &at, item, "a text");
        } else {
            items[count++] = (struct pair){item->key, item->text};
        }
    }
    qsort(items, count, sizeof(*items), compare_pairs);
    *into = (struct pair_list){items, count};
}

/* Never shows what it found. */
static void read_secret(struct reader *reader, const struct reader_path *path,
                        const struct yaml_node *node, struct secret_source *into)
{
    static const struct {
        const char *name;
        enum secret_kind kind;
    } forms[] = {{"env", SECRET_ENV}, {"file", SECRET_FILE}, {"command", SECRET_COMMAND}};
    const struct yaml_node *value = node->kind == YAML_MAP && node->count == 1 ? node->first : NULL;
    struct secret_source source = {.line = node->line, .column = node->column};

    if (says_something(node)) {
        source.kind = SECRET_TEXT;
        source.text = node->text;
    }
    for (size_t i = 0; value && i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct texts argv;

        if (strcmp(value->key, forms[i].name) != 0) {
            continue;
        }
        if (forms[i].kind == SECRET_COMMAND) {
            if (value->kind == YAML_LIST && value->count &&
                read_texts(reader, path, value, &argv)) {
                source.kind = SECRET_COMMAND;
                source.argv = argv.items;
            }
        } else if (says_something(value)) {
            source.kind = forms[i].kind;
            source.text = value->text;
        }
    }
    if (source.kind == SECRET_NONE && node->kind != YAML_BROKEN) {
        reader_error(
            reader, path, node->line, node->column,
            "allowed: a text, {env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT…]}");
    }
    *into = source;
}

static void add_unknown_key(struct reader *reader, const struct reader_path *path,
                            const struct yaml_node *value, const struct schema_table *table)
{
    const char *names[KEYS_MAX + 1] = {NULL};
    const char *nearest;
    struct str allowed = STR_INIT;
    struct yaml_node name = {.kind = YAML_SCALAR, .text = value->key};
    struct err *err;
    size_t count = 0;

    for (size_t i = 0; i < table->count; i++) {
        if (!schema_is_later(&table->keys[i])) {
            names[count++] = table->keys[i].name;
        }
    }
    nearest = text_nearest(value->key, names, count);
    add_words(&allowed, names);
    err = reader_error(reader, path, value->key_line, value->key_column, "unknown key %s",
                       reader_shown(reader->arena, &name));
    if (nearest) {
        err_hint(err, "did you mean %s? allowed: %s", nearest, allowed.text);
    } else {
        err_hint(err, "allowed: %s", allowed.text);
    }
    str_release(&allowed);
}

/* True for a key that is wholly a later version's; one that says nothing is let pass. */
static bool refuse_later(struct reader *reader, const struct reader_path *path,
                         const struct yaml_node *value, const struct schema_key *key)
{
    if (!schema_is_later(key)) {
        return false;
    }
    if (!yaml_is_null(value) && (value->kind == YAML_SCALAR || value->count)) {
        reader_error(reader, path, value->key_line, value->key_column,
                     "not supported by this version yet");
    }
    return true;
}

static void read_key(struct reader *reader, const struct reader_path *path,
                     const struct yaml_node *value, const struct schema_key *key, void *into)
{
    struct texts unkept_texts;
    struct pair_list unkept_pairs = {0};
    struct secret_source unkept_secret;

    switch (key->type) {
    case KEY_TEXTS:
        read_texts(reader, path, value, into ? into : &unkept_texts);
        break;
    case KEY_PAIRS:
        read_pairs(reader, path, value, into ? into : &unkept_pairs);
        break;
    case KEY_SECRET:
        read_secret(reader, path, value, into ? into : &unkept_secret);
        break;
    case KEY_TABLE:
        reader_table(reader, path, value, key->table, into);
        break;
    case KEY_OVERLAY:
        reader_table(reader, path, value, key->table, NULL);
        break;
    case KEY_TABLES:
    case KEY_NAMED_TABLES:
        reader_expect(reader, path, value, key->type == KEY_TABLES ? YAML_LIST : YAML_MAP);
        break;
    default:
        read_scalar(reader, path, value, key, into);
        break;
    }
}

static const struct schema_key *find_key(const struct schema_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->keys[i].name, name) == 0) {
            return &table->keys[i];
        }
    }
    return NULL;
}

void reader_table(struct reader *reader, const struct reader_path *path,
                  const struct yaml_node *node, const struct schema_table *table, void *into)
{
    if (!node || !reader_expect(reader, path, node, YAML_MAP)) {
        return;
    }
    for (const struct yaml_node *value = node->first; value; value = value->next) {
        const struct schema_key *key = find_key(table, value->key);
        struct reader_path at = {.up = path, .name = value->key};

        if (!key) {
            add_unknown_key(reader, path, value, table);
        } else if (!refuse_later(reader, &at, value, key)) {
            bool kept = into && key->offset != SCHEMA_NOWHERE;

            read_key(reader, &at, value, key, kept ? (char *)into + key->offset : NULL);
        }
    }
}

void reader_defaults(struct reader *reader, const struct schema_table *table, void *into)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct schema_key *key = &table->keys[i];

        if (key->offset == SCHEMA_NOWHERE) {
            continue;
        }
        if (key->type == KEY_TABLE) {
            reader_defaults(reader, key->table, (char *)into + key->offset);
        } else if (key->fallback && !parse_scalar(key->fallback, key, (char *)into + key->offset)) {
            BUG("%s: its default %s is not allowed", key->name, key->fallback);
        }
    }
}
