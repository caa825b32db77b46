#include "history_print.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "output/output.h"
#include "output/printer.h"

static const struct point *history_print_point_of(const struct history *h, int point)
{
	return &h->profile->points[point];
}

/* The codec's rounding: a difference of 230.4 and 230.3 is 0.1. */
static double rounded(const struct point *p, double v)
{
	double ten = pow(10, p->decimals);

	return codec_floats(p->type) ? v : round(v * ten) / ten + 0.0;
}

static double history_print_factor_of(const struct history *h, int point)
{
	double factor;

	return meter_factor(h->profile, h->readings, (size_t)point, &factor) ? factor : 0;
}

/* Why a value is not known; "" when there is nothing to say. */
static const char *reason(const struct history *h, enum history_state s, int point)
{
	const struct reading *r = &h->readings[point];

	if (s == HISTORY_ZERO)
		return "unused: every register of the record is 0";
	if (s == HISTORY_FFFF)
		return "unused: every register of the record is FFFFH";
	if (r->quality == QUALITY_OK || r->quality == QUALITY_STALE)
		return "its registers are FFFFH";
	return *r->err.text ? r->err.text : "not read";
}

/* ---- JSON ----------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}

static json_t *number_or_null(const struct point *p, bool known, double v)
{
	return known ? json_real(rounded(p, v)) : json_null();
}

static json_t *energy_json(const struct history *h, const struct history_record *rec,
			   const struct history_value *v)
{
	const struct point *p = history_print_point_of(h, v->point);
	double factor = history_print_factor_of(h, v->point);
	json_t *j = json_pack("{s:s, s:o, s:s, s:o}", "key", p->key,
			      "value", number_or_null(p, v->known, v->value), "unit", p->unit,
			      "difference_to_the_record_before",
			      number_or_null(p, v->compared, v->difference));

	if (v->known && factor > 0)
		json_object_set_new(j, "primary", number_or_null(p, true, v->value * factor));
	if (v->compared && factor > 0)
		json_object_set_new(j, "primary_difference",
				    number_or_null(p, true, v->difference * factor));
	if (!v->known)
		json_object_set_new(j, "error", json_string(reason(h, rec->state, v->point)));
	return j;
}

static json_t *energies_json(const struct history *h, const struct history_record *rec)
{
	json_t *list = json_array();

	for (size_t k = 0; k < h->nvalues; k++)
		if (rec->values[k].point >= 0)
			json_array_append_new(list, energy_json(h, rec, &rec->values[k]));
	return list;
}

static json_t *peak_json(const struct history *h, const struct history_peak *peak)
{
	const struct point *p;
	bool known = peak->known;
	double v = peak->value, factor;
	json_t *j;

	if (peak->point < 0)
		return json_null();
	p = history_print_point_of(h, peak->point);
	factor = history_print_factor_of(h, peak->point);
	j = json_pack("{s:s, s:s, s:o, s:o}", "key", p->key, "state", history_state_name(peak->state),
		      "value", number_or_null(p, known, v),
		      "time", text_or_null(known ? history_time(h, peak->time) : ""));
	if (known && factor > 0)
		json_object_set_new(j, "primary", number_or_null(p, true, v * factor));
	if (!known)
		json_object_set_new(j, "error", json_string(reason(h, peak->state, peak->point)));
	return j;
}

static const char *extreme_unit(const struct history *h, const struct history_extreme *x)
{
	return history_print_point_of(h, x->max.point >= 0 ? x->max.point : x->min.point)->unit;
}

static json_t *extreme_json(const struct history *h, const struct history_extreme *x)
{
	return json_pack("{s:i, s:s, s:s, s:o, s:o}", "ago", (int)x->ago, "quantity", x->quantity,
			 "unit", extreme_unit(h, x), "max", peak_json(h, &x->max),
			 "min", peak_json(h, &x->min));
}

static json_t *extremes_json(const struct history *h, int ago)
{
	json_t *list = json_array();

	for (size_t i = 0; i < h->nextremes; i++)
		if (ago < 0 || (int)h->extremes[i].ago == ago)
			json_array_append_new(list, extreme_json(h, &h->extremes[i]));
	return list;
}

/* ---- rows ----------------------------------------------------------------- */

enum {
	MONTH, MONTH_STATE, MONTH_TIME, ENERGIES, MONTH_ERROR, EXTREMES,
	KIND, AGO, TIME, KEY, VALUE, UNIT, DIFFERENCE, PRIMARY, STATE, ERROR, COLUMNS
};

