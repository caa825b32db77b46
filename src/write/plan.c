#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "profile/codec.h"
#include "base/paths.h"
#include "plan_around.h"
#include "plan_raw.h"
#include "plan_write.h"

const char *const step_state_names[STEP_STATES] = {
	[STEP_PLANNED] = "planned", [STEP_UNCHANGED] = "unchanged",
	[STEP_VERIFIED] = "verified", [STEP_FAILED] = "failed",
	[STEP_UNKNOWN] = "unknown", [STEP_REFUSED] = "refused",
};

void plan_init(struct plan *p, const struct profile *profile,
	       const struct plan_policy *policy)
{
	*p = (struct plan){ .profile = profile, .policy = *policy };
}

void plan_release(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		plan_raw_free(p->steps[i].made);
	free(p->steps);
	p->steps = NULL;
	p->n = 0;
	explicit_bzero(&p->password, sizeof(p->password));
}

const struct point *plan_point(const struct plan *p, const struct step *s)
{
	return s->made ? s->made : &p->profile->points[s->idx];
}

size_t plan_pending(const struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->steps[i].state == STEP_PLANNED;
	return n;
}

int plan_may_write(const struct plan *p, const char *key, struct err *e)
{
	if (p->policy.read_only)
		return err_set(e, ERR_DENIED, "'%s' is not written: read-only", key);
	return unit_ban_complain(p->policy.ban, e) ? err_prefix(e, "'%s'", key) : 0;
}

/* A person must have agreed to what is behind these, beyond the value. */
static int check_consent(const struct plan *p, const struct point *pt, struct err *e)
{
	char folder[512];

	if (plan_may_write(p, pt->key, e))
		return -1;
	if ((pt->flags & POINT_SWITCHES) && !p->policy.switching)
		return err_set(e, ERR_DENIED, "'%s' may switch a breaker: it needs a consent of its own (--allow-switching)", pt->key);
	if (p->policy.simulated || p->policy.provisional)
		return 0;
	if (pt->from == FROM_PROVISIONAL && p->policy.remote)
		return err_set(e, ERR_DENIED, "'%s' is set from afar by a message whose form is not public: "
			"--allow-provisional sends it, the meter's answer decides", pt->key);
	if (pt->from == FROM_PROVISIONAL) {
		paths_config(folder, sizeof(folder), "profiles");
		return err_set(e, ERR_DENIED, "'%s' has no published register on this meter: find it with 'meterctl learn' "
			"(meterctl-learn(7)), or put the supplier's address into a profile of your own in '%s' "
			"(meterctl-profile(5)), or --allow-provisional",
			pt->key, folder);
	}
	if (pt->flags & POINT_HARMFUL)
		return err_set(e, ERR_DENIED, "'%s' can be read in more than one way and a mistake would do harm: "
			"confirm its coding in a profile of your own (harmful: no), or --allow-provisional", pt->key);
	return 0;
}

static int plan_check_point(const struct plan *p, int idx, const char *key, struct err *e)
{
	const struct point *pt;
	struct selection sel = { 0 };

	if (idx < 0) {
		if (profile_select(p->profile, key, &sel, e) == 0)
			err_set(e, ERR_USAGE, "'%s' names %zu points, not one setting", key, sel.n);
		selection_release(&sel);
		return -1;
	}
	pt = &p->profile->points[idx];
	if (!(pt->flags & POINT_WRITABLE) || (pt->flags & POINT_RESERVED))
		return err_set(e, ERR_USAGE, "'%s' is a reading, not a setting", key);
	if (pt->flags & POINT_PART)
		return err_set(e, ERR_USAGE, "'%s' is only a part of a setting (see 'profile show %s')",
			       key, pt->group);
	if (pt->words > around_most(p->profile) && !profile_divides(pt))
		return err_set(e, ERR_DENIED, "'%s' has %u registers, and this meter takes at most %u in one write%s",
			       key, pt->words, around_most(p->profile),
			       p->profile->write_function == WRITE_BY_06 ? " (function 06)" : "");
	return 0;
}

/* Are they different parts of one word? */
static bool plan_same_word(const struct point *a, const struct point *b)
{
	return a->space == b->space && a->addr == b->addr && codec_mask(a) && codec_mask(b);
}

/* Two new values may share a word only as different bits of it. */
static int check_overlap(const struct plan *p, const struct point *pt, struct err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct point *o = plan_point(p, &p->steps[i]);
		bool apart = pt->space != o->space || pt->addr >= o->addr + o->words
			  || o->addr >= pt->addr + pt->words;

		if (apart || (plan_same_word(pt, o) && !(codec_mask(pt) & codec_mask(o))))
			continue;
		return strcmp(pt->key, o->key) == 0
			? err_set(e, ERR_USAGE, "'%s' is wished twice", pt->key)
			: err_set(e, ERR_USAGE, "'%s' and '%s' are the same register", o->key, pt->key);
	}
	return 0;
}

