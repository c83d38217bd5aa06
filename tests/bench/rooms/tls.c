/* Lines under TLS. Whoever enters on them does so in another program, by the protocol's own code:
 *
 *   seats tls < PORT COUNT TUNNEL...  (numbers of 4 bytes)
 *
 * Each tunnel is a socket to that program; a line is dialled when the first bytes come through it,
 * and what goes over it is passed on both ways. When one more byte is said on the way in, tunnels
 * end with what has come so far, and the plan follows, in which lines are named by their tunnels.
 * Whose certificate it is, is looked at by who enters.
 */
#include "seats.h"

#ifdef TLS
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE 16384

struct tunnel {
    int inside, fd; /* to who enters; to the server */
    SSL *ssl;
};

static struct tunnel *tunnels;
static uint32_t tunnel_count;
static SSL_CTX *context;

static uint32_t take_number(void) {
    uint32_t value;
    if (read(0, &value, sizeof value) != sizeof value) fail("tunnels");
    return value;
}

static void nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

static void dial(struct tunnel *t, uint16_t port) {
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    t->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (t->fd < 0 || connect(t->fd, (struct sockaddr *)&where, sizeof where)) fail("dial");
    setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    t->ssl = SSL_new(context);
    if (!t->ssl || !SSL_set_fd(t->ssl, t->fd) || SSL_connect(t->ssl) != 1) fail("TLS");
    nonblocking(t->fd);
}

/* What one says on entering is little, so it is written whole. */
static void pass_in(struct tunnel *t, uint16_t port, int poller) {
    char piece[PIECE];
    ssize_t n = read(t->inside, piece, sizeof piece);
    if (n <= 0) return;
    if (!t->ssl) {
        dial(t, port);
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)(t - tunnels) << 1 | 1};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, t->fd, &event)) fail("epoll");
    }
    for (ssize_t done = 0; done < n;) {
        int took = SSL_write(t->ssl, piece + done, n - done);
        if (took > 0) done += took;
        else if (tls_later(t->ssl, took)) usleep(1000);
        else fail("TLS");
    }
}

static void pass_out(struct tunnel *t) {
    char piece[PIECE];
    int n;
    while ((n = SSL_read(t->ssl, piece, sizeof piece)) > 0)
        for (ssize_t done = 0; done < n;) {
            ssize_t took = write(t->inside, piece + done, n - done);
            if (took > 0) done += took;
            else if (errno != EAGAIN) fail("tunnel");
        }
    if (!tls_later(t->ssl, n)) { /* ended by the server: who enters finds that out */
        shutdown(t->inside, SHUT_RDWR);
        close(t->fd);
    }
}

int tls_later(void *ssl, int result) {
    int why = SSL_get_error(ssl, result);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

void tls_enter(void) {
    uint16_t port = take_number();
    int poller = epoll_create1(0), waiting = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = UINT64_MAX};
    char last;
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    tunnel_count = take_number();
    tunnels = calloc(tunnel_count, sizeof *tunnels);
    if (!tunnels || epoll_ctl(poller, EPOLL_CTL_ADD, 0, &event)) fail("tunnels");
    for (uint32_t i = 0; i < tunnel_count; i++) {
        tunnels[i].inside = take_number();
        event.data.u64 = (uint64_t)i << 1;
        if (epoll_ctl(poller, EPOLL_CTL_ADD, tunnels[i].inside, &event)) fail("epoll");
    }
    while (waiting) {
        struct epoll_event events[64];
        int some = epoll_wait(poller, events, 64, -1);
        for (int i = 0; i < some; i++) {
            uint64_t which = events[i].data.u64;
            if (which == UINT64_MAX) waiting = read(0, &last, 1) < 0;
            else if (which & 1) pass_out(&tunnels[which >> 1]);
            else pass_in(&tunnels[which >> 1], port, poller);
        }
    }
    for (uint32_t i = 0; i < tunnel_count; i++) {
        if (tunnels[i].ssl) pass_out(&tunnels[i]);
        close(tunnels[i].inside);
    }
    close(poller);
}

void tls_take(struct line *l) {
    if (!tunnels) return;
    if ((uint32_t)l->fd >= tunnel_count || !tunnels[l->fd].ssl) fail("tunnel");
    l->ssl = tunnels[l->fd].ssl;
    l->fd = tunnels[l->fd].fd;
}

ssize_t line_send(struct line *l, const char *at, size_t length) {
    if (!l->ssl) return send(l->fd, at, length, MSG_NOSIGNAL);
    ERR_clear_error();
    int n = SSL_write(l->ssl, at, length);
    if (n <= 0 && tls_later(l->ssl, n)) errno = EAGAIN;
    else if (n <= 0) errno = EPIPE;
    return n > 0 ? n : -1;
}

ssize_t line_recv(struct line *l, char *at, size_t length) {
    if (!l->ssl) return recv(l->fd, at, length, 0);
    ERR_clear_error();
    int n = SSL_read(l->ssl, at, length);
    if (n > 0) return n;
    if (!tls_later(l->ssl, n)) return 0;
    errno = EAGAIN;
    return -1;
}
#else
#include <errno.h>
#include <sys/socket.h>

void tls_enter(void) {
    errno = ENOSYS;
    fail("no OpenSSL to build with");
}
void tls_take(struct line *l) { (void)l; }
ssize_t line_send(struct line *l, const char *at, size_t n) { return send(l->fd, at, n, MSG_NOSIGNAL); }
ssize_t line_recv(struct line *l, char *at, size_t n) { return recv(l->fd, at, n, 0); }
#endif
