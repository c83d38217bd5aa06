/* A room's seats on lines that are there already, and those who say something in it.
 *
 *   seats < PLAN, or over TLS, with what has to come before (tls.c): seats tls < TUNNELS PLAN
 *
 * The plan is made by generator.py: numbers, then each seat's descriptor with what was read of it
 * and not yet looked at, then each publisher: a descriptor of its own or a seat's, and what it
 * says. With a window so many entries are under way, counted by what came back to the first seat;
 * with a rate they are sent when they are due, whatever comes back. It tells when it begins and
 * ends to measure; then nothing more is sent, and when all was heard, or nothing has come for a
 * while, it tells what it found.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "seats.h"

#define AT_ONCE (128 * 1024)
#define EVENTS 512
#define PATIENCE 60.0 /* for what is still under way when nothing more is sent */

static int poller;
static uint64_t sent;
static uint32_t turn;
static double last_came;

double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec * 1e-9;
}

void fail(const char *what) {
    perror(what);
    exit(2);
}

static void end(struct line *l) {
    if (l->ended) return;
    l->ended = 1;
    faults.ended++;
    epoll_ctl(poller, EPOLL_CTL_DEL, l->fd, NULL);
}

static void want(struct line *l, int how, uint32_t what) {
    struct epoll_event event = {.events = what, .data.ptr = l};
    if (epoll_ctl(poller, how, l->fd, &event)) fail("epoll");
}

static void flush(struct line *l) {
    size_t waited = l->out_length - l->out_done;
    while (!l->ended && l->out_done < l->out_length) {
        ssize_t n = line_send(l, l->out + l->out_done, l->out_length - l->out_done);
        if (n < 0 && errno == EAGAIN) break;
        if (n < 0) end(l);
        else l->out_done += n;
    }
    if (l->out_done == l->out_length) l->out_done = l->out_length = 0;
    if (!l->ended && waited) want(l, EPOLL_CTL_MOD, EPOLLIN | (l->out_length ? EPOLLOUT : 0));
}

/* What came is looked at step by step; what is no whole step yet is kept. */
static void look(struct line *l, char *at, size_t length, double when) {
    char *stop = at + length;
    while (at < stop) {
        struct entry e = {0};
        size_t used = plan.next(&l->place, at, stop - at, &e);
        if (!used) break;
        if (used == BROKEN) {
            faults.broken++;
            end(l);
            return;
        }
        if (e.in_room) note_number(l, e.in_room);
        if (e.bytes && !l->ignored) note_heard(l, &e, when);
        at += used;
    }
    l->rest_length = stop - at;
    if (l->rest_length > MOST_REST) fail("something that never ends");
    hold(&l->rest, &l->rest_room, l->rest_length);
    if (l->rest_length) memcpy(l->rest, at, l->rest_length);
}

/* Once; whether more may be here that no event will tell of. */
static int hear_once(struct line *l) {
    static char buffer[MOST_REST + AT_ONCE];
    if (l->rest_length) memcpy(buffer, l->rest, l->rest_length);
    ssize_t n = line_recv(l, buffer + l->rest_length, AT_ONCE);
    if (n < 0 && errno == EAGAIN) return 0;
    if (n <= 0) {
        end(l);
        return 0;
    }
    last_came = now();
    look(l, buffer, l->rest_length + n, last_came);
    return l->ssl && !l->ended;
}

static void hear(struct line *l) {
    while (hear_once(l));
}

static void say(struct publisher *p, uint32_t number, double at) {
    struct line *l = p->line;
    if (l->out_done) {
        memmove(l->out, l->out + l->out_done, l->out_length - l->out_done);
        l->out_length -= l->out_done;
        l->out_done = 0;
    }
    const struct request *r = &p->requests[p->prepared ? p->sent : 0];
    if (!p->prepared) write_number(r->said + r->bytes_at, number, p->sent);
    hold(&l->out, &l->out_room, l->out_length + r->length);
    memcpy(l->out + l->out_length, r->said, r->length);
    l->out_length += r->length;
    note_sent(p, r, at);
    sent++;
}

