/*
 * measured.c - the sections of a report about what was measured: the verdict on the
 * wiring with its diagram, the live values, the harmonics; and the summary.
 */
#include <math.h>
#include <string.h>

#include "base/time.h"
#include "base/ascii.h"
#include "base/text.h"
#include "profile/value.h"
#include "content.h"
#include "drawing.h"

/* ---- summary ------------------------------------------------------------------- */

static enum doc_role verdict_role(const char *verdict)
{
	return strcmp(verdict, "pass") == 0 ? DOC_GOOD : strcmp(verdict, "fail") == 0 ? DOC_BAD : DOC_WARN;
}

static const char *verdict_words(const char *verdict)
{
	return strcmp(verdict, "pass") == 0 ? "PASS: wired right" : strcmp(verdict, "fail") == 0
	     ? "FAIL: something is wrong" : "INSUFFICIENT: not enough to call it right or to say what is wrong";
}

/* What the nameplates that were entered say of what the meter holds. */
static const char *nameplates(const json_t *ct, const json_t *pt, enum doc_role *role)
{
	const json_t *c = json_object_get(ct, "fits"), *p = json_object_get(pt, "fits");
	int entered = (*content_text(ct, "nameplate") != '\0') + (*content_text(pt, "nameplate") != '\0');
	int fit = json_is_true(c) + json_is_true(p);

	*role = json_is_false(c) || json_is_false(p) ? DOC_BAD : entered == 0 ? DOC_DIM
	      : fit < entered ? DOC_WARN : DOC_GOOD;
	return *role == DOC_BAD ? "NOT as on the nameplate"
	     : *role == DOC_DIM ? "no nameplate was entered"
	     : *role == DOC_WARN ? "the nameplate could not be compared"
	     : entered == 2 ? "both as on the nameplates"
	     : json_is_true(c) ? "CT as on the nameplate" : "PT as on the nameplate";
}

static void sum_ratios(struct doc *d, const json_t *data)
{
	const json_t *ct = json_object_get(json_object_get(data, "ratios"), "ct");
	const json_t *pt = json_object_get(json_object_get(data, "ratios"), "pt");
	const json_t *clamp = json_object_get(data, "clamp");
	enum doc_role role;
	const char *says = nameplates(ct, pt, &role);
	char c[32], p[32];

	doc_para(d, role, "Ratios: CT %s, PT %s in the meter; %s",
		 content_ratio(content_number(ct, "meter"), c, sizeof(c)),
		 content_ratio(content_number(pt, "meter"), p, sizeof(p)), says);
	if (json_is_object(clamp))
		doc_para(d, content_clamp_role(clamp), "Clamp comparison: %s", content_text(clamp, "says"));
}

static void sum_changes(struct doc *d, const json_t *data)
{
	const json_t *changes = json_object_get(data, "changes"), *one;
	size_t i, unsure = 0, refused = 0, other = 0, n = json_array_size(changes);
	char more[96] = "";
	size_t at = 0;

	json_array_foreach(changes, i, one) {
		const char *state = content_text(one, "state");

		refused += strcmp(state, "refused") == 0;
		unsure += strcmp(state, "verified") != 0 && strcmp(state, "refused") != 0;
		other += json_is_false(json_object_get(one, "still"));
	}
	if (n == 0) {
		doc_para(d, DOC_DIM, "Settings: none was changed from this computer over this connection");
		return;
	}
	if (other)
		text_append(more, sizeof(more), &at, "; %zu NOT what the meter holds now", other);
	if (refused)
		text_append(more, sizeof(more), &at, "; %zu refused by the meter", refused);
	doc_para(d, unsure || other || refused ? DOC_WARN : DOC_GOOD, "Settings: %zu changed, %zu of them %s%s",
		 n - refused, unsure ? unsure : n - refused, unsure ? "NOT verified" : "verified by reading back", more);
}

