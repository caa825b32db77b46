/*
 * replay.h - answers that come twice. A broker or a gateway may deliver a message
 * again (QoS 1 allows it), and an RTU answer does not say what it answers: the second
 * copy would be taken for the answer to the next request of that length. Of one gateway
 * messages come in order, so the copy comes before the answer that is due: who waits a
 * moment sees both. Pure; times are the caller's.
 */
#ifndef METERCTL_LINK_REPLAY_H
#define METERCTL_LINK_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLAY_MOST 64		/* exchanges a copy may be late */

struct replay {
	struct {
		uint64_t request, answer;	/* of their bytes; 0: none */
	} past[REPLAY_MOST];
	unsigned next;
	uint64_t request;	/* sent last; 0: none yet */
	uint8_t asked[6];	/* its unit, function, address and count */
	bool open;		/* ... and not answered */
	bool again;		/* ... and sent more than once */
	int64_t sent_us;	/* the first time */
	double trip_us;		/* the longest of late from request to answer */
};

enum replay_verdict {
	REPLAY_PASS,		/* the answer, as far as can be told */
	REPLAY_HOLD,		/* looks like one to an earlier request: until *UNTIL_US, unless
				   another comes */
	REPLAY_DROP		/* a copy, and nothing is asked */
};

/* True: another question than the one before, or that one anew; what is held back
 * answers neither. False: the open one is repeated. */
bool replay_sent(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us);
enum replay_verdict replay_judge(const struct replay *r, const uint8_t *frame, size_t n,
				 int64_t *until_us);
/* FRAME has been passed on. One that cannot be the answer leaves the question open. */
void replay_passed(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us);

#endif