/* Months as objects, and each value of them as a row of cells. */
static const struct column columns[COLUMNS] = {
	[MONTH] = { "ago", .in = IN_JSON },
	[MONTH_STATE] = { "state", .in = IN_JSON },
	[MONTH_TIME] = { "time", .in = IN_JSON },
	[ENERGIES] = { "energies", .in = IN_JSON },
	[MONTH_ERROR] = { "error", .in = IN_JSON, .optional = true },
	[EXTREMES] = { "extremes", .in = IN_LINES },
	[KIND] = { "kind", .in = IN_CELLS },
	[AGO] = { "ago", .in = IN_CELLS },
	[TIME] = { "time", .in = IN_CELLS },
	[KEY] = { "key", .in = IN_CELLS },
	[VALUE] = { "value", .in = IN_CELLS },
	[UNIT] = { "unit", .in = IN_CELLS },
	[DIFFERENCE] = { "difference_to_the_record_before", .in = IN_CELLS },
	[PRIMARY] = { "primary", .in = IN_CELLS },
	[STATE] = { "state", .in = IN_CELLS },
	[ERROR] = { "error", .in = IN_CELLS },
};
static const struct listing listing = {
	.schema = "meterctl.history/1", .name = "months", .columns = columns, .ncolumns = COLUMNS,
};

/* REC NULL: of that month there are extremes only, which a document has elsewhere. */
static int month_row(struct printer *out, const struct history *h, unsigned ago,
		     const struct history_record *rec, struct err *e)
{
	struct cell cells[COLUMNS] = {
		[MONTH] = cell_integer(ago),
		[ENERGIES] = cell_json(rec ? energies_json(h, rec) : json_array()),
		[EXTREMES] = cell_json(extremes_json(h, (int)ago)),
	};

	if (!rec)
		return printer_row_in(out, IN_LINES, cells, e);
	cells[MONTH_STATE] = cell_text(history_state_name(rec->state));
	cells[MONTH_TIME] = cell_some(history_time(h, rec->time));
	if (rec->time >= 0 && !*history_time(h, rec->time))
		cells[MONTH_ERROR] = cell_text(reason(h, rec->state, rec->time));
	return printer_row_in(out, IN_JSON, cells, e);
}

/* That under way has extremes only, old ones records only. */
static int month_rows(struct printer *out, const struct history *h, struct err *e)
{
	unsigned last = h->nrecords ? h->records[h->nrecords - 1].ago : 0;

	if (h->nextremes && h->extremes[h->nextremes - 1].ago > last)
		last = h->extremes[h->nextremes - 1].ago;
	for (unsigned ago = h->nextremes ? 0 : 1; ago <= last; ago++)
		if (month_row(out, h, ago, ago && ago <= h->nrecords ? &h->records[ago - 1] : NULL, e))
			return -1;
	return 0;
}

/* V may have no difference. */
static int value_row(struct printer *out, const struct history *h, const char *kind, unsigned ago,
		     const char *time, const struct history_value *v, enum history_state state, struct err *e)
{
	const struct point *p = history_print_point_of(h, v->point);
	double factor = history_print_factor_of(h, v->point);
	struct cell cells[COLUMNS] = {
		[KIND] = cell_text(kind), [AGO] = cell_integer(ago), [TIME] = cell_text(time),
		[KEY] = cell_text(p->key), [UNIT] = cell_text(p->unit), [STATE] = cell_text(history_state_name(state)),
	};

	if (v->known)
		cells[VALUE] = cell_real(rounded(p, v->value), p->decimals);
	else
		cells[ERROR] = cell_text(reason(h, state, v->point));
	if (v->compared)
		cells[DIFFERENCE] = cell_real(rounded(p, v->difference), p->decimals);
	if (v->known && factor > 0)
		cells[PRIMARY] = cell_real(rounded(p, v->value * factor), p->decimals);
	return printer_row_in(out, IN_CELLS, cells, e);
}

static int peak_row(struct printer *out, const struct history *h, const char *kind, unsigned ago,
		    const struct history_peak *peak, struct err *e)
{
	struct history_value v = { .point = peak->point, .known = peak->known, .value = peak->value };

	if (peak->point < 0)
		return 0;
	return value_row(out, h, kind, ago, v.known ? history_time(h, peak->time) : "", &v, peak->state, e);
}

