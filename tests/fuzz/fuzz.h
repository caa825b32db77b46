/*
 * fuzz.h - what the fuzz targets share.
 */
#ifndef METERCTL_TEST_FUZZ_H
#define METERCTL_TEST_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* What the input is about, when that can be said. */
extern char about[800];

/* A property that must hold for every input. */
#define HOLDS(what) \
	do { \
		if (!(what)) { \
			printf("not ok - %s (line %d): %s\n", #what, __LINE__, about); \
			fflush(stdout); \
			abort(); \
		} \
	} while (0)

/* An input is taken apart from its front. */
struct input {
	const uint8_t *at;
	size_t n;
};

static inline unsigned take(struct input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->at++;
}

static inline unsigned take_word(struct input *in)
{
	unsigned hi = take(in);

	return hi << 8 | take(in);
}

/* What is left, as text; NULs end it early. */
static inline const char *take_text(struct input *in, char *buf, size_t size)
{
	size_t n = in->n < size - 1 ? in->n : size - 1;

	memcpy(buf, in->at, n);
	buf[n] = '\0';
	return buf;
}

/* An error has a code, and one clean line that says something. */
void check_err(const struct err *e);
/* Modbus' CRC-16, bit by bit: not by the table that is tested. */
uint16_t crc_of(const uint8_t *b, size_t n);

/* fuzz_sim.c */
void fuzz_scenario(struct input in);
void fuzz_slave(struct input in);
void fuzz_line(struct input in);

/* fuzz_splitter.c */
void fuzz_splitter(struct input in);

/* fuzz_mapping.c */
extern const char *const mapping_seeds[];
void fuzz_mapping(struct input in);

/* Can S be shown? */
bool is_clean(const char *s);
/* Nothing that comes out of a message breaks a promise; HINT as for dialect_decode(). */
struct dialect;
void fuzz_decode(const struct dialect *hint, const char *topic, size_t topic_n, const char *payload, size_t n);

#endif
