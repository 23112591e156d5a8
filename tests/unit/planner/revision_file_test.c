#include "planner/revision_file.h"

#include <string.h>
#include <time.h>

#include "base/digest.h"
#include "base/str.h"
#include "check.h"

#define PG   ENGINE_BIT(ENGINE_POSTGRESQL)
#define LITE ENGINE_BIT(ENGINE_SQLITE)

/* A header that is right, of four lines. */
#define HEAD "-- m\n-- Revision ID: a1\n-- Revises:\n\n"

static struct revision *parse(struct arena *arena, const char *text, size_t length,
                              unsigned engines, struct err_list *errors)
{
    struct file_text file = {.name = "a1_m.sql", .path = "versions/a1_m.sql", .length = length};

    file.data = arena_strndup(arena, text, length);
    err_list_init(errors, arena, 50);
    return revision_file_parse(arena, &file, engines, errors);
}

/* "line: message" of all errors, one a line; "" if there is none. */
static void parse_errors(const char *text, size_t length, unsigned engines, struct str *out)
{
    struct arena arena = ARENA_INIT;
    struct err_list errors;
    struct revision *revision = parse(&arena, text, length, engines, &errors);

    str_clear(out);
    assert_true((revision == NULL) == (errors.count > 0));
    for (size_t i = 0; i < errors.count; i++) {
        assert_int_equal(errors.items[i].class, ERROR_REVISION);
        assert_string_equal(errors.items[i].file, "versions/a1_m.sql");
        str_addf(out, "%d: %s\n", errors.items[i].line, errors.items[i].message);
    }
    arena_release(&arena);
}

struct error_case {
    const char *text, *errors;
};

static void check_errors(const struct error_case *cases, size_t count)
{
    struct str out = STR_INIT;

    for (size_t i = 0; i < count; i++) {
        parse_errors(cases[i].text, strlen(cases[i].text), ENGINE_ALL, &out);
        if (strcmp(out.text, cases[i].errors) != 0) {
            fail_msg("case %zu:\n%s\n gives\n%s not\n%s", i, cases[i].text, out.text,
                     cases[i].errors);
        }
    }
    str_release(&out);
}

#define CHECK_ERRORS(cases) check_errors(cases, sizeof(cases) / sizeof((cases)[0]))

