/* A relay's messages: WebSocket around a MessagePack list of frames. An entry is an item of a seat
 * in a frame ``entries``; all else is passed over. Steps are small, since bursts share a message. */
#include <string.h>

#include "seats.h"

/* What the numbers of a place are here. */
enum { LEFT, BEGUN, FRAMES, PAIRS, ITEMS, NUMBER, IS_ENTRIES };

#define SIGNATURE 64
#define SEAT 32

static uint64_t big_endian(const char *at, size_t count) {
    uint64_t value = 0;
    while (count--) value = value << 8 | (unsigned char)*at++;
    return value;
}

/* The head of one value: how long it is, what is said by it, and how many values (parts) or bytes
 * (size) follow. 0: more has to come. */
static size_t head(const char *at, size_t length, uint64_t *said, uint64_t *parts, uint64_t *size) {
    unsigned char b = length ? *at : 0;
    size_t wide = 0;
    *said = *parts = *size = 0;
    if (!length) return 0;
    if (b < 0x80 || b >= 0xe0 || b == 0xc0 || b == 0xc2 || b == 0xc3) *said = b;
    else if (b < 0x90) *parts = 2 * (b & 15);
    else if (b < 0xa0) *parts = b & 15;
    else if (b < 0xc0) *size = b & 31;
    else if (b >= 0xc4 && b <= 0xc6) wide = 1 << (b - 0xc4);
    else if (b >= 0xcc && b <= 0xcf) wide = 1 << (b - 0xcc);
    else if (b >= 0xd0 && b <= 0xd3) wide = 1 << (b - 0xd0);
    else if (b == 0xca || b == 0xcb) wide = b == 0xca ? 4 : 8;
    else if (b >= 0xd9 && b <= 0xdb) wide = 1 << (b - 0xd9);
    else if (b >= 0xdc) wide = b & 1 ? 4 : 2;
    else return BROKEN; /* an extension, and what is no MessagePack */
    if (length < 1 + wide) return 0;
    uint64_t value = big_endian(at + 1, wide);
    if (b >= 0xdc && b < 0xde) *parts = value;
    else if (b == 0xde || b == 0xdf) *parts = 2 * value;
    else if ((b >= 0xc4 && b <= 0xc6) || (b >= 0xd9 && b <= 0xdb)) *size = value;
    else if (wide) *said = value;
    return 1 + wide;
}

/* A whole value with all that is in it. */
static size_t whole(const char *at, size_t length) {
    size_t used = 0;
    for (uint64_t left = 1, said, parts, size; left; left += parts - 1) {
        size_t took = head(at + used, length - used, &said, &parts, &size);
        if (!took || took == BROKEN) return took;
        used += took + size;
        if (used > length) return 0;
    }
    return used;
}

static size_t message_head(uint64_t *s, const char *at, size_t length) {
    if (length < 2) return 0;
    uint64_t size = at[1] & 127;
    size_t used = size == 127 ? 10 : size == 126 ? 4 : 2;
    if (length < used) return 0;
    if (used > 2) size = big_endian(at + 2, used - 2);
    int kind = at[0] & 15;
    if (kind == 9 || kind == 10) return length < used + size ? 0 : used + size;
    if (kind != 2 || !size) return BROKEN;
    s[LEFT] = size;
    s[BEGUN] = 0;
    return used;
}

/* Whose it is and its how manieth; an order of the host's has a number in the room and is none. */
static void read_item(struct entry *e, const char *item, size_t size) {
    uint64_t said, parts, length, values[3];
    const char *at = item + SIGNATURE, *stop = item + size, *seat = NULL;
    if (size < SIGNATURE + 8 + SEAT || (at[0] & 0xf0) != 0x90 || at[1] != '\xa1' || at[2] != 'e') return;
    at += 3;
    for (int i = 0; i < 4; i++) { /* lane, seat, epoch, counter */
        size_t took = head(at, stop - at, &said, &parts, &length);
        if (!took || took == BROKEN || took + length > (size_t)(stop - at)) return;
        if (i == 1 && length == SEAT) seat = at + took;
        if (i != 1) values[i ? i - 1 : 0] = said;
        at += took + length;
    }
    e->bytes = item;
    e->length = size;
    e->publisher = seat ? publisher_named(seat) : UINT32_MAX;
    e->number = values[2] - 1;
}

size_t next_in_aside(struct place *place, const char *at, size_t length, struct entry *e) {
    uint64_t *s = place->state, said, parts, size;
    const char *value;
    if (!s[LEFT]) return message_head(s, at, length);
    if (length > s[LEFT]) length = s[LEFT];
    size_t used = s[PAIRS] && !s[ITEMS] ? whole(at, length) : head(at, length, &said, &parts, &size);
    if (used == BROKEN || (!used && length == s[LEFT])) return BROKEN;
    if (!used) return 0;
    if (!s[BEGUN]) {
        s[BEGUN] = 1;
        s[FRAMES] = parts;
    } else if (s[ITEMS]) {
        if (used + size > length) return length == s[LEFT] ? BROKEN : 0;
        s[ITEMS]--;
        read_item(e, at + used, size);
        e->in_room = s[NUMBER]++;
        used += size;
    } else if (s[PAIRS]) { /* a key, and what follows it */
        value = at + used;
        size_t took = head(value, length - used, &said, &parts, &size);
        if (took == BROKEN) return BROKEN;
        if (!took) return length == s[LEFT] ? BROKEN : 0;
        int items = s[IS_ENTRIES] && used == 6 && !memcmp(at + 1, "items", 5);
        if (!items) {
            took = whole(value, length - used);
            if (took == BROKEN || (!took && length == s[LEFT])) return BROKEN;
            if (!took) return 0;
        }
        if (items) s[ITEMS] = parts;
        else if (used == 6 && !memcmp(at + 1, "first", 5)) s[NUMBER] = said;
        else if (used == 2 && at[1] == 't') s[IS_ENTRIES] = size == 7 && !memcmp(value + 1, "entries", 7);
        s[PAIRS]--;
        used += took;
    } else if (s[FRAMES]) {
        s[FRAMES]--;
        s[PAIRS] = parts / 2;
        s[IS_ENTRIES] = 0;
    } else {
        return BROKEN;
    }
    s[LEFT] -= used;
    return !s[LEFT] && (s[FRAMES] || s[PAIRS] || s[ITEMS]) ? BROKEN : used;
}
