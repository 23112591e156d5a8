/* The rows of life_test.c: what is asked, what the target answers, what must come of it. */

static void at_one(struct life_world *world)
{
    fake_server_add_version(&world->server, "aaa1");
    world->server.state.history_table = true;
}

static void at_two(struct life_world *world)
{
    fake_server_add_version(&world->server, "aaa2");
    world->server.state.history_table = true;
}

static void unknown_row(struct life_world *world)
{
    fake_server_add_version(&world->server, "ffff");
}

static void replica(struct life_world *world)
{
    world->server.replica = true;
}

static void other_database(struct life_world *world)
{
    world->server.database = "globex";
}

static void locked(struct life_world *world)
{
    at_one(world);
    world->server.lock_foreign = true;
    world->free_after = 3;
}

static void locked_long(struct life_world *world)
{
    at_one(world);
    world->server.lock_foreign = true;
    world->connection.lock_wait_ms = 100;
}

static struct fake_row *open_row(struct life_world *world, long attempted, long done)
{
    struct fake_row *row;
    const struct graph_node *node = graph_find(&world->graph, "aaa2");

    at_one(world);
    row = fake_server_add_history(&world->server);
    snprintf(row->revision, sizeof(row->revision), "aaa2");
    snprintf(row->direction, sizeof(row->direction), "upgrade");
    snprintf(row->state, sizeof(row->state), "started");
    snprintf(row->run_id, sizeof(row->run_id), "another");
    plan_done_checksum(world->target.engine,
                       &node->revision->scripts[world->target.engine][DIRECTION_UPGRADE],
                       (size_t)done, row->done_checksum);
    row->total = 2;
    row->attempted = attempted;
    row->done = done;
    return row;
}

static void clean_edge(struct life_world *world)
{
    open_row(world, 1, 1);
}

static void unclear(struct life_world *world)
{
    open_row(world, 2, 1);
}

static void clean_but_changed(struct life_world *world)
{
    snprintf(open_row(world, 1, 1)->done_checksum, 33, "%032d", 7);
}

static void resolve_applied(struct life_world *world)
{
    unclear(world);
    world->order.resolution = RESOLVE_APPLIED;
}

static void resolve_reverted(struct life_world *world)
{
    unclear(world);
    world->order.resolution = RESOLVE_REVERTED;
}

static void resolve_done_to(struct life_world *world)
{
    unclear(world);
    world->order.resolution = RESOLVE_DONE_TO;
    world->order.done_to = 2;
}

static void resolve_too_far(struct life_world *world)
{
    resolve_done_to(world);
    world->order.done_to = 3;
}

static void resolve_nothing(struct life_world *world)
{
    at_one(world);
    world->order.resolution = RESOLVE_APPLIED;
}

static void changed(struct life_world *world)
{
    struct fake_row *row;

    at_one(world);
    row = fake_server_add_history(&world->server);
    snprintf(row->revision, sizeof(row->revision), "aaa1");
    snprintf(row->direction, sizeof(row->direction), "upgrade");
    snprintf(row->state, sizeof(row->state), "done");
    snprintf(row->checksum, sizeof(row->checksum), "%032d", 1);
    snprintf(row->applied_checksum, sizeof(row->applied_checksum), "%032d", 1);
}

static const char *const allowed[] = {"aaa1"};

static void changed_allowed(struct life_world *world)
{
    changed(world);
    world->order.allow_changed = allowed;
    world->order.allow_changed_count = 1;
}

static void relative(struct life_world *world)
{
    at_one(world);
    world->order.relative = true;
}

/* A table of four lines a row. */
/* clang-format off */

#define UP      LIFE_EXECUTE, GOAL_UPGRADE, "head"
#define DOWN    LIFE_EXECUTE, GOAL_DOWNGRADE, "base"
#define STAMP   LIFE_EXECUTE, GOAL_STAMP, "head"
#define ENSURE  LIFE_EXECUTE, GOAL_ENSURE, NULL
#define PLAN    LIFE_PLAN, GOAL_UPGRADE, "head"
#define READ    LIFE_READ, GOAL_READ, NULL
#define RESOLVE LIFE_RESOLVE, GOAL_READ, NULL
#define NONE    {{0}}
#define NEVER   {0}

