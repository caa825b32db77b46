#include "frame.h"

#include <string.h>

#include "base/crc16.h"
#include "function.h"

/* RTU frames without their data: unit, function, length, check. */
#define ANSWER_FRAME 5
#define EXCEPTION_FRAME 5
#define REQUEST_FRAME 8		/* of a read; an acknowledgement is as long */
#define WRITE_FRAME 9

#define TELNET_DOUBLED "each FF is doubled, as telnet does"
#define TELNET_OPTIONS "telnet negotiation"

bool function_writes(uint8_t function)
{
	return function == FUNCTION_WRITE || function == FUNCTION_WRITE_ONE;
}

bool request_writes(const struct request *q)
{
	return function_writes(q->function);
}

bool request_same(const struct request *a, const struct request *b)
{
	return a->unit == b->unit && a->function == b->function
	    && a->addr == b->addr && a->count == b->count;
}

static unsigned frame_word(const uint8_t *b)
{
	return (unsigned)b[0] << 8 | b[1];
}

static void put_word(uint8_t *out, unsigned v)
{
	out[0] = (uint8_t)(v >> 8);
	out[1] = (uint8_t)v;
}

/* Unit and PDU; their length. */
static size_t put_pdu(const struct request *q, uint8_t *out)
{
	out[0] = q->unit;
	out[1] = q->function;
	if (q->function == FUNCTION_REPORT)
		return 2;
	if (q->function == FUNCTION_DEVICE) {
		out[2] = DEVICE_MEI;
		out[3] = DEVICE_ONE;
		out[4] = (uint8_t)q->addr;
		return 5;
	}
	put_word(out + 2, q->addr);
	put_word(out + 4, q->function == FUNCTION_WRITE_ONE ? q->regs[0] : q->count);
	if (q->function != FUNCTION_WRITE)
		return 6;
	out[6] = (uint8_t)(2 * q->count);
	for (uint16_t i = 0; i < q->count; i++)
		put_word(out + 7 + 2 * i, q->regs[i]);
	return 7U + 2U * q->count;
}

size_t request_rtu(const struct request *q, uint8_t out[FRAME_MAX])
{
	return crc16_append(out, put_pdu(q, out));
}

size_t request_tcp(const struct request *q, uint16_t transaction, uint8_t out[FRAME_MAX])
{
	size_t n = put_pdu(q, out + 6);

	put_word(out, transaction);
	put_word(out + 2, 0);
	put_word(out + 4, (unsigned)n);
	return 6 + n;
}

size_t request_bytes(const struct request *q)
{
	switch (q->function) {
	case FUNCTION_WRITE: return WRITE_FRAME + 2U * q->count;
	case FUNCTION_REPORT: return 4;
	case FUNCTION_DEVICE: return 7;
	default: return REQUEST_FRAME;
	}
}

size_t request_answer_bytes(const struct request *q)
{
	return request_writes(q) ? REQUEST_FRAME : ANSWER_FRAME + 2U * q->count;
}

bool frame_unfinished(const struct request *q, const uint8_t *buf, size_t n)
{
	uint8_t sent[FRAME_MAX];

	if (n == 0 || buf[0] != q->unit || (n > 1 && (buf[1] & 0x7F) != q->function))
		return false;
	if (n < 3)
		return true;
	if (buf[1] & 0x80)
		return n < EXCEPTION_FRAME;
	if (!request_writes(q))
		return buf[2] == 2 * q->count && n < request_answer_bytes(q);
	/* an acknowledgement repeats address and count */
	request_rtu(q, sent);
	return n < REQUEST_FRAME && memcmp(buf, sent, n < 6 ? n : 6) == 0;
}

struct frame frame_about(const uint8_t *bytes, size_t n)
{
	bool reads = n > 2 && (bytes[1] == FUNCTION_HOLDING || bytes[1] == FUNCTION_INPUT);
	struct frame f = {
		.kind = FRAME_FOREIGN, .len = n, .unit = bytes[0],
		.function = n > 1 ? bytes[1] : 0, .note = "",
	};

