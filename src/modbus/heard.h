/*
 * heard.h - what others have on the line: evidence that an answer may not be ours.
 *
 * An RTU answer does not say which register it is of, nor who asked for it. That
 * another master is on the line can be heard, though: its requests, answers that
 * nobody here has asked for, two answers to one request. Pure; times are the caller's.
 */
#ifndef METERCTL_MODBUS_HEARD_H
#define METERCTL_MODBUS_HEARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEARD_ROWS 12
/* A line is taken for a shared one for so long after the last frame of somebody else. */
#define HEARD_US 60000000LL
/* The shortest RTU frame: an exception. */
#define HEARD_BYTES 5
/* ... and the shortest request. */
#define HEARD_NOISE 8

struct heard_row {
	uint8_t unit, function;
	uint16_t addr, count;	/* count 0: not told (an exception) */
	bool request;		/* else a reply; of a read it has no address */
	unsigned times;
};

struct heard {
	unsigned long surplus;	/* what may be, or may lead to, an answer that is taken for
				   ours: frames to and from our unit that nobody here asked
				   for, bytes that are no frame; since the link was opened */
	unsigned long alike;	/* ... of these: frames of the length of ours, requests for
				   such, and what tells no length */
	int64_t last_us;	/* when the last of these or of other units' frames came; 0: none */
	struct heard_row rows[HEARD_ROWS];
	size_t n;
};

struct request;
/* A whole frame of N bytes that is not for us, who have asked OURS last. */
void heard_frame(struct heard *h, const struct request *ours, const uint8_t *bytes, size_t n, int64_t now_us);
/* Bytes that are no frame came at a time when nothing was to come. */
void heard_bytes(struct heard *h, int64_t now_us);
/* ... or instead of an answer, HEARD_NOISE of them: somebody may have asked, and been spoken
 * over; or the line is a noisy one. */
void heard_noise(struct heard *h);
/* The line was known to be shared when it was opened. */
void heard_before(struct heard *h, int64_t now_us);

bool heard_shared(const struct heard *h, int64_t now_us);
/* Has somebody else asked for COUNT registers, or been given so many? */
bool heard_count(const struct heard *h, uint16_t count);
/* Has anything to or from that unit been heard? */
bool heard_unit(const struct heard *h, uint8_t unit);
/* "unit 1, registers 0x001A-0x001B, 12 times", the most frequent three. Returns BUF,
 * empty when no whole frame has been heard. */
const char *heard_text(const struct heard *h, char *buf, size_t size);

#endif
