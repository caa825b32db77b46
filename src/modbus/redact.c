#include "redact.h"

#include <string.h>

#define RTU_CHECK 2	/* bytes of the CRC */

/* Registers that must not be shown. */
struct redact_area {
	enum space space;
	unsigned addr, words;	/* 0 words: none */
};

/* Area I of P: of its points, and behind them of its unlock. */
static struct redact_area redact_area(const struct profile *p, size_t i)
{
	const struct point *pt = &p->points[i];

	if (i == p->npoints)
		return (struct redact_area){ SPACE_HOLDING, p->unlock_at, profile_unlock_words(p) };
	return (struct redact_area){ pt->space, pt->addr, pt->flags & POINT_SECRET ? pt->words : 0 };
}

static bool redact_touches(struct redact_area a, const struct request *q)
{
	enum space space = q->function == FUNCTION_INPUT ? SPACE_INPUT : SPACE_HOLDING;

	return a.words && a.space == space && a.addr < (unsigned)q->addr + q->count && q->addr < a.addr + a.words;
}

bool redact_needed(const struct profile *p, const struct request *q)
{
	for (size_t i = 0; p && i <= p->npoints; i++)
		if (redact_touches(redact_area(p, i), q))
			return true;
	return false;
}

bool redact_any(const struct profile *p)
{
	for (size_t i = 0; i <= p->npoints; i++)
		if (redact_area(p, i).words)
			return true;
	return false;
}

/* Where the registers begin in a frame; 0: it holds none. */
static size_t data_at(const struct request *q, bool tcp, enum trace_dir dir,
		      const uint8_t *bytes, size_t n)
{
	size_t unit = tcp ? 6 : 0;

	if (n < unit + 2 || bytes[unit + 1] & 0x80)
		return 0;
	/* function 06 and its acknowledgement are unit, function, address, value */
	if (q->function == FUNCTION_WRITE_ONE)
		return unit + 4;
	/* function 10H repeats address and count, and has a byte count */
	if (dir == TRACE_OUT)
		return request_writes(q) ? unit + 7 : 0;
	return request_writes(q) ? 0 : unit + 3;
}

bool redact_frame(const struct profile *p, const struct request *q, bool tcp,
		  enum trace_dir dir, uint8_t *bytes, size_t n)
{
	size_t head = data_at(q, tcp, dir, bytes, n);

	if (head == 0 || !redact_needed(p, q))
		return false;
	for (size_t i = 0; i <= p->npoints; i++) {
		struct redact_area a = redact_area(p, i);

		for (unsigned w = 0; redact_touches(a, q) && w < a.words; w++) {
			size_t at = head + 2 * (size_t)(a.addr + w - q->addr);

			if (a.addr + w >= q->addr && at + 1 < n)
				bytes[at] = bytes[at + 1] = 0;
		}
	}
	if (!tcp && n >= RTU_CHECK)
		memset(bytes + n - RTU_CHECK, 0, RTU_CHECK);
	return true;
}