	if (reads && n == ANSWER_FRAME + (size_t)bytes[2]) {
		f.count = bytes[2] / 2;
		return f;
	}
	if (n < REQUEST_FRAME || (f.function & 0x80))
		return f;
	f.addr = (uint16_t)frame_word(bytes + 2);
	f.count = f.function == FUNCTION_WRITE_ONE ? 1 : (uint16_t)frame_word(bytes + 4);
	f.master = reads || (f.function == FUNCTION_WRITE && n > REQUEST_FRAME);
	return f;
}

uint16_t frame_transaction(const uint8_t *bytes)
{
	return (uint16_t)frame_word(bytes);
}

void frame_registers(const uint8_t *data, uint16_t count, uint16_t *out)
{
	for (uint16_t i = 0; i < count; i++)
		out[i] = (uint16_t)frame_word(data + 2 * i);
}

/* Does the PDU that begins with the function at B answer Q? */
static bool frame_answers(const struct request *q, const uint8_t *b)
{
	if (b[0] != q->function)
		return false;
	if (request_writes(q))
		return frame_word(b + 1) == q->addr
		    && frame_word(b + 3) == (b[0] == FUNCTION_WRITE_ONE ? q->regs[0] : q->count);
	return b[1] == 2 * q->count;
}

static bool is_answer(const struct request *q, const uint8_t *b, size_t n)
{
	size_t len = request_answer_bytes(q);

	return n >= len && b[0] == q->unit && frame_answers(q, b + 1) && crc16_good(b, len);
}

static bool is_exception(const struct request *q, const uint8_t *b, size_t n)
{
	return n >= EXCEPTION_FRAME && b[0] == q->unit
	    && b[1] == (q->function | 0x80) && crc16_good(b, EXCEPTION_FRAME);
}

/* An answer or exception to Q at B? Fills F without the junk before it. */
static bool find_ours(const struct request *q, const uint8_t *b, size_t n,
		      struct frame *f)
{
	if (is_answer(q, b, n))
		*f = (struct frame){ .kind = FRAME_ANSWER, .note = "",
				     .len = request_answer_bytes(q) };
	else if (is_exception(q, b, n))
		*f = (struct frame){ .kind = FRAME_EXCEPTION, .note = "",
				     .len = EXCEPTION_FRAME, .code = b[2] };
	else
		return false;
	return true;
}

/* A whole frame that is not the answer to Q. */
static bool find_foreign(const struct request *q, const uint8_t *b, size_t n,
			 bool over, struct frame *f)
{
	size_t answer = function_reply_length(b, n), request = function_request_length(b, n);

	*f = (struct frame){ .kind = FRAME_FOREIGN, .unit = b[0], .note = "" };
	if (answer && n >= answer && crc16_good(b, answer))
		f->len = answer;
	else if (request && n >= request && crc16_good(b, request))
		f->len = request;
	else if (over && n >= 4 && crc16_good(b, n))
		f->len = n;
	else
		return false;
	f->master = f->len == request && f->len != answer;
	if (f->master)
		f->note = "request of another master";
	else if (f->unit != q->unit)
		f->note = "answer of another unit";
	else if ((b[1] & 0x7F) != q->function)
		f->note = "answer to another function";
	else
		f->note = request_writes(q) ? "acknowledgement of another write"
					    : "answer of another length";
	return true;
}

bool frame_is_telnet(const uint8_t *buf, size_t n)
{
	return n >= 3 && buf[0] == 0xFF && buf[1] >= 0xFB && buf[1] <= 0xFE;
}

/* As RFC 854 doubles each FF: undoes that into OUT, room for N. Returns the length; 0:
 * there is none, or one that stands alone. */
static size_t undouble(const uint8_t *b, size_t n, uint8_t *out)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		if (b[i] == 0xFF && (++i == n || b[i] != 0xFF))
			return 0;
		out[m++] = b[i];
	}
	return m < n ? m : 0;
}

/* Is it the whole of a reply to Q by RTU, with each FF doubled? */
static bool doubled_rtu(const struct request *q, const uint8_t *b, size_t n)
{
	uint8_t plain[FRAME_BUFFER];
	size_t m = n <= sizeof(plain) ? undouble(b, n, plain) : 0;
	struct frame f;

	return m > 0 && find_ours(q, plain, m, &f) && f.len == m;
}

