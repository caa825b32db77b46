#include "profile_print.h"

#include <stdlib.h>
#include <string.h>

#include "output/output.h"
#include "profile/field.h"
#include "base/text.h"
#include "profile_table.h"

#define SCHEMA "meterctl.profile/1"

/* ---- JSON ---------------------------------------------------------------- */

static json_t *choices_json(const struct point *q)
{
	json_t *list = json_array();

	for (size_t i = 0; i < q->nchoices; i++)
		json_array_append_new(list, json_pack("{s:I, s:s}",
			"code", (json_int_t)q->choices[i].code, "name", q->choices[i].name));
	return list;
}

static json_t *profile_print_bits_json(const struct point *q)
{
	json_t *list = json_array();

	for (size_t i = 0; i < q->nbits; i++)
		json_array_append_new(list, json_pack("{s:i, s:s, s:s}",
			"position", q->bits[i].pos, "name", q->bits[i].name,
			"key", q->bits[i].key));
	return list;
}

/* What field F of Q is, as JSON. */
static json_t *field_json(const struct field *f, const void *in)
{
	switch (f->kind) {
	case FIELD_TEXT:
	case FIELD_KEY: return json_string(field_text(f, in));
	case FIELD_REAL: return json_real(field_real(f, in));
	case FIELD_WORD:
	case FIELD_ACCESS: return json_string(f->words[field_long(f, in)]);
	case FIELD_BOOL:
	case FIELD_FLAG:
	case FIELD_DOUBT: return json_boolean(field_long(f, in) != 0);
	case FIELD_CHOICES: return choices_json(in);
	case FIELD_BITS: return profile_print_bits_json(in);
	default: return json_integer(field_long(f, in));
	}
}

static json_t *point_json(const struct profile *p, const struct point *q)
{
	unsigned stride;
	size_t n = profile_instances(p, q, &stride);
	json_t *j = json_object();

	for (const struct field *f = fields; f < fields + nfields; f++) {
		if (!(f->where & (FIELD_GROUP | FIELD_POINT)) || !f->shown)
			continue;
		if (f->kind == FIELD_INSTANCES)
			json_object_set_new(j, f->shown, json_integer((json_int_t)n));
		else if (f->kind == FIELD_STRIDE)
			json_object_set_new(j, f->shown, json_integer(stride));
		else
			json_object_set_new(j, f->shown, f->has && !f->has(q) ? json_null() : field_json(f, q));
	}
	return j;
}

/* "read.most" stands in "read". */
static void set_nested(json_t *j, const char *name, json_t *value)
{
	const char *dot = strchr(name, '.');
	char parent[32];

	if (!dot) {
		json_object_set_new(j, name, value);
		return;
	}
	snprintf(parent, sizeof(parent), "%.*s", (int)(dot - name), name);
	if (!json_object_get(j, parent))
		json_object_set_new(j, parent, json_object());
	json_object_set_new(json_object_get(j, parent), dot + 1, value);
}

static json_t *profile_json(const struct profile *p)
{
	json_t *live = json_array(), *groups = json_array(), *j = json_object();

	for (size_t i = 0; i < p->nlive; i++)
		json_array_append_new(live, json_string(p->points[p->live[i]].key));
	for (size_t i = 0; i < p->ngroups; i++)
		json_array_append_new(groups, json_pack("{s:s, s:s}", "name", p->groups[i].name,
							"title", p->groups[i].title));
	for (const struct field *f = fields; f < fields + nfields; f++)
		if (f->where & FIELD_PROFILE && f->shown)
			set_nested(j, f->shown, field_json(f, p));
	json_object_set_new(j, "live", live);
	json_object_set_new(j, "groups", groups);
	return j;
}

/* ---- CSV ----------------------------------------------------------------- */

/* Cells of a row, the last one ending it. */
static void profile_print_csv_row(FILE *f, const char *const *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		output_csv_cell(f, cells[i]);
		fputs(i + 1 < n ? "," : "\r\n", f);
	}
}

