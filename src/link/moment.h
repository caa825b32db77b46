/*
 * moment.h - when a meter measured what it uploads, and whether its clock is right: its
 * time stamps against their arrival. Pure; times are the caller's.
 *
 * A stamp far behind its arrival is that of a backlog, or of a clock that is behind. Only
 * the next ones tell: those of a clock go on at the pace at which they arrive. Until two
 * have done so, values are late: better a value of now called late than the reverse.
 */
#ifndef METERCTL_LINK_MOMENT_H
#define METERCTL_LINK_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#define MOMENT_TOLERANCE_S 120.0	/* the clock of a meter is right within this */

enum moment_clock {
	MOMENT_UNKNOWN,		/* no stamp yet, or only late ones */
	MOMENT_RIGHT,
	MOMENT_OFF,		/* ahead, or behind at a steady pace */
	MOMENT_STUCK		/* other values, the same stamp */
};

struct moment {
	int64_t sent_us, mono_us;	/* stamp and arrival of the last; 0: none */
	int64_t measured_us;		/* of the last: when, us since 1970; 0: not known */
	bool late;			/* ... and long before it came */
	uint8_t steady;			/* stamps in a row that went on as time did */
	uint8_t jumps;			/* times the clock was set while we listened */
	uint8_t clock;			/* enum moment_clock */
	bool unstamped;			/* the last had no stamp */
	double off_s;			/* arrival less stamp, of the last */
};

/* An upload has come, stamped SENT_US (0: not), from a meter that uploads every RHYTHM_S
 * (0: not known). PAST: kept by the broker, or of the past by its own word. */
void moment_take(struct moment *m, int64_t sent_us, int64_t mono_us, int64_t wall_us,
		 double rhythm_s, bool past);
/* One with other values and the stamp of the one before. */
void moment_stuck(struct moment *m, int64_t mono_us, int64_t wall_us);

/* "clock 8 h behind, set 1 time while listening"; "" when nothing is wrong with it.
 * TOLERANCE_S: what it may be off. Returns BUF. */
const char *moment_text(const struct moment *m, double tolerance_s, char *buf, unsigned long size);

#endif