/* A Modbus TCP frame, whose function is that of a reply to Q. */
static bool is_mbap(const struct request *q, const uint8_t *b, size_t n)
{
	return n >= 9 && b[2] == 0 && b[3] == 0 && frame_word(b + 4) == n - 6
	    && (b[7] & 0x7F) == q->function;
}

/* The burst is over and holds nothing whole: was it meant for us? */
static struct frame judge_rest(const struct request *q, const uint8_t *b, size_t n)
{
	size_t len = request_answer_bytes(q);
	bool header = n > 2 && b[0] == q->unit && (b[1] & 0x7F) == q->function;
	/* a byte or two lost or one damaged in the header */
	bool size = n + 3 > len && n <= len;
	struct frame f = { .kind = FRAME_CORRUPT, .len = n };

	if (is_mbap(q, b, n)) {
		f.clue = CLUE_MBAP;
		f.note = "Modbus TCP, not an RTU frame";
	} else if (frame_is_telnet(b, n)) {
		f.kind = FRAME_NOISE;
		f.clue = CLUE_TELNET;
		f.note = TELNET_OPTIONS;
	} else if (header && n < len)
		f.note = "cut short";
	else if (header || size)
		f.note = "bad CRC";
	else {
		f.kind = FRAME_NOISE;
		f.note = "noise";
	}
	return f;
}

/* Ours begins N bytes from B. Is somebody else's whole frame hidden in what is before it? */
static bool find_hidden(const struct request *q, const uint8_t *b, size_t n, struct frame *f)
{
	for (size_t at = 1; at + EXCEPTION_FRAME <= n; at++)
		if (find_foreign(q, b + at, n - at, false, f)) {
			f->junk = at;
			return true;
		}
	return false;
}

struct frame frame_scan_rtu(const struct request *q, const uint8_t *buf,
			    size_t n, bool over)
{
	struct frame f = { .kind = FRAME_MORE, .note = "" };
	uint8_t sent[FRAME_MAX];
	size_t asked, len = request_answer_bytes(q);

	if (n == 0)
		return f;
	asked = request_rtu(q, sent);
	if (n >= asked && memcmp(buf, sent, asked) == 0)
		return (struct frame){ .kind = FRAME_ECHO, .len = asked,
				       .note = "echo of the request" };
	/* An answer of one register is a byte shorter than the request, and the
	 * acknowledgement of a write begins as it does: until the rest has come,
	 * or nothing more, it may still be the echo. */
	if (n < asked && memcmp(buf, sent, n) == 0 && !over)
		return f;
	if (find_ours(q, buf, n, &f) || find_foreign(q, buf, n, over, &f))
		return f;
	for (size_t at = 1; at + EXCEPTION_FRAME <= n; at++)
		if (find_ours(q, buf + at, n - at, &f)) {
			struct frame hidden;

			f.junk = at;
			return find_hidden(q, buf, at, &hidden) ? hidden : f;
		}
	if (doubled_rtu(q, buf, n))
		return (struct frame){ .kind = FRAME_CORRUPT, .clue = CLUE_TELNET, .len = n,
				       .note = TELNET_DOUBLED };
	/* a damaged echo of a write begins like this, too: its answer follows */
	if (n >= len && !request_writes(q) && buf[0] == q->unit && frame_answers(q, buf + 1))
		return (struct frame){ .kind = FRAME_CORRUPT, .len = n,
				       .note = "bad CRC" };
	if (over)
		return judge_rest(q, buf, n);
	return (struct frame){ .kind = FRAME_MORE, .note = "" };
}

struct frame frame_scan_broadcast(const struct request *q, const uint8_t *buf, size_t n)
{
	struct frame f = { .note = "" };
	struct request own = *q;
	uint8_t sent[FRAME_MAX];
	size_t asked = request_rtu(q, sent);
	size_t echo = n >= asked && memcmp(buf, sent, asked) == 0 ? asked : 0;

