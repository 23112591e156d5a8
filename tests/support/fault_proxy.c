/*
 * fault_proxy: stands between skein and a server, and does what networks do.
 *
 *   fault_proxy PORT    listens on 127.0.0.1, forwards to 127.0.0.1:PORT, prints its own port
 *
 * Then it reads lines from stdin and answers each with one line; it ends with stdin.
 *
 *   pass             forwards everything, listens; connections in a hole are reset
 *   server PORT      where new connections go
 *   refuse           nobody listens; what is open stays
 *   listen           again
 *   delay MS         each piece is held that long, in both directions
 *   wait SECONDS     answers "struck N" when the rule has struck, "struck 0" after that time
 *   count            "connections N client N server N struck N": bytes are the longest connection's
 *   rule ACTION TRIGGER [NTH | first N | each] [all] [next refuse | next hole | next PORT]
 *
 * ACTION   cut (FIN to both), reset (RST to both), hole (nothing passes, both stay open; bytes of
 *          the piece that it begins in are lost, too)
 * TRIGGER  client A B M, server A B M: the C-th connection since the rule was given, counted from
 *          0, is struck after exactly A + B * (C modulo M) bytes of that direction have passed
 *          sent TEXT: the client's text has reached the server, whose answer is swallowed
 *          unsent TEXT: it has not (the piece it came in is dropped). In TEXT \xHH is a byte
 * NTH      the NTH time that the trigger is met, once (1); first N: N times; each: always
 * all      strikes every open connection
 * next     what new connections find: nobody, a hole, another server
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "fault_rule.h"

#define CONNECTIONS 250
#define PIECE       16384

enum from { CLIENT, SERVER };
enum state { FREE, OPEN, DYING, HOLED };

/* One direction. */
struct flow {
    int from;   /* descriptor */
    bool ended; /* the peer has sent FIN */
    bool passed_end;
    long passed; /* bytes taken from the peer */
    char piece[PIECE];
    size_t length, sent;
    long long due_ms; /* not to be sent before */
};

struct connection {
    enum state state;
    long number; /* since the rule */
    struct flow flows[2];
    bool met;      /* counts bytes: met once */
    bool swallows; /* the text was sent: the server's next piece strikes */
    char window[TEXT];
    size_t window_length;
};

