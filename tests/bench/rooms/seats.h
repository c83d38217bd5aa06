/* What the files of the generator share: lines, framings, what was sent, what was found. */
#ifndef SEATS_H
#define SEATS_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BROKEN ((size_t)-1) /* from a framing: these bytes are none of its */
#define STATES 4
#define MOST_REST (4 << 20)

/* An entry as it came to one seat: who says it is its how manieth, and its bytes. */
struct entry {
    const char *bytes; /* NULL: what was used up held none */
    size_t length;
    uint32_t publisher;
    uint64_t number;
};

/* Where in its framing one line stands; what the numbers mean is the framing's own. */
struct place {
    uint64_t state[STATES];
};

/* Takes one step in what came: how many bytes it used up, 0 when more has to come. */
typedef size_t framing(struct place *, const char *at, size_t length, struct entry *);
framing next_in_resp, next_in_nats, next_in_mqtt, next_in_xmpp;
framing *framing_called(const char *name);
void read_number(struct entry *); /* from the text it begins with */
void write_number(char *at, uint32_t publisher, uint64_t number);

struct line {
    int fd, ended, ignored; /* entries are not looked at: a publisher's line that is no seat's */
    struct place place;
    char *rest, *out;
    size_t rest_length, rest_room, out_length, out_done, out_room;
    uint64_t heard, position; /* entries, and where the last one of them stands in the order */
    uint64_t *next;           /* by publisher: the number that comes now */
};

struct record; /* one entry that was sent */
struct publisher {
    struct line *line;
    uint64_t sent, prepared; /* prepared: so many, each with bytes of its own; 0: one template */
    uint32_t length, number_at, bytes_at, bytes_length;
    char *template;
    size_t *begins;
    struct record *records;
    uint64_t records_room;
};

/* What must be nothing in the end. */
struct faults {
    uint64_t missing, again, order, changed, length, unknown, broken, ended;
};

/* plan.c */
struct numbers { /* as generator.py packs them */
    char framing[8];
    uint32_t seats, stalled, publishers, window, length, reserved;
    double rate, warm_up, seconds, silence;
    uint64_t most; /* entries in all; 0: as many as there is time for */
    framing *next; /* is not packed: how this framing is read */
};
extern struct numbers plan;
extern struct line *seats;
void take_plan(void);
void hold(char **buffer, size_t *room, size_t wanted); /* at least so much */

/* checks.c */
extern struct publisher *publishers;
extern uint32_t publisher_count;
extern struct faults faults;
extern uint64_t deliveries;
void note_sent(struct publisher *, const char *bytes, size_t length, double at);
void note_heard(struct line *, const struct entry *, double when);
void sample_from(double at); /* the delays of entries that are sent from now on count */
void print_delays(void);

double now(void);
void fail(const char *what);
#endif
