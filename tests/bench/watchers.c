/* Many who write into slots and many who watch them, on the loopback: how much is told.
 *
 *   watchers PORT SECONDS < PLAN
 *
 * The plan is made by watchers.py: numbers, how everybody comes and the mark of the answer to that,
 * then for each writer what it says once a second and what it says last, and for each watcher what
 * it asks. It tells when everybody watches, when it begins to measure
 * and, after SECONDS, what was noted and told meanwhile, and goes on writing until it hears a line;
 * then each writer has its last word, and it tells how many of those were not heard in the end.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WARM_UP 2.0
#define PATIENCE 60.0
#define SILENCE 20.0
#define ROOM (1 << 20)
#define LAST "LAST"
#define DIGITS 8

static const char NOTED[] = "\xa1t\xa5noted", TOLD[] = "\xa1t\xa4told", WATCHING[] = "\xa1t\xa8watching";

struct said {
    uint32_t length;
    char *bytes;
};

struct line {
    int fd, come, watcher;
    struct said usual, last; /* of a watcher: what it asks */
    char *heard, *out;
    size_t length, out_length, out_done;
    uint64_t noted, told, watching;
    unsigned char *last_heard;
};

static struct {
    uint32_t writers, watchers, slots, of_a_watcher;
} plan;
static struct said coming, welcome, ping;
static int poller;
static struct line *all;

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec * 1e-9;
}

static void fail(const char *what) {
    perror(what);
    exit(2);
}

static void read_all(void *into, size_t length) {
    char *at = into;
    while (length) {
        ssize_t n = read(0, at, length);
        if (n <= 0) fail("plan");
        at += n;
        length -= n;
    }
}

static struct said take(void) {
    struct said s;
    read_all(&s.length, sizeof s.length);
    s.bytes = malloc(s.length + 1);
    read_all(s.bytes, s.length);
    return s;
}

static void flush(struct line *l) {
    while (l->out_done < l->out_length) {
        ssize_t n = send(l->fd, l->out + l->out_done, l->out_length - l->out_done, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) break;
        if (n < 0) fail("send");
        l->out_done += n;
    }
    struct epoll_event want = {.events = EPOLLIN, .data.ptr = l};
    if (l->out_done == l->out_length) l->out_done = l->out_length = 0;
    else want.events |= EPOLLOUT;
    epoll_ctl(poller, EPOLL_CTL_MOD, l->fd, &want);
}

static void say(struct line *l, struct said s) {
    l->out = realloc(l->out, l->out_length + s.length);
    memcpy(l->out + l->out_length, s.bytes, s.length);
    l->out_length += s.length;
    flush(l);
}

static uint64_t count(const char *at, const char *end, const char *mark) {
    uint64_t found = 0;
    size_t length = strlen(mark);
    while ((at = memmem(at, end - at, mark, length))) {
        at += length;
        found++;
    }
    return found;
}

static void whole(struct line *l, const char *at, const char *end) {
    if (!l->come) {
        if (!memmem(at, end - at, welcome.bytes, welcome.length)) fail("not welcome");
        l->come = 1;
        return;
    }
    if (!l->watcher) {
        l->noted += count(at, end, NOTED);
        return;
    }
    if (l->watching < plan.of_a_watcher) l->watching += count(at, end, WATCHING);
    l->told += count(at, end, TOLD);
    while ((at = memmem(at, end - at, LAST, strlen(LAST)))) {
        at += strlen(LAST);
        if (end - at < DIGITS) break;
        char digits[DIGITS + 1] = {0};
        memcpy(digits, at, DIGITS);
        uint32_t slot = strtoul(digits, NULL, 10);
        if (slot < plan.slots) l->last_heard[slot] = 1;
    }
}

/* Whole messages only, so that no mark is cut in two; the head of the upgrade is passed over. */
static void hear(struct line *l) {
    ssize_t n = recv(l->fd, l->heard + l->length, ROOM - l->length, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) fail("the other side ended it");
    l->length += n;
    char *at = l->heard, *end = l->heard + l->length;
    for (;;) {
        if (end - at >= 4 && !memcmp(at, "HTTP", 4)) {
            char *over = memmem(at, end - at, "\r\n\r\n", 4);
            if (!over) break;
            at = over + 4;
            continue;
        }
        if (end - at < 2) break;
        uint64_t size = at[1] & 127;
        size_t head = size == 127 ? 10 : size == 126 ? 4 : 2;
        if ((size_t)(end - at) < head) break;
        if (head > 2) {
            size = 0;
            for (size_t i = 2; i < head; i++) size = size << 8 | (unsigned char)at[i];
        }
        if ((uint64_t)(end - at) - head < size) break;
        whole(l, at + head, at + head + size);
        at += head + size;
    }
    memmove(l->heard, at, end - at);
    l->length = end - at;
}

