#include "codec.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "codec_packed.h"
#include "codec_words.h"
#include "ratio.h"
#include "base/text.h"

struct codec {
	unsigned words;		/* 0: the point says */
	packed_decode *decode;	/* NULL: a number, a choice or bits */
	packed_encode *encode;
};

static const struct codec codecs[] = {
	[TYPE_U16] = { .words = 1 },
	[TYPE_I16] = { .words = 1 },
	[TYPE_U32] = { .words = 2 },
	[TYPE_I32] = { .words = 2 },
	[TYPE_U64] = { .words = 4 },
	[TYPE_I64] = { .words = 4 },
	[TYPE_BCD] = { .words = 0 },
	[TYPE_F32] = { .words = 2 },
	[TYPE_F64] = { .words = 4 },
	[TYPE_BITS] = { .words = 1 },
	[TYPE_BIT] = { .words = 1 },
	[TYPE_CLOCK] = { 3, clock_decode, clock_encode },
	[TYPE_STAMP] = { 2, stamp_decode, stamp_encode },
	[TYPE_FRAME] = { 1, frame_decode, frame_encode },
	[TYPE_FREEZE] = { 1, freeze_decode, freeze_encode },
	[TYPE_DAYTABLE] = { 21, daytable_decode, daytable_encode },
	[TYPE_ZONES] = { 6, zones_decode, zones_encode },
	[TYPE_HEX] = { 0, hex_decode, hex_encode },
	[TYPE_STRING] = { 0, string_decode, string_encode },
	[TYPE_IPV4] = { 2, ipv4_decode, ipv4_encode },
};

unsigned codec_words(enum point_type t)
{
	return codecs[t].words;
}

unsigned codec_point_words(const struct point *p)
{
	unsigned bytes = p->type == TYPE_DAYTABLE ? daytable_bytes(p) : p->layout && *p->layout ? layout_bytes(p) : 0;

	return bytes ? (bytes + 1) / 2 : codec_words(p->type);
}

bool codec_floats(enum point_type t)
{
	return t == TYPE_F32 || t == TYPE_F64;
}

uint16_t codec_mask(const struct point *p)
{
	if (p->type != TYPE_BIT)
		return p->mask;
	return (uint16_t)(1U << p->bit);
}

unsigned codec_room(const struct point *p)
{
	return p->words * (p->chars == 1 ? 1U : 2U);
}

void codec_text_bytes(const struct point *p, const uint16_t *regs, char *out)
{
	uint16_t r[VALUE_WORDS];

	words_arrange(p, regs, r);
	string_bytes(p, r, out);
}

static double power_of_ten(unsigned n)
{
	static const double p[] = { 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9 };

	return p[n < 9 ? n : 9];
}

/* The nearest number with the point's decimals: 2305 x 0.1 is 230.5, not
 * 230.50000000000003. */
static double tidy(const struct point *p, double v)
{
	double ten = power_of_ten(p->decimals);

	return round(v * ten) / ten + 0.0;	/* never -0.0 */
}

/* The shortest decimal that is this float: 230.2, not 230.199997. */
static double shortest(float f)
{
	char text[32];

	for (int digits = 6; digits <= 9; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, (double)f);
		if (strtof(text, NULL) == f)
			break;
	}
	return strtod(text, NULL);
}

/* Do the words R, high first, which are RAW, say that there is no such value? */
static bool codec_is_none(const struct point *p, const uint16_t *r, double raw)
{
	bool by_value = codec_floats(p->type) || p->type == TYPE_BCD;

	if (isnan(raw))
		return true;
	for (size_t i = 0; i < p->nnone; i++)
		if (by_value ? raw >= p->none[i].num && raw <= p->none[i].num
			     : words_whole(r, p->words) == p->none[i].bits)
			return true;
	return false;
}

/* The float in R, words high first. */
static int raw_float(const struct point *p, const uint16_t *r, double *out, struct err *e)
{
	uint64_t u = words_whole(r, p->words);
	uint32_t half = (uint32_t)u;
	float f;

	memcpy(&f, &half, sizeof(f));
	memcpy(out, &u, sizeof(*out));
	if (p->type == TYPE_F32)
		*out = isfinite(f) ? shortest(f) : (double)f;	/* NaN: no such value */
	if (isinf(*out))
		return err_set(e, ERR_FOREIGN, "'%s' is not a number (%04X %04X)",
			       p->key, r[0], r[1]);
	return 0;
}

