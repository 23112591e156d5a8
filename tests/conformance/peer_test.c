/*
 * PostgreSQL's driver before peers that are no PostgreSQL server, or not any more: silence,
 * garbage, ends. Nothing may crash, block, or be taken for an answer. The peer is this test itself:
 * the kernel connects, what the driver sends is read and dropped.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "world.h"

#define BYTES(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
#define COUNT(items) (sizeof(items) / sizeof(*(items)))

struct bytes {
    const char *text;
    size_t length;
};

static struct peer {
    int listener, accepted;
    char port[8];
    struct place place;
    struct pump pump;
} peer;

static int peer_setup(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);

    (void)state;
    peer.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    peer.accepted = -1;
    assert_int_equal(bind(peer.listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(peer.listener, 8), 0);
    assert_int_equal(getsockname(peer.listener, (struct sockaddr *)&address, &length), 0);
    snprintf(peer.port, sizeof(peer.port), "%u", (unsigned)ntohs(address.sin_port));
    place_init(&peer.place);
    peer.place.endpoint.port = peer.port;
    peer.place.endpoint.password = "s3cret";
    peer.place.settings.tls.mode = "disable";
    pump_init(&peer.pump, world.driver);
    return 0;
}

static int peer_teardown(void **state)
{
    (void)state;
    pump_release(&peer.pump);
    close(peer.listener);
    if (peer.accepted >= 0) {
        close(peer.accepted);
    }
    return 0;
}

static void drop_what_was_sent(void)
{
    char buffer[4096];

    while (recv(peer.accepted, buffer, sizeof(buffer), MSG_DONTWAIT) > 0) {
    }
}

/* The driver has connected and waits for the peer to speak. */
static void accept_one(void)
{
    if (peer.accepted >= 0) {
        close(peer.accepted);
    }
    pump_open(&peer.pump, &peer.place.target, &peer.place.addresses, false);
    assert_int_equal(pump_drive(&peer.pump, 20), DRIVE_WAIT);
    peer.accepted = accept(peer.listener, NULL, NULL);
    assert_true(peer.accepted >= 0);
    drop_what_was_sent();
}

static void say(struct bytes bytes)
{
    assert_int_equal(send(peer.accepted, bytes.text, bytes.length, MSG_NOSIGNAL), bytes.length);
}

static void check_given_up(void)
{
    assert_int_equal(peer.pump.err.class, ERROR_CANCELLED);
    assert_int_equal(peer.pump.err.retry, RETRY_CANCELLED);
    assert_false(peer.pump.reply.answered);
    assert_false(peer.pump.reply.connected);
}

static void check_no_server(void)
{
    check_error(&peer.pump.err, ERROR_CONNECTION, NULL);
    assert_int_equal(peer.pump.err.retry, RETRY_TRANSIENT);
    assert_false(peer.pump.reply.answered);
    assert_false(peer.pump.reply.connected);
}

static void silence_is_given_up(void **state)
{
    static const char *const modes[] = {"disable", "prefer", "verify-full"};
    size_t before = open_descriptors();

    (void)state;
    for (size_t i = 0; i < COUNT(modes); i++) {
        peer.place.settings.tls.mode = modes[i];
        pump_open(&peer.pump, &peer.place.target, &peer.place.addresses, false);
        assert_int_equal(pump_drive(&peer.pump, 50), DRIVE_WAIT);
        pump_abort(&peer.pump);
        assert_int_equal(pump_drive(&peer.pump, 0), DRIVE_FAIL);
        check_given_up();
        pump_close(&peer.pump);
        assert_int_equal(open_descriptors(), before);
    }
    /* At once, and without abort(). */
    pump_open(&peer.pump, &peer.place.target, &peer.place.addresses, false);
    pump_abort(&peer.pump);
    assert_int_equal(pump_drive(&peer.pump, 0), DRIVE_FAIL);
    check_given_up();
    pump_close(&peer.pump);
    pump_open(&peer.pump, &peer.place.target, &peer.place.addresses, false);
    assert_int_equal(pump_drive(&peer.pump, 10), DRIVE_WAIT);
    pump_close(&peer.pump);
    assert_int_equal(open_descriptors(), before);
}

