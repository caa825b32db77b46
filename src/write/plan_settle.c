#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "profile/codec.h"
#include "meter/identity.h"
#include "plan.h"
#include "base/text.h"

#define CLOCK_SLACK_S 5		/* between an intent and its write a second may pass */

/* What earlier runs left open for one meter. */
struct settle {
	char target[TARGET_TEXT];		/* where the meter answers now */
	const struct profile *profile;
	struct meter *m;
	struct journal_row *rows;
	size_t n;
	bool identified;
	char identity[IDENTITY_TEXT];		/* of that meter, once it is asked */
	struct plan_settled settled;
};

/* Is R about this meter? Also when R moved it here from elsewhere. */
static bool plan_settle_is_ours(const struct settle *s, const struct journal_row *r)
{
	char moved[sizeof(s->target)];
	struct target t;
	struct err e;

	if (strcmp(r->target, s->target) == 0)
		return true;
	return target_parse(r->target, &t, &e) == 0 && target_change(&t, r->key, r->want)
	    && strcmp(target_format(&t, 0, moved, sizeof(moved)), s->target) == 0;
}

/* Is R of `raw write`, and no secret? */
static bool is_raw(const struct journal_row *r)
{
	return strncmp(r->key, "raw:", 4) == 0 && strcmp(r->want, POINT_HIDDEN) != 0;
}

/* Rows are collected first: the journal is not written while it is read. */
static int plan_settle_collect(void *arg, const struct journal_row *r)
{
	struct settle *s = arg;
	int idx = profile_find(s->profile, r->key);
	struct journal_row *more;

	/* a secret is not in the journal: nothing to compare with */
	if (!plan_settle_is_ours(s, r) || (idx < 0 ? !is_raw(r) : s->profile->points[idx].flags & POINT_SECRET))
		return 0;
	more = realloc(s->rows, (s->n + 1) * sizeof(*more));
	if (!more)
		return -1;
	s->rows = more;
	s->rows[s->n++] = *r;
	return 0;
}

/* A clock has moved on since it was set. */
static bool clock_kept(const struct reading *now, const struct journal_row *r)
{
	int64_t shown, wanted, gone = (time_wall_us() - r->at_us) / 1000000;

	return codec_clock_seconds(r->want, &wanted) == 0
	    && codec_clock_seconds(now->value.text, &shown) == 0
	    && llabs(shown - wanted - gone) <= CLOCK_SLACK_S;
}

/* Is the meter that answers the one of R? 1; 0: it is not, or nothing shows it; -1: the
 * line failed. A row that bears no identity goes by its target alone. */
static int same_meter(struct settle *s, const struct journal_row *r, struct err *e)
{
	if (!*r->identity)
		return 1;
	if (!s->identified && identity_read(s->m, s->identity, e))
		return -1;
	s->identified = true;
	return identity_compare(r->identity, s->identity, time_wall_us() - r->at_us, NULL) == IDENTITY_SAME;
}

static int plan_settle_conclude(struct settle *s, struct journal *j, const struct journal_row *r, bool kept,
				const char *after, struct err *e)
{
	int same = same_meter(s, r, e), idx = profile_find(s->profile, r->key);
	bool commits = idx >= 0 && s->profile->points[idx].flags & POINT_COMMIT;

	if (same <= 0) {
		s->settled.others += same == 0;
		return same;
	}
	s->settled.n++;
	return journal_result(j, r->id, step_state_names[kept ? STEP_VERIFIED : STEP_FAILED], after,
			      !kept ? "found not written by a later run"
			      : commits ? "found written by a later run, not known to be saved" : "found written by a later run", e);
}

/* One register, by its address. */
static int settle_raw(struct settle *s, struct journal *j, const struct journal_row *r,
		      struct err *e)
{
	char after[JOURNAL_TEXT];
	uint16_t now;
	long addr;

	if (!text_long(r->key + strlen("raw:"), 0, 65535, &addr))
		return 0;
	if (link_raw_read(s->m->link, SPACE_HOLDING, (uint16_t)addr, 1, &now, e))
		return e->code == ERR_REFUSED ? 0 : -1;
	snprintf(after, sizeof(after), "%u", now);
	return plan_settle_conclude(s, j, r, strcmp(after, r->want) == 0, after, e);
}

static int settle_point(struct settle *s, struct journal *j, const struct journal_row *r,
			struct err *e)
{
	uint16_t idx = (uint16_t)profile_find(s->profile, r->key);
	const struct point *p = &s->profile->points[idx];
	const struct reading *now = &s->m->readings[idx];
	char after[JOURNAL_TEXT] = "";

	if (meter_read(s->m, &idx, 1, NULL, NULL, e))
		return -1;
	if (now->quality != QUALITY_OK)
		return 0;	/* cannot be told: stays open */
	codec_format(p, &now->value, after, sizeof(after));
	return plan_settle_conclude(s, j, r, p->type == TYPE_CLOCK ? clock_kept(now, r)
						       : strcmp(after, r->want) == 0, after, e);
}

int plan_settle(const struct profile *profile, struct meter *m, struct journal *j,
		struct plan_settled *out, struct err *e)
{
	struct settle s = { .profile = profile, .m = m };
	struct journal_filter f = { .open = true };
	int rc;

	if (out)
		*out = s.settled;
	/* a meter that only speaks by itself cannot be asked: its rows stay open */
	if (link_pushes(m->link))
		return 0;
	target_format(&m->link->target, 0, s.target, sizeof(s.target));
	rc = journal_each(j, &f, plan_settle_collect, &s, e);
	for (size_t i = 0; i < s.n && !rc; i++)
		rc = is_raw(&s.rows[i]) ? settle_raw(&s, j, &s.rows[i], e)
					: settle_point(&s, j, &s.rows[i], e);
	free(s.rows);
	if (out)
		*out = s.settled;
	return rc;
}
