#include "profile_print.h"

#include <stdlib.h>
#include <string.h>

#include "output/output.h"
#include "base/text.h"
#include "profile_table.h"

#define SCHEMA "meterctl.profile/1"

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

/* ---- show ------------------------------------------------------------------ */

/* JSON has an object a name, CSV all of them in one cell. */
enum {
	KEY, NAME, GROUP, ADDRESS, WORDS, SPACE, TYPE, SCALE, DECIMALS, UNIT, ACCESS, RATIO, FROM, SECTION, NOTE,
	MIN, MAX, NEGATIVE_ABOVE, BIT, CHOICES, BITS, NAMES, FROM_CELL, SECTION_CELL, AMBIGUOUS, RESERVED, MAIN,
	SECRET, DROPS_LINK, SWITCHES, PART, HARMFUL, FRACTION, INSTANCES, STRIDE, NOTE_CELL, COLUMNS
};

static const struct column columns[COLUMNS] = {
	[KEY] = { "key", .in = IN_DATA },
	[NAME] = { "name", .in = IN_DATA },
	[GROUP] = { "group", .in = IN_DATA },
	[ADDRESS] = { "address", .in = IN_DATA },
	[WORDS] = { "words", .in = IN_DATA },
	[SPACE] = { "space", .in = IN_DATA },
	[TYPE] = { "type", .in = IN_DATA },
	[SCALE] = { "scale", .in = IN_DATA },
	[DECIMALS] = { "decimals", .in = IN_DATA },
	[UNIT] = { "unit", .in = IN_DATA },
	[ACCESS] = { "access", .in = IN_DATA },
	[RATIO] = { "ratio", .in = IN_DATA },
	[FROM] = { "from", .in = IN_JSON },
	[SECTION] = { "section", .in = IN_JSON },
	[NOTE] = { "note", .in = IN_JSON },
	[MIN] = { "min", .in = IN_DATA },
	[MAX] = { "max", .in = IN_DATA },
	[NEGATIVE_ABOVE] = { "negative_above", .in = IN_DATA },
	[BIT] = { "bit", .in = IN_JSON },
	[CHOICES] = { "choices", .in = IN_JSON },
	[BITS] = { "bits", .in = IN_JSON },
	[NAMES] = { "names", .in = IN_CELLS },
	[FROM_CELL] = { "from", .in = IN_CELLS },
	[SECTION_CELL] = { "section", .in = IN_CELLS },
	[AMBIGUOUS] = { "ambiguous", .in = IN_DATA },
	[RESERVED] = { "reserved", .in = IN_DATA },
	[MAIN] = { "main", .in = IN_DATA },
	[SECRET] = { "secret", .in = IN_DATA },
	[DROPS_LINK] = { "drops_link", .in = IN_DATA },
	[SWITCHES] = { "switches", .in = IN_DATA },
	[PART] = { "part", .in = IN_DATA },
	[HARMFUL] = { "harmful", .in = IN_DATA },
	[FRACTION] = { "fraction", .in = IN_DATA },
	[INSTANCES] = { "instances", .in = IN_DATA },
	[STRIDE] = { "stride", .in = IN_DATA },
	[NOTE_CELL] = { "note", .in = IN_CELLS },
};
static const struct listing points_list = {
	.schema = SCHEMA, .name = "points", .columns = columns, .ncolumns = COLUMNS,
};

static struct cell flag_cell(const struct point *q, unsigned flag)
{
	struct cell c = cell_bool((q->flags & flag) != 0);

	c.text = c.flag ? "yes" : "";
	return c;
}