/* Told at once, or waited for until the caller has enough. */
static void garbage_while_connecting(void **state)
{
    static const struct bytes garbage[] = {
        BYTES("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n"),
        BYTES("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
        BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        BYTES("\377\377\377\377\377\377\377\377\377\377\377\377"),
        BYTES("R\0\0\0\0"),
        BYTES("R\177\377\377\377\0\0\0\5"),
        BYTES("R\0\0\0\10\0\0\0\143"),
        BYTES("R\0\0\0\14\0\0\0\12X\0\0\0"),
        BYTES("R\0\0\0\10\0\0\0\0K\0\0\0\1"),
        BYTES("R\0\0\0\10\0\0\0\0Z\0\0\0\4"),
        BYTES("R\0\0\0\10\0\0\0\0T\0\0\0\6\0\1"),
        BYTES("E\377\377\377\377garbage"),
        BYTES("E\0\0\0\22SFATAL\0\377\376\33[31m"),
        BYTES("EA server older than the protocol\n\0"),
        BYTES("v\0\0\0\10\0\0\0\0"),
        BYTES("J\0\0\0\377\5.7.0\0"), /* MySQL's greeting */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(garbage); i++) {
        enum drive drive;

        accept_one();
        say(garbage[i]);
        drive = pump_drive(&peer.pump, 50);
        if (drive == DRIVE_WAIT) {
            close(peer.accepted); /* an end behind it, then */
            peer.accepted = -1;
            drive = pump_drive(&peer.pump, 5000);
        }
        assert_int_equal(drive, DRIVE_FAIL);
        assert_false(peer.pump.reply.connected);
        assert_true(peer.pump.err.class == ERROR_CONNECTION || peer.pump.err.class == ERROR_AUTH);
        check_error(&peer.pump.err, peer.pump.err.class, NULL);
        pump_close(&peer.pump);
    }
}

static void garbage_instead_of_tls(void **state)
{
    static const struct bytes garbage[] = {
        BYTES("X"),
        BYTES("HTTP/1.1 400 Bad Request\r\n"),
        BYTES("S not really TLS at all, no"),
        BYTES("S\26\3\3\0\2\2\50"),
        BYTES("S"),
        BYTES("E"),
        BYTES("\0"),
    };

    (void)state;
    peer.place.settings.tls.mode = "require";
    for (size_t i = 0; i < COUNT(garbage); i++) {
        accept_one();
        say(garbage[i]);
        if (pump_drive(&peer.pump, 50) == DRIVE_WAIT) {
            close(peer.accepted);
            peer.accepted = -1;
            assert_int_equal(pump_drive(&peer.pump, 5000), DRIVE_FAIL);
        }
        assert_false(peer.pump.reply.connected);
        check_error(&peer.pump.err, peer.pump.err.class, NULL);
        assert_true(peer.pump.err.class == ERROR_CONNECTION || peer.pump.err.class == ERROR_TLS);
        pump_close(&peer.pump);
    }
}

static void an_end_while_connecting(void **state)
{
    (void)state;
    accept_one();
    close(peer.accepted);
    peer.accepted = -1;
    assert_int_equal(pump_drive(&peer.pump, 5000), DRIVE_FAIL);
    check_no_server();
}

/* What a server says that begins: it is no answer that this target could keep, but a server is
 * there. */
static void a_server_that_starts(void **state)
{
    static const struct bytes starting =
        BYTES("E\0\0\0\76SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0");

    (void)state;
    accept_one();
    say(starting);
    assert_int_equal(pump_drive(&peer.pump, 5000), DRIVE_FAIL);
    check_error(&peer.pump.err, ERROR_CONNECTION, "57P03");
    assert_int_equal(peer.pump.err.retry, RETRY_TRANSIENT);
    assert_string_equal(peer.pump.err.message, "the database system is starting up");
    assert_true(peer.pump.reply.answered);
}

static void become_a_server(void)
{
    static const struct bytes welcome = BYTES("R\0\0\0\10\0\0\0\0Z\0\0\0\5I");

    accept_one();
    say(welcome);
    assert_int_equal(pump_drive(&peer.pump, 5000), DRIVE_DONE);
}

static void garbage_in_an_answer(void **state)
{
    static const struct bytes garbage[] = {
        BYTES("HTTP/1.1 400 Bad Request\r\n\r\n"),
        BYTES("\0\0\0\0\0\0\0\0"),
        BYTES("1\0\0\0\4"
              "2\0\0\0\4"
              "T\0\0\0\6\177\377"),
        BYTES("1\0\0\0\4"
              "2\0\0\0\4"
              "D\0\0\0\12\0\1\0\0\0\1"),
        BYTES("1\0\0\0\4"
              "2\0\0\0\4"
              "C\377\377\377\377SELECT"),
        BYTES("E\0\0\0\6\0\0"),
        BYTES("E\0\0\0\5\0"),
        BYTES("Z\0\0\0\5I"),
        BYTES("1\0\0\0\4"
              "2\0\0\0\4"
              "n\0\0\0\4"
              "G\0\0\0\7\0\0\0"),
        BYTES("1\0\0\0\4"
              "2\0\0\0\4"
              "n\0\0\0\4"
              "W\0\0\0\7\0\0\0"),
        BYTES("C\0\0\0\15SELECT 1\0"
              "C\0\0\0\15SELECT 1\0"
              "C\0\0\0\15SELECT 1\0"),
        BYTES("A\0\0\0\20\0\0\0\1name\0xyz\0"),
        BYTES("1\0\0\0\4"),
    };
    struct command commands[] = {command("SELECT 1"), command("SELECT 2"), command("SELECT 3")};

    (void)state;
    for (size_t i = 0; i < COUNT(garbage); i++) {
        for (size_t count = 1; count <= COUNT(commands); count += 2) {
            enum drive drive;

            become_a_server();
            pump_submit(&peer.pump, commands, count);
            assert_int_equal(pump_drive(&peer.pump, 20), DRIVE_WAIT);
            drop_what_was_sent();
            say(garbage[i]);
            drive = pump_drive(&peer.pump, 50);
            if (drive == DRIVE_WAIT) {
                close(peer.accepted);
                peer.accepted = -1;
                drive = pump_drive(&peer.pump, 5000);
            }
            /* A lone ReadyForQuery ends a lone command: there is no result to believe in. */
            assert_int_equal(drive, DRIVE_FAIL);
            assert_true(peer.pump.reply.completed <= count);
            pump_close(&peer.pump);
        }
    }
}

static void a_cancel_to_nobody(void **state)
{
    struct command one = command("SELECT 1");

    (void)state;
    become_a_server();
    close(peer.listener);
    peer.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pump_submit(&peer.pump, &one, 1);
    assert_int_equal(pump_drive(&peer.pump, 20), DRIVE_WAIT);
    pump_abort(&peer.pump); /* refused, and nobody minds */
    assert_int_equal(pump_drive(&peer.pump, 50), DRIVE_WAIT);
    close(peer.accepted);
    peer.accepted = -1;
    assert_int_equal(pump_drive(&peer.pump, 5000), DRIVE_FAIL);
    check_no_server();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, peer_setup, peer_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(silence_is_given_up),     CASE(garbage_while_connecting), CASE(garbage_instead_of_tls),
        CASE(an_end_while_connecting), CASE(a_server_that_starts),     CASE(garbage_in_an_answer),
        CASE(a_cancel_to_nobody),
    };

    setenv("SKEIN_TEST_PG_HOST", "127.0.0.1", 1); /* needs no server */
    setenv("SKEIN_TEST_PG_PORT", "1", 1);
    setenv("SKEIN_TEST_PG_SOCKET", "/nowhere", 1);
    world_choose("postgresql");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
