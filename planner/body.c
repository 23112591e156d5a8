#include "planner/body.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/bug.h"

/* Blocks. A CASE that is an expression ends with END, one that is a statement with END CASE;
 * between them stand values or statements. */
enum block {
    BLOCK_BEGIN,
    BLOCK_IF,
    BLOCK_CASE,
    BLOCK_EXPRESSION, /* CASE */
    BLOCK_LOOP,
    BLOCK_REPEAT,
    BLOCK_WHILE,
    BLOCK_FOR,
};

#define OBJECT_PROCEDURE 1u
#define OBJECT_FUNCTION  2u
#define OBJECT_TRIGGER   4u
#define OBJECT_EVENT     8u

struct body_rules {
    unsigned objects; /* that may have a body */
    bool atomic;      /* a body opens with BEGIN ATOMIC only */
    bool plain_begin; /* or with BEGIN, right in the header */
    bool blocks;      /* IF, CASE, LOOP, ... are statements, and a body may be one of them */
    bool expressions; /* CASE ... END is counted: where END is told from a name by its place, it
                         need not be */
    bool anonymous;   /* a block may be a statement of its own */
};

static const struct body_rules engine_rules[ENGINE_COUNT] = {
    [ENGINE_POSTGRESQL] = {.objects = OBJECT_PROCEDURE | OBJECT_FUNCTION,
                           .atomic = true,
                           .expressions = true},
    [ENGINE_MYSQL] = {.objects = OBJECT_PROCEDURE | OBJECT_FUNCTION | OBJECT_TRIGGER | OBJECT_EVENT,
                      .blocks = true,
                      .expressions = true},
    [ENGINE_MARIADB] = {.objects =
                            OBJECT_PROCEDURE | OBJECT_FUNCTION | OBJECT_TRIGGER | OBJECT_EVENT,
                        .blocks = true,
                        .expressions = true,
                        .anonymous = true},
    [ENGINE_SQLITE] = {.objects = OBJECT_TRIGGER, .plain_begin = true},
};

void body_init(struct body *body, enum engine engine)
{
    *body = (struct body){.rules = &engine_rules[engine]};
}

void body_release(struct body *body)
{
    free(body->blocks);
    *body = (struct body){0};
}

void body_reset(struct body *body)
{
    char *blocks = body->blocks;
    size_t capacity = body->capacity;

    *body = (struct body){.rules = body->rules, .blocks = blocks, .capacity = capacity};
}

bool body_is_open(const struct body *body)
{
    return body->depth > 0;
}

static void open_block(struct body *body, enum block block)
{
    if (body->depth == body->capacity) {
        body->capacity = body->capacity ? body->capacity * 2 : 16;
        body->blocks = xrealloc(body->blocks, body->capacity);
    }
    body->blocks[body->depth++] = (char)block;
    body->phase = BODY_INSIDE;
}

static bool innermost(const struct body *body, enum block block)
{
    return body->depth && body->blocks[body->depth - 1] == (char)block;
}

static unsigned object_of(enum keyword word)
{
    switch (word) {
    case KEYWORD_PROCEDURE:
        return OBJECT_PROCEDURE;
    case KEYWORD_FUNCTION:
        return OBJECT_FUNCTION;
    case KEYWORD_TRIGGER:
        return OBJECT_TRIGGER;
    case KEYWORD_EVENT:
        return OBJECT_EVENT;
    default:
        return 0;
    }
}

/* Words that open a block where a statement may start. */
static bool is_opener(enum keyword word)
{
    switch (word) {
    case KEYWORD_BEGIN:
    case KEYWORD_IF:
    case KEYWORD_CASE:
    case KEYWORD_LOOP:
    case KEYWORD_REPEAT:
    case KEYWORD_WHILE:
    case KEYWORD_FOR:
        return true;
    default:
        return false;
    }
}

