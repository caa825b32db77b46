/*
 * check_opts.h - what `check` and `report` are told about the site: their options.
 */
#ifndef METERCTL_CMD_CHECK_OPTS_H
#define METERCTL_CMD_CHECK_OPTS_H

#include "doctor/doctor.h"
#include "cmd.h"

enum { OPT_CLAMP = 640, OPT_SITE, OPT_WINDOW, OPT_WIRES, OPT_VOLTAGE, OPT_CURRENT };

/* Rows for the option table. */
#define CHECK_ROWS \
	{ OPT_CLAMP, "clamp", "a=A,b=B,c=C", NULL, "amperes on the primary conductors, by a clamp meter" }, \
	{ OPT_SITE, "site", "KIND", "consumer exporting", "consumer, or exporting: has PV, a battery or a generator" }, \
	{ OPT_WINDOW, "pf-window", "LAG,LEAD", NULL, "power factors the loads can have (default 0.5,0.95)" }, \
	{ OPT_WIRES, "wires", "3|4", "3 4", "wires of the connection (default 4)" }, \
	{ OPT_VOLTAGE, "nominal-voltage", "V", NULL, "at the meter, phase to neutral (3 wires: between lines)" }, \
	{ OPT_CURRENT, "nominal-current", "A", NULL, "at the meter at full load (default 5, of x/5 transformers)" }

/* Takes one of them over. ERR_USAGE. */
int check_set(int id, const char *arg, struct doctor_options *given, struct err *e);

#endif