/* EXACT: the digits of the value, when OUT has not all of them; else "". */
static int raw_number(const struct point *p, const uint16_t *r, double *out, char *exact, size_t size,
		      struct err *e)
{
	uint64_t u = words_whole(r, p->words <= 4 ? p->words : 1), digits;
	bool negative = p->type == TYPE_I64 && (int64_t)u < 0;

	exact[0] = '\0';
	if (codec_mask(p)) {
		*out = words_part(r[0], codec_mask(p), p->type == TYPE_I16);
		return 0;
	}
	switch (p->type) {
	case TYPE_I16:
		*out = (int16_t)r[0];
		return 0;
	case TYPE_I32:
		*out = (int32_t)(uint32_t)u;
		return 0;
	case TYPE_U64:
	case TYPE_I64:
		*out = negative ? (double)(int64_t)u : (double)u;
		if (fabs(*out) >= WORDS_EXACT)
			words_exact(p, negative, negative ? -u : u, exact, size);
		return 0;
	case TYPE_BCD:
		if (!words_digits(r, p->words, &digits))
			return err_set(e, ERR_FOREIGN, "'%s' has a digit above 9", p->key);
		*out = (double)digits;
		return 0;
	case TYPE_F32:
	case TYPE_F64:
		return raw_float(p, r, out, e);
	default:
		*out = p->negative_above && (long)u > p->negative_above
			? (double)(int16_t)r[0] : (double)u;
		return 0;
	}
}

static const struct choice *choice_of(const struct point *p, double code)
{
	for (size_t i = 0; i < p->nchoices; i++)
		if ((double)p->choices[i].code == code)
			return &p->choices[i];
	return NULL;
}

static void set_choice(const struct point *p, double code, struct value *v)
{
	const struct choice *c = choice_of(p, code);

	v->kind = VALUE_CHOICE;
	v->num = code;
	if (c)
		snprintf(v->text, sizeof(v->text), "%s", c->name);
	else
		snprintf(v->text, sizeof(v->text), "#%.9g", code);
}

bool codec_is_scaled(const struct point *p)
{
	return (p->exponent && *p->exponent) || (p->factor && *p->factor);
}

struct point codec_unscaled(const struct point *p)
{
	struct point plain = *p;

	plain.exponent = plain.factor = "";
	return plain;
}

/* RAW by what stands in another register. 2301 by 10^-1 is 230.1, which no product is. */
static int scale_by(const struct point *p, double raw, const struct value *by, double *out, struct err *e)
{
	char text[32];

	if (by->kind != VALUE_NUMBER)
		return err_set(e, ERR_FOREIGN, "'%s': what scales it is no number", p->key);
	if (!*p->exponent)
		*out = raw * by->num;
	else if (!(by->num >= -10 && by->num <= 10))
		return err_set(e, ERR_FOREIGN, "'%s': '%s' is %.0f, not an exponent of -10 to 10", p->key, p->exponent, by->num);
	else
		*out = by->num < 0 ? raw / pow(10, -by->num) : raw * pow(10, by->num);
	snprintf(text, sizeof(text), "%.15g", *out * p->scale + p->offset);
	*out = strtod(text, NULL);
	return 0;
}

int codec_decode_by(const struct point *p, const uint16_t *regs, const struct value *by, struct value *v, struct err *e)
{
	struct point plain = codec_unscaled(p);

	plain.scale = 1;
	plain.offset = 0;
	plain.decimals = 0;
	if (codec_decode(&plain, regs, v, e))
		return -1;
	v->text[0] = '\0';	/* digits of the number that is not scaled */
	if (v->kind == VALUE_NONE || by->kind == VALUE_NONE) {
		v->kind = VALUE_NONE;
		return err_set(e, ERR_NO, "'%s': this meter has no such value", p->key), 0;
	}
	return scale_by(p, v->num, by, &v->num, e);
}

int codec_decode(const struct point *p, const uint16_t *regs, struct value *v,
		 struct err *e)
{
	uint16_t r[VALUE_WORDS];
	double raw = 0;

