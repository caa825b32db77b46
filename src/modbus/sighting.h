/*
 * sighting.h - what the bytes that came after a request tell of who is on an RTU line: the meter
 * that was asked, one more at its address, a slow one that was asked before, another master, or
 * somebody at another speed. Pure.
 */
#ifndef METERCTL_MODBUS_SIGHTING_H
#define METERCTL_MODBUS_SIGHTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

/* Fewer bytes that are no frame are a bus driver's that switches direction. */
#define SIGHTING_NOISE 3

struct sighting {
	unsigned replies;	/* sound replies to the request; two: two meters */
	bool refused;		/* the first is EXCEPTION */
	uint8_t exception;
	const uint8_t *data;	/* else what it carries behind its function: of a read the registers, */
	size_t ndata;		/* of function 17 and 43 the text */
	uint8_t unit;		/* whose it is; of a request to unit 0 another one */
	bool other;		/* a sound reply of OTHER_UNIT, who was not asked now */
	uint8_t other_unit;
	bool master;		/* a request to MASTER_UNIT that is not ours */
	uint8_t master_unit;
	size_t garbage;		/* bytes of no frame */
};

/* All N bytes that came after Q was sent; DATA points into them. Q NULL: nothing was sent. */
void sighting_judge(const struct request *q, const uint8_t *buf, size_t n, struct sighting *s);
/* The same of a Modbus TCP connection on which Q had the number TRANSACTION: replies to it, and bytes of no frame. */
void sighting_judge_tcp(const struct request *q, uint16_t transaction, const uint8_t *buf, size_t n, struct sighting *s);

#endif
