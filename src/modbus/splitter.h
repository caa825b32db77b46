/*
 * splitter.h - the bytes of a line on which others talk, split into frames. Pure: bytes and
 * times are the caller's.
 *
 * Where a frame ends is told by its length and its check, not by silence: a USB adapter hands
 * over what came in 16 ms at once, a serial server what came in one segment. A reply is known
 * by the request that waits for it; what neither length nor request explains (a function of
 * the maker's own) by its check and the silence behind it.
 *
 * A wrong check is right by chance once in 65,536 times. So a length that a request has
 * announced is tried before one that only the frame itself claims, and both are waited for.
 */
#ifndef METERCTL_MODBUS_SPLITTER_H
#define METERCTL_MODBUS_SPLITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

#define SPLITTER_LUMP 512	/* bytes that may be fed at once */
#define SPLITTER_DUE 8		/* requests that may wait for their replies */
/* After so much silence no frame goes on (16 ms of an adapter, a busy machine); after so
 * much more what is not whole stays so. */
#define SPLITTER_QUIET_US 50000
#define SPLITTER_LOST_US 250000
/* A request is taken for answered no more after this: the same bytes once more are the
 * request repeated, not the acknowledgement of a write. */
#define SPLITTER_DUE_US 1000000

enum cut_kind {
	CUT_REQUEST,
	CUT_REPLY,		/* an exception, too: function has its highest bit set */
	CUT_UNKNOWN,		/* a whole frame of a function that is not known */
	CUT_GARBAGE,		/* bytes of no frame */
	CUT_KINDS
};

struct cut {
	enum cut_kind kind;
	const uint8_t *bytes;	/* until the next call */
	size_t n;
	int64_t from_us, at_us;	/* when its first and last byte were handed over */
	uint8_t unit, function;	/* not of CUT_GARBAGE */
	/* Of a reply: what it answers; of a request or the acknowledgement of a write: what it
	 * asks. COUNT 0: no registers, or nobody knows. REGS: not filled in. */
	struct request about;
	bool addressed;		/* ABOUT has an address */
	bool paired;		/* a reply, or CUT_UNKNOWN, to a request that was heard */
	bool ambiguous;		/* ... to one of two alike, nobody knows which: ABOUT is the newer */
	bool late;		/* ... and another request was sent since */
	int64_t wait_us;	/* paired: from the request's last byte to the first of this */
	bool repeated;		/* a request: the one before to this unit was the same, unanswered */
	bool early;		/* a request: sent while the reply to another one was due */
};

struct splitter_due {
	bool open;
	uint8_t head[10];	/* of the request, as far as a reply may repeat it */
	size_t n;		/* bytes of the request */
	size_t reply;		/* bytes of the reply; 0: the reply tells itself */
	struct request about;
	bool addressed;
	int64_t at_us;
	unsigned long number;
};

struct splitter {
	uint8_t buf[2 * SPLITTER_LUMP + FRAME_MAX];
	int64_t times[2 * SPLITTER_LUMP + FRAME_MAX];
	size_t n;
	uint8_t out[2 * SPLITTER_LUMP + FRAME_MAX];
	struct splitter_due due[SPLITTER_DUE];
	unsigned long requests;
};

/* N bytes, SPLITTER_LUMP at most, were handed over at AT_US, which does not go back. To be
 * called when splitter_next() has nothing any more at that time. */
void splitter_feed(struct splitter *s, const uint8_t *bytes, size_t n, int64_t at_us);

/* The next frame, or garbage, that is sure at NOW_US. False: none is. */
bool splitter_next(struct splitter *s, int64_t now_us, struct cut *out);

/* When splitter_next() may have something although nothing came; INT64_MAX: nothing waits. */
int64_t splitter_due_us(const struct splitter *s, int64_t now_us);

#endif
