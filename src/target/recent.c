#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/paths.h"
#include "base/text.h"

void recent_load(struct recent *r)
{
	char path[4096], line[sizeof(r->target[0]) + 1];
	FILE *f;

	r->n = 0;
	paths_state(path, sizeof(path), "recent");
	f = path[0] ? fopen(path, "re") : NULL;
	if (!f)
		return;
	while (r->n < RECENT_MAX && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		/* somebody may have edited it: never more than a line to show */
		if (text_clean(r->target[r->n], sizeof(r->target[0]), line) > 0)
			r->n++;
	}
	fclose(f);
}

/* Writes the list with TARGET first and without GONE (NULL: none). */
static int recent_put(const char *target, const char *gone, struct err *e)
{
	char path[4096], text[RECENT_MAX * (sizeof(((struct recent *)0)->target[0]) + 1) + 1];
	struct recent r;
	size_t at = 0, kept = 1;

	paths_state(path, sizeof(path), "recent");
	if (!path[0])
		return err_set(e, ERR_NO, "no home folder to remember the connection in");
	recent_load(&r);
	text[0] = '\0';
	text_append(text, sizeof(text), &at, "%s\n", target);
	for (size_t i = 0; i < r.n && kept < RECENT_MAX; i++) {
		if (strcmp(r.target[i], target) == 0
		    || (gone && strcmp(r.target[i], gone) == 0))
			continue;
		text_append(text, sizeof(text), &at, "%s\n", r.target[i]);
		kept++;
	}
	return paths_replace(path, text, e);
}

int recent_add(const char *target, struct err *e)
{
	return recent_put(target, NULL, e);
}

int recent_follow(const char *from, const char *to, struct err *e)
{
	struct recent r;

	recent_load(&r);
	for (size_t i = 0; i < r.n; i++)
		if (strcmp(r.target[i], from) == 0)
			return recent_put(to, from, e);
	return 0;
}