static struct proxy {
    int listener, keeper, port;
    int server;
    int delay_ms;
    bool hole; /* new connections are open, and nothing passes */
    struct rule rule;
    long numbered, met, struck;
    long connections, longest[2];
    long long wait_until_ms; /* 0: nobody waits */
    struct connection items[CONNECTIONS];
    char line[1024];
    size_t line_length;
} proxy;

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static void answer(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void answer(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

/* ---- sockets */

static int bound(int port)
{
    static const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((unsigned short)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (descriptor < 0 || setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
        bind(descriptor, (struct sockaddr *)&address, sizeof(address))) {
        die("fault_proxy: bind");
    }
    return descriptor;
}

/* The keeper has the port while nobody listens. */
static void listen_again(void)
{
    if (proxy.listener < 0) {
        proxy.listener = bound(proxy.port);
        if (listen(proxy.listener, 128)) {
            die("fault_proxy: listen");
        }
    }
}

static void refuse(void)
{
    if (proxy.listener >= 0) {
        close(proxy.listener);
        proxy.listener = -1;
    }
}

static void close_hard(int descriptor)
{
    static const struct linger hard = {.l_onoff = 1, .l_linger = 0};

    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(descriptor);
}

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((unsigned short)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof(address))) {
        close(descriptor);
        return -1;
    }
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    return descriptor;
}

/* ---- what happens to a connection */

static void reset(struct connection *connection)
{
    close_hard(connection->flows[CLIENT].from);
    close_hard(connection->flows[SERVER].from);
    connection->state = FREE;
}

/* Ends with FIN. What still comes is read away, or the kernel would send RST. */
static void cut(struct connection *connection)
{
    for (int i = 0; i < 2; i++) {
        shutdown(connection->flows[i].from, SHUT_WR);
    }
    connection->state = DYING;
}

static void act(struct connection *connection)
{
    connection->flows[CLIENT].length = connection->flows[SERVER].length = 0;
    switch (proxy.rule.action) {
    case ACTION_CUT:
        cut(connection);
        break;
    case ACTION_RESET:
        reset(connection);
        break;
    case ACTION_HOLE:
        connection->state = HOLED;
        break;
    case ACTION_NONE:
        break;
    }
}

static void strike(struct connection *connection)
{
    proxy.struck++;
    act(connection);
    for (int i = 0; proxy.rule.all && i < CONNECTIONS; i++) {
        if (proxy.items[i].state == OPEN) {
            act(&proxy.items[i]);
        }
    }
    if (proxy.rule.next_refuses) {
        refuse();
    } else if (proxy.rule.next_in_hole) {
        proxy.hole = true;
    } else if (proxy.rule.next_port) {
        proxy.server = proxy.rule.next_port;
    }
}

/* Whether this time is one of those that strike. */
static bool counts(void)
{
    proxy.met++;
    return proxy.met >= proxy.rule.first && proxy.met <= proxy.rule.last;
}

/* Whether the text ends within the piece, or began before it. */
static bool has_text(struct connection *connection, const char *piece, size_t length)
{
    const struct rule *rule = &proxy.rule;
    bool found = false;

    for (size_t i = 0; i < length; i++) {
        if (connection->window_length == rule->length) {
            memmove(connection->window, connection->window + 1, --connection->window_length);
        }
        connection->window[connection->window_length++] = piece[i];
        found = found || (connection->window_length == rule->length &&
                          memcmp(connection->window, rule->text, rule->length) == 0);
    }
    return found;
}

/* Bytes of the piece that may pass; `*strikes`: and then it happens. */
static size_t allowed(struct connection *connection, enum from from, size_t length, bool *strikes)
{
    const struct rule *rule = &proxy.rule;
    enum from counted = rule->trigger == TRIGGER_SERVER ? SERVER : CLIENT;
    struct flow *flow = &connection->flows[from];
    long turn = rule->modulo > 0 ? connection->number % rule->modulo : connection->number;
    long limit = rule->base + rule->step * turn;

    if (connection->swallows) {
        *strikes = from == SERVER;
        return 0;
    }
    if (rule->action == ACTION_NONE || from != counted) {
        return length;
    }
    if (rule->trigger == TRIGGER_CLIENT || rule->trigger == TRIGGER_SERVER) {
        if (connection->met || flow->passed + (long)length < limit) {
            return length;
        }
        connection->met = true;
        *strikes = counts();
        if (*strikes) {
            return rule->action == ACTION_HOLE ? 0 : (size_t)(limit - flow->passed);
        }
        return length;
    }
    if (!has_text(connection, flow->piece, length) || !counts()) {
        return length;
    }
    connection->swallows = rule->trigger == TRIGGER_SENT;
    *strikes = rule->trigger == TRIGGER_UNSENT;
    return *strikes ? 0 : length;
}

/* ---- forwarding */

static void flush(struct connection *connection, enum from from)
{
    struct flow *flow = &connection->flows[from];
    int to = connection->flows[!from].from;
    ssize_t put = send(to, flow->piece + flow->sent, flow->length - flow->sent, MSG_NOSIGNAL);

    if (put > 0) {
        flow->sent += (size_t)put;
        if (flow->sent == flow->length) {
            flow->sent = flow->length = 0;
        }
    } else if (errno != EAGAIN && errno != EINTR) {
        reset(connection);
    }
}

static void pass_end(struct connection *connection, enum from from)
{
    connection->flows[from].passed_end = true;
    shutdown(connection->flows[!from].from, SHUT_WR);
    if (connection->flows[!from].passed_end) {
        close(connection->flows[CLIENT].from);
        close(connection->flows[SERVER].from);
        connection->state = FREE;
    }
}

/* Takes a piece off the peer. */
static void take(struct connection *connection, enum from from)
{
    struct flow *flow = &connection->flows[from];
    ssize_t got = recv(flow->from, flow->piece, sizeof(flow->piece), 0);
    bool strikes = false;

    if (got == 0) {
        flow->ended = true;
        return;
    }
    if (got < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            reset(connection);
        }
        return;
    }
    flow->length = allowed(connection, from, (size_t)got, &strikes);
    flow->passed += (long)flow->length;
    flow->due_ms = now_ms() + proxy.delay_ms;
    if (flow->passed > proxy.longest[from]) {
        proxy.longest[from] = flow->passed;
    }
    if (strikes) {
        if (flow->length > 0) {
            flush(connection, from);
        }
        if (connection->state == OPEN) {
            strike(connection);
        }
    }
}