/* " on a and c" of ["a","c"]. */
static const char *phases_text(const json_t *list, char *buf, size_t size)
{
	unsigned set = 0;
	size_t i;
	const json_t *one;
	char names[24];

	json_array_foreach(list, i, one)
		set |= 1U << (json_string_value(one)[0] - 'a');
	snprintf(buf, size, "%s%s", set ? " on " : "", doctor_phases_text(set, names, sizeof(names)));
	return buf;
}

/* What was found, by name: the section below says the rest. */
static void sum_wiring(struct doc *d, const json_t *wiring)
{
	const char *verdict = content_text(wiring, "verdict");
	char names[512] = "", phases[40];
	size_t i, at = 0;
	const json_t *one;

	json_array_foreach(json_object_get(wiring, "findings"), i, one) {
		text_append(names, sizeof(names), &at, "%s%s%s", i ? ", " : ": ", content_text(one, "code"),
			    phases_text(json_object_get(one, "phases"), phases, sizeof(phases)));
	}
	doc_para(d, verdict_role(verdict), "Wiring: %s%s", verdict_words(verdict), names);
}

/* A report with holes says so at once. */
static void sum_missing(struct doc *d, const json_t *data)
{
	const json_t *list = json_object_get(data, "missing"), *one;
	size_t i, n = 0;

	json_array_foreach(list, i, one)
		n += json_array_size(json_object_get(one, "keys"));
	if (n)
		doc_para(d, DOC_BAD, "INCOMPLETE: %zu points not read (see the section Not read)", n);
}

void content_summary(struct doc *d, const json_t *data)
{
	const json_t *uplink = json_object_get(data, "uplink"), *lacks = json_object_get(data, "lacks");
	double ahead = content_number(json_object_get(data, "clock"), "ahead");
	char says[64];

	doc_section(d, "Summary");
	sum_missing(d, data);
	if (*content_text(lacks, "wiring"))
		doc_para(d, DOC_DIM, "Wiring: this model %s", content_text(lacks, "wiring"));
	else
		sum_wiring(d, json_object_get(data, "wiring"));
	if (*content_text(lacks, "ratios"))
		doc_para(d, DOC_DIM, "Ratios: this model %s", content_text(lacks, "ratios"));
	else
		sum_ratios(d, data);
	if (!isnan(ahead))
		doc_para(d, fabs(ahead) > 60 ? DOC_WARN : DOC_GOOD, "Clock: %.0f s %s the computer's%s%s", fabs(ahead),
			 ahead < 0 ? "behind" : "ahead of", *time_summer(ahead) ? ": " : "", time_summer(ahead));
	sum_changes(d, data);
	if (json_is_null(uplink))
		doc_para(d, DOC_DIM, "Uplink: no proof was given");
	else
		doc_para(d, content_uplink_role(uplink), "Uplink: %s, of meter %s",
			 content_uplink_says(uplink, says, sizeof(says)), content_text(json_object_get(uplink, "meter"), "id"));
}

/* ---- wiring -------------------------------------------------------------------- */

static void take_vectors(const json_t *list, struct doctor_vector v[3])
{
	for (size_t x = 0; x < 3; x++) {
		const json_t *one = json_array_get(list, x);

		v[x] = (struct doctor_vector){ content_number(one, "length"), content_number(one, "lag") };
	}
}

/* Where an arrow points; what has no length points nowhere. */
static double direction(const struct doctor_vector *v)
{
	return v->length > 0 ? v->lag : NAN;
}

static void phasor_table(struct doc *d, const struct doctor_phasors *p, const json_t *evidence)
{
	static const char *const heads[] = { "Input", "U, V", "at, \xC2\xB0", "I, A", "at, \xC2\xB0",
					     "I lags U, \xC2\xB0", "Load, %" };
	const json_t *inputs = json_object_get(evidence, "inputs");
	char buf[6][32];

	doc_table(d, "lrrrrrr", heads);
	for (int x = 0; x < 3; x++) {
		const char key[] = { (char)('a' + x), '\0' };
		const json_t *one = json_object_get(inputs, key);

		doc_cell(d, "%c", 'A' + x);
		doc_cell(d, "%s", content_digits(p->u[x].length, 1, buf[0], sizeof(buf[0])));
		doc_cell(d, "%s", content_digits(direction(&p->u[x]), 1, buf[1], sizeof(buf[1])));
		doc_cell(d, "%s", content_digits(p->i[x].length, 3, buf[2], sizeof(buf[2])));
		doc_cell(d, "%s", content_digits(direction(&p->i[x]), 1, buf[3], sizeof(buf[3])));
		doc_cell(d, "%s", content_digits(content_number(one, "lag"), 1, buf[4], sizeof(buf[4])));
		doc_cell(d, "%s", content_digits(100 * content_number(one, "load"), 0, buf[5], sizeof(buf[5])));
	}
	doc_table_end(d);
}

