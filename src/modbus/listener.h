/*
 * listener.h - what others say on a line: frames, who talks, and at which baud rate and
 * character format, looked for where they are not those of the target. Sends nothing.
 */
#ifndef METERCTL_MODBUS_LISTENER_H
#define METERCTL_MODBUS_LISTENER_H

#include "passive.h"
#include "profile/profile.h"
#include "speed_search.h"
#include "traffic.h"

struct listener_ops {
	/* A frame or garbage C, of which BYTES are to be shown: those of C without what is
	 * secret (REDACTED: there was something). */
	void (*cut)(void *arg, const struct cut *c, const uint8_t *bytes, bool redacted);
	/* No frame in BYTES so far at the setting of the target; of a serial line others are tried
	 * from here on. Told once, until frames come again. */
	void (*lost)(void *arg, size_t bytes);
	/* Frames came at another setting: L->line.target is where. */
	void (*found)(void *arg);
	/* Enough: what has come already is not told any more. */
	bool (*enough)(void *arg);
};

struct listener {
	const struct listener_ops *ops;
	void *arg;
	const struct profile *profile;	/* says what is secret */
	struct passive line;		/* not opened: bytes come by listener_bytes() */
	struct traffic traffic;
	int64_t now_us;			/* as the times of the frames: when bytes came last, or a turn was */
	/* its own */
	struct speed_search speed;
	size_t frames;			/* since the last burst ended */
	bool told_lost;
	struct splitter splitter;
};

/* L, on a line that is not open yet. OPS, which are told ARG, and PROFILE must outlive it. */
void listener_init(struct listener *l, const struct listener_ops *ops, void *arg, const struct profile *profile);

/* What comes on L->line, open, until UNTIL_US or the next thing is due, a second at most. -1 and
 * E: the line is gone, or CANCEL_FD is readable. */
int listener_turn(struct listener *l, int64_t until_us, int cancel_fd, struct err *e);

/* N bytes, SPLITTER_LUMP at most, came at AT_US, and no line. */
void listener_bytes(struct listener *l, const uint8_t *bytes, size_t n, int64_t at_us);

/* Nothing more comes: tells all that is there. */
void listener_end(struct listener *l);

#endif
