#include "frame_decode.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "modbus/diagnosis.h"
#include "modbus/function.h"

/* A frame without what carries it: unit, function, data. */
struct pdu {
	const uint8_t *at;	/* the unit address */
	size_t n;		/* 0: too short to be one */
};

static struct pdu pdu_of(const struct ui_frame *f, bool tcp)
{
	size_t head = tcp ? 6 : 0, tail = tcp ? 0 : 2;

	if (f->n < head + tail + 3)
		return (struct pdu){ f->bytes, 0 };
	return (struct pdu){ f->bytes + head, f->n - head - tail };
}

static unsigned frame_decode_word(const uint8_t *b)
{
	return (unsigned)b[0] << 8 | b[1];
}

static void say_request(struct pdu p, char *buf, size_t size)
{
	const struct function *fn = function_addressed(p.at[1]);

	if (!fn)
		snprintf(buf, size, "function %02X", p.at[1]);
	else if (p.n < 6)
		snprintf(buf, size, "%s, cut short", fn->verb);
	else if (fn->kind)
		snprintf(buf, size, "%s %u %s from %u", fn->verb, frame_decode_word(p.at + 4),
			 fn->kind, frame_decode_word(p.at + 2));
	else
		snprintf(buf, size, "%s %u = %u", fn->verb, frame_decode_word(p.at + 2), frame_decode_word(p.at + 4));
}

static void say_reply(struct pdu p, struct pdu asked, char *buf, size_t size)
{
	const struct function *fn = function_addressed(p.at[1]);
	bool known = asked.n >= 6 && asked.at[1] == p.at[1];

	if (p.at[1] & 0x80)
		snprintf(buf, size, "refused: %s", diagnosis_exception_name(p.at[2]));
	else if (!fn)
		snprintf(buf, size, "function %02X", p.at[1]);
	else if (fn->code >= 0x05 && p.n >= 6)
		snprintf(buf, size, fn->kind ? "written: %2$u from %1$u" : "written: %1$u = %2$u",
			 frame_decode_word(p.at + 2), frame_decode_word(p.at + 4));
	else if (fn->code <= 0x02)
		snprintf(buf, size, "%u bytes of %s", p.at[2], fn->kind);
	else if (known)
		snprintf(buf, size, "%u %s from %u", p.at[2] / 2U, fn->kind, frame_decode_word(asked.at + 2));
	else
		snprintf(buf, size, "%u %s", p.at[2] / 2U, fn->kind);
}

const char *frame_decode_text(const struct ui_frame *f, const struct ui_frame *asked,
		       bool tcp, char *buf, size_t size)
{
	struct pdu p = pdu_of(f, tcp), q = { NULL, 0 };

	if (asked)
		q = pdu_of(asked, tcp);
	if (f->dir == TRACE_NOTE || (f->dir == TRACE_BAD && f->note[0]))
		snprintf(buf, size, "%s", f->note);
	else if (f->dir == TRACE_BAD)
		snprintf(buf, size, "not an answer");
	else if (p.n == 0)
		snprintf(buf, size, "%u bytes", f->n);
	else if (f->dir == TRACE_OUT)
		say_request(p, buf, size);
	else
		say_reply(p, q, buf, size);
	return buf;
}

const char *frame_decode_hex(const struct ui_frame *f, size_t from, size_t n,
		      char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = from; i < f->n && i < from + n; i++)
		text_append(buf, size, &at, i > from ? " %02X" : "%02X", f->bytes[i]);
	return buf;
}

bool frame_decode_is_trouble(const struct ui_frame *f, bool tcp)
{
	struct pdu p = pdu_of(f, tcp);

	return f->dir == TRACE_BAD || f->dir == TRACE_NOTE
	    || (f->dir == TRACE_IN && p.n > 0 && p.at[1] & 0x80);
}