int plan_append(struct plan *p, const struct step *s, struct err *e)
{
	struct step *more = realloc(p->steps, (p->n + 1) * sizeof(*more));

	if (!more)
		return err_set(e, ERR_NO, "out of memory");
	p->steps = more;
	p->steps[p->n] = *s;
	p->steps[p->n++].state = STEP_PLANNED;
	p->looked = false;
	return 0;
}

int plan_add(struct plan *p, const char *key, const char *text, struct err *e)
{
	int idx = profile_find(p->profile, key);
	struct value want = { .kind = VALUE_STRING, .text = "now" };
	const struct point *pt;
	bool now;

	if (plan_check_point(p, idx, key, e))
		return -1;
	pt = &p->profile->points[idx];
	now = pt->type == TYPE_CLOCK && strcmp(text, "now") == 0;
	if ((!now && codec_parse(pt, text, &want, e)) || check_overlap(p, pt, e)
	    || check_consent(p, pt, e))
		return -1;
	return plan_append(p, &(struct step){ .idx = (uint16_t)idx, .want = want, .now = now }, e);
}

/* Thresholds before the bits that arm them, outputs after what could fire them,
 * the link's own settings last (adw300 settings: "set thresholds before
 * enabling"; comm.* ends the conversation). */
static int rank(const struct point *pt)
{
	if (pt->flags & POINT_DROPS_LINK)
		return 3;
	if (pt->flags & POINT_SWITCHES)
		return 2;
	return pt->type == TYPE_BITS || pt->type == TYPE_BIT;
}

static int by_rank(const void *a, const void *b, void *plan)
{
	const struct point *pa = plan_point(plan, a), *pb = plan_point(plan, b);

	if (rank(pa) != rank(pb))
		return rank(pa) - rank(pb);
	if (pa->addr != pb->addr)
		return pa->addr < pb->addr ? -1 : 1;
	return (int)codec_mask(pa) - (int)codec_mask(pb);
}

size_t plan_group(const struct plan *p, size_t first)
{
	size_t n = 1;

	while (first + n < p->n && p->steps[first + n].write == p->steps[first].write)
		n++;
	return n;
}

static void number_writes(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i], *before = i ? s - 1 : s;
		const struct point *pt = plan_point(p, s), *last = plan_point(p, before);
		bool same = s->made ? before->made && pt->addr == last->addr + 1
			 : plan_same_word(pt, last);

		p->steps[i].write = i == 0 ? 0 : before->write + !same;
	}
}

/* A string register should hold text, whatever its address turns out to be. */
static bool holds_text(const struct point *pt, const struct step *s)
{
	char bytes[2 * VALUE_WORDS];
	bool ended = false;

	codec_text_bytes(pt, s->before_raw, bytes);
	for (unsigned i = 0; i < codec_room(pt); i++) {
		ended = ended || bytes[i] == 0;
		if (ended ? bytes[i] != 0 : !ascii_print(bytes[i]))
			return false;
	}
	return true;
}

/* Does what stands there look like what the point should hold? Asked where the
 * register itself is in doubt. */
static bool plan_plausible(const struct point *pt, const struct step *s)
{
	struct value v = s->before;

	if (s->before.kind == VALUE_NONE)
		return false;
	if (pt->type == TYPE_STRING)
		return holds_text(pt, s);
	if (v.kind == VALUE_NUMBER && pt->min <= pt->max)
		return v.num >= pt->min && v.num <= pt->max;
	return v.kind != VALUE_CHOICE || v.text[0] != '#';
}

/* What was read of one step: is it to be written? */
static void judge_before(const struct plan *p, struct step *s, const struct err *unreadable)
{
	const struct point *pt = &p->profile->points[s->idx];
	uint16_t regs[VALUE_WORDS];
	bool doubtful = !p->policy.simulated
		&& (pt->from == FROM_PROVISIONAL || pt->flags & POINT_HARMFUL);

	s->state = STEP_PLANNED;
	if (s->before.kind == VALUE_NONE
	    && (pt->type == TYPE_DAYTABLE || pt->type == TYPE_ZONES)) {
		s->state = STEP_REFUSED;
		err_set(&s->err, ERR_DENIED, "not written: %s", unreadable->text);
		return;
	}
	if (doubtful && pt->type != TYPE_CLOCK && !plan_plausible(pt, s)) {
		s->state = STEP_REFUSED;
		err_set(&s->err, ERR_DENIED, "'%s' is not written: what stands there does not look like it (is the register right?)", pt->key);
		return;
	}
	memcpy(regs, s->before_raw, sizeof(regs));
	if (!s->now && codec_encode(pt, &s->want, regs, &s->err) == 0
	    && memcmp(regs, s->before_raw, pt->words * sizeof(*regs)) == 0)
		s->state = STEP_UNCHANGED;
}

