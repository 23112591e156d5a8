#include "config/yaml.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/bug.h"
#include "base/map.h"
#include "base/text.h"

#define DEPTH_MAX                                                                                  \
    64 /* libyaml is quadratic in the depth of flow nesting: stopped while it reads                \
        */
#define SCALAR_MAX ((size_t)64 * 1024)
#define FEW_KEYS   8 /* to here duplicates are looked for one by one, beyond by a map */

struct frame {
    struct yaml_node *node;
    struct yaml_node *last;
    const char *key; /* of the value that comes next; NULL: a key comes next */
    int key_line, key_column;
    struct map *keys; /* NULL while there are few */
};

struct builder {
    struct arena *arena;
    const char *file;
    struct err_list *errors;
    struct yaml_node *root;
    struct frame frames[DEPTH_MAX];
    size_t depth;
    unsigned documents;
    bool stop; /* a hard error was told */
};

static struct err *add_error(struct builder *builder, int line, int column, const char *message)
{
    struct err *err = err_list_add(builder->errors);

    err_set(err, ERROR_CONFIGURATION, "%s", message);
    err_at(err, builder->file, line, column);
    return err;
}

static int line_of(const yaml_event_t *event)
{
    return (int)event->start_mark.line + 1;
}

static int column_of(const yaml_event_t *event)
{
    return (int)event->start_mark.column + 1;
}

static struct err *add_event_error(struct builder *builder, const yaml_event_t *event,
                                   const char *message)
{
    return add_error(builder, line_of(event), column_of(event), message);
}

/* Line and column of a byte, for errors that come without. */
static void place_of(const char *text, size_t offset, int *line, int *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            (*line)++;
            *column = 1;
        } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
            (*column)++;
        }
    }
}

static const struct yaml_node *find_key(const struct frame *frame, const char *key)
{
    return frame->keys ? map_get(frame->keys, key) : yaml_get(frame->node, key);
}

static void append(struct frame *frame, struct yaml_node *node)
{
    if (frame->last) {
        frame->last->next = node;
    } else {
        frame->node->first = node;
    }
    frame->last = node;
    frame->node->count++;
}

/* Adds a value under the frame's key; a second one of that name is told and left out. */
static void add_value(struct builder *builder, struct frame *frame, struct yaml_node *node)
{
    const struct yaml_node *earlier = find_key(frame, frame->key);

    node->key = frame->key;
    node->key_line = frame->key_line;
    node->key_column = frame->key_column;
    frame->key = NULL;
    if (earlier) {
        struct err *err = err_list_add(builder->errors);

        err_set(err, ERROR_CONFIGURATION,
                "the key \"%.60s\" stands here a second time; the first is in line %d",
                yaml_may_hold_secret(node->key) ? "…" : node->key, earlier->key_line);
        err_at(err, builder->file, node->key_line, node->key_column);
        return;
    }
    append(frame, node);
    if (frame->keys) {
        map_set(frame->keys, node->key, node);
    } else if (frame->node->count > FEW_KEYS) {
        frame->keys = arena_alloc(builder->arena, sizeof(*frame->keys));
        map_init(frame->keys, builder->arena);
        for (struct yaml_node *child = frame->node->first; child; child = child->next) {
            map_set(frame->keys, child->key, child);
        }
    }
}

/* The list or mapping that is open, or NULL. */
static struct frame *open_frame(struct builder *builder)
{
    struct frame *frame = builder->depth ? &builder->frames[builder->depth - 1] : NULL;

    if (frame && !frame->node) {
        BUG("depth %zu without a node", builder->depth);
    }
    return frame;
}

static void add_node(struct builder *builder, struct yaml_node *node)
{
    struct frame *frame = open_frame(builder);

    if (!frame) {
        builder->root = node;
        return;
    }
    if (frame->node->kind == YAML_MAP) {
        add_value(builder, frame, node);
        return;
    }
    append(frame, node);
}

static bool expects_key(struct builder *builder)
{
    const struct frame *frame = open_frame(builder);

    return frame && frame->node->kind == YAML_MAP && !frame->key;
}

static struct yaml_node *new_node(struct builder *builder, const yaml_event_t *event,
                                  enum yaml_kind kind)
{
    struct yaml_node *node = arena_alloc(builder->arena, sizeof(*node));

    node->kind = kind;
    node->line = line_of(event);
    node->column = column_of(event);
    return node;
}

/* Anchors and tags say something that is not heard here: told, and the node is read as if it had
 * none. */
static void refuse_marks(struct builder *builder, const yaml_event_t *event,
                         const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor) {
        err_hint(add_event_error(builder, event, "an anchor (&) is not allowed here"),
                 "write the value where it is needed");
    }
    if (tag) {
        err_hint(add_event_error(builder, event, "a tag (!) is not allowed here"),
                 "leave it out: quotes make a text");
    }
}

