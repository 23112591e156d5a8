#include "planner/object.h"

#include <string.h>

#include "base/str.h"
#include "check.h"

#define PG ENGINE_POSTGRESQL
#define MY ENGINE_MARIADB
#define SL ENGINE_SQLITE

/* "+table a", "-column a.b": what it makes and drops; "..." where that is not all. */
static void describe(const struct object *objects, size_t count, bool whole, struct str *out)
{
    static const char *const kinds[] = {"table", "column", "index", "constraint"};

    str_clear(out);
    for (size_t i = 0; i < count; i++) {
        const struct object *object = &objects[i];
        str_addf(out, "%s%c%s %s%s%s%s%s", i > 0 ? ", " : "", object->drops ? '-' : '+',
                 kinds[object->kind], object->schema ? object->schema : "",
                 object->schema ? "." : "", object->table ? object->table : "",
                 object->table ? "." : "", object->name);
        assert_int_equal(object->found, OBJECT_UNKNOWN);
    }
    str_add(out, whole ? "" : count > 0 ? ", ..." : "...");
}

static const struct {
    enum engine engine;
    const char *sql, *expected;
} rows[] = {
    {PG, "CREATE TABLE Users (id integer, name text)", "+table users"},
    {MY, "CREATE TABLE Users (id integer)", "+table Users"},
    {SL, "create table if not exists [my users] (id)", "+table my users"},
    {PG, "CREATE TABLE \"Us\"\"ers\" (id integer)", "+table Us\"ers"},
    {MY, "CREATE OR REPLACE TABLE `a``b` (id integer)", "+table a`b"},
    {PG, "CREATE UNLOGGED TABLE app.log (id integer)", "+table app.log"},
    {PG, "CREATE TABLE a.b.c (id integer)", "..."},
    {PG, "CREATE TEMPORARY TABLE a (id integer)", "..."},
    {PG, "CREATE TABLE {{region|ident}} (id integer)", "..."},
    {PG, "CREATE TABLE a_{{region}} (id integer)", "..."},
    {PG, "/* why */ CREATE VIEW v AS SELECT 1 -- CREATE TABLE w", "+table v"},
    {PG, "CREATE MATERIALIZED VIEW v AS SELECT 1", "+table v"},
    {PG, "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'CREATE TABLE x (i int)'", "..."},
    {PG, "CREATE INDEX ON a (b)", "..."},
    {PG, "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix ON ONLY s.a USING btree (b)",
     "+index s.a.ix"},
    {MY, "CREATE FULLTEXT INDEX ix ON a (b)", "+index a.ix"},
    {MY, "CREATE INDEX ix USING BTREE ON a (b)", "+index a.ix"},
    {SL, "CREATE INDEX main.ix ON a (b)", "+index main.a.ix"},
    {PG, "DROP TABLE IF EXISTS a, s.b CASCADE", "-table a, -table s.b"},
    {PG, "DROP INDEX CONCURRENTLY ix, iy", "-index ix, -index iy"},
    {MY, "DROP INDEX ix ON a", "-index a.ix"},
    {MY, "DROP INDEX ix", "..."},
    {MY, "DROP TEMPORARY TABLE a", "..."},
    {MY, "DROP TABLE a, {{b}}", "-table a, ..."},
    {PG, "ALTER TABLE a ADD COLUMN b integer DEFAULT f(1, 2), ADD c text",
     "+column a.b, +column a.c"},
    {PG, "ALTER TABLE IF EXISTS ONLY a DROP COLUMN IF EXISTS b, DROP c",
     "-column a.b, -column a.c"},
    {PG, "ALTER TABLE a ADD CONSTRAINT k CHECK (b > 0) NOT VALID", "+constraint a.k"},
    {PG, "ALTER TABLE a ADD CHECK (b > 0), ADD c text", "+column a.c, ..."},
    {PG, "ALTER TABLE a ADD UNIQUE (b)", "..."},
    {PG, "ALTER TABLE a ALTER COLUMN b TYPE text", "..."},
    {PG, "ALTER TABLE a RENAME TO b", "-table a, +table b"},
    {PG, "ALTER TABLE a RENAME b TO c", "-column a.b, +column a.c"},
    {PG, "ALTER TABLE a RENAME CONSTRAINT b TO c", "-constraint a.b, +constraint a.c"},
    {SL, "ALTER TABLE a RENAME COLUMN b TO c", "-column a.b, +column a.c"},
    {PG, "ALTER TABLE a ADD COLUMN \"{{x}}\" text", "+column a.{{x}}"},
    {PG, "ALTER INDEX a RENAME TO b", "..."},
    {MY, "ALTER TABLE a ADD b int AFTER c, ADD INDEX ix (b), ADD UNIQUE KEY u (b), DROP KEY k",
     "+column a.b, +index a.ix, +index a.u, -index a.k"},
    {MY, "ALTER TABLE a ADD (b int, c int)", "..."},
    {MY, "ALTER TABLE a ADD UNIQUE (b)", "..."},
    {MY, "ALTER TABLE a ADD PRIMARY KEY (b)", "..."},
    {MY, "ALTER TABLE a DROP FOREIGN KEY f, DROP PRIMARY KEY", "-constraint a.f, ..."},
    {MY, "ALTER TABLE a CHANGE COLUMN b c int, MODIFY d text", "-column a.b, +column a.c, ..."},
    {MY, "ALTER TABLE a CHANGE b B text", "..."},
    {MY, "ALTER IGNORE TABLE a ADD COLUMN IF NOT EXISTS b int", "+column a.b"},
    {MY, "RENAME TABLE a TO b, c TO s.d", "-table a, +table b, -table c, +table s.d"},
    {PG, "INSERT INTO a VALUES ('CREATE TABLE b (i int)')", "..."},
    {PG, "DO $$ BEGIN CREATE TABLE x (i int); END $$", "..."},
    {PG, "", "..."},
    {PG, "CREATE", "..."},
    {PG, "ALTER TABLE a ADD", "..."},
    {PG, "DROP INDEX ix,", "-index ix, ..."},
};

static void test_rows(void **state)
{
    struct arena arena = ARENA_INIT;
    struct str text = STR_INIT;
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct object *objects;
        bool whole;
        size_t count =
            objects_of(&arena, rows[i].engine, rows[i].sql, strlen(rows[i].sql), &objects, &whole);

        describe(objects, count, whole, &text);
        if (strcmp(text.text, rows[i].expected) != 0) {
            fail_msg("%s: %s instead of %s", rows[i].sql, text.text, rows[i].expected);
        }
    }
    str_release(&text);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
