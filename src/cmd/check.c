/*
 * check.c - `meterctl check`: a few readings, and the doctor's verdict on them.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../doctor/doctor.h"
#include "../output.h"
#include "../text.h"
#include "cmd.h"
#include "points.h"

enum { OPT_CLAMP = 256, OPT_SITE, OPT_WINDOW, OPT_WIRES, OPT_VOLTAGE, OPT_CURRENT };

static struct doctor_options given;

static const struct opt options[] = {
	{ OPT_CLAMP, "clamp", "a=A,b=B,c=C", NULL, "amperes on the primary conductors, by a clamp meter" },
	{ OPT_SITE, "site", "KIND", "consumer exporting", "consumer, or exporting: has PV, a battery or a generator" },
	{ OPT_WINDOW, "pf-window", "LAG,LEAD", NULL, "power factors the loads can have (default 0.5,0.95)" },
	{ OPT_WIRES, "wires", "3|4", "3 4", "wires of the connection (default 4)" },
	{ OPT_VOLTAGE, "nominal-voltage", "V", NULL, "at the meter, phase to neutral (3 wires: between lines)" },
	{ OPT_CURRENT, "nominal-current", "A", NULL, "at the meter at full load (default 5, of x/5 transformers)" },
};

static void reset(void)
{
	doctor_options_init(&given);
}

static int set_site(const char *arg, struct err *e)
{
	if (strcmp(arg, "consumer") == 0)
		given.site = DOCTOR_SITE_CONSUMER;
	else if (strcmp(arg, "exporting") == 0)
		given.site = DOCTOR_SITE_EXPORTING;
	else
		return err_set(e, ERR_USAGE, "'%s' is no kind of site (consumer, exporting)", arg);
	return 0;
}

static int set_nominal(const char *arg, double most, const char *what, double *out, struct err *e)
{
	if (!text_double(arg, out) || !(*out > 0 && *out <= most))
		return err_set(e, ERR_USAGE, "'%s' is no nominal %s (above 0, at most %.0f)", arg, what, most);
	return 0;
}

static int set(int id, const char *arg, struct err *e)
{
	switch (id) {
	case OPT_CLAMP:
		return doctor_clamp_parse(arg, &given, e);
	case OPT_SITE:
		return set_site(arg, e);
	case OPT_WINDOW:
		return doctor_window_parse(arg, &given, e);
	case OPT_WIRES:
		if (strcmp(arg, "3") != 0 && strcmp(arg, "4") != 0)
			return err_set(e, ERR_USAGE, "'%s' is no number of wires (3, 4)", arg);
		given.wires = *arg == '3' ? DOCTOR_3WIRE : DOCTOR_4WIRE;
		return 0;
	case OPT_VOLTAGE:
		return set_nominal(arg, 1000, "voltage in volts", &given.nominal_voltage, e);
	default:
		return set_nominal(arg, 10000, "current in amperes", &given.nominal_current, e);
	}
}

/* ---- reading --------------------------------------------------------------- */

static int select_points(const struct profile *p, struct selection *sel, struct err *e)
{
	const char *key;

	for (size_t i = 0; (key = doctor_key(i)); i++)
		if (profile_find(p, key) >= 0 && profile_select(p, key, sel, e))
			return -1;
	return sel->n ? 0 : err_set(e, ERR_NO, "the profile '%s' has nothing a wiring check could read",
				    p->name);
}

/* Five in a breath would agree on anything. A line at 9600 takes that long anyway. */
#define APART_US 200000

/* What came before the line failed is judged when it is enough. A meter that sends by
 * itself is waited for as often as it must be, which takes minutes. */
static int take_samples(const struct app *a, struct meter *m, const struct selection *sel,
			struct doctor_sample *samples, size_t *n, struct err *e)
{
	size_t wanted = link_pushes(m->link) ? DOCTOR_SAMPLES_LEAST : DOCTOR_SAMPLES;
	int64_t next = time_mono_us();

	if (link_pushes(m->link))
		app_say(a, "waiting for %zu uploads", wanted);
	for (*n = 0; *n < wanted; (*n)++) {
		struct err line = { 0 };

		if (!points_wait(m->link, next))
			return err_set(e, ERR_INTERRUPTED, "%s", "");
		next = time_mono_us() + APART_US;
		if (meter_read(m, sel->idx, sel->n, NULL, NULL, &line)
		    && (line.code == ERR_INTERRUPTED || *n < DOCTOR_SAMPLES_LEAST)) {
			*e = line;
			return -1;
		}
		if (line.code != ERR_NONE) {
			app_complain(&line);
			return 0;
		}
		doctor_sample_take(m->profile, m->readings, &samples[*n]);
	}
	return 0;
}

/* ---- JSON -------------------------------------------------------------------- */

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
static json_t *number_json(double v, int decimals)
{
	double ten = pow(10, decimals);

	return isfinite(v) ? json_real(round(v * ten) / ten) : json_null();
}

