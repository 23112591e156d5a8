/*
 * body.h: knows whether a semicolon stands inside a body of statements: BEGIN ATOMIC ... END of
 * PostgreSQL, CREATE TRIGGER ... BEGIN ... END of SQLite, the compound statements of MySQL and
 * MariaDB with their IF, CASE, LOOP, REPEAT, WHILE and FOR. Fed with every token of a statement
 * that is no blank.
 *
 * One machine for all engines; a table says which words open what where. Blocks are a stack of
 * bytes, so that depth costs memory, never the C stack.
 */
#ifndef SKEIN_PLANNER_BODY_H
#define SKEIN_PLANNER_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/keyword.h"
#include "planner/lexer.h"

enum body_phase {
    BODY_START,     /* before the first word */
    BODY_ANONYMOUS, /* MariaDB: after BEGIN, which NOT ATOMIC makes a block */
    BODY_CREATE,    /* CREATE: waits for the kind of object */
    BODY_GATE,      /* an object that may have a body: waits for what stands before it */
    BODY_HEAD,      /* the body's first word comes next, or some more of the header */
    BODY_INSIDE,    /* within it */
    BODY_NONE,      /* none, or it is over: nothing is looked at any more */
};

struct body_rules;

struct body {
    const struct body_rules *rules;
    enum body_phase phase;
    enum keyword object;   /* what is created */
    enum keyword previous; /* the last word; KEYWORD_NONE for every other token */
    size_t parentheses;    /* open ones, in the header */
    bool definer;          /* DEFINER was seen: a user follows */
    char sign;             /* the last token, if it was one sign; else NUL */
    /* inside */
    bool at_start;  /* a statement starts here */
    bool labels;    /* the last token may be a label */
    bool after_end; /* the next word belongs to END */
    bool declare, handler;
    char *blocks; /* on the heap: one byte a block that is open */
    size_t depth, capacity;
};

void body_init(struct body *body, enum engine engine);
void body_release(struct body *body);
void body_reset(struct body *body); /* for the next statement */

/* `word` is the token's keyword; KEYWORD_NONE for what is no word. Terminators inside a body are
 * fed, too. */
void body_token(struct body *body, const struct token *token, const char *text, enum keyword word);

/* Whether a semicolon would end nothing now. */
bool body_is_open(const struct body *body);

#endif
