#include "profile_print.h"

#include <stdlib.h>
#include <string.h>

#include "output/output.h"
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

static void profile_print_set_flag(json_t *j, const char *name, const struct point *q, unsigned flag)
{
	json_object_set_new(j, name, json_boolean((q->flags & flag) != 0));
}

static json_t *point_json(const struct profile *p, const struct point *q)
{
	bool range = q->min <= q->max;
	unsigned stride;
	size_t n = profile_instances(p, q, &stride);
	json_t *j = json_pack("{s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:f, s:i, s:s, s:s, s:s, s:s, s:s, s:s}",
		"key", q->key, "name", q->name, "group", q->group,
		"address", q->addr, "words", q->words, "space", space_names[q->space],
		"type", point_type_names[q->type], "scale", q->scale,
		"decimals", q->decimals, "unit", q->unit,
		"access", q->flags & POINT_WRITABLE ? "rw" : "r",
		"ratio", ratio_names[q->ratio], "from", provenance_names[q->from],
		"section", q->section, "note", q->note);

	if (!j)
		return NULL;
	json_object_set_new(j, "min", range ? json_real(q->min) : json_null());
	json_object_set_new(j, "max", range ? json_real(q->max) : json_null());
	json_object_set_new(j, "negative_above", q->negative_above
			    ? json_integer(q->negative_above) : json_null());
	json_object_set_new(j, "bit", q->type == TYPE_BIT ? json_integer(q->bit) : json_null());
	json_object_set_new(j, "choices", choices_json(q));
	json_object_set_new(j, "bits", profile_print_bits_json(q));
	profile_print_set_flag(j, "ambiguous", q, POINT_AMBIGUOUS);
	profile_print_set_flag(j, "reserved", q, POINT_RESERVED);
	profile_print_set_flag(j, "main", q, POINT_MAIN);
	profile_print_set_flag(j, "secret", q, POINT_SECRET);
	profile_print_set_flag(j, "drops_link", q, POINT_DROPS_LINK);
	profile_print_set_flag(j, "switches", q, POINT_SWITCHES);
	profile_print_set_flag(j, "part", q, POINT_PART);
	profile_print_set_flag(j, "harmful", q, POINT_HARMFUL);
	profile_print_set_flag(j, "fraction", q, POINT_FRACTION);
	json_object_set_new(j, "instances", json_integer((json_int_t)n));
	json_object_set_new(j, "stride", json_integer(stride));
	return j;
}

static json_t *profile_json(const struct profile *p)
{
	json_t *live = json_array(), *groups = json_array();

	for (size_t i = 0; i < p->nlive; i++)
		json_array_append_new(live, json_string(p->points[p->live[i]].key));
	for (size_t i = 0; i < p->ngroups; i++)
		json_array_append_new(groups, json_pack("{s:s, s:s}", "name", p->groups[i].name,
							"title", p->groups[i].title));
	return json_pack("{s:s, s:s, s:s, s:s, s:{s:i, s:b}, s:{s:i, s:s}, s:o, s:o}",
		"name", p->name, "title", p->title, "source", p->source,
		"origin", p->origin, "read", "most", p->read_most, "holes", p->read_holes,
		"write", "most", p->write_most,
		"function", write_function_names[p->write_function], "live", live, "groups", groups);
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

static const char *profile_print_yes(const struct point *q, unsigned flag)
{
	return q->flags & flag ? "yes" : "";
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

static void point_csv_head(FILE *f)
{
	ROW(f, "key", "name", "group", "address", "words", "space", "type", "scale",
	    "decimals", "unit", "access", "ratio", "min", "max", "negative_above", "names",
	    "from", "section", "ambiguous", "reserved", "main", "secret",
	    "drops_link", "switches", "part", "harmful", "fraction", "instances", "stride", "note");
}

static void point_csv(FILE *f, const struct profile *p, const struct point *q)
{
	bool range = q->min <= q->max;
	char names[1024];
	unsigned stride;
	size_t n = profile_instances(p, q, &stride);

	list_names(q, " ", names, sizeof(names));
	ROW(f, q->key, q->name, q->group, profile_print_number(q->addr).s, profile_print_number(q->words).s,
	    space_names[q->space], point_type_names[q->type], profile_print_number(q->scale).s,
	    profile_print_number(q->decimals).s, q->unit, q->flags & POINT_WRITABLE ? "rw" : "r",
	    ratio_names[q->ratio], range ? profile_print_number(q->min).s : "",
	    range ? profile_print_number(q->max).s : "",
	    q->negative_above ? profile_print_number((double)q->negative_above).s : "", names,
	    provenance_names[q->from], q->section, profile_print_yes(q, POINT_AMBIGUOUS),
	    profile_print_yes(q, POINT_RESERVED), profile_print_yes(q, POINT_MAIN), profile_print_yes(q, POINT_SECRET),
	    profile_print_yes(q, POINT_DROPS_LINK), profile_print_yes(q, POINT_SWITCHES), profile_print_yes(q, POINT_PART),
	    profile_print_yes(q, POINT_HARMFUL), profile_print_yes(q, POINT_FRACTION),
	    profile_print_number((double)n).s, profile_print_number(stride).s, q->note);
}

/* ---- what the command calls ------------------------------------------------ */

static int profile_print_points(FILE *f, const struct app *a, const struct profile *p,
				const struct selection *sel, struct err *e)
{
	if (a->format == FORMAT_CSV)
		point_csv_head(f);
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