static void findings(struct doc *d, const json_t *list)
{
	char phases[40];
	size_t i;
	const json_t *one;

	json_array_foreach(list, i, one) {
		doc_para(d, DOC_WARN, "%s%s (%.0f %% sure)", content_text(one, "code"),
			 phases_text(json_object_get(one, "phases"), phases, sizeof(phases)),
			 100 * content_number(one, "confidence"));
		doc_para(d, DOC_PLAIN, "Seen: %s.", content_text(one, "explain"));
	}
}

/* What is left to do, in order, and what the inputs then read. */
static void measured_order(struct doc *d, const json_t *order)
{
	static const char *const inputs[] = { "a", "b", "c" };
	const json_t *steps = json_object_get(order, "steps"), *expected = json_object_get(order, "expected");
	char text[4][24];

	for (size_t i = 0; i < json_array_size(steps); i++)
		doc_para(d, DOC_PLAIN, "To do, %zu: %s.", i + 1, content_text(json_array_get(steps, i), "text"));
	for (unsigned x = 0; json_is_object(expected) && x < 3; x++) {
		const json_t *in = json_object_get(expected, inputs[x]), *was = json_object_get(in, "before");
		const json_t *then = json_object_get(in, "after");

		if (json_is_number(json_object_get(then, "lag")))
			doc_para(d, DOC_PLAIN, "Expected at input %c: lag %s to %s\302\260, %s to %s kW.", 'A' + (int)x,
				 content_digits(content_number(was, "lag"), 0, text[0], sizeof(text[0])),
				 content_digits(content_number(then, "lag"), 0, text[1], sizeof(text[1])),
				 content_digits(content_number(was, "power"), 3, text[2], sizeof(text[2])),
				 content_digits(content_number(then, "power"), 3, text[3], sizeof(text[3])));
	}
}

/* The meter's own verdict, and a cure by setting. */
static void measured_own(struct doc *d, const json_t *wiring)
{
	const json_t *own = json_object_get(wiring, "own"), *cure = json_object_get(wiring, "cure");

	if (json_is_object(own))
		doc_para(d, DOC_PLAIN, "The meter's own check of its wiring (%s): %s.", content_text(own, "key"),
			 content_text(own, "text"));
	for (size_t i = 0; i < json_array_size(cure); i++)
		doc_para(d, DOC_PLAIN, "By setting, in the place of the work at the CTs: %s.",
			 json_string_value(json_array_get(cure, i)));
}

static void measured_grounds(struct doc *d, const json_t *e)
{
	const json_t *window = json_object_get(e, "window");
	char rotation[16] = "not told";
	const char *turns = content_text(e, "rotation");
	char lag[32], lead[32], full[80] = "";

	/* none: it was not looked for, for want of readings */
	if (content_number(e, "nominal_current") > 0)
		snprintf(full, sizeof(full), "; full load %.4g A at the meter%s", content_number(e, "nominal_current"),
			 json_is_true(json_object_get(e, "nominal_current_assumed")) ? " (taken for granted)" : "");
	if (strlen(turns) == 3)
		snprintf(rotation, sizeof(rotation), "%c %c %c", ascii_upper(turns[0]),
			 ascii_upper(turns[1]), ascii_upper(turns[2]));
	doc_para(d, DOC_DIM, "Judged from %.0f readings, of which %.0f agree; angles from %s; phase sequence %s; "
		 "%.0f wires; the site: %s; loads between %s and %s%s.",
		 content_number(e, "samples"), content_number(e, "agreeing"),
		 strcmp(content_text(e, "source"), "angles") == 0 ? "the meter's own, which fit P and Q"
		 : strcmp(content_text(e, "source"), "powers") == 0 ? "P and Q" : "nothing, for want of load",
		 rotation, content_number(e, "wires"),
		 strcmp(content_text(e, "site"), "unsaid") == 0 ? "not said, taken for a consumer" : content_text(e, "site"),
		 doctor_pf_text(content_number(window, "lag"), lag, sizeof(lag)),
		 doctor_pf_text(-content_number(window, "lead"), lead, sizeof(lead)),
		 full);
}

