#include "form.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

#define TURN_WORDS 1U
#define TURN_BYTES 2U

bool form_value_parse(const char *text, struct form_value *out)
{
	size_t n = strlen(text);
	struct in_addr a;
	long v;

	*out = (struct form_value){ 0 };
	if (n == 0 || n >= sizeof(out->text))
		return false;
	memcpy(out->text, text, n);
	if (inet_pton(AF_INET, text, &a) == 1) {
		out->address = true;
		out->num = ntohl(a.s_addr);
	} else if (strspn(text, "0123456789") == n && text_long(text, 0, 4294967295L, &v)) {
		out->number = true;
		out->num = (uint32_t)v;
	}
	return true;
}

static uint16_t form_swap(uint16_t w)
{
	return (uint16_t)(w << 8 | w >> 8);
}

static void form_text(const struct form_value *v, unsigned order, struct form *f)
{
	size_t n = strlen(v->text);

	*f = (struct form){ .type = TYPE_STRING, .order = (uint8_t)order, .scale = 1, .words = (uint16_t)((n + 1) / 2), .half = n % 2 };
	for (size_t i = 0; i < f->words; i++) {
		uint16_t w = (uint16_t)((unsigned char)v->text[2 * i] << 8 | (unsigned char)v->text[2 * i + 1]);

		f->regs[i] = order & TURN_BYTES ? form_swap(w) : w;
	}
}

/* RAW in two words. */
static void form_two(enum point_type type, uint32_t raw, unsigned order, uint16_t scale, struct form *f)
{
	*f = (struct form){ .type = type, .order = (uint8_t)order, .scale = scale, .words = 2 };
	f->regs[order & TURN_WORDS ? 1 : 0] = (uint16_t)(raw >> 16);
	f->regs[order & TURN_WORDS ? 0 : 1] = (uint16_t)raw;
	for (size_t i = 0; i < 2 && order & TURN_BYTES; i++)
		f->regs[i] = form_swap(f->regs[i]);
}

static uint32_t form_digits(uint32_t v)
{
	uint32_t bcd = 0;

	for (unsigned at = 0; v; v /= 10, at += 4)
		bcd |= v % 10 << at;
	return bcd;
}

static size_t form_numbers(uint32_t raw, uint16_t scale, struct form *out)
{
	size_t n = 0;

	if (raw <= 65535)
		out[n++] = (struct form){ .type = TYPE_U16, .scale = scale, .words = 1, .regs = { (uint16_t)raw } };
	if (raw <= 9999)
		out[n++] = (struct form){ .type = TYPE_BCD, .scale = scale, .words = 1, .regs = { (uint16_t)form_digits(raw) } };
	for (unsigned order = 0; order <= TURN_WORDS; order++) {
		form_two(TYPE_U32, raw, order, scale, &out[n++]);
		if (raw <= 99999999)
			form_two(TYPE_BCD, form_digits(raw), order, scale, &out[n++]);
	}
	return n;
}

size_t form_all(const struct form_value *v, bool seconds, struct form *out)
{
	size_t n = 0;

	form_text(v, 0, &out[n++]);
	form_text(v, TURN_BYTES, &out[n++]);
	if (v->number) {
		n += form_numbers(v->num, 1, out + n);
		if (seconds && v->num % 60 == 0 && v->num)
			n += form_numbers(v->num / 60, 60, out + n);
	}
	for (unsigned order = 0; v->address && order < 4; order++)
		form_two(TYPE_IPV4, v->num, order, 1, &out[n++]);
	return n;
}

bool form_same(const struct form *a, const struct form *b)
{
	return a->type == b->type && a->order == b->order && a->scale == b->scale
	    && (a->type == TYPE_STRING || a->words == b->words);
}

/* The byte of WORD that is the first, or the second, of its two characters. */
static unsigned form_char(const struct form *f, uint16_t word, bool second)
{
	bool low = second != ((f->order & TURN_BYTES) != 0);

	return low ? word & 0xFFU : word >> 8;
}

static bool form_pads(unsigned c)
{
	return c == 0 || c == ' ';
}

bool form_at(struct form *f, const uint16_t *regs, size_t n)
{
	size_t whole = f->words - (f->half ? 1U : 0U);

	if (n < f->words || memcmp(regs, f->regs, whole * sizeof(*regs)) != 0)
		return false;
	if (!f->half)
		return true;
	if (form_char(f, regs[whole], false) != form_char(f, f->regs[whole], false)
	    || !form_pads(form_char(f, regs[whole], true)))
		return false;
	f->pad = (char)form_char(f, regs[whole], true);
	return true;
}

size_t form_padding(const struct form *f, const uint16_t *regs, size_t n)
{
	size_t i = 0;
	unsigned pad = f->half ? (unsigned char)f->pad : n ? form_char(f, regs[0], false) : 0;

	while (i < n && form_pads(pad) && form_char(f, regs[i], false) == pad && form_char(f, regs[i], true) == pad)
		i++;
	return i;
}

static bool form_prints(unsigned c)
{
	return c > ' ' && c < 0x7F;
}

bool form_is_text(const struct form *f, uint16_t word, bool behind)
{
	/* of a number the order of characters beside it is not known */
	if (f->type != TYPE_STRING)
		return form_prints(word >> 8) && form_prints(word & 0xFFU);
	return form_prints(form_char(f, word, !behind));
}

bool form_looks_like_text(const struct form *f)
{
	for (size_t i = 0; i < f->words; i++) {
		unsigned a = f->regs[i] >> 8, b = f->regs[i] & 0xFFU;

		if (!(form_prints(a) || form_pads(a)) || !(form_prints(b) || form_pads(b)) || !(form_prints(a) || form_prints(b)))
			return i > 0 && f->regs[i] == 0;
	}
	return true;
}

bool form_has_part(const struct form *f, const uint16_t *regs, size_t n)
{
	size_t whole = f->words - (f->half ? 1U : 0U);

	for (size_t at = 0; f->type == TYPE_STRING && at + n <= whole; at++)
		if (memcmp(f->regs + at, regs, n * sizeof(*regs)) == 0)
			return true;
	return false;
}

static bool form_holds(const uint8_t *bytes, size_t n, const void *what, size_t size)
{
	for (size_t i = 0; i + size <= n; i++)
		if (memcmp(bytes + i, what, size) == 0)
			return true;
	return false;
}

bool form_in_bytes(const struct form_value *v, bool seconds, const uint8_t *bytes, size_t n)
{
	struct form all[FORMS_MAX];
	size_t count = form_all(v, seconds, all);

	if (form_holds(bytes, n, v->text, strlen(v->text)))
		return true;
	for (size_t i = 0; i < count; i++) {
		uint8_t b[2 * FORM_WORDS], turned[2 * FORM_WORDS];
		size_t size = 2U * all[i].words - all[i].half;

		for (size_t k = 0; k < 2U * all[i].words; k++) {
			b[k] = (uint8_t)(all[i].regs[k / 2] >> (k % 2 ? 0 : 8));
			turned[k ^ 1U] = b[k];
		}
		if (all[i].type == TYPE_STRING && all[i].order)
			size = 2U * (all[i].words - all[i].half);
		if (size && (form_holds(bytes, n, b, size) || (all[i].type != TYPE_STRING && form_holds(bytes, n, turned, size))))
			return true;
	}
	return false;
}
