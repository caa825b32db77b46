#include "steps.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "output/output.h"
#include "output/printer.h"

#define WIDE 20		/* a day table would push every other value far right */

const char *steps_text(const struct plan *p, const struct step *s, const struct value *v,
		       char *buf, size_t size)
{
	const struct point *pt = &p->profile->points[s->idx];

	if (v->kind == VALUE_NONE)
		snprintf(buf, size, "--");
	else if (v->kind == VALUE_STRING && !*v->text && !(pt->flags & POINT_SECRET))
		snprintf(buf, size, "\"\"");
	else
		output_text(pt, v, buf, size);
	return buf;
}

struct widths {
	int key, before, want;
};

static int wider(int width, const char *text)
{
	int n = output_cells(text);

	return n > width && n <= WIDE ? n : width;
}

static struct widths steps_measure(const struct plan *p)
{
	char text[VALUE_TEXT];
	struct widths w = { 0 };

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];
		int key = (int)strlen(p->profile->points[s->idx].key);

		w.key = key > w.key ? key : w.key;
		w.before = wider(w.before, steps_text(p, s, &s->before, text, sizeof(text)));
		w.want = wider(w.want, steps_text(p, s, &s->want, text, sizeof(text)));
	}
	return w;
}

/* Those that are as wished already. */
static size_t steps_same(const struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->steps[i].state == STEP_UNCHANGED;
	return n;
}

#define STEPS_SAME(n) "%zu setting%s as wished already", n, (n) == 1 ? " is" : "s are"

/* Cells TEXT leaves of WIDTH. */
static int pad(int width, const char *text)
{
	int n = width - output_cells(text);

	return n > 0 ? n : 0;
}

/* What a person should know before agreeing. */
static void print_effects(FILE *f, const struct plan *plan, const struct point *p, bool remote)
{
	unsigned writes = plan_write_count(plan->profile, p->words);

	if (writes > 1)
		fprintf(f, "  [in %u writes, read back together]", writes);
	if (p->effect != EFFECT_NOW)
		fprintf(f, "  [takes effect after a %s]", p->effect == EFFECT_RESTART ? "restart of the meter" : "new connection");
	if (p->flags & POINT_DROPS_LINK)
		fputs("  [changes the link]", f);
	if (p->flags & POINT_SWITCHES)
		fputs("  [may switch a breaker]", f);
	if (p->from == FROM_PROVISIONAL)
		fputs(remote ? "  [by a message whose form is not public]" : "  [provisional register]", f);
	if (p->flags & POINT_AMBIGUOUS && *p->note)
		fprintf(f, "\n    ambiguous: %s", p->note);
}

void steps_show(FILE *f, const struct plan *p)
{
	char before[VALUE_TEXT], want[VALUE_TEXT];
	struct widths w = steps_measure(p);
	size_t same = steps_same(p);

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];
		const struct point *pt = &p->profile->points[s->idx];

		if (s->state == STEP_UNCHANGED)
			continue;
		steps_text(p, s, &s->before, before, sizeof(before));
		steps_text(p, s, &s->want, want, sizeof(want));
		fprintf(f, "%-*s  %*s%s -> %s%*s %-5s %s", w.key, pt->key, pad(w.before, before), "",
			before, want, pad(w.want, want), "", pt->unit, pt->name);
		if (s->state == STEP_REFUSED)
			fprintf(f, "  [refused: %s]", s->err.text);
		else
			print_effects(f, p, pt, p->policy.remote);
		fputc('\n', f);
	}
	if (same) {
		fprintf(f, STEPS_SAME(same));
		fputc('\n', f);
	}
}

const char *steps_result(const struct plan *p)
{
	size_t n[STEP_STATES] = { 0 };

	for (size_t i = 0; i < p->n; i++)
		n[p->steps[i].state]++;
	return n[STEP_UNKNOWN] ? "unknown" : n[STEP_FAILED] ? "failed"
	     : n[STEP_REFUSED] ? "refused" : n[STEP_PLANNED] ? "planned" : "ok";
}

