#include "replay.h"

#include <math.h>

#include "frame.h"

#define SLACK_US 30000

/* FNV-1a, 64 bits. Never 0. */
static uint64_t digest(const uint8_t *bytes, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < n; i++)
		h = (h ^ bytes[i]) * 0x100000001b3;
	return h ? h : 1;
}

static bool writes(const struct replay *r)
{
	return function_writes(r->shape.function);
}

static struct replay_shape shape_of(const uint8_t *request, size_t n)
{
	return (struct replay_shape){
		n > 0 ? request[0] : 0, n > 1 ? request[1] : 0, n > 5 ? (uint8_t)(2 * request[5]) : 0
	};
}

/* Unit, function and length of an answer, good or bad, to a request. */
static bool fits(const struct replay_shape *s, const uint8_t *frame, size_t n)
{
	if (n < 3 || frame[0] != s->unit)
		return false;
	return frame[1] == (s->function | 0x80)
	    || (frame[1] == s->function && (function_writes(s->function) || frame[2] == s->bytes));
}

/* ---- requests of others ------------------------------------------------------- */

void replay_heard(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us)
{
	struct replay_shape shape = shape_of(frame, n);
	uint64_t request = digest(frame, n);
	unsigned at = r->next_theirs % REPLAY_THEIRS;

	for (unsigned i = 0; i < REPLAY_ECHOES; i++)
		if (r->echoes[i].request == request && now_us - r->echoes[i].at_us < REPLAY_THEIRS_US) {
			r->echoes[i].request = 0;
			return;
		}
	/* the acknowledgement of a write proves nothing, whoever has written */
	if (n < 6 || (shape.function != FUNCTION_HOLDING && shape.function != FUNCTION_INPUT))
		return;
	r->theirs[at].request = request;
	r->theirs[at].at_us = now_us;
	r->shapes[at] = shape;
	r->next_theirs++;
}

/* The oldest of their requests that FRAME may answer, other than BUT; or -1. */
static int theirs_of(const struct replay *r, const uint8_t *frame, size_t n, uint64_t but,
		     int64_t now_us)
{
	for (unsigned i = 0; i < REPLAY_THEIRS; i++) {
		unsigned at = (r->next_theirs + i) % REPLAY_THEIRS;

		if (r->theirs[at].request && r->theirs[at].request != but
		    && now_us - r->theirs[at].at_us < REPLAY_THEIRS_US && fits(&r->shapes[at], frame, n))
			return (int)at;
	}
	return -1;
}

/* ---- ours ------------------------------------------------------------------------ */

void replay_sent(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us)
{
	uint64_t request = digest(frame, n);
	unsigned echo = r->next_echo++ % REPLAY_ECHOES;

	r->echoes[echo].request = request;
	r->echoes[echo].at_us = now_us;
	r->sent_us = now_us;
	if (r->open && r->request == request) {
		r->again = true;
		return;
	}
	r->request = request;
	r->shape = shape_of(frame, n);
	r->open = true;
	r->again = false;
	r->doubted = 0;
	r->crossed_us = 0;
	/* what a read said before a write is no answer to one after it */
	for (unsigned i = 0; writes(r) && i < REPLAY_MOST; i++)
		r->past[i].request = 0;
}

static enum replay_verdict hold(double trip_us, int64_t now_us, int64_t *until_us)
{
	*until_us = now_us + (int64_t)(2 * trip_us) + SLACK_US;
	return REPLAY_HOLD;
}

enum replay_verdict replay_judge(struct replay *r, const uint8_t *frame, size_t n,
				 int64_t now_us, int64_t *until_us)
{
	uint64_t answer = digest(frame, n);
	bool known = false, same = false, ours = r->open && fits(&r->shape, frame, n);
	/* the same question has the same answer, whoever asked */
	int theirs = theirs_of(r, frame, n, ours ? r->request : 0, now_us);

	if (!ours && theirs >= 0) {
		r->theirs[theirs].request = 0;
		return REPLAY_DROP;
	}
	if (ours && !writes(r) && (theirs >= 0 || r->crossed_us)) {
		r->crossed_us = now_us;
		/* if it was ours, theirs takes the gateway as long */
		return hold(fmax(r->trip_us, (double)(now_us - r->sent_us)), now_us, until_us);
	}
	if (!fits(&r->shape, frame, n))
		return REPLAY_PASS;
	for (unsigned i = 0; i < REPLAY_MOST; i++) {
		if (r->past[i].answer != answer)
			continue;
		known = true;
		same |= r->past[i].request == r->request;
	}
	if (!known || (r->open && same))
		return REPLAY_PASS;
	if (!r->open)
		return REPLAY_DROP;
	return hold(r->trip_us, now_us, until_us);
}

bool replay_ask_again(struct replay *r, const uint8_t *frame, size_t n)
{
	uint64_t answer = digest(frame, n);

	if (r->crossed_us) {
		/* they have been answered, or will not be */
		for (unsigned i = 0; i < REPLAY_THEIRS; i++)
			if (r->theirs[i].at_us <= r->crossed_us && fits(&r->shapes[i], frame, n))
				r->theirs[i].request = 0;
		r->crossed_us = 0;
		return true;
	}
	if (writes(r) || r->doubted == answer)
		return false;
	r->doubted = answer;
	return true;
}

void replay_passed(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us)
{
	double trip = (double)(now_us - r->sent_us);

	if (!fits(&r->shape, frame, n))
		return;
	r->open = false;
	r->past[r->next].request = r->request;
	r->past[r->next].answer = digest(frame, n);
	r->next = (r->next + 1) % REPLAY_MOST;
	if (r->again)
		return;
	r->trip_us *= 0.9;
	if (trip > r->trip_us)
		r->trip_us = trip;
}
