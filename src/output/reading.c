#include "reading.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "base/text.h"
#include "mqtt/dialects/dialect.h"
#include "output.h"
#include "printer.h"
#include "profile/codec.h"
#include "profile/range.h"

#define WIDE 20		/* a day table would push every number to the far right */

/* Its members in JSON, its cells in CSV and what stands in a table differ in their order. */
enum {
	AMONG, CLOCK, WHOSE, AT_FIRST, KEY, VALUE, SHOWN, UNIT, QUALITY, AT, FROM, RAW, BITS, PRIMARY,
	ERROR, RECEIVED, REMARK, COLUMNS
};

static const struct column columns[COLUMNS] = {
	[AMONG] = { "id", .in = IN_DATA },
	[CLOCK] = { NULL, .in = IN_TABLE, .width = -12, .after = "  " },
	[WHOSE] = { NULL, .in = IN_TABLE, .width = -14, .after = "  " },
	[AT_FIRST] = { "at", .in = IN_CELLS },
	[KEY] = { "key", .in = IN_ALL, .width = -1, .most = CELL_WIDEST, .after = "  " },
	[VALUE] = { "value", .in = IN_DATA },
	[SHOWN] = { NULL, .in = IN_TABLE, .width = 1, .most = WIDE, .none = "--" },
	[UNIT] = { "unit", .in = IN_ALL, .width = -5, .before = " " },
	[QUALITY] = { "quality", .in = IN_DATA },
	[AT] = { "at", .in = IN_JSON },
	[FROM] = { "from", .in = IN_JSON, .optional = true },
	[RAW] = { "raw", .in = IN_JSON, .optional = true },
	[BITS] = { "bits", .in = IN_JSON, .optional = true },
	[PRIMARY] = { "primary", .in = IN_DATA, .optional = true },
	[ERROR] = { "error", .in = IN_DATA, .optional = true },
	[RECEIVED] = { "received", .in = IN_DATA, .optional = true },
	[REMARK] = { NULL, .in = IN_TABLE, .before = " " },
};

/* Of one meter nothing says whose they are. */
#define OF_ONE .columns = columns + AMONG + 1, .ncolumns = COLUMNS - AMONG - 1

const struct listing reading_list = { .schema = "meterctl.read/1", .name = "readings", OF_ONE };
const struct listing reading_watch = { OF_ONE, .endless = true };
const struct listing reading_fleet = { .columns = columns, .ncolumns = COLUMNS, .endless = true };

void reading_face(const struct profile *p, struct meter_ratios ratios,
		  const struct reading *readings, size_t idx, struct reading_face *out)
{
	const struct reading *r = &readings[idx];

	out->ok = r->quality == QUALITY_OK;
	out->known = out->ok || r->quality == QUALITY_LATE;
	out->unit = dialect_unit(&p->points[idx], r);
	out->quality = quality_name(r->quality);
	out->from = r->item ? provenance_names[r->item->from] : NULL;
	out->error = out->ok || r->quality == QUALITY_ABSENT ? "" : r->err.text;
	out->has_primary = out->ok && p->points[idx].ratio != RATIO_NONE
			   && meter_primary_by(p, ratios, readings, idx, &out->primary);
}

bool reading_value(const struct meter *m, size_t idx, bool primary, char *buf, size_t size,
		   struct err *e)
{
	const struct point *p = &m->profile->points[idx];
	const struct reading *r = &m->readings[idx];
	struct reading_face face;

	buf[0] = '\0';
	reading_face(m->profile, meter_ratios(m->profile), m->readings, idx, &face);
	if (!face.ok) {
		if (e)
			*e = r->err;
		return false;
	}
	if (!primary || p->ratio == RATIO_NONE) {
		output_text(p, &r->value, buf, size);
		return true;
	}
	if (!face.has_primary) {
		err_set(e, ERR_NO, "no primary value of '%s': PT and CT have not been read", p->key);
		return false;
	}
	snprintf(buf, size, "%.*f", p->decimals, face.primary);
	return true;
}

int reading_unexpected(const struct reading *r, const struct range *range, const char *when, struct err *e)
{
	const struct point *p = range->point;
	char value[VALUE_TEXT], want[RANGE_TEXT];
	const char *unit = *p->unit ? " " : "";

	if (r->value.kind == VALUE_BITS)
		range_text(&(struct range){ .point = p, .want = r->value }, value, sizeof(value));
	else
		output_text(p, &r->value, value, sizeof(value));
	range_text(range, want, sizeof(want));
	if (r->quality != QUALITY_OK)
		return err_set(e, r->err.code ? r->err.code : ERR_SILENT, "'%s' not read%s, expected %s%s%s: %s",
			       p->key, when, want, unit, p->unit, *r->err.text ? r->err.text : "no reply");
	return err_set(e, ERR_NO, "'%s' is %s%s%s%s, expected %s%s%s", p->key, value, unit, p->unit, when, want, unit, p->unit);
}

/* ---- cells -------------------------------------------------------------------- */

/* What the cells point to. */
struct reading_texts {
	char at[48], received[48], clock[16], value[VALUE_TEXT], primary[48], remark[1024];
	struct value primary_value;
};

static json_t *reading_bits_json(const struct point *p, const struct value *v)
{
	json_t *list = json_array();
	char names[512], *save = NULL;

	codec_bits(p, v, " ", names, sizeof(names));
	for (char *s = strtok_r(names, " ", &save); s; s = strtok_r(NULL, " ", &save))
		json_array_append_new(list, json_string(s));
	return list;
}

