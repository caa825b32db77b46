#include <stdio.h>
#include <string.h>

#include "assign_own.h"
#include "base/time.h"
#include "meter/identity.h"
#include "meter/open.h"

#define SERIAL "meter.serial="

int assign_open(const struct assign *a, const struct target *t, struct meter *m, struct err *e)
{
	struct link_opts o = a->opts->link;
	struct link *link;

	o.profile = a->site->profile;
	link = link_open(t, &o, e);
	if (!link)
		return -1;
	if (meter_borrow(m, a->site->profile, link, e) == 0)
		return 0;
	link_close(link);
	return -1;
}

void assign_close(struct meter *m)
{
	struct link *link = m->link;

	m->profile = NULL;	/* the file's */
	meter_close(m);
	link_close(link);
}

/* Does R bring a meter to T? */
static bool assign_leads(const struct journal_row *r, const struct target *t)
{
	char is[TARGET_TEXT], wanted[TARGET_TEXT];
	struct target to;
	struct err ignored;

	return strcmp(r->key, ASSIGN_KEY) == 0 && target_parse(r->target, &to, &ignored) == 0
	    && target_change(&to, r->key, r->want)
	    && strcmp(target_format(&to, 0, is, sizeof(is)), target_format(t, 0, wanted, sizeof(wanted))) == 0;
}

static bool assign_verified(const struct journal_row *r)
{
	return strcmp(r->state, step_state_names[STEP_VERIFIED]) == 0;
}

struct assign_past_search {
	const struct assign *assign;
	struct assign_past *past;
};

static int assign_past_row(void *arg, const struct journal_row *r)
{
	struct assign_past_search *s = arg;

	if (!assign_leads(r, &s->assign->to))
		return 0;
	*s->past = (struct assign_past){
		.any = true, .verified = assign_verified(r), .open = journal_row_open(r), .id = r->id, .at_us = r->at_us,
	};
	snprintf(s->past->identity, sizeof(s->past->identity), "%s", r->identity);
	return 0;
}

int assign_past(const struct assign *a, struct assign_past *past, struct err *e)
{
	const struct journal_filter all = { 0 };
	struct assign_past_search s = { a, past };

	*past = (struct assign_past){ 0 };
	return journal_each(a->journal, &all, assign_past_row, &s, e);
}

/* An earlier run was ended before it could say so. Nobody replied here before it wrote: who does
 * now is the meter that it wrote to, unless its identity says otherwise. */
static int assign_settle(struct assign *a, struct meter *m, struct assign_past *past, struct err *e)
{
	char want[8];

	if (plan_settle(a->site->profile, m, a->journal, NULL, e) || assign_past(a, past, e))
		return -1;
	if (!past->open)
		return 0;
	snprintf(want, sizeof(want), "%d", a->to.unit);
	if (journal_result(a->journal, past->id, step_state_names[STEP_VERIFIED], want, "found written by a later run", e))
		return -1;
	past->verified = true;
	return 0;
}

static int assign_same(struct assign *a, struct meter *m, struct assign_past *past, struct err *e)
{
	char identity[IDENTITY_TEXT];
	struct err why = { 0 };

	if (identity_read(m, identity, e))
		return -1;
	if (identity_compare(past->identity, identity, time_wall_us() - past->at_us, &why) == IDENTITY_OTHER) {
		*e = why;
		return 0;
	}
	if (past->open && assign_settle(a, m, past, e))
		return -1;
	return past->verified;
}

int assign_settled(struct assign *a, struct err *e)
{
	struct assign_past past;
	struct meter m;
	int rc;

	if (assign_past(a, &past, e))
		return -1;
	if (!past.verified && !past.open)
		return 0;
	if (assign_open(a, &a->to, &m, e))
		return -1;
	rc = assign_same(a, &m, &past, e);
	assign_close(&m);
	return rc;
}

/* ---- serial numbers ------------------------------------------------------------------------ */

struct assign_owner {
	const struct assign *assign;
	char identity[sizeof(((struct discover_meter *)0)->id) + sizeof(SERIAL)];
	const struct site *site;
};

static int assign_owner_row(void *arg, const struct journal_row *r)
{
	struct assign_owner *o = arg;
	const struct sites *s = o->assign->sites;
	struct target to;

	if (strcmp(r->key, ASSIGN_KEY) != 0 || !assign_verified(r) || strcmp(r->identity, o->identity) != 0)
		return 0;
	for (size_t i = 0; i < s->n; i++) {
		assign_target(&s->list[i], &to);
		if (&s->list[i] != o->assign->site && assign_leads(r, &to))
			o->site = &s->list[i];
	}
	return 0;
}

const struct site *assign_whose(const struct assign *a, const char *id, struct err *e)
{
	const struct journal_filter all = { 0 };
	struct assign_owner o = { .assign = a };

	snprintf(o.identity, sizeof(o.identity), "%s%s", SERIAL, id);
	for (char *c = o.identity; *c; c++)	/* as identity.h has it */
		if (*c == ' ')
			*c = '_';
	return journal_each(a->journal, &all, assign_owner_row, &o, e) ? NULL : o.site;
}
