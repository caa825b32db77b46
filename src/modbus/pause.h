/*
 * pause.h - the silence a meter needs between its reply and the next request.
 *
 * Some meters lose a request that comes too soon after their last reply: 100 ms are
 * usual, 500 ms have been reported (esphome turnaround_time, wb-mqtt-serial
 * guard_interval). It is learned: a request lost right after a reply and answered
 * when repeated makes the next one wait; when the one after that, sent at once, is
 * lost as well, the pause stays. One lost frame costs one short pause. Pure.
 */
#ifndef METERCTL_MODBUS_PAUSE_H
#define METERCTL_MODBUS_PAUSE_H

#include <stdbool.h>
#include <stdint.h>

#define PAUSE_FIRST_US 100000
#define PAUSE_MOST_US 1000000

struct pause {
	int64_t us;		/* kept before each request; 0: none is known to be needed */
	bool given;		/* a person has said so: nothing is learned */
	int64_t candidate_us;	/* what helped once, or is tried; 0: none */
	bool trial;		/* the next request waits for it */
	unsigned lost;		/* requests lost for want of a pause, in a row */
	unsigned good;		/* answered without one, or since one was learned */
};

/* GIVEN_MS 0: to be learned. */
void pause_init(struct pause *p, int given_ms);
/* What was learned before about this meter; DOUBT: it is left out the first time, to see. */
void pause_recall(struct pause *p, int64_t us, bool doubt);

/* Is one needed, as far as is known, and not to be left out to see? */
bool pause_holds(const struct pause *p);

/* Silence to keep after the last reply. */
int64_t pause_us(const struct pause *p);

/* A request sent GAP_US after the last reply was lost, and its repetition answered. */
void pause_lost(struct pause *p, int64_t gap_us);
/* A request sent GAP_US after the last reply was answered. */
void pause_answered(struct pause *p, int64_t gap_us);

#endif
