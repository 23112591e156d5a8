#include "workers/inspect.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "planner/object.h"
#include "workers/ask.h"
#include "workers/ask_place.h"
#include "workers/dialect.h"

/* Columns of inspect.sql. */
enum { KIND, SCHEMA, TABLE, NAME, VISIBLE, FOLDS, VALID, COLUMNS };

static const struct target *target_of(const struct inspecting *inspecting,
                                      const struct inspection *item)
{
    return &inspecting->fleet->targets[item->target];
}

/* ---- the statements */

static const struct script *script_of(const struct inspecting *inspecting, struct inspection *item)
{
    const struct graph_node *node = graph_find(inspecting->graph, item->open->revision);
    const struct revision *revision = node ? node->revision : NULL;
    enum engine engine = target_of(inspecting, item)->engine;
    bool down = strcmp(item->open->direction, direction_name(DIRECTION_DOWNGRADE)) == 0;
    const struct script *script;

    if (!revision) {
        return NULL;
    }
    script = &revision->scripts[engine][down ? DIRECTION_DOWNGRADE : DIRECTION_UPGRADE];
    item->edited =
        (int64_t)script->statement_count != item->open->total ||
        (item->open->checksum && strncmp(item->open->checksum, revision->checksum[engine],
                                         strlen(item->open->checksum)) != 0);
    return script;
}

static void read_statements(const struct inspecting *inspecting, struct inspection *item)
{
    struct arena *arena = inspecting->arena;
    enum engine engine = target_of(inspecting, item)->engine;
    const struct script *script = script_of(inspecting, item);
    size_t count = item->open->attempted > 0 ? (size_t)item->open->attempted : 0;

    item->has_file = script != NULL;
    if (!script) {
        return;
    }
    count = count < script->statement_count ? count : script->statement_count;
    item->statements = arena_array(arena, count, sizeof(*item->statements));
    item->count = count;
    for (size_t i = 0; i < count; i++) {
        const struct statement *statement = &script->statements[i];
        struct inspected_statement *inspected = &item->statements[i];

        inspected->number = i + 1;
        inspected->text =
            holder_query(arena, arena_strndup(arena, statement->text, statement->length));
        inspected->count = objects_of(arena, engine, statement->text, statement->length,
                                      &inspected->objects, &inspected->whole);
    }
}

/* ---- the question */

/* Other databases of a server of MySQL, and attached files of SQLite, are not looked into. */
static bool is_asked(const struct target *target, const struct object *object)
{
    const char *here = target->engine == ENGINE_SQLITE ? "main" : target->database;

    return !strchr(object->name, '\n') && (!object->table || !strchr(object->table, '\n')) &&
           (!object->schema || target->engine == ENGINE_POSTGRESQL ||
            strcasecmp(object->schema, here) == 0);
}

/* All names, a line each; NULL: there is nothing to ask. */
static const char *names_of(const struct inspecting *inspecting, const struct inspection *item)
{
    const struct target *target = target_of(inspecting, item);
    struct str names = STR_INIT;
    const char *text = NULL;

    for (size_t i = 0; i < item->count; i++) {
        for (size_t j = 0; j < item->statements[i].count; j++) {
            const struct object *object = &item->statements[i].objects[j];
            if (is_asked(target, object)) {
                str_addf(&names, "\n%s\n%s", object->table ? object->table : "", object->name);
            }
        }
    }
    if (names.length > 0) {
        str_addc(&names, '\n');
        text = arena_strdup(inspecting->arena, names.text);
    }
    str_release(&names);
    return text;
}

static struct question question_of(const struct inspecting *inspecting,
                                   const struct inspection *item, const char *names)
{
    const struct target *target = target_of(inspecting, item);
    const char **parameter = arena_array(inspecting->arena, 1, sizeof(*parameter));
    struct question question = {.target = target,
                                .sql = dialect_text(target->engine, DIALECT_INSPECT),
                                .parameters = parameter,
                                .parameter_count = 1,
                                .purpose = dialect_purpose_name(DIALECT_INSPECT),
                                .application_name = "skein resolve"};

    *parameter = names;
    ask_add_place(inspecting->arena, &question);
    return question;
}

/* ---- the answer */

static bool is_true(const char *cell)
{
    return cell && (strcmp(cell, "t") == 0 || strcmp(cell, "1") == 0);
}

static bool same(const char *a, const char *b, bool folds)
{
    return a && b && (folds ? strcasecmp(a, b) : strcmp(a, b)) == 0;
}

static bool is_row_of(const struct target *target, const struct object *object,
                      const char *const *cells)
{
    static const char *const kinds[] = {[OBJECT_TABLE] = "table",
                                        [OBJECT_COLUMN] = "column",
                                        [OBJECT_INDEX] = "index",
                                        [OBJECT_CONSTRAINT] = "constraint"};
    bool exact = target->engine == ENGINE_POSTGRESQL, folds = is_true(cells[FOLDS]);
    bool here = object->schema && exact ? same(object->schema, cells[SCHEMA], false)
                                        : is_true(cells[VISIBLE]);

    return here && same(kinds[object->kind], cells[KIND], false) &&
           (!object->table || same(object->table, cells[TABLE], folds)) &&
           same(object->name, cells[NAME], object->kind == OBJECT_TABLE ? folds : !exact);
}

static enum object_found find(const struct target *target, const struct object *object,
                              const struct question *question)
{
    for (size_t i = 0; i < question->row_count; i++) {
        const char *const *cells = question->cells + i * question->column_count;
        if (is_row_of(target, object, cells)) {
            return is_true(cells[VALID]) ? OBJECT_THERE : OBJECT_INVALID;
        }
    }
    return OBJECT_MISSING;
}

static void take_answer(const struct inspecting *inspecting, struct inspection *item,
                        const struct question *question)
{
    const struct target *target = target_of(inspecting, item);

    if (!question->answered || (question->row_count > 0 && question->column_count < COLUMNS)) {
        err_copy(&item->err, &question->err);
        return;
    }
    for (size_t i = 0; i < item->count; i++) {
        for (size_t j = 0; j < item->statements[i].count; j++) {
            struct object *object = &item->statements[i].objects[j];
            if (is_asked(target, object)) {
                object->found = find(target, object, question);
            }
        }
    }
}

void inspect(const struct inspecting *inspecting, struct inspection *items, size_t count)
{
    struct question *questions = arena_array(inspecting->arena, count, sizeof(*questions));
    size_t *members = arena_array(inspecting->arena, count, sizeof(*members)), asked = 0;

    for (size_t i = 0; i < count; i++) {
        items[i].err = (struct err)ERR_INIT(inspecting->arena);
        read_statements(inspecting, &items[i]);
        const char *names = names_of(inspecting, &items[i]);
        if (names) {
            members[asked] = i;
            questions[asked++] = question_of(inspecting, &items[i], names);
        }
    }
    ask(inspecting->host, inspecting->find_driver, inspecting->arena, questions, asked,
        inspecting->concurrency);
    for (size_t i = 0; i < asked; i++) {
        take_answer(inspecting, &items[members[i]], &questions[i]);
    }
}