	*v = (struct value){ .kind = VALUE_NONE };
	if (codec_is_scaled(p))
		return err_set(e, ERR_NO, "'%s' is scaled by '%s', which was not read with it", p->key,
			       *p->exponent ? p->exponent : p->factor);
	words_arrange(p, regs, r);
	if (codecs[p->type].decode) {
		if (codecs[p->type].decode(p, r, v->text, sizeof(v->text), e))
			return -1;
		v->kind = VALUE_STRING;
		return 0;
	}
	if (raw_number(p, r, &raw, v->text, sizeof(v->text), e))
		return -1;
	if (codec_is_none(p, r, raw)) {
		v->text[0] = '\0';
		err_set(e, ERR_NO, "'%s': this meter has no such value", p->key);
		return 0;
	}
	if (p->nchoices) {
		set_choice(p, raw, v);
		return 0;
	}
	v->kind = p->type == TYPE_BITS ? VALUE_BITS : VALUE_NUMBER;
	/* a float has its own digits; the point's decimals are for showing it */
	v->num = raw * p->scale + p->offset;
	if (!codec_floats(p->type) && fabs(raw) < WORDS_EXACT)
		v->num = tidy(p, v->num);
	return 0;
}

static int check_range(const struct point *p, const struct value *v, struct err *e)
{
	if (v->kind == VALUE_NUMBER && p->min <= p->max
	    && (v->num < p->min || v->num > p->max))
		return err_set(e, ERR_DENIED, "'%s' %.*f is out of range (%.*f to %.*f%s%s)",
			       p->key, p->decimals, v->num, p->decimals, p->min,
			       p->decimals, p->max, *p->unit ? " " : "", p->unit);
	return 0;
}

/* What the registers of a type hold, as raw numbers. */
static void raw_range(const struct point *p, double *min, double *max)
{
	uint16_t mask = codec_mask(p);
	double values = mask ? mask / words_step(mask) + 1 : 65536;

	*min = 0;
	*max = values - 1;
	switch (p->type) {
	case TYPE_I16:
		*min = -values / 2;
		*max = values / 2 - 1;
		break;
	case TYPE_U32:
		*max = 4294967295.0;
		break;
	case TYPE_I32:
		*min = -2147483648.0;
		*max = 2147483647.0;
		break;
	case TYPE_I64:
		*min = -WORDS_EXACT;
		*max = WORDS_EXACT;
		break;
	case TYPE_U64:
		*max = WORDS_EXACT;
		break;
	case TYPE_BCD:
		*max = fmin(pow(10, 4 * p->words) - 1, WORDS_EXACT);
		break;
	case TYPE_F32:
		*min = -(double)FLT_MAX;
		*max = (double)FLT_MAX;
		break;
	case TYPE_F64:
		*min = -DBL_MAX;
		*max = DBL_MAX;
		break;
	default:
		if (p->negative_above) {
			*min = -32768;
			*max = (double)p->negative_above;
		}
	}
}

double codec_most(const struct point *p)
{
	double min, max;

	raw_range(p, &min, &max);
	return fmax(min * p->scale, max * p->scale) + p->offset;
}

int codec_number(const struct point *p, double num, struct value *v, struct err *e)
{
	double raw = (num - p->offset) / p->scale, min, max;
	bool whole = p->nchoices || p->type == TYPE_BITS || p->type == TYPE_BIT;

	raw_range(p, &min, &max);
	if (codecs[p->type].decode || !(round(raw) >= min && round(raw) <= max)
	    || (whole && raw != round(raw)))
		return err_set(e, ERR_FOREIGN, "'%s' cannot be %.10g", p->key, num);
	if (p->nchoices) {
		set_choice(p, raw, v);
		return 0;
	}
	v->kind = p->type == TYPE_BITS ? VALUE_BITS : VALUE_NUMBER;
	v->num = num + 0.0;	/* never -0.0 */
	v->text[0] = '\0';
	return 0;
}

static int encode_float(const struct point *p, double num, double raw, uint16_t *r, struct err *e)
{
	float f = (float)raw;
	uint64_t bits = 0;
	uint32_t half;

	memcpy(&half, &f, sizeof(half));
	memcpy(&bits, &raw, sizeof(bits));
	if (!(p->type == TYPE_F32 ? isfinite(f) : isfinite(raw)))
		return err_set(e, ERR_DENIED, "'%s' %g does not fit its registers", p->key, num);
	words_set_whole(r, p->words, p->type == TYPE_F32 ? half : bits);
	return 0;
}

static int encode_number(const struct point *p, double num, uint16_t *r,
			 struct err *e)
{
	double raw = (num - p->offset) / p->scale, min, max, low, high;
	uint64_t u;