static int all_come(void) {
    for (uint32_t i = 0; i < plan.writers + plan.watchers; i++)
        if (!all[i].come) return 0;
    return 1;
}

static int all_watch(void) {
    for (uint32_t i = 0; i < plan.watchers; i++)
        if (all[plan.writers + i].watching < plan.of_a_watcher) return 0;
    return 1;
}

static uint64_t not_heard(void) {
    uint64_t heard = 0;
    for (uint32_t i = 0; i < plan.watchers; i++)
        for (uint32_t slot = 0; slot < plan.slots; slot++) heard += all[plan.writers + i].last_heard[slot];
    return (uint64_t)plan.watchers * plan.of_a_watcher - heard;
}

static int all_heard(void) { return !not_heard(); }

/* Until this is so, everything is heard; whether it came to that. */
static int until(int (*reached)(void), double at, double *due) {
    static double silent;
    struct epoll_event events[512];
    while (!reached || !reached()) {
        double wait = at - now();
        if (wait <= 0) return !reached;
        if (due) {
            double begun = now();
            for (uint32_t i = 0; i < plan.writers; i++)
                if (due[i] <= begun) {
                    say(&all[i], all[i].usual);
                    due[i] += 1;
                }
            for (uint32_t i = plan.writers; begun >= silent && i < plan.writers + plan.watchers; i++)
                say(&all[i], ping);
            if (begun >= silent) silent = begun + SILENCE;
        }
        int some = epoll_wait(poller, events, 512, due || wait < 0.005 ? 2 : 5);
        for (int i = 0; i < some; i++) {
            struct line *l = events[i].data.ptr;
            if (!l) return 1;
            if (events[i].events & EPOLLOUT) flush(l);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) hear(l);
        }
    }
    return 1;
}

static void tell(const char *word, uint64_t noted, uint64_t told, double seconds) {
    printf("%s %llu %llu %f\n", word, (unsigned long long)noted, (unsigned long long)told, seconds);
    fflush(stdout);
}

static void total(uint64_t *noted, uint64_t *told) {
    *noted = *told = 0;
    for (uint32_t i = 0; i < plan.writers + plan.watchers; i++) {
        *noted += all[i].noted;
        *told += all[i].told;
    }
}

int main(int words, char **word) {
    if (words != 3) return 2;
    read_all(&plan, sizeof plan);
    coming = take();
    welcome = take();
    ping = take();
    poller = epoll_create1(0);
    uint32_t everybody = plan.writers + plan.watchers;
    all = calloc(everybody, sizeof *all);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(word[1]))};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    for (uint32_t i = 0; i < everybody; i++) {
        struct line *l = &all[i];
        int on = 1;
        l->watcher = i >= plan.writers;
        l->usual = take();
        if (!l->watcher) l->last = take();
        l->heard = malloc(ROOM);
        l->last_heard = calloc(plan.slots, 1);
        l->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(l->fd, (struct sockaddr *)&to, sizeof to)) fail("connect");
        setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        fcntl(l->fd, F_SETFL, O_NONBLOCK);
        struct epoll_event want = {.events = EPOLLIN, .data.ptr = l};
        epoll_ctl(poller, EPOLL_CTL_ADD, l->fd, &want);
        say(l, coming);
    }
    if (!until(all_come, now() + PATIENCE, NULL)) fail("not all came");
    for (uint32_t i = 0; i < plan.watchers; i++) say(&all[plan.writers + i], all[plan.writers + i].usual);
    if (!until(all_watch, now() + PATIENCE, NULL)) fail("not all watch");
    tell("watching", 0, 0, 0);
    double begin = now(), *due = calloc(plan.writers, sizeof *due);
    for (uint32_t i = 0; i < plan.writers; i++) due[i] = begin + (double)i / plan.writers;
    until(NULL, begin + WARM_UP, due);
    uint64_t noted, told, noted_then, told_then;
    double from = now();
    total(&noted, &told);
    tell("measuring", 0, 0, 0);
    until(NULL, from + atof(word[2]), due);
    total(&noted_then, &told_then);
    tell("measured", noted_then - noted, told_then - told, now() - from);
    struct epoll_event word_comes = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, 0, &word_comes);
    until(NULL, now() + 10 * PATIENCE, due);
    epoll_ctl(poller, EPOLL_CTL_DEL, 0, NULL);
    for (uint32_t i = 0; i < plan.writers; i++) say(&all[i], all[i].last);
    until(all_heard, now() + PATIENCE, NULL);
    tell("missed", not_heard(), 0, 0);
    return 0;
}
