#include "planner/classify.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

struct row {
    enum engine engine;
    const char *codes; /* apart by spaces */
    enum error_class class;
    enum retry_class retry;
    const char *message; /* or NULL: any */
};

#define PG ENGINE_POSTGRESQL
#define MY ENGINE_MYSQL
#define SL ENGINE_SQLITE

static const struct row rows[] = {
    /* PostgreSQL */
    {PG, "40001 40P01 40000 72000", ERROR_DEADLOCK, RETRY_TRANSIENT, NULL},
    {PG, "40002", ERROR_CONSTRAINT, RETRY_NEVER, NULL},
    {PG, "40003", ERROR_CONNECTION, RETRY_TRANSIENT, NULL},
    {PG, "55P03", ERROR_LOCK_TIMEOUT, RETRY_LOCK, NULL},
    {PG, "55006", ERROR_LOCK_TIMEOUT, RETRY_TRANSIENT, NULL},
    {PG, "55000", ERROR_SYNTAX, RETRY_TRANSIENT, NULL},
    {PG, "55P02 55P04", ERROR_SYNTAX, RETRY_NEVER, NULL},
    {PG, "57014", ERROR_STATEMENT_TIMEOUT, RETRY_NEVER, NULL},
    {PG, "57P01 57P02 57P03 57P05 57000", ERROR_CONNECTION, RETRY_TRANSIENT, NULL},
    {PG, "57P04", ERROR_MISSING_DATABASE, RETRY_HUMAN, NULL},
    {PG, "3D000", ERROR_MISSING_DATABASE, RETRY_AUTH, NULL},
    {PG, "25P03", ERROR_CONNECTION, RETRY_TRANSIENT, NULL},
    {PG, "25P04", ERROR_STATEMENT_TIMEOUT, RETRY_TRANSIENT, NULL},
    {PG, "53300 53400", ERROR_CAPACITY, RETRY_CAPACITY, NULL},
    {PG, "53200", ERROR_CAPACITY, RETRY_TRANSIENT, NULL},
    {PG, "53000", ERROR_CAPACITY, RETRY_HUMAN, NULL},
    {PG, "53100 58030 58000 58P02", ERROR_DISK, RETRY_HUMAN, NULL},
    {PG, "58P01", ERROR_MISSING_OBJECT, RETRY_HUMAN, NULL},
    {PG, "08000 08001 08003 08004 08006 08007", ERROR_CONNECTION, RETRY_TRANSIENT, NULL},
    {PG, "08P01", ERROR_CONNECTION, RETRY_HUMAN, NULL},
    {PG, "08P01", ERROR_CAPACITY, RETRY_CAPACITY, "query_wait_timeout"},
    {PG, "08P01", ERROR_CAPACITY, RETRY_CAPACITY, "no more connections allowed (max_client_conn)"},
    {PG, "08P01", ERROR_POOLER, RETRY_NEVER, "unsupported startup parameter: options"},
    {PG, "08P01", ERROR_POOLER, RETRY_NEVER,
     "transaction blocks not allowed in statement pooling mode"},
    {PG, "08P01", ERROR_MISSING_DATABASE, RETRY_AUTH, "no such database: acme"},
    {PG, "08P01", ERROR_AUTH, RETRY_AUTH, "no such user: acme"},
    {PG, "08P01", ERROR_AUTH, RETRY_AUTH, "password authentication failed for user \"acme\""},
    {PG, "08P01", ERROR_AUTH, RETRY_AUTH, "role \"acme\" does not exist"},
    {PG, "08P01", ERROR_MISSING_DATABASE, RETRY_AUTH, "database \"acme\" does not exist"},
    {PG, "08P01", ERROR_CAPACITY, RETRY_CAPACITY, "sorry, too many clients already"},
    {PG, "08P01", ERROR_CAPACITY, RETRY_CAPACITY,
     "remaining connection slots are reserved for non-replication superuser connections"},
    {PG, "08P01", ERROR_CONNECTION, RETRY_TRANSIENT, "the database system is starting up"},
    {PG, "08P01", ERROR_CONNECTION, RETRY_TRANSIENT, "pgbouncer cannot connect to server"},
    {PG, "08P01", ERROR_CONNECTION, RETRY_TRANSIENT,
     "server login has been failing, try again later (server_login_retry)"},
    {PG, "08P01", ERROR_CONNECTION, RETRY_TRANSIENT, "server conn crashed?"},
    {PG, "08P01", ERROR_CONNECTION, RETRY_TRANSIENT, "client_idle_timeout"},
    {PG, "08P01", ERROR_CONNECTION, RETRY_TRANSIENT, "idle transaction timeout"},
    {PG, "08P01", ERROR_STATEMENT_TIMEOUT, RETRY_NEVER, "query timeout"},
    {PG, "28P01 28000", ERROR_AUTH, RETRY_AUTH, NULL},
    {PG, "42501 2B000 0P000", ERROR_PRIVILEGE, RETRY_NEVER, NULL},
    {PG, "25006", ERROR_READ_ONLY, RETRY_TRANSIENT, NULL},
    {PG, "25000 25001 25P01 2D000", ERROR_SYNTAX, RETRY_NEVER, NULL},
    {PG, "25P02", ERROR_INTERNAL, RETRY_NEVER, NULL},
    {PG, "42601 42804 42830 42P16 42P10 0A000 54000 54001 54011", ERROR_SYNTAX, RETRY_NEVER, NULL},
    {PG, "42P01 42703 42704 42883 3F000", ERROR_MISSING_OBJECT, RETRY_NEVER, NULL},
    {PG, "42P07 42701 42710 42P06 42P04 42723", ERROR_DUPLICATE_OBJECT, RETRY_NEVER, NULL},
    {PG, "22001 22012 22P02 22999 21000 P0001 P0004 38001", ERROR_DATA, RETRY_NEVER, NULL},
    {PG, "23502 23503 23505 23514 23P01 23000 44000 27000", ERROR_CONSTRAINT, RETRY_NEVER, NULL},
    {PG, "2BP01", ERROR_CONSTRAINT, RETRY_NEVER, NULL},
    {PG, "XX000", ERROR_INTERNAL, RETRY_HUMAN, NULL},
    {PG, "XX001 XX002", ERROR_CORRUPT, RETRY_HUMAN, NULL},
    {PG, "26000 34000", ERROR_POOLER, RETRY_HUMAN, NULL},
    {PG, "ZZ999 99999 5 ", ERROR_INTERNAL, RETRY_NEVER, NULL},

    /* MySQL and MariaDB */
    {MY, "1205 3572", ERROR_LOCK_TIMEOUT, RETRY_LOCK, NULL},
    {MY, "1213 1614 3058 1180", ERROR_DEADLOCK, RETRY_TRANSIENT, NULL},
    {MY, "1317", ERROR_CANCELLED, RETRY_TRANSIENT, NULL},
    {MY, "1969 3024", ERROR_STATEMENT_TIMEOUT, RETRY_NEVER, NULL},
    {MY, "1040 1203 1135", ERROR_CAPACITY, RETRY_CAPACITY, NULL},
    {MY, "1226", ERROR_CAPACITY, RETRY_CAPACITY,
     "User 'm' has exceeded the 'max_user_connections' resource (current value: 3)"},
    {MY, "1226", ERROR_CAPACITY, RETRY_HUMAN,
     "User 'm' has exceeded the 'max_updates_per_hour' resource (current value: 3)"},
    {MY, "1037 1041 1637", ERROR_CAPACITY, RETRY_TRANSIENT, NULL},
    {MY, "1053 1152 1153 1154 1155 1156 1157 1158 1159 1160 1161 1184 1927 2006 2013 2055 4031",
     ERROR_CONNECTION, RETRY_TRANSIENT, NULL},
    {MY, "2002 2003 2005 2012 1047", ERROR_CONNECTION, RETRY_TRANSIENT, NULL},
    {MY, "2026", ERROR_TLS, RETRY_TRANSIENT, "TLS/SSL error: The TLS connection was terminated"},
    {MY, "2026", ERROR_TLS, RETRY_AUTH, "SSL connection error: certificate verify failed"},
    {MY, "1045 1698 1251 1862 2059 2061 1129 1130", ERROR_AUTH, RETRY_AUTH, NULL},
    {MY, "1044", ERROR_PRIVILEGE, RETRY_AUTH, NULL},
    {MY, "1142 1143", ERROR_PRIVILEGE, RETRY_NEVER, NULL},
    {MY, "1049", ERROR_MISSING_DATABASE, RETRY_AUTH, NULL},
    {MY, "1290 1792 1836 3100 3101", ERROR_READ_ONLY, RETRY_TRANSIENT, NULL},
    {MY, "1021 1114", ERROR_DISK, RETRY_HUMAN, NULL},
    {MY, "1799", ERROR_CAPACITY, RETRY_HUMAN, NULL},
    {MY, "126 127 1194 1195", ERROR_CORRUPT, RETRY_HUMAN, NULL},
    {MY, "1050 1060 1061", ERROR_DUPLICATE_OBJECT, RETRY_NEVER, NULL},
    {MY, "1091 1054 1072 1146", ERROR_MISSING_OBJECT, RETRY_NEVER, NULL},
    {MY, "1064 1223 1845 1846 4166", ERROR_SYNTAX, RETRY_NEVER, NULL},
    {MY, "1062 1451 1452 1216 1217 3819", ERROR_CONSTRAINT, RETRY_NEVER, NULL},
    {MY, "1264 1292 1406 1643 1644", ERROR_DATA, RETRY_NEVER, NULL},
    {MY, "9999 x", ERROR_INTERNAL, RETRY_NEVER, NULL},

    /* SQLite */
    {SL, "5 261 517 773 6 262 15", ERROR_LOCK_TIMEOUT, RETRY_LOCK, NULL},
    {SL, "17", ERROR_LOCK_TIMEOUT, RETRY_TRANSIENT, NULL},
    {SL, "9 4 516", ERROR_CANCELLED, RETRY_CANCELLED, NULL},
    {SL, "1", ERROR_SYNTAX, RETRY_NEVER, "near \"TABEL\": syntax error"},
    {SL, "1", ERROR_MISSING_OBJECT, RETRY_NEVER, "no such table: t"},
    {SL, "1", ERROR_MISSING_OBJECT, RETRY_NEVER, "table t has no column named c"},
    {SL, "1", ERROR_MISSING_OBJECT, RETRY_NEVER, "unknown column \"c\" in foreign key definition"},
    {SL, "1", ERROR_DUPLICATE_OBJECT, RETRY_NEVER, "table t already exists"},
    {SL, "1", ERROR_DUPLICATE_OBJECT, RETRY_NEVER, "duplicate column name: c"},
    {SL, "1", ERROR_DUPLICATE_OBJECT, RETRY_NEVER, "there is already an index named i"},
    {SL, "1", ERROR_DUPLICATE_OBJECT, RETRY_NEVER,
     "there is already another table or index with this name: t"},
    {SL, "1", ERROR_SYNTAX, RETRY_NEVER, "cannot VACUUM from within a transaction"},
    {SL, "257", ERROR_SYNTAX, RETRY_NEVER, NULL},
    {SL, "19 275 787 1299 1555 2067 3091", ERROR_CONSTRAINT, RETRY_NEVER, NULL},
    {SL, "20 18", ERROR_DATA, RETRY_NEVER, NULL},
    {SL, "8 264 520 776 1032 1544", ERROR_READ_ONLY, RETRY_AUTH, NULL},
    {SL, "3 23", ERROR_PRIVILEGE, RETRY_AUTH, NULL},
    {SL, "14 526", ERROR_MISSING_DATABASE, RETRY_AUTH, NULL},
    {SL, "10 266 778 1034 13 22", ERROR_DISK, RETRY_HUMAN, NULL},
    {SL, "7", ERROR_CAPACITY, RETRY_HUMAN, NULL},
    {SL, "11 267 779 24 26", ERROR_CORRUPT, RETRY_HUMAN, NULL},
    {SL, "21 25 2", ERROR_INTERNAL, RETRY_HUMAN, NULL},
    {SL, "12 16 99 27x", ERROR_INTERNAL, RETRY_NEVER, NULL},
};

