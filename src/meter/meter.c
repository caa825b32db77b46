#include "meter.h"

#include <stdlib.h>
#include <string.h>

#include "profile/base.h"
#include "base/time.h"
#include "profile/codec.h"
#include "open.h"

#define AT_ONCE_MAX 125		/* Modbus Application Protocol V1.1b3, 6.3 */

int meter_open(struct meter *m, const struct profile *profile,
	       const struct target *t, const struct link_opts *o, struct err *e)
{
	struct link_opts opts = *o;
	struct link *link;

	*m = (struct meter){ 0 };
	opts.profile = profile;		/* what a simulated meter simulates */
	link = link_open(t, &opts, e);
	if (!link)
		return -1;
	if (meter_borrow(m, profile, link, e)) {
		link_close(link);
		return -1;
	}
	m->borrowed = false;
	m->before = (struct link_stats){ 0 };
	return 0;
}

int meter_borrow(struct meter *m, const struct profile *profile, struct link *link, struct err *e)
{
	*m = (struct meter){ 0 };
	if (base_is_sought(profile))
		return err_set(e, ERR_USAGE, "profile '%s' cannot be used here: its registers are found by a command of its own (like 'read')",
			       profile->name);
	m->readings = calloc(profile->npoints, sizeof(*m->readings));
	if (!m->readings)
		return err_set(e, ERR_NO, "out of memory");
	m->profile = profile;
	m->link = link;
	m->borrowed = true;
	link_stats(link, &m->before);
	return 0;
}

void meter_stats(const struct meter *m, struct link_stats *out)
{
	const struct link_stats *b = &m->before;

	link_stats(m->link, out);
	out->requests -= b->requests;
	out->replies -= b->replies;
	out->timeouts -= b->timeouts;
	out->corrupt -= b->corrupt;
	out->foreign -= b->foreign;
	out->exceptions -= b->exceptions;
	out->reopened -= b->reopened;
	if (strcmp(out->learned, b->learned) == 0)
		out->learned[0] = '\0';
}

void meter_close(struct meter *m)
{
	if (m->link && !m->borrowed)
		link_close(m->link);
	free(m->readings);
	profile_free(m->profile);
	*m = (struct meter){ 0 };
}

/* Where arriving readings go while a read is under way. */
struct store {
	struct meter *m;
	meter_changed *changed;
	void *arg;
	uint8_t *seen;		/* by point: delivered by this read; NULL: not kept */
	int64_t began_us;	/* what is older belongs to the read before */
};

/* Bytes that are a date in binary and in BCD: the laptop's time tells which it is
 * (ADW300 ambiguity A9). The codec, which knows no time, has taken binary. */
static void read_clock(const struct point *p, struct reading *r)
{
	int64_t shown;

	if (r->words == p->words
	    && codec_clock_coding(p, r->raw, time_local_s(r->at_us)) == CLOCK_BCD
	    && codec_clock_decode(p, CLOCK_BCD, r->raw, &shown) == 0)
		codec_clock_value(shown, &r->value);
}

static void store(void *arg, size_t idx, const struct reading *r)
{
	struct store *s = arg;
	struct reading *mine = &s->m->readings[idx];

	/* a value of then is not shown where one of now has been, but in a log */
	if (r->quality == QUALITY_LATE && mine->quality != QUALITY_NEVER && mine->quality != QUALITY_LATE && !s->m->log)
		return;
	if (r->quality == QUALITY_FAILED) {
		/* the last good value stays beside the reason */
		mine->quality = QUALITY_FAILED;
		mine->err = r->err;
		mine->absent = r->absent;
		/* ... and what stands there now, when that is no value of its type */
		mine->words = r->words;
		if (r->words > 0)
			memcpy(mine->raw, r->raw, sizeof(mine->raw));
	} else {
		*mine = *r;
		if (s->m->profile->points[idx].type == TYPE_CLOCK)
			read_clock(&s->m->profile->points[idx], mine);
	}
	if (s->seen && r->mono_us >= s->began_us)
		s->seen[idx] = 1;
	if (s->changed)
		s->changed(s->arg, idx, mine);
}