static void point_fill(const struct profile *p, const struct point *q, struct cell *cells)
{
	unsigned stride;

	cells[KEY] = cell_text(q->key);
	cells[NAME] = cell_text(q->name);
	cells[GROUP] = cell_text(q->group);
	cells[ADDRESS] = cell_integer(q->addr);
	cells[WORDS] = cell_integer(q->words);
	cells[SPACE] = cell_text(space_names[q->space]);
	cells[TYPE] = cell_text(point_type_names[q->type]);
	cells[SCALE] = cell_real(q->scale, -1);
	cells[DECIMALS] = cell_integer(q->decimals);
	cells[UNIT] = cell_text(q->unit);
	cells[ACCESS] = cell_text(q->flags & POINT_WRITABLE ? "rw" : "r");
	cells[RATIO] = cell_text(ratio_names[q->ratio]);
	cells[FROM] = cells[FROM_CELL] = cell_text(provenance_names[q->from]);
	cells[SECTION] = cells[SECTION_CELL] = cell_text(q->section);
	cells[NOTE] = cells[NOTE_CELL] = cell_text(q->note);
	if (q->min <= q->max) {
		cells[MIN] = cell_real(q->min, -1);
		cells[MAX] = cell_real(q->max, -1);
	}
	if (q->negative_above)
		cells[NEGATIVE_ABOVE] = cell_integer(q->negative_above);
	if (q->type == TYPE_BIT)
		cells[BIT] = cell_integer(q->bit);
	cells[INSTANCES] = cell_integer((int64_t)profile_instances(p, q, &stride));
	cells[STRIDE] = cell_integer(stride);
}

static void point_fill_flags(const struct point *q, struct cell *cells)
{
	cells[AMBIGUOUS] = flag_cell(q, POINT_AMBIGUOUS);
	cells[RESERVED] = flag_cell(q, POINT_RESERVED);
	cells[MAIN] = flag_cell(q, POINT_MAIN);
	cells[SECRET] = flag_cell(q, POINT_SECRET);
	cells[DROPS_LINK] = flag_cell(q, POINT_DROPS_LINK);
	cells[SWITCHES] = flag_cell(q, POINT_SWITCHES);
	cells[PART] = flag_cell(q, POINT_PART);
	cells[HARMFUL] = flag_cell(q, POINT_HARMFUL);
	cells[FRACTION] = flag_cell(q, POINT_FRACTION);
}

static int point_row(struct printer *out, const struct profile *p, const struct point *q, struct err *e)
{
	struct cell cells[COLUMNS] = {
		[CHOICES] = cell_json(choices_json(q)), [BITS] = cell_json(profile_print_bits_json(q)),
	};
	char names[1024];

	list_names(q, " ", names, sizeof(names));
	cells[NAMES] = cell_text(names);
	point_fill(p, q, cells);
	point_fill_flags(q, cells);
	return printer_row(out, cells, e);
}

static int point_rows(struct printer *out, const struct profile *p, const struct selection *sel,
		      struct err *e)
{
	int rc = printer_begin(out, &points_list, json_pack("{s:o}", "profile", profile_json(p)), e);

	for (size_t i = 0; i < sel->n && !rc; i++)
		rc = point_row(out, p, &p->points[sel->idx[i]], e);
	if (!rc)
		rc = printer_end(out, json_object(), e);
	printer_drop(out);
	return rc;
}

/* For a person. */
static int points_prose(FILE *f, const struct profile *p, const struct selection *sel, struct err *e)
{
	if (!sel)
		return profile_table(f, p, e);
	for (size_t i = 0; i < sel->n; i++) {
		if (i)
			fputc('\n', f);
		profile_point(f, p, &p->points[sel->idx[i]]);
	}
	return 0;
}

int profile_print(struct printer *out, const struct profile *p, const struct selection *sel, struct err *e)
{
	struct selection all = { 0 };
	int rc = 0;

	if (printer_prose(out))
		return points_prose(printer_prose(out), p, sel, e);
	for (size_t i = 0; !sel && i < p->ngroups && rc == 0; i++)
		rc = profile_group_points(p, &p->groups[i], &all, e);
	if (rc == 0)
		rc = point_rows(out, p, sel ? sel : &all, e);
	selection_release(&all);
	return rc;
}

