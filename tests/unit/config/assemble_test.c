/* What cases_test.c does not show: settings and their merging, sharing, size, globs, --url. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "config/selection.h"
#include "loaded.h"

struct setting {
    struct arena arena;
    char *folder;
};

static int set_up(void **state)
{
    struct setting *setting = calloc(1, sizeof(*setting));

    assert_non_null(setting);
    setting->folder = check_folder();
    *state = setting;
    return 0;
}

static int tear_down(void **state)
{
    struct setting *setting = *state;

    check_folder_remove(setting->folder);
    arena_release(&setting->arena);
    free(setting);
    return 0;
}

static const struct fleet *load(struct setting *setting, const char *yaml)
{
    static const char *const names[] = {"b", "a", NULL};

    return loaded_fleet(&setting->arena, setting->folder, yaml, names);
}

static const struct target *find(const struct fleet *fleet, const char *name)
{
    for (size_t i = 0; i < fleet->target_count; i++) {
        if (strcmp(fleet->targets[i].name, name) == 0) {
            return &fleet->targets[i];
        }
    }
    fail_msg("no target %s", name);
    return NULL;
}

/* The contract's defaults, section 4. */
static void test_defaults(void **state)
{
    struct setting *setting = *state;
    const struct fleet *fleet = load(setting, "tenants: [{name: a, url: \"sqlite:a\"}]");
    const struct connection_settings *connection = fleet->targets[0].connection;
    const struct migrations *migrations = &fleet->migrations;

    assert_int_equal(connection->connect_timeout_ms, 10000);
    assert_int_equal(connection->lock_wait_ms, 60000);
    assert_int_equal(connection->lock_timeout_ms, 5000);
    assert_int_equal(connection->statement_timeout_ms, 0);
    assert_int_equal(connection->abandoned_after_ms, 60000);
    assert_null(connection->tls.mode);
    assert_null(connection->role);
    assert_int_equal(connection->search_path_count, 0);
    assert_int_equal(connection->session.count, 0);
    assert_int_equal(fleet->limits.concurrency, 32);
    assert_int_equal(fleet->limits.per_server, 8);
    assert_int_equal(fleet->limits.per_database, 1);
    assert_int_equal(fleet->limits.target_timeout_ms, 0);
    assert_int_equal(fleet->retry.attempts, 5);
    assert_int_equal(fleet->retry.initial_ms, 250);
    assert_true(fleet->retry.multiplier > 1.99 && fleet->retry.multiplier < 2.01);
    assert_int_equal(fleet->retry.max_ms, 30000);
    assert_int_equal(amount_of(&fleet->rollout.max_failures, 1000), 10);
    assert_int_equal(amount_of(&fleet->rollout.max_unreachable, 1000), 50);
    assert_int_equal(fleet->rollout.same_error, 3);
    assert_false(fleet->rollout.order_file);
    assert_string_equal(migrations->version_table, "alembic_version");
    assert_string_equal(migrations->history_table, "skein_history");
    assert_null(migrations->version_table_schema);
    assert_int_equal(migrations->transaction, TRANSACTION_TARGET);
    assert_int_equal(migrations->version_location_count, 1);
    assert_string_equal(migrations->directory,
                        arena_printf(&setting->arena, "%s/migrations", setting->folder));
    assert_string_equal(migrations->version_locations[0],
                        arena_printf(&setting->arena, "%s/migrations/versions", setting->folder));
    assert_int_equal(fleet->engines, ENGINE_BIT(ENGINE_SQLITE));
    assert_false(fleet->by_url);
    assert_string_equal(fleet->folder, setting->folder);
}