static int can_say(void) {
    if (plan.most && sent >= plan.most) return 0;
    for (uint32_t i = 0; i < publisher_count; i++, turn = (turn + 1) % publisher_count) {
        struct publisher *p = &publishers[turn];
        if (!p->line->ended && (!p->prepared || p->sent < p->prepared)) return 1;
    }
    return 0;
}

/* All that may be said by now, in turns; whether there is something left to say. */
static int speak(double began) {
    double at = now();
    int more;
    while ((more = can_say())) {
        double due = plan.rate ? began + sent / plan.rate : at;
        if (plan.rate ? due > at : sent - seats[0].heard >= plan.window) break;
        note_late(at - due);
        say(&publishers[turn], turn, due);
        turn = (turn + 1) % publisher_count;
    }
    for (uint32_t i = 0; i < publisher_count; i++) flush(publishers[i].line);
    return more;
}

static int all_heard(void) {
    for (uint32_t i = 0; i < plan.seats - plan.stalled; i++)
        if (!seats[i].ended && seats[i].heard < sent) return 0;
    return 1;
}

static double cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec +
           (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

static void begin_line(struct line *l) {
    fcntl(l->fd, F_SETFL, fcntl(l->fd, F_GETFL) | O_NONBLOCK);
    want(l, EPOLL_CTL_ADD, EPOLLIN);
}

/* Who stalls is not even asked whether something came. */
static void begin_lines(void) {
    for (uint32_t i = 0; i < plan.seats - plan.stalled; i++) begin_line(&seats[i]);
    for (uint32_t i = 0; i < publisher_count; i++)
        if (publishers[i].line->ignored) begin_line(publishers[i].line);
}

static void tell(const char *word) {
    printf("%s\n", word);
    fflush(stdout);
}

int main(int argc, char **argv) {
    (void)argv;
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1) tls_enter();
    poller = epoll_create1(0);
    take_plan();
    begin_lines();
    double began = now(), from = 0, until = 0, used = 0;
    uint64_t heard = 0, said = 0;
    last_came = began;
    if (plan.rate) { /* waiting in epoll is to the millisecond only */
        long every = plan.rate > 1 ? 1e9 / plan.rate : 999999999;
        struct itimerspec each = {.it_interval = {.tv_nsec = every}, .it_value = {.tv_nsec = every}};
        int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
        struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = NULL};
        if (timer < 0 || timerfd_settime(timer, 0, &each, NULL)) fail("timer");
        epoll_ctl(poller, EPOLL_CTL_ADD, timer, &event);
    }
    for (int more = 1;;) {
        struct epoll_event events[EVENTS];
        double at = now();
        if (!from && at - began >= plan.warm_up) {
            from = at;
            heard = deliveries;
            said = sent;
            used = cpu();
            sample_from(from);
            tell("measuring");
        }
        if (!until) more = speak(began);
        int some = epoll_wait(poller, events, EVENTS, more && !plan.rate ? 50 : 10);
        for (int i = 0; i < some; i++) {
            struct line *l = events[i].data.ptr;
            if (!l) continue;
            if (!l->ended && events[i].events & EPOLLOUT) flush(l);
            if (!l->ended && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) hear(l);
        }
        at = now();
        int stuck = at - last_came > plan.silence;
        if (from && !until && (at - from >= plan.seconds || (!more && all_heard()) || stuck)) {
            until = at;
            heard = deliveries - heard;
            said = sent - said;
            used = cpu() - used;
            tell("measured");
        }
        if (until && (all_heard() || stuck || at - until > PATIENCE)) break;
    }
    for (uint32_t i = 0; i < plan.seats - plan.stalled; i++) faults.missing += sent - seats[i].heard;
    printf("{\"seconds\": %f, \"deliveries\": %llu, \"entries\": %llu, \"sent\": %llu, \"cpu_s\": %f",
           until - from, (unsigned long long)heard, (unsigned long long)said,
           (unsigned long long)sent, used);
    print_delays();
    print_faults();
    return 0;
}
