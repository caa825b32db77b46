/*
 * hint.c - the line about the word being typed.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/cmdline.h"
#include "profile/codec.h"
#include "complete.h"

static void hint_point(const struct point *p, const struct reading *r, char *buf, size_t size)
{
	char value[VALUE_TEXT];
	size_t at = 0;

	text_append(buf, size, &at, "%s", p->name);
	if (p->nchoices)
		text_append(buf, size, &at, ": ");
	for (size_t i = 0; i < p->nchoices; i++)
		text_append(buf, size, &at, "%s%s", i ? ", " : "", p->choices[i].name);
	if (!p->nchoices && p->flags & POINT_WRITABLE && p->min <= p->max)
		text_append(buf, size, &at, ": %.*f to %.*f", p->decimals, p->min, p->decimals, p->max);
	if (*p->unit)
		text_append(buf, size, &at, " %s", p->unit);
	if (r && r->value.kind != VALUE_NONE)
		text_append(buf, size, &at, "; now %s", p->flags & POINT_SECRET ? "****"
			    : codec_format(p, &r->value, value, sizeof(value)));
}

const char *cmdline_hint(const struct command_set *set, const struct profile *p, const struct reading *readings,
			 const char *line, size_t end, char *buf, size_t size)
{
	char typed[CMDLINE_LINE];
	struct cmdline w;
	struct err e;
	struct command c;
	const struct point *pt = NULL;

	buf[0] = '\0';
	snprintf(typed, sizeof(typed), "%.*s", (int)end, line);
	if (cmdline_split(&w, typed, &e) || w.argc == 0)
		return buf;
	if (w.argc > 1) {
		char *last = w.argv[w.argc - 1];
		int i;

		last[strcspn(last, "=")] = '\0';
		i = p ? profile_find(p, last) : -1;
		pt = i < 0 ? NULL : &p->points[i];
	}
	if (pt)
		hint_point(pt, readings ? &readings[pt - p->points] : NULL, buf, size);
	else if (set->find(w.argv[0], &c))
		snprintf(buf, size, "%s%s%s: %s", c.name, *c.args ? " " : "", c.args, c.help);
	return buf;
}
