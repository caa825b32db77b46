#include "pcapng.h"

#include <stdlib.h>
#include <string.h>

/* Blocks are in this machine's byte order, as their first one says; what is in a packet is
 * in that of the network. */
enum { BLOCK_SECTION = 0x0A0D0D0A, BLOCK_INTERFACE = 1, BLOCK_PACKET = 6 };
enum { OPTION_COMMENT = 1, OPTION_NAME = 2, OPTION_FLAGS = 2, OPTION_APPLICATION = 4 };
/* Interfaces, as they are numbered in the file: tcpdump.org/linktypes.html. */
enum { SERIAL, NAMED, INTERFACES };
static const struct {
	uint16_t link;
	const char *name;
} interfaces[INTERFACES] = { [SERIAL] = { 250, "rtu" }, [NAMED] = { 252, "network" } };
/* LINKTYPE_RTAC_SERIAL: what happened. */
enum { RTAC_STATUS = 0, RTAC_SENT = 1, RTAC_RECEIVED = 2 };
/* LINKTYPE_WIRESHARK_UPPER_PDU: Wireshark's epan/exported_pdu.h. */
enum { PDU_DISSECTOR = 12, PDU_PORT_TYPE = 24, PDU_FROM = 25, PDU_TO = 26, PDU_TCP = 2, MODBUS_PORT = 502 };

#define BLOCK_ENDS 32		/* head and end of a packet's block, and of its options */

struct block {
	uint8_t *at;
	size_t n, room;
};

static void block_put(struct block *b, const void *bytes, size_t n)
{
	if (n > b->room - b->n)
		return;		/* block_begin() has seen to it */
	if (n)
		memcpy(b->at + b->n, bytes, n);
	b->n += n;
}

static void block_16(struct block *b, unsigned v)
{
	uint16_t word = (uint16_t)v;

	block_put(b, &word, sizeof(word));
}

static void block_32(struct block *b, uint32_t v)
{
	block_put(b, &v, sizeof(v));
}

/* Network order. */
static void block_be(struct block *b, uint32_t v, int bytes)
{
	while (bytes-- > 0)
		block_put(b, &(uint8_t){ (uint8_t)(v >> 8 * bytes) }, 1);
}

static void block_pad(struct block *b)
{
	while (b->n % 4)
		block_put(b, "", 1);
}

static void block_option(struct block *b, unsigned code, const void *value, size_t n)
{
	if (n == 0 || n > 0xFFFF)
		return;
	block_16(b, code);
	block_16(b, (unsigned)n);
	block_put(b, value, n);
	block_pad(b);
}

/* ROOM bytes between its head and its end at most. */
static bool block_begin(struct block *b, uint32_t type, size_t room)
{
	*b = (struct block){ .room = room + 64, .at = malloc(room + 64) };
	if (!b->at)
		return false;
	block_32(b, type);
	block_32(b, 0);
	return true;
}

static void block_end(struct block *b, FILE *f)
{
	uint32_t n;

	block_32(b, 0);		/* the end of the options */
	n = (uint32_t)b->n + 4;
	block_32(b, n);
	memcpy(b->at + 4, &n, sizeof(n));
	fwrite(b->at, 1, b->n, f);
	fflush(f);
	free(b->at);
}

bool pcapng_named(const char *path)
{
	size_t n = strlen(path), end = strlen(".pcapng");

	return n > end && strcmp(path + n - end, ".pcapng") == 0;
}

void pcapng_begin(FILE *f)
{
	static const char application[] = "meterctl " METERCTL_VERSION;
	struct block b;

	if (!block_begin(&b, BLOCK_SECTION, 64))
		return;
	block_32(&b, 0x1A2B3C4D);	/* the byte order */
	block_16(&b, 1);
	block_16(&b, 0);
	block_32(&b, UINT32_MAX);	/* of a length nobody knows yet */
	block_32(&b, UINT32_MAX);
	block_option(&b, OPTION_APPLICATION, application, sizeof(application) - 1);
	block_end(&b, f);
	for (size_t i = 0; i < INTERFACES && block_begin(&b, BLOCK_INTERFACE, 64); i++) {
		block_16(&b, interfaces[i].link);
		block_16(&b, 0);
		block_32(&b, 0);	/* packets are never cut */
		block_option(&b, OPTION_NAME, interfaces[i].name, strlen(interfaces[i].name));
		block_end(&b, f);
	}
}

/* Time, event, state of the control lines (which nobody has looked at), reserved. */
static void put_rtac(struct block *b, const struct trace_frame *f)
{
	int event = f->n == 0 ? RTAC_STATUS : f->dir == TRACE_OUT ? RTAC_SENT : RTAC_RECEIVED;

	block_be(b, (uint32_t)(f->at_us / 1000000), 4);
	block_be(b, (uint32_t)(f->at_us % 1000000), 4);
	block_be(b, (uint32_t)event, 1);
	block_be(b, 0, 3);
	block_put(b, f->bytes, f->n);
}

static void put_tag(struct block *b, uint32_t tag, uint32_t value)
{
	block_be(b, tag, 2);
	block_be(b, 4, 2);
	block_be(b, value, 4);
}

/* Tags, the last one 0; Modbus TCP tells requests by the port they go to. */
static void put_named(struct block *b, const struct trace_frame *f)
{
	const char *name = f->topic ? "json\0\0\0" : "mbtcp\0\0";
	bool out = f->dir == TRACE_OUT;

	block_be(b, PDU_DISSECTOR, 2);
	block_be(b, 8, 2);
	block_put(b, name, 8);
	if (!f->topic) {
		put_tag(b, PDU_PORT_TYPE, PDU_TCP);
		put_tag(b, PDU_FROM, out ? MODBUS_PORT + 1 : MODBUS_PORT);
		put_tag(b, PDU_TO, out ? MODBUS_PORT : MODBUS_PORT + 1);
	}
	block_be(b, 0, 4);
	block_put(b, f->bytes, f->n);
}

void pcapng_frame(FILE *f, const struct trace_frame *frame)
{
	bool named = frame->topic || frame->tcp;
	size_t note = strlen(frame->note), head, from;
	/* epb_flags: 1 inbound, 2 outbound */
	uint32_t flags = frame->dir == TRACE_OUT ? 2 : frame->n ? 1 : 0;
	struct block b;

	if (!block_begin(&b, BLOCK_PACKET, BLOCK_ENDS + 64 + frame->n + frame->topic_len + note))
		return;
	block_32(&b, named ? NAMED : SERIAL);
	block_32(&b, (uint32_t)((uint64_t)frame->at_us >> 32));
	block_32(&b, (uint32_t)frame->at_us);
	head = b.n;
	block_32(&b, 0);
	block_32(&b, 0);
	from = b.n;
	if (named)
		put_named(&b, frame);
	else
		put_rtac(&b, frame);
	for (uint32_t i = 0, n = (uint32_t)(b.n - from); i < 2; i++)
		memcpy(b.at + head + 4 * i, &n, sizeof(n));
	block_pad(&b);
	block_option(&b, OPTION_COMMENT, frame->topic, frame->topic_len);
	block_option(&b, OPTION_COMMENT, frame->note, note);
	block_option(&b, OPTION_FLAGS, &flags, sizeof(flags));
	block_end(&b, f);
}