	if (codec_floats(p->type))
		return encode_float(p, num, raw, r, e);
	raw = round(raw);
	raw_range(p, &min, &max);
	low = fmin(min * p->scale, max * p->scale) + p->offset;
	high = fmax(min * p->scale, max * p->scale) + p->offset;
	if (!(raw >= min && raw <= max))
		return err_set(e, ERR_DENIED, "'%s' %.*f does not fit its register (%.*f to %.*f%s%s)",
			       p->key, p->decimals, num, p->decimals, low, p->decimals, high,
			       *p->unit ? " " : "", p->unit);
	u = raw < 0 ? (uint64_t)(int64_t)raw : (uint64_t)raw;
	if (codec_mask(p))
		words_set_part(r, codec_mask(p), u);
	else if (p->type == TYPE_BCD)
		words_set_digits(r, p->words, u);
	else
		words_set_whole(r, codecs[p->type].words, u);
	return 0;
}

/* Into words that are not turned yet. */
static int encode_words(const struct point *p, const struct value *v, uint16_t *regs, struct err *e)
{
	if (codecs[p->type].encode)
		return codecs[p->type].encode(p, v->text, regs, e);
	if (v->kind == VALUE_NONE || v->kind == VALUE_STRING)
		return err_set(e, ERR_USAGE, "'%s' needs a number", p->key);
	if (check_range(p, v, e))
		return -1;
	return encode_number(p, v->num, regs, e);
}

int codec_encode(const struct point *p, const struct value *v, uint16_t *regs,
		 struct err *e)
{
	if (encode_words(p, v, regs, e))
		return -1;
	words_arrange(p, regs, regs);
	return 0;
}

static int parse_choice(const struct point *p, const char *text, struct value *v,
			struct err *e)
{
	char list[160] = "";
	size_t at = 0;
	long code;

	if (text[0] == '#' && text_long(text + 1, -2147483647L, 2147483647L, &code)
	    && choice_of(p, (double)code)) {
		set_choice(p, (double)code, v);
		return 0;
	}
	for (size_t i = 0; i < p->nchoices; i++) {
		if (ascii_casecmp(text, p->choices[i].name) == 0) {
			set_choice(p, (double)p->choices[i].code, v);
			return 0;
		}
		text_append(list, sizeof(list), &at, "%s%s", i ? ", " : "",
			    p->choices[i].name);
	}
	return err_set(e, ERR_DENIED, "'%s' is no value for '%s' (one of: %s)",
		       text, p->key, list);
}

/* "overvoltage+undervoltage", or nothing for no bit at all. */
static int parse_bit_names(const struct point *p, const char *text, double *word,
			   struct err *e)
{
	unsigned bits = 0;

	if (strcmp(text, "none") == 0)
		text = "";
	while (*text) {
		size_t len = strcspn(text, "+,"), i;

		for (i = 0; i < p->nbits; i++)
			if (strlen(p->bits[i].name) == len
			    && ascii_ncasecmp(text, p->bits[i].name, len) == 0)
				break;
		if (i == p->nbits)
			return err_set(e, ERR_USAGE, "'%.*s' is no bit of '%s' (see 'profile show %s')",
				       (int)len, text, p->key, p->key);
		bits |= 1U << p->bits[i].pos;
		text += len + (text[len] != '\0');
	}
	*word = bits;
	return 0;
}

/* "200/5", of a transformer. */
static int parse_fraction(const struct point *p, const char *text, double *num,
			  struct err *e)
{
	double steps;

	if (strpbrk(text, strcmp(p->key, "ratio.ct") == 0 ? "vV" : "aA"))
		return err_set(e, ERR_USAGE, "'%s' is no ratio for '%s': those are %s", text, p->key,
			       strpbrk(text, "vV") ? "volts" : "amperes");
	if (ratio_parse(text, num, e))
		return -1;
	steps = *num / p->scale;
	if (fabs(steps - round(steps)) > 1e-6 * fmax(1, fabs(steps)))
		return err_set(e, ERR_DENIED, "'%s' is %.6g: '%s' holds steps of %g only, "
			       "so the meter cannot be set to this transformer", text, *num,
			       p->key, p->scale);
	return 0;
}

static int parse_number(const struct point *p, const char *text, struct value *v,
			struct err *e)
{
	long whole;