#define ROW(f, ...) profile_print_csv_row(f, (const char *const[]){ __VA_ARGS__ }, \
	sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

struct cell {
	char s[32];
};

static struct cell profile_print_number(double v)
{
	struct cell c;

	snprintf(c.s, sizeof(c.s), "%.10g", v);
	return c;
}

/* "1=1200 2=2400", "0=DI1 1=DI2" */
static void list_names(const struct point *q, const char *sep, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < q->nchoices; i++)
		text_append(buf, size, &at, "%s%ld=%s", at ? sep : "",
			    q->choices[i].code, q->choices[i].name);
	for (size_t i = 0; i < q->nbits; i++)
		text_append(buf, size, &at, "%s%u=%s", at ? sep : "",
			    q->bits[i].pos, q->bits[i].name);
}

/* One cell; BUF is for those that are made up. */
static const char *field_cell(const struct field *f, const struct profile *p, const struct point *q,
			      char *buf, size_t size)
{
	unsigned stride;
	size_t n;

	if (f->has && !f->has(q))
		return "";
	switch (f->kind) {
	case FIELD_TEXT:
	case FIELD_KEY: return field_text(f, q);
	case FIELD_WORD:
	case FIELD_ACCESS: return f->words[field_long(f, q)];
	case FIELD_FLAG:
	case FIELD_DOUBT: return field_long(f, q) ? "yes" : "";
	case FIELD_CHOICES:
		list_names(q, " ", buf, size);
		return buf;
	case FIELD_INSTANCES:
	case FIELD_STRIDE:
		n = profile_instances(p, q, &stride);
		snprintf(buf, size, "%zu", f->kind == FIELD_STRIDE ? (size_t)stride : n);
		return buf;
	default:
		snprintf(buf, size, "%.10g", f->kind == FIELD_REAL ? field_real(f, q) : (double)field_long(f, q));
		return buf;
	}
}

/* Q NULL: the heads of the columns. */
static void point_csv(FILE *f, const struct profile *p, const struct point *q)
{
	const char *sep = "";
	char buf[1024];

	for (int column = COLUMN_IS; column < COLUMN_COUNT; column++)
		for (const struct field *d = fields; d < fields + nfields; d++) {
			if (!(d->where & (FIELD_GROUP | FIELD_POINT)) || (int)d->column != column)
				continue;
			fputs(sep, f);
			output_csv_cell(f, q ? field_cell(d, p, q, buf, sizeof(buf)) : d->head ? d->head : d->shown);
			sep = ",";
		}
	fputs("\r\n", f);
}

/* ---- what the command calls ------------------------------------------------ */

static int profile_print_points(FILE *f, const struct app *a, const struct profile *p,
				const struct selection *sel, struct err *e)
{
	if (a->format == FORMAT_CSV)
		point_csv(f, p, NULL);
	for (size_t i = 0; i < sel->n; i++) {
		const struct point *q = &p->points[sel->idx[i]];

		if (a->format == FORMAT_CSV) {
			point_csv(f, p, q);
		} else if (a->format == FORMAT_JSONL) {
			if (output_json(f, point_json(p, q), e))
				return -1;
		} else {
			if (i)
				fputc('\n', f);
			profile_point(f, p, q);
		}
	}
	return 0;
}

static int profile_print_document(FILE *f, const struct profile *p, const struct selection *sel,
				  struct err *e)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sel->n; i++)
		json_array_append_new(list, point_json(p, &p->points[sel->idx[i]]));
	return output_json(f, json_pack("{s:s, s:o, s:o}", "schema", SCHEMA,
					"profile", profile_json(p), "points", list), e);
}

