#include "config/selection.h"

#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "loaded.h"

static const char *const fleet_yaml =
    "servers: {pg-a: {url: \"postgresql://u@a\"}, pg-b: {url: \"postgresql://u@b:6000\"}}\n"
    "tenants:\n"
    "  - {name: acme, server: pg-a, database: acme, labels: {tier: gold, region: eu}}\n"
    "  - {name: apex, server: pg-a, database: apex, labels: {tier: free, region: us}}\n"
    "  - {name: globex, server: pg-b, database: shared, schema: globex, labels: {tier: gold}}\n"
    "  - {name: \"a*\", url: \"sqlite:a.db\", labels: {tier: free}}\n"
    "  - {name: local, url: \"sqlite:data/local.db\"}\n";

#define MOST 3

static const struct {
    const char *tenants[MOST], *selectors[MOST], *excludes[MOST];
    const char *expected; /* names, or "MESSAGE (HINT)" */
} cases[] = {
    {{0}, {0}, {0}, "acme apex globex a* local"},
    {{"acme"}, {0}, {0}, "acme"},
    {{"local", "acme"}, {0}, {0}, "acme local"},
    {{"?*ex"}, {0}, {0}, "apex globex"},
    {{"a*"}, {0}, {0}, "a*"}, /* the name itself goes before the pattern */
    {{"a[cp]*", "local"}, {0}, {0}, "acme apex local"},
    {{"acne"}, {0}, {0}, "-t acne matches no target (did you mean acme?)"},
    {{"acme", "zzzzzz*"},
     {0},
     {0},
     "-t zzzzzz* matches no target (skein targets lists their names)"},
    {{0}, {"tier=gold"}, {0}, "acme globex"},
    {{0}, {"tier=gold,region!=eu"}, {0}, "globex"},
    {{0}, {"tier=gold", "region!=eu"}, {0}, "globex"},
    {{0}, {"tier!=gold"}, {0}, "apex a* local"},
    {{0}, {"engine=sqlite"}, {0}, "a* local"},
    {{0}, {"server=pg-b"}, {0}, "globex"},
    {{0}, {"server=b:6000"}, {0}, "globex"},
    {{0}, {"server!=b:6000"}, {0}, "acme apex a* local"},
    {{0}, {"server=local"}, {0}, "a* local"},
    {{0}, {"database=shared"}, {0}, "globex"},
    {{0}, {"database=data/local.db"}, {0}, "local"},
    {{0}, {"schema=globex"}, {0}, "globex"},
    {{0}, {"version=abc,tier=gold"}, {0}, "acme globex"}, /* versions are asked later */
    {{0}, {"tier=glod"}, {0}, "-l tier=glod matches no target"},
    {{0},
     {"tierr=gold"},
     {0},
     "no target has a label \"tierr\" (did you mean tier? labels: engine, server, database, "
     "schema, "
     "version, region, tier)"},
    {{0},
     {"tier"},
     {0},
     "-l tier: \"tier\" is no LABEL=VALUE or LABEL!=VALUE (for example -l tier=gold,region!=eu)"},
    {{0},
     {""},
     {0},
     "-l : \"\" is no LABEL=VALUE or LABEL!=VALUE (for example -l tier=gold,region!=eu)"},
    {{0},
     {"tier=gold,"},
     {0},
     "-l tier=gold,: \"\" is no LABEL=VALUE or LABEL!=VALUE (for example -l "
     "tier=gold,region!=eu)"},
    {{0},
     {"!=a"},
     {0},
     "-l !=a: \"!=a\" is no LABEL=VALUE or LABEL!=VALUE (for example -l tier=gold,region!=eu)"},
    {{0}, {0}, {"acme", "*l*"}, "apex a*"},
    {{0}, {0}, {"x*"}, "--exclude x* matches no target (skein targets lists their names)"},
    {{"acme"},
     {"tier=free"},
     {0},
     "the selection leaves no target of 5 (-t are added, -l and --exclude take away)"},
    {{"acme"},
     {0},
     {"acme"},
     "the selection leaves no target of 5 (-t are added, -l and --exclude take away)"},
    {{"acme", "apex"}, {"tier=gold"}, {"globex"}, "acme"},
    {{"@names"}, {0}, {0}, "acme globex"},
    {{"@names", "local"}, {0}, {0}, "acme globex local"},
    {{"@wrong"}, {0}, {0}, "the name acne matches no target (did you mean acme?)"},
    {{"@marked"}, {0}, {0}, "acme"},
    {{"@nul"},
     {0},
     {0},
     "@nul holds a NUL: what stands behind it would not be seen (a name a line, as UTF-8: tr '\\0' "
     "'\\n' makes lines of what -print0 wrote)"},
    {{"@empty"}, {0}, {0}, "@empty names no target"},
};

