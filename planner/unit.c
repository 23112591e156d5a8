#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/bug.h"
#include "planner/plan.h"

const char *operation_name(enum operation_kind kind)
{
    static const char *const names[OPERATION_COUNT] = {
        [OPERATION_BEGIN] = "BEGIN",
        [OPERATION_SESSION] = "SESSION",
        [OPERATION_REQUIRE] = "REQUIRE",
        [OPERATION_STATEMENT] = "STATEMENT",
        [OPERATION_VERIFY] = "VERIFY",
        [OPERATION_HISTORY_START] = "HISTORY_START",
        [OPERATION_HISTORY_DONE] = "HISTORY_DONE",
        [OPERATION_VERSION] = "VERSION",
        [OPERATION_VERSION_TABLE] = "VERSION_TABLE",
        [OPERATION_COMMIT] = "COMMIT",
        [OPERATION_MARK] = "MARK",
        [OPERATION_STATEMENT_OFF] = "STATEMENT_OFF",
        [OPERATION_MARK_DONE] = "MARK_DONE",
        [OPERATION_FOREIGN_KEYS_OFF] = "FOREIGN_KEYS_OFF",
        [OPERATION_FOREIGN_KEYS_CHECK] = "FOREIGN_KEYS_CHECK",
        [OPERATION_FOREIGN_KEYS_ON] = "FOREIGN_KEYS_ON",
    };

    if ((unsigned)kind >= OPERATION_COUNT) {
        BUG("operation %d", (int)kind);
    }
    return names[kind];
}

/* How statements run; consecutive ones alike are a segment. */
enum mode {
    MODE_INSIDE,  /* in a transaction, with whatever else is in it */
    MODE_OUTSIDE, /* each by itself */
    MODE_ALONE,   /* foreign_keys=off: the section in a transaction of its own */
};

struct segment {
    enum mode mode;
    size_t first, end; /* statements, from 0 */
};

struct compiler {
    struct arena *arena;
    struct plan *plan;
    bool cut_each; /* at each revision */
    struct operation *items;
    size_t count, capacity;
    bool open; /* a transaction */
    /* of the step under way */
    size_t step;
    const struct script *script; /* NULL: stamp, accept */
    bool started;                /* its row is there already */
    const struct section *section;
    bool moved; /* statements were listed since the last SESSION */
};

/* Engines */

static bool has_transactional_ddl(enum engine engine)
{
    return engine == ENGINE_POSTGRESQL || engine == ENGINE_SQLITE;
}

/* MySQL, MariaDB: whether a statement commits what is open by itself; whatever is not known to
 * take part in a transaction counts as such. */
static bool is_definition(const struct statement *statement)
{
    static const char *const words[] = {"insert", "update", "delete", "replace",
                                        "select", "with",   "set"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t length = strlen(words[i]);

        if (statement->length > length && strncasecmp(statement->text, words[i], length) == 0 &&
            !isalnum((unsigned char)statement->text[length]) && statement->text[length] != '_') {
            return false;
        }
    }
    return true;
}

static enum mode mode_of(const struct compiler *compiler, size_t statement)
{
    const struct statement *text = &compiler->script->statements[statement];
    const struct section *section = compiler->script->sections[text->section];
    enum engine engine = compiler->plan->engine;

    if (engine == ENGINE_SQLITE && section->foreign_keys_off) {
        return MODE_ALONE;
    }
    if (section->transaction_off || (!has_transactional_ddl(engine) && is_definition(text))) {
        return MODE_OUTSIDE;
    }
    return MODE_INSIDE;
}

/* The list */

static struct operation *add(struct compiler *compiler, enum operation_kind kind)
{
    struct operation *operation;

    compiler->items = arena_grow(compiler->arena, compiler->items, sizeof(*compiler->items),
                                 &compiler->capacity, compiler->count + 1);
    operation = &compiler->items[compiler->count++];
    *operation = (struct operation){.kind = kind, .step = compiler->step};
    return operation;
}

static void begin(struct compiler *compiler)
{
    if (!compiler->open) {
        add(compiler, OPERATION_BEGIN);
        compiler->open = true;
    }
}

