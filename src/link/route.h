/*
 * route.h - which spans to read for a selection of points, and what this meter
 * has taught about it: holes it refuses, places it does not read across,
 * points it does not have.
 */
#ifndef METERCTL_LINK_ROUTE_H
#define METERCTL_LINK_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "../profile.h"
#include "../span.h"
#include "frame.h"

/* A refused point is asked for again, by itself, after so long. */
#define ROUTE_FORGIVE_US 60000000

struct route_refused {
	enum space space;
	uint16_t addr, words;
	bool silent;		/* no reply came, else exception CODE */
	uint8_t code;
	int64_t at_us;
};

struct route_span {
	enum space space;
	struct span span;
};

struct route {
	const struct profile *profile;	/* what all below is about */
	/* by space, a bit for each register: may be read as a hole; nothing may
	 * be read across its lower edge */
	uint8_t through[2][8192], cut[2][8192];
	uint8_t inside[2][8192];	/* not the first register of its point */
	uint8_t named[2][8192];		/* some point has it */
	uint8_t secret[2][8192];	/* not read along with others */
	uint16_t most[2];		/* registers this meter gives at once; 0: not learned */
	struct route_refused *refused;
	size_t nrefused;
	bool learned;			/* since the spans were made */

	uint16_t *idx;			/* the selection they are for */
	size_t n;
	double frame_us;		/* and the cost */
	struct span_want *wants;	/* tag: index of the point */
	struct route_span *spans;
	size_t nspans;
};

void route_release(struct route *p);

/* Makes P->spans and P->wants for these points; keeps those of the last call
 * when nothing has changed. ERR_NO when memory has run out. */
int route_make(struct route *p, const struct profile *profile, const uint16_t *idx,
	      size_t n, struct span_cost cost, struct err *e);

/* The registers of S between its points, if any, are not read through again. */
bool route_has_holes(const struct route *p, const struct route_span *s);
void route_ban_holes(struct route *p, const struct route_span *s);

/* Index of the want nearest to the middle of S that begins where nothing before
 * it reaches; 0: S cannot be divided. */
size_t route_divide(const struct route *p, const struct route_span *s);
/* Registers one read of this space may carry, as profile and meter have it. */
uint16_t route_most(const struct route *p, enum space space);
/* ... the meter gives no more than that; 0: forget it. */
void route_learn_most(struct route *p, enum space space, uint16_t most);

/* How many registers before ADDR, and from ADDR + WORDS on, may be read along with
 * these, in steps that divide no point: fills EDGES with the possible sizes of one
 * side, 0 among them, at most N. Returns how many. */
size_t route_below(const struct route *p, enum space space, uint16_t addr, uint16_t *edges, size_t n);
size_t route_above(const struct route *p, enum space space, uint32_t end, uint16_t *edges, size_t n);
/* Does a point name each of the N registers from ADDR? */
bool route_named(const struct route *p, enum space space, uint16_t addr, uint16_t n);
/* May a read end before ADDR, and the next begin there? */
bool route_edge(const struct route *p, enum space space, uint16_t addr);
/* Knows what PROFILE says, without a selection. */
void route_know(struct route *p, const struct profile *profile);

/* What lies before and behind ADDR is not read together again. */
void route_cut(struct route *p, enum space space, uint16_t addr);
/* The part of S that holds COUNT wants from FIRST on. */
struct route_span route_part(const struct route *p, const struct route_span *s,
			   size_t first, size_t count);

/* Spans without holes for the wants of S, to OUT (S->span.count entries). */
size_t route_without_holes(const struct route *p, const struct route_span *s,
			  struct route_span *out);

/* The meter refuses S, or is silent on it. Remembered until it is answered again. */
void route_refuse(struct route *p, const struct route_span *s, uint8_t code, int64_t now_us);
void route_deaf(struct route *p, const struct route_span *s, int64_t now_us);
void route_forgive(struct route *p, const struct route_span *s);
/* Has it been found silent on anything since then? That is forgotten. */
bool route_deaf_since(const struct route *p, int64_t since_us);
void route_forgive_since(struct route *p, int64_t since_us);
/* How the meter refused S, or NULL. */
const struct route_refused *route_refusal(const struct route *p, const struct route_span *s);

#endif
