/* XMPP: one stanza at a time. An entry is the body of a message to everybody in the room. */
#define _GNU_SOURCE
#include <string.h>

#include "seats.h"

/* Where the tag ends that begins here, with its bracket; NULL when that has not come. */
static const char *end_of_tag(const char *at, const char *stop) {
    char quote = 0;
    for (; at < stop; at++) {
        if (quote) quote = *at == quote ? 0 : quote;
        else if (*at == '\'' || *at == '"') quote = *at;
        else if (*at == '>') return at + 1;
    }
    return NULL;
}

static int is_called(const char *tag, const char *end, const char *name) {
    size_t length = strlen(name);
    return (size_t)(end - tag) > length + 1 && !memcmp(tag + 1, name, length) &&
           strchr(" />\t\n", tag[length + 1]);
}

static int holds(const char *tag, const char *end, const char *said) {
    return memmem(tag, end - tag, said, strlen(said)) != NULL;
}

size_t next_in_xmpp(struct place *place, const char *at, size_t length, struct entry *e) {
    const char *stop = at + length, *tag = at, *end, *body = NULL;
    int depth = 0, to_all = 0;
    (void)place;
    if (*at != '<') { /* between two stanzas there may be blanks, to keep the line alive */
        tag = memchr(at, '<', length);
        return tag ? (size_t)(tag - at) : length;
    }
    while ((tag = memchr(tag, '<', stop - tag)) && (end = end_of_tag(tag, stop))) {
        if (tag[1] == '/') {
            if (--depth < 0) return BROKEN; /* the stream itself is ended */
            if (depth == 1 && body && !e->bytes && is_called(tag + 1, end, "body")) {
                e->bytes = body;
                e->length = tag - body;
            }
        } else {
            if (depth == 0 && is_called(tag, end, "message")) {
                if (holds(tag, end, "type='error'") || holds(tag, end, "type=\"error\"")) return BROKEN;
                to_all = holds(tag, end, "type='groupchat'") || holds(tag, end, "type=\"groupchat\"");
            }
            if (depth == 1 && to_all && is_called(tag, end, "body")) body = end;
            if (end[-2] != '/') depth++;
        }
        tag = end;
        if (depth) continue;
        if (e->bytes) read_number(e);
        return end - at;
    }
    e->bytes = NULL;
    return 0;
}