static json_t *finding_json(const struct doctor_finding *f)
{
	char explain[DOCTOR_TEXT], fix[DOCTOR_TEXT];

	text_clean(explain, sizeof(explain), f->explain);
	text_clean(fix, sizeof(fix), f->fix);
	return json_pack("{s:s, s:o, s:o, s:s, s:s}", "code", doctor_code_name(f->code),
			 "phases", phases_json(f->phases),
			 "confidence", number_json(f->confidence, 2), "explain", explain, "fix", fix);
}

static json_t *input_json(const struct doctor_evidence *ev, unsigned x)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "voltage", number_json(ev->voltage[x], 1),
			 "current", number_json(ev->current[x], 3), "load", number_json(ev->load[x], 3),
			 "lag", number_json(ev->lag[x], 1), "clamp_ct", number_json(ev->clamp_ct[x], 2));
}

static json_t *wiring_json(const struct doctor_hypothesis *h)
{
	json_t *of = json_array();
	unsigned reversed = 0;
	char text[120];

	for (unsigned x = 0; x < 3; x++) {
		char name[] = { (char)('a' + (int)h->wiring.of[x]), '\0' };

		reversed |= (unsigned)h->wiring.reversed[x] << x;
		json_array_append_new(of, json_string(name));
	}
	return json_pack("{s:s, s:o, s:o, s:o, s:i}",
			 "wiring", doctor_wiring_text(&h->wiring, text, sizeof(text)),
			 "current_of", of, "reversed", phases_json(reversed),
			 "lag", number_json(h->lag, 1), "changes", h->changes);
}

static json_t *wirings_json(const struct doctor_evidence *ev)
{
	json_t *list = json_array();

	for (size_t k = 0; k < ev->ncandidates && k < DOCTOR_CANDIDATES; k++)
		json_array_append_new(list, wiring_json(&ev->candidates[k]));
	return list;
}

static json_t *evidence_json(const struct doctor_verdict *v)
{
	static const char *const sites[] = { "unsaid", "consumer", "exporting" };
	static const char *const counts[] = { "lead", "unknown", "lag" };
	const struct doctor_evidence *ev = &v->evidence;

	return json_pack("{s:i, s:i, s:i, s:s, s:s, s:s, s:i, s:s, s:{s:o, s:o}, s:o, s:b, s:o, s:b,"
			 " s:{s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:b}",
		"samples", (int)ev->samples, "used", (int)ev->used, "agreeing", (int)ev->agreeing,
		"source", doctor_source_name(ev->source), "angles_count", counts[ev->angle_sign + 1],
		"rotation", doctor_rotation_name(ev->rotation),
		"wires", given.wires == DOCTOR_3WIRE ? 3 : 4, "site", sites[given.site],
		"window", "lag", number_json(given.window_lag, 1), "lead", number_json(given.window_lead, 1),
		"nominal_voltage", number_json(ev->nominal_voltage, 1),
		"nominal_voltage_deduced", ev->nominal_voltage_deduced,
		"nominal_current", number_json(ev->nominal_current, 2),
		"nominal_current_assumed", ev->nominal_current_assumed,
		"inputs", "a", input_json(ev, 0), "b", input_json(ev, 1), "c", input_json(ev, 2),
		"unbalance_voltage", number_json(ev->unbalance_u, 1),
		"unbalance_current", number_json(ev->unbalance_i, 1),
		"clock_ahead", number_json(ev->clock_ahead, 0),
		"wirings", wirings_json(ev),
		"unlikely", ev->has_unlikely ? wiring_json(&ev->unlikely) : json_null(),
		"export_possible", ev->export_possible);
}

static int print_json(const struct meter *m, const struct doctor_verdict *v, struct err *e)
{
	json_t *list = json_array();
	char now[48];

	for (size_t i = 0; i < v->nfindings; i++)
		json_array_append_new(list, finding_json(&v->findings[i]));
	return output_json(stdout, json_pack("{s:s, s:o, s:s, s:s, s:o, s:o}",
		"schema", "meterctl.check/1", "meter", output_meter_json(m),
		"time", output_time(time_wall_us(), now, sizeof(now)),
		"verdict", doctor_outcome_name(v->outcome), "findings", list,
		"evidence", evidence_json(v)), e);
}

static int print_jsonl(const struct doctor_verdict *v, struct err *e)
{
	for (size_t i = 0; i < v->nfindings; i++)
		if (output_json(stdout, finding_json(&v->findings[i]), e))
			return -1;
	return 0;
}

/* ---- table and CSV -------------------------------------------------------------- */

static void print_csv(const struct doctor_verdict *v)
{
	fputs("verdict,code,phases,confidence,explain,fix\r\n", stdout);
	for (size_t i = 0; i < v->nfindings || i == 0; i++) {
		const struct doctor_finding *f = &v->findings[i];

		fputs(doctor_outcome_name(v->outcome), stdout);
		if (i == v->nfindings) {
			fputs(",,,,,\r\n", stdout);
			continue;
		}
		printf(",%s,%s%s%s,%.2f,", doctor_code_name(f->code), f->phases & 1 ? "a" : "",
		       f->phases & 2 ? "b" : "", f->phases & 4 ? "c" : "", f->confidence);
		output_csv_cell(stdout, f->explain);
		putchar(',');
		output_csv_cell(stdout, f->fix);
		fputs("\r\n", stdout);
	}
}

