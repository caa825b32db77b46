/*
 * words.c - the doctor's names and sentences, and those of its options.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "angle.h"
#include "doctor.h"

const char *doctor_code_name(enum doctor_code c)
{
	static const char *const names[DOCTOR_CODES] = {
		[DOCTOR_PHASE_SEQUENCE_REVERSED] = "phase-sequence-reversed",
		[DOCTOR_VOLTAGE_MISSING] = "voltage-missing",
		[DOCTOR_VOLTAGE_DUPLICATED] = "voltage-duplicated",
		[DOCTOR_VOLTAGE_UNBALANCED] = "voltage-unbalanced",
		[DOCTOR_CT_REVERSED] = "ct-reversed",
		[DOCTOR_CT_SWAPPED] = "ct-swapped",
		[DOCTOR_CT_ROTATED] = "ct-rotated",
		[DOCTOR_CT_MISSING] = "ct-missing",
		[DOCTOR_CT_SHORTED] = "ct-shorted",
		[DOCTOR_RATIO_MISMATCH] = "ratio-mismatch",
		[DOCTOR_SUM_MISMATCH] = "sum-mismatch",
		[DOCTOR_NEUTRAL_EXCHANGED] = "neutral-exchanged",
		[DOCTOR_NEUTRAL_LOST] = "neutral-lost",
		[DOCTOR_AMBIGUOUS] = "ambiguous",
		[DOCTOR_INSUFFICIENT_LOAD] = "insufficient-load",
		[DOCTOR_CLOCK_WRONG] = "clock-wrong",
		[DOCTOR_POLARITY_HIDDEN] = "polarity-hidden",
	};

	return names[c];
}

const char *doctor_work_name(enum doctor_work w)
{
	static const char *const names[DOCTOR_WORKS] = {
		[DOCTOR_WORK_DANGER] = "danger", [DOCTOR_WORK_SETTINGS] = "settings", [DOCTOR_WORK_DEAD] = "dead",
		[DOCTOR_WORK_VOLTAGES] = "voltages", [DOCTOR_WORK_DECIDE] = "decide", [DOCTOR_WORK_SHORT] = "short",
		[DOCTOR_WORK_CURRENTS] = "currents", [DOCTOR_WORK_OPEN] = "open", [DOCTOR_WORK_CHECK] = "check",
	};

	return names[w];
}

const char *doctor_outcome_name(enum doctor_outcome o)
{
	return o == DOCTOR_PASS ? "pass" : o == DOCTOR_FAIL ? "fail" : "insufficient";
}

const char *doctor_source_name(enum doctor_source s)
{
	return s == DOCTOR_SOURCE_ANGLES ? "angles" : s == DOCTOR_SOURCE_POWERS ? "powers" : "none";
}

const char *doctor_rotation_name(enum doctor_rotation r)
{
	return r == DOCTOR_ROTATION_ABC ? "abc" : r == DOCTOR_ROTATION_ACB ? "acb" : "unknown";
}

static const char *const services[DOCTOR_SERVICES] = {
	[DOCTOR_SERVICE_UNSAID] = "unsaid", [DOCTOR_SERVICE_WYE] = "wye", [DOCTOR_SERVICE_DELTA3] = "delta3",
	[DOCTOR_SERVICE_HIGH_LEG] = "high-leg", [DOCTOR_SERVICE_CORNER] = "corner",
	[DOCTOR_SERVICE_SPLIT] = "split", [DOCTOR_SERVICE_SINGLE] = "single",
};

const char *doctor_service_name(enum doctor_service s)
{
	return services[s];
}

const char *doctor_inputs_text(unsigned inputs, char *buf, size_t size)
{
	size_t at = 0;

	text_append(buf, size, &at, inputs & (inputs - 1) ? "inputs" : "input");
	for (unsigned k = 0, n = 0; k < 3; k++)
		if (inputs >> k & 1)
			text_append(buf, size, &at, "%s %c", n++ ? "," : "", 'A' + (int)k);
	return buf;
}

const char *doctor_phases_text(unsigned phases, char *buf, size_t size)
{
	size_t at = 0;
	unsigned left = 0;

	for (unsigned x = 0; x < 3; x++)
		left += phases >> x & 1;
	buf[0] = '\0';
	for (unsigned x = 0; x < 3; x++) {
		if (!(phases >> x & 1))
			continue;
		left--;
		text_append(buf, size, &at, "%c%s", 'a' + (int)x,
			    left > 1 ? ", " : left ? " and " : "");
	}
	return buf;
}

const char *doctor_pf_text(double lag, char *buf, size_t size)
{
	double pf = cos(lag * DEGREE);

	snprintf(buf, size, "PF %.2f%s", pf, fabs(pf) > 0.995 ? "" : angle_wrap(lag) > 0 ? " lag" : " lead");
	return buf;
}

bool doctor_wiring_right(const struct doctor_wiring *w)
{
	for (unsigned x = 0; x < 3; x++)
		if (w->of[x] != x || w->reversed[x])
			return false;
	return true;
}

const char *doctor_wiring_text(const struct doctor_wiring *w, char *buf, size_t size)
{
	unsigned moved = 0, reversed = 0;
	char names[24];
	size_t at = 0;

	for (unsigned x = 0; x < 3; x++) {
		moved |= (unsigned)(w->of[x] != x) << x;
		reversed |= (unsigned)w->reversed[x] << x;
	}
	buf[0] = '\0';
	if (moved == 7)
		text_append(buf, size, &at, "CTs rotated (input a on phase %c, b on %c, c on %c)",
			    'a' + (int)w->of[0], 'a' + (int)w->of[1], 'a' + (int)w->of[2]);
	else if (moved)
		text_append(buf, size, &at, "CTs %s exchanged",
			    doctor_phases_text(moved, names, sizeof(names)));
	if (reversed)
		text_append(buf, size, &at, "%sCT%s %s reversed", moved ? ", " : "",
			    reversed & (reversed - 1) ? "s" : "",
			    doctor_phases_text(reversed, names, sizeof(names)));
	if (!moved && !reversed)
		text_append(buf, size, &at, "as it should be");
	return buf;
}

const char *doctor_hypothesis_text(const struct doctor_hypothesis *h, char *buf, size_t size)
{
	char name[100], more[24];

	doctor_wiring_text(&h->wiring, name, sizeof(name));
	if (h->feeds_in)
		snprintf(buf, size, "%s, feed-in on %s", name, doctor_phases_text(h->feeds_in, more, sizeof(more)));
	else if (isnan(h->lag))	/* by load steps: whatever the loads are */
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "%s (%s)", name, doctor_pf_text(h->lag, more, sizeof(more)));
	return buf;
}

