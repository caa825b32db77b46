/*
 * modbus_known.c - what was learned about the meter of a Modbus link, from lines.yaml
 * into the link and back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "modbus_own.h"

/* It may no longer hold: it was last tried on another day. */
static bool is_old(const struct modbus_link *m)
{
	char date[LINES_DATE];

	lines_today(date);
	return strcmp(date, m->known.date) != 0;
}

/* A file that is no good is said once, and left as it is. */
static void give_up_file(struct modbus_link *m, const struct err *why)
{
	line_remark(&m->line, "%s (what was learned about meters is not used)", why->text);
	free(m->lines);
	m->lines = NULL;
}

void known_recall(struct modbus_link *m)
{
	char name[TARGET_TEXT];
	struct err why = { 0 };

	m->known = (struct lines_entry){ 0 };
	m->tried_most = false;
	m->recalled_us = time_mono_us();
	pause_init(&m->line.pause, m->base.target.pause_ms);
	if (!m->lines)
		return;
	if (lines_load(m->lines, lines_name(&m->base.target, name, sizeof(name)), &m->known, &why))
		give_up_file(m, &why);
	else
		pause_recall(&m->line.pause, m->known.pause_ms * (int64_t)1000, is_old(m));
	m->known.profile[0] = '\0';	/* the file's, whoever has found it out meanwhile */
}

void known_profile(struct modbus_link *m, const struct profile *profile)
{
	const struct lines_entry *k = &m->known;
	/* so long ago that it is asked for again, by itself */
	int64_t before_us = m->recalled_us - READ_PLAN_FORGIVE_US;

	if (m->read_plan.profile == profile)
		return;
	read_plan_know(&m->read_plan, profile);
	for (enum space s = SPACE_HOLDING; s <= SPACE_INPUT; s++)
		if (k->most[s])
			read_plan_learn_most(&m->read_plan, s, k->most[s]);
	for (size_t i = 0; i < k->nrefused; i++) {
		const struct lines_refused *r = &k->refused[i];
		struct read_plan_span s = {
			.space = r->space, .span = { .addr = r->addr, .words = r->words },
		};

		if (r->silent)
			read_plan_deaf(&m->read_plan, &s, before_us);
		else
			read_plan_refuse(&m->read_plan, &s, r->code, before_us);
	}
}

bool known_doubts_most(const struct modbus_link *m, enum space space)
{
	return !m->tried_most && m->known.most[space] && is_old(m)
	    && m->read_plan.most[space] == m->known.most[space];
}

static int by_place(const void *a, const void *b)
{
	const struct lines_refused *x = a, *y = b;

	return x->space != y->space ? (x->space < y->space ? -1 : 1) : x->addr - y->addr;
}

/* What is known now. What no profile was needed for stays as it was; and where others
 * speak, what looks like the meter's silence may be theirs. */
static void modbus_known_gather(const struct modbus_link *m, struct lines_entry *out)
{
	const struct read_plan *p = &m->read_plan;

	*out = m->known;
	if (heard_shared(&m->line.heard, time_mono_us()))
		return;
	out->pause_ms = m->line.pause.given ? m->known.pause_ms : (int)(m->line.pause.us / 1000);
	if (!p->profile)
		return;
	out->nrefused = 0;
	memcpy(out->most, p->most, sizeof(out->most));
	for (size_t i = 0; i < p->nrefused && out->nrefused < LINES_REFUSED; i++)
		out->refused[out->nrefused++] = (struct lines_refused){
			.space = p->refused[i].space, .addr = p->refused[i].addr, .words = p->refused[i].words,
			.silent = p->refused[i].silent, .code = p->refused[i].code,
		};
	qsort(out->refused, out->nrefused, sizeof(out->refused[0]), by_place);
}

/* Has any of what was known of another day been found to hold? */
static bool confirmed(const struct modbus_link *m)
{
	if (!is_old(m))
		return false;
	for (size_t i = 0; i < m->read_plan.nrefused; i++)
		if (m->read_plan.refused[i].at_us >= m->recalled_us)
			return true;
	return m->tried_most || pause_holds(&m->line.pause);
}

void known_keep(struct modbus_link *m)
{
	char name[TARGET_TEXT];
	struct err why = { 0 };
	struct lines_entry now;

	if (!m->lines)
		return;
	modbus_known_gather(m, &now);
	if (lines_same(&now, &m->known) && !confirmed(m))
		return;
	lines_today(now.date);
	if (lines_save(m->lines, lines_name(&m->base.target, name, sizeof(name)), &now, &why))
		give_up_file(m, &why);
	else
		m->known = now;
}
