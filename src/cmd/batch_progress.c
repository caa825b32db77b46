#include "batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define REDRAW_US 100000
#define SHOWN 20	/* lines drawn; of more ports those that work */
#define WIDTH 79

struct progress_line {
	char name[300];
	const char *shown;	/* as the file has it, where that is shorter */
	int rows, done, failed;
	const struct site *at;	/* what it does now; NULL: nothing */
	char doing[96];
};

struct batch_progress {
	FILE *f;
	struct progress_line *lines;
	size_t n;
	int rows, ended;
	int64_t began_us, drawn_us;
	int drawn;		/* lines on the terminal */
};

static struct progress_line *progress_line_of(struct batch_progress *p, const struct site *s)
{
	char name[sizeof(p->lines->name)];

	site_line(s, name, sizeof(name));
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->lines[i].name, name) == 0)
			return &p->lines[i];
	memcpy(p->lines[p->n].name, name, sizeof(name));
	p->lines[p->n].shown = target_is_serial(&s->target) ? s->target.path : p->lines[p->n].name;
	return &p->lines[p->n++];
}

struct batch_progress *batch_progress_new(FILE *f, const struct sites *s, const bool *todo)
{
	struct batch_progress *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->lines = calloc(s->n, sizeof(*p->lines));
	if (!p->lines) {
		free(p);
		return NULL;
	}
	p->f = f;
	p->began_us = time_mono_us();
	for (size_t i = 0; i < s->n; i++)
		if (todo[i]) {
			progress_line_of(p, &s->list[i])->rows++;
			p->rows++;
		}
	return p;
}

void batch_progress_free(struct batch_progress *p)
{
	if (!p)
		return;
	batch_progress_clear(p);
	free(p->lines);
	free(p);
}

void batch_progress_clear(struct batch_progress *p)
{
	if (!p || !p->drawn)
		return;
	fprintf(p->f, "\033[%dA\r\033[J", p->drawn);
	fflush(p->f);
	p->drawn = 0;
}

static void progress_put(struct batch_progress *p, const char *text)
{
	fprintf(p->f, "%.*s\n", WIDTH, text);
	p->drawn++;
}

static void progress_draw_line(struct batch_progress *p, const struct progress_line *l)
{
	char text[700];

	snprintf(text, sizeof(text), "%-22.22s %4d/%-4d %s%-3d %.34s", l->shown, l->done + l->failed, l->rows,
		 l->failed ? "failed " : "       ", l->failed, l->at ? l->doing : "");
	if (!l->failed)
		memset(text + 40, ' ', 3);	/* no "0" that looks like a count */
	progress_put(p, text);
}

/* Lines are as long as each other, more or less: what is left takes as long, for each row. */
static void progress_draw_total(struct batch_progress *p, int64_t now)
{
	int64_t gone = now - p->began_us, left = p->ended ? gone / p->ended * (p->rows - p->ended) : 0;
	char text[120];

	if (p->ended)
		snprintf(text, sizeof(text), "%d of %d meters, about %lld:%02lld left", p->ended, p->rows,
			 (long long)(left / 60000000), (long long)(left / 1000000 % 60));
	else
		snprintf(text, sizeof(text), "%d of %d meters", p->ended, p->rows);
	progress_put(p, text);
}

static void progress_draw(struct batch_progress *p)
{
	int64_t now = time_mono_us();
	int shown = 0;

	batch_progress_clear(p);
	for (size_t i = 0; i < p->n && shown < SHOWN; i++)
		if (p->n <= SHOWN || p->lines[i].at) {
			progress_draw_line(p, &p->lines[i]);
			shown++;
		}
	progress_draw_total(p, now);
	fflush(p->f);
	p->drawn_us = now;
}

static void progress_say(struct progress_line *l, const struct visit_event *ev)
{
	if (ev->kind == VISIT_STEP)
		snprintf(l->doing, sizeof(l->doing), "row %d: %s %s", ev->site->row,
			 plan_point(ev->plan, ev->step)->key, step_state_names[ev->step->state]);
	else
		snprintf(l->doing, sizeof(l->doing), "row %d: %s", ev->site->row, visit_kind_names[ev->kind]);
}

void batch_progress_take(struct batch_progress *p, const struct visit_event *ev)
{
	struct progress_line *l = progress_line_of(p, ev->site);

	l->at = ev->site;
	progress_say(l, ev);
	if (ev->kind == VISIT_DONE || ev->kind == VISIT_FAILED || ev->kind == VISIT_INTERRUPTED) {
		l->done += ev->kind == VISIT_DONE;
		l->failed += ev->kind == VISIT_FAILED;
		p->ended += ev->kind != VISIT_INTERRUPTED;
		l->at = NULL;
	}
	if (time_mono_us() - p->drawn_us >= REDRAW_US)
		progress_draw(p);
}
