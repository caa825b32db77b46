/*
 * complete.c - what may stand where the cursor is, from the table of commands
 * and the profile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/completion.h"
#include "target/config.h"
#include "target/ports.h"
#include "target/target.h"
#include "complete.h"
#include "cmd/cmdline.h"
#include "ui/screens.h"

/* What is being completed, and what there is so far. */
struct search {
	const struct command_set *set;
	const struct profile *profile;
	const char *text;		/* the word as typed */
	struct candidates *out;
	size_t room;
};

/* Without memory there are fewer to choose from. */
static void complete_offer(struct search *s, const char *head, const char *tail)
{
	struct candidates *c = s->out;
	char *word;

	if (c->n == s->room) {
		size_t room = s->room ? 2 * s->room : 32;
		char **list = realloc(c->list, room * sizeof(*list));

		if (!list)
			return;
		c->list = list;
		s->room = room;
	}
	if (asprintf(&word, "%s%s", head, tail) < 0)
		return;
	if (strncmp(word, s->text, strlen(s->text)) == 0)
		c->list[c->n++] = word;
	else
		free(word);
}

/* ---- keys --------------------------------------------------------------- */

static bool can_be_written(const struct point *p)
{
	return p->flags & POINT_WRITABLE && !(p->flags & (POINT_RESERVED | POINT_PART));
}

/* Where the next step of KEY ends behind FROM: past a '.', or at its end. */
static size_t complete_step(const char *key, size_t from)
{
	size_t n = from + strcspn(key + from, ".");

	return n + (key[n] == '.');
}

/* Keys as a file manager shows folders: one step at a time, but the whole key
 * where a step leads to one only. END stands behind whole keys. */
static void keys(struct search *s, bool settings, const char *end)
{
	const struct profile *p = s->profile;
	size_t typed = strlen(s->text), same = 0;
	const char *last = NULL;

	for (size_t i = 0; p && i <= p->npoints; i++) {
		const struct point *pt = i < p->npoints ? &p->points[p->by_key[i]] : NULL;
		size_t n;

		if (pt && (strncmp(pt->key, s->text, typed) != 0
			   || (settings && !can_be_written(pt))))
			continue;
		n = last ? complete_step(last, typed) : 0;
		if (pt && last && last[n - 1] == '.' && strncmp(pt->key, last, n) == 0) {
			same++;
			continue;
		}
		if (last && same > 0) {
			char part[96];

			snprintf(part, sizeof(part), "%.*s", (int)n, last);
			complete_offer(s, part, "");
		} else if (last) {
			complete_offer(s, last, end);
		}
		last = pt ? pt->key : NULL;
		same = 0;
	}
}

/* KEY=VALUE, once the '=' is there. */
static void complete_values(struct search *s)
{
	size_t n = strcspn(s->text, "="), from;
	char head[160];
	const struct point *p;
	int i;

	snprintf(head, sizeof(head), "%.*s", (int)n, s->text);
	i = s->profile ? profile_find(s->profile, head) : -1;
	if (i < 0 || n + 2 >= sizeof(head))
		return;
	p = &s->profile->points[i];
	/* bits are added up: the last of them is being typed */
	from = n + 1;
	for (size_t at = from; p->type == TYPE_BITS && s->text[at]; at++)
		if (s->text[at] == '+' || s->text[at] == ',')
			from = at + 1;
	if (snprintf(head, sizeof(head), "%.*s", (int)from, s->text) >= (int)sizeof(head))
		return;
	for (size_t j = 0; j < p->nchoices; j++)
		complete_offer(s, head, p->choices[j].name);
	for (size_t j = 0; p->type == TYPE_BITS && j < p->nbits; j++)
		complete_offer(s, head, p->bits[j].name);
	if (p->type == TYPE_BIT) {
		complete_offer(s, head, "0");
		complete_offer(s, head, "1");
	}
	if (p->type == TYPE_CLOCK)
		complete_offer(s, head, "now");
}

static void all_keys(struct search *s)
{
	keys(s, false, "");
}

static void settings(struct search *s)
{
	if (strchr(s->text, '='))
		complete_values(s);
	else
		keys(s, true, "=");
}

static void ranges(struct search *s)
{
	if (strchr(s->text, '='))
		complete_values(s);
	else
		keys(s, false, "=");
}

/* ---- the rest ----------------------------------------------------------- */

static void targets(struct search *s)
{
	struct config c;
	struct recent r;
	struct found_port *ports = NULL;
	size_t n = 0;
	struct err e;

	/* what cannot be read is not offered; connecting says why */
	config_load(&c, &e);
	for (size_t i = 0; i < c.nconnections; i++)
		complete_offer(s, c.connections[i].name, "");
	config_release(&c);
	recent_load(&r);
	for (size_t i = 0; i < r.n; i++)
		complete_offer(s, r.target[i], "");
	if (ports_list(&ports, &n, &e) == 0)
		for (size_t i = 0; i < n; i++)
			complete_offer(s, "rtu:", ports[i].path);
	free(ports);
	for (size_t i = 0; target_scheme(i); i++)
		complete_offer(s, target_scheme(i), "");
}

