/*
 * check.c - `meterctl check`: a few readings, and the doctor's verdict on them.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "doctor/roles.h"
#include "profile/ability.h"
#include "meter/missing.h"
#include "output/output.h"
#include "output/printer.h"
#include "checklist/kept.h"
#include "report/verdict.h"
#include "meter/samples.h"
#include "base/text.h"
#include "check_correction.h"
#include "check_opts.h"
#include "check_step.h"
#include "keep.h"
#include "own.h"
#include "auto.h"
#include "points.h"

static const struct opt options[] = {
	CHECK_ROWS(struct check_own, site),
	OPT_FLAG(0, "step", struct check_own, step, "wait for a load that is switched on and off twice on each phase"),
	OPT_FLAG(0, "correction", struct check_own, correction, "of a fault: the factor from registered to right energy"),
	OPT_REAL(0, "energy", "KWH", struct check_own, energy, DBL_MIN, 1e12, "energy in kWh (above 0)",
		 "with --correction: registered while it was wrong"),
	CHECK_SINCE_ROW(struct check_own, since_us),
};

static void check_defaults(void *own)
{
	doctor_options_init(&((struct check_own *)own)->site);
}

/* ---- for a person --------------------------------------------------------------- */

#define LINE 80
#define LABEL 11	/* columns of what stands before a line */

/* Breaks TEXT, which is ASCII, into lines behind INDENT columns, the first with HEAD in
 * them. */
static void print_wrapped(FILE *out, const char *head, const char *text, int indent)
{
	size_t width = LINE - (size_t)indent;

	while (*text) {
		size_t len = strlen(text), cut = len;

		if (len > width)
			for (cut = width; cut > 0 && text[cut] != ' '; cut--)
				;
		if (cut == 0)
			cut = width;
		fprintf(out, "%-*s%.*s\n", indent, head, (int)cut, text);
		head = "";
		text += cut + strspn(text + cut, " ");
	}
}

/* "--": not known. Returns BUF. */
static const char *check_number(double v, int decimals, char buf[16])
{
	if (isnan(v))
		return "--";
	snprintf(buf, 16, "%.*f", decimals, v);
	return buf;
}

static void print_inputs(FILE *out, const struct doctor_evidence *ev)
{
	for (unsigned x = 0; x < 3; x++) {
		char u[16], i[16], lag[16];

		fprintf(out, "%-*s%c  %6s V  %6s A  lag %4s%s\n", LABEL, x ? "" : "inputs", 'a' + (int)x,
		       check_number(ev->voltage[x], 1, u), check_number(ev->current[x], 2, i), check_number(ev->lag[x], 0, lag),
		       isnan(ev->lag[x]) ? "" : " deg");
	}
}

/* What was counted since the reading of before; nothing where none is kept. */
static void check_print_tally(FILE *out, const struct tally *t)
{
	char text[ERR_TEXT + 80], period[80];
	size_t at = 0;

	if (!t || (!t->known && !*t->why_not))
		return;
	if (!t->known) {
		print_wrapped(out, "registers", t->why_not, LABEL);
		return;
	}
	text_append(text, sizeof(text), &at, "%s, kWh import / export:", tally_period_text(t, period, sizeof(period)));
	for (unsigned x = 0; x < 3; x++) {
		char import[16], export[16];

		text_append(text, sizeof(text), &at, "%s %c %s / %s", x ? "," : "", 'A' + (int)x,
			    check_number(t->import[x], 2, import), check_number(t->export[x], 2, export));
	}
	print_wrapped(out, "registers", text, LABEL);
}

/* What the verdict takes for granted; that is half of what can be wrong with it. */
static void print_taken_for(FILE *out, const struct doctor_evidence *ev, const struct doctor_options *given)
{
	static const char *const sites[] = { "a consumer (not said)", "a consumer", "a site that may export" };
	char text[200], lag[24], lead[24];
	size_t at = 0;

	text_append(text, sizeof(text), &at, "%s, %d wires, ", sites[given->site],
		    given->wires == DOCTOR_3WIRE ? 3 : 4);
	if (ev->service != DOCTOR_SERVICE_WYE && ev->service != DOCTOR_SERVICE_DELTA3)
		text_append(text, sizeof(text), &at, "service %s%s, ", doctor_service_name(ev->service),
			    given->service ? "" : " (by its voltages)");
	if (ev->nominal_voltage > 0)
		text_append(text, sizeof(text), &at, "%.4g V%s, ", ev->nominal_voltage,
			    ev->nominal_voltage_deduced ? " (deduced)" : "");
	if (ev->nominal_current > 0)
		text_append(text, sizeof(text), &at, "%.4g A at full load%s, ", ev->nominal_current,
			    ev->nominal_current_assumed ? " (assumed)" : "");
	text_append(text, sizeof(text), &at, "loads of %s to %s%s",
		    doctor_pf_text(given->window_lag, lag, sizeof(lag)),
		    doctor_pf_text(-given->window_lead, lead, sizeof(lead)) + strlen("PF "),
		    given->window_said ? "" : " (assumed)");
	print_wrapped(out, "taken for", text, LABEL);
}