/* ---- list ------------------------------------------------------------------ */

enum { LIST_NAME, LIST_TITLE, LIST_POINTS, LIST_SHOWN, LIST_ORIGIN, LIST_COLUMNS };

static const struct column list_columns[LIST_COLUMNS] = {
	[LIST_NAME] = { "name", .in = IN_ALL, .width = -12 },
	[LIST_TITLE] = { "title", .in = IN_DATA },
	[LIST_POINTS] = { "points", .in = IN_ALL, .width = 5, .before = " ", .after = " points" },
	[LIST_SHOWN] = { NULL, .in = IN_TABLE, .before = "  " },
	[LIST_ORIGIN] = { "origin", .in = IN_ALL, .before = " (", .after = ")" },
};
static const struct listing profiles_list = {
	.schema = SCHEMA, .name = "profiles", .columns = list_columns, .ncolumns = LIST_COLUMNS,
};

int profile_list_begin(struct printer *out, struct err *e)
{
	return printer_begin(out, &profiles_list, json_object(), e);
}

int profile_list_row(struct printer *out, const struct profile *p, struct err *e)
{
	const struct cell cells[LIST_COLUMNS] = {
		[LIST_NAME] = cell_text(p->name), [LIST_TITLE] = cell_text(p->title),
		[LIST_POINTS] = cell_integer((int64_t)profile_count(p)),
		[LIST_SHOWN] = cell_text(p->title), [LIST_ORIGIN] = cell_text(p->origin),
	};

	return printer_row(out, cells, e);
}

/* ---- check ----------------------------------------------------------------- */

enum { CHECK_PROFILE, CHECK_WHERE, CHECK_LINE, CHECK_TEXT, CHECK_COLUMNS };

static const struct column check_columns[CHECK_COLUMNS] = {
	[CHECK_PROFILE] = { "profile", .in = IN_CELLS },
	[CHECK_WHERE] = { NULL, .in = IN_TABLE },
	[CHECK_LINE] = { "line", .in = IN_ALL, .before = ":" },
	[CHECK_TEXT] = { "text", .in = IN_ALL, .before = ": " },
};
static const struct listing check_list = {
	.schema = SCHEMA, .name = "findings", .columns = check_columns, .ncolumns = CHECK_COLUMNS,
};

static int finding_row(struct printer *out, const struct profile *p, const struct finding *x, struct err *e)
{
	const struct cell cells[CHECK_COLUMNS] = {
		[CHECK_PROFILE] = cell_text(p->name), [CHECK_WHERE] = cell_text(p->own ? p->origin : p->name),
		[CHECK_LINE] = x->line ? cell_integer(x->line) : (struct cell){ 0 },
		[CHECK_TEXT] = cell_text(x->text),
	};

	return printer_row(out, cells, e);
}

int profile_print_check(struct printer *out, const struct profile *p, const struct check *c, struct err *e)
{
	json_t *head = json_pack("{s:s, s:I, s:I, s:I, s:s}", "profile", p->name,
				 "points", (json_int_t)c->points, "vectors", (json_int_t)c->vectors,
				 "values", (json_int_t)c->values, "result", c->n ? "failed" : "ok");
	int rc = printer_begin(out, &check_list, head, e);

	for (size_t i = 0; i < c->n && !rc; i++)
		rc = finding_row(out, p, &c->list[i], e);
	if (!rc) {
		printer_note(out, "%s: %zu point%s, %zu vector%s with %zu value%s: %s", p->name,
			     c->points, c->points == 1 ? "" : "s",
			     c->vectors, c->vectors == 1 ? "" : "s",
			     c->values, c->values == 1 ? "" : "s",
			     c->n ? "does not hold" : "ok");
		rc = printer_end(out, json_object(), e);
	}
	printer_drop(out);
	return rc;
}