static const struct error_case header_errors[] = {
    {HEAD, ""},
    {"\n\n-- m\n-- Revision ID: a\n-- Revises: b, c", ""},
    {"-- Revision ID: a\n-- Revises:\n", ""},
    {"--\n--Revision ID: a\n--   Revises: b\n", ""},
    {"", "1: the header has no \"Revision ID:\"\n1: the header has no \"Revises:\"\n"},
    {"-- m\n-- Revision ID: a\n", "1: the header has no \"Revises:\"\n"},
    {"-- m\n\n-- Revision ID: a\n-- Revises:\n",
     "1: the header has no \"Revision ID:\"\n1: the header has no \"Revises:\"\n"},
    {"-- m\n-- Revision ID:\n-- Revises:\n", "2: the revision id is empty\n"},
    {"-- m\n-- Revision ID: a\n-- Revises:\n-- Revises: b\n",
     "4: \"Revises:\" stands twice in the header, first in line 3\n"},
    {"-- m\n-- revision id: a\n-- Revises:\n", "2: unknown key \"revision id:\" in the header\n"},
    {"-- m\n-- Revision ID: a\n-- Revise: b\n", "3: unknown key \"Revise:\" in the header\n"},
    {"-- m\n-- Revision ID: a\n-- Revises:\n-- Note: b\n",
     "4: unknown key \"Note:\" in the header\n"},
    {"-- m\n-- Revision ID: a\n-- Revises:\n-- Depend On: b\n",
     "4: unknown key \"Depend On:\" in the header\n"},
    {"-- m\n-- Note: b\n-- Please note: c\n-- Revision ID: a\n-- Revises:\n-- Please note: "
     "c\n-- see http://x\n-- Free text\n",
     ""},
    {"-- m\n-- Revision ID: a-b\n-- Revises:\n", "2: a revision id cannot hold @ - + : ,: a-b\n"},
    {"-- m\n-- Revision ID: a@b\n-- Revises:\n", "2: a revision id cannot hold @ - + : ,: a@b\n"},
    {"-- m\n-- Revision ID: a+b\n-- Revises:\n", "2: a revision id cannot hold @ - + : ,: a+b\n"},
    {"-- m\n-- Revision ID: a:b\n-- Revises:\n", "2: a revision id cannot hold @ - + : ,: a:b\n"},
    {"-- m\n-- Revision ID: a,b\n-- Revises:\n", "2: a revision id cannot hold @ - + : ,: a,b\n"},
    {"-- m\n-- Revision ID: a b\n-- Revises:\n", "2: a revision id cannot hold white space: a b\n"},
    {"-- m\n-- Revision ID: "
     "0123456789012345678901234567890123456789012345678901234567890123\n-- Revises:\n",
     ""},
    {"-- m\n-- Revision ID: "
     "01234567890123456789012345678901234567890123456789012345678901234\n-- Revises:\n",
     "2: the revision id has 65 characters, more than 64\n"},
    {"-- m\n-- Revision ID: "
     "012345678901234567890123456789012345678901234567890123456789012\xc3\xa9\n-- Revises:\n",
     ""},
    {"-- m\n-- Revision ID: a\n-- Revises: b,,c\n", "3: an empty item in \"Revises:\"\n"},
    {"-- m\n-- Revision ID: a\n-- Revises: b,\n", "3: an empty item in \"Revises:\"\n"},
    {"-- m\n-- Revision ID: a\n-- Revises: b c\n",
     "3: a revision id cannot hold white space: b c\n"},
    {"-- m\n-- Revision ID: a\n-- Revises: b, b\n", "3: \"Revises:\" names b twice\n"},
    {"-- m\n-- Revision ID: a\n-- Revises:\n-- Branch Labels: x@y\n",
     "4: a branch label cannot hold white space or @ : +: x@y\n"},
    {"-- m\n-- Revision ID: a\n-- Revises:\n-- Variables: 1a, b-c, d_1\n",
     "4: not the name of a variable: 1a\n4: not the name of a variable: b-c\n"},
    {"-- m\n-- Revision ID: a\n-- Revises:\n-- Irreversible:\n",
     "4: \"Irreversible:\" needs a reason\n"},
};

static void test_header_errors(void **state)
{
    (void)state;
    CHECK_ERRORS(header_errors);
}

