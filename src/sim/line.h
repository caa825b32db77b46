/*
 * line.h - one wire to the simulated meters: frames in, frames out, at the pace
 * of a serial line and with its faults. Times are ns of CLOCK_MONOTONIC.
 */
#ifndef METERCTL_SIM_LINE_H
#define METERCTL_SIM_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenario.h"

enum framing { FRAMING_RTU, FRAMING_MBAP };

#define NEVER INT64_MAX
#define PDU_MAX 253	/* Modbus application protocol V1.1b3, 4.1 */

/* What befalls one request. */
struct fate {
	bool lost;		/* the meter never hears it */
	bool mute;		/* it does, but the answer is lost */
	bool flip, garbage, foreign;
	int late_ms;
	int exception;
};

struct request {
	uint8_t unit;
	uint8_t pdu[PDU_MAX];
	size_t n;
	uint8_t head[4];	/* of an MBAP frame */
	int64_t began;		/* its first byte came */
	struct fate fate;
};

struct sim_meter;

struct line {
	int fd;			/* -1: what comes and goes is put in and taken out */
	struct sim_meter *only;	/* who hears it; NULL: every meter there is */
	enum framing framing;
	const struct scenario *scenario;
	uint64_t luck;
	uint8_t in[2 * (PDU_MAX + 7)];
	size_t nin;
	bool broken;		/* what came is no Modbus: where a frame begins cannot be told */
	int64_t began, heard;	/* first and last byte of what is in IN */
	uint8_t out[1200];
	int64_t due[1200];	/* when each byte of OUT has left the wire */
	size_t nout, sent;
	int64_t wrote, free_at;	/* the line has been silent since */
};

/* FD is the caller's to close. */
void line_init(struct line *l, int fd, enum framing framing,
	       const struct scenario *scenario, uint64_t seed);

/* Is an answer under way? */
bool line_busy(const struct line *l);

/* Reads what has come. RTU is half duplex: what comes while an answer is under
 * way is not heard. False: the peer is gone. */
bool line_hear(struct line *l, int64_t now);

/* The same for what came otherwise, N bytes at once; what is no frame is dropped. */
void line_put(struct line *l, const uint8_t *bytes, size_t n, int64_t now);

/* Takes a whole request out, if there is one; at most PDU_MAX bytes of it, whatever
 * its frame says. L->broken: there will not be one any more. */
bool line_request(struct line *l, int64_t now, struct request *rq);

/* Plans the answer (N = 0: none, but an echo may be due). BAUD and BITS are the
 * meter's; they count when the scenario has a pace. */
void line_answer(struct line *l, const struct request *rq, const uint8_t *pdu,
		 size_t n, int baud, int bits, int64_t now);

/* Sends what is due by NOW, never more. False: the peer is gone. */
bool line_send(struct line *l, int64_t now);

/* The same for what leaves otherwise: the whole answer, once all of it is due.
 * Returns its bytes, 0: none yet. */
size_t line_take(struct line *l, int64_t now, uint8_t *out, size_t size);

/* When there is something to do without anything having come. */
int64_t line_next(const struct line *l);

#endif
