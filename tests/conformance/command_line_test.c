/*
 * The cases of alembic_cases.jsonl through the command line: for each a folder with its revision
 * files, named so that they sort in load order, and a SQLite file with its rows; then skein
 * itself, once a command. What it must answer is in cases.h and README.md beside it.
 *
 * usage: command_line_test CASES SKEIN
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "cases.h"
#include "check.h"

#define WORDS        16
#define OUTPUT_LIMIT (1u << 20)

static const char *program; /* SKEIN */

struct project {
    struct arena *arena;
    const char *folder, *database;
    const char *out, *err; /* what the last command printed */
};

/* What there is before */

static void add_header(struct str *text, const char *key, const char *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        str_addf(text, "%s%s", i == 0 ? key : ", ", values[i]);
    }
    str_add(text, count > 0 ? "\n" : "");
}

static void write_revision(const struct project *project, size_t place,
                           const struct revision *revision)
{
    struct str text = STR_INIT;

    str_addf(&text, "-- %s\n-- Revision ID: %s\n", revision->message, revision->id);
    add_header(&text, "-- Revises: ", revision->down, revision->down_count);
    str_add(&text, revision->down_count == 0 ? "-- Revises:\n" : "");
    add_header(&text, "-- Depends On: ", revision->depends_on, revision->depends_on_count);
    add_header(&text, "-- Branch Labels: ", revision->labels, revision->label_count);
    str_add(&text, "\n-- skein:upgrade\n\n-- skein:downgrade\n");
    check_write(
        project->folder,
        arena_printf(project->arena, "migrations/versions/%05zu_%s.sql", place, revision->id),
        text.text);
    str_release(&text);
}

static sqlite3 *open_database(const struct project *project)
{
    sqlite3 *database = NULL;

    assert_int_equal(sqlite3_open_v2(project->database, &database,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
                     SQLITE_OK);
    return database;
}

/* The version table as Alembic makes it; none where there are no rows. */
static void write_rows(const struct project *project, const char *const *rows, size_t count)
{
    sqlite3 *database = open_database(project);

    for (size_t i = 0; i < count; i++) {
        char *sql = sqlite3_mprintf("CREATE TABLE IF NOT EXISTS alembic_version (version_num "
                                    "VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc "
                                    "PRIMARY KEY (version_num));"
                                    "INSERT INTO alembic_version VALUES (%Q)",
                                    rows[i]);

        assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_free(sql);
    }
    sqlite3_close(database);
}

static void write_project(const struct project *project, const struct test_case *test_case)
{
    struct err err = ERR_INIT(project->arena);
    const char *versions = file_join(project->arena, project->folder, "migrations/versions");

    assert_int_equal(file_make_folder(versions, 0700, &err), 0);
    for (size_t i = 0; i < test_case->revision_count; i++) {
        write_revision(project, i, test_case->revisions[i]);
    }
    check_write(project->folder, "app.db", "");
    write_rows(project, test_case->rows, test_case->row_count);
}

/* What comes of it */

static void read_rows(const struct project *project, struct played *played)
{
    sqlite3 *database = open_database(project);
    sqlite3_stmt *statement = NULL;

    played->rows = arena_array(project->arena, WORDS, sizeof(*played->rows));
    played->row_count = 0;
    if (sqlite3_prepare_v2(database, "SELECT version_num FROM alembic_version", -1, &statement,
                           NULL) == SQLITE_OK) {
        while (sqlite3_step(statement) == SQLITE_ROW) {
            assert_true(played->row_count < WORDS);
            played->rows[played->row_count++] =
                arena_strdup(project->arena, (const char *)sqlite3_column_text(statement, 0));
        }
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
}

static struct file_text read_file(struct arena *arena, const char *path)
{
    struct err err = ERR_INIT(arena);
    struct file_text text = {0};

    assert_int_equal(file_read(arena, path, OUTPUT_LIMIT, &text, &err), 0);
    return text;
}

/* Runs skein with the words in the project's folder; its exit status. */
static int run_program(struct project *project, const char *const *words)
{
    const char *out = file_join(project->arena, project->folder, "out");
    const char *err = file_join(project->arena, project->folder, "err");
    posix_spawn_file_actions_t actions;
    int status = 0;
    pid_t child;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err, O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    posix_spawn_file_actions_addchdir_np(&actions, project->folder);
    assert_int_equal(
        posix_spawn(&child, program, &actions, NULL, (char *const *)(uintptr_t)words, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    while (waitpid(child, &status, 0) < 0) {
        assert_int_equal(errno, EINTR);
    }
    project->out = read_file(project->arena, out).data;
    project->err = read_file(project->arena, err).data;
    if (!WIFEXITED(status)) {
        fail_msg("skein ended with status %d: %s", status, project->err);
    }
    return WEXITSTATUS(status);
}

static bool moves(const char *command)
{
    return strncmp(command, "upgrade", 7) == 0 || strncmp(command, "downgrade", 9) == 0 ||
           strncmp(command, "stamp", 5) == 0;
}

static void add_steps(const char *document, struct str *steps)
{
    json_t *root = json_loads(document, 0, NULL);
    const json_t *target = json_array_get(json_object_get(root, "targets"), 0);
    const json_t *list = json_object_get(target, "steps");

    assert_true(json_is_array(list));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *step = json_array_get(list, i);
        const char *direction = json_string_value(json_object_get(step, "direction"));
        const char *revision = json_string_value(json_object_get(step, "revision"));

        str_addf(steps, "%s:%s ",
                 strcmp(direction, "upgrade") == 0     ? "up"
                 : strcmp(direction, "downgrade") == 0 ? "down"
                                                       : direction,
                 revision ? revision : "base");
    }
    json_decref(root);
}

static int run(struct project *project, const char *command, struct played *played)
{
    const char *words[WORDS] = {"skein", "--url", "sqlite:app.db"};
    char *rest = arena_strdup(project->arena, command);
    size_t count = 3;
    int code;

    if (moves(command)) {
        words[count++] = "--format=json";
    }
    while ((words[count] = strsep(&rest, " ")) != NULL) {
        assert_true(++count < WORDS);
    }
    code = run_program(project, words);
    if (code == 0 && moves(command)) {
        add_steps(project->out, &played->steps);
    } else if (code == 0) {
        case_stdout(command, project->out, &played->stdout);
    }
    return code;
}

static void play(struct arena *arena, const struct test_case *test_case, struct played *played)
{
    char *folder = check_folder();
    struct project project = {
        .arena = arena, .folder = folder, .database = file_join(arena, folder, "app.db")};
    struct file_text before, after;
    int code = 0;

    write_project(&project, test_case);
    before = read_file(arena, project.database);
    for (size_t i = 0; code == 0 && i < test_case->command_count; i++) {
        code = run(&project, test_case->commands[i], played);
    }
    played->failed = code != 0;
    if (played->failed) {
        assert_int_equal(code, 2);
        played->told = arena_printf(arena, "%s%s", project.out, project.err);
        after = read_file(arena, project.database);
        assert_int_equal(after.length, before.length); /* not even a table is there */
        assert_memory_equal(after.data, before.data, before.length);
    }
    read_rows(&project, played);
    check_folder_remove(folder);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s CASES SKEIN\n", argv[0]);
        return 2;
    }
    program = argv[2];
    unsetenv("DATABASE_URL");
    unsetenv("SKEIN_CONFIG");
    return cases_run(argv[1], play);
}
