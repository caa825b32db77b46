/*
 * read_plan.h - which spans to read for a selection of points, and what this meter
 * has taught about it: holes it refuses, places it does not read across,
 * points it does not have.
 */
#ifndef METERCTL_MODBUS_READ_PLAN_H
#define METERCTL_MODBUS_READ_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "profile/profile.h"
#include "span.h"
#include "frame.h"

/* A refused point is asked for again, by itself, after so long. */
#define READ_PLAN_FORGIVE_US 60000000

struct read_plan_refused {
	enum space space;
	uint16_t addr, words;
	bool silent;		/* no reply came, else exception CODE */
	uint8_t code;
	int64_t at_us;
};

struct read_plan_span {
	enum space space;
	struct span span;
};

struct read_plan {
	const struct profile *profile;	/* what all below is about */
	/* by space, a bit for each register: may be read as a hole; nothing may
	 * be read across its lower edge */
	uint8_t through[2][8192], cut[2][8192];
	uint8_t inside[2][8192];	/* not the first register of its point */
	uint8_t named[2][8192];		/* some point has it */
	uint8_t secret[2][8192];	/* not read along with others */
	uint16_t most[2];		/* registers this meter gives at once; 0: not learned */
	struct read_plan_refused *refused;
	size_t nrefused;
	bool learned;			/* since the spans were made */

	uint16_t *idx;			/* the selection they are for */
	size_t n;
	double frame_us;		/* and the cost */
	struct span_want *wants;	/* tag: index of the point */
	struct read_plan_span *spans;
	size_t nspans;
};

void read_plan_release(struct read_plan *p);

/* Makes P->spans and P->wants for these points; keeps those of the last call
 * when nothing has changed. ERR_NO when memory has run out. */
int read_plan_make(struct read_plan *p, const struct profile *profile, const uint16_t *idx,
	      size_t n, struct span_cost cost, struct err *e);

/* The registers of S between its points, if any, are not read through again. */
bool read_plan_has_holes(const struct read_plan *p, const struct read_plan_span *s);
void read_plan_ban_holes(struct read_plan *p, const struct read_plan_span *s);

/* Index of the want nearest to the middle of S that begins where nothing before
 * it reaches; 0: S cannot be divided. */
size_t read_plan_divide(const struct read_plan *p, const struct read_plan_span *s);
/* Registers one read of this space may carry, as profile and meter have it. */
uint16_t read_plan_most(const struct read_plan *p, enum space space);
/* ... the meter gives no more than that; 0: forget it. */
void read_plan_learn_most(struct read_plan *p, enum space space, uint16_t most);

/* How many registers before ADDR, and from ADDR + WORDS on, may be read along with
 * these, in steps that divide no point: fills EDGES with the possible sizes of one
 * side, 0 among them, at most N. Returns how many. */
size_t read_plan_below(const struct read_plan *p, enum space space, uint16_t addr, uint16_t *edges, size_t n);
size_t read_plan_above(const struct read_plan *p, enum space space, uint32_t end, uint16_t *edges, size_t n);
/* Does a point name each of the N registers from ADDR? */
bool read_plan_named(const struct read_plan *p, enum space space, uint16_t addr, uint16_t n);
/* May a read end before ADDR, and the next begin there? */
bool read_plan_edge(const struct read_plan *p, enum space space, uint16_t addr);
/* Knows what PROFILE says, without a selection. */
void read_plan_know(struct read_plan *p, const struct profile *profile);

/* What lies before and behind ADDR is not read together again. */
void read_plan_cut(struct read_plan *p, enum space space, uint16_t addr);
/* The part of S that holds COUNT wants from FIRST on. */
struct read_plan_span read_plan_part(const struct read_plan *p, const struct read_plan_span *s,
			   size_t first, size_t count);

/* Spans without holes for the wants of S, to OUT (S->span.count entries). */
size_t read_plan_without_holes(const struct read_plan *p, const struct read_plan_span *s,
			  struct read_plan_span *out);

/* The meter refuses S, or is silent on it. Remembered until it is answered again. */
void read_plan_refuse(struct read_plan *p, const struct read_plan_span *s, uint8_t code, int64_t now_us);
void read_plan_deaf(struct read_plan *p, const struct read_plan_span *s, int64_t now_us);
void read_plan_forgive(struct read_plan *p, const struct read_plan_span *s);
/* Has it been found silent on anything since then? That is forgotten. */
bool read_plan_deaf_since(const struct read_plan *p, int64_t since_us);
void read_plan_forgive_since(struct read_plan *p, int64_t since_us);
/* How the meter refused S, or NULL. */
const struct read_plan_refused *read_plan_refusal(const struct read_plan *p, const struct read_plan_span *s);

#endif
