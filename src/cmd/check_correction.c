/*
 * check_correction.c - what `check --correction` says of the energy that a fault has cost.
 */
#include "check_correction.h"

#include <math.h>
#include <stdio.h>

void check_correction_print(FILE *out, const struct correction *c, const struct correction_energy *energy)
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
	if (energy->known)
		fprintf(out, "           registered %.2f kWh, right %.2f +- %.2f, difference %.2f\n", energy->registered,
			energy->right, energy->uncertainty, energy->difference);
	else
		fprintf(out, "           energy: %s\n", energy->why_not);
}
