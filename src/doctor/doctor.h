/*
 * doctor.h - is this meter wired right? A verdict from a few readings, with what
 * was seen and what to do about it. Pure: no I/O, no allocation, no clock.
 *
 * What can be known. A meter reports of each input how far its current lags its
 * voltage, by P and Q or by angles. A current transformer on the wrong phase
 * shifts that by 120 degrees, a reversed one by 180: 48 wirings (6 orders, 8
 * polarities), which fall into groups of six that differ by 60 degrees in all
 * phases and by nothing else. Only what is known of the loads tells those apart, and
 * feed-in turns a phase as a reversed CT does. So each wiring is weighed: by the mistakes
 * it takes, by how usual its loads are and how alike, by the feed-in it takes (odds.h).
 * A verdict is one wiring without a rival; else the likeliest are named and none is
 * chosen. What somebody says of the site, its power factors or its feed-in, is believed.
 *
 * Angles are degrees. A lag is positive when the current is behind (inductive).
 * U in V, I in A, powers in kW, kvar, kVA, all of one side of the transformers.
 * Arrays of three are inputs a b c of the meter, sets of them are bits 1 2 4.
 */
#ifndef METERCTL_DOCTOR_DOCTOR_H
#define METERCTL_DOCTOR_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "profile/profile.h"
#include "profile/value.h"
#include "tally.h"

#define DOCTOR_SAMPLES 5	/* what to take; at least DOCTOR_SAMPLES_LEAST */
#define DOCTOR_SAMPLES_LEAST 3
#define DOCTOR_FINDINGS 16
#define DOCTOR_CANDIDATES 4	/* who names everything names nothing */
#define DOCTOR_TEXT 400
#define DOCTOR_SETTING 120	/* of KEY=VALUE */
#define DOCTOR_STEPS 12		/* of a work order */
#define DOCTOR_CERTAIN 0.75	/* confidence from which a finding can fail a site */

/* ---- what the doctor is told ------------------------------------------------ */

enum doctor_wires { DOCTOR_4WIRE, DOCTOR_3WIRE };

/* What the supply is, as the meter's inputs see it. */
enum doctor_service {
	DOCTOR_SERVICE_UNSAID,		/* wye, unless the voltages are surely another */
	DOCTOR_SERVICE_WYE,		/* three phases and a neutral */
	DOCTOR_SERVICE_DELTA3,		/* three phases, elements a-b and c-b: three wires */
	DOCTOR_SERVICE_HIGH_LEG,	/* delta, the neutral in the middle of one side */
	DOCTOR_SERVICE_CORNER,		/* delta, conductor b earthed: as delta3 */
	DOCTOR_SERVICE_SPLIT,		/* two legs, 180 degrees apart, and a neutral: inputs a, b */
	DOCTOR_SERVICE_SINGLE,		/* one phase: input a */
	DOCTOR_SERVICES
};

enum doctor_site {
	DOCTOR_SITE_UNSAID,	/* taken for a consumer, until more flows out than in */
	DOCTOR_SITE_CONSUMER,
	DOCTOR_SITE_EXPORTING	/* may export: polarity proves nothing */
};

struct doctor_options {
	enum doctor_wires wires;
	bool wires_said;
	enum doctor_service service;	/* what is said of it has set wires, too */
	enum doctor_site site;
	double window_lag;	/* most the loads lag; 60: PF 0.5 */
	double window_lead;	/* most they lead; 18.2: PF 0.95. Negative: they always lag */
	bool window_said;	/* somebody has: all of it is as likely, nothing beyond; else
				   it is where loads usually are */
	double nominal_voltage;	/* V at the meter, phase to neutral (3 wires: between
				   lines); 0: deduced */
	double nominal_current;	/* A at the meter at full load; 0: 5, taken for granted */
	double clamp[3];	/* A on the primary conductors; NAN: not measured */
	int64_t now_us;		/* samples older than minutes are left out; 0: the newest's time */
	const char *unread;	/* why samples are too few, when that is known; else NULL */
	const struct tally *tally;	/* what was counted by phase; NULL: the meter has no such
				   counters, or nobody looked */
};

/* 4 wires, site unsaid, 0.5 lag to 0.95 lead, everything else not known. */
void doctor_options_init(struct doctor_options *o);

/* "3" or "4", or the name of a service, into O; what contradicts the other is ERR_USAGE. */
int doctor_wires_parse(const char *text, struct doctor_options *o, struct err *e);
int doctor_service_parse(const char *text, struct doctor_options *o, struct err *e);

/* "0.5,0.95": power factors, lagging the first and leading the second unless "lag"
 * or "lead" stands behind ("0.52lag,0.95lag"). ERR_USAGE. */
int doctor_window_parse(const char *text, struct doctor_options *o, struct err *e);
/* "a=120,b=118.5": amperes of some phases. ERR_USAGE. */
int doctor_clamp_parse(const char *text, struct doctor_options *o, struct err *e);
/* "PF 0.50 lag" of a lag in degrees. Returns BUF. */
const char *doctor_pf_text(double lag, char *buf, size_t size);