/* What was registered since the kept reading, and what would be right. */
static void measured_energy(struct doc *d, const json_t *e)
{
	char from[16], to[16];

	if (!json_is_object(e))
		return;
	snprintf(from, sizeof(from), "%.10s", content_text(e, "from"));
	snprintf(to, sizeof(to), "%.10s", content_text(e, "to"));
	doc_para(d, DOC_PLAIN, "Energy registered from %s to %s, import less export: %.2f kWh. Right energy: %.2f \302\261 %.2f "
		 "kWh. Difference: %.2f kWh.", from, to, content_number(e, "registered"), content_number(e, "right"),
		 content_number(e, "uncertainty"), content_number(e, "difference"));
}

/* What the fault has cost; nothing where no factor makes it whole. */
static void measured_correction(struct doc *d, const json_t *c)
{
	char pf[24];

	if (!json_is_object(c))
		return;
	doc_para(d, DOC_PLAIN, "Correction factor of the energy registered with this wiring: K = %.3f \302\261 %.3f (k = 2), the "
		 "right active power over the registered one (%.3f / %.3f kW). It rests on loads of %s, and holds for "
		 "energy at the same power factor.", content_number(c, "k"), content_number(c, "uncertainty"),
		 content_number(c, "right"), content_number(c, "registered"),
		 doctor_pf_text(content_number(c, "lag"), pf, sizeof(pf)));
	measured_energy(d, json_object_get(c, "energy"));
}

void content_wiring(struct doc *d, const json_t *data)
{
	const json_t *wiring = json_object_get(data, "wiring"), *phasors = json_object_get(wiring, "phasors");
	const json_t *list = json_object_get(wiring, "findings");
	const char *verdict = content_text(wiring, "verdict");
	struct doctor_phasors p = { .source = DOCTOR_SOURCE_NONE };

	doc_section(d, "Wiring");
	if (content_lack(d, data, "wiring"))
		return;
	doc_para(d, verdict_role(verdict), "%s", verdict_words(verdict));
	take_vectors(json_object_get(phasors, "u"), p.u);
	take_vectors(json_object_get(phasors, "i"), p.i);
	if (doc_file(d)) {
		fputs("<div class=\"side\"><figure>\n", doc_file(d));
		drawing_phasors(doc_file(d), &p);
		fputs("<figcaption>Thin: voltages; thick: currents. Degrees behind U A, clockwise. "
		      "A solid, B dashed, C dotted.</figcaption></figure><div>\n", doc_file(d));
	}
	phasor_table(d, &p, json_object_get(wiring, "evidence"));
	if (json_array_size(list) == 0 && strcmp(verdict, "pass") == 0)
		doc_para(d, DOC_PLAIN, "%s", DOCTOR_PASS_TEXT);
	findings(d, list);
	measured_order(d, json_object_get(wiring, "order"));
	measured_own(d, wiring);
	measured_correction(d, json_object_get(wiring, "correction"));
	measured_grounds(d, json_object_get(wiring, "evidence"));
	if (doc_file(d))
		fputs("</div></div>\n", doc_file(d));
}

/* ---- live values ----------------------------------------------------------------- */

#define COLUMNS 4

/* A table of readings: a row is a quantity, a column the part of its keys that
 * stands for the '%'. */
