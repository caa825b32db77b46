/*
 * function.h - the functions of Modbus: their names, and how long their RTU frames are.
 * Pure. Modbus Application Protocol V1.1b3, section 6.
 */
#ifndef METERCTL_MODBUS_FUNCTION_H
#define METERCTL_MODBUS_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length of a whole RTU frame: BASE bytes, and as many more as its byte AT says (0: no
 * more). BASE 0: its own bytes do not tell. */
struct function_length {
	uint8_t base, at;
};

struct function {
	uint8_t code;
	const char *verb, *kind;	/* KIND is what is counted; NULL: nothing is */
	struct function_length request, reply;
	bool writes;			/* registers, coils or files, also beside reading */
};

/* NULL: not in the table. */
const struct function *function_find(uint8_t code);
/* Only one whose request has an address, and a count or value, behind the function: 01 to 06,
 * 0FH and 10H. */
const struct function *function_addressed(uint8_t code);

/* The length of the frame that begins with these N bytes; 0: they do not tell it, or not yet. */
size_t function_request_length(const uint8_t *b, size_t n);
/* Of a reply, also an exception. */
size_t function_reply_length(const uint8_t *b, size_t n);

#endif