static void one_profile(const char *name, void *arg)
{
	complete_offer(arg, name, "");
}

static void profiles(struct search *s)
{
	const struct profile *p;

	for (size_t i = 0; (p = profile_builtin(i)); i++)
		complete_offer(s, p->name, "");
	profile_each_own(one_profile, s);
}

static void complete_commands(struct search *s)
{
	struct command c;

	for (size_t i = 0; s->set->nth(i, &c); i++)
		complete_offer(s, c.name, "");
	for (size_t i = 0; s->set->screen && i < SCREEN_COUNT; i++)
		if (s->set->screen(i))
			complete_offer(s, s->set->screen(i), "");
}

static void files(struct search *s)
{
	s->out->files = true;
}

static const struct {
	const char *name;
	void (*find)(struct search *s);
} sources[] = {
	{ "key", all_keys }, { "setting", settings }, { "range", ranges }, { "target", targets },
	{ "profile", profiles }, { "file", files }, { "command", complete_commands },
};

/* COLUMN says what the words of a command complete to (src/cmd/cmd.h). */
static void argument(struct search *s, const char *column, size_t nth)
{
	size_t plain = completion_plain(column), n;
	const char *at = column, *name;

	if (nth == 1 && plain > 0) {
		char *copy = strndup(column, plain), *save = NULL;

		for (char *w = copy ? strtok_r(copy, " ", &save) : NULL; w;
		     w = strtok_r(NULL, " ", &save))
			complete_offer(s, w, "");
		free(copy);
		return;
	}
	while ((name = completion_at(&at, &n)))
		for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
			if (strlen(sources[i].name) == n && memcmp(sources[i].name, name, n) == 0)
				sources[i].find(s);
}

/* ---- options -------------------------------------------------------------- */

static void options(struct search *s, const struct opt *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].name)
			complete_offer(s, "--", table[i].name);
}

/* The option that WORD is, if it waits for a value behind it; or NULL. */
static const struct opt *option_waiting(const struct cmd *c, const char *word)
{
	const struct opt *o = NULL;

	if (strncmp(word, "--", 2) == 0) {
		o = opt_named(app_options, napp_options, word + 2, strlen(word + 2));
		if (!o)
			o = opt_named(c->opts, c->nopts, word + 2, strlen(word + 2));
	} else if (word[0] == '-' && word[1] && !word[2]) {
		o = opt_letter(app_options, napp_options, word[1]);
		if (!o)
			o = opt_letter(c->opts, c->nopts, word[1]);
	}
	return o && o->arg ? o : NULL;
}

/* Behind the words of W, which begin with C. */
static void complete_argument(struct search *s, const struct command *c, const struct cmdline *w)
{
	const struct opt *waiting = NULL;
	size_t nth = 1;

	for (int i = 1; c->cmd && i < w->argc; i++) {
		if (waiting)
			waiting = NULL;
		else if (w->argv[i][0] == '-')
			waiting = option_waiting(c->cmd, w->argv[i]);
		else
			nth++;
	}
	if (waiting) {
		if (waiting->values)
			argument(s, waiting->values, 1);
	} else if (c->cmd && s->text[0] == '-') {
		options(s, c->cmd->opts, c->cmd->nopts);
		options(s, app_options, napp_options);
	} else if (c->complete) {
		argument(s, c->complete, c->cmd ? nth : (size_t)w->argc);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void complete_sort(struct candidates *c)
{
	size_t kept = 0;

	if (c->n == 0)
		return;
	qsort(c->list, c->n, sizeof(*c->list), by_text);
	for (size_t i = 0; i < c->n; i++) {
		if (kept > 0 && strcmp(c->list[kept - 1], c->list[i]) == 0)
			free(c->list[i]);
		else
			c->list[kept++] = c->list[i];
	}
	c->n = kept;
}

void cmdline_complete(const struct command_set *set, const struct profile *p, const char *line,
		      size_t start, size_t end, struct candidates *out)
{
	char before[CMDLINE_LINE], text[CMDLINE_LINE];
	struct search s = { .set = set, .profile = p, .text = text, .out = out };
	struct cmdline w;
	struct err e;
	struct command c;

	*out = (struct candidates){ 0 };
	if (end >= sizeof(text))
		return;
	snprintf(before, sizeof(before), "%.*s", (int)start, line);
	snprintf(text, sizeof(text), "%.*s", (int)(end - start), line + start);
	if (cmdline_split(&w, before, &e))
		return;
	if (w.argc == 0) {
		complete_commands(&s);
	} else if (set->find(w.argv[0], &c)) {
		complete_argument(&s, &c, &w);
	}
	complete_sort(out);
}

void candidates_release(struct candidates *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->list[i]);
	free(c->list);
	*c = (struct candidates){ 0 };
}
