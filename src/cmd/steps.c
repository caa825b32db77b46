#include "steps.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "output/output.h"
#include "base/text.h"

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

static void print_same(FILE *f, const struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->steps[i].state == STEP_UNCHANGED;
	if (n)
		fprintf(f, "%zu setting%s as wished already\n", n, n == 1 ? " is" : "s are");
}

/* Cells TEXT leaves of WIDTH. */
static int pad(int width, const char *text)
{
	int n = width - output_cells(text);

	return n > 0 ? n : 0;
}

/* What a person should know before agreeing. */
static void print_effects(FILE *f, const struct point *p, bool remote)
{
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
			print_effects(f, pt, p->policy.remote);
		fputc('\n', f);
	}
	print_same(f, p);
}

const char *steps_result(const struct plan *p)
{
	size_t n[STEP_STATES] = { 0 };

	for (size_t i = 0; i < p->n; i++)
		n[p->steps[i].state]++;
	return n[STEP_UNKNOWN] ? "unknown" : n[STEP_FAILED] ? "failed"
	     : n[STEP_REFUSED] ? "refused" : n[STEP_PLANNED] ? "planned" : "ok";
}

static json_t *step_json(const struct plan *p, const struct step *s)
{
	const struct point *pt = &p->profile->points[s->idx];
	json_t *j = json_object();

	if (!j)
		return NULL;
	json_object_set_new(j, "key", json_string(pt->key));
	json_object_set_new(j, "before", output_value_json(pt, &s->before));
	json_object_set_new(j, "want", output_value_json(pt, &s->want));
	json_object_set_new(j, "after", output_value_json(pt, &s->after));
	json_object_set_new(j, "unit", json_string(pt->unit));
	json_object_set_new(j, "state", json_string(step_state_names[s->state]));
	if (*s->err.text)
		json_object_set_new(j, s->state == STEP_VERIFIED ? "remark" : "error",
				    json_string(s->err.text));
	return j;
}

static int steps_print_document(FILE *f, const struct meter *m, const struct plan *p,
				const char *result, struct err *e)
{
	json_t *list = json_array();
	char now[48];

	for (size_t i = 0; i < p->n; i++)
		json_array_append_new(list, step_json(p, &p->steps[i]));
	return output_json(f, json_pack("{s:s, s:o, s:s, s:o, s:s}",
		"schema", "meterctl.apply/1", "meter", output_meter_json(m),
		"time", output_time(time_wall_us(), now, sizeof(now)),
		"steps", list, "result", result), e);
}

/* A cell of CSV: nothing for what is not known. */
static void csv_value(FILE *f, const struct plan *p, const struct step *s,
		      const struct value *v)
{
	char text[VALUE_TEXT];

	output_text(&p->profile->points[s->idx], v, text, sizeof(text));
	output_csv_cell(f, text);
	fputc(',', f);
}

static void steps_print_csv(FILE *f, const struct plan *p)
{
	fputs("key,before,want,after,unit,state,error\r\n", f);
	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];
		const struct point *pt = &p->profile->points[s->idx];

		output_csv_cell(f, pt->key);
		fputc(',', f);
		csv_value(f, p, s, &s->before);
		csv_value(f, p, s, &s->want);
		csv_value(f, p, s, &s->after);
		output_csv_cell(f, pt->unit);
		fprintf(f, ",%s,", step_state_names[s->state]);
		output_csv_cell(f, s->err.text);
		fputs("\r\n", f);
	}
}

static void steps_print_table(FILE *f, const struct plan *p)
{
	char before[VALUE_TEXT], value[VALUE_TEXT];
	struct widths w = steps_measure(p);

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];
		const struct point *pt = &p->profile->points[s->idx];
		const struct value *v = s->after.kind != VALUE_NONE ? &s->after : &s->want;

		if (s->state == STEP_UNCHANGED)
			continue;
		steps_text(p, s, &s->before, before, sizeof(before));
		steps_text(p, s, v, value, sizeof(value));
		fprintf(f, "%-*s  %*s%s -> %s%*s %-5s %s", w.key, pt->key, pad(w.before, before), "",
			before, value, pad(w.want, value), "", pt->unit, step_state_names[s->state]);
		if (*s->err.text)
			fprintf(f, "  [%s]", s->err.text);
		fputc('\n', f);
	}
	print_same(f, p);
}

int steps_print(FILE *f, const struct app *a, const struct meter *m,
		const struct plan *p, const char *result, struct err *e)
{
	switch (a->format) {
	case FORMAT_JSON: return steps_print_document(f, m, p, result, e);
	case FORMAT_CSV: steps_print_csv(f, p); return 0;
	case FORMAT_TABLE: steps_print_table(f, p); return 0;
	case FORMAT_JSONL: break;
	}
	for (size_t i = 0; i < p->n; i++)
		if (output_json(f, step_json(p, &p->steps[i]), e))
			return -1;
	return 0;
}
