#include "config/url.h"

#include <string.h>

#include "base/str.h"
#include "loaded.h"

static void add(struct str *out, const char *name, const char *value)
{
    if (value) {
        str_addf(out, " %s=%s", name, value);
    }
}

/* All that a URL says on a line, or its error. */
static const char *read(struct arena *arena, const char *text)
{
    struct err err = ERR_INIT(arena);
    struct url_value value;
    struct str out = STR_INIT;
    const char *line;
    struct url url;

    if (url_split(text, &url, &err) || url_resolve(&url, loaded_environment, arena, &value, &err)) {
        return err.message;
    }
    str_add(&out, engine_name(value.engine));
    add(&out, "user", value.user);
    add(&out, "password", value.password);
    add(&out, "host", value.host);
    add(&out, "port", value.port);
    add(&out, "database", value.database);
    add(&out, "mode", value.tls_mode);
    add(&out, "ca", value.tls_ca);
    add(&out, "cert", value.tls_cert);
    add(&out, "key", value.tls_key);
    add(&out, "application", value.application_name);
    add(&out, "options", value.options);
    add(&out, "service", value.service);
    if (value.connect_timeout_ms >= 0) {
        str_addf(&out, " timeout=%lld", (long long)value.connect_timeout_ms);
    }
    line = arena_strdup(arena, out.text);
    str_release(&out);
    return line;
}

