#include "heard.h"

#include "base/text.h"
#include "frame.h"

#define TOLD 3			/* rows in a message */

static bool row_is(const struct heard_row *r, const struct frame *f)
{
	return r->unit == f->unit && r->function == f->function && r->count == f->count
	    && r->addr == f->addr && r->request == f->master;
}

/* The row for F: its own, a new one, or that of what was heard least. */
static struct heard_row *row_for(struct heard *h, const struct frame *f)
{
	struct heard_row *least = &h->rows[0];

	for (size_t i = 0; i < h->n; i++) {
		if (row_is(&h->rows[i], f))
			return &h->rows[i];
		if (h->rows[i].times < least->times)
			least = &h->rows[i];
	}
	if (h->n < HEARD_ROWS)
		least = &h->rows[h->n++];
	*least = (struct heard_row){
		.unit = f->unit, .function = f->function, .addr = f->addr,
		.count = f->count, .request = f->master,
	};
	return least;
}

void heard_frame(struct heard *h, const struct request *ours, const uint8_t *bytes, size_t n, int64_t now_us)
{
	struct frame f = frame_about(bytes, n);
	bool alike = (f.function & 0x7F) == ours->function && (f.count == ours->count || f.count == 0);

	if (f.unit == ours->unit) {
		h->surplus++;
		h->alike += alike;
	}
	h->last_us = now_us;
	row_for(h, &f)->times++;
}

void heard_noise(struct heard *h)
{
	h->surplus++;
	h->alike++;
}

void heard_bytes(struct heard *h, int64_t now_us)
{
	heard_noise(h);
	h->last_us = now_us;
}

void heard_before(struct heard *h, int64_t now_us)
{
	h->last_us = now_us;
}

bool heard_shared(const struct heard *h, int64_t now_us)
{
	return h->last_us && now_us - h->last_us < HEARD_US;
}

bool heard_count(const struct heard *h, uint16_t count)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->rows[i].count == count)
			return true;
	return false;
}

bool heard_unit(const struct heard *h, uint8_t unit)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->rows[i].unit == unit)
			return true;
	return false;
}

/* A reply is not told of beside the request that it answers. */
static bool row_told_by_request(const struct heard *h, const struct heard_row *r)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->rows[i].request && !r->request && h->rows[i].unit == r->unit
		    && h->rows[i].function == r->function && h->rows[i].count == r->count)
			return true;
	return false;
}

static void row_text(const struct heard_row *r, char *buf, size_t size, size_t *at)
{
	text_append(buf, size, at, "%sunit %u, ", *at ? "; " : "", r->unit);
	if (r->count == 0)
		text_append(buf, size, at, "function %02u", r->function & 0x7FU);
	else if (!r->request && !function_writes(r->function))
		text_append(buf, size, at, "%u register%s", r->count, r->count == 1 ? "" : "s");
	else if (r->count == 1)
		text_append(buf, size, at, "register 0x%04X", r->addr);
	else
		text_append(buf, size, at, "registers 0x%04X-0x%04X", r->addr,
			    (unsigned)r->addr + r->count - 1U);
	if (r->times == 1)
		text_append(buf, size, at, ", once");
	else
		text_append(buf, size, at, ", %u times", r->times);
}

const char *heard_text(const struct heard *h, char *buf, size_t size)
{
	bool told[HEARD_ROWS] = { false };
	size_t at = 0;

	buf[0] = '\0';
	for (int k = 0; k < TOLD; k++) {
		size_t most = h->n;

		for (size_t i = 0; i < h->n; i++)
			if (!told[i] && !row_told_by_request(h, &h->rows[i])
			    && (most == h->n || h->rows[i].times > h->rows[most].times))
				most = i;
		if (most == h->n)
			break;
		told[most] = true;
		row_text(&h->rows[most], buf, size, &at);
	}
	return buf;
}
