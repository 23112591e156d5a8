/*
 * lexer.h: SQL text as tokens, by a table per dialect. What is between two tokens of a statement is
 * white space or a comment; that is all that splitting, checksums and templates need to know. It is
 * no parser: keywords and grammar are none of its business (body.h, keyword.h).
 *
 * One pass, no recursion, no memory: linear on any input.
 */
#ifndef SKEIN_PLANNER_LEXER_H
#define SKEIN_PLANNER_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "model/engine.h"

enum token_kind {
    TOKEN_END, /* of the text; length 0 */
    TOKEN_SPACE,
    TOKEN_COMMENT,    /* means nothing to anybody */
    TOKEN_KEPT,       /* a comment that is part of its statement: a hint, or executable elsewhere */
    TOKEN_EXECUTABLE, /* opens an executable comment, with its version: what follows is SQL */
    TOKEN_EXECUTABLE_END, /* closes it */
    TOKEN_WORD,           /* a keyword or a bare name */
    TOKEN_NUMBER,
    TOKEN_STRING,     /* with quotes and, on PostgreSQL, the E before them */
    TOKEN_DOLLAR,     /* $tag$...$tag$ */
    TOKEN_IDENTIFIER, /* quoted */
    TOKEN_OTHER,      /* one byte */
    TOKEN_TERMINATOR, /* a semicolon, or what DELIMITER said */
    TOKEN_BROKEN,     /* opened and never closed: runs to the end of the text; see lexer.broken */
};

struct token {
    enum token_kind kind;
    size_t start, length;
};

/* How an engine reads text. */
struct dialect {
    bool nested_comments;      /* block comments nest */
    bool dash_needs_space;     /* two dashes open a comment only before white space or a control */
    bool return_ends_comment;  /* a carriage return ends a line comment */
    bool hash_comments;        /* # to the end of the line */
    bool backslashes;          /* escape in '...' and "..." */
    bool escape_strings;       /* E'...', where backslashes escape */
    bool double_quoted_string; /* "..." is a string */
    bool backticks;            /* `...` is an identifier */
    bool brackets;             /* [...] is an identifier */
    bool dollar_quotes;        /* $tag$...$tag$ */
    bool dollar_words;         /* a name may start with $ */
    bool executable;           /* slash-star-! opens an executable comment */
    bool executable_m;         /* slash-star-M! too */
    bool parentheses_bind;     /* a semicolon inside parentheses ends nothing (CREATE RULE) */
    bool delimiter_command;    /* DELIMITER lines of the client */
};

/* The dialect of an engine; never NULL. */
const struct dialect *dialect_of(enum engine engine);

struct lexer {
    const struct dialect *dialect;
    const char *text;
    size_t length;
    size_t position;         /* of the next token; may be set between two tokens */
    const char *delimiter;   /* not NUL-terminated */
    size_t delimiter_length; /* at most LEXER_DELIMITER_LIMIT */
    bool executable;         /* inside an executable comment */
    size_t executable_start; /* of the last one */
    size_t escapes_at;       /* where a string goes on that started as E'...' */
    const char *broken;      /* after TOKEN_BROKEN: "string", "comment", ... */
};

#define LEXER_DELIMITER_LIMIT ((size_t)16) /* bytes, as the mysql client */

/* Starts at the beginning of text[0..length), with the delimiter ";". */
void lexer_init(struct lexer *lexer, enum engine engine, const char *text, size_t length);

/* Takes the next token. Tokens touch each other and cover the text. */
void lexer_next(struct lexer *lexer, struct token *token);

/* White space and dropped comments: what may stand between two tokens. */
bool token_is_blank(const struct token *token);

/* The next token that is not blank, nor a comment that is kept. False: the end. */
bool lexer_next_said(struct lexer *lexer, struct token *token);

/* Whether the token is this name, as a word or quoted, whatever its capitals. */
bool token_is_named(const char *text, const struct token *token, const char *name);

#endif
