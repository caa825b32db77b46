#include "named.h"

#include <string.h>

#include "profile/codec.h"
#include "redact.h"

/* Where the registers begin in the frame of C; 0: it carries none. */
static size_t named_content(const struct cut *c)
{
	bool reply = c->kind == CUT_REPLY;

	switch (c->function) {
	case FUNCTION_HOLDING: case FUNCTION_INPUT: return reply ? 3 : 0;
	case FUNCTION_WRITE_ONE: return 4;
	case FUNCTION_WRITE: return reply ? 0 : 7;
	default: return 0;
	}
}

static bool named_registers(uint8_t function)
{
	return function == FUNCTION_HOLDING || function == FUNCTION_INPUT || function_writes(function);
}

/* The registers from ADDR on that are one item: a whole point, or what is up to the next. */
static struct named named_next(const struct profile *p, enum space space, unsigned addr, unsigned end)
{
	const struct point *pt = profile_at(p, space, (long)addr);
	unsigned to = addr + 1;

	if (pt && pt->addr == addr && addr + pt->words <= end)
		return (struct named){ .point = pt, .addr = pt->addr, .words = pt->words };
	for (; to < end; to++) {
		pt = profile_at(p, space, (long)to);
		if (pt && pt->addr == to && to + pt->words <= end)
			break;
	}
	return (struct named){ .addr = (uint16_t)addr, .words = (uint16_t)(to - addr) };
}

size_t named_of(const struct profile *p, const struct cut *c, uint16_t *regs, struct named *out)
{
	enum space space = c->function == FUNCTION_INPUT ? SPACE_INPUT : SPACE_HOLDING;
	size_t from = named_content(c), n = 0;
	unsigned count = c->about.count, addr = c->about.addr;

	if (!named_registers(c->function) || !c->addressed || c->ambiguous || count == 0 || count > READ_MAX)
		return 0;
	if (from + 2 * count + 2 > c->n)
		from = 0;
	if (from)
		frame_registers(c->bytes + from, (uint16_t)count, regs);
	for (unsigned at = addr; at < addr + count && at <= 0xFFFF; at += out[n++].words) {
		out[n] = named_next(p, space, at, addr + count);
		out[n].regs = from ? regs + (at - addr) : NULL;
		if (from && out[n].point)
			codec_decode(out[n].point, out[n].regs, &out[n].value, NULL);
	}
	return n;
}

bool named_redact(const struct profile *p, const struct cut *c, uint8_t *bytes)
{
	struct request q = c->about;
	bool reply = c->kind == CUT_REPLY, known = c->addressed && !c->ambiguous && c->kind != CUT_UNKNOWN;
	/* one that is longer or shorter than such a frame is: all behind the function */
	size_t from = c->kind == CUT_UNKNOWN ? 2 : named_content(c);

	if (!named_registers(c->function))
		return false;
	if (known)
		return redact_frame(p, &q, false, reply ? TRACE_IN : TRACE_OUT, bytes, c->n);
	if (from == 0 || from >= c->n || !redact_any(p))
		return false;
	memset(bytes + from, 0, c->n - from);
	return true;
}
