/* What the target of a row of life_golden.h holds before it is asked. */

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

static void unknown_seen(struct life_world *world)
{
    struct fake_row *row = fake_server_add_history(&world->server);

    unknown_row(world);
    snprintf(row->revision, sizeof(row->revision), "ffff");
    snprintf(row->direction, sizeof(row->direction), "upgrade");
    snprintf(row->state, sizeof(row->state), "done");
}

static void closed(struct life_world *world)
{
    world->server.read_only = true;
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

static void moved(struct life_world *world)
{
    struct fake_row *row;
    const char *one = "aaa1";
    const struct revision *revision = graph_find(&world->graph, one)->revision;

    at_two(world);
    row = fake_server_add_history(&world->server);
    snprintf(row->revision, sizeof(row->revision), "aaa1");
    snprintf(row->direction, sizeof(row->direction), "upgrade");
    snprintf(row->state, sizeof(row->state), "done");
    snprintf(row->checksum, sizeof(row->checksum), "%.32s",
             revision->checksum[world->target.engine]);
    plan_applied_checksum(&world->graph, world->target.engine, &one, 1, row->applied_checksum);
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
