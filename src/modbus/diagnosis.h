/*
 * diagnosis.h - what went wrong on a line, and what a technician should check.
 */
#ifndef METERCTL_MODBUS_DIAGNOSIS_H
#define METERCTL_MODBUS_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "target/target.h"
#include "frame.h"
#include "heard.h"

/* What the tries of one request met. */
struct trouble {
	unsigned tries, silent, corrupt, foreign, echo;
	unsigned late;			/* answers to what was asked before */
	size_t noise;			/* longest burst, bytes */
	uint8_t unit;			/* of the last foreign frame */
	bool master;			/* it was a request */
	bool strange;			/* a reply of our unit to a function that we did not ask by */
	bool sent;			/* bytes of our request have left */
	int64_t gap_us;			/* between the last answer and this request */
	int64_t waited_us;		/* for the answer, in this try */
	int64_t first_gap_us;		/* both of the first try to which nothing came back */
	int64_t first_wait_us;
	const char *note;		/* of the last bad frame; NULL: none */
	unsigned clues[CLUES];		/* frames that gave one */
};

/* A bus driver switching direction often makes a byte or two by itself. */
#define TROUBLE_NOISE 3

/* "'/dev/ttyUSB0' (9600 8N1)", "'host' port 502" */
void diagnosis_where(const struct target *t, char *buf, size_t size);

/* All tries have failed. Returns -1. */
int diagnosis_trouble(const struct target *t, const struct trouble *b, struct err *e);

/* No reply that is surely ours: somebody else is on the line. Returns -1. */
int diagnosis_shared(const struct target *t, const struct heard *h, struct err *e);

/* The adapter or connection went away. Returns -1. */
int diagnosis_gone(const struct target *t, struct err *e);

/* The meter refused Q with exception CODE: ERR_REFUSED. Returns -1. */
int diagnosis_exception(const struct request *q, uint8_t code, struct err *e);

/* Exceptions that matter here (Modbus Application Protocol V1.1b3, section 7). */
enum {
	EXCEPTION_FUNCTION = 1, EXCEPTION_ADDRESS, EXCEPTION_COUNT, EXCEPTION_FAILURE,
	EXCEPTION_ACKNOWLEDGE, EXCEPTION_BUSY, EXCEPTION_PATH = 10, EXCEPTION_UNHEARD
};
/* The meter has heard it, and asks for patience. */
bool exception_busy(uint8_t code);
/* A gateway answers in its place: it has not been heard. */
bool exception_unheard(uint8_t code);
/* ... and after all tries neither: ERR_SILENT. Returns -1. */
int diagnosis_unheard(const struct target *t, const struct request *q, uint8_t code, struct err *e);

/* The meter answers, but not to Q: ERR_SILENT. Returns -1. */
int diagnosis_deaf(const struct request *q, struct err *e);
/* Q writes more than one register, and the meter has function 06 only: ERR_REFUSED.
 * Returns -1. */
int diagnosis_one_register(const struct request *q, struct err *e);

/* "illegal data address": the name of an exception code. */
const char *diagnosis_exception_name(uint8_t code);

#endif