/* ---- what the doctor looks at ------------------------------------------------- */

/* One reading of everything. NAN: not read, or the model has no such point. */
struct doctor_sample {
	int64_t at_us;			/* the newest reading in it; 0: none */
	char hides_sign[DOCTOR_SETTING];	/* KEY=VALUE that it is set to, by which powers have no
					   sign; "": it is not */
	char shows_sign[DOCTOR_SETTING];	/* that ends it; "": not known */
	double u[3], line[3];		/* line: ab bc ca */
	double i[3], i_sum;		/* i_sum: length of the vector sum */
	double p[3], q[3], s[3], pf[3];
	double p_total, q_total, s_total, pf_total;
	double frequency;
	double angle_u[3], angle_i[3];	/* as the meter gives them, 0 to 360; which way
					   they count may be unpublished */
	double angle_ui[3];		/* between voltage and current of an input, likewise */
	double pt, ct;
	double clock_ahead;		/* s of the meter's clock before the local time */
};

/* Keys of the points it is made from, I from 0; NULL past the last. A profile
 * may lack some. */
const char *doctor_key(size_t i);
/* Is it a value that every verdict is made from: voltage, current or power of an input? */
bool doctor_key_vital(const char *key);

/* READINGS are p->npoints of them. Only those of quality ok are taken. */
void doctor_sample_take(const struct profile *p, const struct reading *readings,
			struct doctor_sample *s);

/* ---- the phasors -------------------------------------------------------------- */

enum doctor_source {
	DOCTOR_SOURCE_NONE,	/* too little current or voltage */
	DOCTOR_SOURCE_POWERS,	/* P and Q; voltages drawn 120 degrees apart */
	DOCTOR_SOURCE_ANGLES	/* the meter's angles, which agree with P and Q */
};

enum doctor_rotation {
	DOCTOR_ROTATION_UNKNOWN,	/* no angles, or P and Q do not tell which way they count */
	DOCTOR_ROTATION_ABC,
	DOCTOR_ROTATION_ACB
};

struct doctor_vector {
	double length;		/* V or A; NAN: not read */
	double lag;		/* degrees behind input a's voltage, 0 to 360; NAN: not known */
};

struct doctor_phasors {
	struct doctor_vector u[3], i[3];
	double p[3], q[3], p_total, q_total;	/* NAN: not known */
	enum doctor_source source;
	enum doctor_rotation rotation;	/* UNKNOWN: drawn as ABC */
	int angle_sign;			/* of the meter's angles: 1 they count lag, -1 lead,
					   0 not known */
};

void doctor_phasors_make(const struct doctor_sample *s, const struct doctor_options *o,
			 struct doctor_phasors *out);

/* ---- wirings ------------------------------------------------------------------- */

/* The CT on input x encloses the conductor of phase of[x], with its arrow the
 * wrong way when reversed[x]. Phases are those of the voltage inputs. */
struct doctor_wiring {
	unsigned of[3];
	bool reversed[3];
};

struct doctor_hypothesis {
	struct doctor_wiring wiring;
	enum doctor_rotation rotation;	/* under which it holds; never UNKNOWN */
	double lag;		/* mean of the loads, if it is so; of feed-in where all is that;
				   NAN: by load steps, whatever they are */
	double spread;		/* largest less smallest lag of the phases; NAN as above */
	int changes;		/* leads to put right: exchanges and reversals */
	unsigned feeds_in;	/* conductors (bits) whose power flows out, if it is so */
	double probability;	/* by the odds of odds.h; all 48 make 1 with "none of them" */
};

/* What the meter would show with the wiring H put right: currents at their own
 * inputs, the right way round, and P and Q that follow. Sizes are kept (P of an
 * input without a known angle is NAN). */
void doctor_correct(const struct doctor_phasors *seen, const struct doctor_wiring *h,
		    struct doctor_phasors *out);

bool doctor_wiring_right(const struct doctor_wiring *w);
/* "CTs of a and c exchanged, CT b reversed"; "as it should be". Returns BUF. */
const char *doctor_wiring_text(const struct doctor_wiring *w, char *buf, size_t size);
/* The same with its loads: "CT b reversed (PF 0.92 lag)", "as it should be, feed-in on b".
 * Returns BUF. */
const char *doctor_hypothesis_text(const struct doctor_hypothesis *h, char *buf, size_t size);

/* ---- the verdict ---------------------------------------------------------------- */

enum doctor_code {
	DOCTOR_PHASE_SEQUENCE_REVERSED,
	DOCTOR_VOLTAGE_MISSING,
	DOCTOR_VOLTAGE_DUPLICATED,
	DOCTOR_VOLTAGE_UNBALANCED,
	DOCTOR_CT_REVERSED,
	DOCTOR_CT_SWAPPED,
	DOCTOR_CT_ROTATED,
	DOCTOR_CT_MISSING,
	DOCTOR_CT_SHORTED,
	DOCTOR_RATIO_MISMATCH,
	DOCTOR_SUM_MISMATCH,
	DOCTOR_NEUTRAL_EXCHANGED,
	DOCTOR_NEUTRAL_LOST,
	DOCTOR_AMBIGUOUS,
	DOCTOR_INSUFFICIENT_LOAD,
	DOCTOR_CLOCK_WRONG,
	DOCTOR_POLARITY_HIDDEN,
	DOCTOR_CODES
};

