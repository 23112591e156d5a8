/*
 * Whatever the file is: a revision whose statements lie in its sections, or errors with a line.
 */
#include <string.h>

#include "fuzz.h"
#include "planner/revision_file.h"
#include "planner/template.h"

const char *const fuzz_words[] = {
    "-- ",
    "--",
    "\n",
    "\r\n",
    "\n\n",
    ":",
    ",",
    "=",
    " ",
    "Revision ID: ",
    "Revises: ",
    "Branch Labels: ",
    "Depends On: ",
    "Create Date: ",
    "Variables: ",
    "Irreversible: ",
    "-- skein:upgrade\n",
    "-- skein:downgrade\n",
    "-- skein:require a\n",
    "-- skein:verify b expect=true\n",
    "\n-- skein:",
    "skein:",
    "postgresql",
    "mysql",
    "mariadb",
    "sqlite",
    "transaction=off ",
    "lock_timeout=",
    "5s",
    "foreign_keys=off ",
    "statement_timeout=0 ",
    "expect=true",
    "SELECT 1;",
    "x;",
    "{{",
    "}}",
    "|ident",
    "|literal",
    "{{r|ident}}",
    "{{r}}",
    "'",
    "$$",
    "/*",
    "*/",
    "\xef\xbb\xbf",
    "\xc3\xa9",
    "\xff",
    NULL,
};

static void check_script(const struct revision *revision, const struct script *script)
{
    FUZZ_CHECK(script->present || !script->section_count, revision->id);
    for (size_t i = 0; i < script->statement_count; i++) {
        const struct statement *statement = &script->statements[i];
        const struct section *section;

        FUZZ_CHECK(statement->section < script->section_count, revision->id);
        FUZZ_CHECK(!i || script->statements[i - 1].section <= statement->section, revision->id);
        section = script->sections[statement->section];
        FUZZ_CHECK(statement->text >= section->body &&
                       statement->text + statement->length <= section->body + section->body_length,
                   revision->id);
        FUZZ_CHECK(statement->line >= section->body_line && statement->line > section->line,
                   revision->id);
    }
}

static void check_render(struct arena *arena, const struct revision *revision, enum engine engine,
                         const struct script *script)
{
    static const struct pair pairs[] = {{"r", "a'b\\"}};
    static const struct pair_list vars = {pairs, 1};

    for (size_t i = 0; i < script->statement_count; i++) {
        struct err err = ERR_INIT(arena);
        const char *out;
        size_t length;

        FUZZ_CHECK(!template_render(arena, revision, engine, &vars, script->statements[i].text,
                                    script->statements[i].length, &out, &length, &err) ||
                       err.class == ERROR_PLAN,
                   revision->id);
    }
}

static void check_revision(struct arena *arena, const struct revision *revision)
{
    FUZZ_CHECK(revision->id && *revision->id && revision->message, "header");
    for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
        FUZZ_CHECK(strlen(revision->checksum[engine]) == 64, revision->id);
        for (unsigned direction = 0; direction < DIRECTION_COUNT; direction++) {
            check_script(revision, &revision->scripts[engine][direction]);
            check_render(arena, revision, (enum engine)engine,
                         &revision->scripts[engine][direction]);
        }
    }
    for (size_t i = 0; i < revision->check_count; i++) {
        FUZZ_CHECK(revision->checks[i].name && *revision->checks[i].name &&
                       revision->checks[i].statement.length,
                   revision->id);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_INIT;
    struct file_text file = {.name = "a.sql", .path = "a.sql", .length = size};
    struct revision *revision;
    struct err_list errors;

    file.data = arena_strndup(&arena, (const char *)data, size);
    err_list_init(&errors, &arena, 20);
    revision = revision_file_parse(&arena, &file, ENGINE_ALL, &errors);
    FUZZ_CHECK(!revision == (errors.count > 0), "errors");
    if (revision) {
        check_revision(&arena, revision);
    }
    for (size_t i = 0; i < errors.count; i++) {
        FUZZ_CHECK(errors.items[i].class == ERROR_REVISION && errors.items[i].message &&
                       errors.items[i].line >= 1,
                   "an error");
    }
    arena_release(&arena);
    return 0;
}
