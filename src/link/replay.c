#include "replay.h"

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
	return r->function == FUNCTION_WRITE;
}

/* Unit, function and length of an answer, good or bad, to what was sent last. */
static bool fits(const struct replay *r, const uint8_t *frame, size_t n)
{
	if (n < 3 || frame[0] != r->unit)
		return false;
	return frame[1] == (r->function | 0x80)
	    || (frame[1] == r->function && (writes(r) || frame[2] == r->bytes));
}

void replay_sent(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us)
{
	uint64_t request = digest(frame, n);

	r->sent_us = now_us;
	if (r->open && r->request == request) {
		r->again = true;
		return;
	}
	r->request = request;
	r->unit = n > 0 ? frame[0] : 0;
	r->function = n > 1 ? frame[1] : 0;
	r->bytes = n > 5 ? (uint8_t)(2 * frame[5]) : 0;
	r->open = true;
	r->again = false;
	r->doubted = 0;
	/* what a read said before a write is no answer to one after it */
	for (unsigned i = 0; writes(r) && i < REPLAY_MOST; i++)
		r->past[i].request = 0;
}

enum replay_verdict replay_judge(struct replay *r, const uint8_t *frame, size_t n,
				 int64_t now_us, int64_t *until_us)
{
	uint64_t answer = digest(frame, n);
	bool known = false, same = false;

	if (!fits(r, frame, n))
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
	*until_us = now_us + (int64_t)(2 * r->trip_us) + SLACK_US;
	return REPLAY_HOLD;
}

bool replay_ask_again(struct replay *r, const uint8_t *frame, size_t n)
{
	uint64_t answer = digest(frame, n);

	if (writes(r) || r->doubted == answer)
		return false;
	r->doubted = answer;
	return true;
}

void replay_passed(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us)
{
	double trip = (double)(now_us - r->sent_us);

	if (!fits(r, frame, n))
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