static const struct grid {
	const char *title;
	const char *parts[COLUMNS], *heads[COLUMNS + 2];
	struct { const char *name, *key; } rows[12];
} grids[] = {
	{ NULL, { "a", "b", "c", "total" }, { "", "", "A", "B", "C", "total" }, {
		{ "Voltage", "voltage.%" }, { "Current", "current.%" },
		{ "Active power", "power.active.%" }, { "Reactive power", "power.reactive.%" },
		{ "Apparent power", "power.apparent.%" }, { "Power factor", "pf.%" },
		{ "THD of the voltage", "thd.voltage.%" }, { "THD of the current", "thd.current.%" },
		{ "Temperature of the conductor", "temperature.%" } } },
	{ NULL, { "ab", "bc", "ca", "" }, { "", "", "A-B", "B-C", "C-A", "" }, {
		{ "Line voltage", "voltage.%" } } },
	{ "Energy", { "a", "b", "c", "total" }, { "", "", "A", "B", "C", "total" }, {
		{ "Active, import", "energy.active.import.%" }, { "Active, export", "energy.active.export.%" },
		{ "Active, combined", "energy.active.combined.%" },
		{ "Reactive, import", "energy.reactive.import.%" },
		{ "Reactive, export", "energy.reactive.export.%" } } },
	{ "Reactive energy by quadrant", { "q1.total", "q2.total", "q3.total", "q4.total" },
	  { "", "", "Q1", "Q2", "Q3", "Q4" }, { { "Reactive", "energy.reactive.%" } } },
	{ "Energy by tariff", { "sharp", "peak", "flat", "valley" },
	  { "", "", "sharp", "peak", "flat", "valley" }, {
		{ "Active, import", "energy.tou.active.import.%" }, { "Active, export", "energy.tou.active.export.%" },
		{ "Active, combined", "energy.tou.active.combined.%" },
		{ "Reactive, import", "energy.tou.reactive.import.%" },
		{ "Reactive, export", "energy.tou.reactive.export.%" } } },
	{ "Demand", { "present", "max", "max.time", "" }, { "", "", "present", "maximum", "at", "" }, {
		{ "Active, import", "demand.active.import.%" }, { "Active, export", "demand.active.export.%" },
		{ "Reactive, import", "demand.reactive.import.%" },
		{ "Reactive, export", "demand.reactive.export.%" }, { "Apparent", "demand.apparent.%" } } },
};
#define NGRIDS (sizeof(grids) / sizeof(grids[0]))

static const char *grid_key(const struct grid *g, size_t row, int column, char *buf, size_t size)
{
	const char *form = g->rows[row].key;

	snprintf(buf, size, "%.*s%s", (int)strcspn(form, "%"), form, g->parts[column]);
	return buf;
}

static const json_t *grid_reading(const json_t *data, const struct grid *g, size_t row, int column)
{
	char key[64];

	return *g->parts[column] ? content_reading(data, grid_key(g, row, column, key, sizeof(key))) : NULL;
}

/* Has it been read, or at least asked for? */
static bool asked(const json_t *reading)
{
	return reading && strcmp(content_text(reading, "quality"), quality_name(QUALITY_NEVER)) != 0;
}

/* The first reading there is in a row; NULL when nobody has asked for any. */
static const json_t *row_first(const json_t *data, const struct grid *g, size_t row)
{
	const json_t *one = NULL;

	for (int c = 0; c < COLUMNS && !asked(one); c++)
		one = grid_reading(data, g, row, c);
	return asked(one) ? one : NULL;
}

static bool in_grids(const char *key)
{
	char buf[64];

	for (size_t g = 0; g < NGRIDS; g++)
		for (size_t r = 0; grids[g].rows[r].name; r++)
			for (int c = 0; c < COLUMNS; c++)
				if (*grids[g].parts[c]
				    && strcmp(grid_key(&grids[g], r, c, buf, sizeof(buf)), key) == 0)
					return true;
	return false;
}