static void test_values(void **state)
{
    struct setting *setting = *state;
    const struct fleet *fleet =
        load(setting,
             "migrations: {version_locations: [one, /two], directory: sub, transaction: revision,\n"
             "  version_table: v, version_table_schema: s, history_table: h}\n"
             "limits: {concurrency: 2, per_server: 3, per_database: 4, target_timeout: 1h}\n"
             "retry: {attempts: 1, initial: 5ms, multiplier: 1.5, max: 1s}\n"
             "rollout: {max_failures: 3, max_unreachable: 0, same_error: 0, order: file}\n"
             "tenants: [{name: a, url: \"sqlite:a\"}]");
    const struct migrations *migrations = &fleet->migrations;

    assert_int_equal(fleet->limits.concurrency, 2);
    assert_int_equal(fleet->limits.per_server, 3);
    assert_int_equal(fleet->limits.per_database, 4);
    assert_int_equal(fleet->limits.target_timeout_ms, 3600000);
    assert_int_equal(fleet->retry.attempts, 1);
    assert_int_equal(fleet->retry.initial_ms, 5);
    assert_true(fleet->retry.multiplier > 1.49 && fleet->retry.multiplier < 1.51);
    assert_int_equal(fleet->retry.max_ms, 1000);
    assert_int_equal(amount_of(&fleet->rollout.max_failures, 1000), 3);
    assert_int_equal(amount_of(&fleet->rollout.max_unreachable, 1000), 0);
    assert_int_equal(fleet->rollout.same_error, 0);
    assert_true(fleet->rollout.order_file);
    assert_int_equal(migrations->version_location_count, 2);
    assert_string_equal(migrations->version_locations[0],
                        arena_printf(&setting->arena, "%s/one", setting->folder));
    assert_string_equal(migrations->version_locations[1], "/two");
    assert_string_equal(migrations->directory,
                        arena_printf(&setting->arena, "%s/sub", setting->folder));
    assert_string_equal(migrations->version_table, "v");
    assert_string_equal(migrations->version_table_schema, "s");
    assert_string_equal(migrations->history_table, "h");
    assert_int_equal(migrations->transaction, TRANSACTION_REVISION);
}

static const char merging[] =
    "connection: {connect_timeout: 1s, lock_wait: 2s, lock_timeout: 3s, role: top,\n"
    "  search_path: [one, two], session: {a: 1, b: 2}, tls: {mode: require, ca: top.pem}}\n"
    "servers:\n"
    "  pg: {url: \"postgresql://u@h?connect_timeout=4&sslkey=k.pem\",\n"
    "    connection: {lock_wait: 5s, session: {b: 3}}}\n"
    "tenants:\n"
    "  - {name: plain, server: pg, database: d}\n"
    "  - {name: second, server: pg, database: d2}\n"
    "  - {name: own, server: pg, database: d3,\n"
    "     connection: {lock_timeout: 6s, search_path: three, session: {c: 4},\n"
    "       tls: {mode: verify-full, ca: system}}}\n"
    "  - {name: by_url, url: \"postgresql://v@h/d4\", connection: {role: mine}}\n"
    "  - {name: file, url: \"sqlite:a\"}\n"
    "  - {discover: {server: pg, databases: \"*\"}, connection: {role: found}}\n";

static void test_merging(void **state)
{
    struct setting *setting = *state;
    const struct fleet *fleet = load(setting, merging);
    const struct connection_settings *plain = find(fleet, "plain")->connection;
    const struct connection_settings *own = find(fleet, "own")->connection;
    const struct connection_settings *by_url = find(fleet, "by_url")->connection;
    const struct connection_settings *file = find(fleet, "file")->connection;

    /* top, URL, server */
    assert_int_equal(plain->connect_timeout_ms, 4000);
    assert_int_equal(plain->lock_wait_ms, 5000);
    assert_int_equal(plain->lock_timeout_ms, 3000);
    assert_string_equal(plain->role, "top");
    assert_int_equal(plain->search_path_count, 2);
    assert_string_equal(pair_get(&plain->session, "a"), "1");
    assert_string_equal(pair_get(&plain->session, "b"), "3");
    assert_string_equal(plain->tls.mode, "require");
    assert_string_equal(plain->tls.ca,
                        arena_printf(&setting->arena, "%s/top.pem", setting->folder));
    assert_string_equal(plain->tls.key, arena_printf(&setting->arena, "%s/k.pem", setting->folder));
    /* and the tenant */
    assert_int_equal(own->lock_wait_ms, 5000);
    assert_int_equal(own->lock_timeout_ms, 6000);
    assert_int_equal(own->search_path_count, 1);
    assert_string_equal(own->search_path[0], "three");
    assert_int_equal(own->session.count, 3);
    assert_string_equal(pair_get(&own->session, "c"), "4");
    assert_string_equal(own->tls.mode, "verify-full");
    assert_string_equal(own->tls.ca, "system");
    /* a URL has the host's limits, not the server entry's settings */
    assert_int_equal(by_url->lock_wait_ms, 2000);
    assert_string_equal(by_url->role, "mine");
    assert_int_equal(find(fleet, "by_url")->server, find(fleet, "plain")->server);
    assert_int_equal(file->connect_timeout_ms, 1000);
    assert_string_equal(find(fleet, "a")->connection->role, "found");
    assert_int_equal(find(fleet, "a")->connection->lock_wait_ms, 5000);
}

