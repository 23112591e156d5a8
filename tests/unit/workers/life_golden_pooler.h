/* More rows of life_test.c: behind a pooler that hands out its connections by transaction. */

static void units(struct life_world *world)
{
    world->migrations.transaction = TRANSACTION_REVISION;
}

static void direct(struct life_world *world)
{
    at_one(world);
    world->target.direct = &world->target;
}

static void direct_half(struct life_world *world)
{
    clean_edge(world);
    world->target.direct = &world->target;
}

static void said_session(struct life_world *world)
{
    at_one(world);
    world->connection.pooler = POOLER_SESSION;
    world->by_session = true;
}

static void said_transaction(struct life_world *world)
{
    at_one(world);
    world->connection.pooler = POOLER_TRANSACTION;
}

/* Another skein has the lock, or has moved the target, when the second unit begins. */
static bool second_unit(struct life_world *world, const struct command *command)
{
    return strcmp(command->purpose, "lock_transaction") == 0 && ++world->hooked == 2;
}

static bool lock_between(void *context, const struct fake_session *session,
                         const struct command *command, const char **code)
{
    struct life_world *world = context;
    (void)session;
    (void)code;

    if (second_unit(world, command)) {
        world->server.lock_foreign = true;
        world->free_after = 1;
    }
    return true;
}

static bool open_between(void *context, const struct fake_session *session,
                         const struct command *command, const char **code)
{
    struct life_world *world = context;
    (void)session;
    (void)code;

    if (strcmp(command->purpose, "begin") == 0 && ++world->hooked == 2) {
        struct fake_row *row = fake_server_add_history(&world->server);
        snprintf(row->revision, sizeof(row->revision), "aaa2");
        snprintf(row->direction, sizeof(row->direction), "upgrade");
        snprintf(row->state, sizeof(row->state), "started");
        row->total = row->attempted = 1;
    }
    return true;
}

static void other_lock_between(struct life_world *world)
{
    units(world);
    world->server.allow = lock_between;
    world->server.context = world;
}

static void other_row_between(struct life_world *world)
{
    units(world);
    world->server.allow = open_between;
    world->server.context = world;
}

/* clang-format off */
#define POOLED .pooled = true