static void commit(struct compiler *compiler)
{
    if (compiler->open) {
        add(compiler, OPERATION_COMMIT);
        compiler->open = false;
        compiler->plan->unit_count++;
    }
}

static void add_session(struct compiler *compiler, const struct section *section)
{
    add(compiler, OPERATION_SESSION)->section = section;
    compiler->section = section;
    compiler->moved = false;
}

static const struct section *section_of(const struct compiler *compiler, size_t statement)
{
    return compiler->script->sections[compiler->script->statements[statement].section];
}

/* Where the step is an upgrade; a check of the file is about what the upgrade needs and makes. */
static void add_checks(struct compiler *compiler, bool verify)
{
    const struct plan_step *step = &compiler->plan->steps[compiler->step];
    bool first = true;

    for (size_t i = 0; step->kind == STEP_UPGRADE && i < step->revision->check_count; i++) {
        const struct check *check = &step->revision->checks[i];

        if (check->verify != verify || !(check->engines & ENGINE_BIT(compiler->plan->engine))) {
            continue;
        }
        if (first && compiler->moved) { /* what ran may have moved the search path */
            add_session(compiler, NULL);
        }
        first = false;
        add(compiler, verify ? OPERATION_VERIFY : OPERATION_REQUIRE)->check = check;
    }
}

static void add_statements(struct compiler *compiler, const struct segment *segment)
{
    for (size_t i = segment->first; i < segment->end; i++) {
        const struct section *section = section_of(compiler, i);
        struct operation *operation;

        if (section != compiler->section) {
            add_session(compiler, section);
        }
        operation = add(compiler, OPERATION_STATEMENT);
        operation->statement = i + 1;
        operation->section = section;
        compiler->moved = true;
    }
}

static void add_outside(struct compiler *compiler, const struct segment *segment)
{
    for (size_t i = segment->first; i < segment->end; i++) {
        struct operation *operation;

        add_session(compiler, section_of(compiler, i));
        operation = add(compiler, OPERATION_MARK);
        operation->statement = i + 1;
        operation->done = i;
        operation = add(compiler, OPERATION_STATEMENT_OFF);
        operation->statement = i + 1;
        operation->section = section_of(compiler, i);
        compiler->plan->transaction_off = true;
    }
    add(compiler, OPERATION_MARK_DONE)->done = segment->end;
}

/* The step ends in the open unit. */
static void add_end(struct compiler *compiler)
{
    const struct plan_step *step = &compiler->plan->steps[compiler->step];
    struct operation *operation;

    add_checks(compiler, true);
    if (step->change_count > 0) {
        add(compiler, OPERATION_VERSION);
    }
    operation = add(compiler, OPERATION_HISTORY_DONE);
    operation->done = compiler->script ? compiler->script->statement_count : 0;
    operation->insert = !compiler->started;
}

/* Begins or goes on with a unit for the step, up to its first statement. */
static void begin_unit(struct compiler *compiler, const struct segment *segment, bool first)
{
    bool alone = segment && segment->mode == MODE_ALONE;

    if (alone) {
        commit(compiler);
        add(compiler, OPERATION_FOREIGN_KEYS_OFF);
    }
    begin(compiler);
    add_session(compiler, segment && segment->mode != MODE_OUTSIDE
                              ? section_of(compiler, segment->first)
                              : NULL);
    if (first) {
        add_checks(compiler, false);
    }
}

static void end_unit(struct compiler *compiler, const struct segment *segment)
{
    bool alone = segment && segment->mode == MODE_ALONE;

    if (alone) {
        add(compiler, OPERATION_FOREIGN_KEYS_CHECK);
    }
    commit(compiler);
    if (alone) {
        add(compiler, OPERATION_FOREIGN_KEYS_ON);
    }
}

/* Steps */

static size_t find_segments(const struct compiler *compiler, size_t done, struct segment **segments)
{
    size_t total = compiler->script->statement_count, count = 0;

    *segments = arena_array(compiler->arena, total - done, sizeof(**segments));
    for (size_t i = done; i < total; i++) {
        struct segment *last = count > 0 ? &(*segments)[count - 1] : NULL;
        enum mode mode = mode_of(compiler, i);

        if (last && last->mode == mode &&
            (mode != MODE_ALONE || section_of(compiler, i) == section_of(compiler, i - 1))) {
            last->end = i + 1;
        } else {
            (*segments)[count++] = (struct segment){mode, i, i + 1};
        }
    }
    return count;
}