static void test_sharing(void **state)
{
    struct setting *setting = *state;
    const struct fleet *fleet = load(setting, merging);

    assert_ptr_equal(find(fleet, "plain")->endpoint, find(fleet, "second")->endpoint);
    assert_ptr_equal(find(fleet, "plain")->connection, find(fleet, "second")->connection);
    assert_ptr_equal(find(fleet, "a")->endpoint, find(fleet, "plain")->endpoint);
    assert_ptr_equal(find(fleet, "a")->connection, find(fleet, "b")->connection);
    assert_int_equal(fleet->server_count, 2);
    assert_string_equal(fleet->servers[0].name, "pg");
    assert_string_equal(fleet->servers[0].address, "h:5432");
    assert_string_equal(fleet->servers[1].name, "local");
}

/* Discovered ones stand where their entry does, sorted by name. */
static void test_order(void **state)
{
    struct setting *setting = *state;
    const struct fleet *fleet =
        load(setting, "servers: {pg: {url: \"postgresql://u@h\", concurrency: 3}}\n"
                      "tenants:\n"
                      "  - {name: z, server: pg, database: z}\n"
                      "  - {discover: {server: pg, databases: \"*\"}}\n"
                      "  - {name: c, server: pg, database: c}\n");
    const char *const expected[] = {"z", "a", "b", "c"};

    assert_int_equal(fleet->target_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(fleet->targets[i].name, expected[i]);
    }
    assert_int_equal(fleet->servers[0].concurrency, 3);
}

static void test_files(void **state)
{
    static const char *const files[] = {"b.db",     "a.db",   "a.db-wal",   "a.db-journal", "c.txt",
                                        "a.db-shm", "old.db", ".hidden.db", "b.db-skein"};
    struct setting *setting = *state;
    const char *folder = arena_printf(&setting->arena, "%s/d[1]*", setting->folder);
    const char *yaml = "tenants:\n"
                       "  - {name: x, url: \"sqlite:data/b.db\"}\n"
                       "  - {discover: {files: [\"data/*\", \"data/a*\"], exclude: [\"*.txt\", "
                       "\"data/old*\"], min: 2},\n"
                       "     name: \"t-{{database}}\", labels: {tier: free}}\n";
    const char *data = arena_printf(&setting->arena, "%s/data", folder);
    const struct fleet *fleet;

    /* The folder's own name looks like a pattern. */
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(mkdir(data, 0700), 0);
    assert_int_equal(mkdir(arena_printf(&setting->arena, "%s/folder.db", data), 0700), 0);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        check_write(data, files[i], "");
    }
    assert_int_equal(symlink("a.db", arena_printf(&setting->arena, "%s/link.txt", data)), 0);
    fleet = loaded_fleet(&setting->arena, folder, yaml, NULL);
    assert_int_equal(fleet->target_count, 2);
    assert_string_equal(fleet->targets[0].name, "x");
    assert_string_equal(fleet->targets[1].name, "t-a");
    assert_string_equal(fleet->targets[1].database, "data/a.db");
    assert_string_equal(fleet->targets[1].path, arena_printf(&setting->arena, "%s/a.db", data));
    assert_true(fleet->targets[1].discovered);
    assert_string_equal(pair_get(&fleet->targets[1].labels, "tier"), "free");
}