/* Words that start a simple statement: a body of this one only, or what a handler does. */
static bool is_verb(enum keyword word)
{
    switch (word) {
    case KEYWORD_CALL:
    case KEYWORD_DELETE:
    case KEYWORD_DO:
    case KEYWORD_INSERT:
    case KEYWORD_REPLACE:
    case KEYWORD_RETURN:
    case KEYWORD_SELECT:
    case KEYWORD_SET:
    case KEYWORD_SIGNAL:
    case KEYWORD_UPDATE:
    case KEYWORD_VALUES:
    case KEYWORD_WITH:
        return true;
    default:
        return false;
    }
}

/* MariaDB: BEGIN NOT ATOMIC. */
static void on_anonymous(struct body *body, enum keyword word)
{
    if (word == KEYWORD_NOT && body->previous == KEYWORD_BEGIN) {
        return;
    }
    body->phase = BODY_NONE;
    if (word == KEYWORD_ATOMIC && body->previous == KEYWORD_NOT) {
        open_block(body, BLOCK_BEGIN);
        body->at_start = true;
    }
}

static void on_create(struct body *body, enum keyword word, char before)
{
    if (object_of(word) & body->rules->objects && before != '=' && before != '@') {
        body->object = word;
        body->phase = BODY_GATE;
        body->parentheses = 0;
        return;
    }
    switch (word) {
    case KEYWORD_OR:
    case KEYWORD_REPLACE:
    case KEYWORD_TEMP:
    case KEYWORD_TEMPORARY:
    case KEYWORD_AGGREGATE:
        break;
    case KEYWORD_DEFINER:
        body->definer = true;
        break;
    case KEYWORD_VIEW:
    case KEYWORD_SQL:
        body->phase = BODY_NONE;
        break;
    default:
        if (!body->definer) {
            body->phase = BODY_NONE;
        }
    }
}

static void on_gate(struct body *body, enum keyword word)
{
    const struct body_rules *rules = body->rules;

    if (body->sign == '(') {
        body->parentheses++;
    } else if (body->sign == ')' && body->parentheses) {
        body->parentheses--;
    }
    if (rules->atomic || rules->plain_begin) {
        if (rules->atomic ? word == KEYWORD_ATOMIC && body->previous == KEYWORD_BEGIN
                          : word == KEYWORD_BEGIN) {
            open_block(body, BLOCK_BEGIN);
            body->at_start = true;
        }
        return;
    }
    switch (body->object) {
    case KEYWORD_TRIGGER:
        body->phase = word == KEYWORD_ROW ? BODY_HEAD : BODY_GATE;
        break;
    case KEYWORD_EVENT:
        body->phase = word == KEYWORD_DO ? BODY_HEAD : BODY_GATE;
        break;
    default: /* after the parameters */
        body->phase = body->sign == ')' && !body->parentheses ? BODY_HEAD : BODY_GATE;
    }
}

static void on_end(struct body *body, bool start)
{
    if (innermost(body, BLOCK_EXPRESSION)) {
        if (body->previous != KEYWORD_AS) {
            body->depth--;
        }
    } else if (start || innermost(body, BLOCK_REPEAT)) {
        body->depth--;
        body->after_end = true;
    }
    if (!body->depth) {
        body->phase = BODY_NONE;
    }
}

/* A word that opens a block, at a place where a statement may start. */
static void on_opener(struct body *body, enum keyword word)
{
    static const enum block blocks[KEYWORD_COUNT] = {
        [KEYWORD_BEGIN] = BLOCK_BEGIN,   [KEYWORD_IF] = BLOCK_IF,
        [KEYWORD_CASE] = BLOCK_CASE,     [KEYWORD_LOOP] = BLOCK_LOOP,
        [KEYWORD_REPEAT] = BLOCK_REPEAT, [KEYWORD_WHILE] = BLOCK_WHILE,
        [KEYWORD_FOR] = BLOCK_FOR,
    };

    open_block(body, blocks[word]);
    body->declare = body->handler = false;
    body->at_start = word == KEYWORD_BEGIN || word == KEYWORD_LOOP || word == KEYWORD_REPEAT;
}

