/*
 * hint.h - what went wrong on a line, and what a technician should check.
 */
#ifndef METERCTL_LINK_HINT_H
#define METERCTL_LINK_HINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../err.h"
#include "../target.h"
#include "frame.h"

/* What the tries of one request met. */
struct trouble {
	unsigned tries, silent, corrupt, foreign, echo;
	unsigned late;			/* answers to what was asked before */
	size_t noise;			/* longest burst, bytes */
	uint8_t unit;			/* of the last foreign frame */
	bool master;			/* it was a request */
	bool sent;			/* bytes of our request have left */
	const char *note;		/* of the last bad frame; NULL: none */
};

/* A bus driver switching direction often makes a byte or two by itself. */
#define TROUBLE_NOISE 3

/* All tries have failed. Returns -1. */
int hint_trouble(const struct target *t, const struct trouble *b, struct err *e);

/* The adapter or connection went away. Returns -1. */
int hint_gone(const struct target *t, struct err *e);

/* The meter refused Q with exception CODE: ERR_REFUSED. Returns -1. */
int hint_exception(const struct request *q, uint8_t code, struct err *e);

/* "illegal data address": the name of an exception code. */
const char *hint_exception_name(uint8_t code);

#endif
