/*
 * revision_parser.h: what the parts of the revision file parser share: revision_file.c (the text,
 * sections, scripts), revision_header.c, revision_marker.c. Nobody else includes it.
 */
#ifndef SKEIN_PLANNER_REVISION_PARSER_H
#define SKEIN_PLANNER_REVISION_PARSER_H

#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"
#include "model/revision.h"

/* Kept over all files of a project. */
struct revision_tools {
    struct digest *digest;
    struct str canonical;
};

/* A marker with what follows it up to the next. */
enum part_kind { PART_UPGRADE, PART_DOWNGRADE, PART_REQUIRE, PART_VERIFY, PART_KIND_COUNT };

extern const char *const part_names[PART_KIND_COUNT + 1]; /* "upgrade", ...; ends with NULL */

struct part {
    enum part_kind kind;
    struct section section;
    const char *name; /* of a check */
    bool expect_true;
};

struct revision_parser {
    struct arena *arena;
    const char *path; /* as shown */
    struct err_list *errors;
    size_t errors_before; /* errors->count at the start */
    size_t failures;      /* errors of this file */
    const char *section;  /* title of the part under way, for errors; or NULL */
    unsigned engines;
    struct revision_tools *tools;
    /* the text, without a BOM, lines ended by \n */
    const char *text;
    size_t length;
    size_t position; /* of the next line */
    int line;        /* its number */
    struct revision *revision;
    struct part *parts;
    size_t part_count, part_capacity;
    unsigned named[PART_KIND_COUNT]; /* engines that some marker of the kind names */
};

struct line {
    const char *text; /* without its end */
    size_t length;
    int number;
};

/* The line at parser->position, which stays. False at the end. */
bool revision_parser_peek(const struct revision_parser *parser, struct line *line);
void revision_parser_advance(struct revision_parser *parser, const struct line *line);

/* A new error at a line, with a hint (or NULL). The same one twice is one. */
void revision_parser_fail(struct revision_parser *parser, int line, const char *hint,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));

/* An error that is set already (message, hint, line) into the parser's list. The same one twice is
 * one. */
void revision_parser_keep(struct revision_parser *parser, struct err *err);

/* The bytes as one word for a message: safe to show, cut where long. */
const char *revision_parser_show(struct revision_parser *parser, const char *text, size_t length);

/* "did you mean "WORD"?", or `otherwise`. */
const char *revision_parser_nearest(struct revision_parser *parser, const char *word,
                                    const char *const *candidates, const char *otherwise);

/* The leading lines of comments. */
void revision_parse_header(struct revision_parser *parser);

/* True for a line that is a marker. */
bool revision_is_marker(const struct line *line);
/* True for `-- skein:unfinished REASON`, which begins no section: told as an error then, so that
 * nothing runs until a person has written what is missing. */
bool revision_parse_unfinished(struct revision_parser *parser, const struct line *line);
/* Adds a part for it; an error leaves one, too, so that what follows is not told twice. */
void revision_parse_marker(struct revision_parser *parser, const struct line *line);

/* Cuts text at blanks: the next word; false at the end. */
bool revision_next_word(const char **text, size_t *length, const char **word, size_t *word_length);

#endif