int profile_print(FILE *f, const struct app *a, const struct profile *p,
		  const struct selection *sel, struct err *e)
{
	struct selection all = { 0 };
	int rc = 0;

	if (!sel && a->format == FORMAT_TABLE)
		return profile_table(f, p, e);
	for (size_t i = 0; !sel && i < p->ngroups && rc == 0; i++)
		rc = profile_group_points(p, &p->groups[i], &all, e);
	if (rc == 0 && a->format == FORMAT_JSON)
		rc = profile_print_document(f, p, sel ? sel : &all, e);
	else if (rc == 0)
		rc = profile_print_points(f, a, p, sel ? sel : &all, e);
	selection_release(&all);
	return rc;
}

void profile_list_begin(struct profile_list *l, FILE *f, const struct app *a)
{
	*l = (struct profile_list){ .f = f, .app = a };
	if (a->format == FORMAT_JSON)
		l->rows = json_array();
	if (a->format == FORMAT_CSV)
		ROW(f, "name", "title", "points", "origin");
}

int profile_list_row(struct profile_list *l, const struct profile *p, struct err *e)
{
	size_t n = profile_count(p);
	json_t *j;

	switch (l->app->format) {
	case FORMAT_TABLE:
		fprintf(l->f, "%-12s %5zu points  %s (%s)\n", p->name, n, p->title, p->origin);
		return 0;
	case FORMAT_CSV:
		ROW(l->f, p->name, p->title, profile_print_number((double)n).s, p->origin);
		return 0;
	case FORMAT_JSON:
	case FORMAT_JSONL:
		break;
	}
	j = json_pack("{s:s, s:s, s:I, s:s}", "name", p->name, "title", p->title,
		      "points", (json_int_t)n, "origin", p->origin);
	if (l->app->format == FORMAT_JSONL)
		return output_json(l->f, j, e);
	return json_array_append_new(l->rows, j) ? err_set(e, ERR_NO, "out of memory") : 0;
}

int profile_list_end(struct profile_list *l, struct err *e)
{
	if (l->app->format != FORMAT_JSON)
		return 0;
	return output_json(l->f, json_pack("{s:s, s:o}", "schema", SCHEMA,
					   "profiles", l->rows), e);
}

static json_t *finding_json(const struct finding *x)
{
	return json_pack("{s:o, s:s}", "line", x->line ? json_integer(x->line) : json_null(),
			 "text", x->text);
}

static int print_findings(FILE *f, const struct app *a, const struct profile *p,
			  const struct check *c, struct err *e)
{
	if (a->format == FORMAT_CSV)
		ROW(f, "profile", "line", "text");
	for (size_t i = 0; i < c->n; i++) {
		const struct finding *x = &c->list[i];

		if (a->format == FORMAT_CSV)
			ROW(f, p->name, x->line ? profile_print_number(x->line).s : "", x->text);
		else if (a->format == FORMAT_JSONL && output_json(f, finding_json(x), e))
			return -1;
		else if (a->format == FORMAT_TABLE && x->line)
			fprintf(f, "%s:%d: %s\n", p->own ? p->origin : p->name, x->line, x->text);
		else if (a->format == FORMAT_TABLE)
			fprintf(f, "%s: %s\n", p->own ? p->origin : p->name, x->text);
	}
	return 0;
}

int profile_print_check(FILE *f, const struct app *a, const struct profile *p,
			const struct check *c, struct err *e)
{
	json_t *list;

	if (a->format != FORMAT_JSON) {
		if (print_findings(f, a, p, c, e))
			return -1;
		if (a->format == FORMAT_TABLE)
			fprintf(f, "%s: %zu point%s, %zu vector%s with %zu value%s: %s\n", p->name,
				c->points, c->points == 1 ? "" : "s",
				c->vectors, c->vectors == 1 ? "" : "s",
				c->values, c->values == 1 ? "" : "s",
				c->n ? "does not hold" : "ok");
		return 0;
	}
	list = json_array();
	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(list, finding_json(&c->list[i]));
	return output_json(f, json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:o}",
		"schema", SCHEMA, "profile", p->name, "points", (json_int_t)c->points,
		"vectors", (json_int_t)c->vectors, "values", (json_int_t)c->values,
		"result", c->n ? "failed" : "ok", "findings", list), e);
}
