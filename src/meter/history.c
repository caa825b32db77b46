#include "history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define RECORD "history."
#define ENERGY "history.energy."
#define TARIFF "history.energy.tou."
#define HIGHEST "extreme.max."
#define LOWEST "extreme.min."
#define RISES 3		/* months, before it means something */

const char *const history_kinds[HISTORY_KINDS] = {
	"active.import", "active.export", "active.combined", "reactive.import", "reactive.export",
};
const char *const history_titles[HISTORY_KINDS] = {
	"Active energy import", "Active energy export", "Active energy combined",
	"Reactive energy import", "Reactive energy export",
};
const char *const history_parts[HISTORY_PARTS] = { "total", "sharp", "peak", "flat", "valley" };

static bool history_begins(const char *key, const char *with)
{
	return strncmp(key, with, strlen(with)) == 0;
}

bool history_month(const struct point *p, bool *extreme, unsigned *ago)
{
	*extreme = history_begins(p->key, HIGHEST) || history_begins(p->key, LOWEST);
	*ago = p->instance + (*extreme ? 0U : 1U);
	return !(p->flags & POINT_DERIVED) && (*extreme || history_begins(p->key, RECORD));
}

static bool history_wanted(const struct point *p, unsigned months)
{
	unsigned ago;
	bool extreme;

	/* and the record before, for the difference of the oldest one shown */
	return history_month(p, &extreme, &ago) && ago <= months + (extreme ? 0U : 1U);
}

int history_select(const struct profile *p, unsigned months, struct selection *sel,
		   struct err *e)
{
	*sel = (struct selection){ .idx = calloc(p->npoints ? p->npoints : 1, sizeof(*sel->idx)) };
	if (!sel->idx)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < p->npoints; i++)
		if (history_wanted(&p->points[i], months))
			sel->idx[sel->n++] = (uint16_t)i;
	if (sel->n == 0) {
		selection_release(sel);
		return err_set(e, ERR_NO, "no history: profile '%s' names no records that such a "
			       "meter keeps of past months", p->name);
	}
	for (enum ratio r = RATIO_PT; r <= RATIO_CT; r++) {
		const struct ratio_points at = profile_ratio(p, r);

		for (int i = 0; i < 2; i++)
			if (at.of[i] >= 0)
				sel->idx[sel->n++] = (uint16_t)at.of[i];
	}
	return 0;
}

/* ---- one point ------------------------------------------------------------ */

/* Instance N of a key whose own is instance 0; -1: there is none. */
static int instance(const struct profile *p, const char *key, unsigned n)
{
	char full[144];

	if (n == 0)
		return profile_find(p, key);
	snprintf(full, sizeof(full), "%s@%u", key, n);
	return profile_find(p, full);
}

static bool all_words(const struct reading *r, uint16_t word)
{
	for (unsigned i = 0; i < r->words; i++)
		if (r->raw[i] != word)
			return false;
	return r->words > 0;
}

bool history_blank(const struct reading *r)
{
	return all_words(r, 0) || all_words(r, 0xFFFF);
}

/* FFFFH in every word of a number without a sign: more than a counter reaches. */
static bool is_blank(const struct point *p, const struct reading *r)
{
	return (p->type == TYPE_U16 || p->type == TYPE_U32 || p->type == TYPE_U64 || p->type == TYPE_BCD)
	    && all_words(r, 0xFFFF);
}

/* What is seen of some points that belong together. */
struct look {
	size_t n, never, refused, zero, ones;
};

static void look_at(struct look *l, const struct reading *readings, int point)
{
	const struct reading *r = &readings[point < 0 ? 0 : point];

	if (point < 0)
		return;
	l->n++;
	l->never += r->quality == QUALITY_NEVER;
	/* what holds no value of its type has words; what is refused has not */
	l->refused += r->quality == QUALITY_FAILED && r->words == 0;
	l->zero += all_words(r, 0);
	l->ones += all_words(r, 0xFFFF);
}

static enum history_state look_state(const struct look *l)
{
	return l->never ? HISTORY_UNREAD
	     : l->refused == l->n ? HISTORY_REFUSED
	     : l->zero == l->n ? HISTORY_ZERO
	     : l->ones == l->n ? HISTORY_FFFF : HISTORY_KEPT;
}

/* ---- records -------------------------------------------------------------- */

