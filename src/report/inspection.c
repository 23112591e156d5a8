#include "report/inspection.h"

#include <string.h>

#include "report/report.h"
#include "report/words.h"

#define INDENT     "    "
#define NAMES_MOST 8

static const char *kind_name(enum object_kind kind)
{
    static const char *const names[] = {[OBJECT_TABLE] = "table",
                                        [OBJECT_COLUMN] = "column",
                                        [OBJECT_INDEX] = "index",
                                        [OBJECT_CONSTRAINT] = "constraint"};
    return names[kind];
}

static const char *found_words(enum object_found found)
{
    static const char *const words[] = {[OBJECT_UNKNOWN] = "is not known",
                                        [OBJECT_MISSING] = "is not there",
                                        [OBJECT_THERE] = "is there",
                                        [OBJECT_INVALID] = "is there, and not valid"};
    return words[found];
}

/* ---- text */

/* "index ix_a on a is not there" */
static void add_object(const struct object *object, struct str *out)
{
    str_addf(out, "%s ", kind_name(object->kind));
    if (object->kind == OBJECT_TABLE && object->schema != NULL) {
        words_safe(out, object->schema);
        str_addc(out, '.');
    }
    words_safe(out, object->name);
    if (object->table != NULL) {
        str_add(out, object->kind == OBJECT_COLUMN ? " of " : " on ");
        words_safe(out, object->table);
    }
    str_addf(out, " %s", found_words(object->found));
}

static void add_statement(const struct inspected_statement *statement, struct str *out)
{
    str_addf(out, INDENT "statement %zu  ", statement->number);
    words_safe(out, statement->text);
    str_add(out, ": ");
    for (size_t i = 0; i < statement->count; i++) {
        if (i > 0)
            str_add(out, "; ");
        add_object(&statement->objects[i], out);
    }
    if (!statement->whole)
        str_add(out, statement->count > 0 ? "; what else it does is not known from the catalogue"
                                          : "not known from the catalogue");
    str_addc(out, '\n');
}

/* All but whose it is. */
static void add_inspection(const struct inspection *inspection, struct str *out)
{
    const struct history_row *row = inspection->open;
    words_safe(out, row->direction);
    str_add(out, " of ");
    words_safe(out, row->revision);
    str_addf(out, ": %lld of %lld statements done", (long long)row->done, (long long)row->total);
    if (row->attempted > row->done)
        str_addf(out, "; statement %lld was under way and it is not known whether it stands",
                 (long long)row->attempted);
    str_add(out, "   run ");
    words_safe(out, row->run_id != NULL ? row->run_id : "?");
    str_addc(out, '\n');
    if (!inspection->has_file)
        str_add(out, INDENT "no file has this revision: its statements are not known\n");
    else if (inspection->edited)
        str_add(out,
                INDENT "the file was edited since: these are its statements as they are now\n");
    for (size_t i = 0; i < inspection->count; i++)
        add_statement(&inspection->statements[i], out);
    if (inspection->err.class != ERROR_NONE) {
        str_addf(out, INDENT "the catalogue could not be asked: %s: ",
                 error_class_name(inspection->err.class));
        words_safe(out, inspection->err.message != NULL ? inspection->err.message : "");
        str_addc(out, '\n');
    }
}

/* The texts of all, to find those that are alike. */
static char **texts_of(const struct run_result *result, struct arena *arena)
{
    char **texts = arena_array(arena, result->inspection_count, sizeof(*texts));
    struct str text = STR_INIT;
    for (size_t i = 0; i < result->inspection_count; i++) {
        str_clear(&text);
        add_inspection(&result->inspections[i], &text);
        texts[i] = arena_strdup(arena, text.text);
    }
    str_release(&text);
    return texts;
}

void report_inspections_text(const struct run_result *result, bool verbose, struct str *out)
{
    struct arena arena = ARENA_INIT;
    size_t count = result->inspection_count, most = verbose ? count : NAMES_MOST;
    char **texts = texts_of(result, &arena);
    for (size_t i = 0; i < count; i++) {
        size_t members = 0;
        if (texts[i] == NULL)
            continue;
        const char *text = texts[i];
        for (size_t j = i; j < count; j++) {
            if (texts[j] == NULL || strcmp(texts[j], text) != 0)
                continue;
            if (members < most) {
                str_add(out, members > 0 ? ", " : "");
                words_safe(out, result->fleet->targets[result->inspections[j].target].name);
            }
            members++;
            texts[j] = NULL;
        }
        words_more(out, members, most);
        str_addf(out, "   %s", text);
    }
    str_addf(out, "%zu of %zu targets have an open row\n", count, result->count);
    arena_release(&arena);
}

/* ---- JSON */

void report_open_row_fields(struct json *json, const struct history_row *row)
{
    json_key_string(json, "revision", row->revision);
    json_key_string(json, "direction", row->direction);
    json_key_integer(json, "total", row->total);
    json_key_integer(json, "attempted", row->attempted);
    json_key_integer(json, "done", row->done);
    json_key_string(json, "run_id", row->run_id);
    json_key_string(json, "started_at", row->started_at);
}

static void add_object_json(struct json *json, const struct object *object)
{
    json_object(json);
    json_key_string(json, "kind", kind_name(object->kind));
    json_key_string(json, "schema", object->schema);
    json_key_string(json, "table", object->table);
    json_key_string(json, "name", object->name);
    json_key_string(json, "change", object->drops ? "drop" : "make");
    json_key(json, "there");
    if (object->found == OBJECT_UNKNOWN)
        json_null(json);
    else
        json_bool(json, object->found != OBJECT_MISSING);
    json_key(json, "valid");
    if (object->kind != OBJECT_INDEX || object->found < OBJECT_THERE)
        json_null(json);
    else
        json_bool(json, object->found != OBJECT_INVALID);
    json_end_object(json);
}

static void add_statement_json(struct json *json, const struct inspected_statement *statement)
{
    json_object(json);
    json_key_integer(json, "statement", (int64_t)statement->number);
    json_key_string(json, "text", statement->text);
    json_key(json, "whole");
    json_bool(json, statement->whole);
    json_key(json, "objects");
    json_array(json);
    for (size_t i = 0; i < statement->count; i++)
        add_object_json(json, &statement->objects[i]);
    json_end_array(json);
    json_end_object(json);
}

static const struct inspection *find(const struct run_result *result, size_t target)
{
    for (size_t i = 0; i < result->inspection_count; i++)
        if (result->inspections[i].target == target)
            return &result->inspections[i];
    return NULL;
}

void report_inspection_json(struct json *json, const struct run_result *result, size_t target)
{
    const struct inspection *inspection = find(result, target);
    json_key(json, "open");
    if (inspection == NULL) {
        json_null(json);
        return;
    }
    json_object(json);
    report_open_row_fields(json, inspection->open);
    json_key(json, "edited");
    if (inspection->has_file)
        json_bool(json, inspection->edited);
    else
        json_null(json);
    json_key(json, "statements");
    json_array(json);
    for (size_t i = 0; i < inspection->count; i++)
        add_statement_json(json, &inspection->statements[i]);
    json_end_array(json);
    json_key(json, "error");
    report_error_value(json, inspection->err.class != ERROR_NONE ? &inspection->err : NULL, false);
    json_end_object(json);
}