static void on_scalar(struct builder *builder, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    bool broken = false;
    struct yaml_node *node;

    refuse_marks(builder, event, event->data.scalar.anchor, event->data.scalar.tag);
    if (length > SCALAR_MAX) {
        add_event_error(builder, event, "a value of more than 65536 bytes");
        broken = true;
    } else if (strlen(value) != length) {
        add_event_error(builder, event, "a value with a NUL character");
        broken = true;
    }
    if (expects_key(builder)) {
        struct frame *frame = open_frame(builder);

        builder->stop = broken;
        frame->key = arena_strdup(builder->arena, value);
        frame->key_line = line_of(event);
        frame->key_column = column_of(event);
        return;
    }
    node = new_node(builder, event, broken ? YAML_BROKEN : YAML_SCALAR);
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = broken ? "" : arena_strndup(builder->arena, value, length);
    add_node(builder, node);
}

static void on_alias(struct builder *builder, const yaml_event_t *event)
{
    err_hint(add_event_error(builder, event, "an alias (*) is not allowed here"),
             "write the value itself; a text that begins with * needs quotes");
    if (expects_key(builder)) {
        builder->stop = true;
        return;
    }
    add_node(builder, new_node(builder, event, YAML_BROKEN));
}

static void on_start(struct builder *builder, const yaml_event_t *event, enum yaml_kind kind)
{
    struct yaml_node *node;

    if (expects_key(builder)) {
        add_event_error(builder, event, "a key must be a plain word");
        builder->stop = true;
        return;
    }
    if (builder->depth == DEPTH_MAX) {
        add_event_error(builder, event, "nested more than 64 deep");
        builder->stop = true;
        return;
    }
    if (kind == YAML_MAP) {
        refuse_marks(builder, event, event->data.mapping_start.anchor,
                     event->data.mapping_start.tag);
    } else {
        refuse_marks(builder, event, event->data.sequence_start.anchor,
                     event->data.sequence_start.tag);
    }
    node = new_node(builder, event, kind);
    add_node(builder, node);
    builder->frames[builder->depth++] = (struct frame){.node = node};
}

static void on_event(struct builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++builder->documents > 1) {
            add_event_error(builder, event,
                            "a second document begins here: one file, one document");
            builder->stop = true;
        }
        break;
    case YAML_SCALAR_EVENT:
        on_scalar(builder, event);
        break;
    case YAML_ALIAS_EVENT:
        on_alias(builder, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        on_start(builder, event, YAML_LIST);
        break;
    case YAML_MAPPING_START_EVENT:
        on_start(builder, event, YAML_MAP);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        builder->depth--;
        break;
    default:
        break;
    }
}

/* libyaml's words are fixed texts, never a piece of the input. */
static void add_syntax_error(struct builder *builder, const yaml_parser_t *parser, const char *text)
{
    int line = (int)parser->problem_mark.line + 1, column = (int)parser->problem_mark.column + 1;
    char message[200];

    if (parser->error == YAML_READER_ERROR) {
        place_of(text, parser->problem_offset, &line, &column);
    }
    snprintf(message, sizeof(message), "not valid YAML: %s%s%s",
             parser->context ? parser->context : "", parser->context ? ": " : "",
             parser->problem ? parser->problem : "it cannot be read");
    add_error(builder, line, column, message);
    builder->stop = true;
}

static void read_events(struct builder *builder, const char *text, size_t length)
{
    yaml_parser_t parser;
    bool end = false;

    if (!yaml_parser_initialize(&parser)) {
        add_error(builder, 1, 1, "no memory to read it");
        builder->stop = true;
        return;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    while (!end && !builder->stop) {
        yaml_event_t event;

        if (!yaml_parser_parse(&parser, &event)) {
            add_syntax_error(builder, &parser, text);
            break;
        }
        end = event.type == YAML_STREAM_END_EVENT;
        on_event(builder, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

int yaml_parse(struct arena *arena, const char *file, const char *text, size_t length,
               struct yaml_node **root, struct err_list *errors)
{
    struct builder builder = {.arena = arena, .file = file, .errors = errors};
    size_t before = errors->total;
    size_t valid = text_utf8_prefix(text, length);

    *root = NULL;
    if (valid < length) {
        int line, column;

        place_of(text, valid, &line, &column);
        add_error(&builder, line, column, "not valid UTF-8");
        return ERROR_CONFIGURATION;
    }
    read_events(&builder, text, length);
    if (!builder.stop) {
        *root = builder.root;
    }
    return errors->total > before ? ERROR_CONFIGURATION : 0;
}

const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key)
{
    if (!node || node->kind != YAML_MAP) {
        return NULL;
    }
    for (const struct yaml_node *child = node->first; child; child = child->next) {
        if (strcmp(child->key, key) == 0) {
            return child;
        }
    }
    return NULL;
}

bool yaml_may_hold_secret(const char *text)
{
    return strstr(text, "://") || strcasestr(text, "password=");
}

bool yaml_is_null(const struct yaml_node *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};

    for (size_t i = 0; node->kind == YAML_SCALAR && node->plain && i < 5; i++) {
        if (strcmp(node->text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}