static const struct error_case marker_errors[] = {
    {HEAD "-- skein:upgrade\n-- skein:downgrade\n", ""},
    {HEAD "-- skein:upgrade postgresql,mysql,mariadb,sqlite transaction=off lock_timeout=2s "
          "statement_timeout=0\n",
     ""},
    {HEAD "-- skein:upgrade postgresql, sqlite , mysql\n", ""},
    {HEAD "-- skein:upgrade lock_timeout=250ms postgresql\n", ""},
    {HEAD "-- comment\n/* more */\n-- skein:upgrade\n", ""},
    {HEAD "-- comment\nSELECT 1;\n-- skein:upgrade\n", "6: SQL before the first marker\n"},
    {HEAD "/* a\n */ x\n", "6: SQL before the first marker\n"},
    {HEAD "-- skein:upgarde\nCOMMIT;\n",
     "5: unknown marker \"skein:upgarde\"\n6: COMMIT is not allowed in a revision\n"},
    {HEAD "-- skein:\n", "5: unknown marker \"skein:\"\n"},
    {HEAD "-- skein:upgrade\nSELECT 1;\n-- skein:unfinished  no\tconnection \nSELECT 2;\n",
     "7: this revision is not finished: no connection \n"},
    {HEAD "-- skein:unfinished\n-- skein:upgrade\n", "5: this revision is not finished\n"},
    {HEAD "-- skein:upgrade\nSELECT 1;\n -- skein:unfinished\n",
     "7: this comment looks like a marker, but is none\n"},
    {HEAD "-- skein:upgrade\n-- Skein:unfinished\n",
     "6: this comment looks like a marker, but is none\n"},
    {HEAD "--skein:upgrade\n", "5: this comment looks like a marker, but is none\n"},
    {HEAD "-- Skein:upgrade\n", "5: this comment looks like a marker, but is none\n"},
    {HEAD "-- skein:upgrade mysql\n x\n--  skein:downgrade\n",
     "7: this comment looks like a marker, but is none\n"},
    {HEAD "-- skein:upgrade\nx;\n  -- skein:downgrade\n",
     "7: this comment looks like a marker, but is none\n"},
    {HEAD "-- skein:upgrade postgres\n", "5: unknown engine \"postgres\" on a marker\n"},
    {HEAD "-- skein:upgrade postgresql sqlite\n", "5: engines are separated by commas\n"},
    {HEAD "-- skein:upgrade ,sqlite\n", "5: engines are separated by commas\n"},
    {HEAD "-- skein:upgrade sqlite,\n", "5: the list of engines ends with a comma\n"},
    {HEAD "-- skein:upgrade transaction\n", "5: option \"transaction\" has no value\n"},
    {HEAD "-- skein:upgrade transaction=on\n", "5: transaction=on is not allowed\n"},
    {HEAD "-- skein:upgrade lock_timout=2s\n",
     "5: unknown option \"lock_timout\" of skein:upgrade\n"},
    {HEAD "-- skein:upgrade lock_timeout=2\n", "5: lock_timeout=2 is no duration\n"},
    {HEAD "-- skein:upgrade statement_timeout=-1s\n", "5: statement_timeout=-1s is no duration\n"},
    {HEAD "-- skein:upgrade lock_timeout=2s lock_timeout=3s\n",
     "5: option \"lock_timeout\" stands twice on the marker\n"},
    {HEAD "-- skein:upgrade expect=true\n", "5: unknown option \"expect\" of skein:upgrade\n"},
    {HEAD
     "-- skein:upgrade foreign_keys=off\n-- skein:upgrade postgresql,sqlite foreign_keys=off\n",
     ""},
    {HEAD "-- skein:upgrade postgresql foreign_keys=off\n",
     "5: foreign_keys=off is for SQLite, and this section is not\n"},
    {HEAD "-- skein:upgrade foreign_keys=off transaction=off\n",
     "5: foreign_keys=off makes a transaction of its own, so that transaction=off cannot stand "
     "beside it\n"},
};

static void test_marker_errors(void **state)
{
    (void)state;
    CHECK_ERRORS(marker_errors);
}