/* A hole takes what comes and lets nobody know of the other; a connection that was cut waits for
 * both to end. */
static void swallow(struct connection *connection, enum from from)
{
    struct flow *flow = &connection->flows[from];
    ssize_t got = recv(flow->from, flow->piece, sizeof(flow->piece), 0);

    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) {
        return;
    }
    flow->ended = true;
    if (connection->state == DYING && (got < 0 || connection->flows[!from].ended)) {
        reset(connection);
    }
}

static short wanted(const struct connection *connection, enum from from)
{
    const struct flow *flow = &connection->flows[from];
    const struct flow *other = &connection->flows[!from];
    bool sends = connection->state == OPEN && other->length > 0 && other->due_ms <= now_ms();

    return (short)((flow->length == 0 && !flow->ended ? POLLIN : 0) | (sends ? POLLOUT : 0));
}

static void serve(struct connection *connection, enum from from, short events)
{
    struct flow *flow = &connection->flows[from];

    if (connection->state == DYING || connection->state == HOLED) {
        if (events && !flow->ended) {
            swallow(connection, from);
        }
        return;
    }
    if (connection->state == OPEN && (events & POLLOUT)) {
        flush(connection, !from);
    }
    if (connection->state == OPEN && (events & (POLLIN | POLLHUP | POLLERR)) && !flow->ended &&
        flow->length == 0) {
        take(connection, from);
    }
    if (connection->state == OPEN && flow->ended && flow->length == 0 && !flow->passed_end) {
        pass_end(connection, from);
    }
}

static void accept_one(void)
{
    int client = accept4(proxy.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct connection *connection = proxy.items;
    int server;

    if (client < 0) {
        return;
    }
    while (connection < proxy.items + CONNECTIONS && connection->state != FREE) {
        connection++;
    }
    server = connection < proxy.items + CONNECTIONS ? connect_to(proxy.server) : -1;
    if (server < 0) { /* a server that is down */
        close_hard(client);
        return;
    }
    proxy.connections++;
    memset(connection, 0, sizeof(*connection));
    connection->state = proxy.hole ? HOLED : OPEN;
    connection->number = proxy.numbered++;
    connection->flows[CLIENT].from = client;
    connection->flows[SERVER].from = server;
}

/* ---- the commands */

static bool set_rule(char *words)
{
    struct rule rule;

    if (!rule_read(&rule, words)) {
        return false;
    }
    proxy.rule = rule;
    proxy.numbered = proxy.met = proxy.struck = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
        proxy.items[i].window_length = 0;
        proxy.items[i].met = true; /* bytes are counted on new connections */
    }
    return true;
}

static void pass(void)
{
    proxy.rule = (struct rule){.action = ACTION_NONE};
    proxy.delay_ms = 0;
    proxy.hole = false;
    listen_again();
    for (int i = 0; i < CONNECTIONS; i++) {
        if (proxy.items[i].state == HOLED || proxy.items[i].swallows) {
            reset(&proxy.items[i]);
        }
    }
}

