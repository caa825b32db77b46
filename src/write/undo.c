#include "undo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "profile/codec.h"
#include "meter/identity.h"
#include "base/text.h"


static bool verified(const struct journal_row *r)
{
	return strcmp(r->state, step_state_names[STEP_VERIFIED]) == 0;
}

static bool secret(const struct journal_row *r)
{
	return strcmp(r->want, POINT_HIDDEN) == 0 || strcmp(r->before, POINT_HIDDEN) == 0;
}

/* Where the meter answers after a write of one of the line's own settings; false
 * for any other setting. */
static bool moved(const struct journal_row *r, char *to, size_t size)
{
	struct target t;
	struct err e;

	if (target_parse(r->target, &t, &e) || !target_change(&t, r->key, r->after))
		return false;
	target_format(&t, 0, to, size);
	return true;
}

enum whose {
	MINE,		/* of the meter that is followed */
	OTHER,		/* of another one */
	GONE		/* here another meter left: what is older is not ours */
};

/* Going back in time: ALIAS is where the meter answered after R, and becomes where
 * it answered before. */
static enum whose undo_follow(const struct journal_row *r, char *alias, size_t size)
{
	char to[sizeof(r->target)];
	bool here = strcmp(r->target, alias) == 0;

	if (verified(r) && moved(r, to, sizeof(to))) {
		if (strcmp(to, alias) == 0) {
			snprintf(alias, size, "%s", r->target);
			return MINE;
		}
		/* with a remark it stayed where it was, for the time being */
		if (here && !*r->error)
			return GONE;
	}
	return here ? MINE : OTHER;
}

/* ---- finding -------------------------------------------------------------- */

static int undo_take(void *arg, const struct journal_row *r)
{
	*(struct journal_row *)arg = *r;
	return 1;
}

/* The newest row F lets through; its id 0 when there is none. */
static int undo_fetch(struct journal *j, struct journal_filter f, struct journal_row *r,
		      struct err *e)
{
	f.most = 1;
	r->id = 0;
	return journal_each(j, &f, undo_take, r, e);
}

static int write_undo_add(void *arg, const struct journal_row *r)
{
	struct undo *u = arg;
	struct journal_row *more = realloc(u->rows, (u->n + 1) * sizeof(*more));

	if (!more)
		return -1;
	u->rows = more;
	memmove(more + 1, more, u->n++ * sizeof(*more));
	more[0] = *r;
	return 0;
}

static int complain_open(struct undo *u, const struct journal_row *r, struct err *e)
{
	u->open = true;
	return err_set(e, ERR_DENIED, "nothing is put back: entry %ld ('%s') is open, the meter"
		       " has not been read since", r->id, r->key);
}

/* Keeps the verified ones of a run; one that is open stops it. */
static int take_run(struct journal *j, long run, struct undo *u, struct err *e)
{
	size_t kept = 0;

	if (journal_each(j, &(struct journal_filter){ .run = run }, write_undo_add, u, e))
		return -1;
	for (size_t i = 0; i < u->n; i++) {
		if (journal_row_open(&u->rows[i]) && !secret(&u->rows[i]))
			return complain_open(u, &u->rows[i], e);
		if (verified(&u->rows[i]))
			u->rows[kept++] = u->rows[i];
	}
	u->n = kept;
	return kept ? 0 : err_set(e, ERR_NO, "out of memory");
}

static int take_entry(const struct journal_row *r, struct undo *u, struct err *e)
{
	if (journal_row_open(r))
		return complain_open(u, r, e);
	if (!verified(r))
		return err_set(e, ERR_DENIED, "nothing is put back: entry %ld ('%s') was never"
			       " verified (%s)", r->id, r->key, r->state);
	return write_undo_add(u, r) ? err_set(e, ERR_NO, "out of memory") : 0;
}

/* Why the walk found nothing: GONE is where it ended early, or all zero. */
static int complain_none(struct journal *j, const char *target, long id,
			 const struct journal_row *gone, struct err *e)
{
	struct journal_row r;

	if (id == 0 && !gone->id)
		return err_set(e, ERR_NO, "the journal has nothing to put back for '%s'", target);
	if (id == 0)
		return err_set(e, ERR_NO, "the journal has nothing to put back for the meter now at"
			       " '%s': the one before left by entry %ld", target, gone->id);
	if (undo_fetch(j, (struct journal_filter){ .id = id }, &r, e))
		return -1;
	if (!r.id)
		return err_set(e, ERR_USAGE, "no entry %ld in the journal (see 'meterctl journal')", id);
	if (gone->id)
		return err_set(e, ERR_DENIED, "entry %ld is of a meter that left '%s' by entry %ld",
			       id, target, gone->id);
	return err_set(e, ERR_DENIED, "entry %ld is of the meter at '%s', not of the one at '%s' (-c)",
		       id, r.target, target);
}

