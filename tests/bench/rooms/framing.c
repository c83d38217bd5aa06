/* How each server writes what it sends: one step at a time, so that bytes may be cut anywhere. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "seats.h"

#define OF_PUBLISHER 4
#define OF_NUMBER 12

framing *framing_called(const char *name) {
    if (!strcmp(name, "resp")) return next_in_resp;
    if (!strcmp(name, "nats")) return next_in_nats;
    if (!strcmp(name, "mqtt")) return next_in_mqtt;
    if (!strcmp(name, "xmpp")) return next_in_xmpp;
    if (!strcmp(name, "aside")) return next_in_aside;
    return NULL;
}

void write_number(char *at, uint32_t publisher, uint64_t number) {
    for (int i = OF_PUBLISHER - 1; i >= 0; i--, publisher /= 10) at[i] = '0' + publisher % 10;
    for (int i = OF_NUMBER - 1; i >= 0; i--, number /= 10) at[OF_PUBLISHER + i] = '0' + number % 10;
}

static uint64_t digits(const char *at, size_t count) {
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        if (at[i] < '0' || at[i] > '9') return UINT64_MAX;
        value = value * 10 + (at[i] - '0');
    }
    return value;
}

void read_number(struct entry *e) {
    e->publisher = UINT32_MAX;
    if (e->length < DIGITS) return;
    e->publisher = digits(e->bytes, OF_PUBLISHER);
    e->number = digits(e->bytes + OF_PUBLISHER, OF_NUMBER);
}

/* How long the line is with its end, 0 when that has not come. */
static size_t line_length(const char *at, size_t length) {
    const char *end = memchr(at, '\n', length);
    return end ? (size_t)(end - at) + 1 : 0;
}

/* A bulk string of Redis: what it is, and how many bytes it takes with its head. */
static size_t bulk(const char *at, size_t length, const char **bytes, size_t *size) {
    size_t head = line_length(at, length);
    if (!head) return 0;
    if (*at == ':') { /* numbers stand among them in answers */
        *size = 0;
        return head;
    }
    if (*at != '$') return BROKEN;
    *bytes = at + head;
    *size = strtoul(at + 1, NULL, 10);
    return head + *size + 2 <= length ? head + *size + 2 : 0;
}

size_t next_in_resp(struct place *place, const char *at, size_t length, struct entry *e) {
    size_t used = line_length(at, length), parts;
    const char *bytes = NULL, *kind = NULL;
    (void)place;
    if (!used) return 0;
    if (*at == ':' || *at == '+') return used;
    if (*at != '*') return BROKEN;
    parts = strtoul(at + 1, NULL, 10);
    for (size_t i = 0, size = 0; i < parts; i++) {
        size_t took = bulk(at + used, length - used, &bytes, &size);
        if (!took || took == BROKEN) return took;
        used += took;
        if (i == 0 && size == 7) kind = bytes;
        e->length = size;
    }
    if (parts != 3 || !kind || memcmp(kind, "message", 7)) return used;
    e->bytes = bytes;
    read_number(e);
    return used;
}

size_t next_in_nats(struct place *place, const char *at, size_t length, struct entry *e) {
    size_t used = line_length(at, length), begin, size;
    (void)place;
    if (!used) return 0;
    if (*at == '-') return BROKEN;
    if (used < 6 || memcmp(at, "MSG ", 4)) return used;
    for (begin = used - 2; at[begin - 1] != ' '; begin--);
    size = strtoul(at + begin, NULL, 10);
    if (used + size + 2 > length) return 0;
    e->bytes = at + used;
    e->length = size;
    read_number(e);
    return used + size + 2;
}

size_t next_in_mqtt(struct place *place, const char *at, size_t length, struct entry *e) {
    size_t head = 1, size = 0, topic;
    (void)place;
    for (int shift = 0;; shift += 7) {
        if (shift > 21) return BROKEN;
        if (head >= length) return 0;
        size |= (size_t)(at[head] & 127) << shift;
        if (!(at[head++] & 128)) break;
    }
    if (head + size > length) return 0;
    if ((at[0] & 0xf0) != 0x30) return head + size;
    if (size < 2) return BROKEN;
    topic = 2 + ((unsigned char)at[head] << 8 | (unsigned char)at[head + 1]);
    if (topic > size) return BROKEN;
    e->bytes = at + head + topic;
    e->length = size - topic;
    read_number(e);
    return head + size;
}