static size_t count_of(const char *const *items)
{
    size_t count = 0;

    while (count < MOST && items[count]) {
        count++;
    }
    return count;
}

static const char *select_names(struct arena *arena, const struct fleet *fleet,
                                const struct selection *selection)
{
    struct err err = ERR_INIT(arena);
    struct str out = STR_INIT;
    size_t *targets, count;
    const char *text;

    if (selection_apply(fleet, selection, arena, &targets, &count, &err)) {
        str_add(&out, err.message);
        if (err.hint) {
            str_addf(&out, " (%s)", err.hint);
        }
        assert_int_equal(err.class, ERROR_USAGE);
        count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        str_addf(&out, "%s%s", i ? " " : "", fleet->targets[targets[i]].name);
    }
    text = arena_strdup(arena, out.text);
    str_release(&out);
    return text;
}

static void test_table(void **state)
{
    struct arena arena = ARENA_INIT;
    char *folder = check_folder();
    const struct fleet *fleet = loaded_fleet(&arena, folder, fleet_yaml, NULL);

    (void)state;
    check_write(folder, "names", "# who\n\n  acme \r\nglo*");
    check_write(folder, "wrong", "acme\nacne\n");
    check_write(folder, "empty", "#\n\n");
    check_write(folder, "marked",
                "\xEF\xBB\xBF"
                "acme\r\n");
    assert_int_equal(file_create(arena_printf(&arena, "%s/nul", folder), "acme\0globex\0", 12, 0600,
                                 &(struct err)ERR_INIT(&arena)),
                     0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *tenants[MOST] = {NULL};
        struct selection selection = {tenants,
                                      count_of(cases[i].tenants),
                                      cases[i].selectors,
                                      count_of(cases[i].selectors),
                                      cases[i].excludes,
                                      count_of(cases[i].excludes)};
        const char *expected = cases[i].expected;

        for (size_t k = 0; k < selection.tenant_count; k++) {
            const char *tenant = cases[i].tenants[k];

            tenants[k] =
                *tenant == '@' ? arena_printf(&arena, "@%s/%s", folder, tenant + 1) : tenant;
        }
        if (*expected == '@') {
            expected = arena_printf(&arena, "%s/%s", folder, expected + 1);
        }
        assert_string_equal(select_names(&arena, fleet, &selection), expected);
    }
    check_folder_remove(folder);
    arena_release(&arena);
}

static void test_place_in_a_file_of_names(void **state)
{
    struct arena arena = ARENA_INIT;
    char *folder = check_folder();
    const struct fleet *fleet = loaded_fleet(&arena, folder, fleet_yaml, NULL);
    struct err err = ERR_INIT(&arena);
    const char *tenant = arena_printf(&arena, "@%s/wrong", folder);
    struct selection selection = {.tenants = &tenant, .tenant_count = 1};
    size_t *targets, count;

    (void)state;
    check_write(folder, "wrong", "acme\n\nacne\n");
    assert_int_equal(selection_apply(fleet, &selection, &arena, &targets, &count, &err),
                     ERROR_USAGE);
    assert_string_equal(err.file, tenant + 1);
    assert_int_equal(err.line, 3);
    tenant = "@/no/such/file";
    assert_int_equal(selection_apply(fleet, &selection, &arena, &targets, &count, &err),
                     ERROR_CONFIGURATION);
    check_folder_remove(folder);
    arena_release(&arena);
}