/* From the newest row back, until there is something to put back. */
static int walk(struct journal *j, const char *target, long id, struct undo *u, struct err *e)
{
	struct journal_row r, gone = { 0 };
	char alias[sizeof(r.target)];
	long at;

	snprintf(alias, sizeof(alias), "%s", target);
	if (undo_fetch(j, (struct journal_filter){ 0 }, &r, e))
		return -1;
	for (at = r.id; at > 0 && at >= id && !gone.id; at--) {
		enum whose whose;

		if (undo_fetch(j, (struct journal_filter){ .id = at }, &r, e))
			return -1;
		whose = r.id ? undo_follow(&r, alias, sizeof(alias)) : OTHER;
		if (whose == GONE)
			gone = r;
		if (whose != MINE)
			continue;
		if (id == at)
			return take_entry(&r, u, e);
		if (id == 0 && verified(&r))
			return take_run(j, r.run, u, e);
		if (id == 0 && journal_row_open(&r) && !secret(&r))
			return complain_open(u, &r, e);
	}
	return complain_none(j, target, id, &gone, e);
}

int undo_find(struct journal *j, const struct target *at, long id,
	      struct undo *u, struct err *e)
{
	char target[sizeof(u->rows->target)];

	*u = (struct undo){ 0 };
	return walk(j, target_format(at, 0, target, sizeof(target)), id, u, e);
}

int undo_each(struct journal *j, const struct target *at,
	      int (*each)(void *arg, const struct journal_row *r), void *arg, struct err *e)
{
	struct journal_row r;
	char alias[sizeof(r.target)];

	target_format(at, 0, alias, sizeof(alias));
	if (undo_fetch(j, (struct journal_filter){ 0 }, &r, e))
		return -1;
	for (long id = r.id; id > 0; id--) {
		enum whose whose;

		if (undo_fetch(j, (struct journal_filter){ .id = id }, &r, e))
			return -1;
		whose = r.id ? undo_follow(&r, alias, sizeof(alias)) : OTHER;
		if (whose == GONE)
			break;
		if (whose == MINE && each(arg, &r))
			break;
	}
	return 0;
}

void undo_release(struct undo *u)
{
	free(u->rows);
	*u = (struct undo){ 0 };
}

/* ---- putting back ----------------------------------------------------------- */

static int check_row(const struct journal_row *r, const struct plan *p, struct err *e)
{
	int idx = profile_find(p->profile, r->key);
	const struct point *pt = idx < 0 ? NULL : &p->profile->points[idx];

	if (strcmp(r->profile, p->profile->name) != 0)
		return err_set(e, ERR_DENIED, "entry %ld was written with the profile '%s', not '%s' (-p)",
			       r->id, r->profile, p->profile->name);
	if (!pt)
		return err_set(e, ERR_DENIED, "entry %ld: the profile '%s' has no '%s' any more",
			       r->id, r->profile, r->key);
	if (secret(r) || pt->flags & POINT_SECRET)
		return err_set(e, ERR_DENIED, "entry %ld: '%s' cannot be put back, a secret is not kept", r->id, r->key);
	if (pt->type == TYPE_CLOCK)
		return err_set(e, ERR_DENIED, "entry %ld: '%s' cannot be put back, that time has passed", r->id, r->key);
	/* only a text may have been empty */
	if (!*r->before && pt->type != TYPE_STRING)
		return err_set(e, ERR_DENIED, "entry %ld: '%s' cannot be put back, what stood there"
			       " was not readable", r->id, r->key);
	return 0;
}

int undo_add(const struct undo *u, struct plan *p, struct err *e)
{
	for (size_t i = 0; i < u->n; i++) {
		const struct journal_row *r = &u->rows[i];
		struct err why;

		if (check_row(r, p, &why))
			return err_set(e, why.code, "%.240s%s", why.text, u->n == 1 ? ""
				       : " (put back the others one by one: 'undo ID')");
		if (plan_add(p, r->key, r->before, e))
			return err_prefix(e, "entry %ld", r->id);
	}
	return 0;
}

/* What tells the meter that was written to from the one that answers is in the row. */
static int check_meter(const struct journal_row *r, struct meter *m, struct err *e)
{
	char now[IDENTITY_TEXT];
	struct err other;

	if (!*r->identity)
		return 0;
	if (identity_read(m, now, e))
		return -1;
	if (identity_compare(r->identity, now, time_wall_us() - r->at_us, &other) != IDENTITY_OTHER)
		return 0;
	return err_set(e, ERR_DENIED, "nothing is put back: entry %ld: %s", r->id, other.text);
}

int undo_check(const struct undo *u, struct meter *m, struct err *e)
{
	if (u->n && check_meter(&u->rows[0], m, e))
		return -1;
	for (size_t i = 0; i < u->n; i++) {
		const struct journal_row *r = &u->rows[i];
		uint16_t idx = (uint16_t)profile_find(m->profile, r->key);
		const struct reading *now = &m->readings[idx];
		char text[JOURNAL_TEXT], clean[JOURNAL_TEXT];

		if (meter_read(m, &idx, 1, NULL, NULL, e))
			return -1;
		if (now->quality != QUALITY_OK)
			return err_set(e, now->err.code, "'%s': %s", r->key, now->err.text);
		codec_format(&m->profile->points[idx], &now->value, text, sizeof(text));
		text_clean(clean, sizeof(clean), text);
		if (strcmp(clean, r->after) != 0 && strcmp(clean, r->before) != 0)
			return err_set(e, ERR_DENIED, "nothing is put back: '%s' holds %s, not the %s that"
				       " entry %ld wrote; somebody changed it since", r->key, clean, r->after, r->id);
	}
	return 0;
}
