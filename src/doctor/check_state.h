/*
 * check_state.h - one judgement in progress: what its steps hand on to each other.
 */
#ifndef METERCTL_DOCTOR_CHECK_STATE_H
#define METERCTL_DOCTOR_CHECK_STATE_H

#include "angles.h"
#include "doctor.h"

/* An open secondary drives its current through the gap at kilovolts: said wherever
 * somebody is told to touch one. */
#define NEVER_OPEN "never open a 5 A or 1 A CT under load"

struct check_state {
	const struct doctor_options *o;
	struct doctor_options exporting;	/* O becomes this where the registers say that the site does */
	const struct doctor_sample *samples;
	size_t n;
	int64_t oldest_us;		/* samples before it are left out */
	const struct doctor_sample *newest;	/* of the fresh ones; NULL: none is */
	struct doctor_sample mean;	/* of the fresh ones; angles are not averaged */
	struct angles angles;		/* how the meter's are to be taken */
	unsigned inputs;		/* that count with this service */
	unsigned live;			/* of them: have their voltage */
	unsigned loaded;		/* of those: enough current for an angle */
	unsigned strong;		/* of those: enough to be judged by */
	bool voltages_right;		/* no fault of theirs bends the angles */
	struct doctor_verdict *v;
};

/* Is sample I fresh, and is there enough in it? */
bool check_fresh(const struct check_state *x, size_t i);
/* How far apart the voltages of inputs K and K + 1 are in the mean, 0 to 180 degrees, whichever way
 * angles count; NAN: no sample has both. */
double check_apart_u(const struct check_state *x, unsigned k);

/* A finding to be filled in; when there is no room for it the last one is
 * given up. It is in its place only after findings_sort(). */
struct doctor_finding *finding_add(struct doctor_verdict *v, enum doctor_code code,
				   enum doctor_weight weight, unsigned phases,
				   double confidence);
void finding_explain(struct doctor_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void finding_fix(struct doctor_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* What to do at the terminals, of F->phases: turn CTs round (UNLESS stands before it, ""), or
 * exchange two, or bring each to its input (OR_ELSE: what else it may be, ""). */
void finding_fix_reversed(struct doctor_finding *f, const char *unless);
void finding_fix_swapped(struct doctor_finding *f, enum doctor_rotation r);
void finding_fix_moved(struct doctor_finding *f, const unsigned of[3], const char *or_else);
void findings_sort(struct doctor_verdict *v);

/* The work order of V, from its findings and its newest reading. EXPORT_OPEN: feed-in would look
 * like a reversed CT, and nobody has said that there is none. */
void order_make(const struct doctor_options *o, struct doctor_verdict *v, bool export_open);

/* "40", or "not known". Returns BUF. */
const char *ratio_text(double ratio, char buf[24]);

/* The steps. Each looks at the means, adds its findings and fills in its part of
 * the evidence. */
void check_voltages(struct check_state *x);
/* Which inputs count with what is said in O. */
unsigned service_inputs(const struct doctor_options *o);
/* Finds out what the supply is and makes it what X was told, in TOLD: by the means, before
 * the other steps. */
void check_service(struct check_state *x, struct doctor_options *told);

/* A neutral on a phase's terminal, or lost: what that bends is not to be judged. Each has
 * added its finding. */
bool neutral_exchanged(struct check_state *x);
bool neutral_lost(struct check_state *x);

void check_currents(struct check_state *x);
void check_wiring(struct check_state *x);
void check_sums(struct check_state *x);
void check_ratios(struct check_state *x);
void check_clock(struct check_state *x);

#endif