/* ---- what became of them -------------------------------------------------------- */

enum { KEY, BEFORE, WANT, NOW, AFTER, UNIT, STATE, ERROR, REMARK, SAID, COLUMNS };

static const struct column columns[COLUMNS] = {
	[KEY] = { "key", .in = IN_ALL, .width = -1, .most = CELL_WIDEST, .after = "  " },
	[BEFORE] = { "before", .in = IN_ALL, .width = 1, .most = WIDE, .after = " -> " },
	[WANT] = { "want", .in = IN_DATA },
	[NOW] = { NULL, .in = IN_TABLE, .width = -1, .most = WIDE },
	[AFTER] = { "after", .in = IN_DATA },
	[UNIT] = { "unit", .in = IN_ALL, .width = -5, .before = " " },
	[STATE] = { "state", .in = IN_ALL, .before = " " },
	[ERROR] = { "error", .in = IN_DATA, .optional = true },
	[REMARK] = { "remark", .in = IN_JSON, .optional = true },
	[SAID] = { NULL, .in = IN_TABLE, .before = "  [", .after = "]" },
};
static const struct listing listing = {
	.schema = "meterctl.apply/1", .name = "steps", .columns = columns, .ncolumns = COLUMNS, .concludes = true,
};

/* What the cells point to. */
struct steps_texts {
	char before[VALUE_TEXT], now[VALUE_TEXT];
};

/* NOW: what the meter holds, or is to. */
static void steps_fill(const struct plan *p, const struct step *s, const struct value *now,
		       struct steps_texts *t, struct cell *cells)
{
	const struct point *pt = &p->profile->points[s->idx];

	cells[KEY] = cell_text(pt->key);
	cells[BEFORE] = cell_value(pt, &s->before);
	cells[BEFORE].shown = steps_text(p, s, &s->before, t->before, sizeof(t->before));
	cells[WANT] = cell_value(pt, &s->want);
	cells[NOW].shown = steps_text(p, s, now, t->now, sizeof(t->now));
	cells[AFTER] = cell_value(pt, &s->after);
	cells[UNIT] = cell_text(pt->unit);
	cells[STATE] = cell_text(step_state_names[s->state]);
	cells[s->state == STEP_VERIFIED ? REMARK : ERROR] = cell_some(s->err.text);
	cells[ERROR].text = s->err.text;
	cells[SAID] = cell_some(s->err.text);
}

static int steps_row(struct printer *out, const struct plan *p, const struct step *s, struct err *e)
{
	const struct value *now = s->after.kind != VALUE_NONE ? &s->after : &s->want;
	struct cell cells[COLUMNS] = { 0 };
	struct steps_texts t;

	steps_fill(p, s, now, &t, cells);
	return printer_row_in(out, s->state == STEP_UNCHANGED ? IN_DATA : IN_ALL, cells, e);
}

/* A table is as wide as what was wished for, whatever came of it. */
static int steps_widen(struct printer *out, const struct plan *p, const struct step *s, struct err *e)
{
	struct cell cells[COLUMNS] = { 0 };
	struct steps_texts t;

	steps_fill(p, s, &s->want, &t, cells);
	return printer_measure(out, cells, e);
}

int steps_print(struct printer *out, const struct meter *m, const struct plan *p,
		const char *result, struct err *e)
{
	int rc = printer_begin(out, &listing, output_head_json(m, time_wall_us()), e);
	size_t same = steps_same(p);

	for (size_t i = 0; i < p->n && !rc; i++)
		rc = steps_widen(out, p, &p->steps[i], e);
	for (size_t i = 0; i < p->n && !rc; i++)
		rc = steps_row(out, p, &p->steps[i], e);
	if (!rc && same)
		printer_note(out, STEPS_SAME(same));
	if (!rc)
		rc = printer_end(out, json_pack("{s:s}", "result", result), e);
	printer_drop(out);
	return rc;
}
