#include "opt.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

const struct opt *opt_letter(const struct opt *table, size_t n, int letter)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].id == letter)
			return &table[i];
	return NULL;
}

const struct opt *opt_named(const struct opt *table, size_t n, const char *name,
			    size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].name && strlen(table[i].name) == len
		    && strncmp(table[i].name, name, len) == 0)
			return &table[i];
	return NULL;
}

int opt_number(const char *arg, long min, long max, const char *what, int *out,
	       struct err *e)
{
	long v;

	if (!text_long(arg, min, max, &v))
		return err_set(e, ERR_USAGE, "'%s' is no %s (%ld to %ld)", arg, what, min, max);
	*out = (int)v;
	return 0;
}

const char *opt_line(const struct opt *o, char *buf, size_t size)
{
	char left[64] = "";
	size_t at = 0;

	if (o->id < 256)
		text_append(left, sizeof(left), &at, "-%c%s", o->id, o->name ? ", " : "");
	else
		text_append(left, sizeof(left), &at, "    ");
	if (o->name)
		text_append(left, sizeof(left), &at, "--%s", o->name);
	if (o->arg)
		text_append(left, sizeof(left), &at, " %s", o->arg);
	snprintf(buf, size, "  %-24s %s", left, o->help);
	return buf;
}
