/*
 * sha256.h - SHA-256 (FIPS 180-4), for the seal of a report. None of the libraries
 * that are linked has it, and one more would be loaded at every start.
 */
#ifndef METERCTL_SHA256_H
#define METERCTL_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX 64

struct sha256 {
	uint32_t state[8];
	uint64_t length;	/* bytes so far */
	uint8_t block[64];	/* those that do not fill one yet */
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t n);
/* The digest in lower-case hex. S is used up. Returns OUT. */
const char *sha256_hex(struct sha256 *s, char out[SHA256_HEX + 1]);

#endif
