/*
 * replay.h - answers that come twice. A broker or a gateway may deliver a message
 * again (QoS 1 allows it), and an RTU answer does not say what it answers: the second
 * copy would be taken for the answer to the next request of that length.
 *
 * An answer that looks like one to an earlier, other request is therefore held back.
 * When the real one comes, it was a copy. When nothing comes in the time answers take,
 * the request is sent again, and only when the same bytes come once more, and again
 * nothing else, are they believed: two requests may well have the same answer. A write
 * is never sent again; its acknowledgement proves nothing, the read after it does.
 * What does not look like an answer to the request is passed on for the line to judge.
 * Pure; times are the caller's.
 */
#ifndef METERCTL_LINK_REPLAY_H
#define METERCTL_LINK_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLAY_MOST 64		/* exchanges a copy may be late */

struct replay {
	struct {
		uint64_t request, answer;	/* of their bytes; 0: none, or no longer so */
	} past[REPLAY_MOST];
	unsigned next;
	uint64_t request;	/* sent last; 0: none yet */
	uint8_t unit, function;	/* ... and what an answer to it looks like */
	uint8_t bytes;		/* of registers, when it reads */
	bool open;		/* ... and not answered */
	bool again;		/* ... and sent more than once */
	int64_t sent_us;	/* the last time */
	uint64_t doubted;	/* what was held when it was sent again; 0: nothing */
	double trip_us;		/* the longest of late from request to answer */
};

enum replay_verdict {
	REPLAY_PASS,		/* the answer, as far as can be told */
	REPLAY_HOLD,		/* looks like one to an earlier request: until *UNTIL_US, unless
				   another comes */
	REPLAY_DROP		/* a copy, and nothing is asked */
};

/* A request goes out, by the line or again by whom it holds an answer for. */
void replay_sent(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us);
enum replay_verdict replay_judge(struct replay *r, const uint8_t *frame, size_t n,
				 int64_t now_us, int64_t *until_us);
/* FRAME has been held and nothing else has come. True: send the request again and drop
 * it; false: believe it. */
bool replay_ask_again(struct replay *r, const uint8_t *frame, size_t n);
/* FRAME has been passed on. */
void replay_passed(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us);

#endif