static void check_row(const struct row *row, enum engine engine)
{
    struct arena arena = ARENA_INIT;
    char codes[256], *code, *rest = codes;

    snprintf(codes, sizeof(codes), "%s", row->codes);
    while ((code = strsep(&rest, " "))) {
        struct err err = ERR_INIT(&arena);

        if (!*code) {
            continue;
        }
        err_set(&err, ERROR_USAGE, "%s", row->message ? row->message : "some message");
        classify(&err, engine, code);
        if (err.class != row->class || err.retry != row->retry) {
            fail_msg("%s %s: %s, retry %d; expected %s, retry %d", engine_name(engine), code,
                     error_class_name(err.class), (int)err.retry, error_class_name(row->class),
                     (int)row->retry);
        }
        assert_string_equal(err.code, code);
        assert_ptr_not_equal(err.code, code);
        assert_string_equal(err.message, row->message ? row->message : "some message");
    }
    arena_release(&arena);
}

static void every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        check_row(&rows[i], rows[i].engine);
        if (rows[i].engine == ENGINE_MYSQL) {
            check_row(&rows[i], ENGINE_MARIADB);
        }
    }
}

static void hints(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);

    (void)state;
    err_set(&err, ERROR_USAGE, "CREATE INDEX CONCURRENTLY cannot run inside a transaction block");
    classify(&err, ENGINE_POSTGRESQL, "25001");
    assert_non_null(strstr(err.hint, "transaction=off"));

    err_set(&err, ERROR_USAGE, "cannot VACUUM from within a transaction");
    classify(&err, ENGINE_SQLITE, "1");
    assert_non_null(strstr(err.hint, "transaction=off"));

    /* The server's own hint wins. */
    err_set(&err, ERROR_USAGE, "permission denied");
    err_hint(&err, "ask Eva");
    classify(&err, ENGINE_POSTGRESQL, "42501");
    assert_string_equal(err.hint, "ask Eva");

    err_set(&err, ERROR_USAGE, "division by zero");
    classify(&err, ENGINE_POSTGRESQL, "22012");
    assert_null(err.hint);
    arena_release(&arena);
}

