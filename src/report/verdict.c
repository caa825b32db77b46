#include "verdict.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "base/time.h"

static json_t *phases_json(unsigned phases)
{
	static const char *const names[] = { "a", "b", "c" };
	json_t *list = json_array();

	for (unsigned x = 0; x < 3; x++)
		if (phases >> x & 1)
			json_array_append_new(list, json_string(names[x]));
	return list;
}

/* To a given number of decimals; null for what is not known. */
json_t *verdict_number_json(double v, int decimals)
{
	double ten = pow(10, decimals);

	return isfinite(v) ? json_real(round(v * ten) / ten) : json_null();
}

enum { VERDICT, CODE, PHASES, CONFIDENCE, EXPLAIN, FIX, COLUMNS };

static const struct column columns[COLUMNS] = {
	[VERDICT] = { "verdict", .in = IN_CELLS },
	[CODE] = { "code", .in = IN_DATA },
	[PHASES] = { "phases", .in = IN_DATA },
	[CONFIDENCE] = { "confidence", .in = IN_DATA },
	[EXPLAIN] = { "explain", .in = IN_DATA },
	[FIX] = { "fix", .in = IN_DATA },
};
const struct listing verdict_list = {
	.schema = "meterctl.check/1", .name = "findings", .columns = columns, .ncolumns = COLUMNS, .concludes = true,
};

/* What the cells point to. */
struct verdict_texts {
	char phases[4], explain[DOCTOR_TEXT], fix[DOCTOR_TEXT];
};

static void finding_fill(const struct doctor_finding *f, struct verdict_texts *t, struct cell *cells)
{
	snprintf(t->phases, sizeof(t->phases), "%s%s%s", f->phases & 1 ? "a" : "", f->phases & 2 ? "b" : "",
		 f->phases & 4 ? "c" : "");
	text_clean(t->explain, sizeof(t->explain), f->explain);
	text_clean(t->fix, sizeof(t->fix), f->fix);
	cells[CODE] = cell_text(doctor_code_name(f->code));
	cells[PHASES] = cell_json(phases_json(f->phases));
	cells[PHASES].text = t->phases;
	cells[CONFIDENCE] = cell_real(f->confidence, 2);
	cells[EXPLAIN] = cell_text(t->explain);
	cells[EXPLAIN].text = f->explain;
	cells[FIX] = cell_text(t->fix);
	cells[FIX].text = f->fix;
}

int verdict_rows(struct printer *out, const struct doctor_verdict *v, struct err *e)
{
	for (size_t i = 0; i < v->nfindings || i == 0; i++) {
		struct cell cells[COLUMNS] = { [VERDICT] = cell_text(doctor_outcome_name(v->outcome)) };
		struct verdict_texts t;

		if (i < v->nfindings)
			finding_fill(&v->findings[i], &t, cells);
		/* without a finding the verdict is a row all the same */
		if (printer_row_in(out, v->nfindings ? IN_DATA : IN_CELLS, cells, e))
			return -1;
	}
	return 0;
}

static json_t *finding_json(const struct doctor_finding *f)
{
	struct cell cells[COLUMNS] = { 0 };
	struct verdict_texts t;

	finding_fill(f, &t, cells);
	return printer_row_json(&verdict_list, cells);
}

static json_t *input_json(const struct doctor_evidence *ev, unsigned x)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "voltage", verdict_number_json(ev->voltage[x], 1),
			 "current", verdict_number_json(ev->current[x], 3), "load", verdict_number_json(ev->load[x], 3),
			 "lag", verdict_number_json(ev->lag[x], 1), "clamp_ct", verdict_number_json(ev->clamp_ct[x], 2));
}

static json_t *verdict_wiring_json(const struct doctor_hypothesis *h)
{
	json_t *of = json_array();
	unsigned reversed = 0;
	char text[120];

	for (unsigned x = 0; x < 3; x++) {
		char name[] = { (char)('a' + (int)h->wiring.of[x]), '\0' };

		reversed |= (unsigned)h->wiring.reversed[x] << x;
		json_array_append_new(of, json_string(name));
	}
	return json_pack("{s:s, s:o, s:o, s:o, s:i, s:o, s:o}",
			 "wiring", doctor_wiring_text(&h->wiring, text, sizeof(text)),
			 "current_of", of, "reversed", phases_json(reversed),
			 "lag", verdict_number_json(h->lag, 1), "changes", h->changes,
			 "feeds_in", phases_json(h->feeds_in), "probability", verdict_number_json(h->probability, 4));
}

static json_t *wirings_json(const struct doctor_evidence *ev)
{
	json_t *list = json_array();

	for (size_t k = 0; k < ev->ncandidates && k < DOCTOR_CANDIDATES; k++)
		json_array_append_new(list, verdict_wiring_json(&ev->candidates[k]));
	return list;
}

static json_t *verdict_time_json(int64_t us)
{
	char text[40];

	return us ? json_string(time_text(us, text, sizeof(text))) : json_null();
}

static json_t *verdict_tally_json(const struct tally *t)
{
	static const char *const names[] = { "a", "b", "c" };
	json_t *inputs;

	if (!t || (!t->known && !*t->why_not))
		return json_null();
	inputs = json_object();
	for (unsigned x = 0; x < 3; x++)
		json_object_set_new(inputs, names[x], json_pack("{s:o, s:o, s:s}",
			"import", verdict_number_json(t->known ? t->import[x] : NAN, 3),
			"export", verdict_number_json(t->known ? t->export[x] : NAN, 3),
			"counted", tally_counted_name(t->counted[x])));
	return json_pack("{s:o, s:o, s:o, s:s?}", "from", verdict_time_json(t->from_us), "to", verdict_time_json(t->to_us),
			 "inputs", inputs, "why", t->known ? NULL : t->why_not);
}