static int value_rows(struct printer *out, const struct history *h, struct err *e)
{
	for (size_t r = 0; r < h->nrecords; r++)
		for (size_t k = 0; k < h->nvalues; k++)
			if (h->records[r].values[k].point >= 0
			    && value_row(out, h, "energy", h->records[r].ago, history_time(h, h->records[r].time),
					 &h->records[r].values[k], h->records[r].state, e))
				return -1;
	for (size_t i = 0; i < h->nextremes; i++)
		if (peak_row(out, h, "max", h->extremes[i].ago, &h->extremes[i].max, e)
		    || peak_row(out, h, "min", h->extremes[i].ago, &h->extremes[i].min, e))
			return -1;
	return 0;
}

static json_t *history_head_json(const struct meter *m, const struct history *h)
{
	json_t *head = output_head_json(m, time_wall_us()), *notes = json_array();
	const char *note[HISTORY_NOTES];

	history_notes(h, note);
	for (size_t i = 0; note[i]; i++)
		json_array_append_new(notes, json_string(note[i]));
	json_object_set_new(head, "notes", notes);
	return head;
}

/* ---- table ---------------------------------------------------------------- */

#define LINE 80
#define STAMP 19
#define BAR_MAX 20

struct table {
	FILE *f;
	const struct app *app;
	const struct history *h;
	size_t kind;
	const char *unit;
	bool difference;	/* of each value to the record before */
	int width;		/* of a number */
	double greatest;	/* total, for the bars */
};

/* The number shown; false: there is none. */
static bool history_print_shown(const struct table *t, const struct history_value *v, double *out)
{
	double factor = t->app->primary && v ? history_print_factor_of(t->h, v->point) : 1;

	if (!v || !(t->difference ? v->compared : v->known) || factor <= 0)
		return false;
	*out = (t->difference ? v->difference : v->value) * factor;
	return true;
}

static const char *history_print_cell(const struct table *t, size_t r, size_t part, char *buf, size_t size)
{
	const struct history_value *v = history_value(t->h, r, t->kind, part);
	double number;

	if (!history_print_shown(t, v, &number))
		return v ? "--" : "";
	snprintf(buf, size, t->difference ? "%+.*f" : "%.*f", history_print_point_of(t->h, v->point)->decimals,
		 rounded(history_print_point_of(t->h, v->point), number));
	return buf;
}

static void history_print_measure(struct table *t)
{
	char buf[64];
	double v;

	t->width = 8;
	t->greatest = 0;
	for (size_t r = 0; r < t->h->nrecords; r++) {
		for (size_t part = 0; part < HISTORY_PARTS; part++) {
			int n = (int)strlen(history_print_cell(t, r, part, buf, sizeof(buf)));

			t->width = n > t->width ? n : t->width;
		}
		if (history_print_shown(t, history_value(t->h, r, t->kind, 0), &v) && v > t->greatest)
			t->greatest = v;
	}
}

/* Of the total, in what is left of the line. */
static void print_bar(const struct table *t, size_t r)
{
	int room = LINE - 4 - 1 - STAMP - HISTORY_PARTS * (t->width + 1) - 2;
	double v;

	room = room > BAR_MAX ? BAR_MAX : room;
	if (room < 4 || !history_print_shown(t, history_value(t->h, r, t->kind, 0), &v) || v <= 0)
		return;
	fputs("  ", t->f);
	for (int n = (int)lround(v / t->greatest * room); n > 0; n--)
		fputs(t->app->ascii || MB_CUR_MAX == 1 ? "#" : "█", t->f);
}

static void print_block(struct table *t)
{
	char buf[64];

	history_print_measure(t);
	fprintf(t->f, "%s, %s%s, %s\n", history_titles[t->kind], t->unit,
		t->app->primary ? ", primary" : "",
		t->difference ? "difference to the record before" : "as kept");
	fprintf(t->f, "%4s %-*s", "ago", STAMP, "recorded at");
	for (size_t part = 0; part < HISTORY_PARTS; part++)
		fprintf(t->f, " %*s", t->width, history_parts[part]);
	fputc('\n', t->f);
	for (size_t r = 0; r < t->h->nrecords; r++) {
		const struct history_record *rec = &t->h->records[r];
		const char *time = history_time(t->h, rec->time);

		fprintf(t->f, "%4u ", rec->ago);
		if (rec->state != HISTORY_KEPT && rec->state != HISTORY_UNREAD) {
			fprintf(t->f, "%s\n", rec->state == HISTORY_ZERO ? "unused: reads 0"
				: rec->state == HISTORY_FFFF ? "unused: reads FFFFH"
				: "refused by the meter");
			continue;
		}
		fprintf(t->f, "%-*s", STAMP, *time ? time : "--");
		for (size_t part = 0; part < HISTORY_PARTS; part++)
			fprintf(t->f, " %*s", t->width, history_print_cell(t, r, part, buf, sizeof(buf)));
		print_bar(t, r);
		fputc('\n', t->f);
	}
}