/* Links, hard links and other ways to a file are the file. */
static void test_one_file_by_two_names(void **state)
{
    struct setting *setting = *state;
    const char *folder = setting->folder;
    static const char *const seconds[] = {"link.db", "hard.db", "./a.db", "sub/../a.db",
                                          "sublink/a.db"};

    check_write(folder, "a.db", "");
    assert_int_equal(mkdir(arena_printf(&setting->arena, "%s/sub", folder), 0700), 0);
    assert_int_equal(symlink("a.db", arena_printf(&setting->arena, "%s/link.db", folder)), 0);
    assert_int_equal(symlink(".", arena_printf(&setting->arena, "%s/sublink", folder)), 0);
    assert_int_equal(link(arena_printf(&setting->arena, "%s/a.db", folder),
                          arena_printf(&setting->arena, "%s/hard.db", folder)),
                     0);
    for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
        const char *yaml = arena_printf(&setting->arena,
                                        "tenants:\n"
                                        "  - {name: a, url: \"sqlite:a.db\"}\n"
                                        "  - {name: b, url: \"sqlite:%s\"}\n",
                                        seconds[i]);

        assert_string_equal(loaded_text(&setting->arena, folder, yaml, NULL),
                            "3:5 b: the tenant a of line 2 has this file already\n");
    }
}

static void test_two_files_of_one_name(void **state)
{
    struct setting *setting = *state;
    const char *folder = setting->folder;
    const char *other = arena_printf(&setting->arena, "%s/other", folder);

    check_write(folder, "a.db", "");
    assert_int_equal(mkdir(other, 0700), 0);
    check_write(other, "a.db", "");
    assert_string_equal(
        loaded_text(&setting->arena, folder,
                    "tenants:\n  - {discover: {files: [\"*.db\", \"other/*.db\"]}}\n", NULL),
        "2:5 @/other/a.db: the tenant @/a.db of line 2 has this name already\n");
}

static struct fleet *by_url(struct setting *setting, const char *url, struct err_list *errors)
{
    struct config_source source = {.url = url, .environment = loaded_environment};
    struct inventory *inventory;
    struct fleet *fleet;

    err_list_init(errors, &setting->arena, 10);
    if (config_load(&setting->arena, &source, &inventory, errors) ||
        config_fleet(inventory, &setting->arena, &fleet, errors)) {
        return NULL;
    }
    return fleet;
}

static void test_fleet_of_one(void **state)
{
    static const struct {
        const char *url, *name, *database;
    } cases[] = {
        {"postgresql://u:p@h/acme", "acme", "acme"},
        {"sqlite:data/acme.db", "acme", "data/acme.db"},
        {"sqlite:////data/.acme", ".acme", "/data/.acme"},
        {"${URL}", "d", "d"},
        {"mysql+pymysql://u:p@/acme", "acme", "acme"},
    };
    struct setting *setting = *state;
    char *current = getcwd(NULL, 0);
    struct err_list errors;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct fleet *fleet = by_url(setting, cases[i].url, &errors);

        assert_non_null(fleet);
        assert_int_equal(fleet->target_count, 1);
        assert_true(fleet->by_url);
        assert_null(fleet->config_path);
        assert_string_equal(fleet->folder, current);
        assert_string_equal(fleet->targets[0].name, cases[i].name);
        assert_string_equal(fleet->targets[0].database, cases[i].database);
        if (fleet->targets[0].engine == ENGINE_MYSQL) {
            assert_string_equal(fleet->targets[0].endpoint->host, "localhost");
            assert_string_equal(fleet->targets[0].endpoint->port, "3306");
        }
        assert_int_equal(fleet->targets[0].create, fleet->targets[0].engine == ENGINE_SQLITE);
        assert_string_equal(fleet->migrations.directory,
                            arena_printf(&setting->arena, "%s/migrations", current));
    }
    assert_null(by_url(setting, "postgresql://h", &errors));
    assert_null(errors.items[0].file);
    assert_null(by_url(setting, "nothing", &errors));
    assert_null(by_url(setting, "mariadb://h/d?charset=latin1", &errors));
    assert_non_null(strstr(errors.items[0].message, "charset is not utf8mb4"));
    free(current);
}

static void test_file_that_is_not_there(void **state)
{
    struct setting *setting = *state;
    struct config_source source = {.path = "/no/such/skein.yaml",
                                   .environment = loaded_environment};
    struct inventory *inventory;
    struct err_list errors;

    err_list_init(&errors, &setting->arena, 10);
    assert_int_not_equal(config_load(&setting->arena, &source, &inventory, &errors), 0);
    assert_int_equal(errors.total, 1);
    assert_non_null(strstr(errors.items[0].message, "No such file"));
}