static const struct golden pooler_goldens[] = {
    {"one step through a pooler", PG, NULL, NULL, UP, POOLED,
     .trace = FIRST " " UNIT " " END, OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"nothing to do through a pooler", PG, TWO, at_two, UP, POOLED,
     .trace = "CONNECT PEEK " END, OUTCOME_UP_TO_DATE, 0, "aaa2", 0},
    {"read through a pooler", PG, TWO, at_one, READ, POOLED,
     .trace = "CONNECT PEEK " END, OUTCOME_UP_TO_DATE, 0, "aaa1", 0},
    {"plan through a pooler", PG, TRUTH, at_one, PLAN, POOLED,
     .trace = "CONNECT PEEK CHECK " END, OUTCOME_PLANNED, 0, "aaa1", 0},
    {"down through a pooler", PG, TWO, at_two, DOWN, POOLED,
     .trace = FIRST " " UNIT " " END, OUTCOME_SUCCEEDED, 0, "", 2},
    {"two units through a pooler", PG, TWO, units, UP, POOLED,
     .trace = FIRST " " UNIT " " UNIT " " END, OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"edited and accepted through a pooler", PG, TWO, changed_allowed, UP, POOLED,
     .trace = FIRST " " UNIT " " UNIT " " END, OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"settled through a pooler", PG, OFF, resolve_done_to, RESOLVE, POOLED,
     .trace = FIRST " " UNIT " " END, OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"a statement fails behind a pooler", PG, WRONG, NULL, UP, POOLED,
     .trace = FIRST " EXECUTE ROLLBACK " END, OUTCOME_FAILED, ERROR_DUPLICATE_OBJECT, "", 0},
    {"another's lock behind a pooler", PG, TWO, locked, UP, POOLED,
     .trace = "CONNECT PEEK PLACE LOCK PLACE LOCK PLACE LOCK PLACE LOCK READ " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"another's lock behind a pooler for too long", PG, TWO, locked_long, UP, POOLED,
     .trace = "CONNECT PEEK PLACE LOCK PLACE LOCK PLACE LOCK PLACE LOCK PLACE LOCK ROLLBACK " END,
     OUTCOME_BLOCKED, ERROR_SKEIN_LOCK, "aaa1", 0},
    {"stopped while it waits behind a pooler", PG, TWO, locked, UP, POOLED,
     .interruption = {"wait", 1, LIFE_STOPPED, "interrupt"},
     .trace = "CONNECT PEEK PLACE LOCK " END, OUTCOME_NOT_STARTED, 0, "aaa1", 0},
    {"cancelled before it waits behind a pooler", PG, TWO, locked, UP, POOLED,
     .interruption = {"rollback", 1, LIFE_CANCEL, "interrupt"},
     .trace = "CONNECT PEEK PLACE LOCK " END, OUTCOME_CANCELLED, ERROR_CANCELLED, "aaa1", 0},
    {"lost before it waits behind a pooler", PG, TWO, locked, UP, POOLED,
     .faults = {{"rollback", 1, FAKE_LOST_BEFORE, NULL}},
     .trace = "CONNECT PEEK PLACE LOCK " AGAIN " CONNECT PEEK PLACE LOCK PLACE LOCK PLACE LOCK READ " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"another's lock between two units", PG, TWO, other_lock_between, UP, POOLED,
     .trace = FIRST " " UNIT " EXECUTE ROLLBACK " AGAIN " " FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"an open row between two units", PG, TWO, other_row_between, UP, POOLED,
     .trace = FIRST " " UNIT " EXECUTE ROLLBACK CLOSE QUEUED " FIRST " ROLLBACK " END,
     OUTCOME_PARTIAL, ERROR_PLAN, "aaa1", 1},
    {"lost at commit behind a pooler, applied", PG, TWO, units, UP, POOLED,
     .faults = {{"commit", 1, FAKE_LOST_AFTER, NULL}},
     .trace = FIRST " " UNIT " " AGAIN " " FIRST " " UNIT " " END, OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"lost at commit behind a pooler, not applied", PG, TWO, units, UP, POOLED,
     .faults = {{"commit", 1, FAKE_LOST_BEFORE, NULL}},
     .trace = FIRST " " UNIT " " AGAIN " " FIRST " " UNIT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"lost behind the last commit's answer", PG, TWO, NULL, UP, POOLED,
     .faults = {{"fresh", 3, FAKE_LOST_BEFORE, NULL}},
     .trace = FIRST " " UNIT " " END, OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"lost behind the first commit's answer", PG, TWO, units, UP, POOLED,
     .faults = {{"fresh", 3, FAKE_LOST_BEFORE, NULL}},
     .trace = FIRST " " UNIT " " AGAIN " " FIRST " " UNIT " " END, OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"a pooler by statement", PG, TWO, at_one, UP, POOLED,
     .faults = {{"begin", 1, FAKE_ERROR, "26000"}},
     .trace = "CONNECT PEEK PLACE LOCK " END, OUTCOME_REFUSED, ERROR_POOLER, "aaa1", 0},
    {"what tidies up fails", PG, TWO, units, UP, POOLED,
     .faults = {{"fresh", 3, FAKE_ERROR, "42501"}},
     .trace = FIRST " " UNIT " " UNIT " " END, OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"outside a transaction behind a pooler", PG, OFF, NULL, UP, POOLED,
     .trace = FIRST " ROLLBACK " END, OUTCOME_REFUSED, ERROR_POOLER, "", 0},
    {"outside a transaction behind a pooler, planned", PG, OFF, at_one, PLAN, POOLED,
     .trace = "CONNECT PEEK CHECK " END, OUTCOME_REFUSED, ERROR_POOLER, "aaa1", 0},
    {"outside a transaction past a pooler", PG, OFF, direct, UP, POOLED,
     .trace = "CONNECT PEEK CLOSE QUEUED " FIRST " " UNIT " MARK OFF " OUT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"outside a transaction past a pooler, planned", PG, OFF, direct, PLAN, POOLED,
     .trace = "CONNECT PEEK CHECK " END, OUTCOME_PLANNED, 0, "aaa1", 0},
    {"half a revision goes on past a pooler", PG, OFF, direct_half, UP, POOLED,
     .trace = "CONNECT PEEK CLOSE QUEUED " FIRST " " OUT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"a pooler that is said to keep sessions", PG, OFF, said_session, UP, POOLED,
     .trace = FIRST " " UNIT " MARK OFF " OUT " " UNIT " " END, OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"a pooler that is said to be there", PG, OFF, said_transaction, UP,
     .trace = FIRST " ROLLBACK " END, OUTCOME_REFUSED, ERROR_POOLER, "aaa1", 0},
};
/* clang-format on */
