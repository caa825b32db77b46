/*
 * copies.h - the last answers on a line, to know a copy of one again. A broker may deliver
 * a message twice (QoS 1 allows it), and a network a datagram. Pure.
 */
#ifndef METERCTL_MODBUS_COPIES_H
#define METERCTL_MODBUS_COPIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COPIES_MAX 32

struct copies {
	struct {
		uint64_t digest;
		size_t n;	/* bytes */
	} answers[COPIES_MAX];	/* in turn */
	unsigned n;		/* answers since the line was opened */
};

/* FRAME of N bytes was taken for an answer. */
void copies_add(struct copies *c, const uint8_t *frame, size_t n);

/* Is FRAME a copy that proves nothing? One of the last answer does not: whichever of them
 * is ours, it says the same. Nor does one of an earlier answer, unless it has the length
 * of the last: then that may have been the copy, and this be ours. */
bool copies_has(const struct copies *c, const uint8_t *frame, size_t n);

#endif