static void test_versions(void **state)
{
    static const char *const versions[] = {"abc", "", "abc,def", "xyz"};
    static const struct {
        const char *selector, *expected;
        bool needed;
    } rows[] = {
        {"tier=gold", "0123", false},      {"version=abc", "0", true},
        {"version!=abc", "123", true},     {"version=", "1", true},
        {"tier=x,version=xyz", "3", true}, {"version!=abc,version!=xyz", "12", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct selection selection = {.selectors = &rows[i].selector, .selector_count = 1};
        size_t targets[] = {0, 1, 2, 3}, count;
        char kept[5] = {0};

        assert_int_equal(selection_needs_version(&selection), rows[i].needed);
        count = selection_by_version(&selection, versions, targets, 4);
        for (size_t k = 0; k < count; k++) {
            kept[k] = (char)('0' + targets[k]);
        }
        assert_string_equal(kept, rows[i].expected);
    }
}

/* Every target is in exactly one shard; targets of one server are in one; SQLite's files spread. */
static void test_shards(void **state)
{
    struct arena arena = ARENA_INIT;
    char *folder = check_folder();
    struct str yaml = STR_INIT;
    const struct fleet *fleet;
    size_t shard_of[400], sizes[2][4] = {{0}};

    (void)state;
    str_add(&yaml, "tenants:\n");
    for (int i = 0; i < 200; i++) {
        str_addf(&yaml, "  - {name: p%d, url: \"postgresql://u@h%d/d%d\"}\n", i, i / 4, i);
        str_addf(&yaml, "  - {name: s%d, url: \"sqlite:t%d.db\"}\n", i, i);
    }
    fleet = loaded_fleet(&arena, folder, yaml.text, NULL);
    for (unsigned index = 1; index <= 4; index++) {
        size_t targets[400], count;

        for (size_t i = 0; i < 400; i++) {
            targets[i] = i;
        }
        count = selection_shard(fleet, index, 4, targets, 400);
        for (size_t i = 0; i < count; i++) {
            shard_of[targets[i]] = index;
            sizes[fleet->targets[targets[i]].engine == ENGINE_SQLITE][index - 1]++;
        }
    }
    for (size_t kind = 0; kind < 2; kind++) {
        size_t sum = 0;

        for (size_t i = 0; i < 4; i++) {
            assert_in_range(sizes[kind][i], 20, 90);
            sum += sizes[kind][i];
        }
        assert_int_equal(sum, 200);
    }
    for (size_t i = 0; i + 2 < 400; i += 2) {
        if (fleet->targets[i].server == fleet->targets[i + 2].server) {
            assert_int_equal(shard_of[i], shard_of[i + 2]);
        }
    }
    str_release(&yaml);
    check_folder_remove(folder);
    arena_release(&arena);
}

/* The same on each machine and in each version: changing it would make two shards run one target.
 */
static void test_shards_stay(void **state)
{
    struct arena arena = ARENA_INIT;
    char *folder = check_folder();
    const struct fleet *fleet = loaded_fleet(&arena, folder, fleet_yaml, NULL);
    char shards[6] = {0};

    (void)state;
    for (unsigned index = 1; index <= 3; index++) {
        size_t targets[] = {0, 1, 2, 3, 4};
        size_t count = selection_shard(fleet, index, 3, targets, 5);

        for (size_t i = 0; i < count; i++) {
            shards[targets[i]] = (char)('0' + index);
        }
    }
    assert_string_equal(shards, "11212");
    check_folder_remove(folder);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),       cmocka_unit_test(test_place_in_a_file_of_names),
        cmocka_unit_test(test_versions),    cmocka_unit_test(test_shards),
        cmocka_unit_test(test_shards_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
