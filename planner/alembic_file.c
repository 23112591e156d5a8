#include "planner/alembic_file.h"

#include <string.h>

#include "base/str.h"
#include "base/text.h"

#define UNFINISHED "-- skein:unfinished "

static const char header[] = "-- {{message}}\n"
                             "--\n"
                             "-- Revision ID: {{id}}\n"
                             "-- Revises: {{down}}\n"
                             "-- Branch Labels: {{labels}}\n"
                             "-- Depends On: {{depends_on}}\n"
                             "-- Create Date: {{create_date}}\n";

/*
 * Writing
 */

static bool same_text(const char *left, const char *right)
{
    return left == right || (left && right && !strcmp(left, right));
}

static bool same_part(const struct alembic_part *left, const struct alembic_part *right)
{
    if (left->count != right->count) {
        return false;
    }
    for (size_t i = 0; i < left->count; i++) {
        const struct alembic_statement *a = &left->statements[i], *b = &right->statements[i];

        if (a->length != b->length || memcmp(a->text, b->text, a->length) != 0 ||
            a->outside != b->outside || !same_text(a->doubt.reason, b->doubt.reason)) {
            return false;
        }
    }
    return true;
}

static void add_unfinished(struct str *out, const char *reason)
{
    str_add(out, UNFINISHED);
    text_add_safe(out, reason, strlen(reason), true);
    str_addc(out, '\n');
}

static void add_section(struct str *out, enum direction direction, const char *engines,
                        const struct alembic_part *part)
{
    bool outside = part->count && part->statements[0].outside;
    size_t next = 0;

    do {
        str_addf(out, "\n-- skein:%s %s%s\n", direction_name(direction), engines,
                 outside ? " transaction=off" : "");
        for (size_t first = next; next < part->count && part->statements[next].outside == outside;
             next++) {
            const struct alembic_statement *statement = &part->statements[next];

            str_add(out, next > first ? "\n" : "");
            if (statement->doubt.reason) {
                add_unfinished(out, statement->doubt.reason);
            }
            str_addn(out, statement->text, statement->length);
            str_add(out, statement->length ? ";\n" : "");
        }
        outside = !outside;
    } while (next < part->count);
}

/* Each part with those that say the same, where the first of them stands. */
static void add_parts(struct str *out, enum direction direction, const struct alembic_part *parts,
                      size_t count)
{
    unsigned written = 0;

    for (size_t i = 0; i < count; i++) {
        struct str engines = STR_INIT;

        if (written & ENGINE_BIT(parts[i].engine)) {
            continue;
        }
        for (size_t j = i; j < count; j++) {
            if (same_part(&parts[i], &parts[j])) {
                str_addf(&engines, "%s%s", engines.length ? "," : "", engine_name(parts[j].engine));
                written |= ENGINE_BIT(parts[j].engine);
            }
        }
        add_section(out, direction, engines.text, &parts[i]);
        str_release(&engines);
    }
}

/*
 * Reading back
 */

static bool is_finished(const struct alembic_file *file)
{
    for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
        for (size_t i = 0; i < file->part_counts[direction]; i++) {
            const struct alembic_part *part = &file->parts[direction][i];

            for (size_t j = 0; j < part->count; j++) {
                if (part->statements[j].doubt.reason) {
                    return false;
                }
            }
        }
    }
    return true;
}

/* Each statement is one for the loader, in a section of its kind. */
static bool says_same(const struct revision *revision, enum direction direction,
                      const struct alembic_part *part)
{
    const struct script *script = &revision->scripts[part->engine][direction];

    if (!script->present || script->statement_count != part->count) {
        return false;
    }
    for (size_t i = 0; i < part->count; i++) {
        const struct section *section = script->sections[script->statements[i].section];

        if (section->transaction_off != part->statements[i].outside) {
            return false;
        }
    }
    return true;
}

static int read_back(const struct alembic_file *file, const struct str *out, struct err *err)
{
    struct arena arena = ARENA_INIT;
    struct file_text text = {
        .name = "new", .path = "new", .data = out->text, .length = out->length};
    struct err_list errors;
    struct revision *revision;
    unsigned engines = 0;
    bool same;

    for (size_t i = 0; i < file->part_counts[DIRECTION_UPGRADE]; i++) {
        engines |= ENGINE_BIT(file->parts[DIRECTION_UPGRADE][i].engine);
    }
    err_list_init(&errors, &arena, 1);
    revision = revision_file_parse(&arena, &text, engines, &errors);
    same = revision != NULL;
    for (int direction = 0; same && direction < DIRECTION_COUNT; direction++) {
        for (size_t i = 0; i < file->part_counts[direction]; i++) {
            same &= says_same(revision, (enum direction)direction, &file->parts[direction][i]);
        }
    }
    if (!same) {
        err_set(err, ERROR_REVISION, "revision %s cannot be written as a revision file: %s",
                file->draft.id,
                revision ? "its statements would be read in another way" : errors.items[0].message);
    }
    arena_release(&arena);
    return same ? 0 : (int)err->class;
}

int alembic_file_render(const struct alembic_file *file, struct str *out, struct err *err)
{
    int failed = revision_file_render(header, &file->draft, out, err);

    if (failed) {
        err_prefix(err, "revision %s", file->draft.id);
        return failed;
    }
    if (file->irreversible) {
        str_add(out, "-- Irreversible: ");
        text_add_safe(out, file->irreversible, strlen(file->irreversible), true);
        str_addc(out, '\n');
    }
    for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
        add_parts(out, (enum direction)direction, file->parts[direction],
                  file->part_counts[direction]);
    }
    return is_finished(file) ? read_back(file, out, err) : 0;
}

int alembic_file_unfinished(struct arena *arena, const char **at, int *line, const char **reason)
{
    while (**at) {
        const char *start = *at;
        size_t length = strcspn(start, "\n");

        *at += length + (start[length] == '\n');
        ++*line;
        if (length >= sizeof(UNFINISHED) - 1 &&
            !memcmp(start, UNFINISHED, sizeof(UNFINISHED) - 1)) {
            *reason = arena_strndup(arena, start + sizeof(UNFINISHED) - 1,
                                    length - (sizeof(UNFINISHED) - 1));
            return *line - 1;
        }
    }
    return 0;
}
