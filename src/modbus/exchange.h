/*
 * exchange.h - one request and the wait for its answer, on an open line.
 */
#ifndef METERCTL_MODBUS_EXCHANGE_H
#define METERCTL_MODBUS_EXCHANGE_H

#include "diagnosis.h"
#include "line.h"
#include "sighting.h"

enum outcome {
	OUTCOME_ANSWER,		/* registers or an exception */
	OUTCOME_SILENT,		/* not until the deadline */
	OUTCOME_CORRUPT,	/* damaged: worth asking again at once */
	OUTCOME_LOST,		/* port or connection is gone */
	OUTCOME_CANCELLED
};

/* Sends Q once the line is quiet and waits up to TIMEOUT_US for its answer. What
 * it met on the way is counted in B. A cancel does not end the wait for the answer
 * to a write. */
enum outcome exchange(struct line *l, const struct request *q, int64_t timeout_us,
		      struct answer *a, struct trouble *b);

/* Listens so long, whatever comes; ends early when it may have been taken for an answer
 * to the last request. */
enum outcome exchange_alike(struct line *l, int64_t us);

/* Listens for the answers still pending until L->listen_until_us and throws them
 * away; OUTCOME_SILENT when that is done. */
enum outcome exchange_listen(struct line *l);

/* Listens until nothing has come for QUIET_US, for MOST_US at the longest. What comes
 * is thrown away, and counted in L->heard unless it was pending. SURPLUS: gives up as soon
 * as something was counted. OUTCOME_SILENT, _LOST or _CANCELLED. */
enum outcome exchange_quiet(struct line *l, int64_t quiet_us, int64_t most_us, bool surplus);

/* What a character takes on a serial port; 0 elsewhere. */
int64_t exchange_char_us(const struct line *l);
/* Listens until US have passed without a byte: OUTCOME_SILENT, or OUTCOME_CORRUPT when
 * that has not been so until UNTIL_US. */
enum outcome exchange_silence(struct line *l, int64_t us, int64_t until_us);
/* Sends Q at once and takes whatever comes in WAIT_US from then on, to the end of what has
 * begun: N bytes in BUF, the first of them LATENCY_US (may be NULL) after the request. ONE: no
 * more than the first sound reply. A cancel does not end it. OUTCOME_SILENT or OUTCOME_LOST. */
enum outcome exchange_gather(struct line *l, const struct request *q, int64_t wait_us, bool one,
			     uint8_t *buf, size_t size, size_t *n, int64_t *latency_us);
/* What they tell of who replied to Q, whose number on a Modbus TCP connection was the last one. */
void exchange_sight(const struct line *l, const struct request *q, const uint8_t *buf, size_t n, struct sighting *s);
/* Shows the trace the N bytes that were gathered, and F that they were judged to be. */
void exchange_show(struct line *l, const struct request *q, const struct frame *f,
		   const uint8_t *buf, size_t n);

/* Waits until UNTIL_US for the cancel only: OUTCOME_SILENT or OUTCOME_CANCELLED. */
enum outcome exchange_pause(struct line *l, int64_t until_us);

#endif