json_t *verdict_evidence_json(const struct doctor_verdict *v, const struct doctor_options *o)
{
	static const char *const sites[] = { "unsaid", "consumer", "exporting" };
	static const char *const counts[] = { "lead", "unknown", "lag" };
	const struct doctor_evidence *ev = &v->evidence;

	return json_pack("{s:i, s:i, s:i, s:s, s:s, s:s, s:i, s:s, s:s, s:{s:o, s:o, s:b}, s:o, s:b, s:o, s:b,"
			 " s:{s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:b, s:o}",
		"samples", (int)ev->samples, "used", (int)ev->used, "agreeing", (int)ev->agreeing,
		"source", doctor_source_name(ev->source), "angles_count", counts[ev->angle_sign + 1],
		"rotation", doctor_rotation_name(ev->rotation),
		"wires", o->wires == DOCTOR_3WIRE ? 3 : 4, "service", doctor_service_name(ev->service), "site", sites[o->site],
		"window", "lag", verdict_number_json(o->window_lag, 1), "lead", verdict_number_json(o->window_lead, 1),
		"assumed", !o->window_said,
		"nominal_voltage", verdict_number_json(ev->nominal_voltage, 1),
		"nominal_voltage_deduced", ev->nominal_voltage_deduced,
		"nominal_current", verdict_number_json(ev->nominal_current, 2),
		"nominal_current_assumed", ev->nominal_current_assumed,
		"inputs", "a", input_json(ev, 0), "b", input_json(ev, 1), "c", input_json(ev, 2),
		"unbalance_voltage", verdict_number_json(ev->unbalance_u, 1),
		"unbalance_current", verdict_number_json(ev->unbalance_i, 1),
		"clock_ahead", verdict_number_json(ev->clock_ahead, 0),
		"wirings", wirings_json(ev),
		"unlikely", ev->has_unlikely ? verdict_wiring_json(&ev->unlikely) : json_null(),
		"export_possible", ev->export_possible, "registers", verdict_tally_json(o->tally));
}

static json_t *order_input_json(const struct doctor_order *o, unsigned x)
{
	return json_pack("{s:{s:o, s:o}, s:{s:o, s:o}}",
			 "before", "lag", verdict_number_json(o->lag_before[x], 1), "power", verdict_number_json(o->p_before[x], 4),
			 "after", "lag", verdict_number_json(o->lag_after[x], 1), "power", verdict_number_json(o->p_after[x], 4));
}

json_t *verdict_order_json(const struct doctor_order *o)
{
	json_t *steps = json_array(), *expected = json_null();

	for (size_t i = 0; i < o->nsteps; i++)
		json_array_append_new(steps, json_pack("{s:s, s:o, s:s}", "kind", doctor_work_name(o->steps[i].kind),
			"inputs", phases_json(o->steps[i].inputs), "text", o->steps[i].text));
	if (o->expected)
		expected = json_pack("{s:o, s:o, s:o}", "a", order_input_json(o, 0), "b", order_input_json(o, 1),
				     "c", order_input_json(o, 2));
	return json_pack("{s:o, s:o}", "steps", steps, "expected", expected);
}

json_t *verdict_own_json(const struct doctor_own *own)
{
	return own->known ? json_pack("{s:s, s:b, s:s}", "key", own->key, "right", own->right, "text", own->text) : json_null();
}

json_t *verdict_cure_json(const struct doctor_cure *cure)
{
	json_t *list = json_array();

	for (size_t i = 0; i < cure->n; i++)
		json_array_append_new(list, json_string(cure->setting[i]));
	if (cure->n)
		return list;
	json_decref(list);
	return json_null();
}

json_t *verdict_json(const struct doctor_verdict *v, const struct doctor_options *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->nfindings; i++)
		json_array_append_new(list, finding_json(&v->findings[i]));
	return json_pack("{s:s, s:o, s:o, s:o}", "verdict", doctor_outcome_name(v->outcome),
			 "findings", list, "order", verdict_order_json(&v->order), "evidence", verdict_evidence_json(v, o));
}

static json_t *correction_energy_json(const struct correction_energy *e, const struct tally *t)
{
	if (!e->known)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "registered", verdict_number_json(e->registered, 3),
			 "right", verdict_number_json(e->right, 3), "uncertainty", verdict_number_json(e->uncertainty, 3),
			 "difference", verdict_number_json(e->difference, 3),
			 "from", verdict_time_json(t ? t->from_us : 0), "to", verdict_time_json(t ? t->to_us : 0));
}

json_t *verdict_correction_json(const struct correction *c, const struct correction_energy *energy, const struct tally *t)
{
	return json_pack("{s:o, s:o, s:{s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:s, s:s?, s:s?}",
			 "k", verdict_number_json(c->k, 4), "uncertainty", verdict_number_json(c->uncertainty, 4),
			 "inputs", "a", verdict_number_json(c->input[0], 4), "b", verdict_number_json(c->input[1], 4),
			 "c", verdict_number_json(c->input[2], 4),
			 "right", verdict_number_json(c->right, 3), "registered", verdict_number_json(c->registered, 3),
			 "lag", verdict_number_json(c->lag, 1), "energy", correction_energy_json(energy, t),
			 "formula", "K = right / registered active power", "why", c->why_not,
			 "energy_why", energy->known ? NULL : energy->why_not);
}