static const struct {
    const char *url, *expected;
} cases[] = {
    /* network */
    {"postgresql://u:p@h:5433/d", "postgresql user=u password=p host=h port=5433 database=d"},
    {"postgres://h", "postgresql host=h"},
    {"postgresql+psycopg2://h/d", "postgresql host=h database=d"},
    {"mysql+pymysql://u@h/d?charset=utf8mb4&ssl_ca=a.pem",
     "mysql user=u host=h database=d ca=a.pem"},
    {"mariadb://u@/d?unix_socket=/run/my.sock", "mariadb user=u host=/run/my.sock database=d"},
    {"postgresql:///d", "postgresql database=d"},
    {"postgresql://", "postgresql"},
    {"postgresql://?host=h", "postgresql host=h"},
    {"postgresql://u@[::1]:5432/d", "postgresql user=u host=::1 port=5432 database=d"},
    {"postgresql://[fe80::1%25eth0]", "postgresql host=fe80::1%eth0"},
    {"postgresql://%2Fvar%2Frun/d", "postgresql host=/var/run database=d"},
    {"postgresql:///d?host=/tmp&port=7", "postgresql host=/tmp port=7 database=d"},
    {"postgresql://h/d?sslmode=verify-ca&sslrootcert=a&sslcert=b&sslkey=c&connect_timeout=5"
     "&application_name=x&options=-c%20a%3Db&service=s",
     "postgresql host=h database=d mode=verify-ca ca=a cert=b key=c application=x options=-c a=b "
     "service=s timeout=5000"},
    {"postgresql://h?connect_timeout=250ms", "postgresql host=h timeout=250"},
    {"postgresql://u:@h", "postgresql user=u host=h"},
    {"postgresql://u:a:b@h", "postgresql user=u password=a:b host=h"},
    {"postgresql://u:p%40%2F%23%3F%3a@h", "postgresql user=u password=p@/#?: host=h"},
    {"postgresql://h/caf%C3%A9", "postgresql host=h database=caf\xc3\xa9"},
    {"postgresql://h/a%2Fb", "postgresql host=h database=a/b"},
    /* variables: values as they are, default also for an empty one, a plain ${ */
    {"postgresql://u:${SECRET}@${HOST}:${PORT}/x${PORT}y",
     "postgresql user=u password=canary%40 host=db.example.org port=6000 database=x6000y"},
    {"postgresql://u:${NOBODY:-a@b/c#d?e%40}@h", "postgresql user=u password=a@b/c#d?e%40 host=h"},
    {"postgresql://${EMPTY}@${EMPTY:-h}/d", "postgresql host=h database=d"},
    {"postgresql://u:$${SECRET}x@h/$5", "postgresql user=u password=${SECRET}x host=h database=$5"},
    {"postgresql://h/d?sslmode=${NOBODY:-require}", "postgresql host=h database=d mode=require"},
    {"postgresql://h/${NOBODY}", "the URL's variable NOBODY is not set"},
    {"postgresql://h/${NOBODY", "the URL has a ${ without its }"},
    {"postgresql://h/${1A}", "the URL has a ${ that is no ${NAME} and no ${NAME:-default}"},
    {"postgresql://h/${A:b}", "the URL has a ${ that is no ${NAME} and no ${NAME:-default}"},
    {"postgresql://h/${}", "the URL has a ${ that is no ${NAME} and no ${NAME:-default}"},
    {"postgresql://h/${A:}", "the URL has a ${ that is no ${NAME} and no ${NAME:-default}"},
    /* passwords that would become something else */
    {"postgresql://u:canary@x@h", "the URL has more than one @ that is not escaped"},
    {"postgresql://u:canary#x@h", "the URL has a # that is not escaped"},
    {"postgresql://u:canary/x@h", "the URL has an @ after the host, or a / or ? before it"},
    {"postgresql://u:canary?x@h", "the URL has an @ after the host, or a / or ? before it"},
    {"postgresql://u:canary", "the URL's port is no number from 1 to 65535"},
    {"postgresql://u:canary%4@h", "the URL has a % that no two hex digits follow"},
    {"postgresql://u:canary%", "the URL has a % that no two hex digits follow"},
    {"postgresql://u:canary%00@h", "the URL has a % that no two hex digits follow"},
    {"postgresql://u:canary%0a@h", "the URL's password has a control character"},
    {"postgresql://u:canary%ff@h", "the URL's password is not UTF-8"},
    {"postgresql://u:can ary@h", "the URL has white space or a control character"},
    /* hosts and ports */
    {"postgresql://h:0", "the URL's port is no number from 1 to 65535"},
    {"postgresql://h:65536", "the URL's port is no number from 1 to 65535"},
    {"postgresql://h:99999999999999999999", "the URL's port is no number from 1 to 65535"},
    {"postgresql://::1/d", "the URL's host has more than one :"},
    {"postgresql://[::1/d", "the URL's host has a [ without its ]"},
    {"postgresql://[::1]x/d", "the URL has something between the host's ] and the port"},
    {"postgresql://a,b/d", "the URL names several hosts"},
    {"postgresql://a%20b/d", "the URL's host is no name, no address and no socket's folder"},
    {"postgresql://h/d/e", "the URL has a second / after the host"},
    {"postgresql://h/d?host=i",
     "the URL names the host twice: before the database and as a parameter"},
    {"postgresql://h:1/d?port=1",
     "the URL names the port twice: before the database and as a parameter"},
    /* parameters */
    {"postgresql://h/d?sslmod=x", "the URL has an unknown parameter \"sslmod\""},
    {"postgresql://h/d?sslmode=x", "the URL's sslmode is unknown"},
    {"postgresql://h/d?sslmode", "the URL's parameter sslmode has no value"},
    {"postgresql://h/d?port=1&port=2", "the URL has the parameter port twice"},
    {"postgresql://h/d?charset=utf8", "the URL's parameter charset is not for postgresql"},
    {"mysql://h/d?charset=big5", "the URL's charset is not utf8mb4, which is what skein speaks"},
    {"mysql://h/d?sslmode=require", "the URL's parameter sslmode is not for mysql"},
    {"postgresql://h/d?connect_timeout=soon", "the URL's connect_timeout is no number of seconds"},
    {"postgresql://h/d?&port=1&", "postgresql host=h port=1 database=d"},
    /* SQLite */
    {"sqlite:a.db", "sqlite database=a.db"},
    {"sqlite:/a.db", "sqlite database=/a.db"},
    {"sqlite:///a/b.db", "sqlite database=a/b.db"},
    {"sqlite:////a/b.db", "sqlite database=/a/b.db"},
    {"sqlite+pysqlite:///a%20b@c%3F.db", "sqlite database=a b@c?.db"},
    {"sqlite:${HOST}.db", "sqlite database=db.example.org.db"},
    {"sqlite:", "the SQLite URL names no file"},
    {"sqlite:///", "the SQLite URL names no file"},
    {"sqlite:///:memory:", "the SQLite URL names no file"},
    {"sqlite://", "the SQLite URL has no host to name"},
    {"sqlite://h/a.db", "the SQLite URL has no host to name"},
    {"sqlite:a.db?mode=ro", "the URL has an unknown parameter \"mode\""},
    {"sqlite:a.db?port=1", "the URL's parameter port is not for sqlite"},
    {"sqlite:a.db?", "the URL ends with a ?"},
    /* schemes */
    {"", "the URL has no scheme that is known"},
    {"h/d", "the URL has no scheme that is known"},
    {"http://h/d", "the URL has no scheme that is known"},
    {"POSTGRESQL://h/d", "the URL has no scheme that is known"},
    {"postgresql:/h/d", "the URL has no // after its scheme"},
    {"host=h password=canary", "the URL has no scheme that is known"},
};

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct arena arena = ARENA_INIT;
        const char *line = read(&arena, cases[i].url);

        if (strcmp(line, cases[i].expected) != 0) {
            fail_msg("%s\n  gives    %s\n  expected %s", cases[i].url, line, cases[i].expected);
        }
        arena_release(&arena);
    }
}

