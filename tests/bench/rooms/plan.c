/* What the generator is given on its way: numbers, seats, publishers with all that they say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seats.h"

#define NO_SEAT UINT32_MAX

struct numbers plan;
struct line *seats;

static void take(void *into, size_t length) {
    if (length && fread(into, length, 1, stdin) != 1) fail("plan");
}

static uint32_t take_number(void) {
    uint32_t value;
    take(&value, sizeof value);
    return value;
}

static void *room_for(size_t count, size_t size) {
    void *made = calloc(count ? count : 1, size);
    if (!made) fail("memory");
    return made;
}

void hold(char **buffer, size_t *room, size_t wanted) {
    if (wanted <= *room) return;
    *room = wanted < 2 * *room ? 2 * *room : wanted;
    *buffer = realloc(*buffer, *room);
    if (!*buffer) fail("memory");
}

static void take_line(struct line *l) {
    l->fd = take_number();
    tls_take(l);
    l->next = room_for(publisher_count, sizeof *l->next);
}

static void take_seat(struct line *l) {
    take_line(l);
    l->rest_length = take_number();
    hold(&l->rest, &l->rest_room, l->rest_length);
    take(l->rest, l->rest_length);
}

static void take_publisher(struct publisher *p) {
    struct line own = {.ignored = 1};
    take_line(&own);
    uint32_t seat = take_number();
    if (seat == NO_SEAT) {
        p->line = room_for(1, sizeof own);
        *p->line = own;
    } else {
        p->line = &seats[seat];
    }
    take(p->name, NAME);
    p->prepared = take_number();
    uint32_t count = p->prepared ? p->prepared : 1;
    p->requests = room_for(count, sizeof *p->requests);
    for (uint32_t i = 0; i < count; i++) {
        struct request *r = &p->requests[i];
        r->length = take_number();
        r->bytes_at = take_number();
        r->bytes_length = take_number();
        r->said = room_for(r->length, 1);
        take(r->said, r->length);
    }
}

void take_plan(void) {
    take(&plan, offsetof(struct numbers, next));
    plan.next = framing_called(plan.framing);
    if (!plan.next || plan.stalled >= plan.seats || !plan.publishers) fail("plan");
    publisher_count = plan.publishers;
    publishers = room_for(publisher_count, sizeof *publishers);
    seats = room_for(plan.seats, sizeof *seats);
    for (uint32_t i = 0; i < plan.seats; i++) take_seat(&seats[i]);
    for (uint32_t i = 0; i < publisher_count; i++) take_publisher(&publishers[i]);
}
