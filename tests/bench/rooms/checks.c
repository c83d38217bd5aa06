/* Whether every seat hears every entry once, as it was sent, all in one order; and how late. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seats.h"

#define FINE 64                 /* parts of each power of two, so that a delay is told to 1.6 % */
#define BUCKETS (FINE * 60)

struct record {
    double sent;
    const struct request *request; /* whose bytes the seats are to hear */
    uint32_t position, heard;
};

struct publisher *publishers;
uint32_t publisher_count;
struct faults faults;
uint64_t deliveries;

static uint64_t to_each[BUCKETS], to_the_last[BUCKETS], until_sent[BUCKETS];
static uint32_t ordered;
static double sampled_from = 1e300;

void sample_from(double at) { sampled_from = at; }

uint32_t publisher_named(const char *name) {
    for (uint32_t i = 0; i < publisher_count; i++)
        if (!memcmp(publishers[i].name, name, NAME)) return i;
    return UINT32_MAX;
}

void note_sent(struct publisher *p, const struct request *r, double at) {
    if (p->sent == p->records_room) {
        p->records_room = p->records_room ? p->records_room * 2 : 4096;
        p->records = realloc(p->records, p->records_room * sizeof *p->records);
        if (!p->records) fail("memory");
    }
    p->records[p->sent++] = (struct record){.sent = at, .request = r};
}

static void sample(uint64_t *buckets, double delay) {
    uint64_t ns = delay > 0 ? delay * 1e9 : 0;
    int shift = ns < 2 * FINE ? 0 : 63 - __builtin_clzll(ns) - 6;
    uint64_t bucket = ns < 2 * FINE ? ns : (uint64_t)(shift + 1) * FINE + (ns >> shift) - FINE;
    buckets[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
}

/* Between when an entry was due and when it was sent: the generator's own part of each delay. */
void note_late(double late) {
    if (sampled_from < 1e300) sample(until_sent, late);
}

/* Also for what is numbered in the room and is no entry. */
void note_number(struct line *l, uint64_t in_room) {
    if (l->in_room && in_room != l->in_room + 1) faults.number++;
    l->in_room = in_room;
}

void note_heard(struct line *l, const struct entry *e, double when) {
    deliveries++;
    if (e->publisher >= publisher_count || e->number >= publishers[e->publisher].sent) {
        faults.unknown++;
        return;
    }
    struct publisher *p = &publishers[e->publisher];
    struct record *r = &p->records[e->number];
    /* Of a template the digits were filled in, and by them the record was found. */
    size_t begin = p->prepared ? 0 : DIGITS, length = r->request->bytes_length;
    if (e->length != length) faults.length++;
    if (e->length != length ||
        memcmp(e->bytes + begin, r->request->said + r->request->bytes_at + begin, length - begin))
        faults.changed++;
    if (e->number < l->next[e->publisher]) { /* once more, or later than what came after it */
        faults.again++;
        return;
    }
    l->next[e->publisher] = e->number + 1;
    if (!r->position) r->position = ++ordered;
    if (r->position < l->position) faults.order++;
    l->position = r->position;
    l->heard++;
    r->heard++;
    if (r->sent < sampled_from) return;
    sample(to_each, when - r->sent);
    if (r->heard == plan.seats - plan.stalled) sample(to_the_last, when - r->sent);
}

static double quantile_ms(const uint64_t *buckets, double part) {
    uint64_t all = 0, below = 0, bucket = 0;
    for (size_t i = 0; i < BUCKETS; i++) all += buckets[i];
    if (!all) return 0;
    while ((below += buckets[bucket]) <= (uint64_t)(part * all) && bucket < BUCKETS - 1) bucket++;
    if (bucket < 2 * FINE) return bucket * 1e-6;
    int shift = bucket / FINE - 1;
    return (double)((bucket % FINE + FINE) << shift) * 1e-6;
}

void print_delays(void) {
    printf(", \"p50_ms\": %f, \"p99_ms\": %f", quantile_ms(to_each, 0.5), quantile_ms(to_each, 0.99));
    printf(", \"last_p50_ms\": %f, \"last_p99_ms\": %f", quantile_ms(to_the_last, 0.5),
           quantile_ms(to_the_last, 0.99));
    printf(", \"late_p99_ms\": %f", quantile_ms(until_sent, 0.99));
}

void print_faults(void) {
    const struct {
        const char *name;
        uint64_t times;
    } all[] = {
        {"missing", faults.missing}, {"again", faults.again},     {"order", faults.order},
        {"number", faults.number},   {"changed", faults.changed}, {"length", faults.length},
        {"unknown", faults.unknown}, {"broken", faults.broken},   {"ended", faults.ended},
    };
    printf(", \"faults\": {");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        printf("%s\"%s\": %llu", i ? ", " : "", all[i].name, (unsigned long long)all[i].times);
    printf("}}\n");
}