static const char *unit_text(const json_t *reading)
{
	const char *unit = content_text(reading, "unit");

	return strcmp(unit, "degC") == 0 ? "\xC2\xB0" "C" : strcmp(unit, "deg") == 0 ? "\xC2\xB0" : unit;
}

/* Does the primary side of any of a row differ from the meter's? */
static bool other_side(const json_t *data, const struct grid *g, size_t row)
{
	bool differs = false;

	for (int c = 0; c < COLUMNS; c++) {
		const json_t *one = grid_reading(data, g, row, c);
		double primary = content_number(one, "primary");

		differs |= !isnan(primary) && fabs(primary - content_number(one, "value")) > 1e-9;
	}
	return differs;
}

/* Column C has something in a row. */
static bool grid_used(const json_t *data, const struct grid *g, int c)
{
	for (size_t r = 0; g->rows[r].name; r++)
		if (asked(grid_reading(data, g, r, c)))
			return true;
	return false;
}

/* Of a meter of one phase the total is that of the phase: both are one column. */
static bool grid_single(const json_t *data, const struct grid *g)
{
	if (strcmp(g->parts[0], "a") != 0 || grid_used(data, g, 1) || grid_used(data, g, 2))
		return false;
	for (size_t r = 0; g->rows[r].name; r++)
		if (grid_reading(data, g, r, 0) && grid_reading(data, g, r, 3))
			return false;
	return true;
}

static void grid_row(struct doc *d, const json_t *data, const struct grid *g, size_t row, bool primary)
{
	const json_t *first = row_first(data, g, row);
	bool single = grid_single(data, g);
	char buf[32];

	doc_cell(d, "%s", primary ? "\xC2\xB7 primary side" : g->rows[row].name);
	doc_cell(d, "%s", unit_text(first));
	for (int c = 0; c < COLUMNS; c++) {
		const json_t *one = single ? first : grid_reading(data, g, row, c);
		int decimals = (int)content_number(one ? one : first, "decimals");

		if (single ? c > 0 : !grid_used(data, g, c))
			continue;
		if (!one)
			doc_cell(d, "%s", "");
		else if (primary)
			doc_cell(d, "%s", isnan(content_number(one, "primary")) ? "" : content_digits(
				content_number(one, "primary"), decimals > 2 ? 2 : decimals, buf, sizeof(buf)));
		else
			doc_cell(d, "%s", *content_text(one, "text") ? content_text(one, "text") : "--");
	}
}

/* The columns there is something for: how each is aligned, and its head. */
static void grid_columns(const json_t *data, const struct grid *g, char sides[COLUMNS + 3], const char *heads[COLUMNS + 2])
{
	size_t n = 2;

	for (int c = 0; c < COLUMNS; c++)
		if (grid_single(data, g) ? c == 0 : grid_used(data, g, c)) {
			heads[n] = grid_single(data, g) ? "" : g->heads[c + 2];
			sides[n++] = 'r';
		}
}

/* Returns whether primary values are among them. */
static bool grid(struct doc *d, const json_t *data, const struct grid *g)
{
	const char *heads[COLUMNS + 2] = { "", "" };	/* the table keeps them until its end */
	char sides[COLUMNS + 3] = "ll";
	bool any = false, two_sides = false;

	for (size_t r = 0; g->rows[r].name; r++)
		any |= row_first(data, g, r) != NULL;
	if (!any)
		return false;
	if (g->title)
		doc_heading(d, g->title);
	grid_columns(data, g, sides, heads);
	doc_table(d, sides, heads);
	for (size_t r = 0; g->rows[r].name; r++) {
		if (!row_first(data, g, r))
			continue;
		grid_row(d, data, g, r, false);
		if (other_side(data, g, r)) {
			grid_row(d, data, g, r, true);
			two_sides = true;
		}
	}
	doc_table_end(d);
	return two_sides;
}

