/*
 * site.c - a row of a batch file, for who carries it out.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sites.h"

static bool site_names(const struct site *s, const char *key)
{
	for (size_t i = 0; i < s->nwanted; i++)
		if (strcmp(s->wanted[i].key, key) == 0)
			return true;
	return false;
}

int site_plan(const struct site *s, struct plan *p, struct err *e)
{
	bool switching = p->policy.switching;
	int rc = 0;

	for (size_t i = 0; i < s->nwanted && !rc; i++)
		rc = plan_add(p, s->wanted[i].key, s->wanted[i].text, e);
	/* a file holds outputs' settings, too: consent is due when one changes */
	p->policy.switching = true;
	for (size_t i = 0; s->settings && i < s->settings->n && !rc; i++) {
		const struct setting *one = &s->settings->list[i];

		if (site_names(s, one->key))
			continue;
		rc = plan_add(p, one->key, one->text, e);
		if (rc)
			err_prefix(e, "%s:%d:%d", s->settings->file, one->line, one->column);
	}
	p->policy.switching = switching;
	return rc;
}

const char *site_place(const struct site *s, char *buf, size_t size)
{
	const struct target *t = &s->target;

	if (target_is_serial(t))
		snprintf(buf, size, "%s", t->path);
	else if (target_is_simulated(t))
		snprintf(buf, size, "%s row %d", target_prefix(t), s->row);
	else
		snprintf(buf, size, "%s:%d", t->host, t->port);
	return buf;
}

const char *site_line(const struct site *s, char *buf, size_t size)
{
	char real[PATH_MAX];

	if (target_is_serial(&s->target) && realpath(s->target.path, real))
		snprintf(buf, size, "%s", real);
	else
		site_place(s, buf, size);
	return buf;
}