static bool is_energy(const struct point *p)
{
	return history_begins(p->key, ENERGY) && !(p->flags & (POINT_DERIVED | POINT_REPEAT));
}

/* Does POINT hold a number? *VALUE is 0 where it does not. */
static bool history_take_number(const struct history *h, int point, double *value)
{
	const struct reading *r = &h->readings[point < 0 ? 0 : point];
	bool known = point >= 0 && (r->quality == QUALITY_OK || r->quality == QUALITY_STALE)
		  && r->value.kind == VALUE_NUMBER && !is_blank(&h->profile->points[point], r);

	*value = known ? r->value.num : 0;
	return known;
}

static void make_record(const struct history *h, struct history_record *rec, unsigned n)
{
	struct look look = { 0 };
	size_t k = 0;

	rec->ago = n + 1;
	rec->time = instance(h->profile, RECORD "time", n);
	look_at(&look, h->readings, rec->time);
	for (size_t i = 0; i < h->profile->npoints; i++) {
		const struct point *p = &h->profile->points[i];

		if (!is_energy(p))
			continue;
		rec->values[k].point = instance(h->profile, p->key, n);
		look_at(&look, h->readings, rec->values[k++].point);
	}
	rec->state = look_state(&look);
	/* of a record half read, what has come is shown */
	for (k = 0; k < h->nvalues; k++)
		if (rec->state == HISTORY_KEPT || rec->state == HISTORY_UNREAD)
			rec->values[k].known = history_take_number(h, rec->values[k].point, &rec->values[k].value);
}

static void history_compare(struct history *h)
{
	size_t rises = 0, falls = 0;

	for (size_t r = 0; r + 1 < h->nrecords; r++) {
		bool rose = false;

		for (size_t k = 0; k < h->nvalues; k++) {
			struct history_value *v = &h->records[r].values[k];
			const struct history_value *before = &h->records[r + 1].values[k];

			v->compared = v->known && before->known;
			v->difference = v->compared ? v->value - before->value : 0;
			rose = rose || v->difference > 0;
			falls += v->difference < 0;
		}
		rises += rose;
	}
	h->course = falls ? HISTORY_FALLING : rises >= RISES ? HISTORY_RISING : HISTORY_FEW;
}

static int make_records(struct history *h, unsigned months)
{
	struct history_value *values;
	unsigned n = 0;

	for (size_t i = 0; i < h->profile->npoints; i++) {
		const struct point *p = &h->profile->points[i];

		h->nvalues += is_energy(p);
		if (history_begins(p->key, RECORD) && history_wanted(p, months) && p->instance + 1U > n)
			n = p->instance + 1U;
	}
	if (n == 0)
		return 0;
	h->records = calloc(n, sizeof(*h->records));
	values = calloc(n * (h->nvalues ? h->nvalues : 1), sizeof(*values));
	if (!h->records || !values) {
		free(values);
		return -1;
	}
	for (h->nrecords = 0; h->nrecords < n; h->nrecords++) {
		h->records[h->nrecords].values = values + h->nrecords * h->nvalues;
		make_record(h, &h->records[h->nrecords], (unsigned)h->nrecords);
	}
	history_compare(h);
	if (h->nrecords > months)
		h->nrecords = months;
	return 0;
}

/* ---- extremes ------------------------------------------------------------- */

static bool is_time(const struct point *p)
{
	return p->type == TYPE_STAMP || p->type == TYPE_CLOCK;
}

/* The quantity of an extreme: its key without the prefix; NULL: P is none, or a
 * minimum whose maximum stands for both. */
static const char *history_quantity(const struct profile *p, const struct point *pt)
{
	const char *of = pt->key + strlen(HIGHEST);
	char other[128];

	if (pt->flags & (POINT_DERIVED | POINT_REPEAT) || is_time(pt))
		return NULL;
	if (history_begins(pt->key, HIGHEST))
		return of;
	if (!history_begins(pt->key, LOWEST))
		return NULL;
	snprintf(other, sizeof(other), HIGHEST "%s", of);
	return profile_find(p, other) < 0 ? of : NULL;
}