/* The reading of one step. */
static void take_before(const struct plan *p, const struct meter *m, struct step *s)
{
	const struct reading *r = &m->readings[s->idx];

	s->before = (struct value){ 0 };
	if (r->quality == QUALITY_OK) {
		s->before = r->value;
	} else if ((r->quality != QUALITY_FAILED && r->quality != QUALITY_ABSENT) || r->words == 0) {
		s->state = STEP_REFUSED;
		s->err = r->err;
		return;
	}
	/* registers that are no value of the type are shown as they are */
	memcpy(s->before_raw, r->raw, sizeof(s->before_raw));
	judge_before(p, s, &r->err);
}

/* Without registers: what the meter has said of itself, if it has, and whether there
 * is a way to set it at all. */
static int look_without_registers(struct plan *p, struct meter *m, struct err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		struct step *s = &p->steps[i];
		const struct reading *r = &m->readings[s->idx];

		p->steps[i].write = i;
		s->state = STEP_PLANNED;
		if (link_can_set(m->link, &p->profile->points[s->idx], &s->want, &s->err)) {
			/* the line's own failures say nothing of the setting */
			if (s->err.code != ERR_DENIED && s->err.code != ERR_USAGE) {
				*e = s->err;
				return -1;
			}
			s->state = STEP_REFUSED;
		} else if (r->quality == QUALITY_OK) {
			s->before = r->value;
			if (r->value.num >= s->want.num && r->value.num <= s->want.num)
				s->state = STEP_UNCHANGED;
		}
	}
	p->looked = true;
	return 0;
}

static unsigned long plan_reopened(const struct meter *m)
{
	struct link_stats s;

	link_stats(m->link, &s);
	return s.reopened;
}

int plan_look(struct plan *p, struct meter *m, struct err *e)
{
	uint16_t *idx;
	size_t n = 0;
	int rc = -1;

	if (p->n && !link_sets_points(m->link))
		qsort_r(p->steps, p->n, sizeof(*p->steps), by_rank, p);
	number_writes(p);
	if (plan_raw_look(p, m, e))
		return -1;
	if (link_sets_points(m->link))
		return look_without_registers(p, m, e);
	idx = malloc((p->n + 1) * sizeof(*idx));
	if (!idx)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < p->n; i++)
		if (!p->steps[i].made)
			idx[n++] = p->steps[i].idx;
	if (n && meter_read(m, idx, n, NULL, NULL, e))
		goto out;
	for (size_t i = 0; i < p->n; i++)
		if (!p->steps[i].made)
			take_before(p, m, &p->steps[i]);
	p->reopened = plan_reopened(m);
	p->looked = true;
	rc = 0;
out:
	free(idx);
	return rc;
}

static int plan_carry_out(struct plan *p, struct meter *m, struct journal *j,
			  plan_told *told, void *arg, struct err *e)
{
	long run;

	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].state == STEP_REFUSED) {
			*e = p->steps[i].err;
			return -1;
		}
	if (!p->looked)
		return err_set(e, ERR_DENIED, "nothing is written unseen");
	if (plan_pending(p) == 0)
		return 0;
	if (plan_asks_password(p))
		return err_set(e, ERR_DENIED, "nothing written: the unlock password is missing (--unlock @ask, @env:NAME or @file:PATH)");
	if (!link_sets_points(m->link)) {
		if (target_is_serial(&m->link->target) && plan_reopened(m) != p->reopened)
			return err_set(e, ERR_DENIED, "nothing is written: the port was lost since these values were"
				       " read, and may lead to another meter (read them again)");
		if (identity_take(m, &p->meter, e))
			return -1;
	}
	run = journal_run(j, e);
	if (run < 0)
		return -1;
	for (size_t i = 0, n; i < p->n; i += n) {
		bool pending = false;

		n = plan_group(p, i);
		for (size_t k = i; k < i + n; k++)
			pending |= p->steps[k].state == STEP_PLANNED;
		if (!pending)
			continue;
		/* a commit is for the meter that the others were written to */
		if (plan_point(p, &p->steps[i])->flags & POINT_DROPS_LINK && plan_commit(p, m, j, told, arg, e))
			return -1;
		if (link_sets_points(m->link) ? plan_tell(p, i, m, j, run, told, arg, e)
					      : plan_write(p, i, n, m, j, run, told, arg, e))
			return plan_uncommitted(p, m, j, told, arg, e);
	}
	return plan_commit(p, m, j, told, arg, e);
}

int plan_apply(struct plan *p, struct meter *m, struct journal *j,
	       plan_told *told, void *arg, struct err *e)
{
	int rc = plan_carry_out(p, m, j, told, arg, e);

	/* the next time it is asked for again */
	explicit_bzero(&p->password, sizeof(p->password));
	return rc;
}