/* Breaks TEXT, which is ASCII, into lines of at most WIDTH behind INDENT spaces. */
static void print_wrapped(const char *text, int indent, size_t width)
{
	while (*text) {
		size_t len = strlen(text), cut = len;

		if (len > width)
			for (cut = width; cut > 0 && text[cut] != ' '; cut--)
				;
		if (cut == 0)
			cut = width;
		printf("%*s%.*s\n", indent, "", (int)cut, text);
		text += cut + strspn(text + cut, " ");
	}
}

static void print_evidence(const struct doctor_verdict *v)
{
	const struct doctor_evidence *ev = &v->evidence;
	char line[DOCTOR_TEXT], number[16];
	size_t at = 0;

	printf("\nreadings   %u of %u agree; angles by %s; sequence %s\n", ev->agreeing, ev->samples,
	       ev->source == DOCTOR_SOURCE_ANGLES ? "the meter's angles" :
	       ev->source == DOCTOR_SOURCE_POWERS ? "P and Q" : "nothing", doctor_rotation_name(ev->rotation));
	text_append(line, sizeof(line), &at, "inputs    ");
	for (unsigned x = 0; x < 3; x++) {
		snprintf(number, sizeof(number), "%.0f deg", ev->lag[x]);
		text_append(line, sizeof(line), &at, "%s %c %.1f V, %.2f A, lag %s", x ? ";" : "", 'a' + (int)x,
			    ev->voltage[x], ev->current[x], isnan(ev->lag[x]) ? "--" : number);
	}
	puts(line);
	printf("taken for  %.4g V%s, %.4g A at full load%s, loads from PF %.2f %s to %.2f %s\n",
	       ev->nominal_voltage, ev->nominal_voltage_deduced ? " (deduced)" : "", ev->nominal_current,
	       ev->nominal_current_assumed ? " (assumed)" : "",
	       cos(given.window_lag * M_PI / 180), given.window_lag >= 0 ? "lag" : "lead",
	       cos(given.window_lead * M_PI / 180), given.window_lead >= 0 ? "lead" : "lag");
}

static void print_table(const struct doctor_verdict *v)
{
	static const char *const heads[] = {
		[DOCTOR_INSUFFICIENT] = "INSUFFICIENT  neither right nor wrong can be told",
		[DOCTOR_PASS] = "PASS  wired right",
		[DOCTOR_FAIL] = "FAIL  something is wrong",
	};
	char names[24];

	puts(heads[v->outcome]);
	for (size_t i = 0; i < v->nfindings; i++) {
		const struct doctor_finding *f = &v->findings[i];

		printf("\n%s%s%s  (%.0f %% sure%s)\n", doctor_code_name(f->code), f->phases ? " " : "",
		       doctor_phases_text(f->phases, names, sizeof(names)), 100 * f->confidence,
		       f->weight == DOCTOR_REMARK ? "; a remark" : "");
		print_wrapped(f->explain, 2, 90);
		print_wrapped(f->fix, 6, 86);
	}
	print_evidence(v);
}

static int print(const struct app *a, const struct meter *m, const struct doctor_verdict *v,
		 struct err *e)
{
	switch (a->format) {
	case FORMAT_JSON:
		return print_json(m, v, e);
	case FORMAT_JSONL:
		return print_jsonl(v, e);
	case FORMAT_CSV:
		print_csv(v);
		return 0;
	default:
		print_table(v);
		return 0;
	}
}

static int run(struct app *a, int argc, char **argv, struct err *e)
{
	struct doctor_sample samples[DOCTOR_SAMPLES];
	struct doctor_verdict v;
	struct selection sel = { 0 };
	const struct profile *p;
	struct meter m;
	size_t n;
	int rc = -1;

	(void)argv;
	if (cmd_words(&cmd_check, argc, 0, 0, e))
		return -1;
	p = profile_open(a->profile, e);
	if (!p)
		return -1;
	if (select_points(p, &sel, e) || app_open_meter(a, p, &m, e)) {
		profile_free(p);
		goto out;
	}
	if (take_samples(a, &m, &sel, samples, &n, e) == 0) {
		given.now_us = time_wall_us();
		doctor_judge(samples, n, &given, &v);
		rc = print(a, &m, &v, e);
		/* said above, and told apart there */
		if (!rc && v.outcome != DOCTOR_PASS)
			rc = err_set(e, ERR_NO, "%s", "");
	}
	app_close_meter(&m);
out:
	selection_release(&sel);
	return rc;
}

const struct cmd cmd_check = {
	.name = "check",
	.args = "",
	.help = "is it wired right? A verdict with what to do (exit status 1: it is not, or cannot be told)",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.reset = reset,
	.set = set,
	.run = run,
};
