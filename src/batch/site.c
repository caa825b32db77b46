/*
 * site.c - a row of a batch file, for who carries it out.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sites.h"

/* Of its cells alone; NULL: none names KEY. */
static const char *site_cell(const struct site *s, const char *key)
{
	for (size_t i = 0; i < s->nwanted; i++)
		if (strcmp(s->wanted[i].key, key) == 0)
			return s->wanted[i].text;
	return NULL;
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

		if (!site_cell(s, one->key) && plan_add(p, one->key, one->text, e))
			rc = settings_place(s->settings, i, e);
	}
	p->policy.switching = switching;
	return rc;
}

const char *site_value(const struct site *s, const char *key)
{
	const char *cell = site_cell(s, key);

	for (size_t i = 0; !cell && s->settings && i < s->settings->n; i++)
		if (strcmp(s->settings->list[i].key, key) == 0)
			return s->settings->list[i].text;
	return cell;
}

bool site_moved(const struct site *s, struct target *to)
{
	bool moved = false;

	*to = s->target;
	for (size_t i = 0; i < s->nwanted; i++)
		moved = target_change(to, s->wanted[i].key, s->wanted[i].text) || moved;
	for (size_t i = 0; s->settings && i < s->settings->n; i++)
		if (!site_cell(s, s->settings->list[i].key))
			moved = target_change(to, s->settings->list[i].key, s->settings->list[i].text) || moved;
	return moved;
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