/* Parts of a trace. */
#define FIRST "CONNECT PEEK PLACE LOCK READ"
#define AGAIN "CLOSE BACKOFF QUEUED"
#define UNIT  "EXECUTE COMMIT"
#define END   "CLOSE DONE"
#define OUT   "MARK OFF MARK"
#define TRY   FIRST " EXECUTE ROLLBACK " AGAIN " " /* ten of them are a lock's */

static const struct golden goldens[] = {
    {"one step on an empty database", PG, NULL, NULL, UP,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"two steps in one unit", PG, TWO, NULL, UP,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"nothing to do", PG, TWO, at_two, UP,
     NONE, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_UP_TO_DATE, 0, "aaa2", 0},
    {"down to base", PG, TWO, at_two, DOWN,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "", 2},
    {"stamp", PG, TWO, at_one, STAMP,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"the version table alone", PG, NULL, NULL, ENSURE,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "", 1},
    {"the version table is there", PG, NULL, unknown_row, ENSURE,
     NONE, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_UP_TO_DATE, 0, "ffff", 0},
    {"the version table alone in a file", LITE, NULL, NULL, ENSURE,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "", 1},
    {"the version table, lost at commit, not applied", PG, NULL, NULL, ENSURE,
     {{"commit", 1, FAKE_LOST_BEFORE, NULL}}, NEVER,
     FIRST " " UNIT " " AGAIN " " FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "", 1},
    {"the version table, lost at commit, applied", PG, NULL, NULL, ENSURE,
     {{"commit", 1, FAKE_LOST_AFTER, NULL}}, NEVER,
     FIRST " " UNIT " " AGAIN " " FIRST " " END,
     OUTCOME_SUCCEEDED, 0, "", 1},
    {"the version table, planned", PG, NULL, NULL, LIFE_PLAN, GOAL_ENSURE, NULL,
     NONE, NEVER,
     "CONNECT PEEK CHECK " END,
     OUTCOME_PLANNED, 0, "", 0},
    {"one step on an empty file", LITE, NULL, NULL, UP,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"nothing to do in a file", LITE, TWO, at_two, UP,
     NONE, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_UP_TO_DATE, 0, "aaa2", 0},
    {"foreign keys off", LITE, KEYS, at_one, UP,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"two units in a file", LITE, OFF, NULL, UP,
     NONE, NEVER,
     FIRST " " UNIT " MARK OFF " OUT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"read", PG, TWO, at_one, READ,
     NONE, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_UP_TO_DATE, 0, "aaa1", 0},
    {"read half a revision", PG, OFF, unclear, READ,
     NONE, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_PARTIAL, 0, "aaa1", 0},
    {"plan", PG, TWO, at_one, PLAN,
     NONE, NEVER,
     "CONNECT PEEK CHECK " END,
     OUTCOME_PLANNED, 0, "aaa1", 0},
    {"plan with a requirement that fails", PG, REQUIRE, at_one, PLAN,
     NONE, NEVER,
     "CONNECT PEEK CHECK " END,
     OUTCOME_REFUSED, ERROR_REQUIREMENT, "aaa1", 0},
    {"plan with a requirement that waits", PG, MISSING, NULL, PLAN,
     NONE, NEVER,
     "CONNECT PEEK CHECK " END,
     OUTCOME_PLANNED, 0, "", 0},
    {"plan with a requirement on nothing", PG, MISSING, at_one, PLAN,
     NONE, NEVER,
     "CONNECT PEEK CHECK " END,
     OUTCOME_REFUSED, ERROR_REQUIREMENT, "aaa1", 0},
    {"plan over an open row", PG, OFF, unclear, PLAN,
     NONE, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_PARTIAL, ERROR_PLAN, "aaa1", 0},
    {"a statement fails", PG, WRONG, NULL, UP,
     NONE, NEVER,
     FIRST " EXECUTE ROLLBACK " END,
     OUTCOME_FAILED, ERROR_DUPLICATE_OBJECT, "", 0},
    {"a requirement of the first step", PG, REQUIRE, at_one, UP,
     NONE, NEVER,
     FIRST " CHECK ROLLBACK " END,
     OUTCOME_REFUSED, ERROR_REQUIREMENT, "aaa1", 0},
    {"a requirement of a later step", PG, REQUIRE, NULL, UP,
     NONE, NEVER,
     FIRST " CHECK ROLLBACK " END,
     OUTCOME_FAILED, ERROR_REQUIREMENT, "", 0},
    {"a verification", PG, VERIFY, at_one, UP,
     NONE, NEVER,
     FIRST " CHECK ROLLBACK " END,
     OUTCOME_FAILED, ERROR_VERIFICATION, "aaa1", 0},
    {"checks that pass", PG, TRUTH, at_one, UP,
     NONE, NEVER,
     FIRST " CHECK " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"a variable without value", PG, VARIABLE, at_one, UP,
     NONE, NEVER,
     FIRST " " END,
     OUTCOME_REFUSED, ERROR_PLAN, "aaa1", 0},
    {"rows that no file has", PG, TWO, unknown_row, UP,
     NONE, NEVER,
     FIRST " " END,
     OUTCOME_REFUSED, ERROR_UNKNOWN_REVISION, "ffff", 0},
    {"a replica", PG, TWO, replica, UP,
     NONE, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_REFUSED, ERROR_READ_ONLY, "", 0},
    {"another database", PG, TWO, other_database, UP,
     NONE, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_REFUSED, ERROR_WRONG_TARGET, "", 0},
    {"edited", PG, TWO, changed, UP,
     NONE, NEVER,
     FIRST " " END,
     OUTCOME_REFUSED, ERROR_CHANGED_FILE, "aaa1", 0},
    {"edited, nothing pending", PG, NULL, changed, UP,
     NONE, NEVER,
     FIRST " " END,
     OUTCOME_REFUSED, ERROR_CHANGED_FILE, "aaa1", 0},
    {"edited and accepted", PG, TWO, changed_allowed, UP,
     NONE, NEVER,
     FIRST " " UNIT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"edited and accepted in a file", LITE, TWO, changed_allowed, UP,
     NONE, NEVER,
     FIRST " ROLLBACK CLOSE QUEUED " FIRST " " UNIT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 2},
    {"edited, taken down", PG, TWO, changed, DOWN,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "", 1},
    {"edited, stamped", PG, TWO, changed, STAMP,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"edited, planned", PG, TWO, changed, PLAN,
     NONE, NEVER,
     "CONNECT PEEK CHECK " END,
     OUTCOME_REFUSED, ERROR_CHANGED_FILE, "aaa1", 0},
    {"relative", PG, TWO, relative, UP,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"no connection, then one", PG, NULL, NULL, UP,
     {{"open", 1, FAKE_LOST_BEFORE, NULL}}, NEVER,
     "CONNECT " AGAIN " " FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"no connection at all", PG, NULL, NULL, UP,
     {{"open", 0, FAKE_LOST_BEFORE, NULL}}, NEVER,
     "CONNECT " AGAIN " CONNECT " AGAIN " CONNECT " END,
     OUTCOME_UNREACHABLE, ERROR_CONNECTION, "", 0},
    {"a wrong password", PG, NULL, NULL, UP,
     {{"open", 0, FAKE_ERROR, "28P01"}}, NEVER,
     "CONNECT " END,
     OUTCOME_UNREACHABLE, ERROR_CONNECTION, "", 0},
    {"the heads are not answered", PG, NULL, at_one, UP,
     {{"heads", 0, FAKE_LOST_BEFORE, NULL}}, NEVER,
     "CONNECT PEEK " AGAIN " CONNECT PEEK " AGAIN " CONNECT PEEK " END,
     OUTCOME_UNREACHABLE, ERROR_CONNECTION, "aaa1", 0},
    {"no right to read the heads", PG, NULL, at_one, UP,
     {{"heads", 0, FAKE_ERROR, "42501"}}, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_UNREACHABLE, ERROR_PRIVILEGE, "aaa1", 0},
    {"a deadlock", PG, NULL, NULL, UP,
     {{"statement", 1, FAKE_ERROR, "40P01"}}, NEVER,
     FIRST " EXECUTE ROLLBACK " AGAIN " " FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"deadlocks without end", PG, NULL, NULL, UP,
     {{"statement", 0, FAKE_ERROR, "40P01"}}, NEVER,
     FIRST " EXECUTE ROLLBACK " AGAIN " " FIRST " EXECUTE ROLLBACK " AGAIN " " FIRST " EXECUTE ROLLBACK " END,
     OUTCOME_FAILED, ERROR_DEADLOCK, "", 0},
    {"too many connections", PG, NULL, NULL, UP,
     {{"heads", 1, FAKE_ERROR, "53300"}}, NEVER,
     "CONNECT PEEK " AGAIN " " FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"lost in a transaction", PG, NULL, NULL, UP,
     {{"statement", 1, FAKE_LOST_AFTER, NULL}}, NEVER,
     FIRST " EXECUTE " AGAIN " " FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"lost in every transaction", PG, NULL, NULL, UP,
     {{"statement", 0, FAKE_LOST_AFTER, NULL}}, NEVER,
     FIRST " EXECUTE " AGAIN " " FIRST " EXECUTE " AGAIN " " FIRST " EXECUTE " END,
     OUTCOME_FAILED, ERROR_CONNECTION, "", 0},
    {"lost at commit, not applied", PG, NULL, NULL, UP,
     {{"commit", 1, FAKE_LOST_BEFORE, NULL}}, NEVER,
     FIRST " " UNIT " " AGAIN " " FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"lost at commit, applied", PG, NULL, NULL, UP,
     {{"commit", 1, FAKE_LOST_AFTER, NULL}}, NEVER,
     FIRST " " UNIT " " AGAIN " " FIRST " " END,
     OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"lost at commit for good", PG, NULL, at_one, UP,
     {{"commit", 1, FAKE_LOST_AFTER, NULL}, {"open", 2, FAKE_ERROR, "28P01"}}, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_UP_TO_DATE, 0, "aaa1", 0},
    {"lost at commit, never answered again", PG, TWO, at_one, UP,
     {{"commit", 1, FAKE_LOST_AFTER, NULL}, {"open", 2, FAKE_ERROR, "28P01"}}, NEVER,
     FIRST " " UNIT " " AGAIN " CONNECT " END,
     OUTCOME_IN_DOUBT, ERROR_CONNECTION, "aaa2", 0},
    {"commit refused", PG, TWO, at_one, UP,
     {{"commit", 0, FAKE_ERROR, "23503"}}, NEVER,
     FIRST " " UNIT " ROLLBACK " END,
     OUTCOME_FAILED, ERROR_CONSTRAINT, "aaa1", 0},
    {"another's lock", PG, TWO, locked, UP,
     NONE, NEVER,
     "CONNECT PEEK PLACE LOCK PLACE LOCK PLACE LOCK PLACE LOCK READ " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"another's lock for too long", PG, TWO, locked_long, UP,
     NONE, NEVER,
     "CONNECT PEEK PLACE LOCK PLACE LOCK PLACE LOCK PLACE LOCK PLACE LOCK " END,
     OUTCOME_BLOCKED, ERROR_SKEIN_LOCK, "aaa1", 0},
    {"a busy file", LITE, TWO, locked, UP,
     NONE, NEVER,
     "CONNECT PEEK PLACE LOCK PLACE LOCK PLACE LOCK PLACE LOCK READ " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"a file busy for too long", LITE, TWO, locked_long, UP,
     NONE, NEVER,
     "CONNECT PEEK PLACE LOCK PLACE LOCK PLACE LOCK PLACE LOCK PLACE LOCK " END,
     OUTCOME_BLOCKED, ERROR_LOCK_TIMEOUT, "aaa1", 0},
    {"a file busy at commit", LITE, TWO, at_one, UP,
     {{"commit", 1, FAKE_ERROR, "5"}}, NEVER,
     FIRST " " UNIT " ROLLBACK " AGAIN " " FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"a file busy for its reader", LITE, TWO, at_one, UP,
     {{"heads_brief", 1, FAKE_ERROR, "5"}}, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"a file busy for its writer", LITE, TWO, at_one, UP,
     {{"heads", 1, FAKE_ERROR, "5"}}, NEVER,
     "CONNECT PEEK PLACE LOCK PLACE LOCK READ " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"a table's lock", PG, TWO, at_one, UP,
     {{"statement", 0, FAKE_ERROR, "55P03"}}, NEVER,
     TRY TRY TRY TRY TRY TRY TRY TRY TRY FIRST " EXECUTE ROLLBACK " END,
     OUTCOME_FAILED, ERROR_LOCK_TIMEOUT, "aaa1", 0},
    {"outside a transaction", PG, OFF, at_one, UP,
     NONE, NEVER,
     FIRST " " UNIT " MARK OFF " OUT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"inside and outside", PG, MIXED, at_one, UP,
     NONE, NEVER,
     FIRST " " UNIT " " OUT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"concurrently", PG, CONCURRENT, at_one, UP,
     NONE, NEVER,
     FIRST " " UNIT " " OUT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"concurrently, an index left", PG, CONCURRENT_INVALID, at_one, UP,
     NONE, NEVER,
     FIRST " " UNIT " MARK OFF " END,
     OUTCOME_PARTIAL, ERROR_CONSTRAINT, "aaa1", 0},
    {"concurrently, an error", PG, CONCURRENT, at_one, UP,
     {{"statement", 1, FAKE_ERROR, "42P01"}}, NEVER,
     FIRST " " UNIT " MARK OFF " END,
     OUTCOME_PARTIAL, ERROR_MISSING_OBJECT, "aaa1", 0},
    {"do, an error", PG, DO_OFF, at_one, UP,
     NONE, NEVER,
     FIRST " " UNIT " MARK OFF " END,
     OUTCOME_PARTIAL, ERROR_CONSTRAINT, "aaa1", 0},
    {"outside, the first fails", PG, OFF, at_one, UP,
     {{"statement", 1, FAKE_ERROR, "42P07"}}, NEVER,
     FIRST " " UNIT " " OUT " " END,
     OUTCOME_FAILED, ERROR_DUPLICATE_OBJECT, "aaa1", 0},
    {"outside, the second fails", PG, OFF, at_one, UP,
     {{"statement", 2, FAKE_ERROR, "42P07"}}, NEVER,
     FIRST " " UNIT " " OUT " OFF MARK " END,
     OUTCOME_PARTIAL, ERROR_DUPLICATE_OBJECT, "aaa1", 0},
    {"outside, a lock", PG, OFF, at_one, UP,
     {{"statement", 1, FAKE_ERROR, "55P03"}}, NEVER,
     FIRST " " UNIT " " OUT " " AGAIN " " FIRST " " OUT " OFF MARK " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"outside, lost", PG, OFF, at_one, UP,
     {{"statement", 1, FAKE_LOST_AFTER, NULL}}, NEVER,
     FIRST " " UNIT " MARK OFF " AGAIN " " FIRST " " END,
     OUTCOME_PARTIAL, ERROR_CONNECTION, "aaa1", 0},
    {"outside, lost for good", PG, OFF, at_one, UP,
     {{"statement", 1, FAKE_LOST_AFTER, NULL}, {"open", 2, FAKE_ERROR, "28P01"}}, NEVER,
     FIRST " " UNIT " MARK OFF " AGAIN " CONNECT " END,
     OUTCOME_IN_DOUBT, ERROR_CONNECTION, "aaa1", 0},
    {"outside, the mark is lost", PG, OFF, at_one, UP,
     {{"history_mark", 1, FAKE_LOST_AFTER, NULL}}, NEVER,
     FIRST " " UNIT " MARK " AGAIN " " FIRST " " OUT " OFF MARK " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"outside, the mark is lost before", PG, OFF, at_one, UP,
     {{"history_mark", 2, FAKE_LOST_BEFORE, NULL}}, NEVER,
     FIRST " " UNIT " " OUT " " AGAIN " " FIRST " " OUT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"a clean edge", PG, OFF, clean_edge, UP,
     NONE, NEVER,
     FIRST " " OUT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"a clean edge in a file", LITE, OFF, clean_edge, UP,
     NONE, NEVER,
     FIRST " " OUT " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"a clean edge, its statements edited", PG, OFF, clean_but_changed, UP,
     NONE, NEVER,
     FIRST " " END,
     OUTCOME_PARTIAL, ERROR_PLAN, "aaa1", 0},
    {"a clean edge, the other way", PG, OFF, clean_edge, DOWN,
     NONE, NEVER,
     FIRST " " END,
     OUTCOME_PARTIAL, ERROR_PLAN, "aaa1", 0},
    {"a clean edge and stamp", PG, OFF, clean_edge, STAMP,
     NONE, NEVER,
     FIRST " " END,
     OUTCOME_PARTIAL, ERROR_PLAN, "aaa1", 0},
    {"nobody knows", PG, OFF, unclear, UP,
     NONE, NEVER,
     FIRST " " END,
     OUTCOME_PARTIAL, ERROR_PLAN, "aaa1", 0},
    {"resolve --applied", PG, OFF, resolve_applied, RESOLVE,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"resolve --reverted", PG, OFF, resolve_reverted, RESOLVE,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"resolve --done-to", PG, OFF, resolve_done_to, RESOLVE,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"resolve in a file", LITE, OFF, resolve_applied, RESOLVE,
     NONE, NEVER,
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"resolve too far", PG, OFF, resolve_too_far, RESOLVE,
     NONE, NEVER,
     FIRST " " END,
     OUTCOME_REFUSED, ERROR_PLAN, "aaa1", 0},
    {"resolve nothing", PG, OFF, resolve_nothing, RESOLVE,
     NONE, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_UP_TO_DATE, 0, "aaa1", 0},
    {"resolve shown", PG, OFF, unclear, RESOLVE,
     NONE, NEVER,
     "CONNECT PEEK " END,
     OUTCOME_PLANNED, 0, "aaa1", 0},
    {"stopped in the queue", PG, NULL, NULL, UP,
     NONE, {"queue", 1, LIFE_STOPPED, "interrupt"},
     "DONE",
     OUTCOME_NOT_STARTED, 0, "", 0},
    {"stopped while connecting", PG, NULL, NULL, UP,
     NONE, {"place", 1, LIFE_STOPPED, "interrupt"},
     "CONNECT PEEK PLACE " END,
     OUTCOME_NOT_STARTED, 0, "", 0},
    {"stopped while it waits", PG, TWO, locked, UP,
     NONE, {"wait", 1, LIFE_STOPPED, "interrupt"},
     "CONNECT PEEK PLACE LOCK " END,
     OUTCOME_NOT_STARTED, 0, "aaa1", 0},
    {"stopped between two tries", PG, NULL, NULL, UP,
     {{"statement", 1, FAKE_ERROR, "40P01"}}, {"backoff", 1, LIFE_STOPPED, "interrupt"},
     FIRST " EXECUTE ROLLBACK CLOSE BACKOFF DONE",
     OUTCOME_NOT_STARTED, 0, "", 0},
    {"stopped in its work", PG, NULL, NULL, UP,
     NONE, {"statement", 1, LIFE_STOPPED, "interrupt"},
     FIRST " " UNIT " " END,
     OUTCOME_SUCCEEDED, 0, "aaa1", 1},
    {"stopped in doubt", PG, TWO, at_one, UP,
     {{"commit", 1, FAKE_LOST_AFTER, NULL}}, {"commit", 2, LIFE_STOPPED, "interrupt"},
     FIRST " " UNIT " " AGAIN " " FIRST " " END,
     OUTCOME_SUCCEEDED, 0, "aaa2", 1},
    {"cancelled in its work", PG, TWO, at_one, UP,
     NONE, {"statement", 1, LIFE_CANCEL, "interrupt"},
     FIRST " EXECUTE ROLLBACK " END,
     OUTCOME_CANCELLED, ERROR_CANCELLED, "aaa1", 0},
    {"out of time in its work", PG, TWO, at_one, UP,
     NONE, {"statement", 1, LIFE_CANCEL, "target_timeout"},
     FIRST " EXECUTE ROLLBACK " END,
     OUTCOME_FAILED, ERROR_CANCELLED, "aaa1", 0},
    {"cancelled while it waits", PG, TWO, locked, UP,
     NONE, {"wait", 1, LIFE_CANCEL, "interrupt"},
     "CONNECT PEEK PLACE LOCK " END,
     OUTCOME_CANCELLED, ERROR_CANCELLED, "aaa1", 0},
    {"cancelled outside a transaction", PG, OFF, at_one, UP,
     NONE, {"statement", 1, LIFE_CANCEL, "interrupt"},
     FIRST " " UNIT " " OUT " " END,
     OUTCOME_CANCELLED, ERROR_CANCELLED, "aaa1", 0},
    {"cancelled outside, later", PG, OFF, at_one, UP,
     NONE, {"statement", 2, LIFE_CANCEL, "interrupt"},
     FIRST " " UNIT " " OUT " OFF MARK " END,
     OUTCOME_PARTIAL, ERROR_CANCELLED, "aaa1", 0},
    {"given up", PG, NULL, NULL, UP,
     {{"open", 1, FAKE_LOST_BEFORE, NULL}}, {"backoff", 1, LIFE_GIVEN_UP, NULL},
     "CONNECT CLOSE BACKOFF DONE",
     OUTCOME_UNREACHABLE, ERROR_CONNECTION, "", 0},
};
