#include <string.h>
#include <strings.h>

#include "base/bug.h"
#include "planner/lexer.h"
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
    bool moved;    /* statements were listed since the last SESSION */
    size_t marked; /* the statement that HISTORY_START has announced, from 1; 0: none */
};

/* Engines */

static bool has_transactional_ddl(enum engine engine)
{
    return engine == ENGINE_POSTGRESQL || engine == ENGINE_SQLITE;
}

/* Where every definition commits by itself, each write of the history costs as much as one of them:
 * what can be said by one write is. A row is begun with its first statement announced, in the unit
 * that ends the step before; and the unit that ends a step says that its last statement is done. */
static bool joins_writes(const struct compiler *compiler)
{
    return !has_transactional_ddl(compiler->plan->engine);
}

/* A word of a statement, or NULL where the token is none. */
static const char *next_word(struct lexer *lexer, size_t *length)
{
    struct token token;

    do {
        lexer_next(lexer, &token);
    } while (token_is_blank(&token) || token.kind == TOKEN_KEPT);
    *length = token.length;
    return token.kind == TOKEN_WORD ? lexer->text + token.start : NULL;
}

static bool is_one_of(const char *word, size_t length, const char *const *words)
{
    for (size_t i = 0; word && words[i]; i++) {
        if (strlen(words[i]) == length && strncasecmp(word, words[i], length) == 0) {
            return true;
        }
    }
    return false;
}

/* SET of what is not the session's: it commits, or a roll-back does not take it back. */
static bool sets_more(struct lexer *lexer)
{
    static const char *const second[] = {"statement", "password", "default", "resource", NULL};
    static const char *const any[] = {"global", "persist", "persist_only", NULL};
    size_t length;
    const char *word = next_word(lexer, &length);
    bool more = is_one_of(word, length, second);

    while (!more && length > 0) {
        more = is_one_of(word, length, any);
        word = next_word(lexer, &length);
    }
    return more;
}

/* MySQL, MariaDB: whether a statement commits what is open by itself; whatever is not known to
 * take part in a transaction counts as such, as what stands in an executable comment does. */
static bool is_definition(enum engine engine, const struct statement *statement)
{
    static const char *const rows[] = {"insert", "update", "delete", "replace",
                                       "select", "with",   NULL};
    struct lexer lexer;
    size_t length;

    lexer_init(&lexer, engine, statement->text, statement->length);
    const char *word = next_word(&lexer, &length);
    if (is_one_of(word, length, (const char *const[]){"set", NULL})) {
        return sets_more(&lexer);
    }
    return !is_one_of(word, length, rows);
}

static enum mode mode_of(const struct compiler *compiler, size_t statement)
{
    const struct statement *text = &compiler->script->statements[statement];
    const struct section *section = compiler->script->sections[text->section];
    enum engine engine = compiler->plan->engine;

    if (engine == ENGINE_SQLITE && section->foreign_keys_off) {
        return MODE_ALONE;
    }
    if (section->transaction_off || compiler->plan->all_outside ||
        (!has_transactional_ddl(engine) && is_definition(engine, text))) {
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

/* What it commits is of the step of the operation before it: the next one may have been begun. */
static void commit(struct compiler *compiler)
{
    if (compiler->open) {
        size_t step = compiler->items[compiler->count - 1].step;

        add(compiler, OPERATION_COMMIT)->step = step;
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

/* The step's next check from *at on, or NULL. Only where the step is an upgrade; a check of the
 * file is about what the upgrade needs and makes. */
static const struct check *next_check(const struct compiler *compiler, bool verify, size_t *at)
{
    const struct plan_step *step = &compiler->plan->steps[compiler->step];

    while (step->kind == STEP_UPGRADE && *at < step->revision->check_count) {
        const struct check *check = &step->revision->checks[(*at)++];

        if (check->verify == verify && check->engines & ENGINE_BIT(compiler->plan->engine)) {
            return check;
        }
    }
    return NULL;
}

static bool has_checks(const struct compiler *compiler, bool verify)
{
    size_t at = 0;

    return next_check(compiler, verify, &at) != NULL;
}

static void add_checks(struct compiler *compiler, bool verify)
{
    const struct check *check;
    bool first = true;
    size_t at = 0;

    while ((check = next_check(compiler, verify, &at))) {
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

static void add_mark(struct compiler *compiler, size_t index)
{
    struct operation *operation;

    add_session(compiler, section_of(compiler, index));
    operation = add(compiler, OPERATION_MARK);
    operation->statement = index + 1;
    operation->done = index;
}

static void add_outside(struct compiler *compiler, const struct segment *segment, bool last)
{
    for (size_t i = segment->first; i < segment->end; i++) {
        struct operation *operation;

        if (compiler->marked != i + 1) {
            add_mark(compiler, i);
        }
        operation = add(compiler, OPERATION_STATEMENT_OFF);
        operation->statement = i + 1;
        operation->section = section_of(compiler, i);
        compiler->plan->transaction_off = true;
    }
    if (!last || !joins_writes(compiler) || has_checks(compiler, true)) {
        add(compiler, OPERATION_MARK_DONE)->done = segment->end;
    }
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
    add_session(compiler,
                segment && (segment->mode != MODE_OUTSIDE || (first && joins_writes(compiler)))
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
    struct operation *start;

    begin_unit(compiler, segment, true);
    if (!empty) {
        add_statements(compiler, segment);
    }
    start = add(compiler, OPERATION_HISTORY_START);
    start->done = empty ? segment->first : segment->end;
    if (empty && joins_writes(compiler)) {
        start->statement = compiler->marked = segment->first + 1;
    }
    end_unit(compiler, empty ? NULL : segment);
    compiler->started = true;
    return empty ? 0 : 1;
}

/* Left open where the next step's row may be begun with it. */
static void end_parts(struct compiler *compiler, const struct segment *segment)
{
    add_end(compiler);
    if (!joins_writes(compiler)) {
        end_unit(compiler, segment);
    }
}

static void compile_parts(struct compiler *compiler, const struct segment *segments, size_t count)
{
    size_t i = compiler->started ? 0 : compile_first(compiler, &segments[0]);

    for (; i < count; i++) {
        const struct segment *segment = &segments[i];

        if (segment->mode == MODE_OUTSIDE) {
            add_outside(compiler, segment, i + 1 == count);
            continue;
        }
        begin_unit(compiler, segment, false);
        add_statements(compiler, segment);
        if (i + 1 == count) {
            end_parts(compiler, segment);
            return;
        }
        add(compiler, OPERATION_MARK_DONE)->done = segment->end;
        end_unit(compiler, segment);
    }
    begin_unit(compiler, NULL, false);
    end_parts(compiler, NULL);
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
    compiler->marked = 0;
    count = find_segments(compiler, done, &segments);
    if (joins_writes(compiler) &&
        (count == 0 || segments[0].mode != MODE_OUTSIDE || has_checks(compiler, false))) {
        commit(compiler);
    }
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

struct plan *unit_outside(struct arena *arena, const struct plan *plan)
{
    struct plan *outside = arena_alloc(arena, sizeof(*outside));

    *outside = *plan;
    outside->all_outside = true;
    compile(arena, outside, TRANSACTION_REVISION, false, 0);
    return outside;
}
