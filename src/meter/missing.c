#include "missing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES 20	/* a person reads no more of them */

static bool is_missing(const struct meter *m, uint16_t idx)
{
	return reading_missing(&m->readings[idx]);
}

int missing_first(const struct meter *m, const uint16_t *idx, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_missing(m, idx[i]))
			return idx[i];
	return -1;
}

size_t missing_count(const struct meter *m, const uint16_t *idx, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += is_missing(m, idx[i]);
	return count;
}

int missing_complain(const struct meter *m, const uint16_t *idx, size_t n, const char *what,
		     struct err *e)
{
	size_t count = missing_count(m, idx, n);
	int first = missing_first(m, idx, n);
	const char *key;

	if (first < 0)
		return 0;
	key = m->profile->points[first].key;
	*e = m->readings[first].err;
	if (!*e->text)
		err_set(e, ERR_SILENT, "not read");
	if (n == 1)
		return -1;
	if (count == n)
		return err_prefix(e, "none of %zu %s read", n, what);
	if (count == 1)
		return err_prefix(e, "'%s' not read", key);
	return err_prefix(e, "%zu of %zu %s not read, the first '%s'", count, n, what, key);
}

bool missing_next(const struct meter *m, const uint16_t *idx, size_t n, size_t *at,
		  struct missing_group *g)
{
	size_t i = *at;

	while (i < n && !is_missing(m, idx[i]))
		i++;
	*at = i;
	if (i == n)
		return false;
	g->idx = idx + i;
	g->why = m->readings[idx[i]].err.text;
	while (i < n && (!is_missing(m, idx[i]) || strcmp(m->readings[idx[i]].err.text, g->why) == 0))
		i++;
	g->n = i - *at;
	*at = i;
	return true;
}

/* "KEY, KEY (REASON)"; the caller frees it. NULL without memory. */
static char *group_line(const struct meter *m, const struct missing_group *g)
{
	const char *between = "";
	char *line = NULL;
	size_t size;
	FILE *f = open_memstream(&line, &size);

	if (!f)
		return NULL;
	for (size_t i = 0; i < g->n; i++)
		if (is_missing(m, g->idx[i])) {
			fprintf(f, "%s%s", between, m->profile->points[g->idx[i]].key);
			between = ", ";
		}
	fprintf(f, " (%s)", *g->why ? g->why : "not read");
	if (fclose(f) == 0)
		return line;
	free(line);
	return NULL;
}

void missing_list(const struct meter *m, const uint16_t *idx, size_t n,
		  void (*say)(void *arg, const char *line), void *arg)
{
	size_t count = missing_count(m, idx, n), at = 0, said = 0;
	struct missing_group g;
	char rest[40], *line;

	if (count < 2 || count == n)
		return;
	for (int lines = 0; missing_next(m, idx, n, &at, &g); lines++) {
		if (lines == LINES) {
			snprintf(rest, sizeof(rest), "and %zu more", count - said);
			say(arg, rest);
			return;
		}
		said += missing_count(m, g.idx, g.n);
		line = group_line(m, &g);
		if (line)
			say(arg, line);
		free(line);
	}
}
