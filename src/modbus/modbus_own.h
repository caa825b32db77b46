/*
 * modbus_own.h - what the parts of the Modbus link share: modbus_link.c opens, writes
 * and closes it, modbus_read.c reads points.
 */
#ifndef METERCTL_MODBUS_MODBUS_OWN_H
#define METERCTL_MODBUS_MODBUS_OWN_H

#include "link/link.h"
#include "diagnosis.h"
#include "line.h"
#include "lines.h"
#include "read_plan.h"

/* A meter that is busy is given 0.1, 0.2, 0.4 s ... */
#define BUSY_US 100000

/* The last answer of a read. Its values are given out only when the next exchange, or
 * silence, has shown no second answer. */
struct held {
	bool full;
	unsigned long before;	/* surplus counted before it was asked for */
	const struct profile *profile;
	enum space space;
	uint16_t addr, words;
	uint16_t asked;		/* registers in its answer, from ADDR or before */
	struct span_want *wants;
	size_t n;
	struct answer a;
	void (*settled)(void *arg);	/* see link_more() */
	void *settled_arg;
};

struct modbus_link {
	struct link base;
	struct target given;	/* base.target as it was opened */
	struct line line;
	struct read_plan read_plan;
	struct held held;
	struct request good;	/* the last read that was answered */
	bool as_planned;	/* reads are not made longer: the meter refused one */
	bool only_06;		/* this meter has refused function 10H as unknown */
	bool turned_away;	/* the last answer was "not now" after all tries */
	char learned[LINK_LEARNED];	/* what was found out about the meter; "" */
	char *lines;		/* lines.yaml, ours; NULL: nothing is kept */
	struct lines_entry known;	/* what it says of this meter */
	int64_t recalled_us;	/* when that was read; monotonic */
	bool tried_most;	/* whether it still gives no more at once has been tried */
	struct way way;		/* how the line came here; zeros: as the target says */
};

struct request modbus_request(const struct modbus_link *m, enum space space,
			      uint16_t addr, uint16_t n);

/* As line_ask_or(), but an answer that means "not now", or that a gateway has heard
 * nothing, is asked for again, as often as the retries allow. -1 (ERR_SILENT): a
 * gateway has heard nothing to the last. */
int modbus_ask(struct modbus_link *m, const struct request *q, const struct request *small,
	       size_t nsmall, struct answer *a, struct err *e);

/* Q has been answered, with registers: a second answer would come now. Waits until it would
 * have come, which L->heard then has counted. -1 and E: interrupted. */
int modbus_prove(struct modbus_link *m, enum space space, const struct request *q, struct err *e);

/* A is the answer to Q: is it sure? It becomes so, or -1 and E. BEFORE: what surplus had
 * been counted before Q was sent. ANY: see struct confirm. */
int modbus_make_sure(struct modbus_link *m, enum space space, const struct request *q,
		     unsigned long before, bool any, struct answer *a, struct err *e);

/* link_read(). */
int modbus_read_points(struct link *l, const struct profile *profile, const uint16_t *idx,
		       size_t n, link_sink *sink, void *arg, struct err *e);
/* link_probe(). */
int modbus_probe(struct link *l, uint8_t function, uint16_t addr, uint16_t count, uint8_t *buf, size_t *n,
		 struct err *e);
/* What lines.yaml says of the meter that is spoken to from now on: its pause. */
void known_recall(struct modbus_link *m);
/* Points of PROFILE are asked for from now on: the rest, to the read plan. */
void known_profile(struct modbus_link *m, const struct profile *profile);
/* May the meter give more at once than it did on the day that lines.yaml has? */
bool known_doubts_most(const struct modbus_link *m, enum space space);
/* What has changed goes to lines.yaml. */
void known_keep(struct modbus_link *m);
/* Another meter is spoken to from now on, or none: what is held is given up. */
void modbus_forget(struct modbus_link *m);

#endif