/* The line failed: what was asked for and did not come is no longer fresh. */
static void mark_missing(struct store *s, const uint16_t *idx, size_t n,
			 const struct err *why)
{
	for (size_t i = 0; i < n; i++) {
		struct reading *r = &s->m->readings[idx[i]];

		if (s->seen[idx[i]])
			continue;
		if (r->quality == QUALITY_OK)
			r->quality = QUALITY_STALE;
		r->err = *why;
		if (s->changed)
			s->changed(s->arg, idx[i], r);
	}
}

int meter_read(struct meter *m, const uint16_t *idx, size_t n,
	       meter_changed *changed, void *arg, struct err *e)
{
	struct store s = { m, changed, arg, calloc(m->profile->npoints, 1),
			   link_pushes(m->link) ? 0 : time_mono_us() };
	struct err why = { 0 };
	int rc;

	if (!s.seen)
		return err_set(e, ERR_NO, "out of memory");
	rc = link_read(m->link, m->profile, idx, n, store, &s, &why);
	if (rc) {
		mark_missing(&s, idx, n, &why);
		if (e)
			*e = why;
	}
	link_over(m->link, rc != 0);
	free(s.seen);
	return rc;
}

int meter_read_registers(struct meter *m, enum space space, long addr, long n, uint16_t *regs,
			 struct err *e)
{
	long most = m->profile->read_most && m->profile->read_most < AT_ONCE_MAX
		    ? m->profile->read_most : AT_ONCE_MAX;

	for (long at = 0; at < n; at += most) {
		long part = n - at < most ? n - at : most;

		if (link_raw_read(m->link, space, (uint16_t)(addr + at), (uint16_t)part, regs + at, e))
			return -1;
	}
	return 0;
}

int meter_receive(struct meter *m, int64_t until_us, meter_changed *changed, void *arg,
		  struct err *e)
{
	struct store s = { m, changed, arg, NULL, 0 };

	return link_receive(m->link, m->profile, until_us, store, &s, e);
}

static bool meter_side_of(const struct reading *r, double *out)
{
	*out = r->value.num;
	return r->quality == QUALITY_OK && r->value.kind == VALUE_NUMBER && *out > 0;
}

bool meter_ratio(const struct reading *readings, const struct ratio_points *at, double *out)
{
	double secondary = 1;

	if (at->of[0] < 0 || !meter_side_of(&readings[at->of[0]], out)
	    || (at->of[1] >= 0 && !meter_side_of(&readings[at->of[1]], &secondary)))
		return false;
	*out /= secondary;
	return *out >= 1;
}

/* Is it known, or does the profile have none, and P not need it? */
static bool meter_ratio_for(const struct point *p, enum ratio which, const struct reading *readings,
			    const struct ratio_points *at, double *out)
{
	*out = 1;
	return (at->of[0] < 0 && !(p->ratio & which)) || meter_ratio(readings, at, out);
}

struct meter_ratios meter_ratios(const struct profile *profile)
{
	return (struct meter_ratios){ profile_ratio(profile, RATIO_PT), profile_ratio(profile, RATIO_CT) };
}

static bool meter_factor_by(const struct profile *profile, struct meter_ratios at,
			    const struct reading *readings, size_t idx, double *out)
{
	const struct point *p = &profile->points[idx];
	double pt = 1, ct = 1;

	if (p->ratio == RATIO_NONE)
		return false;
	if (p->side != SIDE_PRIMARY && (!meter_ratio_for(p, RATIO_PT, readings, &at.pt, &pt)
					|| !meter_ratio_for(p, RATIO_CT, readings, &at.ct, &ct)))
		return false;
	*out = codec_primary(p, pt, ct);
	return true;
}

bool meter_factor(const struct profile *profile, const struct reading *readings,
		  size_t idx, double *out)
{
	return meter_factor_by(profile, meter_ratios(profile), readings, idx, out);
}

bool meter_primary_by(const struct profile *profile, struct meter_ratios at,
		      const struct reading *readings, size_t idx, double *out)
{
	double factor;

	if (readings[idx].value.kind != VALUE_NUMBER
	    || !meter_factor_by(profile, at, readings, idx, &factor))
		return false;
	*out = readings[idx].value.num * factor;
	return true;
}

bool meter_primary(const struct profile *profile, const struct reading *readings,
		   size_t idx, double *out)
{
	return meter_primary_by(profile, meter_ratios(profile), readings, idx, out);
}