static void test_statement_errors(void **state)
{
    static const struct error_case cases[] = {
        {HEAD "-- skein:upgrade\n\nx;\n BEGIN;\n-- skein:downgrade\nSELECT 'a\n",
         "8: BEGIN is not allowed in a revision\n10: a string that opens here is never closed\n"},
        {HEAD "-- skein:upgrade sqlite\nABORT;\n-- skein:upgrade postgresql\nABORT;\n",
         "8: ABORT is not allowed in a revision\n"},
        {HEAD
         "-- skein:upgrade\nx;\nPRAGMA \"foreign_keys\"=OFF;\npragma main.Journal_Mode ( wal );\n",
         "7: inside a transaction SQLite passes over this PRAGMA\n"
         "8: inside a transaction SQLite passes over this PRAGMA\n"},
        {HEAD "-- skein:upgrade foreign_keys=off\nPRAGMA foreign_keys = OFF;\n"
              "PRAGMA foreign_keys; PRAGMA user_version = 2; PRAGMA\n",
         ""},
        {HEAD "-- skein:upgrade transaction=off\nPRAGMA journal_mode = wal;\n", ""},
        {HEAD "-- skein:require\nSELECT 1\n", "5: skein:require has no name\n"},
        {HEAD "-- skein:require sqlite\nSELECT 1\n", "5: skein:require has no name\n"},
        {HEAD "-- skein:require a sqlite expect=true\nSELECT 1\n-- skein:verify a\nSELECT 1;\n",
         ""},
        {HEAD "-- skein:require a expect=false\nSELECT 1\n", "5: expect=false is not allowed\n"},
        {HEAD "-- skein:require a transaction=off\nSELECT 1\n",
         "5: unknown option \"transaction\" of skein:require\n"},
        {HEAD "-- skein:verify a\n", "5: skein:verify a holds 0 statements\n"},
        {HEAD "-- skein:verify a\nSELECT 1;\nSELECT 2\n", "7: skein:verify a holds 2 statements\n"},
        {HEAD "-- skein:verify a\nUPDATE t SET b = 1\n",
         "6: skein:verify a is no SELECT that only reads\n"},
        {HEAD "-- skein:verify a\nSELECT 1\n-- skein:verify a sqlite\nSELECT 2\n",
         "7: skein:verify a stands twice for sqlite\n"},
        {HEAD "-- skein:verify a postgresql\nSELECT 1\n-- skein:verify a sqlite\nSELECT 2\n", ""},
        {"-- m\n-- Revision ID: a1\n-- Revises:\n-- Variables: r\n\n-- skein:upgrade\nSELECT 1,\n "
         "{{r}};\n",
         "8: variable \"r\" has no filter\n"},
        {"-- m\n-- Revision ID: a1\n-- Revises:\n-- Variables: r\n\n-- skein:upgrade\nSELECT "
         "{{s}}, '{{1,2},{3,4}}', {{r|ident}};\n",
         ""},
        {"-- m\n-- Revision ID: a1\n-- Revises:\n-- Variables: r\n\n-- skein:verify x\nSELECT "
         "'{{r|literal}}'\n",
         "7: variable \"r\" stands inside quotes\n"},
    };

    (void)state;
    CHECK_ERRORS(cases);
}

static void test_bytes(void **state)
{
    struct str text = STR_INIT, out = STR_INIT;

    (void)state;
    str_add(&text, "\xef\xbb\xbf" HEAD "-- skein:upgrade\r\nx;\r\n");
    parse_errors(text.text, text.length, LITE, &out);
    assert_string_equal(out.text, "");
    str_addc(&text, '\0');
    parse_errors(text.text, text.length, LITE, &out);
    assert_string_equal(out.text, "7: the file holds a NUL byte\n");
    str_clear(&text);
    str_add(&text, HEAD "caf\xe9\n");
    parse_errors(text.text, text.length, LITE, &out);
    assert_string_equal(out.text, "5: the file is not UTF-8 (byte 0xe9)\n");
    str_clear(&text);
    str_add(&text, HEAD);
    while (text.length <= REVISION_FILE_LIMIT) {
        str_add(&text, "-- a line of a comment that fills the file until it is too large\n\n");
    }
    parse_errors(text.text, text.length, LITE, &out);
    assert_string_equal(out.text, "0: the file is larger than 16 MiB\n");
    parse_errors(text.text, REVISION_FILE_LIMIT, LITE, &out);
    assert_string_equal(out.text, "");
    str_release(&text);
    str_release(&out);
}