	if (n == echo)
		return (struct frame){ .kind = FRAME_MORE, .len = n, .note = n ? "echo of the request" : "" };
	own.unit = buf[echo];
	if (!find_ours(&own, buf + echo, n - echo, &f) || f.len != n - echo)
		return (struct frame){ .kind = FRAME_CORRUPT, .len = n,
				       .note = "more than one reply, or a damaged one" };
	f.junk = echo;
	f.unit = own.unit;
	return f;
}

/* Does the frame that BUF begins with answer Q, whatever its transaction number? Its
 * unit is not looked at, see frame_scan_tcp(). F is filled in when it does; else its
 * note says why not. */
static bool answers_tcp(const struct request *q, const uint8_t *buf, struct frame *f)
{
	size_t len = frame_word(buf + 4);

	if (buf[7] == (q->function | 0x80) && len == 3) {
		f->kind = FRAME_EXCEPTION;
		f->code = buf[8];
		f->note = "";
		return true;
	}
	if (buf[7] != q->function)
		f->note = "answer to another function";
	else if (len + 2 != request_answer_bytes(q) || !frame_answers(q, buf + 7))
		f->note = request_writes(q) ? "acknowledgement of another write"
					   : "answer of another length";
	else {
		f->kind = FRAME_ANSWER;
		f->note = "";
		return true;
	}
	return false;
}

/* Is it the whole of a reply to Q by Modbus TCP, with each FF doubled? */
static bool doubled_tcp(const struct request *q, uint16_t transaction, const uint8_t *b, size_t n)
{
	uint8_t plain[FRAME_BUFFER];
	size_t m = n <= sizeof(plain) ? undouble(b, n, plain) : 0;
	struct frame f = { .note = "" };

	return m >= 9 && frame_word(plain) == transaction && frame_word(plain + 2) == 0
	    && frame_word(plain + 4) == m - 6 && answers_tcp(q, plain, &f);
}

/* What is no Modbus TCP: is it something else that is known? */
static struct frame judge_tcp_rest(const struct request *q, const uint8_t *b, size_t n,
				   const char *note)
{
	struct frame f = { .kind = FRAME_CORRUPT, .len = n, .note = note }, rtu;

	if (frame_is_telnet(b, n)) {
		f.clue = CLUE_TELNET;
		f.note = TELNET_OPTIONS;
	} else if (find_ours(q, b, n, &rtu) || find_foreign(q, b, n, true, &rtu)) {
		f.clue = CLUE_RTU;
		f.note = "an RTU frame, not Modbus TCP";
	}
	return f;
}

/* The transaction number says whose a reply is, not the unit: meters with a network port
 * of their own put 0 or 255 there, whoever was asked (Messaging on TCP/IP Implementation
 * Guide V1.0b, 4.4.2). */
struct frame frame_scan_tcp(const struct request *q, uint16_t transaction,
			    const uint8_t *buf, size_t n, bool over)
{
	struct frame f = { .kind = FRAME_MORE, .note = "" };
	size_t len;

	if (n < 6)
		return over && n > 0 ? judge_tcp_rest(q, buf, n, "cut short") : f;
	/* shorter by its own length: taken for whole it would give wrong values */
	if (doubled_tcp(q, transaction, buf, n))
		return (struct frame){ .kind = FRAME_CORRUPT, .clue = CLUE_TELNET, .len = n,
				       .note = TELNET_DOUBLED };
	len = frame_word(buf + 4);
	/* protocol 0, at least unit, function and one more byte */
	if (buf[2] || buf[3] || len < 3 || len > FRAME_MAX - 6)
		return judge_tcp_rest(q, buf, n, "not Modbus TCP");
	if (n < 6 + len)
		return over ? judge_tcp_rest(q, buf, n, "cut short") : f;
	f = (struct frame){ .kind = FRAME_FOREIGN, .len = 6 + len, .unit = buf[6] };
	if (answers_tcp(q, buf, &f) && frame_word(buf) != transaction) {
		f.kind = FRAME_FOREIGN;
		f.clue = CLUE_RENUMBERED;
	}
	if (frame_word(buf) != transaction)
		f.note = "answer to another request";
	return f;
}