/* ---- options ------------------------------------------------------------------ */

#define WINDOW_LAG 60.0		/* acos 0.5 */
#define WINDOW_LEAD 18.194872	/* acos 0.95 */

void doctor_options_init(struct doctor_options *o)
{
	*o = (struct doctor_options){
		.window_lag = WINDOW_LAG, .window_lead = WINDOW_LEAD,
		.clamp = { NAN, NAN, NAN },
	};
}

/* How many wires a service has, for the meter: 3 is two elements. */
static enum doctor_wires service_wires(enum doctor_service s)
{
	return s == DOCTOR_SERVICE_DELTA3 || s == DOCTOR_SERVICE_CORNER ? DOCTOR_3WIRE : DOCTOR_4WIRE;
}

static int service_against_wires(const struct doctor_options *o, struct err *e)
{
	if (!o->wires_said || o->service == DOCTOR_SERVICE_UNSAID || o->wires == service_wires(o->service))
		return 0;
	return err_set(e, ERR_USAGE, "--wires %d contradicts --service %s (leave --wires out)",
		       o->wires == DOCTOR_3WIRE ? 3 : 4, doctor_service_name(o->service));
}

int doctor_wires_parse(const char *text, struct doctor_options *o, struct err *e)
{
	if (strcmp(text, "3") != 0 && strcmp(text, "4") != 0)
		return err_set(e, ERR_USAGE, "'%s' is no number of wires (3, 4)", text);
	o->wires = *text == '3' ? DOCTOR_3WIRE : DOCTOR_4WIRE;
	o->wires_said = true;
	return service_against_wires(o, e);
}

int doctor_service_parse(const char *text, struct doctor_options *o, struct err *e)
{
	unsigned s = DOCTOR_SERVICE_WYE;

	while (s < DOCTOR_SERVICES && strcmp(text, services[s]) != 0)
		s++;
	if (s == DOCTOR_SERVICES)
		return err_set(e, ERR_USAGE, "'%s' is no service (wye, delta3, high-leg, corner, split, single)", text);
	o->service = (enum doctor_service)s;
	if (!o->wires_said)
		o->wires = service_wires(o->service);
	return service_against_wires(o, e);
}

/* "0.95lead" as a lag in degrees; SIGN is what a number by itself means. */
static bool take_pf(const char *text, double sign, double *lag)
{
	char number[32];
	size_t len = strlen(text);
	double pf;

	if (len > 3 && strcmp(text + len - 3, "lag") == 0) {
		sign = 1;
		len -= 3;
	} else if (len > 4 && strcmp(text + len - 4, "lead") == 0) {
		sign = -1;
		len -= 4;
	}
	if (len >= sizeof(number))
		return false;
	snprintf(number, sizeof(number), "%.*s", (int)len, text);
	if (!text_double(number, &pf) || !(pf > 0 && pf <= 1))
		return false;
	*lag = sign * acos(pf) / DEGREE;
	return true;
}

int doctor_window_parse(const char *text, struct doctor_options *o, struct err *e)
{
	const char *comma = strchr(text, ',');
	char first[32];
	double lag, lead;

	if (!comma || (size_t)(comma - text) >= sizeof(first))
		return err_set(e, ERR_USAGE, "'%s' is no window of power factors (LAG,LEAD like 0.5,0.95)",
			       text);
	snprintf(first, sizeof(first), "%.*s", (int)(comma - text), text);
	if (!take_pf(first, 1, &lag) || !take_pf(comma + 1, -1, &lead))
		return err_set(e, ERR_USAGE, "'%s' is no window of power factors: each is above 0 and at most 1, "
			       "with 'lag' or 'lead' behind it (0.52lag,0.95lag)", text);
	/* in whatever order two of one kind were given */
	o->window_lag = fmax(lag, lead);
	o->window_lead = -fmin(lag, lead);
	o->window_said = true;
	return 0;
}

int doctor_clamp_parse(const char *text, struct doctor_options *o, struct err *e)
{
	char copy[80], *save = NULL;

	if (strlen(text) >= sizeof(copy))
		return err_set(e, ERR_USAGE, "the clamp values are too long: a=120,b=118.5,c=121");
	memcpy(copy, text, strlen(text) + 1);
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		double amperes;

		if (w[0] < 'a' || w[0] > 'c' || w[1] != '=' || !text_double(w + 2, &amperes)
		    || !(amperes >= 0 && amperes < 1e6))
			return err_set(e, ERR_USAGE, "'%s' is no clamp value (amperes of phases: a=120,b=118.5)", w);
		o->clamp[w[0] - 'a'] = amperes;
	}
	if (isnan(o->clamp[0]) && isnan(o->clamp[1]) && isnan(o->clamp[2]))
		return err_set(e, ERR_USAGE, "no clamp value (amperes of phases: a=120,b=118.5)");
	return 0;
}