static void print_evidence(FILE *out, const struct doctor_verdict *v, const struct doctor_options *given)
{
	static const char *const told_by[] = {
		[DOCTOR_SOURCE_NONE] = "no angle to go by", [DOCTOR_SOURCE_POWERS] = "angles of P and Q",
		[DOCTOR_SOURCE_ANGLES] = "angles of the meter",
	};
	const struct doctor_evidence *ev = &v->evidence;
	char name[120], text[200], pf[24];

	fprintf(out, "\nreadings   %u of %u agree; %s; sequence %s\n", ev->agreeing, ev->samples,
	       told_by[ev->source], doctor_rotation_name(ev->rotation));
	print_inputs(out, ev);
	check_print_tally(out, given->tally);
	print_taken_for(out, ev, given);
	if (v->outcome != DOCTOR_PASS || !ev->has_unlikely)
		return;
	/* the other one that would look like this */
	snprintf(text, sizeof(text), "the loads were of %s; then it would be: %s",
		 doctor_pf_text(ev->unlikely.lag, pf, sizeof(pf)),
		 doctor_wiring_text(&ev->unlikely.wiring, name, sizeof(name)));
	print_wrapped(out, "unless", text, LABEL);
}

/* How sure one may be of a fault; of a doubt there is nothing to be sure of. */
static void print_head(FILE *out, const struct doctor_finding *f)
{
	char names[24];

	fprintf(out, "\n%s%s%s", doctor_code_name(f->code), f->phases ? " " : "",
	       doctor_phases_text(f->phases, names, sizeof(names)));
	if (f->weight == DOCTOR_FAULT)
		fprintf(out, "  (%.0f %% sure)", 100 * f->confidence);
	fprintf(out, "%s\n", f->weight == DOCTOR_REMARK ? "  (a remark)" : "");
}

/* What to do, and what each input then reads. */
static void print_order(FILE *out, const struct doctor_order *o)
{
	char number[24], text[120], was[16], then[16], p[2][16];

	if (o->nsteps)
		fputs("\nto do\n", out);
	for (size_t i = 0; i < o->nsteps; i++) {
		snprintf(number, sizeof(number), " %2zu.", i + 1);
		print_wrapped(out, number, o->steps[i].text, 5);
	}
	for (unsigned x = 0, n = 0; o->expected && x < 3; x++) {
		if (isnan(o->lag_after[x]))
			continue;
		snprintf(text, sizeof(text), "%c  lag %s -> %s deg, %s -> %s kW", 'A' + (int)x, check_number(o->lag_before[x], 0, was),
			 check_number(o->lag_after[x], 0, then), check_number(o->p_before[x], 3, p[0]),
			 check_number(o->p_after[x], 3, p[1]));
		print_wrapped(out, n++ ? "" : "expected", text, LABEL);
	}
}

/* What the meter itself finds, and what it could do instead of the work. */
static void print_own(FILE *out, const struct doctor_verdict *v, const struct doctor_own *own, const struct doctor_cure *cure)
{
	char text[DOCTOR_TEXT + 120];
	size_t at = 0;

	if (own->known) {
		bool differs = own->right ? v->outcome == DOCTOR_FAIL : v->outcome == DOCTOR_PASS;

		snprintf(text, sizeof(text), "%s (%s)%s", own->text, own->key, differs ? "; differs from this result" : "");
		fputc('\n', out);
		print_wrapped(out, "meter", text, LABEL);
	}
	if (!cure->n)
		return;
	text_append(text, sizeof(text), &at, "meterctl set");
	for (size_t i = 0; i < cure->n; i++)
		text_append(text, sizeof(text), &at, " %s", cure->setting[i]);
	fputc('\n', out);
	print_wrapped(out, "by setting", "in the place of the work at the CTs, if they cannot be reached:", LABEL);
	fprintf(out, "%*s%s\n", LABEL, "", text);
}

/* What a check has brought. */
struct check_result {
	struct doctor_verdict v;
	struct doctor_own own;
	struct doctor_cure cure;
	struct correction c;
	struct correction_energy energy;
	struct tally_reading now;	/* of the energy registers; AT_US 0: none by phase */
	struct tally tally;
	struct step_watch steps;	/* with --step */
};