/* Whatever is wrong with a URL that has a password, the message and the hint do not have it. */
static void test_no_error_shows_the_password(void **state)
{
    static const char *const wrongs[] = {"@", "#",  "/", "?",  " ",  "%",  "%0a",  "@x@",
                                         "[", "${", ":", "&=", ",x", "\\", "\x7f", "%ff"};
    static const char *const forms[] = {
        "postgresql://u:canary%s@h:x/d",
        "postgresql://u:%scanary@h/d?sslmode=no",
        "postgresql://u:canary%s",
        "postgresql://canary%scanary/canary?%s=canary@",
        "mysql://u:ca%snarycanary@h/d/d",
        "canary%s://h",
        "sqlite://canary%s",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
            struct arena arena = ARENA_INIT;
            struct err err = ERR_INIT(&arena);
            const char *at = strstr(forms[k], "%s");
            const char *text =
                arena_printf(&arena, "%.*s%s%s", (int)(at - forms[k]), forms[k], wrongs[i], at + 2);
            struct url_value value;
            struct url url;

            if (url_split(text, &url, &err) ||
                url_resolve(&url, loaded_environment, &arena, &value, &err)) {
                assert_null(strstr(err.message, "canary"));
                assert_true(!err.hint || !strstr(err.hint, "canary"));
            }
            arena_release(&arena);
        }
    }
}

static void test_unknown_parameter_has_the_nearest(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct url url;

    (void)state;
    assert_int_not_equal(url_split("postgresql://h/d?sslmod=x", &url, &err), 0);
    assert_non_null(strstr(err.hint, "did you mean sslmode?"));
    arena_release(&arena);
}

static void test_a_variable_that_is_the_url(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    const char *value;

    (void)state;
    assert_true(url_is_variable("${URL}"));
    assert_true(url_is_variable("${URL:-sqlite:a}"));
    assert_false(url_is_variable("${A}${B}"));
    assert_false(url_is_variable("$${A}"));
    assert_false(url_is_variable("${A"));
    assert_false(url_is_variable(""));
    assert_int_equal(url_variable("${NOBODY:-sqlite:a}", loaded_environment, &arena, &value, &err),
                     0);
    assert_string_equal(value, "sqlite:a");
    assert_int_not_equal(url_variable("${NOBODY}", loaded_environment, &arena, &value, &err), 0);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_no_error_shows_the_password),
        cmocka_unit_test(test_unknown_parameter_has_the_nearest),
        cmocka_unit_test(test_a_variable_that_is_the_url),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