static void on_block_word(struct body *body, enum keyword word, bool start)
{
    if (body->rules->blocks && (start || body->handler) && is_opener(word)) {
        on_opener(body, word);
        return;
    }
    switch (word) {
    case KEYWORD_CASE:
        if (body->rules->expressions && body->previous != KEYWORD_AS) {
            open_block(body, BLOCK_EXPRESSION);
        }
        break;
    case KEYWORD_THEN:
    case KEYWORD_ELSE:
        body->at_start = innermost(body, BLOCK_IF) || innermost(body, BLOCK_CASE);
        break;
    case KEYWORD_DO:
        body->at_start = !start && (innermost(body, BLOCK_WHILE) || innermost(body, BLOCK_FOR));
        break;
    case KEYWORD_DECLARE:
        body->declare = start;
        break;
    case KEYWORD_FOR: /* DECLARE ... HANDLER FOR: what it does may be a block */
        body->handler = body->declare && body->previous == KEYWORD_HANDLER;
        break;
    default:
        body->handler = body->handler && !is_verb(word);
    }
}

static void on_start(struct body *body, enum keyword word)
{
    body->phase = BODY_NONE;
    if (word == KEYWORD_CREATE || (word == KEYWORD_ALTER && body->rules->blocks)) {
        body->phase = BODY_CREATE;
    } else if (body->rules->anonymous && word == KEYWORD_BEGIN) {
        body->phase = BODY_ANONYMOUS;
    } else if (body->rules->anonymous && is_opener(word)) {
        on_opener(body, word);
    }
}

/* SET is a type after RETURNS, and part of one after CHARACTER. */
static void on_head(struct body *body, enum keyword word)
{
    bool type = body->previous == KEYWORD_RETURNS || body->previous == KEYWORD_CHARACTER ||
                body->previous == KEYWORD_CHAR;

    if (is_opener(word)) {
        on_opener(body, word);
    } else if (is_verb(word) && !type) {
        body->phase = BODY_NONE;
    }
}

static void on_inside(struct body *body, const struct token *token, enum keyword word)
{
    bool start = body->at_start, label = body->labels;

    body->at_start = body->labels = false;
    if (body->after_end && token->kind == TOKEN_WORD) {
        body->after_end = false;
        return;
    }
    body->after_end = false;
    if (body->sign == ';') {
        body->at_start = true;
        body->declare = body->handler = false;
    } else if (body->sign == ':') {
        body->at_start = label;
    } else if (word == KEYWORD_END) {
        on_end(body, start);
    } else {
        body->labels = start && (token->kind == TOKEN_WORD || token->kind == TOKEN_IDENTIFIER);
        on_block_word(body, word, start);
    }
}

void body_token(struct body *body, const struct token *token, const char *text, enum keyword word)
{
    char before = body->sign;

    if (body->phase == BODY_NONE || token->kind == TOKEN_KEPT || token->kind == TOKEN_EXECUTABLE ||
        token->kind == TOKEN_EXECUTABLE_END) {
        return;
    }
    body->sign = token->length == 1 && token->kind != TOKEN_WORD && token->kind != TOKEN_NUMBER
                     ? text[token->start]
                     : '\0';
    if (before == '.' || before == '@') {
        word = KEYWORD_NONE; /* a column or a variable of that name */
    }
    switch (body->phase) {
    case BODY_START:
        on_start(body, word);
        break;
    case BODY_ANONYMOUS:
        on_anonymous(body, word);
        break;
    case BODY_CREATE:
        on_create(body, word, before);
        break;
    case BODY_GATE:
        on_gate(body, word);
        break;
    case BODY_HEAD:
        on_head(body, word);
        break;
    case BODY_INSIDE:
        on_inside(body, token, word);
        break;
    case BODY_NONE:
        break;
    }
    body->previous = word;
}
