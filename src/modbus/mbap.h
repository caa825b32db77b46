/*
 * mbap.h - the bytes of a Modbus TCP connection that is only heard, as the frames a serial line
 * would have carried. Pure.
 */
#ifndef METERCTL_MODBUS_MBAP_H
#define METERCTL_MODBUS_MBAP_H

#include <stddef.h>
#include <stdint.h>

#include "frame.h"

/* One direction. */
struct mbap {
	uint8_t buf[FRAME_MAX];
	size_t n;
};

/* Takes what belongs to the next frame of the *N bytes at *BYTES, and moves on behind it. When
 * that makes it whole: its RTU form in OUT, and its length; else 0, and *N is 0. What is no
 * Modbus TCP is dropped up to the end of *N. */
size_t mbap_next(struct mbap *m, const uint8_t **bytes, size_t *n, uint8_t out[FRAME_MAX]);

#endif