static const char whole[] = "-- Add users table\n"
                            "--\n"
                            "-- For the new portal.\n"
                            "-- More.\n"
                            "-- Revision ID: 1975ea83b712\n"
                            "-- Revises: ae1027a6acf1, be1027a6acf1\n"
                            "-- Branch Labels: accounts\n"
                            "-- Depends On: 3512b954651e\n"
                            "-- Create Date: 2026-11-20 10:30:00+00:00\n"
                            "-- Variables: region, plan\n"
                            "-- Irreversible: the data is gone\n"
                            "\n"
                            "-- skein:upgrade\n"
                            "CREATE TABLE users (id integer PRIMARY KEY,  -- the key\n"
                            "  email varchar(320));\n"
                            "\n"
                            "-- skein:upgrade postgresql transaction=off lock_timeout=2s\n"
                            "CREATE INDEX CONCURRENTLY a ON users (email);\n"
                            "SELECT 1;\n"
                            "-- skein:upgrade mysql\n"
                            "my;\n"
                            "-- skein:upgrade sqlite foreign_keys=off statement_timeout=1m\n"
                            "lite;\n"
                            "-- skein:downgrade mysql,mariadb\n"
                            "-- skein:downgrade mysql\n"
                            "down;\n"
                            "-- skein:require no_users mysql\n"
                            "SELECT 1 FROM users;\n"
                            "-- skein:verify there postgresql,sqlite expect=true\n"
                            "-- about\n"
                            "SELECT 1\n";

static void test_header_values(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err_list errors;
    struct revision *revision = parse(&arena, whole, strlen(whole), ENGINE_ALL, &errors);

    (void)state;
    assert_non_null(revision);
    assert_string_equal(revision->id, "1975ea83b712");
    assert_string_equal(revision->message, "Add users table");
    assert_int_equal(revision->header_length, strstr(whole, "\n\n-- skein:upgrade") - whole);
    assert_memory_equal(revision->header, whole, revision->header_length);
    assert_int_equal(revision->lines.header, 1);
    assert_string_equal(revision->depends_on_written[0], "3512b954651e");
    assert_int_equal(revision->down_count, 2);
    assert_string_equal(revision->down[1], "be1027a6acf1");
    assert_int_equal(revision->label_count, 1);
    assert_string_equal(revision->labels[0], "accounts");
    assert_int_equal(revision->depends_on_count, 1);
    assert_string_equal(revision->create_date, "2026-11-20 10:30:00+00:00");
    assert_int_equal(revision->variable_count, 2);
    assert_string_equal(revision->variables[1], "plan");
    assert_string_equal(revision->irreversible, "the data is gone");
    assert_string_equal(revision->path, "versions/a1_m.sql");
    assert_string_equal(revision->name, "a1_m.sql");
    arena_release(&arena);
}

static void test_sections(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err_list errors;
    struct revision *revision = parse(&arena, whole, strlen(whole), ENGINE_ALL, &errors);
    const struct section *section;

    (void)state;
    assert_non_null(revision);
    assert_int_equal(revision->section_count, 6);
    section = &revision->sections[0];
    assert_int_equal(section->engines, ENGINE_ALL);
    assert_false(section->names_engines);
    assert_int_equal(section->lock_timeout_ms, -1);
    assert_int_equal(section->statement_timeout_ms, -1);
    assert_int_equal(section->line, 13);
    assert_int_equal(section->body_line, 14);
    assert_string_equal(section->title, "upgrade");
    section = &revision->sections[1];
    assert_int_equal(section->engines, PG);
    assert_true(section->names_engines && section->transaction_off && !section->foreign_keys_off);
    assert_int_equal(section->lock_timeout_ms, 2000);
    assert_string_equal(section->title, "upgrade postgresql");
    section = &revision->sections[3];
    assert_true(section->foreign_keys_off && !section->transaction_off);
    assert_int_equal(section->statement_timeout_ms, 60000);
    section = &revision->sections[4];
    assert_int_equal(section->direction, DIRECTION_DOWNGRADE);
    assert_string_equal(section->title, "downgrade mysql,mariadb");
    assert_int_equal(section->body_length, 0);
    arena_release(&arena);
}

/* "present: statement(section,line) ..." */
static void script_text(const struct script *script, struct str *out)
{
    str_clear(out);
    str_add(out, script->present ? "" : "absent");
    for (size_t i = 0; i < script->statement_count; i++) {
        const struct statement *statement = &script->statements[i];

        str_addf(out, "%.*s(%zu,%d) ", (int)strcspn(statement->text, " ;\n"), statement->text,
                 statement->section, statement->line);
    }
}

