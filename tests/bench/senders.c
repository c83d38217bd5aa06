/* Many senders on the loopback, each with a window of requests under way: how many are answered.
 *
 *   senders PORT SECONDS < PLAN
 *
 * The plan is made by senders.py: numbers, then the steps in which every connection comes (what it
 * says, and the mark of the answer to that), the mark that stands once in each answer, and one
 * request per connection, which is sent again and again with another id patched into it. After
 * SECONDS of measuring, whose begin and end it tells, it goes on until the other side is gone, so
 * that the other side can be killed under full load. Then one line of figures and one line per
 * connection: how many of its requests were answered.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NO_ID 0xffffffffu
#define WARM_UP 1.0
#define MOST_MARK 32
#define MOST_SAMPLES 4000000
#define MOST_STEPS 8

struct plan {
    uint32_t connections, window, steps, mark, request, id_at;
};

struct step {
    uint32_t said_length, until_length;
    char *said, *until;
};

struct connection {
    int fd, ready, dead;
    uint32_t step;
    uint64_t sent, answered;
    char *request, *out;
    size_t out_length, out_done;
    double *sent_at;
    char tail[MOST_MARK];
    size_t tail_length;
};

static struct plan plan;
static struct step steps[MOST_STEPS];
static char *mark;
static int poller;
static double *samples;
static size_t sample_count;
static int measuring;

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec * 1e-9;
}

static void fail(const char *what) {
    perror(what);
    exit(2);
}

static char *take(size_t length) {
    char *data = malloc(length + 1);
    if (!data || fread(data, 1, length, stdin) != length) fail("plan");
    return data;
}

static void end(struct connection *c) {
    if (!c->dead) close(c->fd);
    c->dead = 1;
}

static void flush(struct connection *c) {
    while (!c->dead && c->out_done < c->out_length) {
        ssize_t n = send(c->fd, c->out + c->out_done, c->out_length - c->out_done, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN) end(c);
            break;
        }
        c->out_done += n;
    }
    if (c->out_done == c->out_length) c->out_done = c->out_length = 0;
    if (c->dead) return;
    struct epoll_event want = {.events = EPOLLIN | (c->out_length ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &want);
}

static void fill(struct connection *c, uint32_t number) {
    double at = now();
    if (c->out_done) {
        memmove(c->out, c->out + c->out_done, c->out_length - c->out_done);
        c->out_length -= c->out_done;
        c->out_done = 0;
    }
    while (c->sent - c->answered < plan.window) {
        if (plan.id_at != NO_ID) {
            memcpy(c->request + plan.id_at, &number, 4);
            memcpy(c->request + plan.id_at + 4, &c->sent, 8);
        }
        memcpy(c->out + c->out_length, c->request, plan.request);
        c->out_length += plan.request;
        c->sent_at[c->sent++ % plan.window] = at;
    }
    flush(c);
}

static void say_step(struct connection *c) {
    memcpy(c->out + c->out_length, steps[c->step].said, steps[c->step].said_length);
    c->out_length += steps[c->step].said_length;
    flush(c);
}

static void hear(struct connection *c, uint32_t number) {
    static char buffer[MOST_MARK + 65536];
    const char *wanted = c->ready ? mark : steps[c->step].until;
    size_t length = c->ready ? plan.mark : steps[c->step].until_length;
    memcpy(buffer, c->tail, c->tail_length);
    ssize_t n = recv(c->fd, buffer + c->tail_length, 65536, 0);
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN) end(c);
        return;
    }
    char *at = buffer, *stop = buffer + c->tail_length + n, *found;
    double when = now();
    while ((found = memmem(at, stop - at, wanted, length))) {
        at = found + length;
        if (!c->ready) {
            c->ready = ++c->step == plan.steps;
            if (c->ready) break;
            wanted = steps[c->step].until;
            length = steps[c->step].until_length;
            say_step(c);
            continue;
        }
        if (measuring && sample_count < MOST_SAMPLES)
            samples[sample_count++] = when - c->sent_at[c->answered % plan.window];
        c->answered++;
    }
    size_t keep = stop - at < (ssize_t)length - 1 ? (size_t)(stop - at) : length - 1;
    memcpy(c->tail, stop - keep, keep);
    c->tail_length = keep;
    if (c->ready) fill(c, number);
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **words) {
    if (count != 3) return 2;
    signal(SIGPIPE, SIG_IGN);
    if (fread(&plan, sizeof plan, 1, stdin) != 1) fail("plan");
    if (plan.steps > MOST_STEPS || plan.mark > MOST_MARK) return 2;
    size_t most_said = 0;
    for (uint32_t i = 0; i < plan.steps; i++) {
        struct step *s = &steps[i];
        if (fread(s, 2 * sizeof(uint32_t), 1, stdin) != 1) fail("plan");
        if (s->until_length > MOST_MARK) return 2;
        s->said = take(s->said_length);
        s->until = take(s->until_length);
        most_said += s->said_length;
    }
    mark = take(plan.mark);
    samples = malloc(MOST_SAMPLES * sizeof *samples);
    poller = epoll_create1(0);
    struct connection *all = calloc(plan.connections, sizeof *all);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1]))};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    for (uint32_t i = 0; i < plan.connections; i++) {
        struct connection *c = &all[i];
        int on = 1;
        c->request = take(plan.request);
        c->out = malloc(most_said + (size_t)plan.request * plan.window);
        c->sent_at = calloc(plan.window, sizeof *c->sent_at);
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(c->fd, (struct sockaddr *)&to, sizeof to)) fail("connect");
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        fcntl(c->fd, F_SETFL, O_NONBLOCK);
        struct epoll_event want = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &want);
        say_step(c);
    }
    double begin = now(), from = 0, until = 0, seconds = atof(words[2]);
    uint64_t before = 0, after = 0;
    for (;;) {
        struct epoll_event events[256];
        int some = epoll_wait(poller, events, 256, 100);
        for (int i = 0; i < some; i++) {
            struct connection *c = events[i].data.ptr;
            if (!c->dead && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) hear(c, c - all);
            if (!c->dead && events[i].events & EPOLLOUT) flush(c);
        }
        double at = now();
        uint64_t answered = 0, alive = 0;
        int turn = (!from && at - begin > WARM_UP) || (from && !until && at - from > seconds);
        if (!turn && some) continue;
        for (uint32_t i = 0; i < plan.connections; i++) {
            answered += all[i].answered;
            alive += !all[i].dead;
        }
        if (turn && !from) {
            from = at;
            before = answered;
            measuring = 1;
            printf("measuring\n");
            fflush(stdout);
        } else if (turn) {
            until = at;
            after = answered;
            measuring = 0;
            printf("measured\n");
            fflush(stdout);
        }
        if (!alive) break;
    }
    qsort(samples, sample_count, sizeof *samples, by_size);
    double p50 = sample_count ? samples[sample_count / 2] : 0;
    double p99 = sample_count ? samples[sample_count * 99 / 100] : 0;
    printf("%f %f %f\n", until ? (after - before) / (until - from) : 0, p50 * 1e3, p99 * 1e3);
    for (uint32_t i = 0; i < plan.connections; i++) printf("%llu\n", (unsigned long long)all[i].answered);
    return 0;
}