/* All of the step commits at once, perhaps with its neighbours. */
static void compile_whole(struct compiler *compiler, const struct segment *segment)
{
    begin_unit(compiler, segment, true);
    if (segment) {
        add_statements(compiler, segment);
    }
    add_end(compiler);
    if (compiler->cut_each || (segment && segment->mode == MODE_ALONE)) {
        end_unit(compiler, segment);
    }
}

/* The unit that writes the row `started`; returns how many segments are in it. */
static size_t compile_first(struct compiler *compiler, const struct segment *segment)
{
    bool empty = segment->mode == MODE_OUTSIDE;

    begin_unit(compiler, segment, true);
    if (!empty) {
        add_statements(compiler, segment);
    }
    add(compiler, OPERATION_HISTORY_START)->done = empty ? segment->first : segment->end;
    end_unit(compiler, empty ? NULL : segment);
    compiler->started = true;
    return empty ? 0 : 1;
}

static void compile_parts(struct compiler *compiler, const struct segment *segments, size_t count)
{
    size_t i = compiler->started ? 0 : compile_first(compiler, &segments[0]);

    for (; i < count; i++) {
        const struct segment *segment = &segments[i];

        if (segment->mode == MODE_OUTSIDE) {
            add_outside(compiler, segment);
            continue;
        }
        begin_unit(compiler, segment, false);
        add_statements(compiler, segment);
        if (i + 1 == count) {
            add_end(compiler);
            end_unit(compiler, segment);
            return;
        }
        add(compiler, OPERATION_MARK_DONE)->done = segment->end;
        end_unit(compiler, segment);
    }
    begin_unit(compiler, NULL, false);
    add_end(compiler);
    end_unit(compiler, NULL);
}

/* `done` statements of it stand, and its row is there, where `started`. */
static void compile_step(struct compiler *compiler, size_t index, bool started, size_t done)
{
    struct segment *segments = NULL;
    size_t count = 0;

    compiler->step = index;
    compiler->script = compiler->plan->steps[index].script;
    compiler->started = started;
    compiler->moved = false;
    if (compiler->plan->steps[index].kind == STEP_ENSURE) {
        begin(compiler);
        add(compiler, OPERATION_VERSION_TABLE);
        return;
    }
    if (!compiler->script) { /* stamp, accept: nothing runs */
        begin(compiler);
        add_end(compiler);
        return;
    }
    count = find_segments(compiler, done, &segments);
    if (!started && (count == 0 || (count == 1 && segments[0].mode != MODE_OUTSIDE))) {
        compile_whole(compiler, count > 0 ? &segments[0] : NULL);
    } else {
        compile_parts(compiler, segments, count);
    }
}

static void compile(struct arena *arena, struct plan *plan, enum transaction_cut cut, bool started,
                    size_t done)
{
    struct compiler compiler = {.arena = arena,
                                .plan = plan,
                                .cut_each = cut == TRANSACTION_REVISION ||
                                            !has_transactional_ddl(plan->engine)};

    plan->unit_count = 0;
    plan->transaction_off = false;
    for (size_t i = 0; i < plan->step_count; i++) {
        compile_step(&compiler, i, started && i == 0, i == 0 ? done : 0);
    }
    commit(&compiler);
    plan->operations = compiler.items;
    plan->operation_count = compiler.count;
}

void unit_compile(struct arena *arena, struct plan *plan, enum transaction_cut cut)
{
    compile(arena, plan, cut, false, 0);
}

struct plan *unit_resume(struct arena *arena, const struct plan *plan, enum transaction_cut cut,
                         size_t done)
{
    struct plan *rest = arena_alloc(arena, sizeof(*rest));

    if (plan->step_count == 0 || !plan->steps[0].script ||
        done > plan->steps[0].script->statement_count) {
        BUG("a plan that cannot go on after %zu statements", done);
    }
    *rest = *plan;
    compile(arena, rest, cut, true, done);
    return rest;
}