/* What a finding does to the verdict when it is certain enough. */
enum doctor_weight {
	DOCTOR_REMARK,		/* nothing */
	DOCTOR_DOUBT,		/* keeps it from passing */
	DOCTOR_FAULT		/* fails it from DOCTOR_CERTAIN on, else keeps it from passing */
};

struct doctor_finding {
	enum doctor_code code;
	enum doctor_weight weight;
	unsigned phases;	/* inputs it is about; 0: none in particular */
	double confidence;	/* 0 to 1 */
	char explain[DOCTOR_TEXT];	/* what was seen */
	char fix[DOCTOR_TEXT];		/* what to do */
};

enum doctor_outcome { DOCTOR_INSUFFICIENT, DOCTOR_PASS, DOCTOR_FAIL };

struct doctor_evidence {
	unsigned samples, used, agreeing;	/* given; fresh and whole; that fit the answer */
	enum doctor_source source;
	enum doctor_rotation rotation;
	int angle_sign;				/* as in struct doctor_phasors */
	enum doctor_service service;		/* said or recognised; never UNSAID */
	double nominal_voltage, nominal_current;	/* V, A used */
	bool nominal_voltage_deduced, nominal_current_assumed;
	double voltage[3], current[3];		/* means */
	double load[3];				/* of the nominal current, 0.42 = 42 % */
	double lag[3];				/* of the current behind its own voltage,
						   -180 to 180; NAN: cannot be told */
	double unbalance_u, unbalance_i;	/* largest distance from the mean, % of it */
	double clamp_ct[3];			/* clamp on the conductor whose current the input
						   has / reading: the CT that would fit */
	double clock_ahead;			/* s; NAN */
	/* The wirings that the samples allow, the likeliest first: one when the
	 * answer is plain, more when it is not, none when nothing fits or nothing
	 * could be judged. ncandidates counts those that found no place too. */
	struct doctor_hypothesis candidates[DOCTOR_CANDIDATES];
	size_t ncandidates;
	/* Not among them, and worth a word: the likeliest of those that are no rivals. */
	bool has_unlikely;
	struct doctor_hypothesis unlikely;
	bool export_possible;	/* nobody has said whether the site exports, and it may */
};

/* What a step of the work order is about, in the order in which they are safe. */
enum doctor_work {
	DOCTOR_WORK_DANGER,	/* to people, before all else */
	DOCTOR_WORK_SETTINGS,	/* of the meter */
	DOCTOR_WORK_DEAD,	/* the voltage circuit is switched off */
	DOCTOR_WORK_VOLTAGES,
	DOCTOR_WORK_DECIDE,	/* what tells which work is the right one */
	DOCTOR_WORK_SHORT,	/* the CTs are made safe to be opened */
	DOCTOR_WORK_CURRENTS,
	DOCTOR_WORK_OPEN,	/* ... and in use again */
	DOCTOR_WORK_CHECK,
	DOCTOR_WORKS
};

struct doctor_step {
	enum doctor_work kind;
	unsigned inputs;	/* it is about; 0: none in particular */
	char text[DOCTOR_TEXT];
};

/* All findings as one list of what to do at the terminals. */
struct doctor_order {
	struct doctor_step steps[DOCTOR_STEPS];
	size_t nsteps;
	/* With the CTs as the steps put them; NAN: not known. Lags as in the evidence, kW. */
	bool expected;
	double lag_before[3], lag_after[3], p_before[3], p_after[3];
	struct doctor_phasors seen;	/* the newest reading that was judged */
};

struct doctor_verdict {
	enum doctor_outcome outcome;
	struct doctor_finding findings[DOCTOR_FINDINGS];	/* the gravest first */
	size_t nfindings;
	struct doctor_evidence evidence;
	struct doctor_order order;
};

/* Of a pass without findings: what was seen. */
#define DOCTOR_PASS_TEXT "Every current fits its own voltage, with loads that this site can have."

/* Any number of samples, also none. */
void doctor_check(const struct doctor_sample *samples, size_t n,
		  const struct doctor_options *o, struct doctor_verdict *v);

/* Names for output: "ct-reversed", "pass", "angles", "abc"; "unknown". */
const char *doctor_code_name(enum doctor_code c);
const char *doctor_work_name(enum doctor_work w);
const char *doctor_outcome_name(enum doctor_outcome o);
const char *doctor_source_name(enum doctor_source s);
const char *doctor_rotation_name(enum doctor_rotation r);
const char *doctor_service_name(enum doctor_service s);
/* "input B", "inputs A, C" of a set of them. Returns BUF. */
const char *doctor_inputs_text(unsigned inputs, char *buf, size_t size);
/* "a and c" of a set of inputs. Returns BUF. */
const char *doctor_phases_text(unsigned phases, char *buf, size_t size);

#endif
