/*
 * recorded.h - a trace that was written earlier (trace_line() of base/trace.h), as the bytes
 * of a line.
 */
#ifndef METERCTL_MODBUS_RECORDED_H
#define METERCTL_MODBUS_RECORDED_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "frame.h"

struct recorded {
	FILE *f;
	int64_t midnight_us;	/* of the day a line is of */
	int64_t last_us;
};

/* A trace has times and no date: its last line is taken to be of the day it was changed last.
 * ERR_NO when it cannot be read, ERR_USAGE when no line is one of a trace. recorded_close()
 * after success. */
int recorded_open(struct recorded *r, const char *path, struct err *e);
void recorded_close(struct recorded *r);

/* The next frame in BYTES, room for FRAME_BUFFER, and when it was, us since 1970. One of
 * Modbus TCP is given as RTU has it, and one whose secrets are shown as 00 with a check that
 * fits. How many bytes; 0: there is none any more. */
size_t recorded_next(struct recorded *r, uint8_t *bytes, int64_t *at_us);

#endif