/* Only what stands in the file: no variable, no secret, no server. */
static void test_load_asks_nobody(void **state)
{
    struct setting *setting = *state;
    struct config_source source = {
        .path = arena_printf(&setting->arena, "%s/skein.yaml", setting->folder),
        .environment = loaded_environment};
    struct inventory *inventory;
    struct err_list errors;

    check_write(
        setting->folder, "skein.yaml",
        "servers: {pg: {url: \"postgresql://${NOBODY}@h\", password: {command: [\"false\"]}}}\n"
        "tenants: [{name: a, server: pg, database: d}, {name: b, url: \"${NOBODY}\"},\n"
        "  {name: c, url: \"sqlite:${NOBODY}\"}]\n");
    err_list_init(&errors, &setting->arena, 10);
    assert_int_equal(config_load(&setting->arena, &source, &inventory, &errors), 0);
    assert_int_equal(config_engines(inventory),
                     ENGINE_BIT(ENGINE_POSTGRESQL) | ENGINE_BIT(ENGINE_SQLITE));
    assert_string_equal(config_migrations(inventory)->version_table, "alembic_version");
}

static void test_discoveries(void **state)
{
    struct setting *setting = *state;
    struct config_source source = {
        .path = arena_printf(&setting->arena, "%s/skein.yaml", setting->folder),
        .environment = loaded_environment};
    struct discovery *discoveries;
    struct inventory *inventory;
    struct err_list errors;
    struct fleet *fleet;
    const char *name = "x";

    check_write(setting->folder, "skein.yaml",
                "servers: {bad: {url: \"postgresql://${NOBODY}@g\"},\n"
                "  pg: {url: \"postgresql://u@h/main\", password: {env: SECRET}},\n"
                "  pq: {url: \"postgresql://u@i\"}}\n"
                "tenants:\n"
                "  - {discover: {server: bad, databases: \"*\"}}\n"
                "  - {discover: {server: pg, databases: \"*\"}}\n"
                "  - {name: a, url: \"sqlite:a\"}\n"
                "  - {discover: {server: pq, databases: \"*\"}}\n");
    err_list_init(&errors, &setting->arena, 10);
    assert_int_equal(config_load(&setting->arena, &source, &inventory, &errors), 0);
    assert_int_equal(config_discoveries(inventory, NULL, &discoveries), 2);
    assert_string_equal(discoveries[0].label, "tenants[1].discover (server pg)");
    assert_int_equal(discoveries[0].line, 6);
    assert_string_equal(discoveries[0].target.database, "main");
    assert_string_equal(discoveries[0].target.endpoint->password, "canary%40");
    assert_string_equal(discoveries[1].target.database, "postgres");
    assert_string_equal(discoveries[1].target.endpoint->host, "i");
    static const char *const columns[] = {"database"};
    const struct config_rows rows = {columns, 1, &name, 1};
    config_answer(inventory, 1, &rows);
    assert_int_not_equal(config_fleet(inventory, &setting->arena, &fleet, &errors), 0);
    assert_int_equal(errors.total, 1); /* the bad server; nobody answered for pg: not told here */
    assert_int_equal(errors.items[0].line, 1);
    assert_int_equal(fleet->target_count, 2);
    assert_string_equal(fleet->targets[1].name, "x");
    assert_string_equal(fleet->servers[fleet->targets[1].server].name, "pq");
}

