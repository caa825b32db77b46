/*
 * frame.h - requests and what comes back, as bytes. Pure: no I/O.
 *
 * libmodbus puts requests on an RTU line, but its receiver is not used: on any
 * error it returns without saying what it had received (a trace needs that),
 * takes a frame of another unit for the end of the wait (libmodbus issue 861),
 * and cannot wait for a cancel at the same time. So what arrives is judged here.
 */
#ifndef METERCTL_MODBUS_FRAME_H
#define METERCTL_MODBUS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 260		/* Modbus TCP; RTU frames have 256 */
#define FRAME_BUFFER 520	/* a frame, and another one that was in its way */

enum { FUNCTION_HOLDING = 3, FUNCTION_INPUT = 4, FUNCTION_WRITE_ONE = 6, FUNCTION_WRITE = 16 };
/* What a meter says of itself: 17 has nothing but its function, and of 43 ADDR is the object
 * (V1.1b3, 6.13 and 6.21, one object by code 04). Only sighting.h knows their replies. */
enum { FUNCTION_REPORT = 17, FUNCTION_DEVICE = 43 };
#define DEVICE_MEI 0x0E
#define DEVICE_ONE 0x04

/* In one request (Modbus Application Protocol V1.1b3, 6.3 and 6.12). */
#define READ_MAX 125
#define WRITE_MAX 123

struct request {
	uint8_t unit;
	uint8_t function;
	uint16_t addr;
	uint16_t count;		/* 1 .. READ_MAX or WRITE_MAX; FUNCTION_WRITE_ONE: 1 */
	uint16_t regs[WRITE_MAX];	/* of a write: what to write */
};

bool function_writes(uint8_t function);
bool request_writes(const struct request *q);
/* Of one unit, function, address and count; what is written may differ. */
bool request_same(const struct request *a, const struct request *b);
/* Write the frame of Q to OUT; return its length: 8 and 12 for a read. */
size_t request_rtu(const struct request *q, uint8_t out[FRAME_MAX]);
size_t request_tcp(const struct request *q, uint16_t transaction, uint8_t out[FRAME_MAX]);
/* Bytes of the RTU request, and of a good RTU answer. */
size_t request_bytes(const struct request *q);
size_t request_answer_bytes(const struct request *q);

enum frame_kind {
	FRAME_MORE,		/* nothing whole yet */
	FRAME_ANSWER,		/* unit, function, length and check are right */
	FRAME_EXCEPTION,	/* likewise; code is the meter's */
	FRAME_ECHO,		/* our own request; FUNCTION_WRITE_ONE is acknowledged like that, too */
	FRAME_FOREIGN,		/* a whole frame that does not answer Q */
	FRAME_CORRUPT,		/* most likely the answer to Q, damaged */
	FRAME_NOISE		/* bytes of nothing we know */
};

/* What bytes that are no reply tell about who sent them. */
enum frame_clue {
	CLUE_NONE,
	CLUE_RTU,		/* a whole RTU frame where Modbus TCP is spoken */
	CLUE_MBAP,		/* a Modbus TCP reply to Q where RTU is */
	CLUE_RENUMBERED,	/* a reply to Q in everything but its transaction number */
	CLUE_TELNET,		/* a reply to Q with each FF doubled, or negotiation of telnet */
	CLUES
};

struct frame {
	enum frame_kind kind;
	enum frame_clue clue;
	size_t junk;		/* bytes to throw away before it */
	size_t len;		/* its own bytes, behind the junk */
	uint8_t code;		/* FRAME_EXCEPTION */
	uint8_t unit;		/* FRAME_FOREIGN: who is meant; FRAME_ANSWER, FRAME_EXCEPTION
				   of Modbus TCP: who replied, which need not be who was asked */
	/* by frame_about() only */
	uint8_t function;
	uint16_t addr, count;
	bool master;		/* FRAME_FOREIGN: a request, so somebody else asks */
	const char *note;	/* what is the matter; "" */
};

/* Judges the first N received bytes. OVER: no more are coming, silence or the
 * deadline has ended them; then the kind is never FRAME_MORE unless N is 0. */
struct frame frame_scan_rtu(const struct request *q, const uint8_t *buf,
			    size_t n, bool over);
struct frame frame_scan_tcp(const struct request *q, uint16_t transaction,
			    const uint8_t *buf, size_t n, bool over);

/* Can these N bytes still become an answer to Q on an RTU line, once the rest comes? */
bool frame_unfinished(const struct request *q, const uint8_t *buf, size_t n);

/* What a whole RTU frame of N bytes is about: its unit, function, count and, of a
 * request or the acknowledgement of a write, address; MASTER: it is a request. A read
 * reply has no address, an exception neither address nor count (0). */
struct frame frame_about(const uint8_t *bytes, size_t n);

/* Modbus TCP: the number at the beginning of a frame. */
uint16_t frame_transaction(const uint8_t *bytes);
/* Judges all N bytes that came after a read Q of unit 0: an answer or exception of some
 * unit behind the echo, if there is one (JUNK), and nothing else; FRAME_MORE: nothing but
 * the echo; FRAME_CORRUPT: anything else. */
struct frame frame_scan_broadcast(const struct request *q, const uint8_t *buf, size_t n);

/* Do these bytes begin as a telnet server's do (RFC 854: FF, WILL to DONT, option)? */
bool frame_is_telnet(const uint8_t *buf, size_t n);

/* The registers that begin at DATA. */
void frame_registers(const uint8_t *data, uint16_t count, uint16_t *out);

#endif
