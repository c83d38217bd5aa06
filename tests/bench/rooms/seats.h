/* What the files of the generator share: lines, framings, what was sent, what was found. */
#ifndef SEATS_H
#define SEATS_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BROKEN ((size_t)-1) /* from a framing: these bytes are none of its */
#define STATES 7
#define NAME 32
#define DIGITS 16 /* that a template's entry begins with: whose it is, and its how manieth */
#define MOST_REST (4 << 20)

/* An entry as it came to one seat: who says it is its how manieth, and its bytes. */
struct entry {
    const char *bytes; /* NULL: what was used up held none */
    size_t length;
    uint32_t publisher;
    uint64_t number;
    uint64_t in_room; /* the server's own number for it, from 1; 0: it has none */
};

/* Where in its framing one line stands; what the numbers mean is the framing's own. */
struct place {
    uint64_t state[STATES];
};

/* Takes one step in what came: how many bytes it used up, 0 when more has to come. */
typedef size_t framing(struct place *, const char *at, size_t length, struct entry *);
framing next_in_resp, next_in_nats, next_in_mqtt, next_in_xmpp, next_in_aside;
framing *framing_called(const char *name);
void read_number(struct entry *); /* from the text it begins with */
void write_number(char *at, uint32_t publisher, uint64_t number);

struct line {
    void *ssl;                /* NULL: as it is */
    int fd, ended, ignored; /* entries are not looked at: a publisher's line that is no seat's */
    struct place place;
    char *rest, *out;
    size_t rest_length, rest_room, out_length, out_done, out_room;
    uint64_t heard, position; /* entries, and where the last one of them stands in the order */
    uint64_t in_room;         /* the server's number of the last one */
    uint64_t *next;           /* by publisher: the number that comes now */
};

struct record; /* one entry that was sent */
struct request { /* what is sent, and where in it the entry is */
    char *said;
    uint32_t length, bytes_at, bytes_length;
};
struct publisher {
    struct line *line;
    char name[NAME];
    uint64_t sent, prepared; /* so many requests, each with bytes of its own; 0: one template */
    struct request *requests;
    struct record *records;
    uint64_t records_room;
};

/* What must be nothing in the end. */
struct faults {
    uint64_t missing, again, order, number, changed, length, unknown, broken, ended;
};

/* plan.c */
struct numbers { /* as generator.py packs them */
    char framing[8];
    uint32_t seats, stalled, publishers, window;
    double rate, warm_up, seconds, silence;
    uint64_t most; /* entries in all; 0: as many as there is time for */
    framing *next; /* is not packed: how this framing is read */
};
extern struct numbers plan;
extern struct line *seats;
void take_plan(void);
void hold(char **buffer, size_t *room, size_t wanted); /* at least so much */

/* tls.c */
void tls_enter(void);         /* passes on what somebody else says to enter; then comes the plan */
void tls_take(struct line *); /* whose number is that of a tunnel, if there are any */
int tls_later(void *ssl, int result);
ssize_t line_send(struct line *, const char *at, size_t length);
ssize_t line_recv(struct line *, char *at, size_t length);

/* checks.c */
extern struct publisher *publishers;
extern uint32_t publisher_count;
extern struct faults faults;
extern uint64_t deliveries;
uint32_t publisher_named(const char *name);
void note_sent(struct publisher *, const struct request *, double at);
void note_late(double late);
void note_number(struct line *, uint64_t in_room);
void note_heard(struct line *, const struct entry *, double when);
void sample_from(double at); /* the delays of entries that are sent from now on count */
void print_delays(void);
void print_faults(void); /* and the end of the line */

double now(void);
void fail(const char *what);
#endif
