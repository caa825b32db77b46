/*
 * check_opts.h - what `check`, `report` and `checklist` are told about the site: their options.
 */
#ifndef METERCTL_CMD_CHECK_OPTS_H
#define METERCTL_CMD_CHECK_OPTS_H

#include <float.h>

#include "doctor/doctor.h"
#include "cmd.h"

/* Rows for the option table; FIELD of CONTEXT is the struct doctor_options. */
#define CHECK_ROWS(CONTEXT, FIELD) \
	OPT_CALL(0, "clamp", "a=A,b=B,c=C", NULL, struct doctor_options, CONTEXT, FIELD, check_take_clamp, \
		 "amperes on the primary conductors, by a clamp meter"), \
	OPT_CALL(0, "site", "KIND", "consumer exporting", struct doctor_options, CONTEXT, FIELD, check_take_site, \
		 "consumer, or exporting: has PV, a battery or a generator"), \
	OPT_CALL(0, "pf-window", "LAG,LEAD", NULL, struct doctor_options, CONTEXT, FIELD, check_take_window, \
		 "power factors the loads can have (default: 0.5,0.95 usual, 0.26,0.7 possible)"), \
	OPT_CALL(0, "wires", "3|4", "3 4", struct doctor_options, CONTEXT, FIELD, check_take_wires, \
		 "wires of the connection (default 4)"), \
	OPT_CALL(0, "service", "KIND", "wye delta3 high-leg corner split single", struct doctor_options, CONTEXT, FIELD, \
		 check_take_service, "what the supply is (default: as the voltages tell, else wye)"), \
	OPT_REAL(0, "nominal-voltage", "V", CONTEXT, FIELD.nominal_voltage, DBL_MIN, 1000, \
		 "nominal voltage in volts (above 0, at most 1000)", \
		 "at the meter, phase to neutral (3 wires: between lines)"), \
	OPT_REAL(0, "nominal-current", "A", CONTEXT, FIELD.nominal_current, DBL_MIN, 10000, \
		 "nominal current in amperes (above 0, at most 10000)", \
		 "at the meter at full load (default 5, of x/5 transformers)")

#define CHECK_SINCE_ROW(CONTEXT, FIELD) \
	OPT_CALL(0, "since", "DATE", NULL, int64_t, CONTEXT, FIELD, check_take_since, \
		 "count energy from the kept reading nearest to it (2026-01-31, 2026-01-31T14:00)")

/* ... and about the transformers: FIELD has nameplate_ct and nameplate_pt. */
#define NAMEPLATE_ROWS(CONTEXT, FIELD) \
	OPT_TEXT(0, "nameplate-ct", "RATIO", NULL, CONTEXT, FIELD.nameplate_ct, \
		 "on the current transformers, as 200/5"), \
	OPT_TEXT(0, "nameplate-pt", "RATIO", NULL, CONTEXT, FIELD.nameplate_pt, \
		 "on the voltage transformers, as 10kV/100V")

/* For these rows: take over one of them. FIELD: the struct doctor_options. ERR_USAGE. */
int check_take_clamp(const char *arg, void *field, struct err *e);
int check_take_site(const char *arg, void *field, struct err *e);
int check_take_window(const char *arg, void *field, struct err *e);
int check_take_wires(const char *arg, void *field, struct err *e);
/* FIELD: an int64_t, us since 1970. ERR_USAGE, also for the future. */
int check_take_since(const char *arg, void *field, struct err *e);
int check_take_service(const char *arg, void *field, struct err *e);

#endif