static void test_scripts(void **state)
{
    static const struct {
        enum engine engine;
        enum direction direction;
        const char *expected;
    } cases[] = {
        {ENGINE_POSTGRESQL, DIRECTION_UPGRADE, "CREATE(0,14) CREATE(1,18) SELECT(1,19) "},
        {ENGINE_MYSQL, DIRECTION_UPGRADE, "CREATE(0,14) my(1,21) "},
        {ENGINE_MARIADB, DIRECTION_UPGRADE, "CREATE(0,14) my(1,21) "},
        {ENGINE_SQLITE, DIRECTION_UPGRADE, "CREATE(0,14) lite(1,23) "},
        {ENGINE_POSTGRESQL, DIRECTION_DOWNGRADE, "absent"},
        {ENGINE_MYSQL, DIRECTION_DOWNGRADE, "down(1,26) "},
        {ENGINE_MARIADB, DIRECTION_DOWNGRADE,
         ""}, /* one names it: those for MySQL alone are not for it */
        {ENGINE_SQLITE, DIRECTION_DOWNGRADE, "absent"},
    };
    struct arena arena = ARENA_INIT;
    struct str out = STR_INIT;
    struct err_list errors;
    struct revision *revision = parse(&arena, whole, strlen(whole), ENGINE_ALL, &errors);

    (void)state;
    assert_non_null(revision);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        script_text(&revision->scripts[cases[i].engine][cases[i].direction], &out);
        assert_string_equal(out.text, cases[i].expected);
    }
    revision = parse(&arena, whole, strlen(whole), PG, &errors);
    assert_non_null(revision);
    assert_int_equal(revision->scripts[ENGINE_POSTGRESQL][DIRECTION_UPGRADE].statement_count, 3);
    assert_false(revision->scripts[ENGINE_SQLITE][DIRECTION_UPGRADE].present);
    assert_string_equal(revision->checksum[ENGINE_SQLITE], "");
    str_release(&out);
    arena_release(&arena);
}

static void test_checks(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err_list errors;
    struct revision *revision = parse(&arena, whole, strlen(whole), ENGINE_ALL, &errors);
    const struct check *check;

    (void)state;
    assert_non_null(revision);
    assert_int_equal(revision->check_count, 2);
    check = &revision->checks[0];
    assert_string_equal(check->name, "no_users");
    assert_false(check->verify || check->expect_true);
    assert_int_equal(check->engines, ENGINE_BIT(ENGINE_MYSQL) | ENGINE_BIT(ENGINE_MARIADB));
    assert_int_equal(check->line, 27);
    assert_memory_equal(check->statement.text, "SELECT 1 FROM users", check->statement.length);
    check = &revision->checks[1];
    assert_true(check->verify && check->expect_true);
    assert_int_equal(check->engines, PG | LITE);
    assert_int_equal(check->statement.line, 31);
    assert_memory_equal(check->statement.text, "SELECT 1", check->statement.length);
    arena_release(&arena);
}

static void test_checksum(void **state)
{
    static const char sqlite_canonical[] =
        "CREATE TABLE users (id integer PRIMARY KEY, email varchar(320));\nlite;\n";
    /* the same statements: other comments, line ends, blanks, options, downgrade, other engines'
     * parts */
    static const char same[] =
        "\xef\xbb\xbf-- Other\r\n-- Revision ID: b\r\n-- Revises: c\r\n\r\n"
        "-- skein:upgrade\r\nCREATE TABLE users\r\n (id integer PRIMARY KEY,\r\n\temail /* x */ "
        "varchar(320))\r\n"
        ";; -- x\r\n-- skein:upgrade sqlite transaction=off\r\n\r\nlite\r\n"
        "-- skein:upgrade mysql\r\nother;\r\n-- skein:downgrade\r\nDROP TABLE users;";
    struct arena arena = ARENA_INIT;
    char hex[DIGEST_HEX_SIZE];
    struct err_list errors;
    struct revision *revision = parse(&arena, whole, strlen(whole), ENGINE_ALL, &errors);
    struct digest *digest = digest_new();

    (void)state;
    assert_non_null(revision);
    digest_add(digest, sqlite_canonical, strlen(sqlite_canonical));
    digest_finish(digest, hex);
    assert_string_equal(revision->checksum[ENGINE_SQLITE], hex);
    assert_string_not_equal(revision->checksum[ENGINE_POSTGRESQL], hex);
    assert_string_equal(revision->checksum[ENGINE_MYSQL], revision->checksum[ENGINE_MARIADB]);
    revision = parse(&arena, same, strlen(same), LITE, &errors);
    assert_non_null(revision);
    assert_string_equal(revision->checksum[ENGINE_SQLITE], hex);
    digest_finish(digest, hex);
    revision = parse(&arena, HEAD, strlen(HEAD), LITE, &errors);
    assert_non_null(revision);
    assert_string_equal(revision->checksum[ENGINE_SQLITE], hex); /* of nothing */
    digest_free(digest);
    arena_release(&arena);
}

