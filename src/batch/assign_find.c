#include <stdio.h>
#include <string.h>

#include "assign_own.h"
#include "base/time.h"

#define FIRST_UNIT 1	/* of a profile that names none */

static void assign_found(void *arg, const struct discover_meter *m)
{
	struct assign_seen *seen = arg;

	if (seen->n++ == 0)
		seen->first = *m;
}

/* Of a place that nobody replies from there is nothing to say. */
static void assign_ignore(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static bool assign_trying(void *arg, const struct sweep_probe *p)
{
	(void)arg;
	(void)p;
	return true;
}

static int assign_search(const struct assign *a, struct sweep *s, struct assign_seen *seen, struct err *e)
{
	struct discover_opts o = {
		.profiles = &a->site->profile, .nprofiles = 1, .link = a->opts->link,
		.found = assign_found, .said = assign_ignore, .trying = assign_trying, .arg = seen,
	};

	o.link.lines = NULL;
	*seen = (struct assign_seen){ 0 };
	return discover_line(&a->to, s, &o, e);
}

static struct sweep_setting assign_setting(const struct target *t)
{
	return target_is_serial(t) ? (struct sweep_setting){ t->baud, t->parity, t->stop } : (struct sweep_setting){ 0 };
}

static void assign_sweep(const struct assign *a, struct sweep *s, const bool *units)
{
	sweep_init(s, units, NULL, a->site->profile->line_answer_ms * 1000LL);
	s->network = !target_is_serial(&a->to);
}

int assign_look(const struct assign *a, const struct target *t, struct assign_seen *seen, struct err *e)
{
	bool units[SWEEP_UNITS] = { false };
	struct sweep_setting setting = assign_setting(t);
	struct sweep s;

	units[t->unit] = true;
	assign_sweep(a, &s, units);
	sweep_add(&s, &setting);
	return assign_search(a, &s, seen, e);
}

/* ---- factory settings --------------------------------------------------------------------- */

/* The I-th of them on the line of T; false: there are no more. */
static bool assign_factory(const struct profile *p, const struct target *t, unsigned i, struct sweep_setting *setting)
{
	unsigned frames = p->line_frame.n ? p->line_frame.n : 1, bauds = p->line_baud.n ? p->line_baud.n : 1;
	const char *frame = p->line_frame.n ? frame_names[p->line_frame.v[i % frames]] : NULL;

	*setting = assign_setting(t);
	if (!target_is_serial(t))
		return i == 0;
	if (i >= frames * bauds)
		return false;
	if (p->line_baud.n)
		setting->baud = target_rate(baud_names[p->line_baud.v[i / frames]]);
	if (frame) {
		setting->parity = frame[1];
		setting->stop = frame[2] - '0';
	}
	return true;
}

static void assign_factory_units(const struct profile *p, bool *units)
{
	for (unsigned i = 0; i < p->line_unit.n; i++)
		units[p->line_unit.v[i]] = true;
	if (!p->line_unit.n)
		units[FIRST_UNIT] = true;
}

bool assign_is_factory(const struct profile *p, const struct target *t)
{
	bool units[SWEEP_UNITS] = { false };

	assign_factory_units(p, units);
	return units[t->unit];
}

/* At the factory settings, or at that of the row alone. */
static int assign_look_at(const struct assign *a, bool row_alone, struct assign_seen *seen, struct err *e)
{
	bool units[SWEEP_UNITS] = { false };
	struct sweep_setting setting, row = assign_setting(&a->to);
	struct sweep s;

	assign_factory_units(a->site->profile, units);
	assign_sweep(a, &s, units);
	if (row_alone)
		sweep_add(&s, &row);
	for (unsigned i = 0; !row_alone && assign_factory(a->site->profile, &a->to, i, &setting); i++)
		sweep_add(&s, &setting);
	return assign_search(a, &s, seen, e);
}

/* The setting of the row comes first, with all the time a slow meter takes: one that was only
 * late there is not to be found at another. */
static int assign_look_factory(const struct assign *a, struct assign_seen *seen, struct err *e)
{
	if (target_is_serial(&a->to)) {
		if (assign_look_at(a, true, seen, e))
			return -1;
		if (seen->n)
			return 0;
	}
	return assign_look_at(a, false, seen, e);
}

/* ---- the meter that was switched on --------------------------------------------------------- */

/* Why it may not have the address of the row; "": it may. */
static int assign_objection(const struct assign *a, const struct assign_seen *seen, char *why, size_t size, struct err *e)
{
	const struct discover_meter *m = &seen->first;
	const struct site *whose;
	char is[16], wanted[16];

	*why = '\0';
	target_line(&m->target, is, sizeof(is));
	target_line(&a->to, wanted, sizeof(wanted));
	if (seen->n > 1 || m->doubled) {
		snprintf(why, size, "two meters reply at the factory settings: leave only one of them switched on");
	} else if (!m->profile) {
		snprintf(why, size, "the meter at unit %d is not a '%s' (its reply: %s)", m->target.unit, a->site->profile->name, m->reply);
	} else if (target_is_serial(&a->to) && strcmp(is, wanted) != 0) {
		snprintf(why, size, "the meter replies at %s, and the target of the row has %s (correct the file, or set the meter first)",
			 is, wanted);
	} else if (*m->id) {
		err_clear(e);
		whose = assign_whose(a, m->id, e);
		if (e->code)
			return -1;
		if (whose)
			snprintf(why, size, "the meter with serial number %s has its address from row %d: switch it off and on, or switch on another one",
				 m->id, whose->row);
	}
	return 0;
}

int assign_read_again(const struct assign *a, const struct discover_meter *m, int times, struct err *e)
{
	struct assign_seen seen;

	for (int i = 0; i < times; i++) {
		if (assign_look(a, &m->target, &seen, e))
			return -1;
		if (seen.n != 1 || seen.first.doubled || seen.first.profile != m->profile || strcmp(seen.first.id, m->id) != 0
		    || (!*m->id && strcmp(seen.first.reply, m->reply) != 0))
			return 0;
	}
	return 1;
}

/* 1: it is M. 0: not yet, and WHY. */
static int assign_find_once(const struct assign *a, struct discover_meter *m, char *why, size_t size, struct err *e)
{
	struct assign_seen seen;
	int rc;

	*why = '\0';
	if (assign_look_factory(a, &seen, e))
		return -1;
	if (seen.n == 0)
		return 0;
	if (assign_objection(a, &seen, why, size, e))
		return -1;
	if (*why)
		return 0;
	*m = seen.first;
	rc = assign_read_again(a, m, ASSIGN_READS - 1, e);
	if (rc == 0)
		snprintf(why, size, "%d reads of the meter at unit %d differ: reading again", ASSIGN_READS, m->target.unit);
	return rc;
}

int assign_find(const struct assign *a, struct discover_meter *m, struct err *e)
{
	char why[ERR_TEXT], said[ERR_TEXT] = "", text[ERR_TEXT + 32];
	int rc;

	while ((rc = assign_find_once(a, m, why, sizeof(why), e)) == 0) {
		if (*why && strcmp(why, said) != 0) {
			snprintf(text, sizeof(text), "row %d: %s", a->site->row, why);
			a->opts->said(a->opts->arg, text);
		}
		memcpy(said, why, sizeof(said));
	}
	return rc < 0 ? -1 : 0;
}