/* Which servers a selection needs: asking one that is down costs its time and the exit code. */
static void test_only_wanted_are_asked(void **state)
{
    static const struct {
        const char *tenant, *selector, *exclude, *asked;
    } cases[] = {
        {NULL, NULL, NULL, "pqr"},           {"own", NULL, NULL, ""},
        {"own*", NULL, NULL, "pqr"},         {"other", NULL, NULL, "pqr"},
        {NULL, "server=q", NULL, "qr"}, /* r's rows may say that they are on q */
        {NULL, "server=i:5432", NULL, "qr"}, {NULL, "server!=q", NULL, "pr"},
        {NULL, "tier=gold", NULL, "pr"},     {NULL, "tier!=gold,engine=postgresql", NULL, "qr"},
        {NULL, "engine=sqlite", NULL, "r"},  {NULL, "database=d,version=x", NULL, "pqr"},
        {NULL, "server=q", "x*", "pqr"},
    };
    struct setting *setting = *state;
    struct config_source source = {
        .path = arena_printf(&setting->arena, "%s/skein.yaml", setting->folder),
        .environment = loaded_environment};

    check_write(setting->folder, "skein.yaml",
                "servers: {p: {url: \"postgresql://u@h\"}, q: {url: \"postgresql://u@i\"},\n"
                "  r: {url: \"postgresql://u@j/d\"}}\n"
                "tenants:\n"
                "  - {discover: {server: p, databases: \"*\"}, labels: {tier: gold}}\n"
                "  - {discover: {server: q, database: d, schemas: \"*\"}}\n"
                "  - {discover: {server: r, query: \"SELECT 1\"}}\n"
                "  - {name: own, server: p, database: own}\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct selection selection = {
            .tenants = &cases[i].tenant,
            .tenant_count = cases[i].tenant ? 1 : 0,
            .selectors = &cases[i].selector,
            .selector_count = cases[i].selector ? 1 : 0,
            .excludes = &cases[i].exclude,
            .exclude_count = cases[i].exclude ? 1 : 0,
        };
        struct discovery *discoveries;
        struct inventory *inventory;
        struct err_list errors;
        char asked[10] = "";
        size_t count;

        err_list_init(&errors, &setting->arena, 10);
        assert_int_equal(config_load(&setting->arena, &source, &inventory, &errors), 0);
        count = config_discoveries(inventory, &selection, &discoveries);
        for (size_t k = 0; k < count; k++) {
            asked[k] = strstr(discoveries[k].label, "(server ")[8];
        }
        assert_string_equal(asked, cases[i].asked);
    }
}

/* Names that a server gives are no better than those of the file. */
static void test_hostile_names(void **state)
{
    static char longest[70];
    static const char *const names[] = {"fine", "new\nline", "@file", "", longest, NULL};
    struct setting *setting = *state;
    const char *text;

    memset(longest, 'x', sizeof(longest) - 1);
    text = loaded_text(&setting->arena, setting->folder,
                       "servers: {pg: {url: \"postgresql://u@h\"}}\n"
                       "tenants: [{discover: {server: pg, databases: \"*\"}}]\n",
                       names);
    assert_non_null(strstr(text, "must not have control characters"));
    assert_non_null(strstr(text, "must not begin with @"));
    assert_non_null(strstr(text, "must not be empty"));
    assert_non_null(strstr(text, "must not be longer than 63 bytes"));
    assert_null(strstr(text, "new\nline"));
}

/* 10,000 tenants: time and memory grow with them, not with their square. */
static void test_ten_thousand(void **state)
{
    static const char *const forms[] = {
        "  - {name: t%d, server: pg, database: tenant_%d, labels: {tier: gold}, vars: {n: %d}}\n",
        "  - {name: t%d, url: \"sqlite:data/tenant_%d.db\", create: true, labels: {n: %d}}\n",
    };
    struct setting *setting = *state;

    for (size_t form = 0; form < 2; form++) {
        struct arena arena = ARENA_INIT;
        struct str yaml = STR_INIT;
        int64_t start_us;
        const struct fleet *fleet;

        str_add(&yaml, "servers: {pg: {url: \"postgresql://u@h\"}}\ntenants:\n");
        for (int i = 0; i < 10000; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            str_addf(&yaml, forms[form], i, i, i);
#pragma GCC diagnostic pop
        }
        start_us = clock_system.monotonic_us(clock_system.context);
        fleet = loaded_fleet(&arena, setting->folder, yaml.text, NULL);
        assert_int_equal(fleet->target_count, 10000);
        /* 0.1 s without sanitizers on an idle machine; what is quadratic takes minutes. */
        assert_true(clock_system.monotonic_us(clock_system.context) - start_us < 10000000);
        assert_true(arena.used < (size_t)32 * 1024 * 1024);
        str_release(&yaml);
        arena_release(&arena);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_defaults),
        TEST(test_values),
        TEST(test_merging),
        TEST(test_sharing),
        TEST(test_order),
        TEST(test_files),
        TEST(test_one_file_by_two_names),
        TEST(test_two_files_of_one_name),
        TEST(test_fleet_of_one),
        TEST(test_file_that_is_not_there),
        TEST(test_load_asks_nobody),
        TEST(test_discoveries),
        TEST(test_only_wanted_are_asked),
        TEST(test_hostile_names),
        TEST(test_ten_thousand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
