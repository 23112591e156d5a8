/* More rows of life_test.c: behind a pooler that hands out its connections by transaction. */

static void pooled(struct life_world *world)
{
    world->server.pooled = true;
}

static void pooled_at_one(struct life_world *world)
{
    at_one(world);
    pooled(world);
}

static void pooled_at_two(struct life_world *world)
{
    at_two(world);
    pooled(world);
}

static void pooled_units(struct life_world *world)
{
    world->migrations.transaction = TRANSACTION_REVISION;
    pooled(world);
}

static void pooled_changed(struct life_world *world)
{
    changed_allowed(world);
    pooled(world);
}

static void pooled_locked(struct life_world *world)
{
    locked(world);
    pooled(world);
}

static void pooled_locked_long(struct life_world *world)
{
    locked_long(world);
    pooled(world);
}

static void pooled_unclear(struct life_world *world)
{
    resolve_done_to(world);
    pooled(world);
}

static void pooled_direct(struct life_world *world)
{
    at_one(world);
    pooled(world);
    world->target.direct = &world->target;
}

static void pooled_half(struct life_world *world)
{
    clean_edge(world);
    pooled(world);
    world->target.direct = &world->target;
}

static void said_session(struct life_world *world)
{
    at_one(world);
    world->connection.pooler = POOLER_SESSION;
    world->server.pooled = true;
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

static void pooled_lock_between(struct life_world *world)
{
    pooled_units(world);
    world->server.allow = lock_between;
    world->server.context = world;
}

static void pooled_open_between(struct life_world *world)
{
    pooled_units(world);
    world->server.allow = open_between;
    world->server.context = world;
}

/* clang-format off */
static const struct golden pooler_goldens[] = {
    {"one step through a pooler", PG, NULL, pooled, UP,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"nothing to do through a pooler", PG, TWO, pooled_at_two, UP,
     NONE, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_UP_TO_DATE, 0, "aaa2", 0},
    {"read through a pooler", PG, TWO, pooled_at_one, READ,
     NONE, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_UP_TO_DATE, 0, "aaa1", 0},
    {"plan through a pooler", PG, TRUTH, pooled_at_one, PLAN,
     NONE, NEVER,
     "CONNECT PEEK CHECK " END,
     OUTCOME_PLANNED, 0, "aaa1", 0},
    {"down through a pooler", PG, TWO, pooled_at_two, DOWN,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "", 2},
    {"two units through a pooler", PG, TWO, pooled_units, UP,
     NONE, NEVER,
     FIRST " " UNIT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"edited and accepted through a pooler", PG, TWO, pooled_changed, UP,
     NONE, NEVER,
     FIRST " " UNIT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"settled through a pooler", PG, OFF, pooled_unclear, RESOLVE,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"a statement fails behind a pooler", PG, WRONG, pooled, UP,
     NONE, NEVER,
     FIRST " EXECUTE ROLLBACK " END,
     OUTCOME_FAILED, ERROR_DUPLICATE_OBJECT, "", 0},
    {"another's lock behind a pooler", PG, TWO, pooled_locked, UP,
     NONE, NEVER,
     "CONNECT PEEK PLACE LOCK PLACE LOCK PLACE LOCK PLACE LOCK READ " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"another's lock behind a pooler for too long", PG, TWO, pooled_locked_long, UP,
     NONE, NEVER,
     "CONNECT PEEK PLACE LOCK PLACE LOCK PLACE LOCK PLACE LOCK PLACE LOCK ROLLBACK " END,
     OUTCOME_BLOCKED, ERROR_SKEIN_LOCK, "aaa1", 0},
    {"stopped while it waits behind a pooler", PG, TWO, pooled_locked, UP,
     NONE, {"wait", 1, LIFE_STOPPED, "interrupt"},
     "CONNECT PEEK PLACE LOCK " END,
     OUTCOME_NOT_STARTED, 0, "aaa1", 0},
    {"cancelled before it waits behind a pooler", PG, TWO, pooled_locked, UP,
     NONE, {"rollback", 1, LIFE_CANCEL, "interrupt"},
     "CONNECT PEEK PLACE LOCK " END,
     OUTCOME_CANCELLED, ERROR_CANCELLED, "aaa1", 0},
    {"lost before it waits behind a pooler", PG, TWO, pooled_locked, UP,
     {{"rollback", 1, FAKE_LOST_BEFORE, NULL}}, NEVER,
     "CONNECT PEEK PLACE LOCK " AGAIN " CONNECT PEEK PLACE LOCK PLACE LOCK PLACE LOCK READ " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"another's lock between two units", PG, TWO, pooled_lock_between, UP,
     NONE, NEVER,
     FIRST " " UNIT " EXECUTE ROLLBACK " AGAIN " " FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"an open row between two units", PG, TWO, pooled_open_between, UP,
     NONE, NEVER,
     FIRST " " UNIT " EXECUTE ROLLBACK CLOSE QUEUED " FIRST " ROLLBACK " END,
     OUTCOME_PARTIAL, ERROR_PLAN, "aaa1", 1},
    {"lost at commit behind a pooler, applied", PG, TWO, pooled_units, UP,
     {{"commit", 1, FAKE_LOST_AFTER, NULL}}, NEVER,
     FIRST " " UNIT " " AGAIN " " FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"lost at commit behind a pooler, not applied", PG, TWO, pooled_units, UP,
     {{"commit", 1, FAKE_LOST_BEFORE, NULL}}, NEVER,
     FIRST " " UNIT " " AGAIN " " FIRST " " UNIT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"lost behind the last commit's answer", PG, TWO, pooled, UP,
     {{"fresh", 3, FAKE_LOST_BEFORE, NULL}}, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"lost behind the first commit's answer", PG, TWO, pooled_units, UP,
     {{"fresh", 3, FAKE_LOST_BEFORE, NULL}}, NEVER,
     FIRST " " UNIT " " AGAIN " " FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"a pooler by statement", PG, TWO, pooled_at_one, UP,
     {{"begin", 1, FAKE_ERROR, "26000"}}, NEVER,
     "CONNECT PEEK PLACE LOCK " END,
     OUTCOME_REFUSED, ERROR_POOLER, "aaa1", 0},
    {"what tidies up fails", PG, TWO, pooled_units, UP,
     {{"fresh", 3, FAKE_ERROR, "42501"}}, NEVER,
     FIRST " " UNIT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"outside a transaction behind a pooler", PG, OFF, pooled, UP,
     NONE, NEVER,
     FIRST " ROLLBACK " END,
     OUTCOME_REFUSED, ERROR_POOLER, "", 0},
    {"outside a transaction behind a pooler, planned", PG, OFF, pooled_at_one, PLAN,
     NONE, NEVER,
     "CONNECT PEEK CHECK " END,
     OUTCOME_REFUSED, ERROR_POOLER, "aaa1", 0},
    {"outside a transaction past a pooler", PG, OFF, pooled_direct, UP,
     NONE, NEVER,
     "CONNECT PEEK CLOSE QUEUED " FIRST " " UNIT " MARK OFF " OUT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"outside a transaction past a pooler, planned", PG, OFF, pooled_direct, PLAN,
     NONE, NEVER,
     "CONNECT PEEK CHECK " END,
     OUTCOME_PLANNED, 0, "aaa1", 0},
    {"half a revision goes on past a pooler", PG, OFF, pooled_half, UP,
     NONE, NEVER,
     "CONNECT PEEK CLOSE QUEUED " FIRST " " OUT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"a pooler that is said to keep sessions", PG, OFF, said_session, UP,
     NONE, NEVER,
     FIRST " " UNIT " MARK OFF " OUT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"a pooler that is said to be there", PG, OFF, said_transaction, UP,
     NONE, NEVER,
     FIRST " ROLLBACK " END,
     OUTCOME_REFUSED, ERROR_POOLER, "aaa1", 0},
};
/* clang-format on */