static void check_print_table(FILE *out, const struct check_result *r, const struct doctor_options *given)
{
	const struct doctor_verdict *v = &r->v;
	static const char *const heads[] = {
		[DOCTOR_INSUFFICIENT] = "INSUFFICIENT  not enough to call it right or to say what is wrong",
		[DOCTOR_PASS] = "PASS  wired right",
		[DOCTOR_FAIL] = "FAIL  something is wrong",
	};

	fprintf(out, "%s\n", heads[v->outcome]);
	for (size_t i = 0; i < v->nfindings; i++) {
		print_head(out, &v->findings[i]);
		print_wrapped(out, "", v->findings[i].explain, 2);
	}
	print_order(out, &v->order);
	print_own(out, v, &r->own, &r->cure);
	print_evidence(out, v, given);
}

/* Evidence, and what somebody has asked for: load steps, what the fault has cost. */
static json_t *check_tail(const struct check_own *own, const struct check_result *r)
{
	json_t *tail = json_pack("{s:o, s:o, s:o, s:o}", "evidence", verdict_evidence_json(&r->v, &own->site),
				 "order", verdict_order_json(&r->v.order), "own", verdict_own_json(&r->own),
				 "cure", verdict_cure_json(&r->cure));

	if (own->step)
		json_object_set_new(tail, "steps", check_step_json(&r->steps));
	if (own->correction)
		json_object_set_new(tail, "correction", verdict_correction_json(&r->c, &r->energy, own->energy > 0 ? NULL : &r->tally));
	return tail;
}

static int check_print(const struct app *a, const struct meter *m, const struct check_result *r, struct err *e)
{
	const struct check_own *own = a->own;
	const struct doctor_verdict *v = &r->v;
	struct printer out = app_printer(a);
	json_t *head;
	int rc;

	if (printer_prose(&out)) {
		check_print_table(printer_prose(&out), r, &own->site);
		if (own->step)
			check_step_print(printer_prose(&out), &r->steps);
		if (own->correction)
			check_correction_print(printer_prose(&out), &r->c, &r->energy);
		return 0;
	}
	head = output_head_json(m, time_wall_us());
	json_object_set_new(head, "verdict", json_string(doctor_outcome_name(v->outcome)));
	rc = printer_begin(&out, &verdict_list, head, e);
	if (!rc)
		rc = verdict_rows(&out, v, e);
	if (!rc)
		rc = printer_end(&out, check_tail(own, r), e);
	printer_drop(&out);
	return rc;
}

/* The verdict and its exit status. One from nothing but refusals is none; and a pass that
 * could not see all there is says so. LATE: why the line failed after enough samples. */
static int check_tell(const struct app *a, const struct meter *m, const struct selection *sel,
		      const struct check_result *r, const struct err *late, struct err *e)
{
	const struct doctor_verdict *v = &r->v;
	bool asked = !link_pushes(m->link) && !late->code;

	if (v->evidence.used < DOCTOR_SAMPLES_LEAST && samples_absent(m, sel, e))
		return -1;
	if (check_print(a, m, r, e))
		return -1;
	if (asked)
		points_say_missing(a, m, sel->idx, sel->n);
	/* said above, and told apart there */
	if (v->outcome != DOCTOR_PASS)
		return err_set(e, ERR_NO, "%s", "");
	return asked ? missing_complain(m, sel->idx, sel->n, "values", e) : 0;
}

/* The energy registers, once: they move too slowly for more. What cannot be read of them is no
 * reason against a verdict. */
static int check_tally(const struct app *a, struct meter *m, struct check_result *r, struct err *e)
{
	struct check_own *own = a->own;
	struct selection sel = { 0 };
	struct err why = { 0 };
	int rc = 0;

	if (!link_pushes(m->link) && kept_select(m->profile, &sel, e) == 0 && sel.n
	    && meter_read(m, sel.idx, sel.n, NULL, NULL, &why)) {
		if (why.code == ERR_INTERRUPTED) {
			*e = why;
			rc = -1;
		}
		app_complain(a, &why);
	}
	selection_release(&sel);
	kept_reading(m, &r->now);
	if (!r->now.at_us)
		return rc;
	kept_since(a->journal, m, own->since_us, &r->now, &r->tally);
	own->site.tally = &r->tally;
	return rc;
}

