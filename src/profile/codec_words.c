#include "codec_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "codec.h"

static uint16_t words_turned(uint16_t w)
{
	return (uint16_t)(w << 8 | w >> 8);
}

bool codec_ordered(const struct point *p)
{
	switch (p->type) {
	case TYPE_U32:
	case TYPE_I32:
	case TYPE_U64:
	case TYPE_I64:
	case TYPE_BCD:
	case TYPE_F32:
	case TYPE_F64:
	case TYPE_IPV4:
		return p->words > 1;
	case TYPE_STRING:
		return true;
	default:
		return false;
	}
}

void words_arrange(const struct point *p, const uint16_t *in, uint16_t *out)
{
	bool ordered = codec_ordered(p);
	bool low_first = ordered && (p->order == ORDER_CDAB || p->order == ORDER_DCBA) && p->type != TYPE_STRING;
	bool bytes = ordered && (p->order == ORDER_BADC || p->order == ORDER_DCBA);
	uint16_t w[VALUE_WORDS] = { 0 };

	for (unsigned i = 0; i < p->words; i++) {
		uint16_t from = in[low_first ? p->words - 1U - i : i];

		w[i] = bytes ? words_turned(from) : from;
	}
	memcpy(out, w, p->words * sizeof(*w));
}

uint64_t words_whole(const uint16_t *r, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v = v << 16 | r[i];
	return v;
}

void words_set_whole(uint16_t *r, unsigned n, uint64_t v)
{
	for (; n-- > 0; v >>= 16)
		r[n] = (uint16_t)v;
}

bool words_digits(const uint16_t *r, unsigned n, uint64_t *v)
{
	*v = 0;
	for (unsigned i = 0; i < 4 * n; i++) {
		unsigned digit = (unsigned)r[i / 4] >> (12 - 4 * (i % 4)) & 15U;

		if (digit > 9)
			return false;
		*v = *v * 10 + digit;
	}
	return true;
}

void words_set_digits(uint16_t *r, unsigned n, uint64_t v)
{
	uint64_t packed = 0;

	for (unsigned i = 0; i < 4 * n; i++, v /= 10)
		packed |= v % 10 << 4 * i;
	words_set_whole(r, n, packed);
}

uint16_t words_step(uint16_t mask)
{
	return (uint16_t)(mask & -mask);
}

double words_part(uint16_t w, uint16_t mask, bool with_sign)
{
	int values = mask / words_step(mask) + 1, v = (w & mask) / words_step(mask);

	return with_sign && v >= values / 2 ? v - values : v;
}

void words_set_part(uint16_t *w, uint16_t mask, uint64_t v)
{
	*w = (uint16_t)((*w & ~mask) | (v * words_step(mask) & mask));
}

/* A scale of 0.001 puts the point before the last 3 digits; -1: it is no power of ten. */
static int words_places(double scale)
{
	for (int n = 1; n <= 6; n++)
		if (fabs(scale * pow(10, n) - 1) < 1e-9)
			return n;
	return -1;
}

void words_exact(const struct point *p, bool negative, uint64_t raw, char *buf, size_t size)
{
	const char *sign = negative ? "-" : "";
	uint64_t whole, unit = 1;
	int places;

	buf[0] = '\0';
	if (fabs(p->offset) > 0)
		return;
	if (p->scale >= 1 && fmod(p->scale, 1) == 0.0) {
		if (!__builtin_mul_overflow(raw, (uint64_t)p->scale, &whole))
			snprintf(buf, size, "%s%" PRIu64, sign, whole);
		return;
	}
	places = words_places(p->scale);
	for (int i = 0; i < places; i++)
		unit *= 10;
	if (places > 0)
		snprintf(buf, size, "%s%" PRIu64 ".%0*" PRIu64, sign, raw / unit, places, raw % unit);
}