static struct history_peak make_peak(const struct history *h, const char *side,
				     const char *of, unsigned ago)
{
	struct look look = { 0 };
	struct history_peak peak = { .known = false };
	char key[128];

	snprintf(key, sizeof(key), "%s%s", side, of);
	peak.point = instance(h->profile, key, ago);
	snprintf(key, sizeof(key), "%s%s.time", side, of);
	peak.time = instance(h->profile, key, ago);
	look_at(&look, h->readings, peak.point);
	look_at(&look, h->readings, peak.time);
	peak.state = look.n ? look_state(&look) : HISTORY_UNREAD;
	if (peak.state == HISTORY_KEPT)
		peak.known = history_take_number(h, peak.point, &peak.value);
	return peak;
}

static int make_extremes(struct history *h, unsigned months)
{
	const struct profile *p = h->profile;
	size_t quantities = 0;
	unsigned last = 0, ago;
	bool extreme;

	for (size_t i = 0; i < p->npoints; i++) {
		quantities += history_quantity(p, &p->points[i]) != NULL;
		if (history_month(&p->points[i], &extreme, &ago) && extreme && ago <= months && ago > last)
			last = ago;
	}
	if (quantities == 0)
		return 0;
	h->extremes = calloc(quantities * (last + 1), sizeof(*h->extremes));
	if (!h->extremes)
		return -1;
	for (ago = 0; ago <= last; ago++)
		for (size_t i = 0; i < p->npoints; i++) {
			const char *of = history_quantity(p, &p->points[i]);

			if (of)
				h->extremes[h->nextremes++] = (struct history_extreme){
					.ago = ago, .quantity = of,
					.max = make_peak(h, HIGHEST, of, ago),
					.min = make_peak(h, LOWEST, of, ago),
				};
		}
	return 0;
}

/* ---- the whole ------------------------------------------------------------ */

int history_init(struct history *h, const struct profile *p, const struct reading *readings,
		 unsigned months, struct err *e)
{
	*h = (struct history){ .profile = p, .readings = readings };
	if (make_records(h, months) == 0 && make_extremes(h, months) == 0)
		return 0;
	history_release(h);
	return err_set(e, ERR_NO, "out of memory");
}

void history_release(struct history *h)
{
	if (h->records)
		free(h->records[0].values);	/* those of all */
	free(h->records);
	free(h->extremes);
	*h = (struct history){ 0 };
}

const struct history_value *history_value(const struct history *h, size_t r, size_t kind,
					  size_t part)
{
	int point;
	char key[128];

	snprintf(key, sizeof(key), "%s%s.%s", part ? TARIFF : ENERGY, history_kinds[kind],
		 history_parts[part]);
	point = instance(h->profile, key, h->records[r].ago - 1);
	for (size_t k = 0; k < h->nvalues && point >= 0; k++)
		if (h->records[r].values[k].point == point)
			return &h->records[r].values[k];
	return NULL;
}

const char *history_time(const struct history *h, int point)
{
	const struct reading *r = point < 0 ? NULL : &h->readings[point];

	/* the codec's word for a stamp of nothing or all ones */
	if (!r || r->quality == QUALITY_NEVER || r->quality == QUALITY_FAILED
	    || r->value.kind != VALUE_STRING || strcmp(r->value.text, "none") == 0)
		return "";
	return r->value.text;
}

const char *history_state_name(enum history_state s)
{
	static const char *const names[] = {
		[HISTORY_UNREAD] = "unread", [HISTORY_REFUSED] = "refused",
		[HISTORY_ZERO] = "unused", [HISTORY_FFFF] = "unused", [HISTORY_KEPT] = "kept",
	};

	return names[s];
}

void history_notes(const struct history *h, const char *notes[HISTORY_NOTES])
{
	static const char *const courses[] = {
		[HISTORY_FEW] = "there are too few here to tell",
		[HISTORY_RISING] = "here none is below the record before, as with running totals",
		[HISTORY_FALLING] = "here some are below the record before: no running totals, or begun anew",
	};
	bool unused = false;
	size_t n = 0;

	for (size_t r = 0; r < h->nrecords; r++)
		unused = unused || h->records[r].state == HISTORY_ZERO
		      || h->records[r].state == HISTORY_FFFF;
	if (h->nrecords) {
		notes[n++] = "energies are as kept; whether running totals or each month's own "
			"is not known";
		notes[n++] = courses[h->course];
	}
	if (unused)
		notes[n++] = "a record of nothing but 0 or FFFFH is taken for unused";
	if (h->nextremes)
		notes[n++] = "the times of extremes are kept without a year";
	notes[n] = NULL;
}
