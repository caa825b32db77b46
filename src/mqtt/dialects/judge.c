/*
 * judge.c - which values of an upload are used: those of a device whose items are known,
 * and of them those that such a meter can have. What is not used is counted with its reason.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "profile/codec.h"
#include "mapping.h"
#include "upload.h"

/* ---- is the device one of those? ----------------------------------------------- */

static bool judge_device_known(const struct dialect *d, const char *type, const char *model)
{
	if (*model)
		return ascii_ncasecmp(model, d->model, strlen(d->model)) == 0;
	for (size_t i = 0; d->types[i]; i++)
		if (ascii_casecmp(type, d->types[i]) == 0)
			return true;
	return !*type || ascii_ncasecmp(type, d->model, strlen(d->model)) == 0;
}

void dialect_judge_device(struct upload *up, const char *model, const char *named)
{
	const struct dialect *d = up->dialect;
	const char *said = *up->model ? up->model : model;
	unsigned long n = 0;
	char last[MQTT_NAME + 32];

	if (!d->model || up->down || judge_device_known(d, up->product, said) || (*named && strcmp(named, up->product) == 0))
		return;
	for (size_t i = 0; i < up->n; i++)
		n += !up->values[i].is_text;
	snprintf(last, sizeof(last), "%s '%s'", *said ? "model" : "device type", *said ? said : up->product);
	if (n)
		upload_drop_of(up, n, last, "%s: item numbers known for the %s only (if it is one: product=TYPE)", d->name,
			       d->model);
	up->n = 0;
}

/* ---- can such a meter have the value? ------------------------------------------- */

/* What no meter of the mains can have, whatever its register holds. */
static const struct limit {
	const char *key;	/* as it begins; "": by its unit alone */
	const char *unit;	/* of the dialect */
	const char *what;
	double min, max;
	bool or_zero;
} limits[] = {
	/* 15 % off 50 and 60 Hz: the most of a supply that no grid keeps in step (EN 50160, 4.2.1).
	 * Without voltage it is 0 */
	{ "frequency", "Hz", "frequency", 42.5, 69, true },
	/* where low voltage ends (IEC 60038, table 1); the highest rated input is 660 V */
	{ "voltage.", "V", "voltage", 0, 1000, false },
	/* what a modem measures (3GPP TS 36.133, 9.1.4); nothing it receives is 1 mW */
	{ "signal.", "dBm", "signal", -156, 0, false },
	{ "", "percent", "signal", 0, 100, false },
};

#define JUDGE_SHARE 2.0	/* the values of an upload may be one refresh apart, while a motor starts */
#define JUDGE_IDLE 0.05	/* A: 1 % of 5 A, below which a current may be shown as none */

static const char *judge_unit(const struct dialect_item *it)
{
	return it->unit ? it->unit : "";
}

/* V, of P (NULL: no point), is not used. WHY holds for all such values, its detail MORE ("")
 * for this one. */
static void judge_refuse(struct upload *up, struct upload_value *v, const struct point *p, const char *why, const char *more)
{
	const struct dialect_item *it = &up->dialect->items[v->item];
	const char *unit = p && *p->unit ? p->unit : judge_unit(it);
	char last[96];

	snprintf(v->text, sizeof(v->text), "%.10g%s%s: %s", v->num, *unit ? " " : "", unit, why);
	v->refused = true;
	snprintf(last, sizeof(last), "%s %.10g%s%s%s", p ? p->key : it->name, v->num, *unit ? " " : "", unit, more);
	upload_drop_of(up, 1, last, "%s", why);
}

static const struct limit *judge_limit_of(const struct dialect_item *it)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		const struct limit *l = &limits[i];

		if (strcmp(judge_unit(it), l->unit) == 0 && strncmp(it->key ? it->key : "", l->key, strlen(l->key)) == 0)
			return l;
	}
	return NULL;
}

/* In a mapping the unit of an item is that of the vocabulary; a profile may have another, of
 * the same quantity. What is in no unit or in another quantity's is not guessed at. */
static void judge_convert(struct upload *up, struct upload_value *v, const struct point *p)
{
	const struct dialect_item *it = &up->dialect->items[v->item];
	char why[128];
	double ratio;

	if (!up->dialect->mapping || !p || !*p->unit || strcmp(p->unit, it->unit) == 0)
		return;
	if (mapping_units(it->unit, p->unit, &ratio)) {
		v->num *= ratio;
		return;
	}
	snprintf(why, sizeof(why), "the profile has it in %s", p->unit);
	judge_refuse(up, v, NULL, why, "");
}

