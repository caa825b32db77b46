#include "replay.h"

#include <string.h>

#define SLACK_US 30000

/* FNV-1a, 64 bits. Never 0. */
static uint64_t digest(const uint8_t *bytes, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < n; i++)
		h = (h ^ bytes[i]) * 0x100000001b3;
	return h ? h : 1;
}

bool replay_sent(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us)
{
	uint64_t request = digest(frame, n);

	if (r->open && r->request == request) {
		r->again = true;
		return false;
	}
	r->request = request;
	memset(r->asked, 0, sizeof(r->asked));
	memcpy(r->asked, frame, n < sizeof(r->asked) ? n : sizeof(r->asked));
	r->open = true;
	r->again = false;
	r->sent_us = now_us;
	return true;
}

enum replay_verdict replay_judge(const struct replay *r, const uint8_t *frame, size_t n,
				 int64_t *until_us)
{
	uint64_t answer = digest(frame, n);

	for (unsigned i = 0; i < REPLAY_MOST; i++) {
		if (r->past[i].answer != answer)
			continue;
		if (!r->open)
			return REPLAY_DROP;
		if (r->past[i].request == r->request)
			continue;
		*until_us = r->sent_us + (int64_t)(2 * r->trip_us) + SLACK_US;
		return REPLAY_HOLD;
	}
	return REPLAY_PASS;
}

/* An exception, the echo of a write's head, or as many bytes as were asked for. */
static bool can_answer(const uint8_t asked[6], const uint8_t *frame, size_t n)
{
	if (n < 5 || frame[0] != asked[0] || (frame[1] & 0x7F) != asked[1])
		return false;
	if (frame[1] & 0x80)
		return n == 5;
	if (asked[1] > 4)
		return n == 8 && memcmp(frame, asked, 6) == 0;
	return n == 5U + frame[2] && frame[2] == 2 * asked[5];
}

void replay_passed(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us)
{
	double trip = (double)(now_us - r->sent_us);

	if (!can_answer(r->asked, frame, n))
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
