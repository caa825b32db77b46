/*
 * check_correction.c - what `check --correction` says of the energy that a fault has cost.
 */
#include "check_correction.h"

#include <math.h>
#include <stdio.h>

#include "report/verdict.h"

void check_correction_print(FILE *out, const struct correction *c, double energy)
{
	char pf[24];

	if (!c->known) {
		fprintf(out, "\ncorrection not defined: %s\n", c->why_not);
		return;
	}
	fprintf(out, "\ncorrection K = %.3f +- %.3f = right / registered active power (%.3f / %.3f kW)\n", c->k,
		c->uncertainty, c->right, c->registered);
	fprintf(out, "           at %s of the loads; it holds for energy at the same power factor\n",
		doctor_pf_text(c->lag, pf, sizeof(pf)));
	if (energy > 0)
		fprintf(out, "           registered %.2f kWh, right %.2f +- %.2f, difference %.2f\n", energy, c->k * energy,
			c->uncertainty * energy, (c->k - 1) * energy);
}

static json_t *check_correction_energy(const struct correction *c, double energy)
{
	if (!c->known || !(energy > 0))
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "registered", verdict_number_json(energy, 3),
			 "right", verdict_number_json(c->k * energy, 3),
			 "uncertainty", verdict_number_json(c->uncertainty * energy, 3),
			 "difference", verdict_number_json((c->k - 1) * energy, 3));
}

json_t *check_correction_json(const struct correction *c, double energy)
{
	return json_pack("{s:o, s:o, s:{s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:s, s:s?}",
			 "k", verdict_number_json(c->k, 4), "uncertainty", verdict_number_json(c->uncertainty, 4),
			 "inputs", "a", verdict_number_json(c->input[0], 4), "b", verdict_number_json(c->input[1], 4),
			 "c", verdict_number_json(c->input[2], 4),
			 "right", verdict_number_json(c->right, 3), "registered", verdict_number_json(c->registered, 3),
			 "lag", verdict_number_json(c->lag, 1), "energy", check_correction_energy(c, energy),
			 "formula", "K = right / registered active power", "why", c->why_not);
}