/* Is every value of the kind 0? Then one line tells it. */
static bool history_print_all_zero(const struct table *t)
{
	bool any = false;

	for (size_t r = 0; r < t->h->nrecords; r++)
		for (size_t part = 0; part < HISTORY_PARTS; part++) {
			const struct history_value *v = history_value(t->h, r, t->kind, part);
			enum history_state s = t->h->records[r].state;

			if (!v || s == HISTORY_ZERO || s == HISTORY_FFFF)
				continue;
			if (!v->known || v->value < 0 || v->value > 0)
				return false;
			any = true;
		}
	return any;
}

static void print_energies(struct table *t)
{
	for (t->kind = 0; t->kind < HISTORY_KINDS; t->kind++) {
		const struct history_value *v = t->h->nrecords
			? history_value(t->h, 0, t->kind, 0) : NULL;

		if (!v)
			continue;
		t->unit = history_print_point_of(t->h, v->point)->unit;
		if (history_print_all_zero(t)) {
			fprintf(t->f, "%s, %s: 0 in every record\n\n", history_titles[t->kind], t->unit);
			continue;
		}
		t->difference = false;
		print_block(t);
		t->difference = true;
		print_block(t);
		fputc('\n', t->f);
	}
}

/* WIDTH: of its time, 0 at the end of a line. */
static void print_peak(const struct table *t, const struct history_peak *peak, int width)
{
	bool known = peak->known;
	double factor = known && t->app->primary && history_print_point_of(t->h, peak->point)->ratio != RATIO_NONE
		? history_print_factor_of(t->h, peak->point) : 1;
	const char *time = known ? history_time(t->h, peak->time) : "";

	if (known && factor > 0)
		fprintf(t->f, " %11.*f", history_print_point_of(t->h, peak->point)->decimals,
			peak->value * factor);
	else
		fprintf(t->f, " %11s", "--");
	fprintf(t->f, "  %-*s", width, *time ? time : peak->state == HISTORY_ZERO
		|| peak->state == HISTORY_FFFF ? "unused" : "--");
}

static void print_extremes(const struct table *t)
{
	unsigned ago = 0;

	for (size_t i = 0; i < t->h->nextremes; i++) {
		const struct history_extreme *x = &t->h->extremes[i];

		if (i == 0 || x->ago != ago) {
			char when[32] = "of this month";

			ago = x->ago;
			if (ago)
				snprintf(when, sizeof(when), "%u month%s ago", ago, ago == 1 ? "" : "s");
			fprintf(t->f, "%sExtremes %-18s %11s  %-11s %11s  at\n", i ? "\n" : "", when,
				"highest", "at", "lowest");
		}
		fprintf(t->f, "%-22s %-4s", x->quantity, extreme_unit(t->h, x));
		print_peak(t, &x->max, 11);
		print_peak(t, &x->min, 0);
		fputc('\n', t->f);
	}
}

static void history_print_table(FILE *f, const struct app *a, const struct history *h)
{
	struct table t = { .f = f, .app = a, .h = h };
	const char *note[HISTORY_NOTES];

	print_energies(&t);
	print_extremes(&t);
	history_notes(h, note);
	for (size_t i = 0; note[i]; i++)
		fprintf(f, "%s%s\n", i ? "" : "\n", note[i]);
}

int history_print(struct printer *out, const struct app *a, const struct meter *m,
		  const struct history *h, struct err *e)
{
	FILE *prose = printer_prose(out);
	int rc;

	if (prose) {
		history_print_table(prose, a, h);
		return 0;
	}
	rc = printer_begin(out, &listing, history_head_json(m, h), e);
	if (!rc)
		rc = month_rows(out, h, e) || value_rows(out, h, e) ? -1 : 0;
	if (!rc)
		rc = printer_end(out, json_pack("{s:o}", "extremes", extremes_json(h, -1)), e);
	printer_drop(out);
	return rc;
}
