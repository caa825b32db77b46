#include "profile_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "profile/codec.h"
#include "profile/field.h"
#include "profile/identify.h"
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

/* Codes as a profile has them. */
static json_t *none_json(const struct point *q)
{
	bool by_value = codec_floats(q->type) || q->type == TYPE_BCD;
	json_t *list = json_array();
	char code[24];

	for (size_t i = 0; i < q->nnone; i++) {
		snprintf(code, sizeof(code), "0x%0*" PRIX64, 4 * q->words, q->none[i].bits);
		json_array_append_new(list, by_value ? json_real(q->none[i].num) : json_string(code));
	}
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

static json_t *numbers_json(const struct field *f, const void *in)
{
	const struct numbers *n = (const void *)((const char *)in + f->offset);
	json_t *list = json_array();
	long v;

	for (unsigned i = 0; i < n->n; i++) {
		const char *word = f->words ? f->words[n->v[i]] : NULL;

		if (word && !text_long(word, 0, 1000000, &v))
			json_array_append_new(list, json_string(word));
		else
			json_array_append_new(list, json_integer(word ? v : n->v[i]));
	}
	return list;
}

static json_t *keys_json(const char *keys)
{
	json_t *list = json_array();

	for (size_t len; *keys; keys += len + (keys[len] == ' ')) {
		len = strcspn(keys, " ");
		json_array_append_new(list, json_stringn(keys, len));
	}
	return list;
}

static json_t *code_json(const struct field *f, const void *in)
{
	const struct code *c = (const void *)((const char *)in + f->offset);
	json_t *list;

	if (c->n == CODE_ASKED)
		return json_string(f->words[0]);
	list = json_array();
	for (unsigned i = 0; i < c->n; i++)
		json_array_append_new(list, json_integer(c->v[i]));
	return list;
}

/* One part of a rule. */
static json_t *rule_part_json(const struct identify *r)
{
	json_t *want = json_array(), *j = json_object();

	for (size_t i = 0; i < r->nwant; i++)
		json_array_append_new(want, json_string(r->want[i]));
	if (r->function) {
		json_object_set_new(j, "function", json_integer(r->function));
		if (r->function == IDENTIFY_DEVICE)
			json_object_set_new(j, "object", json_integer(r->object));
	} else {
		json_object_update_new(j, json_pack("{s:i, s:s, s:s, s:i}", "at", r->addr, "space", space_names[r->space],
						    "type", point_type_names[r->type], "words", r->words));
	}
	json_object_set_new(j, r->glob ? "matches" : "in", want);
	return j;
}

static json_t *rule_json(const struct identify *r)
{
	json_t *j = rule_part_json(r), *and = r->more ? json_array() : NULL;

	json_object_set_new(j, "model", json_string(r->model));
	while ((r = identify_next(r)))
		json_array_append_new(and, rule_part_json(r));
	if (and)
		json_object_set_new(j, "and", and);
	return j;
}

static json_t *rules_json(const struct field *f, const void *in)
{
	const struct identify_list *l = (const void *)((const char *)in + f->offset);
	json_t *list = json_array();

	for (const struct identify *r = l->list; r < l->list + l->n; r = identify_behind(r))
		json_array_append_new(list, rule_json(r));
	return list;
}

/* What field F of IN, a struct profile or struct point, is; of a point's place among its
 * repetitions the caller knows. */
static struct cell field_cell(const struct field *f, const void *in)
{
	struct cell c;

	switch (f->kind) {
	case FIELD_TEXT:
	case FIELD_KEY: return cell_text(field_text(f, in));
	case FIELD_REAL: return cell_real(field_real(f, in), -1);
	case FIELD_WORD:
	case FIELD_ACCESS: return cell_text(f->words[field_long(f, in)]);
	case FIELD_BOOL:
	case FIELD_FLAG:
	case FIELD_DOUBT:
		c = cell_bool(field_long(f, in) != 0);
		c.text = c.flag ? "yes" : "";
		return c;
	case FIELD_NUMBERS: return cell_json(numbers_json(f, in));
	case FIELD_LIST: return cell_json(keys_json(field_text(f, in)));
	case FIELD_CODE: return cell_json(code_json(f, in));
	case FIELD_RULES: return cell_json(rules_json(f, in));
	case FIELD_MS: return field_long(f, in) ? cell_integer(field_long(f, in)) : (struct cell){ 0 };
	case FIELD_CHOICES: return cell_json(choices_json(in));
	case FIELD_NONE: return cell_json(none_json(in));
	case FIELD_BITS: return cell_json(profile_print_bits_json(in));
	default: return cell_integer(field_long(f, in));
	}
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
		if (f->where & FIELD_PROFILE && f->shown) {
			const struct cell c = field_cell(f, p);

			set_nested(j, f->shown, cell_to_json(&c));
			if (c.kind == CELL_JSON)
				json_decref(c.json);
		}
	json_object_set_new(j, "live", live);
	json_object_set_new(j, "groups", groups);
	return j;
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

#define POINT_COLUMNS (2 * FIELDS_MAX)	/* each field in JSON and in CSV */

/* The columns of a point, which the fields of profiles make: members of an object in
 * their own order, cells in that of CSV. */
struct point_columns {
	struct column columns[POINT_COLUMNS];
	const struct field *fields[POINT_COLUMNS];
	size_t n;
};

static void point_column(struct point_columns *pc, const struct field *f, const char *name, unsigned in)
{
	pc->columns[pc->n] = (struct column){ .name = name, .in = in };
	pc->fields[pc->n++] = f;
}

static bool field_of_point(const struct field *f)
{
	return f->where & (FIELD_GROUP | FIELD_POINT) && f->shown;
}

static void point_columns_make(struct point_columns *pc)
{
	pc->n = 0;
	for (const struct field *f = fields; f < fields + nfields; f++)
		if (field_of_point(f))
			point_column(pc, f, f->shown, IN_JSON);
	for (int column = COLUMN_IS; column < COLUMN_COUNT; column++)
		for (const struct field *f = fields; f < fields + nfields; f++)
			if (field_of_point(f) && (int)f->column == column)
				point_column(pc, f, f->head ? f->head : f->shown, IN_CELLS);
}

static int point_row(struct printer *out, const struct point_columns *pc, const struct profile *p,
		     const struct point *q, struct err *e)
{
	struct cell cells[POINT_COLUMNS] = { 0 };
	char names[1024];
	unsigned stride;
	size_t instances = profile_instances(p, q, &stride);

	list_names(q, " ", names, sizeof(names));
	for (size_t i = 0; i < pc->n; i++) {
		const struct field *f = pc->fields[i];

		if (f->kind == FIELD_INSTANCES)
			cells[i] = cell_integer((int64_t)instances);
		else if (f->kind == FIELD_STRIDE)
			cells[i] = cell_integer(stride);
		else if (f->kind == FIELD_CHOICES && pc->columns[i].in == IN_CELLS)
			cells[i] = cell_text(names);
		else if (!f->has || f->has(q))
			cells[i] = field_cell(f, q);
	}
	return printer_row(out, cells, e);
}

static int point_rows(struct printer *out, const struct profile *p, const struct selection *sel,
		      struct err *e)
{
	struct point_columns pc;
	struct listing listing = { .schema = SCHEMA, .name = "points", .columns = pc.columns };
	int rc;

	point_columns_make(&pc);
	listing.ncolumns = pc.n;
	rc = printer_begin(out, &listing, json_pack("{s:o}", "profile", profile_json(p)), e);
	for (size_t i = 0; i < sel->n && !rc; i++)
		rc = point_row(out, &pc, p, &p->points[sel->idx[i]], e);
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
	.concludes = true,
};

static int finding_row(struct printer *out, const struct checked *is, const struct finding *x, struct err *e)
{
	const struct cell cells[CHECK_COLUMNS] = {
		[CHECK_PROFILE] = cell_text(is->name), [CHECK_WHERE] = cell_text(is->origin),
		[CHECK_LINE] = x->line ? cell_integer(x->line) : (struct cell){ 0 },
		[CHECK_TEXT] = cell_text(x->text),
	};

	return printer_row(out, cells, e);
}

int profile_print_check(struct printer *out, const struct checked *is, const struct check *c, struct err *e)
{
	json_t *head = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:s}", is->kind, is->name,
				 "points", (json_int_t)c->points, "vectors", (json_int_t)c->vectors,
				 "values", (json_int_t)c->values, "listed", (json_int_t)c->listed,
				 "proven", (json_int_t)c->proven, "result", c->n ? "failed" : "ok");
	int rc = printer_begin(out, &check_list, head, e);

	for (size_t i = 0; i < c->n && !rc; i++)
		rc = finding_row(out, is, &c->list[i], e);
	if (!rc) {
		printer_note(out, "%s: %zu of %zu %ss are proven by a vector", is->name, c->proven, c->listed, is->part);
		printer_note(out, "%s: %zu %s%s, %zu vector%s with %zu value%s: %s", is->name,
			     c->points, is->part, c->points == 1 ? "" : "s",
			     c->vectors, c->vectors == 1 ? "" : "s",
			     c->values, c->values == 1 ? "" : "s",
			     c->n ? "does not hold" : "ok");
		rc = printer_end(out, json_object(), e);
	}
	printer_drop(out);
	return rc;
}