static void test_files(void **state)
{
    static const char bad[] = HEAD "-- skein:upgrade\nCOMMIT;\n";
    struct file_text files[] = {
        {.name = "1.sql", .path = "v/1.sql", .data = (char *)HEAD, .length = strlen(HEAD)},
        {.name = "2.sql", .path = "v/2.sql", .data = (char *)bad, .length = strlen(bad)},
        {.name = "3.sql", .path = "v/3.sql", .data = (char *)HEAD, .length = strlen(HEAD)},
        {.name = "4.sql", .path = "v/4.sql", .data = (char *)bad, .length = strlen(bad)},
    };
    struct arena arena = ARENA_INIT;
    struct revision **revisions;
    struct err_list errors;
    size_t count;

    (void)state;
    err_list_init(&errors, &arena, 50);
    assert_int_equal(revision_files_parse(&arena, files, 4, LITE, &errors, &revisions, &count),
                     ERROR_REVISION);
    assert_int_equal(count, 2);
    assert_string_equal(revisions[1]->name, "3.sql");
    assert_int_equal(errors.count, 2);
    assert_string_equal(errors.items[0].file, "v/2.sql");
    assert_string_equal(errors.items[0].section, "upgrade");
    assert_string_equal(errors.items[0].revision, "a1");
    assert_string_equal(errors.items[1].file, "v/4.sql");
    assert_int_equal(revision_files_parse(&arena, files, 1, LITE, &errors, &revisions, &count), 0);
    arena_release(&arena);
}

/* Many markers, lines, list items, errors: what is looked up is never all that was before. */
static void test_linear(void **state)
{
    static const char *const patterns[] = {
        "-- skein:upgrade\nx;\n",
        "-- skein:require a\nSELECT 1;\n",
        "-- skein:upgrade a\n",
        "-- skein:upgrade mysql\n-- skein:upgrade\n\n",
        "--\n",
        "\r\n",
        "-- a b:\n",
    };
    struct arena arena = ARENA_INIT;
    struct str text = STR_INIT;
    struct err_list errors;

    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        struct timespec before, after;

        str_clear(&text);
        str_add(&text, "-- m\n-- Revision ID: a1\n-- Revises:\n");
        while (text.length < (size_t)128 << 10) {
            str_add(&text, patterns[i]);
        }
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
        parse(&arena, text.text, text.length, ENGINE_ALL, &errors);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
        arena_release(&arena);
        if (after.tv_sec - before.tv_sec > 1) {
            fail_msg("128 KiB of \"%s\" took %ld s", patterns[i],
                     (long)(after.tv_sec - before.tv_sec));
        }
    }
    str_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_errors),    cmocka_unit_test(test_marker_errors),
        cmocka_unit_test(test_statement_errors), cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_header_values),    cmocka_unit_test(test_sections),
        cmocka_unit_test(test_scripts),          cmocka_unit_test(test_checks),
        cmocka_unit_test(test_checksum),         cmocka_unit_test(test_files),
        cmocka_unit_test(test_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
