#include "roles.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"

const char *roles_key(const struct profile *p, size_t i)
{
	int idx = i > POINT_ROLE_NONE && i < POINT_ROLE_UPLINK ? profile_role(p, (enum point_role)i) : -1;

	return idx < 0 ? NULL : p->points[idx].key;
}

/* The raw code of the point with ROLE, which is FOUND; false: there is none, or it is not read. */
static bool roles_code(const struct profile *p, const struct reading *readings, enum point_role role,
		       const struct point **found, long *code)
{
	int idx = profile_role(p, role);

	if (idx < 0 || readings[idx].quality != QUALITY_OK || readings[idx].value.kind == VALUE_STRING)
		return false;
	*found = &p->points[idx];
	*code = lround(readings[idx].value.num);
	return true;
}

/* KEY=VALUE of that code. */
static void roles_setting(const struct point *q, long code, char buf[DOCTOR_SETTING])
{
	for (size_t i = 0; i < q->nchoices; i++)
		if (q->choices[i].code == code) {
			snprintf(buf, DOCTOR_SETTING, "%s=%s", q->key, q->choices[i].name);
			return;
		}
	snprintf(buf, DOCTOR_SETTING, "%s=%ld", q->key, code);
}

/* The code that is not the one of its role: of two choices the other; of a number 0, or 1. */
static bool roles_other(const struct point *q, long *code)
{
	*code = q->role_code == 0;
	if (q->nchoices == 2)
		*code = q->choices[q->choices[0].code == q->role_code].code;
	return q->nchoices == 0 || q->nchoices == 2;
}

void roles_sign(const struct profile *p, const struct reading *readings, struct doctor_sample *s)
{
	const struct point *q;
	long code, other;

	s->hides_sign[0] = s->shows_sign[0] = '\0';
	if (!roles_code(p, readings, POINT_ROLE_ABSOLUTE, &q, &code) || code != q->role_code)
		return;
	roles_setting(q, code, s->hides_sign);
	if (roles_other(q, &other) && q->flags & POINT_WRITABLE)
		roles_setting(q, other, s->shows_sign);
}

void roles_verdict(const struct profile *p, const struct reading *readings, struct doctor_own *own)
{
	const struct point *q;
	size_t at = 0;
	long code;

	*own = (struct doctor_own){ .known = roles_code(p, readings, POINT_ROLE_VERDICT, &q, &code) };
	if (!own->known)
		return;
	own->key = q->key;
	own->right = code == (q->type == TYPE_BITS ? 0 : q->role_code);
	if (own->right) {
		snprintf(own->text, sizeof(own->text), "nothing wrong");
		return;
	}
	for (size_t i = 0; i < q->nbits; i++)
		if ((unsigned long)code >> q->bits[i].pos & 1)
			text_append(own->text, sizeof(own->text), &at, "%s%s", at ? ", " : "", q->bits[i].name);
	for (size_t i = 0; i < q->nchoices; i++)
		if (q->choices[i].code == code)
			text_append(own->text, sizeof(own->text), &at, "%s", q->choices[i].name);
	if (at == 0)
		snprintf(own->text, sizeof(own->text), "code %ld", code);
}

/* Turns over the setting of ROLE. */
static bool roles_turn(const struct profile *p, const struct reading *readings, enum point_role role,
		       struct doctor_cure *cure)
{
	const struct point *q;
	long code, other;

	if (!roles_code(p, readings, role, &q, &code) || !roles_other(q, &other))
		return false;
	roles_setting(q, code == q->role_code ? other : q->role_code, cure->setting[cure->n++]);
	return true;
}

/* "-I2": input 1, turned round. */
static bool roles_mapped(const char *name, unsigned *phase, bool *reversed)
{
	size_t len = strlen(name);
	char last = len ? (char)ascii_lower(name[len - 1]) : '\0';

	*reversed = *name == '-';
	*phase = last >= '1' && last <= '3' ? (unsigned)(last - '1') : (unsigned)(last - 'a');
	return *phase < 3;
}

/* The name of the choice of Q that takes its input for PHASE. */
static bool roles_map(const struct point *q, unsigned phase, bool reversed, char buf[DOCTOR_SETTING])
{
	for (size_t i = 0; i < q->nchoices; i++) {
		unsigned of;
		bool turned;

		if (!roles_mapped(q->choices[i].name, &of, &turned) || of != phase || turned != reversed)
			continue;
		roles_setting(q, q->choices[i].code, buf);
		return true;
	}
	return false;
}

/* An input that is taken for phase M has, by the wiring, the current of M's conductor there. */
static bool roles_remap(const struct profile *p, const struct reading *readings, const struct doctor_wiring *w,
			struct doctor_cure *cure)
{
	unsigned seen = 0;

	for (unsigned x = 0; x < 3; x++) {
		const struct point *q;
		char now[DOCTOR_SETTING];
		unsigned m;
		bool turned;
		long code;

		if (!roles_code(p, readings, POINT_ROLE_MAP_A + x, &q, &code))
			return false;
		roles_setting(q, code, now);
		if (!roles_mapped(strchr(now, '=') + 1, &m, &turned))
			return false;
		seen |= 1U << m;
		if (w->of[m] == m && !w->reversed[m])
			continue;
		if (!roles_map(q, w->of[m], turned != w->reversed[m], cure->setting[cure->n++]))
			return false;
	}
	return seen == 7;
}

static bool roles_moved(const struct doctor_wiring *w)
{
	return w->of[0] != 0 || w->of[1] != 1 || w->of[2] != 2;
}

/* The one setting that turns all. */
static bool roles_turn_all(const struct profile *p, const struct reading *readings, const struct doctor_verdict *v,
			   struct doctor_cure *cure)
{
	for (unsigned x = 0; x < 3; x++)
		if (!v->evidence.candidates[0].wiring.reversed[x] && !isnan(v->evidence.lag[x]))
			return false;
	return roles_turn(p, readings, POINT_ROLE_INVERT, cure);
}

static bool roles_turn_each(const struct profile *p, const struct reading *readings, const struct doctor_wiring *w,
			    struct doctor_cure *cure)
{
	for (unsigned x = 0; x < 3; x++)
		if (w->reversed[x] && !roles_turn(p, readings, POINT_ROLE_INVERT_A + x, cure))
			return false;
	return cure->n > 0;
}

/* Surely a fault of the CTs, and by one wiring. */
static bool roles_curable(const struct doctor_verdict *v)
{
	bool cts = false;

	for (size_t i = 0; i < v->nfindings; i++)
		cts = cts || v->findings[i].code == DOCTOR_CT_REVERSED || v->findings[i].code == DOCTOR_CT_SWAPPED
		   || v->findings[i].code == DOCTOR_CT_ROTATED;
	return cts && v->outcome == DOCTOR_FAIL && v->order.expected;
}

void roles_cure(const struct profile *p, const struct reading *readings, const struct doctor_verdict *v,
		struct doctor_cure *cure)
{
	const struct doctor_wiring *w = &v->evidence.candidates[0].wiring;

	cure->n = 0;
	if (!roles_curable(v))
		return;
	if (!roles_moved(w)) {
		if (roles_turn_each(p, readings, w, cure))
			return;
		cure->n = 0;
		if (roles_turn_all(p, readings, v, cure))
			return;
		cure->n = 0;
	}
	if (!roles_remap(p, readings, w, cure))
		cure->n = 0;
}
