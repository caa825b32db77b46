/*
 * kind.c - what a profile makes of a simulated meter: its phases, the registers that tell its model,
 * exponents.
 */
#include <math.h>

#include "profile/codec.h"
#include "profile/identify.h"
#include "unit.h"

void kind_adopt(const struct profile *p, struct scenario *s)
{
	bool several = profile_find(p, "voltage.b") >= 0 || profile_find(p, "current.b") >= 0;

	s->direct = profile_find(p, "voltage.dc") >= 0;
	for (unsigned x = 1; x < 3 && (s->direct || (!several && profile_find(p, "voltage.a") >= 0)); x++) {
		s->missing[x] = true;
		s->current_share[x] = 0;
	}
}

/* Does the meter match the whole rule that begins with R already? */
static bool kind_told_by(struct sim_meter *m, const struct identify *r)
{
	for (; r; r = identify_next(r)) {
		uint16_t regs[VALUE_WORDS] = { 0 };

		if (r->function || r->words > VALUE_WORDS)
			return false;
		for (uint16_t w = 0; w < r->words; w++)
			unit_register(m, r->space, (uint16_t)(r->addr + w), &regs[w]);
		if (!identify_registers(r, regs))
			return false;
	}
	return true;
}

/* Gives the meter registers that match the whole rule that begins with R. False: it cannot. */
static bool kind_made_by(struct sim_meter *m, const struct identify *r)
{
	size_t n = 0;

	for (; r; r = identify_next(r), n++) {
		struct slot *s = &m->slots[m->nslots + n];

		if (n == KIND_PARTS || !identify_example(r, s->words))
			return false;
		m->tells[n] = (struct point){
			.key = "", .unit = "", .exponent = "", .factor = "", .type = TYPE_HEX, .space = r->space,
			.addr = r->addr, .words = r->words,
		};
		s->point = &m->tells[n];
		s->held = true;
	}
	m->nslots += n;
	return true;
}

int kind_tell(struct sim_meter *m)
{
	const struct identify *first = m->profile->identify.list, *end = first + m->profile->identify.n, *r;

	for (r = first; r < end; r = identify_behind(r))
		if (kind_told_by(m, r))
			return 0;
	for (r = first; r < end && !kind_made_by(m, r); r = identify_behind(r))
		;
	return r < end && (unit_make_registers(m, SPACE_HOLDING) || unit_make_registers(m, SPACE_INPUT)) ? -1 : 0;
}

/* The largest number that the registers of P hold; 0: of another type. */
static double kind_most(const struct point *p)
{
	switch (p->type) {
	case TYPE_I16: return INT16_MAX;
	case TYPE_U16: return UINT16_MAX;
	case TYPE_I32: return INT32_MAX;
	case TYPE_U32: return UINT32_MAX;
	default: return 0;
	}
}

/* Do the points that SCALER scales by 10^N have room for four times what they show now? */
static bool kind_fits(struct sim_meter *m, const struct slot *scaler, int n)
{
	for (size_t i = 0; i < m->nslots; i++) {
		const struct slot *s = &m->slots[i];
		struct value v;
		struct point p;

		if (s->scaler != scaler || s->bind.kind != BIND_NUMBER || kind_most(s->point) == 0)
			continue;
		p = codec_unscaled(s->point);
		unit_value(m, s, &p, &v);
		if (fabs(v.num) * 4 > kind_most(&p) * p.scale * pow(10, n))
			return false;
	}
	return true;
}

/* A factor of 0 makes nothing of everything. */
static void kind_choose_factor(struct slot *scaler)
{
	struct value v;

	if (codec_decode(scaler->point, scaler->words, &v, NULL) == 0 && !(fabs(v.num) > 0)) {
		v = (struct value){ .kind = VALUE_NUMBER, .num = 1 };
		codec_encode(scaler->point, &v, scaler->words, NULL);
	}
}

static void kind_choose_exponent(struct sim_meter *m, struct slot *scaler)
{
	struct value v = { .kind = VALUE_NUMBER, .num = -3 };

	while (v.num < 9 && !kind_fits(m, scaler, (int)v.num))
		v.num++;
	codec_encode(scaler->point, &v, scaler->words, NULL);
}

void kind_scale(struct sim_meter *m)
{
	for (size_t i = 0; i < m->nslots; i++) {
		const struct slot *s = &m->slots[i];

		if (s->scaler && s->scaler->held && *s->point->exponent)
			kind_choose_exponent(m, s->scaler);
		else if (s->scaler && s->scaler->held)
			kind_choose_factor(s->scaler);
	}
}