/* The verdict, what the clamp meter says of the CT ratio, and how the energy registers stand. */
static void check_keep(const struct app *a, const struct meter *m, const struct check_result *result)
{
	const struct doctor_verdict *v = &result->v;
	const struct check_own *own = a->own;
	struct record_whose whose;
	struct coach_question q;
	struct record r;
	bool clamp = coach_ask(m->profile, m->readings, own->site.clamp, own->site.nominal_current, &q);

	record_whose(&whose, m);
	record_wiring(&r, &own->site, v);
	/* a journal that takes no proof takes none of the others; what is inconclusive and said nothing
	 * of the transformers leaves the proof before as it is */
	if (v->outcome == DOCTOR_INSUFFICIENT && !clamp)
		record_drop(&r);
	else if (keep_proof(a, &whose, &r))
		return;
	if (clamp) {
		record_clamp(&r, &q);
		keep_proof(a, &whose, &r);
	}
	if (result->now.at_us) {
		record_energy(&r, &result->now);
		keep_proof(a, &whose, &r);
	}
}

/* ALL becomes SEL and, of a meter that is asked, what tells its identity, which a proof needs:
 * in the same reads, and no read more. */
static int check_select_all(const struct meter *m, const struct selection *sel, struct selection *all, struct err *e)
{
	for (size_t i = 0; i < sel->n; i++)
		if (profile_select(m->profile, m->profile->points[sel->idx[i]].key, all, e))
			return -1;
	return link_pushes(m->link) ? 0 : identity_select(m->profile, all, e);
}

/* The verdict on N samples and, where that was asked for, on load steps. */
static int check_judge(const struct app *a, struct meter *m, const struct selection *sel,
		       const struct doctor_sample *samples, size_t n, struct check_result *r, struct err *e)
{
	struct check_own *own = a->own;

	own->site.now_us = time_wall_us();
	doctor_check(samples, n, &own->site, &r->v);
	if (own->step) {
		if (check_step_possible(m, &own->site, &r->v, e)
		    || check_step_run(a, m, sel, &own->site, &r->v, &r->steps, e))
			return -1;
		step_conclude(&r->steps, &own->site, &r->v);
	}
	roles_verdict(m->profile, m->readings, &r->own);
	roles_cure(m->profile, m->readings, &r->v, &r->cure);
	correction_make(samples, n, &own->site, &r->v, &r->c);
	if (own->energy > 0)
		correction_energy_said(&r->c, own->energy, &r->energy);
	else
		correction_energy_counted(&r->c, &r->tally, &r->energy);
	return 0;
}

static int check_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct check_own *own = a->own;
	struct doctor_sample samples[DOCTOR_SAMPLES];
	struct check_result r = { .now.at_us = 0 };
	struct selection sel = { 0 }, all = { 0 };
	const struct profile *p;
	const char *lack;
	struct err late;
	struct meter m;
	size_t n;
	int rc = -1;

	(void)argv;
	if (cmd_words(&cmd_check, argc, 0, 0, e))
		return -1;
	if (own->energy > 0 && !own->correction)
		return err_set(e, ERR_USAGE, "--energy needs --correction");
	p = app_profile(a, e);
	if (!p)
		return -1;
	lack = ability_lack(p, ABILITY_WIRING);
	if (lack && err_set(e, ERR_NO, "no wiring check: the model of profile '%s' %s", p->name, lack)) {
		profile_free(p);
		goto out;
	}
	if (samples_select(p, &sel, e) || (sel.n == 0 && err_set(e, ERR_NO, "the profile '%s' has nothing a "
			"wiring check could read", p->name)) || app_open_meter(a, p, &m, e)) {
		profile_free(p);
		goto out;
	}
	if (link_pushes(m.link))
		app_say(a, "waiting for %zu uploads", samples_wanted(&m));
	if (check_select_all(&m, &sel, &all, e) == 0 && samples_take(&m, &all, samples, &n, &late, e) == 0) {
		/* what came before the line failed was enough */
		app_complain(a, &late);
		rc = late.code ? 0 : check_tally(a, &m, &r, e);
		if (rc == 0)
			rc = check_judge(a, &m, &sel, samples, n, &r, e);
		if (rc == 0) {
			rc = check_tell(a, &m, &sel, &r, &late, e);
			check_keep(a, &m, &r);
		}
	}
	app_close_meter(a, &m);
out:
	selection_release(&sel);
	selection_release(&all);
	return rc;
}

const struct cmd cmd_check = {
	.name = "check",
	.args = "",
	.help = "is it wired right? A verdict with what to do (exit status 1: it is not, or cannot be told)",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.own_size = sizeof(struct check_own),
	.defaults = check_defaults,
	.run = check_run,
};