/* What JSON and CSV have. */
static void reading_fill_data(const struct meter *m, size_t idx, struct reading_texts *t, struct cell *cells)
{
	const struct point *p = &m->profile->points[idx];
	const struct reading *r = &m->readings[idx];
	struct reading_face face;

	reading_face(m->profile, meter_ratios(m->profile), m->readings, idx, &face);
	cells[AT] = cells[AT_FIRST] = r->at_us ? cell_text(time_text(r->at_us, t->at, sizeof(t->at)))
					       : (struct cell){ 0 };
	cells[KEY] = cell_text(p->key);
	cells[UNIT] = cell_text(face.unit);
	cells[QUALITY] = cell_text(face.quality);
	if (face.from)
		cells[FROM] = cell_text(face.from);
	if (r->received_us)
		cells[RECEIVED] = cell_text(time_text(r->received_us, t->received, sizeof(t->received)));
	if (r->quality == QUALITY_ABSENT)
		return;
	if (!face.known) {
		cells[ERROR] = cell_text(*face.error ? face.error : "not read");
		cells[ERROR].text = face.error;
		return;
	}
	cells[VALUE] = cell_value(p, &r->value);
	if (r->value.kind == VALUE_CHOICE)
		cells[RAW] = cell_integer((int64_t)r->value.num);
	if (r->value.kind == VALUE_BITS)
		cells[BITS] = cell_json(reading_bits_json(p, &r->value));
	if (!face.has_primary)
		return;
	t->primary_value = (struct value){ .kind = VALUE_NUMBER, .num = face.primary };
	cells[PRIMARY] = cell_value(p, &t->primary_value);
	snprintf(t->primary, sizeof(t->primary), "%.*f", p->decimals, face.primary);
	cells[PRIMARY].text = t->primary;
}

json_t *reading_json(const struct meter *m, size_t idx)
{
	struct cell cells[COLUMNS] = { 0 };
	struct reading_texts t;
	json_t *j;

	reading_fill_data(m, idx, &t, cells);
	j = cell_row_json(columns + AMONG + 1, COLUMNS - AMONG - 1, IN_DOCUMENT, cells + AMONG + 1);
	if (cells[BITS].kind == CELL_JSON)
		json_decref(cells[BITS].json);
	return j;
}

/* What stands behind the unit: the name, bit names, doubts; WHY there is no
 * value. Of a line that is down nothing but the fact: stderr says why, once. */
static void reading_remark(const struct meter *m, size_t idx, const struct err *why,
			   char *buf, size_t size)
{
	const struct point *p = &m->profile->points[idx];
	const struct reading *r = &m->readings[idx];
	char bits[400];
	size_t at = 0;

	buf[0] = '\0';
	text_append(buf, size, &at, "%s", p->name);
	if (r->quality == QUALITY_LATE || r->quality == QUALITY_AMBIGUOUS)
		text_append(buf, size, &at, "  [%s]", r->err.text);
	else if (r->quality == QUALITY_NEVER || r->quality == QUALITY_STALE || r->quality == QUALITY_ABSENT)
		text_append(buf, size, &at, "  [%s]", quality_name(r->quality));
	else if (why)
		text_append(buf, size, &at, "  [failed: %s]", why->text);
	else if (r->value.kind == VALUE_BITS)
		text_append(buf, size, &at, "  [%s]", *codec_bits(p, &r->value, " ", bits, sizeof(bits))
			    ? bits : "none set");
	if (!why && p->flags & POINT_AMBIGUOUS)
		text_append(buf, size, &at, "  (%s)", p->from == FROM_PROVISIONAL
			    ? "provisional" : "ambiguous");
	if (r->item && r->item->from != FROM_MANUAL)
		text_append(buf, size, &at, "  (%s: %s)", r->item->name, provenance_names[r->item->from]);
}

/* What a person is shown beside them. */
static void reading_fill_table(const struct printer *p, const struct readings *r, size_t idx,
			       struct reading_texts *t, struct cell *cells)
{
	struct err why = { 0 };
	bool ok = reading_value(r->meter, idx, p->primary, t->value, sizeof(t->value), &why);

	reading_remark(r->meter, idx, ok ? NULL : &why, t->remark, sizeof(t->remark));
	cells[REMARK] = cell_text(t->remark);
	if (!ok && r->meter->readings[idx].quality == QUALITY_LATE)
		output_text(&r->meter->profile->points[idx], &r->meter->readings[idx].value, t->value, sizeof(t->value));
	if (*t->value)
		cells[SHOWN] = cell_text(t->value);
	if (r->id)
		cells[WHOSE] = cell_text(r->id);
	if (p->list == &reading_list)
		return;
	/* as in a log, each line begins with when it was read: HH:MM:SS.mmm of the time stamp */
	snprintf(t->clock, sizeof(t->clock), "%.12s", cells[AT].kind ? t->at + 11 : "");
	cells[CLOCK] = cell_text(t->clock);
}

int reading_row(struct printer *p, const struct readings *r, size_t idx, struct err *e)
{
	struct cell cells[COLUMNS] = { 0 };
	struct reading_texts t;

	reading_fill_data(r->meter, idx, &t, cells);
	if (r->id)
		cells[AMONG] = cell_text(r->id);
	if (printer_prose(p))
		reading_fill_table(p, r, idx, &t, cells);
	return printer_row(p, cells + (p->list->columns - columns), e);
}
