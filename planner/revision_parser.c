#include "planner/revision_parser.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

#define SHOWN_LENGTH ((size_t)60) /* bytes of a foreign word in a message */

bool revision_parser_peek(const struct revision_parser *parser, struct line *line)
{
    const char *at = parser->text + parser->position, *end;
    size_t left = parser->length - parser->position;

    if (!left) {
        return false;
    }
    end = memchr(at, '\n', left);
    *line = (struct line){
        .text = at, .length = end ? (size_t)(end - at) : left, .number = parser->line};
    return true;
}

void revision_parser_advance(struct revision_parser *parser, const struct line *line)
{
    size_t after = (size_t)(line->text - parser->text) + line->length;

    parser->position = after < parser->length ? after + 1 : after;
    parser->line++;
}

void revision_parser_keep(struct revision_parser *parser, struct err *err)
{
    struct err_list *errors = parser->errors;

    parser->failures++;
    for (size_t i = parser->errors_before; i < errors->count; i++) {
        if (errors->items[i].line == err->line && !strcmp(errors->items[i].message, err->message)) {
            return; /* a section for several engines is read once for each */
        }
    }
    err_at(err, parser->path, err->line, err->column);
    err->revision = parser->revision ? parser->revision->id : NULL;
    err->section = parser->section;
    err_copy(err_list_add(errors), err);
}

void revision_parser_fail(struct revision_parser *parser, int line, const char *hint,
                          const char *format, ...)
{
    struct err err = ERR_INIT(parser->arena);
    va_list arguments;

    va_start(arguments, format);
    err_set(&err, ERROR_REVISION, "%s", arena_vprintf(parser->arena, format, arguments));
    va_end(arguments);
    err_at(&err, NULL, line, 0);
    if (hint) {
        err_hint(&err, "%s", hint);
    }
    revision_parser_keep(parser, &err);
}

const char *revision_parser_show(struct revision_parser *parser, const char *text, size_t length)
{
    struct str out = STR_INIT;
    const char *shown;

    text_add_safe(&out, text, length > SHOWN_LENGTH ? text_utf8_prefix(text, SHOWN_LENGTH) : length,
                  true);
    str_add(&out, length > SHOWN_LENGTH ? "..." : "");
    shown = arena_strndup(parser->arena, out.text, out.length);
    str_release(&out);
    return shown;
}

const char *revision_parser_nearest(struct revision_parser *parser, const char *word,
                                    const char *const *candidates, const char *otherwise)
{
    const char *nearest = text_nearest(word, candidates, SIZE_MAX);

    return nearest ? arena_printf(parser->arena, "did you mean \"%s\"? %s", nearest, otherwise)
                   : otherwise;
}
