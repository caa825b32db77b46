/*
 * speed_search.h - at which baud rate and character format others talk, when what is heard is
 * no frame. Pure: the caller counts frames, and sets its port as it is told to.
 *
 * A setting is given one burst of bytes, two when it is the first; the likely ones come
 * first. When none has a frame in it, all are tried again.
 */
#ifndef METERCTL_MODBUS_SPEED_SEARCH_H
#define METERCTL_MODBUS_SPEED_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/target.h"

/* Silence that ends a burst: more than a USB adapter keeps bytes back (16 ms). */
#define SPEED_SEARCH_GAP_US 20000

#define SPEED_SEARCH_SETTINGS 20

struct speed_search {
	bool searching;
	bool known;		/* frames were heard at the present setting */
	size_t at;		/* of the settings, when searching */
	unsigned bursts;	/* at the present setting, without a frame */
	size_t bytes;		/* of the burst under way */
	size_t rubbish;		/* bytes without a frame, since the last one */
	int64_t last_us;
};

/* N bytes came. */
void speed_search_bytes(struct speed_search *s, size_t n, int64_t at_us);
/* Has a burst ended? What came is to be judged now, whole or not. */
bool speed_search_paused(const struct speed_search *s, int64_t now_us);
/* When it will have; INT64_MAX: none is under way. */
int64_t speed_search_due_us(const struct speed_search *s);

/* A burst has ended, with so many FRAMES. True: T is another setting now (baud, parity, stop)
 * and bytes from here on are to be heard at that. T says at which one they were. */
bool speed_search_ended(struct speed_search *s, size_t frames, struct target *t);

/* Is nothing but rubbish heard, so that the setting is wrong? */
bool speed_search_lost(const struct speed_search *s);

#endif
