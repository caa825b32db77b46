/*
 * replay.h - answers that come twice, and answers to somebody else. A broker or a gateway
 * may deliver a message again (QoS 1 allows it), and an RTU answer does not say what it
 * answers: the second copy would be taken for the answer to the next request of that
 * length, and so would what another program has asked for through the same gateway.
 *
 * An answer that looks like one to an earlier, other request is therefore held back.
 * When the real one comes, it was a copy. When nothing comes in the time answers take,
 * the request is sent again, and only when the same bytes come once more, and again
 * nothing else, are they believed: two requests may well have the same answer. A write
 * is never sent again; its acknowledgement proves nothing, the read after it does.
 * What does not look like an answer to the request is passed on for the line to judge.
 *
 * What others ask for can be heard where it is asked. As long as an answer may be that to
 * a request of theirs, none is believed: when no more come, ours is sent again.
 * Pure; times are the caller's.
 */
#ifndef METERCTL_LINK_REPLAY_H
#define METERCTL_LINK_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLAY_MOST 64		/* exchanges a copy may be late */
#define REPLAY_ECHOES 8		/* requests of ours that have not been heard yet */
#define REPLAY_THEIRS 16	/* requests of others that are not answered yet */
#define REPLAY_THEIRS_US 5000000LL	/* ... and after this time will not be */

/* What an answer to a read looks like. */
struct replay_shape {
	uint8_t unit, function;
	uint8_t bytes;		/* of registers, when it reads */
};

struct replay {
	struct {
		uint64_t request, answer;	/* of their bytes; 0: none, or no longer so */
	} past[REPLAY_MOST];
	unsigned next;
	uint64_t request;	/* sent last; 0: none yet */
	struct replay_shape shape;	/* ... and what an answer to it looks like */
	bool open;		/* ... and not answered */
	bool again;		/* ... and sent more than once */
	int64_t sent_us;	/* the last time */
	uint64_t doubted;	/* what was held when it was sent again; 0: nothing */
	double trip_us;		/* the longest of late from request to answer */
	struct {
		uint64_t request;	/* 0: none */
		int64_t at_us;
	} echoes[REPLAY_ECHOES], theirs[REPLAY_THEIRS];
	struct replay_shape shapes[REPLAY_THEIRS];	/* of theirs */
	unsigned next_echo, next_theirs;
	int64_t crossed_us;	/* the last answer that may be theirs; 0: none since it was asked */
};

enum replay_verdict {
	REPLAY_PASS,		/* the answer, as far as can be told */
	REPLAY_HOLD,		/* looks like one to an earlier request: until *UNTIL_US, unless
				   another comes */
	REPLAY_DROP		/* a copy, and nothing is asked */
};

/* A request goes out, by the line or again by whom it holds an answer for. */
void replay_sent(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us);
/* A request has been heard where requests go: ours, or that of somebody else. */
void replay_heard(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us);
enum replay_verdict replay_judge(struct replay *r, const uint8_t *frame, size_t n,
				 int64_t now_us, int64_t *until_us);
/* FRAME has been held and nothing else has come. True: send the request again and drop
 * it; false: believe it. */
bool replay_ask_again(struct replay *r, const uint8_t *frame, size_t n);
/* FRAME has been passed on. */
void replay_passed(struct replay *r, const uint8_t *frame, size_t n, int64_t now_us);

#endif