	if (p->flags & POINT_FRACTION && strpbrk(text, "/:"))
		return parse_fraction(p, text, &v->num, e);
	if (p->type == TYPE_BITS)
		v->kind = VALUE_BITS;
	if (text_long(text, -2147483647L - 1, 4294967295L, &whole))
		v->num = (double)whole;
	else if (v->kind == VALUE_BITS)
		return parse_bit_names(p, text, &v->num, e);
	else if (!text_double(text, &v->num))
		return err_set(e, ERR_USAGE, "'%s' is no number for '%s'%s%s%s", text,
			       p->key, *p->unit ? " (in " : "", p->unit,
			       *p->unit ? ")" : "");
	if (!codec_floats(p->type)) {
		double steps = (v->num - p->offset) / p->scale;

		if (fabs(steps - round(steps)) > 1e-6 * fmax(1, fabs(steps)))
			return err_set(e, ERR_DENIED, "'%s' %s is between two steps (of %.*f)",
				       p->key, text, p->decimals, fabs(p->scale));
	}
	return 0;
}

static int profile_codec_parse(const struct point *p, const char *text, struct value *v, struct err *e)
{
	uint16_t regs[VALUE_WORDS] = { 0 };

	*v = (struct value){ .kind = VALUE_NUMBER };
	if (codecs[p->type].decode) {
		/* there and back: the value reads as the meter will show it */
		if (codecs[p->type].encode(p, text, regs, e)
		    || codecs[p->type].decode(p, regs, v->text, sizeof(v->text), e))
			return -1;
		v->kind = VALUE_STRING;
		return 0;
	}
	if (p->nchoices)
		return parse_choice(p, text, v, e);
	if (parse_number(p, text, v, e))
		return -1;
	if (!codec_floats(p->type))
		v->num = tidy(p, v->num);
	return codec_encode(p, v, regs, e);
}

int codec_parse(const struct point *p, const char *text, struct value *v,
		struct err *e)
{
	if (profile_codec_parse(p, text, v, e) == 0)
		return 0;
	/* whatever is wrong with it, it may be repeated whole, in part or cleaned */
	if (e && p->flags & POINT_SECRET)
		err_set(e, e->code, "the value given for '%s' is not one it can hold (see 'profile show %s')",
			p->key, p->key);
	return -1;
}

/* Of a float this large not every digit is its own; one of 64 bits may have 300, more than a
 * text holds. */
#define OWN_DIGITS_MOST 1e15

/* "230.200" -> "230.2" */
static void trim_zeros(char *text)
{
	size_t n = strlen(text);

	if (!strchr(text, '.'))
		return;
	while (n > 0 && text[n - 1] == '0')
		text[--n] = '\0';
	if (n > 0 && text[n - 1] == '.')
		text[n - 1] = '\0';
}

static void format_number(const struct point *p, const struct value *v, char *buf, size_t size)
{
	if (*v->text) {
		snprintf(buf, size, "%s", v->text);
		return;
	}
	if (codec_floats(p->type) && fabs(v->num) >= OWN_DIGITS_MOST) {
		snprintf(buf, size, "%.12g", v->num);
		return;
	}
	snprintf(buf, size, "%.*f", p->decimals, tidy(p, v->num));
	if (p->flags & POINT_OWN_DIGITS)
		trim_zeros(buf);
}

const char *codec_format(const struct point *p, const struct value *v, char *buf,
			 size_t size)
{
	switch (v->kind) {
	case VALUE_NUMBER:
		format_number(p, v, buf, size);
		break;
	case VALUE_BITS:
		snprintf(buf, size, "%.0f", v->num);
		break;
	case VALUE_CHOICE:
	case VALUE_STRING:
		snprintf(buf, size, "%s", v->text);
		break;
	case VALUE_NONE:
		snprintf(buf, size, "%s", "");
		break;
	}
	return buf;
}

const char *codec_bits(const struct point *p, const struct value *v,
		       const char *sep, char *buf, size_t size)
{
	unsigned word = (unsigned)v->num;
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned pos = 0; pos < 16; pos++) {
		size_t i;

		if (!(word >> pos & 1))
			continue;
		for (i = 0; i < p->nbits && p->bits[i].pos != pos; i++)
			;
		if (i < p->nbits)
			text_append(buf, size, &at, "%s%s", at ? sep : "", p->bits[i].name);
		else
			text_append(buf, size, &at, "%sbit%u", at ? sep : "", pos);
	}
	return buf;
}

enum ratio codec_ratio(const struct point *p)
{
	return p->side == SIDE_PRIMARY ? RATIO_NONE : p->ratio;
}

double codec_transforms(const struct point *p, double pt, double ct)
{
	return (p->ratio & RATIO_PT ? pt : 1) * (p->ratio & RATIO_CT ? ct : 1);
}

double codec_primary(const struct point *p, double pt, double ct)
{
	return p->side == SIDE_PRIMARY ? 1 : codec_transforms(p, pt, ct);
}