/* By the range that mains have, or that the meter's manual gives, or the register's. */
static void judge_range(struct upload *up, struct upload_value *v, const struct point *p)
{
	const struct dialect_item *it = &up->dialect->items[v->item];
	const struct limit *l = judge_limit_of(it);
	struct value value;
	char why[128];

	if (l && (v->num < l->min || v->num > l->max) && !(l->or_zero && fpclassify(v->num) == FP_ZERO)) {
		snprintf(why, sizeof(why), "%s outside %g to %g %s", l->what, l->min, l->max, l->unit);
		judge_refuse(up, v, p, why, "");
	} else if (p && p->min <= p->max && p->from != FROM_PROVISIONAL && (v->num < p->min || v->num > p->max)) {
		snprintf(why, sizeof(why), "%s outside %g to %g%s%s", p->key, p->min, p->max, *p->unit ? " " : "", p->unit);
		judge_refuse(up, v, p, why, "");
	} else if (p && codec_number(p, v->num, &value, NULL)) {
		snprintf(why, sizeof(why), "%s does not fit its register", p->key);
		judge_refuse(up, v, p, why, "");
	}
}

/* The voltages and currents of an upload. */
struct judge_inputs {
	double u;		/* V, the highest of them; NAN: none */
	double i[3];		/* A; of one that is not in it, the most its register holds */
};

static bool judge_begins(const struct dialect_item *it, const char *word)
{
	return it->key && strncmp(it->key, word, strlen(word)) == 0;
}

/* 0 to 2 for the input that the key of IT ends in; 3: a total; -1: another. */
static int judge_input_of(const struct dialect_item *it)
{
	const char *end = strrchr(it->key, '.') + 1;

	if (strcmp(end, "total") == 0)
		return 3;
	return end[0] >= 'a' && end[0] <= 'c' && !end[1] ? end[0] - 'a' : -1;
}

static struct judge_inputs judge_inputs_of(const struct upload *up, const struct profile *profile)
{
	static const char *const keys[] = { "current.a", "current.b", "current.c" };
	struct judge_inputs in = { NAN, { NAN, NAN, NAN } };

	for (size_t k = 0; k < up->n; k++) {
		const struct upload_value *v = &up->values[k];
		const struct dialect_item *it = &up->dialect->items[v->item];
		int at;

		if (v->refused || v->ambiguous || v->is_text)
			continue;
		if (judge_begins(it, "voltage."))
			in.u = fmax(in.u, v->num);
		else if (judge_begins(it, "current.") && (at = judge_input_of(it)) >= 0 && at < 3)
			in.i[at] = v->num;
	}
	for (int k = 0; k < 3; k++) {
		int idx = isnan(in.i[k]) ? profile_find(profile, keys[k]) : -1;

		if (idx >= 0)
			in.i[k] = codec_most(&profile->points[idx]);
	}
	return in;
}

/* A power that the voltages and currents beside it cannot make: watts for kilowatts, or of
 * the other side of a transformer. */
static void judge_power(struct upload *up, struct upload_value *v, const struct point *p, const struct judge_inputs *in)
{
	const struct dialect_item *it = &up->dialect->items[v->item];
	int at = judge_input_of(it), n = at == 3 ? 3 : 1;
	double amperes, most;
	char more[48];

	if (at < 0)
		return;
	amperes = at == 3 ? in->i[0] + in->i[1] + in->i[2] : in->i[at];
	most = in->u * (JUDGE_SHARE * amperes + JUDGE_IDLE * n) / 1000;
	if (!(fabs(v->num) > most))	/* also when one of them is not known */
		return;
	snprintf(more, sizeof(more), ", at most %.3g", most);
	judge_refuse(up, v, p, "power above twice U x I of the same upload", more);
}

void dialect_judge(struct upload *up, const struct profile *profile)
{
	const struct dialect *d = up->dialect;
	bool powers = false;
	struct judge_inputs in;

	if (up->judged || up->down)
		return;
	up->judged = true;
	for (size_t i = 0; i < up->n; i++) {
		struct upload_value *v = &up->values[i];

		if (v->is_text || v->ambiguous)
			continue;
		judge_convert(up, v, dialect_point_of(d, v->item, profile));
		if (!v->refused)
			judge_range(up, v, dialect_point_of(d, v->item, profile));
		powers = powers || judge_begins(&d->items[v->item], "power.");
	}
	if (!powers)
		return;
	in = judge_inputs_of(up, profile);
	for (size_t i = 0; i < up->n; i++) {
		struct upload_value *v = &up->values[i];

		if (!v->is_text && !v->ambiguous && !v->refused && judge_begins(&d->items[v->item], "power."))
			judge_power(up, v, dialect_point_of(d, v->item, profile), &in);
	}
}

size_t upload_usable(const struct upload *up)
{
	size_t n = 0;

	for (size_t i = 0; i < up->n; i++)
		n += !up->values[i].is_text && !up->values[i].ambiguous && !up->values[i].refused;
	return n;
}