/* What is in no table above and in no other section. */
static void other_readings(struct doc *d, const json_t *data)
{
	size_t i, n = 0;
	const json_t *one;

	doc_heading(d, "Everything else on the live page");
	doc_table(d, d->html ? "lrllrl" : "lrl", NULL);
	json_array_foreach(json_object_get(data, "readings"), i, one) {
		const char *text = content_text(one, "text"), *key = content_text(one, "key");

		if (!asked(one) || in_grids(key) || strncmp(key, "ratio.", 6) == 0 || strcmp(key, "clock") == 0)
			continue;
		doc_cell(d, "%s", content_text(one, "name"));
		doc_cell(d, "%s", *text ? text : "--");
		doc_cell(d, "%s", unit_text(one));
		n++;
	}
	for (; d->html && n % 2; n++)
		for (int c = 0; c < 3; c++)
			doc_cell(d, "%s", "");
	doc_table_end(d);
}

void content_live(struct doc *d, const json_t *data)
{
	bool two_sides = false;

	doc_section(d, "Measured values");
	for (size_t g = 0; g < NGRIDS; g++)
		two_sides |= grid(d, data, &grids[g]);
	other_readings(d, data);
	if (two_sides)
		doc_para(d, DOC_DIM, "Primary values are the meter's multiplied by PT and CT; whether the meter "
			 "has done so already is not printed, a clamp meter tells.");
}

/* ---- harmonics -------------------------------------------------------------------- */

static bool take_orders(const json_t *kind, double percent[3][DRAWING_ORDERS])
{
	bool any = false;

	for (size_t x = 0; x < 3; x++) {
		const char key[] = { (char)('a' + (int)x), '\0' };
		const json_t *orders = json_object_get(json_object_get(kind, key), "orders");

		for (size_t i = 0; i < DRAWING_ORDERS; i++) {
			const json_t *v = json_array_get(orders, i);

			percent[x][i] = json_is_number(v) ? json_number_value(v) : NAN;
			any |= !isnan(percent[x][i]);
		}
	}
	return any;
}

/* The orders that are worth a line of text: 1 % of the fundamental in some phase. */
static void orders_table(struct doc *d, double percent[3][DRAWING_ORDERS])
{
	static const char *const heads[] = { "Order", "A, %", "B, %", "C, %" };
	char buf[32];

	doc_table(d, "rrrr", heads);
	for (int i = 0; i < DRAWING_ORDERS; i++) {
		if (!(percent[0][i] >= 1 || percent[1][i] >= 1 || percent[2][i] >= 1))
			continue;
		doc_cell(d, "%d", i + DRAWING_FIRST);
		for (int x = 0; x < 3; x++)
			doc_cell(d, "%s", content_digits(percent[x][i], 2, buf, sizeof(buf)));
	}
	doc_table_end(d);
}

void content_harmonics(struct doc *d, const json_t *data)
{
	static const char *const kinds[] = { "voltage", "current" };
	static const char *const titles[] = { "Voltage harmonics", "Current harmonics" };
	double percent[3][DRAWING_ORDERS];
	char a[32], b[32], c[32];

	doc_section(d, "Harmonics");
	if (content_lack(d, data, "harmonics"))
		return;
	for (int k = 0; k < 2; k++) {
		const json_t *kind = json_object_get(json_object_get(data, "harmonics"), kinds[k]);

		if (!take_orders(kind, percent)) {
			doc_para(d, DOC_DIM, "%s: none were read from this meter.", titles[k]);
			continue;
		}
		if (doc_file(d))
			drawing_harmonics(doc_file(d), titles[k], percent, k == 0);
		doc_para(d, DOC_PLAIN, "%s: THD A %s %%, B %s %%, C %s %%%s", titles[k],
			 content_digits(content_number(json_object_get(kind, "a"), "thd"), 2, a, sizeof(a)),
			 content_digits(content_number(json_object_get(kind, "b"), "thd"), 2, b, sizeof(b)),
			 content_digits(content_number(json_object_get(kind, "c"), "thd"), 2, c, sizeof(c)),
			 d->html ? "" : "; orders of 1 % and more:");
		if (!d->html)
			orders_table(d, percent);
	}
	if (d->html)
		doc_para(d, DOC_DIM, "Percent of the fundamental, at one moment. EN 50160 limits the 10 minute means "
			 "of a week.");
}