static void conditions(void **state)
{
    static const struct {
        enum engine engine;
        const char *code, *name;
    } cases[] = {
        {PG, "23502", "not_null_violation"},
        {PG, "22P02", "invalid_text_representation"},
        {PG, "25P04", "transaction_timeout"},
        {PG, "28P01", "invalid_password"},
        {PG, "40P01", "deadlock_detected"},
        {PG, "42P07", "duplicate_table"},
        {PG, "53300", "too_many_connections"},
        {PG, "54011", "too_many_columns"},
        {PG, "55P03", "lock_not_available"},
        {PG, "57014", "query_canceled"},
        {PG, "58030", "io_error"},
        {PG, "XX002", "index_corrupted"},
        {PG, "P0001", "raise_exception"},
        {PG, "ZZ000", NULL},
        {MY, "1062", "ER_DUP_ENTRY"},
        {ENGINE_MARIADB, "1205", "ER_LOCK_WAIT_TIMEOUT"},
        {MY, "1", NULL},
        {SL, "2067", "SQLITE_CONSTRAINT_UNIQUE"},
        {SL, "26", "SQLITE_NOTADB"},
        {SL, "100", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *name = classify_condition(cases[i].engine, cases[i].code);

        if (!cases[i].name) {
            assert_null(name);
        } else {
            assert_non_null(name);
            assert_string_equal(name, cases[i].name);
        }
    }
}

static void misuse(void *context)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);

    (void)context;
    classify(&err, ENGINE_POSTGRESQL, "42601");
}

static void a_message_is_required(void **state)
{
    (void)state;
    check_aborts(misuse, NULL, "message not set");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row),
        cmocka_unit_test(hints),
        cmocka_unit_test(conditions),
        cmocka_unit_test(a_message_is_required),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