static void command(char *line)
{
    static const char *const names[] = {"pass",  "server", "refuse", "delay", "wait",
                                        "count", "rule",   "listen", NULL};
    char *rest = NULL;
    int name = word_index(strtok_r(line, " ", &rest), names);
    long number = rest ? strtol(rest, NULL, 10) : 0;
    bool good = true;

    switch (name) {
    case 0:
        pass();
        break;
    case 1:
        proxy.server = (int)number;
        break;
    case 2:
        refuse();
        break;
    case 3:
        proxy.delay_ms = (int)number;
        break;
    case 4:
        proxy.wait_until_ms = now_ms() + number * 1000 + 1;
        return; /* answered later */
    case 5:
        answer("connections %ld client %ld server %ld struck %ld", proxy.connections,
               proxy.longest[CLIENT], proxy.longest[SERVER], proxy.struck);
        proxy.connections = proxy.longest[CLIENT] = proxy.longest[SERVER] = 0;
        return;
    case 6:
        good = set_rule(rest);
        break;
    case 7:
        listen_again();
        break;
    default:
        good = false;
    }
    answer(good ? "ok" : "what?");
}

static void read_commands(void)
{
    ssize_t got =
        read(0, proxy.line + proxy.line_length, sizeof(proxy.line) - 1 - proxy.line_length);
    char *end;

    if (got <= 0) {
        exit(0);
    }
    proxy.line_length += (size_t)got;
    proxy.line[proxy.line_length] = '\0';
    while ((end = strchr(proxy.line, '\n'))) {
        size_t taken = (size_t)(end - proxy.line) + 1;

        *end = '\0';
        command(proxy.line);
        proxy.line_length -= taken;
        memmove(proxy.line, proxy.line + taken, proxy.line_length + 1);
    }
}

static void answer_waiting(void)
{
    if (proxy.wait_until_ms && (proxy.struck > 0 || now_ms() >= proxy.wait_until_ms)) {
        proxy.wait_until_ms = 0;
        answer("struck %ld", proxy.struck);
    }
}

/* ---- the loop */

/* Milliseconds until something held back is due, or somebody has waited long enough; -1: none. */
static int timeout(void)
{
    long long now = now_ms(), next = proxy.wait_until_ms ? proxy.wait_until_ms : LLONG_MAX;

    for (int i = 0; i < CONNECTIONS; i++) {
        for (int from = 0; from < 2 && proxy.items[i].state == OPEN; from++) {
            const struct flow *flow = &proxy.items[i].flows[from];

            if (flow->length > 0 && flow->due_ms > now && flow->due_ms < next) {
                next = flow->due_ms;
            }
        }
    }
    return next == LLONG_MAX ? -1 : (int)(next > now ? next - now : 0);
}

static void one_round(void)
{
    static struct pollfd polls[2 + 2 * CONNECTIONS];

    polls[0] = (struct pollfd){.fd = 0, .events = POLLIN};
    polls[1] = (struct pollfd){.fd = proxy.listener, .events = POLLIN};
    for (int i = 0; i < 2 * CONNECTIONS; i++) {
        const struct connection *connection = &proxy.items[i / 2];
        short events = connection->state == FREE ? 0 : wanted(connection, i % 2);

        polls[2 + i] =
            (struct pollfd){.fd = events ? connection->flows[i % 2].from : -1, .events = events};
    }
    if (poll(polls, 2 + 2 * CONNECTIONS, timeout()) < 0 && errno != EINTR) {
        die("fault_proxy: poll");
    }
    for (int i = 0; i < 2 * CONNECTIONS; i++) {
        if (polls[2 + i].revents && proxy.items[i / 2].flows[i % 2].from == polls[2 + i].fd) {
            serve(&proxy.items[i / 2], i % 2, polls[2 + i].revents);
        }
    }
    if (polls[1].revents && proxy.listener >= 0) {
        accept_one();
    }
    if (polls[0].revents) {
        read_commands();
    }
    answer_waiting();
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_port = 0};
    socklen_t length = sizeof(address);

    if (argc != 2) {
        fprintf(stderr, "usage: fault_proxy PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    proxy.server = (int)strtol(argv[1], NULL, 10);
    proxy.keeper = bound(0);
    proxy.listener = -1;
    if (getsockname(proxy.keeper, (struct sockaddr *)&address, &length)) {
        die("fault_proxy: getsockname");
    }
    proxy.port = ntohs(address.sin_port);
    listen_again();
    answer("%d", proxy.port);
    for (;;) {
        one_round();
    }
}
