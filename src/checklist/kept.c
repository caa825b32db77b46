#include "kept.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "same.h"

#define KEPT_MOST 64	/* of one meter; the longer ago, the further apart */

static const char *const directions[] = { "import", "export" };
static const char *const phases[] = { "a", "b", "c", "total" };

/* Of the counter K of 8; -1: P has none. */
static int kept_point(const struct profile *p, unsigned k)
{
	char key[48];

	snprintf(key, sizeof(key), "energy.active.%s.%s", directions[k >> 2], phases[k & 3]);
	return profile_find(p, key);
}

int kept_select(const struct profile *p, struct selection *sel, struct err *e)
{
	for (unsigned k = 0; k < 8; k++) {
		int i = kept_point(p, k);

		if (i >= 0 && profile_select(p, p->points[i].key, sel, e))
			return -1;
	}
	return 0;
}

void kept_reading(const struct meter *m, struct tally_reading *r)
{
	int64_t at_us = 0;

	*r = (struct tally_reading){ .at_us = 0 };
	for (unsigned k = 0; k < 8; k++) {
		int i = kept_point(m->profile, k);
		const struct reading *now = i >= 0 ? &m->readings[i] : NULL;
		bool read = now && now->quality == QUALITY_OK && now->value.kind == VALUE_NUMBER;

		(k >> 2 ? r->export : r->import)[k & 3] = read ? now->value.num : NAN;
		if (read && now->at_us > at_us)
			at_us = now->at_us;
	}
	if (tally_by_phase(r))
		r->at_us = at_us;
}

static json_t *kept_json(const double v[4])
{
	json_t *list = json_array();

	for (unsigned x = 0; x < 4; x++)
		json_array_append_new(list, isnan(v[x]) ? json_null() : json_real(v[x]));
	return list;
}

void record_energy(struct record *r, const struct tally_reading *now)
{
	*r = (struct record){ .kind = PROOF_ENERGY, .outcome = "read", .most = KEPT_MOST };
	r->what = json_pack("{s:o, s:o}", "import", kept_json(now->import), "export", kept_json(now->export));
}

/* ---- the one to count from ------------------------------------------------------------ */

struct kept_search {
	struct same_meter same;
	int64_t since_us;
	const struct tally_reading *now;
	bool found;
	struct tally best;
	char why_not[ERR_TEXT];		/* the first, the newest, that was left out */
};

static void kept_take_values(const json_t *list, double v[4])
{
	for (unsigned x = 0; x < 4; x++) {
		const json_t *one = json_array_get(list, x);

		v[x] = json_is_number(one) ? json_number_value(one) : NAN;
	}
}

/* Whether P is to be counted from rather than what was found; the newest come first. */
static bool kept_better(const struct kept_search *s, int64_t at_us)
{
	int64_t age = s->now->at_us - at_us;

	if (age <= 0)
		return false;
	if (s->since_us)
		return !s->found || llabs(at_us - s->since_us) < llabs(s->best.from_us - s->since_us);
	if (age < TALLY_HOUR_US)
		return false;
	return !s->found || s->now->at_us - s->best.from_us < TALLY_DAY_US;
}

/* The one that somebody has chosen is said to be of no use, whatever others there are. */
static void kept_refuse(struct kept_search *s, int64_t at_us, const char *why)
{
	char when[32], text[ERR_TEXT];

	snprintf(text, sizeof(text), "the reading of %s is not used: %.250s",
		 time_format(at_us, "%Y-%m-%d %H:%M", when, sizeof(when)), why);
	if (s->since_us) {
		s->best = (struct tally){ .from_us = at_us };
		s->found = true;
		memcpy(s->best.why_not, text, sizeof(text));
	} else if (!*s->why_not) {
		memcpy(s->why_not, text, sizeof(text));
	}
}

/* Whether P is of this meter; of another one that was at its place it is said. */
static bool kept_ours(struct kept_search *s, const struct proof *p)
{
	char here[TARGET_TEXT];
	struct err why = { 0 };

	if (same_whose(&s->same, p->target, p->identity, p->at_us) != SAME_NO)
		return true;
	target_format(s->same.target, 0, here, sizeof(here));
	if (strcmp(here, p->target) == 0
	    && identity_compare(p->identity, s->same.identity, s->same.now_us - p->at_us, &why) == IDENTITY_OTHER)
		kept_refuse(s, p->at_us, why.text);
	return false;
}

static int kept_look_at(void *arg, const struct proof *p)
{
	struct kept_search *s = arg;
	struct tally_reading was = { .at_us = p->at_us };
	struct tally t;
	json_t *what;

	if (p->kind != PROOF_ENERGY || !kept_better(s, p->at_us) || !kept_ours(s, p))
		return 0;
	what = json_loads(p->what, 0, NULL);
	kept_take_values(json_object_get(what, "import"), was.import);
	kept_take_values(json_object_get(what, "export"), was.export);
	json_decref(what);
	if (tally_since(&was, s->now, &t)) {
		kept_refuse(s, p->at_us, t.why_not);
		return 0;
	}
	s->best = t;
	s->found = true;
	return 0;
}

void kept_since(const char *journal, const struct meter *m, int64_t since_us, const struct tally_reading *now,
		struct tally *out)
{
	const struct target *t = &m->link->target;
	struct kept_search s = { .same = { .target = t, .now_us = now->at_us }, .since_us = since_us, .now = now };
	char identity[IDENTITY_TEXT];
	struct journal *j = NULL;
	struct err e = { 0 };

	s.same.identity = identity_known(m, identity);
	if (journal_look(journal, &j, &e)
	    || (j && proof_each(j, target_is_broker(t) ? t->mqtt.sn : NULL, kept_look_at, &s, &e)))
		snprintf(s.why_not, sizeof(s.why_not), "%s", e.text);
	journal_close(j);
	*out = s.best;
	if (!s.found)
		snprintf(out->why_not, sizeof(out->why_not), "%s",
			 *s.why_not || !since_us ? s.why_not : "no earlier reading of this meter is kept");
}
